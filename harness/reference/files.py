"""Images, sounds, films and documents of a TanStack message → V2's one form for all of them (§4, §6.6, §11.1).

§4 writes ``image``, ``audio`` and ``video`` parts, which reach the wire as ``null`` (ledger A9): V2 knows only
``{type: "file", data, mediaType}``. So the media type has to be known, and is never guessed from the bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from harness.errors import InputError

_PDF = "application/pdf"
_BY_EXTENSION = {
    "image": {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"},
    "audio": {"mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg", "flac": "audio/flac"},
    "video": {"mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime"},
    "document": {"pdf": _PDF},
    "pdf": {"pdf": _PDF},
}
KINDS = frozenset(_BY_EXTENSION)
"""The types of parts that are files; ``pdf`` is models.dev's word for a ``document`` (§6.6)."""


def file_part(part: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Return ``{type: "file", data, mediaType}`` of a part ``{type, source: {type, value, mimeType?}, metadata?}``.

    ``data`` is the URL, or base64; a ``data:`` URI is taken apart, wherever it stands. The media type is that of the
    ``data:`` URI, else the source's ``mimeType``, else the metadata's ``mimeType`` or ``mediaType``. What a URL points
    at may go without: its extension counts where it agrees with the part's type, and an image is else ``image/*``, as
    in the AI SDK. Raises :class:`InputError`, which names ``place``, where nobody tells the media type, and for a
    source of another shape.
    """
    kind, source = part["type"], part.get("source")
    where = f"{place} ({kind})"
    if not isinstance(source, Mapping):
        raise InputError(f"{where} has no source")
    form, value, stated = source.get("type"), source.get("value"), _stated(source, part.get("metadata"))
    if not isinstance(form, str) or form not in {"url", "data", "base64"}:
        raise InputError(f"{where}: its source is of the unknown type {quoted(form)}; there are url, data and base64")
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{where}: its source has no value")
    if value[:5].lower() == "data:":
        media_type, data = _taken_apart(value, where)
        return _file(data, media_type or stated, kind, where)
    is_url = "://" in value
    if is_url != (form == "url"):
        raise InputError(f"{where}: its source says {form}, and its value is {'a URL' if is_url else 'no URL'}")
    return _file(value, stated or (_of_url(kind, value) if is_url else None), kind, where)


def quoted(word: object) -> str:
    """Return a word that nobody knows for a message; what is no word at all may be of any size, and is only named."""
    return repr(word) if word is None or isinstance(word, str) else f"<{type(word).__name__}>"


def _file(data: str, media_type: str | None, kind: str, where: str) -> dict[str, Any]:
    media_type = media_type or (_PDF if kind == "pdf" else None)
    if media_type is None:
        raise InputError(f"{where} has no media type: say it as source.mimeType or metadata.mimeType")
    return {"type": "file", "data": data, "mediaType": media_type}


def _stated(source: Mapping[str, Any], metadata: object) -> str | None:
    told = [source.get("mimeType")]
    if isinstance(metadata, Mapping):
        told += [metadata.get("mimeType"), metadata.get("mediaType")]
    return next((media_type for media_type in told if isinstance(media_type, str) and media_type), None)


def _of_url(kind: str, url: str) -> str | None:
    """Return what a URL's extension says, where that is what the part says too; providers look at the file itself."""
    extension = url.partition("#")[0].partition("?")[0].rpartition(".")[2].lower()
    return _BY_EXTENSION[kind].get(extension, "image/*" if kind == "image" else None)


def _taken_apart(uri: str, where: str) -> tuple[str | None, str]:
    """Return media type and base64 of a ``data:`` URI (RFC 2397); parameters such as a charset are left out."""
    head, comma, payload = uri[5:].partition(",")
    media_type, *parameters = head.split(";")
    if not comma:
        raise InputError(f"{where}: a data: URI without a comma")
    data = unquote_to_bytes(payload)
    if "base64" not in [parameter.strip().lower() for parameter in parameters]:
        return media_type or None, base64.b64encode(data).decode()
    try:
        return media_type or None, data.decode("ascii")
    except UnicodeDecodeError:
        raise InputError(f"{where}: a data: URI that is not base64") from None
