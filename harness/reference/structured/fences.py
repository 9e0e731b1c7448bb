"""Fenced blocks in a model's text: ````` ```json ````` and the like, as far as an answer may stand in them (§14.4)."""

from __future__ import annotations

import re

_INFO = re.compile(r"[^\n{\[]*+\n|[^\S\n]*+[\w.+-]*+(?=\s*+[{\[\"])|[^\S\n]*+json\w*+(?=\s)", re.IGNORECASE)
_LONGEST_BEGINNING = 40
_BEGINNING = re.compile(r"[\s>*+-]*+(?:\d+[.)]\s*+)?+")
_VALUE = r'(?:[{\["]|-?\d|(?:true|false|null)\b)'
_JSON_FOLLOWS = re.compile(
    rf"(?:[^\S\n\r]*+[\w.+-]*+[^\S\n\r]*+[\n\r])?+\s*+{_VALUE}|[^\S\n\r]*+(?i:json)\w*+\s*+{_VALUE}"
)
_ANOTHER = re.compile(r"(?i:json)\w*+\s*+[{\[]")


class Fences:
    """Takes the fences of a text as they come; ``blocks`` are what stands between two, ``open`` tells of a half one.

    A fence opens a block only at the beginning of a line, or where JSON follows it at once: one in the middle of a
    sentence would make the blocks out of what stands between them.
    """

    def __init__(self, text: str) -> None:
        self.blocks: list[tuple[int, int]] = []
        self._text = text
        self._fence: tuple[str, int] | None = None
        self._line = self._seen = 0

    @property
    def open(self) -> bool:
        """Whether a block has begun and not ended."""
        return self._fence is not None

    def take(self, start: int, end: int) -> None:
        """Take a run of three or more backticks or tildes."""
        text = self._text
        fence = text[start:end]
        if self._fence is None:
            if self._begins_line(start) or _JSON_FOLLOWS.match(text, end):
                self._fence = (fence, end)
        elif fence.startswith(self._fence[0]):
            self.blocks.append((self._fence[1], start))
            forgotten = _ANOTHER.match(text, end) and self._begins_line(start)  # no fence closes with a word
            self._fence = (fence, end) if forgotten else None

    def forget(self, count: int) -> None:
        """Forget all blocks but the first ones, and a half one."""
        del self.blocks[count:]
        self._fence = None

    def end(self) -> None:
        """Take the end of the text, which ends a block too."""
        if self._fence:
            self.blocks.append((self._fence[1], len(self._text)))

    def _begins_line(self, start: int) -> bool:
        line_end = max(self._text.rfind(end, self._seen, start) for end in "\n\r")
        self._line = line_end + 1 if line_end >= 0 else self._line
        self._seen = start
        short = start - self._line <= _LONGEST_BEGINNING
        return short and _BEGINNING.fullmatch(self._text, self._line, start) is not None


def fenced_content(text: str, start: int, end: int) -> str:
    """Return what a fenced block holds, without its info string."""
    info = _INFO.match(text, start, end)
    return text[info.end() if info else start : end]
