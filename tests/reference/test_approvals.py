"""Tools that a person must allow: the question, what waits for the answer, and what follows it (§6.4, R27)."""

import json
from pathlib import Path

import jsonschema
import pytest

from harness.reference.growing import as_json
from harness.reference.transformer import Transformer
from parts import call, error, finish, part, result, start, text

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas/stream-chunk/approval-requested.json").read_text())
DENIED = '{"error":"User declined tool execution"}'


class Run:
    """A response whose tools ``delete`` and ``send`` need approval; ``told`` is each chunk in a word or two."""

    def __init__(self):
        self.chunks, self.notes = [], []
        self.transformer = Transformer(
            model="m", now=lambda: 5, new_id=lambda: "r", needs_approval={"delete", "send"}, on_note=self.notes.append
        )

    def feed(self, *events):
        for event in events:
            self.chunks += map(as_json, self.transformer.feed(event))
        return self

    def answer(self, call_id, approved):
        self.chunks += map(as_json, self.transformer.answer(call_id, approved))
        return self

    def close(self):
        self.chunks += map(as_json, self.transformer.close())
        return self

    def fail(self, failure):
        self.chunks += map(as_json, self.transformer.fail(failure))
        return self

    @property
    def asked(self):
        return self.transformer.question and self.transformer.question["toolCallId"]

    @property
    def told(self):
        words = {
            "tool_call": lambda chunk: chunk["toolCall"]["id"],
            "approval-requested": lambda chunk: chunk["toolCallId"],
            "tool_result": lambda chunk: f"{chunk['toolCallId']} {chunk['content']}",
            "content": lambda chunk: chunk["delta"],
            "done": lambda chunk: chunk["finishReason"],
            "error": lambda chunk: chunk["error"].get("code"),
        }
        return [(chunk["type"], words[chunk["type"]](chunk)) for chunk in self.chunks]


@pytest.fixture
def run():
    return Run()


def deletion(id_="a", given='{"path":"x"}'):
    return call(given, id_, "delete")


CALL, ASKED = ("tool_call", "a"), ("approval-requested", "a")


def test_the_question_follows_its_call_and_has_its_schemas_shape(run):
    run.feed(deletion(given='{"path":"x","n":12345678901234567890}'))
    assert run.told == [CALL, ASKED]
    question = run.chunks[1]
    jsonschema.validate(question, SCHEMA)
    assert question == {
        "type": "approval-requested",
        "id": "r",
        "model": "m",
        "timestamp": 5,
        "toolCallId": "a",
        "toolName": "delete",
        "input": {"path": "x", "n": 12345678901234567890},
        "approval": {"id": "approval_a", "needsApproval": True},
    }


def test_a_number_beyond_python_is_shown_as_it_was_written(run):
    run.feed(deletion(given='{"n":1e400}'))
    assert run.chunks[1]["input"] == '{"n":1e400}'


def test_other_tools_are_not_asked_about(run):
    run.feed(call(name="read"), finish("tool-calls"))
    assert run.told == [("tool_call", "call_1"), ("done", "tool_calls")]


def test_a_call_that_the_provider_ran_is_not_asked_about(run):
    run.feed(call("{}", "a", "delete", providerExecuted=True), finish())
    assert run.told == [("done", "stop")]


def test_a_repeated_call_is_asked_about_once(run):
    run.feed(deletion(), deletion())
    assert run.told == [CALL, ASKED]


def test_the_end_waits_for_the_answer_and_text_does_not(run):
    run.feed(deletion(), text("well"), finish("tool-calls"))
    assert run.told == [CALL, ASKED, ("content", "well")]
    assert (run.transformer.finished, run.transformer.ended, run.asked) == (True, False, "a")


@pytest.mark.parametrize("reason", ["stop", "tool-calls"])
def test_an_approved_call_without_a_result_is_left_to_the_consumer(run, reason):
    run.feed(deletion(), finish(reason)).answer("a", True)
    assert run.told == [CALL, ASKED, ("done", "tool_calls")]
    assert run.chunks[-1]["usage"] == {"promptTokens": 3, "completionTokens": 4, "totalTokens": 7}


@pytest.mark.parametrize("reason", ["stop", "tool-calls"])
def test_a_denied_call_is_answered_and_the_stream_goes_on_to_its_end(run, reason):
    run.feed(deletion(), finish(reason)).answer("a", False)
    assert run.told == [CALL, ASKED, ("tool_result", f"a {DENIED}"), ("done", "stop")]


@pytest.mark.parametrize("reason", ["length", "content-filter"])
@pytest.mark.parametrize("approved", [True, False, None])
def test_another_finish_reason_survives_every_answer(run, reason, approved):
    run.feed(deletion(), finish(reason)).answer("a", approved)
    assert run.told[-1] == ("done", reason.replace("-", "_"))


RESULT = ("tool_result", 'a "gone"')


@pytest.mark.parametrize(
    "order",
    [
        ["call", "result", "finish", "answer"],
        ["result", "call", "finish", "answer"],
        ["call", "result", "answer", "finish"],
        ["call", "answer", "result", "finish"],
    ],
)
@pytest.mark.parametrize(("approved", "seen"), [(True, RESULT), (False, ("tool_result", f"a {DENIED}"))])
def test_the_sources_result_follows_an_approval_and_gives_way_to_a_denial(run, order, approved, seen):
    for step in order:
        if step == "answer":
            assert run.told == [CALL, ASKED]
            run.answer("a", approved)
        else:
            run.feed({"call": deletion(), "result": result("gone", "a"), "finish": finish()}[step])
    assert run.told == [CALL, ASKED, seen, ("done", "stop")]


def test_of_two_results_that_wait_the_first_counts(run):
    run.feed(deletion(), result("gone", "a"), result("again", "a"), finish()).answer("a", True)
    assert run.told == [CALL, ASKED, RESULT, ("done", "stop")]


def test_where_nobody_answers_the_call_is_left_to_the_consumer_without_a_result(run):
    run.feed(deletion(), result("gone", "a"), finish()).answer("a", None)
    assert run.told == [CALL, ASKED, ("done", "tool_calls")]
    assert "nobody answers for a" in run.notes[-1]


def test_a_source_that_closes_behind_its_finish_waits_for_nobody(run):
    run.feed(deletion(), deletion("b"), finish()).close()
    assert run.told[-2:] == [("approval-requested", "b"), ("done", "tool_calls")]
    assert run.close().told[-1] == ("done", "tool_calls")
    assert len(run.chunks) == 5


def test_questions_are_asked_one_by_one_and_calls_wait_for_none(run):
    run.feed(deletion(), call("{}", "b", "send"), result(7, "b"), call("{}", "c", "read"), finish())
    assert run.told == [CALL, ASKED, ("tool_call", "b"), ("tool_call", "c")]
    assert run.asked == "a"
    run.answer("a", False)
    assert run.told[4:] == [("tool_result", f"a {DENIED}"), ("approval-requested", "b")]
    assert run.asked == "b"
    run.answer("b", True)
    assert run.told[6:] == [("tool_result", "b 7"), ("done", "tool_calls")]
    assert run.asked is None


def test_the_next_question_is_asked_at_once_where_the_stream_still_runs(run):
    run.feed(deletion(), call("{}", "b", "send")).answer("a", True)
    assert run.told == [CALL, ASKED, ("tool_call", "b"), ("approval-requested", "b")]


def test_a_question_is_asked_when_its_call_leaves_and_not_before(run):
    run.feed(start("first", "read"), start("a", "delete"), deletion(), result("gone", "a"))
    assert (run.told, run.asked) == ([], None)
    assert run.answer("a", True).told == []
    run.feed(call("{}", "first", "read"))
    assert run.told == [("tool_call", "first"), CALL, ASKED]
    assert run.asked == "a"
    run.answer("a", True).feed(finish())
    assert run.told[3:] == [RESULT, ("done", "tool_calls")]


def test_a_call_that_waits_for_one_that_never_completes_is_asked_about_at_the_finish(run):
    run.feed(start("first", "read"), start("a", "delete"), part("{}", "a"), deletion(given=""), finish())
    assert run.told == [CALL, ASKED]
    assert run.answer("a", False).told[2:] == [("tool_result", f"a {DENIED}"), ("done", "stop")]


def test_results_of_other_calls_wait_for_no_answer(run):
    run.feed(deletion(), call("{}", "b", "read"), result(1, "b"))
    assert run.told == [CALL, ASKED, ("tool_call", "b"), ("tool_result", "b 1")]


@pytest.mark.parametrize("failing", [lambda run: run.feed(error("boom")), lambda run: run.close()])
def test_a_failure_waits_for_nobody(run, failing):
    run.feed(deletion(), result("gone", "a"))
    failing(run)
    assert [kind for kind, _ in run.told] == ["tool_call", "approval-requested", "error"]
    assert run.answer("a", True).told[-1][0] == "error"


def test_a_failure_asks_nothing_any_more(run):
    run.feed(start("first", "read"), start("a", "delete"), deletion()).close()
    assert run.told == [CALL, ("error", "STREAM_TRUNCATED")]


def test_what_comes_behind_the_finish_changes_nothing(run):
    run.feed(deletion(), finish(), text("late"), error("boom"), finish("length")).answer("a", False)
    assert run.told == [CALL, ASKED, ("tool_result", f"a {DENIED}"), ("done", "stop")]


def test_whoever_fails_to_answer_ends_the_stream(run):
    run.feed(deletion(), finish()).fail(ConnectionError("the desk is closed"))
    assert run.chunks[-1]["error"] == {"message": "the desk is closed"}
    assert run.transformer.ended


def test_an_abort_waits_for_nobody(run):
    run.feed(deletion(), finish())
    assert [chunk["error"]["code"] for chunk in run.transformer.abort()] == ["ABORTED"]
    assert run.answer("a", True).told == [CALL, ASKED]


@pytest.mark.parametrize("id_", ["b", "a"])
def test_an_answer_to_no_open_question_changes_nothing(run, id_):
    run.feed(deletion()).answer("a", False)
    before = run.told
    assert run.answer(id_, True).told == before
    assert "was ignored" in run.notes[-1]


def test_malformed_arguments_are_not_asked_about(run):
    run.feed(deletion(given='{"path":'), finish("tool-calls"))
    assert run.told == [("error", "TOOL_ARGS_PARSE_ERROR")]
