"""One response, row by row: how it ends, what is ignored, what is counted (§12.4, R17 to R28); written by hand."""

import math

import pytest

from parts import USAGE, call, error, finish, metadata, part, result, start, text

# -- R17 to R22: endings


def test_nothing_follows_the_terminal_chunk(run):
    out = run(finish(), finish("length"), error("late"), text("late"), call())
    assert out.types == ["done"]
    assert out.transformer.ended


def test_closing_twice_ends_once(open_run):
    assert open_run.feed(text("a")).close().close().types == ["content", "error"]


@pytest.mark.parametrize(
    ("reason", "chunk_reason"),
    [
        ("stop", "stop"), ("length", "length"), ("content-filter", "content_filter"), ("tool-calls", "stop"),
        ("other", "stop"), ("unknown", "stop"), (None, "stop"), ({"unified": "length", "raw": "x"}, "length"),
    ],
)  # fmt: skip
def test_the_finish_reason_of_an_answer_without_calls(run, reason, chunk_reason):
    assert run(text("a"), finish(reason)).last["finishReason"] == chunk_reason


@pytest.mark.parametrize(
    ("reason", "chunk_reason"),
    [("stop", "tool_calls"), ("tool_use", "tool_calls"), (None, "tool_calls"), ("length", "length"),
     ("content-filter", "content_filter")],
)  # fmt: skip
def test_the_finish_reason_of_an_answer_with_a_client_call(run, reason, chunk_reason):
    assert run(call(), finish(reason)).last["finishReason"] == chunk_reason


@pytest.mark.parametrize("reason", ["stop", "tool-calls"])
def test_calls_that_the_stream_answered_are_not_the_clients_to_run(run, reason):
    answered = [call(id_="a"), result(1, "a")]
    assert run(*answered, finish(reason)).last["finishReason"] == "stop"
    assert run(*answered, call(id_="b"), finish(reason)).last["finishReason"] == "tool_calls"


def test_a_finish_without_a_reason_at_all_is_a_stop(run):
    assert run({"type": "finish"}).last["finishReason"] == "stop"


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("error", "the provider ended its answer with an error"),
        (
            {"unified": "error", "raw": "MALFORMED_FUNCTION_CALL"},
            "the provider ended its answer with an error (MALFORMED_FUNCTION_CALL)",
        ),
    ],
)
def test_a_finish_reason_of_error_is_an_error_and_never_a_done(run, reason, message):
    out = run(text("a"), finish(reason))
    assert out.types == ["content", "error"]
    assert out.error == {"message": message}


@pytest.mark.parametrize("events", [[], [text("a")], [start(), part("{")], [metadata()]])
def test_a_stream_that_ends_without_a_finish_is_truncated(run, events):
    out = run(*events)
    assert out.last["type"] == "error"
    assert out.error["code"] == "STREAM_TRUNCATED"


def test_a_whole_call_of_a_truncated_stream_is_not_lost(run):
    out = run(start("a"), start("b"), call(id_="b"))
    assert out.types == ["tool_call", "error"]


def test_an_error_event_ends_the_stream(run):
    out = run(text("a"), error({"message": "Overloaded", "type": "overloaded_error"}), text("b"), finish())
    assert out.types == ["content", "error"]
    assert out.error == {"message": "Overloaded", "code": "overloaded_error"}


def test_an_error_alone_is_one_error_chunk_with_an_identity(run):
    out = run(error(None))
    assert out.chunks == [
        {
            "type": "error",
            "id": "generated-1",
            "model": "asked-model",
            "timestamp": 1_700_000_000_000,
            "error": {"message": "the provider reported an error without a message"},
        }
    ]


def test_a_source_that_raises_is_one_error_chunk(open_run):
    chunks = open_run.feed(text("a")).transformer.fail(ConnectionResetError("reset by peer"))
    assert [chunk["error"] for chunk in chunks] == [{"message": "reset by peer"}]
    assert open_run.transformer.fail(ValueError("again")) == []
    assert open_run.close().types == ["content"]


# -- R23, §12.4 "Unknown event types"


def test_unknown_events_are_ignored_counted_and_noted_once_a_type(run):
    out = run({"type": "brand-new"}, text("a"), {"type": "brand-new"}, {"type": "newer"}, finish())
    assert out.types == ["content", "done"]
    assert out.transformer.ignored == {"brand-new": 2, "newer": 1}
    assert len(out.notes) == 2


@pytest.mark.parametrize(
    "kind",
    ["stream-start", "source", "file", "raw", "custom", "ping", "reasoning-file", "tool-approval-request",
     "text-start", "text-end", "reasoning-start", "reasoning-end"],
)  # fmt: skip
def test_known_events_that_say_nothing_to_a_client_are_silent(run, kind):
    out = run({"type": kind, "id": "x"}, finish())
    assert out.types == ["done"]
    assert out.notes == []


@pytest.mark.parametrize("event", [None, 5, [], "5", {}, {"type": None}, {"type": ["text-delta"]}])
def test_what_is_no_event_is_ignored_and_noted(run, event):
    out = run(event, finish())
    assert out.types == ["done"]
    assert len(out.notes) == 1


# -- R24 to R26


@pytest.mark.parametrize(
    ("usage", "numbers"),
    [
        (USAGE, (3, 4, 7)),
        ({"inputTokens": {"total": 3}, "outputTokens": {"total": 4}}, (3, 4, 7)),
        ({"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 20}, (10, 4, 20)),
        (None, (0, 0, 0)),
        ({"inputTokens": math.nan, "outputTokens": math.nan, "totalTokens": math.nan}, (0, 0, 0)),
    ],
)
def test_usage_is_carried_and_zero_where_it_is_missing(run, usage, numbers):
    assert tuple(run(finish(usage=usage)).last["usage"].values()) == numbers


# -- R28, §12.4 "Stream abort mid-event"


def test_after_an_abort_there_is_one_error_and_no_content(open_run):
    open_run.feed(text("a"), start("a"), start("b"), call(id_="b"))
    assert [chunk["error"]["code"] for chunk in open_run.transformer.abort()] == ["ABORTED"]
    assert open_run.transformer.abort() == []
    assert open_run.feed(text("b"), finish()).close().types == ["content"]


def test_an_abort_after_the_end_changes_nothing(open_run):
    assert open_run.feed(finish()).transformer.abort() == []
