"""Headers and parameters whose name says that their value is a secret, or an account.

Ids of one request (``x-request-id``, ``cf-ray``, ``x-amzn-requestid``, ``apim-request-id``) are neither: they prove
nothing, tell nobody's name and say which answer this is, so they stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.cassettes.redaction.search import Hit
from harness.cassettes.redaction.spelling import Spelled

_SECRET = re.compile(
    r"(?:^|[-_.]|api|app|access|auth|bearer|client|id|private|refresh|secret|security|session|subscription|x)"
    r"(?:key|key[-_]?id|token|auth|authorization|secret|sig|signature|credential|credentials|cookie|cookie2|jwt"
    r"|password|passwd|pwd|session|sessionid)$",
    re.IGNORECASE,
)
_NO_SECRET = frozenset(
    {"cache-key", "idempotency-key", "sec-websocket-key", "surrogate-key", "x-cache-key", "x-idempotency-key"}
)
_ACCOUNT = re.compile(
    r"(?:^|[-_])(?:organi[sz]ation|project|account|tenant|workspace|team|customer|subscription|user)(?:[-_]?id)?$",
    re.IGNORECASE,
)
_SCHEME = re.compile(
    rb"\s*(?:(?:bearer|basic|token|key|apikey|api-key|digest|negotiate)\s+|snowflake token=)?", re.IGNORECASE
)
_SIGNED = re.compile(rb"\s*AWS4-", re.IGNORECASE)
_SIGNATURE = re.compile(rb"(?:Credential|Signature)=(?P<secret>[^/,\s]+)")
_COOKIE = re.compile(rb"(?:^|;)\s*(?:[^=;]*=)?(?P<secret>[^;]*)")
_PARAMETER = re.compile(r"[?&#;]([^=&#;]*)=([^&#]*)")


def is_secret(name: str) -> bool:
    """Tell whether the value of a header or of a query's parameter is a proof of who asks."""
    return _SECRET.search(name) is not None and name.lower() not in _NO_SECRET


def is_account(name: str) -> bool:
    """Tell whether the value of a header says whose account it is."""
    return _ACCOUNT.search(name) is not None


def of_header(name: str, spelled: Spelled) -> Iterator[Hit]:
    """Yield what is secret in a header by its name: no scheme, no cookie's name, no attribute of a cookie."""
    text, kind = spelled.text, f"value of {name.lower()}"
    if name.lower() in ("cookie", "set-cookie"):
        for match in _COOKIE.finditer(text):
            yield Hit(kind, *match.span("secret")[:1], *match.span("secret"))
            if name.lower() == "set-cookie":
                return
    elif is_secret(name) and _SIGNED.match(text):
        for match in _SIGNATURE.finditer(text):
            yield Hit(kind, match.start("secret"), *match.span("secret"))
    elif is_secret(name) or is_account(name):
        scheme = _SCHEME.match(text)
        start = scheme.end() if scheme and scheme.end() < len(text) else 0
        yield Hit(kind, start, start, len(text))


def of_query(uri: str, spelled: Spelled) -> Iterator[Hit]:
    """Yield what is secret in a URI by the names of its parameters, whose values are read where they are written."""
    for match in _PARAMETER.finditer(uri):
        if is_secret(match[1]) and match[2]:
            before, value = (len(uri[:at].encode("utf-8", "surrogatepass")) for at in match.span(2))
            start, stop = spelled.read(before), spelled.read(value)
            yield Hit(f"value of {match[1]}", start, start, stop)
