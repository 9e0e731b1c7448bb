"""What a reader needs of known failures in every form: whom to ask of one that expired, and a page that stays small."""

from datetime import date

import pytest

from harness.reports.document import document
from harness.reports.formats import FORMATS
from harness.reports.html_report import html
from harness.reports.terminal import summary_lines
from harness.results import About, held, reviewed, summary_of
from harness.rules import BY_ID
from harness.suite.expectations import parsed

EXPIRED = """
[[known]]
cases = "text/failed"
rule = "END-3"
reason = "it says done twice"
link = "https://example.com/issues/7"
owner = "kim"
expires = 2020-02-02
"""
TOLD = "known 1 (END-3): expired on 2020-02-02: it says done twice (https://example.com/issues/7, kim)"


def summed(results, text, **more):
    entries = parsed(text, "known.toml", rules=BY_ID, today=date(2026, 1, 1))
    found = [held(result, entries) for result in results]
    loaded = [result.case.id for result in results]
    review = reviewed(found, entries, file="known.toml", loaded=loaded, rules=BY_ID)
    return found, summary_of(found, target="x", profile="spec", strict=False, review=review, **more)


def test_the_terminal_says_whom_to_ask_of_what_expired(results):
    _, summary = summed(results, EXPIRED)
    assert f"known.toml: expired: {TOLD}" in list(summary_lines(summary))


@pytest.mark.parametrize("form", ["md", "html"])
def test_a_report_says_in_its_head_whom_to_ask_of_what_expired(results, form):
    found, summary = summed(results, EXPIRED)
    text = FORMATS[form](document(found, summary, "x")).replace("\\", "")
    head = text[: text.index("### " if form == "md" else "<h2>Cases</h2>")]
    assert TOLD in head


def test_a_case_in_markdown_says_whom_to_ask_of_what_expired(results):
    found, summary = summed(results, EXPIRED)
    text = FORMATS["md"](document(found, summary, "x")).replace("\\", "")
    [line] = [line for line in text[text.index("### text/failed") :].splitlines() if line.startswith("- END-3 expired")]
    assert "https://example.com/issues/7, kim" in line


def test_the_page_can_show_only_what_is_known_where_there_is_a_list(results):
    found, summary = summed(results, EXPIRED.replace("expires = 2020-02-02", ""))
    page = html(document(found, summary, "x"))
    assert 'data-show="known"' in page
    assert '<details class="known" data-kind="known">' in page
    assert page.count('data-kind="wrong" open>') == summary.failed + summary.errored
    plain = summary_of(results, target="x", profile="spec", strict=False)
    assert 'data-show="known"' not in html(document(results, plain, "x"))


def test_what_is_known_is_told_shortly_on_the_page_and_in_full_in_json(results):
    """A thousand known cases are a page that nobody could open."""
    found, summary = summed(results, EXPIRED.replace("expires = 2020-02-02", ""))
    report = document(found, summary, "x")
    [case] = [case for case in report["cases"] if case["id"] == "text/failed"]
    [violation] = case["violations"]
    assert case["answer"]["shown"]
    page = html(report)
    part = page[page.index("<code>text/failed</code>") :]
    part = part[: part.index("</details>")]
    assert violation["rule"] in part
    assert f"<code>{violation['expected']}</code>" in part
    assert violation["mend"] not in part
    assert "<pre>" not in part


@pytest.mark.parametrize(
    ("version", "language", "wires", "words"),
    [
        ("unknown", "TypeScript", (), "typescript offers transform; it says that it speaks to no provider"),
        ("1.2", "Python", None, "typescript 1.2 (Python) offers transform"),
        (None, None, ("openai-chat", "google"), "typescript offers transform, over openai-chat, google"),
    ],
)
def test_what_is_offered_is_a_sentence(results, version, language, wires, words):
    about = About("typescript", version, language, None, ("transform",), wires)
    summary = summary_of(results, target="x", profile="spec", strict=False, about=about)
    assert words in list(summary_lines(summary))


def test_rules_that_were_not_exercised_are_counted_and_not_listed_on_the_terminal(results):
    summary = summary_of(results, target="x", profile="spec", strict=False)
    last = list(summary_lines(summary))[-1]
    assert last == (
        f"{len(summary.unexercised)} rules not exercised, so nothing is known of them: "
        "--report json=PATH (html, md) lists them"
    )
    assert all(id_ in html(document(results, summary, "x")) for id_ in summary.unexercised)
