"""Whatever JSON a provider sends, the decoders of OpenAI's wires never raise, and never speak after the end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.event_reading import reading_of_events
from harness.protocol.events import SILENT, SPOKEN
from harness.providers.message import Mark, Message
from harness.providers.openai_chat import OpenAiChatDecoder
from harness.providers.openai_responses import OpenAiResponsesDecoder

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.text(max_size=4)

CHAT = [
    "choices", "index", "delta", "message", "text", "content", "refusal", "reasoning", "reasoning_content",
    "reasoning_details", "thinking", "tool_calls", "function", "function_call", "custom", "id", "name", "arguments",
    "input", "finish_reason", "usage", "prompt_tokens", "completion_tokens", "x_groq", "error", "errors", "detail",
    "base_resp", "status_code", "object", "model", "annotations", "citations", "url", "url_citation", "audio",
    "transcript", "type",
]  # fmt: skip
RESPONSES = [
    "response", "item", "type", "id", "call_id", "item_id", "output_index", "content_index", "summary_index", "delta",
    "text", "arguments", "name", "input", "content", "summary", "status", "error", "output", "usage", "annotation",
    "annotations", "incomplete_details", "reason", "object", "execution",
]  # fmt: skip
KINDS = st.sampled_from(
    [
        "response.created", "response.output_item.added", "response.output_item.done", "response.output_text.delta",
        "response.output_text.done", "response.refusal.delta", "response.reasoning_summary_text.delta",
        "response.reasoning_text.done", "response.function_call_arguments.delta",
        "response.function_call_arguments.done", "response.output_text.annotation.added", "response.completed",
        "response.incomplete", "response.failed", "error", "message", "reasoning", "function_call",
        "custom_tool_call", "web_search_call", "mcp_call", "mcp_approval_request", "shell_call", "shell_call_output",
    ]
)  # fmt: skip


def shaped(keys, leaves):
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(keys), inner, max_size=5),
        max_leaves=12,
    )


def messages(keys, leaves):
    """JSON of any shape under the names that the wire knows, so that the branches behind them are reached."""
    data = shaped(keys, leaves) | st.just(Mark.DONE)
    return st.lists(st.builds(Message, st.sampled_from(["", "error", "response.completed"]), data), max_size=6)


CHUNKS = st.builds(
    lambda delta, reason: Message("", {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}),
    shaped(CHAT, SCALARS),
    SCALARS,
)
TYPED = st.builds(
    lambda kind, fields: Message("", fields | {"type": kind}),
    KINDS,
    st.dictionaries(st.sampled_from(RESPONSES), shaped(RESPONSES, SCALARS | KINDS), max_size=5),
)
WIRES = [
    (OpenAiChatDecoder, messages(CHAT, SCALARS) | st.lists(CHUNKS, max_size=6)),
    (OpenAiResponsesDecoder, messages(RESPONSES, SCALARS | KINDS) | st.lists(TYPED, max_size=8)),
]


@pytest.mark.parametrize(("wire", "streams"), WIRES, ids=["chat", "responses"])
@given(data=st.data())
def test_any_json_becomes_events_of_the_vocabulary_and_nothing_after_the_end(wire, streams, data):
    numbers = iter(range(1000))
    decoder = wire(lambda: f"made_{next(numbers)}")
    events = []
    for message in data.draw(streams):
        events += decoder.feed(message)
    events += decoder.close()
    assert {event["type"] for event in events} <= SPOKEN | SILENT
    assert [event["type"] in {"finish", "error"} for event in events[:-1]].count(True) == 0
    reading_of_events(events)


@pytest.mark.parametrize(("wire", "streams"), WIRES, ids=["chat", "responses"])
@given(data=st.data())
def test_what_is_open_was_started_and_what_is_said_is_open(wire, streams, data):
    numbers = iter(range(1000))
    decoder = wire(lambda: f"made_{next(numbers)}")
    is_open = set()
    for message in data.draw(streams):
        for event in decoder.feed(message):
            noun, _, verb = event["type"].rpartition("-")
            if noun not in {"text", "reasoning", "tool-input"}:
                continue
            block = (noun, event["id"])
            assert (block in is_open) == (verb != "start")
            if verb == "start":
                is_open.add(block)
            elif verb == "end":
                is_open.remove(block)
            else:
                assert event["delta"]
