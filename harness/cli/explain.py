"""``streamchunk explain``: one rule, why it is there, what breaks it, and how to mend that."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import click

from harness.cli.ending import Status
from harness.cli.output import painter
from harness.errors import FixtureError, InputError
from harness.judge import judge
from harness.protocol.json_text import line as json_line
from harness.protocol.transcript_file import read_transcript
from harness.reports.catalogue import Example, explanation
from harness.resources import folder
from harness.rules import ALL
from harness.rules.rule import Rule

_IDENTITY = ("id", "model", "timestamp")


@click.command()
@click.argument("rule_id", metavar="RULE")
def explain(rule_id: str) -> Status:
    """Explain one RULE, such as TOOL-3: what it asks, why, who says so, an example that breaks it, how to mend it."""
    rule = _rule(rule_id)
    for line in explanation(rule, _example(rule), paint=painter(sys.stdout)):
        click.echo(line)
    return Status.CONFORMS


def _rule(given: str) -> Rule:
    by_name = {rule.id: rule for rule in ALL} | {rule.name.upper(): rule for rule in ALL}
    wanted = given.strip().upper()
    if wanted not in by_name:
        near = get_close_matches(wanted, by_name, n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(by_name[name].id for name in near)}?" if near else "see `streamchunk rules`"
        raise click.BadParameter(f"there is no rule {given!r}; {hint}", param_hint="RULE")
    return by_name[wanted]


def _example(rule: Rule) -> Example:
    """Read the fixture that breaks the rule, as it is written there, and judge it."""
    path = folder("fixtures") / "streams" / "invalid" / f"{rule.id}.ndjson"
    try:
        lines = path.read_text(encoding="utf-8").strip().split("\n")
        transcript = read_transcript(lines)
    except (OSError, UnicodeDecodeError, InputError) as error:
        raise FixtureError(f"fixtures/streams/invalid/{path.name} cannot be read: {error}") from error
    entries = [json.loads(line) for line in lines]
    said = [entry for entry in entries[1:-1] if "exchange" not in entry]
    shared = _shared([entry["chunk"] for entry in said if isinstance(entry.get("chunk"), dict)])
    verdict = judge(transcript, profile=next(iter(rule.levels)))
    return Example(
        scope=transcript.scope,
        operation=transcript.stimulus.operation,
        given=_given(entries[0]),
        events=[json_line(event) for event in entries[0].get("events") or ()],
        requests=[_request(entry["exchange"]) for entry in entries[1:-1] if "exchange" in entry],
        chunks=[_chunk(entry, shared) for entry in said],
        shared=shared,
        ending=_ended(entries[-1]),
        findings=[violation.finding for violation in verdict.violations if violation.rule.id == rule.id],
    )


def _shared(chunks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the parts of the identity that are the same in all chunks: showing them would hide what differs."""
    return [key for key in _IDENTITY if len(chunks) > 1 and all(one.get(key) == chunks[0].get(key) for one in chunks)]


def _chunk(entry: Mapping[str, Any], shared: Sequence[str]) -> str:
    if "text" in entry:
        return str(entry["text"])
    chunk = entry["chunk"]
    if isinstance(chunk, dict):
        chunk = {key: value for key, value in chunk.items() if key not in shared}
    return json_line(chunk)


def _given(header: Mapping[str, Any]) -> str:
    """Return what was asked of an operation that is no plain ``transform``: its input, or its request."""
    asked = header.get("input") or header.get("request")
    return "" if header.get("operation", "transform") == "transform" else json_line(asked)


def _request(exchange: Mapping[str, Any]) -> str:
    """Return what the provider received, as far as it could be read, and what it answered."""
    what = json_line(exchange["asked"]) if "asked" in exchange else exchange.get("fault", "")
    return f"{exchange.get('method')} {exchange.get('target')} → {exchange.get('status')}: {what}"


def _ended(entry: Mapping[str, Any]) -> str:
    told = [json_line(entry[key]) for key in ("error", "result") if key in entry]
    return f"({', '.join([entry['ending'], *told])})"
