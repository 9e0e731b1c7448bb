"""What is an answer of a model, and what a body says that is none: told by its type, its first bytes, its error."""

from __future__ import annotations

import secrets

from harness import providers
from harness.protocol.source_values import UNNAMED, failure_of
from harness.providers.framing import unreadable
from harness.wire.aws_event_stream import begins_event_stream

_STREAM = "text/event-stream"
_BINARY_STREAM = "application/vnd.amazon.eventstream"
_UNSAID = frozenset({"", "text/plain", "application/octet-stream", "binary/octet-stream"})
_BEGINNINGS = (b"{", b"[", b"data:", b"event:", b"id:", b"retry:", b":")
_IGNORED = b"\xef\xbb\xbf \t\r\n"
_ENOUGH = 16
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def new_id() -> str:
    """Make an id for a call that the provider gave none (R38)."""
    return f"call_{secrets.token_hex(12)}"


def is_answer(media_type: str) -> bool:
    """Tell whether a body of this type may be an answer: an event stream, some JSON, or a type that says nothing."""
    return media_type in {_STREAM, _BINARY_STREAM} or "json" in media_type or media_type in _UNSAID


class Opening:
    """The first bytes of a body, which must be those of an answer: servers are known to send web pages as anything."""

    def __init__(self, media_type: str) -> None:
        self._media_type = media_type
        self._begin = b""

    @property
    def is_blank(self) -> bool:
        """Whether nothing but white space came."""
        return not self._begin

    def fault(self, piece: bytes) -> str | None:
        """Take note of a piece; return what the body is where it is no answer, else None."""
        if len(self._begin) >= _ENOUGH:
            return None
        self._begin = (self._begin + piece).lstrip(_IGNORED)[:_ENOUGH]
        if self._begin.startswith(b"<"):
            return "a web page"
        # An event stream may begin with a field that nobody knows, and AWS's with no letter at all.
        if self._media_type == _STREAM or begins_event_stream(self._begin) is not False:
            return None
        if any(self._begin.startswith(one) or one.startswith(self._begin) for one in _BEGINNINGS):
            return None
        return f"{self._media_type or 'a body without a type'} that is neither JSON nor an event stream"


def message_of(wire: str, body: bytes, status: int, kind: str = "") -> str:
    """Return what a provider says with a status that is no success: the message of its error, else the status.

    ``kind`` is what a header calls the error (AWS's ``x-amzn-errortype``), told where the body tells nothing.
    """
    if status in _REDIRECTS:
        return f"the provider redirects to another address (status {status}), and a key must not follow"
    broken = unreadable(body)  # what our decoder says of it is no word of the provider's
    for event in providers.decoded(wire, body, new_id):
        if event["type"] != "error" or (broken is not None and event["error"] == broken._asdict()):
            continue
        if (message := failure_of(event["error"]).message) != UNNAMED:
            return message
    named = f" ({kind.partition(':')[0]})" if kind else ""
    return f"the provider answered with the status {status}{named}"
