"""``streamchunk cassette drift``: what a newer recording changed, on the wire and in an adapter's output."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import click

from harness.cassettes.named import File, files_named
from harness.cli.drift_outputs import Output, output_changes, outputs
from harness.cli.drift_wires import WHOLE_ANSWER, wire_changes
from harness.cli.ending import Status, last_line, worst
from harness.cli.output import painter
from harness.cli.targets import connected, timeout_option
from harness.drivers import REFERENCE
from harness.drivers.driver import Driver
from harness.errors import FixtureError, InputError
from harness.protocol.json_text import line
from harness.protocol.mask import Mask
from harness.providers.shape_changes import Change
from harness.reports.findings import escaped, shown

_LONGEST = 400  # characters of a line
_WHOLE_CASSETTE = "the whole cassette"
_HIDE = Mask(()).excerpts
"""Examples are words of a provider, and a recording that is not ours may hold a key."""


@dataclass(slots=True)
class Drift:
    """What became of one cassette: changes of the wire, changes of the output, or why nobody can tell.

    ``status`` is UNREADABLE, FAILED, or NOTHING where the output could not be compared.
    """

    name: str
    wire: list[Change] = field(default_factory=list)
    output: list[Change] = field(default_factory=list)
    status: Status = Status.CONFORMS
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the same as one JSON object."""
        return {
            "name": self.name,
            "wire": [_HIDE(change.as_json()) for change in self.wire],
            "output": [_HIDE(change.as_json()) for change in self.output],
            "error": self.reason or None,
        }


@click.command("drift")
@click.argument("old")
@click.argument("new")
@click.option("--target", default=REFERENCE, show_default=True, help="The implementation whose output is compared.")
@click.option("--strict", is_flag=True, help="Another shape of the wire counts too, and an answer that is new.")
@click.option("--exact", is_flag=True, help="Other words and other values of the output count too.")
@timeout_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def cassette_drift(  # noqa: PLR0913 - one for each option
    *, old: str, new: str, target: str, strict: bool, exact: bool, timeout: float, form: str
) -> Status:
    """Tell what a newer recording changed: the wire's shape, and what an adapter makes of it.

    OLD and NEW are two cassettes, or two folders, in which those of the same name are compared. The shape of the wire
    is status, content type, framing and ending, the kinds of messages and their order, their members with their types,
    and the words that tell messages apart; ids, times, texts and counts are no part of it.

    The output is what --target (reference, or python:MODULE:NAME) makes of the answers. A live model says other words
    each time, so compared are: the kinds of chunks and their order, however texts are cut; their members with their
    types; finish reason, ending and errors; how many tools are called, which and in which order; the names and types of
    the members of each call's arguments; whether there is a text and a reasoning, and whether they are a JSON object, a
    JSON array or neither; whether tokens are counted; which rules are broken. Not compared are ids, times, words,
    numbers and the values of arguments; with --exact only ids, times and the cutting of texts are not. An answer or a
    cassette that NEW has lost is a change of the output; one that only NEW has is told, and counts with --strict.

    Exit status: 0 the output is the same, 1 it changed (with --strict also where the wire's shape did), 2 a cassette
    cannot be read, 3 the target gave no transcript, 4 the target offers no operation to be asked for.
    """
    pairs = _pairs(old, new)
    stdout, paint = sys.stdout, painter(sys.stdout)
    # From here on stdout is the report's alone; an implementation may print what it likes.
    click.get_current_context().with_resource(contextlib.redirect_stdout(sys.stderr))
    found: list[Drift] = []
    with connected(target, "--target") as driver:
        for pair in pairs:
            drift = _drift(pair, driver, timeout, exact=exact)
            found.append(drift)
            for text, kind in _lines(drift) if form == "text" else ():
                click.echo(paint(text, kind), file=stdout)
    status = worst([_status(drift, strict=strict) for drift in found])
    if form == "json":
        told = {
            "target": target,
            "strict": strict,
            "exact": exact,
            "exit": status,
            "cassettes": [drift.as_json() for drift in found],
        }
        stdout.buffer.write(line(told).encode() + b"\n")
    closing = last_line(status, _facts(found, target), said=_said(status, found))
    click.echo(closing, file=sys.stderr if form == "json" else stdout)
    return status


def _said(status: Status, found: list[Drift]) -> str | None:
    """Return the words of a status, None where its own are right."""
    if status is Status.CONFORMS:
        return "only the wire's shape changed" if any(drift.wire for drift in found) else "nothing changed"
    return {Status.VIOLATIONS: "drift", Status.NOTHING: "no output to compare"}.get(status)


class Pair(NamedTuple):
    """Two cassettes of one name; one of them may be missing."""

    name: str
    old: File | None
    new: File | None


def _pairs(old: str, new: str) -> list[Pair]:
    """Return what is compared; raises :class:`InputError` where nothing is."""
    folders = [Path(name).is_dir() for name in (old, new)]
    if not any(folders):
        [before], [after] = files_named([old]), files_named([new])
        return [Pair(after.name, before, after)]
    if not all(folders):
        raise InputError(f"{old} and {new}: one is a folder; name two cassettes or two folders")
    befores, afters = _by_name(old), _by_name(new)
    if not befores.keys() & afters.keys():
        raise InputError(f"{old} and {new}: no cassette of one has the name of one in the other")
    return [Pair(name, befores.get(name), afters.get(name)) for name in sorted({*befores, *afters})]


def _by_name(folder: str) -> dict[str, File]:
    found: dict[str, File] = {}
    for file in files_named([folder]):
        name = file.path.relative_to(folder).with_suffix("").as_posix()
        if name in found:
            raise InputError(f"{found[name].name} and {file.name} are both called {name}; rename one of them")
        found[name] = file
    return found


def _drift(pair: Pair, driver: Driver, timeout: float, *, exact: bool) -> Drift:
    drift = Drift(pair.name)
    if pair.new is None:
        drift.output = [Change("removed", _WHOLE_CASSETTE)]
        return drift
    if pair.old is None:
        drift.wire = [Change("added", _WHOLE_CASSETTE)]
        return drift
    try:
        drift.wire = list(wire_changes(pair.old.read(), pair.new.read()))
        old, new = (list(outputs(file.path, driver, timeout)) for file in (pair.old, pair.new))
    except (InputError, FixtureError) as error:  # the second: the suite takes every cassette for one of its own
        drift.status, drift.reason = Status.UNREADABLE, str(error)
        return drift
    for number, (one, other) in enumerate(zip_longest(old, new), 1):
        where = f"answer {number}: " if len(old) > 1 or len(new) > 1 else ""
        if other is None:
            drift.output.append(Change("removed", f"{where}{WHOLE_ANSWER}"))
        elif one is not None:
            _compare(drift, one, other, where, exact=exact)
    return drift


def _compare(drift: Drift, one: Output, other: Output, where: str, *, exact: bool) -> None:
    for output in (one, other):
        if output.transcript is None:
            drift.status = Status.FAILED if output.is_fault else Status.NOTHING
            drift.reason = f"{where}{output.reason}"
            return
    drift.output += [change.within(where) for change in output_changes(one, other, exact=exact)]


def _status(drift: Drift, *, strict: bool) -> Status:
    changed = drift.output or (strict and drift.wire)
    return worst([drift.status, Status.VIOLATIONS if changed else drift.status])


def _lines(drift: Drift) -> Iterator[tuple[str, str]]:
    """Yield the lines that tell one drift, each with what it is to a painter."""
    name = escaped(drift.name)
    if drift.reason:
        word = "unreadable input" if drift.status is Status.UNREADABLE else "not compared"
        yield f"{name}: {word}: {escaped(drift.reason)}", "MUST"
    elif not drift.wire and not drift.output:
        yield f"{name}: nothing changed", "good"
    for what, changes, kind in (
        ("the wire's shape changed", drift.wire, "SHOULD"),
        ("the output changed", drift.output, "MUST"),
    ):
        if changes:
            yield f"{name}: {what}", kind
            for change in changes:
                yield f"    {shown(_HIDE(str(change)), _LONGEST)}", "quiet"


def _facts(found: list[Drift], target: str) -> str:
    wires, changed = sum(bool(one.wire) for one in found), sum(bool(one.output) for one in found)
    told = f"{len(found)} cassettes, {wires} with another shape of the wire, {changed} with another output; {target}"
    unread = sum(bool(one.reason) for one in found)
    return f"{told}, {unread} not compared" if unread else told
