import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.errors import InputError
from harness.reference.structured import accepting as quick
from harness.reference.structured.validation import Checker, TooMuchWork, Work


def fault(data, schema, steps=10_000):
    return Checker(schema).fault_of(data, Work(steps))


@pytest.mark.parametrize(
    ("data", "schema", "said"),
    [
        ({"a": 1}, {"properties": {"a": {"type": "string"}}}, "$.a: 1 is not of type 'string'"),
        ({"a": [{}]}, {"properties": {"a": {"items": {"required": ["b"]}}}}, "$.a[0]: 'b' is a required property"),
        ([1, 1.0], {"uniqueItems": True}, "$: has non-unique elements"),
        ([{"a": [1]}, {"a": [1.0]}], {"uniqueItems": True}, "$: has non-unique elements"),
        ("x" * 500, {"maxLength": 3}, "$: does not fit 'maxLength'"),
        ({"a b": 1}, {"properties": {"a b": {"const": 2}}}, '$["a b"]: 2 was expected'),
        ([1, True, "1", [1], {"1": 1}, False, 0, None], {"uniqueItems": True}, None),
        ("not a date", {"format": "date"}, None),
        ("anything", {"pattern": r"\p{L}+"}, None),  # JavaScript reads it, Python does not
        ("anything", {"pattern": "^b"}, "$: 'anything' does not match '^b'"),
    ],
)
def test_the_first_fault_is_told_with_its_place(data, schema, said):
    assert fault(data, schema) == said


AMBIGUOUS = {
    "anyOf": [
        {"type": "object", "properties": {"c": {"$ref": "#"}, "d": {"not": {}}}, "required": ["never"]},
        {"type": "object", "properties": {"c": {"$ref": "#"}, "d": {"not": {}}}},
        {"type": "string"},
    ]
}


def nested(depth, core):
    for _ in range(depth):
        core = {"c": core}
    return core


@pytest.mark.parametrize(
    ("data", "schema"),
    [
        (nested(60, 1), AMBIGUOUS),  # two ways at each of sixty places
        (list(range(5000)), {"unevaluatedItems": False}),  # quadratic in jsonschema
        (nested(50, "x" * 1_000_000), {"$ref": "#/$defs/n", "$defs": {"n": {"properties": {"c": {"$ref": "#/$defs/n"}},
                                                                          "oneOf": [{"type": "object"}]}}}),
        (["x"] * 20_000, {"items": {"type": "string", "not": {"type": "integer"}}}),
        (nested(190, 1), {"not": {"not": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"properties": {"c": {"$ref": "#"}}}}}),
        (10**400, {"multipleOf": 0.5}),
        ({}, {"anyOf": [{"$ref": "#"}]}),
    ],
)  # fmt: skip
def test_what_would_cost_too_much_is_given_up(data, schema):
    with pytest.raises(TooMuchWork):
        fault(data, schema)


def test_another_drafts_name_does_not_bring_a_validator_that_counts_nothing():
    with pytest.raises(TooMuchWork):
        fault(nested(6, 1), {"$schema": "http://json-schema.org/draft-07/schema#", **AMBIGUOUS}, steps=50)


def test_many_distinct_objects_are_compared_in_linear_work():
    assert fault([{"n": n} for n in range(100_000)], {"uniqueItems": True}) is None


def test_a_large_answer_that_fits_costs_no_steps():
    item = {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    work = Work(5)
    assert Checker({"type": "array", "items": item}).fault_of([{"a": 1}] * 50_000, work) is None
    assert work.left == 5


def test_a_reference_that_leads_out_by_another_name_is_never_fetched():
    with pytest.raises(InputError, match="nothing is fetched"):
        Checker({"$id": "http://127.0.0.1:1/a", "$ref": "http://127.0.0.1:1/b"})
    inside = {"$id": "http://127.0.0.1:1/a", "$ref": "#/$defs/n"}
    with pytest.raises(InputError, match="cannot be resolved"):
        fault({"a": 1}, {"properties": {"a": inside}, "$defs": {"n": {}}})


def test_the_quick_look_knows_every_keyword_or_leaves_it_to_jsonschema():
    judged = {
        "type": ("string", 1), "enum": (["a"], 1), "const": (2, 1), "pattern": ("a", "b"), "minimum": (2, 1),
        "maximum": (0, 1), "exclusiveMinimum": (1, 1), "exclusiveMaximum": (1, 1), "minLength": (2, "b"),
        "maxLength": (0, "b"), "minItems": (1, []), "maxItems": (0, [1]), "minProperties": (1, {}),
        "maxProperties": (0, {"a": 1}), "items": (False, [1]), "anyOf": ([False], 1), "allOf": ([False], 1),
        "$ref": ("#/$defs/none", 1), "properties": ({"a": False}, {"a": 1}), "required": (["a"], {}),
        "additionalProperties": (False, {"a": 1}),
    }  # fmt: skip
    for keyword in Draft202012Validator.VALIDATORS.keys() - {"format"}:
        value, unfit = judged.get(keyword, (1, 1))
        look = quick.accepting({keyword: value, "$defs": {"none": False}})
        assert (look is None) == (keyword not in judged), keyword
        assert look is None or not look(unfit, quick.Run()), keyword


SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, 1.0, 1.5, -2.5]) | st.text("ab", max_size=3)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])


def schemas(inner):
    maps = st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
            "enum": st.lists(SCALARS, min_size=1, max_size=3),
            "const": SCALARS,
            "minimum": st.integers(-3, 3),
            "exclusiveMaximum": st.sampled_from([0, 1.5]),
            "minLength": st.integers(0, 2),
            "maxItems": st.integers(0, 2),
            "minProperties": st.integers(0, 2),
            "pattern": st.sampled_from(["^a", "b$"]),
            "properties": maps,
            "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
            "additionalProperties": inner,
            "items": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "uniqueItems": st.booleans(),
            "description": st.just("anything"),
            "x-unknown": st.just(1),
        },
    )


SCHEMAS = st.recursive(
    st.booleans() | st.builds(lambda ref: {"$ref": ref}, st.just("#/$defs/n")), schemas, max_leaves=6
)


@given(SCHEMAS.filter(lambda schema: isinstance(schema, dict)), SCHEMAS, st.lists(VALUES, min_size=1, max_size=5))
def test_the_quick_look_and_ours_say_what_jsonschema_says(schema, definition, values):
    whole = {**schema, "$defs": {"n": definition if isinstance(definition, bool) else {"type": "array"} | definition}}
    try:
        checker = Checker(whole)
    except InputError:  # the definition refers to itself and to nothing else
        return
    look = quick.accepting(whole)
    for value in values:
        try:
            fits = Draft202012Validator(whole).is_valid(value)
            assert (checker.fault_of(value, Work()) is None) == fits
        except (RecursionError, TooMuchWork):  # a choice that leads to itself
            continue
        if look is not None:
            assert look(value, quick.Run()) == fits
