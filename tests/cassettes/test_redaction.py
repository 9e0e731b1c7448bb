"""Every shape of secret, planted in every place of a recording: found, and gone without a byte more or less."""

import base64
import json
import re
from itertools import pairwise
from urllib.parse import quote

import pytest

from harness.cassettes.redaction import SHAPES, Redactor
from harness.stage import drained

REDACTOR = Redactor()
EACH = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)


def secret_of(shape):
    """What of the example must not be seen again."""
    example = shape.example.encode()
    match = shape.pattern.search(example)
    return match["secret"].decode()


def classes(text):
    return re.sub(r"[0-9]", "0", re.sub(r"[A-Z]", "X", re.sub(r"[a-z]", "x", text)))


def redacted(body):
    """The body redacted, after it was held to what every redaction promises."""
    found = REDACTOR.found(body)
    after = REDACTOR.body(body)
    assert len(after) == len(body)
    assert found, "the scanner does not find it"
    assert all("…" in one.excerpt and len(one.excerpt) <= 5 for one in found)
    assert REDACTOR.found(after) == []
    assert REDACTOR.body(after) == after
    return after


def test_the_table_has_at_least_60_shapes_and_each_has_its_own_name():
    assert len(SHAPES) >= 60
    assert len({shape.name for shape in SHAPES}) == len(SHAPES)


@EACH
def test_an_example_is_found_as_what_it_is_and_keeps_the_class_of_every_byte(shape):
    assert shape.name in {one.kind for one in REDACTOR.found(shape.example.encode())}
    after = redacted(shape.example.encode()).decode()
    assert secret_of(shape) not in after
    assert classes(after) == classes(shape.example)


@EACH
def test_a_secret_in_a_header_is_found(shape):
    headers = {"x-debug": ("kept", f"see {shape.example}"), "accept": ("*/*",)}
    after = REDACTOR.headers(headers)
    (kept, value), accept = after.values()
    assert (kept, accept) == ("kept", ("*/*",))
    assert secret_of(shape) not in value
    assert len(value.encode()) == len(headers["x-debug"][1].encode())
    assert REDACTOR.found_in_header("x-debug", headers["x-debug"][1])
    assert not REDACTOR.found_in_header("x-debug", value)
    assert REDACTOR.headers(after) == after


@EACH
def test_a_secret_in_a_query_is_found_in_its_own_spelling(shape):
    uri = f"https://api.openai.com/v1/models?limit=20&note={quote(shape.example, safe='')}&after=b"
    after = REDACTOR.uri(uri)
    assert quote(secret_of(shape), safe="") not in after
    assert len(after) == len(uri)
    assert after.startswith("https://api.openai.com/v1/models?limit=20&note=")
    assert after.endswith("&after=b")
    assert REDACTOR.found_in_uri(uri)
    assert not REDACTOR.found_in_uri(after)
    assert REDACTOR.uri(after) == after


@EACH
def test_a_secret_in_json_is_found_and_the_json_stays_the_same_json(shape):
    for before in ("", "the key:\n", "« clé » ", "\\", "x=\t"):
        value = {"messages": [{"role": "user", "content": f"{before}{shape.example}\nbye"}], "n": 1}
        after = json.loads(redacted(json.dumps(value).encode()))
        content = after["messages"][0]["content"]
        assert secret_of(shape) not in content
        assert content.startswith(before)
        assert content.endswith("\nbye")
        assert {**after, "messages": None} == {**value, "messages": None}


@EACH
def test_a_secret_in_json_within_json_is_found(shape):
    arguments = json.dumps({"note": f"\n{shape.example}"})
    after = json.loads(redacted(json.dumps({"arguments": arguments}).encode()))
    assert secret_of(shape) not in json.loads(after["arguments"])["note"]


@EACH
def test_a_secret_written_in_escapes_alone_is_found_and_stays_written_so(shape):
    body = b'"%b"' % b"".join(b"\\u%04X" % ord(letter) for letter in shape.example)
    after = redacted(body)
    assert re.fullmatch(rb'"(?:\\u[0-9A-F]{4})+"', after)
    assert classes(json.loads(after)) == classes(shape.example)


@EACH
def test_a_secret_in_base64_is_found_and_what_it_is_in_stays_base64(shape):
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in (b" ", b"? ", b"~~ "):
            data = before + shape.example.encode()
            after = redacted(b'data: {"file":"%b"}\n\n' % encode(data))
            letters = re.search(rb':"([^"]*)"', after)[1]
            decoded = base64.b64decode(letters.translate(bytes.maketrans(b"-_", b"+/")), validate=True)
            assert len(decoded) == len(data)
            assert decoded.startswith(before)
            assert secret_of(shape).encode() not in decoded


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape.distinct], ids=lambda shape: shape.name)
def test_a_secret_of_a_distinct_shape_is_found_in_binary_data_that_is_base64(shape):
    data = b"\x89PNG\xff\xfe\x00\x01" * 9 + shape.example.encode() + b"\x00\xff\xfe" * 9
    after = redacted(b'{"file":"%b"}' % base64.b64encode(data))
    decoded = base64.b64decode(json.loads(after)["file"])
    assert secret_of(shape).encode() not in decoded
    assert decoded.startswith(data[:72])
    assert decoded.endswith(data[-27:])


@EACH
def test_a_secret_is_found_in_hexadecimal_and_in_base64_twice(shape):
    example = shape.example.encode()
    hexadecimal = redacted(b"x: " + example.hex().encode())
    assert secret_of(shape).encode() not in bytes.fromhex(hexadecimal[3:].decode())
    twice = redacted(b"x: " + base64.b64encode(b"<<" + base64.b64encode(example) + b">>"))
    assert secret_of(shape).encode() not in base64.b64decode(base64.b64decode(twice[3:])[2:-2])


@EACH
def test_a_secret_split_over_pieces_at_any_byte_is_found(shape):
    body = b'data: {"choices":[{"delta":{"content":%b}}]}\n\ndata: [DONE]\n\n' % json.dumps(shape.example).encode()
    whole = b"".join(drained(REDACTOR.stream(), body))
    assert whole == redacted(body)
    for cut in range(len(body)):
        assert b"".join(drained(REDACTOR.stream(), body[:cut], body[cut:])) == whole


@EACH
def test_a_secret_split_over_the_deltas_of_a_stream_is_found_and_the_deltas_keep_their_lengths(shape):
    example = shape.example
    for cut in range(1, len(example), 5):
        deltas = [example[:cut], example[cut : cut + 3], example[cut + 3 :]]
        body = b"".join(b'data: {"delta":%b}\n\n' % json.dumps(delta).encode() for delta in deltas if delta)
        after = redacted(body)
        lines = [json.loads(line[6:])["delta"] for line in after.splitlines() if line]
        assert [len(line) for line in lines] == [len(delta) for delta in deltas if delta]
        assert secret_of(shape) not in "".join(lines)


@EACH
def test_a_secret_stays_away_from_what_stands_around_it(shape):
    around = ["before ", " between ", " after"]
    after = redacted(shape.example.join(around).encode()).decode()
    places = [after.index(word) for word in around]
    assert [later - earlier for earlier, later in pairwise(places)] == [
        len(word) + len(shape.example) for word in around[:-1]
    ]
