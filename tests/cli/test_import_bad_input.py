"""Whatever is wrong with a file is told in one line that names it; nothing of it is written, and nothing in it runs."""

import copy
import gzip
import json
from contextlib import suppress

import brotli
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bodies import changed, places
from foreign import (
    ANSWER,
    BETAMAX,
    CHUNKS,
    GO_VCR,
    NOCK,
    VCR_RB,
    WEATHER,
    entry,
    har,
    lines,
    recording,
    taped,
    vcrpy,
)
from harness.cassettes.importing import FORMATS
from harness.cli.import_files import imported
from harness.errors import InputError
from harness.wire.aws_event_stream import EventStreamMessage, event_stream_bytes, text_header

CONTENT = {"type": "content", "id": "r", "model": "m", "timestamp": 5, "delta": "Hi", "content": "Hi"}
DONE = {"type": "done", "id": "r", "model": "m", "timestamp": 9, "finishReason": "stop"}


@pytest.fixture
def refusal(streamchunk, tmp_path):
    """What is said of a file that cannot be imported."""

    def run(data, *arguments, name="given", **beside):
        path = tmp_path / name
        path.write_bytes(data)
        for ending, content in beside.items():
            path.with_suffix(f".{ending}.json").write_bytes(content)
        ran = streamchunk("cassette", "import", path, "-o", tmp_path / "out", *arguments)
        assert ran.status == 2, ran.out
        assert not (tmp_path / "out").exists()
        [line] = ran.err.splitlines()
        assert line.startswith(f"{path}: ")
        assert len(line) < 1100
        return line.removeprefix(f"{path}: ")

    return run


def packed(coding, data):
    return vcrpy(taped(data, headers={"content-encoding": [coding]}))


GZIP = gzip.compress(ANSWER.encode())
ENTRY = "log.entries.0"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty: there is nothing in it"),
        (b" \n ", "empty: there is nothing in it"),
        (b"hello", "is nothing that can be imported, which is har (HAR or Polly.js), vcr ("),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "is nothing that can be imported"),
        (b"data: hello\n\n", "is nothing that can be imported"),
        (b'{"hello": 1}', "is nothing that can be imported"),
        (b'{"level":"info","message":"up"}\n{"level":"info","message":"down"}\n', "nothing but an error in it"),
        (b'{"error": {"message": "no"}}', "nothing but an error in it, which tells no wire; name its API with --wire"),
        (har(entry())[:-20], "is cut: not JSON"),
        (har(entry()).replace(b'"entries":', b'"entries"'), "is damaged: not JSON"),
        (b'{"log": {}}', "log.entries: is missing"),
        (b'{"log": {"entries": [[]]}}', "log.entries.0: expected an object, seen a list"),
        (har(entry(request={"url": 7})), f"{ENTRY}.request.url: expected text, seen a whole number"),
        (har(entry(request={"headers": {}})), f"{ENTRY}.request.headers: expected a list, seen an object"),
        (har(entry(response={"status": "200"})), f"{ENTRY}.response.status: expected an HTTP status of three digits"),
        (har(entry(response={"content": {"text": "%", "encoding": "base64"}})), "content.text: expected base64"),
        (har(entry(timings={"wait": "soon"})), f"{ENTRY}.timings.wait: expected a number of milliseconds, seen text"),
        (vcrpy(taped()) + b"x: [", "is not YAML"),
        (b"interactions: [", "is not YAML"),
        (b"interactions:\n- !!python/object/apply:os.system ['touch ran']\n", "the YAML tag '!!python/object/apply:os"),
        (b"interactions:\n- !ruby/object:Gem::Installer {}\n", "the YAML tag '!ruby/object:Gem::Installer' is refused"),
        (b"interactions: {}\nversion: 1\n", "interactions: expected a list, seen a mapping"),
        (b"interactions: []\nversion: 1\n", "interactions: is empty"),
        (b'{"interactions": [{}], "version": 1}', "interactions.0.request: is missing"),
        (b'{"interactions": [' + b"[" * 100_000, "is nested too deep"),
        (vcrpy(taped(status="200")), "0.response.status.code: expected a whole number, seen the text '200'"),
        (VCR_RB.replace(b"uri: ", b"url: "), "http_interactions.0.request.uri: is missing"),
        (VCR_RB + b"x: [", "is not YAML"),
        (BETAMAX.replace(b'"code": 200', b'"code": 99'), "response.status.code: expected an HTTP status"),
        (GO_VCR.replace(b"1m2.5s", b"soon"), "interactions.0.response.duration: expected a duration such as 1m2.5s"),
        (GO_VCR.replace(b"code: 200", b"code: OK"), "interactions.0.response.code: expected an HTTP status"),
        (NOCK[:-30], "is cut: not JSON"),
        (NOCK.replace(b'"status": 200', b'"status": null'), "0.status: expected an HTTP status"),
        (packed("gzip", GZIP[:40]), "the body is cut: its compression (gzip) has no end"),
        (packed("gzip", b"\x1f\x8b" + b"\xff" * 40), "the body is not gzip"),
        (packed("br", brotli.compress(ANSWER.encode())[:20]), "the body is cut"),
        (packed("zstd", b"\x28\xb5\x2f\xfd" + b"\xff" * 20), "the body is not zstd"),
        (packed("lzw", b"\x1f\x9d\x90"), "content-encoding 'lzw' cannot be undone"),
        (packed("gzip", gzip.compress(bytes(64_000_000))), "the body swells from"),
        (recording((1, CONTENT)).replace(b"1.0", b"9.9"), "a recording of version '9.9'"),
        (recording((1, CONTENT))[:-2], "not JSON"),
        (recording(), "there is no chunk of an answer in it"),
        (recording((1, {**CONTENT, "type": "banana"})), "there is no chunk of an answer in it"),
        (b"data: " + lines({"completion": "Hi", "stop_reason": None, "type": "completion"}) + b"\n", "is out of scope"),
    ],
    ids=lambda value: repr(value)[:50],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(refusal, data, words):
    assert words in refusal(data)


def test_only_a_broken_answer_of_a_model_is_a_failure(streamchunk, tmp_path):
    path = tmp_path / "in.yaml"
    path.write_bytes(vcrpy(taped(GZIP[:40], uri=WEATHER, headers={"content-encoding": ["gzip"]}), taped()))
    assert streamchunk("cassette", "import", path, "-o", tmp_path / "out").status == 0
    ran = streamchunk("cassette", "import", path, "-o", tmp_path / "all", "--all")
    assert ran.status == 2
    assert "interaction 1 of 2: the body is cut" in ran.err


def test_one_broken_answer_of_several_leaves_nothing_behind(refusal):
    data = vcrpy(taped(), taped(GZIP[:40], asked={"n": 2}, headers={"content-encoding": ["gzip"]}))
    assert refusal(data).startswith("interaction 2 of 2: the body is cut")


def test_aliases_that_would_swell_are_refused(refusal):
    laughs = "a0: &a0 [ha, ha]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 10}]\n" for n in range(1, 12))
    assert "stand for more values" in refusal(f"{laughs}interactions: [*a11]\n".encode())


def test_a_file_that_would_swell_is_refused(refusal):
    assert refusal(gzip.compress(bytes(300_000_000), 9)).startswith("longer than 256 MB")


def test_a_message_that_no_event_stream_can_carry_is_told(refusal):
    assert "a message has no place in an AWS event stream" in refusal(lines(*CHUNKS), "--wire", "bedrock-converse")


@pytest.mark.parametrize(
    ("meta", "words"),
    [
        (b"{", "given.meta.json: is cut: not JSON"),
        (b"[]", "given.meta.json: expected an object, seen a list"),
        (b'{"chunk_lengths": [1, 2]}', f"chunk_lengths: add up to 3 bytes, and the body has {len(ANSWER.encode())}"),
        (b'{"chunk_lengths": 7}', "given.meta.json: chunk_lengths: expected a list, seen a whole number"),
        (b'{"chunk_lengths": [-1]}', "given.meta.json: chunk_lengths.0: expected a number of bytes"),
        (b'{"http_status": true}', "given.meta.json: http_status: expected an HTTP status"),
        (b'{"api": {}}', "given.meta.json: api: expected text, seen an object"),
        (b'{"api": "watsonx"}', "watsonx is out of scope"),
    ],
)  # fmt: skip
def test_what_lies_beside_a_body_and_is_wrong_is_told(refusal, meta, words):
    assert words in refusal(ANSWER.encode(), name="given.sse", meta=meta)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("data", [b"hello", b"[1]", b'{"a": [{"b": 1}]}', b"\xff\x00\xfe", b"- a\n- b: !!set {}\n"])
def test_a_format_that_the_user_names_is_believed_and_found_wanting(data, form):
    with pytest.raises(InputError):
        imported("x", data, form=form, wire=None, every=True)


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(), st.text(max_size=20),
    st.lists(st.text(max_size=3), max_size=3), st.just({}), st.just([[]]), st.just("\ud800"), st.just({"a": {}}),
)  # fmt: skip
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CALLED = {"type": "tool_call", "id": "r", "model": "m", "timestamp": 6, "index": 0, "toolCall": CALL}
WHOLE = [
    json.loads(har(entry(_webSocketMessages=None))),
    {"version": 1, "interactions": [taped(streamchunk={"pieces": [[len(ANSWER.encode()), 1]]})]},
    yaml.safe_load(GO_VCR),
    yaml.safe_load(VCR_RB),
    json.loads(NOCK),
    json.loads(recording((1, CONTENT), (2, CALLED), (3, DONE))),
    CHUNKS,
]  # fmt: skip


@given(st.data())
def test_no_value_at_any_place_of_any_format_makes_more_than_an_error(data):
    whole = data.draw(st.sampled_from(WHOLE))
    path = data.draw(st.sampled_from(places(whole, ())))
    broken = changed(copy.deepcopy(whole), path, data.draw(VALUES))
    told(json.dumps(broken).encode(), every=data.draw(st.booleans()))


@given(st.sampled_from([*(json.dumps(one).encode() for one in WHOLE), GO_VCR, VCR_RB, ANSWER.encode()]), st.data())
def test_no_cut_and_no_flipped_byte_makes_more_than_an_error(whole, data):
    place = data.draw(st.integers(0, len(whole) - 1))
    told(whole[:place], every=True)
    told(whole[:place] + bytes([data.draw(st.integers(0, 255))]) + whole[place + 1 :], every=True)


@given(
    st.binary(max_size=300),
    st.sampled_from([None, *FORMATS]),
    st.sampled_from([None, "openai-chat", "bedrock-converse"]),
)
def test_no_bytes_make_more_than_an_error(data, form, wire):
    told(data, form=form, wire=wire)


def told(data, form=None, wire=None, *, every=True):
    with suppress(InputError):
        found = imported("-", data, form=form, wire=wire, every=every)
        assert len(found.taken) + found.left_out.total() == found.total


def test_an_event_stream_that_is_damaged_is_told(refusal):
    head = {":event-type": text_header("messageStart"), ":message-type": text_header("event")}
    good = event_stream_bytes(EventStreamMessage(head, b'{"role":"assistant"}'))
    assert "is nothing that can be imported" in refusal(good[:-1] + b"\0")
