"""What a body becomes does not depend on where it was cut, however long it is; AWS's checksums stay right."""

import json
import struct
from binascii import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cassettes.redaction import BLOCK, CONTEXT, SHAPES, WHOLE, Redactor, Windows
from harness.stage import drained

KEY = "sk-" + "proj-aB3dE5fG7hJ9kL1m" + "N3pQ5rS7tU9v"
HIDDEN = b"sk-proj-xX0xX0xX0xX0xX0xX0xX0xX0xX0x"
REDACTOR = Redactor(["hunter2-hunter2"])


def streamed(*pieces, redactor=REDACTOR):
    return b"".join(drained(redactor.stream(), *pieces))


def cut_every(body, size):
    return [body[at : at + size] for at in range(0, len(body), size)]


@pytest.mark.parametrize("place", [*range(BLOCK - 40, BLOCK + 4, 3), BLOCK + CONTEXT - 9, 2 * BLOCK - 9, 3 * BLOCK - 1])
def test_a_secret_that_lies_across_the_edge_of_a_block_is_replaced_whole(place):
    body = (b"word " * BLOCK)[:place] + b" " + KEY.encode() + b" " + b"x" * (place % 7) + b" word" * (BLOCK // 5)
    after = streamed(*cut_every(body, 10_007))
    assert after == body.replace(KEY.encode(), HIDDEN)


WORDS = [
    *(b"\\", b'"', b"%", b"\n", b"=", b"{", b"}", b"\xff", b"w" * 5000, b"data: ", b"api_key=", b"me@corp.dev"),
    *(KEY.encode(), b"QUtJQUFCQ0RFRkdISUpLTE1OT1A=", b"hunter2-", b"hunter2"),
]


@given(st.lists(st.sampled_from(WORDS), max_size=60), st.lists(st.integers(1, 60_000), min_size=1, max_size=8))
def test_any_cut_gives_the_same_and_as_many_bytes(words, sizes):
    body = b"".join(words)
    stage, out, at = REDACTOR.stream(), [], 0
    while at < len(body):
        size = sizes[len(out) % len(sizes)]
        out.append(b"".join(stage.feed(body[at : at + size])))
        at += size
        assert 0 <= min(at, len(body)) - sum(map(len, out)) < BLOCK + CONTEXT
    out.append(b"".join(stage.close()))
    after = b"".join(out)
    assert after == streamed(body)
    assert len(after) == len(body)
    assert streamed(after) == after


def test_windows_cover_a_stream_once_and_hold_no_more_than_a_block_and_its_context():
    body = bytes(range(251)) * 3000
    windows = drained(Windows(), *cut_every(body, 33_333))
    assert b"".join(window.data[window.start : window.stop] for window in windows) == body
    for window in windows:
        assert len(window.data) <= BLOCK + 2 * CONTEXT
        assert body[window.offset : window.offset + len(window.data)] == window.data


@pytest.mark.slow
def test_a_body_that_is_too_long_for_one_search_is_redacted_all_the_same():
    body = b"data: {}\n\n" * (WHOLE // 10 + 5) + KEY.encode() + b"\n\n"
    after = REDACTOR.body(body)
    assert after == body.replace(KEY.encode(), HIDDEN)


def test_an_image_of_megabytes_in_base64_passes_unchanged():
    state, data = 1, bytearray()
    while len(data) < 1_500_000:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        data += state.to_bytes(8, "big")[:5]
    body = json.dumps({"image": data.hex()}).encode()
    assert streamed(body) == body


def message(payload, *, right=True):
    name = b"\x0b:event-type\x07\x00\x11contentBlockDelta"
    prelude = struct.pack(">II", 16 + len(name) + len(payload), len(name))
    whole = prelude + struct.pack(">I", crc32(prelude)) + name + payload
    return whole + struct.pack(">I", crc32(whole) ^ (0 if right else 1))


def delta(text):
    return json.dumps({"contentBlockIndex": 0, "delta": {"text": text}}).encode()


HIDDEN_MESSAGE = message(delta(HIDDEN.decode()))


@pytest.mark.parametrize("size", [1, 5, 11, 1000])
def test_checksums_of_an_aws_event_stream_are_right_again(size):
    body = message(delta("Hello ")) + message(delta(KEY)) + message(b"")
    after = message(delta("Hello ")) + HIDDEN_MESSAGE + message(b"")
    assert REDACTOR.body(body) == after
    assert streamed(*cut_every(body, size)) == after


def test_a_checksum_that_was_wrong_stays_as_it_was_sent():
    body = message(delta("a")) + message(delta(KEY), right=False) + message(delta("b"))
    after = REDACTOR.body(body)
    assert after == body.replace(KEY.encode(), HIDDEN)
    assert streamed(*cut_every(body, 7)) == after


def test_a_secret_split_over_frames_is_found_and_both_checksums_are_right():
    body = message(delta(KEY[:9])) + message(delta(KEY[9:]))
    assert REDACTOR.body(body) == message(delta(HIDDEN[:9].decode())) + message(delta(HIDDEN[9:].decode()))


@pytest.mark.parametrize("cut", [3, 11, 12, 20, 60, 90, -5, -4, -3, -1])
def test_an_event_stream_that_is_cut_keeps_every_byte_there_was(cut):
    body = (message(delta("one")) + message(delta(KEY)))[:cut]
    after = REDACTOR.body(body)
    assert len(after) == len(body)
    assert streamed(*cut_every(body, 4)) == after
    if cut < 0:
        assert after == (message(delta("one")) + HIDDEN_MESSAGE)[:cut] if cut <= -4 else HIDDEN in after


def test_what_stands_behind_a_broken_frame_passes():
    body = message(delta("one")) + b"\xff" * 40 + KEY.encode()
    assert REDACTOR.body(body) == message(delta("one")) + b"\xff" * 40 + HIDDEN


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_shape_is_found_in_a_stream_at_the_edge_of_a_block(shape):
    example = shape.example.encode()
    secret = shape.pattern.search(example)["secret"]
    body = b" " * (BLOCK - len(example) // 2) + example + b" " * (BLOCK // 2)
    after = streamed(*cut_every(body, 50_000))
    assert secret not in after
    assert len(after) == len(body)
