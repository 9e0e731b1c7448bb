"""The specification's chunks (§3, §5) and their legal order, as a table.

A chunk is JSON (``dict``), never a class. Their shapes are ``schemas/stream-chunk/*.json``; the source is TanStack AI
0.0.2 – 0.2.2 (``src/types.ts``), which the specification builds on.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeAlias

Chunk: TypeAlias = dict[str, Any]

CONTENT = "content"
THINKING = "thinking"
TOOL_CALL = "tool_call"
TOOL_RESULT = "tool_result"
DONE = "done"
ERROR = "error"
APPROVAL_REQUESTED = "approval-requested"
TOOL_INPUT_AVAILABLE = "tool-input-available"

TYPES = (CONTENT, THINKING, TOOL_CALL, TOOL_RESULT, DONE, ERROR, APPROVAL_REQUESTED, TOOL_INPUT_AVAILABLE)
TERMINAL = frozenset({DONE, ERROR})
ENGINE = frozenset({TOOL_RESULT, APPROVAL_REQUESTED, TOOL_INPUT_AVAILABLE})
"""What TanStack's ``chat()`` engine adds between ``done(tool_calls)`` and the next turn (R39)."""

FINISH_REASONS = ("stop", "length", "content_filter", "tool_calls")


class Phase(Enum):
    """Where a stream is: in a response, right behind its ``done``, among the engine's own chunks, or at its end."""

    OPEN = "open"
    DONE = "done"
    BETWEEN = "between turns"
    ENDED = "ended"


def _table() -> dict[str, dict[tuple[Phase, str], Phase]]:
    streaming = [kind for kind in TYPES if kind not in TERMINAL]
    response = {(Phase.OPEN, kind): Phase.OPEN for kind in streaming}
    response |= {(Phase.OPEN, kind): Phase.ENDED for kind in TERMINAL}
    conversation = response | {(Phase.OPEN, DONE): Phase.DONE, (Phase.BETWEEN, DONE): Phase.DONE}
    for behind in (Phase.DONE, Phase.BETWEEN):
        conversation |= {(behind, kind): Phase.BETWEEN if kind in ENGINE else Phase.OPEN for kind in streaming}
        conversation[behind, ERROR] = Phase.ENDED
    return {"adapter": response, "wire": conversation, "chat": conversation}


TRANSITIONS = _table()
"""By scope (R39): (phase, chunk type) → next phase; a pair that is missing is illegal (R17).

A server writes what ``chat()`` gives it, so the wire has the order of a conversation. An ``error`` right behind a
``done`` is the engine's own only where that was ``done(tool_calls)``, which a table of types cannot say.
"""
