"""The Responses API: built-in tools, sources, endings, errors."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.event_reading import reading_of_events
from harness.protocol.reading import Failure, Usage
from harness.providers.message import Mark, Message
from responses import (
    CREATED,
    PARIS,
    PATHS,
    SILENCE,
    WAIT,
    added,
    arguments,
    call,
    completed,
    decode,
    done,
    kinds,
    part,
    read,
    say,
    text,
)

# Built-in tools (R14)


@pytest.mark.parametrize(
    ("item", "name", "given", "result"),
    [
        (
            {"type": "web_search_call", "id": "ws", "status": "completed", "action": {"type": "search", "query": "q"}},
            "web_search",
            {"action": {"type": "search", "query": "q"}},
            {"status": "completed"},
        ),
        (
            {"type": "file_search_call", "id": "ws", "queries": ["q"], "results": None},
            "file_search",
            {"queries": ["q"]},
            {"results": None},
        ),
        (
            {"type": "code_interpreter_call", "id": "ws", "code": "1", "container_id": "c", "outputs": []},
            "code_interpreter",
            {"code": "1", "container_id": "c"},
            {"outputs": []},
        ),
        ({"type": "image_generation_call", "id": "ws", "result": "AAAA"}, "image_generation", {}, {"result": "AAAA"}),
        ({"type": "computer_call", "id": "ws", **WAIT}, "computer", WAIT, {}),
        (
            {"type": "mcp_call", "id": "ws", "name": "ask", "arguments": '{"q": 1}', "output": "a", "error": None},
            "mcp.ask",
            {"q": 1},
            {"output": "a", "error": None},
        ),
        ({"type": "tool_search_call", "id": "ws", **PATHS}, "tool_search", PATHS, {}),
        ({"type": "brand_new_call", "id": "ws", "prompt": "p"}, "brand_new", {"prompt": "p"}, {}),
        (
            {"type": "custom_tool_call", "id": "ws", "call_id": "xs", "name": "x_keyword_search", "input": '{"q": 1}'},
            "x_keyword_search",
            {"q": 1},
            {"input": '{"q": 1}'},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_built_in_tool_is_run_by_the_provider(item, name, given, result):
    events = decode(added(0, **item), done(0, **item), completed())
    assert kinds(events) == ["tool-call", "tool-result", "finish"]
    tool_call, tool_result, finish = events
    assert (tool_call["toolCallId"], tool_call["toolName"]) == ("ws", name)
    assert tool_call["providerExecuted"] is tool_result["providerExecuted"] is True
    assert json.loads(tool_call["input"]) == given
    assert tool_result["result"] == result
    assert finish["finishReason"] == "stop"
    assert reading_of_events(events).tool_calls == ()


@pytest.mark.parametrize("kind", ["local_shell_call", "apply_patch_call", "shell_call"])
def test_a_shell_and_a_patch_are_the_clients_to_run(kind):
    item = {"type": kind, "id": "i", "call_id": "c", "action": {"commands": ["ls"]}}
    events = decode(done(0, **item), completed())
    assert events == [
        {
            "type": "tool-call",
            "toolCallId": "c",
            "toolName": kind.removesuffix("_call"),
            "input": '{"action":{"commands":["ls"]}}',
        },
        {"type": "finish", "finishReason": "tool-calls", "usage": {}},
    ]


@pytest.mark.parametrize(
    ("kind", "ids", "expected"),
    [
        ("web_search_call", {"id": "i", "call_id": "c"}, "i"),
        ("web_search_call", {"id": "", "call_id": "c"}, "c"),
        ("web_search_call", {}, "made_0"),
        ("local_shell_call", {"id": "i", "call_id": "c"}, "c"),
        ("local_shell_call", {"id": "i", "call_id": None}, "i"),
        ("local_shell_call", {}, "made_0"),
    ],
)
def test_a_built_in_call_has_the_items_id_or_the_one_that_the_client_answers(kind, ids, expected):
    assert decode(done(0, type=kind, **ids))[0]["toolCallId"] == expected


def test_a_shell_that_a_container_answers_is_run_by_the_provider():
    item = {"type": "shell_call", "id": "i", "call_id": "c", "action": {"commands": ["ls"]}}
    output = {"type": "shell_call_output", "id": "o", "call_id": "c", "output": [{"stdout": "x"}]}
    events = decode(done(0, **item), done(1, **output), completed())
    assert kinds(events) == ["tool-call", "tool-result", "finish"]
    assert events[1]["result"] == {"output": [{"stdout": "x"}]}
    assert events[2]["finishReason"] == "stop"


def test_a_remote_tool_that_waits_for_the_user_asks():
    item = {"type": "mcp_approval_request", "id": "mcpr", "name": "pay", "arguments": '{"sum": 1}'}
    events = decode(done(0, **item), completed())
    assert decode(done(0, **item | {"id": None, "arguments": {"sum": 1}}))[0]["toolCallId"] == "made_0"
    assert decode(done(0, **item | {"arguments": {"sum": 1}}))[0]["input"] == '{"sum":1}'
    assert events[:2] == [
        {
            "type": "tool-call",
            "toolCallId": "mcpr",
            "toolName": "mcp.pay",
            "input": '{"sum": 1}',
            "providerExecuted": True,
        },
        {"type": "tool-approval-request", "approvalId": "mcpr", "toolCallId": "mcpr"},
    ]


@pytest.mark.parametrize("kind", ["mcp_list_tools", "program", "program_output", "tool_search_output", None, 7, []])
def test_an_item_that_says_nothing_is_ignored(kind):
    assert kinds(decode(added(0, type=kind), done(0, type=kind), completed())) == ["finish"]


# Sources

URL = {"type": "url_citation", "url": "https://a.example", "title": "A"}


@pytest.mark.parametrize(
    ("annotation", "source"),
    [
        (URL, {"sourceType": "url", "url": "https://a.example", "title": "A"}),
        (
            {"type": "file_citation", "file_id": "file_1", "filename": "a.txt"},
            {"sourceType": "document", "mediaType": "text/plain", "title": "a.txt", "filename": "a.txt"},
        ),
        (
            {"type": "file_citation", "title": "The file", "filename": "a.txt"},
            {"sourceType": "document", "mediaType": "text/plain", "title": "The file", "filename": "a.txt"},
        ),
        (
            {"type": "file_path", "file_id": "file_1"},
            {"sourceType": "document", "mediaType": "text/plain", "title": "file_1", "filename": "file_1"},
        ),
    ],
)
def test_an_annotation_is_a_source(annotation, source):
    events = decode(say("output_text.annotation.added", output_index=0, annotation=annotation))
    assert events == [{"type": "source", "id": "made_0", **source}]


def test_annotations_of_a_finished_message_count_where_none_was_streamed():
    message = done(0, type="message", id="msg_0", content=[part("a", annotations=[URL, None, {}])])
    streamed = say("output_text.annotation.added", output_index=0, annotation=URL)
    assert kinds(decode(message)).count("source") == 1
    assert kinds(decode(streamed, message)).count("source") == 1


# How an answer ends


def test_without_a_terminal_message_there_is_no_finish():
    events = decode(CREATED, text("Hi"), done(0, type="message", id="msg_0"), Message("", Mark.DONE))
    assert kinds(events) == ["response-metadata", "text-start", "text-delta", "text-end"]


@pytest.mark.parametrize(
    ("reason", "word"),
    [("max_output_tokens", "length"), ("content_filter", "content-filter"), ("whatever", "unknown"), (None, "unknown")],
)
def test_an_incomplete_response_says_why(reason, word):
    response = {"id": "r", "incomplete_details": {"reason": reason}}
    assert decode(say("incomplete", response=response))[-1]["finishReason"] == word


@pytest.mark.parametrize("kind", ["completed", "done"])
@pytest.mark.parametrize("status", ["incomplete", "completed", None])
def test_a_terminal_message_may_say_itself_that_it_is_incomplete(kind, status):
    response = {"status": status, "incomplete_details": {"reason": "max_output_tokens"}}
    assert decode(say(kind, response=response))[-1]["finishReason"] == "length"


def test_nothing_after_the_end_is_read():
    assert kinds(decode(completed(), text("late"), CREATED, {"type": "error", "message": "late"})) == ["finish"]


def test_usage_carries_the_details():
    usage = {
        "input_tokens": 10,
        "output_tokens": 4,
        "input_tokens_details": {"cached_tokens": 8},
        "output_tokens_details": {"reasoning_tokens": 3},
    }
    events = decode(completed(usage=usage))
    assert events[-1]["usage"] == {
        "inputTokens": 10,
        "outputTokens": 4,
        "reasoningTokens": 3,
        "cachedInputTokens": 8,
    }
    assert reading_of_events(events).usage == Usage(10, 4, 14)


def test_an_answer_that_stands_only_in_the_terminal_message_is_read():
    output = [
        {"type": "reasoning", "summary": [{"text": "Hm."}]},
        {"type": "message", "id": "m", "content": [part("Hello")]},
        call(2, arguments=PARIS),
        None,
    ]
    reading = read(CREATED, completed(output=output))
    assert (reading.reasoning, reading.text, reading.finish_reason) == ("Hm.", "Hello", "tool_calls")
    assert [c.arguments for c in reading.tool_calls] == [PARIS]


def test_the_terminal_message_repeats_nothing_that_was_streamed():
    output = [{"type": "message", "id": "other", "content": [part("Hello")]}, call(1, arguments=PARIS)]
    reading = read(text("Hello"), done(1, **call(1, arguments=PARIS)), completed(output=output))
    assert (reading.text, len(reading.tool_calls), reading.conflicts) == ("Hello", 1, ())


def test_an_item_without_an_end_is_completed_by_the_terminal_message():
    output = [{"type": "message", "id": "m", "content": [part("Hello")]}]
    assert read(added(0, type="message", id="m"), completed(output=output)).text == "Hello"


def test_a_call_that_was_streamed_without_a_place_is_not_called_again():
    streamed = say("output_item.done", item=call(arguments=PARIS))
    events = decode(streamed, completed(output=[call(arguments=PARIS, id="another")]))
    assert kinds(events).count("tool-call") == 1


def test_a_call_that_only_the_terminal_message_names_is_not_lost():
    reading = read(
        say("output_text.delta", delta="Hi"), completed(output=[{"type": "message"}, call(1, arguments=PARIS)])
    )
    assert [(c.id, c.arguments) for c in reading.tool_calls] == [("call_1", PARIS)]


def test_a_response_that_was_not_streamed_is_read():
    body = {"object": "response", "id": "r", "model": "m", "status": "completed", "error": None}
    events = decode(body | {"output": [{"type": "message", "id": "m", "content": [part("Hi")]}]})
    assert kinds(events) == ["response-metadata", "text-start", "text-delta", "text-end", "finish"]
    assert decode(body | {"status": "queued"}) == []


def test_the_name_of_the_frame_stands_in_for_a_missing_type():
    named = Message("response.output_text.delta", {"delta": "Hi", "item_id": "m", "output_index": 0})
    assert reading_of_events(decode(named, Message("response.completed", {"response": {}}))).text == "Hi"


def test_metadata_is_emitted_once_with_the_first_id():
    nameless = say("created", response={"id": "", "model": "m-1"})
    events = decode(nameless, CREATED, say("in_progress", response={"id": "resp_2"}), completed())
    assert events[0] == {"type": "response-metadata", "id": "resp_1", "modelId": "m-1"}
    assert kinds(events).count("response-metadata") == 1


# How an answer fails


@pytest.mark.parametrize(
    ("data", "failure"),
    [
        ({"type": "error", "error": {"message": "boom", "code": "x"}}, Failure("boom", "x")),
        ({"type": "error", "code": "x", "message": "boom", "param": None}, Failure("boom", "x")),
        (say("failed", response={"status": "failed", "error": {"code": "x", "message": "boom"}}), Failure("boom", "x")),
        (say("failed", response=None), Failure("the provider ended the response as failed", "failed")),
        (say("cancelled", response={}), Failure("the provider ended the response as cancelled", "cancelled")),
        (completed(status="failed", error={"code": "x", "message": "boom"}), Failure("boom", "x")),
        ({"object": "response", "status": "failed", "error": {"message": "boom"}}, Failure("boom")),
        ({"error": {"message": "boom", "type": "t"}}, Failure("boom", "t")),
        ({"error": "boom"}, Failure("boom")),
        ({"detail": "boom"}, Failure("boom")),
        (Message("error", {"message": "boom"}), Failure("boom")),
        (Message("error", {"type": "server_error", "message": "boom"}), Failure("boom", "server_error")),
        (Message("error", "boom"), Failure("boom")),
        (Message("error", {"type": "unheard_of"}), Failure(SILENCE, "unheard_of")),
        ({"type": "error"}, Failure(SILENCE, "error")),
    ],
)
def test_an_error_in_any_shape_is_one_event_and_the_end(data, failure):
    events = decode(CREATED, text("Hi"), data, text(" there"), completed())
    assert kinds(events) == ["response-metadata", "text-start", "text-delta", "error"]
    assert reading_of_events(events).error == failure


def test_of_an_error_and_a_failed_response_the_first_counts():
    failed = say("failed", response={"error": {"message": "second"}})
    assert read({"type": "error", "error": {"message": "first"}}, failed).error == Failure("first")


@pytest.mark.parametrize("data", [None, 1, "text", [], {}, {"type": None}, {"type": "response.new"}, {"type": "ping"}])
def test_a_message_that_says_nothing_is_ignored(data):
    assert decode(data) == []


@given(
    pieces=st.lists(st.text(max_size=4), max_size=8),
    value=st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9)),
    places=st.lists(st.integers(0, 60), max_size=6),
)
def test_text_and_arguments_cut_anywhere_give_the_same_reading(pieces, value, places):
    whole = json.dumps(value)
    cuts = sorted({min(place, len(whole)) for place in places} | {0, len(whole)})
    deltas = [arguments(whole[start:end], 1) for start, end in pairwise(cuts)]
    messages = [added(1, **call(1)), *(text(piece) for piece in pieces), *deltas]
    reading = read(*messages, done(1, **call(1)), completed())
    assert reading.text == "".join(pieces)
    assert [c.arguments for c in reading.tool_calls] == [whole]
