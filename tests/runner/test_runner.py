"""Cases and a driver give results, one by one and in order."""

import pytest

from harness.drivers.driver import Implementation
from harness.errors import FixtureError, ShimError, TargetGone
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Ending, Transcript
from harness.results import Errored, Failed, NotApplicable, Passed
from harness.runner import run
from harness.suite.case import Case


def case(id_="text/one", **more):
    return Case.model_validate(
        {
            "id": id_,
            "title": "A sentence",
            "sections": ["§5"],
            "profiles": ["spec", "tanstack"],
            "given": {"events": [{"type": "text-delta", "id": "t", "delta": "Hi"}, {"type": "finish"}]},
            "request": {"model": "m"},
            **more,
        }
    )


class Scripted:
    """A driver that answers what it is told to: chunks, an ending, or an error."""

    def __init__(self, *answers, operations=("transform",), dialect="streamchunk"):
        self.implementation = Implementation("scripted", frozenset(operations), dialect)
        self.answers = list(answers)
        self.asked = []

    def ask(self, stimulus, timeout):
        self.asked.append((stimulus, timeout))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        compactor = Compactor()
        if isinstance(answer, Ending):
            return Transcript((), answer, stimulus)
        return Transcript(tuple(compactor.feed(chunk) for chunk in answer), stimulus=stimulus)


RIGHT = [
    {"type": "content", "id": "r", "model": "m", "timestamp": 1, "delta": "Hi", "content": "Hi", "role": "assistant"},
    {
        "type": "done", "id": "r", "model": "m", "timestamp": 1, "finishReason": "stop",
        "usage": {"promptTokens": 0, "completionTokens": 0, "totalTokens": 0},
    },
]  # fmt: skip
LOST = [RIGHT[0] | {"delta": "H", "content": "H"}, RIGHT[1]]


def kinds(cases, driver, **keywords):
    return [type(result) for result in run(cases, driver, **keywords)]


def test_each_case_is_asked_once_and_in_order():
    driver = Scripted(RIGHT, LOST, RIGHT)
    assert kinds([case("text/a"), case("text/b"), case("text/c")], driver, timeout=7) == [Passed, Failed, Passed]
    assert [timeout for _, timeout in driver.asked] == [7, 7, 7]
    assert driver.asked[0][0].request == {"model": "m"}


def test_results_come_while_the_run_goes_on():
    driver = Scripted(RIGHT, RIGHT)
    results = run([case(), case()], driver)
    next(results)
    assert len(driver.asked) == 1


def test_the_answer_is_held_to_its_source():
    """The chunks by themselves are in order; only who knows the source sees that a letter is lost."""
    [result] = run([case()], Scripted(LOST))
    assert {violation.rule.needs_source for violation in result.verdict.violations} == {True}


def test_an_expectation_never_reaches_the_implementation():
    driver = Scripted(RIGHT)
    list(run([case(expect={"text": "a secret that no implementation may see"})], driver))
    assert "secret" not in repr(driver.asked)


def test_a_target_that_gives_no_transcript_errored_and_the_run_goes_on():
    results = list(run([case(), case(), case()], Scripted(ShimError("a list"), TargetGone("it left"), RIGHT)))
    assert [type(result) for result in results] == [Errored, Errored, Passed]
    assert [(result.kind, result.reason) for result in results[:2]] == [
        ("ShimError", "a list"),
        ("TargetGone", "it left"),
    ]


@pytest.mark.parametrize("kind", ["timed out", "raised"])
def test_silence_and_exceptions_are_judged_and_not_errors(kind):
    assert kinds([case()], Scripted(Ending(kind, {"name": "E", "message": "m"}))) == [Failed]


@pytest.mark.parametrize(
    ("driver", "more", "reason"),
    [
        (Scripted(operations=["chat"]), {}, "scripted does not offer transform"),
        (Scripted(dialect="ag-ui"), {}, "scripted speaks the dialect ag-ui; this case is of streamchunk"),
        (Scripted(), {"profiles": ["tanstack"]}, "the case does not belong to the profile spec"),
    ],
)
def test_what_cannot_be_asked_is_not_applicable_and_says_why(driver, more, reason):
    [result] = run([case(**more)], driver)
    assert isinstance(result, NotApplicable)
    assert result.reason == reason
    assert driver.asked == []


def test_a_source_that_cannot_be_had_stops_the_run():
    with pytest.raises(FixtureError, match="no-such-tape"):
        list(run([case(given={"cassette": "openai/no-such-tape"})], Scripted(RIGHT)))


def test_strict_fails_what_otherwise_only_warns():
    rising = [RIGHT[0] | {"timestamp": 5}, RIGHT[1]]
    assert kinds([case(), case()], Scripted(rising, rising), profile="tanstack") == [Passed, Passed]
    assert kinds([case()], Scripted(rising), profile="tanstack", strict=True) == [Failed]
