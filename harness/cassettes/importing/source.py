"""A file that may be anything: its bytes, and what they are as text, as JSON and as YAML, each found out once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from harness.cassettes.loading import loaded
from harness.errors import InputError
from harness.protocol.json_text import NotJson, decoded

_BOM = b"\xef\xbb\xbf"
_HEAD = 64 * 1024  # characters in which a broken file is looked at for what it was to be


class Source:
    """The bytes of one file, which may be broken in any way."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def text(self) -> str:
        """The text of the file; ``""`` where it is none."""
        try:
            return self.data.removeprefix(_BOM).decode()
        except UnicodeDecodeError:
            return ""

    @property
    def head(self) -> str:
        """The beginning of the text."""
        return self.text[:_HEAD]

    @cached_property
    def json(self) -> Any:
        """The value of the file as one JSON text, or None where it is none."""
        try:
            return self.whole_json()
        except InputError:
            return None

    def whole_json(self) -> Any:
        """Return the same; raises :class:`InputError` that says where it is no JSON."""
        if not self.text:
            raise InputError("is not UTF-8 text")
        try:
            value, _ = decoded(self.text.strip())
        except NotJson as error:
            raise InputError(f"is {'cut' if error.at_end else 'damaged'}: {error}") from None
        return value

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines that are not blank, without white space around them."""
        return tuple(line for line in map(str.strip, self.text.split("\n")) if line)

    @cached_property
    def first_object(self) -> dict[str, Any]:
        """The first JSON object of a file of JSON, of JSON lines or of server-sent events; ``{}`` where none is."""
        if self.json is not None:
            first = self.json[0] if isinstance(self.json, list) and self.json else self.json
            return first if isinstance(first, dict) else {}
        for line in self.head.split("\n"):
            try:
                value, _ = decoded(line.strip().removeprefix("data:").strip())
            except NotJson:
                continue
            if isinstance(value, dict):
                return value
        return {}

    def plain(self) -> Any:
        """Return the file's content as YAML, or as JSON; raises :class:`InputError`."""
        return self._plain

    @cached_property
    def _plain(self) -> Any:
        return loaded(self.data.removeprefix(_BOM))
