"""A case that plays a cassette's events → the same case with the cassette's bytes, played over HTTP."""

from __future__ import annotations

from typing import Any

from harness.cassettes import cassette
from harness.suite.case import Case
from harness.suite.given import Answer, FromCassette, Http
from harness.suite.stimulus import BASE_URL

AREA = "over-http"
"""The area of these cases; behind it stands the id of the case that they were made of."""

_KEY = "test-key-1"
_OF_WIRE = {
    "openai-completions": "openai-completions",
    "google-interactions": "google-interactions",
    "cohere-v1": "cohere-v1",
    "ollama-generate": "ollama-generate",
    "cloudflare-run": "cloudflare-run",
}
"""The providers' second APIs have a row of their own in the router's registry; all else is its folder's name."""


def over_loopback(case: Case) -> Case | None:
    """Return the case with its provider played on loopback, and nothing else changed; None where it plays no cassette.

    What must come out is the same: an adapter that is handed the events, and one that fetches and decodes the bytes by
    itself, owe their client the same chunks. Refusals are not tried again, so that one answer is enough.
    """
    if not isinstance(case.given, FromCassette):
        return None
    tape = cassette.load(case.given.cassette)
    options = {"apiKey": _KEY, "maxRetries": 0}
    provider = case.given.cassette.partition("/")[0]
    if provider == "openai" and tape.wire == "openai-chat":  # the router's openai speaks Responses
        options["url"] = BASE_URL
    asked: dict[str, Any] = case.request.get("modelOptions") or {}
    named = case.request.get("model")
    model = f"{_OF_WIRE.get(tape.wire, provider)}/{named or 'test-model'}"
    expect = case.expect
    if expect is not None and named is not None and expect.model == named:  # the answer has no name of its own (R2)
        expect = expect.model_copy(update={"model": model})
    return case.model_copy(
        update={
            "id": f"{AREA}/{case.id}",
            "title": f"{case.title}, over HTTP",
            "operation": "chat",
            "given": Http(wire=tape.wire, answers=[Answer(cassette=case.given.cassette)]),
            "request": {**case.request, "model": model, "modelOptions": {**options, **asked}},
            "expect": expect,
        }
    )
