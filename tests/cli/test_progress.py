"""A progress bar is for a terminal, and for work that takes longer than a second."""

import io
import sys

import pytest

from harness.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def drawn(monkeypatch):
    """Advance by 40 and by 60 of 100, so many seconds after the start, and return what was drawn on the stream."""

    def draw(stream, *moments):
        moments = iter([0.0, *moments])
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("TERM", "xterm")
        with Progress("judging", 100, lambda: next(moments)) as bar:
            bar.advance(40)
            bar.clear()
            bar.advance(60)
        return stream.getvalue()

    return draw


def test_nothing_is_drawn_in_the_first_second(drawn):
    assert drawn(Terminal(), 0.5, 0.9) == ""


def test_nothing_is_drawn_where_nobody_looks(drawn):
    assert drawn(io.StringIO(), 5, 6) == ""


def test_behind_a_second_the_bar_comes_and_leaves_no_trace(drawn):
    text = drawn(Terminal(), 0.5, 1.5)
    assert "judging" in text
    assert "100%" in text
    assert text.rstrip().endswith("\x1b[2K")
