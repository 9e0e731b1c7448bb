"""What a case writes of a request's body is compared with what Bedrock or Google's Interactions received."""

import json

import pytest

from harness.providers import read_request
from harness.suite.request_meaning import says_the_same
from harness.suite.request_sample import read_sample

CALL = {"toolUse": {"toolUseId": "c", "name": "f", "input": {"a": 1}}}
CONVERSE = {
    "system": [{"text": "Be brief."}],
    "messages": [
        {"role": "user", "content": [{"text": "Hi"}]},
        {"role": "assistant", "content": [CALL]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "c", "content": [{"json": {"x": 1}}]}}]},
    ],
    "toolConfig": {
        "tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}}],
        "toolChoice": {"tool": {"name": "f"}},
    },
    "inferenceConfig": {"maxTokens": 5},
    "outputConfig": {
        "textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": '{"type": "object"}'}}}
    },
}
INTERACTION = {
    "model": "m",
    "input": [
        {"type": "user_input", "content": [{"type": "text", "text": "Hi"}]},
        {"type": "function_call", "id": "c", "name": "f", "arguments": {"a": 1}},
        {"type": "function_result", "call_id": "c", "result": {"x": 1}},
    ],
    "tools": [{"type": "function", "name": "f"}],
    "generation_config": {"tool_choice": "any", "top_p": 1},
    "stream": True,
}


def same(wire, target, body, sample):
    read = read_sample(wire, sample)
    assert read is not None, "the sample is too small to be read"
    assert read.rest == {}
    return says_the_same(read, read_request(wire, target, [], json.dumps(body).encode()), in_chat=True)


@pytest.mark.parametrize(
    ("sample", "says_it"),
    [
        (CONVERSE, True),
        ({"messages": [{"role": "user"}, {"role": "assistant"}, {"role": "user"}]}, True),
        ({"messages": [{"role": "user"}, {"role": "assistant", "content": [{"toolUse": {}}]},
                       {"role": "user", "content": [{"toolResult": {}}]}]}, True),
        ({"toolConfig": {"toolChoice": {"tool": {}}}}, True),
        ({"toolConfig": {"tools": [{"toolSpec": {"name": "f"}}]}}, True),
        ({"inferenceConfig": {"maxTokens": 5}}, True),
        ({"outputConfig": {"textFormat": {"type": "json_schema"}}}, True),
        ({"messages": [{"role": "user", "content": [{"text": "Ho"}]}]}, False),
        ({"system": [{"text": "Be long."}]}, False),
        ({"toolConfig": {"tools": [{"toolSpec": {"name": "g"}}]}}, False),
        ({"toolConfig": {"toolChoice": {"auto": {}}}}, False),
        ({"inferenceConfig": {"maxTokens": 6}}, False),
    ],
)  # fmt: skip
def test_a_sample_of_a_body_of_converse(sample, says_it):
    assert same("bedrock-converse", "/model/m/converse", CONVERSE, sample) is says_it


@pytest.mark.parametrize(
    ("sample", "says_it"),
    [
        (INTERACTION, True),
        ({"input": [{"type": "user_input"}, {"type": "function_call"}, {"type": "function_result"}]}, True),
        ({"tools": [{"name": "f"}]}, True),
        ({"generation_config": {"tool_choice": "any"}}, True),
        ({"stream": True}, True),
        ({"input": [{"type": "user_input"}]}, False),
        ({"tools": [{"name": "g"}]}, False),
        ({"generation_config": {"top_p": 0}}, False),
        ({"stream": False}, False),
    ],
)
def test_a_sample_of_a_body_of_interactions(sample, says_it):
    assert same("google-interactions", "/interactions", INTERACTION, sample) is says_it
