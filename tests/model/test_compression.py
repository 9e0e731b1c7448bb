"""Answers that come compressed: read in every form that HTTP knows, and named where they are broken or cut."""

import gzip
import zlib

import brotli
import pytest

from asking import DONE, HELLO, JSON, SSE, answering, asked, model, said, text
from harness.model import http
from harness.protocol.script import Piece, Script
from harness.wire.compression import zstd

ANSWER = said("Hello", "stop") + DONE


def raw_deflate(data):
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(data) + packing.flush()


def stored(data):
    packing = zlib.compressobj(level=0, wbits=-zlib.MAX_WBITS)
    return packing.compress(data) + packing.flush()


def in_members(data):
    """Several members one behind another, an empty one and padding among them (RFC 1952 2.2)."""
    return b"".join(gzip.compress(data[at : at + 20]) for at in range(0, len(data), 20)) + gzip.compress(b"") + bytes(9)


FORMS = {
    "gzip": ("gzip", gzip.compress),
    "gzip of several members": ("gzip", in_members),
    "gzip by its old name": ("x-gzip", gzip.compress),
    "gzip in other letters": ("GZip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate without its frame": ("deflate", raw_deflate),
    "deflate that begins with a zero": ("deflate", stored),
    "two, one in the other": ("deflate, gzip", lambda data: gzip.compress(zlib.compress(data))),
    "one that changes nothing": ("identity, gzip,", gzip.compress),
    "brotli": ("br", brotli.compress),
    "zstandard": ("zstd", zstd.compress),
    "none": ("identity", bytes),
}


def failure(server, script):
    events, error = asked(model(server.open([script]).base_url, maxRetries=0))
    assert events == []
    return error


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_what_can_be_undone_is_asked_for(server, coding):
    place = server.open([HELLO])
    asked(model(place.base_url))
    assert coding in place.exchanges()[0].header("accept-encoding")


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("size", [1, 7, 10**6])
def test_a_compressed_answer_is_read(server, name, size):
    coding, pack = FORMS[name]
    body = pack(ANSWER)
    pieces = tuple(Piece(body[at : at + size]) for at in range(0, len(body), size))
    script = Script(pieces, headers=(SSE, ("content-encoding", coding)))
    events, error = asked(model(server.open([script]).base_url))
    assert (text(events), error) == ("Hello", None)


@pytest.mark.parametrize("name", FORMS)
def test_what_a_refusal_says_is_read_compressed_too(server, name):
    coding, pack = FORMS[name]
    body = pack(b'{"error": {"message": "not today"}}')
    error = failure(server, answering(body, JSON, ("content-encoding", coding), status=403))
    assert (str(error), error.code) == ("not today", "403")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "x-zoo", "gzip," * 50])
def test_a_refusal_that_cannot_be_decompressed_is_still_that_refusal(server, coding):
    error = failure(server, answering(b"{}" * 50, JSON, ("content-encoding", coding), status=403))
    assert (str(error), error.code) == ("the provider answered with the status 403", "403")


@pytest.mark.parametrize(
    ("coding", "named"),
    [
        ("gzip", "decompressed"),
        ("deflate", "decompressed"),
        ("br", "decompressed"),
        ("zstd", "decompressed"),
        ("x-zoo", "asked for"),
    ],
)
def test_a_compression_that_cannot_be_undone_is_a_failure(server, coding, named):
    error = failure(server, answering(b"data: {}", SSE, ("content-encoding", coding)))
    assert error.code == "INVALID_RESPONSE"
    assert named in str(error)


@pytest.mark.parametrize("times", [6, 10_000])
def test_more_compressions_than_anybody_uses_are_not_undone(server, times):
    error = failure(server, answering(b"data: {}", SSE, ("content-encoding", ",".join(["gzip"] * times))))
    assert (error.code, "asked for" in str(error)) == ("INVALID_RESPONSE", True)


@pytest.mark.parametrize("pack", [gzip.compress, in_members])
def test_garbage_behind_a_member_is_a_failure_behind_what_came(server, pack):
    body = pack(said("Hel")) + b"garbage"
    events, error = asked(model(server.open([answering(body, SSE, ("content-encoding", "gzip"))]).base_url))
    assert (text(events), error.code) == ("Hel", "INVALID_RESPONSE")


@pytest.mark.parametrize("name", [name for name in FORMS if name not in ("none", "gzip of several members")])
def test_a_compressed_answer_that_is_cut_anywhere_was_cut(server, name):
    coding, pack = FORMS[name]
    body = pack(said("Hello " * 20))
    cuts = [1, 2, 5, 10, 17, 19, 20, 25, len(body) // 2, len(body) - 4, len(body) - 1]
    for cut in cuts:
        script = answering(body[:cut], SSE, ("content-encoding", coding))
        events, error = asked(model(server.open([script]).base_url))
        assert (error.code, "was cut" in str(error)) == ("STREAM_TRUNCATED", True), cut
        assert ("Hello " * 20).startswith(text(events))


@pytest.mark.parametrize("whole", [True, False])
def test_an_answer_that_is_complete_did_not_fail_where_only_the_end_of_its_compression_is_missing(server, whole):
    packing = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    body = packing.compress(ANSWER) + packing.flush(zlib.Z_SYNC_FLUSH)
    script = answering(body + (packing.flush() if whole else b""), SSE, ("content-encoding", "gzip"))
    events, error = asked(model(server.open([script]).base_url))
    assert (text(events), events[-1]["type"], error) == ("Hello", "finish", None)


@pytest.mark.parametrize(
    "body",
    [b"", gzip.compress(b""), gzip.compress(b" ") * 3],
    ids=["no bytes", "no text", "blanks"],  # gzip's bytes hold the time, and ids must not
)
def test_a_compressed_body_that_holds_nothing_is_empty(server, body):
    assert failure(server, answering(body, SSE, ("content-encoding", "gzip"))).code == "EMPTY_RESPONSE"


def test_a_body_longer_than_any_answer_is_not_read_to_its_end(server):
    bomb = gzip.compress((b": " + b"x" * 1021 + b"\n") * (1 + http.LONGEST_BODY // 1024), compresslevel=1)
    error = failure(server, answering(bomb, SSE, ("content-encoding", "gzip")))
    assert (error.code, str(error)) == ("RESPONSE_TOO_LONG", "the provider's answer is longer than 256 MiB")
