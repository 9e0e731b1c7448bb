"""One question, its answer as it comes, and the cassette behind it."""

import asyncio
import json
import threading

import httpx
import pytest
import vcr

from harness.cassettes.cassette import read
from harness.errors import InputError, ModelError, NoSuchModel
from harness.model.recording import question, recorded
from harness.protocol.script import Piece, Script
from raw_client import HANG_BOUND
from raw_provider import RawProvider

KEY = "sk-proj-Abcdefghijklmnop0123456789"
SSE = (("Content-Type", "text/event-stream"),)
OPTIONS = {"prompt": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]}


def chat(**delta):
    reason = delta.pop("finish_reason", None)
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return f"data: {json.dumps({'id': 'c-1', 'model': 'm', 'choices': [choice]})}\n\n".encode()


DONE = (chat(finish_reason="stop"), b"data: [DONE]\n\n")


def asked(model, base_url, *, options=OPTIONS, stream=True, key=KEY):
    """What a model of another address is asked, its key from the environment: as with OPENAI_BASE_URL."""
    provider = model.partition("/")[0].upper()
    environment = {f"{provider}_API_KEY": key, f"{provider}_BASE_URL": base_url}
    return question(model, options, stream=stream, environment=environment)


def record(asking, file, within=HANG_BOUND):
    said = []
    take = asyncio.run(recorded(asking, file, said.append, within=within))
    return take, said


def test_the_text_is_said_as_it_comes_and_the_answer_is_on_tape(server, tmp_path):
    pieces = (chat(content="Hel"), chat(content="lo."), *DONE)
    file = tmp_path / "a.yaml"
    script = Script(tuple(Piece(piece, 0.25) for piece in pieces), headers=SSE, head_pause=0.25)
    with server.open([script]) as place:
        take, said = record(asked("deepseek/chat", place.base_url), file)
        [exchange] = place.exchanges()
    assert said == ["Hel", "lo."]
    assert (take.status, take.pieces, take.ending, take.failure) == (200, 4, "end", None)
    assert exchange.header("authorization") == f"Bearer {KEY}"
    assert exchange.header("accept-encoding") == "identity"
    tape = read(file)
    assert tape.provenance == "recorded"
    assert tape.only.wire == "openai-chat"
    assert tape.only.body.read(0, 10_000) == b"".join(pieces)
    assert [cut.length for cut in tape.only.cuts] == [len(piece) for piece in pieces]
    assert all(0.05 < cut.pause < HANG_BOUND for cut in tape.only.cuts)
    assert 0.05 < tape.only.head_pause < HANG_BOUND
    assert json.loads(tape.only.request.body)["messages"] == [{"role": "user", "content": "Hello"}]
    assert KEY not in file.read_text()
    with vcr.use_cassette(str(file), record_mode="none"), httpx.Client() as client:
        assert client.post(tape.only.request.uri).content == b"".join(pieces)


@pytest.mark.parametrize("pieces", [[KEY], list(KEY), [KEY[:9], KEY[9:]], ["see ", KEY[:20], KEY[20:] + " there"]])
def test_the_key_is_neither_said_nor_kept_however_the_provider_quotes_it(server, tmp_path, pieces):
    script = Script(tuple(Piece(chat(content=piece)) for piece in pieces) + tuple(map(Piece, DONE)), headers=SSE)
    file = tmp_path / "a.yaml"
    with server.open([script]) as place:
        take, said = record(asked("deepseek/chat", place.base_url), file)
    assert take.failure is None
    assert "Abcdef" not in "".join(said)
    lines = [line.strip() for line in file.read_text().splitlines()]
    spoken = [json.loads(line[6:])["choices"][0]["delta"] for line in lines if line.startswith("data: {")]
    texts = [delta.get("content", "") for delta in spoken]
    assert "Abcdef" not in "".join(texts)


def test_what_looks_like_the_beginning_of_the_key_is_said_when_it_is_none(server, tmp_path):
    script = Script(tuple(map(Piece, (chat(content="sk-"), chat(content="ipping s"), *DONE))), headers=SSE)
    with server.open([script]) as place:
        _, said = record(asked("deepseek/chat", place.base_url), tmp_path / "a.yaml")
    assert said == ["sk-ipping ", "s"]


def test_the_first_words_are_said_before_the_rest_is_there(tmp_path):
    said = []
    with RawProvider() as provider:

        async def run():
            asking = asked("deepseek/chat", provider.url)
            running = asyncio.create_task(recorded(asking, tmp_path / "a.yaml", said.append, within=HANG_BOUND))
            answer = await asyncio.to_thread(provider.asked)
            answer.begin().chunk(chat(content="Hel"))
            async with asyncio.timeout(HANG_BOUND):
                while not said:  # noqa: ASYNC110 - the provider lives in a thread of its own
                    await asyncio.sleep(0.002)
            assert not running.done()
            for piece in DONE:
                answer.chunk(piece)
            answer.end()
            return await running

        assert asyncio.run(run()).failure is None
    assert said == ["Hel"]


def test_a_whole_answer_is_recorded_too(server, tmp_path):
    body = {"id": "c", "model": "m", "choices": [{"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}]}
    script = Script(
        (Piece(json.dumps(body).encode()),), framing="length", headers=(("Content-Type", "application/json"),)
    )
    file = tmp_path / "a.yaml"
    with server.open([script]) as place:
        take, said = record(asked("deepseek/chat", place.base_url, stream=False), file)
        assert json.loads(place.exchanges()[0].body).get("stream") in {None, False}
    assert (take.failure, said) == (None, ["Hi"])
    assert read(file).only.framing == "length"


REFUSALS = {
    "an HTTP error": (
        Script((Piece(b'{"error": {"message": "slow down, %s"}}' % KEY.encode()),), status=429),
        "slow down, [redacted]", "end",
    ),
    "an HTTP error without words": (Script((Piece(b"<html>"),), status=503), "the status 503", "end"),
    "an error in the stream": (
        Script((Piece(chat(content="a")), Piece(b'data: {"error": {"message": "overloaded"}}\n\n')), headers=SSE),
        "overloaded", "end",
    ),
    "a FIN": (Script((Piece(chat(content="a")),), headers=SSE, ending="fin"), "the connection was cut", "fin"),
    "a reset": (Script((Piece(chat(content="a")),), headers=SSE, ending="reset"), "the connection was cut", "reset"),
    "a missing end": (Script((Piece(chat(content="a")),), headers=SSE), "ends before it is complete", "end"),
    "nothing at all": (Script((), headers=SSE), "ends before it is complete", "end"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_no_whole_answer_is_recorded_and_said_to_be_none(server, tmp_path, name):
    script, words, ending = REFUSALS[name]
    file = tmp_path / "a.yaml"
    with server.open([script]) as place:
        take, _ = record(asked("deepseek/chat", place.base_url), file)
    assert words in take.failure
    assert (take.status, take.ending) == (script.status, ending)
    assert (read(file).only.status, read(file).only.ending) == (script.status, ending)


def test_no_answer_is_no_recording(tmp_path):
    file = tmp_path / "a.yaml"
    with RawProvider() as provider:
        asking = asked("deepseek/chat", provider.url)
    with pytest.raises(ModelError, match="it was refused"):
        record(asking, file)
    assert not file.exists()


def test_a_connection_that_cannot_be_made_secure_is_no_recording(tmp_path):
    file = tmp_path / "a.yaml"
    with RawProvider() as provider:
        asking = asked("deepseek/chat", provider.url.replace("http:", "https:"))
        talking = threading.Thread(
            target=lambda: provider.taken().say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), daemon=True
        )
        talking.start()
        with pytest.raises(ModelError, match="TLS failed"):
            record(asking, file)
    assert not file.exists()


@pytest.mark.parametrize(
    "script", [Script(ending="stall", headers=SSE), Script(head_pause=HANG_BOUND)], ids=["body", "head"]
)
def test_a_provider_that_takes_too_long_is_no_recording(server, tmp_path, script):
    with server.open([script]) as place:
        with pytest.raises(ModelError, match=r"gave no whole answer within 0\.2 s") as caught:
            record(asked("deepseek/chat", place.base_url), tmp_path / "a.yaml", within=0.2)
        assert place.settled(HANG_BOUND)
        assert place.exchanges()[0].closed_by == "client"
    assert caught.value.code == "TIMEOUT"
    assert list(tmp_path.iterdir()) == []


def test_another_address_gets_no_key():
    asking = question(
        "openai/m", OPTIONS, stream=True, environment={"OPENAI_API_KEY": KEY}, base_url="http://127.0.0.1:1/v1"
    )
    assert asking.request.uri == "http://127.0.0.1:1/v1/responses"
    assert KEY not in repr([*asking.request.headers.items()])
    assert "authorization" not in asking.request.headers


@pytest.mark.parametrize(
    ("model", "code"),
    [("openai/m", "API_KEY_MISSING"), ("nobody/m", "MODEL_NOT_FOUND"), ("openai/", "MODEL_NOT_FOUND")],
)
def test_a_question_to_nobody_is_refused(model, code):
    with pytest.raises(NoSuchModel) as caught:
        question(model, OPTIONS, stream=True, environment={})
    assert caught.value.code == code


def test_options_that_no_request_can_say_are_refused():
    with pytest.raises(InputError, match="call option"):
        question("openai/m", {**OPTIONS, "wrong": 1}, stream=True, environment={"OPENAI_API_KEY": KEY})


def test_nobody_reads_a_key_in_a_repr():
    assert "Abcdef" not in repr(asked("deepseek/chat", "http://127.0.0.1:1"))
