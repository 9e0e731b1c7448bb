"""Write the cases of the recorded answers: ``witness.py --streamchunk PROGRAM``, under the Python of the servers.

What must come out is read by the providers' own packages, openai and anthropic, from ``streamchunk replay``: none of
our decoders has a part in it. What they raise is an error, or an answer that was cut. Look at every line that changes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
from questions import PROMPT, SERVERS, Question, Server
from vocabulary import MODEL

HERE = Path(__file__).parent
CASES = HERE.parents[1] / "fixtures" / "cases"
AREA = "recorded-by-us"
_KEY = "test-key-1"
_COUNTED_AND_THOUGHT = {"usage", "reasoning"}
_OF_THE_SPECIFICATION = {*_COUNTED_AND_THOUGHT, "id"}
"""What the specification alone promises (R2, R5, R26)."""
_REASONS = {"end_turn": "stop", "max_tokens": "length", "max_output_tokens": "length", "tool_use": "tool_calls"}

Heard = dict[str, Any]
"""What was heard so far, by the names that a case's ``expect`` has; calls by the place of each."""


def main(streamchunk: Path) -> None:
    """Write a case for every question, and a second one where there is more that the specification alone promises."""
    for server in SERVERS:
        for question in server.questions:
            cassette = f"{server.folder}/recorded-{question.name}"
            with _replayed(streamchunk, HERE.parent / f"{cassette}.yaml") as url:
                expect = _expected(url, question)
            case = _case(server, question, cassette, expect)
            _write(_for_everyone(case))
            if set(expect) & _COUNTED_AND_THOUGHT:
                _write(_in_full(case))
            print(case["id"], json.dumps(expect, ensure_ascii=False))  # noqa: T201 - to whoever runs it


@contextmanager
def _replayed(streamchunk: Path, cassette: Path) -> Iterator[str]:
    command = [streamchunk, "replay", "--speed", "0", cassette]
    with subprocess.Popen(  # noqa: S603 - the program that the user names
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as replay:
        assert replay.stdout is not None  # noqa: S101 - it is the pipe
        try:
            yield replay.stdout.readline().strip()
        finally:
            replay.terminate()
        if replay.wait():
            sys.exit(f"{cassette}: what was asked is not what was recorded; record it again")


def _expected(url: str, question: Question) -> dict[str, Any]:
    heard: Heard = {"text": "", "reasoning": "", "toolCalls": {}}
    try:
        _LISTENERS[question.path](url, dict(question.body), heard)
    except (openai.APIStatusError, anthropic.APIStatusError) as error:
        body = error.body if isinstance(error.body, dict) else {}
        told = {"message": text} if (text := body.get("message") or body.get("detail")) else {}
        return {"error": {"code": str(error.status_code), **told}, "finishReason": "error"}
    except (openai.APIConnectionError, httpx2.TransportError, json.JSONDecodeError):
        return {"text": heard["text"]}
    except openai.APIError as error:
        message = error.body if isinstance(error.body, str) else error.message
        return {"text": heard["text"], "error": {"message": message}, "finishReason": "error"}
    calls = [call for _, call in sorted(heard.pop("toolCalls").items())]
    found = {key: value for key, value in heard.items() if value}
    return {**found, "toolCalls": calls} if calls else found or {"text": ""}


def _chat(url: str, body: Mapping[str, Any], heard: Heard) -> None:
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=_KEY, max_retries=0)
    for chunk in client.chat.completions.create(model="", messages=[], stream=True, extra_body=body):
        heard["id"] = chunk.id
        if chunk.usage is not None:
            heard["usage"] = _counted(
                chunk.usage.prompt_tokens, chunk.usage.completion_tokens, chunk.usage.total_tokens
            )
        for choice in chunk.choices:
            heard["text"] += choice.delta.content or ""
            heard["reasoning"] += getattr(choice.delta, "reasoning_content", None) or ""
            heard["finishReason"] = choice.finish_reason or heard.get("finishReason")
            for part in choice.delta.tool_calls or ():
                call = heard["toolCalls"].setdefault(part.index, {"id": part.id, "name": "", "arguments": ""})
                call["name"] = part.function.name or call["name"]
                call["arguments"] += part.function.arguments or ""


def _completions(url: str, body: Mapping[str, Any], heard: Heard) -> None:
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=_KEY, max_retries=0)
    for chunk in client.completions.create(model="", prompt="", stream=True, extra_body=body):
        heard["id"] = chunk.id
        if chunk.usage is not None:
            heard["usage"] = _counted(
                chunk.usage.prompt_tokens, chunk.usage.completion_tokens, chunk.usage.total_tokens
            )
        for choice in chunk.choices:
            heard["text"] += choice.text
            heard["finishReason"] = choice.finish_reason or heard.get("finishReason")


def _responses(url: str, body: Mapping[str, Any], heard: Heard) -> None:
    """Believe the last event, which tells the whole answer once more, and not those that told it in pieces."""
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=_KEY, max_retries=0)
    for event in client.responses.create(stream=True, extra_body=body):
        if event.type not in {"response.completed", "response.incomplete"}:
            continue
        answer = event.response
        heard["id"] = answer.id
        heard["usage"] = _counted(answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens)
        cut = getattr(answer, "incomplete_details", None)
        heard["finishReason"] = _REASONS[cut.reason] if cut else "stop"
        for item in answer.output:
            if item.type == "message":
                heard["text"] += "".join(part.text for part in item.content)
            elif item.type == "reasoning":
                heard["reasoning"] += "".join(part.text for part in [*item.summary, *(item.content or [])])


def _messages(url: str, body: Mapping[str, Any], heard: Heard) -> None:
    client = anthropic.Anthropic(base_url=url, api_key=_KEY, max_retries=0)
    with client.messages.stream(model="", messages=[], max_tokens=1, extra_body=body) as stream:
        answer = stream.get_final_message()
    heard["id"] = answer.id
    counted = answer.usage.input_tokens, answer.usage.output_tokens
    heard["usage"] = _counted(*counted, sum(counted))
    heard["finishReason"] = _REASONS[answer.stop_reason]
    for block in answer.content:
        heard["text"] += block.text if block.type == "text" else ""
        heard["reasoning"] += block.thinking if block.type == "thinking" else ""


def _counted(prompt: int, completion: int, total: int) -> dict[str, int]:
    return {"promptTokens": prompt, "completionTokens": completion, "totalTokens": total}


_LISTENERS: dict[str, Callable[[str, Mapping[str, Any], Heard], None]] = {
    "/v1/chat/completions": _chat,
    "/v1/completions": _completions,
    "/v1/responses": _responses,
    "/v1/messages": _messages,
}


def _case(server: Server, question: Question, cassette: str, expect: Mapping[str, Any]) -> dict[str, Any]:
    request: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": PROMPT}]}
    if tools := question.body.get("tools"):
        request["tools"] = [_tool(tool["function"]) for tool in tools]
    return {
        "id": f"{AREA}/{cassette.replace('/recorded-', '-')}",
        "title": f"{server.called} {question.title}",
        "sections": list(question.sections),
        "operation": "transform",
        "profiles": ["spec", "tanstack"],
        "given": {"cassette": cassette},
        "request": request,
        "expect": dict(expect),
    }


def _for_everyone(case: Mapping[str, Any]) -> dict[str, Any]:
    expect = {key: value for key, value in case["expect"].items() if key not in _OF_THE_SPECIFICATION}
    return {**case, "expect": expect}


def _in_full(case: Mapping[str, Any]) -> dict[str, Any]:
    return {**case, "id": f"{case['id']}-in-full", "title": f"{case['title']}, in full", "profiles": ["spec"]}


def _write(case: Mapping[str, Any]) -> None:
    path = CASES / f"{case['id']}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(case, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _tool(function: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": function["name"], "description": function["description"], "inputSchema": function["parameters"]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streamchunk", required=True, type=Path, help="the harness's command")
    main(parser.parse_args().streamchunk.absolute())
