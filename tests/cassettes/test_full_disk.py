"""A disk that takes no more leaves the old cassette whole, and nothing of the new one."""

import os
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.cassettes import cassette
from harness.cassettes.bodies import LONGEST_INLINE, GrowingBody
from harness.cassettes.interaction import BytesBody
from harness.cassettes.writing import write
from harness.errors import InputError
from taped import answer

LONG = b"x" * (LONGEST_INLINE + 1)


@contextmanager
def limited(size):
    """The system refuses to let any file grow beyond so many bytes, as a full disk does.

    Only here: pytest's own output may be a file, and is written as soon as a test is over.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def state(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("old", [b"short", LONG])
@pytest.mark.parametrize("new", [b"y" * 100_000, LONG[:-1] + b"y"])
@pytest.mark.parametrize("size", [0, 1, 5000, 90_000])
def test_the_old_cassette_stays_whole(tmp_path, old, new, size):
    path = tmp_path / "one.yaml"
    write(path, [answer(old)], "recorded")
    before = state(tmp_path)
    with limited(size), pytest.raises(InputError) as caught:
        write(path, [answer(new)], "recorded")
    assert str(caught.value) == f"{path}: cannot be written: File too large"
    assert state(tmp_path) == before
    assert cassette.read(path).body == old


def test_of_a_new_cassette_nothing_is_left(tmp_path):
    with limited(100), pytest.raises(InputError, match="cannot be written"):
        write(tmp_path / "one.yaml", [answer()], "recorded")
    assert state(tmp_path) == {}


def test_a_body_that_was_written_goes_where_its_cassette_could_not_be(tmp_path):
    with pytest.raises(InputError, match=r"one\.yaml: cannot be written: a text in it has no bytes"):
        write(tmp_path / "one.yaml", [answer(LONG, headers={"a": ("\ud83d",)})], "recorded")
    assert state(tmp_path) == {}


def test_a_body_that_two_cassettes_versions_share_stays_where_the_second_fails(tmp_path):
    path = tmp_path / "one.yaml"
    write(path, [answer(LONG)], "recorded")
    before = state(tmp_path)
    with pytest.raises(InputError):
        write(path, [answer(LONG, headers={"a": ("\ud83d",)})], "recorded")
    assert state(tmp_path) == before
    assert cassette.read(path).body == LONG


class Failing(BytesBody):
    """A body whose own file fails in the middle."""

    def read(self, start, stop):
        if start:
            raise InputError("the body's file is gone")
        return super().read(start, stop)


def test_a_body_that_cannot_be_read_leaves_the_old_cassette_whole(tmp_path):
    path = tmp_path / "one.yaml"
    write(path, [answer()], "recorded")
    before = state(tmp_path)
    with pytest.raises(InputError, match="the body's file is gone"):
        write(path, [answer(Failing(LONG))], "recorded")
    assert state(tmp_path) == before


@pytest.mark.parametrize("length", [10, len(LONG)])
def test_a_body_that_grows_beyond_the_disk_says_so_and_keeps_what_it_has(tmp_path, length):
    body = GrowingBody(tmp_path)
    body.append(b"z" * length)
    with limited(length), pytest.raises(InputError) as caught:
        body.append(LONG)
    assert str(caught.value) == f"{tmp_path}: the recorded body cannot be written: File too large"
    assert (body.length, body.read(0, length + 5)) == (length, b"z" * length)
    body.append(LONG)
    assert (body.length, body.read(length - 1, length + 1)) == (length + len(LONG), b"zx")
    body.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match=r"one\.yaml: cannot be written: Permission denied"):
        write(tmp_path / "one.yaml", [answer()], "recorded")


def test_a_file_in_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"one\.yaml: cannot be written: "):
        write(tmp_path / "file" / "one.yaml", [answer()], "recorded")


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 256 KiB, where the system lets us have one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nothing may be mounted here; the limited file size shows the same")
    yield place
    subprocess.run(["umount", place], check=True)


def test_on_a_disk_that_is_really_full_the_old_cassette_stays_whole(small_disk):
    path = small_disk / "one.yaml"
    write(path, [answer(b"x" * 100_000)], "recorded")
    before = state(small_disk)
    with pytest.raises(InputError, match=r"one\.yaml: cannot be written: No space left on device"):
        write(path, [answer(b"y" * 200_000)], "recorded")
    with pytest.raises(InputError, match=r"one\.yaml: cannot be written: No space left on device"):
        write(path, [answer(LONG)], "recorded")
    assert state(small_disk) == before


KILLED = """
import os, sys
from pathlib import Path
from harness.cassettes.bodies import LONGEST_INLINE
from harness.cassettes.writing import write
from taped import answer

class Dying:
    length = LONGEST_INLINE * 2
    def read(self, start, stop):
        if start:
            os.kill(os.getpid(), 9)
        return b"y" * (stop - start)

write(Path(sys.argv[1]), [answer(Dying())], "recorded")
"""


def test_a_process_that_is_killed_while_it_writes_leaves_the_old_cassette_whole(tmp_path):
    path = tmp_path / "one.yaml"
    write(path, [answer()], "recorded")
    before = path.read_bytes()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    ran = subprocess.run([sys.executable, "-c", KILLED, path], env=environment, check=False, timeout=60)
    assert ran.returncode == -signal.SIGKILL
    assert path.read_bytes() == before
    assert cassette.read(path).body == answer().body.data
