"""Tool calls of Chat Completions: every way in which providers cut and label their fragments."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.event_reading import reading_of_events
from harness.providers.exact_text import parsed_json
from harness.providers.message import Mark, Message
from harness.providers.openai_chat import OpenAiChatDecoder

DONE = Message("", Mark.DONE)
PARIS = '{"city": "Paris"}'
OSLO = '{"city": "Oslo"}'


def fragment(arguments=None, index=None, id_=None, name=None, **more):
    function = {"name": name, "arguments": arguments}
    made = {"index": index, "id": id_, "function": {k: v for k, v in function.items() if v is not None}}
    return {key: value for key, value in made.items() if value is not None} | more


def delta(**fields):
    return Message("", {"choices": [{"index": 0, "delta": fields}]})


def decode(*fragments, done=True):
    numbers = iter(range(100))
    decoder = OpenAiChatDecoder(lambda: f"made_{next(numbers)}")
    events = []
    for one in fragments:
        message = one if isinstance(one, Message) else delta(tool_calls=one if isinstance(one, list) else [one])
        events += decoder.feed(message)
    return events + decoder.feed(DONE) if done else events + decoder.close()


def calls(*fragments):
    return [
        (event["toolCallId"], event["toolName"], event["input"])
        for event in decode(*fragments)
        if event["type"] == "tool-call"
    ]


def test_a_call_starts_at_once_and_is_complete_only_at_the_end():
    events = decode(fragment("", 0, "call_1", "weather"), fragment('{"city": ', 0), fragment('"Paris"}', 0))
    assert events == [
        {"type": "tool-input-start", "id": "call_1", "toolName": "weather"},
        {"type": "tool-input-delta", "id": "call_1", "delta": '{"city": '},
        {"type": "tool-input-delta", "id": "call_1", "delta": '"Paris"}'},
        {"type": "tool-input-end", "id": "call_1"},
        {"type": "tool-call", "toolCallId": "call_1", "toolName": "weather", "input": PARIS},
        {"type": "finish", "finishReason": "unknown", "usage": {}},
    ]


def test_a_call_whose_text_parses_is_not_complete_when_the_stream_is_cut():
    events = decode(fragment(PARIS, 0, "call_1", "weather"), done=False)
    assert [event["type"] for event in events] == ["tool-input-start", "tool-input-delta"]


def test_a_text_that_parses_may_still_grow():
    assert calls(fragment("1", 0, "a", "f"), fragment("23", 0)) == [("a", "f", "123")]


def test_the_text_of_the_arguments_is_untouched():
    text = '{"n": 12345678901234567890, "x": 1.0,\n "n": 2}'
    assert calls(fragment(text, 0, "a", "f")) == [("a", "f", text)]


@pytest.mark.parametrize("arguments", ["", None])
def test_a_call_without_arguments_has_an_empty_input(arguments):
    assert calls(fragment(arguments, 0, "a", "now")) == [("a", "now", "")]


def test_parallel_calls_interleave_and_complete_in_the_order_of_their_starts():
    found = calls(
        fragment("", 0, "a", "weather"),
        fragment("", 1, "b", "weather"),
        fragment('{"city": ', 1),
        fragment('{"city": ', 0),
        fragment('"Oslo"}', 1),
        fragment('"Paris"}', 0),
    )
    assert found == [("a", "weather", PARIS), ("b", "weather", OSLO)]


def test_several_calls_come_in_one_chunk():
    assert calls([fragment(PARIS, 0, "a", "f"), fragment(OSLO, 1, "b", "f")]) == [("a", "f", PARIS), ("b", "f", OSLO)]


def test_text_is_closed_before_a_call_and_goes_on_in_a_new_block():
    events = decode(delta(content="a"), fragment(PARIS, 0, "x", "f"), delta(content="b"))
    assert [event["type"] for event in events] == [
        "text-start", "text-delta", "text-end", "tool-input-start", "tool-input-delta",
        "text-start", "text-delta", "text-end", "tool-input-end", "tool-call", "finish",
    ]  # fmt: skip


def test_no_id_one_is_made():
    assert calls(fragment(PARIS, 0, None, "f"), fragment(OSLO, 1, "", "f")) == [
        ("made_0", "f", PARIS),
        ("made_1", "f", OSLO),
    ]


def test_no_index_the_id_decides():
    assert calls(
        fragment('{"city": ', None, "a", "f"),
        fragment(OSLO, None, "b", "f"),
        fragment('"Paris"}', None, "a"),
    ) == [("a", "f", PARIS), ("b", "f", OSLO)]


def test_no_index_and_no_id_a_fragment_belongs_to_the_last_call():
    assert calls(fragment('{"city": ', None, "a", "f"), fragment('"Paris"}')) == [("a", "f", PARIS)]


def test_no_index_and_no_id_a_name_begins_a_new_call():
    assert calls(fragment(PARIS, None, None, "f"), fragment("{}", None, None, "g"), fragment("", None, None, "")) == [
        ("made_0", "f", PARIS),
        ("made_1", "g", "{}"),
    ]


def test_no_ids_and_one_index_for_all_whole_objects_of_one_name_are_several_calls():
    assert calls(fragment(PARIS, 0, "", "f"), fragment(OSLO, 0, "", "f")) == [
        ("made_0", "f", PARIS),
        ("made_1", "f", OSLO),
    ]


def test_no_ids_the_same_call_twice_is_two_calls():
    assert calls([fragment("{}", 0, None, "f"), fragment("{}", 1, None, "f")]) == [
        ("made_0", "f", "{}"),
        ("made_1", "f", "{}"),
    ]


def test_no_index_an_id_finds_its_call_behind_one_that_has_none():
    assert calls(
        fragment('{"city": ', None, "a", "f"),
        fragment("{}", None, None, "g"),
        fragment('"Paris"}', None, "a"),
    ) == [("a", "f", PARIS), ("made_0", "g", "{}")]


def test_a_name_before_the_arguments_and_once_more_with_them_is_one_call():
    assert calls(fragment("", 0, None, "f"), fragment(PARIS, 0, None, "f")) == [("made_0", "f", PARIS)]


def test_a_name_with_trailing_tokens_is_no_new_call():
    assert calls(fragment(PARIS, 0, None, "f"), fragment("<|call|>", 0, None, "f")) == [
        ("made_0", "f", PARIS + "<|call|>")
    ]


def test_a_call_keeps_its_first_name():
    assert calls(fragment('{"city": ', 0, "a", "f"), fragment('"Paris"}', 0, "a", "g")) == [("a", "f", PARIS)]


def test_a_name_in_every_fragment_is_one_call():
    assert calls(
        fragment('{"city": ', 0, None, "f"), fragment('"Paris"', 0, None, "f"), fragment("}", 0, None, "f")
    ) == [("made_0", "f", PARIS)]


def test_an_id_and_a_name_in_every_fragment_are_one_call():
    assert calls(*(fragment(part, 0, "a", "f") for part in ('{"city"', ': "Paris"', "}"))) == [("a", "f", PARIS)]


def test_same_index_new_id_is_a_new_call():
    assert calls(fragment(PARIS, 0, "a", "f"), fragment(OSLO, 0, "b", "f")) == [("a", "f", PARIS), ("b", "f", OSLO)]


def test_same_index_new_id_later_fragments_go_to_the_new_call():
    assert calls(fragment(PARIS, 0, "a", "f"), fragment('{"city": ', 0, "b", "f"), fragment('"Oslo"}', 0)) == [
        ("a", "f", PARIS),
        ("b", "f", OSLO),
    ]


def test_an_id_in_a_later_fragment_is_the_calls_id():
    events = decode(fragment('{"city": ', 0, None, "f"), fragment('"Paris"}', 0, "late"))
    assert events[:2] == [
        {"type": "tool-input-start", "id": "late", "toolName": "f"},
        {"type": "tool-input-delta", "id": "late", "delta": PARIS},
    ]


def test_a_name_in_a_later_fragment_is_the_calls_name():
    assert calls(fragment('{"city": ', 0, "a"), fragment('"Paris"}', 0, None, "f")) == [("a", "f", PARIS)]


def test_a_call_that_is_held_back_holds_back_the_calls_after_it():
    events = decode(fragment(PARIS, 0, None, "f"), fragment(OSLO, 1, "b", "g"))
    assert [event["id"] for event in events if event["type"] == "tool-input-start"] == ["made_0", "b"]
    assert [call.index for call in reading_of_events(events).tool_calls] == [0, 1]


def test_same_id_new_index_the_same_call_twice_is_one():
    assert calls(fragment(PARIS, 0, "a", "f"), fragment(PARIS, 1, "a", "f")) == [("a", "f", PARIS)]


def test_same_id_new_index_another_call_gets_an_id_of_its_own():
    events = decode(fragment(PARIS, 0, "a", "f"), fragment(OSLO, 1, "a", "f"))
    assert [(call.id, call.arguments) for call in reading_of_events(events).tool_calls] == [
        ("a", PARIS),
        ("made_0", OSLO),
    ]
    assert [event["id"] for event in events if event["type"] == "tool-input-start"] == ["a", "made_0"]


def test_same_id_new_index_a_fragment_without_a_name_goes_on_with_its_call():
    assert calls(fragment('{"city": ', 0, "a", "f"), fragment('"Paris"}', 1, "a")) == [("a", "f", PARIS)]


def test_arguments_as_an_object_become_its_exact_text():
    data = '{"choices": [{"delta": {"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": %s}}]}}]}'
    assert calls(Message("", parsed_json(data % '{"x": 1.0, "s": "é"}'))) == [("a", "f", '{"x":1.0,"s":"é"}')]


def test_arguments_and_names_may_stand_without_a_function():
    assert calls({"id": "a", "name": "f", "arguments": PARIS}) == [("a", "f", PARIS)]


def test_tool_calls_may_be_one_object():
    assert calls(delta(tool_calls=fragment(PARIS, 0, "a", "f"))) == [("a", "f", PARIS)]


def test_calls_beside_a_legacy_function_call_are_read_instead_of_it():
    both = delta(function_call={"name": "old", "arguments": "{}"}, tool_calls=[fragment(PARIS, 0, "a", "f")])
    assert calls(both) == [("a", "f", PARIS)]


def test_a_legacy_function_call_is_a_call():
    assert calls(
        delta(function_call={"name": "f", "arguments": ""}),
        delta(function_call={"arguments": '{"city": '}, tool_calls=None),
        delta(function_call={"arguments": '"Paris"}'}, tool_calls=[]),
    ) == [("made_0", "f", PARIS)]


def test_the_text_of_a_custom_tool_travels_as_a_json_string():
    custom = [
        {"index": 0, "id": "a", "type": "custom", "custom": {"name": "sql", "input": "SELECT "}},
        {"index": 0, "custom": {"input": '"x"'}},
    ]
    assert calls(*custom) == [("a", "sql", json.dumps('SELECT "x"'))]


def test_cumulative_arguments_are_the_last_of_them():
    parts = ['{"city"', '{"city": "Pa', PARIS]
    assert calls(fragment(parts[0], 0, "a", "f"), *(fragment(part, 0) for part in parts[1:])) == [("a", "f", PARIS)]


@pytest.mark.parametrize("again", [PARIS, '{"city":"Paris"}'])
def test_a_final_full_repeat_of_the_arguments_is_dropped(again):
    assert calls(fragment('{"city": ', 0, "a", "f"), fragment('"Paris"}', 0), fragment(again, 0)) == [("a", "f", again)]


@pytest.mark.parametrize(
    "parts",
    [
        ['{"a":', '{"a":1}}'],
        ["{}", PARIS],
        [PARIS, "<|call|>"],
        ['{"city": "Par'],
        [PARIS, PARIS[:-1]],
        ['{"city"', '{"city": "Par'],
    ],
    ids=["nested like a repeat", "two objects", "trailing tokens", "cut", "half a repeat", "growing and cut"],
)
def test_arguments_that_repeat_nothing_are_joined_and_never_mended(parts):
    first, *rest = parts
    assert calls(fragment(first, 0, "a", "f"), *(fragment(part, 0) for part in rest)) == [("a", "f", "".join(parts))]


def test_a_call_after_the_finish_reason_still_counts():
    reason = Message("", {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    found = calls(fragment("{}", 0, "a", "f"), reason, fragment("{}", 0, "b", "f"), reason)
    assert found == [("a", "f", "{}"), ("b", "f", "{}")]


def test_a_call_without_name_and_arguments_is_noise():
    assert calls(fragment(PARIS, 0, "a", "f"), fragment("", 1, "b"), {"index": 2}) == [("a", "f", PARIS)]


def test_arguments_that_no_name_belongs_to_are_an_error():
    events = decode(fragment(PARIS, 0, "a"))
    assert events == [{"type": "error", "error": {"message": "the provider sent a tool call without a name"}}]


@pytest.mark.parametrize("noise", [None, 7, "text", [], {}, [None, 7, []], [{"function": 7, "id": [], "index": {}}]])
def test_what_is_no_fragment_is_ignored(noise):
    assert [event["type"] for event in decode(delta(tool_calls=noise))] == ["finish"]


@pytest.mark.parametrize(("id_", "expected"), [(0, "0"), ("0", "0"), (True, "made_0"), ([], "made_0"), (1.5, "made_0")])
def test_an_id_is_text_or_a_whole_number(id_, expected):
    assert calls(fragment(PARIS, 0, id_, "f")) == [(expected, "f", PARIS)]


def test_calls_of_a_message_that_was_not_streamed_are_read():
    body = Message("", {"choices": [{"message": {"content": None, "tool_calls": [fragment(PARIS, None, "a", "f")]}}]})
    assert calls(body) == [("a", "f", PARIS)]


ARGUMENTS = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9) | st.lists(st.integers()))


@st.composite
def cut(draw, text):
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]


@given(data=st.data(), first=ARGUMENTS, second=ARGUMENTS, indexed=st.booleans())
def test_arguments_cut_anywhere_and_interleaved_give_the_same_calls(data, first, second, indexed):
    texts = json.dumps(first), json.dumps(second, ensure_ascii=False, indent=1)
    pieces = [data.draw(cut(text), label=f"call {place}") for place, text in enumerate(texts)]
    named = set()
    fragments = []
    for place in data.draw(st.permutations([0] * len(pieces[0]) + [1] * len(pieces[1])), label="order"):
        name = None if place in named else "f"
        named.add(place)
        id_ = None if indexed and name is None else f"call_{place}"
        fragments.append(fragment(pieces[place].pop(0), place if indexed else None, id_, name))
    assert sorted(calls(*fragments)) == [("call_0", "f", texts[0]), ("call_1", "f", texts[1])]


@pytest.mark.parametrize("name", [None, ""])
def test_a_new_id_in_each_nameless_fragment_of_one_index_is_still_the_same_call(name):
    first = fragment("", index=0, id_="call_a", name="weather")
    rest = [fragment(part, index=0, id_=f"call_{n}", name=name) for n, part in enumerate(['{"city": ', '"Paris"}'])]
    assert calls(first, *rest) == [("call_a", "weather", PARIS)]
