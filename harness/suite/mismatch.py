"""One expectation that was not met, and how its two sides are written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from harness.protocol.transcript import NOTHING


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One expectation that was not met: its key in the case file, and both sides as texts for a person."""

    field: str
    expected: str
    seen: str


def allowed(choice: Any) -> list[Any]:
    """Return all answers that are right, where a case names one or a list."""
    return choice if isinstance(choice, list) else [choice]


def choice(choice: Any) -> str:
    """Return the same as text."""
    return " or ".join(shown(one) for one in allowed(choice))


def shown(value: Any) -> str:
    """Return a JSON value as compact text, and what is no value as that word."""
    return "nothing" if value is NOTHING else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
