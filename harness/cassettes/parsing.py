"""Plain data → interactions: vcrpy's spellings of bodies and headers, and what we say beside them."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from harness.cassettes.bodies import LONGEST, FileBody
from harness.cassettes.compression import unpacked_already
from harness.cassettes.interaction import Body, BytesBody, Cut, Interaction, Request, TapeEnding, is_reason
from harness.protocol.script import BodyFraming

Provenance = Literal["synthetic", "recorded", "recorded-parsed"]
"""Where answers come from: written by us, recorded byte by byte, or recorded by somebody who lost the framing."""

VERSION = 1
"""The version of vcrpy's format, since 2014 the only one."""

LONGEST_PAUSE = 24 * 60 * 60
"""Seconds; no provider was ever waited for longer."""

_OURS = (
    "wire", "head_pause_ms", "pieces", "framing", "ending", "body_file", "body_length", "body_sha256", "redacted",
)  # fmt: skip
_OF_THE_COMPRESSED = ("content-encoding", "content-length", "transfer-encoding")
_LIKE_A_NUMBER = re.compile(r"[-+.0-9][-+.0-9eE_]{0,40}")  # to YAML 1.1 1e300 is one, without a point and a sign
_PIECE = re.compile(r"([0-9]{1,15})(?:@([0-9]{1,15}(?:\.[0-9]{1,9})?))?")


class Misshapen(Exception):
    """Something in the data is not what the format asks for; the message begins with its place."""


def provenance_of(data: Any) -> Provenance | None:
    """Return a file's provenance, None where it does not say; raises :class:`Misshapen`."""
    found: Provenance | None = _one_of(data, "provenance", get_args(Provenance), None, "")
    return found


def interactions_of(data: Any, folder: Path) -> tuple[Interaction, ...]:
    """Return the interactions of a cassette's data, one or more; ``folder`` is where files of bodies must lie.

    Raises :class:`Misshapen`.
    """
    version = _member(data, "version", (int,), "")
    if version != VERSION:
        raise Misshapen(f"version: expected {VERSION}, seen another number")
    wire = _member(data, "wire", (str, type(None)), "", None)
    given = _member(data, "interactions", (list,), "")
    if not given:
        raise Misshapen("interactions: is empty; a cassette holds at least one")
    return tuple(_interaction(one, f"interactions.{place}", wire, folder) for place, one in enumerate(given))


def _interaction(data: Any, at: str, wire: str | None, folder: Path) -> Interaction:
    asked = _member(data, "request", (dict,), at)
    answered = _member(data, "response", (dict,), at)
    beside = _member(data, "streamchunk", (dict,), at, {})
    at_request, at_response, at_ours = f"{at}.request", f"{at}.response", f"{at}.streamchunk"
    for key in beside:
        if key not in _OURS:
            raise Misshapen(f"{at_ours}: there is no key {str(key)[:80]!r}; there are {', '.join(_OURS)}")
    status, reason, headers, inline = _answer(answered, at_response)
    body = _body(beside, inline, at_ours, folder)
    found = Interaction(
        request=Request(
            method=_member(asked, "method", (str,), at_request),
            uri=_member(asked, "uri", (str,), at_request),
            headers=_headers(asked, at_request),
            body=_bytes(asked.get("body"), f"{at_request}.body"),
            redacted=_redacted(beside, at_ours),
        ),
        status=status,
        headers=headers,
        body=body,
        wire=_member(beside, "wire", (str, type(None)), at_ours, None) or wire,
        reason=reason,
        head_pause=_seconds(beside.get("head_pause_ms", 0), f"{at_ours}.head_pause_ms"),
        cuts=_cuts(beside, body, at_ours),
        framing=_one_of(beside, "framing", get_args(BodyFraming), "chunked", at_ours),
        ending=_one_of(beside, "ending", get_args(TapeEnding), "end", at_ours),
    )
    return unpacked_already(found) if isinstance(body, BytesBody) else found


def _redacted(beside: dict[Any, Any], at: str) -> tuple[str, ...]:
    given = _member(beside, "redacted", (list, type(None)), at, None) or []
    for place, text in enumerate(given):
        if not isinstance(text, str) or not text:
            raise Misshapen(f"{at}.redacted.{place}: expected a text, seen {kind_of(text)}")
    return tuple(given)


def _answer(data: dict[Any, Any], at: str) -> tuple[int, str, dict[str, tuple[str, ...]], bytes]:
    """Return status, reason, headers and body; before its version 6 vcrpy wrote httpx's answers in another way."""
    headers = _headers(data, at)
    if "status_code" in data:
        body = _bytes(data.get("content"), f"{at}.content")
        plain = {name: values for name, values in headers.items() if name.lower() not in _OF_THE_COMPRESSED}
        return _status(data, "status_code", at), "", plain, body
    status = _member(data, "status", (dict,), at)
    reason = _member(status, "message", (str, type(None)), f"{at}.status", None) or ""
    if not is_reason(reason):
        raise Misshapen(f"{at}.status.message: expected one line of Latin-1 without control characters")
    return _status(status, "code", f"{at}.status"), reason, headers, _bytes(data.get("body"), f"{at}.body")


def _status(data: Any, key: str, at: str) -> int:
    found: int = _member(data, key, (int,), at)
    if not 100 <= found <= 999:
        raise Misshapen(f"{at}.{key}: expected an HTTP status of three digits")
    return found


def _bytes(given: Any, at: str) -> bytes:
    """Return a body that is text, bytes, nothing, a list of these, or one of them under ``string``."""
    if isinstance(given, dict):
        if "base64_string" in given:
            return _unpacked(_member(given, "base64_string", (str, bytes), at), f"{at}.base64_string")
        return _bytes(given.get("string"), f"{at}.string")
    if isinstance(given, list):
        return b"".join(_bytes(part, f"{at}.{place}") for place, part in enumerate(given))
    if isinstance(given, str):
        try:
            return given.encode()
        except UnicodeEncodeError:
            raise Misshapen(f"{at}: holds half of a surrogate pair, for which UTF-8 has no bytes") from None
    if given is not None and not isinstance(given, bytes):
        raise Misshapen(f"{at}: expected text, bytes or nothing, seen {kind_of(given)}")
    return given or b""


def _unpacked(text: str | bytes, at: str) -> bytes:
    try:
        packed = text.encode("ascii") if isinstance(text, str) else text
        return base64.b64decode(b"".join(packed.split()), validate=True)
    except ValueError:  # binascii's and Unicode's are such
        raise Misshapen(f"{at}: is not base64") from None


def _headers(data: Any, at: str) -> dict[str, tuple[str, ...]]:
    """Return headers; vcrpy writes each value as a list, a person may write a plain text."""
    found: dict[str, tuple[str, ...]] = {}
    for name, given in (_member(data, "headers", (dict, type(None)), at, None) or {}).items():
        values = given if isinstance(given, list) else [given]
        texts = [one.decode("latin-1") if isinstance(one, bytes) else one for one in values]
        if not isinstance(name, str) or not all(isinstance(one, str) for one in texts):
            raise Misshapen(
                f"{at}.headers.{str(name)[:80]}: expected text or a list of texts (quote what looks like a number)"
            )
        if texts:
            found[name] = tuple(texts)
    return found


def _body(beside: dict[Any, Any], inline: bytes, at: str, folder: Path) -> Body:
    name = _member(beside, "body_file", (str, type(None)), at, None)
    digest = _member(beside, "body_sha256", (str, type(None)), at, None)
    length = _member(beside, "body_length", (int, type(None)), at, None)
    if name is None:
        for key in ("body_length", "body_sha256"):
            if beside.get(key) is not None:
                raise Misshapen(f"{at}.{key}: there is no body_file that it could speak of")
        return BytesBody(inline)
    if inline:
        raise Misshapen(f"{at}.body_file: there is a body in the response too")
    if digest is None:
        raise Misshapen(f"{at}.body_sha256: is missing")
    path = folder / name
    try:
        if "\0" in name or not path.resolve().is_relative_to(folder.resolve()):
            raise Misshapen(f"{at}.body_file: {name[:200]!r} lies outside the cassette's folder")
        if not path.is_file():
            raise Misshapen(f"{at}.body_file: there is no file {name[:200]!r} beside the cassette")
        size = path.stat().st_size
    except (OSError, RuntimeError) as error:  # the second: a link to itself
        why = getattr(error, "strerror", None) or "its links lead in a circle"
        raise Misshapen(f"{at}.body_file: {name[:200]!r} cannot be read: {why}") from error
    if length is not None and size != length:
        what = "shorter" if size < length else "longer"
        raise Misshapen(f"{at}.body_file: {name[:200]!r} is {what} than its body_length says: it has {size} bytes")
    if size > LONGEST:
        raise Misshapen(f"{at}.body_file: {name[:200]!r} is longer than {LONGEST // 1024 // 1024} MiB")
    return FileBody(path, size, digest.lower())


def _cuts(beside: dict[Any, Any], body: Body, at: str) -> tuple[Cut, ...]:
    given = _member(beside, "pieces", (list, str, type(None)), at, None)
    if given is None:
        return ()
    cuts = []
    pieces = _written_pieces(given, at) if isinstance(given, str) else _listed_pieces(given, at)
    for place, (length, pause) in enumerate(pieces):
        if not 0 <= length <= body.length:
            raise Misshapen(f"{at}.pieces.{place}.0: expected a length from 0 to the body's {body.length} bytes")
        cuts.append(Cut(length, _seconds(pause, f"{at}.pieces.{place}.1")))
    if (total := sum(cut.length for cut in cuts)) != body.length:
        raise Misshapen(f"{at}.pieces: add up to {total} bytes, and the body has {body.length}")
    return tuple(cuts)


def _listed_pieces(given: Iterable[Any], at: str) -> Iterator[tuple[int, Any]]:
    for place, piece in enumerate(given):
        if not isinstance(piece, list) or len(piece) != 2 or type(piece[0]) is not int:
            raise Misshapen(f"{at}.pieces.{place}: expected [bytes, milliseconds before them]")
        yield piece[0], piece[1]


def _written_pieces(given: str, at: str) -> Iterator[tuple[int, float]]:
    """Yield pieces that are one text: a hundred thousand lists would cost YAML seconds, and ten times the memory."""
    for place, word in enumerate(given.split()):
        piece = _PIECE.fullmatch(word)
        if piece is None:
            raise Misshapen(f"{at}.pieces.{place}: expected BYTES or BYTES@MILLISECONDS, seen {word[:80]!r}")
        yield int(piece[1]), float(piece[2] or 0)


def _seconds(given: Any, at: str) -> float:
    """Return milliseconds as seconds, to the microsecond."""
    if type(given) not in (int, float) or (isinstance(given, float) and math.isnan(given)):
        raise Misshapen(f"{at}: expected a number of milliseconds, seen {kind_of(given)}")
    if not 0 <= given <= LONGEST_PAUSE * 1000:
        raise Misshapen(f"{at}: expected milliseconds from 0 to those of a day, seen {'less' if given < 0 else 'more'}")
    microseconds: int = round(given * 1000)
    return microseconds / 1_000_000


def _one_of(data: Any, key: str, words: tuple[str, ...], default: Any, at: str) -> Any:
    found = _member(data, key, (str, type(default)), at, default)
    if found not in (*words, default):
        raise Misshapen(f"{_place(at, key)}: expected one of {', '.join(words)}, seen {found[:80]!r}")
    return found


_MISSING = object()


def _member(data: Any, key: str, kinds: tuple[type, ...], at: str, default: Any = _MISSING) -> Any:
    """Return a member of an object that is of one of the kinds, or the default where it is not there."""
    found = data.get(key, default) if isinstance(data, Mapping) else _MISSING
    if found is _MISSING:
        raise Misshapen(f"{_place(at, key)}: is missing")
    if type(found) not in kinds:
        wished = " or ".join(_KINDS[kind] for kind in dict.fromkeys(kinds))
        raise Misshapen(f"{_place(at, key)}: expected {wished}, seen {kind_of(found)}")
    return found


def _place(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


_KINDS: Mapping[type, str] = {
    dict: "a mapping", list: "a list", tuple: "a list", str: "text", int: "a whole number", float: "a fraction",
    bool: "true or false", bytes: "binary data", type(None): "nothing",
}  # fmt: skip


def kind_of(value: Any) -> str:
    """Return what a value is, in words of YAML; of a text that could be meant as a number, the text."""
    if isinstance(value, str) and _LIKE_A_NUMBER.fullmatch(value):
        return f"the text {value!r}"
    return _KINDS.get(type(value), "something else")
