import pytest

from harness.errors import InputError
from harness.reference.structured.given_schema import normal_schema, read_schema
from harness.reference.structured.validation import Checker
from harness.reference.structured.work import Work

TEXT = {"type": "string"}


def normal(schema):
    return normal_schema(schema).schema


def under(defs, ref, **root):
    return {**root, "properties": {"p": {"$ref": ref}}, "$defs": defs}


@pytest.mark.parametrize(
    ("schema", "ref", "definitions"),
    [
        (under({"n": TEXT}, "#/$defs/n"), "#/$defs/n", {"n": TEXT}),
        (under({"a/b": TEXT}, "#/$defs/a~1b"), "#/$defs/a~1b", {"a/b": TEXT}),
        (under({"e f": TEXT}, "#/$defs/e%20f"), "#/$defs/e%20f", {"e f": TEXT}),
        (under({"n": True}, "#/$defs/n"), "#/$defs/n", {"n": True}),
        (under({"n": {**TEXT, "$anchor": "here"}}, "#here"), "#/$defs/n", {"n": TEXT}),
        (under({"a b": {**TEXT, "$anchor": "here"}}, "#here"), "#/$defs/a%20b", {"a b": TEXT}),
        (under({"n": {**TEXT, "$id": "http://a.example/n"}}, "http://a.example/n"), "#/$defs/n", {"n": TEXT}),
        (under({"n": TEXT}, "s#/$defs/n", **{"$id": "http://a.example/s"}), "#/$defs/n", {"n": TEXT}),
        (under({"n": {**TEXT, "$dynamicAnchor": "here"}}, "#/$defs/n"), "#/$defs/n", {"n": TEXT}),
        (under({}, "#"), "#", {}),
        (under({"g": {"n": TEXT}}, "#/$defs/g/n"), "#/$defs/n", {"g": {}, "n": TEXT}),
        (under({"n": {"g": {"n": TEXT}}}, "#/$defs/n/g/n"), "#/$defs/n_2", {"n": {}, "n_2": TEXT}),
        (under({}, "#/x-mine/a%20b", **{"x-mine": {"a b": TEXT}}), "#/$defs/ab", {"ab": TEXT}),
        (under({}, "#/x-mine/0", **{"x-mine": [TEXT]}), "#/$defs/0", {"0": TEXT}),
        (under({}, "#/x-mine", **{"x-mine": True}), "#/$defs/x-mine", {"x-mine": True}),
    ],
)
def test_every_reference_points_to_the_root_or_to_a_definition_of_its(schema, ref, definitions):
    made = normal(schema)
    assert made["properties"]["p"] == {"$ref": ref}
    assert made["$defs"] == definitions
    assert normal(made) == made


def test_true_stays_where_it_stands_though_a_reference_points_to_one():
    made = normal({"x-mine": True, "items": {"$ref": "#/x-mine"}, "additionalProperties": True})
    assert made["items"] == {"$ref": "#/$defs/x-mine"}
    assert (made["additionalProperties"], made["$defs"]) == (True, {"x-mine": True})


def test_a_reference_to_a_map_of_properties_leaves_the_map():
    made = normal({"properties": {"a": TEXT}, "items": {"$ref": "#/properties"}})
    assert made["properties"] == {"a": TEXT}


def test_what_moves_leaves_a_reference_and_is_said_to_have_stood_there():
    made = normal_schema({"properties": {"a": {"items": TEXT}, "b": {"$ref": "#/properties/a/items"}}})
    assert made.schema == {
        "properties": {"a": {"items": {"$ref": "#/$defs/items"}}, "b": {"$ref": "#/$defs/items"}},
        "$defs": {"items": TEXT},
    }
    assert made.origins == {"$.$defs.items": "$.properties.a.items"}


def test_a_reference_means_what_its_own_address_says():
    inner = {"$id": "http://a.example/inner", "items": {"$ref": "#/$defs/n"}, "$defs": {"n": {"type": "integer"}}}
    schema = {"properties": {"p": inner, "q": {"$ref": "#/$defs/n"}}, "$defs": {"n": TEXT}}
    checker = Checker(schema)
    assert checker.fault_of({"p": [1], "q": "x"}, Work()) is None
    assert checker.fault_of({"p": ["x"], "q": "x"}, Work()) is not None


def test_a_dynamic_reference_with_one_possible_target_is_a_reference():
    schema = {"$dynamicAnchor": "node", "type": "object", "additionalProperties": {"$dynamicRef": "#node"}}
    assert normal(schema) == {"type": "object", "additionalProperties": {"$ref": "#"}}
    two = {**schema, "$defs": {"other": {"$id": "http://a.example/o", "$dynamicAnchor": "node"}}}
    with pytest.raises(InputError, match="more than one"):
        normal(two)


def test_the_users_own_copy_is_as_it_was_given():
    schema = under({"n": {**TEXT, "$anchor": "here"}}, "#here", **{"$id": "http://a.example/s", "x-mine": 1})
    assert read_schema(schema) == schema


@pytest.mark.parametrize(
    ("schema", "circle"),
    [
        ({"$ref": "#"}, "#"),
        ({"allOf": [{"$ref": "#"}], "type": "object"}, "#"),
        ({"anyOf": [{"$ref": "#"}, TEXT]}, "#"),
        ({"oneOf": [TEXT, {"$ref": "#"}]}, "#"),
        ({"not": {"$ref": "#"}}, "#"),
        ({"if": TEXT, "then": {"$ref": "#"}}, "#"),
        ({"dependentSchemas": {"a": {"$ref": "#"}}}, "#"),
        (under({"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}, "#/$defs/a"),
         "#/$defs/a → #/$defs/b → #/$defs/a"),
    ],
)  # fmt: skip
def test_a_circle_that_never_comes_to_a_part_of_the_answer_is_refused(schema, circle):
    with pytest.raises(InputError, match="circular") as caught:
        read_schema(schema)
    assert str(caught.value).endswith(f": {circle}")


def test_recursion_through_a_part_of_the_answer_is_none():
    for word in ("items", "additionalProperties", "contains", "propertyNames", "unevaluatedItems"):
        assert read_schema({word: {"anyOf": [{"$ref": "#"}, TEXT]}})
    assert read_schema({"properties": {"a": {"allOf": [{"$ref": "#"}]}}})


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (under({}, "#/$defs/none"), "points to nothing"),
        (under({}, "#/properties/00"), "points to nothing"),
        (under({"n": {"enum": ["x"]}}, "#/$defs/n/enum/" + "9" * 5000), "points to nothing"),
        (under({"n": {"enum": ["x"]}}, "#/$defs/n/enum/0"), "points to what is no schema"),
        (under({}, "other.json#/a"), "points out of the schema"),
        (under({}, "http://[bad", **{"$id": "http://a.example/s"}), "is no address"),
        (under({}, "#x" * 100_000), "names an anchor"),
        (
            {"components": {"X": {"type": 5}}, "items": {"$ref": "#/components/X"}},
            "$.components.X.type: this is no JSON",
        ),
        ({"properties": {"k" * 100_000: {"type": "none"}}}, "this is no JSON Schema"),
    ],
)
def test_what_leads_nowhere_is_refused_in_few_words(schema, words):
    with pytest.raises(InputError) as caught:
        read_schema(schema)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 600


def nested(levels, schema=TEXT):
    for _ in range(levels):
        schema = {"type": "object", "properties": {"p": schema}, "required": ["p"]}
    return schema


def test_a_schema_nests_a_hundred_deep_and_no_deeper():
    assert read_schema(nested(100))
    with pytest.raises(InputError, match="too deeply"):
        read_schema(nested(101))


def test_a_wrong_schema_at_any_depth_of_the_stack_is_refused_or_too_deep():
    def down(frames, schema):
        return read_schema(schema) if frames == 0 else down(frames - 1, schema)

    for frames in range(0, 900, 13):
        with pytest.raises((InputError, RecursionError)):
            down(frames, {"properties": {"p": {"type": ["none", str(frames)]}}})


DRAFT_4 = "http://json-schema.org/draft-04/schema"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema"


@pytest.mark.parametrize(
    ("draft", "given", "made"),
    [
        (DRAFT_7, {"items": [TEXT], "additionalItems": False}, {"prefixItems": [TEXT], "items": False}),
        (DRAFT_7, {"items": TEXT, "additionalItems": False}, {"items": TEXT}),
        (DRAFT_7, {"dependencies": {"a": ["b"], "c": TEXT}},
         {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": TEXT}}),
        (DRAFT_7, {"items": {"$ref": "#/definitions/n", "minLength": 2, "title": "t"}, "definitions": {"n": TEXT}},
         {"items": {"$ref": "#/definitions/n", "title": "t"}, "definitions": {"n": TEXT}}),
        (DRAFT_7, {"items": [TEXT, {"$ref": "#/items/0"}]},
         {"prefixItems": [{"$ref": "#/$defs/0"}, {"$ref": "#/$defs/0"}], "$defs": {"0": TEXT}}),
        (DRAFT_7, {"definitions": {"n": {"$id": "#here", **TEXT}}, "items": {"$ref": "#here"}},
         {"definitions": {"n": TEXT}, "items": {"$ref": "#/definitions/n"}}),
        (DRAFT_2019, {"type": "object", "additionalProperties": {"$recursiveRef": "#"}},
         {"type": "object", "additionalProperties": {"$ref": "#"}}),
        (DRAFT_2019, {"items": [TEXT]}, {"prefixItems": [TEXT]}),
        (f"{DRAFT_4}#", {"minimum": 1, "exclusiveMinimum": True, "maximum": 5, "exclusiveMaximum": False},
         {"exclusiveMinimum": 1, "maximum": 5}),
        (DRAFT_4, {"id": "http://a.example/s", "items": {"$ref": "s#"}},
         {"id": "http://a.example/s", "items": {"$ref": "#"}}),
        (DRAFT_7, {"$defs": [1], "type": "string"}, {"type": "string", "$defs": {}}),
        (DRAFT_7, {"$defs": {"a": 1}, "contentSchema": 5}, {"$defs": {}}),
        ("https://json-schema.org/draft/2020-12/schema", {"additionalItems": {"type": 5}}, {}),
        (DRAFT_7, {"prefixItems": 5, "dependentSchemas": [1], "unevaluatedItems": "x", "if": TEXT}, {"if": TEXT}),
        (DRAFT_7, {"$defs": {"n": TEXT}, "items": {"$ref": "#/$defs/n"}},
         {"$defs": {"n": TEXT}, "items": {"$ref": "#/$defs/n"}}),
        (DRAFT_4, {"const": 5, "type": "integer"}, {"type": "integer"}),
        ("https://json-schema.org/draft/2020-12/schema", {"items": TEXT}, {"items": TEXT}),
        ("http://a.example/of-my-own", {"items": TEXT}, {"items": TEXT}),
    ],
)  # fmt: skip
def test_an_older_draft_is_said_in_the_words_of_todays(draft, given, made):
    assert normal({"$schema": draft, **given}) == made


@pytest.mark.parametrize(
    ("draft", "schema"),
    [
        (DRAFT_7, {"dependencies": {"a": 5}}),
        (DRAFT_7, {"items": 5}),
        (f"{DRAFT_4}#", {"required": []}),
        (f"{DRAFT_4}#", {"exclusiveMinimum": 5}),
        (DRAFT_4, {"items": {"$ref": [5]}}),
        ("https://json-schema.org/draft/2020-12/schema", {"items": [TEXT]}),
        (5, {"items": TEXT}),
    ],
)
def test_a_schema_is_wrong_by_the_draft_that_it_names(draft, schema):
    with pytest.raises(InputError, match="no JSON Schema"):
        read_schema({"$schema": draft, **schema})
