"""What the specification and the readings ask for, row by row, and the cases that ask it of an implementation.

The tables are written by hand: a row that loses its case fails here, by name.
"""

from __future__ import annotations

import pytest

READINGS = [f"R{number}" for number in (*range(1, 27), 38)]

EDGE_CASES = {  # §6, as far as one response shows it
    "§6.1": ["tool-calls/one-call", "arguments/one-character-deltas", "arguments/a-prefix-that-parses"],
    "§6.2": ["tool-calls/second-completes-first", "tool-calls/five-complete-in-reverse", "interleaving/text-tool-text"],
    "§6.3": ["finish-reasons/missing", "finish-reasons/null", "ending/cut-in-the-text"],
    "§6.8": ["ending/raise-at-once", "ending/raise-in-the-text", "errors/http-failure-before-the-stream"],
    "§6.9": ["usage/flat", "usage/nested-v3", "usage/prompt-tokens-in-snake-case"],
}

STREAM_EDGE_CASES = {  # §12.4
    "missing response metadata": ["identity/no-metadata-one-generated-id", "identity/no-metadata-still-answers"],
    "interleaved text and tool events": ["interleaving/text-tool-text", "interleaving/text-then-tool-in-order"],
    "partial tool arguments": ["arguments/one-character-deltas", "arguments/two-hundred-deltas"],
    "malformed JSON in tool arguments": [
        "arguments/broken-input-broken-deltas",
        "arguments/broken-arguments-are-never-a-success",
        "arguments/trailing-tokens",
    ],
    # the source goes away; a consumer that gives up needs a signal and is asked with §6.7 and R28
    "stream abort in mid-event": ["ending/raise-in-the-text", "ending/raise-in-the-arguments"],
    "unknown event types": ["unknown-events/between-deltas", "unknown-events/nothing-else"],
    "missing usage data": ["usage/absent", "usage/null", "usage/empty-object"],
}

TOOL_EDGE_CASES = {  # §13.6
    "tool call without buffer": ["tool-calls/without-a-start", "tool-calls/two-without-a-start"],
    "partial JSON in arguments": ["arguments/good-input-broken-deltas", "arguments/good-input-missing-fragment"],
    "stale tool calls": ["tool-calls/slow-input-is-not-stale", "tool-calls/started-and-never-completed"],
    "missing tool-call event": ["tool-calls/input-ended-and-never-called", "tool-calls/one-completed-one-dropped"],
    "malformed delta type": ["arguments/object-deltas", "arguments/number-and-null-deltas", "arguments/absent-delta"],
    "concurrent tool calls": ["tool-calls/concurrent-deltas", "tool-calls/sixty-four-at-once"],
    "interleaved text and tools": ["interleaving/text-inside-two-open-calls", "interleaving/open-text-around-a-call"],
}

WORDS = {  # R18: the source's reason, as it stands in a finish event → what may come out
    "stop": "stop", "end_turn": "stop", "stop_sequence": "stop", "eos": "stop", "complete": "stop",
    "length": "length", "max_tokens": "length", "model_length": "length",
    "content_filter": "content_filter", "safety": "content_filter", "refusal": "content_filter",
    "blocklist": "content_filter", "prohibited_content": "content_filter", "recitation": "content_filter",
    "spii": "content_filter",
    "tool_calls": "tool_calls", "tool_use": "tool_calls", "tool_call": "tool_calls", "function_call": "tool_calls",
    "content-filter": "content_filter", "tool-calls": "tool_calls", "end-turn": "stop", "model-length": "length",
    "STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter", "PROHIBITED_CONTENT": "content_filter",
    "Content-Filter": "content_filter", "TOOL-USE": "tool_calls",
    "other": "stop", "unknown": "stop", "": "stop",
}  # fmt: skip
UNIFIED = {
    "stop": "stop",
    "length": "length",
    "content-filter": "content_filter",
    "tool-calls": "tool_calls",
    "other": "stop",
}

USAGE_SHAPES = {  # R24–R26
    "flat V2": "usage/flat",
    "promptTokens, completionTokens": "usage/prompt-tokens-in-camel-case",
    "input_tokens, output_tokens": "usage/input-tokens-in-snake-case",
    "prompt_tokens, completion_tokens": "usage/prompt-tokens-in-snake-case",
    "nested V3": "usage/nested-v3",
    "nested V3 with raw": "usage/nested-v3-with-raw",
    "total missing": "usage/no-total",
    "prompt missing": "usage/only-completion",
    "completion missing": "usage/only-prompt",
    "total alone": "usage/only-total",
    "NaN": "usage/all-not-a-number",
    "one NaN": "usage/one-not-a-number",
    "infinite": "usage/infinite",
    "negative": "usage/negative",
    "no usage": "usage/absent",
    "null": "usage/null",
    "undefined": "usage/undefined",
    "total above the sum": "usage/total-above-the-sum",
    "zero": "usage/zeros",
}

ERROR_SHAPES = {  # ledger B3, R21
    "text": "errors/a-text",
    "message, type, code": "errors/message-type-and-code",
    "nested in a Responses error": "errors/nested-in-a-responses-event",
    "nested in a failed response": "errors/nested-in-a-failed-response",
    "type and message": "errors/overloaded",
    "numeric code": "errors/numeric-code",
    "Error object": "errors/an-error-object",
    "V4 normalised": "errors/v4-normalised",
    "null": "errors/null",
    "undefined": "errors/undefined",
    "absent": "errors/absent",
    "no message": "errors/message-missing",
    "raised": "ending/raise-at-once",
}

NASTIEST = {  # what recordings of real providers show, rebuilt by hand
    "hundreds of metadata": "nasty/hundreds-of-metadata",
    "an empty id and no choices first": "cassettes/openai-chat-azure-first-chunk",
    "arguments before the name": "cassettes/openai-chat-arguments-before-the-name",
    "calls without an id": "cassettes/openai-chat-call-without-id",
    "every call at index 0": "cassettes/openai-chat-every-call-at-index-0",
    "content as a list of parts": "cassettes/openai-chat-content-parts",
    "reasoning_content": "cassettes/openai-chat-reasoning-content",
    "reasoning": "cassettes/openai-chat-reasoning",
    "reasoning_details": "cassettes/openai-chat-reasoning-details",
    "reasoning_text": "cassettes/openai-chat-reasoning-text",
    "reasoning in two fields at once": "cassettes/openai-chat-reasoning-told-twice",
    "thinking inside tags": "nasty/inline-think-tags",
    "usage after the finish": "cassettes/openai-chat-text",
    "usage in every chunk": "cassettes/openai-chat-usage-in-every-chunk",
    "several choices interleaved": "cassettes/openai-chat-two-choices",
    "a refusal": "cassettes/openai-chat-refusal",
    "a search of the provider between client calls": "cassettes/openai-responses-web-search-between-calls",
    "two text blocks": "cassettes/anthropic-two-text-blocks",
    "a call without arguments": "cassettes/anthropic-empty-input",
    "sixty-four calls": "tool-calls/sixty-four-at-once",
    "a very long delta": "text/one-long-delta",
    "halves of an emoji": "unicode/many-halves",
    "arguments member by member": "cassettes/google-arguments-in-pieces",
    "an error beside choices": "cassettes/openai-chat-error-beside-choices",
    "text after its end": "nasty/ollama-ending",
}


def rows(table):
    return [pytest.param(row, ids, id=row) for row, ids in table.items()]


@pytest.mark.parametrize("reading", READINGS)
def test_every_reading_of_one_response_is_asked_several_times(cases, reading):
    assert len([id_ for id_, case in cases.items() if reading in case["sections"]]) >= 3


@pytest.mark.parametrize(("section", "ids"), rows(EDGE_CASES))
def test_every_mandatory_behaviour_of_one_response_is_asked(cases, section, ids):
    assert [id_ for id_ in ids if section not in cases[id_]["sections"]] == []


@pytest.mark.parametrize(("row", "ids"), rows(STREAM_EDGE_CASES))
def test_every_row_of_12_4_is_asked(cases, row, ids):
    assert [id_ for id_ in ids if "§12.4" not in cases[id_]["sections"]] == [], row


@pytest.mark.parametrize(("row", "ids"), rows(TOOL_EDGE_CASES))
def test_every_row_of_13_6_is_asked(cases, row, ids):
    assert [id_ for id_ in ids if "§13.6" not in cases[id_]["sections"]] == [], row


def reasons_asked(cases):
    """Yield the reason of each case's only finish, and the words that are allowed to come of it."""
    for case in cases.values():
        events = [event for event in case["given"].get("events", []) if isinstance(event, dict)]
        finishes = [event for event in events if event.get("type") == "finish"]
        if len(finishes) == 1 and "finishReason" in case["expect"]:
            allowed = case["expect"]["finishReason"]
            yield finishes[0].get("finishReason", "absent"), allowed if isinstance(allowed, list) else [allowed]


@pytest.mark.parametrize(("word", "reason"), WORDS.items())
def test_every_word_for_an_end_is_asked(cases, word, reason):
    assert [allowed for asked, allowed in reasons_asked(cases) if asked == word and reason in allowed]


@pytest.mark.parametrize(("word", "reason"), UNIFIED.items())
def test_every_unified_word_is_asked(cases, word, reason):
    unified = [(asked.get("unified"), allowed) for asked, allowed in reasons_asked(cases) if isinstance(asked, dict)]
    assert [allowed for asked, allowed in unified if asked == word and allowed == [reason]]


@pytest.mark.parametrize("nothing", ["absent", None, {"$undefined": True}])
def test_a_reason_that_is_not_there_is_asked(cases, nothing):
    assert [allowed for asked, allowed in reasons_asked(cases) if asked == nothing and allowed == ["stop"]]


@pytest.mark.parametrize(("shape", "id_"), USAGE_SHAPES.items())
def test_every_shape_of_usage_is_asked(cases, shape, id_):
    assert "usage" in cases[id_]["expect"], shape
    assert {"R24", "R25", "R26"} & set(cases[id_]["sections"])


@pytest.mark.parametrize(("shape", "id_"), ERROR_SHAPES.items())
def test_every_shape_of_an_error_is_asked(cases, shape, id_):
    assert cases[id_]["expect"]["error"], shape


@pytest.mark.parametrize(("shape", "id_"), NASTIEST.items())
def test_the_nastiest_recorded_shapes_are_asked(cases, shape, id_):
    assert id_ in cases, shape
