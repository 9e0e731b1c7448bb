"""A streamed answer and the same answer whole give the same reading, whatever was said and however it was cut."""

import json
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cohere_wires
import converse_and_interactions
import small_wires
from harness.protocol.event_reading import reading_of_events
from harness.providers import WIRES, counted_ids, decoded


def events_of(wire, body):
    return decoded(wire, body, counted_ids("made"))


def sse(*messages):
    return "".join(f"data: {json.dumps(message)}\n\n" for message in messages).encode()


def shape(events):
    """The kinds of the events, with deltas that follow each other as one."""
    return [kind for kind, _ in groupby(event["type"] for event in events)]


def cut(text, sizes):
    """The pieces of a text; what the sizes do not reach is the last."""
    pieces = []
    for size in sizes:
        pieces.append(text[:size])
        text = text[size:]
    return [piece for piece in [*pieces, text] if piece]


arguments = st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=4), min_size=1, max_size=3)
answers = st.tuples(
    st.text(max_size=12),  # what was thought
    st.text(max_size=12),  # what was said
    st.lists(st.tuples(st.sampled_from(["weather", "clock"]), arguments), max_size=3),  # what was called
    st.booleans(),  # whether the token limit ended it
    st.tuples(st.integers(0, 99), st.integers(1, 99)),  # what was counted
    st.lists(st.integers(1, 4), max_size=6),  # the lengths of the pieces
)


def anthropic_pair(answer):
    thought, text, calls, cut_off, counts, sizes = answer
    blocks = [{"type": "thinking", "thinking": thought}] if thought else []
    blocks += [{"type": "text", "text": text}] if text else []
    blocks += [{"type": "tool_use", "id": f"t{n}", "name": name, "input": args} for n, (name, args) in enumerate(calls)]
    reason = "max_tokens" if cut_off else "tool_use" if calls else "end_turn"
    head = {"id": "m", "type": "message", "model": "c", "content": []}
    stream = [{"type": "message_start", "message": head | {"usage": {"input_tokens": counts[0], "output_tokens": 1}}}]
    for index, block in enumerate(blocks):
        key, kind = {"thinking": ("thinking", "thinking_delta"), "text": ("text", "text_delta")}.get(
            block["type"], ("input", "input_json_delta")
        )
        empty = {} if key == "input" else ""
        said = json.dumps(block[key], ensure_ascii=False, separators=(",", ":")) if key == "input" else block[key]
        stream.append({"type": "content_block_start", "index": index, "content_block": block | {key: empty}})
        for piece in cut(said, sizes):
            delta = {"type": kind, "partial_json" if key == "input" else key: piece}
            stream.append({"type": "content_block_delta", "index": index, "delta": delta})
        stream.append({"type": "content_block_stop", "index": index})
    stream.append({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": counts[1]}})
    usage = {"input_tokens": counts[0], "output_tokens": counts[1]}
    return sse(*stream, {"type": "message_stop"}), head | {"content": blocks, "stop_reason": reason, "usage": usage}


def responses_pair(answer):
    thought, text, calls, cut_off, counts, sizes = answer
    output = (
        [{"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": thought}]}] if thought else []
    )
    part = {"type": "output_text", "text": text, "annotations": []}
    output += [{"type": "message", "id": "m", "role": "assistant", "content": [part]}] if text else []
    output += [
        {"type": "function_call", "id": f"fc{n}", "call_id": f"c{n}", "name": name, "arguments": json.dumps(args)}
        for n, (name, args) in enumerate(calls)
    ]
    usage = {"input_tokens": counts[0], "output_tokens": counts[1], "total_tokens": sum(counts)}
    ending = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}} if cut_off else {
        "status": "completed"
    }  # fmt: skip
    response = {"id": "r", "object": "response", "model": "g", "output": output, "usage": usage} | ending
    stream = [{"type": "response.created", "response": response | {"status": "in_progress", "output": []}}]
    empty = {"summary": [], "content": [], "arguments": ""}
    kinds = {
        "reasoning": ("reasoning_summary_text", {"summary_index": 0}),
        "message": ("output_text", {"content_index": 0}),
        "function_call": ("function_call_arguments", {}),
    }
    for place, item in enumerate(output):
        kind, index = kinds[item["type"]]
        said = item.get("arguments") or (item.get("summary") or item.get("content"))[0]["text"]
        first = item | {key: value for key, value in empty.items() if key in item}
        stream.append({"type": "response.output_item.added", "output_index": place, "item": first})
        at = {"item_id": item["id"], "output_index": place, **index}
        stream += [{"type": f"response.{kind}.delta", "delta": piece, **at} for piece in cut(said, sizes)]
        stream.append({"type": "response.output_item.done", "output_index": place, "item": item})
    return sse(*stream, {"type": f"response.{ending['status']}", "response": response}), response


def chat_pair(answer):
    thought, text, calls, cut_off, counts, sizes = answer
    reason = "length" if cut_off else "tool_calls" if calls else "stop"
    made = [
        {"id": f"c{n}", "type": "function", "function": {"name": name, "arguments": json.dumps(args)}}
        for n, (name, args) in enumerate(calls)
    ]
    usage = {"prompt_tokens": counts[0], "completion_tokens": counts[1], "total_tokens": sum(counts)}
    deltas = [{"reasoning_content": piece} for piece in cut(thought, sizes)]
    deltas += [{"content": piece} for piece in cut(text, sizes)]
    for index, call in enumerate(made):
        first = call | {"index": index, "function": call["function"] | {"arguments": ""}}
        deltas.append({"tool_calls": [first]})
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
            for piece in cut(call["function"]["arguments"], sizes)
        ]
    head = {"id": "chatcmpl", "model": "g"}
    stream = [head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    stream += [
        head | {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]},
        head | {"choices": [], "usage": usage},
    ]
    message = {"role": "assistant", "content": text or None, "reasoning_content": thought} | (
        {"tool_calls": made} if made else {}
    )
    choice = {"index": 0, "message": message, "finish_reason": reason}
    return sse(*stream) + b"data: [DONE]\n\n", head | {"choices": [choice], "usage": usage}


def gemini_pair(answer):
    thought, text, calls, cut_off, counts, sizes = answer
    called = [{"functionCall": {"name": name, "args": args}} for name, args in calls]
    pieces = [{"text": piece, "thought": True} for piece in cut(thought, sizes)]
    pieces += [{"text": piece} for piece in cut(text, sizes)] + called
    parts = [{"text": thought, "thought": True}] * bool(thought) + [{"text": text}] * bool(text) + called
    usage = {"promptTokenCount": counts[0], "candidatesTokenCount": counts[1], "totalTokenCount": sum(counts)}
    head = {"responseId": "r", "modelVersion": "g"}
    ending = {"finishReason": "MAX_TOKENS" if cut_off else "STOP"}
    stream = [head | {"candidates": [{"content": {"parts": [piece]}}]} for piece in pieces]
    stream.append(head | {"candidates": [ending], "usageMetadata": usage})
    return sse(*stream), head | {"candidates": [{"content": {"parts": parts}} | ending], "usageMetadata": usage}


PAIRS = {
    "openai-chat": chat_pair,
    "openai-responses": responses_pair,
    "anthropic-messages": anthropic_pair,
    "google-generatecontent": gemini_pair,
    "openai-completions": small_wires.completion_pair,
    "ollama-chat": small_wires.chat_pair,
    "ollama-generate": small_wires.generate_pair,
    "cloudflare-run": small_wires.run_pair,
    "cohere-v2": cohere_wires.pair_v2,
    "cohere-v1": cohere_wires.pair_v1,
    "google-interactions": converse_and_interactions.interaction_pair,
    "bedrock-converse": converse_and_interactions.converse_pair,
}


# Their parallel calls end together, so that deltas of one stand between starts of others.
END_TOGETHER = {"openai-chat", "cohere-v1", "cloudflare-run"}


def test_every_wire_has_a_pair_here():
    assert PAIRS.keys() == WIRES.keys()


@pytest.mark.parametrize("wire", PAIRS)
@given(answer=answers)
def test_a_streamed_answer_and_the_same_answer_whole_give_the_same(wire, answer):
    stream, body = PAIRS[wire](answer)
    streamed, at_once = events_of(wire, stream), events_of(wire, json.dumps(body).encode())
    assert reading_of_events(at_once) == reading_of_events(streamed)
    assert at_once[-1] == streamed[-1]
    assert at_once[-1]["type"] == "finish"
    if wire not in END_TOGETHER:
        assert shape(at_once) == shape(streamed)
