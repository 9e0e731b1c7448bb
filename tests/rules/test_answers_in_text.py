"""Where a text holds JSON: whole, in fenced blocks, between words; and no text takes long."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.rules.answers_in_text import answers_in

FENCE = "```"


def values(candidates):
    return [candidate.value for candidate in candidates]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a":1}', {"a": 1}),
        ('\ufeff \n{"a":1}\n', {"a": 1}),
        ("[1,2]", [1, 2]),
        ("42", 42),
        ("null", None),
        ('"a"', "a"),
    ],
)
def test_a_text_that_is_json_is_one_value(text, value):
    assert answers_in(text).whole.value == value


@pytest.mark.parametrize("text", ["", "hello", "NaN", '{"a":NaN}', "{'a':1}", '{"a":1,}', '{"a":1} {"b":2}', "01"])
def test_a_text_that_is_not_json_is_none(text):
    assert answers_in(text).whole is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f'{FENCE}json\n{{"a":1}}\n{FENCE}', [{"a": 1}]),
        (f'{FENCE}JSON\r\n{{"a":1}}\r\n{FENCE}', [{"a": 1}]),
        (f'{FENCE}\n{{"a":1}}\n{FENCE}', [{"a": 1}]),
        (f'{FENCE}json {{"a":1}} {FENCE}', [{"a": 1}]),
        (f"{FENCE}[1]{FENCE}", [[1]]),
        (f"{FENCE}\ntrue\n{FENCE}", [True]),
        (f"{FENCE}json\n[{{}}]\n{FENCE} and {FENCE}\n{{}}\n{FENCE}", [[{}], {}]),
        (f"{FENCE}python\nprint({{}})\n{FENCE}", []),
        (f"{FENCE}{FENCE}", []),
    ],
)
def test_a_fenced_block_is_found_whatever_its_language_is_called(text, wanted):
    assert values(answers_in(f"Here: {text} Done.").fenced) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('a {"a":1} b', [{"a": 1}]),
        ('a {"a":{"b":[1,{}]}} b [2] c', [{"a": {"b": [1, {}]}}, [2]]),
        ('a {"a":"}"} b', [{"a": "}"}]),
        ('a {"a":"\\"{"} b', [{"a": '"{'}]),
        ('{a} {"a":1}', [{"a": 1}]),
        ('{"a": {"b":1}, oh {"c":2}', [{"b": 1}, {"c": 2}]),
        ("{" * 5 + '{"a":1}', [{"a": 1}]),
        ('[1, 2, {"a":1}', [{"a": 1}]),
        ("no [brackets} here", []),
    ],
)
def test_what_stands_between_words_is_found_once_and_outermost(text, wanted):
    assert values(answers_in(text).outermost) == wanted


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ('a {"a":1} b', True),
        ('{{{{ {"a":1}', True),
        ('{a} {"a":1}', True),
        ('{"a":1} }}}}', True),
        ('{ a {"a":1} }', False),
        ('[x {"a":1} y]', False),
    ],
)
def test_a_value_within_broken_brackets_is_not_sure(text, sure):
    assert [candidate.sure for candidate in answers_in(text).outermost] == [sure]


def test_a_text_whose_quotes_hide_a_bracket_can_be_read_in_more_ways():
    assert answers_in('He ["said {"a":1}').sure is False
    assert answers_in('He said "{" and {"a":1}').sure is False
    assert answers_in('He "said" {"a":1}').sure is True


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
CONTAINER = st.lists(JSON, max_size=3) | st.dictionaries(st.text(), JSON, max_size=3)
WORDS = st.text(alphabet="abc .,:'\n", min_size=1)


@given(st.lists(st.tuples(WORDS, CONTAINER), min_size=1), WORDS, st.booleans())
def test_all_values_between_words_are_found_in_their_order(parts, last, ascii_only):
    text = "".join(words + json.dumps(value, ensure_ascii=ascii_only) for words, value in parts) + "," + last
    found = answers_in(text)
    assert values(found.outermost) == [value for _, value in parts]
    assert found.sure
    assert all(candidate.sure for candidate in found.outermost)


@given(st.text(alphabet='{}[]",:1a\\ `\n'))
def test_no_text_is_too_much_and_every_candidate_is_a_part_of_it(text):
    for candidate in answers_in(text).all:
        assert candidate.text in text
        assert json.loads(candidate.text) == candidate.value


LONG = 250_000


@pytest.mark.parametrize(
    "piece",
    [
        "{",
        "[",
        "`",
        '"',
        "[[",
        '{"a":',
        '["',
        '["a",',
        "[1,",
        "```{",
        "}",
        '\\"',
        '{"a":1}',
        "[]",
        "```\n{}\n",
        '["\\"[',
    ],
)
def test_a_long_text_of_anything_is_read_in_linear_time(piece):
    text = piece * (LONG // len(piece))
    started = time.perf_counter()
    answers_in(text)
    assert time.perf_counter() - started < 20  # a quadratic search would take many minutes
