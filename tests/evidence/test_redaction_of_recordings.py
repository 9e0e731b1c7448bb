"""Real answers hold nothing that looks like a secret, since they were cleaned; what does is known one by one."""

import time

import pytest

from harness.cassettes.redaction import Redactor

pytestmark = pytest.mark.evidence

_MCP = (
    "openai/aisdk-v{}-parts/vercel-ai--responses-__snapshots__--openai-responses-language-model--hould-stream-mcp"
    "-tool-results-list-tools-tool-calls.chunks.jsonl"
)
_LLAMA_STACK = "watsonx/openai-chat/llama-stack--responses--{}.request.json"

FOUND = {
    "LICENSES/BSD-3-Clause.txt": {"e-mail address"},  # of the company that holds the copyright
    **{_MCP.format(version): {"account by its name"} for version in (2, 3, 4)},  # the team of an example, by its id
    **{
        _LLAMA_STACK.format(name): {"account by its name"}  # the project that was billed
        for name in (
            "117b6e0315dafcf727486fbc9cbd2d250701ec9cd25e085197bb7cc03d246c67",
            "1fb43f712a85605c8f305fc7fd2809bc236819689eb2c0880facf630fd956e17",
            "337afd7fa7cb2e0a79e3b1a7d35f36c74f2f4227d5c6e557239178b3b8ca6e81",
            "b26a246e420fedc45a3effea5f2ab0ae47592e5775c59dc2f02a204239570e55",
        )
    },
    "watsonx/watsonx/openllmetry--metrics-test_watsonx_metrics--test_generate_stream_metrics--i6.request.json": {
        "account by its name"  # a project that whoever cleaned it wrote in place of theirs
    },
}
"""Files in which the scanner finds something, and what: nothing else changes in redaction."""


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
    assert flagged == FOUND


def test_redaction_leaves_the_recordings_byte_for_byte(recordings):
    redactor = Redactor()
    changed = {name: after for name, data in recordings.items() if (after := redactor.body(data)) != data}
    assert set(changed) == set(FOUND)
    for name, after in changed.items():
        assert len(after) == len(recordings[name])
        differing = [(old, new) for old, new in zip(recordings[name], after, strict=True) if old != new]
        assert {new for _, new in differing} <= set(b"xX0")
        assert len(differing) <= 200


def test_a_stream_of_all_recordings_is_the_same_stream(recordings):
    body = b"\n".join(data for name, data in recordings.items() if name not in FOUND)
    stage, after = Redactor().stream(), []
    for at in range(0, len(body), 61_001):
        after += stage.feed(body[at : at + 61_001])
    assert b"".join([*after, *stage.close()]) == body
