"""TanStack's own adapters of the specification's era: exactly the violations that are listed are found."""

import json
import tomllib
from datetime import UTC, datetime

import pytest

from harness.protocol.script import UNSCRIPTED
from harness.rules import BY_ID
from harness.suite import expectations
from peers import matrix
from peers.peers import ROOT, TANSTACK, ran

OPENAI = {
    "MUST": "ABORT-2 END-1 END-3 END-12 END-13 REQ-6 REQ-9 REQ-13 STRUCT-2 STRUCT-3 STRUCT-7 "
    "STRUCT-12 STRUCT-13 STRUCT-15 STRUCT-16 STRUCT-17 STRUCT-18 TOOL-4",
    "SHOULD": "END-5 END-6 ID-5 ID-6 STRUCT-10 TEXT-3 TOOL-7 TOOL-10 TOOL-17",
}
BROKEN = {
    "openai-0.2.1": OPENAI,
    "openai-0.3.0": OPENAI,
    "anthropic-0.2.0": {
        "MUST": "ABORT-2 END-1 END-3 END-12 END-13 REQ-13 STRUCT-12 STRUCT-13 STRUCT-24 TOOL-4 USAGE-4",
        "SHOULD": "END-4 END-7 END-14 ID-1 ID-5 ID-6 TOOL-14",
    },
    "gemini-0.3.2": {
        "MUST": "ABORT-2 ABORT-3 ABORT-5 ABORT-7 END-1 END-3 END-11 END-13 REQ-4 REQ-10 STRUCT-4 STRUCT-12 STRUCT-13 "
        "TOOL-6",
        "SHOULD": "ABORT-4 ID-1 ID-5 ID-6 THINK-2",
    },
    "ollama-0.3.0": {
        "MUST": "ABORT-5 ABORT-7 END-13 REQ-5 REQ-10 SHAPE-6 STRUCT-12 TEXT-4",
        "SHOULD": "END-5 USAGE-5",
    },
}
"""Which rules each of them breaks, by their level in profile tanstack; why stands in its expectations file."""

OVER_HTTP = "over-http/cassettes"
PUBLISHED = [
    ("anthropic-0.2.0", "ID-1", f"{OVER_HTTP}/anthropic-text"),  # a new id for every chunk
    ("anthropic-0.2.0", "END-3", f"{OVER_HTTP}/anthropic-text"),  # two ends
    ("anthropic-0.2.0", "END-4", f"{OVER_HTTP}/anthropic-tool"),  # the second of them behind tool_calls
    ("anthropic-0.2.0", "TOOL-4", "tool-calls/no-arguments-before-text-anthropic"),  # {}{}
    ("anthropic-0.2.0", "TOOL-4", f"{OVER_HTTP}/anthropic-server-tool-between-calls"),  # the input of a server's tool
    ("anthropic-0.2.0", "END-13", f"{OVER_HTTP}/anthropic-length"),  # max_tokens is an error
    ("anthropic-0.2.0", "END-3", f"{OVER_HTTP}/anthropic-length"),  # and an end behind it
    ("anthropic-0.2.0", "END-7", "refusals/cut-in-the-text-anthropic"),  # the code "undefined" of a lost connection
    ("anthropic-0.2.0", "END-13", f"{OVER_HTTP}/anthropic-refusal"),  # a refusal is a stop
    ("anthropic-0.2.0", "USAGE-4", f"{OVER_HTTP}/anthropic-text"),  # promptTokens 0
    ("openai-0.3.0", "TEXT-3", f"{OVER_HTTP}/openai-responses-text"),  # an empty first delta
    ("openai-0.3.0", "END-13", f"{OVER_HTTP}/openai-responses-length"),  # an error, and no done
    ("openai-0.3.0", "END-13", f"{OVER_HTTP}/openai-responses-content-filter"),
    ("openai-0.3.0", "END-6", f"{OVER_HTTP}/openai-responses-refusal"),  # an empty message
    ("openai-0.3.0", "END-3", f"{OVER_HTTP}/openai-responses-refusal"),  # chunks behind the error
    ("openai-0.3.0", "END-5", f"{OVER_HTTP}/openai-responses-http-500"),  # thrown, without an error chunk
    ("openai-0.3.0", "TOOL-7", f"{OVER_HTTP}/openai-responses-text-between-calls"),  # indices from 1
    ("openai-0.3.0", "TOOL-4", "arguments/broken-openai-responses"),  # broken arguments are passed on
    ("openai-0.3.0", "END-1", f"{OVER_HTTP}/openai-responses-cut-in-the-arguments"),  # half a call vanishes
    ("openai-0.3.0", "TOOL-17", f"{OVER_HTTP}/openai-responses-tool"),  # the item's id for the call's
    ("gemini-0.3.2", "ID-1", f"{OVER_HTTP}/google-text"),
    ("gemini-0.3.2", "END-3", f"{OVER_HTTP}/google-length"),  # an error, and an end behind it
    ("gemini-0.3.2", "END-13", f"{OVER_HTTP}/google-safety"),
    ("gemini-0.3.2", "END-11", f"{OVER_HTTP}/google-malformed-function-call"),
    ("gemini-0.3.2", "END-1", f"{OVER_HTTP}/google-prompt-blocked"),  # no chunk at all
    ("gemini-0.3.2", "END-1", f"{OVER_HTTP}/google-cut-after-an-event"),
    ("gemini-0.3.2", "ABORT-7", "abort/google-behind-the-first-chunk"),  # hangs until the server closes
    ("ollama-0.3.0", "ABORT-7", "abort/ollama-behind-the-first-chunk"),
    ("ollama-0.3.0", "SHAPE-6", "tool-calls/without-ids-ollama"),  # neither id nor index
    ("ollama-0.3.0", "END-5", "over-http/providers/ollama-http-error"),
    ("ollama-0.3.0", "END-5", "over-http/providers/ollama-cut-mid-event"),
    ("ollama-0.3.0", "END-13", "over-http/providers/ollama-length"),
    ("ollama-0.3.0", "TEXT-4", "text/in-the-last-line-of-ollama"),
    ("ollama-0.3.0", "USAGE-5", "over-http/providers/ollama-text"),  # never any usage
]
"""What was found in these adapters by hand before: each is found by a case of ours, too."""

PACKAGES = {"openai-0.2.1": "ai-openai-0.2.1", "openai-0.3.0": "ai-openai-0.3.0"}
MOST_LINES = 10

each = pytest.mark.parametrize("name", TANSTACK)


def known(name):
    text = (ROOT / TANSTACK[name].expectations).read_text()
    return expectations.parsed(text, name, rules=BY_ID, today=datetime.now(UTC).date())


def committed():
    return json.loads(matrix.PLACE.read_text())


@pytest.mark.usefixtures("node")
@each
def test_exactly_the_listed_violations_are_found(name):
    status, report, last_line = ran(TANSTACK[name])
    assert status == 0, last_line
    assert "stale" not in last_line
    found = {"MUST": set(), "SHOULD": set()}
    for case in report["cases"]:
        for violation in case.get("violations", ()):
            found[violation["level"]].add(violation["rule"])
    assert {level: set(rules.split()) for level, rules in BROKEN[name].items()} == found
    asked = [request for case in report["cases"] for request in case.get("answer", {}).get("requests", ())]
    assert asked
    assert UNSCRIPTED not in {request["status"] for request in asked}, "judged by what the harness itself says"
    seen = matrix.column(TANSTACK[name], report)
    shown = committed()["implementations"][name]
    assert found_in(seen) == found_in(shown), "`make peers` writes reports/real-adapters.* anew"


def found_in(column):
    """What of a column is the same on a slow machine, and with more cases of other wires.

    Not so what was not asked, nor how many cases gave a rule an occasion: an abort may come before the first chunk.
    """
    rules = {rule: cell["broken"] for rule, cell in column["rules"].items() if cell["broken"]}
    return {**{key: column[key] for key in ("label", "name", "version", "profile", "command", "cases")}, "rules": rules}


@each
def test_every_broken_rule_has_a_reason(name):
    rules = {rule for level in BROKEN[name].values() for rule in level.split()}
    assert {entry.rule for entry in known(name)} == rules | {"expect"}
    assert all(entry.reason.strip() and not entry.flaky for entry in known(name))


@pytest.mark.parametrize(("name", "rule", "case"), PUBLISHED)
def test_what_was_found_by_hand_is_found_by_a_case(name, rule, case):
    assert any(entry.rule == rule and entry.lists(case) for entry in known(name))


@each
def test_the_shim_is_ten_lines_of_code_and_names_the_version_that_is_installed(name):
    shim = (ROOT / TANSTACK[name].shim).read_text()
    assert sum(bool(line.strip()) for line in shim.splitlines()) <= MOST_LINES
    kind, version = name.rsplit("-", 1)
    lock = json.loads((ROOT / "tests/peers/package-lock.json").read_text())["packages"]
    package = PACKAGES.get(name, f"@tanstack/ai-{kind}")
    assert lock[f"node_modules/{package}"]["version"] == version
    assert f"'{package}'" in shim
    assert f"version: '{version}'" in shim
    assert lock["node_modules/@tanstack/ai"]["version"] == "0.2.2"


@pytest.mark.parametrize("name", ["openai-0.3.0", "gemini-0.3.2"])
def test_the_readme_tells_the_command_that_is_tested(name):
    told = (ROOT / "tests/peers/tanstack/README.md").read_text().replace("\\\n", " ")
    assert f"{TANSTACK[name].command} " in " ".join(told.split())


@pytest.mark.parametrize(("form", "ending"), [("markdown", ".md"), ("html", ".html")])
def test_the_matrix_in_the_repository_is_drawn_from_its_figures(form, ending):
    assert getattr(matrix.matrix_forms, form)(committed()) == matrix.PLACE.with_suffix(ending).read_text()


def test_the_matrix_in_the_repository_tells_the_reasons_of_the_expectations_files():
    columns = committed()["implementations"]
    assert set(columns) == set(matrix.ALL)
    for name, column in columns.items():
        assert column["reasons"] == matrix.reasons(matrix.ALL[name]), f"{name}: run `make peers`"
        assert column["cases"]["failed"] == 0
        text = (ROOT / matrix.ALL[name].expectations).read_text()
        listed = {entry["rule"] for entry in tomllib.loads(text)["known"]}
        broken = {rule for rule, cell in column["rules"].items() if cell["broken"]}
        assert listed <= broken | {"errored"}
        assert column["cases"]["known"] > 0 or not listed
