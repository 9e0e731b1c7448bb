"""``make bench``: prints each figure with its target, writes them down, and fails if one is missed."""

from __future__ import annotations

import argparse
import codecs
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema
import workloads
from driving import a_shim_that_stays_is_worth_many_starts
from httpx_sse._decoders import SSEDecoder as RivalDecoder
from httpx_sse._decoders import SSELineDecoder as RivalLines
from over_http import an_abort_closes_the_connection, an_answer_over_http_costs_little
from parsing import a_hostile_megabyte_takes_less_than_a_second, hostile_texts_cost_what_they_are_long
from replaying import replay_serves_many_streams, replay_serves_many_streams_of_redacted_cassettes
from timing import Figure, medians

from harness.judge import judge
from harness.logs import read_log
from harness.reference.transformer import Transformer
from harness.resources import folder, schema
from harness.wire.sse import SseDecoder

ROUNDS = 9
MANY_ROUNDS = 61  # for work of a few milliseconds, which a busy neighbour would else decide


def sse_against_httpx_sse():
    pieces = workloads.pieces(workloads.sse_body(4_000), 4096)

    def ours():
        decoder = SseDecoder()
        count = sum(len(decoder.feed(piece)) for piece in pieces) + len(decoder.close())
        assert count == 4_000

    def theirs():
        text, lines, decoder = codecs.getincrementaldecoder("utf-8")("replace"), RivalLines(), RivalDecoder()
        count = 0
        for piece in pieces:
            for line in lines.decode(text.decode(piece)):
                count += decoder.decode(line) is not None
        assert count == 4_000

    rival, own = medians(ROUNDS, theirs, ours)
    note = (
        f"httpx-sse's decoders {rival * 1e3:.1f} ms, ours {own * 1e3:.1f} ms, 4 000 events of 290 bytes in 4 KB pieces"
    )
    return Figure("SSE decoding, times as fast as httpx-sse", rival / own, 2.5, at_most=False, note=note)


def union_validator():
    """The plain way: one ``oneOf`` over every chunk type, and nothing else."""
    parts = [
        schema(f"stream-chunk/{path.stem}") for path in sorted((folder("schemas") / "stream-chunk").glob("*.json"))
    ]
    union = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "oneOf": [{key: value for key, value in part.items() if key != "$id"} for part in parts if "oneOf" not in part],
    }
    assert len(union["oneOf"]) == 8
    return jsonschema.Draft202012Validator(union)


def judging_against_jsonschema():
    lines = [json.dumps(chunk).encode() for chunk in workloads.mixed_chunks()]
    assert len(lines) == 50
    log = b"".join(line + b"\n" for line in lines)
    validator = union_validator()

    def ours():
        for _ in range(20):
            assert judge(read_log([log], name="bench")).conforms

    def theirs():
        assert all(validator.is_valid(json.loads(line)) for line in lines)

    rival, own = medians(ROUNDS, theirs, ours)
    own /= 20
    note = f"json + jsonschema oneOf {rival * 1e3:.2f} ms, we judge in {own * 1e3:.3f} ms, 50 chunks from bytes"
    return Figure("judging, times as fast as validating", rival / own, 20, at_most=False, note=note)


def transformer_is_linear():
    def transform(events):
        def work():
            transformer = Transformer(model="m", now=lambda: 1, new_id=lambda: "id")
            for event in events:
                transformer.feed(event)
            transformer.close()

        return work

    short, long = workloads.source_events(200), workloads.source_events(20_000)
    few, many = medians(ROUNDS, lambda: [transform(short)() for _ in range(20)], transform(long))
    few_bytes, many_bytes = 20 * len(workloads.ndjson(short)), len(workloads.ndjson(long))
    ratio = (many / many_bytes) / (few / few_bytes)
    note = f"{few / few_bytes * 1e9:.1f} ns a byte at 200 events, {many / many_bytes * 1e9:.1f} at 20 000"
    return Figure("the transformer's cost per byte, 20 000 events against 200", ratio, 1.5, at_most=True, note=note)


def judge_is_linear():
    short = workloads.ndjson(workloads.chunks(200))
    long = workloads.ndjson(workloads.chunks(20_000))

    def judged(log, times):
        def work():
            for _ in range(times):
                assert judge(read_log(workloads.pieces(log, 1 << 18), name="bench")).conforms

        return work

    few, many = medians(3, judged(short, 20), judged(long, 1))
    ratio = (many / len(long)) / (few / 20 / len(short))
    note = (
        f"{few / 20 / len(short) * 1e9:.2f} ns a byte at 200 chunks ({len(short) / 1e3:.0f} KB), "
        f"{many / len(long) * 1e9:.2f} at 20 000 ({len(long) / 1e6:.0f} MB)"
    )
    return Figure("the judge's cost per byte, 20 000 chunks against 200", ratio, 1.5, at_most=True, note=note)


def compact_judge_is_linear():
    """The stricter form: compact transcripts, so that long contents cannot pay for slow rules."""
    short, long = (list(compact(workloads.chunks(count))) for count in (200, 20_000))

    def judged(records, times):
        def work():
            for _ in range(times):
                assert judge(records).conforms

        return work

    few, many = medians(ROUNDS, judged(short, 20), judged(long, 1))
    few_bytes, many_bytes = 20 * len(workloads.ndjson(short)), len(workloads.ndjson(long))
    ratio = (many / many_bytes) / (few / few_bytes)
    note = f"{few / few_bytes * 1e9:.1f} ns a byte at 200 chunks, {many / many_bytes * 1e9:.1f} at 20 000"
    return Figure("the same for compact transcripts", ratio, 1.5, at_most=True, note=note)


def compact(chunks):
    for chunk in chunks:
        if "content" in chunk:
            chunk["$contentLength"] = len(chunk.pop("content"))
        yield chunk


def help_starts_fast():
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    script = Path(sys.executable).with_name("streamchunk")

    def run(*command):
        return lambda: subprocess.run(command, check=True, capture_output=True, env=environment)

    nothing, ours = medians(15, run(sys.executable, "-c", "pass"), run(script, "--help"))
    note = f"python -c pass {nothing * 1e3:.0f} ms, streamchunk --help {ours * 1e3:.0f} ms"
    return Figure("the start of streamchunk --help against python -c pass", ours / nothing, 10, at_most=True, note=note)


def a_long_log_stays_small():
    """100 MB of one long stream; the peak is the child's resident set, as the kernel counted it."""
    script = Path(sys.executable).with_name("streamchunk")
    with tempfile.TemporaryDirectory() as folder_name:
        log = Path(folder_name) / "long.ndjson"
        with log.open("wb") as file:
            for chunk in workloads.chunks(6_650):
                file.write(json.dumps(chunk).encode() + b"\n")
        size = log.stat().st_size / 1e6
        subprocess.run([script, "judge", log], check=True, capture_output=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    return Figure("megabytes to judge a long log", peak, 200, at_most=True, note=f"peak, a log of {size:.0f} MB")


FIGURES = (
    help_starts_fast,
    a_long_log_stays_small,
    sse_against_httpx_sse,
    judging_against_jsonschema,
    transformer_is_linear,
    judge_is_linear,
    compact_judge_is_linear,
    a_hostile_megabyte_takes_less_than_a_second,
    hostile_texts_cost_what_they_are_long,
    an_abort_closes_the_connection,
    an_answer_over_http_costs_little,
    replay_serves_many_streams,
    replay_serves_many_streams_of_redacted_cassettes,
    a_shim_that_stays_is_worth_many_starts,
)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="where the figures are written")
    arguments = parser.parse_args()
    figures = []
    for measure in FIGURES:
        figure = measure()
        figures.append(figure)
        print(figure.line(), flush=True)
    if arguments.json:
        arguments.json.parent.mkdir(exist_ok=True)
        arguments.json.write_text(
            json.dumps([vars(figure) | {"reached": figure.reached} for figure in figures], indent=2)
        )
    missed = sum(not figure.reached for figure in figures)
    print(f"bench: {len(figures) - missed} of {len(figures)} figures reached")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
