"""A run as one JSON document: what the JSON report holds and what the other reports are drawn from.

Its JSON Schema is ``schemas/harness/report.json``, printed by ``python -m harness.reports.document``. The last member
is the footer: a report without one was cut short.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Literal

from typing_extensions import TypedDict  # pydantic prints schemas of these only, before Python 3.12

from harness.protocol.json_text import encodable
from harness.reports.document_cases import CaseEntry, case_entry
from harness.reports.document_summary import SummaryEntry, summary_entry
from harness.reports.levels import LevelEntry, level_entry
from harness.results import About, Held, Summary


class ImplementationEntry(TypedDict):
    """What the implementation says of itself; ``wires`` is null where it does not say what it can speak."""

    name: str
    version: str | None
    language: str | None
    homepage: str | None
    operations: list[str]
    wires: list[str] | None


class Header(TypedDict):
    """Which run this was; ``report`` is the version of this format, ``configuration`` the file of its settings."""

    report: Literal[1]
    harness: str
    target: str
    implementation: ImplementationEntry | None
    profile: str
    strict: bool
    configuration: str | None
    levels: list[LevelEntry]


class Footer(TypedDict):
    """The exit status and the line that says it."""

    status: int
    line: str


class Report(TypedDict):
    """A whole run."""

    header: Header
    cases: list[CaseEntry]
    summary: SummaryEntry
    footer: Footer


def document(results: Sequence[Held], summary: Summary, last_line: str) -> Report:
    """Return a run as JSON, with every text of the implementation's cut.

    ``last_line`` is the line that the run ends with on the terminal.
    """
    return {
        "header": {
            "report": 1,
            "harness": version("streamchunk-harness"),
            "target": summary.target,
            "implementation": None if summary.about is None else _implementation(summary.about),
            "profile": summary.profile,
            "strict": summary.strict,
            "configuration": summary.configuration,
            "levels": [level_entry(one) for one in summary.levels],
        },
        "cases": [case_entry(result) for result in results],
        "summary": summary_entry(summary),
        "footer": {"status": summary.status, "line": last_line},
    }


def dumped(report: Report) -> str:
    """Return the report's JSON text, readable, in ASCII where a lone surrogate has no UTF-8 form."""
    text = json.dumps(report, indent=1, ensure_ascii=False, allow_nan=False)
    return (text if encodable(text) else json.dumps(report, indent=1, allow_nan=False)) + "\n"


def _implementation(about: About) -> ImplementationEntry:
    return {
        "name": about.name,
        "version": about.version,
        "language": about.language,
        "homepage": about.homepage,
        "operations": list(about.operations),
        "wires": None if about.wires is None else list(about.wires),
    }


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a report."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - only who prints the schema waits for it

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://streamchunk.dev/schemas/harness/report.json",
        **TypeAdapter(Report).json_schema(),
    }


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2, ensure_ascii=False))  # noqa: T201 - this is what the command is for
