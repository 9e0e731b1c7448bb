"""The tiny model's name and vocabulary, and how it is told word for word what to say; nothing here needs a library."""

from __future__ import annotations

import re

MODEL = "test-model"
"""What the servers call it, and the folder of transformers' form of it: what it is asked by in every case."""

MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
"""The special tokens; the last one ends an answer."""

MERGE = ("Ġ", "t")
"""One pair of bytes is a token of its own, since llama.cpp wants at least one."""

WORDS = ("<think>", "</think>", "<tool_call>", "</tool_call>")
"""What thoughts and calls begin and end with, in the models of the Qwen family too."""

_PRINTABLE = (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))
_HIDDEN = [byte for byte in range(0x100) if byte not in _PRINTABLE]
_LETTERS = {byte: chr(byte) for byte in _PRINTABLE} | {byte: chr(0x100 + at) for at, byte in enumerate(_HIDDEN)}
"""How GPT-2 writes a byte as a letter that can be seen."""

VOCABULARY = {
    token: number for number, token in enumerate([*MARKS, *sorted(_LETTERS.values()), "".join(MERGE), *WORDS])
}
"""Every token and its number."""

END = VOCABULARY[MARKS[2]]
CALL, CALLED = VOCABULARY[WORDS[2]], VOCABULARY[WORDS[3]]
BLANKS = tuple(VOCABULARY[_LETTERS[byte]] for byte in b" \t\n")

_ANYWAY, _THEN = 100.0, 1000.0
_TOKEN = re.compile("|".join(WORDS) + "|.", re.DOTALL)


def forced(answer: str) -> list[list[object]]:
    """Return transformers' ``sequence_bias`` that makes a model say this answer and end.

    The first one is likely everywhere; another only behind as many tokens as have no other behind them, and far more.
    """
    spoken = [token for part in _TOKEN.findall(answer) for token in _tokens(part)] + [END]
    followed = {_behind(spoken, place): None for place in range(1, len(spoken))}
    return [[[spoken[0]], _ANYWAY], *([list(tokens), _THEN] for tokens in followed)]


def _tokens(part: str) -> list[int]:
    return [VOCABULARY[part]] if part in WORDS else [VOCABULARY[_LETTERS[byte]] for byte in part.encode()]


def _behind(spoken: list[int], place: int) -> tuple[int, ...]:
    """Return a token and the fewest before it that nowhere have another behind them."""
    for length in range(1, place + 1):
        before = spoken[place - length : place]
        starts = range(len(spoken) - length)
        if {spoken[at + length] for at in starts if spoken[at : at + length] == before} == {spoken[place]}:
            return (*before, spoken[place])
    raise ValueError("the beginning of the answer stands elsewhere in it, with another token behind")
