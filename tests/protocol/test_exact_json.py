"""Values are compared with exact numbers, and a text that is not JSON is never an accident."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.exact_json import faithful, holds_object, parsed, plain, same, same_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ('{"a":1,"b":2}', ' { "b" : 2, "a" : 1 } '),
        ('{"a":1.0}', '{"a":1}'),
        ('{"a":1e2}', '{"a":100}'),
        ('"\\u00e9"', '"é"'),
        ("not json", "not json"),
    ],
)
def test_texts_of_the_same_value_are_the_same(left, right):
    assert same_text(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ('{"n":12345678901234567890}', '{"n":12345678901234567000}'),
        ('{"n":0.1}', '{"n":0.10000000000000001}'),
        ('{"a":1}', '{"a":true}'),
        ('{"a":null}', "{}"),
        ("[1,2]", "[2,1]"),
        ("[1]", "[1,1]"),
        ("{", "{}"),
    ],
)
def test_a_changed_value_is_a_change(left, right):
    assert not same_text(left, right)


@pytest.mark.parametrize("text", ["", "NaN", '{"a":NaN}', '{"a":Infinity}', "{", "[" * 100_000, "{}{}", '"\\x"'])
def test_what_is_not_json_is_a_value_error(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the messages are the JSON library's
        parsed(text)
    assert not holds_object(text)


def test_a_number_of_five_thousand_digits_is_a_number():
    assert holds_object('{"n":' + "7" * 5_000 + "}")


@given(JSON)
def test_a_value_is_the_same_as_itself_however_it_is_written(value):
    assert same_text(json.dumps(value), json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False))
    assert same(value, json.loads(json.dumps(value)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"n":12345678901234567890}', {"n": 12345678901234567890}),
        ("0.1", 0.1),
        ("1.0", 1.0),
        ("-0.0", -0.0),
        ("1e3", 1000.0),
        ("5e-324", 5e-324),
    ],
)
@pytest.mark.parametrize("reading", [plain, faithful])
def test_pythons_own_numbers_stand_for_what_they_can_hold(reading, text, value):
    found = reading(text)
    assert repr(found) == repr(value)


@pytest.mark.parametrize("digits", ["0.12345678901234567890123", "1e400", "1e-400", "-1.7976931348623159e308"])
def test_what_no_double_can_hold_is_a_decimal_to_whoever_is_faithful(digits):
    assert faithful(f"[{digits}]") == [Decimal(digits)]


def test_a_plain_number_is_the_nearest_double_and_none_beyond():
    assert plain("0.12345678901234567890123") == 0.12345678901234568
    with pytest.raises(ValueError, match="beyond every range"):
        plain("1e400")


@pytest.mark.parametrize("reading", [plain, faithful])
@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "", "{", "[" * 100_000, "1" * 5000, "\ufeff{}"])
def test_what_is_no_json_is_a_value_error_in_every_reading(reading, text):
    with pytest.raises(ValueError, match=r"."):
        reading(text)
