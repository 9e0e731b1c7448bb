"""Documents that a Cohere answer cites → ``source`` events, each document once."""

from __future__ import annotations

from typing import Any

from harness.protocol.events import Event
from harness.providers.fields import text_in
from harness.providers.message import NewId


class Sources:
    """Cited documents in, ``source`` events out.

    V2's parts have no word for the place of a citation, nor for the answer of a tool that is cited: they know addresses
    and titles. A document without either says nothing.
    """

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._told: set[tuple[str, str, str]] = set()

    def cite(self, id_: str, document: dict[str, Any]) -> list[Event]:
        """Return the source for a document, which Cohere knows by ``id_``; nothing where it was told before."""
        address, title = text_in(document, "url"), text_in(document, "title")
        if (not address and not title) or (id_, address, title) in self._told:
            return []
        self._told.add((id_, address, title))
        source: Event = {"type": "source", "id": self._new_id()}
        if address:
            return [source | {"sourceType": "url", "url": address, **({"title": title} if title else {})}]
        return [source | {"sourceType": "document", "mediaType": "text/plain", "title": title}]
