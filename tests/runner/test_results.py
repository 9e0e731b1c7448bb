"""Results, and what a run of them comes to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.script import Exchange
from harness.protocol.transcript import Ending, Stimulus, Transcript
from harness.reports.document import document
from harness.reports.formats import FORMATS
from harness.reports.terminal import result_lines, summary_lines
from harness.results import Errored, Failed, NotApplicable, Passed, facts, result_of, summary_of
from harness.suite.case import Case

CLEAN = [
    {"type": "content", "id": "r", "model": "m", "timestamp": 1, "delta": "a", "content": "a", "role": "assistant"},
    {
        "type": "done", "id": "r", "model": "m", "timestamp": 1, "finishReason": "stop",
        "usage": {"promptTokens": 1, "completionTokens": 2, "totalTokens": 3},
    },
]  # fmt: skip


def case(id_="text/one", expect=None):
    return Case.model_validate(
        {
            "id": id_,
            "title": "A sentence",
            "sections": ["§5"],
            "profiles": ["spec"],
            "given": {"events": []},
            "request": {},
            "expect": expect,
        }
    )


def judged(chunks, expect=None, **keywords):
    compactor = Compactor()
    transcript = Transcript(tuple(compactor.feed(chunk) for chunk in chunks))
    return result_of(case(expect=expect), transcript, judge(transcript, **keywords))


def summary(*words):
    return summary_of([made(word) for word in words], target="reference", profile="spec", strict=False)


def made(word):
    """One result of each kind, by its name."""
    return {
        "passed": lambda: judged(CLEAN),
        "failed": lambda: judged(CLEAN, {"text": "b"}),
        "errored": lambda: Errored(case("tools/one"), "TargetGone", "it left"),
        "idle": lambda: NotApplicable(case("tools/two"), "not offered"),
    }[word]()


def test_what_conforms_and_meets_its_expectations_passed():
    assert isinstance(made("passed"), Passed)
    assert isinstance(judged(CLEAN, {"text": "a"}), Passed)


def test_what_misses_an_expectation_failed_though_no_rule_is_broken():
    result = made("failed")
    assert isinstance(result, Failed)
    assert [mismatch.field for mismatch in result.mismatches] == ["text"]
    assert result.verdict.conforms


def test_what_breaks_a_rule_failed():
    result = judged([*CLEAN, CLEAN[-1]])
    assert isinstance(result, Failed)
    assert result.mismatches == ()
    assert result.verdict.violations


def test_an_answer_is_summed_up():
    answer = judged([*CLEAN, {"type": None}, 7]).answer
    assert (answer.chunks, answer.types) == (4, (("content", 1), ("done", 1), ("(no type)", 2)))
    assert answer.ending == Ending("completed")
    assert [record.number for record in answer.shown] == [0, 1, 2, 3]


def test_a_long_answer_is_kept_only_around_its_faults():
    deltas = [
        CLEAN[0] | {"delta": "a", "content": "a" * (place + 1), "id": "other" if place == 700 else "r"}
        for place in range(1000)
    ]
    answer = judged([*deltas, CLEAN[1]]).answer
    assert answer.chunks == 1001
    assert {699, 700, 701} <= {record.number for record in answer.shown}
    assert len(answer.shown) <= 60


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ([], 4),
        (["idle"], 4),
        (["passed"], 0),
        (["passed", "idle"], 0),
        (["passed", "failed", "idle"], 1),
        (["passed", "failed", "errored", "idle"], 3),
    ],
)
def test_the_exit_status_is_the_first_of_3_1_4_0(results, status):
    assert summary(*results).status == status


def test_results_are_counted_by_area():
    counted = summary("passed", "failed", "errored", "idle")
    assert (counted.passed, counted.failed, counted.errored, counted.not_applicable) == (1, 1, 1, 1)
    assert [(area.name, area.passed, area.failed, area.errored, area.not_applicable) for area in counted.areas] == [
        ("text", 1, 1, 0, 0),
        ("tools", 0, 0, 1, 1),
    ]
    assert counted.reasons == (("not offered", 1),)


def test_a_rule_that_no_case_exercised_is_listed_and_not_counted_as_passed():
    counted = summary("passed", "idle")
    assert counted.exercised
    assert counted.unexercised
    assert not set(counted.exercised) & set(counted.unexercised)
    assert "TOOL-1" in counted.unexercised


def test_broken_rules_are_counted_by_case_and_the_worst_comes_first():
    late = CLEAN[0] | {"delta": "b", "content": "ab"}
    twice_in_one = judged([*CLEAN, CLEAN[1], late, late | {"delta": "", "content": "ab"}])
    counted = summary_of([twice_in_one, judged([*CLEAN, late])], target="x", profile="spec", strict=False)
    assert [(rule.id, rule.level, rule.cases) for rule in counted.broken][:2] == [
        ("END-2", "MUST", 2),
        ("END-3", "MUST", 1),
    ]


def test_a_run_without_an_answer_knows_of_no_rule():
    counted = summary("errored")
    assert (counted.exercised, counted.unexercised) == ((), ())


def test_the_facts_of_a_run_stand_in_one_line():
    assert facts(summary("passed", "failed", "errored", "idle")) == (
        "1 passed, 1 failed, 1 errored, 1 not applicable, 0 warnings; reference, profile spec"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    "type",
    "id",
    "model",
    "timestamp",
    "delta",
    "content",
    "index",
    "toolCall",
    "toolCallId",
    "finishReason",
    "error",
)
CHUNKS = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, JSON | st.sampled_from(["content", "done", "error"])))
EVERYTHING = {
    "text": "a", "reasoning": "b", "toolCalls": [{"id": "c", "name": "f", "arguments": "{}"}], "finishReason": "stop",
    "toolResults": [{"toolCallId": "c", "content": "1"}], "usage": None, "error": {"code": "x", "message": "y"},
    "ended": "finished", "types": ["done"], "id": "r", "model": "m",
}  # fmt: skip


@given(st.lists(JSON | CHUNKS, max_size=4))
def test_whatever_an_implementation_yields_is_a_result(chunks):
    assert isinstance(judged(chunks, EVERYTHING), Failed)


KEY = "sk-LIVE-0123456789-abcdef"


def leaking():
    """A case in which a key stands wherever an implementation can put it."""
    told = CLEAN[0] | {"delta": f"It is {KEY}.", "content": f"It is {KEY}."}
    cut = [{"type": "error", "error": {"message": f"{KEY[:14]}…", "code": KEY}}, {"type": KEY}]
    exchange = Exchange("POST", f"/foo?key={KEY}", (("x-api-key", KEY),), KEY.encode(), 1, fault=f"{KEY}?", status=200)
    compactor = Compactor()
    transcript = Transcript(
        tuple(map(compactor.feed, [told, *cut])),
        Ending("raised", {"name": "E", "message": f"bad {KEY}", "code": "sk-another-0123456789abcdefghij"}),
        Stimulus({"modelOptions": {"apiKey": KEY}}, operation="chat"),
        result={"data": {KEY: 1}},
        exchanges=(exchange,),
    )
    asked = case("chat/leaks", {"text": f"no {KEY}", "error": {"message": "other"}})
    return result_of(asked, transcript, judge(transcript))


def test_nothing_of_a_result_holds_a_key():
    result = leaking()
    assert isinstance(result, Failed)
    told = repr((result.answer, result.verdict.violations, result.mismatches)) + repr(
        [one.headers for one in result.answer.requests]
    )
    assert "LIVE" not in told
    assert "sk-another" not in told
    assert "key-1" in told


def test_a_finding_about_a_key_stays_a_finding():
    assert "REQ-21" in {violation.rule.id for violation in leaking().verdict.violations}


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_holds_a_key(form):
    results = [leaking()]
    summary = summary_of(results, target="python:leaky", profile="spec", strict=False)
    assert "LIVE" not in FORMATS[form](document(results, summary, "the last line"))
    assert "LIVE" not in "\n".join([*result_lines(results[0]), *summary_lines(summary)])
