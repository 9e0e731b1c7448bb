"""A recording that grows: what came, when it came, how it ended; and of secrets nothing, not even for a moment."""

import gzip
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cassettes.interaction import Cut, Request
from harness.cassettes.proofs import proofs_of
from harness.cassettes.redaction import WHOLE, Redactor
from harness.cassettes.tape import MOST_CUTS, Head, Tape
from harness.errors import InputError

KEY = "sk-proj-Abcdefghijklmnop0123456789"
HEADERS = {"Authorization": (f"Bearer {KEY}",), "content-type": ("application/json",)}
REQUEST = Request("POST", f"https://api.example.com/v1/chat?key={KEY}", HEADERS, f'{{"user":"{KEY}"}}'.encode())
HEAD = Head(200, "OK", {"Content-Type": ("text/event-stream",), "Set-Cookie": ("a=secretvalue; Path=/",)})


def taped(tmp_path, pieces, *, head=HEAD, request=REQUEST, ending="end"):
    """What was recorded of pieces, of which each is bytes and a time."""
    tape = Tape(request, head, Redactor(proofs_of(request)), asked_at=10.0, head_at=10.25, folder=tmp_path, wire="w")
    for data, at in pieces:
        tape.piece(data, at)
    tape.end(ending)
    return tape.interaction(), tape


def body_of(interaction):
    return interaction.body.read(0, interaction.body.length)


def test_it_keeps_pieces_pauses_and_the_end(tmp_path):
    found, tape = taped(tmp_path, [(b"data: a\n\n", 10.5), (b"data: b", 11.0), (b"\n\n", 11.0)], ending="reset")
    assert found.cuts == (Cut(9, 0.25), Cut(7, 0.5), Cut(2, 0.0))
    assert (found.head_pause, found.ending, found.status, found.reason, found.wire) == (0.25, "reset", 200, "OK", "w")
    assert body_of(found) == b"data: a\n\ndata: b\n\n"
    assert (tape.pieces, tape.length) == (3, 18)


def test_it_keeps_no_secret_anywhere(tmp_path):
    found, _ = taped(tmp_path, [(f'data: {{"error": "bad key {KEY}"}}\n\n'.encode(), 11.0)])
    seen = repr((found.request.uri, found.request.headers, found.request.body, found.headers, body_of(found)))
    assert "Abcdefghijklmnop" not in seen
    assert "secretvalue" not in seen
    assert found.request.headers["content-type"] == ("application/json",)


@given(st.lists(st.integers(0, 60), max_size=6))
def test_a_secret_that_is_cut_anywhere_is_found_and_the_pieces_keep_their_lengths(tmp_path_factory, places):
    body = f"data: the key {KEY} is wrong\n\n".encode()
    ends = sorted({min(place, len(body)) for place in places} | {0, len(body)})
    pieces = [(body[start:end], 11.0) for start, end in pairwise(ends)]
    found, _ = taped(tmp_path_factory.getbasetemp(), pieces)
    assert [cut.length for cut in found.cuts] == [len(data) for data, _ in pieces]
    assert len(body_of(found)) == len(body)
    assert b"Abcdefghijklmnop" not in body_of(found)
    assert body_of(found).endswith(b" is wrong\n\n")


def test_times_never_run_backwards(tmp_path):
    found, _ = taped(tmp_path, [(b"a", 10.2), (b"b", 10.1)])
    assert [cut.pause for cut in found.cuts] == [0.0, 0.0]


LINE = b'data: {"delta": "all that is said in this line is said again in the next"}\n\n'


@pytest.mark.slow
def test_a_long_body_lies_in_a_file_without_a_name_and_no_secret_is_in_it(tmp_path):
    piece = LINE * 800
    many = [(piece, 11.0)] * (WHOLE // len(piece) + 3)
    quoted = f"data: {KEY}\n\n".encode()
    found, tape = taped(tmp_path, [*many, (quoted[:20], 11.0), (quoted[20:], 11.0)])
    assert found.body.length == len(piece) * len(many) + len(quoted)
    assert found.body.read(0, len(LINE)) == LINE
    assert b"Abcdefghijklmnop" not in found.body.read(found.body.length - len(quoted), found.body.length)
    assert list(tmp_path.iterdir()) == []
    tape.close()
    tape.close()


def test_pieces_beyond_all_measure_are_joined(tmp_path):
    count = MOST_CUTS + 70_000
    found, _ = taped(tmp_path, ((b"x", 11.0) for _ in range(count)))
    assert found.cuts[MOST_CUTS - 1].length == 64 * 1024
    assert sum(cut.length for cut in found.cuts) == found.body.length == count
    assert len(found.cuts) < MOST_CUTS + 3


def test_a_compressed_body_is_recorded_as_what_it_holds(tmp_path):
    packed = gzip.compress(f"data: {KEY}\n\n".encode() + bytes(range(128)))
    head = Head(200, "OK", {"content-encoding": ("gzip",), "Content-Length": (str(len(packed)),), "x-a": ("1",)})
    found, _ = taped(tmp_path, [(packed[:5], 10.5), (packed[5:], 11.25)], head=head)
    assert body_of(found).startswith(b"data: sk-proj-Xxxx")
    assert found.headers == {"x-a": ("1",)}
    [cut] = found.cuts
    assert cut == Cut(found.body.length, 1.0)


def test_a_compressed_request_is_recorded_as_what_it_holds(tmp_path):
    packed = gzip.compress(b'{"a": 1}')
    request = Request("POST", "https://x/", {"Content-Encoding": ("gzip",), "content-length": ("9",)}, packed)
    found, _ = taped(tmp_path, [], request=request)
    assert (found.request.body, found.request.headers) == (b'{"a": 1}', {})


@pytest.mark.parametrize("coding", ["snappy", "gzip, " * 9 + "gzip"])
def test_a_compression_that_nobody_knows_is_refused_before_anything_is_kept(tmp_path, coding):
    with pytest.raises(InputError, match="not known"):
        taped(tmp_path, [], head=Head(200, "", {"Content-Encoding": (coding,)}))


def test_a_compression_that_is_cut_with_its_connection_is_what_came(tmp_path):
    packed = gzip.compress(b"data: a\n\n" * 100)
    head = Head(200, "OK", {"content-encoding": ("gzip",)})
    found, _ = taped(tmp_path, [(packed[:-8], 10.5)], head=head, ending="fin")
    assert body_of(found) == b"data: a\n\n" * 100
    with pytest.raises(InputError, match="has no end"):
        taped(tmp_path, [(packed[:-8], 10.5)], head=head)


@pytest.mark.parametrize(
    ("request_", "secrets"),
    [
        (Request("GET", "https://x/?alt=sse&key=AIzaSy", {"x-goog-api-key": ("AIza-1",)}, b""), ("AIza-1", "AIzaSy")),
        (Request("GET", "https://x/", {"Cookie": ("a=first; b=second",)}, b""), ("first", "second")),
        (Request("GET", "https://x/", {"api-key": ("k-1",), "X-API-Key": ("k-2",)}, b""), ("k-1", "k-2")),
        (Request("GET", "https://x/", {"authorization": ("Bearer test-key",)}, b""), ("test-key",)),
        (Request("GET", "https://x/?model=a", {"user-agent": ("curl",), "Host": ("x",)}, b""), ()),
    ],
)
def test_what_proves_who_asks_is_found_in_headers_and_parameters(request_, secrets):
    assert proofs_of(request_) == secrets


def test_nobody_reads_a_secret_in_a_repr(tmp_path):
    _, tape = taped(tmp_path, [(KEY.encode(), 11.0)])
    assert not re.search("Abcdef", f"{tape!r} {HEAD!r} {REQUEST!r}".replace(REQUEST.uri, ""))
