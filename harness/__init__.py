"""Conformance harness and protocol validator for LLM streaming adapters.

The public names are loaded when they are first used, so that ``streamchunk --help`` stays fast.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.bundled import AbortController, MastraTextAdapter, mastra_text
    from harness.errors import InputError, ModelError, NoSuchModel, StructuredOutputError
    from harness.judge import Verdict, Violation, judge
    from harness.protocol.reading import Reading
    from harness.protocol.transcript import Transcript
    from harness.reference.chunks import (
        to_approval_requested_chunk,
        to_content_chunk,
        to_done_chunk,
        to_error_chunk,
        to_thinking_chunk,
        to_tool_call_chunk,
        to_tool_result_chunk,
    )
    from harness.reference.messages import convert_to_ai_sdk_messages
    from harness.reference.options import MastraTextProviderOptions
    from harness.reference.tools import convert_tools_to_ai_sdk

_HOMES = {
    "AbortController": "harness.bundled",
    "InputError": "harness.errors",
    "MastraTextAdapter": "harness.bundled",
    "MastraTextProviderOptions": "harness.reference.options",
    "ModelError": "harness.errors",
    "NoSuchModel": "harness.errors",
    "Reading": "harness.protocol.reading",
    "StructuredOutputError": "harness.errors",
    "Transcript": "harness.protocol.transcript",
    "Verdict": "harness.judge",
    "Violation": "harness.judge",
    "convert_to_ai_sdk_messages": "harness.reference.messages",
    "convert_tools_to_ai_sdk": "harness.reference.tools",
    "judge": "harness.judge",
    "mastra_text": "harness.bundled",
    "to_approval_requested_chunk": "harness.reference.chunks",
    "to_content_chunk": "harness.reference.chunks",
    "to_done_chunk": "harness.reference.chunks",
    "to_error_chunk": "harness.reference.chunks",
    "to_thinking_chunk": "harness.reference.chunks",
    "to_tool_call_chunk": "harness.reference.chunks",
    "to_tool_result_chunk": "harness.reference.chunks",
}

__all__ = [
    "AbortController",
    "InputError",
    "MastraTextAdapter",
    "MastraTextProviderOptions",
    "ModelError",
    "NoSuchModel",
    "Reading",
    "StructuredOutputError",
    "Transcript",
    "Verdict",
    "Violation",
    "convert_to_ai_sdk_messages",
    "convert_tools_to_ai_sdk",
    "judge",
    "mastra_text",
    "to_approval_requested_chunk",
    "to_content_chunk",
    "to_done_chunk",
    "to_error_chunk",
    "to_thinking_chunk",
    "to_tool_call_chunk",
    "to_tool_result_chunk",
]


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
