"""Keys that a transcript must not take along when it leaves the machine, and what is written in their place.

A key is replaced wherever it stands (request, headers, body, chunks, what was raised) by a mark of the same length
that is the same everywhere: ``key-1****``. So whoever reads the file learns no letter of it, lengths and places stay
true, and the rules that know the key still judge it: it arrived where its mark stands, and leaked where its mark stands
too. Only a rule that knows keys by their look sees none any more. A digest would say no more than a mark, and a short
key could be guessed from it. A key that was cut over two chunks is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from harness.protocol.text import units

SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "set-cookie"}
)
"""Headers, in lower case, whose values are nobody else's business."""

SHORTEST = 8
"""A key has at least so many characters; what is shorter may be any word, and is left as it is."""

_SECRET_PARAMETERS = frozenset({"key", "api_key", "api-key", "apikey", "access_token"})
_SCHEMES = frozenset({"bearer", "basic", "token"})


def secrets_of_request(request: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys of a TanStack request: its ``apiKey``, and those in its ``headers`` (§2)."""
    options = request.get("modelOptions")
    if not isinstance(options, Mapping):
        return ()
    key, headers = options.get("apiKey"), options.get("headers")
    pairs = headers.items() if isinstance(headers, Mapping) else ()
    return _long_enough([key, *_in_headers(pairs)])


def secrets_of_exchange(target: str, headers: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the keys of a request that was received: in its headers, and in its query."""
    parameters = parse_qsl(target.partition("?")[2])
    return _long_enough([*_in_headers(headers), *(value for name, value in parameters if _is_secret(name))])


def masked(value: Any, secrets: Iterable[str]) -> Any:
    """Return a JSON value with a mark in place of each secret, in the order in which they are given."""
    marks = {
        secret: f"key-{number}".ljust(units(secret), "*") for number, secret in enumerate(dict.fromkeys(secrets), 1)
    }
    if not marks:
        return value
    longest_first = sorted(marks.items(), key=lambda mark: -len(mark[0]))

    def text(found: str) -> str:
        for secret, mark in longest_first:
            found = found.replace(secret, mark)
        return found

    return _mapped(value, text)


def _mapped(value: Any, text: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list | tuple):
        return [_mapped(item, text) for item in value]
    if isinstance(value, Mapping):
        return {text(key): _mapped(item, text) for key, item in value.items()}
    return value


def _in_headers(headers: Iterable[tuple[Any, Any]]) -> list[Any]:
    return [
        _without_scheme(value)
        for name, value in headers
        if isinstance(name, str) and isinstance(value, str) and name.lower() in SECRET_HEADERS
    ]


def _without_scheme(value: str) -> str:
    scheme, _, rest = value.partition(" ")
    return rest.strip() if scheme.lower() in _SCHEMES else value


def _is_secret(name: str) -> bool:
    return name.lower() in _SECRET_PARAMETERS


def _long_enough(found: Iterable[Any]) -> tuple[str, ...]:
    return tuple(secret for secret in found if isinstance(secret, str) and len(secret) >= SHORTEST)
