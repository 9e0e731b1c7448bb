"""go-vcr's cassettes, YAML: the recordings of Go's projects, versions 1 and 2 of its format."""

from __future__ import annotations

import re
from pathlib import Path

from harness.cassettes.importing.found import Exchanges
from harness.cassettes.importing.member import Member
from harness.cassettes.importing.source import Source
from harness.cassettes.importing.vcrpy import looks as looks_like_vcrpy
from harness.cassettes.interaction import BytesBody, Interaction, Request
from harness.cassettes.parsing import LONGEST_PAUSE
from harness.errors import InputError

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)(s|ms|µs|us|ns))?")
_UNITS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9}


def looks(source: Source) -> bool:
    """Tell whether a file is such a cassette: its requests have a ``url``, and vcrpy's a ``uri``."""
    if not looks_like_vcrpy(source):
        return False
    try:
        first = source.plain()["interactions"][0]["request"]
    except (InputError, TypeError, LookupError):
        return False
    return isinstance(first, dict) and "url" in first and "uri" not in first


def read(source: Source, _: Path) -> Exchanges:
    """Return its interactions; raises :class:`InputError` and :class:`Misshapen`."""
    return Exchanges(tuple(map(_interaction, Member(source.plain())["interactions"].items())))


def _interaction(one: Member) -> Interaction:
    asked, answered = one["request"], one["response"]
    status = answered["code"].status()
    return Interaction(
        request=Request(
            asked["method"].text() or "GET",  # as Go's http.Request has it
            asked["url"].text(),
            asked["headers"].headers(),
            asked["body"].sent(),
        ),
        status=status,
        headers=answered["headers"].headers(),
        body=BytesBody(answered["body"].sent()),
        reason=answered["status"].text("").removeprefix(str(status)).strip(),
        head_pause=_seconds(answered["duration"]),
    )


def _seconds(member: Member) -> float:
    """Return a duration as Go writes it, ``1m2.5s``; version 1 of the format may have none, or a number of ns."""
    if type(member.value) is int:
        seconds = member.value * 1e-9
    else:
        text = member.text("")
        found = _DURATION.fullmatch(text)
        if found is None:
            raise member.wrong("a duration such as 1m2.5s")
        hours, minutes, rest, unit = found.groups()
        seconds = int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(rest or 0) * _UNITS.get(unit, 0)
    return min(max(seconds, 0.0), LONGEST_PAUSE)
