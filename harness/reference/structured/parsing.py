"""The answer in a model's text: the whole of it, else a fenced block, else an object or an array (§14.4, R36).

§14.4 takes the first fence, the text from the first brace to the last, and anything that parses; it never looks at the
schema (ledger H9). We read R36: the whole text; then the fenced blocks, the last that fits first; then the outermost
balanced objects and arrays, the last that fits, or without a schema the first. What is no JSON is not mended: no single
quotes, no trailing commas. Of two equal keys the last counts, as in ``JSON.parse``; NaN, the infinities and numbers
beyond every float or of over 4300 digits are refused; whole numbers are exact, others become floats, and ``raw_text``
keeps their letters. What stands in ``<think>…</think>`` is not an answer. A text that is one JSON value is looked at as
a whole and not inside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from harness.errors import InputError, StructuredOutputError
from harness.protocol.exact_json import plain
from harness.protocol.json_text import MAX_DEPTH
from harness.reference.structured.candidates import JAVASCRIPT_SPACE, MOST_CANDIDATES, Found, candidates_in
from harness.reference.structured.equality import HOLDERS
from harness.reference.structured.fences import fenced_content
from harness.reference.structured.nulls import mended
from harness.reference.structured.validation import Checker
from harness.reference.structured.wording import cut
from harness.reference.structured.work import TooMuchWork, Work

UNPARSABLE = "STRUCTURED_OUTPUT_UNPARSABLE"
INVALID = "STRUCTURED_OUTPUT_INVALID"

_SHOWN = 200
_MOST_DIGITS = 4300  # what CPython converts
_LONG_NUMBER = re.compile(rf"\d{{{_MOST_DIGITS + 1}}}")


class Parsed(NamedTuple):
    """An answer, and the part of the text that it was read from."""

    data: Any
    raw_text: str


def parse_json_with_fallbacks(text: str, schema: object = None, model_name: str | None = None) -> Parsed:
    """Return the answer in a text; with a schema only what fits it, without one only an object or an array.

    Raises :class:`StructuredOutputError`, code ``STRUCTURED_OUTPUT_UNPARSABLE`` or, where something was JSON and did
    not fit, ``STRUCTURED_OUTPUT_INVALID``. The message says what was tried, what was wrong, and how the text begins (at
    most 200 characters, §3). Raises :class:`InputError` for what is no text or no schema. Linear in the text: at
    most ``MOST_CANDIDATES`` blocks and as many objects and arrays are tried, and ``MOST_STEPS`` keywords asked.
    """
    if not isinstance(text, str):
        raise InputError(f"an answer is read from text, and not from {type(text).__name__}")
    return answer_in(text, None if schema is None else Checker(schema), model_name)


def answer_in(text: str, checker: Checker | None, model_name: str | None, *, optional_nulls: bool = False) -> Parsed:
    """Do the same with a schema that is read already; ``optional_nulls``: a null may stand for an absent property."""
    return _Reading(checker, optional_nulls=optional_nulls).of(text, model_name)


class _Reading:
    """One text's reading, and what was seen on the way to no answer."""

    def __init__(self, checker: Checker | None, *, optional_nulls: bool) -> None:
        self._checker = checker
        self._optional_nulls = optional_nulls
        self._work = Work()
        self._fault: str | None = None
        self._refused: str | None = None
        self._fenced = self._balanced = 0

    def of(self, text: str, model_name: str | None) -> Parsed:
        whole = text.strip(JAVASCRIPT_SPACE)
        is_json, answer = self._judged(whole)
        if not is_json:
            answer = self._looked_for(whole)
        if answer is None:
            raise self._failure(whole, model_name)
        return answer

    def _looked_for(self, text: str) -> Parsed | None:
        """Look inside of a text: at what is no thought as a whole, then for blocks, objects and arrays in it."""
        found = candidates_in(text, last=self._checker is not None)
        self._fenced = found.fenced_count + found.doubtful.fenced_count
        self._balanced = found.balanced_count + found.doubtful.balanced_count
        if found.too_deep:
            self._refused = self._refused or _TOO_DEEP
        parts: list[Found] = [found, found.doubtful]
        if len(found.outside) == 1 and found.outside[0] != (0, len(text)):
            start, end = found.outside[0]
            is_json, answer = self._judged(text[start:end].strip(JAVASCRIPT_SPACE))
            if answer is not None:
                return answer
            if is_json:
                parts.remove(found)
        judged = (self._judged(candidate)[1] for part in parts for candidate in self._in_order(text, part))
        return next((answer for answer in judged if answer is not None), None)

    def _in_order(self, text: str, found: Found) -> Iterator[str]:
        yield from (fenced_content(text, *block).strip(JAVASCRIPT_SPACE) for block in reversed(found.fenced))
        spans = reversed(found.balanced) if self._checker else iter(found.balanced)
        yield from (text[span.start : span.end] for span in spans)

    def _judged(self, text: str) -> tuple[bool, Parsed | None]:
        """Return whether a text is JSON, and the answer that it is, if it is one."""
        try:
            data = _parsed(text)
        except _NotJson as error:
            self._refused = self._refused or error.reason
            return False, None
        if self._checker is None:
            return True, Parsed(data, text) if isinstance(data, HOLDERS) else None
        try:
            if self._optional_nulls and "null" in text and not self._fits(self._checker, data):
                data = mended(data, self._checker, self._work)
            if self._fault is not None:
                return True, Parsed(data, text) if self._fits(self._checker, data) else None
            self._fault = self._checker.fault_of(data, self._work)  # the first of all is named: that costs the most
        except TooMuchWork:
            self._fault = self._fault or "it is too large, or nests too deeply, to be checked"
            return True, None
        return True, Parsed(data, text) if self._fault is None else None

    def _fits(self, checker: Checker, data: Any) -> bool:
        self._work.begin(data)
        return checker.fits(data, checker.schema, self._work)

    def _failure(self, text: str, model_name: str | None) -> StructuredOutputError:
        whose = f" of {model_name}" if model_name else ""
        few = f" ({MOST_CANDIDATES} of each)" if max(self._fenced, self._balanced) > MOST_CANDIDATES else ""
        tried = f"the whole text, {self._fenced} fenced blocks, {self._balanced} balanced objects and arrays{few}"
        wrong = f"{self._refused}. " if self._refused else ""
        if self._fault:
            wrong = f"what was JSON does not fit the schema: {self._fault}. "
        preview = f"It begins: {cut(text, _SHOWN - len(self._fault or ''))}" if text else "It is empty"
        return StructuredOutputError(
            f"no answer in the text{whose}: tried {tried}; {wrong}{preview}",
            code=INVALID if self._fault else UNPARSABLE,
        )


_TOO_DEEP = f"JSON was refused: it nests more than {MAX_DEPTH} deep"


class _NotJson(Exception):
    """No JSON; ``reason`` tells what a person might have taken for JSON."""

    def __init__(self, reason: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason


def _parsed(text: str) -> Any:
    try:
        value = plain(text)
    except json.JSONDecodeError:
        raise _NotJson from None
    except ValueError as error:
        reason = f"a number of over {_MOST_DIGITS} digits" if _LONG_NUMBER.search(text) else str(error)
        raise _NotJson(f"JSON was refused: {reason}") from None
    if _nests_too_deeply(value):
        raise _NotJson(_TOO_DEEP)
    return value


def _nests_too_deeply(value: Any) -> bool:
    level = [value] if isinstance(value, HOLDERS) else []
    for _ in range(MAX_DEPTH):
        level = [
            item
            for holder in level
            for item in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(item, HOLDERS)
        ]
        if not level:
            return False
    return True
