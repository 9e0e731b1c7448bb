"""A cassette is played as it was recorded: headers, reason, framing, compression; what the case says stands above."""

import gzip
import http.client
import json
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from harness.cassettes import cassette
from harness.errors import FixtureError, InputError
from harness.protocol.script import Exchange, Piece, Sent
from harness.protocol.transcript import Ending
from harness.replay.recorded_answer import recorded_answer
from harness.replay.server import ReplayServer
from harness.runner import check
from harness.suite import store
from harness.suite.case import Case
from harness.suite.playing import played_events, scripts
from tapes_by_hand import HELLO, interaction, written

HI = 'data: {"id":"r","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}\n\n'
END = 'data: {"id":"r","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
HEADERS = {
    "Content-Type": ["text/event-stream"],
    "Retry-After": ["7"],
    "set-cookie": ["a=1", "b=2"],
    "Connection": ["keep-alive, X-Hop"],
    "X-Hop": ["1"],
    "Transfer-Encoding": ["chunked"],
    "Keep-Alive": ["timeout=5"],
}
KEPT = (("Content-Type", "text/event-stream"), ("Retry-After", "7"), ("set-cookie", "a=1"), ("set-cookie", "b=2"))


@pytest.fixture
def case(tmp_path):
    """A case that plays an interaction of its own."""

    def case(said=HI + END, answer=None, **more):
        path = written(tmp_path / "tape.yaml", interaction(HELLO, said, **more), wire="openai-chat")
        return Case.model_validate(
            {
                "id": "http/one",
                "title": "A sentence",
                "sections": ["§8"],
                "operation": "chat",
                "profiles": ["spec"],
                "given": {"wire": "openai-chat", "answers": [{"cassette": str(path)} | (answer or {})]},
                "request": {"model": "openai/m"},
            }
        )

    return case


def script(case):
    [made] = scripts(case)
    check(case)  # HTTP has such an answer
    return made


def sent_of(case):
    return b"".join(piece.data for piece in script(case).pieces)


def exchange(sent=None, **more):
    told = () if sent is None else (Sent(1.0, sent),)
    return Exchange("POST", "/chat/completions", (), b"{}", 0.0, script=0, sent=told, **more)


def test_headers_are_sent_but_those_of_a_connection(case):
    assert script(case(headers=HEADERS)).headers == KEPT


def test_headers_of_the_case_stand_above_the_recorded_whatever_their_letters(case):
    made = script(case(answer={"headers": {"retry-after": "1", "SET-COOKIE": "c=3"}}, headers=HEADERS))
    assert made.headers == (KEPT[0], ("retry-after", "1"), ("SET-COOKIE", "c=3"))


def test_nothing_is_added_to_what_was_recorded(case):
    made = script(case(headers={}))
    assert (made.headers, made.guesses_type) == ((), False)


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
def test_the_framing_is_the_recorded_one_unless_the_case_says_another(case, framing):
    assert script(case(framing=framing)).framing == framing
    assert script(case(framing=framing, answer={"framing": "close"})).framing == "close"


@pytest.mark.parametrize(
    ("answer", "kept"),
    [({}, True), ({"cut": 5}, True), ({"bytes": 9}, False), ({"ending": "fin"}, False), ({"ending": "endless"}, False)],
)
def test_a_recorded_length_holds_for_a_body_that_is_sent_as_it_was_recorded(case, answer, kept):
    headers = {"content-length": [str(len(HI + END))]}
    made = script(case(answer=answer, headers=headers, framing="length"))
    assert (made.headers != ()) is kept


def test_a_length_that_was_never_reached_is_promised_again(case):
    made = script(case(headers={"content-length": ["5000"]}, framing="length", ending="fin"))
    assert made.headers == (("content-length", "5000"),)


def test_the_reason_is_the_recorded_one_unless_the_case_says_another_status(case, tmp_path):
    asked = case(status=429)
    path = tmp_path / "tape.yaml"
    path.write_text(path.read_text().replace("message: ''", "message: Slow Down"))
    assert script(asked).reason == "Slow Down"
    assert script(case(status=429, answer={"status": 503})).reason == ""


def test_a_compressed_body_is_sent_compressed_in_its_pieces_and_read_unpacked(case):
    packed = gzip.compress((HI + END).encode())
    headers = {"content-type": ["text/event-stream"], "content-encoding": ["gzip"]}
    asked = case(packed, headers=headers, pieces=[[10, 0], [len(packed) - 10, 900]])
    made = script(asked)
    assert ("content-encoding", "gzip") in made.headers
    assert made.pieces == (Piece(packed[:10]), Piece(packed[10:]))
    events = played_events(asked, [exchange()])
    assert [event["type"] for event in events if "delta" in event or event["type"] == "finish"] == [
        "text-delta", "finish",
    ]  # fmt: skip


def test_of_a_compressed_body_that_was_left_the_beginning_is_read(case):
    first = gzip.compress(HI.encode())  # a member of its own, so that its end is known
    packed = first + gzip.compress(END.encode())
    asked = case(
        packed, headers={"content-encoding": ["gzip"]}, pieces=[[len(first), 0], [len(packed) - len(first), 0]]
    )
    left = exchange(len(first), closed_at=500.0, closed_by="client", status=200)
    events = played_events(asked, [left], Ending("aborted", at=480.0))
    assert "Hi" in [event.get("delta") for event in events]
    assert "finish" not in [event["type"] for event in events]


def test_only_so_many_bytes_of_a_compressed_body_are_sent_and_read(case):
    packed = gzip.compress((HI + END).encode())
    asked = case(packed, {"bytes": 12}, headers={"content-encoding": ["gzip"]})
    assert sent_of(asked) == packed[:12]
    assert "finish" not in [event.get("type") for event in played_events(asked, [exchange()])]


def test_what_cannot_be_unpacked_names_the_case_and_its_answer(case):
    asked = case(b"\x1f\x8b\x08 damaged", headers={"content-encoding": ["gzip"]})
    with pytest.raises(FixtureError, match=r"case http/one: answer 0: the body is not gzip"):
        played_events(asked, [exchange()])


def test_a_case_that_names_what_cannot_be_unpacked_is_refused_while_it_is_loaded(case, tmp_path):
    asked = case(b"\x1f\x8b\x08 damaged", headers={"content-encoding": ["gzip"]})
    path = tmp_path / "http" / "one.json"
    path.parent.mkdir()
    path.write_text(json.dumps(asked.model_dump(mode="json", by_alias=True, exclude_unset=True)))
    with pytest.raises(InputError, match=r"one\.json: given\.answers\.0\.cassette: .*tape\.yaml: the body is not gzip"):
        store.load([tmp_path], check)


def test_a_bundled_cassette_is_played_as_replay_plays_it():
    """The head of each is the one that `streamchunk replay` sends, and so are its bytes."""
    compared = 0
    for one in store.bundled():
        if not one.id.startswith("over-http/recorded-by-us/"):
            continue
        tape = cassette.load(one.given.answers[0].cassette).only
        theirs = recorded_answer(tape, speed=0).script
        ours = script(one)
        assert replace(ours, pieces=()) == replace(theirs, pieces=(), head_pause=0.0), one.id
        assert b"".join(piece.data for piece in ours.pieces) == b"".join(piece.data for piece in theirs.pieces)
        compared += 1
    assert compared > 30


def test_a_client_receives_what_was_recorded(case):
    asked = case(json.dumps({"error": {"message": "slow"}}), status=429, headers=HEADERS, framing="close")
    with ReplayServer() as server:
        place = server.open(scripts(asked))
        url = urlsplit(place.base_url)
        client = http.client.HTTPConnection(url.hostname, url.port, timeout=10)
        client.request("POST", f"{url.path}/chat/completions", "{}")
        answer = client.getresponse()
        received = answer.getheaders()
        assert json.loads(answer.read()) == {"error": {"message": "slow"}}
        client.close()
    assert answer.status == 429
    assert [header for header in received if header[0] != "Connection"] == list(KEPT)
    assert answer.getheader("transfer-encoding") is None
