"""vcrpy with requests or aiohttp keeps a header of a compression beside a body that has none: it is read as it is."""

import gzip
import json
import zlib

import brotli
import httpx
import pytest

from harness.cassettes.compression import decoded_body
from harness.errors import InputError
from harness.replay.cassettes import CassetteServer
from harness.wire.compression import zstd
from tapes_by_hand import HELLO, interaction, tape

PATH = "/v1/chat/completions"
PLAIN = [
    'data: {"choices":[{"index":0,"delta":{"content":"Grüße"}}]}\n\ndata: [DONE]\n\n',
    '{"id": "c", "choices": []}',
    "{}",
    "x",
    "",
]
PACKED = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


def raw_deflate(data):
    packing = zlib.compressobj(wbits=-15)
    return packing.compress(data) + packing.flush()


def taped(tmp_path, coding, said):
    headers = {"Content-Encoding": [coding], "Content-Length": ["7"], "content-type": ["text/event-stream"]}
    return tape(tmp_path / "one.yaml", interaction(said=said, headers=headers))


@pytest.mark.parametrize("said", PLAIN[:-1])
@pytest.mark.parametrize("coding", PACKED)
def test_text_beside_a_compression_is_the_body_and_is_sent_as_such(tmp_path, coding, said):
    one = taped(tmp_path, coding, said)
    assert decoded_body(one.only) == said.encode()
    assert dict(one.only.headers) == {"content-type": ("text/event-stream",)}
    with CassetteServer([one]) as server:
        answer = httpx.post(f"{server.base_url}{PATH}", json=HELLO)
    assert answer.text == said
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("said", PLAIN)
@pytest.mark.parametrize("pack", [*PACKED.items(), ("deflate", raw_deflate)])
def test_what_is_compressed_stays_so(tmp_path, pack, said):
    coding, packed = pack
    one = taped(tmp_path, coding, packed(said.encode()))
    assert one.only.header("content-encoding") == coding
    assert decoded_body(one.only) == said.encode()
    with CassetteServer([one]) as server:
        answer = httpx.post(f"{server.base_url}{PATH}", json=HELLO)
    assert answer.headers["content-encoding"] == coding


@pytest.mark.parametrize("coding", PACKED)
def test_what_is_damaged_is_no_text_and_stays_damaged(tmp_path, coding):
    packed = bytearray(PACKED[coding](json.dumps(HELLO).encode() * 20))
    packed[len(packed) // 2 :] = b"\xff\x00" * 8
    with pytest.raises(InputError, match="the body is"):
        decoded_body(taped(tmp_path, coding, bytes(packed)).only)


def test_text_beside_a_compression_that_nobody_knows_stays_as_it_is(tmp_path):
    assert taped(tmp_path, "x-zoo", "{}").only.header("content-encoding") == "x-zoo"
