"""The shape of a stream, held to everything that was recorded."""

import pytest

from harness.providers.shape import shape_of
from harness.providers.shape_changes import shape_changes

pytestmark = pytest.mark.evidence

ENDINGS = (".sse", ".ndjson", ".eventstream", ".jsonarray.json", ".error.json")


def test_every_recording_has_one_shape_however_it_is_cut(shared):
    found = [path for path in sorted((shared / "recordings").rglob("*")) if path.name.endswith(ENDINGS)]
    assert len(found) > 500
    empty = 0
    for path in found:
        body = path.read_bytes()
        whole = shape_of([body])
        assert "(not JSON)" not in whole.kinds, path
        empty += not whole.kinds
        for size in (1, 777) if len(body) < 20_000 else (777,):
            pieces = [body[start : start + size] for start in range(0, len(body), size)]
            assert list(shape_changes(whole, shape_of(pieces))) == [], path
    assert empty < len(found) / 100  # those that are cut before their first message ends
