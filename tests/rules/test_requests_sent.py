"""How the model was asked, how often, and what the requests carried (R29)."""

import pytest

from harness.protocol.messages import ToolOffer
from harness.protocol.script import Sent
from harness.protocol.transcript import Ending
from requested import DONE, ERROR, asked, asking, exchange, found, rules, says, user

HI = asking(says("Hi"))
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def tool(name, description="Looks.", schema=SCHEMA):
    return {"name": name, "description": description, "inputSchema": schema}


def offer(name, description="Looks.", schema=SCHEMA):
    return ToolOffer(name, description, schema)


def sent(*offers, **more):
    return exchange(asked(user("Hi"), tools=offers, **more))


@pytest.mark.parametrize(
    ("tools", "offers", "wanted"),
    [
        ([tool("a"), tool("b")], [offer("a"), offer("b")], []),
        ([tool("a"), tool("b")], [offer("b"), offer("a")], []),
        ([tool("get.Weather")], [offer("get_weather")], []),
        ([tool("wetter", "Das Wetter.")], [offer("tool_1", "Das Wetter.")], []),
        ([tool("a"), tool("b")], [offer("a")], ["REQ-12"]),
        ([tool("a")], [], ["REQ-12"]),
        ([tool("a")], [offer("a"), offer("a")], ["REQ-12"]),
        ([tool("getA"), tool("geta")], [offer("geta"), offer("geta")], ["REQ-12"]),
        ([tool("a")], [offer("a"), offer("b")], ["REQ-12"]),
        ([], [offer("a")], ["REQ-12"]),
        ([tool("a")], [offer("a", None)], ["REQ-13"]),
        ([tool("a")], [offer("a", schema=None)], ["REQ-13"]),
        ([tool("a")], [offer("a", schema={"type": "object", "properties": {}})], ["REQ-13"]),
        ([{"name": "a"}], [offer("a", None, {"type": "object", "properties": {}})], []),
    ],
)
def test_every_tool_is_offered_whole(tools, offers, wanted):
    assert rules(HI | {"tools": tools}, sent(*offers)) == wanted


def test_tools_are_no_matter_of_structured_output():
    run = {"chunks": (), "operation": "structuredOutput", "result": {}}
    assert rules(HI | {"tools": [tool("a")]}, sent(offer("structured_output")), **run) == []


@pytest.mark.parametrize(
    ("choice", "seen", "wanted"),
    [
        (None, None, []),
        (None, "auto", []),
        (None, "required", ["REQ-14"]),
        ("auto", None, []),
        ("required", "required", []),
        ({"type": "required"}, "required", []),
        ({"type": "required"}, None, ["REQ-14"]),
        ({"type": "tool", "toolName": "get.a"}, "tool:get.a", []),
        ({"type": "tool", "toolName": "get.a"}, "tool:get_a", ["REQ-14"]),
        ({"type": "tool", "toolName": "get.a"}, "tool:b", ["REQ-14"]),
        ({"type": "tool", "toolName": "get.a"}, "required", []),
        ("required", "tool:get.a", []),
        ("required", "tool:b", ["REQ-14"]),
        ({"type": "function", "function": {"name": "get.a"}}, "tool:get.a", []),
        ("none", "none", []),
        ("none", "auto", ["REQ-14"]),
    ],
)
def test_the_tool_choice_arrives(choice, seen, wanted):
    assert (
        rules(HI | {"tools": [tool("get.a")], "toolChoice": choice}, sent(offer("get.a"), tool_choice=seen)) == wanted
    )


def test_of_several_tools_one_that_is_required_is_named():
    request = HI | {"tools": [tool("a"), tool("b")], "toolChoice": {"type": "tool", "toolName": "a"}}
    assert rules(request, sent(offer("a"), offer("b"), tool_choice="tool:a")) == []
    assert rules(request, sent(offer("a"), offer("b"), tool_choice="required")) == ["REQ-14"]
    request = request | {"toolChoice": "required"}
    assert rules(request, sent(offer("a"), offer("b"), tool_choice="required")) == []
    assert rules(request, sent(offer("a"), offer("b"), tool_choice="tool:a")) == ["REQ-14"]


def test_a_tool_is_chosen_by_the_name_under_which_it_is_offered():
    request = HI | {"tools": [tool("get.a")], "toolChoice": {"type": "tool", "toolName": "get.a"}}
    assert rules(request, sent(offer("get_a"), tool_choice="tool:get_a")) == []


def test_where_no_tool_may_be_chosen_all_may_be_left_out():
    assert rules(HI | {"tools": [tool("a")], "toolChoice": "none"}, sent()) == []


def test_a_choice_among_the_providers_options_is_the_providers():
    assert rules(HI | {"modelOptions": {"tool_choice": "any"}}, sent(tool_choice="required")) == ["REQ-18"]


@pytest.mark.parametrize(
    ("wanted", "seen", "paths"),
    [
        ({"temperature": 0}, {"temperature": 0}, []),
        ({"temperature": 0}, {"temperature": 0.0}, []),
        ({"temperature": 0}, {}, ["temperature"]),
        ({"temperature": 0.5, "topP": 1}, {"temperature": 1, "top_p": 0.5}, ["temperature", "topP"]),
        ({"maxTokens": 5}, {"max_tokens": 5}, []),
        ({"maxTokens": 5}, {}, ["maxTokens"]),
        ({"temperature": 1}, {"model": "o3-mini"}, []),
        ({"temperature": 1}, {"model": "o3-mini", "temperature": 0}, ["temperature"]),
        ({"maxTokens": 5}, {"model": "gpt-5"}, ["maxTokens"]),
        ({"maxTokens": 5, "modelOptions": {"max_completion_tokens": 9}}, {"max_tokens": 9}, []),
    ],
)
def test_limits_arrive_and_0_is_one(wanted, seen, paths):
    model = seen.get("model", "gpt-4o")
    one = exchange(asked(user("Hi"), **seen), body=b'{"max_completion_tokens": 9}')
    assert found(HI | {"model": f"openai/{model}"} | wanted, one) == [
        ("REQ-15", f"requests[0].{path}") for path in paths
    ]


@pytest.mark.parametrize(
    ("id_", "name", "fine"),
    [
        ("openai/gpt-4o", "gpt-4o", True),
        ("openai/gpt-4o", "openai/gpt-4o", False),
        ("openai/gpt-4o", None, False),
        ("openrouter/anthropic/claude-x", "anthropic/claude-x", True),
        ("openrouter/anthropic/claude-x", "claude-x", False),
        ("netlify/openai/gpt-4o", "gpt-4o", True),
        ("gpt-4o", "anything", True),
    ],
)
def test_the_model_is_the_id_without_its_provider(id_, name, fine):
    one = exchange(asked(user("Hi"), model=name))
    assert rules(HI | {"model": id_}, one) == ([] if fine else ["REQ-16"])
    assert rules(HI | {"model": id_}, one, profile="tanstack") == []


def test_a_chat_is_streamed_and_a_structured_output_need_not_be():
    whole = exchange(asked(user("Hi"), stream=False))
    assert rules(HI, whole) == ["REQ-17"]
    assert rules(HI, whole, chunks=(), operation="structuredOutput", result={}) == []


@pytest.mark.parametrize(
    ("options", "body", "wanted"),
    [
        ({"seed": 7}, b'{"seed": 7}', []),
        ({"seed": 7}, b'{"seed": 8}', ["REQ-18"]),
        ({"seed": True}, b'{"seed": 1}', ["REQ-18"]),
        ({"seed": None}, b"{}", []),
        ({"reasoningEffort": "low"}, b'{"options": [{"reasoning_effort": "low"}]}', []),
        ({"thinking": {"budget": 5}}, b'{"thinking": {"type": "on", "budget": 5.0}}', []),
        ({"openai": {"seed": 7}}, b'{"seed": 7}', []),
        ({"openai": {"seed": 7, "user": "u"}}, b'{"seed": 7}', ["REQ-18"]),
        ({"stop": []}, b"{}", ["REQ-18"]),
        ({"seed": 7}, b"\xff", []),
        ({"apiKey": "", "url": "", "headers": {}, "timeout": 1, "maxRetries": 0}, b"{}", []),
    ],
)
def test_options_of_the_provider_are_in_the_body(options, body, wanted):
    assert rules(HI | {"modelOptions": options}, exchange(asked(user("Hi")), body=body)) == wanted


KEY = "test-key-1234"


@pytest.mark.parametrize(
    ("headers", "target", "fine"),
    [
        ((("authorization", f"Bearer {KEY}"),), "/x", True),
        ((("x-api-key", KEY),), "/x", True),
        ((), f"/x?alt=sse&key={KEY}", True),
        ((("authorization", f"Bearer {KEY}5"),), "/x", False),
        ((("authorization", "Bearer "),), "/x", False),
        ((), "/x", False),
    ],
)
def test_the_key_comes_with_every_request(headers, target, fine):
    one = exchange(asked(user("Hi")), target, headers)
    assert rules(HI | {"modelOptions": {"apiKey": KEY}}, one) == ([] if fine else ["REQ-19"])


def test_a_header_of_the_options_may_replace_the_key():
    options = {"apiKey": KEY, "headers": {"Authorization": "Basic abc"}}
    one = exchange(asked(user("Hi")), headers=(("authorization", "Basic abc"),))
    assert found(HI | {"modelOptions": options}, one) == []


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ((("x-team", "blue"), ("beta", "a, b")), None),
        ((("x-team", "red"), ("beta", "b")), "headers.x-team"),
        ((("x-team", "blue"),), "headers.beta"),
    ],
)
def test_headers_of_the_options_arrive(headers, path):
    given = HI | {"modelOptions": {"headers": {"X-Team": "blue", "Beta": "b"}}}
    one = exchange(asked(user("Hi")), headers=headers)
    assert found(given, one) == ([("REQ-20", f"requests[0].{path}")] if path else [])


def answered(status, at=0, **more):
    return exchange(asked(user("Hi")), status=status, at=at, **more)


def retries(most, **more):
    return HI | {"modelOptions": {"maxRetries": most} | more}


AFTER = {"answer_headers": (("Retry-After", "2"),)}
EMPTY = {"sent": (), "whole": False, "closed_by": "server"}


@pytest.mark.parametrize(
    ("request_", "exchanges", "wanted"),
    [
        (retries(2), [answered(429), answered(503, 900), answered(200, 2900)], []),
        (retries(1), [answered(429), answered(503, 900), answered(200, 2900)], ["REQ-22"]),
        (retries(0), [answered(500)], []),
        (HI, [answered(500)], []),
        (retries(1), [answered(500)], ["REQ-23"]),
        (retries(2), [answered(408), answered(409, 900)], ["REQ-23"]),
        (retries(1, timeout=50), [answered(500)], []),
        (retries(1), [answered(500, answer_headers=(("retry-after", "3600"),))], []),
        (retries(1), [answered(599, script=None)], []),
        (retries(1), [answered(418)], []),
        (retries(1), [answered(429, **AFTER), answered(200, 2010)], []),
        (retries(1), [answered(429, **AFTER), answered(200, 1000)], ["REQ-24"]),
        (retries(1), [answered(429, answer_headers=(("Retry-After", "Fri, 31 Dec 2027"),)), answered(200, 9)], []),
        (HI, [answered(401), answered(401, 10)], ["REQ-25"]),
        (HI, [answered(404)], []),
        (HI, [answered(200, **EMPTY), answered(200, 900)], []),
        (HI, [answered(200, whole=False), answered(200, 900)], ["REQ-26"]),
        (HI, [answered(200), answered(200, 900)], ["REQ-26"]),
        (retries(0), [answered(200), answered(200, 900)], ["REQ-26"]),
    ],
)
def test_what_may_pass_is_tried_again_and_nothing_else(request_, exchanges, wanted):
    assert rules(request_, *exchanges, chunks=(DONE if exchanges[-1].status == 200 else ERROR,)) == wanted


def test_whoever_goes_away_is_not_asked_to_try_again():
    assert rules(retries(3), answered(500), chunks=(), ending=Ending("aborted", place=0)) == []


def test_another_question_of_a_structured_output_is_no_repetition():
    run = {"chunks": (), "operation": "structuredOutput", "result": {}}
    first, other = answered(200), answered(200, 900, body=b'{"again": 1}')
    assert rules(retries(0), first, answered(200, 900), **run) == []
    assert rules(retries(0), answered(400), other, **run) == []
    assert rules(retries(0), answered(400), answered(400, 900), **run) == ["REQ-25"]
    assert rules(retries(0), answered(500), answered(500, 900), **run) == ["REQ-22"]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"closed_at": 590, "closed_by": "client"}, []),
        ({"closed_at": 1700, "closed_by": "client"}, ["REQ-27"]),
        ({"closed_at": 4400, "closed_by": "client", "sent": (Sent(3900, 9),)}, []),
        ({"closed_at": 5600, "closed_by": "client", "sent": (Sent(3900, 9),)}, ["REQ-27"]),
        ({"closed_at": 4000, "closed_by": "server"}, []),
        ({"closed_at": 4000, "whole": True}, []),
        ({"closed_at": None}, ["REQ-27"]),
    ],
)
def test_silence_is_waited_for_as_long_as_the_timeout_says(changes, wanted):
    one = answered(200, **({"sent": (), "whole": False} | changes))
    given = HI | {"modelOptions": {"timeout": 500}}
    assert rules(given, one, chunks=(ERROR,), ending=Ending(duration=5650)) == wanted
    assert rules(HI, one, chunks=(ERROR,), ending=Ending(duration=5650)) == []


def says_key(*deltas):
    content = [{**DONE, "type": "content", "delta": delta, "content": delta} for delta in deltas]
    return tuple(
        {key: value for key, value in chunk.items() if key not in {"finishReason", "usage"}} for chunk in content
    )


WITH_KEY = HI | {"modelOptions": {"apiKey": KEY, "headers": {"x-api-key": "other-key-5678"}}}


@pytest.mark.parametrize(
    ("chunks", "run"),
    [
        ((*says_key(KEY), DONE), {}),
        (({**ERROR, "error": {"message": f"no {KEY}", "code": "401"}},), {}),
        (({**ERROR, "error": {"message": "no", "code": "other-key-5678"}},), {}),
        (({**ERROR, "config": [{KEY: 1}]},), {}),
        ((ERROR,), {"ending": Ending("raised", {"message": f"no {KEY}"})}),
        ((), {"operation": "structuredOutput", "result": {"data": {"key": KEY}}}),
        ((), {"operation": "structuredOutput", "ending": Ending("raised", {"message": f"no {KEY}"})}),
    ],
)
def test_a_key_that_shows_anywhere_is_one_finding(chunks, run):
    sent_key = exchange(asked(user("Hi")), headers=(("x-api-key", "other-key-5678"),))
    assert rules(WITH_KEY, sent_key, chunks=chunks, **run) == ["REQ-21"]


def test_a_key_that_is_cut_into_two_chunks_shows_too():
    first, second = KEY[:5], KEY[5:]
    chunks = says_key(first, second)
    chunks = (chunks[0], chunks[1] | {"content": KEY}, DONE)
    one = exchange(asked(user("Hi")), headers=(("x-api-key", "other-key-5678"),))
    assert rules(WITH_KEY, one, chunks=chunks) == ["REQ-21"]


def test_a_short_key_may_be_any_word():
    given = HI | {"modelOptions": {"apiKey": "it"}}
    assert rules(given, exchange(asked(user("Hi")), headers=(("x-api-key", "it"),)), chunks=(ERROR,)) == []


def test_a_key_that_looks_like_one_is_another_rules_finding_where_there_is_one():
    key = "sk-0123456789abcdefghijklmn"
    given = HI | {"modelOptions": {"apiKey": key}}
    one = exchange(asked(user("Hi")), headers=(("x-api-key", key),))
    raised = Ending("raised", {"message": f"no {key}"})
    assert rules(given, one, chunks=({**ERROR, "error": {"message": f"no {key}", "code": "401"}},)) == []
    assert rules(given, one, chunks=(), operation="structuredOutput", ending=raised) == []
    assert rules(given, one, chunks=(ERROR,), ending=raised) == ["REQ-21"]
