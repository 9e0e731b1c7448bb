from decimal import Decimal

import pytest

from harness.errors import InputError
from harness.model.requests import request_of
from harness.model.router import resolve
from prompts import PNG, asked, assistant, body_of, call, file, offer, returned, system, text, tool, user, written

WIRE = "openai-chat"
URL = "https://example.test/cat.png"


def messages(*prompt):
    return written(WIRE, *prompt)["messages"]


def test_a_question_with_a_system_prompt():
    assert written(WIRE, system("Be brief."), user(text("Hi"))) == {
        "model": "llama-3.3-70b-versatile",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
    }


def test_a_whole_turn_with_parallel_tools():
    schema = {"type": "object", "properties": {"city": {"$ref": "#/$defs/c"}}, "$defs": {"c": {"type": "string"}}}
    body = written(
        WIRE,
        user(text("Weather?")),
        assistant(text("Let me see."), call(city="Paris"), call(id_="call_2", city="Rome")),
        tool(returned("18 degrees")),
        tool(returned({"degrees": 24}, "call_2", type_="json")),
        assistant(text("18 and 24.")),
        tools=[offer(schema=schema, description="Looks outside."), offer("now")],
        toolChoice={"type": "auto"},
    )
    assert body["messages"][1:] == [
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
                },
                {
                    "id": "call_2",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"city":"Rome"}'},
                },
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "18 degrees"},
        {"role": "tool", "tool_call_id": "call_2", "content": '{"degrees":24}'},
        {"role": "assistant", "content": "18 and 24."},
    ]
    assert body["tools"] == [
        {
            "type": "function",
            "function": {"name": "get_weather", "description": "Looks outside.", "parameters": schema},
        },
        {"type": "function", "function": {"name": "now"}},
    ]
    assert body["tool_choice"] == "auto"


def test_calls_without_a_text_have_null_content():
    (said,) = messages(user(text("?")), assistant(call()))[1:]
    assert said["content"] is None


def test_several_results_of_one_message_are_messages_of_their_own():
    found = messages(user(text("?")), tool(returned("a"), returned("b", "call_2")))[1:]
    assert [(each["tool_call_id"], each["content"]) for each in found] == [("call_1", "a"), ("call_2", "b")]


@pytest.mark.parametrize(
    ("type_", "value", "content"),
    [
        ("text", "", ""),
        ("json", None, "null"),
        ("json", "text", '"text"'),
        ("error-text", "no such city", "no such city"),
        ("error-json", {"code": 404}, '{"code":404}'),
    ],
)
def test_a_result_is_text_or_the_json_of_what_is_none(type_, value, content):
    assert messages(user(text("?")), tool(returned(value, type_=type_)))[1]["content"] == content


def test_numbers_of_arguments_keep_their_letters():
    given = call(big=12345678901234567890123, small=Decimal("1E+400"), one=Decimal("1.0"), zero=-0.0)
    (said,) = messages(user(text("?")), assistant(given))[1:]
    arguments = said["tool_calls"][0]["function"]["arguments"]
    assert arguments == '{"big":12345678901234567890123,"small":1E+400,"one":1.0,"zero":-0.0}'


def test_several_parts_keep_their_order_and_each_its_form():
    parts = [
        text("Look:"),
        file(URL, "image/png"),
        file(PNG, "image/png"),
        text("and listen:"),
        file("UklGRg==", "audio/wav"),
        file("//uQ", "audio/mpeg"),
        file("JVBERi0=", "application/pdf", filename="bill.pdf"),
        file("JVBERi0=", "application/pdf"),
    ]
    assert messages(user(*parts))[0]["content"] == [
        {"type": "text", "text": "Look:"},
        {"type": "image_url", "image_url": {"url": URL}},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
        {"type": "text", "text": "and listen:"},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
        {"type": "input_audio", "input_audio": {"data": "//uQ", "format": "mp3"}},
        {"type": "file", "file": {"filename": "bill.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}},
        {"type": "file", "file": {"filename": "document.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}},
    ]


@pytest.mark.parametrize(
    "part",
    [
        file("https://example.test/a.mp4", "video/mp4"),
        file("AAAA", "video/mp4"),
        file("AAAA", "audio/ogg"),
        file("https://example.test/a.wav", "audio/wav"),
        file("https://example.test/a.pdf", "application/pdf"),
    ],
)
def test_a_file_that_the_wire_cannot_carry_is_refused_by_its_media_type(part):
    with pytest.raises(InputError, match=r"prompt\[0\]\.content\[1\]: openai-chat takes .* no " + part["mediaType"]):
        asked(WIRE, user(text("?"), part))


def test_the_assistant_can_say_no_files_here():
    with pytest.raises(InputError, match="what the assistant said"):
        asked(WIRE, user(text("?")), assistant(file(PNG, "image/png")))


def test_a_message_that_says_nothing_is_empty_text():
    assert messages(user(), assistant(), user(text(""))) == [
        {"role": "user", "content": ""},
        {"role": "assistant", "content": ""},
        {"role": "user", "content": ""},
    ]


@pytest.mark.parametrize(
    ("choice", "written_as"),
    [
        ("none", "none"),
        ("required", "required"),
        ("tool", {"type": "function", "function": {"name": "get_weather"}}),
    ],
)
def test_the_tool_choice_arrives(choice, written_as):
    given = {"type": choice, "toolName": "get_weather"} if choice == "tool" else {"type": choice}
    assert written(WIRE, tools=[offer()], toolChoice=given)["tool_choice"] == written_as


def test_the_limits_arrive():
    body = written(WIRE, maxOutputTokens=100, temperature=0, topP=0.5)
    assert (body["max_completion_tokens"], body["temperature"], body["top_p"]) == (100, 0, 0.5)


def test_the_answer_s_schema_arrives_and_is_strict():
    schema = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    answer = {"type": "json", "schema": schema, "name": "structured_output", "description": "d"}
    assert written(WIRE, responseFormat=answer)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "structured_output", "description": "d", "schema": schema, "strict": True},
    }


def test_strictness_can_be_switched_off_and_json_asked_for_without_a_schema():
    answer = {"type": "json", "schema": {"type": "object"}, "name": "n", "strict": False}
    assert written(WIRE, responseFormat=answer)["response_format"]["json_schema"]["strict"] is False
    assert written(WIRE, responseFormat={"type": "json"})["response_format"] == {"type": "json_object"}
    assert "response_format" not in written(WIRE, responseFormat={"type": "text"})


@pytest.mark.parametrize(
    ("model_id", "limit", "usage"),
    [
        ("mistral/mistral-large-latest", "max_tokens", False),
        ("deepseek/deepseek-chat", "max_tokens", True),
        ("cerebras/llama3.1-8b", "max_completion_tokens", True),
        ("togetherai/meta-llama/Llama-3.3-70B-Instruct-Turbo", "max_tokens", True),
    ],
)
def test_a_stream_asks_for_usage_where_the_provider_knows_the_word(model_id, limit, usage):
    route = resolve(model_id, base_url="http://127.0.0.1:1", environment={})
    options = {"prompt": [user(text("Hi"))], "maxOutputTokens": 5}
    body = body_of(request_of(route, options, stream=True), WIRE)
    assert (body["stream"], body[limit]) == (True, 5)
    assert body.get("stream_options") == ({"include_usage": True} if usage else None)
    assert body["model"] == model_id.partition("/")[2]
    whole = body_of(request_of(route, options, stream=False), WIRE)
    assert not {"stream", "stream_options"} & whole.keys()


def test_the_compatible_endpoint_of_cohere_behind_a_url_is_not_asked_for_usage():
    route = resolve("cohere/command-a-03-2025", {"url": "http://127.0.0.1:1/compatibility/v1"}, environment={})
    body = body_of(request_of(route, {"prompt": [user(text("Hi"))]}, stream=True), WIRE)
    assert (body["stream"], "stream_options" in body) == (True, False)


def test_an_azure_deployment_stands_in_the_path():
    route = resolve("azure-openai/my chat", base_url="http://127.0.0.1:1", environment={})
    request = request_of(route, {"prompt": [user(text("Hi"))]}, stream=True)
    assert request.path == "/deployments/my%20chat/chat/completions?api-version=2024-04-01-preview"
    assert asked(WIRE).path == "/chat/completions"
