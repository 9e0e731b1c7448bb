"""When two schemas ask for the same, in whatever dialect of JSON Schema a provider wants it."""

from itertools import pairwise

import pytest

from harness.rules.schema_likeness import equal_schema, same_schema

TEXT = {"type": "string"}
OWN = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "Where."},
        "days": {"type": "integer", "minimum": 1},
        "unit": {"enum": ["C", "F"]},
        "at": {"type": "object", "properties": {"lat": {"type": "number"}}, "required": ["lat"]},
        "tags": {"type": "array", "items": TEXT},
    },
    "required": ["city"],
    "additionalProperties": False,
}
STRICT = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "Where."},
        "days": {"type": ["integer", "null"], "minimum": 1},
        "unit": {"enum": ["C", "F", None]},
        "at": {
            "anyOf": [
                {"type": "object", "properties": {"lat": {"type": "number"}}, "required": ["lat"],
                 "additionalProperties": False},
                {"type": "null"},
            ]
        },
        "tags": {"type": ["array", "null"], "items": TEXT},
    },
    "required": ["city", "days", "unit", "at", "tags"],
    "additionalProperties": False,
}  # fmt: skip
GEMINI = {
    "type": "OBJECT",
    "properties": {
        "city": {"type": "STRING", "description": "Where."},
        "days": {"type": "INTEGER"},
        "unit": {"enum": ["C", "F"]},
        "at": {"type": "OBJECT", "properties": {"lat": {"type": "NUMBER"}}, "required": ["lat"]},
        "tags": {"type": "ARRAY", "items": {"type": "STRING"}},
    },
    "required": ["city"],
    "propertyOrdering": ["city", "days"],
}


def objects(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


def without(schema, *path):
    if len(path) == 1:
        return {key: value for key, value in schema.items() if key != path[0]}
    return schema | {path[0]: without(schema[path[0]], *path[1:])}


TREE = {"$ref": "#/$defs/node", "$defs": {"node": objects(next={"$ref": "#/$defs/node"})}}


@pytest.mark.parametrize(
    ("own", "sent"),
    [
        (OWN, OWN),
        (OWN, STRICT),
        (OWN, GEMINI),
        (None, None),
        (None, {}),
        (None, {"type": "object", "properties": {}}),
        ({"type": "object", "properties": {}, "additionalProperties": False}, None),
        (objects(a={"type": ["string", "null"]}), objects(a={"type": "STRING", "nullable": True})),
        (objects(a={"const": 1}), objects(a={"enum": [1.0]})),
        (objects(a={"oneOf": [TEXT, {"type": "null"}]}), objects(a={"type": ["string", "null"]})),
        (objects(a={"oneOf": [TEXT, {"type": "number"}]}), objects(a={"anyOf": [TEXT, {"type": "number"}]})),
        (objects(a={"$ref": "#/$defs/x"}) | {"$defs": {"x": TEXT}}, objects(a=TEXT)),
        (objects(a={"allOf": [objects(b=TEXT), objects(c=TEXT)]}), objects(a=objects(b=TEXT, c=TEXT))),
        (TREE, TREE),
        (TREE, objects(next=objects(next={"$ref": "#/$defs/node"})) | {"$defs": TREE["$defs"]}),
    ],
)
def test_the_same_demand_in_another_form_is_the_same_schema(own, sent):
    assert same_schema(own, sent)


@pytest.mark.parametrize(
    ("own", "sent"),
    [
        (OWN, None),
        (OWN, {"type": "object", "properties": {}}),
        (OWN, without(OWN, "properties", "days")),
        (OWN, without(OWN, "required")),
        (OWN, without(OWN, "properties", "days", "minimum")),
        (OWN, without(OWN, "properties", "city", "description")),
        (OWN, OWN | {"required": ["city", "days"]}),
        (OWN, without(GEMINI, "properties", "at", "required")),
        (OWN, without(GEMINI, "properties", "city", "description")),
        (OWN, without(STRICT, "properties", "unit", "enum")),
        (OWN, OWN | {"properties": OWN["properties"] | {"more": TEXT}}),
        (objects(a=TEXT), objects(a={"type": "number"})),
        (objects(a=TEXT), objects(a={"type": ["string", "null"]})),
        (objects(a={"type": ["string", "null"]}), objects(a=TEXT)),
        (objects(a={"enum": [1]}), objects(a={"enum": [True]})),
        (objects(a={"anyOf": [TEXT, {"type": "number"}]}), objects(a={"anyOf": [TEXT]})),
        (objects(a={"type": "array", "items": TEXT}), objects(a={"type": "array"})),
        (objects(a={"type": "object", "additionalProperties": TEXT}), objects(a={"type": "object"})),
        (objects(a=TEXT), objects(a={"$ref": "#/$defs/lost"})),
        (TREE, objects(next=objects())),
    ],
)
def test_a_demand_that_is_lost_or_new_is_another_schema(own, sent):
    assert not same_schema(own, sent)


def test_definitions_that_use_one_another_twice_are_compared_once():
    names = [f"n{number}" for number in range(60)]
    both = {after: {"$ref": f"#/$defs/{after}"} for after in names}
    links = {name: objects(a=both[after], b=dict(both[after])) for name, after in pairwise(names)}
    schema = {"$ref": "#/$defs/n0", "$defs": links | {names[-1]: TEXT}}
    assert same_schema(schema, schema)
    assert not same_schema(schema, schema | {"$defs": links | {names[-1]: {"type": "number"}}})


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"$ref": "https://x.test/schema"},
        {"type": 5, "properties": [], "required": {}, "anyOf": "x", "items": True, "enum": 1},
        True,
        False,
        5,
    ],
)
def test_any_schema_can_be_compared_with_itself(schema):
    assert same_schema(schema, schema)


@pytest.mark.parametrize(
    ("own", "given", "equal"),
    [
        (OWN, without(OWN, "$schema"), True),
        (OWN, STRICT, False),
        (OWN, GEMINI, False),
        (None, {"type": "object", "properties": {}}, True),
        (None, {"type": "object", "properties": {}, "additionalProperties": False}, True),
        (None, objects(a=TEXT), False),
        (objects(a=TEXT), None, False),
    ],
)
def test_a_converter_knows_no_provider_and_changes_no_schema(own, given, equal):
    assert equal_schema(own, given) is equal
