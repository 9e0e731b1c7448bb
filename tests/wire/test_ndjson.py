import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import WireError
from harness.stage import drained
from harness.wire import ndjson
from harness.wire.ndjson import NdjsonDecoder

COUNT = 1_000_000
HANG = 25  # seconds; a second is usual, and copying what was kept at every byte takes a minute


def lines_of(*pieces):
    return drained(NdjsonDecoder(), *pieces)


def cut(body, size):
    return [body[start : start + size] for start in range(0, len(body), size)]


def test_each_line_is_one_text():
    assert lines_of(b'{"a":1}\n{"b":2}\n') == ['{"a":1}', '{"b":2}']


def test_an_unterminated_last_line_is_a_line():
    assert lines_of(b"1\n2") == ["1", "2"]


def test_lines_may_end_in_crlf_and_blank_ones_are_skipped():
    assert lines_of(b"\r\n1\r\n \t\r\n\n2\r\n") == ["1", "2"]


def test_a_bare_cr_and_a_unicode_line_separator_end_no_line():
    assert lines_of('"a\rb"\n"c\u2028d"\n'.encode()) == ['"a\rb"', '"c\u2028d"']


def test_one_byte_order_mark_is_dropped_at_the_start():
    assert lines_of(b"\xef\xbb\xbf{}\n\xef\xbb\xbf{}\n") == ["{}", "\ufeff{}"]


def test_invalid_utf8_becomes_replacement_characters():
    assert lines_of(b'"\xff"\n') == ['"\ufffd"']


def test_a_line_is_given_as_soon_as_it_has_ended():
    decoder = NdjsonDecoder()
    assert decoder.feed(b"1\n2") == ["1"]
    assert decoder.feed(b"3\n") == ["23"]
    assert decoder.close() == []


@given(
    st.lists(st.sampled_from([b"{}", b"\n", b"\r\n", "é😀".encode(), b"\xef\xbb\xbf", b" ", b"\xf0\x9f"])).map(b"".join)
)
def test_a_cut_anywhere_gives_the_same_lines(body):
    whole = lines_of(body)
    assert all(lines_of(*cut(body, size)) == whole for size in (1, 2, 3))


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_over_the_limit_is_a_wire_error_after_what_came_before(size, end, monkeypatch):
    monkeypatch.setattr(ndjson, "LIMIT", 50)
    decoder, seen = NdjsonDecoder(), []
    with pytest.raises(WireError, match="longer than 50 bytes"):  # noqa: PT012 - which call raises depends on the cut
        for piece in cut(b"before\n" + b"x" * 60 + end, size):
            seen += decoder.feed(piece)
        decoder.close()
    assert seen == ["before"]


def test_a_long_line_in_single_bytes_is_not_copied_again_for_each_of_them():
    decoder, began = NdjsonDecoder(), time.monotonic()
    for piece in [b"x"] * COUNT:
        assert decoder.feed(piece) == []
    (line,) = decoder.feed(b"\n")
    assert len(line) == COUNT
    assert time.monotonic() - began < HANG
