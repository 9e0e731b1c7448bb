"""What of a request is compared with recorded ones: its method, path, query and body, each by what it means.

A path is compared part by part, percent-decoded, and a recorded path may stand behind any prefix. A query is compared
parameter by parameter in any order, without those whose names say that they hold a key. A body that is a JSON object or
array is compared by value with exact numbers (:mod:`harness.protocol.exact_json`), and any other byte for byte; both
are freed of their ``content-encoding`` before.

What redaction put in place of a secret agrees with any text of its length. Only that does: a recording says which texts
redaction left in it (``redacted:``), and a number of nothing but zeros is that number in any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Literal, TypeAlias, get_args
from urllib.parse import parse_qsl, unquote

from harness.cassettes.interaction import Request
from harness.protocol.exact_json import parsed
from harness.protocol.masking import is_secret_name
from harness.replay.forms import Form, Mask, folded, folded_text, form_of_json, form_of_texts, hidden, joined, mask_of
from harness.wire.compression import BrokenCompression, Compression, UnknownCompression

Criterion = Literal["method", "path", "query", "body"]
CRITERIA: tuple[Criterion, ...] = get_args(Criterion)
"""Everything that may be compared, by vcrpy's names."""

MOST_DECODED = 64 * 1024 * 1024
"""The longest request body in bytes that is decompressed; a longer one is compared as it was sent."""

Pairs: TypeAlias = tuple[tuple[str, str], ...]

_AUTHORITY = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


@dataclass(frozen=True, slots=True)
class Asked:
    """What of one request is compared.

    ``path`` are its decoded parts, ``sent`` the same as they were sent, ``query`` its parameters, sorted by name.
    ``body`` is JSON where ``is_json`` says so, with ``Decimal`` for its numbers, else text of which each character is a
    byte; ``key`` is its form. ``redacted`` are the texts in it that stand for any of their length.
    """

    method: str
    path: tuple[str, ...]
    sent: tuple[str, ...]
    query: Pairs
    is_json: bool
    body: Any = field(repr=False)
    key: Form = field(repr=False)
    redacted: tuple[str, ...] = ()


def asked(
    method: str, uri: str, headers: Iterable[tuple[str, str]], body: bytes, redacted: tuple[str, ...] = ()
) -> Asked:
    """Return what is compared of a request; ``uri`` may be a whole one, or path and query."""
    path, _, query = _AUTHORITY.sub("", uri).partition("#")[0].partition("?")
    sent = tuple(path.removeprefix("/").split("/"))
    pairs = parse_qsl(query, keep_blank_values=True, encoding="utf-8", errors="surrogateescape")
    plain = _plain(body, ",".join(value for name, value in headers if name.lower() == "content-encoding"))
    value, key = _json(plain)
    text = plain.decode("latin-1")
    return Asked(
        method=method.upper(),
        path=tuple(unquote(part, errors="surrogateescape") for part in sent),
        sent=sent,
        query=tuple(sorted((pair for pair in pairs if not is_secret_name(pair[0])), key=itemgetter(0))),
        is_json=key is not None,
        body=text if key is None else value,
        key=form_of_texts((), (text,)) if key is None else key,
        redacted=redacted,
    )


def asked_of(request: Request) -> Asked:
    """Return what is compared of a recorded request."""
    headers = [(name, value) for name, values in request.headers.items() for value in values]
    return asked(request.method, request.uri, headers, request.body, request.redacted)


def form_of(asked: Asked, criteria: Iterable[Criterion], path: tuple[str, ...] | None = None) -> Form:
    """Return what the criteria compare; ``path`` is an end of the request's own that counts instead of it."""
    return joined(_FORMS[criterion](asked, asked.path if path is None else path) for criterion in criteria)


def agree(one: Asked, other: Asked, criteria: Iterable[Criterion]) -> bool:
    """Tell whether one request could be meant by the other, prefixes of paths apart; both may have placeholders."""
    criteria = tuple(criteria)
    (skeleton, mine), (other_skeleton, its) = form_of(one, criteria), form_of(other, criteria)
    if skeleton != other_skeleton:
        return False
    masks = mask_of(mine, one.redacted), mask_of(its, other.redacted)
    return all_folded(mine, masks) == all_folded(its, masks)


def all_folded(texts: tuple[str, ...], masks: Iterable[Mask]) -> tuple[str, ...]:
    """Return texts folded by each of several masks."""
    for mask in masks:
        texts = folded(texts, mask)
    return texts


def same_text(recorded: str, asked: str, redacted: tuple[str, ...]) -> bool:
    """Tell whether a text is a recorded one but for what redaction left in that."""
    if recorded == asked:
        return True
    if len(recorded) != len(asked) or not (spans := hidden(recorded, redacted)):
        return False
    return folded_text(recorded, spans) == folded_text(asked, spans)


def same_texts(recorded: Sequence[str], asked: Sequence[str], redacted: tuple[str, ...]) -> bool:
    """Tell the same of several texts, such as the parts of two paths."""
    return len(recorded) == len(asked) and all(
        same_text(mine, its, redacted) for mine, its in zip(recorded, asked, strict=True)
    )


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


def _json(body: bytes) -> tuple[Any, Form | None]:
    """Return a JSON object or array and its form, or no form where the body is neither."""
    if not body.lstrip().startswith((b"{", b"[")):
        return None, None
    try:
        value = parsed(body.decode())
        return value, form_of_json(value)
    except (ValueError, RecursionError):
        return None, None


_FORMS: Mapping[Criterion, Callable[[Asked, tuple[str, ...]], Form]] = {
    "method": lambda asked, _: Form(asked.method, ()),
    "path": lambda _, path: form_of_texts((), path),
    "query": lambda asked, _: form_of_texts(*_columns(asked.query)),
    "body": lambda asked, _: asked.key,
}


def _columns(pairs: Pairs) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(name for name, _ in pairs), tuple(value for _, value in pairs)
