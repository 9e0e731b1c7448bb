"""Schemas that a provider does not take are refused by their place, and no others."""

import pytest

from structured_runs import asking, ids, of_members, transforming

PLACE = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "minLength": 1},
        "near": {"$ref": "#/$defs/near"},
        "size": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "mayor": {"type": ["string", "null"]},
    },
    "required": ["city"],
    "$defs": {"near": {"type": "object", "properties": {"km": {"type": "number"}}, "required": ["km"]}},
}
ONE_OF = {"type": "object", "properties": {"who": {"oneOf": [{"type": "string"}, {"type": "number"}]}}}
ALL_OF = {"type": "object", "properties": {"who": {"type": "object", "properties": {"deep": {"allOf": [{}]}}}}}
MAP = {"type": "object", "properties": {"who": {"type": "object", "additionalProperties": {"type": "string"}}}}
BY_PATTERN = {"type": "object", "properties": {"who": {"type": "object", "patternProperties": {"^x": {}}}}}
ROOT = {"oneOf": [{"type": "object"}, {"type": "array"}]}


@pytest.mark.parametrize(
    ("schema", "message", "wanted"),
    [
        (ONE_OF, "oneOf is not supported at properties.who", []),
        (ONE_OF, "the property 'who' cannot be sent to OpenAI", []),
        (ONE_OF, "oneOf is not supported", ["STRUCT-18"]),
        (ALL_OF, "allOf at properties.who.properties.deep", []),
        (ALL_OF, "allOf is not supported", ["STRUCT-18"]),
        (MAP, "who: a map of strings is not supported", []),
        (BY_PATTERN, "who: patternProperties is not supported", []),
        (BY_PATTERN, "patternProperties is not supported", ["STRUCT-18"]),
        (ROOT, "oneOf at the root is not supported", []),
        (ROOT, "the schema is not supported", ["STRUCT-18"]),
        (of_members(a={"properties": {}, "additionalProperties": {"type": "string"}}), "a is a map", []),
    ],
)
def test_what_openai_does_not_take_is_refused_by_its_place(schema, message, wanted):
    assert ids(transforming(schema, "openai", error=message)) == wanted
    refused = asking(error=message, schema=schema, model="openai/gpt-4o", exchanges=())
    assert [one for one in ids(refused) if one.startswith("STRUCT")] == wanted
    assert ids(transforming(schema, "openai", schema)) == ["STRUCT-18"]


def test_a_property_that_is_called_one_of_is_a_property():
    schema = {"type": "object", "properties": {"oneOf": {"type": "string"}}, "required": ["oneOf"]}
    assert ids(transforming(schema, "openai", schema | {"additionalProperties": False})) == []
    assert ids(transforming(schema, "openai", error="oneOf is not supported")) == ["STRUCT-19"]


@pytest.mark.parametrize(
    ("schema", "provider", "wanted"),
    [
        (PLACE, "openai", ["STRUCT-19"]),
        (PLACE, "google", ["STRUCT-19"]),
        (PLACE, "anthropic", ["STRUCT-19"]),
        (PLACE, "unheard-of", []),
        ({"type": "array", "items": {}}, "openai", []),
        (ONE_OF, "google", []),
        (PLACE | {"$defs": {"near": {"$ref": "#/$defs/near"}}}, "google", []),
        (PLACE | {"$defs": {"near": {"properties": {"p": {"$ref": "#"}}}}}, "google", []),
        (PLACE | {"$defs": {}}, "google", []),
        (PLACE | {"$defs": {"near": {"$ref": "#/$defs/near"}}}, "openai", []),
        (PLACE | {"$defs": {}}, "openai", []),
        (PLACE | {"not": {}}, "openai", []),
    ],
)
def test_only_what_cannot_be_sent_is_refused(schema, provider, wanted):
    assert ids(transforming(schema, provider, error="a circular $ref at properties.near")) == wanted


@pytest.mark.parametrize(
    "schema",
    [
        of_members(a={"type": "object", "additionalProperties": {}}),
        of_members(a={"type": "object", "additionalProperties": True}),
        of_members(a={"type": "object", "properties": {}, "additionalProperties": True}),
        of_members(a={"type": "object"}),
        of_members(a={"properties": {}, "additionalProperties": True}),
        of_members(a={"type": "string"}) | {"additionalProperties": {}},
        of_members(a={"type": "string"}) | {"required": ["a", "b"]},
        of_members(a=True),
        of_members(a=False),
        of_members(a={"type": "array", "items": True}),
        of_members(a={"anyOf": [True, {"type": "string"}]}),
        of_members(a={"anyOf": []}),
        of_members(a={"type": []}),
        of_members(a={"enum": []}),
        of_members(a={"type": "strnig"}),
        of_members(a={"$ref": "#/components/a"}) | {"components": {"a": {"type": "object"}}},
    ],
)
def test_whether_openai_is_sent_what_it_can_make_nothing_of_is_left_open(schema):
    assert ids(transforming(schema, "openai", error="a is not supported")) == []


@pytest.mark.parametrize("provider", ["openai", "google", "mistral", "anthropic", "ollama"])
@pytest.mark.parametrize(
    "part", [{"anyOf": []}, {"type": []}, {"type": "strnig"}, {"required": "a"}, {"minLength": -1}]
)
def test_a_schema_that_is_none_may_be_refused(provider, part):
    assert ids(transforming(of_members(a=part), provider, error="this is no schema")) == []


def test_a_closed_object_without_members_is_sent():
    schema = of_members(a={"type": "object", "additionalProperties": False})
    assert ids(transforming(schema, "openai", error="a is not supported")) == ["STRUCT-19"]


def test_what_openai_does_not_take_is_refused_behind_a_reference_too():
    near = {"oneOf": [{"type": "string"}]}
    schema = of_members(near={"$ref": "#/components/near"}) | {"components": {"near": near}}
    assert ids(transforming(schema, "openai", schema)) == ["STRUCT-18"]
    assert ids(transforming(schema, "openai", error="oneOf is not supported")) == []


@pytest.mark.parametrize("result", [None, [], "{}"])
def test_a_transformed_schema_is_an_object(result):
    assert ids(transforming(PLACE, "openai", result)) == ["STRUCT-19"]


DEFINED = {"$defs": {"pay": {"oneOf": [{"type": "string"}]}}}


@pytest.mark.parametrize(
    ("schema", "message", "wanted"),
    [
        (of_members(a={"$ref": "#/$defs/pay"}) | DEFINED, "oneOf is not supported at pay", []),
        (of_members(a={"$ref": "#/$defs/pay"}) | DEFINED, "$.a: oneOf is not supported", []),
        ({"$ref": "#/$defs/pay"} | DEFINED, "oneOf is not supported at the root", []),
        (of_members(a={"$ref": "#/$defs/pay"}) | DEFINED, "this schema is not supported", ["STRUCT-18"]),
        (of_members(**{"é x": {"oneOf": [{}]}}), '$.properties["\\u00e9 x"]: oneOf is not supported', []),
        (of_members(**{"a/b": {"allOf": [{}]}}), "#/properties/a~1b: allOf is not supported", []),
        (of_members(**{"e f": {"allOf": [{}]}}), "#/properties/e%20f: allOf is not supported", []),
    ],
)
def test_the_place_may_be_named_in_several_ways(schema, message, wanted):
    assert ids(transforming(schema, "openai", error=message)) == wanted


CIRCLE = {"$defs": {"x": {"$ref": "#/$defs/x", "description": "D"}}}


@pytest.mark.parametrize(
    "other", [CIRCLE, {"$defs": {"x": False}}, {"$defs": {"x": {"type": "strnig"}}}, {"$defs": {"x": {"not": {}}}}]
)
def test_where_there_is_another_reason_to_refuse_a_schema_that_may_be_named(other):
    schema = of_members(a={"oneOf": [{"type": "string"}]}) | other
    assert ids(transforming(schema, "openai", error="$.$defs.x is not supported")) == []


@pytest.mark.parametrize("provider", ["openai", "google"])
@pytest.mark.parametrize(
    "circle",
    [
        {"$ref": "#/$defs/x", "description": "D"},
        {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/x"}]},
        {"anyOf": [{"anyOf": [{"$ref": "#/$defs/y"}, {"type": "null"}]}, {"type": "null"}]},
    ],
)
def test_a_circle_that_comes_to_no_end_may_be_refused(provider, circle):
    schema = of_members(a={"type": "string"}) | {"$defs": {"x": circle, "y": {"$ref": "#/$defs/x"}}}
    assert ids(transforming(schema, provider, error="a circle")) == []
    fine = schema | {"$defs": {"x": of_members(a={"$ref": "#/$defs/y"}), "y": {"$ref": "#/$defs/x"}}}
    assert ids(transforming(fine, "openai", error="a circle")) == ["STRUCT-19"]
