"""What the servers are asked: a table of questions for each, and the sentence that must hold of each answer.

A model of random weights says nothing by itself, so a question says what it may say: by a grammar, a JSON Schema or a
forced call where the server has one, else word for word. How that is framed, counted and ended is the server's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vocabulary import BLANKS, CALL, CALLED, END, MODEL, forced

PROMPT = "Tell me a story."
_MESSAGES = [{"role": "user", "content": PROMPT}]
_CHAT, _RESPONSES, _COMPLETIONS = "/v1/chat/completions", "/v1/responses", "/v1/completions"
_LETTERS = {"type": "string", "pattern": "^[a-z]{3,6}$"}

Break = Literal["", "line", "server"]
"""What is killed in the middle of an answer: nothing, the line to the server, or the server."""


@dataclass(frozen=True)
class Question:
    """One request, and the case of its answer: ``name`` of the cassette, ``title`` and ``sections`` of the case."""

    name: str
    title: str
    sections: tuple[str, ...]
    path: str
    body: Mapping[str, Any]
    breaks: Break = ""


@dataclass(frozen=True)
class Server:
    """A server that is started, asked and stopped; ``arguments`` come behind its program.

    ``folder`` is that of its cassettes, ``called`` what a title calls it, ``port`` its usual one, ``ready`` a path
    that answers once it is up. What kills the server comes last.
    """

    folder: str
    called: str
    program: Literal["llama-server", "python"]
    arguments: tuple[str, ...]
    port: int
    ready: str
    questions: tuple[Question, ...]


def _tool(name: str, key: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {key: _LETTERS}, "required": [key], "additionalProperties": False}
    return {"type": "function", "function": {"name": name, "description": "Tells it.", "parameters": schema}}


_TOOLS = [_tool("get_weather", "city"), _tool("get_time", "zone")]
_SCHEMA = {
    "type": "object",
    "properties": {"city": _LETTERS, "degrees": {"enum": [8, 15, 21]}},
    "required": ["city", "degrees"],
    "additionalProperties": False,
}
_TEXT = ("R4", "R38")
_COUNTED = ("R4", "R24", "R38")
_CALL = ("§6.1", "R10", "R38")
_CALLS = ("§6.1", "§6.2", "R10", "R11", "R38")
_REFUSED = ("§6.8", "R22")
_FAILED = ("§6.8", "R21")
_CUT = ("R20", "R38")

_COUNT = {"stream_options": {"include_usage": True}}
_SAYS = {"grammar": 'root ::= [a-z ]{8,12} "ü👋" [a-z ]{3,5}'}
_THINKS = {
    "chat_template_kwargs": {"enable_thinking": True},
    "grammar": 'root ::= [a-z ]{6,9} "</think>" [a-z ]{6,9}',
}
_BIAS = {CALL: 60, END: 68, **dict.fromkeys(BLANKS, -60)}
"""A grammar lets a model say anything before a call and between two; this makes it come to the point."""
_LONG = [{"role": "user", "content": "long " * 500}]


def _chat(**more: Any) -> dict[str, Any]:
    return {"model": MODEL, "messages": _MESSAGES, "stream": True, "max_tokens": 120, "seed": 3, **more}


def _quiet(**more: Any) -> dict[str, Any]:
    """Return a question to llama.cpp's server, which lets a model think that can, unless told otherwise."""
    return {"chat_template_kwargs": {"enable_thinking": False}, **_chat(**more)}


def _calling(bias: Mapping[int, int], **more: Any) -> dict[str, Any]:
    return _quiet(tools=_TOOLS, tool_choice="required", logit_bias=bias, **_COUNT, **more)


def _told(answer: str, **more: Any) -> dict[str, Any]:
    """Return a question to transformers, with the whole answer."""
    config = {"max_new_tokens": 200, "eos_token_id": END, "pad_token_id": 0, "sequence_bias": forced(answer)}
    return {"model": MODEL, "stream": True, "generation_config": json.dumps(config), **more}


def _call(name: str, key: str, value: str) -> str:
    return f"<tool_call>{json.dumps({'name': name, 'arguments': {key: value}})}</tool_call>"


_LLAMA = (
    "-m", "tiny.gguf", "--alias", MODEL, "--host", "127.0.0.1", "--port", "8080", "-c", "2048", "-np", "1", "-t", "1",
    "--no-cache-prompt",
)  # fmt: skip

LLAMACPP = Server(
    "llamacpp", "llama.cpp's server", "llama-server", _LLAMA, 8080, "/health",
    (
        Question(
            "text", "tells characters of every width and counts them when asked", _COUNTED, _CHAT,
            _quiet(**_SAYS, **_COUNT),
        ),
        Question(
            "no-usage", "stops at a word of the question, and does not count unasked", _TEXT, _CHAT,
            _quiet(stop=["dc"], grammar="root ::= [a-z]{40}", seed=1),
        ),
        Question(
            "length", "is cut by the limit, its broken characters replaced", _COUNTED, _CHAT,
            _quiet(max_tokens=40, logit_bias={END: -100}, **_COUNT),
        ),
        Question("reasoning", "keeps its thoughts apart from its text", _COUNTED, _CHAT, _chat(**_THINKS, **_COUNT)),
        Question(
            "tool", "calls one tool, whose arguments come letter by letter", _CALL, _CHAT,
            _calling({**_BIAS, CALLED: 60}, parallel_tool_calls=False, seed=2),
        ),
        Question(
            "parallel-tools", "calls two tools, one behind the other", _CALLS, _CHAT,
            _calling(_BIAS, parallel_tool_calls=True, seed=18),
        ),
        Question(
            "structured", "answers by a schema", _COUNTED, _CHAT,
            _quiet(
                response_format={"type": "json_schema", "json_schema": {"name": "forecast", "schema": _SCHEMA}},
                **_COUNT, seed=5,
            ),
        ),
        Question(
            "error-in-the-stream", "fails in the middle of its answer, which is an error", _FAILED, _CHAT,
            _quiet(
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "text", "schema": {"type": "string", "minLength": 30}},
                }
            ),
        ),
        Question(
            "context-overflow", "refuses what is too long, which is an error of that status", _REFUSED, _CHAT,
            _quiet(messages=_LONG),
        ),
        Question("cut-mid-event", "is cut inside an event, which is no success", _CUT, _CHAT, _quiet(**_SAYS), "line"),
        Question(
            "responses", "thinks and answers over Responses", _COUNTED, _RESPONSES,
            {"model": MODEL, "input": PROMPT, "stream": True, "max_output_tokens": 60, "seed": 3, **_THINKS},
        ),
        Question(
            "messages", "thinks within a budget and answers over Messages", _COUNTED, "/v1/messages",
            {
                "model": MODEL, "messages": _MESSAGES, "stream": True, "max_tokens": 32, "top_k": 1,
                "thinking": {"type": "enabled", "budget_tokens": 10},
            },
        ),
        Question(
            "completions", "continues a prompt", _COUNTED, _COMPLETIONS,
            {"model": MODEL, "prompt": PROMPT, "stream": True, "max_tokens": 60, "seed": 3, **_SAYS},
        ),
    ),
)  # fmt: skip

LLAMACPP_WITH_A_KEY = Server(
    "llamacpp", "llama.cpp's server", "llama-server", (*_LLAMA, "--api-key", "test-key-1"), 8080, "/health",
    (
        Question(
            "no-key", "refuses who has no key, which is an error of that status", _REFUSED, _CHAT, _quiet(max_tokens=1)
        ),
    ),
)  # fmt: skip

LLAMA_CPP_PYTHON = Server(
    "llama-cpp-python", "llama-cpp-python", "python",
    ("-m", "llama_cpp.server", "--model", "tiny.gguf", "--model_alias", MODEL, "--host", "127.0.0.1", "--port", "8000",
     "--n_ctx", "2048", "--n_threads", "1"),
    8000, "/v1/models",
    (
        Question("text", "tells characters of every width, escaped", _TEXT, _CHAT, _chat(**_SAYS)),
        Question(
            "length", "is cut by the limit, with deltas that are empty", _TEXT, _CHAT,
            _chat(max_tokens=24, logit_bias={str(END): -100}),
        ),
        Question(
            "tool", "calls one tool, told twice in every delta", _CALL, _CHAT,
            _chat(tools=_TOOLS[:1], tool_choice={"type": "function", "function": {"name": "get_weather"}}),
        ),
        Question(
            "structured", "answers by a schema", _TEXT, _CHAT,
            _chat(response_format={"type": "json_object", "schema": _SCHEMA}),
        ),
        Question(
            "context-overflow", "says nothing at all to what is too long, which is no success", _CUT, _CHAT,
            _chat(messages=_LONG),
        ),
    ),
)  # fmt: skip

TRANSFORMERS = Server(
    "transformers", "transformers serve", "python",
    ("-m", "transformers.cli.transformers", "serve", MODEL, "--host", "127.0.0.1", "--port", "8000",
     "--device", "cpu"),
    8000, "/health",
    (
        Question(
            "length", "is cut by the limit, and counts unasked", _COUNTED, _CHAT,
            {"model": MODEL, "messages": _MESSAGES, "stream": True, "max_tokens": 24, "seed": 3},
        ),
        Question(
            "reasoning", "keeps its thoughts apart from its text", _COUNTED, _CHAT,
            _told("zub waq</think>ka drüe 👋", messages=_MESSAGES, chat_template_kwargs={"enable_thinking": True}),
        ),
        Question(
            "parallel-tools", "calls two tools, each in one delta", _CALLS, _CHAT,
            _told(
                "Wub" + _call("get_weather", "city", "krx") + _call("get_time", "zone", "oqe"),
                messages=_MESSAGES, tools=_TOOLS,
            ),
        ),
        Question(
            "error-in-the-stream", "fails, which it tells in one word of JSON", _FAILED, _CHAT,
            {
                "model": MODEL, "messages": _MESSAGES, "stream": True,
                "generation_config": json.dumps({"max_new_tokens": 20, "num_beams": 2}),
            },
        ),
        Question(
            "error-that-is-no-json", "fails at a broken call, and tells it in JSON that is broken too", _CUT, _CHAT,
            _told('Wub<tool_call>{"na</tool_call>', messages=_MESSAGES, tools=_TOOLS),
        ),
        Question(
            "other-model", "refuses to be another model, which is an error of that status", _REFUSED, _CHAT,
            {"model": f"another-{MODEL}", "messages": _MESSAGES, "stream": True},
        ),
        Question(
            "responses", "answers over Responses", _COUNTED, _RESPONSES,
            _told("ka drüe 👋", input=PROMPT),
        ),
        Question(
            "killed", "dies in the middle of its answer, which is no success", _CUT, _CHAT,
            {"model": MODEL, "messages": _MESSAGES, "stream": True, "max_tokens": 1000, "seed": 5}, "server",
        ),
    ),
)  # fmt: skip

SERVERS = (LLAMACPP, LLAMACPP_WITH_A_KEY, LLAMA_CPP_PYTHON, TRANSFORMERS)
