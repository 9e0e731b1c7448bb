import json

import pytest

from harness.errors import InputError
from harness.protocol.messages import Answered, Call, File, ModelRequest, Text, ToolOffer, Turn
from harness.providers import read_request

TARGET = "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
SCHEMA = {"type": "OBJECT", "properties": {"city": {"type": "STRING", "nullable": True}}}


def read(target=TARGET, **body):
    return read_request("google-generatecontent", target, [], json.dumps(body).encode())


def turns(*contents):
    return read(contents=contents).turns


def parts(*given):
    (turn,) = turns({"role": "user", "parts": list(given)})
    return turn.parts


def answered(response, **more):
    return parts({"functionResponse": {"name": "weather", "response": response} | more})[0]


def test_a_request_in_full():
    asked = read(
        systemInstruction={"parts": [{"text": "Be brief."}]},
        contents=[{"role": "user", "parts": [{"text": "Hi"}]}],
        tools=[{"functionDeclarations": [{"name": "weather", "description": "d", "parameters": SCHEMA}]}],
        toolConfig={"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["weather"]}},
        generationConfig={
            "temperature": 0.2, "topP": 0.9, "maxOutputTokens": 256, "topK": 4, "stopSequences": ["x"],
            "responseMimeType": "application/json", "responseSchema": SCHEMA,
        },
        safetySettings=[],
    )  # fmt: skip
    assert asked == ModelRequest(
        model="gemini-2.5-flash", stream=True, temperature=0.2, top_p=0.9, max_tokens=256, schema=SCHEMA, json=True,
        turns=(Turn("system", (Text("Be brief."),)), Turn("user", (Text("Hi"),))),
        tools=(ToolOffer("weather", "d", SCHEMA),), tool_choice="tool:weather",
        extra={"generationConfig": {"topK": 4, "stopSequences": ["x"]}, "safetySettings": []},
    )  # fmt: skip


def test_names_in_snake_case_say_the_same_and_names_we_do_not_know_stay_as_they_are():
    asked = read(
        system_instruction={"parts": {"text": "Be brief."}},
        contents={"parts": [{"inline_data": {"mime_type": "image/png", "data": "iVBO"}},
                            {"file_data": {"file_uri": "https://a.test/f"}}]},
        tools=[{"function_declarations": [{"name": "f", "parameters_json_schema": {"type": "object"}}]},
               {"google_search": {}}],
        tool_config={"function_calling_config": {"mode": "NONE"}},
        generation_config={
            "top_p": 0.5, "max_output_tokens": 9, "response_mime_type": "application/json",
            "response_json_schema": {"type": "object"}, "thinking_config": {"thinking_budget": 0},
        },
        my_label="a",
    )  # fmt: skip
    assert asked == ModelRequest(
        model="gemini-2.5-flash", stream=True, top_p=0.5, max_tokens=9, schema={"type": "object"}, json=True,
        turns=(
            Turn("system", (Text("Be brief."),)),
            Turn("user", (File("image/png", data="iVBO"), File(None, url="https://a.test/f"))),
        ),
        tools=(ToolOffer("f", None, {"type": "object"}), ToolOffer("googleSearch")), tool_choice="none",
        extra={"generationConfig": {"thinking_config": {"thinking_budget": 0}}, "my_label": "a"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("target", "model", "stream"),
    [
        ("/models/gemini-2.5-pro:generateContent", "gemini-2.5-pro", False),
        ("/some/prefix/models/gemini-2.5-pro:streamGenerateContent?alt=sse&key=k", "gemini-2.5-pro", True),
        ("/v1/projects/p/locations/l/publishers/google/models/gemini:generateContent", "gemini", False),
        ("/tunedModels/mine:generateContent", "tunedModels/mine", False),
        ("/models/a%2Fb%3AstreamGenerateContent", "a/b", True),
        ("/endpoints/123:generateContent", "123", False),
        ("/", None, False),
    ],
)
def test_the_path_tells_the_model_and_whether_to_stream(target, model, stream):
    asked = read(target, contents=[])
    assert (asked.model, asked.stream) == (model, stream)


def test_a_conversation_with_tools():
    assert turns(
        {"role": "user", "parts": [{"text": "Hi"}]},
        {"role": "model", "parts": [
            {"text": "hm", "thought": True}, {"text": "Let me see."},
            {"functionCall": {"id": "c1", "name": "weather", "args": {"city": "Paris"}}, "thoughtSignature": "s"},
            {"functionCall": {"name": "clock"}}]},
        {"role": "user", "parts": [
            {"functionResponse": {"id": "c1", "name": "weather", "response": {"output": "18 °C"}}},
            {"functionResponse": {"name": "clock", "response": {"h": 12}}}, {"text": "And?"}]},
        {"role": "function", "parts": [{"functionResponse": {"name": "clock", "response": {}}}]},
    ) == (
        Turn("user", (Text("Hi"),)),
        Turn("assistant", (Text("Let me see."), Call("c1", "weather", '{"city":"Paris"}'), Call(None, "clock", "{}"))),
        Turn("tool", (Answered("c1", "18 °C", "weather"), Answered(None, '{"h":12}', "clock"))),
        Turn("user", (Text("And?"),)),
        Turn("tool", (Answered(None, "{}", "clock"),)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("response", "content", "is_error"),
    [
        ({"output": "18"}, "18", False),
        ({"output": {"t": 18}}, '{"t":18}', False),
        ({"output": "18", "unit": "C"}, '{"output":"18","unit":"C"}', False),
        ({"name": "weather", "content": "18"}, "18", False),
        ({"name": "Bonn", "content": "18"}, '{"name":"Bonn","content":"18"}', False),
        ({"result": "18"}, '{"result":"18"}', False),
        ({"error": "denied"}, '{"error":"denied"}', True),
    ],
)
def test_an_answer_is_unwrapped_where_the_wrapper_is_known(response, content, is_error):
    assert answered(response) == Answered(None, content, "weather", is_error)


def test_arguments_keep_the_letters_of_their_numbers():
    body = (
        b'{"contents": [{"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"a": 1.0, "b": 1e400}}}]}]}'
    )
    (turn,) = read_request("google-generatecontent", TARGET, [], body).turns
    assert turn.parts == (Call(None, "f", '{"a":1.0,"b":1e400}'),)


def test_thoughts_and_code_that_google_runs_stand_in_extra():
    thought, code = {"text": "hm", "thought": True}, {"executableCode": {"language": "PYTHON", "code": "1"}}
    signed = {"thoughtSignature": "s"}
    asked = read(contents=[{"role": "model", "parts": [thought, code, signed]}])
    assert asked.turns == (Turn("assistant", ()),)
    paths = [f"contents[0].parts[{place}]" for place in range(3)]
    assert asked.extra == {"$unread": dict(zip(paths, (thought, code, signed), strict=True))}


def test_pictures_beside_an_answer_stand_in_extra():
    pictures = [{"inlineData": {"mimeType": "image/png", "data": "iVBO"}}]
    given = {"functionResponse": {"name": "f", "response": {}, "parts": pictures}}
    asked = read(contents=[{"parts": [given]}])
    assert asked.extra == {"$unread": {"contents[0].parts[0].functionResponse.parts": pictures}}


@pytest.mark.parametrize(
    ("config", "neutral", "left"),
    [
        ({"mode": "AUTO"}, "auto", None),
        ({"mode": "ANY"}, "required", None),
        ({"mode": "NONE"}, "none", None),
        ({"mode": "VALIDATED"}, "auto", None),
        ({"mode": "MODE_UNSPECIFIED"}, None, None),
        ({}, None, None),
        ({"mode": "ANY", "allowedFunctionNames": ["a"]}, "tool:a", None),
        ({"mode": "ANY", "allowedFunctionNames": ["a", "b"]}, "required", ["a", "b"]),
        ({"mode": "VALIDATED", "allowedFunctionNames": ["a"]}, "auto", ["a"]),
    ],
)
def test_a_tool_choice(config, neutral, left):
    asked = read(contents=[], toolConfig={"functionCallingConfig": config})
    kept = {"toolConfig": {"functionCallingConfig": {"allowedFunctionNames": left}}} if left else {}
    assert (asked.tool_choice, asked.extra) == (neutral, kept)


def test_an_enumeration_has_a_schema_and_is_no_json():
    config = {"responseMimeType": "text/x.enum", "responseSchema": {"type": "STRING", "enum": ["a"]}}
    asked = read(contents=[], generationConfig=config)
    assert (asked.schema, asked.json) == (config["responseSchema"], False)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "contents is missing or null, where the API has a list"),
        ({"contents": ["Hi"]}, r"contents\[0\] is text, where the API has an object"),
        ({"contents": [{"role": "assistant", "parts": []}]}, r"contents\[0\].role is 'assistant'"),
        ({"contents": [{"role": "system", "parts": []}]}, r"contents\[0\].role is 'system'"),
        ({"contents": [{"role": "user", "content": "Hi"}]}, r"contents\[0\].parts is missing"),
        ({"contents": [{"parts": [None]}]}, r"contents\[0\].parts\[0\] is missing or null"),
        ({"contents": [{"parts": [{}]}]}, r"contents\[0\].parts\[0\] holds nothing"),
        ({"contents": [{"parts": [{"image": "iVBO"}]}]}, r"contents\[0\].parts\[0\] holds nothing"),
        ({"contents": [{"parts": [{"inlineData": {"data": "iVBO"}}]}]}, "inlineData.mimeType is missing"),
        ({"contents": [{"parts": [{"functionCall": {"args": {}}}]}]}, "functionCall.name is missing"),
        ({"contents": [{"parts": [{"functionResponse": {"name": "f", "response": "18"}}]}]},
         "functionResponse.response is text, where the API has an object"),
        ({"contents": [], "systemInstruction": "Be brief."}, "systemInstruction is text, where the API has an object"),
        ({"contents": [], "tools": [{"functionDeclarations": [{"parameters": {}}]}]},
         r"Declarations\[0\].name is missing"),
        ({"contents": [], "toolConfig": {"functionCallingConfig": {"mode": "any"}}}, "mode is 'any', which the API"),
        ({"contents": [], "generationConfig": []}, "generationConfig is a list, where the API has an object"),
        ({"contents": [], "generationConfig": {"topP": "1"}},
         "generationConfig.topP is text, where the API has a number"),
    ],
)  # fmt: skip
def test_a_body_whose_meaning_cannot_be_told_is_an_error_that_says_where(body, sentence):
    with pytest.raises(InputError, match=sentence):
        read(**body)
