"""``streamchunk record --listen``: a proxy that runs until it is told to end, and a line for each exchange."""

from __future__ import annotations

import contextlib
from pathlib import Path
from queue import SimpleQueue
from urllib.parse import urlsplit

import click

from harness.cassettes.recorder import Recorded, Recorder
from harness.cassettes.redaction import CONTEXT, WHOLE
from harness.cassettes.shelf import Shelf
from harness.cli.ending import Status, last_line
from harness.cli.signals import LOOK, next_of, told_to_end
from harness.errors import InputError
from harness.model.router import checked_url
from harness.model.upstream import asked, called, sendable
from harness.providers import wire_named, wire_of_target
from harness.replay.listening import bound
from harness.replay.proxy import RecordingProxy
from harness.reports.findings import shown

OF_A_LONG_BODY = f"of more than {WHOLE >> 20} MiB, where no secret is found that spreads over {CONTEXT >> 10} KiB"
"""What is not certain of a body that was too long to be searched as a whole."""

_HIGHEST_PORT = 65_535


def listen_and_record(
    listen: str, upstream: str, folder: Path, *, wire: str | None = None, keep_encoding: bool = False
) -> Status:
    """Record what passes until Ctrl-C or SIGTERM; raises :class:`InputError` where it cannot begin.

    What is whole then is written, and nothing else interrupts us: who asks again gets the recording that is being
    written, and hears which are lost. The folder is made once somebody listens.
    """
    host, port = _address(listen)
    upstream = checked_url(upstream, "--upstream")
    if "@" in urlsplit(upstream).netloc:
        raise InputError("--upstream has a user name or a password in it; it is the application that says who asks")
    if wire is not None:
        wire_named(wire)
    upstream = sendable(upstream)
    tally, told = _Tally(), SimpleQueue[None]()
    with contextlib.closing(bound(host, port)) as listener:
        recorder = Recorder(Shelf(folder, called(upstream)), lambda uri: wire or wire_of_target(uri), tally.take)
        with told_to_end(lambda: told.put(None)):
            with (
                contextlib.closing(recorder),
                RecordingProxy(listener, upstream, asked, recorder, keep_encoding=keep_encoding) as proxy,
            ):
                click.echo(proxy.url)
                next_of(told)
                proxy.close()
                while not recorder.is_done(LOOK):
                    if not told.empty():
                        recorder.hurry()
            click.echo(last_line(tally.status, f"{tally} in {folder}{tally.note}", said=tally.word), err=True)
    return tally.status


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
        self._kept = self._dropped = self._refused = self._lost = self._long = 0

    def __str__(self) -> str:
        parts = [f"{self._kept} recorded"]
        parts += [f"{self._dropped} not kept"] if self._dropped else []
        parts += [f"{self._refused} refused"] if self._refused else []
        parts += [f"{self._lost} lost"] if self._lost else []
        return ", ".join(parts)

    def take(self, one: Recorded) -> None:
        """Take note of one exchange."""
        asked_for = f"{one.method or '?'} {shown(one.path) or '?'}"
        self._long += one.is_long
        if one.file is None:
            self._lost += one.is_lost
            self._refused += one.is_refused
            self._dropped += not (one.is_lost or one.is_refused)
            click.echo(f"not recorded: {asked_for}: {shown(one.why)}")
            return
        self._kept += 1
        cut = {"end": "", "fin": ", cut by a FIN", "reset": ", cut by a reset"}[one.ending or "end"]
        pieces = "1 piece" if one.pieces == 1 else f"{one.pieces} pieces"
        facts = f"status {one.status}, {pieces}, {one.length} bytes, {one.seconds:.1f} s{cut}"
        click.echo(f"recorded {one.file.name}: {asked_for}, {facts}")

    @property
    def note(self) -> str:
        """What is not certain of what was kept."""
        if not self._long:
            return ""
        return f"; {self._long} {OF_A_LONG_BODY}"

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
