"""What belongs to one connection stays on it: which headers a proxy passes on, and a player sends (RFC 9110 7.6.1).

Left out are those that ``Connection`` names, the relatives of it that the RFC lists, and ``Expect``, since it is we who
tell a waiting client to go on. No ``Via`` is added: what is sent and recorded is to be what the application itself
would send. Two headers are the proxy's own all the same, ``Host`` and ``Accept-Encoding``
(:mod:`harness.replay.proxy`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

Headers = Mapping[str, tuple[str, ...]]
"""Names in their sender's spelling, each with its values in order."""

_OF_ONE_HOP = frozenset(
    {
        "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
        "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip


def headers_of(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, tuple[str, ...]]:
    """Return headers as they came; one that came in two spellings stands under its first."""
    found: dict[str, tuple[str, ...]] = {}
    spelled: dict[str, str] = {}
    for name, value in pairs:
        text = name.decode("latin-1")
        key = spelled.setdefault(text.lower(), text)
        found[key] = (*found.get(key, ()), value.decode("latin-1"))
    return found


def end_to_end(headers: Headers, *others: str) -> dict[str, tuple[str, ...]]:
    """Return what is passed on; ``others`` are further headers, in lower case, that are not."""
    named = (values for name, values in headers.items() if name.lower() == "connection")
    left_out = {word.strip().lower() for values in named for value in values for word in value.split(",")}
    left_out |= _OF_ONE_HOP | set(others)
    return {name: values for name, values in headers.items() if name.lower() not in left_out}


def played(headers: Headers, length: int, *, is_whole: bool) -> Iterator[tuple[str, str]]:
    """Yield the headers of a recorded answer that are sent with a body of ``length`` bytes, name by name.

    Those are all but the ones of a connection, and ``Content-Length`` where it does not say how long the body is or,
    where that is not to be whole, was to be: a cassette may hold a body whose compression somebody undid.
    """
    for name, values in end_to_end(headers).items():
        for value in values:
            is_length = name.lower() == "content-length"
            is_of_http2 = name.startswith(":")  # such as ":status"
            if not is_of_http2 and (not is_length or _fits(value, length, is_whole=is_whole)):
                yield name, value


def _fits(given: str, length: int, *, is_whole: bool) -> bool:
    if not (given.isascii() and given.isdigit()):
        return False
    missing = int(given) - length
    return missing == 0 if is_whole else missing > 0
