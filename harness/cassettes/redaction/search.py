"""Where the secrets of some bytes stand, and the same bytes with placeholders in their place.

Secrets are looked for by the table of shapes, by name where the bytes are a header or a URI, and exactly where they are
given. All is found escaped too (:mod:`harness.cassettes.redaction.spelling`), in base64 and in hexadecimal, and in what
is so encoded twice. Time is linear in the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias
from urllib.parse import unquote_to_bytes

from harness.cassettes.redaction.encoded import Run, runs
from harness.cassettes.redaction.placeholders import is_blanked, is_made_up, placeholder
from harness.cassettes.redaction.shape import Shape
from harness.cassettes.redaction.shapes import DISTINCT, SHAPES, WITH_PREFIX
from harness.cassettes.redaction.spelling import Spelled

SURELY_NO_WORD = 8
"""A given secret of so many bytes is replaced wherever it stands; a shorter one where it stands by itself."""

PROVES_NOTHING = 4
"""A given secret of fewer bytes is not looked for: it may be any word."""

GIVEN = "given secret"
_DEPTH = 2  # so often may something be encoded
_LEAST_ENCODED = 15  # bytes; a given secret may be shorter
_SHOWN = 12  # a secret of fewer letters would be half told by four of them
_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t\n\r"
_SAYS_SOMETHING = re.compile(rb"[\t\n\r -~]{8,}+")
_WORD_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
_DOCUMENTED = (b"EXAMPLE", b"EXAMPLEKEY")  # as AWS ends the keys of its documentation
_RESERVED = (b"@example.com", b"@example.org", b"@example.net", b".example", b".test", b".invalid", b".localhost")


@dataclass(frozen=True, slots=True)
class Found:
    """One secret: its kind, how it is encoded or split (empty where it is not), its bytes ``[start, stop)``.

    ``excerpt`` is what may be shown of it: its first and last two letters, and none of a short one. ``likely`` is
    false for what is replaced all the same, but is nobody's: a value like ``your-api-key``, an address at example.com.
    ``seen`` is the whole match, for whoever knows that it is harmless.
    """

    kind: str
    where: str
    start: int
    stop: int
    excerpt: str
    likely: bool = True
    seen: bytes = field(default=b"", repr=False)


class Hit(NamedTuple):
    """A match in text: ``[start, stop)``, of which the secret begins at ``secret``; ``keeps`` what stands before it."""

    kind: str
    start: int
    secret: int
    stop: int
    keeps: bool = False


Also: TypeAlias = Callable[[Spelled], Iterable[Hit]]
"""What else is a secret of a text that is not any text: a header, a URI."""


class Search:
    """Looks for everything that is secret by its look, and for some secrets that are given; it never shows those.

    A given secret with a backslash before a quotation mark or a control character is not found in JSON.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {secret.encode("utf-8", "surrogatepass") for secret in secrets}
        known |= {read for one in known for read in (Spelled(one).text.strip(b"\\"), unquote_to_bytes(one))}
        self._known = sorted((one for one in known if len(one) >= PROVES_NOTHING), key=lambda one: (-len(one), one))
        self._least = max(SURELY_NO_WORD, min([_LEAST_ENCODED, *map(len, self._known)]))
        self._may_be_wide = not all(map(bytes.isascii, self._known))

    def of(
        self,
        raw: bytes,
        also: Also | None = None,
        *,
        depth: int = _DEPTH,
        binary: bool = False,
    ) -> tuple[bytes, list[Found]]:
        """Return bytes as many as given, without secrets, and what was found, in order.

        ``also`` gives what else is a secret of this text. Of ``binary`` data only distinct shapes are looked for.
        """
        if binary:
            return self._of_binary(raw, depth)
        spelled = Spelled(raw)
        said, found = self._read(spelled, SHAPES, also, depth)
        if spelled.is_ambiguous:
            said, more = self._read(Spelled(said, escapes=False), WITH_PREFIX, None, 0, spelled.escapes())
            found += more
        return said, sorted(found, key=lambda one: (one.start, one.stop))

    def _of_binary(self, raw: bytes, depth: int) -> tuple[bytes, list[Found]]:
        """Search data whose text is in few places: nothing but given secrets is looked for elsewhere."""
        out = bytearray(raw)
        found: list[Found] = []
        if self._known:
            said, found = self._read(Spelled(raw, escapes=False), (), None, 0)
            out[:] = said
        for match in _SAYS_SOMETHING.finditer(raw):
            start, stop = match.span()
            if stop - start < self._least:
                continue
            said, inside = self._read(Spelled(match[0]), DISTINCT, None, depth)
            for at, (old, new) in enumerate(zip(match[0], said, strict=True), start) if inside else ():
                if old != new:
                    out[at] = new
            found += [replace(one, start=one.start + start, stop=one.stop + start) for one in inside]
        return bytes(out), found

    def _read(
        self,
        spelled: Spelled,
        shapes: tuple[Shape, ...],
        also: Also | None,
        depth: int,
        kept: Iterable[tuple[int, int]] = (),
    ) -> tuple[bytes, list[Found]]:
        """Return the bytes and what was found in one reading of them; the ranges ``kept`` stay whatever they are."""
        text = spelled.text
        hits = [*self._given(text), *_shaped(text, shapes)]
        hits += [hit for hit in also(spelled) if not is_blanked(text[hit.secret : hit.stop])] if also else []
        out = bytearray(text)
        for hit in hits:
            out[hit.secret : hit.stop] = placeholder(text[hit.secret : hit.stop])
        for hit in hits:
            if hit.keeps:
                out[hit.start : hit.secret] = text[hit.start : hit.secret]
        for start, stop in kept:
            out[start:stop] = text[start:stop]
        found = list(_told(hits, text, out, spelled))
        for run in runs(bytes(out), self._least) if depth else ():
            if not self._may_be_wide and not _SAYS_SOMETHING.search(run.said):
                continue
            said, inside = self.of(run.said, depth=depth - 1, binary=not _is_text(run.said))
            for at, letter in run.changes(said) if inside else ():
                out[at] = letter
            found += [_encoded(one, run, spelled) for one in inside]
        return spelled.respelled(bytes(out)) if found else spelled.raw, found

    def _given(self, text: bytes) -> Iterator[Hit]:
        for secret in self._known:
            at = text.find(secret)
            while at >= 0:
                stop = at + len(secret)
                if len(secret) >= SURELY_NO_WORD or _stands_alone(text, at, stop):
                    yield Hit(GIVEN, at, at, stop)
                at = text.find(secret, at + 1)


def _shaped(text: bytes, shapes: tuple[Shape, ...]) -> Iterator[Hit]:
    folded = text.lower()
    ends: set[int] = set()
    for shape in shapes:
        for match in shape.matches(text, folded):
            secret, stop = match.span("secret")
            if text.find(b"@", secret, stop) in ends:  # what a URL has before its @ is a password, and no mailbox
                continue
            ends.add(stop)
            if not is_blanked(match["secret"]):
                yield Hit(shape.name, match.start(), secret, stop, shape.keeps)


def _told(hits: list[Hit], text: bytes, out: bytearray, spelled: Spelled) -> Iterator[Found]:
    """Yield what was really replaced; of what overlaps, what comes first in the list."""
    taken = bytearray(len(text))
    for hit in hits:
        start, stop = hit.secret, hit.stop
        if out[start:stop] == text[start:stop] or taken.find(1, start, stop) >= 0:
            continue
        taken[start:stop] = b"\1" * (stop - start)
        secret, seen = text[start:stop], text[hit.start : stop]
        likely = hit.kind == GIVEN or not (
            len(secret) < SURELY_NO_WORD
            or is_made_up(secret)
            or secret.lower().endswith(_RESERVED)
            or secret.endswith(_DOCUMENTED)
        )
        yield Found(hit.kind, "", *spelled.written(start, stop), excerpt(secret), likely, seen)


def _encoded(inside: Found, run: Run, spelled: Spelled) -> Found:
    name = "base64" if run.base == 64 else "hexadecimal"
    where = f"{inside.where} in {name}" if inside.where else name
    start, stop = spelled.written(*run.place(inside.start, inside.stop))
    return replace(inside, where=where, start=start, stop=stop)


def excerpt(secret: bytes) -> str:
    """Return what may be shown of a secret: two letters at each end, and none of fewer than twelve."""
    if len(secret) < _SHOWN:
        return "…"
    return f"{_shown(secret[:2])}…{_shown(secret[-2:])}"


def _shown(letters: bytes) -> str:
    return "".join(chr(letter) if 0x20 < letter < 0x7F else "·" for letter in letters)


def _stands_alone(text: bytes, start: int, stop: int) -> bool:
    return not (start and text[start - 1] in _WORD_LETTERS) and not (stop < len(text) and text[stop] in _WORD_LETTERS)


def _is_text(said: bytes) -> bool:
    """Tell text from data that was base64; a few bytes of the letters before a run may have been read along."""
    return len(said.translate(None, _PRINTABLE)) * 8 <= len(said)
