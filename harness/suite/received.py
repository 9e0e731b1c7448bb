"""A request that the played provider received → what it asks, or why it is none of the API that its case plays."""

from __future__ import annotations

from dataclasses import replace

from harness.errors import InputError
from harness.protocol.script import Exchange
from harness.providers import WIRES, read_request, wire_and_prefix, wire_of_target
from harness.suite.case import Case
from harness.suite.given import Http

_LONGEST = 100  # characters of a path that are shown


def received(case: Case, exchange: Exchange) -> Exchange:
    """Return the exchange with ``asked``, or with the ``fault`` for which no provider would have answered it.

    The played provider answers whatever it is asked, so that one fault is one finding (REQ-3); what a real one would
    refuse is told here: a path of no API or of another one, another method than POST, a body that is not called JSON
    or is none. A path may have any prefix, since some clients bring the version part of the base URL with them.
    """
    wire = case.given.wire if isinstance(case.given, Http) else ""
    if fault := _fault(wire, exchange):
        return replace(exchange, fault=fault)
    try:
        return replace(exchange, asked=read_request(wire, exchange.target, exchange.headers, exchange.body))
    except InputError as error:
        return replace(exchange, fault=str(error))


def _fault(wire: str, exchange: Exchange) -> str | None:
    path = exchange.target.partition("?")[0]
    what = f"{exchange.method} {path[:_LONGEST] or '/'}{'…' if len(path) > _LONGEST else ''}"
    plays = f"the case plays {wire}, which is asked by POST {WIRES[wire].asked_at}"
    seen = wire_of_target(path) if _is_well_formed(path) else None
    if seen is None:
        return f"{what} is of no known API; {plays}"
    if seen != wire:
        return f"{what} is of {seen}; {plays}"
    if exchange.method != "POST":
        return f"{what} is no method of the API; {plays}"
    kind = exchange.header("content-type") or ""
    if kind and not _is_json(kind):
        return f"{what} has the content type {kind[:_LONGEST]!r}; the API takes application/json"
    return None


def _is_well_formed(path: str) -> bool:
    """Tell whether a path has no empty part, as providers refuse it, and names an API at its end alone."""
    parts = path.split("/")[1:]
    _, prefix = wire_and_prefix(path)
    folders = prefix.removeprefix("/").split("/")[1:]
    ahead = ("/".join(folders[:end]) for end in range(1, len(folders) + 1))
    return bool(parts) and all(parts) and not parts[-1].startswith(":") and not any(map(wire_of_target, ahead))


def _is_json(kind: str) -> bool:
    name = kind.partition(";")[0].strip().lower()
    return name == "application/json" or name.endswith("+json")
