"""Every recording becomes a cassette: checked, replayed, and read as its source is; frames are made as providers do."""

import json
from collections import Counter
from dataclasses import replace

import httpx
import pytest

from harness.cassettes import cassette
from harness.cassettes.named import File
from harness.cassettes.redaction import Redactor
from harness.cli.import_files import imported
from harness.cli.import_places import keep, planned
from harness.cli.tape_checks import problems_of
from harness.logs import read_log
from harness.protocol.event_reading import reading_of_events
from harness.providers import WIRES, counted_ids, decoded
from harness.providers.reframing import reframed
from harness.replay.cassettes import CassetteServer
from harness.wire.sse import SseDecoder

pytestmark = pytest.mark.evidence

MESSAGES = ".chunks.jsonl"
UNREADABLE = {
    # Their events have no end, or are no JSON: an official client reads nothing of them either.
    "vertexai-testdata--googleai--streaming-failure-prompt-blocked-safety.sse",
    "vertexai-testdata--vertexai--streaming-failure-empty-content.sse",
    "vertexai-testdata--vertexai--streaming-failure-malformed-content.sse",
    "vertexai-testdata--vertexai--streaming-failure-prompt-blocked-safety-with-message.sse",
    "openai-php--Streams--ChatCompletionCreate.sse",
    "kong--real-stream-frames-openai--llm-v1-completions.sse",
    "openai-php--Streams--ResponseCodeInterpreterCreate.sse",
    "vercel-ai--openai-responses--parallel-tool-call-wrapper.1.chunks.jsonl",  # lacks two braces
}
"""Recordings of which nothing can be read: they are imported as they are, and ``cassette verify`` says so."""


def rows(shared):
    root = shared / "recordings"
    for row in json.loads((root / "index.json").read_text())["files"]:
        if row["api"] in WIRES:
            yield row, root / row["file"], json.loads((root / row["meta"]).read_text())


def reading_of(wire, body):
    return reading_of_events(decoded(wire, body, counted_ids("call")))


def kept(found, path):
    [plan] = planned(path.name, found, path.parent, ())
    keep([replace(plan, path=path)], {}, "", force=False)
    return cassette.read(path)


@pytest.mark.parametrize("wire", WIRES)
def test_every_recording_of_a_wire_becomes_a_cassette_that_says_the_same(shared, tmp_path, capsys, wire):
    tapes, counted = [], Counter()
    for number, (row, path, meta) in enumerate(rows(shared)):
        if row["api"] != wire:
            continue
        raw = path.read_bytes()
        found = imported(str(path), raw, form=None, wire=None, every=False)
        tape = kept(found, tmp_path / f"{number}.yaml")
        problems = problems_of(File(path.name, tmp_path / f"{number}.yaml"))
        assert bool(problems) is (path.name in UNREADABLE), (path, problems)
        assert (tape.wire, tape.status) == (wire, meta["http_status"]), path
        assert reading_of(wire, tape.body) == reading_of(wire, raw), path
        asked = path.parent / f"{meta['name']}.request.json"
        if asked.exists():
            request = asked.read_bytes()  # watsonx's hold the id of a project, which is nobody's business
            assert tape.request.body == (Redactor().body(request) if b"project_id" in request else request), path
            counted["with its request"] += 1
        if not path.name.endswith(MESSAGES):
            assert tape.body == raw, path
            assert [cut.length for cut in tape.only.cuts] == meta.get("chunk_lengths", []), path
            counted["with pieces"] += bool(tape.only.cuts)
        counted[tape.provenance] += 1
        tapes.append(tape)
    replayed(tapes)
    with capsys.disabled():
        print(f"\nimported, {wire}: {len(tapes)} recordings, {dict(counted)}", end="")
    assert tapes


def replayed(tapes):
    """Ask for each answer, in their order: several recordings were asked the same."""
    with CassetteServer(tapes, speed=0, in_order=True) as server, httpx.Client() as client:
        for tape in tapes:
            path = httpx.URL(tape.request.uri).raw_path.decode()
            answer = client.post(server.base_url + path, content=tape.request.body)
            assert (answer.status_code, answer.content) == (tape.status, tape.body), tape.name


def test_a_frame_that_is_made_again_is_the_one_that_was_recorded(shared, capsys):
    same, all_ = Counter(), Counter()
    for row, path, _ in rows(shared):
        if path.name.endswith(".sse") and path.name not in UNREADABLE:
            raw = path.read_bytes()
            texts = [event.data for event in SseDecoder().feed(raw)]
            same[row["api"]] += reframed(row["api"], texts) == raw
            all_[row["api"]] += 1
    with capsys.disabled():
        print(f"\nframes made again, byte for byte: {dict(same)} of {dict(all_)}", end="")
    # The others are habits of single servers: a blank line more, names or a [DONE] where OpenAI has none, LF for CRLF.
    assert same.total() >= 0.8 * all_.total()
    assert all(same[wire] >= 0.5 * all_[wire] for wire in all_)


def test_tanstacks_own_recordings_become_answers_that_read_the_same(shared, tmp_path):
    paths = sorted((shared / "recordings" / "tanstack" / "tanstack-streamchunk").glob(f"*{MESSAGES}"))
    assert len(paths) == 2
    for path in paths:
        chunks = read_log([path.read_bytes()]).got
        for wire in ("openai-chat", "openai-responses", "anthropic-messages", "google-generatecontent"):
            found = imported(str(path), path.read_bytes(), form=None, wire=wire, every=False)
            tape = kept(found, tmp_path / f"{path.stem}-{wire}.yaml")
            said = reading_of(wire, tape.body)
            assert (said.text, said.finish_reason) == (chunks.text, chunks.finish_reason)
            assert [(one.name, one.arguments) for one in said.tool_calls] == [
                (one.name, one.arguments) for one in chunks.tool_calls
            ]
            assert tape.provenance == "synthetic"
            assert problems_of(File(path.name, tmp_path / f"{path.stem}-{wire}.yaml")) == []
