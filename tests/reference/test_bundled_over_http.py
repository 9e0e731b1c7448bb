"""The adapter as its user has it, and as a target, over real HTTP on the loopback."""

import asyncio
import json
import threading

import pytest

from asking import DONE, HANG, JSON, KEY, SSE, Consumer, listening, refusing, said
from harness import AbortController, MastraTextAdapter, MastraTextProviderOptions, mastra_text
from harness.bundled import adapter as target
from harness.errors import InputError, StructuredOutputError
from harness.protocol.script import Piece, Script
from harness.replay import ReplayServer
from models import STALL, Played, collected
from parts import call, finish, text

MODEL = "openrouter/some/model"
MESSAGES = [{"role": "user", "content": "Say hello."}]
HELLO = Script((Piece(said("Hel")), Piece(said("lo", "stop")), Piece(DONE)), headers=(SSE,))
DELETE = {"name": "delete file", "needsApproval": True}


@pytest.fixture(scope="module")
def server():
    with ReplayServer() as running:
        yield running


def types(chunks):
    return [chunk["type"] for chunk in chunks]


def bounded(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, HANG))


def source(place, **headers):
    return {"kind": "http", "baseUrl": place.base_url, "headers": headers}


def calling(name, arguments="{}"):
    function = {"name": name, "arguments": arguments}
    delta = {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]}
    choice = {"index": 0, "delta": delta, "finish_reason": "tool_calls"}
    message = {"id": "chat-1", "model": "m-1", "choices": [choice]}
    return Script((Piece(b"data: " + json.dumps(message).encode() + b"\n\n" + DONE),), headers=(SSE,))


# -- As its user has it


def test_a_stream_of_an_openai_compatible_server_becomes_chunks(server):
    with server.open([HELLO]) as place:
        adapter = mastra_text("mine/m", {"url": place.base_url, "apiKey": KEY, "headers": {"x-team": "a"}})
        options = {"messages": MESSAGES, "temperature": 0.5, "modelOptions": {"seed": 7, "headers": {"x-call": "b"}}}
        chunks = bounded(collected(adapter.chat_stream(options)))
        (exchange,) = place.exchanges()
    assert types(chunks) == ["content", "content", "done"]
    assert [chunk["content"] for chunk in chunks[:2]] == ["Hel", "Hello"]
    assert {(chunk["id"], chunk["model"]) for chunk in chunks} == {("chat-1", "m-1")}
    assert exchange.target == "/chat/completions"
    assert [exchange.header(name) for name in ("authorization", "x-team", "x-call")] == [f"Bearer {KEY}", "a", "b"]
    body = json.loads(exchange.body)
    assert [body[name] for name in ("model", "temperature", "seed", "stream")] == ["m", 0.5, 7, True]
    assert body["messages"] == [{"role": "user", "content": "Say hello."}]


def test_the_options_of_a_call_beat_the_configuration(server):
    with server.open([HELLO]) as place:
        adapter = mastra_text("mine/m", MastraTextProviderOptions(url="http://127.0.0.1:9", api_key="not-this-one"))
        options = {"messages": MESSAGES, "modelOptions": {"url": place.base_url, "apiKey": KEY}}
        assert types(bounded(collected(adapter.chat_stream(options))))[-1] == "done"
        assert place.exchanges()[0].header("authorization") == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("model_id", "code", "named"),
    [
        ("gpt-4o", "MODEL_NOT_FOUND", "gpt-4o"),
        ("/gpt-4o", "MODEL_NOT_FOUND", "/gpt-4o"),
        ("nobody/gpt-4o", "MODEL_NOT_FOUND", "nobody"),
        (None, "MODEL_NOT_FOUND", "NoneType"),
        ("openai/gpt-4o", "API_KEY_MISSING", "OPENAI_API_KEY"),
    ],
)
def test_a_model_that_cannot_be_had_is_one_error_chunk(monkeypatch, model_id, code, named):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (chunk,) = bounded(collected(mastra_text(model_id).chat_stream({"messages": MESSAGES})))
    assert (chunk["type"], chunk["error"]["code"]) == ("error", code)
    assert named in chunk["error"]["message"]


@pytest.mark.parametrize(("status", "retries"), [(401, 2), (500, 0)])
def test_a_refusal_is_one_error_chunk_with_its_status_and_without_the_key(server, status, retries):
    body = json.dumps({"error": {"message": f"the key {KEY} is not welcome"}}).encode()
    with server.open([refusing(status, body=body)]) as place:
        adapter = mastra_text("mine/m", {"url": place.base_url, "apiKey": KEY, "maxRetries": retries})
        (chunk,) = bounded(collected(adapter.chat_stream({"messages": MESSAGES})))
    assert chunk["error"]["code"] == str(status)
    assert KEY not in json.dumps(chunk)


def test_a_port_where_nobody_listens_is_one_error_chunk():
    with listening(backlog=None) as port:
        adapter = mastra_text("mine/m", {"url": f"http://127.0.0.1:{port}", "maxRetries": 0})
        (chunk,) = bounded(collected(adapter.chat_stream({"messages": MESSAGES})))
    assert chunk["error"]["code"] == "CONNECTION_FAILED"


@pytest.mark.parametrize(
    "script", [Script(head_pause=60), Script((Piece(said("Hel")),), headers=(SSE,), ending="stall")]
)
def test_an_abort_from_another_thread_ends_the_silence_and_closes_the_connection(server, script):
    controller = AbortController()
    with server.open([script]) as place:
        adapter = mastra_text("mine/m", {"url": place.base_url})

        async def aborting():
            async def leave():
                while not place.exchanges():  # noqa: ASYNC110 - the provider lives in a thread of its own
                    await asyncio.sleep(0.005)
                threading.Timer(0.05, controller.abort).start()

            leaving = asyncio.ensure_future(leave())
            chunks = await collected(adapter.chat_stream({"messages": MESSAGES, "abortController": controller}))
            await leaving
            return chunks

        chunks = bounded(aborting())
        assert place.settled(HANG)
        assert place.exchanges()[0].closed_by == "client"
    assert types(chunks)[-1] == "error"
    assert chunks[-1]["error"]["code"] == "ABORTED"


def test_another_model_may_take_the_place_of_the_routers():
    model, configured = Played(text("a"), finish()), []

    def model_of(config):
        configured.append(config)
        return model

    adapter = MastraTextAdapter({"timeout": 9}, "openai/gpt-4o", model_of=model_of)
    assert types(bounded(collected(adapter.chat_stream({"messages": MESSAGES})))) == ["content", "done"]
    assert configured == [MastraTextProviderOptions(timeout=9)]


def test_a_consumer_may_answer_in_its_own_time_or_go_away():
    async def asking():
        asked, controller = asyncio.Event(), AbortController()
        adapter = MastraTextAdapter(None, "a/b", model_of=lambda _: Played(call("{}", "a", "delete file"), finish()))

        async def approve(_):
            asked.set()
            await asyncio.Event().wait()

        async def leave():
            await asked.wait()
            controller.abort()

        leaving = asyncio.ensure_future(leave())
        options = {"messages": MESSAGES, "tools": [DELETE], "abortController": controller}
        chunks = await collected(adapter.chat_stream(options, approve=approve))
        await leaving
        return chunks

    chunks = bounded(asking())
    assert types(chunks) == ["tool_call", "approval-requested", "error"]
    assert chunks[-1]["error"]["code"] == "ABORTED"


# -- As a target


class Answering(Consumer):
    """A consumer who answers what it is asked, once the question is out."""

    def __init__(self, **answers):
        super().__init__()
        self.answers = answers

    async def approvals(self, approval_id):
        return self.answers[approval_id]


@pytest.mark.parametrize(
    ("model_id", "path", "header"),
    [
        (MODEL, "/chat/completions", "authorization"),
        ("openai/gpt-4o", "/responses", "authorization"),
        ("anthropic/claude-sonnet-4-5", "/messages", "x-api-key"),
        ("google/gemini-2.5-flash", "/models/gemini-2.5-flash:streamGenerateContent?alt=sse", "x-goog-api-key"),
    ],
)
def test_the_provider_of_the_model_is_asked_at_the_source_in_its_own_words(server, model_id, path, header):
    request = {"model": model_id, "messages": MESSAGES, "modelOptions": {"apiKey": KEY}}

    async def asking(place):
        return await collected(target.chat_stream(request, source(place, **{"x-from": "harness"}), Consumer()))

    with server.open([refusing(400)]) as place:
        (chunk,) = bounded(asking(place))
        (exchange,) = place.exchanges()
    assert chunk["error"]["code"] == "400"
    assert (exchange.target, exchange.header("x-from")) == (path, "harness")
    assert KEY in exchange.header(header)


def test_a_tool_is_renamed_for_the_provider_and_back_for_the_consumer(server):
    request = {"model": MODEL, "messages": MESSAGES, "tools": [DELETE], "toolChoice": "required"}

    async def asking(place):
        signal = Answering(approval_call_1=False)
        return await collected(target.chat_stream(request, source(place), signal))

    with server.open([calling("delete_file", '{"path":"x"}')]) as place:
        chunks = bounded(asking(place))
        body = json.loads(place.exchanges()[0].body)
    assert body["tools"][0]["function"]["name"] == "delete_file"
    assert body["tool_choice"] == "required"
    assert types(chunks) == ["tool_call", "approval-requested", "tool_result", "done"]
    assert chunks[0]["toolCall"]["function"] == {"name": "delete file", "arguments": '{"path":"x"}'}
    assert (chunks[1]["toolName"], chunks[3]["finishReason"]) == ("delete file", "stop")


@pytest.mark.parametrize("request_", [{}, {"model": 3}, {"model": "gpt-4o"}])
def test_a_request_without_a_usable_model_is_one_error_chunk(server, request_):
    async def asking(place):
        return await collected(target.chat_stream(request_ | {"messages": MESSAGES}, source(place), Consumer()))

    with server.open([]) as place:
        (chunk,) = bounded(asking(place))
        assert place.exchanges() == ()
    assert chunk["error"]["code"] == "MODEL_NOT_FOUND"


@pytest.mark.parametrize(("answer", "told"), [(True, ["done"]), (False, ["tool_result", "done"])])
def test_events_are_asked_about_through_the_signal(answer, told):
    async def asking():
        events = Played(call("{}", "a", "delete file"), finish()).do_stream({}, None)
        return await collected(target.transform(events, {"tools": [DELETE]}, Answering(approval_a=answer)))

    assert types(bounded(asking())) == ["tool_call", "approval-requested", *told]


def test_events_that_never_come_end_with_the_abort():
    async def asking():
        model, signal = Played(text("a"), STALL), Consumer()
        asyncio.get_running_loop().call_later(0.02, signal.go)
        chunks = await collected(target.transform(model.do_stream({}, None), {}, signal))
        return types(chunks), chunks[-1]["error"]["code"], model.closed

    assert bounded(asking()) == (["content", "error"], "ABORTED", 1)


# -- What needs no provider


def test_the_pure_operations_are_the_public_functions():
    assert target.convert_messages(MESSAGES)[0]["content"] == [{"type": "text", "text": "Say hello."}]
    assert target.convert_tools([{"name": "a"}])[0]["type"] == "function"
    assert target.parse_json('```json\n{"a": 1}\n```', None) == {"data": {"a": 1}, "rawText": '{"a": 1}'}
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    assert target.transform_schema(schema, "openai")["additionalProperties"] is False


def test_what_they_cannot_do_they_say():
    with pytest.raises(InputError, match="unknown role"):
        target.convert_messages([{"role": "narrator"}])
    with pytest.raises(StructuredOutputError):
        target.parse_json("no", {"type": "object"})


# -- Structured output

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def whole(answer):
    message = {
        "id": "c",
        "model": "m",
        "choices": [{"index": 0, "message": {"content": answer}, "finish_reason": "stop"}],
    }
    return Script((Piece(json.dumps(message).encode()),), headers=(JSON,))


@pytest.mark.parametrize("answers", [['{"city":"Rome"}'], ["no idea", '{"city":"Rome"}']])
def test_structured_output_is_asked_for_again_where_it_does_not_fit(server, answers):
    request = {"model": MODEL, "messages": MESSAGES, "outputSchema": SCHEMA, "modelOptions": {"maxRetries": 1}}
    with server.open([whole(answer) for answer in answers]) as place:
        found = bounded(target.structured_output(request, source(place), Consumer()))
        assert len(place.exchanges()) == len(answers)
    assert found == {"data": {"city": "Rome"}, "rawText": '{"city":"Rome"}'}


@pytest.mark.parametrize(
    "options", [None, {}, {"chatOptions": {}}, {"outputSchema": {}}, {"chatOptions": 1, "outputSchema": 2}]
)
def test_structured_output_without_its_options_says_so(options):
    with pytest.raises(InputError, match="structured output needs"):
        bounded(mastra_text("mine/m").structured_output(options))
