"""``streamchunk replay``: cassettes, served as the providers answered them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from queue import SimpleQueue
from typing import TypeAlias

import click

from harness.cassettes.named import files_named
from harness.cli.ending import Status, last_line
from harness.cli.signals import next_of, told_to_end
from harness.replay.asked import CRITERIA, Criterion
from harness.replay.cassettes import PREFLIGHT, SLOWEST, CassetteServer, Played
from harness.reports.findings import escaped, shown

_GRACE = 5.0  # seconds for answers that still run when the last that was wanted is over
_LISTED = 20  # recordings that are named at the start

Watched: TypeAlias = "SimpleQueue[Played | None]"
"""What was played, as it ends; None where somebody stops us."""


def _criteria(context: click.Context, option: click.Parameter, given: str) -> tuple[Criterion, ...]:
    """Read ``method,path``: some of the criteria, in any order."""
    words = {word.strip() for word in given.split(",")}
    if not words <= set(CRITERIA):
        wanted = f"{given!r}: write some of {','.join(CRITERIA)}, with commas between"
        raise click.BadParameter(wanted, ctx=context, param=option)
    return tuple(criterion for criterion in CRITERIA if criterion in words)


@click.command()
@click.argument("cassettes", nargs=-1, required=True, metavar="CASSETTE...")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 takes any that is free.")
@click.option(
    "--match",
    callback=_criteria,
    metavar="WORDS",
    default=",".join(CRITERIA),
    show_default=True,
    help="What of a request is compared with the recorded ones.",
)
@click.option(
    "--in-order",
    is_flag=True,
    help="Recordings that answer the same request are played one after the other, the last again and again.",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    metavar="X",
    help="2 halves the recorded pauses, 0 leaves them out.",
)
@click.option("--requests", type=click.IntRange(min=1), metavar="N", help="End by itself after N answers.")
@click.option("--once", is_flag=True, help="The same as --requests 1.")
def replay(  # noqa: PLR0913 - one for each option
    *,
    cassettes: tuple[str, ...],
    port: int,
    match: tuple[Criterion, ...],
    in_order: bool,
    speed: float,
    requests: int | None,
    once: bool,
) -> Status:
    """Serve cassettes over HTTP on 127.0.0.1, with their pieces, pauses, framing, headers and endings.

    A CASSETTE is a file, a folder, or the name of a bundled one such as openai/chat-tool. The first line on standard
    output is the base URL, alone; the log goes to standard error, a line for each request.

    A request is answered by the recording that has the same method, path, query and body. The recorded path may stand
    behind any prefix; keys in the query are not compared; a JSON body is compared by its meaning, any other byte for
    byte; what a recording says was put in place of a secret stands for any text of its length. What matches nothing is
    answered by status 599, with an error that says where it differs from the nearest recording. Pages from localhost
    may ask from a browser (CORS). A body is sent as it was recorded, compressed or not.

    Ctrl-C and SIGTERM end it. Exit status: 0 every request was answered from a cassette, 1 some were not, or not to
    the end, 2 a cassette cannot be read, two answer the same request, or the port is taken, 3 the server failed,
    4 nothing was asked.
    """
    if not (math.isfinite(speed) and (speed == 0 or speed >= SLOWEST)):
        raise click.BadParameter(f"{speed} is no speed; the slowest is {SLOWEST}", param_hint="--speed")
    if once and requests not in (None, 1):
        raise click.UsageError("--once and --requests contradict each other")
    watched: Watched = SimpleQueue()
    server = CassetteServer(
        [file.read() for file in files_named(cassettes)],
        port=port, match=match, in_order=in_order, speed=speed, watch=watched.put, kept=0,
    )  # fmt: skip
    tally = _Tally()
    with told_to_end(lambda: watched.put(None)):
        with server:
            click.echo(server.base_url)
            for text in _listed(server):
                click.echo(text, err=True)
            tally.take_until_the_end(watched, 1 if once else requests)
            if not tally.stopped:
                server.settled(_GRACE)
        tally.take_the_rest(watched)
        click.echo(last_line(tally.status, str(tally), said=tally.word), err=True)
    return tally.status


class _Tally:
    """Prints what became of each request, and counts; what a browser asks first is no request of its page."""

    def __init__(self) -> None:
        self.stopped = False
        self._answered = self._unmatched = self._broken_off = self._failed = 0

    def __str__(self) -> str:
        told = f"{self.asked} requests, {self._answered} answered from a cassette, {self._unmatched} not"
        return f"{told}, {self._broken_off} broken off" if self._broken_off else told

    @property
    def asked(self) -> int:
        """How many requests there were."""
        return self._answered + self._unmatched + self._broken_off

    @property
    def status(self) -> Status:
        """What all of it came to."""
        if self._failed:
            return Status.FAILED
        is_short = self._unmatched or self._broken_off
        return Status.VIOLATIONS if is_short else Status.CONFORMS if self._answered else Status.NOTHING

    @property
    def word(self) -> str:
        """The status in words."""
        if self._failed:
            return "the replay server failed"
        if self._broken_off and not self._unmatched:
            return "stopped within an answer"
        return "not all was recorded" if self._unmatched else "replayed" if self._answered else "nothing was asked"

    def take_until_the_end(self, watched: Watched, wanted: int | None) -> None:
        """Take note of each exchange, until there were so many, or somebody stops us."""
        while not self.stopped and (wanted is None or self.asked < wanted):
            self._take(next_of(watched))

    def take_the_rest(self, watched: Watched) -> None:
        """Take note of what ended while the server did."""
        while not watched.empty():
            self._take(watched.get())

    def _take(self, played: Played | None) -> None:
        if played is None:
            self.stopped = True
            return
        click.echo(_line(played), err=True)
        self._answered += played.recording is not None and not played.is_broken_off
        self._broken_off += played.is_broken_off
        self._unmatched += played.recording is None and played.note != PREFLIGHT
        self._failed += played.exchange.fault is not None


def _listed(server: CassetteServer) -> Iterator[str]:
    recordings = server.recordings
    for recording in recordings[:_LISTED]:
        asked = recording.asked
        yield escaped(f"  {asked.method} {server.base_url}/{'/'.join(asked.path)}  {recording.name}")
    if len(recordings) > _LISTED:
        yield f"  and {len(recordings) - _LISTED} more"


def _line(played: Played) -> str:
    """Return the line of the log; of a path nothing behind its ``?``, where a key may stand."""
    exchange = played.exchange
    path = shown(exchange.target.partition("?")[0] or "/")
    status = "-" if exchange.status is None else exchange.status
    pieces = "1 piece" if exchange.pieces == 1 else f"{exchange.pieces} pieces"
    took = f"{(exchange.closed_at or exchange.asked_at) - exchange.asked_at:.0f} ms"
    named = played.recording or "-"
    line = f"{exchange.method or '-'} {path} {status} {named} {pieces} {took}"
    notes = [note for note in (played.note, _left(played), exchange.fault) if note]
    return escaped(f"{line}  {'; '.join(notes)}" if notes else line)


def _left(played: Played) -> str:
    if played.is_broken_off:
        return "broken off: the replay was stopped"
    return "the client left" if played.exchange.closed_by == "client" and not played.exchange.whole else ""
