"""Schemas on their way to a provider: what OpenAI and Gemini need, and what has to survive."""

import copy

import pytest

from structured_runs import CITY, asking, finish, ids, received, says, tool, transforming

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


@pytest.mark.parametrize("result", [None, [], "{}"])
def test_a_transformed_schema_is_an_object(result):
    assert ids(transforming(PLACE, "openai", result)) == ["STRUCT-19"]


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
