"""``streamchunk record --listen``: a proxy that runs until it is told to end, and a line for each exchange."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

import click

from harness.cassettes.recorder import Recorded, Recorder
from harness.cassettes.shelf import Shelf
from harness.cli.ending import Status, last_line
from harness.errors import InputError
from harness.model.router import checked_url
from harness.model.upstream import asked, called
from harness.providers import wire_named, wire_of_target
from harness.replay.proxy import RecordingProxy
from harness.reports.findings import shown

_HIGHEST_PORT = 65_535
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LOOK = 0.5  # seconds: a signal that another thread was given does not end the wait of this one


def listen_and_record(
    listen: str, upstream: str, folder: Path, *, wire: str | None = None, keep_encoding: bool = False
) -> Status:
    """Record what passes until Ctrl-C or SIGTERM; raises :class:`InputError` where it cannot begin."""
    host, port = _address(listen)
    upstream = checked_url(upstream, "--upstream")
    if "@" in urlsplit(upstream).netloc:
        raise InputError("--upstream has a user name or a password in it; it is the application that says who asks")
    if wire is not None:
        wire_named(wire)
    shelf = Shelf(folder, called(upstream))
    tally = _Tally()
    recorder = Recorder(shelf, lambda uri: wire or wire_of_target(uri), tally.take)
    proxy = RecordingProxy(host, port, upstream, asked, recorder, keep_encoding=keep_encoding)
    with contextlib.closing(recorder), proxy, _told_to_end() as told:
        click.echo(proxy.url)
        _wait(told)
    click.echo(last_line(tally.status, f"{tally} in {folder}", said=tally.word), err=True)
    return tally.status


@contextlib.contextmanager
def _told_to_end() -> Iterator[SimpleQueue[int]]:
    """Give what a SIGINT or SIGTERM is put into; behind it they do again what they did."""
    told: SimpleQueue[int] = SimpleQueue()  # a signal's handler may put into it, whatever the thread is doing
    before = {number: signal.signal(number, lambda number, _: told.put(number)) for number in _SIGNALS}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(told: SimpleQueue[int]) -> None:
    while True:
        with contextlib.suppress(Empty):
            told.get(timeout=_LOOK)
            return


def _address(listen: str) -> tuple[str, int]:
    """Read ``HOST:PORT``, or ``[::1]:PORT``; the host must be named, for nothing else may hear of what is recorded."""
    host, _, port = listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > _HIGHEST_PORT:
        raise InputError(
            f"--listen {shown(listen)}: write HOST:PORT, such as 127.0.0.1:8080, or 127.0.0.1:0 for any port"
        )
    return host, int(port)


class _Tally:
    """Prints what became of each exchange, and counts."""

    def __init__(self) -> None:
        self._kept = self._dropped = self._lost = 0

    def __str__(self) -> str:
        parts = [f"{self._kept} recorded"]
        parts += [f"{self._dropped} not kept"] if self._dropped else []
        parts += [f"{self._lost} lost"] if self._lost else []
        return ", ".join(parts)

    def take(self, one: Recorded) -> None:
        """Take note of one exchange."""
        asked_for = f"{one.method} {shown(one.path)}"
        if one.file is None:
            self._lost += one.is_lost
            self._dropped += not one.is_lost
            click.echo(f"not recorded: {asked_for}: {shown(one.why)}")
            return
        self._kept += 1
        cut = {"end": "", "fin": ", cut by a FIN", "reset": ", cut by a reset"}[one.ending or "end"]
        pieces = "1 piece" if one.pieces == 1 else f"{one.pieces} pieces"
        facts = f"status {one.status}, {pieces}, {one.length} bytes, {one.seconds:.1f} s{cut}"
        click.echo(f"recorded {one.file.name}: {asked_for}, {facts}")

    @property
    def status(self) -> Status:
        """What all of it came to."""
        if self._lost:
            return Status.FAILED
        return Status.CONFORMS if self._kept else Status.NOTHING

    @property
    def word(self) -> str:
        """The status in words."""
        if self._lost:
            return "recordings lost"
        return "recorded" if self._kept else "nothing recorded"
