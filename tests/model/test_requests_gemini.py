import pytest

from harness.errors import InputError
from harness.model.requests import request_of
from harness.model.router import resolve
from prompts import PNG, asked, assistant, call, file, offer, returned, route_to, system, text, tool, user, written

WIRE = "google-generatecontent"
URL = "https://example.test/cat.png"


def contents(*prompt):
    return written(WIRE, *prompt)["contents"]


def test_a_question_with_system_prompts():
    assert written(WIRE, system("Be brief."), system("Be kind."), user(text("Hi"))) == {
        "systemInstruction": {"parts": [{"text": "Be brief."}, {"text": "Be kind."}]},
        "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
    }


def test_a_call_and_its_result_find_each_other_by_name_and_id():
    assert contents(
        user(text("Weather?")),
        assistant(text("Let me see."), call(city="Paris")),
        assistant(call(id_="call_2")),
        tool(returned({"degrees": 18}, type_="json")),
        tool(returned("no such city", "call_2", type_="error-text")),
        user(text("Well?")),
    )[1:] == [
        {
            "role": "model",
            "parts": [
                {"text": "Let me see."},
                {"functionCall": {"id": "call_1", "name": "get_weather", "args": {"city": "Paris"}}},
                {"functionCall": {"id": "call_2", "name": "get_weather", "args": {}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {
                    "functionResponse": {
                        "id": "call_1",
                        "name": "get_weather",
                        "response": {"output": {"degrees": 18}},
                    }
                },
                {
                    "functionResponse": {
                        "id": "call_2",
                        "name": "get_weather",
                        "response": {"error": "no such city"},
                    }
                },
                {"text": "Well?"},
            ],
        },
    ]


def test_a_result_without_its_tool_s_name_cannot_be_told():
    with pytest.raises(InputError, match="the call 'call_1' has no toolName"):
        asked(WIRE, user(text("?")), tool(returned("a", name="")))


def test_files_of_every_kind_in_both_forms():
    parts = [
        file(PNG, "image/png"),
        file("UklGRg==", "audio/wav"),
        file("AAAA", "video/mp4"),
        file("JVBERi0=", "application/pdf"),
        file(URL, "image/png"),
        file(URL, "image/*"),
        file("gs://bucket/film.mp4", "video/mp4"),
    ]
    assert contents(user(*parts))[0]["parts"] == [
        {"inlineData": {"mimeType": "image/png", "data": PNG}},
        {"inlineData": {"mimeType": "audio/wav", "data": "UklGRg=="}},
        {"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}},
        {"inlineData": {"mimeType": "application/pdf", "data": "JVBERi0="}},
        {"fileData": {"mimeType": "image/png", "fileUri": URL}},
        {"fileData": {"fileUri": URL}},
        {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://bucket/film.mp4"}},
    ]


def test_the_model_s_own_images_go_back_to_it():
    assert contents(user(text("?")), assistant(file(PNG, "image/png")))[1] == {
        "role": "model",
        "parts": [{"inlineData": {"mimeType": "image/png", "data": PNG}}],
    }


def test_a_tool_s_schema_arrives_whole():
    schema = {
        "type": "object",
        "properties": {"to": {"$ref": "#/$defs/place"}},
        "additionalProperties": False,
        "$defs": {"place": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
    }
    body = written(WIRE, tools=[offer(schema=schema, description="d"), offer("now")])
    assert body["tools"] == [
        {
            "functionDeclarations": [
                {"name": "get_weather", "description": "d", "parametersJsonSchema": schema},
                {"name": "now"},
            ]
        }
    ]


@pytest.mark.parametrize(
    ("choice", "config"),
    [
        ({"type": "auto"}, {"mode": "AUTO"}),
        ({"type": "none"}, {"mode": "NONE"}),
        ({"type": "required"}, {"mode": "ANY"}),
        ({"type": "tool", "toolName": "get_weather"}, {"mode": "ANY", "allowedFunctionNames": ["get_weather"]}),
    ],
)
def test_the_tool_choice_in_google_s_words(choice, config):
    assert written(WIRE, tools=[offer()], toolChoice=choice)["toolConfig"] == {"functionCallingConfig": config}


def test_limits_and_the_answer_s_schema_stand_in_the_generation_config():
    schema = {"type": "object", "properties": {"n": {"type": "integer", "nullable": True}}}
    body = written(
        WIRE,
        maxOutputTokens=100,
        temperature=0,
        topP=0.9,
        responseFormat={"type": "json", "schema": schema, "name": "structured_output"},
    )
    assert body["generationConfig"] == {
        "temperature": 0,
        "topP": 0.9,
        "maxOutputTokens": 100,
        "responseMimeType": "application/json",
        "responseSchema": schema,
    }
    asked_without = written(WIRE, responseFormat={"type": "json"})
    assert asked_without["generationConfig"] == {"responseMimeType": "application/json"}
    assert "generationConfig" not in written(WIRE)


def test_provider_options_join_the_objects_of_ours():
    options = {
        "prompt": [user(text("Hi"))],
        "temperature": 0.5,
        "providerOptions": {
            "google": {
                "generationConfig": {"topK": 3, "temperature": 1, "thinkingConfig": {"thinkingBudget": 0}},
                "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
            }
        },
    }
    body = request_of(route_to(WIRE), options, stream=True).body
    assert body["generationConfig"] == {"temperature": 1, "topK": 3, "thinkingConfig": {"thinkingBudget": 0}}
    assert body["safetySettings"] == [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]


@pytest.mark.parametrize(
    ("model_id", "stream", "path"),
    [
        ("google/gemini-2.5-flash", True, "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
        ("google/gemini-2.5-flash", False, "/models/gemini-2.5-flash:generateContent"),
        ("gemini/tunedModels/mine", False, "/tunedModels/mine:generateContent"),
        ("google/a?b#c", False, "/models/a%3Fb%23c:generateContent"),
    ],
)
def test_model_and_streaming_stand_in_the_path(model_id, stream, path):
    route = resolve(model_id, base_url="http://127.0.0.1:1", environment={})
    request = request_of(route, {"prompt": [user(text("Hi"))]}, stream=stream)
    assert request.path == path
    assert not {"model", "stream"} & request.body.keys()


def test_a_system_message_in_the_middle_has_no_place():
    with pytest.raises(InputError, match=r"prompt\[1\]: google-generatecontent takes system messages only before"):
        asked(WIRE, user(text("Hi")), system("Be brief."))
