"""Whatever vcrpy itself writes is read, by whichever of its versions and serializers."""

import base64
import gzip
import json

import pytest
import vcr.request
import vcr.serialize
from vcr.serializers import jsonserializer, yamlserializer

from harness.cassettes import cassette
from harness.cassettes.compression import decoded_body
from taped import BODY, GOOD, changed, written

ANSWER = "interactions.0.response"
REQUEST = "interactions.0.request"
FILE = "!!python/object/new:_io.BytesIO"
ITERATOR = "!!python/object/apply:builtins.iter"


def read_back(tmp_path, content):
    return cassette.read(written(tmp_path, content)).interactions[0]


def body_of(one):
    return one.body.read(0, one.body.length)


@pytest.mark.parametrize("serializer", [yamlserializer, jsonserializer])
def test_a_cassette_that_vcrpy_wrote_is_read(tmp_path, serializer):
    body = "hi \U0001f600\n"
    serialized = vcr.serialize.serialize(
        {
            "requests": [vcr.request.Request("POST", "https://api.example.com/", b"{}", {"a": "b"})],
            "responses": [
                {
                    "status": {"code": 200, "message": "OK"},
                    "headers": {"x": ["1", "2"]},
                    "body": {"string": body.encode()},
                }
            ],
        },
        serializer,
    )
    one = read_back(tmp_path, serialized)
    assert (body_of(one), one.request.body, one.reason) == (body.encode(), b"{}", "OK")
    assert (one.headers, one.request.headers) == ({"x": ("1", "2")}, {"a": ("b",)})
    assert (one.wire, one.cuts, one.framing, one.ending) == (None, (), "chunked", "end")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"string": "text"}, b"text"),
        ({"string": b"\x00\xff"}, b"\x00\xff"),
        ({"string": ""}, b""),
        ({"string": None}, b""),
        ({}, b""),
        (None, b""),
        ("text", b"text"),
        (b"\xff", b"\xff"),
        ({"encoding": "UTF-8", "string": "é"}, "é".encode()),
        ({"base64_string": base64.b64encode(b"\x00\xff").decode()}, b"\x00\xff"),
        ({"base64_string": base64.encodebytes(b"ab" * 60).decode()}, b"ab" * 60),
        ({"base64_string": base64.b64encode(b"x")}, b"x"),
    ],
)
def test_an_answers_body_is_read_in_every_spelling(tmp_path, given, expected):
    assert body_of(read_back(tmp_path, changed(f"{ANSWER}.body", given))) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("text", b"text"), (b"\xff", b"\xff"), (None, b""), (..., b""), ({"string": "x"}, b"x"),
        (["a", b"b"], b"ab"),
    ],
)  # fmt: skip
def test_a_requests_body_is_read_in_every_spelling(tmp_path, given, expected):
    assert read_back(tmp_path, changed(f"{REQUEST}.body", given)).request.body == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("!!python/unicode 'é'", "é".encode()),
        ("!!python/str 'a'", b"a"),
        (f"{FILE}\n      state: !!python/tuple\n      - !!binary |\n        /w==\n      - 0", b"\xff"),
        (f"{FILE}\n      state: !!python/tuple\n      - plain", b"plain"),
        (f"{FILE} {{}}", b""),
        (f"{ITERATOR}\n      args:\n      - - !!binary |\n          /w==\n        - b", b"\xffb"),
        (f"{ITERATOR} {{}}", b""),
    ],
)  # fmt: skip
def test_a_body_that_was_a_file_or_an_iterator_is_read(tmp_path, given, expected):
    text = f"""version: 1
interactions:
- request:
    method: POST
    uri: https://api.example.com/
    headers: {{}}
    body: {given}
  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: ''}}}}
"""
    assert read_back(tmp_path, text).request.body == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"A": ["1", "2"], "b": ["3"]}, {"A": ("1", "2"), "b": ("3",)}),
        ({"a": "plain"}, {"a": ("plain",)}),
        ({"a": [b"caf\xe9"]}, {"a": ("café",)}),
        ({"a": []}, {}),
        ({}, {}),
        (None, {}),
        (..., {}),
    ],
)
@pytest.mark.parametrize("place", [REQUEST, ANSWER])
def test_headers_are_read_in_every_spelling(tmp_path, place, given, expected):
    one = read_back(tmp_path, changed(f"{place}.headers", given))
    assert (one.headers if place == ANSWER else one.request.headers) == expected


@pytest.mark.parametrize("message", [None, ..., ""])
def test_an_answer_needs_no_reason(tmp_path, message):
    assert read_back(tmp_path, changed(f"{ANSWER}.status.message", message)).reason == ""


def test_httpx_answers_of_vcrpy_before_its_version_6_are_read_as_they_were_decompressed(tmp_path):
    old = {
        "status_code": 201,
        "http_version": "HTTP/1.1",
        "headers": {"content-type": ["text/event-stream"], "Content-Encoding": ["gzip"], "content-length": ["31"]},
        "content": BODY,
    }
    one = read_back(tmp_path, changed(ANSWER, old))
    assert (one.status, one.headers) == (201, {"content-type": ("text/event-stream",)})
    assert decoded_body(one) == BODY.encode()


def test_a_gzipped_body_is_kept_as_it_is_and_decoded_when_asked(tmp_path):
    packed = gzip.compress(BODY.encode())
    content = changed(f"{ANSWER}.body.string", packed)
    content["interactions"][0]["response"]["headers"]["content-encoding"] = ["gzip"]
    tape = cassette.read(written(tmp_path, content))
    assert body_of(tape.only) == packed
    assert tape.body == BODY.encode()


def test_keys_of_others_are_passed_over(tmp_path):
    content = changed("interactions.0.recorded_at", "2026-01-01T00:00:00")
    content |= {"recorded_with": "VCR 9", "metadata": {"who": "somebody"}}
    assert body_of(read_back(tmp_path, content)) == BODY.encode()


def test_json_behind_blank_lines_is_json(tmp_path):
    assert body_of(read_back(tmp_path, "\n\n " + json.dumps(GOOD))) == BODY.encode()


def test_yaml_that_begins_with_a_brace_is_yaml(tmp_path):
    text = "{version: 1, interactions: [{request: {method: GET, uri: x}, response: {status: {code: 200}, body: hi}}]}"
    assert body_of(read_back(tmp_path, text)) == b"hi"
