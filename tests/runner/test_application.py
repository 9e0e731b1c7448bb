"""A running application that fails, or goes its own way, is told apart from one whose provider fails."""

import json
import socket
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from harness.drivers import connect
from harness.drivers.driver import Settings
from harness.replay.fixed_provider import FixedProvider
from harness.results import Errored, Failed, Passed
from harness.runner import run
from harness.suite.case import Case

KEY = "sk-key-of-the-application-0123456789"
WHO = {"id": "resp_1", "model": "m", "timestamp": 1767225600000}
USAGE = {"promptTokens": 3, "completionTokens": 2, "totalTokens": 5}
SAID = [
    {"id": "resp_1", "model": "m", "choices": [{"index": 0, "delta": {"content": "Hi"}}]},
    {"id": "resp_1", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
     "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}},
    "[DONE]",
]  # fmt: skip


def streamed(*chunks):
    return 200, "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"


def content(text):
    return {"type": "content", **WHO, "delta": text, "content": text}


GREETING = streamed(content("Hi"), {"type": "done", **WHO, "finishReason": "stop", "usage": USAGE})


@pytest.fixture(scope="module")
def provider():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with FixedProvider(port) as provider:
        provider.url = f"http://127.0.0.1:{port}/v1/chat/completions"
        yield provider


@contextmanager
def application(answer):
    """An application that answers every question with what ``answer()`` gives: a status and a body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            status, body = answer()
            self.send_response(status)
            self.send_header("content-type", "text/event-stream" if status == 200 else "text/plain")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/chat"
        finally:
            server.shutdown()
            thread.join()


def asks(url, times=1):
    with httpx.Client(trust_env=False) as client:
        for _ in range(times):
            client.post(url, json={"model": "m", "messages": []}, headers={"authorization": f"Bearer {KEY}"})


def result(provider, answer, played=SAID, **more):
    case = Case.model_validate(
        {
            "id": "mine/one",
            "title": "A sentence",
            "sections": ["§5"],
            "operation": "chat",
            "profiles": ["tanstack"],
            "given": {"wire": "openai-chat", "answers": [played if isinstance(played, dict) else {"sse": played}]},
            "request": {"model": "openai/m", "messages": [{"role": "user", "content": "Hello."}]},
            **more,
        }
    )
    settings = Settings(wires=frozenset({"openai-chat"}))
    with application(answer) as url, closing(connect(url, settings)) as driver:
        [found] = run([case], driver, profile="tanstack", timeout=20, provider=provider)
    return found


def test_who_asks_and_answers_well_passes(provider):
    def answer():
        asks(provider.url)
        return GREETING

    found = result(provider, answer, expect={"text": "Hi", "model": "openai/other", "requests": [{"path": "/none"}]})
    assert isinstance(found, Passed)
    assert {"TEXT-4", "ID-5"} <= {*found.verdict.exercised}


def test_who_says_something_else_than_its_provider_fails(provider):
    def answer():
        asks(provider.url)
        return streamed(content("Ho"), {"type": "done", **WHO, "finishReason": "stop", "usage": USAGE})

    found = result(provider, answer)
    assert isinstance(found, Failed)
    assert "TEXT-4" in {one.rule.id for one in found.verdict.violations}


def test_who_fails_though_its_provider_answered_gave_no_answer_and_no_key_is_shown(provider):
    def answer():
        asks(provider.url)
        return 500, f"Error: {KEY} is not a function"

    found = result(provider, answer)
    assert isinstance(found, Errored)
    assert "it failed by itself: HTTP 500 Internal Server Error: Error: " in found.reason
    assert KEY not in repr(found)


def test_who_fails_because_its_provider_failed_is_judged(provider):
    def answer():
        asks(provider.url)
        return 502, "the model is busy"

    found = result(provider, answer, {"json": {"error": {"message": "busy"}}, "status": 429})
    assert isinstance(found, Passed | Failed)
    assert (found.answer.ending.kind, found.answer.ending.error["code"]) == ("raised", "502")
    assert "END-5" in {one.rule.id for one in found.verdict.violations}


def test_who_answers_without_its_provider_gave_no_answer(provider):
    found = result(provider, lambda: GREETING)
    assert isinstance(found, Errored)
    assert "without asking the provider that is played; start it with its provider's base URL" in found.reason


def test_who_asks_more_than_the_case_has_is_held_to_the_first_turn_by_hand_and_to_no_source(provider):
    def answer():
        asks(provider.url, times=2)
        return GREETING

    found = result(provider, answer, expect={"text": "Hi"})
    assert isinstance(found, Passed)
    assert "TEXT-4" in found.verdict.not_exercised
    assert [one.script for one in found.answer.requests] == [0, None]
