"""Applications in a browser: what its own rules ask of a server on another port (Fetch standard, CORS protocol).

Only pages that were served from this machine may read what is played here: a cassette is nobody else's business, and
any page that its user visits could ask for it. Answers get a header more than was recorded, and only where the request
came from such a page and the recording does not have one.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from harness.protocol.script import Exchange, Script
from harness.replay.answer import Answer, answer_of, with_headers

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_ORIGIN = "Access-Control-Allow-Origin"
_SECONDS = "600"  # for which a browser remembers that it may


def preflight(asked: Exchange) -> Answer | None:
    """Return the answer to a browser that asks whether it may ask, None where the request is something else."""
    origin, method = _origin(asked), asked.header("access-control-request-method")
    if asked.method != "OPTIONS" or origin is None or method is None:
        return None
    names = asked.header("access-control-request-headers")
    headers = (
        (_ORIGIN, origin),
        ("Access-Control-Allow-Methods", method),
        *([("Access-Control-Allow-Headers", names)] if names else []),
        ("Access-Control-Max-Age", _SECONDS),
    )
    return answer_of(Script(status=204, headers=headers))


def readable(answer: Answer, asked: Exchange) -> Answer:
    """Return the answer with the header that lets the page which asked read it, where there is such a page."""
    origin = _origin(asked)
    if (
        origin is None
        or answer.head is None
        or any(name == _ORIGIN.lower().encode() for name, _ in answer.head.headers)
    ):
        return answer
    return with_headers(answer, ((_ORIGIN, origin), ("Access-Control-Expose-Headers", "*")))


def _origin(asked: Exchange) -> str | None:
    """Return the origin of a page that was served from this machine, None for any other and where there is none."""
    origin = asked.header("origin")
    try:
        host = urlsplit(origin or "").hostname or ""
    except ValueError:
        return None
    return origin if host in _THIS_MACHINE or host.endswith(".localhost") else None
