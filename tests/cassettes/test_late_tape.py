"""A tape that another thread writes: its times are those it was told, and what waits for it is bounded."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from harness.cassettes import late_tape
from harness.cassettes.interaction import Cut, Request
from harness.cassettes.late_tape import LateTape
from harness.cassettes.redaction import Redactor
from harness.cassettes.tape import Head, Tape
from harness.errors import InputError

REQUEST = Request("POST", "https://x/", {}, b"")
PIECE = b"data: a word\n\n" * 5000


@pytest.fixture
def thread():
    with ThreadPoolExecutor(1) as running:
        yield running


@pytest.fixture
def late(tmp_path, thread):
    tape = LateTape(begin(tmp_path), thread)
    yield tape
    tape.drop()
    thread.submit(tape.close)


@pytest.fixture
def little(monkeypatch):
    """So little may wait."""
    monkeypatch.setattr(late_tape, "MOST_WAITING", 1_000_000)
    return 1_000_000


def begin(folder, **headers):
    return partial(Tape, REQUEST, Head(200, "", headers), Redactor(), asked_at=1.0, head_at=1.0, folder=folder)


def test_pieces_have_the_times_that_they_were_told_with_however_late_they_are_taken(thread, late):
    go = threading.Event()
    thread.submit(go.wait)
    for at in (1.5, 2.0, 4.0):
        late.piece(b"abc", at)
    go.set()
    assert thread.submit(late.whole, "end").result().cuts == (Cut(3, 0.5), Cut(3, 0.5), Cut(3, 2.0))


@pytest.mark.parametrize("piece", [PIECE, b"x"], ids=["long", "single bytes"])
def test_it_is_behind_while_too_much_waits_and_no_longer_once_that_was_taken(thread, late, little, piece):
    go = threading.Event()
    thread.submit(go.wait)
    count = 0
    while not late.is_behind:
        late.piece(piece, 1.0)
        count += 1
    assert count * len(piece) <= little + len(piece)
    assert count < little / 1000  # single bytes take memory too
    go.set()
    interaction = thread.submit(late.whole, "end").result()
    assert not late.is_behind
    assert interaction.body.length == count * len(piece)


@pytest.mark.usefixtures("little")
def test_what_is_dropped_is_not_taken_down_any_more(tmp_path, thread):
    tapes, go = [], threading.Event()
    late = LateTape(lambda: tapes.append(begin(tmp_path)()) or tapes[0], thread)
    thread.submit(go.wait)
    while not late.is_behind:
        late.piece(PIECE, 1.0)
    late.drop()
    go.set()
    thread.submit(int).result()
    assert not late.is_behind
    assert tapes[0].length == 0


def test_what_goes_wrong_is_raised_once_the_whole_is_wanted_and_nowhere_before(tmp_path, thread):
    late = LateTape(begin(tmp_path, **{"content-encoding": ("gzip",)}), thread)
    for _ in range(3):
        late.piece(b"no gzip at all", 1.0)
    with pytest.raises(InputError, match="the provider's answer is not gzip"):
        thread.submit(late.whole, "end").result()
    unknown = LateTape(begin(tmp_path, **{"content-encoding": ("foo",)}), thread)
    unknown.piece(b"a", 1.0)
    with pytest.raises(InputError, match="known are gzip"):
        thread.submit(unknown.whole, "end").result()
