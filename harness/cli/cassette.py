"""``streamchunk cassette``: what is done with cassettes, one file per verb."""

from __future__ import annotations

import click

from harness.cli import LazyGroup

VERBS = {
    "list": ("harness.cli.cassette_list", "List cassettes: what they hold, and how they end."),
    "show": ("harness.cli.cassette_show", "Show one cassette: what was asked, and the answer piece by piece."),
    "verify": ("harness.cli.cassette_verify", "Check cassettes: format, pieces, files, wires, and that vcrpy agrees."),
    "scan": ("harness.cli.cassette_scan", "Find what looks like a secret, in cassettes and in any other file."),
    "import": ("harness.cli.cassette_import", "Make cassettes of what others recorded: vcrpy, HAR, bodies, chunks."),
    "drift": ("harness.cli.cassette_drift", "Tell what a newer recording changed: the wire, and an adapter's output."),
}
"""Verb → (module, short help), as :data:`harness.cli.COMMANDS`."""


@click.group(cls=LazyGroup, table=VERBS)
def cassette() -> None:
    """Import cassettes, look at them, check them and compare them.

    A cassette is a file of a provider's recorded answers, in vcrpy's YAML. CASSETTE is a path, or the name of a bundled
    one, such as openai/chat-tool.
    """
