"""Answers and requests of Cohere's two chat APIs, as the tests of every wire want them."""

import json

PARIS = '{"city":"Paris","n":1.0}'

WHOLE_V2 = {
    "id": "c14c80c3-18eb-4519-9460-6c92edd8cfb4", "finish_reason": "TOOL_CALL",
    "message": {
        "role": "assistant", "tool_plan": "I will look.",
        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "See."}],
        "tool_calls": [
            {"id": "weather_1", "type": "function", "function": {"name": "weather", "arguments": PARIS}},
            {"id": "clock_1", "type": "function", "function": {"name": "clock", "arguments": ""}},
        ],
        "citations": [{"start": 0, "end": 4, "text": "See.", "type": "TEXT_CONTENT", "sources": [
            {"type": "document", "id": "doc:0", "document": {"id": "doc:0", "title": "facts.txt", "text": "See."}}]}],
    },
    "usage": {"billed_units": {"input_tokens": 2, "output_tokens": 1}, "tokens": {
        "input_tokens": 12, "output_tokens": 4, "reasoning_tokens": 2}, "cached_tokens": 3},
}  # fmt: skip

WHOLE_V1 = {
    "response_id": "0385c7cf", "text": "", "generation_id": "7e8f9a0b", "finish_reason": "COMPLETE",
    "tool_calls": [{"name": "weather", "parameters": {"city": "Paris", "n": 1.0}}, {"name": "clock", "parameters": {}}],
    "chat_history": [{"role": "USER", "message": "Hi"}],
    "meta": {"api_version": {"version": "1"}, "billed_units": {"input_tokens": 2, "output_tokens": 1},
             "tokens": {"input_tokens": 12, "output_tokens": 4}},
}  # fmt: skip


def sse(*messages):
    return "".join(f"event: {message['type']}\ndata: {json.dumps(message)}\n\n" for message in messages).encode()


def lines(*messages):
    return "".join(f"{json.dumps(message)}\n" for message in messages).encode()


def cut(text, sizes):
    """The pieces of a text; what the sizes do not reach is the last."""
    pieces = []
    for size in sizes:
        pieces.append(text[:size])
        text = text[size:]
    return [piece for piece in [*pieces, text] if piece]


def pair_v2(answer):
    """An answer (thought, text, calls, whether it was cut off, counts, sizes of pieces), streamed and whole."""
    thought, text, calls, cut_off, counts, sizes = answer
    contents = [{"type": kind, kind: words} for kind, words in (("thinking", thought), ("text", text)) if words]
    made = [
        {"id": f"c{n}", "type": "function", "function": {"name": name, "arguments": json.dumps(args)}}
        for n, (name, args) in enumerate(calls)
    ]

    def at(kind, index, **message):
        return {"type": kind, "index": index, "delta": {"message": message}}

    stream = [{"id": "m", "type": "message-start", "delta": {"message": {"role": "assistant", "content": []}}}]
    for index, content in enumerate(contents):
        key = content["type"]
        stream.append(at("content-start", index, content={"type": key, key: ""}))
        stream += [at("content-delta", index, content={key: piece}) for piece in cut(content[key], sizes)]
        stream.append({"type": "content-end", "index": index})
    for index, call in enumerate(made):
        said = call["function"]["arguments"]
        first = call | {"function": call["function"] | {"arguments": ""}}
        stream.append(at("tool-call-start", index, tool_calls=first))
        stream += [
            at("tool-call-delta", index, tool_calls={"function": {"arguments": piece}}) for piece in cut(said, sizes)
        ]
        stream.append({"type": "tool-call-end", "index": index})
    told = {
        "finish_reason": "MAX_TOKENS" if cut_off else "TOOL_CALL" if calls else "COMPLETE",
        "usage": {"tokens": {"input_tokens": counts[0], "output_tokens": counts[1]}},
    }
    stream.append({"type": "message-end", "delta": told})
    message = {"role": "assistant", "content": contents} | ({"tool_calls": made} if made else {})
    return sse(*stream) + b"data: [DONE]\n\n", {"id": "m", "message": message} | told


def pair_v1(answer):
    """The same on version 1, which has no thoughts, and beside calls no text that is the answer's."""
    _thought, text, calls, cut_off, counts, sizes = answer
    made = [{"name": name, "parameters": args} for name, args in calls]
    stream = [{"event_type": "stream-start", "generation_id": "m"}]
    stream += [
        {"event_type": "tool-calls-chunk" if calls else "text-generation", "text": piece} for piece in cut(text, sizes)
    ]
    for index, (name, args) in enumerate(calls):
        stream.append({"event_type": "tool-calls-chunk", "tool_call_delta": {"name": name, "index": index}})
        stream += [
            {"event_type": "tool-calls-chunk", "tool_call_delta": {"index": index, "parameters": piece}}
            for piece in cut(json.dumps(args, ensure_ascii=False, separators=(",", ":")), sizes)
        ]
        if index == len(calls) - 1:
            stream.append({"event_type": "tool-calls-generation", "tool_calls": made})
    reason = "MAX_TOKENS" if cut_off else "COMPLETE"
    response = {"text": text, "generation_id": "m", "finish_reason": reason, "tool_calls": made}
    response["meta"] = {"tokens": {"input_tokens": counts[0], "output_tokens": counts[1]}}
    end = {"is_finished": True, "event_type": "stream-end", "finish_reason": reason, "response": response}
    return lines(*({"is_finished": False} | message for message in stream), end), response
