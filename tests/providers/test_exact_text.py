import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.providers.exact_text import json_text, parsed_json


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1.0,"b":1e400,"c":-0.0,"d":12345678901234567890,"e":0.1000,"f":1E+2}',
        '{"deep":[[],{},[{"x":null}],true,false]}',
        '"é\u2028😀"',
        '"\\"\\\\\\n\\u0000"',
        "[]",
        '{"":{"":""}}',
    ],
)
def test_compact_json_comes_back_letter_by_letter(text):
    assert json_text(parsed_json(text)) == text


def test_white_space_goes_and_members_keep_their_order():
    assert json_text(parsed_json('{ "b" : [ 1 , 2 ] , "a" : { } }')) == '{"b":[1,2],"a":{}}'


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "", "{", "[1,]", "1" * 5000, "[" * 100_000])
def test_what_is_not_json_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"."):
        parsed_json(text)


def test_whatever_nesting_can_be_read_can_be_written():
    text = "[" * 900 + "]" * 900
    assert json_text(parsed_json(text)) == text


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_a_written_value_reads_as_itself(value):
    assert json.loads(json_text(value)) == value
    assert parsed_json(json_text(value)) == value
