"""The reading that a source promises: what must come out, folded from its events (R4–R26)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.protocol.events import COUNTED, THROW, Event, readable
from harness.protocol.exact_json import same_text
from harness.protocol.reading import Failure, Reading, ToolCall, ToolResult, Usage
from harness.protocol.source_values import arguments_of, failure_of, joined_deltas, reason_of, result_text, usage_of
from harness.protocol.text import joined

_SPEAKING = frozenset({"tool-call", "tool-result", "finish", "error"})
_DELTAS = frozenset({"text-delta", "reasoning-delta"})


@dataclass(slots=True)
class _Call:
    name: str
    deltas: list[Any] = field(default_factory=list)
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
    unusable: bool = False
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
    another shape than its type's is ignored, as an unknown type is (R23), but for text that is not JSON (R1) and a
    call without id or name, which nobody could run or answer: both are failures.
    """
    fold = _Fold()
    for item in events:
        _take(fold, readable(item))
        if fold.ended != "truncated":
            break
    return _reading(fold)


def reading_up_to_a_bad_call(events: Iterable[Event]) -> Reading:
    """Fold source events as above, and end behind the first call that nobody can pass on (R9, R12)."""
    fold = _Fold()
    for item in events:
        _take(fold, readable(item))
        if fold.ended != "truncated" or fold.unusable:
            break
    return _reading(fold)


def _reading(fold: _Fold) -> Reading:
    ours = [(id_, call) for id_, call in fold.calls.items() if not call.provider_executed]
    return Reading(
        text=joined(fold.text),
        reasoning=joined(fold.reasoning),
        tool_calls=tuple(
            ToolCall(id_, call.name, call.arguments, index, call.intact)
            for index, (id_, call) in enumerate(ours)
            if call.arguments is not None
        ),
        tool_results=tuple(fold.results),
        finish_reason=_finish_reason(fold),
        reason_known=fold.ended != "finished" or fold.reason is not None,
        usage=fold.usage,
        error=fold.error,
        ended=fold.ended,
        response_id=fold.response_id,
        model=fold.model,
        late_response_ids=tuple(fold.late_ids),
        late_models=tuple(fold.late_models),
        unfinished=tuple(
            ToolCall(id_, call.name, joined_deltas(call.deltas), index, intact=False)
            for index, (id_, call) in enumerate(ours)
            if call.arguments is None
        ),
        provider_executed=frozenset(id_ for id_, call in fold.calls.items() if call.provider_executed),
        conflicts=tuple(id_ for id_ in fold.conflicts if not fold.calls[id_].provider_executed),
    )


def _finish_reason(fold: _Fold) -> str | None:
    if fold.ended == "finished":
        return fold.reason or "stop"
    return "error" if fold.ended == "error" else None


def _take(fold: _Fold, event: Event) -> None:
    _understand(fold, event)
    fold.spoken = fold.spoken or _speaks(event)


def _understand(fold: _Fold, event: Event) -> None:
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
            if id_ := _word(event.get("id")):
                call = _call(fold, id_, _word(event.get("toolName")))
                call.provider_executed |= event.get("providerExecuted") is True
                call.deltas = []  # a second start resets (§13.3)
        case "tool-input-delta":
            known = fold.calls.get(_word(event.get("id")))
            if known is not None:
                known.deltas.append(event.get("delta"))
        case "tool-call":
            _complete(fold, event)
        case "tool-result":
            _take_result(fold, event)
        case "response-metadata":
            _take_metadata(fold, event)
        case "finish":
            reason = reason_of(event.get("finishReason"))
            fold.usage, fold.reason = usage_of(event.get("usage")), reason
            fold.ended = "error" if reason == "error" else "finished"
            if fold.ended == "error":
                fold.error = Failure("the provider ended its answer with an error")
        case "custom" if event.get("kind") == COUNTED:
            fold.usage = usage_of(event.get("usage"))
        case "error":
            fold.error, fold.ended = failure_of(event.get("error")), "error"
            fold.usage = usage_of(event.get("usage"))


def _speaks(event: Event) -> bool:
    """Tell whether an adapter can have emitted its first chunk for this event (R2)."""
    kind = event.get("type")
    return isinstance(kind, str) and (kind in _SPEAKING or (kind in _DELTAS and bool(event.get("delta"))))


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


def _call(fold: _Fold, id_: str, name: str) -> _Call:
    if id_ not in fold.calls:
        fold.calls[id_] = _Call(name)
    return fold.calls[id_]


def _complete(fold: _Fold, event: Event) -> None:
    id_, said = _word(event.get("toolCallId")), _word(event.get("toolName"))
    known = fold.calls.get(id_)
    name = said or (known.name if known else "")
    theirs = event.get("providerExecuted") is True or (known is not None and known.provider_executed)
    if not theirs and not (id_ and name):
        fold.error = Failure("the provider called a tool without naming the tool or the call")
        fold.ended = "error"
        return
    call = _call(fold, id_, name)
    call.provider_executed = theirs
    arguments, intact = arguments_of(event.get("input"), joined_deltas(call.deltas))
    if call.arguments is None:
        call.name, call.arguments, call.intact = name, arguments, intact
        fold.unusable |= not (intact or theirs)
    elif call.name != name or not same_text(call.arguments, arguments):
        fold.conflicts.append(id_)
        fold.unusable |= not theirs


def _take_result(fold: _Fold, event: Event) -> None:
    id_ = _word(event.get("toolCallId"))
    theirs = id_ in fold.calls and fold.calls[id_].provider_executed
    if not (theirs or event.get("providerExecuted") is True or event.get("preliminary") is True):
        content = result_text(event.get("result"), is_error=bool(event.get("isError")))
        fold.results.append(ToolResult(id_, content))


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
