"""Scopes `chat` and `wire`: what TanStack's engine puts between the turns (R39)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.streamchunk import (
    APPROVAL_REQUESTED,
    CONTENT,
    DONE,
    ENGINE,
    THINKING,
    TOOL_CALL,
    TOOL_INPUT_AVAILABLE,
    TOOL_RESULT,
)
from harness.protocol.transcript import Record
from harness.rules.rule import CONVERSATION, MUST_IN_SPEC, Finding, Level, Source, rule
from harness.rules.sound import SoundTranscript, has
from harness.rules.wording import shown

_SPEECH = frozenset({CONTENT, THINKING, TOOL_CALL})
_QUESTIONS = frozenset({APPROVAL_REQUESTED, TOOL_INPUT_AVAILABLE})


def is_done_once(transcript: SoundTranscript) -> bool:
    """Apply where a turn is done, no `done` is malformed, and something may follow."""
    return DONE in transcript.by_type and DONE not in transcript.broken


@rule(
    "CHAT-1",
    Level.MUST,
    "§4",
    "R39",
    source=Source.CONSUMER,
    applies=is_done_once,
    scopes=CONVERSATION,
    by_turn=False,
    why="a tool has run, or a person is asked, for a call that nobody left to the client",
    mend="run tools only after done(tool_calls)",
)
def the_engine_acts_after_tool_calls(transcript: SoundTranscript) -> Iterator[Finding]:
    """What the engine adds after a turn comes only where the turn ended in done(tool_calls)."""
    for record in _first_behind_another_end(transcript, ENGINE):
        seen = f"{record.chunk['type']} after another end"
        yield Finding(record.number, "done(tool_calls) before it", seen, "type")


@rule(
    "CHAT-2",
    Level.MUST,
    "§4",
    "R39",
    source=Source.CONSUMER,
    applies=is_done_once,
    scopes=CONVERSATION,
    by_turn=False,
    why="the model is asked again though it had finished, which costs money and may never end",
    mend="go on only after done(tool_calls)",
)
def a_turn_follows_only_tool_calls(transcript: SoundTranscript) -> Iterator[Finding]:
    """A further turn begins only after a turn that ended in done(tool_calls)."""
    for record in _first_behind_another_end(transcript, _SPEECH):
        seen = f"a further turn: {record.chunk['type']}"
        yield Finding(record.number, "the end of the conversation", seen, "type")


@rule(
    "CHAT-3",
    Level.SHOULD,
    "§6.4",
    "R27",
    "R39",
    source=Source.CONSUMER,
    applies=has(*_QUESTIONS),
    scopes=CONVERSATION,
    by_turn=False,
    why="the model goes on without the answer that was asked for",
    mend="end the stream after the question, and go on in a new one when the answer is there",
)
def the_engine_waits_for_the_answer(transcript: SoundTranscript) -> Iterator[Finding]:
    """After `approval-requested` or `tool-input-available` no further turn begins in the same stream."""
    first = transcript.of(*_QUESTIONS)[0]
    after = next(
        (other for other in transcript.of(*_SPEECH) if other.number > first.number),
        None,
    )
    if after is not None:
        seen = f"{after.chunk['type']} after {shown(first.chunk['type'])}"
        yield Finding(after.number, "the end of the stream", seen, "type")


def goes_on(transcript: SoundTranscript) -> bool:
    """Apply where a further turn begins behind done(tool_calls), and no malformed chunk hides a call or a result."""
    return transcript.broken.isdisjoint({DONE, TOOL_CALL, TOOL_RESULT}) and any(
        called and record.chunk["type"] in _SPEECH for record, called in _after_each_turn(transcript)
    )


@rule(
    "CHAT-4",
    Level.SHOULD,
    "§4",
    "R39",
    source=Source.CONSUMER,
    applies=goes_on,
    scopes=CONVERSATION,
    by_turn=False,
    why="providers refuse a conversation in which a call has no result",
    mend="ask the model again when every call of the turn before has its result",
)
def a_turn_follows_all_results(transcript: SoundTranscript) -> Iterator[Finding]:
    """A further turn begins only when every call of the turn before has a result.

    TanStack's types do not ask for it, so it warns. A call that the client was asked about is CHAT-3, a result under an
    id that no call has is RESULT-1.
    """
    known: set[str] = set()
    waiting: dict[str, None] = {}
    after = {record.number: called for record, called in _after_each_turn(transcript)}
    for record in transcript.records:
        kind = record.chunk["type"]
        if waiting and kind in _SPEECH and record.number in after:
            if after[record.number]:
                expected = f"a result for {shown(next(iter(waiting)))} before the next turn"
                yield Finding(record.number, expected, f"{kind}{_and_others(len(waiting) - 1)}", "type")
            waiting.clear()
        if kind == TOOL_CALL and (id_ := record.chunk["toolCall"]["id"]):
            waiting[id_] = None
            known.add(id_)
        elif kind in ENGINE and waiting:
            answered = record.chunk["toolCallId"]
            waiting.pop(answered if answered in known else next(iter(waiting)), None)


@rule(
    "CHAT-5",
    MUST_IN_SPEC,
    "§6.4",
    "R27",
    "R39",
    source=Source.CONSUMER,
    applies=has(*_QUESTIONS),
    scopes=CONVERSATION,
    by_turn=False,
    why="a client's tool runs twice, or a person is asked about a tool that has already run",
    mend="run a call, ask about it, or hand it to the client: one of the three, once",
)
def a_call_is_handed_on_once(transcript: SoundTranscript) -> Iterator[Finding]:
    """The client is given a call only once, and none that has a result already.

    Two questions about one call are APPROVAL-4. TanStack's types allow all of it, so its profile warns.
    """
    answers: dict[str, str] = {}
    for record in transcript.of(TOOL_CALL, *ENGINE):
        kind = record.chunk["type"]
        if kind == TOOL_CALL:
            answers.pop(record.chunk["toolCall"]["id"], None)  # an id that a later turn uses again is another call
            continue
        id_ = record.chunk["toolCallId"]
        before = answers.setdefault(id_, "")
        if kind in _QUESTIONS and before and (before, kind) != (APPROVAL_REQUESTED, APPROVAL_REQUESTED):
            yield Finding(record.number, f"nothing more for {shown(id_)}", f"{kind} after {before}", "toolCallId")
        answers[id_] = before or kind


def turns_may_share_an_id(transcript: SoundTranscript) -> bool:
    """Apply where there is more than one turn."""
    return any(record.chunk["type"] in _SPEECH for record, _ in _after_each_turn(transcript))


@rule(
    "CHAT-6",
    Level.SHOULD,
    "§3",
    "R39",
    applies=turns_may_share_an_id,
    scopes=CONVERSATION,
    by_turn=False,
    why="a client that keys messages by id shows two answers as one, and stores one over the other",
    mend="use the response id of each call of the model, or make a new id for each",
)
def each_turn_has_its_own_id(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every turn of a conversation has an id of its own. TanStack's client keeps its own message ids, so this warns."""
    begins = {record.number for record, _ in _after_each_turn(transcript)}
    seen: set[str] = set()
    for record in transcript.of(*_SPEECH):
        id_ = record.chunk["id"]
        if record.number in begins and id_ in seen:
            yield Finding(record.number, "an id that no turn before has", shown(id_), "id")
            return
        seen.add(id_)


def _after_each_turn(transcript: SoundTranscript) -> Iterator[tuple[Record, bool]]:
    """Yield each chunk between two turns, and each turn's first, with whether tools were called before.

    A `done` right behind another belongs to the turn before (END-3, END-4).
    """
    between, called, before = False, False, ""
    for record in transcript.records:
        kind = record.chunk["type"]
        if kind == DONE:
            called = record.chunk["finishReason"] == "tool_calls" or (before == DONE and called)
            between = True
        elif between:
            yield record, called
            between = kind in ENGINE
        before = kind


def _first_behind_another_end(transcript: SoundTranscript, kinds: frozenset[str]) -> list[Record]:
    """Return the first chunk of these types behind a turn that did not end in done(tool_calls), if there is one."""
    behind = (record for record, called in _after_each_turn(transcript) if not called)
    return [record for record in behind if record.chunk["type"] in kinds][:1]


def _and_others(count: int) -> str:
    return "" if count <= 0 else f", and {count} more call{'' if count == 1 else 's'} without one"
