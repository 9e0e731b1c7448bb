"""The default target: the reference, with a real clock and real ids.

``python:harness.bundled:adapter`` is an implementation like any other, driven and judged in the same way.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from typing import Any

from harness.protocol.streamchunk import Chunk
from harness.reference.growing import as_json
from harness.reference.transformer import Transformer

_LOG = logging.getLogger(__name__)
_UNNAMED_MODEL = "unknown"


class ReferenceAdapter:
    """The reference as an in-process target: source events and a request in, chunks out."""

    name = "reference"
    dialect = "streamchunk"
    profile = "spec"

    async def transform(self, events: AsyncIterable[Any], request: Mapping[str, Any]) -> AsyncIterator[Chunk]:
        """Yield the chunks of one response, each with its whole ``content``.

        What the source raises becomes the one ``error`` chunk (§6.8, R22). The source is closed as soon as the
        terminal chunk is out, or the consumer goes away.
        """
        model = request.get("model")
        transformer = Transformer(
            model=model if isinstance(model, str) and model else _UNNAMED_MODEL,
            now=_milliseconds,
            new_id=_response_id,
            on_note=_LOG.info,
        )
        source = aiter(events)
        try:
            while not transformer.ended:
                try:
                    event = await anext(source)
                except StopAsyncIteration:
                    chunks = transformer.close()
                except Exception as error:  # noqa: BLE001 - whatever a source raises, its client gets an error chunk
                    chunks = transformer.fail(error)
                else:
                    chunks = transformer.feed(event)
                for chunk in chunks:
                    yield as_json(chunk)
        finally:
            await _closed(source)


async def _closed(source: AsyncIterator[Any]) -> None:
    """Close a source that can be closed; one that fails at it changes nothing about an answer that is out."""
    close = getattr(source, "aclose", None)
    if close is not None:
        with contextlib.suppress(Exception):
            await close()


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


def _response_id() -> str:
    """Make an id of the form that §5 gives."""
    return f"mastra-{_milliseconds()}-{secrets.token_hex(4)}"


adapter = ReferenceAdapter()
