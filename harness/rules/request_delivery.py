"""What travels with a request beside its body, and with nothing else: key and headers (R29, R22)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from harness.protocol.masking import SECRET_HEADERS, secrets_of_request
from harness.protocol.script import Exchange
from harness.protocol.streamchunk import CONTENT, ERROR, THINKING
from harness.protocol.transcript import NOTHING
from harness.rules.asked import ASKING, ONE_ANSWER, and_others, at_request, options_of
from harness.rules.ending import secret_in
from harness.rules.rule import SPEC, Finding, Level, rule
from harness.rules.sound import SoundTranscript
from harness.rules.wording import shown


def a_key_is_given(transcript: SoundTranscript) -> bool:
    """Apply where the request brings its key, no header of its own replaces it, and the provider was asked."""
    key, headers = options_of(transcript).get("apiKey"), _headers(transcript)
    return bool(transcript.exchanges) and isinstance(key, str) and bool(key) and SECRET_HEADERS.isdisjoint(headers)


@rule(
    "REQ-19",
    Level.MUST,
    "§2",
    "R29",
    profiles=SPEC,
    applies=a_key_is_given,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the provider refuses the request, or somebody else's key pays for it",
    mend="send the key as the provider wants it: Authorization: Bearer, x-api-key, x-goog-api-key, or ?key=",
)
def the_key_arrives(transcript: SoundTranscript) -> Iterator[Finding]:
    """The key of the request's options arrives with every request, in a header or as `?key=`."""
    key = options_of(transcript)["apiKey"]
    without = [place for place, exchange in enumerate(transcript.exchanges or ()) if not _has_key(exchange, key)]
    if without:
        seen = f"no header has it{and_others(len(without) - 1, 'request')}"
        yield Finding(None, "the key of modelOptions", seen, at_request(without[0], "headers"))


def headers_are_given(transcript: SoundTranscript) -> bool:
    """Apply where the request's options have headers, and the provider was asked."""
    return bool(transcript.exchanges) and bool(_headers(transcript))


@rule(
    "REQ-20",
    Level.MUST,
    "§2",
    "R29",
    profiles=SPEC,
    applies=headers_are_given,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="a gateway does not know whose request it is, or a beta that the application needs is off",
    mend="pass headers on to the call of the model; some routers drop them (A11)",
)
def the_headers_arrive(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every header of the request's options arrives with every request, with its value."""
    for place, exchange in enumerate(transcript.exchanges or ()):
        for name, value in _headers(transcript).items():
            seen = [text for header, text in exchange.headers if header.lower() == name]
            if not any(value == text or value in (part.strip() for part in text.split(",")) for text in seen):
                found = "no such header" if not seen else _unless_secret(name, seen[-1])
                yield Finding(
                    None, f"{name}: {_unless_secret(name, value)}", found, at_request(place, f"headers.{name}")
                )
                return


def a_secret_is_known(transcript: SoundTranscript) -> bool:
    """Apply where the request brings a key, in its options or their headers."""
    return bool(secrets_of_request(transcript.stimulus.request))


@rule(
    "REQ-21",
    Level.MUST,
    "§6.8",
    "R22",
    applies=a_secret_is_known,
    operations=ASKING,
    by_turn=False,
    why="the key is shown in the browser and stored in logs, and whoever reads it can use it",
    mend="keep configuration, headers and requests out of what you yield, raise and return (G4)",
)
def a_key_is_told_to_nobody(transcript: SoundTranscript) -> Iterator[Finding]:
    """No key of the request shows in a chunk, an exception or a result.

    What looks like a key or a header is END-10 in an `error` chunk, and STRUCT-14 where a structured output raises
    (R22).
    """
    secrets = secrets_of_request(transcript.stimulus.request)
    for record in transcript.records:
        chunk = record.chunk
        if chunk["type"] == ERROR and secret_in(chunk["error"]["message"]):
            continue
        if any(_shows(chunk, secret) for secret in secrets):
            yield Finding(record.number, "no key", f"a key in a chunk of type {chunk['type']}")
            return
    for name, value in _unlisted(transcript).items():
        if any(_shows(value, secret) for secret in secrets):
            yield Finding(None, "no key", f"a key in {name}")
            return


def _unlisted(transcript: SoundTranscript) -> dict[str, Any]:
    """Return what a key may show in beside single chunks: texts that were cut, an exception, a result."""
    cut = [[str(record.chunk.get("delta") or "") for record in transcript.of(kind)] for kind in (CONTENT, THINKING)]
    error, result = transcript.ending.error or {}, transcript.result
    is_told = transcript.stimulus.operation != "chat" and secret_in(str(error.get("message")))
    return {
        "the text": ["".join(texts) for texts in cut],
        "the exception": None if is_told else error,
        "the result": None if result is NOTHING else result,
    }


def _headers(transcript: SoundTranscript) -> dict[str, str]:
    """Return the headers of the options, their names in lower case."""
    headers = options_of(transcript).get("headers")
    pairs = headers.items() if isinstance(headers, Mapping) else ()
    return {name.lower(): value.strip() for name, value in pairs if isinstance(value, str)}


def _has_key(exchange: Exchange, key: str) -> bool:
    in_query = any(value == key for _, value in parse_qsl(exchange.target.partition("?")[2]))
    return in_query or any(value == key or value.endswith(f" {key}") for _, value in exchange.headers)


def _unless_secret(name: str, value: str) -> str:
    return "another value" if name in SECRET_HEADERS else shown(value)


def _shows(value: Any, secret: str) -> bool:
    """Tell whether a text stands anywhere in a JSON value."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            if secret in item:
                return True
        elif isinstance(item, Mapping):
            left += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple):
            left += item
    return False
