"""Where two texts part, and what kind of difference it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.judge import judge
from harness.protocol.text import common_prefix
from harness.rules.difference import difference

BASE = {"id": "resp_1", "model": "m", "timestamp": 1_700_000_000_000}
DONE = {"type": "done", **BASE, "finishReason": "stop", "usage": dict.fromkeys(("promptTokens", "completionTokens"), 0)}


@pytest.mark.parametrize(
    ("expected", "got", "words"),
    [
        ("Hello world", "Hello", "6 characters are lost"),
        ("Hello world", "world", "6 characters are lost"),
        ("Hello world", "Helloworld", "1 characters are lost"),
        ("Hello world", "Hello Hello world", "6 characters are doubled"),
        ("Hello world", "Hello worldworld", "5 characters are doubled"),
        ("one two three", "one two threetwo ", "4 characters are doubled"),
        ("Hello world", "Hello, world", "1 characters are invented"),
        ("Hello world", "Hello world!", "1 characters are invented"),
        ("Hello world", "world Hello", "the same characters in another order"),
        ("Hello world", "Hello earth", "another text"),
        ("Hello world", "", "11 characters are lost"),
        ("", "Hello", "5 characters are invented"),
    ],
)
def test_a_difference_has_a_name(expected, got, words):
    assert difference(expected, got, common_prefix(expected, got)) == words


@given(st.text(), st.text(), st.text())
def test_the_common_prefix_is_common_and_longest(start, one, other):
    place = common_prefix(start + one, start + other)
    assert place >= len(start)
    assert (start + one)[:place] == (start + other)[:place]
    assert (start + one)[place : place + 1] != (start + other)[place : place + 1] or place == min(
        len(start + one), len(start + other)
    )


def text_finding(source, answer):
    """Judge one delta per text; return chunk number, expected and seen of the only finding about the text."""
    events = [{"type": "text-delta", "id": "t", "delta": delta} for delta in source]
    events.append({"type": "finish", "finishReason": "stop"})
    chunks, content = [], ""
    for delta in answer:
        content += delta
        chunks.append({"type": "content", **BASE, "delta": delta, "content": content})
    done = DONE | {"usage": {"promptTokens": 0, "completionTokens": 0, "totalTokens": 0}}
    violations = judge([*chunks, done], source=events).violations
    assert [violation.rule.id for violation in violations] == ["TEXT-4"]
    return violations[0].finding


def test_a_finding_names_the_chunk_at_which_the_text_goes_wrong():
    finding = text_finding(["One. ", "Two. ", "Three."], ["One. ", "Three."])
    assert finding.chunk == 1
    assert finding.expected == '"One. Two. Three." at character 6 of 16'
    assert finding.seen == '"One. Three.": 5 characters are lost'


def test_a_loss_at_the_end_belongs_to_the_whole_stream():
    finding = text_finding(["One. ", "Two."], ["One. "])
    assert finding.chunk is None
    assert finding.seen.endswith("4 characters are lost")


def test_a_chunk_is_found_behind_emoji_that_came_in_halves():
    halves = ["\ud83d", "\ude00", "\ud83d", "\ude00"]
    finding = text_finding([*halves, "right"], [*halves, "r", "ong"])
    assert finding.chunk == 5


def test_a_long_text_is_shown_around_the_place_only():
    finding = text_finding(["a" * 5000, "b", "c" * 5000], ["a" * 5000, "c" * 5000])
    assert finding.chunk == 1
    assert len(finding.expected) < 200
    assert "at character 5000 of 10001" in finding.expected
