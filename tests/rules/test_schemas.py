"""The schemas of the chunks: legal 2020-12, one for each type, and a union that knows them all."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from harness.protocol.streamchunk import FINISH_REASONS, TYPES

FOLDER = Path(__file__).parents[2] / "schemas" / "stream-chunk"
SCHEMAS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")}
UNION = SCHEMAS["stream-chunk"]

BASE = {"id": "resp_1", "model": "m", "timestamp": 1_700_000_000_000}
LEGAL = {
    "content": {"delta": "a", "content": "a"},
    "thinking": {"content": "a"},
    "tool_call": {
        "index": 0,
        "toolCall": {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}},
    },
    "tool_result": {"toolCallId": "c", "content": "null"},
    "done": {"finishReason": "stop"},
    "error": {"error": {"message": "no"}},
    "approval-requested": {
        "toolCallId": "c",
        "toolName": "f",
        "input": None,
        "approval": {"id": "approval_c", "needsApproval": True},
    },
    "tool-input-available": {"toolCallId": "c", "toolName": "f", "input": {}},
}


def legal(kind, **changes):
    return {"type": kind, **BASE, **LEGAL[kind], **changes}


def union_validator():
    registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values())
    return Draft202012Validator(UNION, registry=registry)


def accepts(kind, chunk):
    return Draft202012Validator(SCHEMAS[kind]).is_valid(chunk)


def test_there_is_one_schema_for_each_type_and_a_union():
    assert set(SCHEMAS) == {*TYPES, "stream-chunk"}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_a_legal_one_and_is_found_by_its_id(name):
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"https://streamchunk.dev/schemas/stream-chunk/{name}.json"
    assert schema["title"]
    assert "§" in schema["description"] or "R39" in schema["description"]


def test_the_union_tells_the_types_apart_by_their_discriminator():
    discriminator = UNION["discriminator"]
    assert discriminator["propertyName"] == "type"
    assert discriminator["mapping"] == {kind: f"{kind}.json" for kind in TYPES}
    assert [choice["$ref"] for choice in UNION["oneOf"]] == [f"{kind}.json" for kind in TYPES]
    for kind in TYPES:
        assert SCHEMAS[kind]["properties"]["type"] == {"const": kind}


@pytest.mark.parametrize("kind", TYPES)
def test_a_legal_chunk_is_accepted_alone_and_by_the_union(kind):
    assert accepts(kind, legal(kind))
    assert accepts(kind, legal(kind, other={"keys": ["are", "allowed"]}))
    assert union_validator().is_valid(legal(kind))
    assert not union_validator().is_valid(legal(kind, type="text-delta"))


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_named_as_needed_is_needed(kind):
    for key in SCHEMAS[kind]["required"]:
        chunk = legal(kind)
        del chunk[key]
        assert not accepts(kind, chunk), key


@pytest.mark.parametrize(
    ("kind", "changes", "wanted"),
    [
        ("content", {"role": "assistant"}, True),
        ("content", {"role": "user"}, False),
        ("content", {"delta": None}, False),
        ("content", {"timestamp": "2026-01-01"}, False),
        ("content", {"timestamp": 1.5}, True),
        ("content", {"id": 5}, False),
        ("thinking", {"delta": "a"}, True),
        ("thinking", {"delta": 5}, False),
        ("tool_call", {"index": 5.0}, True),
        ("tool_call", {"index": 0.5}, False),
        ("tool_call", {"index": -1}, False),
        ("tool_call", {"index": "0"}, False),
        ("tool_call", {"index": True}, False),
        ("done", {"finishReason": None}, True),
        ("done", {"finishReason": "tool-calls"}, False),
        ("done", {"usage": {"promptTokens": 0, "completionTokens": 0.5, "totalTokens": 9}}, True),
        ("done", {"usage": {"promptTokens": -1, "completionTokens": 0, "totalTokens": 9}}, False),
        ("done", {"usage": {"promptTokens": 1, "completionTokens": 0}}, False),
        ("done", {"usage": None}, False),
        ("error", {"error": {"message": "no", "code": "429"}}, True),
        ("error", {"error": {"message": "no", "code": 429}}, False),
        ("error", {"error": {"message": "no", "code": None}}, False),
        ("approval-requested", {"approval": {"id": "approval_c", "needsApproval": False}}, False),
    ],
)
def test_a_field_is_what_the_published_types_say(kind, changes, wanted):
    assert accepts(kind, legal(kind, **changes)) is wanted


@pytest.mark.parametrize("kind", ["content", "thinking"])
def test_a_transcript_may_keep_the_length_in_place_of_the_text(kind):
    compact = legal(kind, **{"$contentLength": 1})
    del compact["content"]
    assert accepts(kind, compact)
    assert not accepts(kind, compact | {"$contentLength": "1"})
    assert not accepts(kind, compact | {"$contentLength": -1})


def test_the_finish_reasons_are_those_of_the_protocol():
    assert SCHEMAS["done"]["properties"]["finishReason"]["enum"] == [*FINISH_REASONS, None]
