"""What a case names of a JSON value, held against what is there: what it does not name may be anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from harness.protocol.exact_json import same_text
from harness.suite.mismatch import Mismatch, shown


def same_value(wanted: Any, seen: Any) -> bool:
    """Compare as JSON with exact numbers: 1 and true differ, the order of members does not count."""
    return same_text(json.dumps(wanted), json.dumps(seen))


def member_mismatches(field: str, wanted: Any, seen: Any) -> Iterator[Mismatch]:
    """Yield where a value lacks what is named, or has what a null says must be absent; lists match place by place."""
    if isinstance(wanted, dict) and isinstance(seen, dict):
        for key, value in wanted.items():
            if value is None:
                if seen.get(key) is not None:
                    yield Mismatch(f"{field}.{key}", "nothing", shown(seen[key]))
            elif key in seen:
                yield from member_mismatches(f"{field}.{key}", value, seen[key])
            elif _asks(value):
                yield Mismatch(f"{field}.{key}", shown(value), "nothing")
    elif isinstance(wanted, list) and isinstance(seen, list) and len(wanted) == len(seen):
        for place, (one, other) in enumerate(zip(wanted, seen, strict=True)):
            yield from member_mismatches(f"{field}[{place}]", one, other)
    elif not same_value(wanted, seen):
        yield Mismatch(field, shown(wanted), shown(seen))


def absence_mismatches(field: str, wanted: Any, seen: Any) -> Iterator[Mismatch]:
    """Yield only the members that a null says must be absent; in lists of other lengths nobody knows their place."""
    if isinstance(wanted, dict) and isinstance(seen, dict):
        for key, value in wanted.items():
            if value is not None:
                yield from absence_mismatches(f"{field}.{key}", value, seen.get(key))
            elif seen.get(key) is not None:
                yield Mismatch(f"{field}.{key}", "nothing", shown(seen[key]))
    elif isinstance(wanted, list) and isinstance(seen, list) and len(wanted) == len(seen):
        for place, (one, other) in enumerate(zip(wanted, seen, strict=True)):
            yield from absence_mismatches(f"{field}[{place}]", one, other)


def _asks(wanted: Any) -> bool:
    """Tell whether anything is to be there: an object that names only what must be absent asks for nothing."""
    if isinstance(wanted, dict) and wanted:
        return any(map(_asks, wanted.values()))
    return wanted is not None
