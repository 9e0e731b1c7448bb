"""Cassettes are vcrpy's: what it replays is what we read."""

import httpx
import pytest
import vcr
import yaml

from harness.cassettes import cassette
from harness.errors import FixtureError
from harness.providers import WIRES
from harness.resources import folder

BODY = 'data: {"text": "Grüße"}\n\ndata: [DONE]\n\n'
GOOD = {
    "version": 1,
    "provenance": "synthetic",
    "wire": "openai-chat",
    "interactions": [
        {
            "request": {
                "method": "POST",
                "uri": "https://api.example.com/v1/chat/completions",
                "headers": {"content-type": ["application/json"]},
                "body": '{"stream": true}',
            },
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"content-type": ["text/event-stream"]},
                "body": {"string": BODY},
            },
        }
    ],
}


def written(tmp_path, content):
    path = tmp_path / "one.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True))
    return path


def changed(place, value):
    """The good cassette with one place replaced, or removed where the value is `...`."""
    content = yaml.safe_load(yaml.safe_dump(GOOD))
    inside = content
    *way, last = [int(key) if key.isdigit() else key for key in place.split(".")]
    for key in way:
        inside = inside[key]
    if value is ...:
        del inside[last]
    else:
        inside[last] = value
    return content


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


@pytest.mark.parametrize("body", [BODY, b"data: \r\n\xff\x00", "a\u2028b\x85c\r\n", ""])
def test_vcrpy_replays_the_same_bytes_that_we_read(tmp_path, body):
    path = written(tmp_path, changed("interactions.0.response.body.string", body))
    tape = cassette.read(path, "test/one")
    assert tape.body == (body if isinstance(body, bytes) else body.encode())
    assert replayed(path, tape.request.method, tape.request.uri) == (200, tape.body)


def test_a_cassette_that_vcrpy_wrote_is_read(tmp_path):
    """Our two keys are added by hand; everything else is as vcrpy leaves it."""
    serialized = vcr.serialize.serialize(
        {
            "requests": [vcr.request.Request("POST", "https://api.example.com/", b"{}", {"a": "b"})],
            "responses": [
                {"status": {"code": 200, "message": "OK"}, "headers": {"x": ["1", "2"]}, "body": {"string": b"hi"}}
            ],
        },
        vcr.serializers.yamlserializer,
    )
    tape = cassette.read(written(tmp_path, serialized + "provenance: recorded\nwire: openai-chat\n"), "test/one")
    assert (tape.body, tape.request.body, tape.provenance) == (b"hi", b"{}", "recorded")
    assert (tape.headers, tape.request.headers) == ({"x": ("1", "2")}, {"a": ("b",)})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("interactions: [", "is not YAML"),
        ("[" * 5000, "is not YAML"),
        ("!!python/object/apply:os.system ['true']", "is not YAML"),
        ("when: 2024-99-99", "is not YAML"),
        ("", "version: is missing"),
        ("- 1", "version: is missing"),
        (changed("version", 2), "version: expected 1, seen 2"),
        (changed("version", "1"), "version: expected int, seen str"),
        (changed("wire", ...), "wire: is missing"),
        (changed("provenance", "invented"), "provenance: expected one of synthetic, recorded, seen 'invented'"),
        (changed("interactions", []), "interactions: expected one, seen 0"),
        (changed("interactions", GOOD["interactions"] * 2), "interactions: expected one, seen 2"),
        (changed("interactions.0.request.uri", ...), "interactions.0.request.uri: is missing"),
        (changed("interactions.0.response.status.code", "200"), "status.code: expected int, seen str"),
        (changed("interactions.0.response.headers", []), "response.headers: expected dict, seen list"),
        (changed("interactions.0.response.headers", {"a": [1]}), "response.headers.a: expected text"),
        (changed("interactions.0.response.body.string", ["x"]), "body.string: expected str or bytes or nothing"),
        (changed("interactions.0.response.body.string", "\ud83d"), "is not YAML"),
    ],
)  # fmt: skip
def test_a_broken_cassette_says_what_and_where(tmp_path, content, words):
    path = written(tmp_path, content)
    with pytest.raises(FixtureError) as caught:
        cassette.read(path, "test/one")
    assert str(path) in str(caught.value)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_a_broken_cassette(tmp_path):
    with pytest.raises(FixtureError, match="cannot be read: No such file"):
        cassette.read(tmp_path / "none.yaml", "test/none")


@pytest.mark.parametrize("name", ["openai/no-such-tape", "../pyproject", "/etc/passwd", ""])
def test_a_name_that_is_none_of_ours_is_refused(name):
    with pytest.raises(FixtureError, match="there is no cassette"):
        cassette.load(name)


@pytest.mark.parametrize("name", cassette.names())
def test_vcrpy_replays_every_bundled_cassette_unharmed(name):
    tape = cassette.load(name)
    path = folder("cassettes") / f"{name}.yaml"
    assert replayed(path, tape.request.method, tape.request.uri, tape.request.body) == (tape.status, tape.body)


def test_every_wire_has_its_eight_synthetic_cassettes():
    tapes = [cassette.load(name) for name in cassette.names()]
    assert {tape.provenance for tape in tapes} == {"synthetic"}
    for wire in WIRES:
        assert sum(tape.wire == wire for tape in tapes) >= 8, wire
    assert {tape.wire for tape in tapes} == set(WIRES)
