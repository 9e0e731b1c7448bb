"""Interactions → the text of their cassette, so that vcrpy replays it and a person can read and compare it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import indent
from typing import Any, NamedTuple

import yaml

from harness.cassettes.interaction import Body, Cut, Interaction, is_reason
from harness.cassettes.parsing import LONGEST_PAUSE, VERSION, Provenance

_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_NOT_IN_A_BLOCK = re.compile(r"[^\n\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML folds, or does not allow, in a block of text; it has escapes for it."""

_ESCAPED = re.compile(rf'["\\\n\t]|{_NOT_IN_A_BLOCK.pattern}')
_ESCAPED_ANYWAY = re.compile(rf"[\n\t]|{_NOT_IN_A_BLOCK.pattern}")
_ROW = re.compile(r"[^\r\n]*[\r\n]+|[^\r\n]+")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t", '"': r"\"", "\\": r"\\"}
_BASE64_LINE = 57  # bytes: 76 letters, as RFC 2045 6.8 has them
_WIDEST = 110  # columns of a line of pieces
_MOST_LISTED = 1000  # pieces that stand as lists; more are one text, which YAML reads at once
_LONGEST_KEY = 120  # YAML looks for the colon in the first 1024 characters only
_ENDLESS = 2**31 - 1  # columns of all other lines: YAML folds a text that is longer


class BodyFile(NamedTuple):
    """A body that lies in a file beside its cassette: the file's name, and the SHA-256 of its bytes."""

    name: str
    sha256: str


def rendered(
    interactions: Sequence[Interaction], provenance: Provenance | None, files: Mapping[int, BodyFile]
) -> Iterator[str]:
    """Yield the text of a cassette part by part; ``files`` has the bodies, by place, that lie in files of their own.

    Raises ``UnicodeEncodeError`` for a text that UTF-8 has no bytes for.
    """
    wires = {one.wire for one in interactions}
    wire = wires.pop() if len(wires) == 1 else None
    yield f"version: {VERSION}\n"
    if provenance is not None:
        yield f"provenance: {provenance}\n"
    if wire is not None:
        yield f"wire: {_scalar(wire)}\n"
    yield "interactions:\n"
    for place, one in enumerate(interactions):
        yield from _interaction(one, wire, files.get(place))


def _interaction(one: Interaction, wire: str | None, file: BodyFile | None) -> Iterator[str]:
    request = one.request
    yield "- request:\n"
    yield f"    method: {_scalar(request.method)}\n    uri: {_scalar(request.uri)}\n"
    yield indent(_headers(request.headers), "    ")
    yield _text("body", request.body, "    ")
    yield "  response:\n"
    reason = one.reason if is_reason(one.reason) else ""  # others record what no status line could hold
    yield f"    status: {{code: {one.status}, message: {_bracketed(reason)}}}\n"
    yield indent(_headers(one.headers), "    ")
    yield "    body:\n"
    yield _text("string", b"" if file else one.body.read(0, one.body.length), "      ")
    if ours := "".join(_ours(one, wire, file)):
        yield f"  streamchunk:\n{ours}"


def _ours(one: Interaction, wire: str | None, file: BodyFile | None) -> Iterator[str]:
    """Yield what vcrpy does not know, but for what is so anyway."""
    lines = []
    if one.wire is not None and one.wire != wire:
        lines.append(f"wire: {_scalar(one.wire)}\n")
    if one.framing != "chunked":
        lines.append(f"framing: {one.framing}\n")
    if one.ending != "end":
        lines.append(f"ending: {one.ending}\n")
    if one.head_pause:
        lines.append(f"head_pause_ms: {_milliseconds(one.head_pause)}\n")
    if file is not None:
        lines.append(f"body_file: {_scalar(file.name)}\nbody_length: {one.body.length}\n")
        lines.append(f"body_sha256: {_scalar(file.sha256)}\n")
    if one.request.redacted:
        lines.append(f"redacted: [{', '.join(map(_bracketed, one.request.redacted))}]\n")
    yield indent("".join(lines), "    ")
    if one.cuts:
        yield from _pieces(one.cuts, one.body)


def _pieces(cuts: Sequence[Cut], body: Body) -> Iterator[str]:
    """Yield the pieces, as many on a line as it holds: ``[[120, 0], [48, 31.2]]``, or as a text ``120 48@31.2``."""
    if sum(cut.length for cut in cuts) != body.length or any(cut.length < 0 for cut in cuts):
        raise AssertionError("the pieces are not those of the body")
    if len(cuts) > _MOST_LISTED:
        yield "    pieces: >-\n"
        yield from _rows("      ", (f"{cut.length}@{_milliseconds(cut.pause)}" for cut in cuts))
        return
    last = len(cuts) - 1
    listed = (
        f"[{cut.length}, {_milliseconds(cut.pause)}]{',' if place < last else ']'}" for place, cut in enumerate(cuts)
    )
    yield from _rows("    pieces: [", listed)


def _rows(row: str, words: Iterable[str]) -> Iterator[str]:
    """Yield words, as many on a line as it holds; ``row`` begins the first."""
    for word in words:
        if len(row) + len(word) > _WIDEST:
            yield f"{row.rstrip()}\n"
            row = "      "
        row += f"{word} "
    yield f"{row.rstrip()}\n"


def _milliseconds(seconds: float) -> str:
    """Return milliseconds to the microsecond: no clock that we have tells more."""
    if not seconds >= 0:
        raise AssertionError("a pause is negative, or no number")
    text = f"{round(min(seconds, LONGEST_PAUSE) * 1_000_000) / 1000:.3f}"
    return text.rstrip("0").rstrip(".")


def _text(key: str, data: bytes, margin: str) -> str:
    """Return a member whose value are these bytes: a block or one line of text, quotes, or ``!!binary``."""
    inner = f"{margin}  "
    try:
        text = data.decode()
    except UnicodeDecodeError:
        rows = [base64.b64encode(data[at : at + _BASE64_LINE]).decode() for at in range(0, len(data), _BASE64_LINE)]
        return f"{margin}{key}: !!binary |\n" + "".join(f"{inner}{row}\n" for row in rows)
    if _NOT_IN_A_BLOCK.search(text) or ("\n" in text and text.startswith((" ", "\t", "\n"))):
        rows = [_ESCAPED.sub(_escape, row) for row in _ROW.findall(text)]
        rows = [f"\\{row}" if row.startswith(" ") else row for row in rows]
        return f'{margin}{key}: "' + f"\\\n{inner}".join(rows) + '"\n'
    if "\n" not in text:
        return f"{margin}{key}: {_scalar(text)}\n"
    chomping = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") else ""
    rows = text.removesuffix("\n").split("\n")
    return f"{margin}{key}: |{chomping}\n" + "".join(f"{inner}{row}\n" if row else "\n" for row in rows)


def _escape(found: re.Match[str]) -> str:
    letter = found[0]
    if letter in _SHORT:
        return _SHORT[letter]
    letter.encode()  # half of a surrogate pair has no bytes, and no YAML that could be read
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _headers(headers: Mapping[str, tuple[str, ...]]) -> str:
    rows = []
    for name, values in headers.items():
        if not values:  # no header at all, and vcrpy stumbles over it
            continue
        key = _bracketed(name)
        key = f"? {key}\n  :" if len(key) > _LONGEST_KEY else f"{key}:"
        rows.append(f"  {key} [{', '.join(map(_bracketed, values))}]\n")
    return f"headers:\n{''.join(rows)}" if rows else "headers: {}\n"


def _scalar(text: str) -> str:
    """Return a text as YAML on one line, quoted where YAML would not read it as this text."""
    return _quoted(text) or _dumped({"": text}, in_brackets=False).removeprefix("'': ")


def _bracketed(text: str) -> str:
    """Return a text as :func:`_scalar` does, to stand within brackets, where YAML reads fewer texts as such."""
    return _quoted(text) or _dumped([text], in_brackets=True)[1:-1]


def _quoted(text: str) -> str | None:
    return f'"{_ESCAPED.sub(_escape, text)}"' if _ESCAPED_ANYWAY.search(text) else None


def _dumped(value: Any, *, in_brackets: bool) -> str:
    dumped: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, default_flow_style=in_brackets, width=_ENDLESS)
    return dumped.removesuffix("\n")
