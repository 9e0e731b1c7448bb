"""Options as their user wrote them → options that can be looked at more than once (§8).

Names are mapped, questions prepared and requests written from the same messages and tools, each by somebody else; what
can be read only once, or is listed in another way than they expect, would pass some of them by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.errors import InputError


def read_options(options: object) -> dict[str, Any]:
    """Return a copy of TanStack's ``TextOptions`` whose ``messages`` and ``tools`` are lists.

    Raises :class:`InputError` for options that are no object, for messages and tools that are no list (any iterable
    is one, but for text and objects), for no message at all, and for a ``needsApproval`` that is neither true nor
    false: whoever writes ``"yes"`` means to be asked, and a guess either way would be a tool that runs unasked, or one
    that never does.
    """
    if not isinstance(options, Mapping):
        raise InputError(f"options are an object, and not a {type(options).__name__}")
    read = dict(options)
    read["messages"] = _listed(read.get("messages"), "messages")
    if not read["messages"]:
        raise InputError("messages are empty: there is nothing to answer")
    if read.get("tools") is not None:
        read["tools"] = _listed(read["tools"], "tools")
        for number, tool in enumerate(read["tools"]):
            _refuse_a_vague_need(tool, f"tools[{number}]")
    return read


def _listed(given: object, name: str) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, Iterable) or isinstance(given, str | bytes | bytearray | Mapping):
        raise InputError(f"{name} are a list, and not a {type(given).__name__}")
    try:
        return list(given)
    except Exception as error:  # the caller's own iterable, which may raise anything
        raise InputError(f"{name} cannot be read: {type(error).__name__}") from error


def _refuse_a_vague_need(tool: object, place: str) -> None:
    if not isinstance(tool, Mapping):
        return
    needs, name = tool.get("needsApproval"), tool.get("name")
    if needs is not None and not isinstance(needs, bool):
        whose = f"{place} ({name})" if isinstance(name, str) else place
        raise InputError(f"{whose}: its needsApproval is a {type(needs).__name__}, and not true or false")
