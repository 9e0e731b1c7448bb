"""What vcrpy does not keep stands beside its keys: pieces, pauses, framing, how it ended, and files of long bodies."""

from hashlib import sha256

import pytest

from harness.cassettes import cassette
from harness.cassettes.bodies import FileBody, digest
from harness.cassettes.interaction import Cut
from harness.errors import InputError
from harness.protocol.script import Piece
from taped import BODY, SENT, changed, played_by_vcrpy, written

LENGTH = len(SENT)
AT = "interactions.0.streamchunk"


def read_with(tmp_path, **beside):
    return cassette.read(written(tmp_path, changed(AT, beside))).only


def refusal(tmp_path, **beside):
    with pytest.raises(InputError) as caught:
        read_with(tmp_path, **beside)
    told = str(caught.value)
    assert told.startswith(f"{tmp_path / 'one.yaml'}: {AT}")
    assert "\n" not in told
    return told


def test_pieces_and_pauses_are_played_as_they_were_recorded(tmp_path):
    one = read_with(
        tmp_path,
        wire="ollama-chat",
        head_pause_ms=812.5,
        pieces=[[10, 0], [0, 3], [LENGTH - 10, 31.25]],
        framing="length",
        ending="reset",
    )
    assert (one.wire, one.head_pause, one.framing, one.ending) == ("ollama-chat", 0.8125, "length", "reset")
    assert one.cuts == (Cut(10, 0.0), Cut(0, 0.003), Cut(LENGTH - 10, 0.03125))
    assert list(one.pieces()) == [Piece(SENT[:10], 0.0), Piece(b"", 0.003), Piece(SENT[10:], 0.03125)]


def test_vcrpy_passes_over_all_of_it(tmp_path):
    path = written(tmp_path, changed(AT, {"pieces": [[10, 0], [LENGTH - 10, 31.25]], "ending": "fin"}))
    assert played_by_vcrpy(path, cassette.read(path).request) == [SENT]


def test_without_pieces_a_body_is_one(tmp_path):
    assert list(read_with(tmp_path).pieces()) == [Piece(BODY.encode())]


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([[10, 0]], f".pieces: add up to 10 bytes, and the body has {LENGTH}"),
        ([[LENGTH, 0], [1, 0]], f".pieces: add up to {LENGTH + 1} bytes, and the body has {LENGTH}"),
        ([], f".pieces: add up to 0 bytes, and the body has {LENGTH}"),
        ([[LENGTH + 1, 0]], f".pieces.0.0: expected a length from 0 to the body's {LENGTH} bytes"),
        ([[-1, 0], [LENGTH + 1, 0]], ".pieces.0.0: expected a length from 0"),
        ([[LENGTH, -0.001]], ".pieces.0.1: expected milliseconds from 0 to those of a day, seen less"),
        ([[LENGTH, 86_400_001]], ".pieces.0.1: expected milliseconds from 0 to those of a day, seen more"),
        ([[LENGTH, 10**400]], ".pieces.0.1: expected milliseconds from 0 to those of a day, seen more"),
        ([[LENGTH, float("inf")]], ".pieces.0.1: expected milliseconds from 0 to those of a day, seen more"),
        ([[LENGTH, float("nan")]], ".pieces.0.1: expected a number of milliseconds"),
        ([[LENGTH, True]], ".pieces.0.1: expected a number of milliseconds, seen true or false"),
        ([[LENGTH, "1"]], ".pieces.0.1: expected a number of milliseconds, seen the text '1'"),
        ([[True, 0]], ".pieces.0: expected [bytes, milliseconds before them]"),
        ([["1", 0]], ".pieces.0: expected [bytes, milliseconds before them]"),
        ([[LENGTH]], ".pieces.0: expected [bytes, milliseconds before them]"),
        ([LENGTH], ".pieces.0: expected [bytes, milliseconds before them]"),
        ({"0": 1}, ".pieces: expected a list or text or nothing, seen a mapping"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_pieces_that_cannot_be_are_refused(tmp_path, pieces, words):
    assert words in refusal(tmp_path, pieces=pieces)


def test_a_piece_of_a_length_of_many_digits_is_refused_without_them(tmp_path):
    path = written(tmp_path, changed(AT, {"pieces": [[LENGTH, 0]]}))
    path.write_text(path.read_text().replace(f"- {LENGTH}", f"- 0x{'f' * 5000}"))
    with pytest.raises(InputError, match=r"pieces\.0\.0: expected a length from 0"):
        cassette.read(path)


@pytest.mark.parametrize(
    ("beside", "words"),
    [
        ({"head_pause_ms": -1}, ".head_pause_ms: expected milliseconds from 0"),
        ({"head_pause_ms": None}, ".head_pause_ms: expected a number of milliseconds, seen nothing"),
        ({"framing": "http2"}, ".framing: expected one of chunked, length, close, seen 'http2'"),
        ({"ending": "stall"}, ".ending: expected one of end, fin, reset, seen 'stall'"),
        ({"ending": 1}, ".ending: expected text, seen a whole number"),
        ({"peices": []}, ": there is no key 'peices'; there are wire, head_pause_ms, pieces"),
        ({"wire": 1}, ".wire: expected text or nothing, seen a whole number"),
        ({"body_file": "x.body"}, ".body_file: there is a body in the response too"),
    ],
)
def test_words_that_are_not_ours_are_refused(tmp_path, beside, words):
    assert words in refusal(tmp_path, **beside)


def test_what_stands_beside_is_an_object(tmp_path):
    with pytest.raises(InputError, match=r"interactions\.0\.streamchunk: expected a mapping, seen a list"):
        cassette.read(written(tmp_path, changed(AT, [])))


DATA = b"0123456789" * 10
NAMED = {"body_file": "one.0.body", "body_length": 100, "body_sha256": sha256(DATA).hexdigest()}


def in_a_file(tmp_path, data=DATA, **beside):
    content = changed("interactions.0.response.body.string", "")
    content["interactions"][0]["streamchunk"] = NAMED | beside
    if data is not None:
        (tmp_path / "one.0.body").write_bytes(data)
    return written(tmp_path, content)


def test_a_body_in_a_file_is_read_range_by_range(tmp_path):
    body = cassette.read(in_a_file(tmp_path, pieces=[[50, 0], [50, 1]])).only.body
    assert isinstance(body, FileBody)
    assert (body.length, body.sha256) == (100, digest(body))
    assert (body.read(0, 10), body.read(95, 200), body.read(20, 20), body.read(30, 10)) == (
        DATA[:10], DATA[95:], b"", b"",
    )  # fmt: skip


def test_loading_does_not_read_the_file_of_a_body(tmp_path):
    one = cassette.read(in_a_file(tmp_path, b"another content of the same length".ljust(100))).only
    assert digest(one.body) != one.body.sha256


@pytest.mark.parametrize(
    ("data", "beside", "words"),
    [
        (None, {}, "there is no file 'one.0.body' beside the cassette"),
        (DATA[:99], {}, "'one.0.body' is shorter than its body_length says: it has 99 bytes"),
        (DATA + b"!", {}, "'one.0.body' is longer than its body_length says: it has 101 bytes"),
        (DATA[:99], {"body_length": None, "pieces": [[100, 0]]}, "expected a length from 0 to the body's 99 bytes"),
        (DATA[:99], {"body_length": None, "pieces": [[50, 0], [50, 0]]}, "add up to 100 bytes, and the body has 99"),
        (DATA, {"body_sha256": None}, "body_sha256: is missing"),
        (DATA, {"body_file": "../one.0.body"}, "'../one.0.body' lies outside the cassette's folder"),
        (DATA, {"body_file": "/etc/passwd"}, "'/etc/passwd' lies outside the cassette's folder"),
        (DATA, {"body_file": "a\0b"}, "lies outside the cassette's folder"),
        (DATA, {"body_file": "x" * 300}, "cannot be read: File name too long"),
        (DATA, {"body_file": "."}, "there is no file '.' beside the cassette"),
        (DATA, {"body_file": "link"}, "'link' lies outside the cassette's folder"),
        (DATA, {"body_file": 7}, "body_file: expected text or nothing, seen a whole number"),
    ],
)
def test_a_bodys_file_that_is_not_there_or_not_ours_is_refused(tmp_path, data, beside, words):
    (tmp_path / "link").symlink_to("/etc/passwd")
    path = in_a_file(tmp_path, data, **beside)
    with pytest.raises(InputError) as caught:
        cassette.read(path)
    assert str(caught.value).startswith(f"{path}: interactions.0.streamchunk")
    assert words in str(caught.value)


def test_a_file_that_shrinks_while_it_is_played_says_where_it_ends(tmp_path):
    body = cassette.read(in_a_file(tmp_path)).only.body
    (tmp_path / "one.0.body").write_bytes(DATA[:30])
    with pytest.raises(InputError, match=r"one\.0\.body: ends at byte 30, and 100 were expected"):
        body.read(0, 100)


def test_a_file_that_is_gone_says_so(tmp_path):
    body = cassette.read(in_a_file(tmp_path)).only.body
    (tmp_path / "one.0.body").unlink()
    with pytest.raises(InputError, match=r"one\.0\.body: cannot be read: No such file"):
        body.read(0, 100)
