"""A run as Markdown, short enough for the summary page of a CI job."""

from __future__ import annotations

from collections.abc import Iterator

from harness.reports.document import CaseEntry, Report

_MOST_CASES = 30  # a job's summary is cut at one megabyte, and nobody reads further
_MOST_FINDINGS = 5
_LONGEST = 200


def markdown(report: Report) -> str:
    """Return the report as Markdown (GitHub's flavour): counts, areas, then what failed and why.

    A lone surrogate is written as its code.
    """
    text = "\n".join(_lines(report)) + "\n"
    return text.encode("utf-8", "backslashreplace").decode()


def _lines(report: Report) -> Iterator[str]:
    header, summary, footer = report["header"], report["summary"], report["footer"]
    mark = "✅" if footer["status"] == 0 else "❌"
    yield f"## {mark} {_plain(header['target'])}, profile {header['profile']}"
    yield ""
    yield f"`{footer['line']}`"
    yield ""
    yield "| area | passed | failed | errored | not applicable |"
    yield "|---|--:|--:|--:|--:|"
    for area in summary["areas"]:
        counts = (area["passed"], area["failed"], area["errored"], area["notApplicable"])
        yield f"| {area['name']} | {' | '.join(map(str, counts))} |"
    if broken := summary["rules"]["broken"]:
        yield ""
        yield "| rule | level | cases | requirement |"
        yield "|---|---|--:|---|"
        for rule in broken:
            yield f"| {rule['rule']} | {rule['level']} | {rule['cases']} | {_plain(rule['requirement'])} |"
    wrong = [case for case in report["cases"] if case["result"] in {"failed", "errored"}]
    for case in wrong[:_MOST_CASES]:
        yield from _case(case)
    if len(wrong) > _MOST_CASES:
        yield ""
        yield f"… and {len(wrong) - _MOST_CASES} more."
    if idle := summary["rules"]["notExercised"]:
        yield ""
        yield f"Not exercised by any case, so nothing is known of them: {', '.join(idle)}."


def _case(case: CaseEntry) -> Iterator[str]:
    yield ""
    yield f"### {case['id']}"
    yield ""
    yield f"{_plain(case['title'])} ({', '.join(case['sections'])})"
    yield ""
    if "reason" in case:
        yield f"- errored: {_plain(case['reason'])}"
    findings = [
        f"- **{one['rule']}** {one['level']} ({_place(one['chunk'])}): {_plain(one['requirement'])} "
        f"Expected {_code(one['expected'])}, seen {_code(one['seen'])}: {_plain(one['why'])}"
        for one in case.get("violations", [])
    ] + [
        f"- `expect.{one['field']}`: expected {_code(one['expected'])}, seen {_code(one['seen'])}"
        for one in case.get("mismatches", [])
    ]
    yield from findings[:_MOST_FINDINGS]
    if len(findings) > _MOST_FINDINGS:
        yield f"- … and {len(findings) - _MOST_FINDINGS} more"


def _place(chunk: int | None) -> str:
    return "the whole stream" if chunk is None else f"chunk {chunk}"


def _code(text: str) -> str:
    """Return text as inline code: cut, on one line, inside more backticks than it holds."""
    text = " ".join(text.split())
    text = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    fence = "`" * (1 + max((len(run) for run in _runs(text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"`{text}`"


def _runs(text: str) -> list[str]:
    return "".join(char if char == "`" else " " for char in text).split()


def _plain(text: str) -> str:
    """Return text in which nothing is markup."""
    for char in "\\`*_[]<>|#":
        text = text.replace(char, "\\" + char)
    return " ".join(text.split())
