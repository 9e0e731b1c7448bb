"""What was compressed comes out whole, however it is cut, and never faster than it is asked for."""

import gzip
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.compression import KNOWN, BrokenCompression, Compression, UnknownCompression, zstd

PACKED = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "identity": bytes,
}


def undone(header, data):
    return b"".join(Compression(header).undone(data))


def test_every_known_coding_is_tried_here():
    assert set(PACKED) == {*KNOWN, "identity"}


@pytest.mark.parametrize("coding", KNOWN)
def test_what_is_undone_comes_in_pieces_of_a_bounded_size(coding):
    bomb = PACKED[coding](PACKED[coding](bytes(10_000_000)))
    sizes = [len(piece) for piece in Compression(f"{coding}, {coding}").undone(bomb)]
    assert sum(sizes) == 10_000_000
    assert max(sizes) <= 65536


@given(st.binary(max_size=200), st.lists(st.sampled_from(sorted(PACKED)), max_size=4), st.data())
def test_what_was_packed_comes_out_however_it_is_cut(data, codings, draw):
    packed = data
    for coding in codings:
        packed = PACKED[coding](packed)
    size = draw.draw(st.integers(1, len(packed) + 1))
    compression = Compression(", ".join(codings))
    found = [piece for at in range(0, len(packed), size) for piece in compression.undone(packed[at : at + size])]
    assert (b"".join(found), compression.is_cut) == (data, False)


@given(st.sampled_from(KNOWN), st.integers(1, 30))
def test_a_body_that_is_cut_anywhere_is_known_to_be_cut(coding, missing):
    packed = PACKED[coding](b"0123456789" * 7 + b"abc")
    compression = Compression(coding)
    found = b"".join(compression.undone(packed[: max(1, len(packed) - missing)]))
    assert compression.is_cut
    assert (b"0123456789" * 7 + b"abc").startswith(found)


@pytest.mark.parametrize("coding", KNOWN)
@pytest.mark.parametrize("garbage", [b"data: {}\n\n" * 9, b"\xff" * 40])
def test_what_is_not_so_compressed_is_broken(coding, garbage):
    with pytest.raises(BrokenCompression):
        undone(coding, garbage)


@pytest.mark.parametrize("coding", KNOWN)
def test_garbage_behind_the_end_is_broken(coding):
    with pytest.raises(BrokenCompression):
        undone(coding, PACKED[coding](b"Hello") + b"\xfe garbage")
    compression = Compression(coding)
    assert b"".join(compression.undone(PACKED[coding](b"Hello"))) == b"Hello"
    with pytest.raises(BrokenCompression):
        list(compression.undone(b"\xfe garbage"))


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_members_one_behind_another_are_one_body(coding):
    pack = PACKED[coding]
    assert undone(coding, pack(b"one ") + pack(b"") + pack(b"two")) == b"one two"


def zstd_frame(window_log, content):
    """A frame of one raw block (RFC 8878 3.1.1): magic, a descriptor that says nothing, the window, the block."""
    block = (len(content) << 3 | 1).to_bytes(3, "little") + content
    return bytes.fromhex("28b52ffd") + b"\0" + bytes([(window_log - 10) << 3]) + block


def test_a_body_that_asks_for_more_memory_than_it_may_have_is_broken():
    assert undone("zstd", zstd_frame(27, b"Hello")) == b"Hello"
    with pytest.raises(BrokenCompression):
        undone("zstd", zstd_frame(28, b"Hello"))


@given(st.text())
def test_any_header_is_understood_or_refused(header):
    try:
        Compression(header)
    except UnknownCompression:
        return
    assert {word.strip().lower() for word in header.split(",")} <= {"", "identity", *KNOWN}


@pytest.mark.parametrize("header", ["x-zoo", "compress", ",".join(["gzip"] * 6), "gzip;q=1"])
def test_what_nobody_knows_is_refused(header):
    with pytest.raises(UnknownCompression):
        Compression(header)
