"""Which part of the source a chunk came from, so that a finding can show it.

Chunks carry no pointer to their source, so it is found as a person would: a text chunk by how much text came before it,
a call and its result by their id, or a call by its place, and a terminal chunk by what ended the source.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from harness.cli.sources import Source
from harness.protocol.chunk_reading import appended
from harness.protocol.events import Event
from harness.protocol.json_text import line
from harness.protocol.events import worded
from harness.protocol.streamchunk import CONTENT, THINKING, TOOL_CALL, TOOL_RESULT
from harness.protocol.transcript import Record, Transcript
from harness.reports.findings import Origin
from harness.rules.rule import Finding
