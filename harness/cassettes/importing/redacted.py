"""An exchange from somebody else's file → one that may be kept: unpacked, and free of secrets."""

from __future__ import annotations

from dataclasses import replace

from harness.cassettes.compression import decoded_body, decoded_pieces, is_text, unpacked_headers
from harness.cassettes.interaction import BytesBody, Cut, Interaction, Request
from harness.cassettes.redaction import Redactor
from harness.errors import InputError
from harness.protocol.script import BodyFraming


def unpacked(one: Interaction) -> Interaction:
    """Return an exchange whose answer is not compressed; its pieces are what each of them unpacked to.

    Many recorders unpack a body and leave its ``content-encoding``: text that is not so compressed is taken as it is.
    Raises :class:`InputError` for a compression that is not known, broken, or made to swell.
    """
    if one.header("content-encoding") is None:
        return one
    try:
        parts = list(decoded_pieces(one))
    except InputError:
        if not is_text(body := one.body.read(0, one.body.length)):
            raise
        parts, cuts = [body], one.cuts
    else:
        cuts = tuple(Cut(len(part), cut.pause) for part, cut in zip(parts, one.cuts, strict=True)) if one.cuts else ()
    return replace(one, headers=unpacked_headers(one), body=BytesBody(b"".join(parts)), cuts=cuts)


def redacted(one: Interaction, redactor: Redactor) -> Interaction:
    """Return an exchange without secrets, every length kept; the answer must be unpacked.

    Raises :class:`InputError` where the request is compressed and cannot be unpacked.
    """
    request = one.request
    asked = unpacked(Interaction(request, 200, request.headers, BytesBody(request.body)))
    body = decoded_body(asked)
    return replace(
        one,
        request=Request(
            request.method,
            redactor.uri(request.uri),
            redactor.headers(asked.headers),
            redactor.body(body),
            tuple(dict.fromkeys((*request.redacted, *redactor.replaced_in(request.uri, body)))),
        ),
        headers=redactor.headers(one.headers),
        body=BytesBody(redactor.body(one.body.read(0, one.body.length))),
        framing=_framing(one),
    )


def _framing(one: Interaction) -> BodyFraming:
    """Return how the end of a body was told, where only the headers say it."""
    is_counted = one.header("content-length") is not None and one.header("transfer-encoding") is None
    return "length" if one.framing == "chunked" and is_counted else one.framing
