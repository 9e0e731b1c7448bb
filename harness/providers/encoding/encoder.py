"""The shape of an encoder: source events in, the bytes of a response body out."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from harness.protocol.events import Event
from harness.stage import Stage


class Labels(NamedTuple):
    """What an answer says of itself: ``created`` is in seconds since 1970."""

    id: str = "answer-1"
    model: str = "test-model-1"
    created: int = 1_750_000_000


UNLABELLED = Labels()
"""What an answer calls itself where nobody cares."""

Encoder: TypeAlias = Stage[Event, bytes]
"""Source events (V2 stream parts) in; pieces of a response body out, a message of the wire in each.

``close`` writes what only the end of an answer writes, such as ``[DONE]``, and nothing where no ``finish`` or ``error``
came: the body is then cut. ``error`` becomes the wire's own error in the stream. An event that the wire has no words
for raises :class:`harness.errors.InputError`, which names it; those that nobody writes (``stream-start``, ``raw``) are
passed over.
"""
