"""Every wire's reader, held to what a writer of a few lines makes of the neutral form, and to garbage."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.protocol.messages import Answered, Call, File, ModelRequest, Text, ToolOffer, Turn, joined
from harness.providers import WIRES, read_request, wire_of_target

TARGETS = {
    "openai-chat": "/v1/chat/completions",
    "openai-responses": "/v1/responses",
    "anthropic-messages": "/v1/messages",
    "google-generatecontent": "/v1beta/models/m:generateContent",
    "openai-completions": "/v1/completions",
    "cohere-v2": "/v2/chat",
    "cohere-v1": "/v1/chat",
    "ollama-chat": "/api/chat",
    "ollama-generate": "/api/generate",
    "cloudflare-run": "/ai/run/@cf/meta/llama-3.3-70b-instruct-fp8-fast",
    "bedrock-converse": "/model/anthropic.claude-3/converse-stream",
    "google-interactions": "/interactions",
}
LISTS = {
    "openai-chat": "messages",
    "openai-responses": "input",
    "anthropic-messages": "messages",
    "google-generatecontent": "contents",
    "openai-completions": "prompt",
    "cohere-v2": "messages",
    "cohere-v1": "chat_history",
    "ollama-chat": "messages",
    "ollama-generate": "images",
    "cloudflare-run": "messages",
    "bedrock-converse": "messages",
    "google-interactions": "input",
}

every_wire = pytest.mark.parametrize("wire", TARGETS)


def test_every_wire_is_here():
    assert TARGETS.keys() == LISTS.keys() == WIRES.keys()


def test_an_unknown_wire_is_an_input_error_that_names_the_known_ones():
    with pytest.raises(InputError, match=r"'smoke-signals'.*openai-chat, .*google-generatecontent"):
        read_request("smoke-signals", "/", [], b"{}")


@pytest.mark.parametrize("wire", TARGETS)
@pytest.mark.parametrize("prefix", ["", "/some/prefix", "https://api.test"])
@pytest.mark.parametrize("query", ["", "?api-version=1&a=/messages", "/"])
def test_the_wire_is_told_by_the_end_of_the_path(wire, prefix, query):
    assert wire_of_target(prefix + TARGETS[wire] + query) == wire


@pytest.mark.parametrize(
    ("target", "wire"),
    [
        ("chat/completions", "openai-chat"),
        ("/models/m:streamGenerateContent?alt=sse", "google-generatecontent"),
        ("/models/m%3AgenerateContent", "google-generatecontent"),
        ("/completions", "openai-completions"),
        ("/openai/deployments/d/completions?api-version=1", "openai-completions"),
        ("/api/chat/completions", "openai-chat"),
        ("/v1/acc/gate/workers-ai/run/%40cf/meta/llama", "cloudflare-run"),
        ("/ai/run/@hf/nousresearch/hermes-2-pro-mistral-7b", "cloudflare-run"),
        ("/ai/run/@cf/meta", None),
        ("/ai/run/bad%20model", None),
        ("/chat", None),
        ("/generate", None),
        ("/oldapi/chat", None),
        ("/oldcompletions", None),
        ("/messages/count_tokens", None),
        ("/responses/resp_1/cancel", None),
        ("/oldmessages", None),
        ("/models/m:countTokens", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_other_paths_are_other_wires_or_none(target, wire):
    assert wire_of_target(target) == wire


@every_wire
@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "the body cannot be read: not JSON"),
        (b"\xff{}", "the body cannot be read"),
        (b'{"messages": [}', "the body cannot be read: not JSON"),
        (b'{"temperature": NaN}', "NaN is not JSON"),
        (b"[" * 100_000, "nested more than 200 deep"),
        (b'{"a": ' + b"[" * 200 + b"]" * 200 + b"}", "nested more than 200 deep"),
        (b"[]", "the body is a list, where the API has an object"),
        (b'"hi"', "the body is text, where the API has an object"),
        (b"null", "the body is missing or null, where the API has an object"),
    ],
)
def test_a_body_that_is_no_json_object_is_an_input_error(wire, body, sentence):
    with pytest.raises(InputError, match=sentence):
        read_request(wire, TARGETS[wire], [], body)


@every_wire
def test_a_packed_body_is_unpacked(wire):
    body = gzip.compress(json.dumps({LISTS[wire]: []}).encode())
    assert read_request(wire, TARGETS[wire], [("Content-Encoding", "GZIP")], body).turns == ()
    for coding, packed, sentence in (("br", b"", "'br'"), ("gzip", b"{}", "not gzip"), ("gzip", body[:-4], "cut gzip")):
        with pytest.raises(InputError, match=sentence):
            read_request(wire, TARGETS[wire], [("content-encoding", coding)], packed)


# From the neutral form to a body and back

words = st.text(max_size=8)
names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | words, lambda inner: st.lists(inner, max_size=3), max_leaves=5
)
objects = st.dictionaries(words, values, max_size=3)
numbers = st.integers(0, 9) | st.floats(0, 2)
texts = words.map(Text)
files = st.binary(min_size=3, max_size=9).map(lambda data: File("image/png", data=data.hex())) | names.map(
    lambda name: File("image/*", url=f"https://a.test/{name}")
)


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def calls(wire):
    ids = st.none() if wire == "google-generatecontent" else names
    return st.builds(Call, ids, names, objects.map(compact))


def answers(wire):
    if wire == "google-generatecontent":
        return st.builds(Answered, st.none(), words, names)
    return st.builds(
        Answered, names, words, st.none(), st.booleans() if wire == "anthropic-messages" else st.just(False)
    )


def requests(wire):
    some = {"min_size": 1, "max_size": 3}
    said = st.builds(
        Turn, st.just("user"), st.lists(texts | files if wire != "google-generatecontent" else texts, **some).map(tuple)
    )
    done = st.builds(
        Turn,
        st.just("assistant"),
        st.tuples(st.lists(texts, max_size=2), st.lists(calls(wire), **some)).map(lambda both: (*both[0], *both[1])),
    )
    told = st.builds(Turn, st.just("tool"), st.lists(answers(wire), **some).map(tuple))
    system = st.builds(Turn, st.just("system"), texts.map(lambda text: (text,)))
    return st.builds(
        ModelRequest,
        model=st.just("m"),
        turns=st.tuples(st.lists(system, max_size=1), st.lists(said | done | told, max_size=5)).map(
            lambda both: (*both[0], *both[1])
        ),
        tools=st.lists(st.builds(ToolOffer, names, words, objects), max_size=3).map(tuple),
        tool_choice=st.sampled_from([None, "auto", "none", "required", "tool:weather"]),
        temperature=st.none() | numbers,
        max_tokens=st.none() | st.integers(1, 99),
        top_p=st.none() | numbers,
        schema=objects,
        json=st.just(True),
    )


def given_only(body):
    return {key: value for key, value in body.items() if value is not None}


def chat_body(asked):
    def part(it):
        if isinstance(it, Text):
            return {"type": "text", "text": it.text}
        return {"type": "image_url", "image_url": {"url": it.url or f"data:{it.media_type};base64,{it.data}"}}

    def call(it):
        return {"id": it.id, "type": "function", "function": {"name": it.name, "arguments": it.arguments}}

    messages = []
    for turn in asked.turns:
        if turn.role == "tool":
            messages += [{"role": "tool", "tool_call_id": it.id, "content": it.content} for it in turn.parts]
            continue
        message = {"role": turn.role, "content": [part(it) for it in turn.parts if not isinstance(it, Call)]}
        made = [call(it) for it in turn.parts if isinstance(it, Call)]
        messages.append(message | ({"tool_calls": made} if made else {}))
    forced = (asked.tool_choice or "").partition("tool:")[2]
    return given_only(
        {
            "model": asked.model, "messages": messages,
            "tools": [{"type": "function", "function": {
                "name": tool.name, "description": tool.description, "parameters": tool.schema}}
                for tool in asked.tools],
            "tool_choice": {"type": "function", "function": {"name": forced}} if forced else asked.tool_choice,
            "temperature": asked.temperature, "top_p": asked.top_p, "max_completion_tokens": asked.max_tokens,
            "response_format": {"type": "json_schema", "json_schema": {"schema": asked.schema}},
        }
    )  # fmt: skip


def responses_body(asked):
    def item(role, it):
        if isinstance(it, Call):
            return {"type": "function_call", "call_id": it.id, "name": it.name, "arguments": it.arguments}
        if isinstance(it, Answered):
            return {"type": "function_call_output", "call_id": it.id, "output": it.content}
        if isinstance(it, Text):
            part = {"type": "output_text" if role == "assistant" else "input_text", "text": it.text}
        else:
            part = {"type": "input_image", "image_url": it.url or f"data:{it.media_type};base64,{it.data}"}
        return {"role": role, "content": [part]}

    forced = (asked.tool_choice or "").partition("tool:")[2]
    return given_only(
        {
            "model": asked.model, "input": [item(turn.role, it) for turn in asked.turns for it in turn.parts],
            "tools": [{"type": "function", "name": tool.name, "description": tool.description,
                       "parameters": tool.schema} for tool in asked.tools],
            "tool_choice": {"type": "function", "name": forced} if forced else asked.tool_choice,
            "temperature": asked.temperature, "top_p": asked.top_p, "max_output_tokens": asked.max_tokens,
            "text": {"format": {"type": "json_schema", "name": "a", "schema": asked.schema}},
        }
    )  # fmt: skip


def anthropic_body(asked):
    def block(it):
        match it:
            case Text():
                return {"type": "text", "text": it.text}
            case Call():
                return {"type": "tool_use", "id": it.id, "name": it.name, "input": json.loads(it.arguments)}
            case Answered():
                return {"type": "tool_result", "tool_use_id": it.id, "content": it.content, "is_error": it.is_error}
        source = {"type": "base64", "media_type": it.media_type, "data": it.data}
        return {"type": "image", "source": {"type": "url", "url": it.url} if it.url else source}

    systems = [turn.parts[0].text for turn in asked.turns if turn.role == "system"]
    forced = (asked.tool_choice or "").partition("tool:")[2]
    choice = {"type": "tool", "name": forced} if forced else {
        "type": "any" if asked.tool_choice == "required" else asked.tool_choice
    } if asked.tool_choice else None  # fmt: skip
    return given_only(
        {
            "model": asked.model, "system": systems[0] if systems else None,
            "messages": [
                {
                    "role": "assistant" if turn.role == "assistant" else "user",
                    "content": [block(it) for it in turn.parts],
                }
                for turn in asked.turns if turn.role != "system"],
            "tools": [{"name": tool.name, "description": tool.description, "input_schema": tool.schema}
                      for tool in asked.tools],
            "tool_choice": choice, "temperature": asked.temperature, "top_p": asked.top_p,
            "max_tokens": asked.max_tokens,
            "output_config": {"format": {"type": "json_schema", "schema": asked.schema}},
        }
    )  # fmt: skip


def gemini_body(asked):
    def part(it):
        match it:
            case Text():
                return {"text": it.text}
            case Call():
                return {"functionCall": {"name": it.name, "args": json.loads(it.arguments)}}
        return {"functionResponse": {"name": it.name, "response": {"output": it.content}}}

    contents = [{"role": "model" if turn.role == "assistant" else "user", "parts": [part(it) for it in turn.parts]}
                for turn in asked.turns]  # fmt: skip
    has_system = bool(asked.turns) and asked.turns[0].role == "system"
    forced = (asked.tool_choice or "").partition("tool:")[2]
    modes = {"auto": "AUTO", "none": "NONE", "required": "ANY", None: None}
    choosing = {"mode": "ANY", "allowedFunctionNames": [forced]} if forced else {"mode": modes[asked.tool_choice]}
    return given_only(
        {
            "systemInstruction": {"parts": contents[0]["parts"]} if has_system else None,
            "contents": contents[has_system:],
            "tools": [{"functionDeclarations": [{
                "name": tool.name, "description": tool.description, "parametersJsonSchema": tool.schema}
                for tool in asked.tools]}],
            "toolConfig": {"functionCallingConfig": given_only(choosing)},
            "generationConfig": given_only({
                "temperature": asked.temperature, "topP": asked.top_p, "maxOutputTokens": asked.max_tokens,
                "responseMimeType": "application/json", "responseJsonSchema": asked.schema}),
        }
    )  # fmt: skip


WRITERS = {
    "openai-chat": chat_body,
    "openai-responses": responses_body,
    "anthropic-messages": anthropic_body,
    "google-generatecontent": gemini_body,
}


@pytest.mark.parametrize("wire", WRITERS)
@given(data=st.data())
def test_what_is_written_is_read_back(wire, data):
    asked = data.draw(requests(wire))
    body = json.dumps(WRITERS[wire](asked)).encode()
    got = read_request(wire, TARGETS[wire], [], body)
    assert joined(got.turns) == joined(asked.turns)
    for member in ("model", "tools", "tool_choice", "temperature", "max_tokens", "top_p", "schema", "json", "stream"):
        assert getattr(got, member) == getattr(asked, member), member
    assert {key for key in got.extra if key != "text"} == set()


# Garbage

KEYS = st.sampled_from(
    [
        "type", "role", "content", "text", "messages", "input", "contents", "parts", "tools", "tool_calls", "function",
        "name", "arguments", "tool_choice", "system", "source", "image_url", "url", "functionCall", "function_response",
        "response", "inlineData", "toolConfig", "tool_config", "functionCallingConfig", "generationConfig", "output",
        "response_format", "json_schema", "schema", "format", "temperature", "model", "systemInstruction", "data",
        "file", "output_config", "id", "call_id", "tool_use_id", "media_type", "functionDeclarations", "mode",
        "instructions", "prompt", "images", "options", "guided_json", "message", "chat_history",
        "tool_results", "outputs", "call", "parameter_definitions", "p", "toolUse", "toolResult", "toolUseId", "json",
        "inputSchema", "toolSpec", "inferenceConfig", "previous_interaction_id",
    ]
)  # fmt: skip
ATOMS = st.sampled_from(
    [
        None, True, 0, 1.5, "", "a", "text", "user", "assistant", "model", "tool", "function", "image_url", "image",
        "input_text", "input_image", "message", "function_call", "function_call_output", "tool_use", "tool_result",
        "base64", "content", "document", "data:,", "data:x", "json_schema", "allowed_tools", "ANY", "auto",
    ]
)  # fmt: skip
GARBAGE = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=30
)


def fault_of(wire, target, body):
    """Return the sentence that refuses a body, or None; any other exception is a failure of the test."""
    try:
        read_request(wire, target, [], body)
    except InputError as error:
        return str(error)
    return None


@every_wire
@given(
    members=st.dictionaries(KEYS, GARBAGE, max_size=6),
    messages=st.lists(st.dictionaries(KEYS, GARBAGE, max_size=5), max_size=3),
    target=st.text(max_size=20) | st.just("/models/%:x"),
)
def test_json_of_any_shape_is_read_or_is_an_input_error(wire, members, messages, target):
    body = json.dumps(members | {LISTS[wire]: messages}).encode()
    fault = fault_of(wire, target, body)
    assert fault is None or (fault and "\n" not in fault)


@every_wire
@given(body=st.binary(max_size=60))
def test_bytes_that_are_no_json_never_raise_anything_else(wire, body):
    with pytest.raises(InputError):
        read_request(wire, TARGETS[wire], [], b"\xff" + body)


@every_wire
@pytest.mark.parametrize(
    "key", ["x", "tools", "generationConfig", "toolConfig", "text", "response_format", "tool_config"]
)
def test_a_body_nested_as_deep_as_can_be_parsed_is_read_or_is_an_input_error(wire, key):
    for depth in (100, 150, 190, 198, 199, 200, 950, 100_000):
        deep = "[" * depth + "]" * depth, f'{{"{key}":' * depth + "1" + "}" * depth
        for value in deep:
            body = f'{{"{LISTS[wire]}": [], "{key}": {value}}}'.encode()
            fault = fault_of(wire, TARGETS[wire], body)
            assert fault is None or len(fault) < 200
