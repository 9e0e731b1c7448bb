"""What a running application is asked: the body that TanStack's client posts, and where it is posted to.

``fetchServerSentEvents`` and ``fetchHttpStream`` of ai-client 0.2 post ``{messages, data, …}``: the conversation, what
the client adds to it (its ``conversationId``), and beside them whatever the page wants its server to know. The other
members of a case's request stand there too, so that an application may use them; how a provider is reached
(``modelOptions.apiKey``, ``url`` and their like) is the application's own business and stays out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx

from harness.errors import CannotConnect
from harness.protocol.json_text import line

ACCEPTED = "text/event-stream, application/x-ndjson"
COMPRESSED = "gzip, deflate, br, zstd"
"""What a browser takes too."""

_CONNECTION = frozenset({"apiKey", "url", "headers", "timeout", "maxRetries"})
"""The options of §2, which say how a provider is reached."""


def address(text: str) -> httpx.URL:
    """Return the address of an application; raises :class:`CannotConnect` for what is none."""
    said = place(text)
    try:
        url = httpx.URL(text)
        host, port = url.host, url.port
    except (httpx.InvalidURL, ValueError) as error:
        why = f": {error}" if said == text else ""  # it may quote what is left out
        raise CannotConnect(f"{said!r:.200} is no address{why}; {_WRITE}") from None
    if url.scheme not in {"http", "https"} or not host or not (port is None or 0 < port <= _LAST_PORT):
        raise CannotConnect(f"{said!r:.200} is no address of a running application; {_WRITE}")
    return url


_LAST_PORT = 65_535
_WRITE = "write http://HOST:PORT/PATH, such as http://127.0.0.1:3000/api/chat"


def shown(url: httpx.URL) -> str:
    """Return an address as it may be shown: without a user, a password and a query, which may hold a key."""
    return str(url.copy_with(userinfo=b"", query=None, fragment=None))


def place(text: str) -> str:
    """Return what may be shown of a text that ought to be an address, as :func:`shown` says one that is."""
    return re.sub(r"//.*@", "//", text).partition("?")[0].partition("#")[0]


def body_of(request: Mapping[str, Any], conversation: str) -> bytes:
    """Return the JSON body that asks for a case's request, as one ``conversation`` of its own."""
    options = request.get("modelOptions")
    body = {
        "messages": request.get("messages", []),
        "data": {"conversationId": conversation},
        **{name: value for name, value in request.items() if name not in {"messages", "data", "modelOptions"}},
    }
    if isinstance(options, Mapping) and (own := {key: options[key] for key in options if key not in _CONNECTION}):
        body["modelOptions"] = own
    return line(body).encode()
