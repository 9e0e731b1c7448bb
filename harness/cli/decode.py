"""``streamchunk decode``: what a recorded provider body becomes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import click

from harness.cli.files import title, whole
from harness.cli.output import write_json
from harness.cli.sources import wire_of
from harness.cli.wires import WireName
from harness.errors import InputError
from harness.protocol.event_reading import reading_of_events
from harness.protocol.events import Event, worded
from harness.providers import OUT_OF_SCOPE, counted_ids, decoded, wire_named
from harness.providers.framing import Framing
from harness.providers.guess import guessed_wire
from harness.reference.growing import materialised
from harness.reference.transformer import Transformer
from harness.reports.findings import shown
from harness.stage import drained
from harness.wire.aws_event_stream import begins_event_stream

_TIMESTAMP = 1_767_225_600_000  # 2026-01-01: the same file gives the same chunks on any day
_MODEL = "recorded"
_FIELDS = {b"", b"event", b"data", b"id", b"retry"}
_LINE = re.compile(rb"^data:[ \t]*[^ \t\r\n][^\r\n]*[\r\n]", re.MULTILINE)
_UNREADABLE = {"INVALID_JSON", "INVALID_FRAMING"}


@click.command()
@click.argument("file")
@click.option("--wire", type=WireName(), help="The provider's API; guessed where it can be.")
@click.option(
    "--as",
    "form",
    type=click.Choice(["events", "chunks", "reading"]),
    default="events",
    show_default=True,
    help="Source events, the reference adapter's chunks, or one object: what a client ends up with.",
)
def decode(file: str, wire: str | None, form: str) -> None:
    """Show what a recorded provider body becomes, as JSON lines. FILE may be gzip; - is standard input."""
    try:
        body = whole(file)
        wire = wire or wire_of(file, body)
        events = decoded(wire, body, counted_ids("call"))
        _check(body, events, wire)
    except InputError as error:
        raise InputError(f"{title(file)}: {error}") from None
    for value in _values(events, form):
        write_json(value)


def _check(body: bytes, events: list[Event], wire: str) -> None:
    """Tell a body that is no provider's from one that breaks off: nothing of it could be read."""
    if len(events) == 1 and isinstance(error := events[0].get("error"), dict) and error.get("code") in _UNREADABLE:
        raise InputError(shown(str(error.get("message"))))
    if not body.strip():
        raise InputError("empty: there is no provider body in it")
    if not events and b"\0" in body and not begins_event_stream(body):
        raise InputError("binary: there is no provider body in it")
    says_nothing = all(event["type"] == "response-metadata" for event in events)  # another wire may have an id too
    guess = guessed_wire(body) if says_nothing else None
    if guess is not None and guess in OUT_OF_SCOPE:
        wire_named(guess)  # says what to do instead
    if not events and _LINE.search(body) and not drained(Framing(), body):
        raise InputError("there are data: lines in it that no event ends: a blank line has to follow each message")
    if not events and guess != wire and (guess or not _is_quiet(body)):
        looks = f"; it looks like {guess}" if guess else ""
        raise InputError(f"there is no message of {wire} in it{looks}")


def _is_quiet(body: bytes) -> bool:
    """Tell server-sent events that say nothing yet, such as heartbeats alone, from a body that is no stream."""
    return all(line.partition(b":")[0] in _FIELDS for line in body.splitlines() if line)


def _values(events: list[Event], form: str) -> Iterator[Any]:
    if form == "reading":
        yield reading_of_events(events).as_json()
    elif form == "events":
        yield from map(worded, events)
    else:
        transformer = Transformer(model=_MODEL, now=lambda: _TIMESTAMP, new_id=counted_ids("response"))
        chunks = [chunk for event in events for chunk in transformer.feed(event)] + transformer.close()
        yield from materialised(chunks)
