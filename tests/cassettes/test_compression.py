"""A compressed body is decoded when it is asked for, piece by piece; what is broken or swells is refused."""

import gzip
import zlib

import brotli
import pytest

from harness.cassettes import cassette
from harness.cassettes.compression import decoded_body, decoded_pieces
from harness.cassettes.interaction import Cut
from harness.cassettes.writing import write
from harness.errors import FixtureError, InputError
from harness.wire.compression import zstd
from taped import SENT, answer


def pack_brotli(data):
    return brotli.compress(data, quality=3)


PACKED = {"gzip": gzip.compress, "deflate": zlib.compress, "br": pack_brotli, "zstd": zstd.compress}


def packed(coding, data=SENT, **changes):
    return answer(PACKED[coding](data), headers={"Content-Encoding": (coding,)}, **changes)


@pytest.mark.parametrize("coding", PACKED)
def test_a_packed_body_is_decoded(coding):
    assert decoded_body(packed(coding)) == SENT


@pytest.mark.parametrize("coding", PACKED)
def test_each_piece_gives_what_it_holds(coding):
    length = len(PACKED[coding](SENT))
    pieces = list(decoded_pieces(packed(coding, cuts=(Cut(1),) * length)))
    assert len(pieces) == length
    assert b"".join(pieces) == SENT


def test_codings_are_undone_in_the_order_in_which_they_stand():
    body = brotli.compress(gzip.compress(SENT))
    for headers in ({"content-encoding": ("gzip, br",)}, {"CONTENT-ENCODING": ("gzip", "br")}):
        assert decoded_body(answer(body, headers=headers)) == SENT


@pytest.mark.parametrize("header", [(), ("identity",), ("",)])
def test_a_body_that_is_not_packed_is_itself(header):
    assert decoded_body(answer(headers={"content-encoding": header})) == SENT


@pytest.mark.parametrize("coding", PACKED)
def test_a_body_that_is_not_so_packed_is_told(coding):
    with pytest.raises(InputError, match=f"the body is not {coding}, as its content-encoding says, or it is damaged"):
        decoded_body(answer(b"data: {}\n\n" * 9, headers={"content-encoding": (coding,)}))


@pytest.mark.parametrize("coding", PACKED)
def test_a_packed_body_that_is_cut_is_told_unless_its_connection_broke(coding):
    data = PACKED[coding](SENT)[:-2]
    headers = {"content-encoding": (coding,)}
    with pytest.raises(InputError, match=rf"the body is cut: its compression \({coding}\) has no end"):
        decoded_body(answer(data, headers=headers))
    for ending in ("fin", "reset"):
        assert SENT.startswith(decoded_body(answer(data, headers=headers, ending=ending)))


@pytest.mark.parametrize("header", ["compress", "x-zoo", "gzip, x-zoo", ", ".join(["gzip"] * 6), "\x1b[31m"])
def test_a_coding_that_nobody_knows_is_named_with_those_that_are(header):
    with pytest.raises(InputError) as caught:
        decoded_body(answer(headers={"content-encoding": (header,)}))
    assert str(caught.value) == (
        f"the body's content-encoding {header!r} cannot be undone; known are gzip, x-gzip, deflate, br, zstd"
    )


@pytest.mark.parametrize("coding", PACKED)
def test_a_body_that_swells_is_refused_before_it_is_whole(coding):
    bomb = answer(PACKED[coding](bytes(40_000_000)), headers={"content-encoding": (coding,)})
    with pytest.raises(InputError, match=r"the body swells from \d+ bytes to more than 8\d{6}$"):
        decoded_body(bomb)


def test_a_body_that_is_longer_than_any_answer_is_refused(monkeypatch):
    monkeypatch.setattr("harness.cassettes.compression.LONGEST_DECODED", len(SENT) - 1)
    with pytest.raises(InputError, match="the body swells"):
        decoded_body(packed("gzip"))


@pytest.mark.parametrize("coding", PACKED)
def test_a_short_body_may_swell_as_it_likes(coding):
    assert len(decoded_body(packed(coding, bytes(8 * 1024 * 1024)))) == 8 * 1024 * 1024


def test_the_suite_plays_a_packed_cassette_unpacked_and_names_one_that_it_cannot(tmp_path):
    write(tmp_path / "good.yaml", [packed("gzip")], "recorded")
    assert cassette.read(tmp_path / "good.yaml").body == SENT
    write(tmp_path / "bad.yaml", [answer(b"\xff\xff", headers={"content-encoding": ("gzip",)})], "recorded")
    with pytest.raises(FixtureError, match="the cassette bad: the body is not gzip"):
        _ = cassette.read(tmp_path / "bad.yaml", "bad").body
