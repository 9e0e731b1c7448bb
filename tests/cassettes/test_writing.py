"""What we write we read, vcrpy reads it too, and so can a person."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from vcr.serializers import yamlserializer

from harness.cassettes import cassette
from harness.cassettes.bodies import LONGEST_INLINE, FileBody, GrowingBody, digest
from harness.cassettes.interaction import BytesBody, Cut, Interaction, Request
from harness.cassettes.writing import write
from harness.errors import InputError
from taped import GOOD, answer, played_by_vcrpy

AWKWARD = " \t\n\r:#-|>'\"\\ab{}[],&*!%@`?~0.1\x00\x1b\x7f\x85\xa0\u2028\u2029\ufeff\ufffe\U0001fffe\U0001f600é"
texts = st.one_of(
    st.text(st.sampled_from(AWKWARD), max_size=40), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
bodies = st.one_of(st.binary(max_size=80), texts.map(str.encode))
headers = st.dictionaries(texts, st.lists(texts, min_size=1, max_size=3).map(tuple), max_size=3)
reasons = st.text(st.characters(max_codepoint=0xFF, exclude_categories=["Cc"]), max_size=20)
seconds = st.integers(0, 10**9).map(lambda microseconds: microseconds / 10**6)


@st.composite
def interactions(draw):
    body = draw(bodies)
    places = sorted(draw(st.lists(st.integers(0, len(body)), max_size=6))) if draw(st.booleans()) else None
    ends = [] if places is None else [*places, len(body)]
    return Interaction(
        request=Request(draw(texts), draw(texts), draw(headers), draw(bodies)),
        status=draw(st.integers(100, 999)),
        headers=draw(headers),
        body=BytesBody(body),
        wire=draw(st.one_of(st.none(), st.just("openai-chat"), texts.filter(bool))),
        reason=draw(reasons),
        head_pause=draw(seconds),
        cuts=tuple(Cut(end - start, draw(seconds)) for start, end in zip([0, *ends], ends, strict=False)),
        framing=draw(st.sampled_from(["chunked", "length", "close"])),
        ending=draw(st.sampled_from(["end", "fin", "reset"])),
    )


@given(st.lists(interactions(), min_size=1, max_size=3), st.sampled_from(["synthetic", "recorded", None]))
def test_what_was_written_is_read_and_vcrpy_reads_the_same_bodies(taped, provenance):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "one.yaml"
        write(path, taped, provenance)
        assert cassette.read(path, "one") == cassette.Cassette("one", provenance, tuple(taped))
        assert path.read_bytes().decode() == path.read_text()  # no line end that reading as text would change
        played = yamlserializer.deserialize(path.read_text())["interactions"]
        assert [as_bytes(one["response"]["body"]["string"]) for one in played] == [one.body.data for one in taped]


def as_bytes(text):
    return text.encode() if isinstance(text, str) else text


@pytest.mark.parametrize("body", [b"data: {}\n\n", b"a\r\n\r\nb\r\n", b"\xff\x00", "\u2028\x85".encode(), b""])
def test_vcrpy_itself_replays_what_was_written(tmp_path, body):
    one = answer(body)
    write(tmp_path / "one.yaml", [one], "recorded")
    assert played_by_vcrpy(tmp_path / "one.yaml", one.request) == [body]


def test_a_cassette_reads_well(tmp_path):
    body = b'data: {"text": "Hello"}\n\ndata: [DONE]\n\n'
    cuts = (Cut(25), Cut(len(body) - 25, 0.0312))
    write(tmp_path / "one.yaml", [answer(body, cuts=cuts, head_pause=0.8125, framing="length")], "recorded")
    assert (tmp_path / "one.yaml").read_text() == (
        """version: 1
provenance: recorded
wire: openai-chat
interactions:
- request:
    method: POST
    uri: https://api.example.com/v1/chat/completions
    headers:
      content-type: [application/json]
    body: '{"stream": true}'
  response:
    status: {code: 200, message: OK}
    headers:
      content-type: [text/event-stream]
    body:
      string: |+
        data: {"text": "Hello"}

        data: [DONE]

  streamchunk:
    framing: length
    head_pause_ms: 812.5
    pieces: [[25, 0], [14, 31.2]]
"""
    )


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"one line", ["      string: one line"]),
        (b"42", ["      string: '42'"]),
        (b"null", ["      string: 'null'"]),
        (b"a\nb", ["      string: |-", "        a", "        b"]),
        (b"a\nb\n", ["      string: |", "        a", "        b"]),
        (b"a  \n  b\n", ["      string: |", "        a  ", "          b"]),
        (b"a\r\n\r\n b\r\n", [r'      string: "a\r\n\r\n' + "\\", r'        \ b\r\n"']),
        (b"\na\n", [r'      string: "\n' + "\\", r'        a\n"']),
        (b"\x1b[31m", [r'      string: "\x1b[31m"']),
        ("\ufeffdata: é😀\n".encode(), [r'      string: "\ufeffdata: é😀\n"']),
        (b"\xff" * 60, ["      string: !!binary |", f"        {'/' * 76}", "        ////"]),
    ],
)
def test_a_body_is_written_as_plainly_as_yaml_can_say_it(tmp_path, body, lines):
    write(tmp_path / "one.yaml", [answer(body)], None)
    text = (tmp_path / "one.yaml").read_text()
    assert text.split("    body:\n")[1].splitlines() == lines


def test_several_pieces_stand_on_one_line(tmp_path):
    body = bytes(1000)
    write(tmp_path / "one.yaml", [answer(body, cuts=(Cut(1, 0.0015),) * 1000)], "recorded")
    lines = (tmp_path / "one.yaml").read_text().split("    pieces: ")[1].splitlines()
    assert 80 < len(lines) < 120
    assert max(map(len, lines)) <= 110
    assert not any(line.endswith(" ") for line in lines)


def test_the_wire_stands_once_where_all_answers_speak_it(tmp_path):
    write(tmp_path / "same.yaml", [answer(), answer()], "recorded")
    assert (tmp_path / "same.yaml").read_text().count("wire:") == 1
    write(tmp_path / "other.yaml", [answer(), answer(wire="anthropic-messages"), answer(wire=None)], "recorded")
    assert [one.wire for one in cassette.read(tmp_path / "other.yaml").interactions] == [
        "openai-chat", "anthropic-messages", None,
    ]  # fmt: skip


def test_a_folder_that_is_missing_is_made(tmp_path):
    path = tmp_path / "of" / "mine" / "one.yaml"
    write(path, [answer()], "recorded")
    assert cassette.read(path).body == answer().body.data


@pytest.mark.parametrize(
    "changes",
    [
        {"cuts": (Cut(1),)},
        {"cuts": (Cut(-1), Cut(len(answer().body.data) + 1))},
        {"head_pause": -1.0},
        {"head_pause": float("nan")},
    ],
)
def test_what_no_recording_can_hold_is_a_bug_of_ours_and_changes_nothing(tmp_path, changes):
    path = tmp_path / "one.yaml"
    write(path, [answer()], "recorded")
    before = path.read_bytes()
    with pytest.raises(AssertionError):
        write(path, [answer(**changes)], "recorded")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_pause_of_more_than_a_day_is_one_of_a_day(tmp_path):
    write(tmp_path / "one.yaml", [answer(head_pause=1e9)], "recorded")
    assert cassette.read(tmp_path / "one.yaml").only.head_pause == 86_400


def test_a_text_that_utf8_has_no_bytes_for_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"one\.yaml: cannot be written: a text in it has no bytes in UTF-8"):
        write(tmp_path / "one.yaml", [answer(headers={"a": ("\ud83d",)})], "recorded")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_no_cassette(tmp_path):
    with pytest.raises(AssertionError):
        write(tmp_path / "one.yaml", [], "recorded")


LONG = bytes(range(256)) * (LONGEST_INLINE // 256) + b"!"


def test_a_body_above_8_mib_has_a_file_of_its_own(tmp_path):
    path = tmp_path / "one.yaml"
    write(path, [answer(), answer(LONG, cuts=(Cut(len(LONG) - 1), Cut(1, 0.5)))], "recorded")
    first, second = cassette.read(path).interactions
    assert isinstance(first.body, BytesBody)
    assert isinstance(second.body, FileBody)
    assert second.body.path.name == f"one.1-{second.body.sha256[:12]}.body"
    assert second.body.path.read_bytes() == LONG
    assert second.body.sha256 == digest(BytesBody(LONG))
    assert path.stat().st_size < 2000
    assert played_by_vcrpy(path, first.request, second.request) == [first.body.data, b""]


def test_a_body_of_8_mib_stands_in_its_cassette(tmp_path):
    body = b"x" * LONGEST_INLINE
    write(tmp_path / "one.yaml", [answer(body)], "recorded")
    assert list(tmp_path.iterdir()) == [tmp_path / "one.yaml"]
    assert cassette.read(tmp_path / "one.yaml").body == body


def test_a_cassette_that_is_written_again_keeps_only_the_bodies_that_it_names(tmp_path):
    path = tmp_path / "one.yaml"
    for other in ("two.0-000000000000.body", "notes.body"):
        (tmp_path / other).write_bytes(b"somebody else's")
    write(path, [answer(LONG)], "recorded")
    write(path, cassette.read(path).interactions, "recorded")  # its body is read from the file that it is written to
    assert cassette.read(path).body == LONG
    write(path, [answer(LONG[:-1] + b"?")], "recorded")
    assert cassette.read(path).body == LONG[:-1] + b"?"
    assert len(list(tmp_path.iterdir())) == 4
    write(path, [answer()], "recorded")
    assert {one.name for one in tmp_path.iterdir()} == {"one.yaml", "two.0-000000000000.body", "notes.body"}


def test_a_file_that_a_cassette_only_claims_as_its_body_is_not_removed(tmp_path):
    content = yaml.safe_load(yaml.safe_dump(GOOD))
    content["interactions"][0]["response"]["body"]["string"] = ""
    content["interactions"][0]["streamchunk"] = {"body_file": "thesis.txt", "body_sha256": "0"}
    (tmp_path / "thesis.txt").write_text("years of work")
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(content))
    write(tmp_path / "one.yaml", [answer()], "recorded")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_growing_body_is_what_was_added(tmp_path):
    body = GrowingBody(tmp_path)
    for piece in (b"abc", b"", LONG, b"def"):
        body.append(piece)
        assert body.read(0, 3) == b"abc"
    assert (body.length, body.read(body.length - 4, body.length + 9)) == (len(LONG) + 6, b"!def")
    assert body.read(5, 2) == b""
    assert list(tmp_path.iterdir()) == []  # its file has no name: nothing is left of it if we die
    write(tmp_path / "one.yaml", [answer(body)], "recorded")
    body.close()
    body.close()
    assert cassette.read(tmp_path / "one.yaml").body == b"abc" + LONG + b"def"
