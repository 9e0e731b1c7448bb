"""Every provider gives every kind of answer: a cassette, or the reason why its API has no such answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.model.registry import PROVIDERS
from harness.providers import WIRES

ROOT = Path(__file__).parents[2]
SYNTHETIC = ROOT / "cassettes" / "synthetic"
ELEVEN = {
    "text", "reasoning", "tool", "parallel-tools", "structured", "length", "filter", "error-in-the-stream",
    "http-error", "no-usage", "cut-mid-event",
}  # fmt: skip
NAMED_IN_THE_ISSUE = {
    "openai", "anthropic", "google", "mistral", "deepseek", "xai", "perplexity", "openrouter", "azure-openai", "cohere",
    "ollama", "groq", "cerebras", "togetherai", "vllm", "llamacpp", "openai-compatible", "netlify", "models-dev",
    "bedrock", "cloudflare",
}  # fmt: skip


@pytest.fixture(scope="module")
def speakers():
    sys.path.insert(0, str(SYNTHETIC))
    try:
        import speakers
    finally:
        sys.path.remove(str(SYNTHETIC))
    return speakers.SPEAKERS


def test_every_provider_is_there(speakers):
    assert {speaker.folder for speaker in speakers} == NAMED_IN_THE_ISSUE


def test_every_wire_is_spoken(speakers):
    assert {speaker.wire for speaker in speakers} == set(WIRES)


def test_every_provider_is_in_the_registry(speakers):
    assert {speaker.asked_as.partition("/")[0] for speaker in speakers} <= set(PROVIDERS)


def test_every_kind_has_a_cassette_or_a_reason(speakers, cassettes):
    for speaker in speakers:
        for kind in ELEVEN:
            name = f"{speaker.folder}/{speaker.prefix}{speaker.has.get(kind, kind)}"
            if kind in speaker.lacks:
                assert name not in cassettes, name
                assert len(speaker.lacks[kind]) > 10
            else:
                assert cassettes[name]["wire"] == speaker.wire, name


def test_no_kind_is_told_that_is_none(speakers):
    assert {kind for speaker in speakers for kind in (*speaker.lacks, *speaker.has)} <= ELEVEN


def test_few_answers_are_missing(speakers):
    assert sum(len(speaker.lacks) for speaker in speakers) <= len(speakers)


def test_a_case_expects_what_a_person_reads(cases):
    told = {id_: case for id_, case in cases.items() if id_.startswith("providers/")}
    assert len(told) > 250
    for id_, case in told.items():
        assert case["expect"].get("text") or case["expect"].get("toolCalls") or case["expect"].get("error"), id_


def test_writing_them_again_changes_nothing(tmp_path):
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; import write; "
        "print(write.main(Path(sys.argv[2]), Path(sys.argv[3])))"
    )
    command = [sys.executable, "-c", script, str(SYNTHETIC), str(tmp_path / "cassettes"), str(tmp_path / "cases")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, cwd=ROOT)
    written = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len([path for path in written if path.suffix == ".yaml"]) == int(done.stdout) > 250
    for path in written:
        kind, *below = path.relative_to(tmp_path).parts
        there = (ROOT if kind == "cassettes" else ROOT / "fixtures").joinpath(kind, *below)
        assert path.read_bytes() == there.read_bytes(), there
    cases = {json.loads(path.read_text())["id"] for path in (tmp_path / "cases").rglob("*.json")}
    there = {f"providers/{path.stem}" for path in (ROOT / "fixtures" / "cases" / "providers").glob("*.json")}
    assert cases == there
