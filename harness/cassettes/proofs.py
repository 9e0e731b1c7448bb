"""What a request carries to prove who asks: keys, cookies and accounts, in whatever header or parameter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.cassettes.interaction import Request
from harness.cassettes.redaction import names
from harness.cassettes.redaction.search import Hit
from harness.cassettes.redaction.spelling import Spelled


def proofs_of(request: Request) -> tuple[str, ...]:
    """Return what of a request must be found wherever it is repeated: in its body, and in what the provider says."""
    found = [
        secret for name, values in request.headers.items() for value in values for secret in _of_header(name, value)
    ]
    uri = _spelled(request.uri)
    return tuple(dict.fromkeys([*found, *_secrets(uri, names.of_query(request.uri, uri))]))


def _of_header(name: str, value: str) -> Iterator[str]:
    spelled = _spelled(value)
    return _secrets(spelled, names.of_header(name, spelled))


def _spelled(text: str) -> Spelled:
    return Spelled(text.encode("utf-8", "surrogatepass"))


def _secrets(spelled: Spelled, hits: Iterable[Hit]) -> Iterator[str]:
    for hit in hits:
        yield spelled.text[hit.secret : hit.stop].decode("utf-8", "replace")
