"""An interaction on tape → the answer that plays it: its pieces, pauses, framing, ending and headers.

All headers are sent but those of one connection (RFC 9110 7.6.1), and ``Content-Length`` where it does not fit what
is framed: a cassette may hold a body whose compression somebody undid. A ``content-encoding`` is sent as it was
recorded, known or not, and the body as it lies there; nothing is unpacked and nothing is added.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.cassettes.bodies import LONGEST_INLINE
from harness.cassettes.hops import played
from harness.cassettes.interaction import BodyPieces, Cut, Interaction
from harness.protocol.script import Script
from harness.replay.answer import Answer, answer_of

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
        headers=tuple(played(interaction.headers, interaction.body.length, is_whole=interaction.ending == "end")),
        framing=interaction.framing,
        ending=interaction.ending,
        head_pause=interaction.head_pause * factor,
        reason=interaction.reason,
        guesses_type=False,
    )
    return answer_of(script)


def _held(cuts: tuple[Cut, ...]) -> Iterator[Cut]:
    """Yield the cuts, those that are too long to be held in parts."""
    for length, pause in cuts:
        if length <= LONGEST_INLINE:
            yield Cut(length, pause)
            continue
        for start in range(0, length, _PART):
            yield Cut(min(_PART, length - start), 0.0 if start else pause)
