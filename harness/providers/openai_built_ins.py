"""Calls of OpenAI's built-in tools, and the sources that an answer names.

A ``function_call`` or ``custom_tool_call`` is a call of the client's own tools. Every other ``…_call`` is one of the
built-in tools and nothing that a client's function answers (R14), but for three that run at the client's:
``local_shell``, ``shell`` unless a container answers it, and ``apply_patch``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.protocol.events import Event
from harness.providers.exact_text import json_text
from harness.providers.fields import list_in, object_in, text_in
from harness.providers.message import NewId

_AT_THE_CLIENT = frozenset({"local_shell_call", "shell_call", "apply_patch_call"})
_INPUTS = ("action", "arguments", "code", "container_id", "operation", "prompt", "queries", "server_label")
_NO_RESULT = frozenset({"id", "type", "call_id", "name", *_INPUTS})
_XAI_TOOLS = frozenset(
    {
        "browse_page", "code_execution", "view_image", "view_x_video", "web_search", "web_search_with_snippets",
        "x_keyword_search", "x_semantic_search", "x_thread_fetch", "x_user_search",
    }
)  # fmt: skip


def is_built_in(item: dict[str, Any]) -> bool:
    """Tell whether an item is a call of a built-in tool; xAI sends its own searches as custom tool calls."""
    kind = text_in(item, "type")
    if kind == "custom_tool_call":
        return text_in(item, "name") in _XAI_TOOLS
    return kind.endswith("_call") and kind != "function_call"


def is_hosted(item: dict[str, Any]) -> bool:
    """Tell whether the provider runs a built-in tool."""
    return text_in(item, "type") not in _AT_THE_CLIENT


def built_in_call(item: dict[str, Any], new_id: NewId, *, hosted: bool) -> list[Event]:
    """Return the call of a built-in tool, and what came of it where the provider ran it.

    The id is the item's, or for a call that the client runs the ``call_id`` under which it answers.
    """
    kind, name = text_in(item, "type").removesuffix("_call"), text_in(item, "name")
    ids = text_in(item, "id"), text_in(item, "call_id")
    arguments = item.get("arguments", item.get("input"))
    if not isinstance(arguments, str):
        arguments = json_text({key: item[key] for key in _INPUTS if key in item})
    call: Event = {
        "type": "tool-call",
        "toolCallId": (ids[0] or ids[1] if hosted else ids[1] or ids[0]) or new_id(),
        "toolName": f"mcp.{name}" if kind == "mcp" else name or kind,
        "input": arguments,
    }
    if not hosted:
        return [call]
    result = {key: value for key, value in item.items() if key not in _NO_RESULT}
    answer = {"type": "tool-result", "toolCallId": call["toolCallId"], "toolName": call["toolName"], "result": result}
    return [call | {"providerExecuted": True}, answer | {"providerExecuted": True}]


def approval_request(item: dict[str, Any], new_id: NewId) -> list[Event]:
    """Return the call of a remote MCP tool that waits for the user, and the V3 part that asks for the answer."""
    id_ = text_in(item, "id") or new_id()
    arguments = text_in(item, "arguments") or json_text(object_in(item, "arguments"))
    return [
        {
            "type": "tool-call", "toolCallId": id_, "toolName": f"mcp.{text_in(item, 'name')}", "input": arguments,
            "providerExecuted": True,
        },
        {"type": "tool-approval-request", "approvalId": id_, "toolCallId": id_},
    ]  # fmt: skip


def texts_of(item: dict[str, Any], key: str) -> Iterator[tuple[int, str]]:
    """Yield place and words of the parts of an item's ``content`` or ``summary`` that have words."""
    for place, part in enumerate(list_in(item, key)):
        if words := text_in(part, "text") or text_in(part, "refusal"):
            yield place, words


def annotations_of(item: dict[str, Any]) -> Iterator[Any]:
    """Yield the annotations of a message's parts."""
    for part in list_in(item, "content"):
        yield from list_in(part, "annotations")


def source_of(annotation: Any, new_id: NewId) -> list[Event]:
    """Return the source that an annotation names, an address or a file; nothing for one that names neither."""
    if isinstance(nested := object_in(annotation, "url_citation") or annotation, dict):
        title = text_in(nested, "title")
        if url := text_in(nested, "url"):
            event: Event = {"type": "source", "sourceType": "url", "id": new_id(), "url": url}
            return [event | {"title": title} if title else event]
        if name := text_in(nested, "filename") or text_in(nested, "file_id"):
            return [
                {
                    "type": "source", "sourceType": "document", "id": new_id(), "mediaType": "text/plain",
                    "title": title or name, "filename": name,
                }
            ]  # fmt: skip
    return []
