"""Answers of Bedrock's Converse and of Google's Interactions, as the tests write them."""

import json

from harness.wire.aws_event_stream import EventStreamMessage, event_stream_bytes, text_header

PARIS = {"city": "Paris", "n": 1.0}

WHOLE_CONVERSE = {
    "output": {"message": {"role": "assistant", "content": [
        {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}},
        {"reasoningContent": {"redactedContent": "eA=="}},
        {"text": "See."},
        {"citationsContent": {"content": [{"text": " Cited."}], "citations": [
            {"title": "A", "location": {"web": {"url": "https://a.test", "domain": "a.test"}}}, {"title": "facts"}]}},
        {"toolUse": {"toolUseId": "s1", "name": "nova_grounding", "input": {"q": 1}, "type": "server_tool_use"}},
        {"toolResult": {"toolUseId": "s1", "type": "nova_grounding_result", "status": "success",
                        "content": [{"json": {"found": [1]}}]}},
        {"image": {"format": "png", "source": {"bytes": "iVBO"}}},
        {"toolUse": {"toolUseId": "t1", "name": "weather", "input": PARIS}},
        {"toolUse": {"toolUseId": "t2", "name": "clock", "input": {}}}]}},
    "stopReason": "tool_use",
    "usage": {"inputTokens": 12, "outputTokens": 4, "totalTokens": 19, "cacheReadInputTokens": 3},
    "metrics": {"latencyMs": 9},
}  # fmt: skip

WHOLE_INTERACTION = {
    "id": "v1_a", "object": "interaction", "model": "gemini", "status": "requires_action",
    "steps": [
        {"type": "thought", "summary": [{"type": "text", "text": "hm"}], "signature": "s"},
        {"type": "model_output", "content": [{"type": "text", "text": "See.", "annotations": [
            {"type": "url_citation", "url": "https://a.test", "title": "A"}]},
            {"type": "image", "data": "iVBO", "mime_type": "image/png"}]},
        {"type": "google_search_call", "id": "g1", "arguments": {"queries": ["q"]}},
        {"type": "google_search_result", "call_id": "g1", "result": [{"url": "https://b.test"}]},
        {"type": "function_call", "id": "c1", "name": "weather", "arguments": PARIS},
        {"type": "function_call", "id": "c2", "name": "clock", "arguments": {}},
    ],
    "usage": {"total_tokens": 18, "total_input_tokens": 12, "total_output_tokens": 4, "total_thought_tokens": 2,
              "total_cached_tokens": 3},
}  # fmt: skip


def frame(name, payload, kind="event"):
    """One message of an AWS event stream, of the kind ``event`` or ``exception``."""
    head = {f":{kind}-type": name, ":content-type": "application/json", ":message-type": kind}
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return event_stream_bytes(EventStreamMessage({key: text_header(value) for key, value in head.items()}, body))


def converse(*events):
    """A stream of Converse from ``(name, payload)`` pairs."""
    return b"".join(frame(name, payload) for name, payload in events)


def interaction(*events):
    """A stream of Interactions from messages that name their event."""
    lines = [f"event: {one['event_type']}\ndata: {json.dumps(one)}\n\n" for one in events]
    return "".join(lines).encode() + b"event: done\ndata: [DONE]\n\n"


def cut(text, sizes):
    """The pieces of a text; what the sizes do not reach is the last."""
    pieces = []
    for size in sizes:
        pieces.append(text[:size])
        text = text[size:]
    return [piece for piece in [*pieces, text] if piece]


def converse_pair(answer):
    """An answer (thought, text, calls, whether it was cut off, counts, sizes of pieces), streamed and whole."""
    thought, text, calls, cut_off, counts, sizes = answer
    content = [{"reasoningContent": {"reasoningText": {"text": thought}}}] if thought else []
    content += [{"text": text}] if text else []
    content += [
        {"toolUse": {"toolUseId": f"c{n}", "name": name, "input": given}} for n, (name, given) in enumerate(calls)
    ]
    stream = [("messageStart", {"role": "assistant"})]
    for index, block in enumerate(content):
        at = {"contentBlockIndex": index}
        if call := block.get("toolUse"):
            start = {"toolUse": {"toolUseId": call["toolUseId"], "name": call["name"]}}
            stream.append(("contentBlockStart", {**at, "start": start}))
            said = json.dumps(call["input"], ensure_ascii=False, separators=(",", ":"))
            deltas = [{"toolUse": {"input": piece}} for piece in cut(said, sizes)]
        elif "text" in block:
            deltas = [{"text": piece} for piece in cut(text, sizes)]
        else:
            deltas = [{"reasoningContent": {"text": piece}} for piece in cut(thought, sizes)]
        stream += [("contentBlockDelta", {**at, "delta": delta}) for delta in deltas]
        stream.append(("contentBlockStop", at))
    reason = {"stopReason": "max_tokens" if cut_off else "tool_use" if calls else "end_turn"}
    usage = {"inputTokens": counts[0], "outputTokens": counts[1], "totalTokens": sum(counts)}
    cost = {"usage": usage, "metrics": {"latencyMs": 1}}
    whole = {"output": {"message": {"role": "assistant", "content": content}}} | reason | cost
    return converse(*stream, ("messageStop", reason), ("metadata", cost)), whole


def interaction_pair(answer):
    """The same in steps."""
    thought, text, calls, cut_off, counts, sizes = answer
    steps = [{"type": "thought", "summary": [{"type": "text", "text": thought}]}] if thought else []
    steps += [{"type": "model_output", "content": [{"type": "text", "text": text}]}] if text else []
    steps += [
        {"type": "function_call", "id": f"c{n}", "name": name, "arguments": given}
        for n, (name, given) in enumerate(calls)
    ]
    head = {"id": "v1", "object": "interaction", "model": "g"}
    stream = [{"event_type": "interaction.created", "interaction": head | {"status": "in_progress"}}]
    for index, step in enumerate(steps):
        first = {key: value for key, value in step.items() if key not in {"summary", "content"}}
        if step["type"] == "function_call":
            first |= {"arguments": {}}
            said = json.dumps(step["arguments"], ensure_ascii=False, separators=(",", ":"))
            deltas = [{"type": "arguments_delta", "arguments": piece} for piece in cut(said, sizes)]
        else:
            parts = [{"type": "text", "text": piece} for piece in cut(thought if "summary" in step else text, sizes)]
            deltas = [{"type": "thought_summary", "content": part} for part in parts] if "summary" in step else parts
        stream.append({"event_type": "step.start", "index": index, "step": first})
        stream += [{"event_type": "step.delta", "index": index, "delta": delta} for delta in deltas]
        stream.append({"event_type": "step.stop", "index": index})
    usage = {"total_input_tokens": counts[0], "total_output_tokens": counts[1], "total_tokens": sum(counts)}
    ending = {"status": "incomplete" if cut_off else "requires_action" if calls else "completed", "usage": usage}
    stream.append({"event_type": "interaction.completed", "interaction": head | ending})
    return interaction(*stream), head | ending | {"steps": steps}
