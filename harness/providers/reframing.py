"""Messages whose frame was lost → the body that they were: each in the frame of its wire, made again.

Recorders that keep what a client library had parsed keep the JSON of each message and nothing around it. What stood
around it is the wire's habit: server-sent events with or without names, what comes behind the last of them, JSON lines,
or the headers and checksums of an AWS event stream.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.errors import InputError, WireError
from harness.protocol.events import Event
from harness.providers import counted_ids, decoded
from harness.providers.encoding.framed import json_bytes, sse_message
from harness.providers.exact_text import parsed_json
from harness.providers.fields import text_in
from harness.providers.message import Mark
from harness.providers.wires import wire_named
from harness.wire.aws_event_stream import EventStreamMessage, event_stream_bytes, text_header

_NAMES: Mapping[str, str] = {
    "openai-responses": "type",
    "anthropic-messages": "type",
    "cohere-v2": "type",
    "google-interactions": "event_type",
}
"""The member that gives a server-sent event its name, on the wires that name them."""

_DONE = Mark.DONE.value
_ENDS: Mapping[str, bytes] = {
    "openai-chat": sse_message(_DONE.encode()),
    "openai-completions": sse_message(_DONE.encode()),
    "cohere-v2": sse_message(_DONE.encode()),
    "cloudflare-run": sse_message(_DONE.encode()),
    "google-interactions": sse_message(_DONE.encode(), "done"),
}
"""What stands behind the last message of an answer that is whole."""

_WITH_CRLF = "google-generatecontent"
_EXCEPTION = "Exception"


def reframed(wire: str, texts: Sequence[str]) -> bytes:
    """Return the body of a stream from the JSON texts of its messages; what marks its end comes with a ``finish``.

    A text that is no JSON is framed as it is, where the frame has room for it, so that a broken message stays one.
    Raises :class:`InputError` for a wire that is not known, and for messages that its frame cannot carry.
    """
    frame = _frame_of(wire)
    body = b"".join(frame(text) for text in texts if text != _DONE)
    end = _ENDS.get(wire, b"")
    return body + end if end and (_DONE in texts or _is_whole(decoded(wire, body, counted_ids("call")))) else body


def has_lines(wire: str) -> bool:
    """Tell whether a wire's frame are lines of JSON: then a file of such lines has lost nothing."""
    return "json" in wire_named(wire).media_type


def _frame_of(wire: str) -> Callable[[str], bytes]:
    media_type = wire_named(wire).media_type
    if has_lines(wire):
        return lambda text: _utf8(text) + b"\n"
    if "eventstream" in media_type:
        return _aws_message
    if wire == _WITH_CRLF:
        return lambda text: b"data: " + _utf8(text) + b"\r\n\r\n"
    return lambda text: sse_message(_utf8(text), _name(text, _NAMES.get(wire, "")))


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _name(text: str, member: str) -> str:
    try:
        return "".join(text_in(parsed_json(text), member).splitlines())
    except ValueError:
        return ""


def _aws_message(text: str) -> bytes:
    """Return one message of Bedrock's, whose name was the only member of what was kept."""
    try:
        name, said = _only_member(parsed_json(text))
        kind = "exception" if name.endswith(_EXCEPTION) else "event"
        head = {f":{kind}-type": name, ":content-type": "application/json", ":message-type": kind}
        message = EventStreamMessage({key: text_header(value) for key, value in head.items()}, json_bytes(said))
        return event_stream_bytes(message)
    except (ValueError, WireError) as error:
        raise InputError(f"a message has no place in an AWS event stream: {error}") from None


def _only_member(value: Any) -> tuple[str, Any]:
    if not (isinstance(value, dict) and len(value) == 1):
        raise ValueError("it is no object whose only member is called as the event is")
    return next(iter(value.items()))


def _is_whole(events: list[Event]) -> bool:
    return any(event["type"] == "finish" for event in events)
