import copy

import pytest

from harness.errors import InputError
from harness.reference.structured.gemini_schema import transform_schema_for_gemini


def one(sub, **root):
    return {"type": "object", "properties": {"p": sub}, **root}


def property_of(sub, **root):
    return transform_schema_for_gemini(one(sub, **root))["properties"]["p"]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"type": "string", "format": "date-time"}, {"type": "string", "format": "date-time"}),
        ({"type": "string", "minLength": 1, "pattern": "^a"}, {"type": "string", "minLength": 1, "pattern": "^a"}),
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["null", "array"], "items": {"type": "string"}},
         {"type": "array", "items": {"type": "string"}, "nullable": True}),
        ({"type": "null"}, {"type": "null"}),
        ({"type": ["string", "integer"], "minLength": 2, "minimum": 0, "description": "d"},
         {"description": "d", "anyOf": [{"type": "string", "minLength": 2}, {"type": "integer", "minimum": 0}]}),
        ({"const": "a"}, {"type": "string", "enum": ["a"]}),
        ({"type": "string", "enum": ["a", "b"], "description": "d"},
         {"type": "string", "enum": ["a", "b"], "description": "d"}),
        ({"enum": ["a", None]}, {"type": "string", "enum": ["a"], "nullable": True}),
        ({"type": ["string", "null"], "enum": ["a", None]}, {"type": "string", "enum": ["a"], "nullable": True}),
        ({"type": "integer", "enum": [3, 1]},
         {"type": "integer", "minimum": 1, "maximum": 3, "description": "One of 3, 1."}),
        ({"const": 1.5, "description": "Rate."},
         {"type": "number", "minimum": 1.5, "maximum": 1.5, "description": "Rate. One of 1.5."}),
        ({"const": True}, {"type": "boolean", "description": "Always true."}),
        ({"enum": [True, False]}, {"type": "boolean"}),
        ({"const": None}, {"type": "null"}),
        ({"enum": ["a", 1]}, {"anyOf": [
            {"type": "string", "enum": ["a"]},
            {"type": "integer", "minimum": 1, "maximum": 1, "description": "One of 1."},
        ]}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string", "nullable": True}),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}], "title": "t"},
         {"title": "t", "nullable": True, "anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10},
         {"type": "integer", "minimum": 1, "maximum": 9}),
        ({"type": "integer", "exclusiveMinimum": 0.5, "minimum": 5}, {"type": "integer", "minimum": 5}),
        ({"type": "number", "exclusiveMinimum": 0}, {"type": "number", "minimum": 0}),
        ({"items": {"type": "string"}, "minItems": 1}, {"type": "array", "items": {"type": "string"}, "minItems": 1}),
        ({"properties": {"q": {"type": "string"}}}, {"type": "object", "properties": {"q": {"type": "string"}}}),
        (True, {}),
        ({"type": "array", "items": {"type": "number", "multipleOf": 2, "default": 2}, "uniqueItems": True},
         {"type": "array", "items": {"type": "number"}}),
        ({"type": "object", "additionalProperties": False}, {"type": "object"}),
        ({"type": "object", "additionalProperties": {}}, {"type": "object"}),
        ({"type": "string", "additionalProperties": {"type": "string"}}, {"type": "string"}),
    ],
)  # fmt: skip
def test_everything_is_said_in_geminis_words(given, made):
    assert property_of(given) == made


def test_an_objects_own_words_stay_and_the_rest_goes():
    schema = one(
        {"type": "string", "examples": ["x"]},
        required=["p"],
        propertyOrdering=["p"],
        additionalProperties=False,
        **{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "s", "x-mine": 1},
    )
    assert transform_schema_for_gemini(schema) == {
        "type": "object",
        "properties": {"p": {"type": "string"}},
        "required": ["p"],
        "propertyOrdering": ["p"],
    }


def test_references_are_written_out():
    defs = {"n": one({"$ref": "#/$defs/m"}), "m": {"type": "string"}}
    schema = {"type": "array", "items": {"$ref": "#/$defs/n", "description": "here"}, "$defs": defs}
    assert transform_schema_for_gemini(schema) == {
        "type": "array",
        "items": {"type": "object", "properties": {"p": {"type": "string"}}, "description": "here"},
    }


def test_references_to_any_place_by_any_name_are_written_out():
    schema = {
        "$id": "http://a.example/s",
        "type": "object",
        "properties": {"a": {"$ref": "s#/components/X"}, "b": {"$ref": "#here"}, "c": {"$ref": "#/properties/a"}},
        "components": {"X": {"type": "string"}},
        "$defs": {"Y": {"$anchor": "here", "type": "integer"}},
    }
    made = transform_schema_for_gemini(schema)["properties"]
    assert made == {"a": {"type": "string"}, "b": {"type": "integer"}, "c": {"type": "string"}}


def test_a_reference_used_twice_is_no_recursion():
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/m"}, "b": {"$ref": "#/$defs/m"}},
              "$defs": {"m": {"type": "string"}}}  # fmt: skip
    made = transform_schema_for_gemini(schema)
    assert made["properties"] == {"a": {"type": "string"}, "b": {"type": "string"}}


def test_names_of_properties_are_no_keywords():
    names = ("allOf", "type", "$ref", "const", "additionalProperties")
    properties = {name: {"type": "string"} for name in names}
    assert transform_schema_for_gemini({"type": "object", "properties": properties})["properties"] == properties


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (one({"allOf": [{"type": "string"}]}), ("$.properties.p", "allOf")),
        (one({"not": {}}), ("$.properties.p", "not")),
        (one({"if": {}}), ("$.properties.p", "if")),
        (one({"type": "object", "patternProperties": {}}), ("$.properties.p", "patternProperties")),
        (one({"type": "object", "additionalProperties": {"type": "string"}}), ("$.properties.p", "map")),
        (one({"type": "array", "prefixItems": [{}]}), ("$.properties.p", "prefixItems")),
        (one({"enum": []}), ("$.properties.p", "empty enum")),
        (one({"additionalProperties": {"type": "string"}}), ("$.properties.p", "map")),
        ({"anyOf": [{"$ref": "#"}, {"type": "string"}]}, ("$", "circular")),
        (one({"enum": [[1], "a"]}), ("$.properties.p", "fixed value")),
        (one(False), ("$.properties.p", "false")),
        (
            one({"anyOf": [{"type": "string"}, {}], "oneOf": [{"type": "string"}, {}]}),
            ("$.properties.p", "two choices"),
        ),
        (one({"$ref": "#/$defs/n", "minLength": 1}, **{"$defs": {"n": {}}}), ("$.properties.p", "minLength beside")),
        (one({"$ref": "#"}), ("$.properties.p", "recursion", "# → #")),
        (
            {"$ref": "#/$defs/n", "$defs": {"n": one({"$ref": "#/$defs/m"}), "m": one({"$ref": "#/$defs/n"})}},
            ("recursion", "#/$defs/n → #/$defs/m → #/$defs/n"),
        ),
        (True, ("$",)),
        ([], ("$",)),
    ],
)
def test_what_has_no_form_is_refused_with_its_path(schema, words):
    with pytest.raises(InputError) as caught:
        transform_schema_for_gemini(schema)
    assert all(word in str(caught.value) for word in words)


def test_a_schema_that_doubles_with_every_reference_ends():
    defs = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    with pytest.raises(InputError, match="grows beyond"):
        transform_schema_for_gemini({"$ref": "#/$defs/d0", "$defs": {**defs, "d40": {"type": "string"}}})


def test_the_given_schema_is_left_as_it_is():
    schema = one({"$ref": "#/$defs/n"}, **{"$defs": {"n": {"enum": ["a", None]}}})
    before = copy.deepcopy(schema)
    made = transform_schema_for_gemini(schema)
    made["properties"]["p"]["enum"].clear()
    assert schema == before
