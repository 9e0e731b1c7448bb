import base64

import pytest

from harness.errors import InputError
from harness.model.requests import request_of
from prompts import PNG, asked, assistant, call, file, offer, returned, route_to, system, text, tool, user, written

WIRE = "anthropic-messages"
URL = "https://example.test/cat.png"


def turns(*prompt):
    return written(WIRE, *prompt)["messages"]


def words(said):
    return {"type": "text", "text": said}


def test_a_question_with_system_prompts_and_the_limit_that_the_api_demands():
    assert written(WIRE, system("Be brief."), system(""), system("Be kind."), user(text("Hi"))) == {
        "model": "claude-sonnet-4-5",
        "max_tokens": 4096,
        "system": [words("Be brief."), words("Be kind.")],
        "messages": [{"role": "user", "content": [words("Hi")]}],
    }


def test_results_of_parallel_calls_stand_in_one_turn_before_what_the_user_says():
    assert turns(
        user(text("Weather?")),
        assistant(text("Let me see.")),
        assistant(call(city="Paris"), call(id_="call_2")),
        tool(returned("18")),
        tool(returned({"why": "no such city"}, "call_2", type_="error-json")),
        user(text("Well?")),
    ) == [
        {"role": "user", "content": [words("Weather?")]},
        {
            "role": "assistant",
            "content": [
                words("Let me see."),
                {"type": "tool_use", "id": "call_1", "name": "get_weather", "input": {"city": "Paris"}},
                {"type": "tool_use", "id": "call_2", "name": "get_weather", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "call_1", "content": "18"},
                {
                    "type": "tool_result",
                    "tool_use_id": "call_2",
                    "content": '{"why":"no such city"}',
                    "is_error": True,
                },
                words("Well?"),
            ],
        },
    ]


def test_a_result_behind_the_user_s_words_is_put_before_them():
    (turn,) = turns(user(text("Wait.")), tool(returned("a"), returned("b", "call_2")))
    assert [block.get("tool_use_id") for block in turn["content"]] == ["call_1", "call_2", None]


def test_empty_texts_are_left_out_where_the_turn_says_anything_else():
    assert turns(user(text(""), text("Hi")), assistant(text(""), call()), user()) == [
        {"role": "user", "content": [words("Hi")]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "call_1", "name": "get_weather", "input": {}}]},
        {"role": "user", "content": [words("")]},
    ]


def test_files_in_each_form():
    plain = base64.b64encode("Grüße".encode()).decode()
    parts = [
        file(URL, "image/*"),
        file(PNG, "image/png"),
        file("https://example.test/bill.pdf", "application/pdf"),
        file("JVBERi0=", "application/pdf", filename="bill.pdf"),
        file(plain, "text/plain"),
    ]
    assert turns(user(*parts))[0]["content"] == [
        {"type": "image", "source": {"type": "url", "url": URL}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
        {"type": "document", "source": {"type": "url", "url": "https://example.test/bill.pdf"}},
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
            "title": "bill.pdf",
        },
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Grüße"}},
    ]


@pytest.mark.parametrize(
    "part",
    [
        file("AAAA", "audio/wav"),
        file("AAAA", "video/mp4"),
        file("AAAA", "text/csv"),
        file("https://example.test/a.txt", "text/plain"),
        file("https://example.test/a.mp4", "video/mp4"),
    ],
)
def test_a_file_that_the_wire_cannot_carry_is_refused_by_its_media_type(part):
    with pytest.raises(InputError, match=f"anthropic-messages takes .* no {part['mediaType']}"):
        asked(WIRE, user(part))


def test_a_plain_text_that_is_no_base64_of_text_is_refused():
    with pytest.raises(InputError, match="no base64 of a UTF-8 text"):
        asked(WIRE, user(file("/////w==", "text/plain")))


def test_the_assistant_can_say_no_files_here():
    with pytest.raises(InputError, match="what the assistant said"):
        asked(WIRE, user(text("?")), assistant(file(PNG, "image/png")))


def test_a_tool_and_its_schema():
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    body = written(WIRE, tools=[offer(schema=schema, description="d"), offer("now")])
    assert body["tools"] == [
        {"name": "get_weather", "description": "d", "input_schema": schema},
        {"name": "now", "input_schema": {"type": "object", "properties": {}}},
    ]
    assert "tool_choice" not in body


@pytest.mark.parametrize(
    ("choice", "written_as"),
    [
        ({"type": "auto"}, {"type": "auto"}),
        ({"type": "none"}, {"type": "none"}),
        ({"type": "required"}, {"type": "any"}),
        ({"type": "tool", "toolName": "get_weather"}, {"type": "tool", "name": "get_weather"}),
    ],
)
def test_the_tool_choice_in_anthropic_s_words(choice, written_as):
    assert written(WIRE, tools=[offer()], toolChoice=choice)["tool_choice"] == written_as


def test_the_limits_arrive():
    body = written(WIRE, maxOutputTokens=100, temperature=1, topP=0.5)
    assert (body["max_tokens"], body["temperature"], body["top_p"]) == (100, 1, 0.5)


@pytest.mark.parametrize("answer", [{"type": "json"}, {"type": "json", "schema": {"type": "object"}, "name": "n"}])
def test_an_answer_s_schema_is_refused_because_a_forced_tool_is_the_way(answer):
    with pytest.raises(InputError, match="responseFormat: anthropic-messages has none"):
        asked(WIRE, responseFormat=answer)


def test_a_system_message_in_the_middle_has_no_place():
    with pytest.raises(InputError, match=r"prompt\[1\]: anthropic-messages takes system messages only before"):
        asked(WIRE, user(text("Hi")), system("Be brief."))


def test_system_messages_alone_are_nothing_to_answer():
    with pytest.raises(InputError, match="nothing but system messages"):
        asked(WIRE, system("Be brief."))


def test_a_stream_says_so_and_the_path_is_one():
    request = request_of(route_to(WIRE), {"prompt": [user(text("Hi"))]}, stream=True)
    assert (request.path, request.body["stream"]) == ("/messages", True)
    assert request.headers["anthropic-version"] == "2023-06-01"
