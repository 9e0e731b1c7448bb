"""Lines come out whole, however their bytes are cut, at a cost that is linear in the bytes."""

import pytest

from harness.drivers import framing
from harness.drivers.framing import Lines
from harness.errors import ShimError

TEXT = b'{"a":"\xc3\xa9"}\n\n{"b":1}\r\nhalf'
WHOLE = [b'{"a":"\xc3\xa9"}', b"", b'{"b":1}\r']


@pytest.mark.parametrize("size", range(1, len(TEXT) + 1))
def test_a_cut_anywhere_gives_the_same_lines(size):
    lines = Lines()
    found = [line for start in range(0, len(TEXT), size) for line in lines.feed(TEXT[start : start + size])]
    assert found == WHOLE
    assert lines.close() == [b"half"]


def test_what_ends_with_a_line_leaves_nothing_behind():
    lines = Lines()
    assert lines.feed(b"one\n") == [b"one"]
    assert lines.close() == []


def test_a_line_that_is_too_long_is_refused_before_its_end(monkeypatch):
    monkeypatch.setattr(framing, "LONGEST_LINE", 10)
    lines = Lines()
    assert lines.feed(b"0123456789\n0123456789") == [b"0123456789"]
    with pytest.raises(ShimError, match="your shim sent a line of over"):
        lines.feed(b"x")


def test_a_line_that_is_too_long_is_refused_also_where_it_comes_at_once(monkeypatch):
    monkeypatch.setattr(framing, "LONGEST_LINE", 10)
    with pytest.raises(ShimError, match="your shim sent a line of over"):
        Lines().feed(b"fine\n0123456789x\nfine\n")


def test_the_cost_of_a_long_line_in_many_pieces_is_its_length():
    lines = Lines()
    for _ in range(100_000):
        assert lines.feed(b"x" * 100) == []
    assert [len(line) for line in lines.feed(b"\n")] == [10_000_000]
