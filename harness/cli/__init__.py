"""The command ``streamchunk``: one file per command, each imported when it is asked for."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click

from harness.cli.ending import INTERRUPTED, PIPE_CLOSED, Status, last_line
from harness.errors import HarnessError, InputError

COMMANDS = {
    "run": ("harness.cli.run", "Play the suite to an implementation and judge what it answers."),
    "init": ("harness.cli.init", "Write what is needed to judge your adapter: a stub, a configuration, a workflow."),
    "compare": ("harness.cli.compare", "Ask several implementations the same, and show where their answers part."),
    "judge": ("harness.cli.judge", "Judge logs of chunks that an adapter wrote."),
    "decode": ("harness.cli.decode", "Show what a recorded provider body becomes."),
    "record": ("harness.cli.record", "Record what a provider answers, or what an application is answered."),
    "replay": ("harness.cli.replay", "Serve cassettes over HTTP, as the providers answered them."),
    "rules": ("harness.cli.rules", "List every rule."),
    "explain": ("harness.cli.explain", "Explain one rule: why it is there, what breaks it, how to mend it."),
    "ledger": ("harness.cli.ledger", "Show what holds each clause of the specification."),
    "cassette": ("harness.cli.cassette", "Import cassettes, look at them, check them and compare them."),
}
"""Name → (module, short help): ``--help`` imports no command. The command has the name of its module's last part."""

_TAKES_NO_MORE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""What a full disk says, or a terminal that is gone."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called; ``table`` is like :data:`COMMANDS`."""

    def __init__(self, *args: Any, table: Mapping[str, tuple[str, str]], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order in which a newcomer needs them."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - same
        """Import a command."""
        if cmd_name not in self._table:
            return None
        module = self._table[cmd_name][0]
        command: click.Command = getattr(import_module(module), module.rpartition(".")[2])
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - same
        """Write the list of commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, short_help) for name, (_, short_help) in self._table.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that went away, such as ``head``, is no failure and needs no message."""
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _give_up_stdout()
            ctx.exit(PIPE_CLOSED)
        return status


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="streamchunk-harness", message="%(prog)s %(version)s")
def group() -> None:
    """Tell whether an LLM streaming adapter keeps to its protocol.

    Exit status: 0 conforms, 1 violations, 2 usage or input that cannot be read, 3 the harness failed, 4 nothing was
    exercised; of several the first of 3, 2, 1, 4, 0.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``streamchunk`` and exit; every failure is a message of one line and a documented status."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a narrow encoding escapes what it has no letters for, and never fails
            stream.reconfigure(errors="backslashreplace")
    try:
        status = group.main(arguments, prog_name="streamchunk", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        status = _failed(Status.UNREADABLE, "a command is missing", said="usage")
    except click.ClickException as error:
        error.show()
        status = _failed(Status.UNREADABLE, error.format_message(), said="usage")
    except (click.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    except InputError as error:
        status = _failed(Status.UNREADABLE, str(error))
    except HarnessError as error:
        status = _failed(Status.FAILED, str(error))
    except Exception as error:  # the last guard; files are translated where they are opened
        if isinstance(error, OSError) and error.errno in _TAKES_NO_MORE:
            status = _failed(Status.FAILED, f"standard output cannot be written: {error.strerror or error}")
            _give_up_stdout()
        elif os.environ.get("STREAMCHUNK_DEBUG"):
            raise
        else:  # our own bug, and a traceback tells its user nothing
            what = f"{type(error).__name__}: {error}"[:200]
            where = "STREAMCHUNK_DEBUG=1 shows where"
            status = _failed(Status.FAILED, f"a bug of ours, please report it: {what} ({where})")
    sys.exit(status)


def _open_closed_streams() -> None:
    """Whoever closed our standard output or error wants to read nothing, which is no reason to fail."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - it stays open as they do


def _give_up_stdout() -> None:
    """Let the flush at exit go nowhere, quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(status: Status, message: str, *, said: str | None = None) -> Status:
    click.echo(last_line(status, " ".join(message.split()), said=said), err=True)
    return status
