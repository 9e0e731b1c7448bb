"""The matrix of the real adapters: which of them breaks which rule, in how many cases, and why.

``python -m peers.matrix`` (``make peers``) asks every peer the whole suite and writes ``reports/real-adapters.json``,
``.md`` and ``.html``; the last two are drawn from the first alone. Nothing is written of a run that does not end as the
expectations files say.
"""

from __future__ import annotations

import json
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from harness.rules import ALL as RULES
from harness.rules import BY_ID
from peers import matrix_forms
from peers.peers import ALL, ROOT, Peer, ran

PLACE = ROOT / "reports" / "real-adapters.json"
EXPECT = "expect"
"""Stands among the rules for what a person wrote down for a case."""

_EXPECT = "What a person wrote down for a case comes out."
_ORDER = {rule.id: place for place, rule in enumerate(RULES)} | {EXPECT: len(RULES)}


def matrix(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole: the columns, and a row for every rule that one of them breaks."""
    broken = {rule for column in columns.values() for rule, cell in column["rules"].items() if cell["broken"]}
    return {"matrix": 1, "implementations": dict(columns), "rules": [_row(id_) for id_ in sorted(broken, key=_place)]}


def _place(id_: str) -> int:
    return _ORDER[id_]


def _row(id_: str) -> dict[str, Any]:
    if id_ == EXPECT:
        return {"id": id_, "requirement": _EXPECT, "levels": {"spec": "MUST", "tanstack": "MUST"}}
    rule = BY_ID[id_]
    levels = {profile: level.value for profile, level in rule.levels.items()}
    return {"id": id_, "requirement": rule.requirement, "levels": levels}


def column(peer: Peer, report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a peer's run comes to: its cases by what became of them, and of each rule in how many it is broken.

    A rule's ``asked`` counts the cases that gave an occasion to break it. ``warned`` are those of the ``passed`` that
    break a SHOULD.
    """
    header = report["header"]
    cases = [case for case in report["cases"] if case["result"] != "not applicable"]
    name = header["implementation"]["name"]
    return {
        "label": peer.label,
        "name": name,
        "version": header["implementation"]["version"],
        "profile": header["profile"],
        "command": peer.command,
        "cases": {"asked": len(cases), **_counted(cases)},
        "rules": _rules(cases),
        "reasons": reasons(peer),
        "notApplicable": _not_applicable(report["cases"], name),
    }


def _counted(cases: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    counts = Counter({"passed": 0, "warned": 0, "known": 0, "failed": 0})
    for case in cases:
        levels = {violation["level"] for violation in case.get("violations", ())}
        if case["result"] == "errored" or "MUST" in levels or case.get("mismatches"):
            counts["known" if case["result"] == "known" else "failed"] += 1
        else:
            counts["passed"] += 1
            counts["warned"] += bool(levels)
    return dict(counts)


def _rules(cases: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    asked: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for case in cases:
        found = {violation["rule"] for violation in case.get("violations", ())}
        asked.update({*found, *case.get("exercised", ()), EXPECT})
        broken.update(found | ({EXPECT} if case.get("mismatches") else set()))
    return {id_: {"broken": broken[id_], "asked": asked[id_]} for id_ in sorted(asked, key=_place)}


def reasons(peer: Peer) -> dict[str, list[dict[str, Any]]]:
    """Return why a peer breaks each rule, as its expectations file says it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in tomllib.loads((ROOT / peer.expectations).read_text())["known"]:
        reason = {key: entry[key] for key in ("reason", "link") if key in entry}
        if reason not in found.setdefault(entry["rule"], []):
            found[entry["rule"]].append(reason)
    return dict(sorted(found.items(), key=lambda pair: _ORDER.get(pair[0], len(_ORDER))))


def _not_applicable(cases: Iterable[Mapping[str, Any]], name: str) -> dict[str, int]:
    """Return why cases were not asked, without the implementation's name, the most frequent reason first."""
    told = (case["reason"].removeprefix(f"{name} ") for case in cases if case["result"] == "not applicable")
    return dict(Counter(told).most_common())


def dumped(whole: Mapping[str, Any]) -> str:
    """Return the matrix as the text of its file."""
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def write(whole: Mapping[str, Any]) -> None:
    """Write all three files."""
    PLACE.write_text(dumped(whole))
    PLACE.with_suffix(".md").write_text(matrix_forms.markdown(whole))
    PLACE.with_suffix(".html").write_text(matrix_forms.html(whole))


def main(names: Iterable[str]) -> int:
    """Ask the peers that are named, or all, and write what comes of it; those that are not named stay as they are.

    Where one of them ends otherwise than with status 0, its expectations file is not true of it: then nothing is
    written, which peers these are is said, and the first of their statuses is returned.
    """
    columns = json.loads(PLACE.read_text())["implementations"] if PLACE.exists() else {}
    otherwise: dict[str, int] = {}
    for name in list(names) or list(ALL):
        began = time.monotonic()
        status, report, last_line = ran(ALL[name])
        sys.stderr.write(f"{name}, {time.monotonic() - began:.0f} s: {last_line}\n")
        if status:
            otherwise[name] = status
        else:
            columns[name] = column(ALL[name], report)
    if otherwise:
        told = ", ".join(f"{name} (status {status})" for name, status in otherwise.items())
        sys.stderr.write(f"nothing is written, for this is not as it is expected: {told}\n")
        return next(iter(otherwise.values()))
    write(matrix({name: columns[name] for name in ALL if name in columns}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
