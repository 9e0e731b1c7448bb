"""A ``file`` part → what is attached: a URL or base64, with its media type (ledger A9).

AI SDK V2 has one word for images, sounds, films and documents, and the media type says which. Without one no provider
can be told what it gets, so it is refused; half a type, ``image/*``, is enough for a URL and not for base64.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

from harness.errors import InputError

Kind = Literal["image", "audio", "video", "document"]

_MEDIA_TYPE = re.compile(r"([a-z0-9][a-z0-9!#$&^_.+-]*)/([a-z0-9][a-z0-9!#$&^_.+-]*|\*)", re.IGNORECASE)
_DATA_URI = re.compile(r"data:([^;,]*)((?:;[^;,]*)*),", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file: ``url`` or ``data`` (base64), one of the two; ``filename`` where somebody named it."""

    media_type: str
    place: str
    url: str | None = None
    data: str | None = None
    filename: str | None = None

    @property
    def kind(self) -> Kind:
        """What the media type makes of it; whatever is no image, sound or film is a document."""
        match self.media_type.partition("/")[0]:
            case "image":
                return "image"
            case "audio":
                return "audio"
            case "video":
                return "video"
        return "document"

    @property
    def data_uri(self) -> str:
        """The base64 as one text with its media type (RFC 2397)."""
        return f"data:{self.media_type};base64,{self.data}"

    def refused(self, wire: str, takes: str) -> InputError:
        """Return the error for a file that a wire has no form for; ``takes`` says what it has one for."""
        form = "by URL" if self.url is not None else "as base64"
        return InputError(f"{self.place}: {wire} takes {takes}, and no {self.media_type} {form}")


def attached(part: Mapping[str, Any], place: str) -> Attached:
    """Return the file of a part; raises :class:`InputError` for one without data or without a media type.

    A ``data:`` URI is the base64 that it holds, and says its own media type (RFC 2397).
    """
    data, media_type, filename = part.get("data"), part.get("mediaType"), part.get("filename")
    if not isinstance(data, str) or not data.strip():
        raise InputError(f"{place}.data is missing; a file's data is a URL or base64")
    data = data.strip()
    inline = _DATA_URI.match(data)
    if inline is not None:
        media_type = inline[1].strip() or media_type
        data = data[inline.end() :]
        if ";base64" not in inline[2].lower():
            data = base64.b64encode(unquote_to_bytes(data)).decode()
    elif data[:5].lower() == "data:":
        raise InputError(f"{place}.data is no whole data: URI")
    by_url = inline is None and "://" in data
    if not data:
        raise InputError(f"{place}.data holds nothing")
    checked = _checked_media_type(media_type, place, whole=not by_url)
    name = filename if isinstance(filename, str) and filename else None
    return Attached(checked, place, url=data if by_url else None, data=None if by_url else data, filename=name)


def _checked_media_type(media_type: object, place: str, *, whole: bool) -> str:
    if not isinstance(media_type, str) or not media_type.strip():
        raise InputError(f"{place}.mediaType is missing; say what the file is, such as image/png")
    bare = media_type.partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(bare):
        raise InputError(f"{place}.mediaType {media_type[:80]!r} is no media type such as image/png")
    if whole and bare.endswith("/*"):
        raise InputError(f"{place}.mediaType {bare!r} tells only half; base64 needs a whole one, such as image/png")
    return bare
