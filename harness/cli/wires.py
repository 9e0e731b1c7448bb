"""The option ``--wire``: the name of a wire, of which those out of scope are refused with what to do instead."""

from __future__ import annotations

import click

from harness.errors import InputError
from harness.providers import OUT_OF_SCOPE, WIRES, wire_named


class WireName(click.Choice[str]):
    """One of the wires that are decoded; a name of :data:`OUT_OF_SCOPE` is told why it is none of them."""

    def __init__(self) -> None:
        super().__init__(list(WIRES))

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name; fails as click's types do."""
        if value in OUT_OF_SCOPE:
            try:
                wire_named(value)
            except InputError as error:
                self.fail(str(error), param, ctx)
        return super().convert(value, param, ctx)
