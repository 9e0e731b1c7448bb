"""Where in a text an answer may stand: fenced blocks, and the outermost balanced objects and arrays (§14.4, R36).

One pass over the brackets, the quotes and the fences, linear in the text however hostile it is. What is no JSON cannot
hide an answer: a bracket counts only where a value could begin behind it, a quote only inside of a bracket and if its
text ends on the same line, and a fence outside of a text ends every bracket that is open.

A bracket that never closes does not hide what stands inside of it either, with one exception: what has only JSON before
it, from that bracket on, is a piece of a value that was cut, and no answer of its own (``{"a": {"b": 1}, "c":``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.protocol.json_text import MAX_DEPTH

MOST_CANDIDATES = 100
"""How many blocks, and how many objects and arrays, are tried; of more the last, or without a schema the first."""

JAVASCRIPT_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What JavaScript's ``trim`` takes away, a byte order mark included; Python's ``strip`` takes another set."""

# A bracket behind which a value could begin; an empty object and an array without texts at once with their ends.
_OPEN = r"""\{(?=\s*+["}])(?:\s*+\})?+|\[(?=\s*+(?:["{\[\]\-0-9]|true|false|null))(?:[^\[\]{}"`~]*+\])?+"""
_OUTSIDE = re.compile(rf"{_OPEN}|[}}\]]|`{{3,}}+|~{{3,}}+")
_INSIDE = re.compile(rf'{_OPEN}|[}}\]"]|`{{3,}}+|~{{3,}}+')
_STRINGS = re.compile(r'(?:"[^"\\\n\r]*+(?:\\.[^"\\\n\r]*+)*+"[\s:,]*+)++')
_OPEN_RUN = re.compile(r'(?:[\[{]\s*+(?:"[^"\\\n\r]*+"\s*+:\s*+)?+)*+')
_LINE_END = re.compile(r"[\n\r]|\Z")
_INFO = re.compile(r"[^\n{\[]*+\n|[^\S\n]*+[\w.+-]*+(?=\s*+[{\[\"])|[^\S\n]*+json\w*+(?=\s)", re.IGNORECASE)
_PIECE = re.compile(r"(?:[\s:,]|-?\d[\d.eE+-]*+|true|false|null)*+")
_ENDS = {"{": "}", "[": "]"}


class Span(NamedTuple):
    """A part of a text."""

    start: int
    end: int


@dataclass(slots=True)
class Candidates:
    """What was found, in the order of the text, and how many there were; ``too_deep`` tells of values left out."""

    fenced: list[Span] = field(default_factory=list)
    balanced: list[Span] = field(default_factory=list)
    fenced_count: int = 0
    balanced_count: int = 0
    too_deep: bool = False


def candidates_in(text: str, *, last: bool) -> Candidates:
    """Return what of a text may be an answer; ``last``: of too many balanced ones the last are kept, else the first."""
    search = _Search(text)
    search.run()
    balanced, fenced = search.done, search.fenced
    return Candidates(
        fenced=[Span(*block) for block in fenced[-MOST_CANDIDATES:]],
        balanced=[Span(start, end) for start, end, _ in balanced[-MOST_CANDIDATES if last else 0 :][:MOST_CANDIDATES]],
        fenced_count=len(fenced),
        balanced_count=len(balanced),
        too_deep=search.too_deep,
    )


class _Search:
    """One pass. Positions are kept in plain tuples, since a hostile text has a token in every character.

    ``done`` are the values that are complete, each with the end of the token before it; a value that closes takes the
    place of those inside of it. ``stack`` are the open brackets: the bracket, where it is, the end of the token before
    it, and how many values were done then.
    """

    def __init__(self, text: str) -> None:
        self.done: list[tuple[int, int, int]] = []
        self.fenced: list[tuple[int, int]] = []
        self.too_deep = False
        self._text = text
        self._stack: list[tuple[str, int, int, int]] = []
        self._fence: tuple[str, int] | None = None

    def run(self) -> None:
        text, stack, done = self._text, self._stack, self.done
        position = before = stray_until = 0
        while token := (_INSIDE if stack else _OUTSIDE).search(text, position):
            start, position = token.span()
            kind = text[start]
            if kind in _ENDS:
                if position - start > 1:
                    done.append((start, position, before))
                elif len(stack) < MAX_DEPTH:
                    stack.append((_ENDS[kind], start, before, len(done)))
                else:
                    position = self._too_deep(start)
            elif kind == '"':
                if start >= stray_until and (strings := _STRINGS.match(text, start)):
                    position = strings.end()
                else:
                    if start >= stray_until and (line_end := _LINE_END.search(text, start)):
                        stray_until = line_end.start()  # no quote before the line's end has an end of its own
                    if stray_until == len(text):
                        break  # the answer was cut inside of a text
                    self._give_up()
            elif kind in "`~":
                self._give_up()
                self._take_fence(start, position)
            elif stack and stack[-1][0] == kind:
                _, opened, gap, count = stack.pop()
                done[count:] = ((opened, position, gap),)
            else:
                self._give_up()
            before = position
        self._give_up()
        if self._fence:
            self.fenced.append((self._fence[1], len(text)))

    def _give_up(self) -> None:
        """Take note that the open brackets will not close as JSON: what is inside, and no piece, stands for itself."""
        if self._stack:
            count = self._stack[0][3]
            inside = self.done[count:]
            pieces = next((place for place, span in enumerate(inside) if not self._is_piece(span)), len(inside))
            self.done[count:] = inside[pieces:]
            self._stack.clear()

    def _is_piece(self, span: tuple[int, int, int]) -> bool:
        start, _, before = span
        return _PIECE.fullmatch(self._text, before, start) is not None

    def _too_deep(self, start: int) -> int:
        """Leave out what nests too deep, with all that is inside of it; return where to go on."""
        self.too_deep = True
        del self.done[self._stack[0][3] :]
        self._stack.clear()
        run = _OPEN_RUN.match(self._text, start)
        return run.end() if run else start + 1

    def _take_fence(self, start: int, end: int) -> None:
        fence = self._text[start:end]
        if self._fence is None:
            self._fence = (fence, end)
        elif fence.startswith(self._fence[0]):
            self.fenced.append((self._fence[1], start))
            self._fence = None


def fenced_content(text: str, block: Span) -> str:
    """Return what a fenced block holds, without its info string and the white space around it."""
    info = _INFO.match(text, block.start, block.end)
    return text[info.end() if info else block.start : block.end].strip(JAVASCRIPT_SPACE)
