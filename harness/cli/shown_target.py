"""A target as it may be shown: an address without what may be a key in it, a command with its keys masked.

The text of a target is typed by hand or stands in a configuration, so a key may be in it, and it is written into the
last line of a run, which a CI job keeps, and into every report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from harness.cassettes.redaction import Redactor
from harness.drivers.http_request import address, shown
from harness.errors import CannotConnect

_MASK = "***"
_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*'|["'])+""")
_SECRET_NAME = re.compile(
    r"(?:key|token|secret|passw(?:or)?d|passphrase|pwd|auth|authorization|credentials?|cookie|bearer)$", re.IGNORECASE
)
"""How the name of an option, or of a variable before a command, ends if its value is a key."""
_USER = re.compile(r"//[^/?#\s@]*@")
_HEADER = re.compile(r"""(["']?)([\w-]+)\s*:\s+(.+?)\1$""", re.DOTALL)
"""A header, as curl takes one."""


def shown_target(target: str) -> str:
    """Return a target with nothing in it that looks like a key, is named like one, or may be one by its place."""
    kind, colon, rest = target.partition(":")
    if colon and kind in {"http", "https"}:
        try:
            url = shown(address(target if rest.startswith("//") else rest))
        except CannotConnect:
            return _masked(re.sub(r"//.*@", "//", target).partition("?")[0])
        return _masked(url if rest.startswith("//") else f"{kind}:{url}")
    return "".join(_masked_words(target))


def without_keys(said: str, target: str) -> str:
    """Return what was said of a target with the target, where it stands in there, as it may be shown."""
    masked = shown_target(target)
    return said.replace(target, masked).replace(repr(target)[1:-1], masked)


def _masked_words(command: str) -> Iterator[str]:
    """Yield the words of a command and what is between them, as they stand."""
    end, is_value = 0, False
    for word in _WORD.finditer(command):
        yield command[end : word.start()]
        end = word.end()
        text = word[0]
        name, equals, value = text.partition("=")
        header = _HEADER.fullmatch(text)
        if is_value and not text.startswith("-"):
            yield _MASK
        elif equals and value and _SECRET_NAME.search(name):
            yield f"{_masked(name)}={_MASK}"
        elif header and _SECRET_NAME.search(header[2]):
            yield f"{header[1]}{header[2]}: {_MASK}{header[1]}"
        else:
            yield _masked(text)
        is_value = text.startswith("-") and not equals and bool(_SECRET_NAME.search(text))
    yield command[end:]


def _masked(text: str) -> str:
    """Return a text with a mask in place of all that cassettes are rid of, too."""
    data = _USER.sub("//", text).encode("utf-8", "surrogateescape")
    pieces, end = [], 0
    for found in _redactor().found(data):
        if found.start >= end:
            pieces += [data[end : found.start], _MASK.encode()]
            end = found.stop
    return b"".join([*pieces, data[end:]]).decode("utf-8", "surrogateescape")


@cache
def _redactor() -> Redactor:
    return Redactor()
