"""Keys that a transcript must not take along when it leaves the machine, and what is written in their place.

A key is replaced wherever it stands (request, headers, body, events, chunks, what was raised, what was answered) by a
mark of the same length that is the same everywhere: ``key-1____`` (:mod:`harness.protocol.mask`). So whoever reads the
file learns no letter of it but those that tell whose it is (``sk-``), lengths and places stay true, and the rules still
judge it: it arrived where its mark stands, leaked where its mark stands too, and looks like a key if it did before. A
digest would say no more than a mark, and a short key could be guessed from it.

What is a key is told by where it stands: ``apiKey``, a header or a parameter of a query whose name says so, whatever
the scheme before it, a cookie, the password of a URL. The application's own headers are masked as well, though they
are no keys that a rule looks for: a gateway's tenant is nobody else's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote

from harness.protocol.compaction import APPENDED, MISMATCH
from harness.protocol.mask import Mask
from harness.protocol.script import Exchange
from harness.protocol.streamchunk import CONTENT, THINKING, TOOL_CALL
from harness.protocol.transcript import Record, Transcript

SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "set-cookie"}
)
"""Headers, in lower case, that the providers and browsers that we know keep their keys in."""

SHORTEST = 8
"""A key has at least so many characters; what is shorter may be any word, and is left as it is."""

_SECRET_NAME = re.compile(r"key|token(?!s)|auth|secret|sig|cookie|credential", re.IGNORECASE)
"""What the name of a header or of a parameter holds if its value is a key; ``tokens`` are counted."""

_SECRET_MEMBER = re.compile(r"api[-_]?key$|access[-_]?token$|secret|password|credential", re.IGNORECASE)
"""What the name of a member of the request holds if its value is a key; a ``cacheKey`` is none."""

_SCHEMES = frozenset({"bearer", "basic", "token", "key", "apikey", "api-key", "digest"})
_PUBLIC_HEADERS = frozenset(
    {
        "accept", "accept-encoding", "accept-language", "anthropic-beta", "anthropic-version", "cache-control",
        "connection", "content-encoding", "content-type", "openai-beta", "user-agent",
    }
)  # fmt: skip
"""Headers whose values are words of the protocol: they tell nothing of who sent them, and stand in other places too."""


def is_secret_name(name: str) -> bool:
    """Tell whether a header or a parameter of a query has a name that says that its value is a key."""
    return bool(_SECRET_NAME.search(name))


def secrets_of_request(request: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys of a TanStack request: its ``apiKey``, and those in its ``headers`` and its ``url`` (§2)."""
    options = request.get("modelOptions")
    if not isinstance(options, Mapping):
        return ()
    url = options.get("url")
    in_url = _in_url(url) if isinstance(url, str) else ()
    return _long_enough([options.get("apiKey"), *_in_headers(_headers_of(options)), *in_url])


def mask_of(transcript: Transcript) -> Mask:
    """Return what hides the secrets of a transcript: those of its request and of every exchange with a provider."""
    request = transcript.stimulus.request
    options = request.get("modelOptions")
    proofs = [
        *secrets_of_request(request),
        *_in_members(request),
        *(secret for url in transcript.stimulus.asked for secret in _in_url(url)),
        *(secret for exchange in transcript.exchanges or () for secret in _of_exchange(exchange)),
    ]
    return Mask(_long_enough(proofs), _long_enough(_private(options)) if isinstance(options, Mapping) else ())


def masked_transcript(transcript: Transcript) -> Transcript:
    """Return a transcript that may leave the machine; it is judged as the whole one is.

    A text that came in pieces is searched as a whole, so that a key which was cut over two of them is found, and is
    found alike in the source and in the answer.
    """
    mask = mask_of(transcript)
    if not mask:
        return transcript
    stimulus = transcript.stimulus
    return replace(
        transcript,
        records=_records(transcript.records, mask),
        ending=mask.of(transcript.ending),
        stimulus=replace(
            mask.of(replace(stimulus, events=None)),
            events=None if stimulus.events is None else _events(stimulus.events, mask),
            asked=tuple(map(mask.target, stimulus.asked)),
        ),
        result=mask.of(transcript.result),
        exchanges=mask.of(transcript.exchanges),
        framing=mask.of(transcript.framing),
    )


def _in_members(value: Any) -> Iterator[str]:
    """Yield the keys of members that say so by their names, at any depth: providers have options of their own."""
    for item in value if isinstance(value, list) else ():
        yield from _in_members(item)
    for name, item in value.items() if isinstance(value, Mapping) else ():
        if isinstance(item, str):
            if isinstance(name, str) and _SECRET_MEMBER.search(name):
                yield item
        else:
            yield from _in_members(item)


def _of_exchange(exchange: Exchange) -> Iterator[Any]:
    yield from _in_headers(exchange.headers)
    yield from _in_query(exchange.target)
    yield from _in_headers(exchange.answer_headers)


def _headers_of(options: Mapping[str, Any]) -> Iterable[tuple[Any, Any]]:
    headers = options.get("headers")
    return headers.items() if isinstance(headers, Mapping) else ()


def _private(options: Mapping[str, Any]) -> Iterator[Any]:
    for name, value in _headers_of(options):
        if isinstance(name, str) and name.lower() not in _PUBLIC_HEADERS and not is_secret_name(name):
            yield value


def _in_headers(headers: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    for name, value in headers:
        if isinstance(name, str) and isinstance(value, str) and is_secret_name(name):
            yield from _credentials(name.lower(), value.strip())


def _credentials(name: str, value: str) -> list[str]:
    """Return what is secret in a header: cookies without their names, what follows a scheme, or the whole value."""
    if "cookie" in name:
        pairs = value.split(";")[: 1 if name.startswith("set-") else None]  # behind the first are attributes
        values = [pair.partition("=")[2].strip() for pair in pairs]
        return [one for one in values if len(one) >= SHORTEST] or pairs[:1]
    scheme, _, rest = value.partition(" ")
    known = scheme.lower() in _SCHEMES
    if rest and (known or ("auth" in name and len(rest.strip()) >= SHORTEST)):
        return [rest.strip()]
    return [value]


def _in_query(target: str) -> Iterator[str]:
    for name, value in parse_qsl(target.partition("?")[2].partition("#")[0]):
        if is_secret_name(name):
            yield value


def _in_url(url: str) -> Iterator[str]:
    """Yield the credential before the ``@`` of a URL, which is its password or else its user, and those of its query.

    ``urllib`` refuses some URLs, and what it refuses may hold a key all the same.
    """
    authority = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]
    user, _, password = authority.rpartition("@")[0].partition(":")
    yield unquote(password or user)
    yield from _in_query(url)


def _long_enough(found: Iterable[Any]) -> tuple[str, ...]:
    return tuple(secret for secret in found if isinstance(secret, str) and len(secret) >= SHORTEST)


def _events(events: Sequence[Any], mask: Mask) -> tuple[Any, ...]:
    """Mask source events; deltas of text are one text, and so are those of each call's arguments."""
    hidden = [mask.of(event) for event in events]
    pieces: dict[str, list[int]] = {}
    for place, event in enumerate(events):
        if isinstance(event, Mapping) and isinstance(event.get("delta"), str):
            id_ = event.get("id") if event.get("type") == "tool-input-delta" else ""
            pieces.setdefault(f"{event.get('type')} {id_}", []).append(place)
    for places in pieces.values():
        texts = mask.spread([events[place]["delta"] for place in places])
        for place, text in zip(places, texts, strict=True):
            hidden[place]["delta"] = text
    return tuple(hidden)


def _records(records: Sequence[Record], mask: Mask) -> tuple[Record, ...]:
    """Mask chunks; what they append is one text, and so are the fragments of each call."""
    hidden = [mask.of(record) for record in records]
    pieces: dict[str, list[tuple[str, dict[str, Any], str]]] = {}
    for record, masked in zip(records, hidden, strict=True):
        if not isinstance(record.chunk, dict):
            continue
        group, path = _growing(record.chunk)
        text, holder = _inside(record.chunk, path), _inside(masked.chunk, path[:-1])
        if path and isinstance(text, str) and isinstance(holder, dict):
            pieces.setdefault(group, []).append((text, holder, path[-1]))
        if MISMATCH in record.chunk:  # an excerpt, so it may begin in the middle of a key
            masked.chunk[MISMATCH] = mask.excerpts(record.chunk[MISMATCH])
    for group, found in pieces.items():
        if group in _COUNTED or len(found) > 1:
            texts = mask.spread([text for text, _, _ in found])
            for (_, holder, key), text in zip(found, texts, strict=True):
                holder[key] = text
    return tuple(hidden)


_COUNTED = (CONTENT, THINKING)
"""Chunk types whose text has its length beside it."""


def _growing(chunk: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return which text a chunk adds to, and the path of what it adds; both are empty where it adds to none."""
    kind = chunk.get("type")
    if isinstance(kind, str) and kind in _COUNTED:
        return kind, ("delta",) if isinstance(chunk.get("delta"), str) else (APPENDED,)
    if kind == TOOL_CALL:
        return f"{kind} {chunk.get('index')!r}", ("toolCall", "function", "arguments")
    return "", ()


def _inside(value: Any, path: Sequence[str]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
