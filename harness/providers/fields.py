"""A provider's JSON, read without trust: what is missing or of another type is the empty value of that type."""

from __future__ import annotations

from typing import Any

from harness.protocol.events import Event


def object_in(value: Any, key: str) -> dict[str, Any]:
    """Return the object at ``key`` of an object, else ``{}``."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def list_in(value: Any, key: str) -> list[Any]:
    """Return the list at ``key`` of an object, else ``[]``."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def text_in(value: Any, key: str) -> str:
    """Return the text at ``key`` of an object, else ``""``."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def named(id_: str, model: str) -> Event:
    """Return the ``response-metadata`` of an answer, without ``modelId`` where no model is known."""
    event: Event = {"type": "response-metadata", "id": id_}
    return event | {"modelId": model} if model else event


def count_in(value: Any, key: str) -> int | float | None:
    """Return the number at ``key`` of an object, else None; a boolean is no number."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None
