"""vcrpy's cassettes, YAML and JSON, those of pytest-recording, and those whose JSON bodies somebody wrote as JSON."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from harness.cassettes.importing.found import Exchanges
from harness.cassettes.importing.member import Member
from harness.cassettes.importing.source import Source
from harness.cassettes.parsing import interactions_of, provenance_of

_AS_YAML = re.compile(r"^interactions[ ]*:", re.MULTILINE)
_AS_JSON = re.compile(r'\A\s*\{.*?"interactions"\s*:', re.DOTALL)
_PARSED = "parsed_body"


def looks(source: Source) -> bool:
    """Tell whether a file is such a cassette, perhaps a broken one."""
    if source.json is not None:
        return isinstance(source.json, dict) and "interactions" in source.json
    return bool(_AS_YAML.search(source.text) or _AS_JSON.search(source.head))


def read(source: Source, folder: Path) -> Exchanges:
    """Return its interactions; ``folder`` is where files of bodies must lie.

    Raises :class:`InputError` and :class:`Misshapen`.
    """
    data = source.plain()
    interactions = interactions_of(_with_bodies(data), folder)
    return Exchanges(interactions, provenance_of(data))


def _with_bodies(data: Any) -> Any:
    """Return a cassette whose bodies are bodies again: some projects store the JSON that stood in them."""
    given = data.get("interactions") if isinstance(data, dict) else None
    if not isinstance(given, list):
        return data
    return {**data, "interactions": [_with_body(one, place) for place, one in enumerate(given)]}


def _with_body(one: Any, place: int) -> Any:
    if not isinstance(one, dict):
        return one
    return one | {
        side: half | {"body": {"string": Member(half[_PARSED], f"interactions.{place}.{side}.{_PARSED}").as_json()}}
        for side in ("request", "response")
        if isinstance(half := one.get(side), dict) and _PARSED in half and "body" not in half
    }
