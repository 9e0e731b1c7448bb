"""The reading that a source promises: what must come out, folded from its events (R4–R26)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.protocol.events import THROW, Event
from harness.protocol.exact_json import holds_object, same_text
from harness.protocol.reading import Failure, Reading, ToolCall, ToolResult, Usage, joined

_REASONS = {
    "stop": "stop", "endturn": "stop", "stopsequence": "stop", "eos": "stop", "complete": "stop",
    "length": "length", "maxtokens": "length", "modellength": "length",
    "contentfilter": "content_filter", "safety": "content_filter", "refusal": "content_filter",
    "blocklist": "content_filter", "prohibitedcontent": "content_filter", "recitation": "content_filter",
    "spii": "content_filter",
    "toolcalls": "tool_calls", "tooluse": "tool_calls", "toolcall": "tool_calls", "functioncall": "tool_calls",
    "error": "error",
}  # fmt: skip

_PROMPT = ("promptTokens", "inputTokens", "input_tokens", "prompt_tokens")
_COMPLETION = ("completionTokens", "outputTokens", "output_tokens", "completion_tokens")
_TOTAL = ("totalTokens", "total_tokens")
_CODES = ("code", "statusCode", "status", "type")
_SPEAKING = frozenset({"tool-call", "tool-result", "finish", "error"})
_DELTAS = frozenset({"text-delta", "reasoning-delta"})
_UNNAMED = "the provider reported an error without a message"


def reason_of(value: Any) -> str | None:
    """Return the finish reason that a source's word stands for, or None for a missing or unknown word (R18)."""
    if isinstance(value, Mapping):
        value = value.get("unified")
    if not isinstance(value, str):
        return None
    return _REASONS.get(value.lower().replace("-", "").replace("_", ""))


def usage_of(value: Any) -> Usage | None:
    """Return the counted tokens (R24–R26), or None where nothing countable is in ``value``."""
    if not isinstance(value, Mapping):
        return None
    prompt, completion, total = (_counted(value, keys) for keys in (_PROMPT, _COMPLETION, _TOTAL))
    if prompt is None and completion is None and total is None:
        return None
    return Usage(prompt or 0, completion or 0, (prompt or 0) + (completion or 0) if total is None else total)


def _counted(usage: Mapping[str, Any], keys: tuple[str, ...]) -> int | float | None:
    for key in keys:
        value = usage.get(key)
        if isinstance(value, Mapping):
            value = value.get("total")
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
            return value
    return None


def failure_of(error: Any) -> Failure:
    """Return message and code of any shape that an ``error`` event was seen to carry (R21, ledger B3)."""
    if isinstance(error, str):
        return Failure(error.strip() or _UNNAMED)
    if not isinstance(error, Mapping):
        return Failure(_UNNAMED)
    for key in ("error", "response", "data"):
        inner = error.get(key)
        if inner and not isinstance(error.get("message"), str) and isinstance(inner, str | Mapping):
            found = failure_of(inner)
            return found if found.code else Failure(found.message, _code_of(error))
    message = error.get("message")
    return Failure(message.strip() or _UNNAMED if isinstance(message, str) else _UNNAMED, _code_of(error))


def _code_of(error: Mapping[str, Any]) -> str | None:
    for key in _CODES:
        value = error.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return None


def result_text(event: Event) -> str:
    """Return the JSON text of a ``tool-result`` (R15): undefined is null, a failed result keeps its mark, once."""
    result = event.get("result")
    if event.get("isError") and not (isinstance(result, Mapping) and "error" in result):
        result = {"error": result}
    return json.dumps(result, ensure_ascii=False, separators=(",", ":"))


@dataclass(slots=True)
class _Call:
    index: int
    name: str
    deltas: list[str] = field(default_factory=list)
    arguments: str | None = None
    intact: bool = True
    provider_executed: bool = False


@dataclass(slots=True)
class _Fold:
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    calls: dict[str, _Call] = field(default_factory=dict)
    results: list[ToolResult] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    reason: str | None = None
    usage: Usage | None = None
    error: Failure | None = None
    ended: Literal["finished", "error", "truncated"] = "truncated"
    spoken: bool = False
    response_id: str | None = None
    model: str | None = None
    late_ids: list[str] = field(default_factory=list)
    late_models: list[str] = field(default_factory=list)


def reading_of_events(events: Iterable[Event]) -> Reading:
    """Fold source events into the reading that an adapter owes its client.

    The first ``finish`` or ``error`` ends it; what follows changes nothing (R17, R21). Never raises: an event of
    another shape than its type's is ignored, as an unknown type is (R23).
    """
    fold = _Fold()
    for event in events:
        _take(fold, event)
        fold.spoken = fold.spoken or _speaks(event)
        if fold.ended != "truncated":
            break
    completed = [(id_, call) for id_, call in fold.calls.items() if not call.provider_executed]
    return Reading(
        text=joined(fold.text),
        reasoning=joined(fold.reasoning),
        tool_calls=tuple(
            ToolCall(id_, call.name, call.arguments, call.index, call.intact)
            for id_, call in completed
            if call.arguments is not None
        ),
        tool_results=tuple(fold.results),
        finish_reason="error"
        if fold.ended == "error"
        else (fold.reason or "stop")
        if fold.ended == "finished"
        else None,
        reason_known=fold.ended != "finished" or fold.reason is not None,
        usage=fold.usage,
        error=fold.error,
        ended=fold.ended,
        response_id=fold.response_id,
        model=fold.model,
        late_response_ids=tuple(fold.late_ids),
        late_models=tuple(fold.late_models),
        dropped=tuple(id_ for id_, call in completed if call.arguments is None),
        provider_executed=frozenset(id_ for id_, call in fold.calls.items() if call.provider_executed),
        conflicts=tuple(fold.conflicts),
    )


def _take(fold: _Fold, event: Event) -> None:
    if not isinstance(event, Mapping):
        return
    if THROW in event:
        fold.error, fold.ended = failure_of(event[THROW]), "error"
        return
    match event.get("type"):
        case "text-delta":
            if isinstance(delta := event.get("delta"), str):
                fold.text.append(delta)
        case "reasoning-delta":
            if isinstance(delta := event.get("delta"), str):
                fold.reasoning.append(delta)
        case "tool-input-start":
            call = _call(fold, event.get("id"), event.get("toolName"))
            call.provider_executed |= event.get("providerExecuted") is True
        case "tool-input-delta":
            known = fold.calls.get(str(event.get("id")))
            if known is not None and (delta := event.get("delta")) is not None:
                known.deltas.append(delta if isinstance(delta, str) else json.dumps(delta, ensure_ascii=False))
        case "tool-call":
            _complete(fold, event)
        case "tool-result":
            id_ = str(event.get("toolCallId"))
            theirs = id_ in fold.calls and fold.calls[id_].provider_executed
            if not (theirs or event.get("providerExecuted") is True or event.get("preliminary") is True):
                fold.results.append(ToolResult(id_, result_text(event)))
        case "response-metadata":
            _take_metadata(fold, event)
        case "finish":
            reason = reason_of(event.get("finishReason"))
            fold.usage, fold.reason = usage_of(event.get("usage")), reason
            fold.ended = "error" if reason == "error" else "finished"
            if fold.ended == "error":
                fold.error = Failure("the provider ended its answer with an error")
        case "error":
            fold.error, fold.ended = failure_of(event.get("error")), "error"


def _speaks(event: Event) -> bool:
    """Tell whether an adapter can have emitted its first chunk for this event (R2)."""
    if not isinstance(event, Mapping):
        return False
    kind = event.get("type")
    return kind in _SPEAKING or (kind in _DELTAS and bool(event.get("delta")))


def _take_metadata(fold: _Fold, event: Event) -> None:
    """Of several ids before the first chunk the last counts; ``""`` is absent; a later one is only remembered (R2)."""
    id_, model = event.get("id"), event.get("modelId")
    if isinstance(id_, str) and id_:
        if fold.spoken:
            fold.late_ids.append(id_)
        else:
            fold.response_id = id_
    if isinstance(model, str) and model:
        if fold.spoken:
            fold.late_models.append(model)
        else:
            fold.model = model


def _call(fold: _Fold, id_: Any, name: Any) -> _Call:
    key = str(id_)
    if key not in fold.calls:
        fold.calls[key] = _Call(len(fold.calls), str(name))
    return fold.calls[key]


def _complete(fold: _Fold, event: Event) -> None:
    id_ = str(event.get("toolCallId"))
    call = _call(fold, id_, event.get("toolName"))
    call.provider_executed |= event.get("providerExecuted") is True
    name = event.get("toolName") if isinstance(event.get("toolName"), str) else call.name
    arguments, intact = _arguments(event.get("input"), "".join(call.deltas))
    if call.arguments is None:
        call.name, call.arguments, call.intact = str(name), arguments, intact
    elif call.name != name or not same_text(call.arguments, arguments):
        fold.conflicts.append(id_)


def _arguments(given: Any, deltas: str) -> tuple[str, bool]:
    """Return the text of a call's arguments and whether it is one JSON object, in the order of R8."""
    if isinstance(given, Mapping):
        return json.dumps(given, ensure_ascii=False, separators=(",", ":")), True
    blank = given is None or (isinstance(given, str) and not given.strip())
    if isinstance(given, str) and not blank and holds_object(given):
        return given, True
    if holds_object(deltas):
        return deltas, True
    if blank and not deltas.strip():
        return "{}", True
    broken = deltas if blank else given
    return broken if isinstance(broken, str) else json.dumps(broken, ensure_ascii=False), False
