"""HAR 1.2, as browsers and proxies export it, and Polly.js' recordings, which are HAR too.

A HAR has no piece timings: how long the head took stands in ``timings.wait``, and the body is one text. It is mostly
unpacked already, whatever its ``content-encoding`` says. Polly.js keeps it compressed, as a JSON list of the pieces in
which it came.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from harness.cassettes.importing.found import Exchanges, LeftOut
from harness.cassettes.importing.member import Member, joined_headers
from harness.cassettes.importing.source import Source
from harness.cassettes.interaction import BytesBody, Cut, Interaction, Request

_HEAD = re.compile(r'\A\s*\{\s*"log"\s*:\s*\{')
_SWITCHED = 101
_NO_BODY = frozenset({204, 205, 304})


def looks(source: Source) -> bool:
    """Tell whether a file is a HAR, perhaps a broken one."""
    if source.json is not None:
        return isinstance(source.json, dict) and isinstance(source.json.get("log"), dict)
    return bool(_HEAD.match(source.head))


def read(source: Source, _: Path) -> Exchanges:
    """Return its exchanges; raises :class:`InputError` and :class:`Misshapen`."""
    return Exchanges(tuple(map(_exchange, Member(source.whole_json())["log"]["entries"].items())))


def _exchange(entry: Member) -> Interaction | LeftOut:
    asked, answered = entry["request"], entry["response"]
    url, content = asked["url"].text(), answered["content"]
    if url.startswith(("ws:", "wss:")) or entry["_webSocketMessages"].is_there or answered["status"].value == _SWITCHED:
        return LeftOut("a WebSocket")
    if answered["status"].value in (0, -1):  # Chrome's and Firefox' word for it
        return LeftOut("never answered")
    if content["_file"].is_there:
        return LeftOut("its body lies in another file")
    status = answered["status"].status()
    if not content["text"].is_there and status not in _NO_BODY and content["size"].value != 0:
        return LeftOut("its body was not saved")
    headers = _headers(answered["headers"])
    body, cuts = _body(content, is_packed=any(name.lower() == "content-encoding" for name in headers))
    return Interaction(
        request=Request(asked["method"].text(), url, _headers(asked["headers"]), _asked(asked["postData"])),
        status=status,
        headers=headers,
        body=BytesBody(body),
        reason=answered["statusText"].text(""),
        head_pause=entry["timings"]["wait"].seconds() if entry["timings"].is_there else 0.0,
        cuts=cuts,
    )


def _headers(given: Member) -> dict[str, tuple[str, ...]]:
    def pairs() -> Iterator[tuple[str, str]]:
        for one in given.items() if given.is_there else ():
            yield one["name"].text(), one["value"].text("")

    return joined_headers(pairs())


def _asked(posted: Member) -> bytes:
    if not posted.is_there:
        return b""
    text = posted["text"]
    return text.unpacked() if posted["encoding"].value == "base64" and text.is_there else text.sent()


def _body(content: Member, *, is_packed: bool) -> tuple[bytes, tuple[Cut, ...]]:
    """Return a body, and its pieces where Polly.js has kept them; it wrote hex digits before it wrote base64."""
    text = content["text"]
    is_base64 = content["encoding"].value == "base64"
    if not (is_base64 or is_packed or content["_isBinary"].value is True):
        return text.sent(), ()
    pieces = _pieces(text)
    if pieces is None:
        return (text.unpacked() if is_base64 else text.from_hex() if content["_isBinary"].value else text.sent()), ()
    parts = [piece.unpacked() if is_base64 else piece.from_hex() for piece in pieces]
    return b"".join(parts), tuple(Cut(len(part)) for part in parts)


def _pieces(text: Member) -> list[Member] | None:
    """Return the pieces of a body that is a JSON list of texts, or None where it is none."""
    try:
        value = json.loads(text.text(""))
    except (ValueError, RecursionError):
        return None
    is_list = isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)
    return [Member(one, text.at) for one in value] if is_list else None
