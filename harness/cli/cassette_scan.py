"""``streamchunk cassette scan``: what looks like a secret, in cassettes and in any other file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import click

from harness.cassettes.cassette import SUFFIXES
from harness.cassettes.scanning import Leak, Scan, is_of_a_recording
from harness.cli.ending import Status, last_line, word, worst
from harness.cli.files import STDIN, title, whole
from harness.errors import InputError
from harness.reports.findings import shown

ALLOWED = ".streamchunk-allow"
"""The file, in the folder where the command runs, of what may stay: one regular expression per line, # for remarks."""

_LONGEST_LINE = 1000


@click.command("scan")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--allow",
    "patterns",
    metavar="REGEX",
    multiple=True,
    help=f"What is found and matches is no secret; may be repeated, and kept in {ALLOWED}, one on each line.",
)
@click.option(
    "--cassettes-only", is_flag=True, help="Pass over files that are neither cassettes nor *.body, as the hook does."
)
def cassette_scan(paths: tuple[str, ...], patterns: tuple[str, ...], *, cassettes_only: bool) -> Status:
    """Find what looks like a secret: keys, cookies, e-mail addresses, ids of accounts.

    PATH is a file of any kind or a folder, which is searched to its ground; - is standard input. Cassettes are searched
    decoded: the compression of their bodies, the files of these, escapes, base64 and hexadecimal digits, and what is
    split over the messages of a stream (of what is longer than 8 MiB, over 64 KiB of it). Base32, UTF-16, and what is
    compressed within a text, are not read.

    A secret is never shown, but for its first and last two letters. Exit status 1 says that something was found, so the
    command can stand before every commit.
    """
    allowed = _allowed(patterns)
    search = Scan()
    statuses, files, leaking, leaks = [], 0, 0, 0
    for name in _files(paths):
        if cassettes_only and name != STDIN and Path(name).is_file() and not is_of_a_recording(Path(name)):
            continue
        files += 1
        told: dict[str, None] = {}
        try:
            for leak in _leaks(name, search):
                if not any(pattern.search(leak.found.seen.decode("utf-8", "replace")) for pattern in allowed):
                    told[_line(leak)] = None
        except InputError as error:
            click.echo(f"{shown(title(name))}: {word(Status.UNREADABLE)}: {error}", err=True)
            statuses.append(Status.UNREADABLE)
        for line in told:
            click.echo(line)
        leaking += bool(told)
        leaks += len(told)
        statuses.append(Status.VIOLATIONS if told else Status.CONFORMS)
    status = worst(statuses) if files or not cassettes_only else Status.CONFORMS
    said = {Status.CONFORMS: "clean", Status.VIOLATIONS: "secrets found"}.get(status)
    unreadable = statuses.count(Status.UNREADABLE)
    facts = f"{_count(files, 'file')}, {unreadable} unreadable, {leaking} with secrets, {_count(leaks, 'finding')}"
    click.echo(last_line(status, facts, said=said))
    return status


def _allowed(patterns: tuple[str, ...]) -> list[re.Pattern[str]]:
    """Return what may stay; raises :class:`InputError` for what is no regular expression."""
    try:
        kept = Path(ALLOWED).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        kept = []
    except (OSError, ValueError) as error:
        raise InputError(f"{ALLOWED}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    lines = [line.strip() for line in kept if line.strip() and not line.strip().startswith("#")]
    found = []
    for where, pattern in [*(("--allow", one) for one in patterns), *((ALLOWED, one) for one in lines)]:
        try:
            found.append(re.compile(pattern))
        except re.error as error:
            raise InputError(f"{where}: {pattern!r} is no regular expression: {error}") from None
    return found


def _files(paths: tuple[str, ...]) -> list[str]:
    """Return the files that are meant, each once; cassettes first, since they say how their bodies are packed."""
    found: dict[str, None] = {}
    for path in paths:
        is_folder = path != STDIN and os.path.isdir(path)  # noqa: PTH112 - a name with NUL is no folder, and no error
        found.update(dict.fromkeys(_below(path) if is_folder else (path,)))
    return sorted(found, key=lambda name: not name.endswith(SUFFIXES))


def _below(folder: str) -> Iterator[str]:
    """Yield the files of a folder, sorted, without git's own; links to folders are not followed."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file():
                yield str(path)


def _leaks(name: str, search: Scan) -> Iterator[Leak]:
    if name == STDIN:
        return search.in_bytes(Path(title(name)), whole(name))
    if Path(name).exists() and not Path(name).is_file():
        raise InputError("is neither a file nor a folder")
    return search.of(Path(name))


def _line(leak: Leak) -> str:
    place = ", ".join(part for part in (leak.place, leak.found.where) if part)
    where = f" in {place}" if place else ""
    return shown(f"{leak.path}:{leak.line}: {leak.found.kind}{where}: {leak.found.excerpt}", _LONGEST_LINE)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
