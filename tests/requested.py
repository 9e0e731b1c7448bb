"""A request, and what came of it at the provider, as tests of the law about requests write them."""

from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.messages import ModelRequest, Text, Turn
from harness.protocol.script import Exchange, Sent
from harness.protocol.transcript import NOTHING, Ending, Stimulus, Transcript

URL = "http://127.0.0.1:4000/v1"
BASE = {"id": "resp_1", "model": "gpt-4o", "timestamp": 1_700_000_000_000}
USAGE = dict.fromkeys(("promptTokens", "completionTokens", "totalTokens"), 1)
DONE = {"type": "done", **BASE, "finishReason": "stop", "usage": USAGE}
ERROR = {"type": "error", **BASE, "error": {"message": "it failed", "code": "FAILED"}}


def user(*parts):
    return Turn("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def assistant(*parts):
    return Turn("assistant", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def system(*texts):
    return Turn("system", tuple(map(Text, texts)))


def tool(*parts):
    return Turn("tool", parts)


def calls(id_, arguments="{}", name="get_weather"):
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def asking(*messages, **more):
    return {"model": "openai/gpt-4o", "messages": list(messages)} | more


def says(content, role="user", **more):
    return {"role": role, "content": content, **more}


def answers(id_, content):
    return {"role": "tool", "toolCallId": id_, "content": content}


def asked(*turns, **more):
    return ModelRequest(**({"model": "gpt-4o", "turns": turns, "stream": True} | more))


def exchange(request=None, target="/chat/completions", headers=(), body=b"{}", at=0, **more):
    given = {"script": 0, "status": 200, "sent": (Sent(at + 5, 9),), "closed_at": at + 6, "whole": True}
    return Exchange("POST", target, headers, body, at, **(given | {"asked": request} | more))


def found(request, *exchanges, chunks=(DONE,), profile="spec", **run):
    """Return the rules about requests that are broken, each with the path of its finding."""
    compactor = Compactor()
    transcript = Transcript(
        tuple(map(compactor.feed, chunks)),
        run.get("ending", Ending()),
        Stimulus(request, operation=run.get("operation", "chat"), base_url=URL),
        result=run.get("result", NOTHING),
        exchanges=exchanges,
    )
    violations = judge(transcript, profile=profile).violations
    return [(one.rule.id, one.finding.path) for one in violations if one.rule.id.startswith("REQ-")]


def rules(*args, **more):
    return [id_ for id_, _ in found(*args, **more)]
