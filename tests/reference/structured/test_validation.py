import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.errors import InputError
from harness.reference.structured.fitting import Fitting
from harness.reference.structured.given_schema import normal_schema
from harness.reference.structured.references import References
from harness.reference.structured.validation import Checker
from harness.reference.structured.work import TooMuchWork, Work


def fault(data, schema, steps=100_000):
    return Checker(schema).fault_of(data, Work(steps))


def fits(data, schema):
    checker = Checker(schema)
    return checker.fits(data, checker.schema, Work())


@pytest.mark.parametrize(
    ("data", "schema", "said"),
    [
        ({"a": 1}, {"properties": {"a": {"type": "string"}}}, "$.a: 1 is not of type 'string'"),
        ({"a": [{}]}, {"properties": {"a": {"items": {"required": ["b"]}}}}, "$.a[0]: 'b' is a required property"),
        ([1, 1.0], {"uniqueItems": True}, "$: it has equal items"),
        ([{"a": [1]}, {"a": [1.0]}], {"uniqueItems": True}, "$: it has equal items"),
        ("x" * 500, {"maxLength": 3}, "$: does not fit 'maxLength'"),
        ({"a b": 1}, {"properties": {"a b": {"const": 2}}}, '$["a b"]: 2 was expected'),
        ([1, True, "1", [1], {"1": 1}, False, 0, None], {"uniqueItems": True}, None),
        ("not a date", {"format": "date"}, None),
        ("anything", {"pattern": r"\p{L}+"}, None),  # JavaScript reads it, Python does not
        ("anything", {"pattern": "^b"}, "$: 'anything' does not match '^b'"),
        ({"a": 1, "b": 2}, {"properties": {"a": {}}, "additionalProperties": False}, "$.b: is not allowed here"),
        ({"x1": 1}, {"patternProperties": {"^x": {"type": "string"}}}, "$.x1: 1 is not of type 'string'"),
        ([1, "a"], {"prefixItems": [{"type": "integer"}, {"type": "null"}]}, "$[1]: 'a' is not of type 'null'"),
        ([1, 2], {"prefixItems": [{}], "items": False}, "$[1]: is not allowed here"),
        ({"a": 1}, {"dependentSchemas": {"a": {"required": ["b"]}}}, "$: 'b' is a required property"),
        (5, {"if": {"type": "integer"}, "then": {"minimum": 6}}, "$: 5 is less than the minimum of 6"),
        (5, {"if": {"type": "string"}, "else": False}, "$: is not allowed here"),
        ([1], {"contains": {"type": "string"}}, "$: it holds too few, or too many, of what contains asks for"),
        ({"ab": 1}, {"propertyNames": {"maxLength": 1}}, "$: it has a property with a name that propertyNames refuses"),
        ({"a": 1}, {"unevaluatedProperties": False}, "$: it has a property that unevaluatedProperties refuses"),
        (
            {"a": [1]},
            {"properties": {"a": {"anyOf": [{"type": "string"}]}}},
            "$.a: it fits none of the schemas in anyOf",
        ),
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
    ("data", "schema", "answer"),
    [
        (nested(60, "x"), AMBIGUOUS, True),  # two ways at each of sixty places
        (nested(60, 1), AMBIGUOUS, False),
        ([[i] for i in range(5000)], {"uniqueItems": True, "items": {"uniqueItems": True}}, True),
        (list(range(5000)), {"unevaluatedItems": False}, False),
        (["x"] * 20_000, {"items": {"type": "string", "not": {"type": "integer"}}}, True),
        ([n * (2**61 - 1) for n in range(5000)], {"uniqueItems": True, "not": {"enum": [1, {}]}}, True),
        (1, {"enum": [n * (2**61 - 1) for n in range(5000)]}, False),
        (nested(190, "x"), {"$ref": "#/$defs/n", "$defs": {"n": {"properties": {"c": {"$ref": "#/$defs/n"}}}}}, True),
    ],
)
def test_what_jsonschema_would_need_too_long_for_is_judged_in_linear_time(data, schema, answer):
    assert fits(data, schema) == answer
    assert (fault(data, schema) is None) == answer


@pytest.mark.parametrize(
    ("data", "schema"),
    [
        (["x"] * 20_000, {"items": {"anyOf": [*[{"type": "integer"}] * 200, {}]}}),
        ({f"k{n}": 1 for n in range(20_000)}, {"patternProperties": {f"^z{n}$": {} for n in range(100)}}),
        (nested(5_000, 1), {"properties": {"c": {"$ref": "#"}}}),
    ],
)
def test_what_would_cost_too_much_is_given_up(data, schema):
    with pytest.raises(TooMuchWork):
        fault(data, schema)


@pytest.mark.parametrize(
    ("number", "of", "multiple"),
    [
        (0.3, 0.1, True),
        (1.1, 0.1, True),
        (0.35, 0.1, False),
        (10**400, 0.5, True),
        (10**400 + 1, 2, False),
        (1e308, 1e-10, True),
        (7, 0.01, True),
        (4.5, 1.5, True),
        (True, 2, True),  # no number
    ],
)
def test_multiples_are_exact_as_they_are_written(number, of, multiple):
    assert (fault(number, {"multipleOf": of}) is None) == multiple


def test_a_fault_is_told_shortly_however_large_the_answer_is():
    assert len(fault({"k" * 100_000: {"a": 1}}, {"additionalProperties": {"required": ["b"]}})) < 200
    assert len(fault({"a": "x" * 100_000}, {"properties": {"a": {"type": "integer"}}})) < 200


def test_many_distinct_objects_are_compared_in_linear_work():
    assert fault([{"n": n} for n in range(100_000)], {"uniqueItems": True}, steps=3_000_000) is None


CHAIN = {"type": "object", "properties": {"v": {"type": "integer"}, "n": {"$ref": "#"}}, "required": ["v"]}


def test_a_deep_answer_at_any_depth_of_the_stack_is_judged_or_given_up():
    """The extension below jsonschema panics where the stack ends in it, with what is no Exception."""

    def down(frames, call):
        return call() if frames == 0 else down(frames - 1, call)

    data = {"v": "x"}
    for _ in range(190):
        data = {"v": 1, "n": data}
    outcomes = set()
    for frames in range(0, 900, 7):
        try:
            outcomes.add(down(frames, lambda: fault(data, CHAIN)) is None)
        except (TooMuchWork, RecursionError) as error:
            outcomes.add(type(error))
    assert outcomes <= {False, TooMuchWork, RecursionError}
    assert False in outcomes


def test_a_reference_that_leads_out_by_another_name_is_never_fetched():
    with pytest.raises(InputError, match="nothing is fetched"):
        Checker({"$id": "http://127.0.0.1:1/a", "$ref": "http://127.0.0.1:1/b"})


def test_every_keyword_of_the_draft_is_judged():
    judged = {
        "type": ("string", 1), "enum": (["a"], 1), "const": (2, 1), "pattern": ("a", "b"), "minimum": (2, 1),
        "maximum": (0, 1), "exclusiveMinimum": (1, 1), "exclusiveMaximum": (1, 1), "minLength": (2, "b"),
        "maxLength": (0, "b"), "minItems": (1, []), "maxItems": (0, [1]), "minProperties": (1, {}),
        "maxProperties": (0, {"a": 1}), "items": (False, [1]), "anyOf": ([False], 1), "allOf": ([False], 1),
        "$ref": ("#/$defs/none", 1), "properties": ({"a": False}, {"a": 1}), "required": (["a"], {}),
        "additionalProperties": (False, {"a": 1}), "oneOf": ([True, True], 1), "not": (True, 1), "if": (True, 1),
        "prefixItems": ([False], [1]), "contains": (False, [1]), "uniqueItems": (True, [1, 1]), "multipleOf": (2, 1),
        "patternProperties": ({"^a": False}, {"a": 1}), "propertyNames": (False, {"a": 1}),
        "dependentRequired": ({"a": ["b"]}, {"a": 1}), "dependentSchemas": ({"a": False}, {"a": 1}),
        "unevaluatedItems": (False, [1]), "unevaluatedProperties": (False, {"a": 1}), "$dynamicRef": ("#none", 1),
    }  # fmt: skip
    defs = {"none": {"not": {}, "$dynamicAnchor": "none"}}
    assert Draft202012Validator.VALIDATORS.keys() - {"format"} == judged.keys()
    for keyword, (value, unfit) in judged.items():
        schema = {keyword: value, "$defs": defs, **({"then": False} if keyword == "if" else {})}
        assert fault(unfit, schema) is not None, keyword


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
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "contains": inner,
            "minContains": st.integers(0, 2),
            "maxContains": st.integers(0, 2),
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b|c"]), inner, max_size=2),
            "propertyNames": inner,
            "dependentRequired": st.dictionaries(st.sampled_from("abc"), st.just(["a"]), max_size=2),
            "dependentSchemas": st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
            "unevaluatedProperties": inner,
            "unevaluatedItems": inner,
            "multipleOf": st.sampled_from([2, 0.5]),
            "uniqueItems": st.booleans(),
            "description": st.just("anything"),
            "x-unknown": st.just(1),
        },
    )


SCHEMAS = st.recursive(
    st.booleans() | st.builds(lambda ref: {"$ref": ref}, st.just("#/$defs/n")), schemas, max_leaves=6
)


@given(SCHEMAS.filter(lambda schema: isinstance(schema, dict)), SCHEMAS, st.lists(VALUES, min_size=1, max_size=5))
def test_our_look_and_our_check_say_what_jsonschema_says(schema, definition, values):
    whole = {**schema, "$defs": {"n": definition if isinstance(definition, bool) else {"type": "array"} | definition}}
    try:
        checker = Checker(whole)
    except InputError:  # the definition refers to itself and to nothing else
        return
    for value in values:
        answer = Draft202012Validator(whole).is_valid(value)
        assert fits(value, whole) == answer
        assert (checker.fault_of(value, Work()) is None) == answer


@given(SCHEMAS.filter(lambda schema: isinstance(schema, dict)), VALUES)
def test_with_optional_nulls_everything_fits_that_fits_without(schema, value):
    try:
        root = normal_schema({**schema, "$defs": {"n": {"type": "string"}}}).schema
    except InputError:
        return
    strict, lenient = (Fitting(References(root), optional_nulls=nulls).test_of(root) for nulls in (False, True))
    negative = any(word in str(schema) for word in ("not", "oneOf", "if", "contains", "unevaluated"))
    assert negative or not strict(value, Work()) or lenient(value, Work())
