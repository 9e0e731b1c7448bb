"""Source events → lines of Ollama's ``/api/chat`` and ``/api/generate`` (ledger §4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from harness.protocol.events import Event
from harness.protocol.source_values import usage_of
from harness.providers.encoding.encoder import Encoder, Labels, renamed, unsayable
from harness.providers.encoding.framed import go_json
from harness.providers.encoding.utc import utc_text
from harness.providers.encoding.whole_calls import WholeCalls
from harness.providers.exact_text import parsed_json

_REASONS = {"stop": "stop", "length": "length", "unknown": None, "other": None}
_TIMES = {"total_duration": 500_000_000, "load_duration": 100_000_000}
_PROMPT_TIME, _ANSWER_TIME = 100_000_000, 300_000_000
_SILENT = {"text-start", "text-end", "reasoning-start", "reasoning-end", "tool-input-delta", "tool-input-end"}
_Said: TypeAlias = Callable[[str, dict[str, Any]], dict[str, Any]]


def ollama_chat_encoder(labels: Labels, _provider: str) -> Encoder:
    """Return an encoder for ``/api/chat``, whose words stand in a ``message``; see :class:`OllamaEncoder`."""
    return OllamaEncoder(
        "ollama-chat", labels, lambda words, more: {"message": {"role": "assistant", "content": words, **more}}
    )


def ollama_generate_encoder(labels: Labels, _provider: str) -> Encoder:
    """Return an encoder for ``/api/generate``, whose words stand in the line itself, and which knows no tools."""
    return OllamaEncoder("ollama-generate", labels, lambda words, more: {"response": words, **more}, has_tools=False)


class OllamaEncoder:
    """Events in, a line for each that says something out.

    A call is one line, with an id, as servers since 0.12.10 send it; its arguments are an object, and lose their white
    space. Times are made up. Without a reason that is known, ``done_reason`` is left out, as old servers did. An answer
    has no id here, so one is left out. Beside what no wire says, there is no other reason than ``stop`` and ``length``,
    no total of tokens but the sum, and no error code. ``tool-calls`` is ``stop`` beside calls, as the server says it,
    and nothing without any.
    """

    def __init__(self, wire: str, labels: Labels, said: _Said, *, has_tools: bool = True) -> None:
        self._wire = wire
        self._labels = labels
        self._said = said
        self._has_tools = has_tools
        self._calls = WholeCalls()
        self._written = 0

    def feed(self, event: Event, /) -> list[bytes]:
        """Take one event, return its lines; raises :class:`InputError` for what the wire cannot say."""
        match event["type"]:
            case "response-metadata":
                self._labels = renamed(self._labels, event)
            case "text-delta" if event["delta"]:
                return [self._line(self._said(event["delta"], {}))]
            case "reasoning-delta" if event["delta"]:
                return [self._line(self._said("", {"thinking": event["delta"]}))]
            case "tool-input-start" | "tool-call" if self._has_tools and not event.get("providerExecuted"):
                return [self._call(call) for call in self._calls.feed(event)]
            case "finish":
                return [self._end(event)]
            case "error":
                return [*(self._call(call) for call in self._calls.rest()), self._error(event)]
            case kind if kind not in _SILENT and not kind.endswith("-delta"):
                raise unsayable(self._wire, f"the event {kind}")
        return []

    def close(self) -> list[bytes]:
        """Write nothing: ``done`` is all that ends an answer."""
        return []

    def _line(self, said: dict[str, Any], *, done: bool = False, **more: Any) -> bytes:
        named = {"model": self._labels.model, "created_at": utc_text(self._labels.created)}
        return go_json({**named, **said, "done": done, **more}) + b"\n"

    def _call(self, call: Event) -> bytes:
        arguments = _object(call["input"])
        if arguments is None:
            raise unsayable(self._wire, f"arguments that are no JSON object, as those of {call['toolName']!r:.80}")
        function = {"index": self._written, "name": call["toolName"], "arguments": arguments}
        self._written += 1
        return self._line(self._said("", {"tool_calls": [{"id": call["toolCallId"], "function": function}]}))

    def _end(self, event: Event) -> bytes:
        if (open_call := self._calls.unfinished) is not None:
            raise unsayable(self._wire, f"a call that is never completed, as {open_call!r:.80}: it sends them whole")
        word, usage = event["finishReason"], event["usage"]
        if word == "tool-calls" and self._written:
            word = "stop"
        if word not in _REASONS:
            raise unsayable(self._wire, f"the finish reason {word!r:.80}")
        reason = _REASONS[word]
        return self._line(
            self._said("", {}),
            done=True,
            **({"done_reason": reason} if reason else {}),
            **_TIMES,
            **(self._counts(usage) if usage else {}),
        )

    def _counts(self, usage: dict[str, Any]) -> dict[str, Any]:
        prompt, answer = usage["inputTokens"], usage["outputTokens"]
        summed = usage_of({"inputTokens": prompt, "outputTokens": answer})
        if summed is None or usage["totalTokens"] != summed.total_tokens:
            raise unsayable(self._wire, "a total of tokens that is not the sum")
        return {
            "prompt_eval_count": prompt,
            "prompt_eval_duration": _PROMPT_TIME,
            "eval_count": answer,
            "eval_duration": _ANSWER_TIME,
        }

    def _error(self, event: Event) -> bytes:
        error = event["error"]
        if "code" in error or "usage" in event:
            raise unsayable(self._wire, "the code of an error, or what it cost")
        return go_json({"error": error["message"]}) + b"\n"


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = parsed_json(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
