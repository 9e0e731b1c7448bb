"""Which cases are asked: globs on their ids, and ``-k`` for words in their ids and titles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from harness.errors import InputError
from harness.suite.case import Case


def selected(cases: Sequence[Case], patterns: Sequence[str] = (), keyword: str | None = None) -> list[Case]:
    """Return the cases that match any pattern (all, if there is none) and the keyword expression.

    A pattern is an id, an area, or a glob such as ``tools/*`` or ``*cassette*``. Raises :class:`InputError` for a
    pattern or a keyword that matches no case, because a run of nothing looks like a run that passed.
    """
    for pattern in patterns:
        if not any(matches(case.id, pattern) for case in cases):
            raise InputError(
                f"the pattern {pattern!r} matches none of {len(cases)} cases; the areas are {_areas(cases)}"
            )
    chosen = [case for case in cases if not patterns or any(matches(case.id, pattern) for pattern in patterns)]
    if keyword is None:
        return chosen
    wanted = _expression(keyword)
    kept = [case for case in chosen if wanted(f"{case.id} {case.title}".lower())]
    if not kept:
        raise InputError(f"-k {keyword!r} matches none of {len(chosen)} cases")
    return kept


def matches(id_: str, pattern: str) -> bool:
    """Tell whether a pattern means the case ``id_``: its id, its area, or a glob, in which ``*`` crosses ``/`` too."""
    return fnmatchcase(id_, pattern) or id_.startswith(pattern.rstrip("/") + "/")


def _areas(cases: Sequence[Case]) -> str:
    return ", ".join(sorted({case.area for case in cases}))


_Holds = Callable[[str], bool]
_LONGEST = 400  # so that no nesting of brackets reaches the end of the stack


def _expression(keyword: str) -> _Holds:
    """Read ``word``, ``not``, ``and``, ``or`` and brackets, as pytest's ``-k`` does; ``and`` binds more than ``or``."""
    if len(keyword) > _LONGEST:
        raise InputError(f"-k: an expression of {len(keyword)} characters; {_LONGEST} are allowed")
    reader = _Reader(keyword)
    holds = reader.either()
    if reader.word:
        raise InputError(f"-k {keyword!r}: {reader.word!r} was not expected there")
    return holds


class _Reader:
    """A recursive descent over the words of an expression; ``word`` is the next word, ``""`` at the end."""

    def __init__(self, keyword: str) -> None:
        self._keyword = keyword
        self._words = iter(keyword.replace("(", " ( ").replace(")", " ) ").split())
        self.word = next(self._words, "")

    def _next(self) -> str:
        taken, self.word = self.word, next(self._words, "")
        return taken

    def either(self) -> _Holds:
        parts = [self._both()]
        while self.word == "or":
            self._next()
            parts.append(self._both())
        return lambda text: any(part(text) for part in parts)

    def _both(self) -> _Holds:
        parts = [self._one()]
        while self.word == "and":
            self._next()
            parts.append(self._one())
        return lambda text: all(part(text) for part in parts)

    def _one(self) -> _Holds:
        word = self._next()
        if word == "not":
            inner = self._one()
            return lambda text: not inner(text)
        if word == "(":
            inside = self.either()
            if self._next() != ")":
                raise InputError(f"-k {self._keyword!r}: a bracket is not closed")
            return inside
        if word in {"", ")", "and", "or"}:
            raise InputError(f"-k {self._keyword!r}: a word is missing {f'before {word!r}' if word else 'at the end'}")
        wanted = word.lower()
        return lambda text: wanted in text
