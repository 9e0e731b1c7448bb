import pytest

from harness.reference.finish import map_finish_reason, resolve_finish_reason


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("stop", "stop STOP end_turn stop_sequence stop-sequence eos COMPLETE"),
        ("length", "length max_tokens MAX_TOKENS max-tokens model_length"),
        ("content_filter", "content-filter content_filter contentFilter SAFETY refusal"),
        ("content_filter", "BLOCKLIST PROHIBITED_CONTENT RECITATION SPII"),
        ("tool_calls", "tool-calls tool_calls tool_use TOOL_CALL function_call"),
        ("error", "error ERROR"),
    ],
)  # fmt: skip
def test_every_listed_word_is_its_reason(reason, words):
    assert {map_finish_reason(word) for word in words.split()} == {reason}


@pytest.mark.parametrize(
    "said", [None, "", "other", "unknown", "pause_turn", "interrupted", 7, [], {}, {"raw": "length"}]
)
def test_a_missing_or_unknown_word_is_stop(said):
    assert map_finish_reason(said) == "stop"


def test_the_newer_object_is_read_by_its_unified_word():
    assert map_finish_reason({"unified": "tool-calls", "raw": "stop"}) == "tool_calls"
    assert map_finish_reason({"unified": None, "raw": "length"}) == "stop"


@pytest.mark.parametrize(
    ("reason", "calls_wait", "resolved"),
    [
        ("stop", True, "tool_calls"),
        ("stop", False, "stop"),
        ("tool_calls", True, "tool_calls"),
        ("tool_calls", False, "stop"),
        ("length", True, "length"),
        ("length", False, "length"),
        ("content_filter", True, "content_filter"),
    ],
)
def test_only_stop_and_tool_calls_give_way_to_the_calls(reason, calls_wait, resolved):
    assert resolve_finish_reason(reason, calls_wait=calls_wait) == resolved
