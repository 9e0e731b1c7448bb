"""Chunks are shown as they were yielded, though a transcript does not keep their cumulative text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.compaction import Compactor
from harness.protocol.yielded import yielded

WHO = {"id": "r", "model": "m", "timestamp": 1}


def chunk(delta, content, kind="content"):
    return {"type": kind, **WHO, "delta": delta, "content": content, "role": "assistant"}


def shown(*chunks, numbers=None):
    feed = Compactor().feed
    records = [feed(one) for one in chunks]
    return [record.chunk for record in yielded(records, range(len(chunks)) if numbers is None else numbers)]


@given(st.lists(st.tuples(st.sampled_from(["content", "thinking"]), st.text(max_size=20)), max_size=9))
def test_what_is_right_is_shown_as_it_was(deltas):
    said, chunks = {"content": "", "thinking": ""}, []
    for kind, delta in deltas:
        said[kind] += delta
        chunks.append(chunk(delta, said[kind], kind))
    assert [list(one.items()) for one in shown(*chunks)] == [list(one.items()) for one in chunks]


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk("a", "a"), chunk("b", "b"), chunk("c", "bc")],  # begins again
        [
            {"type": "content", "content": "a"},
            {"type": "content", "content": "ab"},
            {"type": "content", "content": "x"},
        ],
        [chunk("a", "a"), chunk("b", "ax"), chunk("c", "axc")],  # wrong, and short enough to be known
        [chunk("a", 5), chunk(None, "a"), {"type": "done"}, 7, {"type": ["content"]}],
        [chunk("a", "a") | {"$contentLength": 9}],
    ],
)
def test_what_begins_again_or_is_wrong_is_shown_as_it_was(chunks):
    marks = [
        {name: value for name, value in one.items() if name[0] != "$"} if type(one) is dict else one for one in chunks
    ]
    assert shown(*chunks) == marks


def test_the_halves_of_an_emoji_are_shown_joined():
    assert [one["content"] for one in shown(chunk("\ud83d", "\ud83d"), chunk("\ude00", "😀"))] == ["\ud83d", "😀"]


def test_only_what_is_wanted_is_shown_and_stands_on_all_before_it():
    [one] = shown(chunk("a", "a"), chunk("b", "ab"), chunk("c", "abc"), numbers={2})
    assert one["content"] == "abc"


def test_a_long_text_is_cut_and_its_length_told():
    long = "x" * 5_000
    first, second = shown(chunk(long, long), chunk("y", long + "y"))
    assert first["content"] == "x" * 200 + "… (5000 characters)"
    assert second["content"] == "x" * 200 + "… (5001 characters)"


def test_a_long_text_that_is_wrong_is_told_with_the_place():
    right = "x" * 300
    chunks = [chunk(right, right), chunk("y", right[:-1] + "!!"), chunk("z", right[:-1] + "!!z"), chunk("n", "n")]
    [_, wrong, behind, again] = [one["content"] for one in shown(*chunks)]
    assert wrong == "…" + "x" * 20 + "!!… (301 characters; from 299 on not the text so far and the delta)"
    assert behind == "…z (302 characters)"
    assert again == "n"


def test_what_a_shim_says_of_a_length_is_no_member_of_its_chunk():
    first = chunk("ab", "ab")
    compact = {"type": "content", **WHO, "delta": "c", "$contentLength": 3}
    assert [one["content"] for one in shown(first, compact)] == ["ab", "abc"]
    [_, wrong] = shown(first, compact | {"$contentLength": 10**30})
    assert wrong["content"] == f"… ({10**15} characters, where the text so far and the delta have 3 characters)"
    huge = {"at": -(10**5000), "expected": "a", "seen": "b"}
    [_, wrong] = shown(first, compact | {"$mismatch": huge})
    assert wrong["content"] == "b… (3 characters; from -1 on not the text so far and the delta)"
