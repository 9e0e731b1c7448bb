"""What real adapters of era 0.2 yielded, held to what a person found in it.

``violations.txt`` names the faults of each log by marks. A mark is found by the rules of :data:`RULES`; ``X-`` marks
and ``L-USAGE-PROMPT0`` show only beside the source. Where the list and the law count differently, it is said here:

- a second ``done`` without usage (``L-USAGE``) is one fault too many already, END-3 or END-4;
- an adapter that throws (``L-NO-TERMINAL: threw instead``) is END-5, and not also a stream without an end;
- arguments that are whole in each of two chunks of one call (``L-ARGS-JSON: {}{}``) are TOOL-1 in the profile spec, and
  TOOL-4 where fragments are allowed;
- the list has no mark for ``anthropic.no_usage``: its source counts 11 and 1 tokens in ``message_start``, the adapter
  reports 0 and 0. It has none either for ids and model names that differ from the source's.
"""

import json

import pytest

from harness.judge import judge
from harness.logs import read_log
from harness.providers import counted_ids, decoded
from harness.rules.rule import Level

pytestmark = pytest.mark.evidence

WIRES = {"openai": "openai-responses", "anthropic": "anthropic-messages"}
RULES = {
    "L-AFTER-TERMINAL": {"END-2", "END-3", "END-4"},
    "L-DOUBLE-DONE": {"END-3", "END-4"},
    "L-USAGE": {"USAGE-1", "END-3", "END-4"},
    "L-USAGE-PROMPT0": {"USAGE-4"},
    "L-NO-TERMINAL": {"END-1", "END-5"},
    "L-ERR-CODE": {"END-7"},
    "L-ERR-MSG": {"END-6"},
    "L-EMPTY-DELTA": {"TEXT-3"},
    "L-ARGS-JSON": {"TOOL-1", "TOOL-2"},
    "L-ARGS-EMPTY": {"TOOL-2"},
    "L-TOOL-ORDER": {"TOOL-8"},
    "L-INDEX-GAPLESS": {"TOOL-7"},
    "S3-ID-STABLE": {"ID-1", "ID-3"},
    "S6.1-PARTIAL-ARGS": {"TOOL-1"},
    "S6.8-THROW-NO-ERROR-CHUNK": {"END-5"},
    "X-FINISH": {"END-13"},
}
NEEDS_SOURCE = {"L-USAGE-PROMPT0", "X-FINISH"}

# What is a MUST for any TanStack adapter, decided log by log. END-3: the engine keeps the last `done`, so the second
# one overwrites usage and reason, and nothing is read behind an error. END-1: without `done` the engine never runs
# tools, and the client waits. TOOL-4: chat() joins the fragments and throws.
TANSTACK_MUST = {
    "anthropic.content_filter": {"END-3"},
    "anthropic.empty": {"END-3"},
    "anthropic.length": {"END-3"},
    "anthropic.no_terminal": {"END-1"},
    "anthropic.no_usage": {"END-3"},
    "anthropic.pause_turn": {"END-3"},
    "anthropic.reasoning": {"END-3"},
    "anthropic.stop_sequence": {"END-3"},
    "anthropic.text": {"END-3"},
    "anthropic.tool_bad_args": {"TOOL-4"},
    "anthropic.tool_length": {"END-3"},
    "anthropic.tool_no_args_then_text": {"TOOL-4"},
    "anthropic.tool_no_terminal": {"END-1"},
    "anthropic.tool_then_server_tool": {"TOOL-4"},
    "anthropic.two_text_blocks": {"END-3"},
    "openai.no_terminal": {"END-1"},
    "openai.refusal": {"END-3"},
    "openai.tool_bad_args": {"TOOL-4"},
    "openai.tool_no_terminal": {"END-1"},
}
# Beside the source these join them: the finish reason is lost, tokens that were counted are reported as 0, and a
# refusal, which the provider finishes, is reported as an error.
TANSTACK_MUST_WITH_SOURCE = {"END-13", "USAGE-4", "END-12"}


def marks_of(shared):
    """Return the marks of each log of the era by name; a clean one has none."""
    found, era, adapter = {}, "", ""
    for line in (shared / "adapter-logs" / "violations.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("=== "):
            era, adapter = line.removeprefix("=== ").split(" / ")
        elif era != "era-0.2" or not line.strip():
            continue
        elif line.startswith("  clean:"):
            found |= {f"{adapter}.{name.strip()}": [] for name in line.split(":")[1].split(",")}
        else:
            name, faults = line.split(None, 1)
            found[f"{adapter}.{name}"] = [fault.split(":")[0].strip() for fault in faults.split("|")]
    assert len(found) == 47
    return found


def source_of(shared, log):
    """Return the events of the provider body that an adapter was given, and how it ended."""
    adapter, name = log.split(".")
    folder = shared / "adapter-logs" / "sources" / WIRES[adapter]
    meta_file = folder / f"{name}.meta.json"
    meta = json.loads(meta_file.read_bytes()) if meta_file.exists() else {}
    if "status" in meta:
        body = json.loads((folder / f"{name}.error.json").read_bytes())
        return [{"type": "error", "error": body["error"] | {"statusCode": meta["status"]}}]
    events = decoded(WIRES[adapter], (folder / f"{name}.sse").read_bytes(), counted_ids("call"))
    if meta.get("ending") == "reset":
        events.append({"$throw": {"name": "TypeError", "message": "terminated"}})
    return events


@pytest.fixture(scope="module")
def logs(shared):
    return {
        path.stem: read_log([path.read_bytes()], name=path.name)
        for path in sorted((shared / "adapter-logs" / "era-0.2").glob("*.json"))
    }


def broken(transcript, level=None, **options):
    return {one.rule.id for one in judge(transcript, **options).violations if level in {None, one.level}}


def test_every_mark_is_found_by_a_rule_that_says_the_same(shared, logs):
    marks = marks_of(shared)
    assert marks.keys() == logs.keys()
    assert {mark for found in marks.values() for mark in found} == RULES.keys()
    missed = []
    for name, transcript in logs.items():
        alone = broken(transcript)
        beside = broken(transcript, source=source_of(shared, name))
        seen = {mark: beside if mark in NEEDS_SOURCE else alone for mark in marks[name]}
        missed += [(name, mark) for mark in seen if not RULES[mark] & seen[mark]]
    print(f"{sum(map(len, marks.values()))} marks in {len(logs)} logs, {len(missed)} missed")
    assert missed == []


def test_what_is_called_clean_has_no_finding_without_its_source(shared, logs):
    clean = [name for name, marks in marks_of(shared).items() if not marks]
    assert len(clean) == 5
    assert {name: broken(logs[name]) for name in clean} == {name: set() for name in clean}


def test_what_the_published_types_and_consumers_allow_is_no_must_for_tanstack(logs):
    musts = {name: broken(transcript, Level.MUST, profile="tanstack") for name, transcript in logs.items()}
    assert {name: found for name, found in musts.items() if found} == TANSTACK_MUST


def test_beside_the_source_only_losses_are_added_for_tanstack(shared, logs):
    for name, transcript in logs.items():
        found = broken(transcript, Level.MUST, profile="tanstack", source=source_of(shared, name))
        assert found - TANSTACK_MUST.get(name, set()) <= TANSTACK_MUST_WITH_SOURCE, name


def test_what_the_list_overlooked_is_found(shared, logs):
    assert "USAGE-4" in broken(logs["anthropic.no_usage"], source=source_of(shared, "anthropic.no_usage"))
