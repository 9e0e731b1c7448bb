"""Headers and keys that a caller gave, checked before HTTP refuses them in words that quote them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.errors import InputError

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")
_KEY = re.compile(r"[\x21-\x7e]+")
_OURS = frozenset({"content-length", "transfer-encoding"})


def checked_headers(headers: object, place: str) -> dict[str, str]:
    """Return headers with their names in lower case, so that one that is given twice is sent once, as the later.

    None is no headers. Raises :class:`InputError`, which names the header and shows no value, for what RFC 9110 has no
    form for: names that are no tokens, values with line ends or letters beyond ASCII; and for the two headers by which
    HTTP finds the end of a body.
    """
    if headers is None:
        return {}
    if not isinstance(headers, Mapping):
        raise InputError(f"{place} are no object of names and texts")
    checked: dict[str, str] = {}
    for name, value in headers.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InputError(f"{place} hold a name that is no header's name")
        if name.lower() in _OURS:
            raise InputError(f"{place} hold {name}, which only the transport can know")
        if not isinstance(value, str) or not _VALUE.fullmatch(value):
            raise InputError(f"{place} hold {name}, whose value is no printable ASCII text")
        checked[name.lower()] = value.strip()
    return checked


def checked_key(key: object, place: str) -> str | None:
    """Return a key, or None where it is missing or blank; raises :class:`InputError`, which does not show it.

    A key with a line end or a space is refused and not trimmed: it was pasted wrong, and the rest of it may be too.
    """
    if key is None:
        return None
    if not isinstance(key, str):
        raise InputError(f"{place} is no text")
    if not key.strip():
        return None
    if not _KEY.fullmatch(key):
        raise InputError(f"{place} holds a space, a line end or a letter beyond ASCII; no header can carry it")
    return key
