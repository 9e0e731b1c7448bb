"""Where a cassette may be written: in place of a regular file or of nothing, whoever asks."""

import os
import socket
import threading
from pathlib import Path

import pytest

from harness.cassettes import writing
from harness.cassettes.bodies import LONGEST_INLINE
from harness.cassettes.cassette import read
from harness.cassettes.shelf import Shelf
from harness.cassettes.writing import Taken, check_place, write
from harness.errors import InputError
from taped import answer

LONG = b"x" * (LONGEST_INLINE + 1)


def a_device(path):
    """One that nobody misses: the number of a device that no kernel has."""
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(240, 250))
    except PermissionError:
        pytest.skip("only a superuser may make a device")


def a_socket(path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def a_link(path):
    Path("there.yaml").write_text("mine")
    path.symlink_to("there.yaml")


KINDS = {
    "a pipe": os.mkfifo,
    "a socket": a_socket,
    "a folder": os.mkdir,
    "a device": a_device,
    "a symbolic link": a_link,
    "a symbolic link; name": lambda path: path.symlink_to("nowhere"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("over", [True, False])
@pytest.mark.parametrize("body", [b"short", LONG], ids=["short", "long"])
def test_what_is_no_regular_file_stays_what_it_is(tmp_path, monkeypatch, kind, over, body):
    monkeypatch.chdir(tmp_path)  # a socket's path may not be long
    KINDS[kind](Path("a.yaml"))
    before = {path.name: path.lstat() for path in tmp_path.iterdir()}
    with pytest.raises(InputError, match=rf"a\.yaml: cannot be written: it is {kind}" if over else "is there already"):
        write(tmp_path / "a.yaml", [answer(body)], "recorded", over=over)
    assert {path.name: path.lstat() for path in tmp_path.iterdir()} == before


def test_a_regular_file_and_nothing_may_be_written_over(tmp_path):
    (tmp_path / "a.yaml").write_text("mine")
    for name in ("a.yaml", "b.yaml"):
        check_place(tmp_path / name)
        write(tmp_path / name, [answer()], "recorded")
        assert read(tmp_path / name).body == answer().body.data


def test_a_file_in_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written: Not a directory"):
        check_place(tmp_path / "file" / "a.yaml")


@pytest.mark.parametrize("has_links", [True, False])
@pytest.mark.parametrize("body", [b"short", LONG], ids=["short", "long"])
def test_whoever_is_first_keeps_the_place(tmp_path, monkeypatch, has_links, body):
    """Both find nothing there, both write, and one of them is the first to give its file the name."""
    if not has_links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
    path, fill = tmp_path / "a.yaml", writing._fill

    def overtaken(unfinished, pieces):
        fill(unfinished, pieces)
        monkeypatch.setattr(writing, "_fill", fill)
        write(path, [answer(body, reason="first")], "recorded", over=False)

    monkeypatch.setattr(writing, "_fill", overtaken)
    with pytest.raises(Taken, match="is there already"):
        write(path, [answer(body, reason="second")], "recorded", over=False)
    assert read(path).only.reason == "first"
    assert read(path).body == body
    assert len(list(tmp_path.iterdir())) == (1 if body == b"short" else 2)


@pytest.mark.parametrize("has_links", [True, False])
def test_a_recording_has_its_name_when_it_is_whole_and_not_before(tmp_path, monkeypatch, has_links):
    seen, fill = [], writing._fill

    def watched(unfinished, pieces):
        fill(unfinished, pieces)
        seen.extend(path.name for path in tmp_path.iterdir() if path.suffix == ".yaml")

    monkeypatch.setattr(writing, "_fill", watched)
    if not has_links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
    shelf = Shelf(tmp_path, "x")
    path = shelf.keep(shelf.number(), answer(LONG))
    assert seen == []
    assert read(path).body == LONG
    assert sorted(one.suffix for one in tmp_path.iterdir()) == [".body", ".yaml"]


def test_several_that_record_into_one_folder_never_share_a_name(tmp_path):
    shelves = [Shelf(tmp_path, "x") for _ in range(4)]
    threads = [
        threading.Thread(target=lambda shelf=shelf: [shelf.keep(shelf.number(), answer()) for _ in range(8)])
        for shelf in shelves
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({path.name[:4] for path in tmp_path.iterdir()}) == len(list(tmp_path.iterdir())) == 32
