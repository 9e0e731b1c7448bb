"""The reference over real HTTP, with a real clock and real ids: an adapter to use, and the default target.

:class:`MastraTextAdapter` and :func:`mastra_text` are §2's public API. ``python:harness.bundled:adapter`` is an
implementation like any other, driven and judged in the same way.
"""

from __future__ import annotations

from harness.bundled.composition import MastraTextAdapter, mastra_text
from harness.bundled.interruption import AbortController
from harness.bundled.target import ReferenceAdapter

__all__ = ["AbortController", "MastraTextAdapter", "ReferenceAdapter", "adapter", "mastra_text"]

adapter = ReferenceAdapter()
