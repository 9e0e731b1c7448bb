"""What lies beside a body and tells of it: ``NAME.request.json`` and ``NAME.meta.json``.

Of the second are read: ``api`` (a wire), ``model``, ``host`` and ``endpoint``, ``http_status``, ``content_type``,
``provenance``, and ``chunk_lengths``, the bytes of the pieces in which the network gave the body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.cassettes.importing import Source
from harness.cassettes.importing.member import Member
from harness.cassettes.parsing import Misshapen, Provenance
from harness.cli.files import STDIN, whole
from harness.errors import InputError
from harness.providers import OUT_OF_SCOPE, WIRES

ENDINGS = (
    ".chunks.jsonl", ".chunks.txt", ".jsonarray.json", ".error.json", ".sse", ".ndjson", ".jsonl", ".eventstream",
    ".json", ".txt", ".har", ".yaml", ".yml", ".log", ".bin", ".stream",
)  # fmt: skip
"""What the name of a recording may end with, the longest first."""

_PROVENANCES: Mapping[str, Provenance] = {
    "recorded": "recorded",
    "recorded-normalised": "recorded-parsed",
    "recorded-parsed": "recorded-parsed",
    "fixture-handmade": "synthetic",
    "synthetic": "synthetic",
}
"""Words for where a body comes from; one that is not here says nothing."""

_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?")
_PATH = re.compile(r"/[\x21-\x7e]*")


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of a body from the files beside it; None, or nothing, where they do not say."""

    wire: str | None = None
    model: str | None = None
    uri: str | None = None
    status: int | None = None
    content_type: str | None = None
    provenance: Provenance | None = None
    lengths: tuple[int, ...] = ()
    request: bytes | None = field(default=None, repr=False)


def stem_of(name: str) -> str:
    """Return what a recording is called: its file's name without what such names end with."""
    plain = Path(name).name.removesuffix(".gz")
    return next((plain.removesuffix(end) for end in ENDINGS if plain.endswith(end) and plain != end), plain)


def beside(name: str) -> Beside:
    """Return what lies beside a file; raises :class:`InputError` that names what cannot be read."""
    if name == STDIN:
        return Beside()
    folder, stem = Path(name).parent, stem_of(name)
    request, meta = _content(folder / f"{stem}.request.json"), _content(folder / f"{stem}.meta.json")
    if meta is None:
        return Beside(request=request)
    try:
        return _told(Member(Source(meta).whole_json()), request)
    except (InputError, Misshapen) as error:
        raise InputError(f"{stem}.meta.json: {error}") from None


def _content(path: Path) -> bytes | None:
    try:
        return whole(str(path)) if path.is_file() else None
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None
    except (OSError, ValueError):  # a name that is too long, or has a NUL character
        return None


def _told(meta: Member, request: bytes | None) -> Beside:
    wire, model = meta["api"].text(""), meta["model"].text("")
    host, path = meta["host"].text(""), meta["endpoint"].text("")
    lengths = []
    for member in meta["chunk_lengths"].items() if meta["chunk_lengths"].is_there else ():
        if type(member.value) is not int or member.value < 0:
            raise member.wrong("a number of bytes")
        lengths.append(member.value)
    return Beside(
        wire=wire if wire in WIRES or wire in OUT_OF_SCOPE else None,
        model=model or None,
        uri=f"https://{host}{path}" if _HOST.fullmatch(host) and _PATH.fullmatch(path) else None,
        status=meta["http_status"].status() if meta["http_status"].is_there else None,
        content_type=meta["content_type"].text("") or None,
        provenance=_PROVENANCES.get(meta["provenance"].text("")),
        lengths=tuple(lengths),
        request=request,
    )
