"""A run as Markdown, short enough for the summary page of a CI job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from harness.reports.document import Header, Report
from harness.reports.document_cases import CaseEntry
from harness.reports.document_summary import AreaEntry, ExpectationsEntry

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
    yield f"## {mark} {plain(header['target'])}, profile {header['profile']}"
    yield ""
    yield f"`{footer['line']}`"
    yield ""
    yield from _about(header)
    expectations = summary["expectations"]
    words = _WORDS if expectations else {key: word for key, word in _WORDS.items() if key != "known"}
    yield f"| area | {' | '.join(words.values())} |"
    yield f"|---|{'--:|' * len(words)}"
    for area in summary["areas"]:
        yield f"| {area['name']} | {' | '.join(_counts(area, words))} |"
    if broken := summary["rules"]["broken"]:
        yield ""
        yield "| rule | level | cases | requirement |"
        yield "|---|---|--:|---|"
        for rule in broken:
            known = f" ({rule['known']} known)" if rule["known"] else ""
            yield f"| {rule['rule']} | {rule['level']} | {rule['cases']}{known} | {plain(rule['requirement'])} |"
    if expectations:
        yield from _expectations(expectations)
    wrong = [case for case in report["cases"] if case["result"] in {"failed", "errored"}]
    for case in wrong[:_MOST_CASES]:
        yield from _case(case)
    if len(wrong) > _MOST_CASES:
        yield ""
        yield f"… and {len(wrong) - _MOST_CASES} more."
    for one in summary["reasons"]:
        yield ""
        yield f"Not applicable ({one['cases']}): {plain(one['reason'])}"
    if idle := summary["rules"]["notExercised"]:
        yield ""
        yield f"Not exercised by any case, so nothing is known of them: {', '.join(idle)}."


_WORDS = {
    "passed": "passed", "failed": "failed", "known": "known", "errored": "errored", "notApplicable": "not applicable",
}  # fmt: skip


def _counts(area: AreaEntry, words: Iterable[str]) -> list[str]:
    counts: Mapping[str, object] = {**area}
    return [str(counts[key]) for key in words]


def _about(header: Header) -> Iterator[str]:
    """Yield what the implementation says of itself, and which rules do not have the level of their profile."""
    if about := header["implementation"]:
        name = " ".join(one for one in (about["name"], about["version"]) if one)
        language = f" ({plain(about['language'])})" if about["language"] else ""
        wires = "" if about["wires"] is None else f"; wires: {plain(', '.join(about['wires']) or 'none')}"
        yield f"{plain(name)}{language}. Operations: {', '.join(about['operations'])}{wires}."
        yield ""
    for one in header["levels"]:
        yield f"- {plain(one['text'])}"
    if header["levels"]:
        yield ""


def _expectations(expectations: ExpectationsEntry) -> Iterator[str]:
    """Yield which known failures were found, what is wrong with their list, and of what nothing was told."""
    yield ""
    yield f"Known failures, as {code(expectations['file'])} lists them:"
    yield ""
    for found in expectations["found"]:
        yield f"- **{found['rule']}**, found in {_many(found['cases'], 'case')}: {plain(found['text'])}"
    for objection in expectations["objections"]:
        yield f"- ❌ {objection['fault']}: {plain(objection['text'])}"
    for unasked in expectations["unasked"]:
        yield f"- {plain(unasked['text'])}"


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _case(case: CaseEntry) -> Iterator[str]:
    yield ""
    yield f"### {case['id']}"
    yield ""
    yield f"{plain(case['title'])} ({', '.join(case['sections'])})"
    yield ""
    if "reason" in case:
        yield f"- errored: {plain(case['reason'])}"
    findings = [
        f"- **{one['rule']}** {one['level']} ({_place(one['chunk'])}): {plain(one['requirement'])} "
        f"Expected {code(one['expected'])}, seen {code(one['seen'])}: {plain(one['why'])}"
        for one in case.get("violations", [])
    ] + [
        f"- `expect.{one['field']}`: expected {code(one['expected'])}, seen {code(one['seen'])}"
        for one in case.get("mismatches", [])
    ]
    if case.get("listed"):
        known = [one["rule"] for one in case["listed"] if not one["expired"]]
        over = [one for one in case["listed"] if one["expired"]]
        expired = [f"{one['rule']} expired on {one['expires']}: {plain(one['text'])}" for one in over]
        told = (f"known: {', '.join(known)}" if known else "", *expired, f"unlisted: {', '.join(case['unlisted'])}")
        yield f"- {'; '.join(filter(None, told))}"
    yield from findings[:_MOST_FINDINGS]
    if len(findings) > _MOST_FINDINGS:
        yield f"- … and {len(findings) - _MOST_FINDINGS} more"


def _place(chunk: int | None) -> str:
    return "the whole stream" if chunk is None else f"chunk {chunk}"


def code(text: str) -> str:
    """Return text as inline code: cut, on one line, inside more backticks than it holds."""
    text = " ".join(text.split())
    text = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    fence = "`" * (1 + max((len(run) for run in _runs(text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"`{text}`"


def _runs(text: str) -> list[str]:
    return "".join(char if char == "`" else " " for char in text).split()


def plain(text: str) -> str:
    """Return text in which nothing is markup."""
    for char in "\\`*_[]<>|#":
        text = text.replace(char, "\\" + char)
    return " ".join(text.split())
