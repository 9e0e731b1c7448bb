"""Schemas of tools that nobody can read, or a provider refuses: said with the place before anything is sent (§4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from harness.errors import InputError
from harness.reference.structured.keywords import Schema, every, pointed_at

_OPENAI = frozenset({"openai", "azure", "azure-openai"})
_ANCHORS = ("$anchor", "$dynamicAnchor")


def refuse_unusable_schemas(tools: Iterable[Mapping[str, Any]], provider: str) -> None:
    """Raise :class:`InputError` for a schema that leads nowhere, and for one that goes to OpenAI and holds ``oneOf``.

    ``tools`` are a request's own, which :func:`harness.reference.tools.convert_tools_to_ai_sdk` has taken. A ``$ref``
    within a schema that leads only to other such, or to nothing, describes no input at any provider. One out of the
    schema may be known where it goes to, and recursion through a property or an item has an end. §14.3 says of OpenAI's
    schemas that they know no ``oneOf``; who speaks OpenAI's API may know it.
    """
    for number, tool in enumerate(tools):
        if (schema := tool.get("inputSchema")) is None:
            continue
        root, whose = dict(schema), f"tools[{number}] ({tool['name']}): its inputSchema, "
        nodes = list(every(root))
        if not any("$id" in node for _, node in nodes[1:]):  # it changes where the references around it start
            _refuse_lost_references(root, nodes, whose)
        for path, node in nodes if provider in _OPENAI else ():
            if "oneOf" in node:
                raise InputError(f"{whose}{path}: oneOf is not supported in OpenAI's schemas")


def _refuse_lost_references(root: Schema, nodes: list[tuple[str, Schema]], whose: str) -> None:
    anchors = {f"#{name}": node for _, node in nodes for word in _ANCHORS if isinstance(name := node.get(word), str)}
    known: set[str] = set()
    for path, node in nodes:
        followed: dict[str, None] = {}
        ref = node.get("$ref")
        while isinstance(ref, str) and ref.startswith("#") and ref not in known:
            if ref in followed:
                way = " → ".join([*followed, ref])
                raise InputError(f"{whose}{path}: circular $ref, which never comes to a schema: {way}")
            followed[ref] = None
            target = _target(root, anchors, ref)
            if not isinstance(target, dict | bool):
                raise InputError(f"{whose}{path}: $ref {ref!r} leads to {'nothing' if target is None else 'no schema'}")
            ref = target.get("$ref") if isinstance(target, dict) else None
        known |= followed.keys()


def _target(root: Schema, anchors: Mapping[str, Schema], ref: str) -> Any:
    """Return what a local reference leads to, None for nothing."""
    pointer = unquote(ref[1:])
    if pointer and not pointer.startswith("/"):
        return anchors.get(unquote(ref))
    try:
        return pointed_at(root, pointer)
    except LookupError:
        return None
