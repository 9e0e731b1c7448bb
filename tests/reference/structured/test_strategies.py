import json

import pytest

from harness.errors import InputError, ModelError, StructuredOutputError
from parts import call, finish, metadata, part, start, text

STRICT_PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "nick": {"type": ["string", "null"]}},
    "required": ["name", "nick"],
    "additionalProperties": False,
}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "nick": {"type": "string"}},
    "required": ["name"],
}
ANN = '{"name":"Ann"}'
ASKED = {"role": "user", "content": [{"type": "text", "text": "Who?"}]}
NAMES = {"type": "array", "items": {"$ref": "#/$defs/n"}, "$defs": {"n": {"type": "string"}}}


def said(*deltas):
    return [{"type": "stream-start", "warnings": []}, metadata(), *map(text, deltas), finish()]


def called(given, name="structured_output"):
    return [start(name=name), part(given), call(given, name=name), finish("tool-calls")]


def test_natively_the_schema_goes_in_the_providers_own_form_and_nulls_come_back_as_absent(run):
    asked = run("openai/gpt-4o", said('{"name":"Ann",', '"nick":null}'))
    assert asked.answer() == {"data": {"name": "Ann"}, "rawText": '{"name":"Ann","nick":null}'}
    assert asked.asked == [
        {
            "prompt": [ASKED],
            "temperature": 0,
            "responseFormat": {"type": "json", "schema": STRICT_PERSON, "name": "structured_output", "strict": True},
        }
    ]
    assert (asked.model.closed, asked.notes) == (1, [])


@pytest.mark.parametrize(("asked_for", "sent"), [(None, 0), (0.7, 0.7), (0, 0)])
def test_natively_the_temperature_is_the_one_that_was_asked_for(run, asked_for, sent):
    asked = run("openai/gpt-4o", said(ANN), options={"temperature": asked_for})
    asked.answer()
    assert asked.asked[0]["temperature"] == sent


def test_all_that_the_caller_asks_for_goes_along_but_the_conversations_tools(run):
    more = {"maxOutputTokens": 50, "topP": 0.5, "headers": {"x": "1"}, "providerOptions": {"openai": {"seed": 1}}}
    tools = {"tools": [{"type": "function", "name": "t", "inputSchema": {}}], "toolChoice": {"type": "auto"}}
    for model in ("openai/gpt-4o", "anthropic/claude-3", "ollama/llama3", "google/gemini-2.0"):
        asked = run(model, said(ANN), options=more | tools)
        asked.answer()
        assert more.items() <= asked.asked[0].items()
        assert "t" not in [tool["name"] for tool in asked.asked[0].get("tools", [])]
        assert asked.asked[0].get("toolChoice") in (None, {"type": "tool", "toolName": "structured_output"})


def test_gemini_has_its_own_form_and_mistral_the_standard(run):
    gemini = run("google/gemini-2.0-flash", said('["Ann"]'), schema=NAMES)
    assert gemini.answer() == {"data": ["Ann"], "rawText": '["Ann"]'}
    assert gemini.asked[0]["responseFormat"] == {
        "type": "json",
        "schema": {"type": "array", "items": {"type": "string"}},
        "name": "structured_output",
    }
    mistral = run("mistral/mistral-large", said(ANN))
    mistral.answer()
    assert mistral.asked[0]["responseFormat"] == {"type": "json", "schema": PERSON, "name": "structured_output"}


def test_a_family_behind_a_router_is_asked_as_that_family(run):
    tool_based = run("openrouter/anthropic/claude-sonnet-4", called(ANN))
    tool_based.answer()
    assert tool_based.asked[0]["tools"][0]["name"] == "structured_output"
    native = run("openrouter/openai/gpt-4o", said(ANN))
    native.answer()
    assert native.asked[0]["responseFormat"]["schema"] == STRICT_PERSON


def test_by_tool_one_tool_is_forced_and_its_input_is_the_answer(run):
    asked = run("anthropic/claude-sonnet-4-5", called(ANN), options={"temperature": 1})
    assert asked.answer() == {"data": {"name": "Ann"}, "rawText": ANN}
    (options,) = asked.asked
    (tool,) = options["tools"]
    assert tool.pop("description")
    assert tool == {"type": "function", "name": "structured_output", "inputSchema": PERSON}
    assert options["toolChoice"] == {"type": "tool", "toolName": "structured_output"}
    assert options["temperature"] == 0
    assert "responseFormat" not in options


@pytest.mark.parametrize(
    "events",
    [
        [text(ANN), finish()],  # ledger 2.6: a forced tool's input as text
        [text('Here: {"name":'), text('"Ann"}.'), finish()],
        [text("thinking aloud"), *called(ANN)],
        [call("{}", name="another"), text(ANN), finish()],
        [start(name="structured_output"), part(ANN), call("", name="structured_output"), finish("tool-calls")],
        [call({"name": "Ann"}, name="structured_output"), finish("tool-calls")],
        [call('{"name":5}', name="structured_output"), text(ANN), finish()],
        [call("{}", name="structured_output"), call(ANN, id_="2", name="structured_output"), finish()],
        [call(ANN, name="structured_output"), finish("stop")],
    ],
)
def test_by_tool_the_answer_is_found_wherever_it_arrives(run, events):
    assert run("anthropic/claude-3", events).answer()["data"] == {"name": "Ann"}


WRAPPED = {
    "type": "object",
    "properties": {"value": {"type": "array", "items": {"$ref": "#/$defs/n"}}},
    "required": ["value"],
    "additionalProperties": False,
    "$defs": {"n": {"type": "string"}},
}


def test_what_is_no_object_goes_in_one_and_comes_out_again(run):
    by_tool = run("anthropic/claude-3", called('{ "value" : ["Ann", "Bo"] }'), schema=NAMES)
    assert by_tool.answer() == {"data": ["Ann", "Bo"], "rawText": '["Ann", "Bo"]'}
    assert by_tool.asked[0]["tools"][0]["inputSchema"] == WRAPPED
    native = run("openai/gpt-4o", said('```json\n{"value":["Ann"]}\n```'), schema=NAMES)
    assert native.answer() == {"data": ["Ann"], "rawText": '["Ann"]'}
    assert native.asked[0]["responseFormat"]["schema"] == WRAPPED


@pytest.mark.parametrize(
    ("schema", "answer", "data"),
    [
        ({"anyOf": [PERSON, {"type": "string"}]}, '{"value":{"name":"Ann","nick":null}}', {"name": "Ann"}),
        ({"type": "integer"}, '{"value":12345678901234567890}', 12345678901234567890),
        ({"type": ["object", "null"]}, '{"value":null}', None),
        ({"anyOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#"}}]}, '{"value":[null,[]]}', [None, []]),
        (NAMES, '["bare"]', ["bare"]),
    ],
)
def test_every_root_survives_the_way_through_a_tool(run, schema, answer, data):
    events = called(answer) if answer.startswith("{") else said(answer)
    assert run("anthropic/claude-3", events, schema=schema).answer()["data"] == data


def test_definitions_choices_and_a_reference_at_the_root_reach_the_tool_whole(run):
    node = {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}}
    schema = {"$ref": "#/$defs/node", "$defs": {"node": node}}
    asked = run("anthropic/claude-3", called('{"next":{"next":null}}'), schema=schema)
    assert asked.answer()["data"] == {"next": {"next": None}}
    assert asked.asked[0]["tools"][0]["inputSchema"] == {**node, "$defs": {"node": node}}


def test_a_recursive_root_that_is_wrapped_refers_to_where_it_went(run):
    schema = {"type": "array", "items": {"$ref": "#"}}
    asked = run("anthropic/claude-3", called('{"value":[[],[[]]]}'), schema=schema)
    assert asked.answer()["data"] == [[], [[]]]
    sent = asked.asked[0]["tools"][0]["inputSchema"]["properties"]["value"]
    assert sent == {"type": "array", "items": {"$ref": "#/properties/value"}}


def test_what_is_wrapped_takes_along_all_that_it_refers_to(run):
    schema = {"type": "array", "items": {"$ref": "#/components/n"}, "components": {"n": {"type": "string"}}}
    asked = run("anthropic/claude-3", called('{"value":["Ann"]}'), schema=schema)
    assert asked.answer()["data"] == ["Ann"]
    sent = asked.asked[0]["tools"][0]["inputSchema"]
    assert sent["properties"]["value"] == {"type": "array", "items": {"$ref": "#/$defs/n"}}
    assert sent["$defs"] == {"n": {"type": "string"}}


def test_by_instruction_the_whole_schema_heads_the_conversation(run):
    system = {"role": "system", "content": "Be brief."}
    options = {"prompt": [system, ASKED], "maxOutputTokens": 9, "temperature": 1}
    asked = run("ollama/llama3", said('Sure!\n```json\n{"name":"Ann","nick":null}\n```'), options=options)
    assert asked.answer() == {"data": {"name": "Ann"}, "rawText": '{"name":"Ann","nick":null}'}
    (sent,) = asked.asked
    first, *rest = sent["prompt"]
    assert rest == [system, ASKED]
    assert first["role"] == "system"
    beginning = first["content"].index("{\n")
    assert json.JSONDecoder().raw_decode(first["content"], beginning)[0] == PERSON
    assert (sent["temperature"], sent["maxOutputTokens"]) == (0, 9)
    assert not {"tools", "toolChoice", "responseFormat"} & sent.keys()


@pytest.mark.parametrize(
    "demand", ["JSON only", "No Markdown", "No explanation", "Every required field", "does not apply is null"]
)
def test_the_instruction_asks_for_json_alone_with_all_required_fields_and_null_for_the_rest(run, demand):
    asked = run("ollama/llama3", said(ANN))
    asked.answer()
    assert demand in asked.asked[0]["prompt"][0]["content"]


def test_constrained_is_native_where_that_works(run):
    asked = run("mistral/mistral-large", said(ANN))
    asked.answer()
    assert len(asked.asked) == 1


@pytest.mark.parametrize(
    "first",
    [
        [ModelError("no such field", code="400", status=400)],
        [ModelError("unprocessable", code="422", status=422)],
        [ModelError("not found", code="404", status=404)],
        said("I would rather talk."),
        said('{"name":5}'),
        said(""),
    ],
)
def test_constrained_takes_a_tool_where_native_is_not_understood(run, first):
    asked = run("mistral/mistral-large", first, called(ANN))
    assert asked.answer()["data"] == {"name": "Ann"}
    assert ["responseFormat" in options for options in asked.asked] == [True, False]
    assert asked.asked[1]["toolChoice"]["toolName"] == "structured_output"
    assert len(asked.notes) == 1
    assert "a tool is used" in asked.notes[0]


@pytest.mark.parametrize(
    "error",
    [
        *(ModelError("no", code=str(status), status=status) for status in (401, 403, 408, 429, 500, 503, 529)),
        *(ModelError("no", code=code) for code in ("ABORTED", "TIMEOUT", "CONNECTION_FAILED", "STREAM_TRUNCATED")),
    ],
)
def test_constrained_makes_no_second_call_where_it_cannot_help(run, error):
    asked = run("mistral/mistral-large", [error], called(ANN))
    assert asked.failure(ModelError) is error
    assert len(asked.asked) == 1


def test_constrained_tells_every_answer_of_both_steps(run):
    answers = [said("native one"), called('{"tool":1}'), said("native two"), called('{"tool":2}')]
    asked = run("mistral/mistral-large", *answers, max_retries=1)
    failure = asked.failure(StructuredOutputError)
    assert len(asked.asked) == len(failure.attempts) == 4
    shown = ["native one", '{"tool":1}', "native two", '{"tool":2}']
    assert [text in cause for text, cause in zip(shown, failure.attempts, strict=True)] == [True] * 4
    assert "after 2 attempts" in str(failure)


def test_constrained_tells_what_was_refused_before_the_tool(run):
    asked = run("mistral/mistral-large", [ModelError("no such field", status=400)], called("{}"), max_retries=0)
    failure = asked.failure(StructuredOutputError)
    assert ["no such field" in cause for cause in failure.attempts] == [True, False]


def test_constrained_does_not_ask_in_a_way_that_was_refused_before(run):
    asked = run("mistral/mistral-large", [ModelError("no", status=400)], called("{}"), called(ANN))
    assert asked.answer()["data"] == {"name": "Ann"}
    assert ["responseFormat" in options for options in asked.asked] == [True, False, False]


@pytest.mark.parametrize(
    ("model", "schema", "words"),
    [
        ("openai/gpt-4o", {"type": "object", "properties": {"f": {"oneOf": [{}]}}}, "$.properties.f: oneOf"),
        ("google/gemini-2.0", {"type": "array", "items": {"$ref": "#"}}, "recursion"),
        ("anthropic/claude-3", {"$ref": "#"}, "circular"),
        ("anthropic/claude-3", {"anyOf": [{"$ref": "#"}, {"type": "object"}]}, "circular"),
        ("ollama/llama3", {"type": "object", "not": {"$ref": "#"}}, "circular"),
        ("ollama/llama3", {"type": "wrong"}, "$"),
        ("mistral/mistral-large", None, "$"),
    ],
)
def test_a_schema_that_cannot_be_sent_is_refused_before_anything_is(run, model, schema, words):
    asked = run(model, said(ANN), schema=schema)
    assert words in str(asked.failure(InputError))
    assert asked.asked == []


def test_the_callers_options_and_schema_are_left_as_they_are(run):
    options = {"prompt": [ASKED], "tools": [{"name": "t"}]}
    before = json.dumps([options, PERSON])
    for model in ("openai/gpt-4o", "anthropic/claude-3", "ollama/llama3"):
        run(model, said("no"), said(ANN), options=options).answer()
    assert json.dumps([options, PERSON]) == before


def test_an_answer_to_no_tool_and_without_text_is_said_to_be_empty(run):
    error = run("anthropic/claude-3", called(ANN, name="json"), max_retries=0).failure(StructuredOutputError)
    assert "It is empty" in str(error)
