"""The cassettes of Ruby's VCR (YAML, JSON) and of betamax, which took over its format."""

from __future__ import annotations

import re
from pathlib import Path

from harness.cassettes.importing.found import Exchanges
from harness.cassettes.importing.member import Member
from harness.cassettes.importing.source import Source
from harness.cassettes.interaction import BytesBody, Interaction, Request

_NAME = "http_interactions"
_AS_YAML = re.compile(rf"^{_NAME}[ ]*:", re.MULTILINE)
_AS_JSON = re.compile(rf'\A\s*\{{\s*"{_NAME}"\s*:')


def looks(source: Source) -> bool:
    """Tell whether a file is such a cassette, perhaps a broken one."""
    if source.json is not None:
        return isinstance(source.json, dict) and _NAME in source.json
    return bool(_AS_YAML.search(source.text) or _AS_JSON.search(source.head))


def read(source: Source, _: Path) -> Exchanges:
    """Return its interactions; raises :class:`InputError` and :class:`Misshapen`."""
    return Exchanges(tuple(map(_interaction, Member(source.plain())[_NAME].items())))


def _interaction(one: Member) -> Interaction:
    asked, answered = one["request"], one["response"]
    return Interaction(
        request=Request(
            asked["method"].text().upper(), asked["uri"].text(), asked["headers"].headers(), _body(asked["body"])
        ),
        status=answered["status"]["code"].status(),
        headers=answered["headers"].headers(),
        body=BytesBody(_body(answered["body"])),
        reason=answered["status"]["message"].text(""),
    )


def _body(body: Member) -> bytes:
    if not isinstance(body.value, dict):
        return body.sent()
    packed = body["base64_string"]
    return packed.unpacked() if packed.is_there else body["string"].sent()
