"""The specification's own transformers, §12.2 and §13.5, as they are written: they fail, and each failure has a name.

Behind each rule stands the letter of the ledger that foretells it; `expectations-*.toml` say more, case by case.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PORT = ROOT / "tests" / "peers" / "literal-port"
BIN = Path(sys.executable).parent
NODE = BIN / "node"

BOTH = {
    "APPROVAL-8",  # E19: §6.4's question is never asked
    "END-1",  # F10, B2: no `finish`, no terminal chunk
    "END-11",  # B2, F7: an error passed over, or called stop
    "END-13",  # F7: content-filter becomes stop
    "END-2",  # F11: goes on behind the terminal chunk
    "END-3",  # F11: a second terminal chunk
    "END-6",  # G3: an empty message
    "ID-1",  # D1: a new id for every chunk
    "ID-5",  # D1
    "ID-7",  # D2: an empty id for a name
    "RESULT-2",  # E11: preliminary results
    "RESULT-4",  # E11: the mark of an error
    "RESULT-5",  # E10: the provider's own results
    "RESULT-7",  # F9: tool_calls although all is answered
    "SHAPE-4",  # no delta, no chunk
    "SHAPE-6",  # JSON.stringify(undefined)
    "SHAPE-7",  # E11: the same of a result
    "SHAPE-8",  # F3: NaN
    "TEXT-1",  # C1: one buffer for each block
    "TEXT-2",  # C1
    "TEXT-4",  # B2: text behind the error
    "TOOL-1",  # E7: a call that is repeated
    "TOOL-13",  # B2: a call behind the error
    "TOOL-15",  # E10: the provider's own calls
    "TOOL-2",  # E1: encoded twice
    "TOOL-21",  # E8: two calls of one id
    "TOOL-3",  # E21: an index anew
    "TOOL-5",  # §12.2: a call of a tool without a name
    "TOOL-6",  # E6, E7: one index for two calls
    "USAGE-4",  # F1, F2: nothing counted
    "expect",
}
ONLY_IN_13_5 = {
    "END-12",  # E2, E3, E5: an error where there is none
    "TOOL-18",  # E3, E15: other arguments
}
BROKEN = {"12.2": BOTH, "13.5": BOTH | ONLY_IN_13_5}


def ran(arguments, *options):
    """Run the suite against `serve.mjs ARGUMENTS`; return the exit status, the report and the last line."""
    command = [BIN / "streamchunk", "run", f"stdio:{NODE} serve.mjs {arguments}", "--format", "json", *options]
    done = subprocess.run(command, cwd=PORT, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr
    report = json.loads(done.stdout)
    asked = [case for case in report["cases"] if case["result"] != "not applicable"]
    return done.returncode, asked, done.stderr.splitlines()[-1]


def broken(cases):
    """The rules that count against some case, with `expect` for what was checked by hand."""
    found = set()
    for case in cases:
        found |= {violation["rule"] for violation in case["violations"] if violation["level"] == "MUST"}
        found |= {"expect"} if case["mismatches"] else set()
    return found


@pytest.mark.parametrize("section", BROKEN)
def test_each_breaks_what_the_ledger_foretells_and_every_failure_of_it_is_known(section):
    status, cases, last = ran(section, "--expectations", f"expectations-{section}.toml")
    assert status == 0, last
    assert {case["result"] for case in cases} == {"passed", "known"}
    assert sum(case["result"] == "known" for case in cases) > 900
    assert broken(cases) == BROKEN[section]


@pytest.mark.parametrize("section", BROKEN)
def test_without_the_known_failures_it_does_not_conform(section):
    status, cases, last = ran(section, "tool-calls")
    assert status == 1
    assert last.startswith("streamchunk: violations (exit 1): ")
    assert "failed" in {case["result"] for case in cases}


@pytest.mark.parametrize("section", BROKEN)
def test_every_known_failure_names_the_sentence_or_the_letter_it_comes_from(section):
    entries = tomllib.loads((PORT / f"expectations-{section}.toml").read_text())["known"]
    assert {entry["rule"] for entry in entries} == BROKEN[section]
    for entry in entries:
        assert "§" in entry["reason"] or "ledger" in entry["reason"], entry["reason"]


@pytest.mark.parametrize("section", BROKEN)
def test_to_the_letter_every_stream_dies_at_its_first_event(section):
    """Ledger B1: what a language model streams are objects, and the specification decodes text and bytes."""
    status, cases, _ = ran(f"{section} --literal", "text")
    assert status == 1
    assert len(cases) > 20
    for case in cases:
        [chunk] = [json.loads(one["text"]) for one in case["answer"]["shown"]]
        assert chunk["type"] == "error", case["id"]
        assert chunk["error"]["code"] == "ERR_INVALID_ARG_TYPE", case["id"]


def test_over_the_real_router_it_raises_before_the_first_chunk():
    """Ledger A1, A12: the router wants `prompt`; §12.5 gives `messages`, outside of every `try`."""
    status, cases, _ = ran("12.5", "matrix", "text")
    assert status == 1
    assert cases
    for case in cases:
        assert case["answer"]["chunks"] == 0
        assert "prompt is not iterable" in json.dumps(case["answer"]["error"])
        assert "END-5" in {violation["rule"] for violation in case["violations"]}
