"""AWS's event streams as AWS itself reads them, and answers of two wires written as their recordings are."""

import json

import pytest
from botocore.eventstream import EventStreamBuffer

from harness.providers import OUT_OF_SCOPE, encoded
from harness.providers.framing import Framing
from harness.providers.guess import guessed_wire
from harness.stage import drained
from harness.wire.aws_event_stream import EventStreamDecoder, event_stream_bytes
from parts import call, end, finish, metadata, part, reasoning, start, text

pytestmark = pytest.mark.evidence


def recordings(shared, pattern):
    found = sorted((shared / "recordings").glob(pattern))
    assert found
    return found


def test_every_event_stream_is_what_botocore_reads_and_is_written_again_byte_for_byte(shared, capsys):
    paths, messages = recordings(shared, "*/*/*.eventstream"), 0
    for path in paths:
        body = path.read_bytes()
        buffer = EventStreamBuffer()
        buffer.add_data(body)
        ours = drained(EventStreamDecoder(), body)
        read = [({name: header.value for name, header in one.headers.items()}, one.payload) for one in ours]
        assert read == [(message.headers, message.payload) for message in buffer], path
        assert b"".join(map(event_stream_bytes, ours)) == body, path
        messages += len(ours)
    with capsys.disabled():
        print(f"\nevent streams: {len(paths)} recordings, {messages} messages as botocore reads them", end="")
    assert len(paths) >= 33


@pytest.mark.parametrize("place", [0, 3, 4, 8, 11, 12, 40, -5, -1])
def test_a_flipped_bit_in_a_recording_is_told(shared, place):
    for path in recordings(shared, "*/bedrock-converse/*.eventstream"):
        body = bytearray(path.read_bytes())
        body[place] ^= 1
        assert any(getattr(one.data, "code", "") == "INVALID_FRAMING" for one in drained(Framing(), bytes(body))), path


@pytest.mark.parametrize("wire", OUT_OF_SCOPE)
def test_every_recording_of_a_wire_out_of_scope_is_known_for_what_it_is(shared, wire):
    kinds = ("sse", "eventstream")
    paths = [path for path in recordings(shared, f"*/{wire}/*") if path.name.endswith(kinds)]
    assert {guessed_wire(path.read_bytes()) for path in paths} == {wire}


SIGNED = {"providerMetadata": {"bedrock": {"signature": "s"}, "google": {"thoughtSignature": "s"}}}
OWN = {"providerExecuted": True}
USAGE = {"inputTokens": 3, "outputTokens": 4, "totalTokens": 9, "reasoningTokens": 2, "cachedInputTokens": 1}
EVENTS = [
    metadata(), reasoning("hm"), reasoning("") | SIGNED, {"type": "reasoning-end", "id": "r"}, text("Hi"),
    {"type": "source", "sourceType": "url", "id": "1", "url": "https://a.test/b", "title": "A"},
    start(), part("{}"), end(), call(),
    start("s", "search", **OWN), part("{}", "s"), end("s"), call("{}", "s", "search", **OWN),
    {"type": "tool-result", "toolCallId": "s", "toolName": "search", "result": {"stdOut": "a"}, **OWN},
    finish("tool-calls", USAGE),
]  # fmt: skip
NOT_RECORDED = {
    "bedrock-converse": {
        "metadata.usage.cacheReadInputTokens",  # of Bedrock's service model: no recording had a cache to read
    },
    "google-interactions": {  # of Google's own package: no recording has a tool of Google's, nor a citation
        "step.id", "step.signature", "step.name", "step.arguments", "step.server_name", "step.call_id",
        "step.result.stdOut", "delta.arguments", "delta.annotations[].type", "delta.annotations[].url",
        "delta.annotations[].title",
    },
}  # fmt: skip


def paths(value, path):
    if isinstance(value, dict) and value:
        return {found for key, inner in value.items() for found in paths(inner, f"{path}.{key}".lstrip("."))}
    if isinstance(value, list) and value:
        return {found for inner in value for found in paths(inner, f"{path}[]")}
    return {path}


def members(wire, body):
    """The path to each member of the messages of a body, of Converse behind the names of its events."""
    found = [one for one in drained(Framing(), body) if isinstance(one.data, dict)]
    return {path for one in found for path in paths(one.data, one.name if wire == "bedrock-converse" else "")}


@pytest.mark.parametrize(("wire", "kind"), [("bedrock-converse", "eventstream"), ("google-interactions", "sse")])
def test_an_encoder_writes_no_member_that_was_never_recorded(shared, wire, kind):
    recorded = {path for file in recordings(shared, f"*/{wire}/*.{kind}") for path in members(wire, file.read_bytes())}
    written = members(wire, b"".join(encoded(wire, EVENTS)))
    assert written - recorded == NOT_RECORDED[wire]


@pytest.mark.parametrize(("wire", "kind"), [("bedrock-converse", "eventstream"), ("google-interactions", "sse")])
def test_the_members_stand_in_the_order_in_which_they_were_recorded(shared, wire, kind):
    orders = {}
    for file in recordings(shared, f"*/{wire}/*.{kind}"):
        for name, data in drained(Framing(), file.read_bytes()):
            if isinstance(data, dict):
                orders.setdefault(name, set()).add(tuple(data))
    for name, data in drained(Framing(), b"".join(encoded(wire, EVENTS))):
        if isinstance(data, dict):
            assert tuple(data) in orders[name], json.dumps(data)
