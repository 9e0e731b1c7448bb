"""The calls of a stream, from their events to their chunks (§13, R7–R15).

Only ``tool-call`` makes a chunk (§12.3). What the provider runs itself is not the client's (R14). A call is emitted
once, whole, and in the order in which the inputs started; its results come behind it. A call of a tool that needs
approval is followed by the question, and its result by the answer (§6.4, R27).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from harness.protocol.exact_json import same_text
from harness.protocol.streamchunk import Chunk
from harness.reference.approvals import DECLINED, Approvals
from harness.reference.arguments import MalformedArguments, ParsedArguments, choose_arguments
from harness.reference.chunks import Identity, to_tool_call_chunk, to_tool_result_chunk
from harness.reference.failures import Failure, without_secrets
from harness.reference.index_order import IndexOrder
from harness.reference.stringified import stringified, without_nan
from harness.reference.tool_calls import ToolCallAccumulator, ToolCallBuffer

TOOL_ARGS_PARSE_ERROR = "TOOL_ARGS_PARSE_ERROR"
TOOL_CALL_CONFLICT = "TOOL_CALL_CONFLICT"
TOOL_CALL_UNNAMED = "TOOL_CALL_UNNAMED"

_Event = Mapping[str, Any]


class ClientCalls:
    """All calls of one response.

    ``identity`` is asked when a chunk is made, ``note`` is told what is ignored, dropped or mended. ``needs_approval``
    are the names of the tools that a person must allow. A method that returns a :class:`Failure` says that the stream
    must end with it.
    """

    def __init__(
        self,
        identity: Callable[[], Identity],
        now: Callable[[], int],
        note: Callable[[str], None],
        needs_approval: Collection[str] = (),
    ) -> None:
        self.malformed: Failure | None = None
        self._identity = identity
        self._note = note
        self._calls = ToolCallAccumulator(now)
        self._order = IndexOrder()
        self._approvals = Approvals(needs_approval, identity)
        self._provider_executed: set[str] = set()
        self._unanswered: set[str] = set()
        self._early_results: dict[str, _Event] = {}

    @property
    def waiting(self) -> bool:
        """Whether a call was emitted that no result in the stream answered: its tool is the client's to run."""
        return bool(self._unanswered)

    @property
    def question(self) -> Chunk | None:
        """The ``approval-requested`` chunk that waits for its answer, made anew; the next one leaves behind that."""
        return self._approvals.question

    @property
    def asks(self) -> bool:
        """Whether a question waits for its answer."""
        return self._approvals.open is not None

    def start(self, event: _Event) -> None:
        """Take ``tool-input-start``."""
        id_, name = _word(event.get("id")), _word(event.get("toolName"))
        if not id_:
            self._note("a tool-input-start without an id was ignored (R23)")
        elif event.get("providerExecuted") is True:
            self._provider_executed.add(id_)
        elif id_ not in self._provider_executed:
            if self._calls.has(id_):
                self._note(f"the input of {id_} started again: it keeps its index and loses its deltas (§13.3)")
            self._calls.initialize(id_, name)

    def add(self, event: _Event) -> None:
        """Take ``tool-input-delta``."""
        id_, delta = _word(event.get("id")), event.get("delta")
        if id_ in self._provider_executed:
            return
        if not self._calls.accumulate(id_, delta):
            self._note(f"a delta of {id_ or 'a call without an id'}, which never started, was ignored (E17)")
        elif not isinstance(delta, str):
            self._note(f"a delta of {id_} is no text: an object was merged, another value made text (§13.6)")

    def end(self, event: _Event) -> None:
        """Take ``tool-input-end``, which emits nothing (R7)."""
        self._calls.mark_ready(_word(event.get("id")))

    def complete(self, event: _Event) -> list[Chunk] | Failure:
        """Take ``tool-call``; return the chunks that may leave now.

        Malformed arguments do not end the stream yet: they are kept in :attr:`malformed`, since the finish reason
        decides what becomes of the call (R9).
        """
        id_ = _word(event.get("toolCallId"))
        buffer = self._calls.get(id_)
        theirs = event.get("providerExecuted") is True or id_ in self._provider_executed
        if theirs and (buffer is None or buffer.completed is None):
            return self._left_to_provider(id_, buffer)
        name = _word(event.get("toolName")) or (buffer.tool_name if buffer else "")
        if not id_ or not name:
            # Nobody could run or answer it, and to pass over it would end as a success that lacks a call.
            return Failure("the provider called a tool without naming the tool or the call", TOOL_CALL_UNNAMED)
        buffer = buffer or self._calls.initialize(id_, name)
        arguments = choose_arguments(event.get("input"), buffer.args)
        if buffer.completed is not None:
            if buffer.tool_name != name or not same_text(buffer.completed.text, arguments.text):
                return Failure(f"the provider made two different calls under the id {id_}", TOOL_CALL_CONFLICT)
            self._note(f"a repeated tool-call of {id_} was not emitted again (R12)")
            return []
        self._calls.mark_emitted(id_, name, arguments)
        if isinstance(arguments, MalformedArguments):
            self.malformed = self.malformed or Failure(
                without_secrets(f"Failed to parse tool arguments for {name}: {arguments.error}"), TOOL_ARGS_PARSE_ERROR
            )
            self._note(f"the call {id_} is held back, since its arguments are malformed (R9)")
            return self._approvals.one_by_one(self._order.settle(buffer.index, []))
        return self._approvals.one_by_one(self._emitted(id_, buffer, arguments))

    def answer(self, event: _Event) -> list[Chunk]:
        """Take ``tool-result``: of a client call, once, not a preliminary one, and never before the call (R14, R15)."""
        id_ = _word(event.get("toolCallId"))
        if event.get("providerExecuted") is True or id_ in self._provider_executed:
            return []
        if event.get("preliminary") is True:
            self._note(f"a preliminary result of {id_} was not emitted (R15)")
            return []
        buffer = self._calls.get(id_)
        if buffer is None or buffer.completed is None:
            self._early_results.setdefault(id_, event)
            return []
        if self._approvals.hold(id_, event):
            return []
        if id_ not in self._unanswered:
            self._note(f"a result of {id_} was dropped: the call has one, or was not emitted (R14, R15)")
            return []
        return self._order.follow(buffer.index, self._result(id_, event))

    def decide(self, id_: str, approved: bool | None) -> list[Chunk]:  # noqa: FBT001 - the answer is the argument
        """Take the answer to the question about a call; None says that there is nobody to answer.

        Allowed: the result that the source has for it follows, or else the call is the client's to run. Denied, which
        is all that is not True: the result is that it was declined, whatever the source says. Nobody: the call is left
        to the client (R27).
        """
        if self._approvals.open != id_:
            self._note(f"an answer about {id_} was ignored: that is not the open question (R27)")
            return []
        return [*self._decided(id_, approved), *self._approvals.ask_on()]

    def _decided(self, id_: str, approved: bool | None) -> list[Chunk]:  # noqa: FBT001 - as above
        if approved is None:
            self._note(f"nobody answers for {id_}: the call is left to the client, and no result of it passes (R27)")
            return []
        held = self._approvals.decide(id_)
        if approved is True:
            return [] if held is None else [self._result(id_, held)]
        self._unanswered.remove(id_)
        return [to_tool_result_chunk(**self._identity(), tool_call_id=id_, content=DECLINED)]

    def rest(self) -> list[Chunk]:
        """Return the calls that are held, and note those that were started and never completed (R13)."""
        for id_, buffer in self._calls.get_all_pending().items():
            self._note(f"the call {id_} ({buffer.tool_name}) was dropped: it was started and never completed (R13)")
        for id_ in self._early_results:
            self._note(f"a result of {id_ or 'a call without an id'} was dropped: there was no such call (R14)")
        return self._approvals.one_by_one(self._order.flush())

    def _left_to_provider(self, id_: str, buffer: ToolCallBuffer | None) -> list[Chunk]:
        """Forget a call that is the provider's; where it took an index, a gap stays (R11)."""
        if id_:
            self._provider_executed.add(id_)
        if buffer is None:
            return []
        self._calls.remove(id_)
        return self._approvals.one_by_one(self._order.settle(buffer.index, []))

    def _emitted(self, id_: str, buffer: ToolCallBuffer, arguments: ParsedArguments) -> list[Chunk]:
        if arguments.from_deltas:
            self._note(f"the arguments of {id_} were taken from its deltas: its input does not hold them (R8)")
        self._unanswered.add(id_)
        call = to_tool_call_chunk(
            **self._identity(),
            tool_call_id=id_,
            name=buffer.tool_name,
            arguments=arguments.text,
            index=buffer.index,
        )
        early = self._early_results.pop(id_, None)
        if self._approvals.needed_for(buffer.tool_name):
            question = self._approvals.question_about(id_, buffer.tool_name, arguments.text)
            if early is not None:
                self._approvals.hold(id_, early)
            return self._order.settle(buffer.index, [call, question])
        return self._order.settle(buffer.index, [call] if early is None else [call, self._result(id_, early)])

    def _result(self, id_: str, event: _Event) -> Chunk:
        self._unanswered.remove(id_)
        return to_tool_result_chunk(**self._identity(), tool_call_id=id_, content=_result_text(event))


def _result_text(event: _Event) -> str:
    result = without_nan(event.get("result"))
    if event.get("isError") and not (isinstance(result, Mapping) and "error" in result):
        result = {"error": result}
    try:
        return stringified(result)
    except ValueError:
        return stringified({"error": "the tool's result cannot be written as JSON"})


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
