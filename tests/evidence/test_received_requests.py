"""What applications really sent is read, and a response that was recorded whole beside its stream says the same."""

import json
from collections import Counter

import pytest

from harness.errors import InputError
from harness.protocol.event_reading import reading_of_events
from harness.protocol.messages import Answered, Call, File, Text
from harness.providers import WIRES, counted_ids, decoded, read_request

pytestmark = pytest.mark.evidence

# The older completions have no messages: another wire, filed under this one.
ANOTHER_WIRE = {"openllmetry--opentelemetry-instrumentation-openai-test_completions--test_completion_streaming"}


ASKED = {
    "openai-chat": 330, "openai-responses": 66, "openai-completions": 5, "anthropic-messages": 54,
    "google-generatecontent": 39, "google-interactions": 7, "cohere-v2": 18, "cohere-v1": 4, "ollama-chat": 12,
    "ollama-generate": 4, "bedrock-converse": 18, "cloudflare-run": 6,
}  # fmt: skip
"""How many recorded requests there are at least."""

FEW = 30
"""So few do not hold every kind of part."""


def received(shared, wire):
    for path in sorted((shared / "recordings").glob(f"*/{wire}/*.request.json")):
        name = path.name.removesuffix(".request.json")
        meta = json.loads(path.with_name(f"{name}.meta.json").read_text())
        yield name, meta, path.read_bytes()


@pytest.mark.parametrize("wire", WIRES)
def test_every_recorded_request_is_read(wire, shared, capsys):
    refused, told = set(), Counter()
    for name, meta, body in received(shared, wire):
        try:
            asked = read_request(wire, meta.get("endpoint") or "", [], body)
        except InputError:
            refused.add(name)
            continue
        assert asked.turns or "prompt" in asked.extra, name
        told["requests"] += 1
        told.update(type(part).__name__ for turn in asked.turns for part in turn.parts)
        told["tools"] += len(asked.tools)
        told["unread"] += len(asked.extra.get("$unread", ()))
    with capsys.disabled():
        print(f"\nrequests of {wire}: {dict(told)}", end="")
    assert refused <= ANOTHER_WIRE
    assert told["requests"] + len(refused) >= ASKED[wire]
    assert told["requests"] < FEW or all(told[kind.__name__] for kind in (Text, File, Call, Answered))


def test_the_text_of_a_recorded_request_is_read_to_the_last_letter(shared):
    """Found in the raw JSON by a search for the members that hold text, and for nothing else."""
    for name, meta, body in received(shared, "google-generatecontent"):
        given = json.loads(body)
        system = given.get("systemInstruction") or given.get("system_instruction") or {"parts": []}
        contents = [system, *given["contents"]]
        texts = [part["text"] for content in contents for part in content["parts"] if "text" in part]
        asked = read_request("google-generatecontent", meta["endpoint"], [], body)
        read = [part.text for turn in asked.turns for part in turn.parts if isinstance(part, Text)]
        assert read == texts, name


def whole_of(stream):
    """The response object of a stream's terminal message, or None."""
    for line in stream.decode().splitlines():
        if line.startswith("data:") and '"response"' in line:
            message = json.loads(line[5:])
            if message.get("type") in {"response.completed", "response.incomplete"}:
                return message["response"]
    return None


def test_a_response_recorded_at_the_end_of_its_stream_says_what_the_stream_said(shared, capsys):
    wire, compared, differing = "openai-responses", 0, set()
    for path in sorted((shared / "recordings").glob(f"*/{wire}/*.sse")):
        whole = whole_of(path.read_bytes())
        if not whole or not whole.get("output"):
            continue  # some gateways leave the answer out of the terminal message
        compared += 1
        body = json.dumps({"object": "response"} | whole, indent=2).encode()
        streamed = reading_of_events(decoded(wire, path.read_bytes(), counted_ids("made")))
        at_once = reading_of_events(decoded(wire, body, counted_ids("made")))
        for field in ("text", "reasoning", "tool_calls", "finish_reason", "usage", "error"):
            if getattr(streamed, field) != getattr(at_once, field):
                differing.add((path.name, field))
    with capsys.disabled():
        print(f"\nwhole responses: {compared} compared, {len(differing)} fields differ", end="")
    assert compared > 40
    assert {name for name, _ in differing} == {
        # the recorded thoughts of the stream and of its end were written anew, and differ
        "maruel-genai--openairesponses-gpt-5.6-sol_thinking--GenStream-MaxTokens.sse",
        # the last event lacks the blank line that would end it, so the stream never said it (WHATWG 9.2)
        "openai-php--Streams--ResponseCodeInterpreterCreate.sse",
        "prism--openai--stream-multiple-output-items-1.sse",
    }
