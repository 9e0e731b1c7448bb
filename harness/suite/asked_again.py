"""What a provider was asked, in neutral form → the TanStack request that asks it (§4, §8, §11.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.protocol.messages import Answered, Call, File, ModelRequest, Text, Turn, joined

_HELLO = {"role": "user", "content": "Hello."}
_KINDS = {"image", "audio", "video"}


def text_options(asked: ModelRequest) -> dict[str, Any]:
    """Return messages, system prompts, tools and limits of a request; where nothing was said, a greeting is.

    What TanStack's request has no member for, such as a forced tool or the schema of the answer, is left out.
    """
    turns = joined(asked.turns)
    systems = [part.text for turn in turns if turn.role == "system" for part in turn.parts if isinstance(part, Text)]
    messages = [message for turn in turns if turn.role != "system" for message in _messages(turn)]
    options: dict[str, Any] = {"messages": messages or [_HELLO]}
    if systems:
        options["systemPrompts"] = systems
    if asked.tools:
        options["tools"] = [
            {"name": tool.name, "description": tool.description or "", "inputSchema": tool.schema or {"type": "object"}}
            for tool in asked.tools
        ]
    limits = {"temperature": asked.temperature, "maxTokens": asked.max_tokens, "topP": asked.top_p}
    return options | {name: limit for name, limit in limits.items() if limit is not None}


def _messages(turn: Turn) -> Iterator[dict[str, Any]]:
    if turn.role == "tool":
        for part in turn.parts:
            if isinstance(part, Answered):
                yield {"role": "tool", "toolCallId": part.id or part.name, "content": part.content}
        return
    said = [_part(part) for part in turn.parts if isinstance(part, Text | File)]
    calls = [_call(part) for part in turn.parts if isinstance(part, Call)]
    message: dict[str, Any] = {"role": turn.role, "content": said or None}
    if len(said) == 1 and said[0]["type"] == "text":
        message["content"] = said[0]["content"]
    if calls:
        message["toolCalls"] = calls
    yield message


def _part(part: Text | File) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"type": "text", "content": part.text}
    first = (part.media_type or "").partition("/")[0]
    source = {"type": "url", "value": part.url} if part.data is None else {"type": "data", "value": part.data}
    if part.media_type is not None and not part.media_type.endswith("/*"):
        source["mimeType"] = part.media_type
    return {"type": first if first in _KINDS else "document", "source": source}


def _call(call: Call) -> dict[str, Any]:
    return {
        "id": call.id or call.name,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    }
