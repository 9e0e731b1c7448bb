"""Images, sounds, films and documents become V2's file parts, with a media type or not at all (§4, §6.6)."""

import pytest

from harness.errors import InputError
from harness.reference.files import file_part


def file(kind, form, value, mime=None, **metadata):
    source = {"type": form, "value": value} | ({} if mime is None else {"mimeType": mime})
    return {"type": kind, "source": source} | ({"metadata": metadata} if metadata else {})


def converted(*arguments, **metadata):
    part = file_part(file(*arguments, **metadata), "here")
    assert part.pop("type") == "file"
    return part["data"], part["mediaType"]


@pytest.mark.parametrize("form", ["data", "base64"])
@pytest.mark.parametrize(
    ("kind", "mime"),
    [
        ("image", "image/png"),
        ("audio", "audio/wav"),
        ("video", "video/mp4"),
        ("document", "text/csv"),
        ("pdf", "application/pdf"),
    ],
)
def test_base64_has_the_media_type_that_it_is_given(kind, form, mime):
    assert converted(kind, form, "QUJD", mime) == ("QUJD", mime)
    assert converted(kind, form, "QUJD", mimeType=mime) == ("QUJD", mime)
    assert converted(kind, form, "QUJD", mediaType=mime) == ("QUJD", mime)


def test_the_source_says_it_before_the_metadata_does():
    assert (
        converted("image", "data", "QUJD", "image/png", mimeType="image/gif", mediaType="image/webp")[1] == "image/png"
    )
    assert converted("image", "data", "QUJD", mimeType="image/gif", mediaType="image/webp")[1] == "image/gif"
    assert converted("image", "data", "QUJD", "", mimeType=None, mediaType="image/webp")[1] == "image/webp"


@pytest.mark.parametrize("kind", ["image", "audio", "video", "document"])
@pytest.mark.parametrize("metadata", [{}, {"mimeType": ""}, {"mimeType": 7}])
def test_base64_without_a_media_type_is_refused(kind, metadata):
    with pytest.raises(InputError, match=rf"here \({kind}\) has no media type: say it as source\.mimeType"):
        converted(kind, "data", "iVBORw0KGgo", **metadata)


def test_a_pdf_is_one_without_being_told():
    assert converted("pdf", "data", "JVBERi0") == ("JVBERi0", "application/pdf")
    assert converted("pdf", "url", "https://example.com/report") == ("https://example.com/report", "application/pdf")


@pytest.mark.parametrize(
    ("kind", "url", "mime"),
    [
        ("image", "https://example.com/cat.png", "image/png"),
        ("image", "https://example.com/cat.JPG?size=2#top", "image/jpeg"),
        ("image", "https://example.com/cat", "image/*"),
        ("image", "https://example.com/report.pdf", "image/*"),
        ("audio", "https://example.com/a.mp3", "audio/mpeg"),
        ("video", "https://example.com/a.webm", "video/webm"),
        ("document", "https://example.com/report.pdf", "application/pdf"),
    ],
)
def test_what_a_url_points_at_may_be_told_by_the_url(kind, url, mime):
    assert converted(kind, "url", url) == (url, mime)
    assert converted(kind, "url", url, "x/y") == (url, "x/y")


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("audio", "https://example.com/a"),
        ("video", "https://example.com/a.png"),
        ("document", "https://example.com/a.doc"),
    ],
)
def test_a_url_that_does_not_tell_is_refused(kind, url):
    with pytest.raises(InputError, match="has no media type"):
        converted(kind, "url", url)


@pytest.mark.parametrize("form", ["url", "data", "base64"])
@pytest.mark.parametrize(
    ("uri", "data", "mime"),
    [
        ("data:image/png;base64,QUJD", "QUJD", "image/png"),
        ("DATA:image/svg+xml;charset=utf-8;base64,QUJD", "QUJD", "image/svg+xml"),
        ("data:text/plain,A%20B", "QSBC", "text/plain"),
        ("data:image/png;base64,QQ%3D%3D", "QQ==", "image/png"),
    ],
)
def test_a_data_uri_is_taken_apart_wherever_it_stands_and_says_its_own_type(form, uri, data, mime):
    assert converted("image", form, uri) == (data, mime)
    assert converted("image", form, uri, "image/gif") == (data, mime)


def test_a_data_uri_without_a_type_has_the_one_that_it_is_given():
    assert converted("image", "url", "data:;base64,QUJD", "image/gif") == ("QUJD", "image/gif")


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"type": "image"}, r"here \(image\) has no source"),
        ({"type": "image", "source": "https://example.com/a.png"}, "has no source"),
        (file("image", "blob", "QUJD"), "unknown type 'blob'; there are url, data and base64"),
        (file("image", None, "QUJD"), "unknown type None"),
        (file("image", "data", ""), "its source has no value"),
        (file("image", "data", b"QUJD"), "its source has no value"),
        (file("image", "url", "QUJD", "image/png"), "says url, and its value is no URL"),
        (file("image", "data", "https://example.com/a.png", "image/png"), "says data, and its value is a URL"),
        (file("image", "url", "data:image/png;base64"), "a data: URI without a comma"),
        (file("image", "url", "data:;base64,QUJD"), "has no media type"),
        (file("image", "url", "data:image/png;base64,%FF"), "a data: URI that is not base64"),
    ],
)
def test_a_source_of_another_shape_is_refused(part, message):
    with pytest.raises(InputError, match=message):
        file_part(part, "here")


def test_no_message_quotes_the_file():
    with pytest.raises(InputError) as caught:
        converted("image", "data", "c2VjcmV0")
    assert "c2VjcmV0" not in str(caught.value)


@pytest.mark.parametrize("odd", [["url"], {}, {"url": 1}, 5, None, "", b"url"])
def test_a_source_of_an_odd_type_is_refused_with_its_place(odd):
    with pytest.raises(InputError, match=r"^messages\[0\]\.content\[1\] \(image\): its source is of the unknown type"):
        file_part({"type": "image", "source": {"type": odd, "value": "QUJD"}}, "messages[0].content[1]")
