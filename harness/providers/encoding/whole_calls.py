"""Tool calls for wires that say each in one piece: their pieces are joined, and told in the order of their starts."""

from __future__ import annotations

from harness.protocol.events import Event


class WholeCalls:
    """The events of the client's calls in, each call out once it and all that started before it are complete.

    A reader counts the calls in the order in which it gets them (R11), so one that is complete waits for those that
    began before it. Where the answer is cut it is then not told, as from a provider that was still at the first.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, Event | None] = {}  # by id, in the order of their starts; None is not complete yet

    @property
    def unfinished(self) -> str | None:
        """The id of the first call that was started and is not complete."""
        return next((id_ for id_, call in self._waiting.items() if call is None), None)

    def feed(self, event: Event) -> list[Event]:
        """Take ``tool-input-start`` or ``tool-call``, return the ``tool-call`` events that can be told now."""
        if event["type"] == "tool-input-start":
            self._waiting[event["id"]] = None
            return []
        self._waiting[event["toolCallId"]] = event
        told: list[Event] = []
        for id_, call in list(self._waiting.items()):
            if call is None:
                break
            told.append(call)
            del self._waiting[id_]
        return told

    def rest(self) -> list[Event]:
        """Return the calls that are complete and waited in vain, for an answer that ends in an error."""
        told = [call for call in self._waiting.values() if call is not None]
        self._waiting.clear()
        return told
