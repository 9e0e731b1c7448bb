"""Schemas of tools that a provider is known to refuse: said before anything is sent, and with the place (§4, R22)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.errors import InputError
from harness.reference.structured.keywords import every

_OPENAI = frozenset({"openai", "azure", "azure-openai"})


def refuse_what_openai_refuses(tools: Iterable[Mapping[str, Any]], provider: str) -> None:
    """Raise :class:`InputError` for ``oneOf`` in the schema of a tool that goes to OpenAI; let all else pass.

    §14.3 says of OpenAI's schemas that they know no ``oneOf``. A provider that speaks OpenAI's API may know it.
    """
    if provider not in _OPENAI:
        return
    for tool in tools:
        for path, schema in every(tool.get("inputSchema")):
            if "oneOf" in schema:
                raise InputError(f"the tool {tool.get('name')!r}: {path}: oneOf is not supported in OpenAI's schemas")
