"""What a shim says of itself → an implementation, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from harness.drivers.driver import Implementation
from harness.drivers.received import whole
from harness.drivers.wording import shown
from harness.errors import ShimError
from harness.protocol.transcript import OPERATIONS, OVER_HTTP, PROFILES

PROTOCOL_VERSION = 1
"""The version of the driver protocol that this harness speaks."""

DIALECTS = ("streamchunk", "ag-ui")
MOST_AT_A_TIME = 16
"""A shim is asked no more questions at a time, whatever it declares."""

_TOLD_OF_ABORTS = frozenset({"transform", *OVER_HTTP})
_ASKING = frozenset({"transform", "chat"})
_SWITCHES = ("abort", "approvals", "fetchShim")


def implementation_of(result: Any) -> Implementation:
    """Return who answered ``initialize``; raises :class:`ShimError` that says what was sent and what is wanted."""
    told = _object(result, "the result of initialize")
    if whole(told.get("protocolVersion")) != PROTOCOL_VERSION:
        _refuse("protocolVersion", told, f"this harness speaks version {PROTOCOL_VERSION} of the driver protocol")
    own = _object(told.get("implementation"), "implementation")
    name = _text(own, "implementation.name")
    if not name:
        raise ShimError("your shim sent an empty implementation.name; a name that tells it from others is wanted")
    if told.get("dialect") not in DIALECTS:
        _refuse("dialect", told, f"one of {', '.join(DIALECTS)} is wanted")
    if told.get("profile") not in PROFILES:
        _refuse("profile", told, f"one of {', '.join(PROFILES)} is wanted")
    can = _object(told.get("capabilities"), "capabilities")
    operations = _words(can, "operations")
    if unknown := sorted(operations - set(OPERATIONS)):
        raise ShimError(f"your shim sent the operation {unknown[0]!r}; there are {', '.join(OPERATIONS)}")
    for switch in _SWITCHES:
        if not isinstance(can.get(switch, False), bool):
            _refuse(f"capabilities.{switch}", can, "true or false is wanted")
    return Implementation(
        name=name,
        operations=operations,
        dialect=told["dialect"],
        profile=told["profile"],
        abortable=operations & _TOLD_OF_ABORTS if can.get("abort") else frozenset(),
        approvable=operations & _ASKING if can.get("approvals") else frozenset(),
        wires=_words(can, "wires") if "wires" in can else None,
        plays_fetch=can.get("fetchShim", False),
        concurrency=_concurrency(can),
        version=_text(own, "implementation.version"),
        language=_text(own, "implementation.language"),
        homepage=_text(own, "implementation.homepage") if "homepage" in own else None,
    )


def _concurrency(can: Mapping[str, Any]) -> int:
    number = whole(can.get("maxConcurrentRuns", 1))
    if number is None or number < 1:
        _refuse("capabilities.maxConcurrentRuns", can, "an integer from 1 is wanted")
    return min(number, MOST_AT_A_TIME)


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ShimError(f"your shim sent {shown(value)} as {name}; an object is wanted")
    return value


def _text(holder: Mapping[str, Any], place: str) -> str:
    value = holder.get(place.rpartition(".")[2])
    if not isinstance(value, str):
        _refuse(place, holder, "a text is wanted")
    return value


def _words(can: Mapping[str, Any], name: str) -> frozenset[str]:
    value = can.get(name)
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        _refuse(f"capabilities.{name}", can, "an array of words is wanted")
    return frozenset(value)


def _refuse(place: str, holder: Mapping[str, Any], wanted: str) -> NoReturn:
    member = place.rpartition(".")[2]
    sent = f"{shown(holder[member])} as {place}" if member in holder else f"no {place}"
    raise ShimError(f"your shim sent {sent}; {wanted}")
