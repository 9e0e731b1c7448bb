"""nock's recordings: a JSON list of what Node's tests asked and were answered."""

from __future__ import annotations

import re
from pathlib import Path

from harness.cassettes.importing.found import Exchanges
from harness.cassettes.importing.member import Member, joined_headers
from harness.cassettes.importing.source import Source
from harness.cassettes.interaction import BytesBody, Cut, Interaction, Request

_HEAD = re.compile(r'\A\s*\[\s*\{\s*"scope"\s*:')
_OWN_PORTS = {"https": ":443", "http": ":80"}


def looks(source: Source) -> bool:
    """Tell whether a file is such a recording, perhaps a broken one."""
    if source.json is not None:
        return isinstance(source.json, list) and source.first_object.keys() >= {"scope", "path"}
    return bool(_HEAD.match(source.head))


def read(source: Source, _: Path) -> Exchanges:
    """Return its interactions; raises :class:`InputError` and :class:`Misshapen`."""
    return Exchanges(tuple(map(_interaction, Member(source.whole_json()).items())))


def _interaction(one: Member) -> Interaction:
    scope = one["scope"].text()
    scheme = scope.partition(":")[0]
    raw = next((one[name] for name in ("rawHeaders", "headers") if one[name].is_there), one["rawHeaders"])
    headers = _raw_headers(raw) if isinstance(raw.value, list) else raw.headers()
    is_packed = any(name.lower() == "content-encoding" for name in headers)
    body, cuts = _answered(one["response"], is_packed=is_packed, is_hex=one["responseIsBinary"].value is True)
    return Interaction(
        request=Request(
            one["method"].text("GET").upper(),
            scope.removesuffix(_OWN_PORTS.get(scheme, "")) + one["path"].text(),
            one["reqheaders"].headers() if isinstance(one["reqheaders"].value, dict) else {},
            _asked(one["body"]),
        ),
        status=one["status"].status(),
        headers=headers,
        body=BytesBody(body),
        cuts=cuts,
    )


def _raw_headers(raw: Member) -> dict[str, tuple[str, ...]]:
    """Return headers that stand in one list, names and values in turn."""
    texts = [item.text() for item in raw.items()]
    return joined_headers(zip(texts[::2], texts[1::2], strict=False))


def _asked(body: Member) -> bytes:
    return body.sent() if isinstance(body.value, str) or not body.is_there else body.as_json()


def _answered(response: Member, *, is_packed: bool, is_hex: bool) -> tuple[bytes, tuple[Cut, ...]]:
    """Return the body, and its pieces where it was compressed: then each stands there as a text of hex digits."""
    if isinstance(response.value, list) and is_packed:
        pieces = [item.from_hex() for item in response.items()]
        return b"".join(pieces), tuple(Cut(len(piece)) for piece in pieces)
    if isinstance(response.value, str) and is_hex:
        return response.from_hex(), ()
    return _asked(response), ()
