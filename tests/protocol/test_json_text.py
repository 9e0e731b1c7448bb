"""A JSON text is read with the faults that a parser swallows."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.json_text import MAX_DEPTH, NotJson, decoded, decoded_bytes, decoded_parts, encodable, line

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_what_is_written_as_a_line_is_read_back_without_a_fault(value):
    assert decoded(line(value)) == (value, ())


@given(st.text(alphabet=' \n{}[]",:truefalsn0123456789.eE-\\u'))
def test_a_text_is_refused_exactly_where_a_json_parser_refuses_it(text):
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(NotJson):
            decoded(text)
    else:
        assert decoded(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "value", "faults"),
    [
        ('{"a":1,"a":2}', {"a": 2}, ('the key "a" stands twice in one object',)),
        (
            '{"a":{"b":1,"b":2},"c":{"b":3}}',
            {"a": {"b": 2}, "c": {"b": 3}},
            ('the key "b" stands twice in one object',),
        ),
        ('{"a":Infinity}', {"a": float("inf")}, ("Infinity is not a JSON number",)),
        ('{"a":-Infinity}', {"a": float("-inf")}, ("-Infinity is not a JSON number",)),
        (' {"a": 1}\r\n', {"a": 1}, ()),
        ('"\\ud83d"', "\ud83d", ()),
    ],
)
def test_a_fault_is_named_and_the_value_is_what_a_forgiving_parser_reads(text, value, faults):
    assert decoded(text) == (value, faults)


def test_nan_is_named():
    value, faults = decoded('{"a":NaN}')
    assert value["a"] != value["a"]
    assert faults == ("NaN is not a JSON number",)


def test_a_number_of_five_thousand_digits_is_a_fault_and_no_failure():
    value, faults = decoded("[-" + "9" * 5000 + "]")
    assert value == [float("-inf")]
    assert faults == ("a number of 5000 digits is beyond every reader",)


def outcome(read, text):
    """What a reader makes of a text, with the kinds of its numbers, which `==` does not tell apart."""
    try:
        return repr(read(text))
    except NotJson as error:
        return str(error)


@given(JSON, st.sampled_from([(",", ":"), (", ", ": ")]), st.booleans())
def test_bytes_are_read_as_their_text_is(value, separators, is_ascii):
    text = json.dumps(value, separators=separators, ensure_ascii=is_ascii)
    if encodable(text):
        assert outcome(lambda one: decoded_bytes(one.encode()), text) == outcome(decoded, text)


@given(st.text(alphabet=' \n{}[]",:truefalsn0123456789.eE-\\ub'))
def test_bytes_that_may_be_no_json_are_read_as_their_text_is(text):
    assert outcome(lambda one: decoded_bytes(one.encode()), text) == outcome(decoded, text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}', '[{"a":{"b":1,"b":1}}]', '{"a":NaN}', "[-Infinity]", "[1e400]", "-0", "1.0", "1e5", "0.1",
        "1E21", "123456789012345678901234567890", "9" * 4300, "9" * 4301, "-" + "9" * 5000, '"\\ud83d"',
        '"\\ud83d\\ude00"',
        '"\\u00e9"', '"é😀"', "[" * 200 + "]" * 200, "[" * 201 + "]" * 201, '{"":{}}', " {}", "{}\r", "", "{", "1 2",
    ],
)  # fmt: skip
def test_bytes_of_every_kind_are_read_as_their_text_is(text):
    assert outcome(lambda one: decoded_bytes(one.encode()), text) == outcome(decoded, text)


def test_bytes_that_are_no_utf_8_are_refused_as_such():
    with pytest.raises(UnicodeDecodeError):
        decoded_bytes(b'"\xff"')


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 500, 100_000])
def test_a_text_nested_too_deep_is_refused(depth):
    with pytest.raises(NotJson, match="nested more than 200 deep"):
        decoded("[" * depth + "]" * depth)


def test_a_text_nested_as_deep_as_may_be_is_read():
    value, faults = decoded("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert faults == ()
    assert value != []


def test_brackets_inside_of_texts_do_not_count_as_depth():
    assert decoded(json.dumps("[" * 1000)) == ("[" * 1000, ())


@pytest.mark.parametrize(("text", "at_end"), [("{", True), ('{"a":', True), ('{"a" 1}', False), ("[1,]", False)])
def test_a_text_that_only_ends_too_early_is_told_from_a_wrong_one(text, at_end):
    with pytest.raises(NotJson) as raised:
        decoded(text)
    assert raised.value.at_end is at_end


def test_the_place_of_a_mistake_is_named():
    with pytest.raises(NotJson, match=r"\(line 2 column 1\)"):
        decoded('{"a":\n]')


def test_a_fault_belongs_to_the_part_that_holds_it():
    value, faults_of = decoded_parts('{"chunks":[{"n":1},{"n":{"x":NaN}},{"n":2,"n":3}]}')
    assert [faults_of(chunk) for chunk in value["chunks"]] == [
        (),
        ("NaN is not a JSON number",),
        ('the key "n" stands twice in one object',),
    ]


def test_a_fault_in_a_part_that_a_second_key_replaced_belongs_to_nobody_else():
    value, faults_of = decoded_parts('[{"a":{"x":1,"x":2},"a":{"y":3}},{"z":{"q":4}}]')
    assert faults_of(value[1]) == ()
    assert faults_of(value[0]) == ('the key "a" stands twice in one object',)


def test_a_line_keeps_its_letters_and_escapes_only_what_utf_8_cannot_say():
    assert line({"a": "é😀"}) == '{"a":"é😀"}'
    assert line({"a": "é\ud83d"}) == '{"a":"\\u00e9\\ud83d"}'
    assert encodable("😀")
    assert not encodable("\ud83d")


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_json_is_never_written(number):
    with pytest.raises(ValueError, match="not JSON compliant"):
        line([number])
