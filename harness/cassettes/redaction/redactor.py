"""What a recording must not say, taken out of it before it is kept: headers, URIs and bodies keep every length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

from harness.cassettes.redaction import names
from harness.cassettes.redaction.frames import Frames
from harness.cassettes.redaction.messages import first_message
from harness.cassettes.redaction.replaced import replaced_in
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
        frames = Frames()
        text = frames.text(data) + frames.text_rest()
        return frames.mended(without_any(text, self._search)[0]) + frames.rest()

    def stream(self) -> Stage[bytes, bytes]:
        """Return a stage that takes a body in pieces; what it gives does not depend on where it was cut.

        It holds back at most 320 KiB and gives, in all, exactly as many bytes as it took. What it cannot see is a
        secret of more than 64 KiB, and one that is split over messages of more than that: for these a body of at most
        :data:`WHOLE` bytes should be collected and given to :meth:`body`.
        """
        return _Redaction(self._search)

    def found(self, data: bytes) -> list[Found]:
        """Return what looks like a secret in a body of at most :data:`WHOLE` bytes, in order of its place."""
        frames = Frames()
        return _likely(without_any(frames.text(data) + frames.text_rest(), self._search)[1])

    def replaced_in(self, uri: str, body: bytes) -> tuple[str, ...]:
        """Return what :meth:`uri` and :meth:`body` put in place of the secrets of a request, each text once."""
        return replaced_in(uri, body, self._search)

    def finding(self) -> Stage[bytes, tuple[Found, int]]:
        """Return a stage that takes a body in pieces and gives what is found, in order, with the line of each.

        Places are those in the body. It sees what :meth:`stream` sees.
        """
        return _Finding(self._search)

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
        self._frames = Frames()

    def feed(self, item: bytes) -> list[bytes]:
        """Take some bytes; return what is decided of them and of those before."""
        return self._said(self._windows.feed(self._frames.text(item)))

    def close(self) -> list[bytes]:
        """Return the rest."""
        rest = self._said([*self._windows.feed(self._frames.text_rest()), *self._windows.close()])
        return [*rest, held] if (held := self._frames.rest()) else rest

    def _said(self, windows: list[Window]) -> list[bytes]:
        blocks = (_searched(window, self._search)[0][window.start : window.stop] for window in windows)
        return [said for block in blocks if (said := self._frames.mended(block))]


class _Finding:
    """A body that is searched while it comes."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._windows = Windows()
        self._frames = Frames()
        self._line = 1

    def feed(self, item: bytes) -> list[tuple[Found, int]]:
        """Take some bytes; return what begins in the blocks that are decided."""
        return self._found(self._windows.feed(self._frames.text(item)))

    def close(self) -> list[tuple[Found, int]]:
        """Return what begins in the rest."""
        return self._found([*self._windows.feed(self._frames.text_rest()), *self._windows.close()])

    def _found(self, windows: list[Window]) -> list[tuple[Found, int]]:
        found = []
        for window in windows:
            for one in _likely(_searched(window, self._search)[1]):
                if window.start <= one.start < window.stop:
                    placed = replace(one, start=one.start + window.offset, stop=one.stop + window.offset)
                    found.append((placed, self._line + window.data.count(b"\n", window.start, one.start)))
            self._line += window.data.count(b"\n", window.start, window.stop)
        return found


def _searched(window: Window, search: Search) -> tuple[bytes, list[Found]]:
    return without_any(window.data, search, first_message(window.data) if window.offset else 0)


def _likely(found: Iterable[Found]) -> list[Found]:
    return [one for one in found if one.likely]
