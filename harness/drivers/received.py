"""A line from a shim → a message, and the result of a ``run`` → how it ended; or why it is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.protocol.json_text import FaultsOf, NotJson, decoded_parts
from harness.protocol.transcript import NOTHING, Ending, EndingKind

MAX_VALUES = 1_000_000
"""So many values a message holds at most, about: what is two bytes of a line can be two hundred in memory."""

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_MANY = 200  # values; beyond, it is worth to look whether they are only the commas of a text
_ENDINGS: tuple[EndingKind, ...] = ("completed", "raised", "aborted")


class Refused(Exception):
    """What a shim sent breaks the protocol; the message says how, behind a colon."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, what it gave, and how many chunks had been sent when the abort came, where the shim tells."""

    ending: Ending
    result: Any
    aborted_after: int | None


def message_of(line: bytes) -> tuple[dict[str, Any], FaultsOf]:
    """Return a message and the faults of its JSON text, part by part; raises :class:`Refused`."""
    try:
        message, faults_of = decoded_parts(line.decode())
    except UnicodeDecodeError:
        raise Refused("not UTF-8") from None
    except NotJson as error:
        raise Refused(f"{error}; on standard output a shim says nothing but messages, logs belong on stderr") from None
    if not isinstance(message, dict):
        raise Refused("a message is an object")
    if message.get("jsonrpc") != "2.0":
        raise Refused('a message says "jsonrpc": "2.0"')
    return message, faults_of


def values_in(line: bytes) -> int:
    """Return how many values a line holds, about, before it is read; a short line's texts may count, too."""
    number = _marks(line)
    return number if number < _MANY else _marks(_STRING.sub(b"", line))


def check_values(line: bytes) -> None:
    """Raise :class:`Refused` for more than :data:`MAX_VALUES`, before anything is made of them."""
    if len(line) > MAX_VALUES and values_in(line) > MAX_VALUES:
        raise Refused(f"no message holds more than {MAX_VALUES} values")


def check_envelope(message: Mapping[str, Any], faults_of: FaultsOf, *, is_strict: bool) -> None:
    """Raise :class:`Refused` for a fault of the JSON text that is not of the implementation's data.

    What the implementation gave may hold anything, and a chunk is judged by it; ``is_strict`` refuses the faults of
    every other data, too.
    """
    faults = list(faults_of(message))
    if not faults:
        return
    params, result = message.get("params"), message.get("result")
    is_chunk = message.get("method") == "chunk"
    if isinstance(params, dict) and (is_chunk or not is_strict):
        data = params.get("chunk" if is_chunk else "options")
    else:
        data = result.get("result") if isinstance(result, dict) and not is_strict else None
    for fault in faults_of(data):
        faults.remove(fault)
    if faults:
        raise Refused(faults[0])


def whole(value: Any) -> int | None:
    """Return an integer, however JSON spells it (``1.0`` is one, JSON Schema says), None for all else."""
    if type(value) is float and value.is_integer():
        return int(value)
    return value if type(value) is int else None


def outcome_of(result: Any, *, was_aborted: bool) -> Outcome:
    """Return the result of ``run``; raises :class:`Refused`."""
    if not isinstance(result, dict) or result.get("ending") not in _ENDINGS:
        raise Refused(f"the result of run is an object whose ending is one of {', '.join(_ENDINGS)}")
    if result["ending"] == "aborted" and not was_aborted:
        raise Refused("nobody aborted this run")
    place = whole(result.get("abortedAfter"))
    if result.get("abortedAfter") is not None and (place is None or place < 0):
        raise Refused("abortedAfter is the number of chunks that were sent before the abort came")
    return Outcome(Ending(result["ending"], _raised(result)), result.get("result", NOTHING), place)


def _marks(line: bytes) -> int:
    return line.count(b",") + line.count(b"[") + line.count(b"{")


def _raised(result: Mapping[str, Any]) -> dict[str, str] | None:
    """Return what was raised as every transcript has it; a ``code`` that is a number becomes text."""
    error = result.get("error")
    if error is None:
        return None
    if not isinstance(error, dict) or not all(isinstance(error.get(name), str) for name in ("name", "message")):
        raise Refused("error is an object with the texts name and message")
    told = {"name": error["name"], "message": error["message"]}
    code = error.get("code")
    return told | {"code": str(code)} if type(code) in {str, int} else told
