"""An interaction on tape → the answer that plays it: its pieces, pauses, framing, ending and headers.

All headers are sent but those of one connection (RFC 9110 7.6.1), and ``Content-Length`` where it does not fit what
is framed: a cassette may hold a body whose compression somebody undid. A ``content-encoding`` is sent as it was
recorded, known or not, and the body as it lies there; nothing is unpacked and nothing is added.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.cassettes.bodies import LONGEST_INLINE
from harness.cassettes.interaction import BodyPieces, Cut, Interaction
from harness.protocol.script import Script
from harness.replay.answer import Answer, answer_of
from harness.replay.hops import end_to_end

_PART = 1024 * 1024  # bytes of a piece that is too long to be held


def recorded_answer(interaction: Interaction, speed: float = 1.0) -> Answer:
    """Return the answer; raises :class:`InputError` where HTTP has no such answer.

    At ``speed`` 2 the pauses are half as long, at 0 there are none. A piece above 8 MiB, which no network delivers at
    once, leaves in parts of 1 MiB, so that it is never in memory as a whole.
    """
    factor = 1 / speed if speed else 0.0
    cuts = interaction.cuts or ((Cut(interaction.body.length),) if interaction.body.length else ())
    script = Script(
        pieces=BodyPieces(interaction.body, [Cut(length, pause * factor) for length, pause in _held(cuts)]),
        status=interaction.status,
        headers=tuple(_headers(interaction)),
        framing=interaction.framing,
        ending=interaction.ending,
        head_pause=interaction.head_pause * factor,
        reason=interaction.reason,
    )
    return answer_of(script, guess_type=False)


def _headers(interaction: Interaction) -> Iterator[tuple[str, str]]:
    for name, values in end_to_end(interaction.headers).items():
        for value in values:
            is_length = name.lower() == "content-length"
            if not name.startswith(":") and (not is_length or _fits(value, interaction)):  # ":status" is HTTP/2's
                yield name, value


def _fits(length: str, interaction: Interaction) -> bool:
    """Tell whether a recorded Content-Length says how long the body is, or, where it broke off, was to be."""
    if not (length.isascii() and length.isdigit()):
        return False
    missing = int(length) - interaction.body.length
    return missing > 0 if interaction.ending != "end" else missing == 0


def _held(cuts: tuple[Cut, ...]) -> Iterator[Cut]:
    """Yield the cuts, those that are too long to be held in parts."""
    for length, pause in cuts:
        if length <= LONGEST_INLINE:
            yield Cut(length, pause)
            continue
        for start in range(0, length, _PART):
            yield Cut(min(_PART, length - start), 0.0 if start else pause)
