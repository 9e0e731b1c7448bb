import math

import pytest

from harness.reference.arguments import MalformedArguments, ParsedArguments, choose_arguments, parse_tool_arguments


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("", "{}"),
        (" \n", "{}"),
        (None, "{}"),
        ('{"city":"Paris"}', '{"city":"Paris"}'),
        (' {"a" : 1.0}\n', ' {"a" : 1.0}\n'),
        ('{"n":12345678901234567890}', '{"n":12345678901234567890}'),
        ('{"a":1,"a":2}', '{"a":1,"a":2}'),
        ({"city": "Köln", "n": [1, None]}, '{"city":"Köln","n":[1,null]}'),
        ({}, "{}"),
        ({"half": "\ud83d", "é": 1}, '{"half":"\\ud83d","\\u00e9":1}'),  # UTF-8 has no bytes for half an emoji
    ],
)
def test_one_object_is_accepted_and_its_text_passed_on_as_it_is(arguments, text):
    assert parse_tool_arguments(arguments) == ParsedArguments(text)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ('{"city":', "JSON parse error at position 8: Expecting value"),
        ('{"a":1}<|call|>', "JSON parse error at position 7: Extra data"),
        ('{"a":NaN}', "JSON parse error: NaN is not JSON"),
        ("null", 'Arguments do not appear to be JSON: "null"'),
        ("42", 'Arguments do not appear to be JSON: "42"'),
        ("x" * 60, f'Arguments do not appear to be JSON: "{"x" * 50}…"'),
        ("[1]", 'Arguments are an array and not an object: "[1]"'),
        ([1], "Invalid arguments type: array"),
        (5, "Invalid arguments type: number"),
        (True, "Invalid arguments type: boolean"),
        (b"{}", "Invalid arguments type: bytes"),
    ],
)
def test_all_else_is_refused_with_a_reason(arguments, error):
    answer = parse_tool_arguments(arguments)
    assert isinstance(answer, MalformedArguments)
    assert answer.error == error


@pytest.mark.parametrize("arguments", [{"n": math.nan}, {"b": b""}, '{"a":' * 50_000])
def test_what_has_no_json_is_refused_and_never_raises(arguments):
    assert isinstance(parse_tool_arguments(arguments), MalformedArguments)


@pytest.mark.parametrize(
    ("given", "deltas", "expected"),
    [
        ('{"a":1}', "", ParsedArguments('{"a":1}')),
        ('{"a":1}', '{"a":2}', ParsedArguments('{"a":1}')),  # input is the authority
        ('{"a":1}', "1}", ParsedArguments('{"a":1}')),  # OpenRouter loses the first fragment
        ({"a": 1}, "", ParsedArguments('{"a":1}')),
        ("", '{"a":1}', ParsedArguments('{"a":1}', from_deltas=True)),
        (" ", {"a": 1}, ParsedArguments('{"a":1}', from_deltas=True)),
        (None, '{"a":1}', ParsedArguments('{"a":1}', from_deltas=True)),
        ("", "", ParsedArguments("{}")),
        (None, " ", ParsedArguments("{}")),
        ('{"a":', '{"a":1}', ParsedArguments('{"a":1}', from_deltas=True)),
        ([1], '{"a":1}', ParsedArguments('{"a":1}', from_deltas=True)),
    ],
)  # fmt: skip
def test_arguments_are_looked_for_in_the_order_of_r8(given, deltas, expected):
    assert choose_arguments(given, deltas) == expected


@pytest.mark.parametrize(
    ("given", "deltas", "refused"),
    [('{"a":', "", '{"a":'), ('{"a":', '{"b":', '{"a":'), ("", '{"b":', '{"b":'), ([1], "", "[1]")],
)
def test_where_nothing_is_usable_the_text_that_was_refused_is_told(given, deltas, refused):
    answer = choose_arguments(given, deltas)
    assert isinstance(answer, MalformedArguments)
    assert answer.text == refused
