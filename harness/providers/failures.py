"""The failures that no wire owns: HTTP error bodies, messages that are not JSON, bytes that cannot be framed."""

from __future__ import annotations

from typing import Any, NamedTuple

from harness.protocol.events import Event
from harness.providers.fields import list_in, text_in

_ANSWERS = {"choices", "candidates", "usageMetadata", "promptFeedback"}
_PREVIEW = 80


class Malformed(NamedTuple):
    """What stands in a message's ``data`` when there is no JSON: a readable message and a code."""

    message: str
    code: str


def malformed(text: str, why: ValueError) -> Malformed:
    """Return what to say of a text that is not JSON (R21: readable; R22: a preview, not the whole)."""
    preview = text if len(text) <= _PREVIEW else text[:_PREVIEW] + "…"
    return Malformed(f"the provider sent text that is not JSON ({why}): {preview}", "INVALID_JSON")


def error_event(error: Any) -> Event:
    """Return the ``error`` event that carries what a provider said, as it said it."""
    return {"type": "error", "error": error}


def failure_in(name: str, data: Any) -> Any:
    """Return the error that a message carries in a form common to all wires, or None.

    Known are ``{error: object or text}``, ``{errors: […]}`` (Cloudflare, watsonx), ``{detail: text or list}``,
    ``{message, type?, code?}``, ``{__type, Message}`` (AWS), a list of one such object, and whatever comes under the
    SSE name ``error``. A message that also carries an answer is left to its wire.
    """
    if isinstance(data, Malformed):
        return data._asdict()
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    if isinstance(data, dict) and not data.keys() & _ANSWERS and data.get("object") != "response":
        if (error := data.get("error")) and isinstance(error, dict | str):
            return error
        for first in list_in(data, "errors")[:1]:
            if first and isinstance(first, dict | str):
                return first
        if (detail := data.get("detail")) and isinstance(detail, str | list):
            return {"message": detail if isinstance(detail, str) else _joined(detail)}
        if text_in(data, "message"):
            return data
        if (name_of := text_in(data, "__type")) and (said := text_in(data, "Message")):
            return {"message": said, "code": name_of.rpartition("#")[2]}
    return data if name == "error" and isinstance(data, dict | str) and data else None


def _joined(details: list[Any]) -> str:
    texts = [detail if isinstance(detail, str) else text_in(detail, "msg") for detail in details]
    return "; ".join(filter(None, texts)) or "the provider rejected the request"
