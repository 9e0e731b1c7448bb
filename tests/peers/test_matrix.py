"""The matrix of the real adapters: what a cell counts, and how it is drawn."""

import json

from peers import matrix, matrix_forms
from peers.peers import Peer

WARNED = {"rule": "ID-1", "level": "SHOULD"}
BROKEN = {"rule": "END-1", "level": "MUST"}


def report(*cases):
    header = {"implementation": {"name": "it", "version": "1"}, "profile": "tanstack"}
    return {"header": header, "cases": list(cases)}


def case(result, *violations, exercised=(), mismatches=()):
    return {
        "result": result,
        "violations": list(violations),
        "mismatches": list(mismatches),
        "exercised": list(exercised),
    }


def column_of(tmp_path, text, *cases):
    (tmp_path / "known.toml").write_text(text)
    return matrix.column(Peer("it 1", "it.mjs", (), str(tmp_path / "known.toml")), report(*cases))


KNOWN = """
[[known]]
rule = "END-1"
cases = "*"
reason = "`done` is <b>lost</b> | always"

[[known]]
rule = "END-1"
cases = "text/*"
reason = "`done` is <b>lost</b> | always"
"""


def test_a_cell_counts_the_cases_that_break_a_rule_of_those_that_gave_it_an_occasion(tmp_path):
    column = column_of(
        tmp_path,
        KNOWN,
        case("passed", exercised=["END-1", "ID-1"]),
        case("known", BROKEN, BROKEN, WARNED, exercised=["END-1", "ID-1"]),
        case("known", exercised=["END-1"], mismatches=[{"field": "text"}]),
        case("passed", WARNED, exercised=["ID-1"]),
        case("known", WARNED, exercised=["ID-1"]),  # under --strict a warning is listed, too
        case("failed", BROKEN),
        {"result": "errored"},
        {"result": "not applicable", "reason": "it does not offer chat"},
    )
    assert column["rules"]["END-1"] == {"broken": 2, "asked": 4}
    assert column["rules"]["ID-1"] == {"broken": 3, "asked": 4}
    assert column["rules"]["expect"] == {"broken": 1, "asked": 7}
    assert column["cases"] == {"asked": 7, "passed": 3, "warned": 2, "known": 2, "failed": 2}
    assert column["notApplicable"] == {"does not offer chat": 1}
    assert column["reasons"] == {"END-1": [{"reason": "`done` is <b>lost</b> | always"}]}


def test_rows_are_the_rules_that_somebody_breaks_in_the_order_of_the_law(tmp_path):
    column = column_of(
        tmp_path, "known = []", case("failed", BROKEN, WARNED, exercised=["TEXT-1"], mismatches=[{"field": "text"}])
    )
    assert [row["id"] for row in matrix.matrix({"it": column})["rules"]] == ["ID-1", "END-1", "expect"]


def test_a_reason_is_no_markup_in_the_page_and_a_cell_is_one_in_the_table(tmp_path):
    whole = matrix.matrix({"it": column_of(tmp_path, KNOWN, case("known", BROKEN))})
    drawn = matrix_forms.html(whole)
    assert "<code>done</code> is &lt;b&gt;lost&lt;/b&gt; | always" in drawn
    assert "<b>lost</b>" not in drawn
    assert '<a href="#it-END-1">1/1</a>' in drawn
    row = next(line for line in matrix_forms.markdown(whole).splitlines() if line.startswith("| END-1 "))
    assert row.count("|") == 4
    assert row.endswith("| **1/1** |")


def test_adapters_that_break_the_same_for_the_same_reasons_are_told_of_once(tmp_path):
    one = column_of(tmp_path, KNOWN, case("known", BROKEN))
    other = column_of(tmp_path, "known = []", case("passed"))
    assert matrix_forms.groups({"a": one, "b": other, "c": one}) == [["a", "c"], ["b"]]


def matrix_of(monkeypatch, tmp_path, statuses, *names):
    """Write a matrix of peers that end with these statuses, beside one that is there."""
    (tmp_path / "known.toml").write_text("known = []")
    peers = {name: Peer(name, "it.mjs", (), str(tmp_path / "known.toml")) for name in ("first", "second")}
    monkeypatch.setattr(matrix, "ALL", peers)
    monkeypatch.setattr(matrix, "PLACE", tmp_path / "matrix.json")
    monkeypatch.setattr(matrix, "ran", lambda peer: (statuses[peer.label], report(case("passed")), "the last line"))
    return matrix.main(names)


def test_a_peer_that_ends_otherwise_than_expected_is_named_and_nothing_is_written(monkeypatch, tmp_path, capsys):
    assert matrix_of(monkeypatch, tmp_path, {"first": 0, "second": 3}) == 3
    assert sorted(tmp_path.iterdir()) == [tmp_path / "known.toml"]
    assert capsys.readouterr().err.splitlines()[-1].endswith(": second (status 3)")
    assert matrix_of(monkeypatch, tmp_path, {"first": 0, "second": 0}) == 0
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(before) == 4
    assert matrix_of(monkeypatch, tmp_path, {"first": 1, "second": 0}) == 1
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_peers_that_are_not_named_stay_as_they_are(monkeypatch, tmp_path):
    matrix_of(monkeypatch, tmp_path, {"first": 0, "second": 0})
    assert matrix_of(monkeypatch, tmp_path, {"first": 0, "second": 1}, "first") == 0
    assert list(json.loads((tmp_path / "matrix.json").read_text())["implementations"]) == ["first", "second"]
