"""The adapter of §3: TanStack's options in, chunks or structured output out, over any language model.

It keeps nothing between calls but its configuration (§10). What a pure room cannot do comes from whoever composes it
(``harness.bundled``): the clock, ids, a model for a configuration, and waiting for whichever of two things comes first.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, Literal

from harness.errors import InputError, StructuredOutputError
from harness.protocol.events import Event
from harness.protocol.language_model import CallOptions, LanguageModel, Signal
from harness.protocol.streamchunk import Chunk
from harness.reference.approvals import needing_approval
from harness.reference.failures import without_secrets
from harness.reference.given_options import read_options
from harness.reference.options import MastraTextProviderOptions, call_options, model_options_of, tool_names
from harness.reference.response import Approve, UnlessAborted, answered, asking, closed
from harness.reference.signals import signals_in
from harness.reference.structured.strategy import structured_output
from harness.reference.tools import ToolNames
from harness.reference.transformer import Transformer

UNNAMED_MODEL = "unknown"
"""What chunks call a model that nobody names; an empty name is none (R2)."""

_ATTEMPTS_AGAIN = 2  # §14.6


class MastraTextAdapter:
    """A text adapter for the model ``model_id`` (§3); ``config`` is §2's configuration, or its JSON.

    ``model_of`` gives the model for the configuration of one call, since ``modelOptions`` may change its key or url.
    ``now`` is in milliseconds, ``new_id`` makes the id of a response that has none. ``signal_of`` makes one signal of
    several (of none, one that is never set), ``unless_aborted`` waits for an answer and gives None where a signal is
    set before it is there. ``on_note`` is told what was ignored, dropped or mended, but no key.

    Raises :class:`InputError` for a configuration with unknown names. A model id that names nothing is no failure yet:
    R22 wants it as an ``error`` chunk, though the real router throws here (ledger A13).
    """

    kind: Literal["text"] = "text"
    name: Literal["mastra"] = "mastra"

    def __init__(  # noqa: PLR0913 - two are the user's, the others what a pure room must be given
        self,
        config: MastraTextProviderOptions | Mapping[str, Any] | None,
        model_id: str,
        *,
        model_of: Callable[[MastraTextProviderOptions], LanguageModel],
        now: Callable[[], int],
        new_id: Callable[[], str],
        signal_of: Callable[[Sequence[Signal]], Signal],
        unless_aborted: UnlessAborted,
        on_note: Callable[[str], None] | None = None,
    ) -> None:
        self.model = model_id
        self._config = MastraTextProviderOptions.of(config)
        self._model_of = model_of
        self._now = now
        self._new_id = new_id
        self._signal_of = signal_of
        self._unless_aborted = unless_aborted
        self._on_note = None if on_note is None else lambda note: on_note(without_secrets(note))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._config!r}, {self.model!r})"

    async def chat_stream(
        self, options: Mapping[str, Any], *, approve: Approve | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """Yield the chunks of one response (§3, §5); ``options`` are TanStack's ``TextOptions``.

        Every failure is one ``error`` chunk and no exception, also of the options themselves (§6.8, R22, ledger A12).
        ``approve`` answers for tools with ``needsApproval``, at once or later, with True, False or None; without it
        they are asked about, and the calls left to the consumer (R27). An abort through ``request.signal`` or
        ``abortController.signal`` ends the stream with one ``error`` of code ABORTED (§6.7, R28). The model's stream is
        closed in every case. A chunk is the consumer's, who may change it.
        """
        given: Mapping[str, Any] = options if isinstance(options, Mapping) else {}
        read: dict[str, Any] = {}
        signal = self._signal_of([])
        ask = asking(None, signal, self._unless_aborted)
        fault: InputError | None = None
        try:
            signal = self._signal_of(signals_in(given))
            ask = asking(approve, signal, self._unless_aborted)
            read = read_options(options)
        except InputError as error:
            fault = error
        names = (given.get("model"), self.model)
        transformer = Transformer(
            model=next((name for name in names if isinstance(name, str) and name), UNNAMED_MODEL),
            now=self._now,
            new_id=self._new_id,
            needs_approval=needing_approval(read.get("tools")),
            on_note=self._on_note,
        )
        events = self._events(read, signal, fault)
        async with contextlib.aclosing(answered(events, transformer, signal, ask)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def structured_output(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``{data, rawText}`` for ``{chatOptions, outputSchema}``, in the way that suits the model (§7, §14).

        An answer that does not fit is asked for again, ``maxRetries`` times (§14.6, 2 if nothing is said). Raises
        :class:`StructuredOutputError` where the model answered something else, :class:`ModelError` where it gave no
        answer, :class:`InputError` for options that cannot be sent.
        """
        chat, schema = (options.get(key) if isinstance(options, Mapping) else None for key in _STRUCTURED)
        if not isinstance(chat, Mapping) or not isinstance(schema, Mapping):
            raise InputError("structured output needs {chatOptions, outputSchema}, both objects")
        signal = self._signal_of(signals_in(chat))
        chat = read_options(chat)
        model, asked = self._prepared(chat, tool_names(chat))
        again = self._config.overridden(model_options_of(chat)).max_retries
        max_retries = _ATTEMPTS_AGAIN if again is None else again
        try:
            return await structured_output(model, asked, schema, signal, max_retries=max_retries, on_note=self._on_note)
        except StructuredOutputError as error:
            failure = redacted(error)
        raise failure  # out here, so that what the model said is not told once more by the error that this comes from

    def _prepared(self, options: Mapping[str, Any], names: ToolNames) -> tuple[LanguageModel, CallOptions]:
        """Return the model for a call, and what it is asked."""
        if options.get("metadata") is not None and self._on_note is not None:
            self._on_note("metadata was not sent: it is the application's, and V2 has no place for it (ledger A5)")
        model = self._model_of(self._config.overridden(model_options_of(options)))
        return model, call_options(options, model.provider, names)

    async def _events(
        self, options: Mapping[str, Any], signal: Signal, fault: InputError | None
    ) -> AsyncGenerator[Event, None]:
        """Ask the model, and yield its events with the consumer's own names of tools (R16); a fault is raised first."""
        if fault is not None:
            raise fault
        names = tool_names(options)
        model, asked = self._prepared(options, names)
        events = model.do_stream(asked, signal)
        try:
            async for event in events:
                yield names.restored(event)
        finally:
            await closed(events)


_STRUCTURED = ("chatOptions", "outputSchema")


def redacted(error: StructuredOutputError) -> StructuredOutputError:
    """Return an error about a model's answer, which it quotes, without what looks like a key (G4)."""
    attempts = tuple(map(without_secrets, error.attempts))
    return StructuredOutputError(without_secrets(str(error)), code=error.code, attempts=attempts)
