"""Tool calls, as far as the chunks alone show: one call, one id, one index, one JSON object."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from harness.protocol.exact_json import holds_object, same_text
from harness.protocol.streamchunk import APPROVAL_REQUESTED, DONE, TOOL_CALL, TOOL_RESULT
from harness.rules.abort import done_after_the_abort
from harness.rules.pairing import pairing, was_sent
from harness.rules.rule import SPEC, TANSTACK, Finding, Level, Source, rule
from harness.rules.sound import Call, SoundTranscript, arguments_of, calls_named_by, has, name_of
from harness.rules.wording import shown

_NAME = "toolCall.function.name"
_ARGUMENTS = "toolCall.function.arguments"


@rule(
    "TOOL-1",
    Level.MUST,
    "§6.1",
    "§12.3",
    "R7",
    "R10",
    "R12",
    profiles=SPEC,
    applies=has(TOOL_CALL),
    why="the engine joins the arguments of all chunks of a call: a repeated `{}` becomes `{}{}`, and chat() throws",
    mend="buffer the arguments, and emit the call once, at the source's tool-call event",
)
def a_call_is_one_chunk(transcript: SoundTranscript) -> Iterator[Finding]:
    """There is exactly one `tool_call` chunk for each call, and it is complete.

    TanStack's own types describe `tool_call` as incremental, §6.1 asks for whole calls; the profile spec reads §6.1,
    the profile tanstack allows fragments (TOOL-4). A first chunk without an id is TOOL-5.
    """
    for call in transcript.calls:
        if len(call.records) > 1 and call.records[0].chunk["toolCall"]["id"]:
            seen = f"{len(call.records)} chunks of {shown(call.id)}"
            yield Finding(call.records[1].number, "one tool_call chunk for the call", seen, "toolCall.id")


@rule(
    "TOOL-2",
    Level.MUST,
    "§12.4",
    "§13.4",
    "R8",
    "R9",
    profiles=SPEC,
    applies=has(TOOL_CALL),
    why="the engine parses the arguments before it runs the tool: it throws, or the tool runs with `{}`",
    mend="emit `{}` for a call without arguments; for a bad one end with an error of code TOOL_ARGS_PARSE_ERROR",
)
def arguments_are_one_object(transcript: SoundTranscript) -> Iterator[Finding]:
    """The arguments of a call are the text of one JSON object.

    §13.5 emits an `error` and then the call with broken arguments; no client reads past the error, so we read §12.4:
    the error alone. Arrays, numbers and an object encoded twice are no object either. Where the source is known, half a
    call is TOOL-14, and arguments that were lost altogether are TOOL-18 or TOOL-19.
    """
    told = _told_beside_the_source(transcript)
    for call in transcript.calls:
        if call.id in told or all(map(holds_object, call.parts)) or holds_object(call.arguments):
            continue
        yield _not_an_object(call)


def _told_beside_the_source(transcript: SoundTranscript) -> set[str]:
    """Return the ids of calls about which the source says more: half a call (TOOL-14), lost arguments (TOOL-18)."""
    if transcript.stimulus.events is None or all(map(holds_object, (call.arguments for call in transcript.calls))):
        return set()
    found = pairing(transcript)
    half = {call.id for call, begun in found.unfinished if was_sent(call, begun)}
    emptied = {
        call.id
        for call, one in found.pairs
        if not call.arguments.strip() and not (one.intact and same_text(one.arguments, "{}"))
    }
    return half | emptied


def calls_are_sound(transcript: SoundTranscript) -> bool:
    """Apply where there are calls, and none of them is malformed: that one may be the one that is missing."""
    return TOOL_CALL in transcript.by_type and TOOL_CALL not in transcript.broken


def calls_are_done(transcript: SoundTranscript) -> bool:
    """Apply where calls are followed by `done`."""
    return TOOL_CALL in transcript.by_type and DONE in transcript.by_type


def calls_are_run(transcript: SoundTranscript) -> bool:
    """Apply where the engine runs the calls: where the `done` that it keeps says tool_calls."""
    return calls_are_done(transcript) and _kept_reason(transcript) == "tool_calls"


def calls_are_stored(transcript: SoundTranscript) -> bool:
    """Apply where calls are followed by a `done` after which the engine runs none."""
    return calls_are_done(transcript) and _kept_reason(transcript) != "tool_calls"


@rule(
    "TOOL-4",
    Level.MUST,
    "R10",
    source=Source.CONSUMER,
    profiles=TANSTACK,
    applies=calls_are_run,
    why="chat() joins the fragments and parses them: it throws, and the conversation ends",
    mend="send each part of the arguments once, under the call's own id, and end with an error if they are malformed",
)
def fragments_join_to_one_object(transcript: SoundTranscript) -> Iterator[Finding]:
    """The fragments of a call's arguments join to nothing at all, or to the text of one JSON object.

    Asked only of a stream that ends in done(tool_calls): after another end the engine runs no call (TOOL-23).
    """
    return _joined_to_no_object(transcript)


@rule(
    "TOOL-23",
    Level.SHOULD,
    "R9",
    "R10",
    source=Source.CONSUMER,
    profiles=TANSTACK,
    applies=calls_are_stored,
    why="the message is stored with a call that no reader can parse",
    mend="hold a call back until its arguments are whole, or end with an error if they are malformed",
)
def a_call_that_is_not_run_is_whole(transcript: SoundTranscript) -> Iterator[Finding]:
    """Where no call is run, as after done(length), the fragments of a call still join to one JSON object.

    TanStack's engine does not look at the arguments there, so it warns; done(tool_calls) is TOOL-4.
    """
    return _joined_to_no_object(transcript)


@rule(
    "TOOL-5",
    Level.MUST,
    "§5",
    "R10",
    source=Source.CONSUMER,
    applies=has(TOOL_CALL),
    why="the engine drops a call whose first chunk lacks its id or its name, and its arguments with it",
    mend="hold the call back until id and name are known",
)
def a_call_begins_with_id_and_name(transcript: SoundTranscript) -> Iterator[Finding]:
    """The first chunk of a call has an id and a tool's name, neither of them empty."""
    for call in transcript.calls:
        if not call.records[0].chunk["toolCall"]["id"]:
            yield Finding(call.number, "the call's id", '""', "toolCall.id")
        if not call.name:
            yield Finding(call.number, "the tool's name", '""', _NAME)


@rule(
    "TOOL-6",
    Level.MUST,
    "§6.2",
    "R10",
    "R11",
    source=Source.CONSUMER,
    applies=has(TOOL_CALL),
    why="the engine keys by index, the client by id: arguments of two calls are merged, or one call becomes two",
    mend="give each id its own index when it is first seen, and keep it",
)
def id_and_index_are_one_to_one(transcript: SoundTranscript) -> Iterator[Finding]:
    """Each call id has one index, and each index one call id. A fragment may leave its id empty (TOOL-5)."""
    ids: dict[int, str] = {}
    indices: dict[str, int] = {}
    told: set[tuple[str, int]] = set()
    for record in transcript.by_type[TOOL_CALL]:
        id_, index = record.chunk["toolCall"]["id"], record.chunk["index"]
        if not id_ or (id_, index) in told:
            continue
        told.add((id_, index))
        if id_ in indices:
            yield Finding(record.number, f"index {indices[id_]} for {shown(id_)}", f"index {shown(index)}", "index")
        elif index in ids:
            seen = f"the index of {shown(ids[index])}"
            yield Finding(record.number, f"an index of its own for {shown(id_)}", seen, "index")
        ids.setdefault(index, id_)
        indices.setdefault(id_, index)


@rule(
    "TOOL-7",
    Level.SHOULD,
    "§6.2",
    "R11",
    applies=calls_are_sound,
    why="clients that fill an array by index get holes, and crash on them",
    mend="count calls, not the provider's output items; a dropped call may leave a gap",
)
def indices_count_from_zero(transcript: SoundTranscript) -> Iterator[Finding]:
    """The indices of the calls are 0, 1, 2 … without a gap. Two calls of one index are TOOL-6.

    A call that is dropped may leave a gap, so where the source is known, as many are allowed as it has such calls.
    """
    indices = sorted({call.index for call in transcript.calls})
    gaps = indices[-1] + 1 - len(indices)
    if len(indices) == len(transcript.calls) and gaps > _calls_without_a_chunk(transcript):
        seen = ", ".join(shown(index) for index in indices)
        yield Finding(transcript.calls[0].number, f"the indices 0 to {len(indices) - 1}", seen, "index")


def _calls_without_a_chunk(transcript: SoundTranscript) -> int:
    """Count the calls of the source that no client sees, and that may have taken an index (R9, R13, R14)."""
    if transcript.stimulus.events is None:
        return 0
    source = transcript.source
    broken = sum(not call.intact for call in source.tool_calls)
    return len(source.dropped) + len(source.provider_executed) + broken


@rule(
    "TOOL-8",
    Level.SHOULD,
    "§6.2",
    "R11",
    applies=has(TOOL_CALL),
    why="the engine runs calls in the order in which they arrive, so they run in another order than the model meant",
    mend="hold a call back until those with a lower index are out",
)
def calls_come_in_index_order(transcript: SoundTranscript) -> Iterator[Finding]:
    """Calls are emitted in the order of their indices; text may come between them.

    §6.2 asks to preserve the index order even if text interleaves, while real sources complete calls in any order; we
    read it as an order that warns.
    """
    calls = transcript.calls
    for before, call in pairwise(calls):
        if call.index < before.index:
            yield Finding(call.number, f"an index above {shown(before.index)}", shown(call.index), "index")
            return


@rule(
    "TOOL-9",
    Level.MUST,
    "R10",
    "R12",
    source=Source.CONSUMER,
    profiles=TANSTACK,
    applies=has(TOOL_CALL),
    why="the engine keeps the first name it saw: the wrong tool runs",
    mend="repeat the name in each fragment, or leave it empty after the first",
)
def fragments_keep_the_name(transcript: SoundTranscript) -> Iterator[Finding]:
    """All fragments of a call name the same tool, or none after the first."""
    for call in transcript.calls:
        other = [record for record in call.records[1:] if name_of(record) not in {"", call.name}]
        if other and call.name:
            yield Finding(other[0].number, shown(call.name), shown(name_of(other[0])), _NAME)


def calls_and_is_done(transcript: SoundTranscript) -> bool:
    """Apply where there is a call, and a finish reason to hold against it.

    The source excuses a stop that stands for an unknown reason (R18). Where it names another reason than these two,
    END-13 says whether that one was kept; a `done` behind an abort is ABORT-3.
    """
    if not calls_are_done(transcript) or TOOL_CALL in transcript.broken or done_after_the_abort(transcript) is not None:
        return False
    source = transcript.expected
    return source is None or (source.finish_reason in {"stop", "tool_calls"} and source.reason_known)


@rule(
    "TOOL-10",
    Level.SHOULD,
    "§6.3",
    "R19",
    "R27",
    source=Source.CONSUMER,
    applies=calls_and_is_done,
    why="the engine runs tools only after done(tool_calls): the call is shown and never run",
    mend="report tool_calls where the provider says stop and there is a complete client call",
)
def calls_end_in_tool_calls(transcript: SoundTranscript) -> Iterator[Finding]:
    """A response with a call that is left to the client ends with the finish reason tool_calls, not stop.

    Length and content_filter stay as they are. Calls that were all answered in the stream may end in stop. What a call
    that was asked about owes, once the answer is known, is said by APPROVAL-9 and APPROVAL-11 (R27).
    """
    done = transcript.by_type[DONE][0]
    left = _left_to_the_client(transcript)
    if left and done.chunk["finishReason"] in {"stop", None}:
        expected = f'"tool_calls", for {shown(left[0].id)}{_and_others(left)}'
        yield Finding(done.number, expected, shown(done.chunk["finishReason"]), "finishReason")


def is_done_and_owes_no_call(transcript: SoundTranscript) -> bool:
    """Apply where the stream is done and no call is hidden or lost: a call of the source that is missing is TOOL-12."""
    if DONE not in transcript.by_type or TOOL_CALL in transcript.broken:
        return False
    source = transcript.expected
    return source is None or (not source.tool_calls and source.finish_reason in {"stop", "tool_calls"})


@rule(
    "TOOL-11",
    Level.SHOULD,
    "§6.3",
    "R14",
    "R19",
    applies=is_done_and_owes_no_call,
    why="the engine waits for tools that nobody called, or asks the model again without news",
    mend="report stop where there is no client call, also where the provider ran all calls itself",
)
def tool_calls_needs_a_call(transcript: SoundTranscript) -> Iterator[Finding]:
    """The finish reason tool_calls comes only after a `tool_call` chunk."""
    done = transcript.by_type[DONE][0]
    if done.chunk["finishReason"] == "tool_calls" and not transcript.calls:
        yield Finding(done.number, "a tool_call chunk before, or the reason stop", '"tool_calls"', "finishReason")


def _left_to_the_client(transcript: SoundTranscript) -> list[Call]:
    answered = calls_named_by(transcript, TOOL_RESULT)
    answered |= calls_named_by(transcript, APPROVAL_REQUESTED) & transcript.stimulus.approvals.keys()
    return [call for call in transcript.calls if call.id not in answered]


def _kept_reason(transcript: SoundTranscript) -> str | None:
    """Return the reason of the last `done`, which the engine keeps, but for a stop right behind tool_calls (END-4)."""
    kept: str | None = None
    for record in (*transcript.by_type[DONE], *transcript.beyond):
        if record.chunk["type"] == DONE and (kept, record.chunk["finishReason"]) != ("tool_calls", "stop"):
            kept = record.chunk["finishReason"]
    return kept


def _joined_to_no_object(transcript: SoundTranscript) -> Iterator[Finding]:
    for call in transcript.calls:
        if call.arguments.strip() and not holds_object(call.arguments):
            yield _not_an_object(call)


def _not_an_object(call: Call) -> Finding:
    seen = shown(call.arguments) if call.arguments else '"", which is no JSON'
    fragments = "" if len(call.records) == 1 else f", joined from {len(call.records)} chunks"
    broken = next((record for record in call.records if not holds_object(arguments_of(record))), call.records[-1])
    return Finding(broken.number, f"the text of one JSON object for {shown(call.id)}", seen + fragments, _ARGUMENTS)


def _and_others(calls: list[Call]) -> str:
    return "" if len(calls) == 1 else f" and {len(calls) - 1} more"
