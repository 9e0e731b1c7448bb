"""Tool arguments that Gemini streams path by path (``partialArgs``, Vertex) → one object."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from harness.providers.fields import list_in, text_in

_STEP = re.compile(r"""\.([^.\[\]]+)|\[(\d{1,9})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]""")
_DEEPEST = 100
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

Path: TypeAlias = tuple[str | int, ...]


class PartialArguments:
    """Collects ``{jsonPath, stringValue | numberValue | boolValue | nullValue, willContinue?}`` items.

    A string that ``willContinue`` is continued by the next item of its path; without it, a later item replaces an
    earlier one. List elements stand in the order of their indices. An item whose path is not understood is left out.
    """

    def __init__(self) -> None:
        self._values: dict[Path, Any] = {}
        self._growing: dict[Path, list[str]] = {}

    def add(self, call: dict[str, Any]) -> None:
        """Take the ``partialArgs`` of one ``functionCall``."""
        for item in list_in(call, "partialArgs"):
            path = _path(text_in(item, "jsonPath"))
            if not path:
                continue
            if isinstance(text := item.get("stringValue"), str):
                parts = self._growing.pop(path, [])
                parts.append(text)
                self._values[path] = parts
                if item.get("willContinue") is True:
                    self._growing[path] = parts
                continue
            self._growing.pop(path, None)
            self._values[path] = item.get("numberValue", item.get("boolValue"))

    def value(self) -> dict[str, Any]:
        """Return the object that the items describe."""
        root: dict[Any, Any] = {}
        for path, value in self._values.items():
            place = root
            for step in path[:-1]:
                inner = place.get(step)
                if not isinstance(inner, dict):
                    inner = place[step] = {}
                place = inner
            place[path[-1]] = "".join(value) if isinstance(value, list) else value
        return {str(key): _listed(value) for key, value in root.items()}


def _path(text: str) -> Path:
    """Read ``$.a[0]['b']``; return ``()`` for anything else."""
    steps: list[str | int] = []
    position = 1
    while position < len(text):
        step = _STEP.match(text, position)
        if step is None:
            return ()
        name, index, single, double = step.groups()
        steps.append(int(index) if index else name or _ESCAPED.sub(r"\1", single or double or ""))
        position = step.end()
    return tuple(steps) if text.startswith("$") and len(steps) <= _DEEPEST else ()


def _listed(value: Any) -> Any:
    """Replace objects whose keys are all indices by lists, in order."""
    if not isinstance(value, dict):
        return value
    if value and all(isinstance(key, int) for key in value):
        return [_listed(value[key]) for key in sorted(value)]
    return {str(key): _listed(item) for key, item in value.items()}
