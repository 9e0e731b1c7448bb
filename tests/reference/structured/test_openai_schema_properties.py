"""OpenAI's documented rules for strict schemas, read by a checker of the test's own, on schemas that nobody wrote."""

import copy

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.errors import InputError
from harness.reference.structured.nulls import without_optional_nulls
from harness.reference.structured.openai_schema import transform_schema_for_openai

NAMES = st.sampled_from(["a", "b", "type", "oneOf"])
SCALAR = st.sampled_from(["string", "number", "integer", "boolean"])


def an_object(properties, required, more):
    return {"type": "object", "properties": properties, "required": [n for n in required if n in properties], **more}


def composed(inner):
    return st.one_of(
        st.builds(
            an_object,
            st.dictionaries(NAMES, inner, max_size=3),
            st.lists(NAMES, unique=True),
            st.sampled_from([{}, {"additionalProperties": False}]),
        ),
        st.builds(lambda sub: {"type": "array", "items": sub}, inner),
        st.builds(lambda subs: {"anyOf": subs}, st.lists(inner, min_size=1, max_size=3)),
    )


LEAVES = st.one_of(
    st.builds(lambda kind: {"type": kind}, SCALAR),
    st.builds(lambda kind: {"type": [kind, "null"]}, SCALAR),
    st.just({"type": ["string", "integer"]}),
    st.just({"type": "string", "enum": ["x", "y"]}),
    st.just({"enum": ["x", 1, None]}),
    st.just({"const": "x"}),
    st.just({"$ref": "#/$defs/leaf"}),
    st.just({"$ref": "#/$defs/node", "description": "again"}),
)
ROOTS = st.builds(
    lambda root, node: {**root, "$defs": {"leaf": {"type": "string"}, "node": node}},
    st.recursive(LEAVES, composed, max_leaves=8).filter(lambda schema: schema.get("type") == "object"),
    st.recursive(LEAVES, composed, max_leaves=4).filter(lambda schema: "$ref" not in schema),
)
MAYBE_REFUSED = st.recursive(
    LEAVES | st.sampled_from([{"oneOf": [{}]}, {"allOf": [{}]}, {"type": "object", "additionalProperties": {}}]),
    composed,
    max_leaves=6,
)


def breaches(schema, path="$"):
    """Every place that breaks a rule: objects are closed, all their properties required, and nothing has `oneOf`."""
    if "$ref" in schema:
        if set(schema) != {"$ref"}:
            yield f"{path}: words beside $ref"
        return
    types = schema.get("type", [])
    if "object" in (types if isinstance(types, list) else [types]):
        if schema.get("additionalProperties") is not False:
            yield f"{path}: open"
        if schema.get("required") != list(schema.get("properties", {})):
            yield f"{path}: not all required"
    for word in ("oneOf", "allOf", "not", "if", "patternProperties", "default"):
        if word in schema:
            yield f"{path}: {word}"
    for holder in ("properties", "$defs"):
        for name, sub in schema.get(holder, {}).items():
            yield from breaches(sub, f"{path}.{holder}.{name}")
    for index, sub in enumerate(schema.get("anyOf", [])):
        yield from breaches(sub, f"{path}.anyOf[{index}]")
    if "items" in schema:
        yield from breaches(schema["items"], f"{path}.items")


@given(ROOTS)
def test_every_strict_form_keeps_openais_rules_and_is_its_own(schema):
    try:
        made = transform_schema_for_openai(schema)
    except InputError as error:
        assert "circular" in str(error)  # noqa: PT017 - a choice that leads to itself, and nothing else
        return
    assert [*breaches(made)] == []
    assert transform_schema_for_openai(made) == made


@given(MAYBE_REFUSED)
def test_a_schema_is_transformed_whole_or_refused_and_never_touched(schema):
    schema = {"type": "array", "items": schema, "$defs": {"leaf": {"type": "string"}, "node": {"type": "object"}}}
    before = copy.deepcopy(schema)
    refusable = any(word in str(schema) for word in ("'oneOf': [", "'allOf': [", "'additionalProperties': {}"))
    try:
        made = transform_schema_for_openai(schema)
    except InputError:
        assert refusable
    else:
        assert not refusable
        assert [*breaches(made)] == []
    assert schema == before


def answers(schema, defs, depth=0):
    """A strategy for answers that fit a schema of this file."""
    if "$ref" in schema:
        return st.deferred(lambda: answers(defs[schema["$ref"].rpartition("/")[2]], defs, depth + 1))
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema:
        return st.one_of([answers(sub, defs, depth) for sub in schema["anyOf"]])
    if schema["type"] == "array":
        return st.lists(answers(schema["items"], defs, depth), max_size=0 if depth > 2 else 2)
    if schema["type"] == "object":
        needed = {name: sub for name, sub in schema["properties"].items() if name in schema["required"]}
        optional = {} if depth > 2 else {n: sub for n, sub in schema["properties"].items() if n not in needed}
        return st.fixed_dictionaries(
            {name: answers(sub, defs, depth) for name, sub in needed.items()},
            optional={name: answers(sub, defs, depth) for name, sub in optional.items()},
        )
    kinds = {"string": st.text(max_size=2), "number": st.floats(0, 9), "integer": st.integers(0, 9)}
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of([{**kinds, "boolean": st.booleans(), "null": st.none()}[kind] for kind in types])


def with_nulls(data, schema, defs):
    """What a model in strict mode would answer: null for each property that is not there."""
    if "$ref" in schema:
        return with_nulls(data, defs[schema["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in schema:
        fitting = [sub for sub in schema["anyOf"] if Draft202012Validator({**sub, "$defs": defs}).is_valid(data)]
        return with_nulls(data, fitting[0], defs)
    if isinstance(data, list):
        return [with_nulls(item, schema["items"], defs) for item in data]
    if not isinstance(data, dict):
        return data
    return {
        name: with_nulls(data[name], sub, defs) if name in data else None for name, sub in schema["properties"].items()
    }


def closed_everywhere(schema):
    """The same schema, in which no answer has properties of its own invention."""
    if isinstance(schema, list):
        return [closed_everywhere(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed_everywhere(value) for key, value in schema.items()}
    return {**made, "additionalProperties": False} if made.get("type") == "object" else made


@given(st.data(), ROOTS.map(closed_everywhere).filter(lambda schema: "node" not in str(schema["$defs"]["node"])))
def test_an_answer_survives_the_strict_form_and_the_way_back(data, schema):
    defs = schema["$defs"]
    answer = data.draw(answers(schema, defs))
    strict = with_nulls(answer, schema, defs)
    assert Draft202012Validator(transform_schema_for_openai(schema)).is_valid(strict)
    back = without_optional_nulls(strict, schema)
    assert Draft202012Validator(schema).is_valid(back)
    assert with_nulls(back, schema, defs) == strict


@given(st.data(), ROOTS.filter(lambda schema: "node" not in str(schema["$defs"]["node"])))
def test_an_answer_that_fits_keeps_all_its_nulls(data, schema):
    answer = data.draw(answers(schema, schema["$defs"]))
    assert without_optional_nulls(answer, schema) == answer
