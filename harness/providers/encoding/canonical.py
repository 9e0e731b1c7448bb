"""Source events of V2, V3 and V4 → the one form that encoders take, in an order in which a provider could say them."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.errors import InputError
from harness.protocol.events import COUNTED, THROW, Event, readable
from harness.protocol.exact_json import same_text
from harness.protocol.source_values import arguments_of, failure_of, reason_of, usage_of

_WORDS = {"content_filter": "content-filter", "tool_calls": "tool-calls"}
_PARTS = (("reasoningTokens", "outputTokens", "reasoning"), ("cachedInputTokens", "inputTokens", "cacheRead"))


@dataclass(slots=True)
class _Call:
    name: str
    theirs: bool
    deltas: list[str] = field(default_factory=list)
    arguments: str | None = None


class Canonical:
    """Source events of any version in, those of :mod:`harness.providers.encoding.encoder` out.

    What says nothing to a reading is left out: events of unknown types, empty deltas, calls that are told twice, and
    all that follows the end. What is missing is put in: starts and ends of blocks and of calls, and the rest of an
    input whose deltas did not come to it.

    Raises :class:`InputError` for what no provider can say on any wire: a result of the client's own tool, a result
    without its call, a call without id or name, one that is told twice and differs, or whose deltas come to another
    input, a file without its data, and values that are no JSON.
    """

    def __init__(self) -> None:
        self._starts: dict[tuple[str, str], Event] = {}  # of blocks that were started and have said nothing yet
        self._open: dict[tuple[str, str], None] = {}
        self._calls: dict[str, _Call] = {}
        self._is_over = False
        self._readers: dict[str, Callable[[Event], list[Event]]] = {
            "response-metadata": _metadata,
            "tool-input-start": self._start_call,
            "tool-input-delta": self._call_delta,
            "tool-call": self._complete,
            "tool-result": self._result,
            "custom": _counted,
            "finish": self._finish,
            "error": self._error,
            **dict.fromkeys(("text-start", "reasoning-start"), self._start),
            **dict.fromkeys(("text-delta", "reasoning-delta"), self._delta),
            **dict.fromkeys(("text-end", "reasoning-end"), self._end),
            "source": _source,
            "file": _file,
            "tool-approval-request": _as_it_came,
        }

    def feed(self, event: Event, /) -> list[Event]:
        """Take one event, return what an encoder is told for it."""
        if self._is_over:
            return []
        event = readable(event)
        if THROW in event:
            event = {"type": "error", "error": event[THROW]}
        reader = self._readers.get(_word(event.get("type")))
        return [] if reader is None else reader(event)

    def close(self) -> list[Event]:
        """Return nothing: what was not finished is cut."""
        return []

    def _start(self, event: Event) -> list[Event]:
        block = _block(event)
        if block not in self._open:
            self._starts[block] = {"type": event["type"], "id": block[1], **_provider_metadata(event)}
        return []

    def _opened(self, block: tuple[str, str]) -> list[Event]:
        """Return the start of a block that is not open yet, as it came or made up."""
        if block in self._open:
            return []
        self._open[block] = None
        return [self._starts.pop(block, {"type": f"{block[0]}-start", "id": block[1]})]

    def _delta(self, event: Event) -> list[Event]:
        block, delta, metadata = _block(event), event.get("delta"), _provider_metadata(event)
        if not isinstance(delta, str) or not (delta or metadata):
            return []
        return [*self._opened(block), {"type": event["type"], "id": block[1], "delta": delta, **metadata}]

    def _end(self, event: Event) -> list[Event]:
        block = _block(event)
        if block not in self._open and block not in self._starts:
            return []
        events = self._opened(block)
        del self._open[block]
        return [*events, {"type": event["type"], "id": block[1], **_provider_metadata(event)}]

    def _start_call(self, event: Event) -> list[Event]:
        id_, known = _word(event.get("id")), self._calls.get(_word(event.get("id")))
        if not id_ or (known and (known.arguments is not None or not known.deltas)):
            return []
        if known:
            raise InputError(f"the call {id_!r:.80} starts anew after its input began, which no provider can say")
        return self._begin(id_, _word(event.get("toolName")), theirs=event.get("providerExecuted") is True)

    def _begin(self, id_: str, name: str, *, theirs: bool) -> list[Event]:
        if not (id_ and name):
            raise InputError(f"a call needs an id and a tool's name to be sent; these are {id_!r:.80} and {name!r:.80}")
        self._calls[id_] = call = _Call(name, theirs)
        return [{"type": "tool-input-start", "id": id_, "toolName": name, **_ran_by(call)}]

    def _call_delta(self, event: Event) -> list[Event]:
        id_, delta = _word(event.get("id")), event.get("delta")
        call = self._calls.get(id_)
        if call is None or call.arguments is not None or delta is None or delta == "":
            return []
        if not isinstance(delta, str):
            raise InputError(f"a piece of the input of the call {id_!r:.80} is no text, and a wire carries only text")
        call.deltas.append(delta)
        return [{"type": "tool-input-delta", "id": id_, "delta": delta}]

    def _complete(self, event: Event) -> list[Event]:
        id_ = _word(event.get("toolCallId"))
        call = self._calls.get(id_)
        name = _word(event.get("toolName")) or (call.name if call else "")
        theirs = event.get("providerExecuted") is True or (call is not None and call.theirs)
        deltas = "".join(call.deltas) if call else ""
        arguments, _ = arguments_of(event.get("input"), deltas)
        if call is not None and call.arguments is not None:
            if not call.theirs and (call.name != name or not same_text(call.arguments, arguments)):
                raise InputError(f"the call {id_!r:.80} is told twice and differs, which no provider can say")
            return []
        events = [] if call else self._begin(id_, name, theirs=theirs)
        call = self._calls[id_]
        if (call.name, call.theirs) != (name, theirs):
            raise InputError(f"the call {id_!r:.80} is of another tool, or run by another side, than its start said")
        if arguments.startswith(deltas):
            rest = arguments[len(deltas) :]
            events += [{"type": "tool-input-delta", "id": id_, "delta": rest}] if rest else []
        elif same_text(arguments, deltas):
            arguments = deltas
        else:
            raise InputError(f"the input of the call {id_!r:.80} is another than its deltas come to")
        call.arguments = arguments
        told = {"toolCallId": id_, "toolName": name, "input": arguments, **_ran_by(call), **_provider_metadata(event)}
        return [*events, {"type": "tool-input-end", "id": id_}, {"type": "tool-call", **told}]

    def _result(self, event: Event) -> list[Event]:
        id_ = _word(event.get("toolCallId"))
        call = self._calls.get(id_)
        if event.get("preliminary") is True:
            return []
        if call is None or call.arguments is None or not call.theirs:
            raise InputError(
                f"nobody sends the result of {id_!r:.80}: the provider told no call of that id that it ran"
            )
        told = {"toolCallId": id_, "toolName": call.name, "result": _json(event.get("result"))}
        failed = {"isError": True} if event.get("isError") else {}
        return [{"type": "tool-result", **told, **failed, "providerExecuted": True}]

    def _finish(self, event: Event) -> list[Event]:
        self._is_over = True
        given = event.get("finishReason")
        raw = given.get("raw") if isinstance(given, Mapping) else given
        unified = given.get("unified") if isinstance(given, Mapping) else given
        reason = reason_of(given)
        word = _WORDS.get(reason, reason) if reason is not None else "other" if unified == "other" else "unknown"
        ends: list[Event] = [{"type": f"{kind}-end", "id": id_} for kind, id_ in self._open]
        return [*ends, {"type": "finish", "finishReason": word, "raw": _word(raw), "usage": usage_in(event)}]

    def _error(self, event: Event) -> list[Event]:
        self._is_over = True
        failure = failure_of(event.get("error"))
        error = {"message": failure.message} | ({} if failure.code is None else {"code": failure.code})
        usage = usage_in(event)
        return [{"type": "error", "error": error, **({"usage": usage} if usage else {})}]


def usage_in(event: Event) -> dict[str, Any]:
    """Return an event's usage in V2's flat names, from any version's shape; ``{}`` where nothing countable is in it."""
    given = event.get("usage")
    usage = usage_of(given)
    if usage is None or not isinstance(given, Mapping):
        return {}
    counted: dict[str, Any] = {
        "inputTokens": usage.prompt_tokens,
        "outputTokens": usage.completion_tokens,
        "totalTokens": usage.total_tokens,
    }
    for name, place, key in _PARTS:
        nested = given.get(place)
        count = nested.get(key) if isinstance(nested, Mapping) else given.get(name)
        if (found := usage_of({"totalTokens": count})) is not None:
            counted[name] = found.total_tokens
    return counted


def _metadata(event: Event) -> list[Event]:
    named = {key: event[key] for key in ("id", "modelId") if _word(event.get(key))}
    return [{"type": "response-metadata", **named}] if named else []


def _counted(event: Event) -> list[Event]:
    usage = usage_in(event) if event.get("kind") == COUNTED else {}
    return [{"type": "custom", "kind": COUNTED, "usage": usage}] if usage else []


def _source(event: Event) -> list[Event]:
    named = ("sourceType", "id", "url", "title", "mediaType", "filename")
    return [{"type": "source", **{key: event[key] for key in named if _word(event.get(key))}}]


def _file(event: Event) -> list[Event]:
    data = event.get("data")
    if isinstance(data, Mapping):  # V4 says what it is
        data = data.get("data")
    if isinstance(data, bytes):
        data = b64encode(data).decode()
    if not isinstance(data, str):
        raise InputError("a file without its data is nothing that a provider sends")
    return [{"type": "file", "mediaType": _word(event.get("mediaType")), "data": data}]


def _as_it_came(event: Event) -> list[Event]:
    return [event]


def _block(event: Event) -> tuple[str, str]:
    return event["type"].partition("-")[0], _word(event.get("id"))


def _ran_by(call: _Call) -> Event:
    return {"providerExecuted": True} if call.theirs else {}


def _provider_metadata(event: Event) -> Event:
    metadata = event.get("providerMetadata")
    return {"providerMetadata": metadata} if isinstance(metadata, Mapping) and metadata else {}


def _json(value: Any) -> Any:
    """Return a value that can be sent as JSON; raises :class:`InputError` for one that cannot."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise InputError("a result holds something that is not JSON, so no provider can have sent it") from None


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
