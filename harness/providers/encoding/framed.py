"""A message of a wire as bytes: JSON as providers write it, and the frame of a server-sent event around it."""

from __future__ import annotations

from typing import Any

from harness.providers.exact_text import json_text


def json_bytes(value: Any, *, comma: str = ",", colon: str = ":") -> bytes:
    """Return a value's JSON in UTF-8; half a surrogate pair, which UTF-8 cannot hold, is written as an escape."""
    return json_text(value, comma=comma, colon=colon).encode("utf-8", "backslashreplace")


def sse_message(data: bytes, name: str = "") -> bytes:
    """Return a server-sent event with one line of data and, where it is not ``""``, a name."""
    head = f"event: {name}\n" if name else ""
    return b"".join((head.encode(), b"data: ", data, b"\n\n"))
