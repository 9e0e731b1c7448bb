"""In what two recordings of an answer differ on the wire: what surrounds the body, and the body's shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest

from harness.cassettes.cassette import Cassette
from harness.cassettes.compression import decoded_pieces
from harness.cassettes.interaction import Interaction
from harness.errors import InputError
from harness.providers.shape import Shape, shape_of
from harness.providers.shape_changes import Change, shape_changes, told_difference

WHOLE_ANSWER = "the whole answer"


def wire_changes(old: Cassette, new: Cassette) -> Iterator[Change]:
    """Yield in what the answers of two cassettes differ, the first from the first and so on, and those that are new.

    Raises :class:`InputError` that names the cassette whose body cannot be unpacked.
    """
    several = max(len(old.interactions), len(new.interactions)) > 1
    for number, (before, after) in enumerate(zip_longest(old.interactions, new.interactions), 1):
        where = f"answer {number}: " if several else ""
        if after is None:
            return  # that an answer is lost is no change of a shape
        if before is None:
            yield Change("added", f"{where}{WHOLE_ANSWER}")
            continue
        for what, told in _FACTS.items():
            yield from (change.within(where) for change in told_difference(what, told(before), told(after)))
        if before.cuts and after.cuts:  # where nobody recorded pieces, nobody recorded the framing
            yield from (change.within(where) for change in told_difference("framing", before.framing, after.framing))
        shapes = _shape(old, before), _shape(new, after)
        yield from (change.within(where) for change in shape_changes(*shapes))


def _shape(tape: Cassette, interaction: Interaction) -> Shape:
    try:
        return shape_of(decoded_pieces(interaction))
    except InputError as error:
        raise InputError(f"{tape.name}: {error}") from None


def _header(name: str) -> Callable[[Interaction], str | None]:
    """Return what tells a header without its spelling."""

    def told(one: Interaction) -> str | None:
        value = one.header(name)
        return None if value is None else "".join(value.split()).lower()

    return told


_FACTS: Mapping[str, Callable[[Interaction], str | None]] = {
    "status": lambda one: str(one.status),
    "content-type": _header("content-type"),
    "content-encoding": _header("content-encoding"),
    "ending": lambda one: one.ending,
}
