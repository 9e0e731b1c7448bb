"""Text and reasoning as blocks: opened by their first words, one open at a time.

For wires that send bare pieces of text and never say where a block starts or ends.
"""

from __future__ import annotations

from typing import Literal

from harness.protocol.events import Event

Kind = Literal["text", "reasoning"]


class Blocks:
    """Pieces in; starts, deltas and ends out. The ids are ``text-0``, ``reasoning-0``, ``text-1`` …"""

    def __init__(self) -> None:
        self._open: Kind | None = None
        self._id = ""
        self._counts: dict[Kind, int] = {"text": 0, "reasoning": 0}

    def say(self, kind: Kind, words: str) -> list[Event]:
        """Return one delta, with the end of a block of the other kind and the start of its own where needed."""
        if kind == self._open:
            return [{"type": f"{kind}-delta", "id": self._id, "delta": words}]
        events = self.end()
        self._open = kind
        self._id = f"{kind}-{self._counts[kind]}"
        self._counts[kind] += 1
        events.append({"type": f"{kind}-start", "id": self._id})
        events.append({"type": f"{kind}-delta", "id": self._id, "delta": words})
        return events

    def end(self) -> list[Event]:
        """Return the end of the open block, if there is one."""
        if self._open is None:
            return []
        kind, self._open = self._open, None
        return [{"type": f"{kind}-end", "id": self._id}]
