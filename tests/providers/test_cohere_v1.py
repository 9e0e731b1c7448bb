import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohere_wires import PARIS, WHOLE_V1, lines
from harness.protocol.event_reading import reading_of_events
from harness.protocol.reading import Failure
from harness.providers import counted_ids, decode, decoded

WIRE = "cohere-v1"
START = {"is_finished": False, "event_type": "stream-start", "generation_id": "04f2b675"}
META = {
    "api_version": {"version": "1"}, "billed_units": {"input_tokens": 5, "output_tokens": 3},
    "tokens": {"input_tokens": 206, "output_tokens": 4},
}  # fmt: skip


def says(words, kind="text-generation"):
    return {"is_finished": False, "event_type": kind, "text": words}


def piece(index, **delta):
    return {"is_finished": False, "event_type": "tool-calls-chunk", "tool_call_delta": {"index": index} | delta}


def called(*calls):
    made = [{"name": name, "parameters": parameters} for name, parameters in calls]
    return {"is_finished": False, "event_type": "tool-calls-generation", "tool_calls": made}


def ending(reason="COMPLETE", **response):
    response = {
        "response_id": "6dec46f4",
        "generation_id": "04f2b675",
        "finish_reason": reason,
        "meta": META,
    } | response
    return {"is_finished": True, "event_type": "stream-end", "response": response, "finish_reason": reason}


def events_of(*messages):
    return decoded(WIRE, lines(*messages), counted_ids("made"))


def reading(*messages):
    return reading_of_events(events_of(*messages))


def test_a_text_answer():
    assert events_of(START, says("H"), says("ola."), ending(text="Hola.")) == [
        {"type": "response-metadata", "id": "04f2b675"},
        {"type": "text-start", "id": "text-0"},
        {"type": "text-delta", "id": "text-0", "delta": "H"},
        {"type": "text-delta", "id": "text-0", "delta": "ola."},
        {"type": "text-end", "id": "text-0"},
        {"type": "finish", "finishReason": "stop", "usage": {"inputTokens": 206, "outputTokens": 4}},
    ]


def test_the_same_lines_may_come_as_server_sent_events_or_with_blank_lines_between():
    messages = [START, says("Hola."), ending(text="Hola.")]
    as_events = "".join(f"data: {json.dumps(message)}\n\n" for message in messages).encode()
    spaced = lines(*messages).replace(b"\n", b"\n\n")
    for body in (as_events, spaced):
        assert decoded(WIRE, body, counted_ids("made")) == events_of(*messages)


def test_calls_come_in_pieces_by_index_and_are_complete_when_they_are_announced():
    plan = says("I will look.", "tool-calls-chunk")
    events = events_of(
        START, plan, piece(0, name="weather"), piece(0, parameters='{"city":'), piece(1, name="clock"),
        piece(1, parameters="{"), piece(0, parameters='"Paris","n":1.0}'), piece(1, parameters="}"),
        called(("weather", {"city": "Paris", "n": 1.0}), ("clock", {})), ending(text="I will look."),
    )  # fmt: skip
    assert events[1:] == [
        {"type": "tool-input-start", "id": "made_0", "toolName": "weather"},
        {"type": "tool-input-delta", "id": "made_0", "delta": '{"city":'},
        {"type": "tool-input-start", "id": "made_1", "toolName": "clock"},
        {"type": "tool-input-delta", "id": "made_1", "delta": "{"},
        {"type": "tool-input-delta", "id": "made_0", "delta": '"Paris","n":1.0}'},
        {"type": "tool-input-delta", "id": "made_1", "delta": "}"},
        {"type": "tool-input-end", "id": "made_0"},
        {"type": "tool-call", "toolCallId": "made_0", "toolName": "weather", "input": PARIS},
        {"type": "tool-input-end", "id": "made_1"},
        {"type": "tool-call", "toolCallId": "made_1", "toolName": "clock", "input": "{}"},
        {"type": "finish", "finishReason": "tool-calls", "usage": {"inputTokens": 206, "outputTokens": 4}},
    ]


@pytest.mark.parametrize(
    "messages",
    [
        [called(("weather", {"city": "Paris", "n": 1.0})), ending()],
        [ending(tool_calls=[{"name": "weather", "parameters": {"city": "Paris", "n": 1.0}}])],
        [piece(0, name="weather"), ending(tool_calls=[{"name": "weather", "parameters": {"city": "Paris", "n": 1.0}}])],
    ],
)
def test_a_call_that_comes_whole_keeps_the_letters_of_its_numbers(messages):
    got = reading(START, *messages)
    assert [(call.name, call.arguments) for call in got.tool_calls] == [("weather", PARIS)]
    assert got.finish_reason == "tool_calls"


def test_calls_that_are_announced_again_at_the_end_are_the_same_calls():
    call = ("weather", {"city": "Paris"})
    again = [{"name": "weather", "parameters": {"city": "Paris"}}, {"name": "clock", "parameters": {}}]
    got = reading(START, called(call), called(call), ending(tool_calls=again))
    assert [call.name for call in got.tool_calls] == ["weather", "clock"]


def test_a_call_that_was_never_announced_is_left_out():
    got = reading(START, piece(0, name="weather"), piece(0, parameters="{}"), ending("MAX_TOKENS"))
    assert (got.tool_calls, got.finish_reason) == ((), "length")


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("COMPLETE", "stop"), ("STOP_SEQUENCE", "stop"), ("MAX_TOKENS", "length"), ("ERROR_LIMIT", "length"),
        ("ERROR_TOXIC", "content-filter"), ("USER_CANCEL", "other"), ("ERROR", "error"), ("TIMEOUT", "error"),
        ("SOMETHING_NEW", "unknown"),
    ],
)  # fmt: skip
def test_finish_reasons(word, reason):
    assert events_of(START, ending(word))[-1]["finishReason"] == reason
    assert events_of(ending(word) | {"finish_reason": None})[-1]["finishReason"] == reason


@pytest.mark.parametrize(
    "end",
    [
        {"is_finished": True, "event_type": "stream-error", "finish_reason": "ERROR", "err": "boom"},
        {"is_finished": True, "event_type": "stream-end", "finish_reason": "ERROR", "error": "boom"},
        {"is_finished": True, "finish_reason": "ERROR", "err": "boom"},
        {"event_type": "stream-error", "err": "boom"},
        {"message": "boom"},
    ],
)
def test_an_error_in_the_stream_is_an_error(end):
    got = reading(START, says("Hel"), end)
    assert (got.text, got.ended, got.error) == ("Hel", "error", Failure("boom", None))


def test_an_end_that_only_names_an_error_is_one_too():
    got = reading(START, says("Hel"), ending("ERROR", text="Hel"))
    assert (got.text, got.ended, got.finish_reason) == ("Hel", "error", "error")


def test_an_error_body_is_an_error():
    assert reading({"message": "invalid api token"}).error == Failure("invalid api token", None)


def test_a_stream_without_its_last_line_has_no_finish():
    assert [event["type"] for event in events_of(START, says("Hel"))][-1] == "text-delta"


def test_cited_documents_are_sources_once_known_and_each_once():
    found = {
        "is_finished": False,
        "event_type": "search-results",
        "search_results": [],
        "documents": [
            {"id": "web_0", "title": "A", "url": "https://a.test", "snippet": "…"},
            {"id": "web_1", "title": "B"},
        ],
    }
    cited = {
        "is_finished": False,
        "event_type": "citation-generation",
        "citations": [
            {"start": 0, "end": 3, "text": "Hel", "document_ids": ["web_0", "doc_0"]},
            {"start": 0, "end": 3, "text": "Hel", "document_ids": ["web_0"]},
        ],
    }
    events = events_of(
        START, found, says("Hello"), cited, ending(documents=[{"id": "doc_0", "title": "C", "text": "…"}])
    )
    first = {"type": "source", "id": "made_0", "sourceType": "url", "url": "https://a.test", "title": "A"}
    late = {"type": "source", "id": "made_1", "sourceType": "document", "mediaType": "text/plain", "title": "C"}
    assert [event for event in events if event["type"] == "source"] == [first, late]
    assert events.index(first) < events.index(late)


def test_a_generation_of_the_api_before_chat():
    texts = [
        {"text": " Pluto", "is_finished": False, "event_type": "text-generation"},
        {"text": " was", "index": 0, "is_finished": False},
        {"text": "not read", "index": 1, "is_finished": False},
    ]
    meta = {"api_version": {"version": "1"}, "billed_units": {"input_tokens": 5, "output_tokens": 55}}
    response = {
        "id": "1ce1192a",
        "generations": [{"id": "ff39b95c", "text": " Pluto was", "finish_reason": "MAX_TOKENS"}],
        "prompt": "What?",
        "meta": meta,
    }
    streamed = events_of(*texts, {"is_finished": True, "event_type": "stream-end", "response": response})
    whole = decoded(WIRE, json.dumps(response, indent=2).encode(), counted_ids("made"))
    for events in (streamed, whole):
        got = reading_of_events(events)
        assert (got.text, got.finish_reason) == (" Pluto was", "length")
        assert {"type": "response-metadata", "id": "1ce1192a"} in events
        assert events[-1]["usage"] == {"inputTokens": 5, "outputTokens": 55}


@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_answer_with_calls(indent):
    assert decoded(WIRE, json.dumps(WHOLE_V1 | {"text": "I will look."}, indent=indent).encode(), counted_ids("m")) == [
        {"type": "response-metadata", "id": "7e8f9a0b"},
        {"type": "tool-input-start", "id": "m_0", "toolName": "weather"},
        {"type": "tool-input-delta", "id": "m_0", "delta": PARIS},
        {"type": "tool-input-end", "id": "m_0"},
        {"type": "tool-call", "toolCallId": "m_0", "toolName": "weather", "input": PARIS},
        {"type": "tool-input-start", "id": "m_1", "toolName": "clock"},
        {"type": "tool-input-delta", "id": "m_1", "delta": "{}"},
        {"type": "tool-input-end", "id": "m_1"},
        {"type": "tool-call", "toolCallId": "m_1", "toolName": "clock", "input": "{}"},
        {"type": "finish", "finishReason": "tool-calls", "usage": {"inputTokens": 12, "outputTokens": 4}},
    ]


def test_a_whole_answer_of_words():
    got = reading({"text": "Hola.", "generation_id": "g", "finish_reason": "COMPLETE", "meta": META})
    assert (got.text, got.finish_reason, got.response_id) == ("Hola.", "stop", "g")


def test_other_messages_are_passed_over():
    assert (
        events_of({"event_type": "debug", "prompt": "<BOS>"}, {"event_type": "search-queries-generation"}, {}, 7) == []
    )


ANSWER = lines(
    START, says("Grüße "), says("🎉"), piece(0, name="weather"), piece(0, parameters='{"city":"Köln"}'),
    called(("weather", {"city": "Köln"})), ending(text="Grüße 🎉"),
)  # fmt: skip


@given(st.lists(st.integers(1, 40), max_size=40))
def test_a_cut_anywhere_gives_the_same_events(sizes):
    stage, rest, events = decode(WIRE, counted_ids("made")), ANSWER, []
    for size in sizes:
        events += stage.feed(rest[:size])
        rest = rest[size:]
    assert events + stage.feed(rest) + stage.close() == decoded(WIRE, ANSWER, counted_ids("made"))


KINDS = st.sampled_from(
    [
        "stream-start", "text-generation", "tool-calls-chunk", "tool-calls-generation", "search-results",
        "citation-generation", "stream-end", "stream-error", "",
    ]
)  # fmt: skip
KEYS = st.sampled_from(
    [
        "text", "index", "name", "parameters", "tool_call_delta", "tool_calls", "documents", "id", "title", "citations",
        "document_ids", "response", "generations", "meta", "tokens", "finish_reason", "generation_id", "is_finished",
    ]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@given(
    st.lists(st.builds(lambda kind, body: {"event_type": kind} | body, KINDS, st.dictionaries(KEYS, JSON)), max_size=8)
)
def test_json_of_any_shape_never_makes_decoding_fail(messages):
    reading_of_events(events_of(*messages))
