"""Walk 1 with a real socket: the implementation asks a provider on 127.0.0.1 by itself, and is judged on both sides.

case → script → replay server ⇄ implementation → transcript and exchanges → judge → result → report.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FORGETFUL = '''
import httpx


class Forgetful:
    """Asks the provider by itself, and forgets the system prompts and the key on the way."""

    async def chat_stream(self, request, source, signal):
        body = {"model": "llama", "messages": request["messages"], "stream": True}
        who = {"id": "r", "model": "m", "timestamp": 1}
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(source["baseUrl"] + "/chat/completions", json=body)
        yield {"type": "content", **who, "delta": str(answer.status_code), "content": str(answer.status_code)}
        yield {"type": "done", **who, "finishReason": "stop"}
'''
CASE = {
    "id": "http/asks-with-everything",
    "title": "System prompt, key and text arrive",
    "sections": ["§12.5", "R29"],
    "operation": "chat",
    "profiles": ["spec"],
    "given": {"wire": "openai-chat", "answers": [{"cassette": "openai/chat-text", "cut": 7}]},
    "request": {
        "model": "togetherai/llama",
        "systemPrompts": ["Be brief."],
        "messages": [{"role": "user", "content": "Hello."}],
        "modelOptions": {"apiKey": "test-key-1"},
    },
    "expect": {"requests": [{"headers": {"authorization": "Bearer test-key-1"}}]},
}


@pytest.fixture
def place(tmp_path):
    (tmp_path / "forgetful.py").write_text(FORGETFUL)
    (tmp_path / "cases" / "http").mkdir(parents=True)
    (tmp_path / "cases" / "http" / "asks-with-everything.json").write_text(json.dumps(CASE))
    return tmp_path


def asked(place, target):
    """Run the command as a user does, on the one case, and return its status and what it tells of the case."""
    environment = {**os.environ, "PYTHONPATH": str(TESTS.parent), "NO_COLOR": "1"}
    ran = subprocess.run(
        [sys.executable, "-m", "harness", "run", target, "--cases", "cases", "--format", "json"],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode in {0, 1}, ran.stderr
    [case] = json.loads(ran.stdout)["cases"]
    return ran.returncode, case


def test_the_reference_asks_with_everything_and_passes(place):
    status, case = asked(place, "reference")
    assert (status, case["result"]) == (0, "passed")
    [request] = case["answer"]["requests"]
    assert (request["request"], request["status"], request["whole"]) == ("POST /chat/completions", 200, True)
    assert {"REQ-4", "REQ-5", "REQ-19", "TEXT-4"} <= set(case["exercised"])


def test_what_was_forgotten_on_the_way_is_found_on_the_providers_side(place):
    status, case = asked(place, "python:forgetful:Forgetful")
    assert (status, case["result"]) == (1, "failed")
    assert {"REQ-5", "REQ-19", "TEXT-4"} <= {one["rule"] for one in case["violations"]}
    assert [one["field"] for one in case["mismatches"]] == ["requests[0].headers.authorization"]
