"""What the writer of a request writes, its reader reads: two witnesses that never saw each other."""

import json
from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.requests import body_bytes, request_of
from harness.protocol.messages import Answered, Call, File, Text, ToolOffer, Turn, joined
from harness.providers import read_request
from prompts import PNG, file, offer, route_to, system, text

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
WIRES = ["bedrock-converse", "google-interactions"]

ids = st.sampled_from(["call_1", "call_2", "call_3"])
names = st.sampled_from(["get_weather", "now"])
words = st.text(min_size=1, max_size=9)
objects = st.dictionaries(st.text(max_size=4), st.none() | st.booleans() | st.integers() | words, max_size=3)


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


said = words.map(lambda word: (text(word), Text(word)))
shown = st.just((file(PNG, "image/png"), File("image/png", data=PNG)))
called = st.builds(
    lambda id_, name, given: (
        {"type": "tool-call", "toolCallId": id_, "toolName": name, "input": given}, Call(id_, name, compact(given))
    ), ids, names, objects,
)  # fmt: skip
returned = st.builds(
    lambda id_, name, value, failed: (
        {"type": "tool-result", "toolCallId": id_, "toolName": name, "output": {
            "type": ("error-" if failed else "") + ("text" if isinstance(value, str) else "json"), "value": value}},
        Answered(id_, value if isinstance(value, str) else compact(value), name, failed),
    ), ids, names, objects | words | st.lists(st.integers(), max_size=2), st.booleans(),
)  # fmt: skip


def turns(role, parts):
    return st.lists(parts, min_size=1, max_size=3).map(
        lambda both: (role, [one for one, _ in both], [two for _, two in both])
    )


conversations = st.lists(
    turns("user", said | shown) | turns("assistant", said | called) | turns("tool", returned), min_size=1, max_size=5
)


def expected(wire, conversation):
    """The neutral form; Converse names no tool in a result, and puts results before the rest of what is told."""
    if wire != "bedrock-converse":
        return joined(Turn(role, tuple(parts)) for role, _, parts in conversation)
    apart = []
    for side, group in groupby(conversation, key=lambda turn: "assistant" if turn[0] == "assistant" else "user"):
        parts = [replace(one, name=None) if isinstance(one, Answered) else one for _, _, said in group for one in said]
        answers = tuple(part for part in parts if isinstance(part, Answered))
        rest = tuple(part for part in parts if not isinstance(part, Answered))
        apart += [Turn("tool", answers)] * bool(answers) + [Turn(side, rest)] * bool(rest)
    return joined(apart)


@pytest.mark.parametrize("wire", WIRES)
@given(conversations, st.booleans(), st.sampled_from(["auto", "required", "tool"]))
def test_a_request_is_read_as_it_was_meant(wire, conversation, stream, choice):
    options = {
        "prompt": [system("Be brief."), *({"role": role, "content": parts} for role, parts, _ in conversation)],
        "tools": [offer("get_weather", SCHEMA, description="d"), offer("now", {"type": "object"})],
        "toolChoice": {"type": choice, "toolName": "now"},
        "maxOutputTokens": 9, "temperature": 0.5, "topP": 0.25,
        "responseFormat": {"type": "json", "schema": SCHEMA},
    }  # fmt: skip
    route = route_to(wire)
    request = request_of(route, options, stream=stream)
    read = read_request(wire, request.path, request.headers.items(), body_bytes(request.body))
    system_turn, *rest = read.turns
    assert system_turn == Turn("system", (Text("Be brief."),))
    assert joined(rest) == expected(wire, conversation)
    assert read.tools == (ToolOffer("get_weather", "d", SCHEMA), ToolOffer("now", None, {"type": "object"}))
    assert read.tool_choice == ("tool:now" if choice == "tool" else choice)
    assert (read.max_tokens, read.temperature, read.top_p) == (9, 0.5, 0.25)
    assert (read.model, read.stream, read.schema, read.json) == (route.model_name, stream, SCHEMA, True)
