"""Images, sounds and documents of a request: base64, ``data:`` URLs and places → files of the neutral form."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import unquote_to_bytes

from harness.protocol.messages import File
from harness.providers.requests.member import Member

_SOUNDS = {"mp3": "audio/mpeg", "wav": "audio/wav"}


def file_at(place: Member, media_type: str | None) -> File:
    """Return what a URL names, or the content of a ``data:`` URL (RFC 2397), whose own media type then counts.

    Raises :class:`InputError` where there is no text, or no URL in it.
    """
    url = place.word()
    if url[:5].lower() != "data:":
        return File(media_type, url=url)
    head, comma, data = url[5:].partition(",")
    if not comma:
        raise place.wrong("a URL, and a data: URL has a comma behind its media type")
    told, *parameters = head.split(";")
    media_type = told.strip().lower() or "text/plain"
    if any(parameter.strip().lower() == "base64" for parameter in parameters):
        return File(media_type, data=data)
    return File(media_type, data=b64encode(unquote_to_bytes(data)).decode())


def data_or_url(place: Member, media_type: str | None) -> File:
    """Return a file whose content stands there as a ``data:`` URL or as bare base64; raises as above."""
    text = place.word()
    return file_at(place, media_type) if "://" in text or text[:5].lower() == "data:" else File(media_type, data=text)


def sound_at(place: Member) -> File:
    """Return OpenAI's ``{data, format}``; raises :class:`InputError` where one of them is missing."""
    coding = place.at("format").word()
    return File(_SOUNDS.get(coding, f"audio/{coding}"), data=place.at("data").word())


def text_file(text: str) -> File:
    """Return a document that is plain text."""
    return File("text/plain", data=b64encode(text.encode("utf-8", "surrogatepass")).decode())
