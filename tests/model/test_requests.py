import json
from decimal import Decimal

import pytest

from harness.errors import InputError
from harness.model.requests import HttpRequest, body_bytes, request_of
from harness.model.requests.json_writing import exact_text
from harness.providers.exact_text import parsed_json
from prompts import (
    MODELS,
    PNG,
    WITHOUT_TOOLS,
    asked,
    assistant,
    call,
    file,
    offer,
    returned,
    route_to,
    system,
    text,
    tool,
    user,
)

WIRES = sorted(MODELS)
ORPHAN = {"type": "tool-call", "toolCallId": "c", "toolName": "f"}


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        (None, "prompt is no list"),
        ("Hi", "prompt is no list"),
        ([], "prompt is no list of messages, or an empty one"),
        (["Hi"], r"prompt\[0\] is no message"),
        ([{"role": "robot", "content": []}], r"prompt\[0\] has the unknown role 'robot'"),
        ([{"role": ["user"], "content": []}], r"prompt\[0\] has the unknown role"),
        ([{"content": []}], r"prompt\[0\] has the unknown role None"),
        ([{"role": "system", "content": [text("x")]}], r"prompt\[0\]\.content of a system message is no text"),
        ([{"role": "user", "content": "Hi"}], r"prompt\[0\]\.content is no list of parts"),
        ([user("Hi")], r"prompt\[0\]\.content\[0\] has the unknown type None"),
        ([user({"type": "image", "image": PNG})], r"content\[0\] has the unknown type 'image'"),
        ([user(text("?"), call())], r"content\[1\] has the unknown type 'tool-call'"),
        ([assistant({"type": "reasoning", "text": "x"})], "unknown type 'reasoning'"),
        ([user({"type": {}})], "unknown type"),
        ([user({"type": "text"})], r"content\[0\]\.text is no text"),
        ([user({"type": "file", "data": PNG})], r"content\[0\]\.mediaType is missing"),
        ([user(file(PNG, "  "))], "mediaType is missing"),
        ([user(file(PNG, "png"))], "mediaType 'png' is no media type"),
        ([user(file(PNG, "image/*"))], r"mediaType 'image/\*' tells only half"),
        ([user(file("", "image/png"))], r"content\[0\]\.data is missing"),
        ([user(file(b"\x89PNG", "image/png"))], r"content\[0\]\.data is missing"),
        ([user(file("data:image/png", "image/png"))], "no whole data: URI"),
        ([user(file("data:image/png;base64,", "image/png"))], "data holds nothing"),
        ([user(text("?")), assistant({**ORPHAN, "args": "{}"})], r"prompt\[1\]\.content\[0\]\.input is no object"),
        ([user(text("?")), assistant({**ORPHAN, "input": "{}"})], "and not its JSON text"),
        ([user(text("?")), assistant({**ORPHAN, "toolCallId": "", "input": {}})], "toolCallId is missing"),
        ([user(text("?")), assistant({**ORPHAN, "toolName": None, "input": {}})], "toolName is missing"),
        ([user(text("?")), tool()], r"prompt\[1\] is a message of tool without a result"),
        ([user(text("?")), {"role": "tool", "content": "18"}], r"prompt\[1\]\.content is no list of parts"),
        ([user(text("?")), tool(returned(None))], r"output\.value is no text"),
        ([user(text("?")), tool(returned([], type_="content"))], "output has the unknown type 'content'"),
        ([user(text("?")), tool({"type": "tool-result", "toolCallId": "c"})], "output has the unknown type None"),
    ],
)
def test_a_prompt_that_is_none_is_refused_with_its_place(wire, prompt, named):
    with pytest.raises(InputError, match=named):
        request_of(route_to(wire), {"prompt": prompt}, stream=True)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"maxTokens": 5}, "no call option 'maxTokens'"),
        ({"messages": []}, "no call option 'messages'"),
        ({"maxOutputTokens": "5"}, "maxOutputTokens is no number"),
        ({"temperature": True}, "temperature is no number"),
        ({"temperature": float("nan")}, "temperature is no finite number"),
        ({"topP": Decimal("Infinity")}, "topP is no finite number"),
        ({"tools": {}}, "tools is no list"),
        ({"tools": ["f"]}, r"tools\[0\] is no tool"),
        ({"tools": [{"type": "provider-defined", "id": "x.y"}]}, r"tools\[0\] has the unknown type 'provider-defined'"),
        ({"tools": [offer(), {**offer(), "parameters": {}}]}, r"tools\[1\] has the unknown member 'parameters'"),
        ({"tools": [offer("")]}, r"tools\[0\]\.name is missing"),
        ({"tools": [offer(description=1)]}, "description is no text"),
        ({"tools": [offer(schema="string")]}, "inputSchema is no JSON Schema"),
        ({"toolChoice": "required"}, "toolChoice has the unknown type None"),
        ({"toolChoice": {"type": "any"}, "tools": [offer()]}, "toolChoice has the unknown type 'any'"),
        ({"toolChoice": {"type": "required"}}, "there are no tools"),
        ({"toolChoice": {"type": "tool", "toolName": "g"}, "tools": [offer()]}, "forces 'g', which is not among"),
        ({"toolChoice": {"type": "tool", "toolName": ["f"]}, "tools": [offer()]}, "which is not among"),
        ({"responseFormat": {"type": "json_schema"}}, "responseFormat has the unknown type 'json_schema'"),
        ({"responseFormat": {"type": "json", "schema": True}}, "responseFormat.schema is no JSON Schema"),
        ({"providerOptions": []}, "providerOptions is no object"),
        ({"headers": {"x": "a\nb"}}, "headers of the call hold x"),
    ],
)
def test_options_that_are_wrong_are_refused_by_name(wire, options, named):
    with pytest.raises(InputError, match=named):
        asked(wire, **options)


@pytest.mark.parametrize("wire", WIRES)
def test_provider_options_of_another_provider_are_not_ours_and_those_of_ours_must_be_an_object(wire):
    assert asked(wire, providerOptions={"somebody-else": {"x": 1}}).body == asked(wire).body
    with pytest.raises(InputError, match=r"providerOptions\.[\w-]+ is no object"):
        asked(wire, providerOptions={MODELS[wire].partition("/")[0]: "fast"})


@pytest.mark.parametrize("wire", ["openai-chat", "openai-responses", "anthropic-messages"])
def test_provider_options_reach_the_body_last_and_as_they_are(wire):
    provider = MODELS[wire].partition("/")[0]
    extra = {"temperature": None, "metadata": {"trace": "t-1"}, "service_tier": "flex"}
    body = asked(wire, temperature=0.5, providerOptions={provider: extra}).body
    assert {key: body[key] for key in extra} == extra


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("choice", ["auto", "none"])
def test_a_choice_among_no_tools_is_not_sent_since_providers_refuse_it(wire, choice):
    assert asked(wire, tools=[], toolChoice={"type": choice}).body == asked(wire).body


@pytest.mark.parametrize("wire", WIRES)
def test_options_that_are_null_say_nothing(wire):
    names = (
        "tools",
        "toolChoice",
        "maxOutputTokens",
        "temperature",
        "topP",
        "responseFormat",
        "providerOptions",
        "headers",
    )
    assert asked(wire, **dict.fromkeys(names)) == asked(wire)


@pytest.mark.parametrize("wire", sorted(MODELS.keys() - WITHOUT_TOOLS))
def test_asking_changes_none_of_what_was_given(wire):
    prompt = [system("s"), user(text("a")), user(text("b")), assistant(call(x=[1])), tool(returned("r"))]
    options = {"prompt": prompt, "tools": [offer(schema={"type": "object"})], "providerOptions": {"google": {"x": {}}}}
    before = json.dumps(options)
    request_of(route_to(wire), options, stream=True)
    assert json.dumps(options) == before


@pytest.mark.parametrize(
    ("data", "media_type", "sent"),
    [
        (f"data:image/png;base64,{PNG}", None, f"data:image/png;base64,{PNG}"),
        (f"DATA:image/png;charset=x;BASE64,{PNG}", "image/*", f"data:image/png;base64,{PNG}"),
        (f"data:;base64,{PNG}", "image/gif", f"data:image/gif;base64,{PNG}"),
        ("data:image/svg+xml,%3Csvg/%3E", "image/svg+xml", "data:image/svg+xml;base64,PHN2Zy8+"),
        (f" {PNG}\n", "IMAGE/PNG; charset=x", f"data:image/png;base64,{PNG}"),
    ],
)
def test_a_data_uri_is_the_base64_that_it_holds(data, media_type, sent):
    part = file(data, media_type)
    body = asked("openai-responses", user(part)).body
    assert body["input"][0]["content"] == [{"type": "input_image", "image_url": sent}]


def test_headers_of_the_call_stand_above_those_of_the_configuration_and_those_above_ours():
    route = route_to("openai-chat", apiKey="sk-configured-key", headers={"X-Trace": "config", "X-Team": "blue"})
    options = {"prompt": [user(text("Hi"))], "headers": {"x-trace": "call", "Authorization": "Bearer of-this-call"}}
    request = request_of(route, options, stream=True)
    assert request.headers == {
        "content-type": "application/json",
        "accept": "text/event-stream",
        "authorization": "Bearer of-this-call",
        "x-trace": "call",
        "x-team": "blue",
    }
    assert {"sk-configured-key", "of-this-call", "config", "call", "blue"} <= set(request.secrets)
    assert request_of(route, {"prompt": [user(text("Hi"))]}, stream=False).headers["accept"] == "application/json"


def test_the_repr_of_a_request_shows_neither_key_nor_body():
    request = asked("openai-chat", user(text("private")), headers={"x-api-key": "sk-secret"})
    assert isinstance(request, HttpRequest)
    assert repr(request) == "HttpRequest(path='/chat/completions')"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"a": [1, -1, 0.5, True, None, ""], "b": {}, "c": []}, b'{"a":[1,-1,0.5,true,null,""],"b":{},"c":[]}'),
        (123456789012345678901234567890, b"123456789012345678901234567890"),
        (Decimal("0.10"), b"0.10"),
        (Decimal("-1E-400"), b"-1E-400"),
        (parsed_json("[1e400, 1.0, 0.10]"), b"[1e400,1.0,0.10]"),
        ('Grüße 👋 \u2028 " \\ \n', '"Grüße 👋 \u2028 \\" \\\\ \\n"'.encode()),
        ("\ud83d", b'"\\ud83d"'),
        ({"\ud83d": "ü"}, b'{"\\ud83d":"\xc3\xbc"}'),
    ],
)
def test_a_body_is_compact_json_with_exact_numbers(value, written):
    assert body_bytes(value) == written


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (float("nan"), "nan"),
        ({"a": [float("-inf")]}, "-inf"),
        (Decimal("NaN"), "NaN"),
        (Decimal("sNaN"), "sNaN"),
        (b"bytes", "bytes is not JSON"),
        ({1: 2}, "int is no key"),
        ({"a": 10**5000}, "too many digits"),
        ({1, 2}, "set is not JSON"),
    ],
)
def test_what_is_not_json_is_refused(value, named):
    with pytest.raises(InputError, match=named):
        body_bytes(value)


def ring(shape):
    """Give a value that contains itself."""
    if shape == "object":
        value = {}
        value["again"] = value
    elif shape == "list":
        value = []
        value.append(value)
    else:
        inner = {}
        value = [({"way": inner},)]
        inner["back"] = value
    return value


@pytest.mark.parametrize("shape", ["object", "list", "several"])
def test_a_value_that_contains_itself_is_refused(shape):
    with pytest.raises(InputError, match="circular"):
        body_bytes({"a": [1, ring(shape)]})


def test_a_value_that_stands_at_several_places_is_no_circle():
    twice, empty = {"x": [1]}, []
    value = {"a": twice, "b": [twice, twice, empty], "c": empty}
    assert json.loads(body_bytes(value)) == value


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    "options",
    [
        {"tools": [offer(schema={"type": "object", "properties": ring("object")})]},
        {"responseFormat": {"type": "json", "schema": {"type": "object", "properties": ring("object")}}},
        {"providerOptions": {name.partition("/")[0]: {"x": ring("list")} for name in MODELS.values()}},
        {"prompt": [user(text("Hi")), assistant(call(x=ring("several"))), tool(returned("1"))]},
        {"prompt": [user(text("Hi")), assistant(call()), tool(returned(ring("list"), type_="json"))]},
    ],
    ids=["a tool", "the answer's schema", "provider options", "a call", "a result"],
)
def test_options_that_contain_themselves_are_refused(wire, options):
    with pytest.raises(
        InputError, match=r"circular|anthropic-messages has none|cannot be offered on cohere-v1|has no words for"
    ):
        body_bytes(request_of(route_to(wire), {"prompt": [user(text("Hi"))], **options}, stream=False).body)


def test_objects_that_nest_without_end_cannot_be_joined():
    settings = {"generationConfig": {"responseSchema": ring("object")}}
    given = {"responseFormat": {"type": "json", "schema": ring("object")}, "providerOptions": {"google": settings}}
    with pytest.raises(InputError, match="nest"):
        asked("google-generatecontent", **given)


def test_writing_never_recurses():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert exact_text(deep) == "[" * 100_001 + "]" * 100_001
