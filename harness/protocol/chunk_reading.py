"""The reading that a client gets: folded from the chunks as TanStack's two consumers fold them (facts §3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.protocol.exact_json import holds_object
from harness.protocol.reading import Failure, Reading, ToolCall, ToolResult, Usage
from harness.protocol.text import joined


@dataclass(slots=True)
class _Call:
    id: str
    name: str
    index: int | None
    parts: list[str] = field(default_factory=list)


def reading_of_chunks(chunks: Iterable[Any]) -> Reading:
    """Fold chunks into what their consumer ends up with; the first terminal ends it. Never raises.

    Calls are keyed by ``index`` and their arguments joined, as the engine does; a call without an index is keyed by
    its id, as the client does.
    """
    text: list[str] = []
    reasoning: list[str] = []
    calls: dict[Any, _Call] = {}
    results: list[ToolResult] = []
    response_id: str | None = None
    model: str | None = None
    terminal: Mapping[str, Any] = {}
    for chunk in chunks:
        if not isinstance(chunk, Mapping):
            continue
        response_id = response_id or _word(chunk.get("id"))
        model = model or _word(chunk.get("model"))
        kind = chunk.get("type")
        if kind == "content":
            text.append(appended(chunk))
        elif kind == "thinking":
            reasoning.append(appended(chunk))
        elif kind == "tool_call":
            _add_call(calls, chunk)
        elif kind == "tool_result":
            results.append(ToolResult(str(chunk.get("toolCallId")), str(chunk.get("content"))))
        elif isinstance(kind, str) and kind in {"done", "error"}:
            terminal = chunk
            break
    done = terminal.get("type") == "done"
    reason = terminal.get("finishReason")
    return Reading(
        text=joined(text),
        reasoning=joined(reasoning),
        tool_calls=tuple(_call(call) for call in calls.values()),
        tool_results=tuple(results),
        finish_reason="error" if terminal and not done else reason if isinstance(reason, str) else None,
        usage=_usage(terminal.get("usage")),
        error=_failure(terminal.get("error")) if terminal and not done else None,
        ended="finished" if done else "error" if terminal else "truncated",
        response_id=response_id,
        model=model,
    )


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def appended(chunk: Mapping[str, Any]) -> str:
    """Return what a content or thinking chunk adds: its ``delta``, or what its compaction says in its place."""
    delta = chunk.get("delta", chunk.get("$appended"))
    return delta if isinstance(delta, str) else ""


def _add_call(calls: dict[Any, _Call], chunk: Mapping[str, Any]) -> None:
    given = chunk.get("toolCall")
    if not isinstance(given, Mapping):
        return
    function = given.get("function")
    function = function if isinstance(function, Mapping) else {}
    id_, name = _word(given.get("id")) or "", _word(function.get("name")) or ""
    index = chunk.get("index")
    whole = index if isinstance(index, int) and not isinstance(index, bool) else None
    call = calls.setdefault(id_ if whole is None else whole, _Call(id_, name, whole))
    call.id = call.id or id_
    call.name = call.name or name
    if isinstance(arguments := function.get("arguments"), str):
        call.parts.append(arguments)


def _call(call: _Call) -> ToolCall:
    arguments = "".join(call.parts)
    return ToolCall(call.id, call.name, arguments, call.index, not arguments.strip() or holds_object(arguments))


def _usage(value: Any) -> Usage | None:
    if not isinstance(value, Mapping):
        return None
    return Usage(*(value.get(key, 0) for key in ("promptTokens", "completionTokens", "totalTokens")))


def _failure(value: Any) -> Failure:
    if not isinstance(value, Mapping):
        return Failure("" if value is None else str(value))
    code = value.get("code")
    return Failure(str(value.get("message", "")), None if code is None else str(code))
