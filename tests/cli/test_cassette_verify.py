"""``streamchunk cassette verify``: each thing that can be wrong with a cassette is told in one line."""

import gzip

import pytest
import yaml
from vcr.serializers import jsonserializer

from harness.cassettes import cassette
from harness.cassettes.bodies import LONGEST_INLINE
from harness.cassettes.interaction import Cut, Request
from harness.cassettes.writing import write
from harness.providers import OUT_OF_SCOPE
from taped import GOOD, answer, changed, written

HELLO = b'data: {"id":"r","model":"m","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}\n\n'
STOP = b'data: {"id":"r","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
BODY = HELLO + STOP + b"data: [DONE]\n\n"
ELSEWHERE = Request("POST", "https://api.example.com/elsewhere", {}, b"{}")


@pytest.fixture
def verified(streamchunk, tmp_path):
    """The problems of the one cassette that these interactions become, without its name."""

    def verify(*taped, provenance="recorded", path=None):
        if path is None:
            path = tmp_path / "one.yaml"
            write(path, list(taped), provenance)
        ran = streamchunk("cassette", "verify", path)
        *lines, last = ran.lines
        assert ran.err == ""
        assert all(line.startswith(f"{path}: ") for line in lines)
        assert ran.status == (1 if lines else 0)
        verdict = "violations (exit 1)" if lines else "conforms (exit 0)"
        wrong = 1 if lines else 0
        assert last == f"streamchunk: {verdict}: 1 cassette, {wrong} wrong, {len(lines)} problems"
        return [line.removeprefix(f"{path}: ") for line in lines]

    return verify


def test_every_bundled_cassette_is_right(streamchunk):
    ran = streamchunk("cassette", "verify", *cassette.names())
    assert (ran.status, ran.err) == (0, "")
    count = len(cassette.names())
    assert ran.lines == [f"streamchunk: conforms (exit 0): {count} cassettes, 0 wrong, 0 problems"]


@pytest.mark.parametrize(
    "one",
    [
        answer(BODY, cuts=(Cut(1, 0.1), Cut(len(BODY) - 1)), head_pause=1, framing="close"),
        answer(HELLO, ending="reset"),
        answer(b"", ending="fin"),
        answer(b"", status=204),
        answer(b'{"error":{"message":"no"}}', status=429, reason="Too Many Requests"),
        answer(b"<html>Bad Gateway</html>", status=502, reason="Bad Gateway"),
        answer(b"", status=503),
        answer(gzip.compress(BODY), headers={"content-encoding": ("gzip",)}),
    ],
)
def test_a_recording_is_right_however_it_ended(verified, one):
    assert verified(one) == []


def test_a_long_body_is_right(verified):
    assert verified(answer(BODY + b":" * LONGEST_INLINE + b"\n", cuts=())) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (("version", 2), "version: expected 1, seen another number"),
        (("interactions", []), "interactions: is empty; a cassette holds at least one"),
        (("interactions.0.response", ...), "interactions.0.response: is missing"),
        (
            ("interactions.0.streamchunk", {"pieces": [[1, 0]]}),
            "interactions.0.streamchunk.pieces: add up to 1 bytes, and the body has 41",
        ),
        (
            ("interactions.0.streamchunk", {"pieces": [[41, -1]]}),
            "interactions.0.streamchunk.pieces.0.1: expected milliseconds from 0 to those of a day, seen less",
        ),
        (
            ("interactions.0.streamchunk", {"body_file": "../x", "body_sha256": ""}),
            "interactions.0.streamchunk.body_file: there is a body in the response too",
        ),
    ],
)
def test_a_file_that_is_no_cassette_is_wrong(verified, tmp_path, changes, problem):
    assert verified(path=written(tmp_path, changed(*changes))) == [problem]


def test_damaged_yaml_is_wrong_and_never_given_to_vcrpy(verified, tmp_path):
    [problem] = verified(path=written(tmp_path, f"x: !!python/object/apply:os.system ['touch {tmp_path}/ran']"))
    assert problem.startswith("the YAML tag '!!python/object/apply:os.system' is refused (line 1)")
    [problem] = verified(path=written(tmp_path, "interactions: ["))
    assert problem.startswith("is not YAML: ")
    [problem] = verified(path=written(tmp_path, "[" * 100_000))
    assert problem == "is nested too deep"
    assert not (tmp_path / "ran").exists()


def test_a_provenance_that_is_missing_is_wrong(verified):
    assert verified(answer(BODY), provenance=None) == ["provenance: is missing: synthetic, recorded or recorded-parsed"]


def test_a_wire_that_is_missing_is_wrong_and_what_it_likely_is_is_said(verified):
    assert verified(answer(BODY, wire=None)) == ["interactions.0: wire: is missing; its path is that of openai-chat"]
    one = answer(BODY, wire=None)
    assert verified(type(one)(ELSEWHERE, 200, {}, one.body)) == ["interactions.0: wire: is missing"]


def test_a_wire_that_nobody_knows_is_wrong(verified):
    [problem] = verified(answer(BODY, wire="openai-chatter"))
    assert problem.startswith("interactions.0: there is no wire 'openai-chatter'; known are openai-chat, ")


@pytest.mark.parametrize("wire", OUT_OF_SCOPE)
def test_a_wire_out_of_scope_is_refused_by_name(verified, wire):
    assert verified(answer(BODY, wire=wire)) == [
        f"interactions.0: the wire {wire} is out of scope: {OUT_OF_SCOPE[wire]}"
    ]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "the body holds no message of openai-chat"),
        (b": ping\n\n", "the body holds no message of openai-chat"),
        (b"data: {oh no}\n\n", "the body is none of openai-chat: "),
        (b"<html>", "the body holds no message of openai-chat"),
    ],
)
def test_a_body_that_is_none_of_its_wire_is_wrong(verified, body, problem):
    [told] = verified(answer(body), provenance="synthetic")
    assert told.startswith(f"interactions.0: {problem}")


def test_that_a_provider_said_nothing_is_a_fact_where_somebody_saw_it(verified):
    assert verified(answer(b""), provenance="recorded") == []


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"content-encoding": ("gzip",)}, "the body is not gzip, as its content-encoding says, or it is damaged"),
        ({"content-encoding": ("x-zoo",)}, "the body's content-encoding 'x-zoo' cannot be undone; known are gzip, "),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_wrong(verified, headers, problem):
    [told] = verified(answer(b"\xff" + BODY, headers=headers))
    assert told.startswith(f"interactions.0: {problem}")


def test_a_request_that_stands_twice_is_wrong(verified):
    other = answer(BODY)
    assert verified(answer(BODY), type(other)(ELSEWHERE, 200, {}, other.body, "openai-chat"), other) == [
        "interactions.2: asks the same as interactions.0, so that nobody can tell them apart"
    ]


@pytest.fixture
def long(tmp_path):
    path = tmp_path / "long.yaml"
    write(path, [answer(BODY + b":" * LONGEST_INLINE + b"\n")], "recorded")
    [body] = tmp_path.glob("*.body")
    return path, body


def test_a_file_of_a_body_that_is_gone_is_wrong(verified, long):
    path, body = long
    body.unlink()
    assert verified(path=path) == [
        f"interactions.0.streamchunk.body_file: there is no file {body.name!r} beside the cassette"
    ]


def test_a_file_of_a_body_that_was_cut_is_wrong(verified, long):
    path, body = long
    body.write_bytes(body.read_bytes()[:-1])
    [problem] = verified(path=path)
    assert "is shorter than its body_length says" in problem


def test_a_file_of_a_body_that_was_changed_is_wrong(verified, long):
    path, body = long
    body.write_bytes(body.read_bytes().replace(b"Hello", b"Howdy"))
    assert verified(path=path) == [
        f"interactions.0: body_file: the bytes of {body.name} are not those of its body_sha256"
    ]


def test_what_we_read_and_vcrpy_does_not_is_wrong(verified, tmp_path):
    content = changed("interactions.0.response.body", {"base64_string": "ZGF0YTogW0RPTkVdCgo="})
    [*_, problem] = verified(path=written(tmp_path, content))
    assert problem == "vcrpy cannot replay it: KeyError: 'string'"


def test_a_body_that_vcrpy_reads_otherwise_is_wrong(verified, tmp_path):
    content = changed("interactions.0.response.body", {"string": "one", "base64_string": "ZGF0YTogW0RPTkVdCgo="})
    [*_, problem] = verified(path=written(tmp_path, content))
    assert problem == "interactions.0: vcrpy replays another body"


def test_a_cassette_that_vcrpy_wrote_as_json_is_looked_at_as_such(verified, tmp_path):
    content = yaml.safe_load(yaml.safe_dump(GOOD))
    content["interactions"][0]["response"]["body"]["string"] = BODY.decode() + ": \U0001f600\n"
    assert verified(path=written(tmp_path, jsonserializer.serialize(content))) == []


def test_each_problem_of_each_file_is_told(streamchunk, tmp_path):
    write(tmp_path / "a.yaml", [answer(BODY, wire="x"), answer(b"", wire="y")], None)
    write(tmp_path / "b.yaml", [answer(BODY)], "recorded")
    (tmp_path / "c.yml").write_text("version: 3")
    ran = streamchunk("cassette", "verify", tmp_path)
    assert ran.status == 1
    assert [line.partition(": ")[0].rpartition("/")[2] for line in ran.lines[:-1]] == ["a.yaml"] * 4 + ["c.yml"]
    assert ran.lines[-1] == "streamchunk: violations (exit 1): 3 cassettes, 2 wrong, 5 problems"


@pytest.mark.parametrize("name", ["openai/no-such", "none.yaml"])
def test_a_path_of_nothing_cannot_be_read(streamchunk, name):
    ran = streamchunk("cassette", "verify", name)
    assert (ran.status, ran.out) == (2, "")
    assert ran.last.startswith(f"streamchunk: unreadable input (exit 2): {name}: neither a file nor one of the")


def test_a_file_that_cannot_be_read_is_no_verdict_and_does_not_hide_the_others(streamchunk, tmp_path, monkeypatch):
    write(tmp_path / "a.yaml", [answer(BODY)], None)
    gone = tmp_path / "gone.yaml"
    monkeypatch.setattr("harness.cassettes.named.Path.is_file", lambda _: True)  # it was there when it was looked for
    ran = streamchunk("cassette", "verify", gone, tmp_path / "a.yaml")
    assert ran.status == 2
    assert ran.err == f"{gone}: cannot be read: No such file or directory\n"
    assert ran.lines[0].startswith(f"{tmp_path / 'a.yaml'}: provenance: is missing")


def test_something_must_be_named(streamchunk):
    ran = streamchunk("cassette", "verify")
    assert ran.status == 2
    assert ran.err.splitlines()[-1].startswith("streamchunk: usage (exit 2): Missing argument")
