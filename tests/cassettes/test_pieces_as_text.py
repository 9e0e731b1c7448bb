"""Very many pieces are one text in YAML, which is read at once; few stay lists that a person reads."""

import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.cassettes import cassette
from harness.cassettes.interaction import Cut
from harness.cassettes.writing import write
from harness.errors import InputError
from taped import SENT, answer, changed, written

LENGTH = len(SENT)


def with_pieces(folder, pieces):
    return cassette.read(written(folder, changed("interactions.0.streamchunk", {"pieces": pieces}))).only


@pytest.mark.parametrize(
    ("text", "cuts"),
    [
        (f"{LENGTH}@0 0", (Cut(LENGTH), Cut(0))),
        (f"10@31.25 {LENGTH - 10}", (Cut(10, 0.03125), Cut(LENGTH - 10))),
        (f"  10@0.001\n\n {LENGTH - 10}@86400000 ", (Cut(10, 0.000001), Cut(LENGTH - 10, 86400))),
    ],
)
def test_a_text_is_read_as_lists_are(tmp_path, text, cuts):
    assert with_pieces(tmp_path, text).cuts == cuts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a", ".pieces.0: expected BYTES or BYTES@MILLISECONDS, seen 'a'"),
        ("1@", ".pieces.0: expected BYTES"),
        ("-1@0", ".pieces.0: expected BYTES"),
        ("1 1@-1", ".pieces.1: expected BYTES"),
        ("1,2", ".pieces.0: expected BYTES"),
        ("1@1e3", ".pieces.0: expected BYTES"),
        ("1@nan", ".pieces.0: expected BYTES"),
        ("١@0", ".pieces.0: expected BYTES"),
        ("9" * 400, ".pieces.0: expected BYTES"),
        ("1@86400001", ".pieces.0.1: expected milliseconds from 0 to those of a day, seen more"),
        (f"{LENGTH + 1}@0", ".pieces.0.0: expected a length from 0"),
        ("1@0", f".pieces: add up to 1 bytes, and the body has {LENGTH}"),
    ],
)
def test_a_text_that_says_no_pieces_is_refused_with_its_place(tmp_path, text, words):
    with pytest.raises(InputError) as caught:
        with_pieces(tmp_path, text)
    assert words in str(caught.value)


@pytest.mark.slow
@given(st.integers(1001, 1200), st.randoms(use_true_random=False))
def test_many_pieces_are_written_as_text_and_read_as_they_were(tmp_path_factory, count, chance):
    cuts = tuple(Cut(chance.randint(0, 3), chance.choice([0, 1, 7, 31_250, 10**9]) / 10**6) for _ in range(count))
    path = tmp_path_factory.mktemp("many") / "one.yaml"
    write(path, [answer(b"x" * sum(cut.length for cut in cuts), cuts=cuts)], "recorded")
    assert isinstance(yaml.safe_load(path.read_text())["interactions"][0]["streamchunk"]["pieces"], str)
    assert cassette.read(path).only.cuts == cuts
    assert max(map(len, path.read_text().splitlines()[-20:])) <= 110


def test_a_thousand_pieces_are_lists(tmp_path):
    cuts = (Cut(1, 0.001),) * 1000
    write(tmp_path / "one.yaml", [answer(b"x" * 1000, cuts=cuts)], "recorded")
    assert (
        yaml.safe_load((tmp_path / "one.yaml").read_text())["interactions"][0]["streamchunk"]["pieces"]
        == [[1, 1]] * 1000
    )
    assert cassette.read(tmp_path / "one.yaml").only.cuts == cuts


def test_a_hundred_thousand_pieces_are_read_far_faster_than_lists_were(tmp_path):
    def seconds(path):
        started = time.process_time()
        assert len(cassette.read(path).only.cuts) == 20_000
        return time.process_time() - started

    body = "x" * 20_000
    (tmp_path / "text").mkdir()
    write(tmp_path / "text" / "one.yaml", [answer(body.encode(), cuts=(Cut(1),) * 20_000)], "recorded")
    content = changed("interactions.0.streamchunk", {"pieces": [[1, 0] for _ in range(20_000)]})
    content["interactions"][0]["response"]["body"]["string"] = body
    lists = written(tmp_path, content)
    assert min(seconds(tmp_path / "text" / "one.yaml") for _ in range(3)) * 3 < min(seconds(lists) for _ in range(2))
