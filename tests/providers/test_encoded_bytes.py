"""The bytes of a text and of a tool call on four wires, written by hand after recordings of the providers."""

import json

import pytest

from harness.errors import InputError
from harness.providers import Labels, counted_ids, decoded, encode, encoded
from parts import call, error, finish, metadata, part, reasoning, start, text

LABELS = Labels(id="unused", model="unused", created=1751642570)
NAMED = metadata("a1", "model-7")
TEXT = [NAMED, text("H\u00e9"), text("!"), finish("stop")]
CALL = [
    NAMED,
    start("call_1", "get_weather"),
    part('{"city":'),
    part('"Bonn"}'),
    call('{"city":"Bonn"}'),
    finish("tool-calls"),
]


def chunks(body):
    return [json.loads(line[6:]) for line in body.decode().splitlines() if line.startswith("data: {")]


def data_of(pieces):
    return "\n".join(piece.partition("\ndata: ")[2] for piece in pieces)


def bodies(wire, events, provider="", labels=LABELS):
    return b"".join(encoded(wire, events, labels, provider))


CHAT = '"id":"a1","object":"chat.completion.chunk","created":1751642570,"model":"model-7","choices":'
OPENED = f'data: {{{CHAT}[{{"index":0,"delta":{{"role":"assistant","content":""}},"finish_reason":null}}]}}\n\n'
COUNTED = (
    f'data: {{{CHAT}[],"usage":{{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}}}\n\n'
    "data: [DONE]\n\n"
)  # fmt: skip


def test_a_text_in_chat_completions():
    assert bodies("openai-chat", TEXT).decode() == (
        OPENED
        + f'data: {{{CHAT}[{{"index":0,"delta":{{"content":"H\u00e9"}},"finish_reason":null}}]}}\n\n'
        + f'data: {{{CHAT}[{{"index":0,"delta":{{"content":"!"}},"finish_reason":null}}]}}\n\n'
        + f'data: {{{CHAT}[{{"index":0,"delta":{{}},"finish_reason":"stop"}}]}}\n\n'
        + COUNTED
    )


def test_a_call_in_chat_completions():
    head = '{"index":0,"id":"call_1","type":"function","function":{"name":"get_weather","arguments":""}}'
    first = '{"index":0,"function":{"arguments":"{\\"city\\":"}}'
    second = '{"index":0,"function":{"arguments":"\\"Bonn\\"}"}}'
    told = [
        f'data: {{{CHAT}[{{"index":0,"delta":{{"tool_calls":[{piece}]}},"finish_reason":null}}]}}\n\n'
        for piece in (head, first, second)
    ]
    ended = f'data: {{{CHAT}[{{"index":0,"delta":{{}},"finish_reason":"tool_calls"}}]}}\n\n'
    assert bodies("openai-chat", CALL).decode() == OPENED + "".join(told) + ended + COUNTED


def test_a_text_in_anthropic_messages():
    assert bodies("anthropic-messages", TEXT).decode() == (
        "event: message_start\n"
        'data: {"type":"message_start","message":{"model":"model-7","id":"a1","type":"message","role":"assistant",'
        '"content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,'
        '"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}\n\n'
        "event: content_block_start\n"
        'data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n'
        "event: ping\n"
        'data: {"type": "ping"}\n\n'
        "event: content_block_delta\n"
        'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"H\u00e9"}}\n\n'
        "event: content_block_delta\n"
        'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"!"}}\n\n'
        "event: content_block_stop\n"
        'data: {"type":"content_block_stop","index":0}\n\n'
        "event: message_delta\n"
        'data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":'
        '{"input_tokens":3,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":4}}\n\n'
        "event: message_stop\n"
        'data: {"type":"message_stop"}\n\n'
    )


def test_a_call_in_anthropic_messages():
    told = bodies("anthropic-messages", CALL).decode()
    assert (
        'data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"call_1",'
        '"name":"get_weather","input":{}}}\n\n'
        "event: ping\n"
        'data: {"type": "ping"}\n\n'
        "event: content_block_delta\n"
        'data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":""}}\n\n'
        "event: content_block_delta\n"
        'data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta",'
        '"partial_json":"{\\"city\\":"}}\n\n'
        "event: content_block_delta\n"
        'data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta",'
        '"partial_json":"\\"Bonn\\"}"}}\n\n'
        "event: content_block_stop\n"
        'data: {"type":"content_block_stop","index":0}\n\n'
        "event: message_delta\n"
        'data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},'
    ) in told


GEMINI = '"modelVersion": "model-7","responseId": "a1"}\r\n\r\n'
DETAILS = '"promptTokensDetails": [{"modality": "TEXT","tokenCount": 3}]'
BEGUN = f'"usageMetadata": {{"promptTokenCount": 3,"totalTokenCount": 3,{DETAILS}}},{GEMINI}'
ENDED = (
    'data: {"candidates": [{"content": {"parts": [{"text": ""}],"role": "model"},"finishReason": "STOP","index": 0}],'
    f'"usageMetadata": {{"promptTokenCount": 3,"candidatesTokenCount": 4,"totalTokenCount": 7,{DETAILS}}},{GEMINI}'
)


def candidate(told):
    return f'data: {{"candidates": [{{"content": {{"parts": [{told}],"role": "model"}},"index": 0}}],{BEGUN}'


def test_a_text_in_generate_content():
    told = bodies("google-generatecontent", TEXT).decode()
    assert told == candidate('{"text": "H\u00e9"}') + candidate('{"text": "!"}') + ENDED


def test_a_call_in_generate_content():
    named = '{"functionCall": {"name": "get_weather","args": {"city": "Bonn"},"id": "call_1"}}'
    assert bodies("google-generatecontent", CALL).decode() == candidate(named) + ENDED


def test_a_text_in_responses():
    pieces = bodies("openai-responses", TEXT).decode().split("\n\n")
    assert [piece.partition("\n")[0] for piece in pieces] == [
        "event: response.created",
        "event: response.in_progress",
        "event: response.output_item.added",
        "event: response.content_part.added",
        "event: response.output_text.delta",
        "event: response.output_text.delta",
        "event: response.output_text.done",
        "event: response.content_part.done",
        "event: response.output_item.done",
        "event: response.completed",
        "",
    ]
    assert data_of(pieces[2:9]) == (
        '{"type":"response.output_item.added","item":{"id":"msg_0","type":"message","status":"in_progress",'
        '"content":[],"role":"assistant"},"output_index":0,"sequence_number":2}\n'
        '{"type":"response.content_part.added","content_index":0,"item_id":"msg_0","output_index":0,"part":'
        '{"type":"output_text","annotations":[],"logprobs":[],"text":""},"sequence_number":3}\n'
        '{"type":"response.output_text.delta","content_index":0,"delta":"H\u00e9","item_id":"msg_0",'
        '"logprobs":[],"output_index":0,"sequence_number":4}\n'
        '{"type":"response.output_text.delta","content_index":0,"delta":"!","item_id":"msg_0",'
        '"logprobs":[],"output_index":0,"sequence_number":5}\n'
        '{"type":"response.output_text.done","content_index":0,"item_id":"msg_0","logprobs":[],'
        '"output_index":0,"sequence_number":6,"text":"H\u00e9!"}\n'
        '{"type":"response.content_part.done","content_index":0,"item_id":"msg_0","output_index":0,"part":'
        '{"type":"output_text","annotations":[],"logprobs":[],"text":"H\u00e9!"},"sequence_number":7}\n'
        '{"type":"response.output_item.done","item":{"id":"msg_0","type":"message","status":"completed",'
        '"content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"H\u00e9!"}],"role":"assistant"},'
        '"output_index":0,"sequence_number":8}'
    )
    response = json.loads(pieces[9].partition("data: ")[2])["response"]
    assert (response["id"], response["model"], response["status"]) == ("a1", "model-7", "completed")
    assert response["created_at"] == 1751642570
    assert response["usage"] == {
        "input_tokens": 3, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 4,
        "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 7,
    }  # fmt: skip


def test_a_call_in_responses():
    pieces = bodies("openai-responses", CALL).decode().split("\n\n")
    named = '"call_id":"call_1","name":"get_weather"}'
    assert data_of(pieces[2:7]) == (
        '{"type":"response.output_item.added","item":{"id":"fc_0","type":"function_call",'
        f'"status":"in_progress","arguments":"",{named},"output_index":0,"sequence_number":2}}\n'
        '{"type":"response.function_call_arguments.delta","delta":"{\\"city\\":","item_id":"fc_0",'
        '"output_index":0,"sequence_number":3}\n'
        '{"type":"response.function_call_arguments.delta","delta":"\\"Bonn\\"}","item_id":"fc_0",'
        '"output_index":0,"sequence_number":4}\n'
        '{"type":"response.function_call_arguments.done","arguments":"{\\"city\\":\\"Bonn\\"}","item_id":"fc_0",'
        '"output_index":0,"sequence_number":5}\n'
        '{"type":"response.output_item.done","item":{"id":"fc_0","type":"function_call",'
        f'"status":"completed","arguments":"{{\\"city\\":\\"Bonn\\"}}",{named},"output_index":0,"sequence_number":6}}'
    )


def test_half_a_surrogate_pair_is_written_as_an_escape_and_a_line_separator_as_itself():
    body = bodies("openai-chat", [NAMED, text("\ud83d"), text("\u2028\x00"), finish()])
    assert b'{"content":"\\ud83d"}' in body
    assert b'{"content":"\xe2\x80\xa8\\u0000"}' in body


def test_each_feed_returns_whole_messages_and_a_cut_answer_has_no_end():
    stage = encode("openai-chat", LABELS)
    pieces = [piece for event in TEXT[:-1] for piece in stage.feed(event)]
    assert all(piece.endswith(b"\n\n") for piece in pieces)
    assert stage.close() == []
    assert "finish" not in [event["type"] for event in decoded("openai-chat", b"".join(pieces), counted_ids("x"))]


@pytest.mark.parametrize(
    ("wire", "last"),
    [
        ("openai-chat", {"error": {"message": "busy", "type": "overloaded", "param": None, "code": "overloaded"}}),
        ("anthropic-messages", {"type": "error", "error": {"type": "overloaded", "message": "busy"}}),
        ("google-generatecontent", {"error": {"message": "busy", "status": "overloaded"}}),
    ],
)
def test_an_error_in_the_stream_has_the_form_of_its_wire(wire, last):
    told = chunks(bodies(wire, [NAMED, text("A"), error({"message": "busy", "code": "overloaded"}), finish()]))
    assert told[-1] == last


def test_an_error_of_responses_is_told_twice_as_openai_does():
    told = chunks(bodies("openai-responses", [NAMED, error({"message": "busy", "code": "rate_limit_exceeded"})]))
    assert [message["type"] for message in told] == ["error", "response.failed"]
    assert told[0]["error"]["code"] == "rate_limit_exceeded"
    assert told[1]["response"]["error"] == {"code": "rate_limit_exceeded", "message": "busy"}


@pytest.mark.parametrize(
    ("wire", "reason", "told"),
    [
        ("anthropic-messages", {"unified": "stop", "raw": "stop_sequence"}, "stop_sequence"),
        ("anthropic-messages", {"unified": "stop", "raw": "pause_turn"}, "pause_turn"),
        ("anthropic-messages", {"unified": "length", "raw": "max_output_tokens"}, "max_tokens"),
        ("google-generatecontent", {"unified": "content-filter", "raw": "RECITATION"}, "RECITATION"),
        ("google-generatecontent", "content-filter", "SAFETY"),
        ("openai-chat", {"unified": "other", "raw": "repetition"}, "repetition"),
        ("openai-chat", {"unified": "stop", "raw": "end_turn"}, "stop"),
    ],
)  # fmt: skip
def test_the_provider_s_own_word_is_kept_where_it_is_a_word_of_the_wire(wire, reason, told):
    body = bodies(wire, [NAMED, text("A"), finish(reason)]).decode()
    keys = ("stop_reason", "finish_reason", "finishReason")
    assert any(f'"{key}":"{told}"' in body.replace('": "', '":"') for key in keys)


@pytest.mark.parametrize(
    ("wire", "provider", "event", "words"),
    [
        ("openai-chat", "openai", reasoning("hm"), "as openai speaks it has no words for reasoning"),
        ("openai-chat", "mistral", start("call_1"), r"an id 'call_1'|the id 'call_1'"),
        ("openai-chat", "", start(providerExecuted=True), "a tool that the provider runs itself"),
        ("openai-chat", "", {"type": "file", "mediaType": "image/png", "data": ""}, "file events"),
        ("google-generatecontent", "", {"type": "source", "sourceType": "document", "title": "T"}, "without a URL"),
        ("openai-responses", "", start(providerExecuted=True), "a tool named 'get_weather' that the provider runs"),
    ],
)
def test_what_a_wire_has_no_words_for_is_named(wire, provider, event, words):
    with pytest.raises(InputError, match=words):
        encoded(wire, [NAMED, event], LABELS, provider)
