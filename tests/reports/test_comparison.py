"""Where two answers part: what a client ends up with, and not how it is told."""

import copy
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.compaction import Compactor
from harness.protocol.transcript import AbortAt, Ending, Stimulus, Transcript
from harness.reports.comparison import NOTES, parting

WHO = {"id": "r", "model": "m", "timestamp": 1}
DONE = {
    "type": "done",
    **WHO,
    "finishReason": "stop",
    "usage": {"promptTokens": 1, "completionTokens": 2, "totalTokens": 3},
}


def answered(*chunks, ending=Ending(), result=None, **stimulus):  # noqa: B008 - a value
    compactor = Compactor()
    records = tuple(compactor.feed(chunk) for chunk in copy.deepcopy(chunks))
    more = {} if result is None else {"result": result}
    return Transcript(records, ending, Stimulus(**stimulus), **more)


def saying(*deltas, kind="content", **members):
    said, chunks = "", []
    for delta in deltas:
        said += delta
        chunks.append({"type": kind, **WHO, "delta": delta, "content": said, **members})
    return chunks


def calling(*parts, id_="call_1", index=0, name="get_weather"):
    function = [{"name": name, "arguments": part} for part in parts]
    return [
        {"type": "tool_call", **WHO, "index": index, "toolCall": {"id": id_, "type": "function", "function": one}}
        for one in function
    ]


def failing(message, code="500"):
    return {"type": "error", **WHO, "error": {"message": message, "code": code}}


def difference(one, other):
    """The difference of two lists of chunks, whichever comes first, or None."""
    there, back = parting(answered(*one), answered(*other)), parting(answered(*other), answered(*one))
    assert (there and there.difference) == (back and back.difference)
    return there and there.difference


HELLO = [*saying("Hello, ", "world."), DONE]


def with_members(chunks, **members):
    return [{**chunk, **members} for chunk in chunks]


@pytest.mark.parametrize(
    "other",
    [
        with_members(HELLO, id="another"),
        with_members(HELLO, model="another"),
        with_members(HELLO, timestamp=2),
        [{**chunk, "timestamp": number} for number, chunk in enumerate(HELLO)],
        [*saying("Hello, ", "world.", role="assistant"), DONE],
        [dict(reversed(chunk.items())) for chunk in HELLO],
    ],
)
def test_ids_models_times_and_the_order_of_keys_part_nobody(other):
    assert difference(HELLO, other) is None


@pytest.mark.parametrize(
    ("other", "seen"),
    [
        ([HELLO[0], *with_members(HELLO[1:], id="another")], "another chunk"),
        ([HELLO[0], *with_members(HELLO[1:], model="another")], "another chunk"),
        ([HELLO[0], *with_members(HELLO[1:], timestamp=0)], "another chunk"),
        ([*saying("Hello, ", "World."), DONE], "different text"),
        ([*saying("Hello, ", "world. Bye."), DONE], "different text"),
        ([*saying("Hello, ", "world.", kind="thinking"), DONE], "another chunk"),
        ([HELLO[0], {**HELLO[1], "content": "world."}, DONE], "another chunk"),
        ([HELLO[0], {**HELLO[1], "content": "Hello! world."}, DONE], "another chunk"),
        ([*HELLO[:2], {**DONE, "finishReason": "length"}], "another chunk"),
        ([*HELLO[:2], {**DONE, "usage": {**DONE["usage"], "totalTokens": 4}}], "another chunk"),
        ([*HELLO[:2], {name: value for name, value in DONE.items() if name != "usage"}], "another chunk"),
        ([*HELLO, DONE], "one ends earlier"),
        (HELLO[:2], "one ends earlier"),
        ([*HELLO[:2], failing("It failed")], "another chunk"),
        ([*HELLO[:2], 7], "another chunk"),
        ([*saying("Hello, "), *calling("{}"), *saying("world."), DONE], "different text"),
    ],
)
def test_what_a_client_ends_up_with_parts(other, seen):
    assert difference(HELLO, other) == seen


def test_a_text_that_is_split_differently_is_told_and_parts_nobody():
    found = parting(answered(*HELLO), answered(*saying("Hel", "lo, world."), DONE))
    assert (found.difference, found.is_real, found.one.chunk, found.other.chunk) == ("split differently", False, 0, 0)
    assert difference([*saying("", "Hello, ", "world."), DONE], HELLO) == "split differently"


def test_an_empty_text_beside_a_call_is_no_text():
    assert difference([*saying(""), *calling("{}"), DONE], [*calling("{}"), DONE]) == "split differently"


def test_the_place_where_a_text_parts_is_the_chunk_that_has_it():
    found = parting(answered(*HELLO), answered(*saying("Hello, wo", "rms."), DONE))
    assert (found.difference, found.one.chunk, found.other.chunk) == ("different text", 1, 1)
    assert found.where == 'behind 10 characters: "Hello, world." and "Hello, worms."'


@pytest.mark.parametrize(
    ("arguments", "others", "seen"),
    [
        (['{"a":1,"b":[2]}'], ['{ "b": [2], "a": 1.0 }'], None),
        (['{"a":1}'], ['{"a"', ":1}"], "split differently"),
        (['{"a":1}'], ['{"a":2}'], "different arguments"),
        (['{"a":12345678901234567890}'], ['{"a":12345678901234567891}'], "different arguments"),
        (['{"a":'], ['{"a" :'], "different arguments"),
    ],
)
def test_arguments_are_compared_as_json(arguments, others, seen):
    assert difference(calling(*arguments), calling(*others)) == seen


def test_a_call_under_another_index_name_or_number_parts():
    assert difference(calling("{}"), calling("{}", index=1)) == "another chunk"
    assert difference(calling("{}"), calling("{}", name="get_time")) == "another chunk"
    assert difference([*calling("{}"), *calling("{}", id_="b", index=1)], calling("{}")) == "one ends earlier"


def test_an_id_of_a_call_counts_where_the_source_named_it():
    events = ({"type": "tool-call", "toolCallId": "call_1", "toolName": "get_weather", "input": "{}"},)
    one, other = calling("{}"), calling("{}", id_="fc_1")
    assert parting(answered(*one, events=events), answered(*other, events=events)).difference == "another chunk"
    assert parting(answered(*one), answered(*other)) is None
    made = {"events": events, "made_ids": frozenset({"call_1"})}
    assert parting(answered(*one, **made), answered(*other, **made)) is None


def test_results_of_tools_and_questions_follow_the_ids_that_were_made():
    def told(id_):
        question = {
            "toolCallId": id_,
            "toolName": "t",
            "input": {},
            "approval": {"id": f"approval_{id_}", "needsApproval": True},
        }
        return [
            *calling("{}", id_=id_),
            {"type": "approval-requested", **WHO, **question},
            {"type": "tool_result", **WHO, "toolCallId": id_, "content": '{"a": 1}'},
        ]

    assert difference(told("call_1"), told("call_9")) is None
    mixed = told("call_1")
    mixed[2] = {**mixed[2], "toolCallId": "call_2"}
    assert difference(told("call_1"), mixed) == "another chunk"
    same = told("call_1")
    same[2] = {**same[2], "content": '{"a":1}'}
    assert difference(told("call_1"), same) is None


def test_a_failure_in_other_words_parts_nobody_and_one_of_another_code_does():
    assert difference([failing("The provider said 500")], [failing("It broke")]) == "worded differently"
    assert difference([failing("It broke", "500")], [failing("It broke", "502")]) == "another chunk"


def test_the_port_of_a_played_provider_is_no_difference():
    one = answered(failing("127.0.0.1:4001 said 500"), base_url="http://127.0.0.1:4001/place-1")
    other = answered(failing("127.0.0.1:4002 said 500"), base_url="http://127.0.0.1:4002/place-7")
    assert parting(one, other) is None


def test_endings_and_results_part():
    raised = Ending("raised", {"name": "TypeError", "message": "no"})
    assert parting(answered(ending=raised), answered()).difference == "different ending"
    other = Ending("raised", {"name": "Error", "message": "not at all"})
    assert parting(answered(ending=raised), answered(ending=other)).difference == "worded differently"
    coded = Ending("raised", {"name": "TypeError", "message": "no", "code": "X"})
    assert parting(answered(ending=raised), answered(ending=coded)).difference == "different ending"
    assert parting(answered(result={"data": [1]}), answered(result={"data": [1.0]})) is None
    assert parting(answered(result={"data": [1]}), answered(result={"data": [2]})).difference == "different result"
    assert parting(answered(result={"data": [1]}), answered()).difference == "different result"


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (Ending(), "no further chunk"),
        (Ending("raised", {"name": "TypeError", "message": "no"}), "no further chunk: raised TypeError: no"),
        (Ending("raised"), "no further chunk: raised an exception"),
        (
            Ending("timed out", {"name": "Timeout", "message": "no end within 1 s"}),
            "no further chunk: timed out: no end within 1 s",
        ),
        (Ending("timed out"), "no further chunk: timed out"),
        (Ending("aborted", place=1), "no further chunk: aborted after 1 chunk"),
        (Ending("aborted", place=0), "no further chunk: aborted after 0 chunks"),
        (Ending("aborted"), "no further chunk: aborted"),
    ],
)
def test_where_one_ends_earlier_it_is_told_how(ending, said):
    for place in (1, 2):  # in the middle of the text, and behind it
        found = parting(answered(*HELLO), answered(*HELLO[:place], ending=ending))
        assert (found.difference, found.one.chunk) == ("one ends earlier", place)
        assert (found.other.chunk, found.other.text) == (None, said)


def test_different_endings_are_told_in_the_same_words():
    found = parting(answered(ending=Ending("raised", {"name": "E", "message": "no"})), answered())
    assert (found.one.text, found.other.text) == ("raised E: no", "completed")


def test_chunks_are_shown_as_they_were_yielded_and_a_wrong_content_is_named():
    found = parting(answered(*HELLO), answered(HELLO[0], {**HELLO[1], "content": "Hello! world."}, DONE))
    assert json.loads(found.one.text) == HELLO[1]
    shown, mark = found.other.text.split(" (content")
    assert (json.loads(shown)["content"], mark) == ("Hello! world.", " is wrong)")
    again = parting(answered(*HELLO), answered(HELLO[0], {**HELLO[1], "content": "world."}, DONE))
    assert again.other.text.endswith('"content":"world."} (content begins again)')


def test_converted_messages_are_compared_by_what_they_say():
    literal = [
        {
            "role": "assistant",
            "content": [{"type": "tool-call", "toolCallId": "a", "toolName": "t", "args": '{"x": 1}'}],
        }
    ]
    second = [
        {"role": "assistant", "content": [{"type": "tool-call", "toolCallId": "a", "toolName": "t", "input": {"x": 1}}]}
    ]
    other = [
        {"role": "assistant", "content": [{"type": "tool-call", "toolCallId": "a", "toolName": "t", "input": {"x": 2}}]}
    ]
    asked = {"operation": "convertMessages"}
    assert parting(answered(result=literal, **asked), answered(result=second, **asked)) is None
    assert parting(answered(result=literal, **asked), answered(result=other, **asked)).difference == "different result"
    unreadable = [{"role": "nobody", "content": []}]
    assert (
        parting(answered(result=literal, **asked), answered(result=unreadable, **asked)).difference
        == "different result"
    )


def test_answers_that_were_aborted_part_only_in_what_they_say():
    gone = {"ending": Ending("aborted", place=1), "abort": AbortAt(chunks=1)}
    one, other = answered(*saying("Hello, "), **gone), answered(*saying("Hello, ", "world."), **gone)
    assert parting(one, other) is None
    assert parting(other, one) is None
    assert parting(one, answered(*saying("Bye"), **gone)).difference == "different text"
    assert parting(one, answered(*saying("Hello, "))).difference == "different ending"


def test_what_is_shown_holds_no_key():
    request = {"modelOptions": {"apiKey": "sk-live-0123456789abcdef"}}
    one = answered(failing("sk-live-0123456789abcdef is wrong", "401"), request=request)
    found = parting(one, answered(*HELLO))
    assert "0123456789abcdef" not in f"{found.one.text}{found.other.text}{found.where}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KINDS = ["content", "thinking", "tool_call", "tool_result", "done", "error", "approval-requested", "unheard-of"]
MEMBERS = [
    "id",
    "model",
    "timestamp",
    "delta",
    "content",
    "role",
    "index",
    "toolCall",
    "toolCallId",
    "approval",
    "error",
]
CHUNKS = JSON | st.builds(
    lambda kind, rest: {"type": kind, **rest},
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=5),
)
TEXTS = st.lists(st.text(max_size=6), max_size=5)


@given(st.lists(CHUNKS, max_size=6))
def test_no_answer_parts_from_itself(chunks):
    assert parting(answered(*chunks), answered(*chunks)) is None


@given(st.lists(CHUNKS, max_size=4), st.lists(CHUNKS, max_size=4))
def test_who_parts_from_whom_is_the_same_from_both_sides(one, other):
    there, back = parting(answered(*one), answered(*other)), parting(answered(*other), answered(*one))
    assert (there is None) == (back is None)


@st.composite
def split_twice(draw):
    """A text in two splits."""
    text = draw(st.text(max_size=12))
    splits = []
    for _ in range(2):
        places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=4)))
        ends = [0, *places, len(text)]
        splits.append([text[start:end] for start, end in pairwise(ends)])
    return splits


@given(split_twice(), split_twice())
def test_splitting_differently_is_never_a_different_text(texts, thoughts):
    one, other = (
        [*saying(*thought, kind="thinking"), *saying(*text), DONE]
        for text, thought in zip(texts, thoughts, strict=True)
    )
    found = parting(answered(*one), answered(*other))
    assert found is None or found.difference in NOTES
    assert (found is None) == (one == other)
