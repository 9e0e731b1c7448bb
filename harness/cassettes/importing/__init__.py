"""Other people's recordings: which format a file has, and what is in it. Nothing here knows the providers' wires."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from harness.cassettes.importing import body, chunk_lines, chunk_log, go_vcr, har, nock, vcr_rb, vcrpy
from harness.cassettes.importing.found import Bare, Chunks, Exchanges, Found, LeftOut, Messages
from harness.cassettes.importing.source import Source

__all__ = ["FORMATS", "Bare", "Chunks", "Exchanges", "Format", "Found", "LeftOut", "Messages", "Source", "format_of"]


class Format(NamedTuple):
    """One format: its name, what people call it, what tells it by its content, and its reader.

    ``looks`` takes any bytes and never raises; it is true of a file that is broken, too, if one can see what it was to
    be. ``read`` takes the folder in which files may lie that this one names; it raises :class:`InputError` and
    :class:`harness.cassettes.parsing.Misshapen`, neither of which names the file.
    """

    name: str
    caption: str
    looks: Callable[[Source], bool]
    read: Callable[[Source, Path], Found]


_ALL = (
    Format("har", "HAR or Polly.js", har.looks, har.read),
    Format("vcr", "Ruby's VCR or betamax", vcr_rb.looks, vcr_rb.read),
    Format("go-vcr", "go-vcr", go_vcr.looks, go_vcr.read),
    Format("vcrpy", "vcrpy or pytest-recording", vcrpy.looks, vcrpy.read),
    Format("nock", "nock", nock.looks, nock.read),
    Format("tanstack", "TanStack's ChunkRecording or another chunk log", chunk_log.looks, chunk_log.read),
    Format("aisdk", "the AI SDK's .chunks.txt", chunk_lines.looks, chunk_lines.read),
    Format("body", "the body of a provider's answer", body.looks, body.read),
)

FORMATS: Mapping[str, Format] = MappingProxyType({one.name: one for one in _ALL})
"""Every format by its name, in the order in which they are tried: the surest first."""


def format_of(source: Source) -> Format | None:
    """Return the format that a file has, told by its content alone, or None for an empty one."""
    return next((one for one in _ALL if one.looks(source)), None)
