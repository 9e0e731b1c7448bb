"""What people read: every result is there, and nothing that an implementation said can do harm."""

import re
import xml.etree.ElementTree as ET

import pytest

from harness.reports.formats import FORMATS
from harness.reports.html_report import html
from harness.reports.markdown import markdown
from harness.reports.terminal import result_lines, summary_lines


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_can_be_written_in_utf_8(form, report):
    assert FORMATS[form](report).encode("utf-8")


def test_the_page_needs_nothing_from_outside(report):
    page = html(report)
    assert not re.search(r"""(?:src|href)\s*=|@import|url\(""", page)
    assert page.count("<script>") == 1


def test_the_page_is_well_formed_and_holds_every_case(report):
    page = html(report)
    body = page[page.index("<body>") : page.index("<script>")].replace(" hidden>", ">").replace(" open>", ">")
    tree = ET.fromstring(re.sub(r"<(input[^>]*)>", r"<\1/>", body) + "</body>")  # noqa: S314 - our own page
    cases = {case.findtext("summary/code"): case for case in tree.iter("details")}
    assert list(cases) == [case["id"] for case in report["cases"]]
    assert [case.get("class") for case in cases.values()] == [
        "passed", "passed", "failed", "failed", "failed", "failed", "failed", "errored", "not-applicable",
    ]  # fmt: skip
    assert cases["text/failed"].findtext("summary/span[2]") == "A <b>bold</b> sentence"
    assert "END-3" in "".join(cases["text/failed"].itertext())
    assert [mark.text.split()[0] for mark in cases["text/failed"].findall(".//pre/span[@class='faulty']")] == ["2"]


def test_the_page_opens_what_is_wrong(report):
    opened = re.findall(r'<details class="([a-z-]+)"[^>]* open>', html(report))
    assert opened == ["failed"] * 5 + ["errored"]


def test_markdown_shows_the_counts_and_what_failed(report):
    text = markdown(report)
    assert "| text | 2 | 3 | 0 | 0 |" in text
    assert "### text/failed" in text
    assert "**END-3** MUST (chunk 2)" in text
    assert "### text/passed" not in text
    assert "| END-3 | MUST | 1 | " in text
    assert "Not exercised by any case" in text


def test_markdown_lets_no_text_out_of_its_code(report):
    [line] = [line for line in markdown(report).splitlines() if line.startswith("- `expect.text`")]
    fenced = re.findall(r"(`+)(.+?)(?<!`)\1(?!`)", line)
    assert any("<script>" in inside for _, inside in fenced)
    assert "<script>" not in re.sub(r"(`+).+?(?<!`)\1(?!`)", "", line)


def test_a_long_run_of_failures_is_cut_short_in_markdown(report):
    [failed] = [case for case in report["cases"] if case["id"] == "text/failed"]
    report["cases"] = [{**failed, "violations": failed["violations"] * 9}] * 40
    text = markdown(report)
    assert text.count("### text/failed") == 30
    assert "… and 10 more." in text
    assert text.count("- … and 4 more") == 30


def told(result):
    return "\n".join(result_lines(result))


def test_the_terminal_shows_what_failed_and_why(results):
    shown = {result.case.id: told(result) for result in results}
    assert shown["text/failed"].startswith("FAILED text/failed: A <b>bold</b> sentence (§5, R4)\n")
    assert "text/failed: chunk 2 at type: MUST END-3" in shown["text/failed"]
    assert "    why " in shown["text/failed"]
    assert "text/nasty: expect.text (checked by hand for this case)" in shown["text/nasty"]
    assert "the stream raised: E: " in shown["tools/raised"]
    assert "the stream did not end: Timeout: no end within 1 s" in shown["tools/silent"]
    assert shown["tools/errored"].startswith("ERRORED tools/errored")
    assert "ShimError: transform gave a list" in shown["tools/errored"]


def test_the_terminal_shows_a_warning_and_is_silent_of_what_holds(results):
    shown = {result.case.id: told(result) for result in results}
    assert "WARNINGS text/warned" in shown["text/warned"]
    assert "SHOULD TEXT-3" in shown["text/warned"]
    assert shown["text/passed"] == shown["tools/idle"] == ""


def test_no_text_of_an_implementation_moves_the_cursor(results):
    text = "\n".join(told(result) for result in results)
    assert all(letter.isprintable() or letter == "\n" for letter in text)


def test_the_terminal_counts_areas_and_lists_what_is_unknown(summary):
    lines = list(summary_lines(summary))
    assert [line.split() for line in lines[:4]] == [
        ["area", "passed", "failed", "errored", "not", "applicable"],
        ["text", "2", "3", "0", "0"],
        ["tools", "0", "2", "1", "1"],
        ["all", "2", "5", "1", "1"],
    ]
    assert lines[4] == "not applicable (1): not offered"
    assert lines[5].startswith("MUST END-3 broken in 1 case: ")
    assert re.fullmatch(r"\d+ rules exercised", lines[-2])
    assert re.fullmatch(r"\d+ rules not exercised, so nothing is known of them: .+", lines[-1])


def test_colours_are_only_where_they_are_asked_for(results, summary):
    def marked(text, what):
        return f"<{what}>{text}</{what}>"

    painted = "\n".join([*result_lines(results[2], marked), *summary_lines(summary, marked)])
    assert "<MUST>FAILED</MUST> text/failed" in painted
    assert "<quiet>      0</quiet>" in painted
