"""Structured output: how the provider is asked, with what, and how often."""

import json

import pytest

from harness.rules.capabilities import family_of, strategies_of
from structured_runs import CITY, NOBODY, asking, finish, ids, received, says, tool

PARIS = {"city": "Paris"}
TEXT = json.dumps(PARIS)
STRICT = CITY | {"additionalProperties": False}
INSTRUCTION = "Answer with JSON only, by this schema:\n```json\n" + json.dumps(CITY, indent=2) + "\n```\nNo words."
NATIVE = {"schema": STRICT}
FORCED = tool(CITY)
TOLD = {"system": (INSTRUCTION,)}
TRIED = "Failed after {} attempts to parse the answer: no JSON in "


def run(*exchanges, model=NOBODY, text=TEXT, error=None, **request):
    given = {"error": error} if error else {"data": PARIS}
    return asking(says(text), finish(), model=model, exchanges=exchanges, **given, **request)


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("openai/gpt-4o", "openai"),
        ("openai/whatever", "openai"),
        ("azure/gpt-4o", "openai"),
        ("openrouter/openai/o3-mini", "openai"),
        ("x/o1-preview", "openai"),
        ("anthropic/claude-sonnet-4-5", "anthropic"),
        ("openrouter/anthropic/claude-3.5-sonnet", "anthropic"),
        ("google-vertex/claude-3", "anthropic"),
        ("vercel/anthropic/any", "anthropic"),
        ("google/gemini-2.5-flash", "google"),
        ("gemini/x", "google"),
        ("openrouter/Google/Gemini-2.5-pro", "google"),
        ("mistral/mistral-large-latest", "mistral"),
        ("together/mixtral-8x7b", "mistral"),
        ("groq/llama-3", None),
        ("ollama/llama3.2", None),
        ("gpt-4o", None),
        (None, None),
    ],
)
def test_a_family_is_found_behind_every_router(model, family):
    assert family_of(model) == family


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        ({"model": "openai/gpt-4o"}, {"native"}),
        ({"model": "openai/gpt-4o", "modelOptions": {"url": "http://localhost/v1"}}, {"native", "instruction"}),
        ({"model": "mistral/x"}, {"constrained"}),
        ({"model": "groq/llama-3"}, {"instruction"}),
        ({"model": "openai-completions/gpt-3.5-turbo-instruct"}, {"instruction"}),
        ({"model": "netlify/openai/anything-new"}, {"native"}),
        ({"model": "ollama/gpt-oss"}, set()),
        ({"model": "bedrock/us.anthropic.claude-3"}, set()),
        ({"model": "azure/o4-mini"}, set()),
        ({"model": "gpt-4o"}, set()),
        ({}, set()),
    ],
)
def test_the_table_says_how_a_model_may_be_asked_or_nothing(request_, wanted):
    assert strategies_of(request_) == wanted


@pytest.mark.parametrize(
    ("model", "way", "wanted"),
    [
        ("openai/gpt-4o", NATIVE, []),
        ("openai/gpt-4o", {"json": True}, ["STRUCT-23"]),
        ("openai/gpt-4o", TOLD, ["STRUCT-23"]),
        ("openai/gpt-4o", FORCED, ["STRUCT-23"]),
        ("google/gemini-2.5-flash", NATIVE, []),
        ("google/gemini-2.5-flash", TOLD, ["STRUCT-23"]),
        ("anthropic/claude-sonnet-4-5", FORCED, []),
        ("anthropic/claude-sonnet-4-5", {"schema": CITY}, ["STRUCT-23"]),
        ("openrouter/anthropic/claude-3.5", TOLD, ["STRUCT-23"]),
        ("mistral/mistral-large-latest", {"schema": CITY}, []),
        ("mistral/mistral-large-latest", FORCED, ["STRUCT-23"]),
        (NOBODY, TOLD, []),
        (NOBODY, TOLD | {"json": True}, []),
        (NOBODY, {"schema": CITY}, ["STRUCT-23"]),
        ("azure/o4-mini", TOLD, []),
    ],
)
def test_each_family_is_asked_in_its_way(model, way, wanted):
    assert ids(run(received(**way), model=model)) == wanted


def test_constrained_decoding_is_native_first_and_a_tool_then():
    mistral = {"model": "mistral/mistral-large-latest"}
    native, forced = received(schema=CITY), received(1, **FORCED)
    assert ids(run(native, forced, **mistral)) == []
    assert ids(run(received(schema=CITY, status=400), forced, **mistral)) == []
    assert ids(run(forced, native, **mistral)) == ["STRUCT-23"]
    assert ids(run(native, forced, received(2, schema=CITY, system=("again",)), **mistral)) == []
    assert ids(run(native, received(1, **TOLD), **mistral)) == ["STRUCT-23"]


NESTED = {
    "$defs": {"place": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}},
    "type": "object",
    "properties": {"home": {"$ref": "#/$defs/place"}, "work": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
    "required": ["home"],
}


def without(schema, key):
    return {name: part for name, part in schema.items() if name != key}


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        (tool(NESTED), []),
        (tool(NESTED | {"additionalProperties": False, "$schema": "https://json-schema.org/draft/2020-12/schema"}), []),
        (tool(NESTED) | {"tool_choice": "required"}, []),
        (tool(without(NESTED, "$defs")), ["STRUCT-24"]),
        (tool(without(NESTED, "required")), ["STRUCT-24"]),
        (tool({"type": "object", "properties": {}}), ["STRUCT-24"]),
        (tool(NESTED | {"properties": NESTED["properties"] | {"work": {"type": "string"}}}), ["STRUCT-24"]),
        (tool(NESTED) | {"tool_choice": "tool:other"}, ["STRUCT-24"]),
        ({"tools": tool(NESTED)["tools"] + tool(CITY, "b")["tools"], "tool_choice": "required"}, ["STRUCT-24"]),
        (tool(None), ["STRUCT-24"]),
    ],
)
def test_the_forced_tool_is_one_and_has_all_of_the_schema(sent, wanted):
    said = {"home": {"name": "a"}}
    answer = asking(
        says(json.dumps(said)),
        finish(),
        data=said,
        schema=NESTED,
        model="anthropic/claude-3",
        exchanges=(received(**sent),),
    )
    assert ids(answer) == wanted


def test_a_list_is_put_into_an_object_for_a_tool():
    schema = {"type": "array", "items": {"type": "integer", "description": "a number"}}
    wrapped = {"type": "object", "properties": {"items": schema}, "required": ["items"]}
    other = {"type": "object", "properties": {"items": {"type": "array"}}, "required": ["items"]}
    for sent, wanted in ((wrapped, []), (other, ["STRUCT-24"])):
        answer = asking(
            says("[1]"), finish(), data=[1], schema=schema, model="anthropic/x", exchanges=(received(**tool(sent)),)
        )
        assert ids(answer) == wanted


@pytest.mark.parametrize(
    ("system", "wanted"),
    [
        ((INSTRUCTION,), []),
        (("Be short.", json.dumps(CITY)), []),
        (("Answer as {city: string}.",), []),
        (("Answer with JSON only.",), ["STRUCT-25"]),
        ((), ["STRUCT-25"]),
    ],
)
def test_an_instruction_holds_the_schema(system, wanted):
    assert ids(run(received(system=system))) == wanted


def test_a_schema_without_words_has_to_stand_there_as_json():
    schema = {"type": "array", "items": {"type": "integer"}}
    for system, wanted in ((json.dumps(schema), []), ("a list of numbers", ["STRUCT-25"])):
        answer = asking(says("[1]"), finish(), data=[1], schema=schema, exchanges=(received(system=(system,)),))
        assert ids(answer) == wanted


def test_the_instruction_is_the_systems_and_not_the_users():
    assert ids(run(received(more=(INSTRUCTION,)))) == ["STRUCT-25"]


def attempts(count, **way):
    return [received(number, system=(INSTRUCTION, f"This is attempt {number + 1}."), **way) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "options", "wanted"),
    [
        (3, {}, []),
        (4, {}, ["STRUCT-26"]),
        (1, {"maxRetries": 0}, []),
        (2, {"maxRetries": 0}, ["STRUCT-26"]),
        (6, {"maxRetries": 5}, []),
        (4, {"maxRetries": "many"}, ["STRUCT-26"]),
    ],
)
def test_attempts_are_counted(count, options, wanted):
    assert ids(run(*attempts(count), modelOptions=options)) == wanted


def test_a_request_that_was_refused_or_broke_off_is_no_attempt():
    busy = [received(number, status=503, **TOLD) for number in range(4)]
    assert ids(run(*busy, received(4, **TOLD))) == []
    broken = [received(number, whole=False, **TOLD) for number in range(4)]
    assert ids(run(*broken, received(4, **TOLD))) == []


def test_each_way_has_attempts_of_its_own():
    native = [received(number, schema=CITY, system=(f"Attempt {number}",)) for number in range(3)]
    forced = [received(number, system=(f"Attempt {number}",), **FORCED) for number in range(3, 6)]
    assert ids(run(*native, *forced, model="mistral/x")) == []


@pytest.mark.parametrize("status", [401, 403])
def test_without_authority_no_other_way_is_tried(status):
    native = received(schema=CITY, status=status)
    failed = {"model": "mistral/x", "exchanges": (native, received(1, status=status, **FORCED))}
    refusal = {"$throw": {"name": "APICallError", "message": "no such key", "code": str(status)}}
    assert ids(asking(refusal, error="no such key", **failed)) == ["STRUCT-27"]
    failed["exchanges"] = (native,)
    assert ids(asking(refusal, error="no such key", **failed)) == []


def test_a_repetition_says_that_it_is_one():
    first = received(**TOLD)
    assert ids(run(first, received(1, **TOLD))) == ["STRUCT-28"]
    assert ids(run(first, received(1, system=(INSTRUCTION, "This is attempt 2.")))) == []
    assert ids(run(first, received(1, **TOLD, more=("That was no JSON.",)))) == []
    assert ids(run(received(status=503, **TOLD), received(1, **TOLD))) == []


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        (TRIED.format("3"), []),
        (TRIED.format("three"), []),
        (TRIED.format("13"), ["STRUCT-29"]),
        ("Failed to parse the answer: no JSON in ", ["STRUCT-29"]),
    ],
)
def test_the_error_counts_the_attempts(message, wanted):
    assert ids(run(*attempts(3), text="Hello, all.", error=message + "Hello, all.")) == wanted


@pytest.mark.parametrize(
    ("count", "wanted"), [("2", []), ("3", []), ("4", []), ("5", []), ("1", ["STRUCT-29"]), ("6", ["STRUCT-29"])]
)
def test_what_was_asked_in_two_ways_may_be_counted_in_either_and_with_refusals(count, wanted):
    native = [received(number, schema=CITY, system=(f"Attempt {number}",)) for number in (0, 1)]
    forced = [received(number, system=(f"Attempt {number}",), **FORCED) for number in (3, 4)]
    exchanges = (*native, received(2, status=400, **FORCED), *forced)
    failed = run(*exchanges, model="mistral/x", text="Hello, all.", error=TRIED.format(count) + "Hello, all.")
    assert ids(failed) == wanted


def test_one_attempt_need_not_be_counted():
    assert ids(run(*attempts(1), text="Hello, all.", error="could not parse the text Hello, all.")) == []


@pytest.mark.parametrize(
    ("asked", "sent", "wanted"),
    [(None, 0, []), (None, 0.7, ["STRUCT-30"]), (None, None, ["STRUCT-30"]), (0.7, 0.7, [])],
)
def test_without_a_temperature_it_is_zero(asked, sent, wanted):
    more = {} if asked is None else {"temperature": asked}
    answer = run(received(temperature=sent, **TOLD), **more)
    assert [one for one in ids(answer) if one.startswith("STRUCT")] == wanted
    assert "STRUCT-30" not in ids(answer, "tanstack")


def test_requests_that_nobody_could_read_are_not_judged():
    unread = received(**TOLD)
    unread = type(unread)("POST", "/x", (), b"", 0.0, status=200, whole=True)
    assert not [one for one in ids(run(unread)) if one.startswith("STRUCT")]
    assert not [one for one in ids(run()) if one.startswith("STRUCT")]
