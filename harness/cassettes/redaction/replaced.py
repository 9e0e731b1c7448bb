"""What stands in a redacted request in place of its secrets: the only texts of it that may be others when asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial

from harness.cassettes.redaction import names
from harness.cassettes.redaction.search import Found, Search
from harness.cassettes.redaction.windows import Windows

_WINDOWED = 8 * 1024 * 1024  # bytes; a longer body is redacted window by window


def replaced_in(uri: str, body: bytes, search: Search) -> tuple[str, ...]:
    """Return what a search puts in place of the secrets of a request, each text once and as it stands there.

    One that is split over messages, or that has no characters in UTF-8, is not among them.
    """
    texts = list(_texts(*search.of(uri.encode("utf-8", "surrogatepass"), partial(names.of_query, uri))))
    for data, start, stop in _blocks(body):
        said, found = search.of(data)
        texts += _texts(said, (one for one in found if start <= one.start < stop))
    return tuple(dict.fromkeys(texts))


def _blocks(body: bytes) -> Iterator[tuple[bytes, int, int]]:
    if len(body) <= _WINDOWED:
        yield body, 0, len(body)
        return
    windows = Windows()
    for window in (*windows.feed(body), *windows.close()):
        yield window.data, window.start, window.stop


def _texts(said: bytes, found: Iterable[Found]) -> Iterator[str]:
    for one in found:
        with suppress(UnicodeDecodeError):
            yield said[one.start : one.stop].decode()
