"""Why no recording is meant by a request: the nearest one, and where the two differ first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from heapq import merge
from itertools import groupby, islice, zip_longest
from typing import Any, NamedTuple

from harness.protocol.mask import Mask
from harness.protocol.masking import mask_of
from harness.protocol.script import Exchange
from harness.protocol.text import common_prefix
from harness.protocol.transcript import NOTHING, Stimulus, Transcript
from harness.replay.asked import Asked, Criterion, Pairs, same_text, same_texts
from harness.replay.recordings import Recording

_TOLD = 3  # differences
_COUNTED = 50  # differences of one recording, by which the nearest is found
_COMPARED = 100  # recordings whose bodies are compared; fewer where bodies are long
_LONG = 2_000_000  # characters of bodies that are compared in all
_LONGEST = 60  # characters of a value
_BEFORE = 15  # of them before the first that differs
_SEARCHED = 2_000  # characters on either side, in which a key is looked for before they are cut
_PARTS = 30  # of a path
_DIGITS = 20  # of a whole number that is shown as one


class Difference(NamedTuple):
    """Where two requests differ, and what each has there: JSON, or :data:`NOTHING`; ``is_word`` is told as it is."""

    place: str
    recorded: Any
    asked: Any
    is_word: bool = False


def explained(exchange: Exchange, asked: Asked, recordings: Sequence[Recording], criteria: Sequence[Criterion]) -> str:
    """Return one line that names the nearest recording and the first differences, without secrets of the request."""
    body = asked.body if isinstance(asked.body, dict) else {}
    mask = mask_of(Transcript((), stimulus=Stimulus(body), exchanges=(exchange,)))
    compared = max(1, min(_COMPARED, _LONG // (len(exchange.body) + 1)))
    nearest = _nearest(asked, recordings, criteria, compared)
    found = list(islice(_differences(nearest.asked, asked, criteria), _COUNTED))
    told = "; ".join(_told(difference, mask) for difference in found[:_TOLD])
    more = len(found) - _TOLD
    rest = f"; and {'at least ' if len(found) == _COUNTED else ''}{more} more" if more > 0 else ""
    what = f"{exchange.method} {mask.excerpt(exchange.target.partition('?')[0])}"
    return f"no recorded request matches {what}; the nearest is {nearest.name}, which differs: {told}{rest}"


def _told(difference: Difference, mask: Mask) -> str:
    place, recorded, asked, is_word = difference
    if is_word:
        one, other = mask.excerpt(recorded), mask.excerpt(asked)
    elif isinstance(recorded, str) and isinstance(asked, str):
        start = common_prefix(recorded, asked)
        one, other = (_around(text, start, mask) for text in (recorded, asked))
    else:
        one, other = _shown(recorded, mask), _shown(asked, mask)
    return f"{mask.excerpt(place)}: recorded {one}, asked {other}"


def _around(text: str, at: int, mask: Mask) -> str:
    """Return what stands around a place in a text, quoted. Keys are hidden first: half of one looks like none."""
    first = max(0, at - _SEARCHED)
    hidden = mask.excerpt(text[first : at + _SEARCHED])
    start = at - first - _BEFORE if at > _BEFORE and len(text) > _LONGEST else 0
    return _cut(hidden[start:], is_begun=first + start == 0, is_all=at + _SEARCHED >= len(text))


def _shown(value: Any, mask: Mask) -> str:
    if value is NOTHING:
        return "nothing"
    if isinstance(value, str):
        return _around(value, 0, mask)
    text = json.dumps(mask.excerpts(value), ensure_ascii=False, default=_number)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _cut(text: str, *, is_begun: bool, is_all: bool) -> str:
    ahead, behind = "" if is_begun else "…", "" if is_all and len(text) <= _LONGEST else "…"
    return json.dumps(f"{ahead}{text[:_LONGEST]}{behind}", ensure_ascii=False)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() and value.adjusted() < _DIGITS else float(value)


def _nearest(asked: Asked, recordings: Sequence[Recording], criteria: Sequence[Criterion], compared: int) -> Recording:
    """Return the recording with the most like path, then method, then the fewest differences; of equals the first.

    Differences are counted of so many recordings as are to be ``compared``.
    """

    def outside(recording: Recording) -> tuple[int, bool]:
        tail = _common_tail(recording.asked, asked)
        return (-tail if "path" in criteria else 0, "method" in criteria and recording.asked.method != asked.method)

    best = min(map(outside, recordings))
    likely = (recording for recording in recordings if outside(recording) == best)
    return min(
        islice(likely, compared),
        key=lambda recording: sum(1 for _ in islice(_differences(recording.asked, asked, criteria), _COUNTED)),
    )


def _common_tail(recorded: Asked, asked: Asked) -> int:
    length = 0
    for mine, its in zip(reversed(recorded.path), reversed(asked.path), strict=False):
        if not same_text(mine, its, recorded.redacted):
            break
        length += 1
    return length


def _differences(recorded: Asked, asked: Asked, criteria: Sequence[Criterion]) -> Iterator[Difference]:
    if "method" in criteria and recorded.method != asked.method:
        yield Difference("method", recorded.method, asked.method, is_word=True)
    if "path" in criteria and not same_texts(recorded.path, asked.path[-len(recorded.path) :], recorded.redacted):
        yield _of_paths(recorded, asked)
    if "query" in criteria:
        yield from _of_queries(recorded, asked)
    if "body" in criteria:
        yield from _of_bodies(recorded, asked)


def _of_paths(recorded: Asked, asked: Asked) -> Difference:
    """Return the difference of two paths as they were sent: decoded, ``a%2Fb`` would look like ``a/b``."""
    length = len(asked.path)
    ahead = recorded.sent[:-length]
    is_end = bool(ahead) and any(asked.path) and same_texts(recorded.path[-length:], asked.path, recorded.redacted)
    hint = f" (put /{'/'.join(ahead)} behind the base URL)" if is_end else ""
    mine, its = ("/".join(one.sent[:_PARTS]) + ("/…" if len(one.sent) > _PARTS else "") for one in (recorded, asked))
    return Difference("path", f"/{mine}", f"/{its}{hint}", is_word=True)


def _of_queries(recorded: Asked, asked: Asked) -> Iterator[Difference]:
    """Yield the differences in the order of the names, in which both stand."""
    for name, (one, other) in _merged(recorded.query, asked.query):
        if not same_texts(one, other, recorded.redacted):
            yield Difference(f"query.{name}", ",".join(one) if one else NOTHING, ",".join(other) if other else NOTHING)


def _merged(one: Pairs, other: Pairs) -> Iterator[tuple[str, tuple[list[str], list[str]]]]:
    """Yield each name of two sorted queries, with the values that either has for it."""
    for name, pairs in groupby(merge(((pair, 0) for pair in one), ((pair, 1) for pair in other), key=_name), _name):
        values: tuple[list[str], list[str]] = ([], [])
        for (_, value), whose in pairs:
            values[whose].append(value)
        yield name, values


def _name(numbered: tuple[tuple[str, str], int]) -> str:
    return numbered[0][0]


def _of_bodies(recorded: Asked, asked: Asked) -> Iterator[Difference]:
    if recorded.is_json and asked.is_json:
        yield from _of_values("body", recorded.body, asked.body, recorded.redacted)
    elif recorded.is_json != asked.is_json or not same_text(recorded.body, asked.body, recorded.redacted):
        kinds = recorded.is_json != asked.is_json or not (recorded.body and asked.body)
        one, other = (_kind_of(each) if kinds else each.body for each in (recorded, asked))
        yield Difference("body", one, other, is_word=kinds)


def _kind_of(asked: Asked) -> str:
    if asked.is_json:
        return "JSON"
    return f"{len(asked.body)} bytes that are no JSON" if asked.body else "no body"


def _of_values(place: str, one: Any, other: Any, redacted: tuple[str, ...]) -> Iterator[Difference]:
    """Yield the differences of two JSON values in the order of the first's members; deep ones as deep as they are.

    What is equal below is passed over, and nothing is looked at before it is wanted: a body may have any number of
    members.
    """
    left: list[Iterator[tuple[str, Any, Any]]] = [iter([(place, one, other)])]
    while left:
        pair = next(left[-1], None)
        if pair is None:
            left.pop()
            continue
        place, one, other = pair
        if isinstance(one, dict) and isinstance(other, dict):
            left.append(_of_members(place, one, other))
        elif isinstance(one, list) and isinstance(other, list):
            left.append(
                (f"{place}.{at}", mine, its)
                for at, (mine, its) in enumerate(zip_longest(one, other, fillvalue=NOTHING))
            )
        elif isinstance(one, str) and isinstance(other, str):
            if not same_text(one, other, redacted):
                yield Difference(place, one, other)
        elif type(one) is not type(other) or one != other:
            yield Difference(place, one, other)


def _of_members(place: str, one: dict[str, Any], other: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name, value in one.items():
        yield f"{place}.{name}", value, other.get(name, NOTHING)
    for name, value in other.items():
        if name not in one:
            yield f"{place}.{name}", NOTHING, value
