"""Where a text holds JSON: whole, in fenced blocks, between words; and no text takes long."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.rules.answers_in_text import answers_in, trim, without_thoughts

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
        (f'{FENCE}json5 title="answer"\n{{"a":1}}\n{FENCE}', [{"a": 1}]),
        (f'{FENCE}json {{1}}\n{{"a":1}}\n{FENCE}', [{"a": 1}]),
        (f'{FENCE}json\n{{"a":\n1}}\n{FENCE}', [{"a": 1}]),
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
        ('{"a": {"b":1}, "c": ', False),
        ("[[1,2]", False),
        ('so: [[1,2], "x', False),
        ('{"a": {"b":1}, oh', False),
        ('{"a": {"b":1}, oh } no', False),
        ('[null {"a":1}', False),
        ('{"a": -0 {"b":1}', False),
        ('{"[1]', False),
        ('["[1]', False),
        ('[ "a" "b" {"b":1}', False),
        ("[\xa0[1]", False),
        ('{"a": 1, oh } {"b":1}', True),
        ('[1 2] {"b":1}', True),
    ],
)
def test_a_value_within_broken_brackets_is_not_sure(text, sure):
    assert [candidate.sure for candidate in answers_in(text).outermost] == [sure]


def test_a_text_whose_quotes_hide_a_bracket_can_be_read_in_more_ways():
    assert answers_in('He ["said {"a":1}').sure is False
    assert answers_in('He said "{" and {"a":1}').sure is False
    assert answers_in('He "said" {"a":1}').sure is True


@pytest.mark.parametrize(
    ("text", "ordered"),
    [
        ('{"a":1} {"b":2}', True),
        (f'{FENCE}\n{{"a":1}}\n{FENCE} and {{"b":2}}', True),
        (f'{{"b":2}} and {FENCE}\n{{"a":1}}', False),
        (f'{FENCE}json\n{{"a":1}}\n{FENCE}json\n{{"b":2}}', False),
        (f'{FENCE}`\n{FENCE}\n{{"a":1}}\n{FENCE}\n{FENCE}`', False),
        ('{"b":2}\n~~~\n{"a":1}\n~~~', False),
        (f'{{"b":"{FENCE}{{}}{FENCE}"}} x', False),
        (f'{{"b":1}}{FENCE}NaN\n{FENCE}\n{{"a":1}}', False),
        (f'{{"b":1}}{FENCE}\n{FENCE}\n{{"a":1}}', False),
        (f'{{"b":1}}{FENCE}42{{"a":1}}', False),
        (f'It is {FENCE}json\n{{"a":1}}\n{FENCE}, and {{"b":1}}', True),
        (f'It is {FENCE}json {{"a":1}} {FENCE}, and {{"b":1}}', True),
        (f' {FENCE}json\r\n{{"a":1}}\r\n {FENCE} \r\n{{"b":1}}', True),
        (f'{{"b":"{FENCE}{{}}{FENCE}", "c":', False),
        (f'{{"b":"{FENCE}{{}}{FENCE}', False),
        (f'I began {{"b": 1, then\n{FENCE}\n{{"a":1}}\n{FENCE}', True),
    ],
)
def test_where_fences_can_be_paired_in_more_ways_no_value_comes_before_another(text, ordered):
    assert answers_in(text).ordered is ordered


@pytest.mark.parametrize(
    "text",
    [
        f"{FENCE}\n42",
        f"Use {FENCE} so: {FENCE}\n42\n{FENCE}",
        "~~~\n42\n~~~",
        "~~~json\n42",
        f"{FENCE}json\n{FENCE}json\n42",
    ],
)
def test_what_another_reader_of_fences_may_find_is_among_the_candidates(text):
    assert [(one.value, one.sure) for one in answers_in(text).all] == [(42, False)]


@pytest.mark.parametrize(
    ("text", "rest", "closed"),
    [
        ("<think>a</think>b", "b", True),
        ("b<Think>a</Think>c<thinking>d</thinking>", "bc", True),
        ("a</think>b", "b", False),
        ("b<think>a", "b", False),
        ("<think>a<think>b</think>c</think>d", "d", False),
    ],
)
def test_thoughts_can_be_taken_out_of_a_text(text, rest, closed):
    assert without_thoughts(text) == ((rest,), closed)


def test_a_tag_within_a_value_may_be_none():
    text = '<think>so</think> {"a":"</think>"} b'
    assert without_thoughts(text).texts == ('"} b', ' {"a":"</think>"} b')
    assert without_thoughts("b") == ((), True)


def test_words_behind_a_language_are_sure_only_where_the_fence_begins_a_line():
    block = f'{FENCE}json5 title="a"\n{{"a":1}}\n{FENCE}'
    assert [one.sure for one in answers_in(f"Here:\n  {block} it is").fenced] == [True]
    assert [one.sure for one in answers_in(f"Here: {block} it is").fenced] == [False]


def nested(depth):
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("around", ["{}", "x {} y", "```\n{}\n```"])
@pytest.mark.parametrize(
    ("value", "sure"),
    [
        (nested(200), True),
        (nested(201), False),
        (nested(5000), False),
        ("[1e308]", True),
        ("[1e400]", False),
        ("[-0.1E+0400]", False),
        (f"[{'9' * 308}]", True),
        (f"[{'9' * 309}]", False),
        (f"[{'9' * 5000}]", False),
        (f'["{"9" * 5000} 1e400"]', True),
    ],
)
def test_what_another_reader_may_have_no_room_for_is_not_sure(around, value, sure):
    assert answers_in(around.replace("{}", value)).sure is sure


@pytest.mark.parametrize("number", ["1e400", "9" * 5000])
def test_a_text_that_is_one_number_beyond_every_double_is_not_sure(number):
    assert answers_in(number).sure is False


def test_white_space_is_javascripts():
    javascripts = "\t\n\v\f\r \xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
    assert trim(f"{javascripts}a{javascripts[::-1]}") == "a"
    assert trim("\x1c\x1d\x1e\x1f\x85\u200b\u180e") == "\x1c\x1d\x1e\x1f\x85\u200b\u180e"


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


@given(st.text(alphabet='{}[]",:1a\\ `~\n'))
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
        "<think>",
        "</think>",
        "~~~\n{}\n",
        "~~~`" + FENCE,
        '{"a":1e400} ',
        "{ ",
        '```json {"a"\n',
    ],
)
def test_a_long_text_of_anything_is_read_in_linear_time(piece):
    text = piece * (LONG // len(piece))
    started = time.perf_counter()
    answers_in(text)
    assert time.perf_counter() - started < 20  # a quadratic search would take many minutes
