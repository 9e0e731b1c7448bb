"""One attempt at a structured answer, in each of the four ways (§14.5, §14.8, R33).

The conversation's own tools are not sent along: §14.5 sends none, and a model that may call one need not answer. What
else the caller asked for (limits, provider options, headers) is. Every answer is held to the original schema, after the
nulls that stand for absent properties are taken out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.errors import ModelError, StructuredOutputError
from harness.protocol.language_model import CallOptions, LanguageModel, Signal
from harness.reference.structured.capabilities import Support, support_of
from harness.reference.structured.given_schema import read_schema
from harness.reference.structured.keywords import Schema
from harness.reference.structured.parsing import INVALID, UNPARSABLE, Parsed, answer_in
from harness.reference.structured.prompt import insistence, instruction
from harness.reference.structured.root import as_object, unwrapped
from harness.reference.structured.schemas import Form, in_form, native_form
from harness.reference.structured.spoken import Spoken, spoken, stop_if_aborted
from harness.reference.structured.validation import Checker

NAME = "structured_output"
ANOTHER_ATTEMPT_MAY_HELP = frozenset({UNPARSABLE, INVALID})

_TOOL = "Gives the answer to the user, in the structure that its parameters describe. Call it once, with all of it."
_UNSUPPORTED = frozenset({400, 404, 405, 415, 422, 501})


class Asking:
    """A model, what it is asked, and the schema of the answer; :meth:`attempt` asks once.

    Raises :class:`harness.errors.InputError`, before anything is sent, for what is no schema and for a schema that has
    no form in the words of the model's provider. ``note`` is told what went another way than first meant.
    """

    def __init__(
        self, model: LanguageModel, options: CallOptions, schema: object, signal: Signal, note: Callable[[str], None]
    ) -> None:
        self._model = model
        self._options = {
            key: value for key, value in options.items() if key not in {"tools", "toolChoice", "responseFormat"}
        }
        self._signal = signal
        self._note = note
        self._name = f"{model.provider}/{model.model_id}"
        self._schema = read_schema(schema)
        self._checker = Checker(schema)
        self._support = support_of(model.provider, model.model_id)
        self._form = native_form(model.provider, model.model_id)
        self._object = as_object(schema)
        self._object_checker = Checker(self._object.schema) if self._object.wraps else self._checker
        self._native_schema: Schema | None = None
        if self._support in {Support.NATIVE_JSON_SCHEMA, Support.CONSTRAINED_DECODING}:
            given = self._schema if self._form is Form.GEMINI else self._object.schema
            self._native_schema = in_form(given, self._form)

    async def attempt(self, number: int) -> Parsed:
        """Ask, and return an answer that fits; the first attempt is 1, each further one is asked with more insistence.

        Raises :class:`StructuredOutputError` for an answer that does not fit, was cut or was filtered (its ``attempts``
        are the causes of each step, where there were two), and :class:`ModelError` where there was none.
        """
        match self._support:
            case Support.NATIVE_JSON_SCHEMA:
                return await self._native(number)
            case Support.TOOL_BASED:
                return await self._by_tool(number)
            case Support.CONSTRAINED_DECODING:
                return await self._constrained(number)
            case Support.INSTRUCTION_ONLY:
                return await self._by_instruction(number)

    async def _native(self, number: int) -> Parsed:
        """Send the schema in the provider's own field."""
        response_format: dict[str, Any] = {"type": "json", "schema": self._native_schema, "name": NAME}
        if self._form is Form.OPENAI:
            response_format["strict"] = True
        temperature = self._options.get("temperature")
        temperature = 0 if temperature is None else temperature
        said = await self._asked(number, responseFormat=response_format, temperature=temperature)
        return self._read(said.text) if self._form is Form.GEMINI else self._read_object(said.text)

    async def _by_tool(self, number: int) -> Parsed:
        """Offer one tool and force it; where the model answers in text nevertheless, that is read (ledger 2.6)."""
        tool = {"type": "function", "name": NAME, "description": _TOOL, "inputSchema": self._object.schema}
        said = await self._asked(number, tools=[tool], toolChoice={"type": "tool", "toolName": NAME}, temperature=0)
        fault: StructuredOutputError | None = None
        texts = [said.text] if said.text.strip() or not said.arguments else []
        for text in [*said.arguments, *texts]:
            try:
                return self._read_object(text)
            except StructuredOutputError as error:
                fault = fault or error
        assert fault is not None  # noqa: S101 - there is always one text to read
        raise fault

    async def _constrained(self, number: int) -> Parsed:
        """Ask natively, and by tool where that was refused as such or gave no answer (§14.5).

        §14.5 asks again after any failure; we read: not after an abort, a refused key, a limit or a failure of the
        provider or the network, which a second call, billed too, cannot mend (ledger H11).
        """
        if self._native_schema is None:
            return await self._by_tool(number)
        try:
            return await self._native(number)
        except ModelError as error:
            if error.status not in _UNSUPPORTED:
                raise
            self._native_schema = None  # it would be refused again
            refused = f"the provider refused a response format, so a tool is used: {error}"
        except StructuredOutputError as error:
            if error.code not in ANOTHER_ATTEMPT_MAY_HELP:
                raise
            refused = f"the native answer was of no use, so a tool is used: {error}"
        self._note(refused)
        stop_if_aborted(self._signal)
        try:
            return await self._by_tool(number)
        except StructuredOutputError as error:
            raise StructuredOutputError(str(error), code=error.code, attempts=(refused, str(error))) from error

    async def _by_instruction(self, number: int) -> Parsed:
        """Say the schema in a system message, before all others."""
        schema = {"role": "system", "content": instruction(self._schema)}
        prompt = [schema, *self._options.get("prompt", ())]
        said = await self._asked(number, prompt=prompt, temperature=0)
        return self._read(said.text)

    async def _asked(self, number: int, **ours: Any) -> Spoken:
        options = {**self._options, **ours}
        if number > 1:
            options["prompt"] = _insisting(list(options.get("prompt", ())), number)
        return await spoken(self._model, options, self._signal, NAME if "tools" in ours else None)

    def _read(self, text: str) -> Parsed:
        return answer_in(text, self._checker, self._name, optional_nulls=True)

    def _read_object(self, text: str) -> Parsed:
        """Read an answer to the schema with an object at its root; one that was given bare is taken too."""
        if not self._object.wraps:
            return self._read(text)
        try:
            return unwrapped(answer_in(text, self._object_checker, self._name, optional_nulls=True))
        except StructuredOutputError as fault:
            try:
                return self._read(text)
            except StructuredOutputError:
                raise fault from None


def _insisting(prompt: list[Any], number: int) -> list[Any]:
    """Add a system message behind those that head a prompt, which all stay (§14.6)."""
    place = next((index for index, message in enumerate(prompt) if message.get("role") != "system"), len(prompt))
    return [*prompt[:place], {"role": "system", "content": insistence(number)}, *prompt[place:]]
