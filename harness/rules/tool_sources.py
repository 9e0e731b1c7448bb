"""Tool calls against their source: none lost, invented, renamed or changed, and a broken one fails openly."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from harness.protocol.exact_json import holds_object, same_text
from harness.protocol.streamchunk import ERROR, TOOL_CALL
from harness.rules.asked import own_names
from harness.rules.ending import is_no_code
from harness.rules.oracle import CONFLICT, PARSE_ERROR, claims_to_be_whole
from harness.rules.pairing import has_anothers_id, pairing, was_sent
from harness.rules.rule import MUST_IN_SPEC, Finding, Level, rule
from harness.rules.sound import Call, SoundTranscript
from harness.rules.wording import shown

_ARGUMENTS = "toolCall.function.arguments"


def calls_are_known(transcript: SoundTranscript) -> bool:
    """Apply where calls were emitted, and no malformed one hides a part of them."""
    return TOOL_CALL in transcript.by_type and TOOL_CALL not in transcript.broken


def calls_are_owed(transcript: SoundTranscript) -> bool:
    """Apply where the source completes a client call, and the answer claims to be whole.

    Of a stream that ends in an error, or not at all, no client runs a call.
    """
    return bool(transcript.source.tool_calls) and TOOL_CALL not in transcript.broken and claims_to_be_whole(transcript)


def a_call_is_broken(transcript: SoundTranscript) -> bool:
    """Apply where the source gives arguments of which nothing is usable."""
    return TOOL_CALL not in transcript.broken and not all(call.intact for call in transcript.source.tool_calls)


@rule(
    "TOOL-3",
    Level.MUST,
    "§6.2",
    "§13.3",
    "R11",
    applies=calls_are_known,
    needs_source=True,
    why="clients show and run the calls in another order than the model meant",
    mend="give out an index when an id is first seen (tool-input-start, or a tool-call without one), not when it ends",
)
def index_follows_start_order(transcript: SoundTranscript) -> Iterator[Finding]:
    """A call's index follows the place at which its input started.

    §12.2 takes index 0 for a call without a start, which collides with the real one; §13.3 takes the next, as we do.
    """
    pairs = sorted(pairing(transcript).pairs, key=lambda pair: pair[1].index or 0)
    for (before, _), (call, _) in pairwise(pairs):
        if call.index < before.index:
            expected = f"an index above {shown(before.index)}, that of {shown(before.id)}, which started first"
            yield Finding(call.number, expected, shown(call.index), "index")


@rule(
    "TOOL-12",
    Level.MUST,
    "§5",
    "§12.3",
    "R7",
    "R8",
    applies=calls_are_owed,
    needs_source=True,
    why="the tool never runs, and the model waits for a result that does not come",
    mend="emit a tool_call for every tool-call event, also one without deltas or without a start",
)
def every_completed_call_arrives(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every client call that the source completes is emitted, also beside one that the token limit cut.

    A call whose arguments are malformed is TOOL-20, one whose id comes twice is TOOL-21.
    """
    lost = [call for call in pairing(transcript).lost if call.intact and call.id not in transcript.source.conflicts]
    for call in lost:
        yield Finding(None, f"the call {shown(call.id)} of {shown(call.name)}", "no tool_call chunk for it")


@rule(
    "TOOL-13",
    Level.MUST,
    "§12.3",
    "R7",
    applies=calls_are_known,
    needs_source=True,
    why="a tool runs that the model did not ask for",
    mend="emit a tool_call on the source's tool-call event and on nothing else",
)
def no_call_is_invented(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every emitted call is a call of the source."""
    for call in pairing(transcript).invented:
        yield Finding(call.number, "a call of the source", f"{shown(call.id)} of {shown(call.name)}", "toolCall.id")


@rule(
    "TOOL-14",
    MUST_IN_SPEC,
    "§12.3",
    "§13.6",
    "R7",
    "R13",
    applies=calls_are_known,
    needs_source=True,
    why="a tool runs with half of its arguments, or with `{}`",
    mend="drop a call that was started and never completed; do not emit it at tool-input-end",
)
def an_unfinished_call_is_not_emitted(transcript: SoundTranscript) -> Iterator[Finding]:
    """A call whose input was started and never completed is not emitted.

    §13.6 cleans such calls up by age. No clock decides it here: with `finish` they are dropped, without it the stream
    is truncated. The profile tanstack cannot take fragments back that it has already sent, so there it warns. What no
    fragment held is TOOL-22.
    """
    for call, begun in pairing(transcript).unfinished:
        if was_sent(call, begun):
            yield Finding(call.number, "no call before its tool-call event", shown(call.id), "toolCall.id")


@rule(
    "TOOL-22",
    Level.MUST,
    "§12.3",
    "§13.6",
    "R7",
    "R13",
    applies=calls_are_known,
    needs_source=True,
    why="a tool runs with arguments that the model never gave",
    mend="drop a call that was started and never completed; never put `{}` in place of what is missing",
)
def an_unfinished_call_is_not_completed(transcript: SoundTranscript) -> Iterator[Finding]:
    """A call whose input never came to its end is not emitted with other arguments than those that came.

    §13.6 takes the input of the event where the deltas are partial JSON; here there was no event.
    """
    for call, begun in pairing(transcript).unfinished:
        if not was_sent(call, begun):
            expected = f"no call, for its input ended at {shown(begun.arguments)}"
            yield Finding(call.number, expected, shown(call.arguments), _ARGUMENTS)


@rule(
    "TOOL-15",
    Level.MUST,
    "§5",
    "R14",
    applies=calls_are_known,
    needs_source=True,
    why="the engine looks for a tool it does not have, and answers the provider's own call a second time",
    mend="keep providerExecuted calls to yourself, and do not count them for the finish reason",
)
def the_providers_own_calls_stay_with_it(transcript: SoundTranscript) -> Iterator[Finding]:
    """A call that the provider executed itself is not emitted.

    §5 maps every tool-call; a call with `providerExecuted` is no call of the client, so we leave it out.
    """
    for call in transcript.calls:
        if call.id in transcript.source.provider_executed:
            seen = f"{shown(call.id)} of {shown(call.name)}"
            yield Finding(call.number, "no call that the provider has executed", seen, "toolCall.id")


@rule(
    "TOOL-16",
    Level.MUST,
    "§4",
    "R16",
    applies=calls_are_known,
    needs_source=True,
    why="the engine finds no tool of that name and answers the call with an error",
    mend="pass the tool's name as it is; undo a renaming on the way back",
)
def the_tool_keeps_its_name(transcript: SoundTranscript) -> Iterator[Finding]:
    """A call names the tool that the source names.

    §4 lets the adapter change names on the way to the provider; the consumer knows only its own, so we read it as a
    renaming that is undone. Where the provider was played, what it was offered tells the renaming.
    """
    own = own_names(transcript)
    for call, owed in pairing(transcript).pairs:
        wanted = own.get(owed.name, owed.name)
        if call.name and call.name != wanted:
            yield Finding(call.number, shown(wanted), shown(call.name), "toolCall.function.name")


@rule(
    "TOOL-17",
    MUST_IN_SPEC,
    "§5",
    "§12.2",
    "R10",
    applies=calls_are_known,
    needs_source=True,
    why="the provider refuses the next request: the result names a call that it does not know",
    mend="use the call's own id, not the id of the output item that holds it",
)
def the_call_keeps_its_id(transcript: SoundTranscript) -> Iterator[Finding]:
    """A call carries the id that the source gives it. Where the provider gave none, any id will do.

    TanStack's types ask only for some id, and its engine finds the result again by any; so its profile warns.
    """
    made = transcript.stimulus.made_ids
    for call, owed in pairing(transcript).pairs:
        if call.id and call.id != owed.id and owed.id not in made and not has_anothers_id(transcript, call):
            yield Finding(call.number, shown(owed.id), shown(call.id), "toolCall.id")


@rule(
    "TOOL-18",
    Level.MUST,
    "§6.1",
    "§13.4",
    "R8",
    applies=calls_are_known,
    needs_source=True,
    why="the tool runs with other arguments than the model gave",
    mend="pass the validated original text on: do not parse and write it again, do not encode it twice",
)
def the_arguments_are_the_sources(transcript: SoundTranscript) -> Iterator[Finding]:
    """The arguments of a call are the source's, compared as JSON with exact numbers.

    Other white space or another order of keys is no change; 12345678901234567000 for 12345678901234567890 is one.
    """
    for call, owed in pairing(transcript).pairs:
        arguments = call.object_text
        if owed.intact and _is_complete(call) and not same_text(arguments, owed.arguments):
            yield Finding(call.number, shown(owed.arguments), shown(arguments), _ARGUMENTS)


@rule(
    "TOOL-19",
    Level.MUST,
    "§12.4",
    "§13.5",
    "R9",
    applies=a_call_is_broken,
    needs_source=True,
    why="the tool runs with `{}`, or with a guess: a file is deleted that nobody named",
    mend="never put anything in place of arguments that cannot be parsed; end the stream with the error",
)
def broken_arguments_are_not_mended(transcript: SoundTranscript) -> Iterator[Finding]:
    """A call whose arguments are malformed in the source is not emitted with other arguments.

    §13.6 falls back to the event's input; where that is malformed too, nothing usable is left.
    """
    for call, owed in pairing(transcript).pairs:
        if not owed.intact and holds_object(call.object_text):
            yield Finding(
                call.number, f"no call, for {shown(owed.arguments)} is broken", shown(call.arguments), _ARGUMENTS
            )


@rule(
    "TOOL-20",
    MUST_IN_SPEC,
    "§12.4",
    "§13.5",
    "R9",
    applies=a_call_is_broken,
    needs_source=True,
    why="the answer looks complete, and the call that it announced has vanished",
    mend=f"end the stream with one error chunk of code {PARSE_ERROR}",
)
def broken_arguments_end_in_an_error(transcript: SoundTranscript) -> Iterator[Finding]:
    """A call whose arguments are malformed ends the stream in an `error` of code TOOL_ARGS_PARSE_ERROR.

    A call that was cut by the token limit may also be held back, and the stream end in done(length): then END-13 says
    whether it does. TanStack's types leave the code free, and its consumers show any error; so its profile warns.
    """
    emitted = {owed.id for _, owed in pairing(transcript).pairs}
    held_back = [call for call in transcript.source.tool_calls if not call.intact and call.id not in emitted]
    if held_back and transcript.source.finish_reason != "length":
        yield from _owed_error(transcript, PARSE_ERROR, f"for the arguments {shown(held_back[0].arguments)}")


def calls_conflict(transcript: SoundTranscript) -> bool:
    """Apply where the source gives one id to two calls that differ."""
    return bool(transcript.source.conflicts)


@rule(
    "TOOL-21",
    MUST_IN_SPEC,
    "§12.2",
    "R12",
    applies=calls_conflict,
    needs_source=True,
    why="one of the two calls is dropped in silence, and nobody knows which one was meant",
    mend=f"emit an exact repetition once; end the stream with an error of code {CONFLICT} where the two differ",
)
def a_conflict_ends_in_an_error(transcript: SoundTranscript) -> Iterator[Finding]:
    """A call id that comes twice and differs ends the stream in an `error` of code TOOL_CALL_CONFLICT.

    An exact repetition is emitted once; another input or another tool under the same id is a conflict. TanStack
    knows no such code and runs the call that it was given; so its profile warns.
    """
    if not a_call_is_broken(transcript):
        yield from _owed_error(transcript, CONFLICT, f"for {shown(transcript.source.conflicts[0])}")


def _is_complete(call: Call) -> bool:
    """A text that is no object at all is the fault of TOOL-2 or TOOL-4, or a fragment of a stream that failed."""
    return not call.arguments.strip() or holds_object(call.arguments)


def _fails_twice(transcript: SoundTranscript, code: object) -> bool:
    """Tell whether the source gives a second reason to fail, and the code is that of the other one."""
    source = transcript.source
    return (code == CONFLICT and bool(source.conflicts)) or source.ended != "finished"


def _owed_error(transcript: SoundTranscript, code: str, reason: str) -> Iterator[Finding]:
    """Judge how the stream ends: where it has no end, or a malformed one, another rule has said so."""
    terminal = transcript.terminal
    if terminal is None or transcript.ending.kind == "aborted":
        return
    expected = f"an error of code {code} {reason}"
    if terminal.chunk["type"] != ERROR:
        yield Finding(terminal.number, expected, f"done({terminal.chunk['finishReason']})")
    elif (seen := terminal.chunk["error"].get("code")) != code and not (
        _fails_twice(transcript, seen) or (seen is not None and is_no_code(seen))
    ):
        yield Finding(terminal.number, expected, "no code" if seen is None else shown(seen), "error.code")
