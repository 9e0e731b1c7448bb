"""Source events as tests write them: AI SDK stream parts V2, in their shortest form."""

USAGE = {"inputTokens": 3, "outputTokens": 4, "totalTokens": 7}


def metadata(id_="resp_1", model="real-model"):
    return {"type": "response-metadata", "id": id_, "modelId": model}


def text(delta, id_="t"):
    return {"type": "text-delta", "id": id_, "delta": delta}


def reasoning(delta, id_="r"):
    return {"type": "reasoning-delta", "id": id_, "delta": delta}


def start(id_="call_1", name="get_weather", **more):
    return {"type": "tool-input-start", "id": id_, "toolName": name, **more}


def part(delta, id_="call_1"):
    return {"type": "tool-input-delta", "id": id_, "delta": delta}


def end(id_="call_1"):
    return {"type": "tool-input-end", "id": id_}


def call(given="{}", id_="call_1", name="get_weather", **more):
    return {"type": "tool-call", "toolCallId": id_, "toolName": name, "input": given, **more}


def result(value, id_="call_1", **more):
    return {"type": "tool-result", "toolCallId": id_, "toolName": "get_weather", "result": value, **more}


def finish(reason="stop", usage=USAGE):
    return {"type": "finish", "finishReason": reason, "usage": usage}


def error(value):
    return {"type": "error", "error": value}
