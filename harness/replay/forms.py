"""What is compared of a request as what is fixed in it, and its texts: so a recording is found by a look.

Redaction keeps the length of what it replaces. So one request can only be meant by another, whose placeholders stand
for other texts, where all but their texts is the same, and each text is as long as the other's: they have one
*skeleton*. The places of the placeholders in the texts of a recording are its *mask*; requests of one skeleton agree
where their texts are the same once what either mask covers was folded. Recordings that hide the same places, as those
of one application do, are then told apart by a dictionary, however many there are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote

Span: TypeAlias = tuple[int, int]
"""The first character, and the one behind the last."""

Mask: TypeAlias = tuple[tuple[int, tuple[Span, ...]], ...]
"""The places of placeholders: for each text that has some, its number and its spans."""

_SURELY_NO_WORD = 8  # letters and digits; a shorter placeholder counts where it stands by itself
_FOLD = "\0"


class Form(NamedTuple):
    """What is fixed, and the texts in the order of their places; two are equal where they mean the same."""

    skeleton: Hashable
    texts: tuple[str, ...]


def form_of_json(value: Any) -> Form:
    """Return the form of a JSON value; names of members are fixed. Raises ``RecursionError`` for what is too deep."""
    texts: list[str] = []
    return Form(_skeleton(value, texts), tuple(texts))


def form_of_texts(names: Iterable[str], texts: tuple[str, ...]) -> Form:
    """Return the form of texts beside each of which stands a fixed name."""
    return Form((*names, *map(len, texts)), texts)


def joined(parts: Iterable[Form]) -> Form:
    """Return the form of several parts, all of which count."""
    parts = tuple(parts)
    return Form(tuple(part.skeleton for part in parts), tuple(text for part in parts for text in part.texts))


def mask_of(texts: Iterable[str], redacted: tuple[str, ...]) -> Mask:
    """Return where texts have placeholders, of those that redaction left."""
    if not redacted:
        return ()
    return tuple((number, spans) for number, text in enumerate(texts) if (spans := hidden(text, redacted)))


def hidden(text: str, redacted: tuple[str, ...]) -> tuple[Span, ...]:
    """Return where a text has one of the placeholders that redaction left."""
    return tuple(match.span() for match in _pattern(redacted).finditer(text)) if redacted else ()


def folded(texts: tuple[str, ...], mask: Mask) -> tuple[str, ...]:
    """Return texts with the same letter in all places of a mask, which must be one of their skeleton."""
    if not mask:
        return texts
    found = list(texts)
    for number, spans in mask:
        found[number] = folded_text(found[number], spans)
    return tuple(found)


def folded_text(text: str, spans: Iterable[Span]) -> str:
    """Return a text with the same letter in all of these places, which lie within it."""
    for start, stop in spans:
        text = f"{text[:start]}{_FOLD * (stop - start)}{text[stop:]}"
    return text


def _skeleton(value: Any, texts: list[str]) -> Hashable:
    if isinstance(value, str):
        texts.append(value)
        return (str, len(value))
    if isinstance(value, dict):
        return (dict, *((name, _skeleton(value[name], texts)) for name in sorted(value)))
    if isinstance(value, list):
        return (list, *(_skeleton(inner, texts) for inner in value))
    return (type(value), value)  # to Python alone True is 1


@lru_cache(maxsize=1024)
def _pattern(redacted: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds placeholders in texts: as they stand in a URI or in JSON, and freed of its escapes."""
    spelled = {spelling for text in redacted for spelling in (text, unquote(text), _unescaped(text))}
    longest_first = sorted(spelled, key=lambda text: (-len(text), text))
    return re.compile("|".join(map(_found_alone, longest_first)))


def _found_alone(text: str) -> str:
    if len(text) >= _SURELY_NO_WORD or not text.isalnum():
        return re.escape(text)
    return rf"(?<!\w){re.escape(text)}(?!\w)"


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text
