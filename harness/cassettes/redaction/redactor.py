"""What a recording must not say, taken out of it before it is kept: headers, URIs and bodies keep every length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

from harness.cassettes.redaction import names
from harness.cassettes.redaction.checksums import Checksums
from harness.cassettes.redaction.search import Also, Found, Search
from harness.cassettes.redaction.split import without_any
from harness.cassettes.redaction.windows import Window, Windows
from harness.stage import Stage, drained

WHOLE = 8 * 1024 * 1024
"""A body of at most so many bytes is searched as a whole; a longer one as a stream is."""


class Redactor:
    """Replaces secrets by placeholders; what it returns has as many bytes as it was given, and no secret that it knows.

    ``secrets`` are known exactly, such as the user's own key; it never shows them. All else is known by its look, by
    the name beside it, or by its place. Give it what is not compressed.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._search = Search(secrets)

    def headers(self, headers: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """Return headers with the same names in the same order."""
        return {name: tuple(self._header(name, value)[0] for value in values) for name, values in headers.items()}

    def uri(self, uri: str) -> str:
        """Return a URI, or a path and query."""
        return self._text(uri, partial(names.of_query, uri))[0]

    def body(self, data: bytes) -> bytes:
        """Return a body of a request or of an answer; checksums of an AWS event stream are right if they were."""
        if len(data) > WHOLE:
            said: list[bytes] = drained(self.stream(), data)
            return b"".join(said)
        checksums = Checksums()
        checksums.note(data)
        return checksums.mended(without_any(data, self._search)[0]) + checksums.rest()

    def stream(self) -> Stage[bytes, bytes]:
        """Return a stage that takes a body in pieces; what it gives does not depend on where it was cut.

        It holds back at most 144 KiB and gives, in all, exactly as many bytes as it took. What it cannot see is a
        secret of more than 16 KiB, and one that is split over messages: for these a body of at most :data:`WHOLE` bytes
        should be collected and given to :meth:`body`.
        """
        return _Redaction(self._search)

    def found(self, data: bytes) -> list[Found]:
        """Return what looks like a secret in a body of at most :data:`WHOLE` bytes, in order of its place."""
        return _likely(without_any(data, self._search)[1])

    def found_in(self, window: Window) -> list[Found]:
        """Return what begins in a block of a longer body; places are those in the body."""
        return _likely(
            replace(one, start=one.start + window.offset, stop=one.stop + window.offset)
            for one in self._search.of(window.data)[1]
            if window.start <= one.start < window.stop
        )

    def found_in_header(self, name: str, value: str) -> list[Found]:
        """Return what looks like a secret in a header; places are those of bytes in the value."""
        return _likely(self._header(name, value)[1])

    def found_in_uri(self, uri: str) -> list[Found]:
        """Return what looks like a secret in a URI."""
        return _likely(self._text(uri, partial(names.of_query, uri))[1])

    def _header(self, name: str, value: str) -> tuple[str, list[Found]]:
        return self._text(value, partial(names.of_header, name))

    def _text(self, text: str, also: Also) -> tuple[str, list[Found]]:
        said, found = self._search.of(text.encode("utf-8", "surrogatepass"), also)
        return said.decode("utf-8", "surrogatepass"), found


class _Redaction:
    """A body that is redacted while it comes."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._windows = Windows()
        self._checksums = Checksums()

    def feed(self, item: bytes) -> list[bytes]:
        """Take some bytes; return what is decided of them and of those before."""
        self._checksums.note(item)
        return self._said(self._windows.feed(item))

    def close(self) -> list[bytes]:
        """Return the rest."""
        rest = self._said(self._windows.close())
        return [*rest, held] if (held := self._checksums.rest()) else rest

    def _said(self, windows: list[Window]) -> list[bytes]:
        blocks = (self._search.of(window.data)[0][window.start : window.stop] for window in windows)
        return [said for block in blocks if (said := self._checksums.mended(block))]


def _likely(found: Iterable[Found]) -> list[Found]:
    return [one for one in found if one.likely]
