"""The JSON report: documented, complete, and JSON whatever an implementation said."""

import json

import jsonschema
import pytest

from harness import resources
from harness.reports.document import document, dumped, schema
from harness.reports.document_cases import LONGEST


def test_the_printed_schema_is_the_one_that_ships():
    assert resources.schema("harness/report") == schema()


def test_the_report_is_json_that_its_schema_accepts(report):
    def refuse(word):
        raise AssertionError(word)

    read = json.loads(dumped(report).encode(), parse_constant=refuse)
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(read)
    assert read == report


def test_the_report_begins_with_its_header_and_ends_with_its_footer(report):
    read = json.loads(dumped(report))
    assert list(read) == ["header", "cases", "summary", "footer"]
    assert read["header"]["target"] == "python:made:up"
    assert read["footer"] == {"status": 3, "line": "streamchunk: the last line"}


def test_every_case_says_what_became_of_it(report):
    assert {case["id"]: case["result"] for case in report["cases"]} == {
        "text/passed": "passed",
        "text/warned": "passed",
        "text/failed": "failed",
        "text/nasty": "failed",
        "text/nan": "failed",
        "tools/raised": "failed",
        "tools/silent": "failed",
        "tools/errored": "errored",
        "tools/idle": "not applicable",
    }
    assert report["summary"]["passed"] == 2
    assert report["summary"]["notApplicable"] == 1


def test_a_failed_case_carries_its_violations_and_the_chunks_they_point_at(report):
    [failed] = [case for case in report["cases"] if case["id"] == "text/failed"]
    [violation] = failed["violations"]
    assert (violation["rule"], violation["level"], violation["chunk"]) == ("END-3", "MUST", 2)
    assert all(violation[key] for key in ("name", "requirement", "sections", "expected", "seen", "why", "mend"))
    assert [(chunk["number"], chunk["faulty"]) for chunk in failed["answer"]["shown"]] == [
        (0, False),
        (1, False),
        (2, True),
    ]


def test_an_answer_that_raised_says_what(report):
    [raised] = [case for case in report["cases"] if case["id"] == "tools/raised"]
    assert raised["answer"]["ending"] == "raised"
    assert raised["answer"]["error"]["name"] == "E"


def test_texts_are_cut(results, summary):
    from harness.suite.comparison import Mismatch

    results[3] = type(results[3])(
        results[3].case, results[3].answer, results[3].verdict, (Mismatch("text", "x" * 10_000, "y"),)
    )
    [mismatch] = document(results, summary, "")["cases"][3]["mismatches"]
    assert mismatch["expected"] == "x" * LONGEST + "… (10000 characters)"


@pytest.mark.parametrize("key", ["exercised", "notExercised"])
def test_rules_are_told_apart_by_whether_they_were_exercised(report, key):
    assert report["summary"]["rules"][key]
