"""The fast predicate accepts nothing that the schema refuses."""

import json
from pathlib import Path

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.protocol.streamchunk import TYPES
from harness.rules.acceptance import acceptance

FOLDER = Path(__file__).parents[2] / "schemas" / "stream-chunk"
SCHEMAS = {kind: json.loads((FOLDER / f"{kind}.json").read_text(encoding="utf-8")) for kind in TYPES}
FAST = {kind: acceptance(schema) for kind, schema in SCHEMAS.items()}
SLOW = {kind: Draft202012Validator(schema) for kind, schema in SCHEMAS.items()}

SIMPLE = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.sampled_from(["", "assistant"])
)
JSON = st.recursive(SIMPLE, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2))


def legal(schema):
    """Values that a schema accepts."""
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "properties" in schema:
        parts = {key: legal(part) for key, part in schema["properties"].items()}
        needed = {key: parts[key] for key in schema["required"]}
        return st.fixed_dictionaries(needed, optional={key: part for key, part in parts.items() if key not in needed})
    match schema.get("type"):
        case "string":
            return st.text(max_size=3)
        case "integer" | "number":
            return st.integers(0, 9) | st.just(5.0)
        case _:
            return JSON


def places_of(value, here=()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*here, key)
            yield from places_of(item, (*here, key))


@st.composite
def chunks_near_the_law(draw, kind):
    """A legal chunk, or one that was changed in one place, or lacks what was there."""
    chunk = draw(legal(SCHEMAS[kind]))
    change = draw(st.sampled_from(["none", "replace", "remove"]))
    if change != "none":
        *path, last = draw(st.sampled_from(list(places_of(chunk))))
        holder = chunk
        for key in path:
            holder = holder[key]
        if change == "replace":
            holder[last] = draw(JSON)
        else:
            del holder[last]
    return chunk


@given(st.data(), st.sampled_from(TYPES))
def test_what_is_accepted_fast_is_accepted_by_the_schema(data, kind):
    chunk = data.draw(chunks_near_the_law(kind))
    event(f"accepted: {FAST[kind](chunk)}")
    if FAST[kind](chunk):
        assert SLOW[kind].is_valid(chunk)


@given(st.data(), st.sampled_from(TYPES))
def test_what_the_schema_accepts_is_accepted_fast_but_for_whole_floats(data, kind):
    chunk = data.draw(chunks_near_the_law(kind))
    if SLOW[kind].is_valid(chunk) and not FAST[kind](chunk):
        whole = [chunk.get("index"), chunk.get("$contentLength")]
        assert any(isinstance(value, float) and value.is_integer() for value in whole)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "array", "items": {"type": "string"}}, []),
        ({"minLength": 1}, "a"),
        ({"type": "object", "additionalProperties": False}, {}),
    ],
)
def test_a_keyword_that_it_does_not_know_makes_it_accept_nothing(schema, value):
    assert Draft202012Validator(schema).is_valid(value)
    assert not acceptance(schema)(value)


@pytest.mark.parametrize(
    ("schema", "value", "wanted"),
    [
        ({"const": True}, True, True),
        ({"const": True}, 1, False),
        ({"enum": [1, None]}, None, True),
        ({"enum": [1, None]}, True, False),
        ({"type": "number", "minimum": 0}, 0, True),
        ({"type": "number", "minimum": 0}, -1, False),
        ({"minimum": 0}, "a", False),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"b": 1}, True),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"c": 1}, False),
        ({"properties": {"a": {"const": "x"}}}, {}, True),
        ({"properties": {"a": {"const": "x"}}, "required": ["a"]}, {}, False),
        ({"properties": {"a": {"type": "string"}}, "required": ["a", "b"]}, {"a": ""}, False),
        ({"properties": {"a": {"type": "string"}}, "required": ["a", "b"]}, {"a": "", "b": 1}, True),
    ],
)
def test_it_knows_the_keywords_that_the_schemas_use(schema, value, wanted):
    assert acceptance(schema)(value) is wanted
