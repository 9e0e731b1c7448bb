"""Headers and parameters whose name says that their value is a secret, or an account.

Ids of one request (``x-request-id``, ``cf-ray``, ``x-amzn-requestid``, ``apim-request-id``) are neither: they prove
nothing, tell nobody's name and say which answer this is, so they stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.cassettes.redaction.search import Hit
from harness.cassettes.redaction.spelling import Spelled

_PROOFS = frozenset(
    {
        "assertion", "attestation", "auth", "authentication", "authorization", "bearer", "cookie", "cookie2",
        "cookies", "credential", "credentials", "hmac", "jwt", "key", "keyid", "keys", "pass", "passphrase", "passwd",
        "password", "pat", "principal", "pwd", "secret", "secrets", "session", "sid", "sig", "signature", "token",
    }
)  # fmt: skip
_GLUED = re.compile(
    r"x?(?:api|app|access|auth|bearer|client|id|private|refresh|secret|security|session|subscription)"
    r"(?:key|keyid|token|secret)|sessionid"
)
_COUNTED = frozenset(
    {
        "age", "alg", "algorithm", "available", "budget", "count", "enabled", "end", "expiration", "expires",
        "expiry", "format", "length", "limit", "mode", "policy", "remaining", "required", "reset", "retry", "seconds",
        "size", "start", "status", "supported", "ttl", "type", "types", "usage", "used", "version",
    }
)  # fmt: skip
"""What a proof is said to have; a header that ends with one of these does not hold the proof."""
_NO_PROOFS = frozenset(
    {
        "affinity", "allow", "cache", "completion", "continuation", "cursor", "dedup", "dedupe", "foreign",
        "idempotency", "input", "max", "min", "next", "output", "page", "partition", "prev", "previous", "prompt",
        "public", "ratelimit", "routing", "site", "sort", "start", "stop", "surrogate", "sync", "websocket",
    }
)  # fmt: skip
"""What makes something else of a key, of a token or of credentials."""
_WHOSE = frozenset(
    {
        "account", "accountid", "customer", "customerid", "email", "org", "organisation", "organization",
        "organizationid", "orgid", "project", "projectid", "subscription", "subscriptionid", "team", "teamid",
        "tenant", "tenantid", "user", "userid", "username", "workspace", "workspaceid",
    }
)  # fmt: skip
_OF_WHOM = frozenset(
    {
        "address", "email", "guid", "id", "ids", "name", "number", "slug", "uid", "uuid",
    }
)  # fmt: skip
_WORD = re.compile(r"[a-z0-9]+|[A-Z]+(?![a-z])[0-9]*|[A-Z][a-z0-9]*")
_VERSION = re.compile(r"v?[0-9]+|ed25519|sha[0-9]+")
_SCHEME = re.compile(
    rb"\s*(?:(?:bearer|basic|token|key|apikey|api-key|digest|negotiate|ssws)\s+|snowflake token=)?", re.IGNORECASE
)
_SIGNED = re.compile(rb"\s*AWS4-", re.IGNORECASE)
_SIGNATURE = re.compile(rb"(?:Credential|Signature)=(?P<secret>[^/,\s]+)")
_COOKIE = re.compile(rb"(?:^|;)\s*(?:[^=;]*=)?(?P<secret>[^;]*)")
_SET_COOKIE = re.compile(rb"(?:^\s*(?:[^=;,\s]*=)?|,\s*[^=;,\s]+=)(?P<secret>(?:[^;,]|,(?!\s*[^=;,\s]+=))*)")
_PARAMETER = re.compile(r"[?&#;]([^=&#;]*)=([^&#]*)")


def is_secret(name: str) -> bool:
    """Tell whether the value of a header or of a query's parameter is a proof of who asks, by the words of its name."""
    words = _words(name)
    at = next((at for at, word in enumerate(words) if word in _PROOFS or _GLUED.fullmatch(word)), None)
    if at is None or words[-1] in _COUNTED:
        return False
    if words[at] in ("key", "keys", "keyid", "token", "credentials", "session", "pass"):
        return not _NO_PROOFS.intersection(words)
    return True


def is_account(name: str) -> bool:
    """Tell whether the value of a header or of a parameter says whose account it is, by the last words of its name."""
    words = _words(name)
    while len(words) > 1 and words[-1] in _OF_WHOM and words[-1] not in _WHOSE:
        words.pop()
    return bool(words) and words[-1] in _WHOSE and "ratelimit" not in words


def of_header(name: str, spelled: Spelled) -> Iterator[Hit]:
    """Yield what is secret in a header by its name: no scheme, no cookie's name, no attribute of a cookie."""
    text, kind, words = spelled.text, f"value of {name.lower()}", _words(name)
    if {"cookie", "cookies", "cookie2"}.intersection(words):
        for match in (_SET_COOKIE if "set" in words else _COOKIE).finditer(text):
            yield Hit(kind, *match.span("secret")[:1], *match.span("secret"))
    elif is_secret(name) and _SIGNED.match(text):
        for match in _SIGNATURE.finditer(text):
            yield Hit(kind, match.start("secret"), *match.span("secret"))
    elif is_secret(name) or is_account(name):
        scheme = _SCHEME.match(text)
        start = scheme.end() if scheme and scheme.end() < len(text) else 0
        yield Hit(kind, start, start, len(text))


def _words(name: str) -> list[str]:
    words = [word.lower() for word in _WORD.findall(name)]
    while len(words) > 1 and _VERSION.fullmatch(words[-1]):
        words.pop()
    return words


def of_query(uri: str, spelled: Spelled) -> Iterator[Hit]:
    """Yield what is secret in a URI by the names of its parameters, whose values are read where they are written.

    The value of an account's name that is one word (``?user=me``) says nothing.
    """
    for match in _PARAMETER.finditer(uri):
        if match[2] and (is_secret(match[1]) or (is_account(match[1]) and not match[2].isalpha())):
            before, value = (len(uri[:at].encode("utf-8", "surrogatepass")) for at in match.span(2))
            start, stop = spelled.read(before), spelled.read(value)
            yield Hit(f"value of {match[1]}", start, start, stop)
