import pytest

from harness.reference.structured.candidates import MOST_CANDIDATES, candidates_in
from harness.reference.structured.fences import fenced_content


def balanced(text, *, last=True):
    return [text[start:end] for start, end in candidates_in(text, last=last).balanced]


def fenced(text):
    return [fenced_content(text, *block).strip() for block in candidates_in(text, last=True).fenced]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('a {"b": [1]} c [2] {}', ['{"b": [1]}', "[2]", "{}"]),
        ('{"a": "}"} x', ['{"a": "}"}']),
        ('{"a": "\\"}"} x', ['{"a": "\\"}"}']),
        ("[a] [ 1 ] [] [see]", ["[ 1 ]", "[]"]),
        ("} ] [1", []),
        ('[1} {"a":2}', ['{"a":2}']),
        ('[1, {"a":2} and {"b":3}', ['{"b":3}']),
        ('[1, {"a":2} ``` {"b":3}', ['{"b":3}']),
        ('[2 ways: {"a":2}, {"b":3}', ['{"a":2}', '{"b":3}']),
        ('["\\\\"] x', ['["\\\\"]']),
        ('{"a\nb": 1} {"c": 2}', ['{"c": 2}']),
        ("[[1],[2]] [[3]]", ["[[1],[2]]", "[[3]]"]),
        ('{"all": [[{"[]', []),  # cut inside of a text
        ('["see [1]', []),
        ('he said "{" then {"a":1}', ['{"a":1}']),
        ('from "{" to "}", such as {"a":1}', ['{"a":1}']),
        ('start with `{"` and then {"a":1}', ['{"a":1}']),
        ('the signs "{", "[", "," and so {"a":1}', ['{"a":1}']),
        ('{"a": ["x" and {"b": 1}, "c"]}', ['{"a": ["x" and {"b": 1}, "c"]}']),  # broken, but one value
    ],
)
def test_the_outermost_balanced_values_are_found_outside_of_texts(text, found):
    assert balanced(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("```json\n1\n```", ["1"]),
        ("```\n1\n``` ```\n2\n```", ["1", "2"]),
        ("````\n```\n1\n````", ["```\n1"]),  # three do not close four
        ("~~~\n```\n~~~", ["```"]),
        ("```json\n", [""]),
        ("```json {}```", ["{}"]),
        ("``no``", []),
        ('{"a": "```"}', []),
        ("```info with words\n[1]\n```", ["[1]"]),
        ("Quote with ``` and nothing else.\n```json\n1\n```", ["1"]),
        ("Between ``` and ``` stands code:\n```\n1\n```", ["1"]),
        ("So: ```json\n[1]\n``` or ```[2]``` or ~~~ 3 ~~~", ["[1]", "[2]", "3"]),
        ("> 1. ```\n> 1\n> ```", ["> 1\n>"]),
        ("```json\n[1]\n```json\n[2]\n```", ["[1]", "[2]"]),  # the first was never closed
    ],
)
def test_fenced_blocks_are_found_outside_of_texts(text, found):
    assert fenced(text) == found


def test_of_too_many_the_last_are_kept_or_the_first_and_all_are_counted():
    many = MOST_CANDIDATES + 1000
    text = " ".join(f"[{n}]" for n in range(many))
    assert balanced(text) == [f"[{n}]" for n in range(1000, many)]
    assert balanced(text, last=False) == [f"[{n}]" for n in range(MOST_CANDIDATES)]
    assert candidates_in(text, last=True).balanced_count == many
    blocks = "```\n1\n```\n" * many
    assert (len(fenced(blocks)), candidates_in(blocks, last=False).fenced_count) == (MOST_CANDIDATES, many)


@pytest.mark.parametrize(
    ("text", "found", "doubtful"),
    [
        ("<think>[1]</think> [2]", ["[2]"], []),
        ("[1] <think>[2]</think> [3] <THINKING>[4]</THINKING> [5]", ["[1]", "[3]", "[5]"], []),
        ("[1] </think> [2]", ["[2]"], ["[1]"]),  # some servers give only the end
        ('{"a": "</think>"} {"a": "<think>"} [3]', ['{"a": "</think>"}', '{"a": "<think>"}', "[3]"], []),
        ('<think>perhaps {"a": "x</think> [2]', ["[2]"], []),
        ("<think>[1, </think> [2]", ["[2]"], []),
        ("<think>[1]", ["[1]"], []),  # no end: no thought
        ("<think>[1] <think>[2]</think> [3]", ["[3]"], []),
    ],
)
def test_what_stands_in_thoughts_is_no_answer(text, found, doubtful):
    candidates = candidates_in(text, last=True)
    assert balanced(text) == found
    assert [text[start:end] for start, end in candidates.doubtful.balanced] == doubtful


def test_a_block_in_a_thought_is_none_and_a_mark_in_a_block_is_none():
    assert fenced("<think>\n```\n1\n```\n```\n2</think>\n```\n3\n```") == ["3"]
    assert fenced("```\n<think>\n</think>\n```") == ["<think>\n</think>"]


def test_nothing_inside_of_what_nests_too_deep_passes_for_a_value_and_what_follows_does():
    text = "[" * 500 + "1" + "]" * 500 + ' then {"a": 1}'
    found = candidates_in(text, last=True)
    assert found.too_deep
    assert [text[start:end] for start, end in found.balanced] == ['{"a": 1}']
