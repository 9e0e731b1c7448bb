"""The eleven answers that every provider gives here: what the model says, and what its client must end up with.

Both columns are written by hand. ``events`` are source events (AI SDK V2 stream parts), which the encoder of a wire
writes as that wire; ``expect`` is what a person reads from them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

START = {"type": "response-metadata"}  # the encoder fills in the provider's own id and model
USAGE = {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}
OVERLOADED = "The model is overloaded."
COUNTED = {"promptTokens": 11, "completionTokens": 7, "totalTokens": 18}

WEATHER = {
    "name": "get_weather",
    "description": "Tells the weather of a city.",
    "inputSchema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
FORECAST = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
    "required": ["city", "degrees"],
    "additionalProperties": False,
}

Events = list[dict[str, Any]]


def said(kind: str, *words: str) -> Events:
    """Return a block of text or reasoning in these pieces."""
    deltas = [{"type": f"{kind}-delta", "id": f"{kind}-0", "delta": word} for word in words]
    return [{"type": f"{kind}-start", "id": f"{kind}-0"}, *deltas, {"type": f"{kind}-end", "id": f"{kind}-0"}]


def called(id_: str, arguments: str) -> Events:
    """Return the end of a call and the call."""
    call = {"type": "tool-call", "toolCallId": id_, "toolName": "get_weather", "input": arguments}
    return [{"type": "tool-input-end", "id": id_}, call]


def begun(id_: str) -> dict[str, Any]:
    """Return the start of a call."""
    return {"type": "tool-input-start", "id": id_, "toolName": "get_weather"}


def more(id_: str, arguments: str) -> dict[str, Any]:
    """Return a piece of a call's arguments."""
    return {"type": "tool-input-delta", "id": id_, "delta": arguments}


def finish(reason: str = "stop", usage: dict[str, Any] | None = USAGE) -> dict[str, Any]:
    """Return the end of an answer; an answer without usage counts nothing."""
    return {"type": "finish", "finishReason": reason, "usage": usage or {}}


@dataclass(frozen=True)
class Kind:
    """One answer.

    ``title`` follows the provider's name, ``{0}`` and ``{1}`` stand for the ids of the calls. ``limit`` is asked for,
    ``forced`` is the tool that must be called, ``cut`` breaks the answer off inside an event, ``in_full``
    is what the specification alone promises beside it (§12.4, R6).
    """

    name: str
    title: str
    sections: tuple[str, ...]
    events: Events
    expect: dict[str, Any]
    question: str = "Hello."
    tools: tuple[dict[str, Any], ...] = ()
    schema: dict[str, Any] | None = None
    limit: int | None = None
    cut: bool = False
    forced: str = ""
    in_full: dict[str, Any] | None = None


CITY = "What is the weather in Paris and in Rome?"

KINDS = (
    Kind(
        "text",
        "tells a text whole",
        ("R4", "R38"),
        [START, *said("text", "Grüße", " aus ", "Köln. 👋"), finish()],
        {"text": "Grüße aus Köln. 👋", "finishReason": "stop"},
        in_full={"usage": COUNTED},
    ),
    Kind(
        "reasoning",
        "tells its reasoning apart from its text",
        ("R6", "R38"),
        [START, *said("reasoning", "Greet ", "back."), *said("text", "Hello", "."), finish()],
        {"text": "Hello.", "finishReason": "stop"},
        in_full={"reasoning": "Greet back.", "usage": COUNTED},
    ),
    Kind(
        "tool",
        "calls one tool with all of its arguments",
        ("§6.1", "R10", "R38"),
        [
            START,
            begun("{0}"),
            more("{0}", '{"ci'),
            more("{0}", 'ty":"Pa'),
            more("{0}", 'ris"}'),
            *called("{0}", '{"city":"Paris"}'),
            finish("tool-calls"),
        ],
        {
            "toolCalls": [{"id": "{0}", "name": "get_weather", "arguments": '{"city":"Paris"}'}],
            "finishReason": "tool_calls",
        },
        question=CITY,
        tools=(WEATHER,),
    ),
    Kind(
        "parallel-tools",
        "calls two tools, one after the other, and they stay apart",
        ("§6.2", "§13.6", "R10", "R11"),
        [
            START,
            begun("{0}"),
            more("{0}", '{"city":'),
            more("{0}", '"Paris"}'),
            *called("{0}", '{"city":"Paris"}'),
            begun("{1}"),
            more("{1}", '{"ci'),
            more("{1}", 'ty":"Rome"}'),
            *called("{1}", '{"city":"Rome"}'),
            finish("tool-calls"),
        ],
        {
            "toolCalls": [
                {"id": "{0}", "name": "get_weather", "arguments": '{"city":"Paris"}'},
                {"id": "{1}", "name": "get_weather", "arguments": '{"city":"Rome"}'},
            ],
            "finishReason": "tool_calls",
        },
        question=CITY,
        tools=(WEATHER,),
    ),
    Kind(
        "structured",
        "answers with the JSON that a schema asked for",
        ("§7", "R4", "R38"),
        [START, *said("text", '{"city":', '"Paris",', '"degrees":21}'), finish()],
        {"text": '{"city":"Paris","degrees":21}', "finishReason": "stop"},
        question="What is the weather in Paris?",
        schema=FORECAST,
    ),
    Kind(
        "length",
        "stops at the limit, and says so",
        ("R18", "R38"),
        [START, *said("text", "Once ", "upon"), finish("length")],
        {"text": "Once upon", "finishReason": "length"},
        limit=7,
    ),
    Kind(
        "filter",
        "is stopped by a filter, which is never a stop",
        ("R18", "R19"),
        [START, *said("text", "I can"), finish("content-filter")],
        {"text": "I can", "finishReason": "content_filter"},
    ),
    Kind(
        "error-in-the-stream",
        "fails in mid-stream, and what was said before stays",
        ("R17", "R21"),
        [START, *said("text", "Hel")[:-1], {"type": "error", "error": {"message": OVERLOADED}}],
        {"text": "Hel", "error": {"message": OVERLOADED}, "finishReason": "error"},
    ),
    Kind(
        "no-usage",
        "finishes without counting",
        ("§12.4", "R26"),
        [START, *said("text", "Hello", "."), finish(usage=None)],
        {"text": "Hello.", "finishReason": "stop"},
    ),
    Kind(
        "cut-mid-event",
        "is cut inside an event, which is no success",
        ("R20", "R38"),
        [START, *said("text", "Hello", ", world"), finish()],
        {"text": "Hello"},
        cut=True,
    ),
)
"""All but the HTTP error, which has no events; its bodies stand beside the providers."""

STRUCTURED_BY_A_TOOL = Kind(
    "structured",
    "answers through the tool that is forced, with the JSON of its schema",
    ("§7", "R10", "R38"),
    [
        START,
        begun("{0}"),
        more("{0}", '{"city":"Pa'),
        more("{0}", 'ris","degrees":21}'),
        *called("{0}", '{"city":"Paris","degrees":21}'),
        finish("tool-calls"),
    ],
    {
        "toolCalls": [{"id": "{0}", "name": "get_weather", "arguments": '{"city":"Paris","degrees":21}'}],
        "finishReason": "tool_calls",
    },
    question="What is the weather in Paris?",
    tools=({**WEATHER, "inputSchema": FORECAST},),
    forced="get_weather",
)
"""The same where an API has no field for the schema of an answer (§14.5)."""

INTERLEAVED_CALLS = replace(
    next(kind for kind in KINDS if kind.name == "parallel-tools"),
    title="calls two tools whose arguments interleave, and they stay apart",
    events=[
        START,
        begun("{0}"),
        begun("{1}"),
        more("{0}", '{"city":'),
        more("{1}", '{"ci'),
        more("{0}", '"Paris"}'),
        more("{1}", 'ty":"Rome"}'),
        *called("{0}", '{"city":"Paris"}'),
        *called("{1}", '{"city":"Rome"}'),
        finish("tool-calls"),
    ],
)
"""The same where a wire leaves calls open beside each other."""
