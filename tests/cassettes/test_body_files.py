"""A body's file is a plain file beside its cassette and nothing else, however true the digest is that is quoted."""

import os
from hashlib import sha256

import pytest
import yaml

from harness.cassettes import bodies, cassette
from harness.errors import InputError
from taped import changed

SAID = b"data: [DONE]\n\n"


def refused(folder, name, data=SAID, **more):
    """Why a cassette with this file of a body, whose bytes are these, is not read."""
    said = {"body_file": name, "body_sha256": sha256(data).hexdigest(), **more}
    content = changed("interactions.0.streamchunk", said)
    content["interactions"][0]["response"]["body"]["string"] = ""
    path = folder / "one.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(InputError) as caught:
        cassette.read(path)
    return str(caught.value).removeprefix(f"{path}: interactions.0.streamchunk.body_file: ")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "outside.body").write_bytes(SAID)
    (tmp_path / "inside" / "good.body").write_bytes(SAID)
    return tmp_path / "inside"


@pytest.mark.parametrize(
    "name", ["../outside.body", "x/../../outside.body", "/dev/zero", "/etc/hostname", "good\0.body"]
)
def test_what_lies_outside_is_refused(folder, name):
    assert refused(folder, name).endswith("lies outside the cassette's folder")


def test_an_absolute_path_is_refused(folder):
    assert refused(folder, str(folder.parent / "outside.body")).endswith("lies outside the cassette's folder")


def test_a_link_to_the_outside_is_refused_also_through_a_folder(folder):
    (folder / "link.body").symlink_to(folder.parent / "outside.body")
    (folder / "up").symlink_to(folder.parent)
    for name in ("link.body", "up/outside.body"):
        assert refused(folder, name).endswith("lies outside the cassette's folder")


def test_a_link_to_itself_is_refused(folder):
    (folder / "loop.body").symlink_to(folder / "loop.body")
    assert "loop.body" in refused(folder, "loop.body")


@pytest.mark.parametrize("name", [".", "", "folder"])
def test_a_folder_is_refused(folder, name):
    (folder / "folder").mkdir()
    assert refused(folder, name, b"").startswith("there is no file")


def test_a_fifo_is_refused_and_nobody_waits_for_it(folder):
    os.mkfifo(folder / "fifo")
    assert refused(folder, "fifo", b"").startswith("there is no file")


def test_a_device_is_refused(folder):
    (folder / "zero").symlink_to("/dev/zero")
    assert refused(folder, "zero", b"").endswith("lies outside the cassette's folder")


def test_a_huge_file_is_refused_before_a_byte_of_it_is_read(folder):
    with (folder / "huge").open("wb") as file:
        file.truncate(2**40)
    assert refused(folder, "huge", b"") == "'huge' is longer than 256 MiB"
    assert refused(folder, "huge", b"", body_length=2**40) == "'huge' is longer than 256 MiB"


def test_a_body_that_no_cassette_would_be_read_with_is_not_recorded(monkeypatch):
    monkeypatch.setattr(bodies, "LONGEST", 10)
    body = bodies.GrowingBody()
    body.append(b"0123456789")
    with pytest.raises(InputError, match="the body is longer than"):
        body.append(b"x")
    assert body.read(0, 20) == b"0123456789"
