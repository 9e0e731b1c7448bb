import copy

import pytest

from harness.errors import InputError
from harness.reference.structured.nulls import without_optional_nulls

TEXT = {"type": "string"}
NULLABLE = {"type": ["string", "null"]}


def an_object(*required, **properties):
    return {"type": "object", "properties": properties, "required": [*required]}


@pytest.mark.parametrize(
    ("data", "schema", "mended"),
    [
        ({"a": None, "b": "value"}, an_object(a=TEXT, b=TEXT), {"b": "value"}),  # §14.7
        ({"a": {"nested": None, "test": "v"}}, an_object(a=an_object(nested=TEXT)), {"a": {"test": "v"}}),  # §14.7
        ({"a": None}, an_object("a", a=TEXT), {"a": None}),
        ({"a": None}, an_object(a=NULLABLE), {"a": None}),
        ({"a": None}, an_object(a={}), {"a": None}),
        ({"a": None}, an_object(a=True), {"a": None}),
        ({"a": None}, an_object(a={"enum": ["x", None]}), {"a": None}),
        ({"a": None}, an_object(a={"enum": ["x"]}), {}),
        ({"a": None}, an_object(a={"anyOf": [TEXT, {"type": "null"}]}), {"a": None}),
        ({"unknown": None}, an_object(a=TEXT), {"unknown": None}),
        ([None, {"a": None}], {"type": "array", "items": an_object(a=TEXT)}, [None, {}]),
        ([{"a": None}, None], {"prefixItems": [an_object(a=TEXT)], "items": TEXT}, [{}, None]),
        (None, TEXT, None),
        ("text", TEXT, "text"),
        ({"m": {"k": {"a": None}}}, an_object(m={"additionalProperties": an_object(a=TEXT)}), {"m": {"k": {}}}),
        ({"x1": {"a": None}}, {"patternProperties": {"^x": an_object(a=TEXT)}}, {"x1": {}}),
    ],
)
def test_a_null_becomes_absent_only_where_it_stands_for_an_absent_property(data, schema, mended):
    assert without_optional_nulls(data, schema) == mended


@pytest.mark.parametrize("schema", [
    {"$ref": "#/$defs/n", "$defs": {"n": an_object(a=TEXT)}},
    {"$ref": "#/definitions/n", "definitions": {"n": an_object(a=TEXT)}},
    {"allOf": [an_object(a=TEXT)]},
    {"anyOf": [{"type": "array"}, an_object("b", a=TEXT, b=TEXT), an_object(a=TEXT)]},
    {"oneOf": [{"type": "string"}, an_object(a=TEXT)]},
    {"if": {"required": ["a"]}, "then": an_object(a=TEXT)},
    {"if": {"required": ["b"]}, "else": an_object(a=TEXT)},
    {"dependentSchemas": {"a": an_object(a=TEXT)}},
    {"$ref": "#/properties/kept", "properties": {"kept": an_object(a=TEXT)}},
])  # fmt: skip
def test_the_property_is_found_wherever_the_schema_tells_of_it(schema):
    assert without_optional_nulls({"a": None}, schema) == {}


def test_what_one_part_of_a_schema_requires_no_other_makes_optional():
    schema = {"allOf": [an_object(a=TEXT), {"required": ["a"]}]}
    assert without_optional_nulls({"a": None}, schema) == {"a": None}


def test_of_a_choice_the_branch_that_fits_decides():
    cat = an_object("kind", kind={"const": "cat"}, lives={"type": "integer"})
    dog = an_object("kind", kind={"const": "dog"}, lives={"type": ["integer", "null"]})
    schema = {"type": "array", "items": {"anyOf": [cat, dog]}}
    data = [{"kind": "cat", "lives": None}, {"kind": "dog", "lives": None}]
    assert without_optional_nulls(data, schema) == [{"kind": "cat"}, {"kind": "dog", "lives": None}]


def test_a_recursive_schema_is_followed_to_the_end_of_the_answer():
    schema = an_object("next", value=TEXT, next={"anyOf": [{"$ref": "#"}, {"type": "null"}]})
    data = {"value": None, "next": {"value": "x", "next": {"value": None, "next": None}}}
    assert without_optional_nulls(data, schema) == {"next": {"value": "x", "next": {"next": None}}}


def test_the_answer_and_the_schema_are_left_as_they_are():
    data, schema = {"a": {"b": None}}, an_object(a=an_object(b=TEXT))
    before = copy.deepcopy((data, schema))
    without_optional_nulls(data, schema)
    assert (data, schema) == before


@pytest.mark.parametrize("depth", [150, 10_000])
def test_a_deep_answer_ends_without_an_error_and_keeps_what_lies_too_deep(depth):
    schema = an_object(value=TEXT, next={"$ref": "#"})
    data = {"value": None}
    for _ in range(depth):
        data = {"value": None, "next": data}
    made = without_optional_nulls(data, schema)
    assert "value" not in made["next"]["next"]
    steps = 0
    while "value" not in made and "next" in made:
        made, steps = made["next"], steps + 1
    assert steps == min(depth, 200)


def test_a_choice_that_costs_more_than_it_may_leaves_the_answer_as_it_is():
    schema = {"anyOf": [{"patternProperties": {f"^z{n}$": {} for n in range(100)}}], "properties": {"a": TEXT}}
    data = {"a": None, **dict.fromkeys(map(str, range(20_000)), 1)}
    assert without_optional_nulls(data, schema) is data


def test_many_choices_at_every_depth_are_told_apart_in_time():
    branch = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    schema = {"anyOf": [{**branch, "required": ["never"]}, {**branch, "required": ["neither"]}, {"type": "string"}]}
    data = None
    for _ in range(60):
        data = {"next": data}
    assert without_optional_nulls(data, schema) == data


def test_what_is_no_schema_is_refused():
    with pytest.raises(InputError, match="circular"):
        without_optional_nulls({}, {"$ref": "#"})
