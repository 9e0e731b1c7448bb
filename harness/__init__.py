"""Conformance harness and protocol validator for LLM streaming adapters.

The public names are loaded when they are first used, so that ``streamchunk --help`` stays fast.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.judge import Verdict, Violation, judge
    from harness.protocol.reading import Reading
    from harness.protocol.transcript import Transcript

_HOMES = {
    "Reading": "harness.protocol.reading",
    "Transcript": "harness.protocol.transcript",
    "Verdict": "harness.judge",
    "Violation": "harness.judge",
    "judge": "harness.judge",
}

__all__ = ["Reading", "Transcript", "Verdict", "Violation", "judge"]


class _Package(ModuleType):
    """Importing ``harness.judge`` binds that module here, as Python does; the function of that name must win."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__


sys.modules[__name__].__class__ = _Package
