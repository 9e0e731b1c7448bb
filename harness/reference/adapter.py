"""The adapter of §3: TanStack's options in, chunks or structured output out, over any language model.

It keeps nothing between calls but its configuration (§10). What a pure room cannot do comes from whoever composes it
(``harness.bundled``): the clock, ids, a model for a configuration, and waiting for whichever of two things comes first.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypeAlias

from harness.errors import InputError
from harness.protocol.events import Event
from harness.protocol.language_model import CallOptions, LanguageModel, Signal
from harness.protocol.streamchunk import Chunk
from harness.reference.approvals import needing_approval
from harness.reference.growing import StreamChunk, as_json
from harness.reference.options import MastraTextProviderOptions, call_options, model_options_of, tool_names
from harness.reference.structured.strategy import structured_output
from harness.reference.tools import ToolNames
from harness.reference.transformer import Transformer

INVALID_REQUEST = "INVALID_REQUEST"
"""The code of an ``error`` chunk for options that cannot be sent."""

UNNAMED_MODEL = "unknown"
"""What chunks call a model that nobody names; an empty name is none (R2)."""

_ATTEMPTS_AGAIN = 2  # §14.6

Approve: TypeAlias = Callable[[Chunk], Awaitable[bool | None]]
"""From an ``approval-requested`` chunk that the consumer has seen to the answer; None where nobody answers."""


class MastraTextAdapter:
    """A text adapter for the model ``model_id`` (§3); ``config`` is §2's configuration, or its JSON.

    ``model_of`` gives the model for the configuration of one call, since ``modelOptions`` may change its key or url.
    ``now`` is in milliseconds, ``new_id`` makes the id of a response that has none. ``signal_of`` makes one signal of
    several (of none, one that is never set), ``unless_aborted`` waits for an answer and gives None where a signal is
    set before it is there. ``on_note`` is told what was ignored, dropped or mended.

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
        unless_aborted: Callable[[Awaitable[bool | None], Signal], Awaitable[bool | None]],
        on_note: Callable[[str], None] | None = None,
    ) -> None:
        self.model = model_id
        self._config = MastraTextProviderOptions.of(config)
        self._model_of = model_of
        self._now = now
        self._new_id = new_id
        self._signal_of = signal_of
        self._unless_aborted = unless_aborted
        self._on_note = on_note

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._config!r}, {self.model!r})"

    async def chat_stream(
        self, options: Mapping[str, Any], *, approve: Approve | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """Yield the chunks of one response (§3, §5); ``options`` are TanStack's ``TextOptions``.

        Every failure is one ``error`` chunk and no exception, also of the options themselves (§6.8, R22, ledger A12).
        ``approve`` answers for tools with ``needsApproval``; without it they are asked about, and the calls left to the
        consumer (R27). An abort through ``request.signal`` or ``abortController.signal`` ends the stream with one
        ``error`` of code ABORTED (§6.7, R28). The model's stream is closed in every case.
        """
        given: Mapping[str, Any] = options if isinstance(options, Mapping) else {}
        names = (given.get("model"), self.model)
        transformer = Transformer(
            model=next((name for name in names if isinstance(name, str) and name), UNNAMED_MODEL),
            now=self._now,
            new_id=self._new_id,
            needs_approval=needing_approval(given.get("tools")),
            on_note=self._on_note,
        )
        signal = self._signal_of(signals_in(given))

        async def asked(question: Chunk) -> bool | None:
            return None if approve is None else await self._unless_aborted(approve(question), signal)

        async with contextlib.aclosing(answered(self._events(options, signal), transformer, signal, asked)) as chunks:
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
        model, asked = self._prepared(chat, tool_names(chat))
        retries = self._config.overridden(model_options_of(chat)).max_retries
        return await structured_output(
            model,
            asked,
            schema,
            self._signal_of(signals_in(chat)),
            max_retries=_ATTEMPTS_AGAIN if retries is None else retries,
            on_note=self._on_note,
        )

    def _prepared(self, options: Mapping[str, Any], names: ToolNames) -> tuple[LanguageModel, CallOptions]:
        """Return the model for a call, and what it is asked."""
        if options.get("metadata") is not None and self._on_note is not None:
            self._on_note("metadata was not sent: it is the application's, and V2 has no place for it (ledger A5)")
        model = self._model_of(self._config.overridden(model_options_of(options)))
        return model, call_options(options, model.provider, names)

    async def _events(self, options: Mapping[str, Any], signal: Signal) -> AsyncGenerator[Event, None]:
        """Ask the model, and yield its events with the consumer's own names of tools (R16)."""
        if not isinstance(options, Mapping):
            raise InputError(f"options are an object, and not a {type(options).__name__}")
        names = tool_names(options)
        model, asked = self._prepared(options, names)
        events = model.do_stream(asked, signal)
        try:
            async for event in events:
                yield names.restored(event)
        finally:
            await closed(events)


_STRUCTURED = ("chatOptions", "outputSchema")


def signals_in(options: Mapping[str, Any]) -> list[Signal]:
    """Return the signals of a request: ``request.signal``, then ``abortController.signal``.

    §6.7 names both, §8 asks the second only where the first is missing, §15.3 only the first; we read it as: whichever
    is set counts. Each holder is an object with that attribute, or a mapping with that key.
    """
    found: list[Signal] = []
    for key in ("request", "abortController"):
        holder = options.get(key)
        signal = holder.get("signal") if isinstance(holder, Mapping) else getattr(holder, "signal", None)
        if signal is not None and callable(getattr(signal, "wait", None)):
            found.append(signal)
    return found


async def answered(
    source: AsyncIterator[object], transformer: Transformer, signal: Signal, approve: Approve
) -> AsyncGenerator[Chunk, None]:
    """Yield the chunks of one response while its events come, each with its whole ``content``.

    What the source or ``approve`` raises becomes the one ``error`` chunk (§6.8, R22). Once ``signal`` is set nothing
    follows but one ``error`` of code ABORTED (R28); to be woken by it is the business of the source and of ``approve``.
    The source is closed as soon as it has finished, or the consumer goes away.
    """
    try:
        while not (transformer.ended or signal.aborted):
            if transformer.finished:
                await closed(source)
                chunks_of = await _decided(transformer, approve)
            else:
                chunks_of = await _next(source, transformer)
            if signal.aborted:
                break
            for chunk in chunks_of():
                yield as_json(chunk)
                if signal.aborted:
                    break
        if signal.aborted:
            for chunk in transformer.abort():
                yield as_json(chunk)
    finally:
        await closed(source)


async def _next(source: AsyncIterator[object], transformer: Transformer) -> Callable[[], list[StreamChunk]]:
    """Wait for the next event, or for what comes in its place; return what to do with it."""
    try:
        event = await anext(source)
    except StopAsyncIteration:
        return transformer.close
    except InputError as error:
        return partial(transformer.fail, {"message": str(error), "code": INVALID_REQUEST})
    except Exception as error:  # noqa: BLE001 - whatever a model raises, its client gets an error chunk
        return partial(transformer.fail, error)
    return partial(transformer.feed, event)


async def _decided(transformer: Transformer, approve: Approve) -> Callable[[], list[StreamChunk]]:
    """Wait for the answer to the open question; return what to do with it."""
    question = transformer.question
    assert question is not None  # noqa: S101 - a response that has finished and has not ended waits for an answer
    try:
        approved = await approve(question)
    except Exception as error:  # noqa: BLE001 - the consumer's own code; its failure is an error chunk too
        return partial(transformer.fail, error)
    return partial(transformer.answer, question["toolCallId"], approved)


async def closed(source: object) -> None:
    """Close a source that can be closed; one that fails at it changes nothing about an answer that is out."""
    close = getattr(source, "aclose", None)
    if close is not None:
        with contextlib.suppress(Exception):
            await close()
