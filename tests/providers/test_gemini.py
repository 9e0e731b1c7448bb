import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.event_reading import reading_of_events
from harness.protocol.reading import Usage
from harness.providers import counted_ids, decode, decoded
from harness.providers.gemini import GeminiDecoder
from harness.providers.message import Message

WIRE = "google-generatecontent"
USAGE = {"promptTokenCount": 10, "candidatesTokenCount": 4, "totalTokenCount": 20, "thoughtsTokenCount": 6}


def chunk(*parts, reason=None, **more):
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    return {"candidates": [candidate | ({"finishReason": reason} if reason else {})], **more}


def text(value, **more):
    return {"text": value, **more}


def call(**fields):
    return {"functionCall": fields}


def sse(*chunks):
    return "".join(f"data: {json.dumps(each)}\r\n\r\n" for each in chunks).encode()


def events_of(*chunks):
    return decoded(WIRE, sse(*chunks), counted_ids("made"))


def types_of(events):
    return [event["type"] for event in events]


def test_a_text_answer():
    ids = {"responseId": "r1", "modelVersion": "gemini"}
    events = events_of(
        chunk(text("Hel"), **ids), chunk(text("lo"), **ids), chunk(reason="STOP", usageMetadata=USAGE, **ids)
    )
    counts = {"inputTokens": 10, "outputTokens": 4, "totalTokens": 20, "reasoningTokens": 6}
    assert events == [
        {"type": "response-metadata", "id": "r1", "modelId": "gemini"},
        {"type": "text-start", "id": "0"},
        {"type": "text-delta", "id": "0", "delta": "Hel"},
        {"type": "text-delta", "id": "0", "delta": "lo"},
        {"type": "text-end", "id": "0"},
        {"type": "finish", "finishReason": "stop", "usage": counts},
    ]


def test_thoughts_are_reasoning_and_a_change_of_kind_ends_a_block():
    events = events_of(chunk(text("Hm", thought=True), text("A")), chunk(text("B"), text("Hm", thought=True)))
    assert [(event["type"], event["id"]) for event in events] == [
        ("reasoning-start", "0"), ("reasoning-delta", "0"), ("reasoning-end", "0"),
        ("text-start", "1"), ("text-delta", "1"), ("text-delta", "1"), ("text-end", "1"),
        ("reasoning-start", "2"), ("reasoning-delta", "2"), ("reasoning-end", "2"),
    ]  # fmt: skip


def test_empty_text_opens_nothing_and_its_signature_goes_to_the_open_block():
    events = events_of(chunk(text("", thoughtSignature="s")), chunk(text("A")), chunk(text("", thoughtSignature="s")))
    signature = {"google": {"thoughtSignature": "s"}}
    assert events[:1] == [{"type": "text-start", "id": "0"}]
    assert events[2:] == [
        {"type": "text-delta", "id": "0", "delta": "", "providerMetadata": signature},
        {"type": "text-end", "id": "0"},
    ]


def test_a_function_call_is_whole():
    events = events_of(
        chunk(text("A"), call(name="f", args={"x": [1, {"y": "é"}]}) | {"thoughtSignature": "s"}, reason="STOP")
    )
    signature = {"providerMetadata": {"google": {"thoughtSignature": "s"}}}
    arguments = '{"x":[1,{"y":"é"}]}'
    assert events[2:] == [
        {"type": "text-end", "id": "0"},
        {"type": "tool-input-start", "id": "made_0", "toolName": "f", **signature},
        {"type": "tool-input-delta", "id": "made_0", "delta": arguments},
        {"type": "tool-input-end", "id": "made_0"},
        {"type": "tool-call", "toolCallId": "made_0", "toolName": "f", "input": arguments, **signature},
        {"type": "finish", "finishReason": "tool-calls", "usage": {}},
    ]


@pytest.mark.parametrize("args", [{}, {"args": None}, {"args": {}}])
def test_a_call_without_arguments_has_an_empty_object(args):
    (found,) = reading_of_events(events_of(chunk(call(name="f", **args)))).tool_calls
    assert found.arguments == "{}"


@pytest.mark.parametrize(("args", "text"), [('{"a": 1}', '{"a": 1}'), ("?", "?"), ([1], "[1]"), (0, "0")])
def test_arguments_that_are_no_object_are_passed_on_and_not_replaced(args, text):
    (found,) = reading_of_events(events_of(chunk(call(name="f", args=args)))).tool_calls
    assert found.arguments == text
    assert found.intact == text.startswith("{")


def test_numbers_in_arguments_keep_their_letters():
    part = '{"functionCall":{"name":"f","args":{"a":12345678901234567890,"b":1.0,"c":1e400,"d":0.10}}}'
    body = f'data: {{"candidates":[{{"content":{{"parts":[{part}]}}}}]}}\n\n'.encode()
    (found,) = reading_of_events(decoded(WIRE, body, counted_ids("made"))).tool_calls
    assert found.arguments == '{"a":12345678901234567890,"b":1.0,"c":1e400,"d":0.10}'


def test_parallel_calls_keep_their_own_ids_or_get_one_each():
    part = call(name="f", args={"n": 1})
    events = events_of(chunk(part, part, call(name="g", id="given", args={})))
    assert [event["toolCallId"] for event in events if event["type"] == "tool-call"] == ["made_0", "made_1", "given"]


def partial(*items):
    return call(partialArgs=list(items), willContinue=True)


def item(path, **value):
    return {"jsonPath": path, **value}


def test_arguments_that_come_path_by_path_are_put_together():
    events = events_of(
        chunk(call(name="cook", willContinue=True)),
        chunk(partial(item("$.recipe.steps[0].say", willContinue=True, stringValue="Mix "))),
        chunk(
            partial(item("$.recipe.steps[0].say", stringValue="it"), item("$.recipe.steps[0].minutes", numberValue=2.5))
        ),
        chunk(partial(item("$.recipe.steps[1].say", stringValue="Bake"))),
        chunk(partial(item("$['a key']['b.c']", boolValue=False), item('$["it\\"s"]', nullValue="NULL_VALUE"))),
        chunk(call(), reason="STOP"),
    )
    reading = reading_of_events(events)
    (found,) = reading.tool_calls
    assert json.loads(found.arguments) == {
        "recipe": {"steps": [{"say": "Mix it", "minutes": 2.5}, {"say": "Bake"}]},
        "a key": {"b.c": False},
        'it"s': None,
    }
    assert types_of(events)[:2] == ["tool-input-start", "tool-input-delta"]
    assert reading.finish_reason == "tool_calls"


def test_a_call_may_begin_and_end_with_its_partial_arguments():
    (found,) = reading_of_events(
        events_of(chunk(call(name="f", partialArgs=[item("$.b", numberValue=2), item("$.a", numberValue=100)])))
    ).tool_calls
    assert found.arguments == '{"b":2,"a":100}'


def test_a_string_that_does_not_continue_is_replaced():
    (found,) = reading_of_events(
        events_of(chunk(call(name="f", partialArgs=[item("$.a", stringValue="x"), item("$.a", stringValue="y")])))
    ).tool_calls
    assert found.arguments == '{"a":"y"}'


@pytest.mark.parametrize("path", ["", "a", "$", "$x", "$..a", "$.a[", "$.a[x]", "$" + ".a" * 5000, None, 7])
def test_a_path_that_is_not_understood_is_left_out(path):
    bad = {"jsonPath": path, "stringValue": "lost"}
    (found,) = reading_of_events(
        events_of(chunk(call(name="f", partialArgs=[bad, item("$.b", numberValue=1)])))
    ).tool_calls
    assert found.arguments == '{"b":1}'


def test_a_huge_index_makes_no_huge_list():
    (found,) = reading_of_events(
        events_of(
            chunk(call(name="f", partialArgs=[item("$.a[999999999]", numberValue=2), item("$.a[0]", numberValue=1)]))
        )
    ).tool_calls
    assert found.arguments == '{"a":[1,2]}'


def test_a_new_name_ends_the_call_that_was_open():
    events = events_of(
        chunk(call(name="f", willContinue=True)),
        chunk(partial(item("$.a", numberValue=1))),
        chunk(call(name="g", args={})),
    )
    assert [(call.name, call.arguments) for call in reading_of_events(events).tool_calls] == [
        ("f", '{"a":1}'),
        ("g", "{}"),
    ]


def test_a_call_that_repeats_its_own_id_goes_on():
    events = events_of(
        chunk(call(name="f", id="1", partialArgs=[item("$.a", numberValue=1)], willContinue=True)),
        chunk(call(name="f", id="1", partialArgs=[item("$.b", numberValue=2)])),
    )
    assert [call.arguments for call in reading_of_events(events).tool_calls] == ['{"a":1,"b":2}']


def test_a_call_that_still_continues_at_the_end_is_no_call():
    reading = reading_of_events(events_of(chunk(call(name="f", willContinue=True), reason="MAX_TOKENS")))
    assert reading.tool_calls == ()
    assert reading.finish_reason == "length"


def test_code_that_google_runs_is_a_provider_call_and_makes_no_tool_calls():
    events = events_of(
        chunk({"executableCode": {"language": "PYTHON", "code": "print(1)"}}),
        chunk({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}}, reason="STOP"),
    )
    named = {"toolCallId": "made_0", "toolName": "code_execution", "providerExecuted": True}
    assert events == [
        {"type": "tool-call", **named, "input": '{"language":"PYTHON","code":"print(1)"}'},
        {"type": "tool-result", **named, "result": {"outcome": "OUTCOME_OK", "output": "1\n"}},
        {"type": "finish", "finishReason": "stop", "usage": {}},
    ]


def test_tools_that_google_runs_are_provider_calls():
    events = events_of(
        chunk({"toolCall": {"toolType": "GOOGLE_SEARCH_WEB", "args": {"queries": ["x"]}, "id": "1"}}),
        chunk({"toolResponse": {"toolType": "GOOGLE_SEARCH_WEB", "response": {"ok": 1}, "id": "1"}}),
        chunk({"toolResponse": {"response": {}, "id": "never called"}}),
    )
    named = {"toolCallId": "1", "toolName": "google_search_web", "providerExecuted": True}
    assert events == [
        {"type": "tool-call", "input": '{"queries":["x"]}', **named},
        {"type": "tool-result", "result": {"ok": 1}, **named},
    ]


def test_inline_data_is_a_file():
    events = events_of(chunk(text("A"), {"inlineData": {"mimeType": "image/png", "data": "aGk="}}, text("B")))
    assert types_of(events) == ["text-start", "text-delta", "text-end", "file", "text-start", "text-delta", "text-end"]
    assert events[3] == {"type": "file", "mediaType": "image/png", "data": "aGk="}


def test_grounding_gives_each_page_once():
    pages = [
        {"web": {"uri": "https://a.example", "title": "A"}},
        {"retrievedContext": {"uri": "https://b.example"}},
        {},
    ]
    grounded = {"candidates": [{"groundingMetadata": {"groundingChunks": pages}}]}
    assert events_of(grounded, grounded) == [
        {"type": "source", "sourceType": "url", "id": "made_0", "url": "https://a.example", "title": "A"},
        {"type": "source", "sourceType": "url", "id": "made_1", "url": "https://b.example"},
    ]


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("STOP", "stop"), ("MAX_TOKENS", "length"), ("SAFETY", "content-filter"), ("RECITATION", "content-filter"),
        ("BLOCKLIST", "content-filter"), ("PROHIBITED_CONTENT", "content-filter"), ("SPII", "content-filter"),
        ("IMAGE_SAFETY", "content-filter"), ("OTHER", "other"), ("FINISH_REASON_UNSPECIFIED", "other"),
        ("LANGUAGE", "unknown"), ("UNEXPECTED_TOOL_CALL", "unknown"), ("BRAND_NEW", "unknown"),
        (1, "stop"), (2, "length"), (3, "content-filter"), (4, "content-filter"), (5, "other"), (99, "unknown"),
    ],
)  # fmt: skip
def test_finish_reasons_come_as_words_or_as_numbers(reason, word):
    assert events_of(chunk(text("A"), reason=reason))[-1]["finishReason"] == word


def test_length_stays_length_beside_calls():
    assert events_of(chunk(call(name="f", args={}), reason="MAX_TOKENS"))[-1]["finishReason"] == "length"


def test_a_malformed_function_call_is_an_error_that_says_why():
    bad = chunk(reason="MALFORMED_FUNCTION_CALL")
    assert events_of(bad)[-1]["error"] == {"message": "malformed function call", "code": "MALFORMED_FUNCTION_CALL"}
    bad["candidates"][0]["finishMessage"] = "Malformed function call: f("
    assert events_of(bad)[-1]["error"]["message"] == "Malformed function call: f("


def test_a_malformed_function_call_still_costs_what_was_counted():
    failed = events_of(chunk(reason="MALFORMED_FUNCTION_CALL", usageMetadata={"promptTokenCount": 3}))
    assert reading_of_events(failed).usage == Usage(3, 0, 3)
    assert reading_of_events(failed).ended == "error"


def test_a_cut_answer_still_tells_what_was_counted():
    reading = reading_of_events(events_of(chunk(text("A"), usageMetadata={"promptTokenCount": 3})))
    assert (reading.ended, reading.usage, reading.finish_reason) == ("truncated", Usage(3, 0, 3), None)


def test_a_blocked_prompt_is_filtered():
    events = events_of({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}})
    assert events == [{"type": "finish", "finishReason": "content-filter", "usage": {"inputTokens": 3}}]


def test_usage_after_the_reason_counts_and_the_last_report_stands_alone():
    events = events_of(
        chunk(text("A"), usageMetadata=USAGE),
        chunk(reason="STOP", usageMetadata={"trafficType": "ON_DEMAND"}),
        {"usageMetadata": {"promptTokenCount": 11, "totalTokenCount": 12, "cachedContentTokenCount": 2}},
    )
    assert events[-1]["usage"] == {"inputTokens": 11, "totalTokens": 12, "cachedInputTokens": 2}


def test_only_the_candidate_of_index_0_is_read():
    other, first = chunk(text("no"))["candidates"][0] | {"index": 1}, chunk(text("yes"))["candidates"][0]
    del first["index"]
    reading = reading_of_events(events_of({"candidates": [other, first]}, {"candidates": [other]}))
    assert reading.text == "yes"


def test_an_error_in_the_stream_ends_it():
    error = {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}
    events = events_of(chunk(text("A")), {"error": error}, chunk(reason="STOP"))
    assert types_of(events) == ["text-start", "text-delta", "error"]
    assert events[-1]["error"] == error


@pytest.mark.parametrize("indent", [None, 2])
def test_the_array_form_and_the_single_answer_give_the_same_events(indent):
    chunks = [chunk(text("A")), chunk(call(name="f", args={"a": "]"}), reason="STOP", usageMetadata=USAGE)]
    assert decoded(WIRE, json.dumps(chunks, indent=indent).encode(), counted_ids("made")) == events_of(*chunks)
    single = json.dumps(chunks[1], indent=indent).encode()
    assert decoded(WIRE, single, counted_ids("made")) == events_of(chunks[1])


FULL = sse(
    chunk(text("Hm 😀", thought=True), responseId="r"),
    chunk(text("é")),
    chunk(call(name="f", args={"a": "ü"})),
    chunk(reason="STOP"),
    {"usageMetadata": USAGE},
)
NAMED_END = FULL.index(b'"STOP"') + len(b'"STOP"}]}\r\n\r\n')


def test_a_body_cut_before_its_reason_has_no_finish_and_one_cut_after_it_has_one():
    whole = types_of(decoded(WIRE, FULL, counted_ids("made")))
    for length in range(len(FULL)):
        part = types_of(decoded(WIRE, FULL[:length], counted_ids("made")))
        assert ("finish" in part) == (length >= NAMED_END - 1)  # the CR of the last CRLF ends its line already
        assert [kind for kind in part if kind not in {"finish", "reasoning-end", "text-end"}] == [
            kind for kind in whole if kind not in {"finish", "reasoning-end", "text-end"}
        ][: sum(kind not in {"finish", "reasoning-end", "text-end"} for kind in part)]


@given(st.lists(st.integers(0, len(FULL)), max_size=12))
def test_pieces_of_any_size_give_the_same_events(cuts):
    stage, edges = decode(WIRE, counted_ids("made")), [0, *sorted(cuts), len(FULL)]
    events = [event for start, end in pairwise(edges) for event in stage.feed(FULL[start:end])]
    assert events + stage.close() == decoded(WIRE, FULL, counted_ids("made"))


KEYS = (
    "candidates", "content", "parts", "index", "finishReason", "usageMetadata", "promptFeedback", "blockReason", "text",
    "functionCall", "name", "args", "partialArgs", "jsonPath", "stringValue", "numberValue", "willContinue", "thought",
    "executableCode", "codeExecutionResult", "toolCall", "toolResponse", "inlineData", "groundingMetadata", "web",
    "groundingChunks", "uri", "id", "error", "responseId", "promptTokenCount",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 2) | st.floats() | st.sampled_from(["", "a", "$.a", "$.a[0]", "$.a.b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=20,
)
PARTS = st.lists(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4), max_size=4)
PARTIAL = st.lists(
    st.fixed_dictionaries(
        {"jsonPath": st.sampled_from(["$.a", "$.a.b", "$.a[1]", "$[0]"])},
        optional={"stringValue": JSON, "willContinue": JSON},
    ),
    max_size=4,
)
CALLS = st.lists(
    st.fixed_dictionaries({"functionCall": st.fixed_dictionaries({"partialArgs": PARTIAL}, optional={"name": JSON})}),
    max_size=3,
)


@given(st.lists(JSON, max_size=8))
def test_no_message_whatever_makes_the_decoder_fail(values):
    decoder = GeminiDecoder(counted_ids("made"))
    events = [event for value in values for event in decoder.feed(Message("", value))] + decoder.close()
    reading_of_events(events)


@given(st.lists(PARTS | CALLS, max_size=4))
def test_parts_of_any_content_never_make_it_fail(lists):
    decoder = GeminiDecoder(counted_ids("made"))
    for parts in lists:
        for event in decoder.feed(Message("", chunk(*parts, reason="STOP"))):
            if event["type"] == "tool-call":
                json.loads(event["input"])
    decoder.close()


def test_an_answer_without_an_id_names_its_model_once_and_an_id_may_follow():
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}, "modelVersion": "gemini"}
    events = events_of(blocked, blocked, blocked | {"responseId": "r1"})
    model = {"type": "response-metadata", "modelId": "gemini"}
    assert events[:-1] == [model, model | {"id": "r1"}]
