"""Where in a text an answer may stand: fenced blocks, and the outermost balanced objects and arrays (§14.4, R36).

One pass over the brackets, the quotes, the fences and the marks of thoughts, linear in the text however hostile it is.
What is no JSON cannot hide an answer: a bracket counts only where a value could begin behind it (not in ``a "{" or``),
a quote only inside of a bracket and if its text ends on the same line, a fence only at the beginning of a line or where
JSON follows it at once, and a fence or a mark outside of a text ends every bracket that is open.

A bracket that never closes does not hide what stands inside of it either, with one exception: what has only JSON before
it, from that bracket on, is a piece of a value that was cut, and no answer of its own (``{"a": {"b": 1}, "c":``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.protocol.json_text import MAX_DEPTH
from harness.reference.structured.fences import Fences

MOST_CANDIDATES = 20_000
"""How many blocks, and how many objects and arrays, are tried; of more the last, or without a schema the first."""

JAVASCRIPT_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What JavaScript's ``trim`` takes away, a byte order mark included; Python's ``strip`` takes another set."""

# A bracket behind which a value could begin: the first text of an outermost one is a name or an item, or was cut, and
# `"["` is a bracket in quotes. An empty object and an array without texts come at once with their ends.
_TEXT = r'"[^"\\\n\r]*+(?:\\.[^"\\\n\r]*+)*+'
_OBJECT_END, _ARRAY_END = r"(?:\s*+\})?+", r'(?:[^\[\]{}"`~<]*+\])?+'
_ITEM = r"[{\[\]\-0-9]|true|false|null"
_OUTERMOST = (
    rf'\{{(?=\s*+(?:{_TEXT}"\s*+(?::|\Z)|\}})){_OBJECT_END}'
    rf'|\[(?=\s*+(?:(?<!"\[){_TEXT}"\s*+(?:[,\]]|\Z)|{_ITEM})){_ARRAY_END}'
    rf"|(?<![\"'`])[{{\[](?=\s*+{_TEXT}\\?\Z)"
)
_INNER = rf'\{{(?=\s*+["}}]){_OBJECT_END}|\[(?=\s*+(?:"|{_ITEM})){_ARRAY_END}'
_MARK = r"(?i:think|thinking|thought|reasoning)>"
_REST = rf"`{{3,}}+|~{{3,}}+|</?{_MARK}"
_OUTSIDE = re.compile(rf"{_OUTERMOST}|[}}\]]|{_REST}")
_INSIDE = re.compile(rf'{_INNER}|[}}\]"]|{_REST}')
_THOUGHT_END = re.compile(rf"</{_MARK}")
_STRINGS = re.compile(rf'(?:{_TEXT}"[\s:,]*+)++')
_OPEN_RUN = re.compile(r'(?:[\[{]\s*+(?:"[^"\\\n\r]*+"\s*+:\s*+)?+)*+')
_LINE_END = re.compile(r"[\n\r]|\Z")
_PIECE = re.compile(r"(?:[\s:,]|-?\d[\d.eE+-]*+|true|false|null)*+")
_ENDS = {"{": "}", "[": "]"}


class Span(NamedTuple):
    """A part of a text."""

    start: int
    end: int


@dataclass(slots=True)
class Found:
    """What was found in a part of a text, in its order, and how much there was."""

    fenced: list[Span] = field(default_factory=list)
    balanced: list[Span] = field(default_factory=list)
    fenced_count: int = 0
    balanced_count: int = 0


@dataclass(slots=True)
class Candidates(Found):
    """What may be an answer. ``too_deep`` tells of values left out; ``outside`` is what is no thought of the model's.

    ``doubtful`` is what stands before the end of thoughts that have no beginning: some servers send only the end.
    """

    too_deep: bool = False
    outside: list[Span] = field(default_factory=list)
    doubtful: Found = field(default_factory=Found)


def candidates_in(text: str, *, last: bool) -> Candidates:
    """Return what of a text may be an answer; ``last``: of too many balanced ones the last are kept, else the first."""
    search = _Search(text)
    search.run()
    return Candidates(
        *_kept(search.fences.blocks, search.done, last=last),
        too_deep=search.too_deep,
        outside=[span for span in search.outside if text[span.start : span.end].strip(JAVASCRIPT_SPACE)],
        doubtful=Found(*_kept(search.doubtful_blocks, search.doubtful, last=last)),
    )


def _kept(
    blocks: list[tuple[int, int]], done: list[tuple[int, int, int]], *, last: bool
) -> tuple[list[Span], list[Span], int, int]:
    balanced = done[-MOST_CANDIDATES:] if last else done[:MOST_CANDIDATES]
    return (
        [Span(*block) for block in blocks[-MOST_CANDIDATES:]],
        [Span(start, end) for start, end, _ in balanced],
        len(blocks),
        len(done),
    )


class _Search:
    """One pass. Positions are kept in plain tuples, since a hostile text has a token in every character.

    ``done`` are the values that are complete, each with the end of the token before it; a value that closes takes the
    place of those inside of it. ``_stack`` are the open brackets: the bracket, where it is, the end of the token before
    it, and how many values were done then. Quotes before ``_stray_until`` have no end.
    ``_thought`` is where one began, and how many values and blocks there were.
    """

    def __init__(self, text: str) -> None:
        self.done: list[tuple[int, int, int]] = []
        self.doubtful: list[tuple[int, int, int]] = []
        self.doubtful_blocks: list[tuple[int, int]] = []
        self.fences = Fences(text)
        self.too_deep = False
        self.outside: list[Span] = []
        self._text = text
        self._stack: list[tuple[str, int, int, int]] = []
        self._stray_until = 0
        self._outside_from = 0
        self._thought: tuple[int, int, int] | None = None

    def run(self) -> None:
        text, stack, done = self._text, self._stack, self.done
        position = before = 0
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
                position = self._text_end(start)
            elif kind in "`~<":
                self._give_up()
                self._take(kind, start, position)
            elif stack and stack[-1][0] == kind:
                _, opened, gap, count = stack.pop()
                done[count:] = ((opened, position, gap),)
            else:
                self._give_up()
            before = position
        self._give_up()
        self.fences.end()
        self.outside.append(Span(self._outside_from, len(text)))

    def _text_end(self, start: int) -> int:
        """Go over a text inside of brackets, and those that follow; return where to go on."""
        if start >= self._stray_until:
            strings = _STRINGS.match(self._text, start)
            line_end = None if strings else _LINE_END.search(self._text, start)
            end = strings.end() if strings else line_end.start() if line_end else start
            # What a model thinks may break off anywhere: the mark behind it is a part of no text.
            if self._thought and (mark := _THOUGHT_END.search(self._text, start, end)):
                self._give_up()
                return mark.start()
            if strings:
                return end
            self._stray_until = end  # no quote before the line's end has an end of its own
        if self._stray_until == len(self._text):
            return len(self._text)  # the answer was cut inside of a text
        self._give_up()
        return start + 1

    def _give_up(self) -> None:
        """Take note that the open brackets will not close as JSON: what is inside, and no piece, stands for itself."""
        if not self._stack:
            return
        first = self._stack[0][3]
        if len(self.done) > first:
            inside = self.done[first:]
            pieces = next((place for place, span in enumerate(inside) if not self._is_piece(span)), len(inside))
            self.done[first:] = inside[pieces:]
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

    def _take(self, kind: str, start: int, end: int) -> None:
        """Take a fence or a mark of thoughts."""
        if kind != "<":
            self.fences.take(start, end)
        elif self._thought is None and self.fences.open:
            pass  # a mark in a block is a part of the block
        elif self._text[start + 1] == "/":
            self._end_thought(end)
        elif self._thought is None:
            self._thought = (start, len(self.done), len(self.fences.blocks))

    def _end_thought(self, end: int) -> None:
        if self._thought is None:
            self.doubtful += self.done
            self.doubtful_blocks += self.fences.blocks
            began, values, blocks = 0, 0, 0
            self.outside.clear()
        else:
            began, values, blocks = self._thought
            self.outside.append(Span(self._outside_from, began))
        del self.done[values:]
        self.fences.forget(blocks)
        self._outside_from = end
        self._thought = None
