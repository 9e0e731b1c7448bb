"""A wire that is out of scope is refused by its name, wherever somebody names it or its bytes tell it."""

import base64
import json

import pytest

from converse_and_interactions import frame
from harness.providers import OUT_OF_SCOPE

CHUNK = {"bytes": base64.b64encode(b'{"type":"message_start"}').decode(), "p": "abc"}
BODIES = {
    "bedrock-invoke": frame("chunk", CHUNK),
    "openai-assistants": b'event: thread.run.created\ndata: {"id":"run_1","object":"thread.run"}\n\n',
    "anthropic-complete": b'event: completion\ndata: {"type":"completion","completion":" a","stop_reason":null}\n\n',
    "watsonx": b'event: message\ndata: {"model_id":"m","results":[{"generated_text":"a"}]}\n\n',
}


def sentence(wire):
    return f"the wire {wire} is out of scope: {OUT_OF_SCOPE[wire]}"


def test_there_is_a_body_for_each():
    assert BODIES.keys() == OUT_OF_SCOPE.keys()


@pytest.mark.parametrize("wire", OUT_OF_SCOPE)
@pytest.mark.parametrize("command", ["decode", "judge"])
def test_a_wire_that_is_named_is_refused_and_says_what_to_do(streamchunk, command, wire):
    ran = streamchunk(command, "--wire", wire, "-")
    assert (ran.status, ran.out) == (2, "")
    assert ran.last == f"streamchunk: usage (exit 2): Invalid value for '--wire': {sentence(wire)}"


@pytest.mark.parametrize("wire", OUT_OF_SCOPE)
def test_a_body_of_such_a_wire_is_refused_in_one_sentence(streamchunk, wire):
    ran = streamchunk("decode", "-", stdin=BODIES[wire])
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == f"streamchunk: unreadable input (exit 2): (standard input): {sentence(wire)}\n"


@pytest.mark.parametrize("wire", OUT_OF_SCOPE)
def test_a_body_that_is_called_another_wire_s_is_refused_all_the_same(streamchunk, wire):
    ran = streamchunk("decode", "--wire", "openai-chat", "-", stdin=BODIES[wire])
    assert (ran.status, ran.out) == (2, "")
    assert sentence(wire) in ran.err


@pytest.mark.parametrize("wire", OUT_OF_SCOPE)
def test_a_body_in_a_folder_of_such_a_wire_is_refused(streamchunk, tmp_path, wire):
    body = tmp_path / wire / "quiet.sse"
    body.parent.mkdir()
    body.write_bytes(b": just a heartbeat\n\n")
    ran = streamchunk("decode", body)
    assert ran.status == 2
    assert sentence(wire) in ran.err


@pytest.mark.parametrize("wire", OUT_OF_SCOPE)
def test_a_source_of_such_a_wire_is_refused(streamchunk, tmp_path, wire):
    (tmp_path / "log.ndjson").write_text('{"type":"content"}\n')
    (tmp_path / "body").write_bytes(BODIES[wire])
    ran = streamchunk("judge", "--source", tmp_path / "body", tmp_path / "log.ndjson")
    assert ran.status == 2
    assert sentence(wire) in " ".join((ran.out + ran.err).split())


@pytest.mark.parametrize("wire", OUT_OF_SCOPE)
def test_a_cassette_that_names_such_a_wire_is_refused(streamchunk, tmp_path, wire):
    tape = tmp_path / "a.yaml"
    request = {"method": "POST", "uri": "https://a.test/x", "body": "", "headers": {}}
    response = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "data: {}\n\n"}}
    tape.write_text(
        json.dumps({"version": 1, "wire": wire, "interactions": [{"request": request, "response": response}]})
    )
    ran = streamchunk("cassette", "show", "--as", "events", tape)
    assert ran.status == 2
    assert sentence(wire) in " ".join((ran.out + ran.err).split())
    assert streamchunk("cassette", "verify", tape).status != 0


def test_a_quiet_event_stream_is_a_stream_and_no_stray_binary(streamchunk):
    ran = streamchunk("decode", "--as", "reading", "-", stdin=frame("messageStart", {"role": "assistant"}))
    assert (ran.status, ran.json["ended"]) == (0, "truncated")


def test_a_damaged_event_stream_says_what_is_damaged(streamchunk):
    ran = streamchunk("decode", "-", stdin=frame("messageStart", {"role": "assistant"})[:-1] + b"\0")
    assert ran.status == 2
    assert "the checksum of an event stream's message is wrong" in ran.err
