"""Samples of requests on Ollama's wires, OpenAI's completions and Cloudflare's run, held to what came (R29)."""

import json

import pytest

from harness.protocol.script import Exchange
from harness.protocol.transcript import Stimulus, Transcript
from harness.providers import read_request, wire_of_target
from harness.suite.comparison import mismatches
from harness.suite.expect import Expect

CHAT, GENERATE, COMPLETIONS, RUN = "/api/chat", "/api/generate", "/completions", "/run/@cf/meta/llama"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
DECLARED = {"name": "run", "description": "d", "parameters": SCHEMA}
TOOLS = [{"type": "function", "function": DECLARED}]


def compared(target, wanted, seen):
    raw = json.dumps(seen).encode()
    asked = read_request(wire_of_target(target), target, (), raw)
    exchange = Exchange("POST", target, (), raw, 0.0, asked=asked)
    transcript = Transcript((), stimulus=Stimulus(operation="chat"), exchanges=(exchange,))
    return [one.field for one in mismatches(Expect.model_validate({"requests": [{"body": wanted}]}), transcript)]


def said(content, role="user", **more):
    return {"role": role, "content": content, **more}


def called(arguments, **more):
    return {"function": {"name": "run", "arguments": arguments}, **more}


@pytest.mark.parametrize(
    ("target", "wanted", "seen"),
    [
        (CHAT, {"messages": [said("Hi")]}, {"model": "m", "messages": [said("Hi")], "options": {"num_ctx": 9}}),
        (CHAT, {"messages": [said("ab")]}, {"messages": [said("a"), said("b")]}),
        (CHAT, {"messages": [said("Hi", images=["iVBO"])]}, {"messages": [said("Hi"), said("", images=["iVBO"])]}),
        (CHAT, {"messages": [{"role": "assistant", "tool_calls": [called({"a": 1.0})]}, {"role": "tool"}]},
         {"messages": [said("", "assistant", tool_calls=[called({"a": 1}, id="c")]),
                       said("18", "tool", tool_name="run", tool_call_id="c")]}),
        (CHAT, {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "run"}}]}]},
         {"messages": [said("", "assistant", tool_calls=[called({"a": 1})])]}),
        (CHAT, {"tools": [{"function": {"name": "run"}}]}, {"messages": [said("Hi")], "tools": TOOLS}),
        (CHAT, {"options": {"temperature": 1}}, {"messages": [], "options": {"temperature": 1.0, "top_k": 3}}),
        (CHAT, {"format": SCHEMA}, {"messages": [], "format": SCHEMA}),
        (CHAT, {"stream": True}, {"messages": []}),
        (GENERATE, {"prompt": "Hi"}, {"model": "m", "prompt": "Hi", "system": ""}),
        (GENERATE, {"system": "Be brief."}, {"prompt": "Hi", "system": "Be brief."}),
        (COMPLETIONS, {"prompt": "Hi"}, {"model": "m", "prompt": ["Hi"], "n": 1}),
        (COMPLETIONS, {"prompt": "user:\nHi\n\nassistant:\n"}, {"prompt": "Hi"}),
        (COMPLETIONS, {"max_tokens": 5}, {"prompt": "Hi", "max_tokens": 5.0}),
        (RUN, {"messages": [said("Hi")]}, {"messages": [said([{"type": "text", "text": "Hi"}])]}),
        (RUN, {"messages": [said("Hi")]}, {"prompt": "Hi"}),
        (RUN, {"tools": TOOLS}, {"messages": [said("Hi")], "tools": [DECLARED]}),
        (RUN, {"response_format": {"type": "json_schema"}},
         {"messages": [], "response_format": {"type": "json_schema", "json_schema": SCHEMA}}),
    ],
)  # fmt: skip
def test_another_spelling_of_the_same_is_the_same(target, wanted, seen):
    assert compared(target, wanted, seen) == []


@pytest.mark.parametrize(
    ("target", "wanted", "seen"),
    [
        (CHAT, {"messages": [said("Hi")]}, {"messages": [said("Ho")]}),
        (CHAT, {"messages": [said("Hi")]}, {"messages": [said("Be brief.", "system"), said("Hi")]}),
        (CHAT, {"messages": [said("Hi", images=["iVBO"])]}, {"messages": [said("Hi")]}),
        (CHAT, {"messages": [{"role": "assistant", "tool_calls": [called({"a": 1})]}]},
         {"messages": [said("", "assistant", tool_calls=[called({"a": 2})])]}),
        (CHAT, {"tools": TOOLS}, {"messages": []}),
        (CHAT, {"options": {"temperature": 1, "num_ctx": 9}}, {"messages": [], "options": {"temperature": 1}}),
        (CHAT, {"format": SCHEMA}, {"messages": [], "format": "json"}),
        (CHAT, {"think": True}, {"messages": []}),
        (CHAT, {"stream": True}, {"messages": [], "stream": False}),
        (GENERATE, {"prompt": "Hi"}, {"prompt": "Ho"}),
        (GENERATE, {"system": "Be brief."}, {"prompt": "Hi"}),
        (COMPLETIONS, {"prompt": "Hi"}, {"prompt": "Be brief.\n\nuser:\nHi\n\nassistant:\n"}),
        (COMPLETIONS, {"prompt": "Hi"}, {"prompt": ["Hi", "Ho"]}),
        (RUN, {"messages": [said("Hi")]}, {"prompt": "Ho"}),
        (RUN, {"tool_choice": "required"}, {"messages": [], "tools": TOOLS}),
        (RUN, {"response_format": {"type": "json_schema"}}, {"messages": []}),
    ],
)  # fmt: skip
def test_what_says_something_else_is_not_the_same(target, wanted, seen):
    assert compared(target, wanted, seen) != []
