"""Tools: TanStack's → AI SDK V2's, and their names there and back (§4, §11.2, R16).

§4 lets an adapter lower the case of names "when needed"; the name that comes back then matches no tool (ledger E18). We
read it as: a name that providers refuse is replaced, every other one stays, and what comes back is the consumer's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness.errors import InputError
from harness.protocol.events import Event
from harness.reference.circles import refuse_circles

_LONGEST = 64
_ACCEPTED = re.compile(rf"[a-zA-Z0-9_-]{{1,{_LONGEST}}}")
_REFUSED = re.compile(r"[^a-zA-Z0-9_-]")
_NO_INPUT = {"type": "object", "properties": {}}


class ToolNames:
    """One name for each tool on either side; only what providers refuse is renamed, and no two names meet.

    ``names`` are those that the consumer uses, in an order that decides who of two like ones gets the number. A name
    that is not among them is its own on both sides.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        known = dict.fromkeys(names)
        taken = {name for name in known if _ACCEPTED.fullmatch(name)}
        self._sent: dict[str, str] = {}
        for name in known:
            if name not in taken:
                self._sent[name] = _free(_REFUSED.sub("_", name)[:_LONGEST] or "_", taken)
                taken.add(self._sent[name])
        self._own = {sent: own for own, sent in self._sent.items()}

    def sent(self, name: str) -> str:
        """Return what a provider is told in place of the consumer's name."""
        return self._sent.get(name, name)

    def own(self, name: str) -> str:
        """Return the consumer's name for what a provider said."""
        return self._own.get(name, name)

    def restored(self, event: Event) -> Event:
        """Return a source event with the consumer's own name of the tool, where it names one that was renamed."""
        if not self._own or not isinstance(event, dict):
            return event
        name = event.get("toolName")
        return event | {"toolName": self._own[name]} if isinstance(name, str) and name in self._own else event


def _free(name: str, taken: set[str]) -> str:
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name[: _LONGEST - len(str(number)) - 1]}_{number}"
    return candidate


def names_in(options: Mapping[str, Any]) -> Iterator[str]:
    """Yield every tool's name in a request, of its tools first and then of the calls in its messages.

    Passes over what has another shape: whoever converts it says what is wrong.
    """
    yield from _texts(options.get("tools"), "name")
    for message in _mappings(options.get("messages")):
        for call in _mappings(message.get("toolCalls")):
            yield from _texts([call.get("function")], "name")
        yield from _texts([message], "name") if message.get("role") == "tool" else ()


def convert_tools_to_ai_sdk(tools: Iterable[Mapping[str, Any]], names: ToolNames | None = None) -> list[dict[str, Any]]:
    """Return tools as V2's call options want them: ``{type: "function", name, description?, inputSchema}``.

    §11.2 writes ``parameters``, which the SDK drops without a word (ledger A4); we read it as ``inputSchema``. A tool
    without a schema takes no input, and says so, since Anthropic asks every tool for one. Names stay as they are
    without ``names``, because only whoever keeps the map can take a renaming back (R16). ``needsApproval`` is the
    adapter's.
    Raises :class:`InputError` for a tool without a name, a description that is no text, and a schema that is no object
    or contains itself.
    """
    names = names or ToolNames()
    return [_converted(tool, f"tools[{place}]", names) for place, tool in enumerate(_listed(tools))]


def _listed(tools: object) -> Iterable[object]:
    if isinstance(tools, Iterable) and not isinstance(tools, str | bytes | Mapping):
        return tools
    raise InputError(f"tools are a list, and not a {type(tools).__name__}")


def _converted(tool: object, place: str, names: ToolNames) -> dict[str, Any]:
    if not isinstance(tool, Mapping):
        raise InputError(f"{place} is no object")
    name, description, schema = tool.get("name"), tool.get("description"), tool.get("inputSchema")
    if not isinstance(name, str) or not name:
        raise InputError(f"{place} has no name")
    if schema is not None and not isinstance(schema, Mapping):
        raise InputError(
            f"{place} ({name}): its inputSchema is a {type(schema).__name__}, and not a JSON Schema object"
        )
    refuse_circles(schema, "$", f"{place} ({name}): its inputSchema, ")
    converted: dict[str, Any] = {"type": "function", "name": names.sent(name)}
    if description is not None:
        if not isinstance(description, str):
            raise InputError(f"{place} ({name}): its description is a {type(description).__name__}, and not text")
        converted["description"] = description
    return converted | {"inputSchema": dict(_NO_INPUT if schema is None else schema)}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def _texts(values: object, key: str) -> Iterator[str]:
    for item in _mappings(values):
        if isinstance(text := item.get(key), str) and text:
            yield text
