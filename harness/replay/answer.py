"""A script → the head of its answer, proven playable before anybody asks for it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus

import h11

from harness.cassettes.interaction import is_reason
from harness.errors import InputError
from harness.protocol.script import Piece, Script

_WITHOUT_BODY = {204, 304}  # RFC 9110 §6.4.1
_FRAMING = {"content-length", "transfer-encoding"}
_ENDLESS = 10**15  # a Content-Length that no endless body reaches
_UNSENT = 1  # how many bytes of a promised body are missing: the least is the hardest to notice


@dataclass(frozen=True, slots=True)
class Answer:
    """A script that can be played, and the head of its answer; ``head`` is None where raw bytes stand for it."""

    script: Script
    head: h11.Response | None


def answer_of(script: Script) -> Answer:
    """Return the answer that a script describes; raises :class:`InputError` where HTTP has no such answer.

    The given headers are sent as they are and in their order. Those that tell where the body ends belong to
    ``framing``: a Content-Length counts where that is ``length``, else it is left out, and so is every
    Transfer-Encoding. What is added stands behind them: the header of the framing, ``Connection: close`` where the
    script does not keep the connection, and where it ``guesses_type`` a Content-Type where none is given
    (``application/json`` for a body that begins like JSON, else ``text/event-stream``). Pieces are looked at one by
    one, so that a body in a file is never in memory as a whole.
    """
    _check_pause(script.head_pause)
    total = 0
    for piece in script.pieces:
        _check_pause(piece.pause)
        total += len(piece.data)
    if script.raw is not None:
        return Answer(script, None)
    if script.status in _WITHOUT_BODY and total:
        raise InputError(f"an answer of status {script.status} has no body, but there are pieces")
    if not is_reason(script.reason):  # h11 would write it as it is, and what follows a line's end would be a header
        raise InputError("HTTP has no such head: a reason is one line of Latin-1 without control characters")
    try:
        head = h11.Response(
            status_code=script.status,
            headers=list(_headers(script, total)),
            reason=(script.reason or _reason(script.status)).encode("latin-1"),
        )
    except UnicodeEncodeError as error:
        letter = error.object[error.start]
        raise InputError(f"HTTP has no such head: {letter!r} in a header is no character of Latin-1") from None
    except h11.LocalProtocolError as error:
        raise InputError(f"HTTP has no such head: {error}") from None
    _check_length(script, head, total)
    return Answer(script, head)


def with_headers(answer: Answer, headers: tuple[tuple[str, str], ...]) -> Answer:
    """Return an answer that has a head with further headers behind its own; raises as :func:`answer_of` does."""
    if answer.head is None:
        raise AssertionError("raw bytes have no head")
    more = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    try:
        head = h11.Response(
            status_code=answer.head.status_code,
            headers=[*answer.head.headers.raw_items(), *more],
            reason=answer.head.reason,
        )
    except h11.LocalProtocolError as error:
        raise InputError(f"HTTP has no such head: {error}") from None
    return Answer(replace(answer.script, headers=(*answer.script.headers, *headers)), head)


def refusal(status: int, code: str, message: str, *, keep_alive: bool = True) -> Answer:
    """Return the answer of the server itself to what no script answers, as JSON that adapters can read."""
    body = json.dumps({"error": {"message": message, "type": "replay_error", "code": code}}).encode()
    return answer_of(Script((Piece(body),), status=status, framing="length", keep_alive=keep_alive))


def _check_pause(pause: float) -> None:
    if not (math.isfinite(pause) and pause >= 0):
        raise InputError(f"a pause of {pause} seconds cannot be made")


def _headers(script: Script, total: int) -> Iterator[tuple[bytes, bytes]]:
    length = None if script.status in _WITHOUT_BODY else _promised(script, total)
    named = {name.lower() for name, _ in script.headers}
    for name, value in script.headers:
        if name.lower() not in _FRAMING or (name.lower() == "content-length" and script.framing == "length"):
            yield name.encode("latin-1"), value.encode("latin-1")
    if script.guesses_type and "content-type" not in named and (kind := _content_type(script)):
        yield b"Content-Type", kind
    if script.framing == "length" and "content-length" not in named and length is not None:
        yield b"Content-Length", b"%d" % length
    if not script.keep_alive and not any(_says_close(name, value) for name, value in script.headers):
        yield b"Connection", b"close"


def _says_close(name: str, value: str) -> bool:
    return name.lower() == "connection" and "close" in value.lower()


def _content_type(script: Script) -> bytes | None:
    """JSON announces itself by its first byte; what else a provider says is a stream of events."""
    beginning = next((said for piece in script.pieces if (said := piece.data.lstrip())), None)
    if beginning is None:
        return None
    return b"application/json" if beginning.startswith((b"{", b"[")) else b"text/event-stream"


def _promised(script: Script, total: int) -> int:
    """Return the Content-Length: what is sent, or more where the body is not to be whole."""
    if script.ending == "endless":
        return _ENDLESS
    return total + (0 if script.ending == "end" else _UNSENT)


def _check_length(script: Script, head: h11.Response, total: int) -> None:
    """Refuse a Content-Length that the body does not keep; bytes behind a body's end are a matter for ``raw``."""
    given = next((int(value) for name, value in head.headers if name == b"content-length"), None)
    if given is None or script.status in _WITHOUT_BODY:
        return
    if script.ending == "endless":
        fits, wanted = given >= _ENDLESS, f"at least {_ENDLESS}"
    elif script.ending == "end":
        fits, wanted = given == total, str(total)
    else:
        fits, wanted = given >= total, f"at least {total}"
    if not fits:
        raise InputError(f"the header Content-Length says {given}, but with ending {script.ending!r} it is {wanted}")


def _reason(status: int) -> str:
    """Return the standard phrase: Node's fetch shows it to adapters as the status text."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
