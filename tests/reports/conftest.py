"""One run with every kind of result, and with texts that try to break a report."""

import pytest

from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Ending, Transcript
from harness.reports.document import document
from harness.results import Errored, NotApplicable, result_of, summary_of
from harness.suite.case import Case

NASTY = "<script>alert('x')</script> \x1b[31m \ud83d | `code` \u2028"
CONTENT = {"type": "content", "id": "r", "model": "m", "timestamp": 1, "delta": "a", "content": "a"}
DONE = {
    "type": "done", "id": "r", "model": "m", "timestamp": 1, "finishReason": "stop",
    "usage": {"promptTokens": 1, "completionTokens": 2, "totalTokens": 3},
}  # fmt: skip


def case(id_, title="A sentence", expect=None):
    return Case.model_validate(
        {
            "id": id_,
            "title": title,
            "sections": ["§5", "R4"],
            "profiles": ["spec"],
            "given": {"events": []},
            "request": {},
            "expect": expect,
        }
    )


def judged(asked, chunks, ending=None):
    compactor = Compactor()
    transcript = Transcript(tuple(compactor.feed(chunk) for chunk in chunks), ending or Ending())
    return result_of(asked, transcript, judge(transcript))


@pytest.fixture
def results():
    return [
        judged(case("text/passed"), [CONTENT, DONE]),
        judged(case("text/warned"), [CONTENT, CONTENT | {"delta": ""}, DONE]),
        judged(case("text/failed", "A <b>bold</b> sentence"), [CONTENT, DONE, DONE]),
        judged(case("text/nasty", expect={"text": "plain"}), [CONTENT | {"delta": NASTY, "content": NASTY}, DONE]),
        judged(case("text/nan"), [CONTENT, DONE | {"usage": DONE["usage"] | {"promptTokens": float("nan")}}]),
        judged(case("tools/raised"), [CONTENT], Ending("raised", {"name": "E", "message": NASTY})),
        judged(case("tools/silent"), [], Ending("timed out", {"name": "Timeout", "message": "no end within 1 s"})),
        Errored(case("tools/errored"), "ShimError", "transform gave a list"),
        NotApplicable(case("tools/idle"), "not offered"),
    ]


@pytest.fixture
def summary(results):
    return summary_of(results, target="python:made:up", profile="spec", strict=False)


@pytest.fixture
def report(results, summary):
    return document(results, summary, "streamchunk: the last line")
