"""Transcript → verdict: shapes first, one fault one finding, levels, and no exception for anything that is JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.streamchunk import TYPES
from harness.protocol.transcript import PROFILES, Ending, Record, Transcript
from harness.rules.rule import Level

BASE = {"id": "resp_1", "model": "m", "timestamp": 1_700_000_000_000}
USAGE = {"promptTokens": 1, "completionTokens": 2, "totalTokens": 3}
HELLO = {"type": "content", **BASE, "delta": "Hello", "content": "Hello"}
DONE = {"type": "done", **BASE, "finishReason": "stop", "usage": USAGE}
CALL = {
    "type": "tool_call",
    **BASE,
    "index": 0,
    "toolCall": {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
}


def found(answer, **options):
    return [(violation.rule.id, violation.finding.chunk) for violation in judge(answer, **options).violations]


def transcript(*chunks, **parts):
    compactor = Compactor()
    return Transcript(tuple(compactor.feed(chunk) for chunk in chunks), **parts)


def test_a_list_of_chunks_is_judged_in_one_line():
    assert judge([HELLO, DONE]).conforms
    assert not judge([HELLO]).conforms


def test_any_iterable_of_chunks_will_do():
    assert judge(chunk for chunk in (HELLO, DONE)).conforms


def test_no_chunk_at_all_is_no_answer():
    assert found([]) == [("END-1", None)]


@pytest.mark.parametrize("answer", ["[]", b"[]", {"type": "done"}, None, 5])
def test_what_is_no_list_is_refused_and_not_judged(answer):
    with pytest.raises(InputError, match="list of chunks"):
        judge(answer)


@pytest.mark.parametrize("source", [5, "abc", b"abc", {"a": 1}])
def test_a_source_that_is_no_list_of_events_is_refused(source):
    with pytest.raises(InputError, match="a source is a list of source events"):
        judge([], source=source)


def test_levels_that_are_no_mapping_are_refused():
    with pytest.raises(InputError, match="levels maps rule ids"):
        judge([], levels=["TOOL-1"])


def test_a_profile_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="there is no profile 'strict'; the profiles are spec, tanstack"):
        judge([DONE], profile="strict")


def test_a_dialect_without_a_law_is_refused():
    with pytest.raises(InputError, match="no law for the dialect 'smoke-signals'"):
        judge(transcript(DONE, dialect="smoke-signals"))


def test_a_malformed_done_is_one_finding_and_not_a_missing_end_too():
    assert found([HELLO, DONE | {"finishReason": "end_turn"}]) == [("SHAPE-8", 1)]


def test_a_missing_id_is_one_finding():
    without_id = {key: value for key, value in HELLO.items() if key != "id"}
    assert found([without_id, DONE]) == [("SHAPE-3", 0)]


def test_two_faults_of_one_chunk_are_two_findings():
    assert found([HELLO | {"id": 1, "model": None}, DONE]) == [("SHAPE-3", 0), ("SHAPE-3", 0)]


def test_a_malformed_call_does_not_take_its_result_down_with_it():
    result = {"type": "tool_result", **BASE, "toolCallId": "call_1", "content": "null"}
    broken = CALL | {"index": None}
    done = DONE | {"finishReason": "tool_calls"}
    assert found([broken, result, done]) == [("SHAPE-6", 0)]


def test_a_malformed_text_does_not_make_the_source_look_lost():
    source = [{"type": "text-delta", "id": "t", "delta": "Hello"}, {"type": "finish", "finishReason": "stop"}]
    zeros = DONE | {"usage": dict.fromkeys(USAGE, 0)}
    assert found([HELLO | {"delta": None}, zeros], source=source) == [("SHAPE-4", 0)]


def test_an_unknown_chunk_hides_nothing_of_what_is_missing():
    assert found([HELLO, {"type": "ping"}]) == [("SHAPE-2", 1), ("END-1", None)]


def test_what_comes_behind_the_end_is_one_finding_and_is_not_judged_again():
    late = {"type": "tool_call", **BASE, "index": 7, "toolCall": CALL["toolCall"]}
    assert found([HELLO, DONE, late, HELLO]) == [("END-2", 2)]


def test_a_fault_that_shows_in_every_chunk_is_told_once_with_its_number():
    chunks = [HELLO | {"delta": letter, "content": letter} for letter in "abcd"]
    (violation,) = judge([*chunks, DONE]).violations
    assert (violation.rule.id, violation.finding.chunk) == ("TEXT-2", 1)
    assert "2 more chunks" in violation.finding.seen


def test_faults_of_the_json_text_keep_a_chunk_from_being_judged_further():
    records = (Record(0, HELLO), Record(1, DONE | {"timestamp": float("nan")}, ("NaN is not a JSON number",)))
    assert found(Transcript(records)) == [("SHAPE-12", 1)]


def test_violations_come_in_the_order_of_the_chunks_and_the_whole_stream_last():
    verdict = found([HELLO | {"id": ""}, CALL | {"index": 1, "id": ""}, None])
    assert verdict == [("ID-7", 0), ("TOOL-7", 1), ("SHAPE-1", 2), ("END-1", None)]


def test_a_rule_with_nothing_to_look_at_is_not_exercised():
    verdict = judge([HELLO, DONE])
    assert {"TEXT-1", "END-1", "USAGE-1"} <= set(verdict.exercised)
    assert {"TOOL-2", "THINK-1", "TEXT-4"} <= set(verdict.not_exercised)
    assert not set(verdict.exercised) & set(verdict.not_exercised)


def test_the_source_exercises_the_rules_that_need_it():
    source = [{"type": "text-delta", "id": "t", "delta": "Hello"}, {"type": "finish", "finishReason": "stop"}]
    assert "TEXT-4" in judge([HELLO, DONE], source=source).exercised


def test_rules_of_the_other_profile_are_neither_exercised_nor_not():
    verdict = judge([HELLO, DONE], profile="tanstack")
    assert "USAGE-1" not in verdict.exercised + verdict.not_exercised
    assert verdict.profile == "tanstack"


def test_rules_of_another_scope_are_neither_exercised_nor_not():
    assert "CHAT-1" not in judge([DONE]).exercised + judge([DONE]).not_exercised
    assert "CHAT-1" in judge(transcript(DONE, scope="chat")).exercised


def test_a_should_breaks_conformance_only_when_strict():
    empty = HELLO | {"delta": "", "content": ""}
    assert judge([empty, HELLO, DONE]).conforms
    strict = judge([empty, HELLO, DONE], strict=True)
    assert not strict.conforms
    assert strict.strict
    assert [violation.rule.id for violation in strict.of(Level.SHOULD)] == ["TEXT-3"]


def test_a_rule_can_be_raised_lowered_and_switched_off():
    empty = HELLO | {"delta": "", "content": ""}
    assert not judge([empty, HELLO, DONE], levels={"TEXT-3": Level.MUST}).conforms
    assert judge([HELLO], levels={"END-1": Level.SHOULD}).conforms
    off = judge([HELLO], levels={"END-1": None})
    assert off.violations == ()
    assert "END-1" not in off.exercised + off.not_exercised


def test_a_rule_of_the_other_profile_can_be_switched_on():
    no_usage = {key: value for key, value in DONE.items() if key != "usage"}
    assert found([no_usage], profile="tanstack", levels={"USAGE-1": Level.SHOULD}) == [("USAGE-1", 0)]


def test_a_shape_rule_that_is_switched_off_still_keeps_the_chunk_from_the_others():
    assert found([HELLO | {"delta": 5}, DONE], levels={"SHAPE-4": None}) == []


@pytest.mark.parametrize("levels", [{"TOOL-999": None}, {"END-1": "SHOULD"}])
def test_an_override_that_means_nothing_is_refused(levels):
    with pytest.raises(InputError):
        judge([DONE], levels=levels)


def test_a_transcript_is_not_changed_by_being_judged():
    answer = transcript(HELLO, {"type": "ping"}, DONE)
    before = answer.records
    assert found(answer) == found(answer)
    assert answer.records is before


def test_an_aborted_stream_may_just_stop():
    assert found(transcript(HELLO, ending=Ending("aborted"))) == []


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


EXTREMES = {
    "deep": nested(50_000),
    "deep in an object": {"a": nested(50_000)},
    "large": 10**5000,
    "low": -(10**5000),
    "a float": 1e308,
    "not a number": float("nan"),
    "infinite": float("inf"),
    "half an emoji": "\ud83d",
}


@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize(
    "chunk",
    [
        lambda value: value,
        lambda value: {"type": value},
        lambda value: HELLO | {"id": value},
        lambda value: HELLO | {"timestamp": value},
        lambda value: HELLO | {"content": value},
        lambda value: CALL | {"index": value},
        lambda value: CALL | {"toolCall": value},
        lambda value: DONE | {"usage": USAGE | {"totalTokens": value}},
        lambda value: {"type": "error", **BASE, "error": {"message": value}},
        lambda value: {
            "type": "approval-requested",
            **BASE,
            "toolCallId": "call_1",
            "toolName": "f",
            "input": value,
            "approval": {"id": "approval_call_1", "needsApproval": True},
        },
    ],
)
def test_a_value_however_deep_or_large_is_judged(extreme, chunk):
    value = EXTREMES[extreme]
    judge([CALL, chunk(value), DONE])
    judge([CALL, chunk(value), DONE], profile="tanstack", source=[{"type": "finish", "finishReason": value}])


@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize("key", ["id", "delta", "toolCallId", "toolName", "input", "result", "finishReason", "usage"])
def test_a_source_however_deep_or_large_is_read(extreme, key):
    value = EXTREMES[extreme]
    failure = {"type": "error", **BASE, "error": {"message": "x", "code": "c"}}
    for kind in ("tool-call", "tool-result", "finish"):
        event = {"type": kind, "toolCallId": "call_1", "toolName": "f", key: value}
        judge([CALL, DONE], source=[event, {"type": "finish", "usage": {"inputTokens": value}}])
    judge([failure], source=[{"type": "error", "error": {"message": value, "code": value, "type": "t"}}])


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["stop", "tool_calls", "call_1", "{}", '{"a":1}', "", "undefined", "approval_call_1"])
)
KEYS = st.sampled_from(["id", "model", "delta", "error", "usage", "$contentLength", "$mismatch"]) | st.text(max_size=2)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
OBJECTS = st.dictionaries(KEYS | st.integers() | st.none() | st.tuples(st.text(max_size=1)), JSON, max_size=4)
TEXTS = st.sampled_from(
    ["", "a", "b", "ab", "call_1", "call_2", '{"a":', "1}", "{}", "[object Object]", "\ud83d", "\ude00"]
)
ODD = TEXTS | JSON

CHUNKS = st.one_of(
    JSON,
    OBJECTS,
    st.builds(lambda kind, rest: {"type": kind, **BASE, **rest}, st.sampled_from(TYPES), OBJECTS),
    st.builds(lambda delta, content: HELLO | {"delta": delta, "content": content}, TEXTS, TEXTS),
    st.builds(lambda delta, length: HELLO | {"delta": delta, "content": length}, ODD, ODD),
    st.builds(
        lambda id_, name, arguments, index: (
            CALL
            | {
                "index": index,
                "toolCall": CALL["toolCall"] | {"id": id_, "function": {"name": name, "arguments": arguments}},
            }
        ),
        TEXTS,
        TEXTS,
        TEXTS,
        st.integers(0, 3) | st.just(1.0),
    ),
    st.builds(
        lambda id_, content: {"type": "tool_result", **BASE, "toolCallId": id_, "content": content}, TEXTS, TEXTS
    ),
    st.builds(
        lambda reason, usage: DONE | {"finishReason": reason, "usage": usage},
        st.sampled_from(["stop", "tool_calls", "length", "content_filter", None]),
        st.just(USAGE) | st.dictionaries(st.sampled_from(sorted(USAGE)), st.floats() | st.integers(), min_size=3),
    ),
    st.builds(
        lambda message, code: {"type": "error", **BASE, "error": {"message": message, "code": code}}, TEXTS, TEXTS
    ),
    st.builds(
        lambda kind, id_, value: {
            "type": kind,
            **BASE,
            "toolCallId": id_,
            "toolName": "f",
            "input": value,
            "approval": {"id": f"approval_{id_}", "needsApproval": True},
        },
        st.sampled_from(["approval-requested", "tool-input-available"]),
        TEXTS,
        JSON,
    ),
)
EVENT_TYPES = st.sampled_from(
    [
        "text-delta",
        "reasoning-start",
        "reasoning-delta",
        "tool-input-start",
        "tool-input-delta",
        "tool-call",
        "tool-result",
        "response-metadata",
        "error",
        "finish",
    ]
)
EVENTS = st.one_of(
    JSON,
    st.fixed_dictionaries(
        {"type": EVENT_TYPES},
        optional=dict.fromkeys(
            ["id", "delta", "toolCallId", "toolName", "input", "result", "finishReason", "usage", "error"], ODD
        ),
    ),
)


def transcript_of(chunks, faults, ending, scope):
    compactor = Compactor()
    records = [compactor.feed(chunk, tuple(faults) if place == 2 else ()) for place, chunk in enumerate(chunks)]
    return Transcript(tuple(records), Ending(ending), scope=scope)


TRANSCRIPTS = st.builds(
    transcript_of,
    st.lists(CHUNKS, max_size=8),
    st.lists(st.text(max_size=3), max_size=1),
    st.sampled_from(["completed", "raised", "aborted", "timed out"]),
    st.sampled_from(["adapter", "chat", "wire"]),
)


@given(TRANSCRIPTS, st.none() | st.lists(EVENTS, max_size=8), st.sampled_from(PROFILES))
def test_judging_never_raises_for_any_json(answer, source, profile):
    verdict = judge(answer, profile=profile, source=source)
    numbers = {None, *range(len(answer.records))}
    for violation in verdict.violations:
        assert violation.finding.chunk in numbers
        assert violation.rule.id in verdict.exercised
        assert isinstance(violation.finding.expected, str)
        assert isinstance(violation.finding.seen, str)
