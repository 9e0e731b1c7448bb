"""A message of a wire as bytes: JSON as providers write it, and the frame of a server-sent event around it."""

from __future__ import annotations

import re
from typing import Any

from harness.providers.exact_text import json_text

_ESCAPED_BY_GO = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def json_bytes(value: Any, *, comma: str = ",", colon: str = ":") -> bytes:
    """Return a value's JSON in UTF-8; half a surrogate pair, which UTF-8 cannot hold, is written as an escape."""
    return json_text(value, comma=comma, colon=colon).encode("utf-8", "backslashreplace")


def go_json(value: Any) -> bytes:
    """Return compact JSON as Go's encoder writes it: it escapes what could end a script; lone surrogates too."""
    return _ESCAPED_BY_GO.sub(lambda found: f"\\u{ord(found[0]):04x}", json_text(value)).encode()


def sse_message(data: bytes, name: str = "") -> bytes:
    """Return a server-sent event with one line of data and, where it is not ``""``, a name."""
    head = f"event: {name}\n" if name else ""
    return b"".join((head.encode(), b"data: ", data, b"\n\n"))
