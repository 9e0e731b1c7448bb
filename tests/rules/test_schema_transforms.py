"""Schemas on their way to a provider: what OpenAI and Gemini need, and what has to survive."""

import copy

import pytest

from structured_runs import CITY, asking, finish, ids, of_members, received, says, tool, transforming

PLACE = {
    "type": "object",
    "description": "where",
    "properties": {
        "city": {"type": "string", "description": "its name", "minLength": 1},
        "kind": {"type": "string", "enum": ["town", "village"]},
        "tags": {"type": "array", "items": {"type": "object", "properties": {"tag": {"type": "string"}}}},
        "near": {"$ref": "#/$defs/near"},
        "size": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "mayor": {"type": ["string", "null"]},
    },
    "required": ["city"],
    "$defs": {"near": {"type": "object", "properties": {"km": {"type": "number"}}, "required": ["km"]}},
}
TAG = {
    "type": "object",
    "properties": {"tag": {"type": ["string", "null"]}},
    "required": ["tag"],
    "additionalProperties": False,
}
STRICT = {
    "type": "object",
    "description": "where",
    "properties": {
        "city": {"type": "string", "description": "its name", "minLength": 1},
        "kind": {"type": ["string", "null"], "enum": ["town", "village", None]},
        "tags": {"type": ["array", "null"], "items": TAG},
        "near": {"anyOf": [{"$ref": "#/$defs/near"}, {"type": "null"}]},
        "size": {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
        "mayor": {"type": ["string", "null"]},
    },
    "required": ["city", "kind", "tags", "near", "size", "mayor"],
    "additionalProperties": False,
    "$defs": {
        "near": {
            "type": "object",
            "properties": {"km": {"type": "number"}},
            "required": ["km"],
            "additionalProperties": False,
        }
    },
}
GEMINI = {
    "type": "object",
    "description": "where",
    "properties": {
        "city": {"type": "string", "description": "its name"},
        "kind": {"type": "string", "enum": ["town", "village"]},
        "tags": {"type": "array", "items": {"type": "object", "properties": {"tag": {"type": "string"}}}},
        "near": {"type": "object", "properties": {"km": {"type": "number"}}, "required": ["km"]},
        "size": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "mayor": {"type": "string", "nullable": True},
    },
    "required": ["city"],
}
REMOVED = object()


def changed(schema, path, value):
    """A copy of a schema that has another value, or none, at a path with dots."""
    copied = copy.deepcopy(schema)
    *way, last = path.split(".")
    here = copied
    for key in way:
        here = here[int(key) if isinstance(here, list) else key]
    if value is REMOVED:
        del here[last]
    else:
        here[last] = value
    return copied


@pytest.mark.parametrize("profile", ["spec", "tanstack"])
def test_a_right_transform_is_no_finding(profile):
    assert ids(transforming(PLACE, "openai", STRICT), profile) == []
    assert ids(transforming(PLACE, "google", GEMINI), profile) == []
    assert ids(transforming(PLACE, "gemini", GEMINI), profile) == []
    assert ids(transforming(PLACE, "anthropic", PLACE), profile) == []


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    [
        ("required", ["city"], "STRUCT-15"),
        ("required", REMOVED, "STRUCT-15"),
        ("properties.tags.items.required", [], "STRUCT-15"),
        ("$defs.near.required", REMOVED, "STRUCT-15"),
        ("properties.kind", {"type": "string", "enum": ["town", "village"]}, "STRUCT-16"),
        ("properties.kind", {"type": ["string", "null"], "enum": ["town", "village"]}, "STRUCT-16"),
        ("properties.tags.type", "array", "STRUCT-16"),
        ("properties.tags.items.properties.tag.type", "string", "STRUCT-16"),
        ("properties.near", {"$ref": "#/$defs/near"}, "STRUCT-16"),
        ("properties.size.anyOf", [{"type": "integer"}, {"type": "string"}], "STRUCT-16"),
        ("properties.city.type", ["string", "null"], "STRUCT-16"),
        ("$defs.near.properties.km.type", ["number", "null"], "STRUCT-16"),
        ("additionalProperties", REMOVED, "STRUCT-17"),
        ("additionalProperties", True, "STRUCT-17"),
        ("properties.tags.items.additionalProperties", REMOVED, "STRUCT-17"),
        ("$defs.near.additionalProperties", REMOVED, "STRUCT-17"),
        ("description", REMOVED, "STRUCT-20"),
        ("properties.city.description", "other", "STRUCT-20"),
        ("properties.city.minLength", 2, "STRUCT-20"),
        ("properties.kind.enum", ["town", None], "STRUCT-20"),
        ("properties.kind.enum", REMOVED, "STRUCT-20"),
        ("properties.tags.items", REMOVED, "STRUCT-20"),
        ("properties.size.anyOf", [{"type": "integer"}, {"type": "null"}], "STRUCT-20"),
        ("properties.mayor.type", "null", "STRUCT-20"),
        ("$defs", REMOVED, "STRUCT-20"),
        ("$defs.near.properties.km.type", "string", "STRUCT-20"),
    ],
)
def test_each_fault_of_a_transform_for_openai_is_found_once(path, value, wanted):
    assert ids(transforming(PLACE, "openai", changed(STRICT, path, value))) == [wanted]
    answered = {"schema": PLACE, "model": "openai/gpt-4o", "data": {"city": "a"}}
    native = (received(schema=changed(STRICT, path, value)),)
    assert ids(asking(says('{"city":"a"}'), finish(), exchanges=native, **answered)) == [wanted]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties.city.minLength", REMOVED),
        ("properties.kind", {"anyOf": [{"type": "string", "enum": ["town", "village"]}, {"type": "null"}]}),
        (
            "properties.near",
            {"type": ["object", "null"], **changed(STRICT["$defs"]["near"], "type", ["object", "null"])},
        ),
    ],
)
def test_other_ways_to_say_the_same_are_right(path, value):
    assert ids(transforming(PLACE, "openai", changed(STRICT, path, value))) == []


def test_a_lost_property_is_one_finding():
    lost = changed(changed(STRICT, "properties.kind", REMOVED), "required", ["city", "tags", "near", "size", "mayor"])
    assert ids(transforming(PLACE, "openai", lost)) == ["STRUCT-20"]


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    [
        ("properties.near", {"$ref": "#/$defs/near"}, ["STRUCT-20", "STRUCT-21"]),
        ("additionalProperties", False, ["STRUCT-21"]),
        ("$defs", PLACE["$defs"], ["STRUCT-21"]),
        ("required", REMOVED, ["STRUCT-20"]),
        ("properties.near.required", [], ["STRUCT-20"]),
        ("required", ["city", "kind"], ["STRUCT-16"]),
        ("properties.tags.items.properties", {}, ["STRUCT-20"]),
        ("properties.kind.enum", REMOVED, ["STRUCT-20"]),
    ],
)
def test_each_fault_of_a_transform_for_gemini_is_found(path, value, wanted):
    assert ids(transforming(PLACE, "google", changed(GEMINI, path, value))) == wanted


def test_gemini_may_write_its_types_in_capitals():
    capitals = {
        "type": "OBJECT",
        "properties": {"city": {"type": "STRING"}, "n": {"type": "INTEGER", "nullable": True}},
        "required": ["city"],
    }
    original = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "n": {"type": ["integer", "null"]}},
        "required": ["city"],
    }
    assert ids(transforming(original, "google", capitals)) == []
    assert ids(transforming(original, "google", changed(capitals, "properties.n.type", "STRING"))) == ["STRUCT-20"]


NEAR = {"type": "object", "properties": {"km": {"type": "number"}}}
CLOSED = {"type": "object", "properties": {"km": {"type": ["number", "null"]}}, "required": ["km"]}
ELSEWHERE = of_members(near={"$ref": "#/components/schemas/near"}) | {"additionalProperties": False}


@pytest.mark.parametrize(
    ("near", "wanted"),
    [
        (CLOSED | {"additionalProperties": False}, []),
        (CLOSED, ["STRUCT-17"]),
        (NEAR | {"additionalProperties": False}, ["STRUCT-15"]),
    ],
)
def test_what_a_reference_leads_to_is_a_part_of_the_schema_wherever_it_stands(near, wanted):
    original, made = (ELSEWHERE | {"components": {"schemas": {"near": one}}} for one in (NEAR, near))
    assert ids(transforming(original, "openai", made)) == wanted


def test_what_is_of_no_object_is_not_closed():
    text = of_members(a={"type": "string", "properties": {"b": {"type": "string"}}})
    assert ids(transforming(text, "openai", text | {"additionalProperties": False})) == []


TWICE = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"$ref": "#/properties/a"}}, "required": ["b"]}


@pytest.mark.parametrize(
    ("b", "definitions", "wanted"),
    [
        ({"$ref": "#/properties/a"}, {}, ["STRUCT-16"]),
        ({"type": "string"}, {}, []),
        ({"$ref": "#/$defs/a"}, {"$defs": {"a": {"type": "string"}}}, []),
        ({"$ref": "#a"}, {"$defs": {"b": {"$anchor": "a", "type": "string"}}}, []),
        ({"$ref": "#/$defs/a"}, {"$defs": {"a": {"type": ["string", "null"]}}}, ["STRUCT-16"]),
        ({"$ref": "#/$defs/a"}, {"$defs": {"a": {"type": "number"}}}, ["STRUCT-20"]),
        ({"$ref": "#/$defs/a"}, {}, ["STRUCT-20"]),
    ],
)
def test_the_target_of_a_reference_may_move_where_no_null_comes_to_it(b, definitions, wanted):
    a = {"type": ["string", "null"]}
    made = {"type": "object", "properties": {"a": a, "b": b}, "required": ["a", "b"], "additionalProperties": False}
    assert ids(transforming(TWICE, "openai", made | definitions)) == wanted


@pytest.mark.parametrize(
    ("part", "made"),
    [
        ({"const": 3}, {"type": "integer", "minimum": 3, "maximum": 3}),
        ({"enum": [1, 2]}, {"type": "string", "format": "enum", "enum": ["1", "2"]}),
        ({"const": None}, {"type": "string", "nullable": True}),
        ({"type": "number", "exclusiveMinimum": 0}, {"type": "number", "minimum": 0}),
        (
            {"type": ["string", "integer", "null"]},
            {"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
        ),
        ({"anyOf": [{"type": "string"}]}, {"type": "string"}),
        ({"$ref": "#/$defs/any"}, {}),
        ({"$ref": "#any"}, {"type": "string"}),
    ],
)
def test_gemini_may_be_told_in_the_nearest_form(part, made):
    original = of_members(a=part) | {"$defs": {"any": True, "some": {"$anchor": "any"}}}
    assert ids(transforming(original, "google", of_members(a=made))) == []


def test_a_null_that_was_named_is_not_new():
    original = of_members(a={"type": "string", "enum": ["x", None]})
    made = of_members(a={"type": "string", "enum": ["x"], "nullable": True})
    assert ids(transforming(original, "google", made)) == []


def test_a_schema_that_is_a_reference_to_an_object_is_in_no_wrapper():
    person = of_members(name={"type": "string"})
    schema = {"$ref": "#/$defs/person", "$defs": {"person": person}}
    assert ids(transforming(schema, "google", person)) == []
    closed = person | {"additionalProperties": False}
    assert ids(transforming(schema, "openai", schema | {"$defs": {"person": closed}})) == []
    assert ids(transforming(schema, "openai", closed)) == []


MAYBE = {"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "required": ["a"]}


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        ({"type": "string", "nullable": True}, []),
        ({"type": "STRING", "nullable": True}, []),
        ({"type": "integer", "nullable": True}, ["STRUCT-20"]),
        ({"type": "string"}, ["STRUCT-20"]),
    ],
)
def test_gemini_may_say_null_beside_the_type(made, wanted):
    assert ids(transforming(MAYBE, "google", MAYBE | {"properties": {"a": made}})) == wanted


def test_a_circle_of_references_is_kept_for_openai():
    node = {
        "type": "object",
        "properties": {"next": {"$ref": "#/$defs/node"}},
        "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}},
    }
    nullable = {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}
    closed = {
        "type": "object",
        "properties": {"next": nullable},
        "required": ["next"],
        "additionalProperties": False,
    }
    assert ids(transforming(node, "openai", closed | {"$defs": {"node": closed}})) == []
    assert ids(transforming(node, "openai", closed)) == ["STRUCT-20"]


@pytest.mark.parametrize("provider", ["anthropic", "ollama", "Anthropic"])
def test_providers_without_a_transform_get_the_schema_as_it_is(provider):
    assert ids(transforming(CITY, provider, CITY)) == []
    assert ids(transforming(CITY, provider, CITY | {"additionalProperties": False})) == ["STRUCT-22"]


@pytest.mark.parametrize("provider", ["openai_compatible", "unheard-of", 5, None])
def test_a_provider_of_no_known_family_is_not_judged(provider):
    assert ids(transforming(CITY, provider, {"anything": 1})) == []


def test_what_a_forced_tool_or_gemini_is_sent_is_not_held_against_openais_rules():
    answered = {"data": {"city": "a"}, "schema": PLACE}
    forced = asking(
        says('{"city":"a"}'), finish(), model="anthropic/x", exchanges=(received(**tool(PLACE)),), **answered
    )
    assert ids(forced) == []
    gemini = asking(says('{"city":"a"}'), finish(), model="google/x", exchanges=(received(schema=PLACE),), **answered)
    assert ids(gemini) == []
