"""What a model said in one attempt: its text, its calls of the one tool, and how it ended (§14.5, H10).

§14.5 reads ``chunk.text`` and ``chunk.arguments``, which no stream part has (ledger H1, H2), and looks neither at
errors nor at the finish reason. We read: a failure, a cut answer and a refused one are reported as what they are, also
where what came happens to be JSON, since a part of an answer may be one by luck.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.errors import HarnessError, ModelError, StructuredOutputError
from harness.protocol.events import Event
from harness.protocol.language_model import CallOptions, LanguageModel, Signal
from harness.protocol.text import joined
from harness.reference.arguments import choose_arguments
from harness.reference.failures import failure_of
from harness.reference.finish import map_finish_reason
from harness.reference.transformer import ABORTED, STREAM_TRUNCATED

CUT_BY_LENGTH = "STRUCTURED_OUTPUT_LENGTH"
FILTERED = "STRUCTURED_OUTPUT_CONTENT_FILTER"

_ENDINGS = {
    "length": (CUT_BY_LENGTH, "the model's answer was cut by its length; raise maxTokens or ask for less"),
    "content_filter": (FILTERED, "the provider filtered the model's answer, or the model refused to give one"),
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """The text of an answer, and the arguments of each call of the tool, as text, in the order of the calls."""

    text: str
    arguments: tuple[str, ...] = ()


async def spoken(model: LanguageModel, options: CallOptions, signal: Signal, tool: str | None = None) -> Spoken:
    """Ask a model once and return what it said; ``tool`` is the name of the tool whose calls are the answer.

    Raises :class:`ModelError` for a failure, a stream without ``finish`` (``STREAM_TRUNCATED``) and an abort
    (``ABORTED``), :class:`StructuredOutputError` for an answer that was cut by its length or filtered. An abort behind
    ``finish`` changes nothing (R28), and neither does an error (R21).
    """
    stop_if_aborted(signal)
    hearing = _Hearing(tool)
    events = model.do_generate(options, signal)
    try:
        async for event in events:
            hearing.take(event)
            if hearing.finish is not None:
                break
            stop_if_aborted(signal)
    except HarnessError:
        stop_if_aborted(signal)  # whatever the model raised then, the abort is why
        raise
    except Exception as error:  # whatever a foreign model raises is why there is no answer
        stop_if_aborted(signal)
        failure = failure_of(error)
        raise ModelError(failure.message, code=failure.code) from error
    finally:
        await _closed(events)
    if hearing.finish is None:
        stop_if_aborted(signal)
        raise ModelError("the provider's answer ended before it was finished", code=STREAM_TRUNCATED)
    return hearing.outcome()


def stop_if_aborted(signal: Signal) -> None:
    """Raise :class:`ModelError`, code ``ABORTED``, where the client went away (R28)."""
    if signal.aborted:
        raise ModelError("the request was aborted", code=ABORTED)


async def _closed(events: AsyncIterator[Event]) -> None:
    close = getattr(events, "aclose", None)
    if close is not None:
        await close()


class _Hearing:
    """Takes the events of one answer; ``finish`` is the event that ends it."""

    def __init__(self, tool: str | None) -> None:
        self.finish: Mapping[str, Any] | None = None
        self._tool = tool
        self._text: list[str] = []
        self._deltas: dict[object, list[str]] = {}
        self._inputs: list[tuple[object, object]] = []

    def take(self, event: object) -> None:
        if not isinstance(event, Mapping):
            return
        kind, delta = event.get("type"), event.get("delta")
        if kind == "text-delta" and isinstance(delta, str):
            self._text.append(delta)
        elif kind == "tool-input-delta" and isinstance(delta, str):
            self._deltas.setdefault(event.get("id"), []).append(delta)
        elif kind == "tool-call" and self._tool is not None and event.get("toolName") == self._tool:
            self._inputs.append((event.get("toolCallId"), event.get("input")))
        elif kind == "error":
            failure = failure_of(event.get("error"))
            raise ModelError(failure.message, code=failure.code)
        elif kind == "finish":
            self.finish = event

    def outcome(self) -> Spoken:
        """Return what was said, or raise for an ending that is no answer."""
        reason = map_finish_reason(self.finish.get("finishReason") if self.finish else None)
        if reason == "error":
            raise ModelError("the provider ended its answer with an error")
        if reason in _ENDINGS:
            code, message = _ENDINGS[reason]
            raise StructuredOutputError(message, code=code)
        return Spoken(joined(self._text), tuple(self._arguments(id_, given) for id_, given in self._inputs))

    def _arguments(self, id_: object, given: object) -> str:
        """Return a call's arguments in the order of R8, or the text that was refused, for the parser to say why."""
        return choose_arguments(given, "".join(self._deltas.get(id_, ()))).text
