"""What an implementation yields is copied as JSON, and what is not JSON is said."""

import dataclasses
import enum
import json
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.drivers.json_value import NOT_JSON, as_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@dataclasses.dataclass
class Chunk:
    type: str = "content"


class Kind(enum.StrEnum):
    CONTENT = "content"


class Level(enum.IntEnum):
    ONE = 1


@given(JSON)
def test_what_is_json_stays_what_it_is(value):
    copied, faults = as_json(value)
    assert copied == value
    assert faults == ()


def test_a_chunk_that_is_changed_afterwards_does_not_change_its_record():
    chunk = {"toolCall": {"function": {"arguments": "{}"}}, "tags": ["a"]}
    copied, _ = as_json(chunk)
    chunk["toolCall"]["function"]["arguments"] = "changed"
    chunk["tags"].append("b")
    assert copied == {"toolCall": {"function": {"arguments": "{}"}}, "tags": ["a"]}


@pytest.mark.parametrize(
    ("value", "copied", "faults"),
    [
        ({"a": (1, 2)}, {"a": {NOT_JSON: "tuple"}}, ("a is a Python tuple, which is not JSON",)),
        ({"a": {1}}, {"a": {NOT_JSON: "set"}}, ("a is a Python set, which is not JSON",)),
        ({"a": b"x"}, {"a": {NOT_JSON: "bytes"}}, ("a is a Python bytes, which is not JSON",)),
        ({"a": [Decimal(1)]}, {"a": [{NOT_JSON: "Decimal"}]}, ("a[0] is a Python Decimal, which is not JSON",)),
        ({"a": {"b": object()}}, {"a": {"b": {NOT_JSON: "object"}}}, ("a.b is a Python object, which is not JSON",)),
        (Chunk(), {NOT_JSON: "Chunk"}, ("the chunk is a Python Chunk, which is not JSON",)),
        ({1: "a"}, {f"{NOT_JSON} int": "a"}, ("the chunk has a key that is a Python int, not a string",)),
        ({"n": 10**5000}, {"n": {NOT_JSON: "int"}}, ("n is a number of over 4000 digits, beyond every reader",)),
        ({"a": math.inf}, {"a": math.inf}, ("a is inf, which is not a JSON number",)),
    ],
)
def test_what_is_not_json_is_replaced_and_told(value, copied, faults):
    assert as_json(value) == (copied, faults)


def test_a_number_that_is_none_is_told():
    copied, faults = as_json({"usage": {"promptTokens": math.nan}})
    assert math.isnan(copied["usage"]["promptTokens"])
    assert faults == ("usage.promptTokens is nan, which is not a JSON number",)


def test_subclasses_of_json_types_are_what_they_hold():
    copied, faults = as_json({Kind.CONTENT: Kind.CONTENT, "level": Level.ONE})
    assert json.dumps(copied) == '{"content": "content", "level": 1}'
    assert {type(copied["content"]), type(copied["level"])} == {str, int}
    assert faults == ()


def test_a_value_that_holds_itself_ends():
    circle = {"type": "content"}
    circle["both"] = [circle, circle]
    copied, faults = as_json(circle)
    assert copied == {"type": "content", "both": [{NOT_JSON: "circle"}, {NOT_JSON: "circle"}]}
    assert faults == ("both[0] holds itself", "both[1] holds itself")


def test_nesting_beyond_every_reader_ends():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    _, faults = as_json(deep)
    assert len(faults) == 1
    assert faults[0].endswith("is nested more than 200 deep")
