"""What of a stream is its shape, and how two shapes differ."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.providers.shape import shape_of
from harness.providers.shape_changes import shape_changes


def sse(*events):
    """Server-sent events; a pair is a name and its data, a text is the data as it stands."""
    lines = []
    for event in events:
        name, data = event if isinstance(event, tuple) else ("", event)
        text = data if isinstance(data, str) else json.dumps(data)
        lines.append((f"event: {name}\n" if name else "") + f"data: {text}\n\n")
    return "".join(lines).encode()


def chunk(finish=None, **delta):
    return {"object": "chat.completion.chunk", "id": "1", "choices": [{"delta": delta, "finish_reason": finish}]}


def changes(old, new):
    return [str(change) for change in shape_changes(shape_of([old]), shape_of([new]))]


def test_ids_times_texts_and_counts_are_no_part_of_a_shape():
    old = sse({"type": "a", "id": "x", "at": 1, "text": "Hello"}, {"type": "b", "n": [1]}, "[DONE]")
    new = sse({"type": "a", "id": "longer", "at": 2.5, "text": ""}, *[{"type": "b", "n": [2, 3]}] * 3, "[DONE]")
    assert changes(old, new) == []


def test_kinds_that_come_and_go_are_told_with_an_example():
    old, new = sse({"type": "a"}, {"type": "old"}), sse({"type": "a"}, ("named", {"n": 1}))
    assert changes(old, new) == [
        'removed  message old, such as {"type":"old"}',
        'added    message named, such as {"n":1}',
    ]


def test_the_order_in_which_kinds_begin_is_told():
    a, b, c = ({"type": kind} for kind in "abc")
    assert changes(sse(a, b, a, c), sse(a, c, b, b)) == ["changed  order of messages: a, b, c → a, c, b"]
    assert changes(sse(a, b, a, b), sse(a, b)) == []


def test_a_message_that_only_tells_that_time_goes_by_is_nowhere():
    assert changes(sse({"type": "a"}), sse({"type": "ping"}, {"type": "a"}, ("ping", {}))) == []


def test_members_are_told_by_path_with_their_types_and_the_outermost_alone():
    old = sse(chunk(content="Hello"), chunk(content=None, old=True))
    new = sse(chunk(content="Hello", reasoning={"text": "x", "more": [1]}), chunk("stop"))
    assert changes(old, new) == [
        "removed  chat.completion.chunk: choices[].delta.old: boolean, such as true",
        'added    chat.completion.chunk: choices[].delta.reasoning: object, such as {"text":"x","more":[1]}',
        'changed  chat.completion.chunk: choices[].delta.content: null|string → string, such as "Hello"',
        'changed  chat.completion.chunk: choices[].finish_reason: null → null|string, such as "stop"',
        "added    chat.completion.chunk: choices[].finish_reason, its words: stop",
    ]


def test_words_that_tell_messages_apart_are_told():
    old = sse({"type": "delta", "delta": {"type": "text", "text": "a"}}, chunk("stop"))
    new = sse({"type": "delta", "delta": {"type": "json", "text": "b"}}, chunk("length"))
    assert changes(old, new) == [
        "changed  delta: delta.type, its words: text → json",
        "changed  chat.completion.chunk: choices[].finish_reason, its words: stop → length",
    ]


def test_the_name_of_a_frame_is_told_where_the_message_names_itself_too():
    assert changes(sse(("a", {"type": "a"})), sse({"type": "a"})) == ['removed  a: (event): string, such as "a"']


@pytest.mark.parametrize("name", ["args", "arguments", "input", "parameters", "metadata"])
def test_what_is_the_applications_own_is_not_looked_into(name):
    old, new = sse({"type": "a", name: {"city": "Paris"}}), sse({"type": "a", name: {"days": [1]}})
    assert changes(old, new) == []
    assert changes(old, sse({"type": "a", name: "text"})) == [f'changed  a: {name}: object → string, such as "text"']


def test_lines_arrays_and_single_objects_have_shapes_too():
    value = {"model": "m", "done": True, "message": {"role": "assistant"}}
    lines, array, whole = (json.dumps(body).encode() for body in (value, [value, value], value))
    assert changes(lines + b"\n" + lines + b"\n", array) == []
    assert changes(whole, array) == []
    assert changes(whole, b"{}") != []


def test_what_cannot_be_read_is_a_kind_of_its_own():
    assert changes(sse({"type": "a"}), sse({"type": "a"}, "{broken")) == ["added    message (not JSON)"]
    assert changes(sse("5"), sse('"text"')) == [
        "removed  message number, such as 5",
        'added    message string, such as "text"',
    ]


def test_a_long_example_is_cut():
    [change] = shape_changes(shape_of([sse({"type": "a"})]), shape_of([sse({"type": "a", "text": "x" * 10_000})]))
    assert len(change.example) <= 102


def test_a_body_that_nests_deep_has_a_shape():
    deep = '{"type":"a","b":' + "[" * 500 + "]" * 500 + "}"
    assert changes(sse(deep), sse(deep)) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "a", "b", "role"]), inner),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=5), st.integers(1, 40))
def test_a_cut_anywhere_gives_the_same_shape(values, size):
    body = sse(*values)
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    assert shape_of(pieces) == shape_of([body])
    assert list(shape_changes(shape_of(pieces), shape_of([body]))) == []


@given(st.lists(JSON, max_size=4), st.lists(JSON, max_size=4))
def test_two_shapes_differ_both_ways_or_not_at_all(old, new):
    there = changes(sse(*old), sse(*new))
    back = changes(sse(*new), sse(*old))
    assert len(there) == len(back)
    assert sum(line.startswith("added") for line in there) == sum(line.startswith("removed") for line in back)
