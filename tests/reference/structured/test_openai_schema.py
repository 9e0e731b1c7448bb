import copy

import pytest

from harness.errors import InputError
from harness.reference.structured.openai_schema import transform_schema_for_openai

NULL = {"type": "null"}


def one(sub, **root):
    """An object with one optional property."""
    return {"type": "object", "properties": {"p": sub}, **root}


def property_of(sub, **root):
    return transform_schema_for_openai(one(sub, **root))["properties"]["p"]


def test_the_example_of_section_14_7():
    schema = {
        "type": "object",
        "properties": {"required": {"type": "string"}, "optional": {"type": "string"}},
        "required": ["required"],
    }
    assert transform_schema_for_openai(schema) == {
        "type": "object",
        "properties": {"required": {"type": "string"}, "optional": {"type": ["string", "null"]}},
        "required": ["required", "optional"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("optional", "nullable"),
    [
        ({"type": "integer", "minimum": 0}, {"type": ["integer", "null"], "minimum": 0}),
        ({"type": ["string", "number"]}, {"type": ["string", "number", "null"]}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": "null"}, {"type": "null"}),
        ({"type": "string", "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"enum": ["a", 1]}, {"enum": ["a", 1, None]}),
        ({"enum": ["a", None]}, {"enum": ["a", None]}),
        ({"const": "a"}, {"anyOf": [{"const": "a"}, NULL]}),
        ({"const": None}, {"const": None}),
        ({"type": "string", "const": "a"}, {"anyOf": [{"type": "string", "const": "a"}, NULL]}),
        ({"anyOf": [{"type": "string"}]}, {"anyOf": [{"type": "string"}, NULL]}),
        ({"anyOf": [{"type": "string"}, NULL]}, {"anyOf": [{"type": "string"}, NULL]}),
        ({"anyOf": [{"type": ["string", "null"]}]}, {"anyOf": [{"type": ["string", "null"]}]}),
        ({"description": "anything"}, {"description": "anything"}),
        (True, {}),
        ({"type": "array", "items": {"type": "string"}}, {"type": ["array", "null"], "items": {"type": "string"}}),
        (
            {"type": "object", "properties": {"q": {"type": "string"}}},
            {
                "type": ["object", "null"],
                "properties": {"q": {"type": ["string", "null"]}},
                "required": ["q"],
                "additionalProperties": False,
            },
        ),
        (
            {"properties": {"q": {"type": "string"}}, "required": ["q"]},
            {
                "type": ["object", "null"],
                "properties": {"q": {"type": "string"}},
                "required": ["q"],
                "additionalProperties": False,
            },
        ),
    ],
)
def test_every_kind_of_optional_property_may_be_null(optional, nullable):
    assert property_of(optional) == nullable


def test_a_reference_is_made_nullable_around_itself():
    defs = {"n": {"type": "string"}}
    assert property_of({"$ref": "#/$defs/n"}, **{"$defs": defs}) == {"anyOf": [{"$ref": "#/$defs/n"}, NULL]}
    described = property_of({"$ref": "#/$defs/n", "description": "d", "default": "x"}, **{"$defs": defs})
    assert described == {"description": "d", "anyOf": [{"$ref": "#/$defs/n"}, NULL]}


def test_a_reference_to_what_may_be_null_stays():
    defs = {"n": {"type": ["string", "null"]}, "m": {"$ref": "#/$defs/n"}}
    assert property_of({"$ref": "#/$defs/m"}, **{"$defs": defs}) == {"$ref": "#/$defs/m"}


def test_a_required_property_stays_as_it_is():
    schema = one({"type": "array", "items": {"type": "string"}}, required=["p"])
    assert transform_schema_for_openai(schema)["properties"] == schema["properties"]


def closed(**properties):
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def test_every_object_is_closed_wherever_it_stands():
    inner = {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}
    ready = closed(q={"type": "string"})
    schema = {
        "type": "object",
        "properties": {
            "list": {"type": "array", "items": inner},
            "choice": {"anyOf": [inner, {"type": "string"}]},
            "tuple": {"type": "array", "prefixItems": [inner], "items": False},
            "empty": {"type": "object"},
        },
        "required": ["list", "choice", "tuple", "empty"],
        "$defs": {"d": inner},
        "definitions": {"e": inner},
    }
    assert transform_schema_for_openai(schema) == {
        **closed(
            list={"type": "array", "items": ready},
            choice={"anyOf": [ready, {"type": "string"}]},
            tuple={"type": "array", "prefixItems": [ready], "items": False},
            empty=closed(),
        ),
        "$defs": {"d": ready},
        "definitions": {"e": ready},
    }


def test_an_array_or_a_choice_at_the_root_is_transformed_inside():
    assert transform_schema_for_openai({"type": "array", "items": one({"type": "string"})}) == {
        "type": "array",
        "items": closed(p={"type": ["string", "null"]}),
    }
    assert transform_schema_for_openai({"anyOf": [{"type": "object"}]}) == {"anyOf": [closed()]}


def test_a_root_that_is_only_a_reference_becomes_what_it_refers_to():
    schema = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"type": "object"}}}
    assert transform_schema_for_openai(schema) == {**closed(), "$defs": {"a": {"$ref": "#/$defs/b"}, "b": closed()}}


def test_recursion_through_a_reference_is_legal():
    schema = one({"$ref": "#"}, required=["p"])
    assert transform_schema_for_openai(schema) == closed(p={"$ref": "#"})
    tree = one({"type": "array", "items": {"$ref": "#/$defs/n"}}, **{"$defs": {"n": one({"$ref": "#/$defs/n"})}})
    assert transform_schema_for_openai(tree)["$defs"]["n"] == closed(p={"anyOf": [{"$ref": "#/$defs/n"}, NULL]})


def test_what_is_referred_to_does_not_become_nullable_with_the_property_that_it_is():
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"$ref": "#/properties/a"}},
        "required": ["b"],
    }
    assert transform_schema_for_openai(schema) == {
        **closed(a={"anyOf": [{"$ref": "#/$defs/a"}, NULL]}, b={"$ref": "#/$defs/a"}),
        "$defs": {"a": {"type": "string"}},
    }


@pytest.mark.parametrize(
    ("ref", "more"),
    [
        ("#/components/schemas/X", {"components": {"schemas": {"X": one({"type": "string"})}}}),
        ("#/$defs/group/X", {"$defs": {"group": {"X": one({"type": "string"})}}}),
        ("#/properties/list/contains", {}),
        ("#here", {"$defs": {"other": {**one({"type": "string"}), "$anchor": "here"}}}),
        ("http://a.example/s#/$defs/X", {"$id": "http://a.example/s", "$defs": {"X": one({"type": "string"})}}),
        ("s#/$defs/X", {"$id": "http://a.example/s", "$defs": {"X": one({"type": "string"})}}),
    ],
)
def test_what_is_referred_to_is_transformed_wherever_it_stands_and_stays_within_reach(ref, more):
    listed = {"type": "array", "items": {}, "contains": one({"type": "string"})}
    schema = {"type": "object", "properties": {"p": {"$ref": ref}, "list": listed}, "required": ["p", "list"], **more}
    made = transform_schema_for_openai(schema)
    word, defs, name = made["properties"]["p"]["$ref"].split("/")
    assert (word, defs) == ("#", "$defs")
    assert made["$defs"][name] == closed(p={"type": ["string", "null"]})
    assert made.keys() <= {"type", "properties", "required", "additionalProperties", "$defs"}
    assert transform_schema_for_openai(made) == made


@pytest.mark.parametrize("open_", [True, {}, {"description": "whatever else"}])
def test_an_empty_schema_for_further_properties_means_true(open_):
    schema = one({"type": "string"}, required=["p"], additionalProperties=open_)
    assert transform_schema_for_openai(schema) == closed(p={"type": "string"})


def test_a_map_beside_another_type_is_noise():
    assert property_of({"type": "string", "additionalProperties": {"type": "string"}}) == {"type": ["string", "null"]}


def test_a_choice_that_doubles_with_every_reference_ends():
    defs = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(60)}
    defs["d60"] = {"type": "string"}
    assert property_of({"$ref": "#/$defs/d0"}, **{"$defs": defs}) == {"anyOf": [{"$ref": "#/$defs/d0"}, NULL]}


def test_an_older_draft_is_transformed_in_todays_words():
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {"p": {"type": "array", "items": [{"type": "string"}], "additionalItems": False}},
        "required": ["p"],
    }
    listed = {"type": "array", "prefixItems": [{"type": "string"}], "items": False}
    assert transform_schema_for_openai(schema) == closed(p=listed)


def test_names_of_properties_are_no_keywords():
    names = ("oneOf", "allOf", "properties", "type", "required", "$ref", "items", "additionalProperties", "default")
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": [*names]}
    assert transform_schema_for_openai(schema) == closed(**schema["properties"])


def test_what_strict_mode_refuses_and_only_narrows_is_left_out():
    schema = one(
        {"type": "array", "items": {"type": "string", "default": "x"}, "uniqueItems": True, "contains": {"const": "a"}},
        required=["p"],
        minProperties=1,
        unevaluatedProperties=False,
    )
    assert transform_schema_for_openai(schema) == closed(p={"type": "array", "items": {"type": "string"}})


def test_explicitly_open_objects_with_properties_are_closed():
    schema = one({"type": "string"}, required=["p"], additionalProperties=True)
    assert transform_schema_for_openai(schema) == closed(p={"type": "string"})


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        (one({"oneOf": [{"type": "string"}, {"type": "number"}]}), "$.properties.p: oneOf"),
        ({"oneOf": [{"type": "string"}]}, "$: oneOf"),
        (one({"allOf": [{"type": "string"}]}), "$.properties.p: allOf"),
        (one({"not": {"type": "string"}}), "$.properties.p: not"),
        (one({"if": {"type": "string"}, "then": True}), "$.properties.p: if"),
        (one({"type": "object", "additionalProperties": {"type": "string"}}), "$.properties.p: additionalProperties"),
        (one({"type": "object", "additionalProperties": True}), "$.properties.p: additionalProperties"),
        (one({"type": "object", "patternProperties": {"^x": {}}}), "$.properties.p: patternProperties"),
        (one({"type": "array", "items": {"oneOf": [{}]}}), "$.properties.p.items: oneOf"),
        (one({"anyOf": [{"type": "string"}, {"oneOf": [{}]}]}), "$.properties.p.anyOf[1]: oneOf"),
        (one({}, **{"$defs": {"a b": {"allOf": [{}]}}}), '$.$defs["a b"]: allOf'),
        (one({"type": "string"}, required=["q"]), "$: 'q' is required"),
        (one(False), "$.properties.p: the schema false"),
        (one({"$ref": "#/$defs/n", "minLength": 2}, **{"$defs": {"n": {}}}), "$.properties.p: minLength beside a $ref"),
        (one({"$ref": "#/$defs/none"}), "$.properties.p: $ref '#/$defs/none' points to nothing"),
        (one({"$ref": "https://example.com/s.json"}), "$.properties.p: $ref 'https://example.com/s.json' points out"),
        (one({"$ref": "#nowhere"}), "$.properties.p: $ref '#nowhere' names an anchor"),
        (
            one({"$ref": "#/$defs/a"}, **{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
            "$.properties.p: circular $ref, which never comes to an end: #/$defs/a → #/$defs/b → #/$defs/a",
        ),
        ({"$ref": "#"}, "$: circular $ref"),
        ({"anyOf": [{"$ref": "#"}, {"type": "string"}]}, "$: circular $ref"),
        (one({"additionalProperties": {"type": "string"}}), "$.properties.p: additionalProperties"),
        (one({"type": "object", "additionalProperties": {}}), "$.properties.p: additionalProperties"),
        (
            {**one({"$ref": "#/components/X"}), "components": {"X": {"items": {"oneOf": [{}]}}}},
            "$.components.X.items: oneOf",
        ),
        ({**one({"oneOf": [{}]}), "anyOf": [{"$ref": "#/properties/p"}]}, "$.properties.p: oneOf"),
    ],
)  # fmt: skip
def test_what_has_no_form_is_refused_with_its_path(schema, path):
    with pytest.raises(InputError) as caught:
        transform_schema_for_openai(schema)
    assert str(caught.value).startswith(path)


HOLDS_ITSELF = {"type": "object"}
HOLDS_ITSELF["properties"] = {"again": HOLDS_ITSELF}
DEEP = {"type": "string"}
for _ in range(5000):
    DEEP = {"type": "array", "items": DEEP}


@pytest.mark.parametrize(
    "schema",
    [
        *(True, None, [], "object", 5, {"type": "wrong"}, {"properties": []}, {"required": "a"}, {"$ref": 5}),
        *({"anyOf": []}, {"type": "array", "items": [{}]}, {"enum": {1}}, {"minimum": float("nan")}),
        *(HOLDS_ITSELF, DEEP, {"patternProperties": {r"\p{L}": {}}}),
    ],
)
def test_what_is_no_schema_is_refused(schema):
    with pytest.raises(InputError, match=r"^\$"):
        transform_schema_for_openai(schema)


def test_the_given_schema_is_left_as_it_is():
    schema = one(
        {"anyOf": [one({"type": "string"}), {"$ref": "#/$defs/n", "description": "d"}]},
        **{"$defs": {"n": {"type": "object", "default": {}}}},
    )
    before = copy.deepcopy(schema)
    made = transform_schema_for_openai(schema)
    made["properties"]["p"]["anyOf"].clear()
    assert schema == before
