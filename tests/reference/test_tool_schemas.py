"""Schemas of tools that nobody can read or that a provider refuses are refused first, with their place (§4, R22)."""

import pytest

from harness.errors import InputError
from harness.reference.options import call_options, tool_names

PROVIDERS = ["openai", "anthropic", "google", "groq"]


def sent(provider, schema):
    options = {
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"name": "read"}, {"name": "my walk", "inputSchema": schema}],
    }
    return call_options(options, provider, tool_names(options))["tools"][1]["inputSchema"]


def within(schema, **more):
    return {"type": "object", "properties": {"at": schema}, **more}


NOWHERE = [
    (within({"$ref": "#/$defs/n"}, **{"$defs": {"n": {"$ref": "#/$defs/n"}}}), "$.properties.at", "circular"),
    (
        within({"$ref": "#/$defs/a"}, **{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
        "$.properties.at",
        "circular",
    ),
    (
        within({"$ref": "#/definitions/n"}, definitions={"n": {"title": "n", "$ref": "#/definitions/n"}}),
        "$.p",
        "circular",
    ),
    (within({"$ref": "#/properties/at"}), "$.properties.at", "circular"),
    ({"$ref": "#"}, "$", "circular"),
    ({"type": "object", "$ref": "#"}, "$", "circular"),
    (within({"$ref": "#n"}, **{"$defs": {"n": {"$anchor": "n", "$ref": "#n"}}}), "$.properties.at", "circular"),
    (within({"$ref": "#/$defs/missing"}), "$.properties.at", "'#/$defs/missing'"),
    (within({"$ref": "#/properties/list/items/0"}), "$.properties.at", "leads to nothing"),
    (within({"$ref": "#missing"}), "$.properties.at", "leads to nothing"),
    (within({"items": {"$ref": "#/type"}}), "$.properties.at.items", "leads to no schema"),
    (within({"$ref": "#/anyOf/1"}, anyOf=[{}]), "$.properties.at", "leads to nothing"),
    (within({"anyOf": [{"type": "null"}, {"$ref": "#/$defs/"}]}), "$.properties.at.anyOf[1]", "leads to nothing"),
]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(("schema", "place", "said"), NOWHERE)
def test_a_reference_that_never_comes_to_a_schema_is_refused_with_tool_and_place(provider, schema, place, said):
    with pytest.raises(InputError) as refusal:
        sent(provider, schema)
    assert str(refusal.value).startswith(f"tools[1] (my walk): its inputSchema, {place}")
    assert said in str(refusal.value)
    assert "$ref" in str(refusal.value)


WELL_FOUNDED = {
    "recursion through a property": within({"$ref": "#"}),
    "recursion through items": within(
        {"$ref": "#/$defs/node"},
        **{
            "$defs": {
                "node": {"type": "object", "properties": {"next": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}
            }
        },
    ),
    "a chain": within({"$ref": "#/$defs/a"}, **{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"type": "string"}}}),
    "a remote one": within({"$ref": "https://example.com/schema.json#/$defs/a"}),
    "a relative one": within({"$ref": "other.json"}),
    "a chain to a remote one": within({"$ref": "#/$defs/a"}, **{"$defs": {"a": {"$ref": "https://example.com/s"}}}),
    "an escaped pointer": within({"$ref": "#/$defs/a~1b%20~0c"}, **{"$defs": {"a/b ~c": {"type": "string"}}}),
    "a pointer into a list": within({"$ref": "#/anyOf/1"}, anyOf=[{}, {"type": "string"}]),
    "a pointer to true": within({"$ref": "#/$defs/any"}, **{"$defs": {"any": True}}),
    "a pointer to where no keyword stands": within(
        {"$ref": "#/components/schemas/a"}, components={"schemas": {"a": {"type": "string"}}}
    ),
    "an anchor": within({"$ref": "#n"}, **{"$defs": {"n": {"$anchor": "n", "type": "string"}}}),
    "a dynamic anchor": within({"$ref": "#n"}, **{"$defs": {"n": {"$dynamicAnchor": "n", "type": "string"}}}),
    "a schema inside with a base of its own": within(
        {"$id": "https://example.com/inner", "$defs": {"a": {}}, "items": {"$ref": "#/$defs/a"}}
    ),
    "a property of that name": within({"type": "object", "properties": {"$ref": {"type": "string"}}}),
    "a value and no schema": within({"const": {"$ref": "#/$defs/missing"}}),
    "odd keywords": {"properties": 7, "anyOf": "x", "$defs": [], "$ref": 5},
}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("schema", WELL_FOUNDED.values(), ids=WELL_FOUNDED)
def test_every_other_reference_is_sent_as_it_is(provider, schema):
    assert sent(provider, schema) == schema


def test_a_schema_that_nests_very_deeply_is_read_without_a_traceback():
    schema = {"$ref": "#/$defs/a"}
    for _ in range(3000):
        schema = {"type": "object", "properties": {"a": schema}}
    schema["$defs"] = {"a": {"type": "string"}}
    assert sent("openai", schema) is not None


def test_a_schema_that_doubles_at_each_depth_is_looked_at_once():
    schema = {"type": "string"}
    for _ in range(100):
        schema = {"type": "object", "properties": {"a": schema, "b": schema}}
    assert sent("openai", schema)["properties"] is schema["properties"]
