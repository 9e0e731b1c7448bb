"""A running application over HTTP: whatever it answers, it is a transcript or one named failure.

The applications are played by the replay server, byte for byte; a real one is in ``tests/peers/test_application.py``.
"""

import gzip
import json
import socket
import threading
from contextlib import closing, contextmanager

import pytest

from harness.drivers import connect
from harness.drivers.driver import MAX_CHUNKS, Settings
from harness.errors import CannotConnect, ShimError, TargetGone
from harness.judge import judge
from harness.protocol.script import Piece, Script
from harness.protocol.transcript import AbortAt, Stimulus
from harness.replay.server import ReplayServer

WHO = {"id": "r", "model": "m", "timestamp": 1767225600000}
HELLO = [
    {"type": "content", **WHO, "delta": "Hel", "content": "Hel"},
    {"type": "content", **WHO, "delta": "lo 👋\u2028", "content": "Hello 👋\u2028"},
    {
        "type": "done",
        **WHO,
        "finishReason": "stop",
        "usage": {"promptTokens": 1, "completionTokens": 1, "totalTokens": 2},
    },
]
SSE = "".join(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in [*HELLO]).encode() + b"data: [DONE]\n\n"
LINES = "".join(f"{json.dumps(chunk, ensure_ascii=False)}\n" for chunk in HELLO).encode()
EVENT_STREAM = ("Content-Type", "text/event-stream")
NDJSON = ("Content-Type", "application/x-ndjson; charset=utf-8")
ASKED = Stimulus({"messages": [{"role": "user", "content": "Hello."}]}, operation="chat")


@pytest.fixture(scope="module")
def server():
    with ReplayServer() as server:
        yield server


@contextmanager
def application(server, *scripts):
    """A driver of an application that answers so, and the place where it is played."""
    with server.open(scripts) as place, closing(connect(place.base_url)) as driver:
        yield driver, place


def script(body, *headers, cut=None, **more):
    pieces = [body] if cut is None else [body[start : start + cut] for start in range(0, len(body), cut)]
    return Script(tuple(map(Piece, pieces)), headers=headers, **{"guesses_type": False, **more})


def answer(server, *scripts, stimulus=ASKED, timeout=20.0):
    with application(server, *scripts) as (driver, _):
        return driver.ask(stimulus, timeout)


def rules(transcript):
    return {violation.rule.id for violation in judge(transcript, profile="tanstack").violations}


@pytest.mark.parametrize("cut", [None, 1, 7])
@pytest.mark.parametrize(
    ("body", "headers", "kind"),
    [
        (SSE, [EVENT_STREAM], "sse"),
        (LINES, [NDJSON], "ndjson"),
        (SSE, [], "sse"),
        (LINES, [], "ndjson"),
        (LINES, [("Content-Type", "text/plain")], "ndjson"),
        (b": hello\n\n" + SSE, [("Content-Type", "application/octet-stream")], "sse"),
        (b"\n\n" + LINES, [], "ndjson"),
    ],
)
def test_chunks_in_either_frame_are_a_transcript(server, body, headers, kind, cut):
    got = answer(server, script(body, *headers, cut=cut))
    assert (got.scope, got.framing.kind, got.framing.faults, got.ending.kind) == ("wire", kind, (), "completed")
    assert [record.chunk["type"] for record in got.records] == ["content", "content", "done"]
    assert got.got.text == "Hello 👋\u2028"
    assert rules(got) == set()
    times = [record.at for record in got.records]
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] <= got.ending.duration


def test_what_is_posted_is_what_tanstacks_client_posts_and_the_rest_of_the_request(server):
    messages = [{"role": "user", "content": "Hi \ud83d 👋"}]
    connection = {"apiKey": "sk-secret", "url": "http://x", "maxRetries": 0, "timeout": 5, "headers": {}}
    request = {
        "model": "openai/m", "messages": messages, "tools": [{"name": "t"}], "temperature": 0.5,
        "modelOptions": {**connection, "seed": 7},
    }  # fmt: skip
    with application(server, *[script(SSE, EVENT_STREAM)] * 2) as (driver, place):
        for _ in range(2):
            driver.ask(Stimulus(request, operation="chat"), 20)
        first, second = place.exchanges()
    posted, again = json.loads(first.body), json.loads(second.body)
    conversation = posted.pop("data")
    assert list(conversation) == ["conversationId"]
    assert conversation["conversationId"] != again["data"]["conversationId"]
    assert posted == {**request, "modelOptions": {"seed": 7}}
    assert (first.method, first.header("content-type")) == ("POST", "application/json")
    assert first.header("accept") == "text/event-stream, application/x-ndjson"
    assert first.connection != second.connection


def test_a_frame_that_is_wrong_is_judged(server):
    got = answer(server, script(SSE.removesuffix(b"data: [DONE]\n\n"), EVENT_STREAM))
    assert rules(got) == {"WIRE-1"}
    got = answer(server, script(SSE.replace(b"data: ", b"data:", 1), EVENT_STREAM))
    assert rules(got) == {"WIRE-1"}


def test_a_compressed_answer_is_read_as_it_comes(server):
    coding = ("Content-Encoding", "gzip")
    packed = gzip.compress(SSE)
    got = answer(server, script(packed, EVENT_STREAM, coding, cut=5))
    assert (rules(got), len(got.records)) == (set(), 3)
    cut = answer(server, script(packed[:-9], EVENT_STREAM, coding))
    assert (cut.ending.kind, cut.ending.error["name"]) == ("raised", "ConnectionLost")
    assert "WIRE-1" in rules(cut)
    with pytest.raises(ShimError, match="says that its body is gzip"):
        answer(server, script(SSE, EVENT_STREAM, coding))
    with pytest.raises(ShimError, match="compression that was not asked for: lzma"):
        answer(server, script(SSE, EVENT_STREAM, ("Content-Encoding", "lzma")))


@pytest.mark.parametrize("ending", ["fin", "reset"])
@pytest.mark.parametrize("body", [SSE[:-40], SSE[: SSE.index(b"\n\n") + 2], b""])
def test_an_answer_that_is_cut_raised_and_its_frame_is_wrong(server, body, ending):
    got = answer(server, script(body, EVENT_STREAM, ending=ending))
    assert (got.ending.kind, got.ending.error["name"]) == ("raised", "ConnectionLost")
    assert len(got.framing.faults) == 1
    found = judge(got, profile="tanstack")
    assert not found.conforms
    assert {"WIRE-1", "END-5"} <= {violation.rule.id for violation in found.violations}


def test_an_answer_that_just_ends_too_early_has_no_end(server):
    assert rules(answer(server, script(SSE[: SSE.index(b"\n\n") + 2], EVENT_STREAM))) == {"END-1"}
    assert rules(answer(server, script(b"", EVENT_STREAM))) == {"END-1"}


@pytest.mark.parametrize("body", [SSE[:-40], b""])
def test_silence_is_an_answer_that_did_not_end_in_time(server, body):
    got = answer(server, script(body, EVENT_STREAM, ending="stall"), timeout=0.3)
    assert got.ending.kind == "timed out"
    assert got.ending.error == {"name": "Timeout", "message": "no end within 0.3 s"}
    assert "END-8" in rules(got)
    assert "WIRE-1" not in rules(got)


def test_silence_without_a_head_is_the_same(server):
    got = answer(server, script(SSE, EVENT_STREAM, head_pause=30), timeout=0.3)
    assert (got.ending.kind, got.records) == ("timed out", ())


@pytest.mark.parametrize("status", [500, 502, 599])
def test_a_failure_of_the_application_is_what_its_client_is_raised(server, status):
    got = answer(server, script(b"<h1>Boom</h1>\nat line 3", ("Content-Type", "text/html"), status=status))
    assert (got.ending.kind, got.ending.error["code"]) == ("raised", str(status))
    assert got.ending.error["name"].startswith(f"HTTP {status}")
    assert got.ending.error["message"] == "<h1>Boom</h1> at line 3"
    assert rules(got) == {"END-5"}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "HTTP 404 Not Found; give the whole address of its chat route: no such route"),
        (405, "HTTP 405 Method Not Allowed; give the address of the route that takes a POST"),
        (401, "HTTP 401 Unauthorized; the harness has no way to log in"),
        (429, "HTTP 429 Too Many Requests; let the harness ask as often as it likes"),
        (422, "HTTP 422 .*; it does not take what TanStack's client posts: no such route"),
        (304, "HTTP 304 Not Modified"),
    ],
)
def test_a_refusal_is_no_answer_and_says_what_to_do(server, status, said):
    body = b"no such route" if status != 304 else b""
    with pytest.raises(ShimError, match=said):
        answer(server, script(body, status=status))


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (
            b"<!doctype html>\n<title>Vite</title>",
            "text/html",
            "not with chunks: text/html, <!doctype html> <title>Vite",
        ),
        (b'{"error": "no model"}', "application/json", 'application/json, {"error": "no model"}'),
        (b'{\n  "text": "Hello"\n}', "application/json", '"text": "Hello"|{$'),
        (b"Hello!", "text/plain", "text/plain, Hello!"),
        (b'0:"Hello"\n', "text/plain", '0:"Hello"'),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png", "image/png"),
        (b"", "text/plain", "an empty body"),
        (b" \n\n", "application/json", "an empty body"),
        (b"[1, 2]", "application/json", r"\[1, 2\]"),
    ],
)
def test_what_is_no_stream_of_chunks_is_named_with_what_was_seen(server, body, kind, said):
    with pytest.raises(ShimError, match=said):
        answer(server, script(body, ("Content-Type", kind)))


def test_no_content_is_no_answer(server):
    with pytest.raises(ShimError, match="an empty body"):
        answer(server, Script((), status=204))


def test_where_nobody_listens_nobody_can_be_asked():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(
        CannotConnect, match=rf"nothing answers at http://127.0.0.1:{port}/api/chat: Connection refused"
    ):
        connect(f"http://me:secret@127.0.0.1:{port}/api/chat?key=secret", Settings(start_timeout=0.1))


def test_an_application_that_is_started_just_now_is_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    late = []
    starting = threading.Timer(0.5, lambda: late.append(socket.create_server(("127.0.0.1", port))))
    starting.start()
    try:
        with closing(connect(f"http://127.0.0.1:{port}/api/chat", Settings(start_timeout=30))) as driver:
            assert driver.implementation.is_application
    finally:
        starting.join()
        late[0].close()


@pytest.mark.parametrize("address", ["http://me:sec/ret@host:x/chat?key=secret", "http://me:secret@/chat?key=secret"])
def test_an_address_that_is_none_is_told_without_what_may_be_a_key(address):
    with pytest.raises(CannotConnect) as told:
        connect(address)
    assert "sec" not in str(told.value)


@pytest.mark.parametrize(
    "target",
    ["http:", "https:", "http://", "http://:80/x", "http:chat", "http://127.0.0.1:99999/", "http://[::1/", "https:http://x/",
     "http:ftp://127.0.0.1/", "http://127.0.0.1:0/"],
)  # fmt: skip
def test_what_is_no_address_is_told_how_to_write_one(target):
    with pytest.raises(CannotConnect, match="write http://HOST:PORT/PATH"):
        connect(target)


def test_an_address_may_stand_behind_its_kind_and_shows_no_key(server):
    with server.open([script(SSE, EVENT_STREAM)]) as place:
        url = place.base_url.replace("http://", "http:http://me:secret@") + "/chat?key=secret"
        with closing(connect(url, Settings(wires=frozenset({"openai-chat"})))) as driver:
            said = driver.implementation
            driver.ask(ASKED, 20)
        [asked] = place.exchanges()
    assert said.name == f"{place.base_url}/chat"
    assert (said.operations, said.abortable, said.approvable) == ({"chat"}, {"chat"}, frozenset())
    assert (said.profile, said.wires, said.is_application) == ("tanstack", {"openai-chat"}, True)
    assert asked.target == "/chat?key=secret"
    assert asked.header("authorization") == "Basic bWU6c2VjcmV0"


def test_an_application_that_closes_without_an_answer_gave_none(server):
    with pytest.raises(ShimError, match="gave no answer of HTTP"):
        answer(server, Script((), raw=b""))
    with pytest.raises(ShimError, match="gave no answer of HTTP"):
        answer(server, Script((), raw=b"220 mail.example ESMTP\r\n"))


def test_an_application_that_went_away_is_gone():
    with ReplayServer() as short_lived:
        driver = connect(short_lived.open([script(SSE, EVENT_STREAM)]).base_url)
    with closing(driver), pytest.raises(TargetGone, match="now nothing answers there: Connection refused"):
        driver.ask(ASKED, 20)


@pytest.mark.parametrize("cut", [None, 3])
@pytest.mark.parametrize("chunks", [1, 2])
def test_an_abort_reads_no_chunk_more_and_closes_the_connection(server, chunks, cut):
    with application(server, script(SSE[:-40], EVENT_STREAM, cut=cut, ending="stall")) as (driver, place):
        got = driver.ask(Stimulus(ASKED.request, operation="chat", abort=AbortAt(chunks=chunks)), 20)
        assert place.settled(5)
        [asked] = place.exchanges()
    assert (got.ending.kind, got.ending.place, len(got.records)) == ("aborted", chunks, chunks)
    assert got.ending.at <= got.ending.duration
    assert asked.closed_by == "client"
    assert rules(got) == set()


def test_an_abort_after_some_time_ends_the_wait(server):
    gone = Stimulus(ASKED.request, operation="chat", abort=AbortAt(chunks=9, milliseconds=200))
    got = answer(server, script(SSE[:-40], EVENT_STREAM, ending="stall"), stimulus=gone)
    assert (got.ending.kind, got.ending.place, len(got.records)) == ("aborted", 2, 2)
    got = answer(server, script(SSE, EVENT_STREAM, head_pause=30), stimulus=gone)
    assert (got.ending.kind, got.ending.place) == ("aborted", 0)


def test_an_answer_that_ends_before_the_abort_came_to_its_end(server):
    got = answer(server, script(SSE, EVENT_STREAM), stimulus=Stimulus(operation="chat", abort=AbortAt(chunks=9)))
    assert got.ending.kind == "completed"


def test_redirects_are_followed_as_fetch_follows_them(server):
    with server.open([script(SSE, EVENT_STREAM)]) as there:
        got = answer(server, script(b"", ("Location", there.base_url), status=307))
        [asked] = there.exchanges()
    assert (len(got.records), asked.method) == (3, "POST")
    assert json.loads(asked.body)["messages"] == ASKED.request["messages"]
    with server.open([script(b"<title>Log in</title>", ("Content-Type", "text/html"))]) as there:
        with pytest.raises(ShimError, match="not with chunks: text/html, <title>Log in"):
            answer(server, script(b"", ("Location", there.base_url), status=302))
        [asked] = there.exchanges()
    assert asked.method == "GET"


def test_a_circle_of_redirects_ends(server):
    with pytest.raises(ShimError, match="redirects more than 5 times"):
        answer(server, *[script(b"", ("Location", "?again"), status=307)] * 9)


def test_proxies_of_the_environment_are_left_out(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert len(answer(server, script(SSE, EVENT_STREAM)).records) == 3


def test_a_flood_of_chunks_is_cut_off(server):
    piece = b'{"type":"x"}\n' * 5_000
    got = answer(server, script(piece, NDJSON, ending="endless"), timeout=60)
    assert (len(got.records), got.ending.kind) == (MAX_CHUNKS, "timed out")
    assert got.ending.error["name"] == "TooManyChunks"


@pytest.mark.parametrize(
    ("piece", "said"),
    [
        (b"x" * 1_000_000, "more than 64 MB of one chunk|longer than 64 MB"),
        (b"data: x\n" * 100_000, "100000 lines behind line 1 hold no chunk"),
        (b'data: {"type":"x","y":"%s"}\n\n' % (b"y" * 1_000_000), "more than 64 MB of all chunks together"),
    ],
)
def test_a_flood_of_bytes_is_cut_off_before_it_fills_the_memory(server, piece, said):
    with pytest.raises(ShimError, match=said):
        answer(server, script(piece, EVENT_STREAM, ending="endless"), timeout=60)


def test_a_long_honest_answer_is_held_to_its_deltas_alone(server):
    said, events = "", []
    for number in range(400):
        delta = f"{number:09d} " * 100
        said += delta
        events.append(f"data: {json.dumps({'type': 'content', **WHO, 'delta': delta, 'content': said})}\n\n")
    body = "".join(events).encode()
    assert len(body) > 75_000_000
    got = answer(server, script(body, EVENT_STREAM, cut=1 << 20), timeout=60)
    assert (len(got.records), got.got.text) == (400, said)
