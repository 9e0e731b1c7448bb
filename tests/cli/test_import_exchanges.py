"""What other recorders kept of whole exchanges becomes cassettes that replay, decode and verify, also by vcrpy."""

import base64
import gzip
import json
import zlib

import brotli
import httpx
import pytest

from foreign import ANSWER, ASKED, BETAMAX, GO_VCR, NOCK, SSE, URL, VCR_RB, WEATHER, entry, har, taped, vcrpy
from harness.cassettes import cassette
from harness.protocol.event_reading import reading_of_events
from harness.providers import counted_ids, decoded
from harness.replay.cassettes import CassetteServer
from taped import played_by_vcrpy

try:
    from compression import zstd
except ImportError:
    from backports import zstd

SUNNY = taped('{"sky": "blue"}', uri=WEATHER)


@pytest.fixture
def imported(streamchunk, tmp_path):
    """The interactions that a file becomes, each held to what every imported cassette must be."""

    def run(data, *arguments, name="given"):
        path, folder = tmp_path / name, tmp_path / "out"
        path.write_bytes(data)
        ran = streamchunk("cassette", "import", path, "-o", folder, *arguments)
        assert ran.status == 0, ran.err
        files = sorted(folder.glob("*.yaml"))
        assert streamchunk("cassette", "verify", folder).out.splitlines()[:-1] == []
        tapes = [cassette.read(file) for file in files]
        for file, tape in zip(files, tapes, strict=True):
            assert played_by_vcrpy(file, tape.request) == [tape.body]
            replayed(tape)
        return ran.lines[0].removeprefix(f"{path}: "), tapes

    return run


def replayed(tape):
    with CassetteServer([tape], speed=0) as server:
        path = httpx.URL(tape.request.uri).raw_path.decode()
        answer = httpx.request(tape.request.method, server.base_url + path, content=tape.request.body)
    assert (answer.status_code, answer.content) == (tape.status, tape.body)


def text_of(tape):
    return reading_of_events(decoded(tape.wire, tape.body, counted_ids("call"))).text


FORMATS = {
    "vcrpy": vcrpy(taped()),
    "vcrpy as JSON": json.dumps({"version": 1, "interactions": [taped()]}).encode(),
    "vcr": VCR_RB,
    "vcr as betamax wrote it": BETAMAX,
    "go-vcr": GO_VCR,
    "nock": NOCK,
    "har": har(entry()),
}


@pytest.mark.parametrize("name", FORMATS)
def test_an_exchange_keeps_request_answer_and_provenance(imported, name):
    summary, [tape] = imported(FORMATS[name])
    assert summary.startswith(f"{name.partition(' ')[0]}, 1 of 1 interaction imported; in ")
    assert (tape.provenance, tape.wire, tape.status) == ("recorded", "openai-chat", 200)
    assert (tape.request.method, tape.request.uri) == ("POST", URL)
    assert json.loads(tape.request.body) == ASKED
    assert tape.body.decode() == ANSWER
    assert tape.only.header("content-type") == SSE
    assert tape.only.cuts == ()
    assert text_of(tape) == "Grüße"


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_file_is_is_told_by_its_content_and_not_by_its_name(imported, name):
    summary, _ = imported(b"\xef\xbb\xbf" + FORMATS[name], name="answer.sse")
    assert summary.startswith(f"{name.partition(' ')[0]}, ")


def test_a_packed_file_is_unpacked(imported):
    summary, _ = imported(gzip.compress(FORMATS["vcrpy"]), name="a.yaml.gz")
    assert summary.startswith("vcrpy, 1 of 1")


def test_what_is_no_answer_of_a_model_is_left_out_and_counted(imported):
    other = taped('{"id": 7}', uri="https://api.example.com/channels/1/messages", asked={"content": "hi"})
    refused = taped(
        '{"message": "Missing Access", "code": 50001}', uri="https://d.example.com/v9/messages", asked={"a": 1}
    )
    invoke = taped("x", uri="https://bedrock-runtime.us-east-1.amazonaws.com/model/a.b/invoke")
    preflight = taped("", uri=URL)
    preflight["request"]["method"] = "OPTIONS"
    summary, [tape] = imported(vcrpy(SUNNY, other, taped(), refused, invoke, preflight))
    assert tape.name.endswith("given-3.yaml")
    assert summary.startswith(
        "vcrpy, 1 of 6 interactions imported; 4 left out: no answer of a language model; "
        "1 left out: bedrock-invoke, which is out of scope; in "
    )


def test_all_takes_strangers_too(streamchunk, tmp_path):
    path = tmp_path / "mixed.yaml"
    path.write_bytes(vcrpy(SUNNY, taped()))
    ran = streamchunk("cassette", "import", path, "-o", tmp_path / "out", "--all")
    assert (ran.status, ran.lines[0].partition("; ")[0]) == (0, f"{path}: vcrpy, 2 of 2 interactions imported")
    stranger, answer = (cassette.read(tmp_path / "out" / f"mixed-{number}.yaml").only for number in (1, 2))
    assert (stranger.wire, answer.wire) == (None, "openai-chat")


def test_an_answer_at_an_unknown_path_is_known_by_its_body(imported):
    _, [tape] = imported(vcrpy(taped(uri="https://models.example.com/serving/invocations")))
    assert tape.wire == "openai-chat"


def test_a_path_that_says_one_api_and_a_body_that_speaks_another(imported):
    _, [tape] = imported(vcrpy(taped(uri="https://app.example.com/api/chat")))  # Ollama's, and many an application's
    assert tape.wire == "openai-chat"


def test_a_refusal_is_an_answer_where_a_model_was_asked(imported):
    refusal = taped('{"error": {"message": "Slow down"}}', status=429, headers={"content-type": ["application/json"]})
    _, [tape] = imported(vcrpy(refusal))
    assert (tape.status, tape.wire) == (429, "openai-chat")


@pytest.mark.parametrize("said", ["<html>Bad Gateway</html>", ""])
@pytest.mark.parametrize("more", [[], ["--wire", "openai-chat"]])
def test_what_stands_before_a_provider_may_refuse_in_any_words(imported, said, more):
    _, [tape] = imported(vcrpy(taped(said, status=502, headers={"content-type": ["text/html"]})), *more)
    assert (tape.status, tape.wire, tape.body) == (502, "openai-chat", said.encode())


def test_a_page_that_answers_no_request_of_a_model_is_left_out(imported):
    summary, tapes = imported(vcrpy(taped(), taped("<html>", {"q": 1}, status=502)))
    assert len(tapes) == 1
    assert "1 left out: no answer of a language model" in summary


def test_a_wire_that_the_user_names_is_held_against_each_answer(imported):
    summary, [tape] = imported(vcrpy(SUNNY, taped(uri=WEATHER)), "--wire", "openai-chat")
    assert tape.request.uri == WEATHER
    assert "1 left out: nothing of openai-chat in it" in summary


def test_our_own_cassettes_keep_what_they_say_beside_vcrpys_words(imported):
    length = len(ANSWER.encode())
    ours = taped(streamchunk={"pieces": [[10, 0], [length - 10, 31.2]], "head_pause_ms": 8, "framing": "close"})
    _, [tape] = imported(vcrpy(ours, provenance="synthetic", wire="openai-chat"))
    assert (tape.provenance, tape.only.framing, tape.only.head_pause) == ("synthetic", "close", 0.008)
    assert [tuple(cut) for cut in tape.only.cuts] == [(10, 0.0), (length - 10, 0.0312)]


def test_bodies_that_were_stored_as_json_are_bodies_again(imported):
    one = taped(headers={"content-type": ["application/json"]})
    said = {"id": "r", "object": "chat.completion", "choices": [{"message": {"content": "Grüße"}, "index": 0}]}
    one["request"] |= {"parsed_body": ASKED}
    one["response"] |= {"parsed_body": said}
    del one["request"]["body"], one["response"]["body"]
    _, [tape] = imported(vcrpy(one))
    assert (json.loads(tape.request.body), json.loads(tape.body)) == (ASKED, said)


PACKED = {
    "gzip": gzip.compress(ANSWER.encode()),
    "br": brotli.compress(ANSWER.encode()),
    "zstd": zstd.compress(ANSWER.encode()),
    "deflate": zlib.compress(ANSWER.encode()),
}


@pytest.mark.parametrize("coding", PACKED)
def test_a_compressed_body_is_unpacked_and_its_header_dropped(imported, coding):
    headers = {"Content-Encoding": [coding], "Content-Length": [str(len(PACKED[coding]))]}
    _, [tape] = imported(vcrpy(taped(PACKED[coding], headers=headers)))
    assert tape.body.decode() == ANSWER
    assert tape.headers == {"content-type": (SSE,)}


@pytest.mark.parametrize("coding", PACKED)
def test_a_body_that_somebody_unpacked_before_is_taken_as_it_is(imported, coding):
    _, [tape] = imported(vcrpy(taped(headers={"content-encoding": [coding]})))
    assert tape.body.decode() == ANSWER
    assert tape.headers == {"content-type": (SSE,)}


def test_the_time_until_the_head_is_kept_where_the_recorder_kept_it(imported):
    _, [tape] = imported(GO_VCR)
    assert tape.only.head_pause == 62.5
    _, tapes = imported(har(entry()), name="other")
    assert tapes[-1].only.head_pause == 0.81225


@pytest.mark.parametrize(("duration", "seconds"), [("870.5ms", 0.8705), ("", 0), ("2h", 7200), (1_500_000_000, 1.5)])
def test_go_writes_durations_in_its_own_way(imported, duration, seconds):
    text = GO_VCR.decode().replace("duration: 1m2.5s", f"duration: {json.dumps(duration)}")
    assert imported(text.encode())[1][0].only.head_pause == seconds


def test_an_answer_that_was_counted_is_framed_by_its_length(imported):
    _, [tape] = imported(vcrpy(taped(headers={"content-length": [str(len(ANSWER.encode()))]})))
    assert tape.only.framing == "length"


def test_a_har_is_freed_of_http_2s_words_and_its_sockets(imported):
    socket = entry(url="wss://api.openai.com/v1/realtime", _resourceType="websocket", _webSocketMessages=[])
    upgrade = entry(response={"status": 101})
    blocked = entry(response={"status": 0})
    evicted = entry(None, response={"content": {"size": 900, "mimeType": SSE}})
    elsewhere = entry(response={"content": {"size": 9, "mimeType": SSE, "_file": "a.txt"}})
    summary, [tape] = imported(
        har(socket, upgrade, blocked, evicted, elsewhere, entry(), entry(url=WEATHER, said="{}"))
    )
    assert tape.headers == {"content-type": (SSE,), "x-served-by": ("a", "b")}
    assert tape.request.headers == {"content-type": ("a/b",)}
    assert summary.startswith(
        "har, 1 of 7 interactions imported; 2 left out: a WebSocket; 1 left out: never answered; "
        "1 left out: its body was not saved; 1 left out: its body lies in another file; "
        "1 left out: no answer of a language model; in "
    )


def test_a_har_may_hold_a_body_in_base64_and_say_that_it_was_compressed(imported):
    packed = {"text": base64.b64encode(ANSWER.encode()).decode(), "encoding": "base64", "mimeType": SSE, "size": 1}
    headers = [{"name": "content-encoding", "value": "br"}, {"name": "content-type", "value": SSE}]
    _, [tape] = imported(har(entry(response={"content": packed, "headers": headers})))
    assert (tape.body.decode(), tape.headers) == (ANSWER, {"content-type": (SSE,)})


@pytest.mark.parametrize("is_base64", [True, False])
def test_polly_keeps_the_pieces_of_what_is_compressed(imported, is_base64):
    packed = PACKED["gzip"]
    pieces = [packed[:20], packed[20:]]
    texts = [base64.b64encode(piece).decode() if is_base64 else piece.hex() for piece in pieces]
    content = {"text": json.dumps(texts), "mimeType": SSE, "size": 9} | ({"encoding": "base64"} if is_base64 else {})
    headers = [{"name": "content-encoding", "value": "gzip"}, {"name": "content-type", "value": SSE}]
    _, [tape] = imported(har(entry(response={"content": content, "headers": headers})))
    assert tape.body.decode() == ANSWER
    assert len(tape.only.cuts) == 2


def test_nock_writes_what_is_compressed_as_hex_digits(imported):
    [one] = json.loads(NOCK)
    one |= {
        "response": [PACKED["gzip"][:9].hex(), PACKED["gzip"][9:].hex()],
        "rawHeaders": ["content-type", SSE, "content-encoding", "gzip"],
    }
    _, [tape] = imported(json.dumps([one]).encode())
    assert tape.body.decode() == ANSWER


def test_nock_tells_headers_of_one_name_in_two_spellings_together(imported):
    _, [tape] = imported(NOCK)
    assert tape.headers == {"Content-Type": (SSE,), "X-A": ("1", "2")}


def test_rubys_own_word_for_bytes_is_understood(imported):
    text = VCR_RB.decode().replace("base64_string: ", "string: !binary ")
    _, [tape] = imported(text.encode())
    assert tape.body.decode() == ANSWER
