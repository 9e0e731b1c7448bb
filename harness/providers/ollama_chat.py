"""Ollama's own chat, ``/api/chat`` → source events (ledger §4).

A line is ``{model, created_at, message: {content, thinking, tool_calls}, done}``; the last one, where ``done`` is true,
has ``done_reason``, ``prompt_eval_count`` and ``eval_count`` beside it, and may still speak. An answer that was not
streamed is one such line. Calls come whole, with an object of arguments; servers before 0.12.10 give them no ids.
"""

from __future__ import annotations

from typing import Any

from harness.protocol.events import Event
from harness.providers.exact_text import json_text
from harness.providers.failures import error_event
from harness.providers.fields import count_in, list_in, object_in, text_in
from harness.providers.message import Message, NewId
from harness.providers.openai_blocks import Blocks

_REASONS = {"stop": "stop", "length": "length"}
_NAMELESS = {"message": "the provider sent a tool call without a name"}


class OllamaChatDecoder:
    """Lines of ``/api/chat`` in, V2 stream parts out.

    ``finish`` comes at ``done`` and at nothing else (R38): a stream cut before it has none. The reason is the
    server's: ``stop`` stays ``stop`` beside calls (R19 is the adapter's), and every word but ``stop`` and ``length``,
    such as ``load`` where a model was only loaded, is ``unknown``. A call that has arguments and no name is an
    ``error``. Log probabilities and images are passed over (R23).
    """

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._blocks = Blocks()
        self._has_metadata = False

    def feed(self, message: Message, /) -> list[Event]:
        """Take one line, return its parts; never raises, whatever JSON it holds."""
        line = message.data
        said = object_in(line, "message")
        events = self._metadata(text_in(line, "model"))
        if thought := text_in(said, "thinking"):
            events += self._blocks.say("reasoning", thought)
        if words := text_in(said, "content"):
            events += self._blocks.say("text", words)
        for call in list_in(said, "tool_calls"):
            events += self._call(call)
        if isinstance(line, dict) and line.get("done") is True:
            reason = _REASONS.get(text_in(line, "done_reason"), "unknown")
            events += [*self._blocks.end(), {"type": "finish", "finishReason": reason, "usage": _counted(line)}]
        return events

    def close(self) -> list[Event]:
        """Nothing is held back: a stream without its ``done`` has no ``finish``."""
        return []

    def _metadata(self, model: str) -> list[Event]:
        """Return the model, once: the answers of this API have no id."""
        if self._has_metadata or not model:
            return []
        self._has_metadata = True
        return [{"type": "response-metadata", "modelId": model}]

    def _call(self, given: Any) -> list[Event]:
        function = object_in(given, "function")
        name, arguments = text_in(function, "name"), _as_text(function.get("arguments"))
        if not name:
            return [error_event(_NAMELESS)] if arguments else []
        id_ = text_in(given, "id") or self._new_id()
        events: list[Event] = [*self._blocks.end(), {"type": "tool-input-start", "id": id_, "toolName": name}]
        if arguments:
            events.append({"type": "tool-input-delta", "id": id_, "delta": arguments})
        events.append({"type": "tool-input-end", "id": id_})
        events.append({"type": "tool-call", "toolCallId": id_, "toolName": name, "input": arguments})
        return events


def _as_text(arguments: Any) -> str:
    """Return the text of a call's arguments: an object, or its JSON text from servers that imitate this API."""
    if isinstance(arguments, str):
        return arguments
    return "" if arguments is None else json_text(arguments)


def _counted(line: dict[str, Any]) -> dict[str, Any]:
    """Return what was counted, without a sum (R25); a prompt that lay in the cache has no count in old versions."""
    counts = {"inputTokens": count_in(line, "prompt_eval_count"), "outputTokens": count_in(line, "eval_count")}
    return {name: count for name, count in counts.items() if count is not None}
