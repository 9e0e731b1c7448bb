"""The requests that a person expects, held against those that the provider received (R29).

Theory of operation. A body is as expected if it has the letters of the case's sample. If not, it may still say the
same: APIs let much be written in two ways (a system text as `system` or `developer`, content as text or as a list of
parts). So both are read into the neutral form and compared there, member by member. What a mismatch shows are the
letters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

from harness.errors import InputError
from harness.protocol.script import Exchange
from harness.protocol.transcript import Transcript
from harness.providers import wire_of_target
from harness.providers.requests.member import body_of
from harness.suite.expect import Expect, ExpectedRequest
from harness.suite.matching import absence_mismatches, member_mismatches
from harness.suite.mismatch import Mismatch, shown
from harness.suite.request_meaning import says_the_same
from harness.suite.request_sample import GEMINI, in_camel_case, read_sample

_GEMINI_KEY = "x-goog-api-key"
_TURNS = frozenset({"messages", "input", "contents", "instructions", "system", "systemInstruction"})
_MOST_SHOWN = 80


def request_mismatches(expect: Expect, transcript: Transcript) -> Iterator[Mismatch]:
    """Yield where the requests differ: all are expected, in order, and each is as far as it is named as it should be.

    What is compared is what a body says; a member that must be absent (null), and one that is told nowhere in the
    neutral form, is compared by its letters. Where nobody saw the requests, nothing is compared.
    """
    if transcript.exchanges is None:
        return
    seen = transcript.exchanges
    if len(seen) != len(expect.requests):
        lines = [f"{one.method} {one.target}" for one in seen]
        yield Mismatch("requests", f"{len(expect.requests)} requests", f"{len(seen)}: {shown(lines)}")
        return
    in_chat = transcript.stimulus.operation == "chat"
    for place, (wanted, exchange) in enumerate(zip(expect.requests, seen, strict=True)):
        field, wire = f"requests[{place}]", wire_of_target(exchange.target)
        if not _is_at(wanted.path, exchange.target):
            yield Mismatch(f"{field}.path", wanted.path, exchange.target)
        yield from _headers(f"{field}.headers", wanted, exchange, wire)
        if "body" in wanted.model_fields_set:
            yield from _body(f"{field}.body", wanted.body, exchange, wire, in_chat=in_chat)


def _is_at(wanted: str, target: str) -> bool:
    """Compare the end of the path, and of the query only the members that are wanted."""
    (path, _, query), (end, _, members) = target.partition("?"), wanted.partition("?")
    sent = parse_qsl(query, keep_blank_values=True)
    return unquote(path).endswith(unquote(end)) and all(
        one in sent for one in parse_qsl(members, keep_blank_values=True)
    )


def _headers(field: str, wanted: ExpectedRequest, exchange: Exchange, wire: str | None) -> Iterator[Mismatch]:
    for name, value in wanted.headers.items():
        seen = exchange.header(name)
        if seen is None and wire == GEMINI and name.lower() == _GEMINI_KEY:
            seen = dict(parse_qsl(exchange.target.partition("?")[2])).get("key")
        if seen != value:
            yield Mismatch(f"{field}.{name}", shown(value), shown(seen))


def _body(field: str, wanted: Any, exchange: Exchange, wire: str | None, *, in_chat: bool) -> Iterator[Mismatch]:
    try:
        body = json.loads(body_of(exchange.headers, exchange.body).json())
    except InputError as error:
        begins = exchange.body[:_MOST_SHOWN].decode("utf-8", "replace")
        yield Mismatch(field, "a JSON object", f"{error}; it begins {shown(begins)}")
        return
    if wire == GEMINI:
        wanted, body = in_camel_case(wanted), in_camel_case(body)
    for members in _apart(wanted):
        literal = list(member_mismatches(field, members, body))
        sample = read_sample(wire, members) if literal and wire is not None and isinstance(members, dict) else None
        if sample is None or exchange.asked is None or not says_the_same(sample, exchange.asked, in_chat=in_chat):
            yield from literal
        else:
            yield from absence_mismatches(field, members, body)
            yield from member_mismatches(field, sample.rest, body)


def _apart(wanted: Any) -> Iterator[Any]:
    """Yield each member of a sample by itself, so that only those that say something else are shown.

    What is said stands in one or in two of them, so these stay together.
    """
    if not isinstance(wanted, dict):
        yield wanted
        return
    yield {key: value for key, value in wanted.items() if key in _TURNS}
    yield from ({key: value} for key, value in wanted.items() if key not in _TURNS)
