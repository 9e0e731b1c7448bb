from hypothesis import given
from hypothesis import strategies as st

from harness.reference.chunks import to_content_chunk
from harness.reference.growing import GrowingChunk, GrowingText, as_json, materialised

IDENTITY = {"id": "r", "model": "m", "timestamp": 1}


def chunks_of(*deltas):
    text = GrowingText()
    return [GrowingChunk(to_content_chunk, IDENTITY, text, delta) for delta in deltas]


def test_each_chunk_has_the_text_up_to_itself():
    assert [chunk["content"] for chunk in materialised(chunks_of("a", "b", "c"))] == ["a", "ab", "abc"]


def test_chunks_may_be_asked_in_any_order_and_more_than_once():
    first, second, third = chunks_of("a", "b", "c")
    assert third.as_json()["content"] == "abc"
    assert first.as_json()["content"] == "a"
    assert second.as_json()["content"] == "ab"
    assert third.as_json() == third.as_json()


def test_a_chunk_that_is_asked_early_does_not_see_what_comes_later():
    text = GrowingText()
    first = GrowingChunk(to_content_chunk, IDENTITY, text, "a")
    assert first.as_json()["content"] == "a"
    second = GrowingChunk(to_content_chunk, IDENTITY, text, "b")
    assert (first.as_json()["content"], second.as_json()["content"]) == ("a", "ab")


def test_an_emoji_cut_in_two_is_whole_as_soon_as_both_halves_are_there():
    contents = [chunk["content"] for chunk in materialised(chunks_of("a\ud83d", "\ude00", "\ud83d", "x"))]
    assert contents == ["a\ud83d", "a😀", "a😀\ud83d", "a😀\ud83dx"]


def test_a_chunk_that_is_json_already_is_left_alone():
    chunk = {"type": "done"}
    assert as_json(chunk) is chunk


@given(st.lists(st.text(st.characters() | st.sampled_from("\ud83d\ude00"))), st.randoms(use_true_random=False))
def test_the_order_of_asking_changes_nothing(deltas, random):
    ordered = [chunk["content"] for chunk in materialised(chunks_of(*deltas))]
    asked = list(enumerate(chunks_of(*deltas)))
    random.shuffle(asked)
    assert all(chunk.as_json()["content"] == ordered[place] for place, chunk in asked)
