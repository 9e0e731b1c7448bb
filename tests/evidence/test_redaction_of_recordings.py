"""Real answers hold nothing that looks like a secret, since they were cleaned; what does is known one by one."""

import time

import pytest

from harness.cassettes.redaction import Redactor

pytestmark = pytest.mark.evidence

FOUND = {
    "LICENSES/BSD-3-Clause.txt": "an e-mail address: the one of the company that holds the copyright",
}
"""Files in which the scanner finds something, and what."""

CHANGED = {
    f"openai/aisdk-v{version}-parts/vercel-ai--responses-__snapshots__--openai-responses-language-model--hould-stream-mcp"
    "-tool-results-list-tools-tool-calls.chunks.jsonl": "user@example.com, which whoever cleaned it put there"
    for version in (2, 3, 4)
}
"""Files that redaction changes though the scanner finds nothing in them: addresses that are nobody's."""


@pytest.fixture(scope="module")
def recordings(shared):
    found = [path for path in sorted((shared / "recordings").rglob("*")) if path.is_file()]
    assert len(found) > 3000
    return {path.relative_to(shared / "recordings").as_posix(): path.read_bytes() for path in found}


def test_the_scanner_flags_nothing_of_the_recordings_ordinary_content(recordings):
    redactor = Redactor()
    start = time.process_time()
    flagged = {
        name: kinds for name, data in recordings.items() if (kinds := {one.kind for one in redactor.found(data)})
    }
    size = sum(map(len, recordings.values()))
    print(f"{len(recordings)} files, {size / 1e6:.1f} MB at {size / 1e6 / (time.process_time() - start):.1f} MB/s")
    assert flagged == {name: {"e-mail address"} for name in FOUND}


def test_redaction_leaves_the_recordings_byte_for_byte(recordings):
    redactor = Redactor()
    changed = {name: after for name, data in recordings.items() if (after := redactor.body(data)) != data}
    assert set(changed) == {*FOUND, *CHANGED}
    for name, after in changed.items():
        assert len(after) == len(recordings[name])
        differing = [(old, new) for old, new in zip(recordings[name], after, strict=True) if old != new]
        assert {bytes([new]) for _, new in differing} == {b"x"}
        assert len(differing) <= 20


def test_a_stream_of_all_recordings_is_the_same_stream(recordings):
    body = b"\n".join(data for name, data in recordings.items() if name not in FOUND | CHANGED)
    stage, after = Redactor().stream(), []
    for at in range(0, len(body), 61_001):
        after += stage.feed(body[at : at + 61_001])
    assert b"".join([*after, *stage.close()]) == body
