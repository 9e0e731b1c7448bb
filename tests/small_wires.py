"""Answers and requests of Ollama, OpenAI's completions and Cloudflare's run, as the tests of every wire want them."""

import json

from harness.protocol.messages import Answered, Call, Text

PARIS = {"city": "Paris", "n": 1.0}
TOKENS = {"prompt_tokens": 12, "completion_tokens": 4, "total_tokens": 16}
COUNTS = {
    "total_duration": 9, "load_duration": 1, "prompt_eval_count": 12, "prompt_eval_duration": 2, "eval_count": 4,
    "eval_duration": 3,
}  # fmt: skip
NAMED = {"model": "qwen3:8b", "created_at": "2026-05-04T22:48:15.551388Z"}

WHOLE_CHAT = {
    **NAMED,
    "message": {
        "role": "assistant", "content": "See.", "thinking": "hm",
        "tool_calls": [
            {"id": "call_1", "function": {"index": 0, "name": "weather", "arguments": PARIS}},
            {"function": {"index": 1, "name": "clock", "arguments": {}}},
        ],
    },
    "done": True, "done_reason": "stop", **COUNTS,
}  # fmt: skip
WHOLE_GENERATE = {**NAMED, "response": "See.", "thinking": "hm", "done": True, "done_reason": "stop", **COUNTS}
WHOLE_COMPLETION = {
    "id": "cmpl-1", "object": "text_completion", "created": 1, "model": "gpt-3.5-turbo-instruct",
    "choices": [{"text": "See.", "index": 0, "logprobs": None, "finish_reason": "stop"}], "usage": TOKENS,
}  # fmt: skip
WHOLE_RUN = {
    "result": {"response": "See.", "tool_calls": [{"name": "weather", "arguments": PARIS}], "usage": TOKENS},
    "success": True, "errors": [], "messages": [],
}  # fmt: skip


def cut(text, sizes):
    """The pieces of a text; what the sizes do not reach is the last."""
    pieces = []
    for size in sizes:
        pieces.append(text[:size])
        text = text[size:]
    return [piece for piece in [*pieces, text] if piece]


def lines(*messages):
    return "".join(f"{json.dumps(message)}\n" for message in messages).encode()


def sse(*messages):
    return "".join(f"data: {json.dumps(message)}\n\n" for message in messages).encode() + b"data: [DONE]\n\n"


def given_only(body):
    return {key: value for key, value in body.items() if value is not None}


def chat_pair(answer):
    """An answer (thought, text, calls, whether it was cut off, counts, sizes of pieces), streamed and whole."""
    thought, text, calls, cut_off, (prompt, completion), sizes = answer
    made = [{"id": f"c{n}", "function": {"name": name, "arguments": args}} for n, (name, args) in enumerate(calls)]
    ending = {"done": True, "done_reason": "length" if cut_off else "stop", "prompt_eval_count": prompt,
              "eval_count": completion}  # fmt: skip

    def line(done=None, **said):
        return NAMED | {"message": {"role": "assistant", "content": "", **said}} | (done or {"done": False})

    said = [line(thinking=piece) for piece in cut(thought, sizes)] + [line(content=piece) for piece in cut(text, sizes)]
    stream = [*said, *(line(tool_calls=[call]) for call in made), line(ending)]
    whole = line(ending, content=text, thinking=thought, **({"tool_calls": made} if made else {}))
    return lines(*stream), whole


def generate_pair(answer):
    """The same of an API that knows no calls."""
    thought, text, _, cut_off, (prompt, completion), sizes = answer
    ending = {"done": True, "done_reason": "length" if cut_off else "stop", "prompt_eval_count": prompt,
              "eval_count": completion}  # fmt: skip
    stream = [NAMED | {"response": "", "thinking": piece, "done": False} for piece in cut(thought, sizes)]
    stream += [NAMED | {"response": piece, "done": False} for piece in cut(text, sizes)]
    whole = NAMED | {"response": text, "thinking": thought} | ending
    return lines(*stream, NAMED | {"response": ""} | ending), whole


def completion_pair(answer):
    """The same of an API that knows text alone."""
    _, text, _, cut_off, (prompt, completion), sizes = answer
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}

    def chunk(words, reason=None):
        choice = {"text": words, "index": 0, "logprobs": None, "finish_reason": reason}
        return {"id": "cmpl-1", "object": "text_completion", "choices": [choice], "model": "m"}

    reason = "length" if cut_off else "stop"
    stream = [chunk(piece) for piece in cut(text, sizes)]
    return sse(*stream, chunk("", reason) | {"usage": usage}), chunk(text, reason) | {"usage": usage}


def run_pair(answer):
    """The same of an API that knows no thoughts and no reasons."""
    _, text, calls, _, (prompt, completion), sizes = answer
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    stream = [{"response": piece, "p": "abc"} for piece in cut(text, sizes)]
    for index, (name, args) in enumerate(calls):
        named = {"id": f"c{index}", "type": "function", "index": index, "function": {"name": name}}
        stream.append({"tool_calls": [named]})
        stream += [
            {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
            for piece in cut(json.dumps(args), sizes)
        ]
    made = [
        {"id": f"c{index}", "type": "function", "function": {"name": name, "arguments": json.dumps(args)}}
        for index, (name, args) in enumerate(calls)
    ]
    result = {"response": text, "tool_calls": made, "usage": usage}
    body = {"result": result, "success": True, "errors": [], "messages": []}
    return sse(*stream, {"response": "", "usage": usage}), body


def tool_of(tool):
    function = {"name": tool.name, "description": tool.description, "parameters": tool.schema}
    return {"type": "function", "function": function}


def ollama_settings(asked):
    options = {"temperature": asked.temperature, "top_p": asked.top_p, "num_predict": asked.max_tokens}
    return {"model": asked.model, "stream": asked.stream, "format": asked.schema, "options": given_only(options)}


def ollama_chat_body(asked):
    """The body of a request in the neutral form; ids are sent as far as they are there."""
    messages = []
    for turn in asked.turns:
        texts = "".join(part.text for part in turn.parts if isinstance(part, Text))
        if turn.role == "tool":
            messages += [
                given_only({"role": "tool", "content": it.content, "tool_name": it.name, "tool_call_id": it.id})
                for it in turn.parts
            ]
            continue
        calls = [
            given_only({"id": it.id}) | {"function": {"name": it.name, "arguments": json.loads(it.arguments)}}
            for it in turn.parts
            if isinstance(it, Call)
        ]
        images = [it.data for it in turn.parts if not isinstance(it, Text | Call | Answered)]
        messages.append(
            {"role": turn.role, "content": texts}
            | ({"tool_calls": calls} if calls else {})
            | ({"images": images} if images else {})
        )
    return {**ollama_settings(asked), "messages": messages, "tools": [tool_of(tool) for tool in asked.tools]}


def ollama_generate_body(asked):
    said = {turn.role: turn for turn in asked.turns}
    texts = {role: "".join(part.text for part in turn.parts if isinstance(part, Text)) for role, turn in said.items()}
    images = [part.data for turn in asked.turns for part in turn.parts if not isinstance(part, Text)]
    return given_only(
        {**ollama_settings(asked), "system": texts.get("system"), "prompt": texts.get("user"), "images": images}
    )


def completions_body(asked):
    """A conversation in the way of the AI SDK's package."""
    prompt = "".join(
        f"{turn.parts[0].text}\n\n" if turn.role == "system" else f"{turn.role}:\n{turn.parts[0].text}\n\n"
        for turn in asked.turns
    )
    return given_only(
        {
            "model": asked.model, "prompt": prompt + "assistant:\n", "max_tokens": asked.max_tokens,
            "temperature": asked.temperature, "top_p": asked.top_p, "stream": asked.stream,
        }
    )  # fmt: skip
