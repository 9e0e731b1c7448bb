"""``streamchunk cassette show``: what was asked, and the answer as it came."""

from __future__ import annotations

from collections.abc import Iterator

import click

from harness.cassettes.interaction import Interaction
from harness.cassettes.named import file_named
from harness.cli.output import write_json
from harness.cli.tape_views import as_json, body_lines, quiet, request_line
from harness.cli.tapes import wire_of
from harness.errors import InputError
from harness.reports.findings import escaped, shown

_LONGEST = 500  # characters of a request's body


@click.command("show")
@click.argument("cassette")
@click.option(
    "--as",
    "form",
    type=click.Choice(["bytes", "events", "reading", "chunks", "json"]),
    help="The body's bytes, source events, what a client ends up with, the reference adapter's chunks, or all of it "
    "as one JSON object, which is never shortened.  [default: events, or bytes where no wire is known]",
)
@click.option("--all", "every", is_flag=True, help="Shorten nothing.")
def cassette_show(*, cassette: str, form: str | None, every: bool) -> None:
    """Show what was asked and what was answered, piece by piece and with the pauses between.

    CASSETTE is a path or the name of a bundled one. What cannot be seen is written as its code; a key in a header or in
    a query is hidden.
    """
    tape = file_named(cassette).read()
    if form == "json":
        write_json(as_json(tape))
        return
    for place, one in enumerate(tape.interactions):
        several = f" ({place + 1} of {len(tape.interactions)})" if len(tape.interactions) > 1 else ""
        if place:
            click.echo()
        try:
            wire, chosen = _wire_of(one, form)
            click.echo(shown(f"{tape.name}{several}: {tape.provenance or 'of unknown provenance'}, {wire}"))
            for text in _head_lines(one, every=every):
                click.echo(text)
            for text in body_lines(one, chosen, every=every):
                click.echo(text)
        except InputError as error:
            raise InputError(f"{tape.name}{several}: {error}") from None


def _wire_of(one: Interaction, form: str | None) -> tuple[str, str]:
    """Return the wire in words, and the form in which the body is shown; raises where the form needs a wire."""
    if form == "bytes" or (form is None and one.wire is None):
        try:
            return wire_of(one), form or "events"
        except InputError:
            return one.wire or "no known wire", "bytes"
    return wire_of(one), form or "events"


def _head_lines(one: Interaction, *, every: bool) -> Iterator[str]:
    yield escaped(request_line(one))
    yield from _header_lines(quiet(one.request.headers))
    if one.request.body:
        text = one.request.body.decode("utf-8", "backslashreplace")
        yield ""
        yield escaped(text, kept="\n") if every else shown(text, _LONGEST)
    yield ""
    pause = f", +{round(one.head_pause * 1000, 3):g} ms" if one.head_pause else ""
    yield escaped(f"{one.status} {one.reason}".rstrip() + pause)
    yield from _header_lines(quiet(one.headers))
    yield ""


def _header_lines(headers: dict[str, list[str]]) -> Iterator[str]:
    for name, values in headers.items():
        for value in values:
            yield escaped(f"{name}: {value}")
