import pytest

from harness.errors import InputError
from harness.model.requests import request_of
from prompts import PNG, asked, assistant, call, file, offer, returned, route_to, system, text, tool, user, written

WIRE = "openai-responses"
URL = "https://example.test/cat.png"


def items(*prompt):
    return written(WIRE, *prompt)["input"]


def test_a_question_with_system_prompts_that_keep_their_place():
    assert written(WIRE, system("Be brief."), system("Be kind."), user(text("Hi"))) == {
        "model": "gpt-4o",
        "input": [
            {"role": "system", "content": [{"type": "input_text", "text": "Be brief."}]},
            {"role": "system", "content": [{"type": "input_text", "text": "Be kind."}]},
            {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        ],
    }


def test_calls_and_results_are_items_of_their_own_in_the_order_in_which_they_came():
    assert items(
        user(text("Weather?")),
        assistant(text("a"), text("b"), call(city="Paris"), call(id_="call_2"), text("c")),
        tool(returned("18", "call_1"), returned({"d": 1.5}, "call_2", type_="json")),
    )[1:] == [
        {"role": "assistant", "content": [{"type": "output_text", "text": "a"}, {"type": "output_text", "text": "b"}]},
        {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": '{"city":"Paris"}'},
        {"type": "function_call", "call_id": "call_2", "name": "get_weather", "arguments": "{}"},
        {"role": "assistant", "content": [{"type": "output_text", "text": "c"}]},
        {"type": "function_call_output", "call_id": "call_1", "output": "18"},
        {"type": "function_call_output", "call_id": "call_2", "output": '{"d":1.5}'},
    ]


def test_files_in_each_form():
    parts = [
        file(URL, "image/*"),
        file(PNG, "image/png"),
        file("https://example.test/bill.pdf", "application/pdf"),
        file("JVBERi0=", "application/pdf", filename="bill.pdf"),
    ]
    assert items(user(*parts))[0]["content"] == [
        {"type": "input_image", "image_url": URL},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"},
        {"type": "input_file", "file_url": "https://example.test/bill.pdf"},
        {"type": "input_file", "filename": "bill.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
    ]


@pytest.mark.parametrize("media_type", ["audio/wav", "video/mp4"])
@pytest.mark.parametrize("data", ["AAAA", "https://example.test/a"])
def test_a_file_that_the_wire_cannot_carry_is_refused_by_its_media_type(media_type, data):
    with pytest.raises(InputError, match=f"openai-responses takes images and documents, and no {media_type}"):
        asked(WIRE, user(file(data, media_type)))


def test_the_assistant_can_say_no_files_here():
    with pytest.raises(InputError, match="what the assistant said"):
        asked(WIRE, user(text("?")), assistant(file(PNG, "image/png")))


def test_a_tool_is_flat_and_its_schema_is_taken_as_it_is():
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    body = written(
        WIRE,
        tools=[offer(schema=schema, description="d"), offer("now")],
        toolChoice={"type": "tool", "toolName": "now"},
    )
    assert body["tools"] == [
        {"type": "function", "name": "get_weather", "description": "d", "parameters": schema, "strict": False},
        {"type": "function", "name": "now", "parameters": {"type": "object", "properties": {}}, "strict": False},
    ]
    assert body["tool_choice"] == {"type": "function", "name": "now"}


@pytest.mark.parametrize("choice", ["auto", "none", "required"])
def test_the_other_tool_choices_are_words(choice):
    assert written(WIRE, tools=[offer()], toolChoice={"type": choice})["tool_choice"] == choice


def test_limits_and_the_answer_s_schema_arrive():
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    answer = {"type": "json", "schema": schema, "name": "structured_output"}
    body = written(WIRE, maxOutputTokens=100.0, temperature=0.2, topP=1, responseFormat=answer)
    assert (body["max_output_tokens"], body["temperature"], body["top_p"]) == (100, 0.2, 1)
    assert body["text"] == {
        "format": {"type": "json_schema", "name": "structured_output", "schema": schema, "strict": True}
    }
    assert written(WIRE, responseFormat={"type": "json"})["text"] == {"format": {"type": "json_object"}}


def test_a_message_that_says_nothing_is_one_empty_text():
    assert items(user()) == [{"role": "user", "content": [{"type": "input_text", "text": ""}]}]
    assert items(user(text("?")), assistant())[1:] == [
        {"role": "assistant", "content": [{"type": "output_text", "text": ""}]}
    ]


def test_a_stream_says_so_and_the_path_is_one():
    request = request_of(route_to(WIRE), {"prompt": [user(text("Hi"))]}, stream=True)
    assert (request.path, request.body["stream"]) == ("/responses", True)
    assert "stream" not in asked(WIRE).body
