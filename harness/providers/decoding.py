"""Messages → events of one answer: the wire's decoder, until something ends the stream."""

from __future__ import annotations

from collections.abc import Iterable

from harness.protocol.events import Event
from harness.providers.failures import error_event, failure_in
from harness.providers.framing import Framing, cuts_of
from harness.providers.message import Decoder, Message
from harness.wire.located import Located, located


class Answer:
    """A decoder, and what is the same for every wire; never raises.

    An ``error`` event and a ``finish`` end the stream: whatever follows is not read (R17, R21). Errors that come in
    a form common to all wires, and messages that are not JSON, become that event here; the rest is the decoder's.
    """

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._ended = False

    def feed(self, message: Message, /) -> list[Event]:
        """Take one message, return its events."""
        if self._ended:
            return []
        failure = failure_in(message.name, message.data)
        return self._until_the_end(self._decoder.feed(message) if failure is None else [error_event(failure)])

    def close(self) -> list[Event]:
        """Return what the decoder held back."""
        return [] if self._ended else self._until_the_end(self._decoder.close())

    def _until_the_end(self, step: Iterable[Event]) -> list[Event]:
        events: list[Event] = []
        for event in step:
            events.append(event)
            if event["type"] in {"error", "finish"}:
                self._ended = True
                break
        return events


def located_events(decoder: Decoder, body: bytes) -> list[Located[Event]]:
    """Return the events of a whole body, each with the bytes of the message that gave it.

    Events that only the end gave, such as Gemini's ``finish``, belong to the last message.
    """
    answer = Answer(decoder)
    found: list[Located[Event]] = []
    start = end = 0
    for start, end, message in located(Framing(), body, cuts_of(body)):
        found += [Located(start, end, event) for event in answer.feed(message)]
    return found + [Located(start, end, event) for event in answer.close()]
