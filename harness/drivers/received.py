"""A line from a shim → a message, and the result of a ``run`` → how it ended; or why it is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.protocol.json_text import FaultsOf, NotJson, decoded_parts
from harness.protocol.transcript import NOTHING, Ending, EndingKind

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


def outcome_of(result: Any, *, was_aborted: bool) -> Outcome:
    """Return the result of ``run``; raises :class:`Refused`."""
    if not isinstance(result, dict) or result.get("ending") not in _ENDINGS:
        raise Refused(f"the result of run is an object whose ending is one of {', '.join(_ENDINGS)}")
    if result["ending"] == "aborted" and not was_aborted:
        raise Refused("nobody aborted this run")
    place = result.get("abortedAfter")
    if place is not None and (type(place) is not int or place < 0):
        raise Refused("abortedAfter is the number of chunks that were sent before the abort came")
    return Outcome(Ending(result["ending"], _raised(result)), result.get("result", NOTHING), place)


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
