"""Cassettes are vcrpy's: what it replays is what we read."""

import httpx
import pytest
import vcr

from harness.cassettes import cassette
from harness.errors import FixtureError, InputError
from harness.providers import WIRES
from harness.resources import folder
from taped import BODY, GOOD, changed, written


def replayed(path, method, uri, content=b""):
    """What the real vcrpy answers from a file; a request that it does not know would be an error, not a call."""
    with vcr.use_cassette(str(path), record_mode="none", match_on=["method", "uri"]), httpx.Client() as client:
        answer = client.request(method, uri, content=content)
    return answer.status_code, answer.content


def test_a_cassette_is_read(tmp_path):
    tape = cassette.read(written(tmp_path, GOOD), "test/one")
    assert (tape.name, tape.wire, tape.provenance, tape.status) == ("test/one", "openai-chat", "synthetic", 200)
    assert tape.headers == {"content-type": ("text/event-stream",)}
    assert tape.body == BODY.encode()
    assert (tape.request.method, tape.request.uri) == ("POST", "https://api.example.com/v1/chat/completions")
    assert tape.request.body == b'{"stream": true}'


def test_without_a_name_a_cassette_is_called_after_its_file(tmp_path):
    path = written(tmp_path, GOOD)
    assert cassette.read(path).name == str(path)


@pytest.mark.parametrize("body", [BODY, b"data: \r\n\xff\x00", "a\u2028b\x85c\r\n", ""])
def test_vcrpy_replays_the_same_bytes_that_we_read(tmp_path, body):
    path = written(tmp_path, changed("interactions.0.response.body.string", body))
    tape = cassette.read(path, "test/one")
    assert tape.body == (body if isinstance(body, bytes) else body.encode())
    assert replayed(path, tape.request.method, tape.request.uri) == (200, tape.body)


def test_several_interactions_are_read_in_their_order(tmp_path):
    content = changed("interactions", GOOD["interactions"] * 2)
    content["interactions"][1] = {**content["interactions"][1], "streamchunk": {"wire": "anthropic-messages"}}
    tape = cassette.read(written(tmp_path, content))
    assert [one.wire for one in tape.interactions] == ["openai-chat", "anthropic-messages"]


@pytest.mark.parametrize("property_", ["only", "wire", "request", "status", "headers", "body"])
def test_of_several_interactions_none_is_the_only_one(tmp_path, property_):
    tape = cassette.read(written(tmp_path, changed("interactions", GOOD["interactions"] * 2)), "two")
    with pytest.raises(FixtureError, match="two holds 2 interactions, not one"):
        getattr(tape, property_)


def test_a_cassette_need_not_say_its_wire_nor_where_it_is_from(tmp_path):
    content = changed("wire", ...)
    del content["provenance"]
    tape = cassette.read(written(tmp_path, content), "another project's")
    assert (tape.provenance, tape.only.wire) == (None, None)
    with pytest.raises(FixtureError, match="another project's does not say which wire"):
        _ = tape.wire


@pytest.mark.parametrize("name", ["openai/no-such-tape", "../pyproject", "/etc/passwd", "", "a\0b"])
def test_a_name_that_is_none_of_ours_is_refused(name):
    assert not cassette.exists(name)
    with pytest.raises(FixtureError, match="there is no cassette"):
        cassette.load(name)


def test_a_bundled_cassette_that_is_wrong_is_our_fault(tmp_path, monkeypatch):
    path = written(tmp_path, changed("version", 2))
    monkeypatch.setattr(cassette, "path_of", lambda _: path)
    with pytest.raises(FixtureError, match="version: expected 1"):
        cassette.load("a name that no other test loads")


def test_the_users_own_that_is_wrong_is_an_input_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="version: expected 1"):
        cassette.read(written(tmp_path, changed("version", 2)))


@pytest.mark.parametrize("name", cassette.names())
def test_vcrpy_replays_every_bundled_cassette_unharmed(name):
    for one in cassette.load(name).interactions:
        path = folder("cassettes") / f"{name}.yaml"
        body = one.body.read(0, one.body.length)
        assert replayed(path, one.request.method, one.request.uri, one.request.body) == (one.status, body)


def test_every_wire_has_its_eight_synthetic_cassettes():
    tapes = [cassette.load(name) for name in cassette.names()]
    synthetic = [one.wire for tape in tapes if tape.provenance == "synthetic" for one in tape.interactions]
    few = {wire: synthetic.count(wire) for wire in WIRES if synthetic.count(wire) < 8}
    assert few == {"openai-completions": 7}  # it has words for neither tools nor reasoning nor a schema
    assert set(synthetic) <= set(WIRES)
