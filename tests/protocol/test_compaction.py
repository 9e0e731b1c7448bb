"""Of a cumulative content only the answer is kept whether it was right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.chunk_reading import reading_of_chunks
from harness.protocol.compaction import Compactor


def content(delta, text, **more):
    return {"type": "content", "delta": delta, "content": text, **more}


def compacted(*chunks):
    compactor = Compactor()
    return [compactor.feed(chunk).chunk for chunk in chunks]


def grown(deltas):
    text = ""
    for delta in deltas:
        text += delta
        yield content(delta, text)


@given(st.lists(st.text()))
def test_a_stream_that_grows_by_its_deltas_has_no_mark(deltas):
    for chunk in compacted(*grown(deltas)):
        assert chunk.keys() <= {"type", "delta", "$contentLength", "$restarted"}
        assert "$restarted" not in chunk or chunk["$contentLength"] == len(chunk["delta"].encode("utf-16-le")) // 2


def test_the_length_counts_utf_16_units_as_javascript_does():
    assert [chunk["$contentLength"] for chunk in compacted(*grown(["a", "é", "😀", "b"]))] == [1, 2, 4, 5]


def test_the_two_halves_of_an_emoji_may_come_in_two_deltas():
    chunks = compacted(content("a\ud83d", "a\ud83d"), content("\ude00", "a😀"), content("b", "a😀b"))
    assert [chunk["$contentLength"] for chunk in chunks] == [2, 3, 4]
    assert not any("$mismatch" in chunk for chunk in chunks)


def test_a_content_that_begins_again_at_its_delta_restarts():
    chunks = compacted(content("ab", "ab"), content("c", "c"), content("d", "cd"))
    assert [chunk.get("$restarted", False) for chunk in chunks] == [False, True, False]
    assert "$mismatch" not in chunks[2]


def test_a_content_that_is_neither_is_a_mismatch_with_its_first_different_character():
    _, chunk = compacted(content("Hello", "Hello"), content(" world", "Hello World"))
    assert chunk["$mismatch"] == {"at": 6, "expected": "Hello world", "seen": "Hello World"}


def test_after_a_mismatch_the_seen_content_is_what_grows_so_one_fault_is_one_mark():
    chunks = compacted(content("a", "a"), content("b", "xb"), content("c", "xbc"))
    assert ["$mismatch" in chunk for chunk in chunks] == [False, True, False]


@pytest.mark.parametrize("size", [10, 5000])
def test_a_long_text_is_compared_like_a_short_one(size):
    good, wrong = "a" * size, "a" * (size - 1) + "b"
    assert "$mismatch" not in compacted(content(good, good), content("c", good + "c"))[1]
    assert compacted(content(good, good), content("c", wrong + "c"))[1]["$mismatch"]["at"] == size - 1


def test_a_thinking_chunk_without_delta_says_what_it_added():
    first, second, third = compacted(
        {"type": "thinking", "content": "so"},
        {"type": "thinking", "content": "so be it"},
        {"type": "thinking", "content": "new"},
    )
    assert first == {"type": "thinking", "$appended": "so", "$contentLength": 2}
    assert second == {"type": "thinking", "$appended": " be it", "$contentLength": 8}
    assert third == {"type": "thinking", "$appended": "new", "$contentLength": 3, "$restarted": True}
    assert reading_of_chunks([first, second]).reasoning == "so be it"


def test_content_and_thinking_grow_apart():
    chunks = compacted(content("a", "a"), {"type": "thinking", "delta": "b", "content": "b"}, content("c", "ac"))
    assert not any("$mismatch" in chunk or "$restarted" in chunk for chunk in chunks)


@pytest.mark.parametrize(
    "chunk",
    [
        None,
        5,
        "text",
        [],
        {},
        {"type": "content"},
        {"type": "content", "content": 5},
        {"type": ["x"]},
        {"type": "done"},
    ],
)
def test_what_has_no_cumulative_content_passes_as_it_is(chunk):
    assert compacted(chunk) == [chunk]


def test_the_chunk_that_is_fed_is_never_changed():
    chunk = content("a", "a")
    compacted(chunk)
    assert chunk == content("a", "a")


def test_an_implementations_own_dollar_keys_do_not_pass_for_our_marks():
    assert compacted(content("a", "a") | {"$mismatch": "boo", "$other": 1}) == [
        {"type": "content", "delta": "a", "$other": 1, "$contentLength": 1}
    ]


def compact(delta, length, **more):
    return {"type": "content", "delta": delta, "$contentLength": length, **more}


def test_a_compact_chunk_is_held_to_its_length():
    good, wrong = compacted(compact("ab", 2), compact("c", 5))
    assert good == compact("ab", 2)
    assert wrong["$mismatch"] == {"at": 3, "expected": "3 characters", "seen": "5 characters"}


def test_a_full_chunk_behind_compact_ones_is_compared_with_what_they_said():
    assert "$mismatch" not in compacted(compact("ab", 2), compact("c", 3), content("d", "abcd"))[2]
    assert compacted(compact("ab", 2), compact("c", 3), content("d", "abXd"))[2]["$mismatch"]["at"] == 2


def test_a_full_chunk_behind_an_unknown_text_is_held_to_its_length():
    broken = compact("b", 9, **{"$mismatch": {"at": 0, "expected": "b", "seen": "wrong one"}})
    assert "$mismatch" not in compacted(broken, content("c", "wrong onec"))[1]
    assert "$mismatch" in compacted(broken, content("c", "wrongc"))[1]


def test_a_mark_of_another_shape_is_replaced_and_never_handed_on():
    (chunk,) = compacted(compact("b", 1, **{"$mismatch": "boo"}))
    assert chunk["$mismatch"].keys() == {"at", "expected", "seen"}


deltas = st.one_of(
    st.builds(lambda delta: ("grow", delta), st.text(max_size=5)),
    st.builds(lambda delta: ("restart", delta), st.text(max_size=5)),
    st.builds(lambda delta: ("wrong", delta), st.text(max_size=5)),
    st.builds(lambda delta: ("bare", delta), st.text(max_size=5)),
)


@given(st.lists(deltas, max_size=12), st.sampled_from(["content", "thinking"]))
def test_what_is_compact_stays_as_it_is_when_it_is_read_again(steps, kind):
    text = ""
    chunks = []
    for step, delta in steps:
        text = {"grow": text + delta, "restart": delta, "wrong": "#" + text + delta, "bare": text + delta}[step]
        chunk = {"type": kind, "delta": delta, "content": text}
        if step == "bare":
            del chunk["delta"]
        chunks.append(chunk)
    once = compacted(*chunks)
    assert compacted(*once) == once
