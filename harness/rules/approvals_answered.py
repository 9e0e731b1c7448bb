"""Approvals whose answers are known: what a question that was denied, approved or left open leads to (§6.4, R27).

Answers are known where the harness played the person. Where a log tells none, these rules are not exercised.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from harness.protocol.streamchunk import APPROVAL_REQUESTED, DONE, TOOL_CALL, TOOL_RESULT
from harness.protocol.transcript import Record
from harness.rules.results import is_denial, results_of_the_source
from harness.rules.rule import SPEC, Finding, Level, rule
from harness.rules.sound import SoundTranscript, calls_named_by
from harness.rules.tool_calls import calls_and_is_done
from harness.rules.wording import shown


def is_done_after_answers(transcript: SoundTranscript) -> bool:
    """Apply where questions were asked, answers are known, the stream is done, and no malformed chunk hides a part."""
    return (
        bool(transcript.stimulus.approvals)
        and APPROVAL_REQUESTED in transcript.by_type
        and DONE in transcript.by_type
        and transcript.ending.kind != "aborted"
        and transcript.broken.isdisjoint({TOOL_CALL, TOOL_RESULT, APPROVAL_REQUESTED})
    )


def a_call_was_denied(transcript: SoundTranscript) -> bool:
    """Apply where a call was asked about and denied."""
    return is_done_after_answers(transcript) and bool(_answered_with(transcript, answer=False))


@rule(
    "APPROVAL-9",
    Level.MUST,
    "§6.4",
    "R27",
    profiles=SPEC,
    applies=a_call_was_denied,
    scopes=("adapter",),
    why="the model is told that a denied tool has run, or waits for a result that never comes",
    mend='answer a denied call with a tool_result of {"error": …}, drop what the source says of it, and go on',
)
def a_denied_call_is_answered_with_an_error(transcript: SoundTranscript) -> Iterator[Finding]:
    """A call that was denied gets a `tool_result` whose content is an object with `error`, and no other.

    §6.4 asks for a tool_result with an error state; R27 suppresses the source's own result.
    """
    for id_ in sorted(_answered_with(transcript, answer=False)):
        results = [record for record in transcript.by_type.get(TOOL_RESULT, ()) if record.chunk["toolCallId"] == id_]
        wrong = next((record for record in results if not is_denial(record.chunk["content"])), None)
        if wrong is not None:
            yield Finding(
                wrong.number, f"an object with `error`, for {shown(id_)} was denied", _content(wrong), "content"
            )
        elif not results:
            yield Finding(None, f"a tool_result with an error for {shown(id_)}, which was denied", "none")


def an_approved_call_has_its_result(transcript: SoundTranscript) -> bool:
    """Apply where a call was asked about and approved, and the source carries its result."""
    return is_done_after_answers(transcript) and bool(_owed_results(transcript))


@rule(
    "APPROVAL-10",
    Level.MUST,
    "§6.4",
    "R27",
    profiles=SPEC,
    applies=an_approved_call_has_its_result,
    needs_source=True,
    scopes=("adapter",),
    why="the conversation goes on without what the approved tool said, or runs it once more",
    mend="hold the source's result until the answer, and emit it once the call is approved",
)
def an_approved_call_gives_its_result(transcript: SoundTranscript) -> Iterator[Finding]:
    """The result that the source carries for an approved call follows as its `tool_result`.

    §6.4 does not say what follows an approval; we read R27. A result with another content is RESULT-6.
    """
    for id_ in sorted(_owed_results(transcript) - calls_named_by(transcript, TOOL_RESULT)):
        yield Finding(None, f"the result of {shown(id_)}, which was approved", "no tool_result chunk for it")


def an_approved_call_is_left(transcript: SoundTranscript) -> bool:
    """Apply where an approved call has no result, and the source ends for no other reason than its calls."""
    return is_done_after_answers(transcript) and calls_and_is_done(transcript) and bool(_left(transcript))


@rule(
    "APPROVAL-11",
    Level.MUST,
    "§6.3",
    "§6.4",
    "R27",
    profiles=SPEC,
    applies=an_approved_call_is_left,
    scopes=("adapter",),
    why="the engine runs tools only after done(tool_calls): what a person has approved never happens",
    mend="report tool_calls where an approved call is left to the consumer, stop where every call is answered",
)
def an_approved_call_that_is_left_is_announced(transcript: SoundTranscript) -> Iterator[Finding]:
    """A response with an approved call that is left to the consumer ends with the finish reason tool_calls.

    §6.4 does not say how it ends; we read R27, by which the consumer runs what it has approved. Length and
    content_filter stay as they are (R19).
    """
    done = transcript.by_type[DONE][0]
    if done.chunk["finishReason"] == "stop":
        expected = f'"tool_calls", for {shown(min(_left(transcript)))} was approved and has no result'
        yield Finding(done.number, expected, '"stop"', "finishReason")


def answers_are_known(transcript: SoundTranscript) -> bool:
    """Apply where questions were asked, answers are known, and no malformed chunk hides a question."""
    return (
        bool(transcript.stimulus.approvals)
        and APPROVAL_REQUESTED in transcript.by_type
        and transcript.broken.isdisjoint({TOOL_CALL, APPROVAL_REQUESTED})
    )


@rule(
    "APPROVAL-12",
    Level.MUST,
    "§6.4",
    "R27",
    profiles=SPEC,
    applies=answers_are_known,
    scopes=("adapter",),
    why="a tool runs, or is refused, though nobody has decided",
    mend="wait for the answer; end without one only where the consumer aborts",
)
def nothing_is_decided_without_an_answer(transcript: SoundTranscript) -> Iterator[Finding]:
    """After a question that nobody answers neither a `tool_result` of its call comes nor `done`.

    §6.4 pauses until the approval is returned; what depends on it is the call's result and the finish reason (R27).
    What comes behind an abort is ABORT-2 and ABORT-3.
    """
    until = transcript.ending.place if transcript.ending.kind == "aborted" else None
    for question in transcript.by_type[APPROVAL_REQUESTED]:
        id_ = question.chunk["toolCallId"]
        if id_ in transcript.stimulus.approvals:
            continue
        for record in transcript.of(TOOL_RESULT, DONE):
            before_the_abort = until is None or record.number < until
            if record.number > question.number and before_the_abort and record.chunk.get("toolCallId", id_) == id_:
                expected = f"nothing before the answer about {shown(id_)}"
                yield Finding(record.number, expected, record.chunk["type"], "type")
                return


def asks_and_answers(transcript: SoundTranscript) -> bool:
    """Apply where there are questions and results."""
    return APPROVAL_REQUESTED in transcript.by_type and TOOL_RESULT in transcript.by_type


@rule(
    "APPROVAL-13",
    Level.MUST,
    "§6.4",
    "R27",
    profiles=SPEC,
    applies=asks_and_answers,
    scopes=("adapter",),
    why="a person is asked about something that has already happened",
    mend="hold the result of a call that needs approval until the question is asked and answered",
)
def a_question_comes_before_its_result(transcript: SoundTranscript) -> Iterator[Finding]:
    """The question about a call comes before the call's `tool_result`."""
    first_asked: dict[str, int] = {}
    for record in reversed(transcript.by_type[APPROVAL_REQUESTED]):
        first_asked[record.chunk["toolCallId"]] = record.number
    early: set[str] = set()
    for record in transcript.by_type[TOOL_RESULT]:
        id_ = record.chunk["toolCallId"]
        if record.number < first_asked.get(id_, -1) and id_ not in early:
            early.add(id_)
            yield Finding(record.number, f"approval-requested for {shown(id_)} before it", "its tool_result", "type")


def several_questions_were_answered(transcript: SoundTranscript) -> bool:
    """Apply where there are several questions, and it is known which were denied."""
    questions = transcript.by_type.get(APPROVAL_REQUESTED, ())
    return len(questions) > 1 and bool(_answered_with(transcript, answer=False))


@rule(
    "APPROVAL-14",
    Level.SHOULD,
    "§6.4",
    "R27",
    profiles=SPEC,
    applies=several_questions_were_answered,
    scopes=("adapter",),
    why="a person has several questions open at once, and cannot tell which answer did what",
    mend="wait for each answer, and emit what follows from it, before the next question",
)
def questions_are_asked_one_by_one(transcript: SoundTranscript) -> Iterator[Finding]:
    """A denied call has its `tool_result` before the next question is asked.

    §6.4 pauses at a question, and R27 has the questions answered one by one; the chunks show it where a denial follows.
    """
    denied = _answered_with(transcript, answer=False)
    answered: dict[str, int] = {}
    for record in reversed(transcript.by_type.get(TOOL_RESULT, ())):
        answered[record.chunk["toolCallId"]] = record.number
    questions = transcript.by_type[APPROVAL_REQUESTED]
    for question, later in pairwise(questions):
        id_ = question.chunk["toolCallId"]
        if id_ in denied and answered.get(id_, -1) > later.number > question.number:
            expected = f"the tool_result of {shown(id_)} before the next question"
            yield Finding(later.number, expected, f"a question about {shown(later.chunk['toolCallId'])}", "type")


def asks_about_tools_of_the_request(transcript: SoundTranscript) -> bool:
    """Apply where a question is about a tool of the request."""
    tools = _free_tools(transcript)
    return APPROVAL_REQUESTED in transcript.by_type and tools is not None


@rule(
    "APPROVAL-15",
    Level.MUST,
    "§4",
    "§6.4",
    "R27",
    profiles=SPEC,
    applies=asks_about_tools_of_the_request,
    scopes=("adapter",),
    why="the stream stops and waits for a person whom nobody told to be there",
    mend="ask only where the tool of the request says needsApproval: true",
)
def only_tools_that_need_approval_are_asked_about(transcript: SoundTranscript) -> Iterator[Finding]:
    """A question is asked only about a tool that needs approval (R27)."""
    free = _free_tools(transcript) or set()
    for record in transcript.by_type[APPROVAL_REQUESTED]:
        if record.chunk["toolName"] in free:
            yield Finding(record.number, "no question about it", shown(record.chunk["toolName"]), "toolName")


def _free_tools(transcript: SoundTranscript) -> set[str] | None:
    """Return the names of the request's tools that need no approval, None where it names no tools."""
    tools = transcript.stimulus.request.get("tools")
    if not isinstance(tools, list) or not tools:
        return None
    return {
        name
        for tool in tools
        if isinstance(tool, dict)
        and tool.get("needsApproval") is not True
        and isinstance(name := tool.get("name"), str)
    }


def _answered_with(transcript: SoundTranscript, *, answer: bool) -> set[str]:
    """Return the ids of the calls that were emitted, asked about, and answered so."""
    asked = calls_named_by(transcript, APPROVAL_REQUESTED) & {call.id for call in transcript.calls}
    return {id_ for id_ in asked if transcript.stimulus.approvals.get(id_) is answer}


def _owed_results(transcript: SoundTranscript) -> set[str]:
    """Return the ids of the approved calls that the source answers by itself."""
    return _answered_with(transcript, answer=True) & results_of_the_source(transcript).keys()


def _left(transcript: SoundTranscript) -> set[str]:
    """Return the ids of the approved calls that the consumer has to run: neither the stream nor the source has more."""
    left = _answered_with(transcript, answer=True) - calls_named_by(transcript, TOOL_RESULT)
    return left if transcript.stimulus.events is None else left - _owed_results(transcript)


def _content(record: Record) -> str:
    return shown(record.chunk["content"])
