"""A case that plays a cassette's events → the same case with the cassette's bytes, played over HTTP."""

from __future__ import annotations

from harness.suite import tapes
from harness.suite.case import Case
from harness.suite.given import Answer, FromCassette, Http
from harness.suite.routing import routed

AREA = "over-http"
"""The area of these cases; behind it stands the id of the case that they were made of."""

_MODEL = "test-model"


def over_loopback(case: Case) -> Case | None:
    """Return the case with its provider played on loopback, and nothing else changed; None where it plays no cassette.

    What must come out is the same: an adapter that is handed the events, and one that fetches and decodes the bytes by
    itself, owe their client the same chunks.
    """
    if not isinstance(case.given, FromCassette):
        return None
    tape = tapes.tape(case.given.cassette)
    named = case.request.get("model")
    folder = case.given.cassette.partition("/")[0]
    asked = routed(tape.wire, named or _MODEL, case.request.get("modelOptions"), folder=folder)
    expect = case.expect
    if expect is not None and named is not None and expect.model == named:  # the answer has no name of its own (R2)
        expect = expect.model_copy(update={"model": asked["model"]})
    return case.model_copy(
        update={
            "id": f"{AREA}/{case.id}",
            "title": f"{case.title}, over HTTP",
            "operation": "chat",
            "given": Http(wire=tape.wire, answers=[Answer(cassette=case.given.cassette)]),
            "request": {**case.request, **asked},
            "expect": expect,
        }
    )
