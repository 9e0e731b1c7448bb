"""A provider's plain answer may be played by the implementation's own fetch: the same chunks, and no request seen."""

import sys
from contextlib import closing
from pathlib import Path

import pytest

from harness.drivers import connect
from harness.protocol.transcript import Transcript
from harness.runner import answers, run
from harness.suite import store
from harness.suite.case import Case
from harness.suite.playing import is_fetchable
from hostile import children, descriptors, until

SHIM = Path(__file__).parent / "fetching.mjs"
ANSWER = {"sse": [{"type": "response.created", "response": {"id": "resp_1"}}]}


def chat(answer, **more):
    return Case.model_validate(
        {
            "id": "text/one", "title": "A sentence", "sections": ["§5"], "operation": "chat", "profiles": ["spec"],
            "given": {"wire": "openai-responses", "answers": [answer]}, "request": {"model": "openai/m"}, **more,
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def driver():
    with closing(connect(f"stdio:{Path(sys.executable).with_name('node')} {SHIM}")) as found:
        yield found


@pytest.fixture(scope="module")
def cases():
    """Cases of the suite that this adapter can be asked, and that can be played either way."""
    found = [
        case
        for case in store.bundled()
        if "tanstack" in case.profiles and getattr(case.given, "wire", "") == "openai-responses" and is_fetchable(case)
    ]
    assert len(found) > 20
    return found[:20]


@pytest.mark.parametrize(
    ("more", "fetchable"),
    [
        ({}, True),
        ({"ending": "reset"}, True),
        ({"ending": "stall"}, True),
        ({"status": 500}, True),
        ({"ending": "endless"}, False),
        ({"pauseMs": 5}, False),
        ({"headPauseMs": 5}, False),
        ({"headers": {"Content-Encoding": "gzip"}}, False),
    ],
)
def test_only_a_plain_answer_is_played_by_fetch(more, fetchable):
    assert is_fetchable(chat({**ANSWER, **more})) is fetchable


def test_what_needs_more_than_one_plain_answer_is_played_over_http():
    assert not is_fetchable(chat({"raw": "what is this"}))
    assert not is_fetchable(chat(ANSWER, abort={"afterChunks": 1}))
    assert not is_fetchable(chat(ANSWER, given={"wire": "openai-responses", "answers": [ANSWER, ANSWER]}))
    assert not is_fetchable(chat(ANSWER, operation="structuredOutput"))


def test_both_ways_give_the_same_chunks(driver, cases):
    for (case, over_http), (_, fetched) in zip(
        answers(cases, driver, profile="tanstack"), answers(cases, driver, profile="tanstack", fetch=True), strict=True
    ):
        assert isinstance(over_http, Transcript)
        assert isinstance(fetched, Transcript)
        assert fetched.exchanges is None
        assert over_http.exchanges is not None
        assert fetched.expected == over_http.expected, case.id
        assert types(fetched) == types(over_http), case.id


def test_no_rule_about_requests_is_exercised_where_none_is_seen(driver, cases):
    over_http, fetched = (list(run(cases, driver, profile="tanstack", fetch=fetch)) for fetch in (False, True))
    assert {rule for result in over_http for rule in result.verdict.exercised if rule.startswith("REQ-")}
    # REQ-21 looks for the key in what the implementation says, too.
    assert {rule for result in fetched for rule in result.verdict.exercised if rule.startswith("REQ-")} == {"REQ-21"}
    assert not [one for result in fetched for one in getattr(result, "mismatches", ()) if "requests" in one.field]


def test_a_shim_without_a_fetch_of_its_own_is_asked_over_http(cases):
    plain = SHIM.parent.parent / "peers" / "tanstack" / "openai-0.3.0.mjs"
    with closing(connect(f"stdio:{Path(sys.executable).with_name('node')} {plain}")) as found:
        ((_, transcript),) = answers(cases[:1], found, profile="tanstack", fetch=True)
    assert transcript.exchanges


def test_nothing_is_left_of_many_runs_over_http(driver, cases):
    list(answers(cases[:2], driver, profile="tanstack"))
    before, processes = descriptors(), len(children())
    assert len(list(answers(cases * 5, driver, profile="tanstack"))) == 100
    assert until(lambda: descriptors() <= before)
    assert len(children()) == processes


def types(transcript):
    return [record.chunk.get("type") for record in transcript.records]
