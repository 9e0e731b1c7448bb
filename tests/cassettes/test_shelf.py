"""Recordings on a shelf: named so that a person finds them, numbered so that none takes another's place."""

import pytest

from harness.cassettes.interaction import BytesBody, Interaction, Request
from harness.cassettes.shelf import Shelf
from harness.errors import InputError


def interaction(uri):
    return Interaction(Request("POST", uri, {}, b""), 200, {}, BytesBody(b"data: a\n\n"))


@pytest.mark.parametrize(
    ("provider", "uri", "name"),
    [
        ("openai", "https://api.openai.com/v1/chat/completions?a=b", "0001-openai-chat-completions.yaml"),
        ("openai", "https://api.openai.com/", "0001-openai.yaml"),
        (
            "google",
            "https://x/v1beta/models/gemini-2.0-flash:streamGenerateContent?alt=sse",
            "0001-google-models-gemini-2.0-flash-streamgeneratecontent.yaml",
        ),
        ("127.0.0.1:8080", "http://127.0.0.1:8080/api/chat", "0001-127.0.0.1-8080-api-chat.yaml"),
        ("x", "http://x/../../etc/passwd", "0001-x-..-..-etc-passwd.yaml"),
        ("x", "http://x/%2e%2e%2fa b\x00/é😀", "0001-x-2e-2e-2fa-b.yaml"),
        ("x", "http://x/" + "long" * 100, "0001-x-" + "long" * 19 + "lo.yaml"),
    ],
)
def test_a_recording_is_called_after_its_provider_and_its_path(tmp_path, provider, uri, name):
    shelf = Shelf(tmp_path, provider)
    assert shelf.keep(shelf.number(), interaction(uri)) == tmp_path / name
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_numbers_go_on_behind_those_that_are_there(tmp_path):
    (tmp_path / "0041-somebody.yaml").write_text("kept")
    (tmp_path / "notes.txt").write_text("kept")
    assert Shelf(tmp_path, "x").number() == 42
    (tmp_path / "10000-somebody.yaml").write_text("kept")
    assert Shelf(tmp_path, "x").number() == 10001


def test_a_name_that_was_taken_meanwhile_is_left_alone(tmp_path):
    first, second = Shelf(tmp_path, "x"), Shelf(tmp_path, "x")
    one, other = (shelf.keep(shelf.number(), interaction("http://x/a")) for shelf in (first, second))
    assert (one.name, other.name) == ("0001-x-a.yaml", "0002-x-a.yaml")


def test_what_cannot_be_written_leaves_nothing(tmp_path):
    shelf = Shelf(tmp_path, "x")
    with pytest.raises(InputError, match="no bytes in UTF-8"):
        shelf.keep(1, interaction("http://x/a?\ud800"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_made_where_it_is_missing(tmp_path):
    Shelf(tmp_path / "a" / "b", "x")
    assert (tmp_path / "a" / "b").is_dir()
