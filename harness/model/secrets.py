"""What must never be shown: keys, and whatever else a request carries to prove who asks (R22, G4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

REDACTED = "[redacted]"

_SURELY_NO_WORD = 8
"""A secret of so many characters is cut out wherever it stands; a shorter one might be a part of an innocent word."""

_PROVES_NOTHING = 4
"""A header's value of fewer characters is no proof of anything: ``1``, ``en``."""

_AND, _NUMBER_SIGN, _SEMICOLON = "(?:&|%26|u0026)", "(?:#|%23)", "(?:;|%3[bB])"
_BACKSLASHES = r"(?:\\|%(?:25)?5[cC]){0,3}+"
_LETTERS_IN_JSON = {"\b": "b", "\t": "t", "\n": "n", "\f": "f", "\r": "r"}
_NAMES_IN_HTML = {ord('"'): ["quot"], ord("&"): ["amp"], ord("'"): ["apos"], ord("<"): ["lt"], ord(">"): ["gt"]}

_NO_PROOF = frozenset({"accept", "anthropic-version", "content-type", "user-agent"})


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return a text without the secrets, also where they stand escaped for JSON, HTML or a URL, once or twice.

    A secret of fewer than eight characters is cut out only where it stands by itself, so that a key ``test`` does not
    make ``latest`` unreadable.
    """
    forms = _forms(tuple(secret for secret in secrets if secret))
    return forms.sub(REDACTED, text) if forms else text


@lru_cache(maxsize=64)  # a call asks for the same secrets at every event of its answer
def _forms(secrets: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return what finds any form of any secret, the longest first; None where there are none."""
    found = []
    for secret in sorted(set(secrets), key=len, reverse=True):
        form = "".join(map(_in_every_form, secret))
        found.append(form if len(secret) >= _SURELY_NO_WORD else rf"(?<!\w)(?:{form})(?!\w)")
    return re.compile("|".join(found)) if found else None


def _in_every_form(character: str) -> str:
    """Return a pattern for one character, itself or escaped; its repetitions are bounded, and so is the search.

    A backslash stands before what JSON escapes, three where that was escaped again; ``%2525`` and ``&amp;amp;`` are
    escaped again too, and in ``%26lt%3B`` a URL holds what HTML escaped.
    """
    if character.isascii() and character.isalnum():
        return character  # nobody escapes it
    code = ord(character)
    hexadecimal = character.encode("utf-16-be", "surrogatepass").hex()
    units = [hexadecimal[at : at + 4] for at in range(0, len(hexadecimal), 4)]
    in_json = "|".join([r"\\{1,3}".join(f"u(?i:{unit})" for unit in units), *_LETTERS_IN_JSON.get(character, ())])
    in_a_url = "".join(f"%(?:25){{0,2}}(?i:{byte:02x})" for byte in character.encode("utf-8", "surrogatepass"))
    numbers = f"{_NUMBER_SIGN}(?:0{{0,5}}{code}|[xX]0{{0,5}}(?i:{code:x}))"
    names = "|".join([numbers, *_NAMES_IN_HTML.get(code, ())])
    in_html = rf"{_AND}(?:amp{_SEMICOLON}){{0,2}}(?:{names}){_SEMICOLON}"
    if character == "\\":
        return rf"(?:\\{{1,3}}{in_json}|(?:\\|{in_a_url}|{in_html}){{1,4}})"
    return rf"{_BACKSLASHES}(?:{in_json}|{in_a_url}|{in_html}|{re.escape(character)})"


def secrets_of_header(name: str, value: str) -> tuple[str, ...]:
    """Return what a message must not repeat of a header that a caller gave: its value, and a credential inside it.

    ``Bearer KEY`` and ``Basic KEY`` are two secrets, the whole and the key alone; of a cookie each value is one.
    Headers that prove nothing, such as ``user-agent``, have none, and neither has a value of three characters.
    """
    if name.lower() in _NO_PROOF or len(value) < _PROVES_NOTHING:
        return ()
    parts = _values_of_cookies(value) if name.lower() == "cookie" else (value.partition(" ")[2].strip(),)
    return (value, *(part for part in parts if part))


def _values_of_cookies(header: str) -> Iterator[str]:
    """Yield the values of ``name=value; name=value`` (RFC 6265 4.2.1) that may prove something."""
    for pair in header.split(";"):
        name, equals, value = pair.partition("=")
        value = (value if equals else name).strip().strip('"')
        if len(value) >= _PROVES_NOTHING:
            yield value
