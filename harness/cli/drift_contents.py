"""What an output says, and of what shape that is: what a newer recording may say in other words, and what it may not.

A live model says other words each time. So of a text only counts whether there is one and whether it is JSON, of a
call's arguments which members they have and of which types; where it is to be exact, words and values count as well.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.protocol.exact_json import parsed, same_text
from harness.protocol.json_text import line
from harness.protocol.reading import Reading, ToolCall
from harness.providers.shape_changes import Change, told_difference

_ITEMS = "[]"


def content_changes(old: Reading, new: Reading, *, exact: bool) -> Iterator[Change]:
    """Yield in what the contents of two outputs differ, with ``exact`` also where only words and values do.

    Calls are compared by their places, and only those of one name: another name is told already.
    """
    for what, told in [*_FACTS.items(), *(_VALUES.items() if exact else ())]:
        yield from told_difference(what, told(old), told(new))
    for number, (one, other) in enumerate(zip(old.tool_calls, new.tool_calls, strict=False), 1):
        if one.name == other.name:
            yield from _of_arguments(f"arguments of call {number} ({one.name})", one, other, exact=exact)


def _of_arguments(where: str, one: ToolCall, other: ToolCall, *, exact: bool) -> Iterator[Change]:
    before, after = _structure(one.arguments), _structure(other.arguments)
    for path in dict.fromkeys([*before, *after]):
        if not (_is_of_no_item(path, before) or _is_of_no_item(path, after)):
            yield from told_difference(f"{where}: {path}" if path else where, before.get(path), after.get(path))
    if exact and not same_text(one.arguments, other.arguments):
        yield Change("changed", f"{where}, their values", one.arguments, other.arguments)


def _structure(text: str) -> dict[str, str]:
    """Return the types of the values in a JSON text by their places, such as ``to[].name``."""
    try:
        value = parsed(text)
    except ValueError:
        return {"": "not JSON"}
    types: dict[str, set[str]] = {}
    left = deque([("", value)])
    while left:
        path, value = left.popleft()
        types.setdefault(path, set()).add(_type_of(value))
        if isinstance(value, Mapping):
            left += [(f"{path}.{name}" if path else name, inner) for name, inner in value.items()]
        elif isinstance(value, list):
            left += [(f"{path}{_ITEMS}", inner) for inner in value]
    return {path: "|".join(sorted(found)) for path, found in types.items()}


def _is_of_no_item(path: str, structure: Mapping[str, str]) -> bool:
    """Tell whether a place lies in a list that is there and empty: nobody knows what its items would have been."""
    lists = (path[:end] for end in range(len(path)) if path.startswith(_ITEMS, end))
    return any("array" in structure.get(name, "") and f"{name}{_ITEMS}" not in structure for name in lists)


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Mapping):
        return "object"
    return "array" if isinstance(value, list) else "number"


def _kind_of(said: str) -> str | None:
    """Return what a text is. JSON is what has members or items: a model that says ``42`` was not told to say JSON."""
    if not said.strip():
        return "blank" if said else None
    try:
        kind = _type_of(parsed(said))
    except ValueError:
        return "words"
    return f"a JSON {kind}" if kind in ("object", "array") else "words"


def _usage(got: Reading) -> str | None:
    if got.usage is None:
        return None
    return "counted" if any((got.usage.prompt_tokens, got.usage.completion_tokens, got.usage.total_tokens)) else "zeros"


_FACTS: Mapping[str, Callable[[Reading], str | None]] = {
    "tools called": lambda got: ", ".join(call.name for call in got.tool_calls) or None,
    "text": lambda got: _kind_of(got.text),
    "reasoning": lambda got: _kind_of(got.reasoning),
    "usage": _usage,
}


def _tokens(got: Reading) -> str | None:
    usage = got.usage
    if usage is None:
        return None
    return f"{usage.prompt_tokens} prompt, {usage.completion_tokens} completion, {usage.total_tokens} total"


def _failure(got: Reading) -> str | None:
    return None if got.error is None else f"{got.error.message} ({got.error.code})"


_VALUES: Mapping[str, Callable[[Reading], str | None]] = {
    "the text's words": lambda got: line(got.text) if got.text else None,
    "the reasoning's words": lambda got: line(got.reasoning) if got.reasoning else None,
    "tokens": _tokens,
    "the error's words": _failure,
}
