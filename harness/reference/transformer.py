"""Source events → chunks: the adapter's heart (§12, §13), with the readings R1 to R26.

Theory of operation. One transformer serves one response. Identity (id, model, timestamp) is frozen by the first chunk.
Text and reasoning each grow over the whole response and are joined only when a chunk is asked for its JSON. Calls wait
until their ``tool-call``, and then until the calls that started before them are settled; text never waits. The first
``finish``, the first error or the end of the source makes the one terminal chunk, behind which nothing is emitted.

A call of a tool that needs approval is followed by a question (§6.4, R27). Whoever drives the transformer brings the
answers to :meth:`Transformer.answer`; a ``finish`` that was taken before them waits, since its reason depends on them.

Nothing is swallowed: what is ignored, dropped or mended is told to ``on_note``, in a sentence with its reading.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any

from harness.protocol.events import SILENT, SPOKEN, loaded
from harness.protocol.streamchunk import APPROVAL_REQUESTED, Chunk
from harness.reference.chunks import Identity, to_content_chunk, to_done_chunk, to_error_chunk, to_thinking_chunk
from harness.reference.client_calls import ClientCalls
from harness.reference.failures import Failure, failure_of
from harness.reference.finish import FinishReason, map_finish_reason, resolve_finish_reason
from harness.reference.growing import GrowingChunk, GrowingText, StreamChunk
from harness.reference.usage import map_usage

STREAM_TRUNCATED = "STREAM_TRUNCATED"
EVENT_NOT_JSON = "EVENT_NOT_JSON"
ABORTED = "ABORTED"

_Event = Mapping[str, Any]


class Transformer:
    """A stage from the events to the chunks of one response.

    ``model`` is what the request asked for; it stands until the provider names its own. ``now`` gives milliseconds,
    ``new_id`` an id for a response that has none, and is asked at most once. ``needs_approval`` are the names of the
    tools that a person must allow. ``ended`` tells that the terminal chunk is out. ``ignored`` counts events of unknown
    types by their type (R23).
    """

    def __init__(
        self,
        *,
        model: str,
        now: Callable[[], int],
        new_id: Callable[[], str],
        needs_approval: Collection[str] = (),
        on_note: Callable[[str], None] | None = None,
    ) -> None:
        self.ended = False
        self.ignored: Counter[str] = Counter()
        self._note = on_note or _unheard
        self._new_id = new_id
        self._timestamp = now()
        self._response_id = ""
        self._model = model
        self._frozen: Identity | None = None
        self._text = GrowingText()
        self._reasoning = GrowingText()
        self._calls = ClientCalls(self._identity, now, self._note, needs_approval)
        self._finish: tuple[FinishReason, dict[str, int | float]] | None = None
        self._takers: dict[str, Callable[[_Event], list[StreamChunk]]] = {
            "text-delta": self._take_text,
            "reasoning-delta": self._take_reasoning,
            "response-metadata": self._take_metadata,
            "tool-input-start": self._take_input_start,
            "tool-input-delta": self._take_input_delta,
            "tool-input-end": self._take_input_end,
            "tool-call": self._take_call,
            "tool-result": self._take_result,
            "finish": self._take_finish,
            "error": self._take_error,
        }

    @property
    def finished(self) -> bool:
        """Whether the source has finished, so that only the answer to :attr:`question` is wanted any more."""
        return self._finish is not None

    @property
    def question(self) -> Chunk | None:
        """The ``approval-requested`` chunk that waits for its answer, if there is one; they are asked one by one.

        It is made anew for whoever looks, and its reader's to change.
        """
        return self._calls.question

    def feed(self, event: object, /) -> list[StreamChunk]:
        """Take one event, an object or the JSON text or bytes of one (R1); return the chunks that it gives rise to.

        Never raises. After the terminal chunk, and behind a ``finish``, there is nothing, whatever comes (R17, R21).
        """
        if self.ended or self.finished:
            return []
        if isinstance(event, str | bytes):
            try:
                event = loaded(event)
            except (ValueError, RecursionError):
                return self._fail(Failure("the model's stream gave text that is not JSON", EVENT_NOT_JSON))
        kind = event.get("type") if isinstance(event, Mapping) else None
        if not isinstance(event, Mapping) or not isinstance(kind, str):
            self._note("an event that is no object with a type was ignored (R23)")
            return []
        take = self._takers.get(kind)
        if take is not None:
            return take(event)
        if kind not in SILENT and kind not in SPOKEN:
            self.ignored[kind] += 1
            if self.ignored[kind] == 1:
                self._note(f"events of the unknown type {kind!r} are ignored (R23)")
        return []

    def answer(self, call_id: str, approved: bool | None) -> list[StreamChunk]:  # noqa: FBT001 - it is the argument
        """Take the answer to the question about a call, None where nobody can answer; return what waited for it.

        Allowed, a result that the source has for the call follows; denied, one that says so, and the source's is
        dropped; unanswered, the call is left to the client. Then the next question is asked. An answer to another
        question than the open one changes nothing.
        """
        if self.ended:
            return []
        return [*self._calls.decide(call_id, approved), *self._done()]

    def close(self) -> list[StreamChunk]:
        """Take note that the source ended; where no ``finish`` came, its answer was cut (R20).

        Where one did, whoever has not answered by now does not answer.
        """
        if self.ended:
            return []
        if self.finished:
            chunks: list[StreamChunk] = []
            while (question := self.question) is not None:
                chunks += self.answer(question["toolCallId"], None)
            return chunks
        return self._fail(Failure("the provider's stream ended before its answer was finished", STREAM_TRUNCATED))

    def fail(self, error: object) -> list[StreamChunk]:
        """Take note that the source raised or could not be had (R22); ``error`` may be of any shape."""
        return [] if self.ended else self._fail(failure_of(error))

    def abort(self) -> list[StreamChunk]:
        """Take note that the client gave up: no content follows, only one ``error`` of code ``ABORTED`` (R28)."""
        if self.ended:
            return []
        self.ended = True
        return [to_error_chunk(**self._identity(), message="the request was aborted", code=ABORTED)]

    def _identity(self) -> Identity:
        """Return what every chunk carries; the first chunk settles it for all (R2, R3)."""
        if self._frozen is None:
            id_ = self._response_id or self._new_id()
            self._frozen = {"id": id_, "model": self._model, "timestamp": self._timestamp}
        return self._frozen

    def _take_metadata(self, event: _Event) -> list[StreamChunk]:
        id_, model = event.get("id"), event.get("modelId")
        if self._frozen is not None:
            self._note("response-metadata behind the first chunk changes nothing (R2)")
            return []
        if isinstance(id_, str) and id_:
            self._response_id = id_
        if isinstance(model, str) and model:
            self._model = model
        return []

    def _take_text(self, event: _Event) -> list[StreamChunk]:
        delta = self._delta_of(event)
        return [GrowingChunk(to_content_chunk, self._identity(), self._text, delta)] if delta else []

    def _take_reasoning(self, event: _Event) -> list[StreamChunk]:
        delta = self._delta_of(event)
        return [GrowingChunk(to_thinking_chunk, self._identity(), self._reasoning, delta)] if delta else []

    def _delta_of(self, event: _Event) -> str:
        """Return the delta; an empty one makes no chunk (R6), and neither does one that is no text."""
        delta = event.get("delta")
        if isinstance(delta, str):
            return delta
        self._note(f"a {event['type']} whose delta is no text was ignored (R23)")
        return ""

    def _take_input_start(self, event: _Event) -> list[StreamChunk]:
        self._calls.start(event)
        return []

    def _take_input_delta(self, event: _Event) -> list[StreamChunk]:
        self._calls.add(event)
        return []

    def _take_input_end(self, event: _Event) -> list[StreamChunk]:
        self._calls.end(event)
        return []

    def _take_call(self, event: _Event) -> list[StreamChunk]:
        answer = self._calls.complete(event)
        return self._fail(answer) if isinstance(answer, Failure) else [*answer]

    def _take_result(self, event: _Event) -> list[StreamChunk]:
        return [*self._calls.answer(event)]

    def _take_finish(self, event: _Event) -> list[StreamChunk]:
        said = event.get("finishReason")
        reason = map_finish_reason(said)
        if reason == "error":
            return self._fail(Failure(_ended_with_error(said)))
        if self._calls.malformed is not None:
            if reason != "length":
                return self._fail(self._calls.malformed)
            self._note("a call with malformed arguments was dropped: the answer was cut by length (R9)")
        self._finish = reason, map_usage(event.get("usage"))
        return [*self._calls.rest(), *self._done()]

    def _done(self) -> list[StreamChunk]:
        """Return the terminal chunk where the source has finished and nothing is asked any more."""
        if self._finish is None or self._calls.asks:
            return []
        self.ended = True
        reason, usage = self._finish
        reason = resolve_finish_reason(reason, calls_wait=self._calls.waiting)
        return [to_done_chunk(**self._identity(), finish_reason=reason, usage=usage)]

    def _take_error(self, event: _Event) -> list[StreamChunk]:
        return self._fail(failure_of(event.get("error")))

    def _fail(self, failure: Failure) -> list[StreamChunk]:
        """End with an ``error`` chunk; the calls that were complete and held go before it, so that none is lost.

        Malformed arguments outrank every later failure: an adapter that had not waited would have ended there (R9).
        Nothing is asked about such calls, for nobody could take the answer.
        """
        self.ended = True
        held: list[Chunk] = []
        if not self.finished:
            failure, held = self._calls.malformed or failure, self._calls.rest()
        rest = [chunk for chunk in held if chunk["type"] != APPROVAL_REQUESTED]
        return [*rest, to_error_chunk(**self._identity(), message=failure.message, code=failure.code)]


def _ended_with_error(said: object) -> str:
    """Quote the provider's own word for it, where V3's ``{unified, raw}`` brings one."""
    message = "the provider ended its answer with an error"
    raw = said.get("raw") if isinstance(said, Mapping) else None
    return f"{message} ({raw[:80]})" if isinstance(raw, str) and raw and raw != "error" else message


def _unheard(_: str) -> None:
    """Take a note that nobody asked for."""
