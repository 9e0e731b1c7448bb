"""Which cases are asked; a choice of nothing is refused."""

import pytest

from harness.errors import InputError
from harness.suite.case import Case
from harness.suite.selection import selected


def case(id_, title="A sentence"):
    return Case.model_validate(
        {"id": id_, "title": title, "sections": ["§5"], "profiles": ["spec"], "given": {"events": []}, "request": {}}
    )


CASES = [case("text/one"), case("text/two", "Two Blocks"), case("tools/one"), case("tools/order", "In order")]


def ids(*arguments, **keywords):
    return [one.id for one in selected(CASES, *arguments, **keywords)]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ([], ["text/one", "text/two", "tools/one", "tools/order"]),
        (["text/one"], ["text/one"]),
        (["text"], ["text/one", "text/two"]),
        (["text/"], ["text/one", "text/two"]),
        (["*/one"], ["text/one", "tools/one"]),
        (["t*"], ["text/one", "text/two", "tools/one", "tools/order"]),
        (["tools/o[rn]*"], ["tools/one", "tools/order"]),
        (["tools/order", "text/one"], ["text/one", "tools/order"]),
    ],
)
def test_a_pattern_is_an_id_an_area_or_a_glob(patterns, expected):
    assert ids(patterns) == expected


@pytest.mark.parametrize("pattern", ["tex", "one", "TEXT", "text/three", ""])
def test_a_pattern_that_matches_nothing_is_refused_even_beside_one_that_does(pattern):
    with pytest.raises(InputError, match="matches none of 4 cases; the areas are text, tools"):
        ids(["text", pattern])


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [
        ("one", ["text/one", "tools/one"]),
        ("blocks", ["text/two"]),
        ("TEXT/ONE", ["text/one"]),
        ("text and one", ["text/one"]),
        ("text or order", ["text/one", "text/two", "tools/order"]),
        ("not text", ["tools/one", "tools/order"]),
        ("not not text", ["text/one", "text/two"]),
        ("tools or text and two", ["text/two", "tools/one", "tools/order"]),
        ("(tools or text) and one", ["text/one", "tools/one"]),
        ("not (text or order)", ["tools/one"]),
    ],
)
def test_a_keyword_is_an_expression_over_ids_and_titles(keyword, expected):
    assert ids(keyword=keyword) == expected


@pytest.mark.parametrize(
    ("keyword", "words"),
    [
        ("nothing", "matches none of 4 cases"),
        ("", "a word is missing at the end"),
        ("text and", "a word is missing at the end"),
        ("and text", "a word is missing before 'and'"),
        ("(text", "a bracket is not closed"),
        ("text)", r"'\)' was not expected there"),
        ("text one", "'one' was not expected there"),
        ("(" * 5000 + "text", "an expression of 5004 characters"),
    ],
)
def test_a_keyword_that_chooses_nothing_is_refused(keyword, words):
    with pytest.raises(InputError, match=words):
        ids(keyword=keyword)


def test_a_keyword_chooses_among_what_the_patterns_chose():
    assert ids(["tools"], keyword="one") == ["tools/one"]
    with pytest.raises(InputError, match="-k 'two' matches none of 2 cases"):
        ids(["tools"], keyword="two")
