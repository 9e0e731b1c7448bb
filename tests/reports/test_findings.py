"""What is shown of a finding is safe on a terminal and short enough to read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reports.findings import LONGEST, shown


@given(st.text(alphabet=st.characters()))
def test_any_text_is_shown_on_one_printable_line_of_at_most_200_letters(text):
    found = shown(text)
    assert len(found) <= LONGEST
    assert found.isprintable()
    found.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain é😀", "plain é😀"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\ud83d", "\\ud83d"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
    ],
)
def test_what_is_cut_or_escaped_can_be_seen(text, expected):
    assert shown(text) == expected
