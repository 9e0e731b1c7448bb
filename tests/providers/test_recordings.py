"""The raw recordings beside the checkout decode the same however they are cut, and as the official packages read them.

`make evidence` holds them to more cuts and prints the figures; here each recording is cut a few times, at places that
its name and the run's number decide, and the oracle is asked as it is there.
"""

from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from evidence import test_oracle as oracle
from evidence.test_decoding_at_every_cut import KINDS, RAW, files
from harness.providers import WIRES, counted_ids, decode

SHARED = Path(__file__).parents[3] / "shared"
WAYS = 3  # in which each recording is cut
MOST_CUTS = 12

differences = oracle.differences
test_what_is_equal_and_what_is_not_is_known = oracle.test_every_difference_from_the_official_packages_is_known
test_no_known_difference_is_stale = oracle.test_no_known_difference_is_stale
test_known_differences_are_few_sorted_and_explained = oracle.test_known_differences_are_few_sorted_and_explained
test_what_the_packages_cannot_frame_is_read_by_hand = (
    oracle.test_what_the_packages_cannot_frame_is_read_as_a_person_reads_it
)


@pytest.fixture(scope="session")
def shared():
    if not (SHARED / "recordings").is_dir():
        pytest.skip(f"the recordings are not there: {SHARED / 'recordings'} is no folder")
    return SHARED


def events_of(wire, pieces):
    stage = decode(wire, counted_ids("made"))
    return [event for piece in pieces for event in stage.feed(piece)] + stage.close()


def cut(body, chance):
    """Some cuts anywhere, and one right behind another: the worst place is within a sequence of few bytes."""
    places = {chance.randrange(len(body) + 1) for _ in range(chance.randrange(1, MOST_CUTS))}
    ends = sorted({0, len(body)} | places | {place + 1 for place in places if place < len(body)})
    return [body[start:end] for start, end in pairwise(ends)]


@pytest.mark.parametrize("wire", WIRES)
def test_a_raw_recording_decodes_the_same_whole_and_in_pieces(wire, shared):
    paths = files(shared, wire, *KINDS)
    assert len(paths) >= RAW[wire]
    counted = 0
    for path in paths:
        body = path.read_bytes()
        whole = events_of(wire, [body])
        counted += len(whole)
        for way in range(WAYS):
            pieces = cut(body, Random(f"{path.name} {way}"))  # noqa: S311 - it is to be the same in every run
            assert events_of(wire, pieces) == whole, f"{path} cut into {[len(piece) for piece in pieces]}"
    assert counted > 5 * len(paths)


def test_the_oracle_has_a_reading_for_hundreds_of_recordings(differences):
    _, compared = differences
    assert set(compared) == set(WIRES) - oracle.WITHOUT_ORACLE
    assert compared.total() > 400
