"""The shim's own `fetch`: exact pieces without a socket, a played provider over HTTP, hosts that are moved."""

import base64
import gzip
import zlib

import pytest

from harness.protocol.script import Piece, Script
from harness.replay.server import ReplayServer


@pytest.fixture(scope="module")
def lines(shim):
    return shim.lines


@pytest.fixture(scope="module")
def provider():
    with ReplayServer() as server:
        yield server


def played(*pieces, **more):
    return {"kind": "fetch", "pieces": [base64.b64encode(piece).decode() for piece in pieces]} | more


def http(place):
    return {"kind": "http", "baseUrl": place.base_url, "headers": {}}


def chat(lines, source, does="fetch", **more):
    return lines.run(does, operation="chat", source=source, **more)


@pytest.mark.parametrize("way", ["text", "url", "request"])
def test_each_piece_is_one_read_however_small(lines, way):
    source = played(b"da", b"ta: {", b"", b"}\n\n", b"x" * 100_000, status=201, headers={"Content-Type": "text/x"})
    [head, *reads], result = chat(lines, source, **{"as": way})
    assert reads == ["da", "ta: {", "}\n\n", "x" * 100_000]
    assert (head["status"], head["headers"]) == (201, {"content-type": "text/x"})
    assert head["url"].endswith("/v1/chat/completions")
    assert result == {"ending": "completed"}


def test_headers_may_be_pairs(lines):
    [head], _ = chat(lines, played(headers=[["x-a", "1"], ["x-a", "2"]]))
    assert head["headers"] == {"x-a": "1, 2"}


def test_a_status_without_body_has_none(lines):
    [head], result = chat(lines, played(status=204))
    assert (head["status"], result) == (204, {"ending": "completed"})


def test_a_connection_that_is_reset_fails_as_the_platforms_own_does(lines):
    chunks, result = chat(lines, played(b"one", b"two", ending="reset"))
    assert chunks[1:] == ["one", "two"]
    assert result == {"ending": "raised", "error": {"name": "TypeError", "message": "terminated"}}


@pytest.mark.parametrize("way", ["text", "request"])
def test_silence_ends_with_the_abort(lines, way):
    number = lines.start("fetch", operation="chat", source=played(b"one", ending="stall"), **{"as": way})
    assert lines.next_chunk()["status"] == 200
    assert lines.next_chunk() == "one"
    lines.notify("abort", runId="r")
    notified, result = lines.until_answered(number)
    assert notified == []
    assert (result["ending"], result["error"]["name"], result["abortedAfter"]) == ("aborted", "AbortError", 2)


def test_who_was_aborted_before_gets_no_answer(lines):
    number = lines.start("fetch", operation="chat", source=played(b"one"), options={"holdAfterChunks": 0})
    lines.notify("abort", runId="r")
    notified, result = lines.until_answered(number)
    assert notified == []
    assert result["error"]["name"] == "AbortError"


@pytest.mark.parametrize(
    ("coding", "packed"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("GZIP", gzip.compress)]
)
def test_a_body_that_is_coded_is_read_as_every_fetch_reads_it(lines, coding, packed):
    body = packed("fünf ".encode() * 1000)
    chunks, _ = chat(lines, played(body[:7], body[7:], headers={"Content-Encoding": coding}))
    assert "".join(chunks[1:]) == "fünf " * 1000


def test_a_coded_body_that_is_cut_gives_what_there_is(lines):
    text = "".join(f"{number} " for number in range(5000)).encode()
    body = gzip.compress(text)
    chunks, _ = chat(lines, played(body[: len(body) // 2], headers={"content-encoding": "gzip"}))
    read = "".join(chunks[1:])
    assert read
    assert text.decode().startswith(read)


def test_a_base_url_leads_to_the_played_provider(lines, provider):
    place = provider.open([Script([Piece(b"hello")], 202)])
    [head, *reads], _ = chat(lines, http(place))
    assert (head["status"], "".join(reads)) == (202, "hello")
    assert [one.target for one in place.exchanges()] == ["/v1/chat/completions"]


def test_structured_output_is_asked_as_the_engine_asks_it(lines, provider):
    place = provider.open([Script([Piece(b"{}")])])
    request = {"model": "m", "messages": [], "outputSchema": {"type": "object"}, "temperature": 1}
    answer = lines.ask(
        "run", {"runId": "1", "operation": "structuredOutput", "request": request, "source": http(place)}
    )
    result = answer["result"]["result"]
    assert result["rawText"] == "{}"
    assert result["data"]["schema"] == {"type": "object"}
    assert "outputSchema" not in result["data"]["keys"]
    assert {"temperature", "messages", "request"} <= set(result["data"]["keys"])


@pytest.mark.parametrize("way", ["text", "url", "request"])
@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://api.provider.example/v1/messages?beta=true", "/v1/messages?beta=true"),
        ("http://127.0.0.1:9/v2/chat", "/chat"),
    ],
)
def test_a_host_that_was_named_is_the_played_provider(lines, provider, url, target, way):
    place = provider.open([Script([Piece(b"ok")])])
    chunks, _ = chat(lines, http(place), url=url, **{"as": way})
    assert chunks[1:] == ["ok"]
    [exchange] = place.exchanges()
    assert (exchange.method, exchange.target, exchange.body) == ("POST", target, b"{}")


def test_a_host_that_only_begins_alike_is_not_moved(lines, provider):
    place = provider.open([Script([Piece(b"ok")])])
    _, result = chat(lines, http(place), url="http://127.0.0.1:9/v20/chat")
    assert result["ending"] == "raised"
    assert place.exchanges() == ()


def test_the_global_fetch_is_that_of_its_run_however_many_overlap(lines, provider):
    places = [provider.open([Script([Piece(b"x")], 200 + number, head_pause=0.05)]) for number in range(4)]
    asked = {
        lines.start("globalFetch", run_id=str(number), operation="chat", source=http(place)): number
        for number, place in enumerate(places)
    }
    statuses = {}
    while asked:
        message = lines.message()
        if "id" in message:
            assert message["result"] == {"ending": "completed"}, message
            del asked[message["id"]]
        else:
            statuses[message["params"]["runId"]] = message["params"]["chunk"][0]
    assert statuses == {"0": 200, "1": 201, "2": 202, "3": 203}
