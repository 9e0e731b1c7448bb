"""What of a request is compared with recorded ones: its method, path, query and body, each by what it means.

A path is compared part by part, percent-decoded, and a recorded path may stand behind any prefix. A query is compared
parameter by parameter in any order, without those whose names say that they hold a key. A body that is a JSON object or
array is compared by value with exact numbers (:mod:`harness.protocol.exact_json`), and any other byte for byte; both
are freed of their ``content-encoding`` before.

What redaction put in place of a secret (:mod:`harness.cassettes.redaction.placeholders`) agrees with any text of its
length.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Literal, TypeAlias, get_args
from urllib.parse import parse_qsl, unquote

from harness.cassettes.interaction import Request
from harness.protocol.exact_json import parsed, same
from harness.protocol.masking import is_secret_name
from harness.wire.compression import BrokenCompression, Compression, UnknownCompression

Criterion = Literal["method", "path", "query", "body"]
CRITERIA: tuple[Criterion, ...] = get_args(Criterion)
"""Everything that may be compared, by vcrpy's names."""

MOST_DECODED = 64 * 1024 * 1024
"""The longest request body in bytes that is decompressed; a longer one is compared as it was sent."""

Pairs: TypeAlias = tuple[tuple[str, str], ...]

_PLACEHOLDER = re.compile(r"(?<![0-9xX])[xX0×✕𝕩](?:[^\sA-Za-z0-9\"×✕𝕩]{0,3}[xX0×✕𝕩])*={0,2}(?![A-Za-z0-9])")
"""Letters of placeholders, and what else is in a secret; the prefix of a key (``sk-``) stays before them."""
_LETTER = re.compile("[xX0×✕𝕩]")
_FEWEST = 8
"""So many letters are a placeholder; fewer are one where they are an address (``x@x.xx``), or else a word, a number."""
_AUTHORITY = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


@dataclass(frozen=True, slots=True)
class Asked:
    """What of one request is compared.

    ``path`` are its decoded parts, ``query`` its parameters, sorted by name. ``body`` is JSON where ``is_json`` says
    so, with ``Decimal`` for its numbers, else text of which each character is a byte. ``key`` is equal for bodies that
    mean the same.
    """

    method: str
    path: tuple[str, ...]
    query: Pairs
    is_json: bool
    body: Any = field(repr=False)
    key: Hashable = field(repr=False)

    @property
    def has_placeholders(self) -> bool:
        """Tell whether some of it stands for anything of its length."""
        return any(placeholders(text) for text in _texts((self.path, self.query, self.body)))


def asked(method: str, uri: str, headers: Iterable[tuple[str, str]], body: bytes) -> Asked:
    """Return what is compared of a request; ``uri`` may be a whole one, or path and query."""
    path, _, query = _AUTHORITY.sub("", uri).partition("#")[0].partition("?")
    pairs = parse_qsl(query, keep_blank_values=True, encoding="utf-8", errors="surrogateescape")
    plain = _plain(body, ",".join(value for name, value in headers if name.lower() == "content-encoding"))
    value, key = _json(plain)
    is_json = key is not None
    return Asked(
        method=method.upper(),
        path=tuple(unquote(part, errors="surrogateescape") for part in path.removeprefix("/").split("/")),
        query=tuple(sorted((pair for pair in pairs if not is_secret_name(pair[0])), key=itemgetter(0))),
        is_json=is_json,
        body=value if is_json else plain.decode("latin-1"),
        key=key if is_json else plain,
    )


def asked_of(request: Request) -> Asked:
    """Return what is compared of a recorded request."""
    headers = [(name, value) for name, values in request.headers.items() for value in values]
    return asked(request.method, request.uri, headers, request.body)


def agree(one: Asked, other: Asked, criteria: Iterable[Criterion]) -> bool:
    """Tell whether one request could be meant by the other, prefixes of paths apart; both may have placeholders."""
    return all(_AGREE[criterion](one, other) for criterion in criteria)


def placeholders(text: str) -> list[tuple[int, int]]:
    """Return where a text has placeholders, each from its first character to behind its last."""
    return [
        match.span()
        for match in _PLACEHOLDER.finditer(text)
        if "@" in match[0] or len(_LETTER.findall(match[0])) >= _FEWEST
    ]


def same_text(one: str, other: str) -> bool:
    """Tell whether two texts are the same where neither has a placeholder."""
    if one == other:
        return True
    if len(one) != len(other):
        return False
    hidden = [*placeholders(one), *placeholders(other)]
    return bool(hidden) and _without(one, hidden) == _without(other, hidden)


def _plain(body: bytes, encoding: str) -> bytes:
    """Return a body without its compression, or as it is where that cannot be undone."""
    if not encoding:
        return body
    found = bytearray()
    try:
        compression = Compression(encoding)
        for piece in compression.undone(body):
            found += piece
            if len(found) > MOST_DECODED:
                return body
    except (UnknownCompression, BrokenCompression):
        return body
    return body if compression.is_cut else bytes(found)


def _json(body: bytes) -> tuple[Any, Hashable | None]:
    """Return a JSON object or array and its key, or no key where the body is neither."""
    if not body.lstrip().startswith((b"{", b"[")):
        return None, None
    try:
        value = parsed(body.decode())
        return value, _frozen(value)
    except (ValueError, RecursionError):
        return None, None


def _frozen(value: Any) -> Hashable:
    """Return a hashable value that is equal for JSON of the same meaning; to Python alone ``True`` is ``1``."""
    if isinstance(value, dict):
        return frozenset((name, _frozen(inner)) for name, inner in value.items())
    if isinstance(value, list):
        return (list, *map(_frozen, value))
    return (type(value), value)


def _texts(value: Any) -> Iterable[str]:
    """Yield every text in a value, names of members too."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list | tuple):
            left += one


def _without(text: str, hidden: Iterable[tuple[int, int]]) -> str:
    for start, stop in hidden:
        text = f"{text[:start]}{'*' * (stop - start)}{text[stop:]}"
    return text


def _same_path(one: Asked, other: Asked) -> bool:
    return same_parts(one.path, other.path)


def same_parts(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether two paths, or ends of paths, are the same."""
    return len(one) == len(other) and all(map(same_text, one, other))


def _same_query(one: Asked, other: Asked) -> bool:
    return len(one.query) == len(other.query) and all(
        mine[0] == its[0] and same_text(mine[1], its[1]) for mine, its in zip(one.query, other.query, strict=True)
    )


def _same_body(one: Asked, other: Asked) -> bool:
    return one.is_json == other.is_json and (one.key == other.key or same(one.body, other.body, same_text))


_AGREE = {
    "method": lambda one, other: one.method == other.method,
    "path": _same_path,
    "query": _same_query,
    "body": _same_body,
}
