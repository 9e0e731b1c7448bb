"""Approvals: which calls a person must allow, what was asked, and what waits for the answer (§6.4, R27).

§6.4 pauses "execution" until the answer is there. We read it as: whatever depends on the answer is held, which is the
call's result, the next question, and the terminal chunk, whose finish reason tells whether a call is left to run. Text
and calls flow on, since a person may think for minutes, and a provider cuts a connection that nobody reads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from harness.protocol.exact_json import plain
from harness.protocol.streamchunk import APPROVAL_REQUESTED, Chunk
from harness.reference.chunks import Identity, to_approval_requested_chunk
from harness.reference.stringified import stringified

DECLINED = stringified({"error": "User declined tool execution"})
"""The content of a denied call's ``tool_result``, in the words of TanStack's engine."""

_Event = Mapping[str, Any]


class Approvals:
    """The questions of one response, one open at a time; ``tools`` are the names of those that need approval."""

    def __init__(self, tools: Collection[str], identity: Callable[[], Identity]) -> None:
        self._tools = frozenset(tools)
        self._identity = identity
        self._asked: dict[str, tuple[str, str]] = {}
        self._open: str | None = None
        self._next: list[Chunk] = []
        self._undecided: set[str] = set()
        self._held: dict[str, _Event] = {}

    @property
    def open(self) -> str | None:
        """The id of the call whose question has left and waits for its answer."""
        return self._open

    @property
    def question(self) -> Chunk | None:
        """The ``approval-requested`` chunk about it, made anew: the one that has left is the consumer's to change."""
        return None if self._open is None else self._question(self._open)

    def needed_for(self, tool_name: str) -> bool:
        """Tell whether a tool may run only when a person allows it."""
        return tool_name in self._tools

    def question_about(self, call_id: str, tool_name: str, arguments: str) -> Chunk:
        """Make the question about a call; from now on its result is held."""
        self._undecided.add(call_id)
        self._asked[call_id] = tool_name, arguments
        return self._question(call_id)

    def hold(self, call_id: str, result: _Event) -> bool:
        """Keep a result until its call is decided, the first of several; tell whether that is to be waited for."""
        if call_id not in self._undecided:
            return False
        self._held.setdefault(call_id, result)
        return True

    def one_by_one(self, chunks: list[Chunk]) -> list[Chunk]:
        """Take chunks that leave now; return them without the questions that have to wait for another's answer."""
        leaving: list[Chunk] = []
        for chunk in chunks:
            if chunk["type"] != APPROVAL_REQUESTED:
                leaving.append(chunk)
            elif self._open is None:
                self._open = chunk["toolCallId"]
                leaving.append(chunk)
            else:
                self._next.append(chunk)
        return leaving

    def decide(self, call_id: str) -> _Event | None:
        """Take note that a call was allowed or denied: return the result that was held for it, and hold no further."""
        self._undecided.discard(call_id)
        return self._held.pop(call_id, None)

    def ask_on(self) -> list[Chunk]:
        """Close the open question; return the next one, if there is one."""
        self._open = None
        waiting, self._next = self._next, []
        return self.one_by_one(waiting)

    def _question(self, call_id: str) -> Chunk:
        tool_name, arguments = self._asked[call_id]
        return to_approval_requested_chunk(
            **self._identity(), tool_call_id=call_id, tool_name=tool_name, input=_shown_input(arguments)
        )


def needing_approval(tools: object) -> frozenset[str]:
    """Return the names of a request's tools whose ``needsApproval`` is true; never raises, whatever ``tools`` is.

    What else it may be, :func:`harness.reference.given_options.read_options` has refused.
    """
    return frozenset(
        name
        for tool in (tools if isinstance(tools, list | tuple) else ())
        if isinstance(tool, Mapping) and tool.get("needsApproval") is True and isinstance(name := tool.get("name"), str)
    )


def _shown_input(arguments: str) -> Any:
    """Return the arguments parsed; where a number is beyond Python's, their text: a person is shown no guess."""
    try:
        return plain(arguments)
    except ValueError:
        return arguments
