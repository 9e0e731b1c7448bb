"""The reference as a target: every operation of the in-process interface (driver protocol, last section)."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from typing import Any

from harness.bundled.composition import MastraTextAdapter, milliseconds, note, response_id
from harness.bundled.interruption import Interruptible, signal_of, unless_aborted
from harness.errors import StructuredOutputError
from harness.model.language_model import RoutedModel
from harness.protocol.language_model import LanguageModel, Signal
from harness.protocol.streamchunk import Chunk
from harness.reference.adapter import UNNAMED_MODEL, redacted
from harness.reference.approvals import needing_approval
from harness.reference.messages import convert_to_ai_sdk_messages
from harness.reference.options import MastraTextProviderOptions
from harness.reference.response import Approve, answered, asking
from harness.reference.structured.parsing import parse_json_with_fallbacks
from harness.reference.structured.schemas import transform_schema
from harness.reference.tools import convert_tools_to_ai_sdk
from harness.reference.transformer import Transformer


class ReferenceAdapter:
    """The reference as an in-process target (driver protocol, "An implementation in this process")."""

    name = "reference"
    dialect = "streamchunk"
    profile = "spec"

    def transform(
        self, events: AsyncIterable[Any], request: Mapping[str, Any], signal: Signal | None = None
    ) -> AsyncIterator[Chunk]:
        """Yield the chunks of one response, each with its whole ``content``.

        What the source raises becomes the one ``error`` chunk (§6.8, R22). The source is closed as soon as the
        terminal chunk is out, or the consumer goes away.
        """
        model = request.get("model")
        transformer = Transformer(
            model=model if isinstance(model, str) and model else UNNAMED_MODEL,
            now=milliseconds,
            new_id=response_id,
            needs_approval=needing_approval(request.get("tools")),
            on_note=note,
        )
        known = signal_of([] if signal is None else [signal])
        ask = asking(_approvals_of(signal), known, unless_aborted)
        return answered(Interruptible(events, known), transformer, known, ask)

    def chat_stream(
        self, request: Mapping[str, Any], source: Mapping[str, Any], signal: Signal
    ) -> AsyncIterator[Chunk]:
        """Yield the chunks of one response that the provider at ``source`` gives; see :func:`_played`."""
        options = {**request, "request": {"signal": signal}}
        return _played(request, source).chat_stream(options, approve=_approvals_of(signal))

    async def structured_output(
        self, request: Mapping[str, Any], source: Mapping[str, Any], signal: Signal
    ) -> dict[str, Any]:
        """Return ``{data, rawText}`` of the provider at ``source``; ``request`` holds the ``outputSchema``."""
        options = {**request, "request": {"signal": signal}}
        schema = options.pop("outputSchema", None)
        return await _played(request, source).structured_output({"chatOptions": options, "outputSchema": schema})

    def convert_messages(self, messages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the messages as AI SDK V2's prompt."""
        return convert_to_ai_sdk_messages(messages)

    def convert_tools(self, tools: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the tools as AI SDK V2's."""
        return convert_tools_to_ai_sdk(tools)

    def parse_json(self, text: str, schema: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return ``{data, rawText}`` of a model's text; raises :class:`StructuredOutputError`."""
        try:
            parsed = parse_json_with_fallbacks(text, schema)
        except StructuredOutputError as error:
            failure = redacted(error)
        else:
            return {"data": parsed.data, "rawText": parsed.raw_text}
        raise failure

    def transform_schema(self, schema: Mapping[str, Any], provider: str) -> dict[str, Any]:
        """Return a schema as a provider wants it; raises :class:`InputError` for what has no such form."""
        return transform_schema(schema, provider)


def _played(request: Mapping[str, Any], source: Mapping[str, Any]) -> MastraTextAdapter:
    """Return the adapter of a request whose provider is played at ``source`` (``{baseUrl, headers}``)."""
    model_id: Any = request.get("model")
    headers = source.get("headers")

    def model_of(config: MastraTextProviderOptions) -> LanguageModel:
        return RoutedModel(model_id, config.as_json(), base_url=source.get("baseUrl"))

    return MastraTextAdapter({"headers": headers} if headers else None, model_id, model_of=model_of)


def _approvals_of(signal: object) -> Approve | None:
    approvals = getattr(signal, "approvals", None)
    return None if approvals is None else lambda question: approvals(question["approval"]["id"])
