"""A secret that a stream gives in pieces is gone from every text that its messages say, whatever frames these."""

import base64
import json
import struct
from binascii import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.cassettes.redaction import SHAPES, WHOLE, Redactor
from harness.stage import drained

KEY = "sk-" + "ant-api03-" + "aB3dE5fG7hJ9kL1mN3pQ5rS7-tU9vW1xYAA"
REDACTOR = Redactor()


def cut_every(text, size):
    return [text[at : at + size] for at in range(0, len(text), size)]


def sse(*messages):
    return b"".join(b"data: %b\n\n" % json.dumps(message).encode() for message in messages)


def frame(payload):
    head = b"\x0b:event-type\x07\x00\x11contentBlockDelta"
    prelude = struct.pack(">II", 16 + len(head) + len(payload), len(head))
    whole = prelude + struct.pack(">I", crc32(prelude)) + head + payload
    return whole + struct.pack(">I", crc32(whole))


def payloads(body):
    at, found = 0, []
    while at < len(body):
        length, of_headers = struct.unpack_from(">II", body, at)
        whole = body[at : at + length]
        assert struct.unpack(">I", whole[-4:])[0] == crc32(whole[:-4])
        found.append(json.loads(whole[12 + of_headers : -4]))
        at += length
    return found


def converse(pieces):
    return b"".join(
        frame(json.dumps({"contentBlockIndex": 0, "delta": {"text": piece}, "p": "abcdefghij"[: at * 7 % 11]}).encode())
        for at, piece in enumerate(pieces)
    )  # fmt: skip


def invoke(pieces):
    said = [json.dumps({"type": "content_block_delta", "index": 0, "delta": {"text": piece}}) for piece in pieces]
    return b"".join(frame(json.dumps({"bytes": base64.b64encode(one.encode()).decode()}).encode()) for one in said)


def said_by(body):
    found = []
    for message in payloads(body):
        packed = message.get("bytes")
        found.append((json.loads(base64.b64decode(packed)) if packed else message)["delta"]["text"])
    return "".join(found)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SHAPES), st.sampled_from([converse, invoke]), st.integers(1, 8), st.text("abc deg", max_size=30))
def test_no_shape_is_left_in_an_aws_event_stream_and_what_is_redacted_stays_so(shape, framed, size, before):
    text = f"{before} {shape.example}"
    secret = shape.pattern.search(shape.example.encode())["secret"].decode()
    body = framed(cut_every(text, size))
    after = REDACTOR.body(body)
    assert len(after) == len(body)
    assert said_by(body) == text
    assert secret not in said_by(after)
    assert REDACTOR.found(body)
    assert REDACTOR.found(after) == []
    assert REDACTOR.body(after) == after


PIECES = cut_every(f"My key is {KEY} ok?", 3)
TOLD_APART = {
    "by a name of theirs": [{"block": k, "delta": p if k == 0 else "word "} for p in PIECES for k in (0, 1)],
    "by an index, with an id for each": [
        {"event_id": f"e{n}{k}", "output_index": k, "delta": p if k == 0 else "word "}
        for n, p in enumerate(PIECES)
        for k in (0, 1)
    ],
    "by a choice's index, with an id for each": [
        {"id": f"c{n}{k}", "choices": [{"index": k, "delta": p if k == 0 else "word "}]}
        for n, p in enumerate(PIECES)
        for k in (0, 1)
    ],
    "by a member that one has": [
        {"parts": [{"delta": p}, {"delta": "thinking ", "thought": True}]} for p in PIECES
    ],
    "by their place in a list": [{"parts": [{"delta": p}, {"delta": "other "}]} for p in PIECES],
    "by nothing": [{"event_id": f"e{n}", "delta": p} for n, p in enumerate(PIECES)],
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD_APART)
def test_texts_that_grow_side_by_side_are_told_apart(name):
    body = sse(*TOLD_APART[name])
    after = REDACTOR.body(body)
    assert REDACTOR.found(body)
    assert len(after) == len(body)
    assert not any(KEY[at : at + 6] in _first(after, body) for at in range(7, len(KEY) - 6))
    assert REDACTOR.body(after) == after


def _first(after, body):
    """The text that the key was in: of the pieces of the redacted body those that stand where the key's did."""
    texts, found = [], []
    for line in body.split(b"\n\n")[:-1]:
        _deltas(json.loads(line[6:]), texts)
    for line in after.split(b"\n\n")[:-1]:
        _deltas(json.loads(line[6:]), found)
    return "".join(new for old, new in zip(texts, found, strict=True) if old not in ("word ", "other ", "thinking "))


def _deltas(value, found):
    if isinstance(value, dict):
        for name, one in value.items():
            if name == "delta":
                found.append(one)
            else:
                _deltas(one, found)
    elif isinstance(value, list):
        for one in value:
            _deltas(one, found)


@pytest.mark.parametrize("line", [b"data: %b\n\n", b'0:"%b"\n'])
def test_lines_that_are_no_objects_are_pieces_too(line):
    body = b"".join(line % piece.encode() for piece in cut_every(KEY, 5))
    after = REDACTOR.body(body)
    assert len(after) == len(body)
    assert b"".join(line % piece for piece in _cut(after, line)) == after
    assert KEY[12:].encode() not in b"".join(_cut(after, line))


def _cut(body, line):
    before, after = line.split(b"%b")
    return [one.removeprefix(before) for one in body.removesuffix(after).split(after)]


def test_the_numbers_of_a_tokens_bytes_are_redacted_beside_it_with_as_many_digits():
    tokens = [{"token": p, "bytes": list(p.encode()), "top_logprobs": [{"token": p, "bytes": list(p.encode())}]}
              for p in cut_every(KEY, 3)]  # fmt: skip
    body = sse(*({"logprobs": {"content": [token]}} for token in tokens))
    after = REDACTOR.body(body)
    assert len(after) == len(body)
    found = [json.loads(line[6:])["logprobs"]["content"][0] for line in after.split(b"\n\n")[:-1]]
    for said in (
        "".join(one["token"] for one in found),
        bytes(number for one in found for number in one["bytes"]).decode(),
        bytes(number for one in found for number in one["top_logprobs"][0]["bytes"]).decode(),
    ):
        assert said.startswith("sk-ant-")
        assert not set(said[7:]) - set("xX0-")
    assert REDACTOR.found(after) == []


def test_numbers_that_say_nothing_stay():
    body = b'{"ids": [1, 2, 300], "bytes": [104, 105], "vector": [0.1, 2], "none": []}'
    assert REDACTOR.body(body) == body


@pytest.mark.slow
@pytest.mark.parametrize("size", [65_536])
def test_a_secret_split_over_deltas_is_found_in_a_body_too_long_for_one_search(size):
    word = sse({"choices": [{"delta": {"content": "word "}}]})
    body = word * (WHOLE // 2 // len(word)) + sse(*({"choices": [{"delta": {"content": p}}]} for p in PIECES))
    body += word * (WHOLE // len(word))
    after = b"".join(drained(REDACTOR.stream(), *(body[at : at + size] for at in range(0, len(body), size))))
    assert len(after) == len(body)
    text = "".join(json.loads(line[6:])["choices"][0]["delta"]["content"] for line in after.split(b"\n\n")[:-1])
    assert "My key is sk-ant-" in text
    assert KEY[7:] not in text
    found = drained(REDACTOR.finding(), *(body[at : at + size] for at in range(0, len(body), size)))
    assert [(one.kind, one.where) for one, _ in found] == [("Anthropic key", "split over messages")]
    assert drained(REDACTOR.finding(), after) == []
