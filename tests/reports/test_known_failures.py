"""Known failures in the reports: counted apart, with their reasons, and no reason can do harm."""

import re
import xml.etree.ElementTree as ET
from datetime import date

import jsonschema
import pytest

from harness.judge import Relevelled
from harness.reports.document import document, schema
from harness.reports.formats import FORMATS
from harness.reports.html_report import html
from harness.reports.markdown import markdown
from harness.reports.terminal import result_lines, summary_lines
from harness.results import About, held, reviewed, summary_of
from harness.rules import BY_ID
from harness.suite.expectations import parsed

NASTY = "<script>alert(1)</script> | `x` \\u001b[31m"
LIST = f"""
[[known]]
cases = ["text/failed", "gone/*"]
rule = "END-3"
reason = "{NASTY}"
link = "https://example.com/?a=1&b=\\"2\\""
owner = "kim"

[[known]]
cases = "text/passed"
rule = "TEXT-1"
reason = "r"
link = "javascript:alert(1)"

[[known]]
cases = "text/nasty"
rule = "expect"
reason = "r"
expires = 2020-01-01

[[known]]
cases = "tools/*"
rule = "errored"
reason = "it cannot start"
link = "javascript:alert(1)"
flaky = true

[[known]]
cases = "tools/idle"
rule = "TEXT-1"
reason = "r"
"""


@pytest.fixture
def known(results):
    """The results of every kind, held against a list of which much is wrong."""
    entries = parsed(LIST, "known.toml", rules=BY_ID, today=date(2026, 1, 1))
    return [held(result, entries) for result in results], entries


@pytest.fixture
def summary(known):
    results, entries = known
    return summary_of(
        results,
        target="python:made:up",
        profile="spec",
        strict=False,
        review=reviewed(
            results, entries, file="known.toml", loaded=[result.case.id for result in results], rules=BY_ID
        ),
        levels=(Relevelled("TEXT-2", "MUST", None), Relevelled("END-6", "SHOULD", "MUST")),
        configuration="streamchunk.toml",
        about=About(NASTY, "1.0", "TypeScript", "https://example.com", ("chat", "transform"), ("openai-chat",)),
    )


@pytest.fixture
def report(known, summary):
    return document(known[0], summary, "streamchunk: the last line")


def test_the_report_is_what_its_schema_says(report):
    jsonschema.Draft202012Validator(schema()).validate(report)


def test_what_is_known_is_a_result_of_its_own(report):
    assert {case["id"]: case["result"] for case in report["cases"]} == {
        "text/passed": "passed",
        "text/warned": "passed",
        "text/failed": "known",
        "text/nasty": "failed",
        "text/nan": "failed",
        "tools/raised": "failed",
        "tools/silent": "failed",
        "tools/errored": "known",
        "tools/idle": "not applicable",
    }
    counts = report["summary"]
    assert (counts["passed"], counts["failed"], counts["known"], counts["errored"]) == (2, 4, 2, 0)
    assert [(one["fault"], one["entry"]) for one in counts["expectations"]["objections"]] == [
        ("unmatched", 1), ("stale", 2), ("expired", 3),
    ]  # fmt: skip
    assert [one["entry"] for one in counts["expectations"]["unasked"]] == [5]


def test_a_known_case_keeps_all_that_was_found_in_it(report):
    [failed] = [case for case in report["cases"] if case["id"] == "text/failed"]
    assert [violation["rule"] for violation in failed["violations"]] == ["END-3"]
    [errored] = [case for case in report["cases"] if case["id"] == "tools/errored"]
    assert errored["reason"] == "transform gave a list"


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_tells_it_and_can_be_written(form, report):
    text = FORMATS[form](report)
    assert text.encode("utf-8")
    for words in ("it cannot start", "expired on 2020-01-01", "known 2", "TypeScript", "TEXT-2 is switched off"):
        assert words in text.replace("\\", "")


def test_the_page_is_well_formed_and_links_only_to_addresses(report):
    page = html(report)
    body = page[page.index("<body>") : page.index("<script>")].replace(" hidden>", ">").replace(" open>", ">")
    tree = ET.fromstring(re.sub(r"<(input[^>]*)>", r"<\1/>", body) + "</body>")  # noqa: S314 - our own page
    links = {link.get("href") for link in tree.iter("a")}
    assert links == {"https://example.com", 'https://example.com/?a=1&b="2"'}
    assert "it cannot start · javascript:alert(1) · flaky" in "".join(tree.itertext())
    cases = {case.findtext("summary/code"): case.get("class") for case in tree.iter("details")}
    assert (cases["text/failed"], cases["text/nasty"]) == ("known", "failed")
    assert page.count("<script>") == 1


def test_the_page_has_a_column_of_what_is_known_only_where_there_is_a_list(report, results):
    assert '<th scope="col">known</th>' in html(report)
    plain = summary_of(results, target="x", profile="spec", strict=False)
    page = html(document(results, plain, "x"))
    assert '<th scope="col">known</th>' not in page
    assert "Known failures" not in page


def test_markdown_counts_what_is_known_and_lets_no_reason_out(report):
    text = markdown(report)
    assert "| area | passed | failed | known | errored | not applicable |" in text
    assert "| text | 2 | 2 | 1 | 0 | 0 |" in text
    [line] = [line for line in text.splitlines() if line.startswith("- **END-3**")]
    assert "\\<script\\>" in line
    assert "<script>" not in line
    assert "### text/failed" not in text


def test_the_terminal_tells_what_is_known_once_and_not_by_case(known, summary):
    lines = {result.case.id: list(result_lines(result)) for result in known[0]}
    assert lines["text/failed"] == lines["tools/errored"] == []
    assert lines["text/nasty"][-3:] == [
        "    expired   expect, on 2020-01-01: r (until 2020-01-01)",
        "    unlisted  expect",
        "",
    ]
    told = list(summary_lines(summary))
    assert "known 4 (errored): found in 1 case: it cannot start (javascript:alert(1), flaky)" in told
    assert "known 5 (TEXT-1): no case of tools/idle was judged by it in this run, so nothing is known" in told
    assert "known.toml: stale: known 2 (TEXT-1): listed, but not broken in text/passed" in told
    assert "streamchunk.toml: END-6 is raised to MUST; the profile says SHOULD" in told
    assert any(line.endswith("1.0 (TypeScript) offers chat, transform, over openai-chat") for line in told)
    assert all(letter.isprintable() for line in told for letter in line)
