"""One response, row by row: its identity, its text and its reasoning (§12.2, §12.4, R1 to R6); written by hand."""

import json

import pytest

from parts import call, end, finish, metadata, part, reasoning, start, text

# -- the usual answer (§5, §12.2)


def test_an_ordinary_answer_becomes_its_chunks(run):
    events = [{"type": "stream-start", "warnings": []}, metadata(), {"type": "text-start", "id": "t"}]
    events += [text("Hel"), text("lo"), {"type": "text-end", "id": "t"}, finish()]
    base = {"id": "resp_1", "model": "real-model", "timestamp": 1_700_000_000_000}
    assert run(*events).chunks == [
        {"type": "content", **base, "delta": "Hel", "content": "Hel", "role": "assistant"},
        {"type": "content", **base, "delta": "lo", "content": "Hello", "role": "assistant"},
        {
            "type": "done",
            **base,
            "finishReason": "stop",
            "usage": {"promptTokens": 3, "completionTokens": 4, "totalTokens": 7},
        },
    ]


def test_a_tool_call_is_one_whole_chunk(run):
    arguments = '{"city":"Paris"}'
    out = run(metadata(), start(), part('{"city":'), part('"Paris"}'), end(), call(arguments), finish("tool-calls"))
    assert out.types == ["tool_call", "done"]
    assert out.calls == [("call_1", "get_weather", arguments, 0)]
    assert out.last["finishReason"] == "tool_calls"
    assert out.notes == []


# -- R1: objects, text and bytes


@pytest.mark.parametrize("encoded", [lambda e: e, json.dumps, lambda e: json.dumps(e).encode()])
def test_events_may_be_objects_text_or_bytes_of_json(run, encoded):
    assert run(encoded(text("a")), encoded(finish())).types == ["content", "done"]


@pytest.mark.parametrize("piece", ['{"type":"text-delta","del', b"\xff\xfe", "[" * 100_000])
def test_a_piece_that_is_not_json_ends_the_stream_with_an_error(run, piece):
    out = run(text("a"), piece, finish())
    assert out.types == ["content", "error"]
    assert out.error["code"] == "EVENT_NOT_JSON"


# -- R2, R3, and "Missing response metadata" of §12.4


def test_without_metadata_the_id_is_generated_once_and_the_model_is_the_one_asked_for(run):
    out = run(text("a"), text("b"), call(), finish())
    assert {(chunk["id"], chunk["model"]) for chunk in out.chunks} == {("generated-1", "asked-model")}
    assert out.ids == ["generated-1"]


def test_no_id_is_generated_where_the_provider_gives_one(run):
    assert run(metadata(), text("a"), finish()).ids == []


def test_empty_metadata_is_no_metadata(run):
    out = run(metadata("resp_1", "m1"), metadata("", ""), metadata(None, None), text("a"), finish())
    assert {(chunk["id"], chunk["model"]) for chunk in out.chunks} == {("resp_1", "m1")}


def test_of_several_ids_before_the_first_chunk_the_last_counts(run):
    out = run(metadata("a", "m1"), text(""), metadata("b", "m2"), text("x"), finish())
    assert {(chunk["id"], chunk["model"]) for chunk in out.chunks} == {("b", "m2")}


def test_late_metadata_changes_nothing_and_is_noted(run):
    out = run(text("x"), metadata("late", "late"), text("y"), finish())
    assert {(chunk["id"], chunk["model"]) for chunk in out.chunks} == {("generated-1", "asked-model")}
    assert any("R2" in note for note in out.notes)


def test_a_call_that_is_held_has_settled_the_id_too(run):
    out = run(start("a"), start("b"), call(id_="b"), metadata("late"), call(id_="a"), finish())
    assert {chunk["id"] for chunk in out.chunks} == {"generated-1"}


def test_there_is_one_timestamp_though_the_clock_ticks(run):
    out = run(text("a"), start(), call(), text("b"), finish())
    assert {chunk["timestamp"] for chunk in out.chunks} == {1_700_000_000_000}


# -- R4 to R6: text and reasoning


def test_content_accumulates_over_all_blocks_of_the_response(run):
    out = run(text("First. ", "a"), {"type": "text-end", "id": "a"}, text("Second.", "b"), finish())
    assert [chunk["content"] for chunk in out.chunks[:-1]] == ["First. ", "First. Second."]


def test_interleaved_blocks_are_one_text_in_the_order_of_arrival(run):
    out = run(text("1", "a"), text("2", "b"), text("3", "a"), finish())
    assert [chunk["content"] for chunk in out.chunks[:-1]] == ["1", "12", "123"]


def test_reasoning_and_text_accumulate_apart(run):
    out = run(reasoning("hm"), text("a"), reasoning("m"), text("b"), finish())
    assert [(chunk["type"], chunk["content"]) for chunk in out.chunks[:-1]] == [
        ("thinking", "hm"), ("content", "a"), ("thinking", "hmm"), ("content", "ab"),
    ]  # fmt: skip


def test_an_empty_delta_makes_no_chunk_and_shortens_nothing(run):
    out = run(text("Hello"), {"type": "text-end", "id": "t"}, text(""), reasoning(""), text("!"), finish())
    assert [chunk.get("content") for chunk in out.chunks] == ["Hello", "Hello!", None]


@pytest.mark.parametrize("delta", [None, 5, {"text": "a"}])
def test_a_delta_that_is_no_text_is_ignored_and_noted(run, delta):
    out = run(text(delta), finish())
    assert out.types == ["done"]
    assert len(out.notes) == 1
