"""A source and an answer to it, as tests of the law write them, and what the law finds in the answer."""

from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Ending, Stimulus, Transcript

BASE = {"id": "resp_1", "model": "m", "timestamp": 1_700_000_000_000}
COUNTED = {"promptTokens": 11, "completionTokens": 7, "totalTokens": 18}
ZEROS = dict.fromkeys(COUNTED, 0)
META = {"type": "response-metadata", "id": "resp_1", "modelId": "m"}
USAGE = {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}


def says(delta):
    return {"type": "text-delta", "id": "t", "delta": delta}


def calls(id_="call_1", name="get_weather", given='{"city":"Paris"}', **more):
    return {"type": "tool-call", "toolCallId": id_, "toolName": name, "input": given, **more}


def starts(id_, name="get_weather"):
    return {"type": "tool-input-start", "id": id_, "toolName": name}


def adds(id_, delta):
    return {"type": "tool-input-delta", "id": id_, "delta": delta}


def gives(result, id_="call_1", **more):
    return {"type": "tool-result", "toolCallId": id_, "toolName": "get_weather", "result": result, **more}


def finish(reason="stop", usage=USAGE):
    return {"type": "finish", "finishReason": reason, "usage": usage}


def text(delta, content=None):
    return {"type": "content", **BASE, "delta": delta, "content": content or delta}


def call(id_="call_1", name="get_weather", arguments='{"city":"Paris"}', index=0):
    function = {"name": name, "arguments": arguments}
    return {
        "type": "tool_call",
        **BASE,
        "index": index,
        "toolCall": {"id": id_, "type": "function", "function": function},
    }


def result(content, id_="call_1"):
    return {"type": "tool_result", **BASE, "toolCallId": id_, "content": content}


def done(reason="stop", usage=COUNTED):
    return {"type": "done", **BASE, "finishReason": reason} | ({"usage": usage} if usage else {})


def error(code=None, message="Overloaded"):
    return {"type": "error", **BASE, "error": {"message": message} | ({"code": code} if code else {})}


def found(events, chunks, profile="spec", ending="completed", request=None):
    compactor = Compactor()
    records = tuple(compactor.feed(chunk) for chunk in chunks)
    transcript = Transcript(records, Ending(ending), Stimulus(request or {}, tuple(events)))
    return [violation.rule.id for violation in judge(transcript, profile=profile).violations]
