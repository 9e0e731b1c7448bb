"""Exchanges as lines of a transcript's file: what the played provider received, and what became of it.

::

    {"exchange": {method, target, headers: [[name, value]], body | bodyBase64, askedAt, connection, script?, status?,
                  sent: [[at, length]], closedAt?, closedBy?, whole?: true, answerHeaders?: [[name, value]],
                  asked?: {…}, fault?}}

``body`` is the request's body as text, ``bodyBase64`` its bytes where it is none. ``asked`` is described in
:mod:`harness.protocol.messages_json`. Times are milliseconds since the play began.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, get_args

from harness.errors import InputError
from harness.protocol.messages_json import request_json, request_of
from harness.protocol.script import ClosedBy, Exchange, Sent

_CLOSERS: tuple[ClosedBy, ...] = get_args(ClosedBy)


def exchange_json(exchange: Exchange) -> dict[str, Any]:
    """Return the JSON of one exchange; what is unknown is left out."""
    members = {
        "method": exchange.method,
        "target": exchange.target,
        "headers": [list(header) for header in exchange.headers],
        **_body_json(exchange.body),
        "askedAt": exchange.asked_at,
        "connection": exchange.connection,
        "script": exchange.script,
        "status": exchange.status,
        "sent": [[sent.at, sent.length] for sent in exchange.sent],
        "closedAt": exchange.closed_at,
        "closedBy": exchange.closed_by,
        "whole": exchange.whole or None,
        "answerHeaders": [list(header) for header in exchange.answer_headers] or None,
        "asked": None if exchange.asked is None else request_json(exchange.asked),
        "fault": exchange.fault,
    }
    return {key: value for key, value in members.items() if value is not None}


def exchange_of(value: Any) -> Exchange:
    """Return an exchange read from its JSON; raises :class:`InputError` naming the member that is wrong."""
    if not isinstance(value, dict):
        raise InputError('"exchange" is an object')
    return Exchange(
        method=_text(value, "method"),
        target=_text(value, "target"),
        headers=_headers(value, "headers"),
        body=_body(value),
        asked_at=_time(value, "askedAt"),
        connection=_count(value, "connection") or 0,
        script=_count(value, "script"),
        status=_count(value, "status"),
        sent=_sent(value),
        closed_at=_time(value, "closedAt") if "closedAt" in value else None,
        closed_by=_closer(value),
        whole=value.get("whole") is True,
        asked=request_of(value["asked"]) if "asked" in value else None,
        fault=_text(value, "fault") if "fault" in value else None,
        answer_headers=_headers(value, "answerHeaders"),
    )


def _body_json(body: bytes) -> dict[str, str]:
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"bodyBase64": base64.b64encode(body).decode()}


def _body(value: Mapping[str, Any]) -> bytes:
    if "bodyBase64" not in value:
        return _text(value, "body").encode(errors="surrogatepass") if "body" in value else b""
    try:
        return base64.b64decode(_text(value, "bodyBase64"), validate=True)
    except ValueError:
        raise InputError('"bodyBase64" is base64') from None


def _headers(value: Mapping[str, Any], key: str) -> tuple[tuple[str, str], ...]:
    headers = value.get(key, [])
    if not (isinstance(headers, list) and all(_is_header(header) for header in headers)):
        raise InputError(f'"{key}" is a list of pairs, name and value')
    return tuple((name, text) for name, text in headers)


def _is_header(header: Any) -> bool:
    return isinstance(header, list) and len(header) == 2 and all(isinstance(text, str) for text in header)


def _sent(value: Mapping[str, Any]) -> tuple[Sent, ...]:
    pieces = value.get("sent", [])
    if not (isinstance(pieces, list) and all(_is_piece(piece) for piece in pieces)):
        raise InputError('"sent" is a list of pairs, milliseconds and bytes')
    return tuple(Sent(at, length) for at, length in pieces)


def _is_piece(piece: Any) -> bool:
    return isinstance(piece, list) and len(piece) == 2 and type(piece[0]) in {int, float} and type(piece[1]) is int


def _closer(value: Mapping[str, Any]) -> ClosedBy | None:
    closer = value.get("closedBy")
    if not (closer is None or closer in _CLOSERS):
        raise InputError(f'"closedBy" is one of {", ".join(_CLOSERS)}; seen: {closer!r:.80}')
    return closer


def _text(value: Mapping[str, Any], key: str) -> str:
    text = value.get(key)
    if not isinstance(text, str):
        raise InputError(f'"{key}" of an exchange is a text; seen: {text!r:.80}')
    return text


def _time(value: Mapping[str, Any], key: str) -> float:
    time = value.get(key)
    if isinstance(time, bool) or not isinstance(time, int | float):
        raise InputError(f'"{key}" of an exchange is a number of milliseconds; seen: {time!r:.80}')
    return time


def _count(value: Mapping[str, Any], key: str) -> int | None:
    count = value.get(key)
    if not (count is None or type(count) is int):
        raise InputError(f'"{key}" of an exchange is a whole number; seen: {count!r:.80}')
    return count
