"""A request is one of the API that its case plays, or it says what was asked instead."""

import pytest

from harness.protocol.script import Exchange
from harness.suite.case import Case
from harness.suite.playing import played_events
from harness.suite.received import received

HI = {"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}]}
BODIES = {
    "openai-chat": b'{"model": "m", "messages": []}',
    "openai-responses": b'{"model": "m", "input": "Hi"}',
    "anthropic-messages": b'{"model": "m", "max_tokens": 1, "messages": []}',
    "google-generatecontent": b'{"contents": []}',
    "openai-completions": b'{"model": "m", "prompt": "Hi"}',
    "ollama-chat": b'{"model": "m", "messages": []}',
    "ollama-generate": b'{"model": "m", "prompt": "Hi"}',
    "cloudflare-run": b'{"messages": []}',
    "google-interactions": b'{"model": "m", "input": "Hi"}',
    "bedrock-converse": b'{"messages": []}',
    "cohere-v2": b'{"model": "m", "messages": []}',
    "cohere-v1": b'{"model": "m", "message": "Hi"}',
}

PLAYS_CHAT = "the case plays openai-chat, which is asked by POST …/chat/completions"
PLAYS_MESSAGES = "the case plays anthropic-messages, which is asked by POST …/messages"
PLAYS_GOOGLE = (
    "the case plays google-generatecontent, which is asked by "
    "POST …/models/NAME:generateContent or …/models/NAME:streamGenerateContent"
)


def case(wire="openai-chat"):
    return Case.model_validate(
        {
            "id": "http/one",
            "title": "A sentence",
            "sections": ["§8"],
            "operation": "chat",
            "profiles": ["spec"],
            "given": {"wire": wire, "answers": [{"sse": [HI, "[DONE]"]}]},
            "request": {"model": "openai/m"},
        }
    )


def asked(target, wire="openai-chat", method="POST", content_type="application/json"):
    headers = () if content_type is None else (("content-type", content_type),)
    return received(case(wire), Exchange(method, target, headers, BODIES[wire], 0.0, script=0, status=200))


@pytest.mark.parametrize(
    ("wire", "target"),
    [
        ("openai-chat", "/chat/completions"),
        ("openai-chat", "/v1/chat/completions?user=x"),
        ("openai-chat", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-04-01-preview"),
        ("openai-responses", "/responses"),
        ("anthropic-messages", "/v1/messages?beta=true"),
        ("google-generatecontent", "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
        ("google-generatecontent", "/v1beta/models/gemini-2.5-flash:generateContent"),
        ("google-generatecontent", "/tunedModels/mine%3AgenerateContent"),
        ("openai-chat", "/api/chat/completions"),
        ("openai-completions", "/v1/completions"),
        ("ollama-chat", "/api/chat"),
        ("ollama-generate", "/some/prefix/api/generate"),
        ("cloudflare-run", "/run/@cf/meta/llama-3.3-70b-instruct-fp8-fast"),
        ("cloudflare-run", "/client/v4/accounts/0/ai/run/%40cf/meta/llama"),
        ("google-interactions", "/v1beta/interactions"),
        ("bedrock-converse", "/model/us.amazon.nova-lite-v1%3A0/converse-stream"),
        ("bedrock-converse", "/model/us.amazon.nova-lite-v1:0/converse"),
        ("cohere-v2", "/v2/chat"),
        ("cohere-v1", "/v1/chat"),
    ],
)
def test_a_request_of_the_api_is_read(wire, target):
    exchange = asked(target, wire)
    assert exchange.fault is None
    assert exchange.asked is not None


@pytest.mark.parametrize(
    "target",
    [
        "", "/", "/foo/bar", "/chat", "/embeddings", "/chat/completions/", "//chat/completions",
        "/v1//chat/completions", "/chat/completions/chat/completions", "/chat/completions/v1/chat/completions",
        "/chat/completions/extra", "/chatcompletions", "/models/:generateContent", "/Chat/Completions",
    ],
)  # fmt: skip
def test_a_path_of_no_api_is_a_fault(target):
    exchange = asked(target)
    assert exchange.asked is None
    assert exchange.fault == f"POST {target or '/'} is of no known API; {PLAYS_CHAT}"


@pytest.mark.parametrize(
    ("wire", "target", "fault"),
    [
        ("openai-chat", "/responses", f"POST /responses is of openai-responses; {PLAYS_CHAT}"),
        ("openai-chat", "/v1/completions", f"POST /v1/completions is of openai-completions; {PLAYS_CHAT}"),
        ("openai-chat", "/api/chat", f"POST /api/chat is of ollama-chat; {PLAYS_CHAT}"),
        ("openai-chat", "/v2/chat", f"POST /v2/chat is of cohere-v2; {PLAYS_CHAT}"),
        (
            "anthropic-messages",
            "/v1/chat/completions",
            f"POST /v1/chat/completions is of openai-chat; {PLAYS_MESSAGES}",
        ),
        ("google-generatecontent", "/messages", f"POST /messages is of anthropic-messages; {PLAYS_GOOGLE}"),
    ],
)
def test_a_path_of_another_api_is_a_fault(wire, target, fault):
    exchange = asked(target, wire)
    assert (exchange.asked, exchange.fault) == (None, fault)


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "post"])
def test_another_method_is_a_fault(method):
    exchange = asked("/chat/completions", method=method)
    assert exchange.asked is None
    assert exchange.fault == f"{method} /chat/completions is no method of the API; {PLAYS_CHAT}"


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "Application/JSON", "application/x+json", "", None]
)
def test_json_is_called_json_or_nothing(kind):
    assert asked("/chat/completions", content_type=kind).fault is None


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "json", "text/json5"])
def test_a_body_that_is_called_something_else_is_a_fault(kind):
    exchange = asked("/chat/completions", content_type=kind)
    assert exchange.asked is None
    assert exchange.fault == f"POST /chat/completions has the content type {kind!r}; the API takes application/json"


def test_a_body_that_cannot_be_read_is_a_fault():
    exchange = received(case(), Exchange("POST", "/chat/completions", (), b"[", 0.0))
    assert exchange.asked is None
    assert "the body cannot be read" in exchange.fault


def test_a_fault_shows_neither_the_query_nor_the_whole_of_a_long_path():
    assert asked("/foo?key=sk-LIVE").fault.startswith("POST /foo is of no known API")
    assert len(asked("/" + "a" * 9000).fault) < 300


@pytest.mark.parametrize("target", ["/responses", "/foo", ""])
def test_who_asked_another_api_cannot_have_read_the_answer(target):
    assert played_events(case(), [asked(target)]) is None


@pytest.mark.parametrize("target", ["/chat/completions", "/chat/completions/"])
def test_who_asked_the_api_in_a_wrong_way_can(target):
    assert played_events(case(), [asked(target, method="GET")])[-1]["type"] == "finish"
