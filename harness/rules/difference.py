"""Where two texts part, and what kind of difference it is: lost, doubled, reordered, invented, changed."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.text import common_prefix, units
from harness.rules.accumulation import appended
from harness.rules.rule import Finding
from harness.rules.sound import SoundTranscript
from harness.rules.wording import shown

_AROUND = 20
_AHEAD = 60


def text_findings(transcript: SoundTranscript, kind: str, whole: str, least: str, got: str) -> Iterator[Finding]:
    """Yield one finding at the first chunk whose text is not the ``whole``; what is behind ``least`` may be missing."""
    if got == whole or (len(got) >= len(least) and whole.startswith(got)):
        return
    expected = least if least.startswith(got) else whole
    at = common_prefix(expected, got)
    start = max(0, at - _AROUND)
    yield Finding(
        _chunk_at(transcript, kind, units(got[:at])),
        f"{shown(expected[start : at + _AHEAD])} at character {at} of {len(expected)}",
        f"{shown(got[start : at + _AHEAD])}: {difference(expected, got, at)}",
        "delta",
    )


def difference(expected: str, got: str, at: int) -> str:
    """Name the difference of two texts that part at character ``at``."""
    surplus = len(got) - len(expected)
    if surplus > 0 and got[:at] + got[at + surplus :] == expected:
        inserted = got[at : at + surplus]
        beside = expected[:at].endswith(inserted) or expected[at:].startswith(inserted)
        # a long piece that the text has elsewhere was sent twice; a short one may be there by chance
        doubled = beside or (surplus >= 4 and inserted in expected)
        return f"{surplus} characters are {'doubled' if doubled else 'invented'}"
    if surplus < 0 and expected[:at] + expected[at - surplus :] == got:
        return f"{-surplus} characters are lost"
    if surplus == 0 and sorted(expected) == sorted(got):
        return "the same characters in another order"
    return "another text"


def _chunk_at(transcript: SoundTranscript, kind: str, place: int) -> int | None:
    """Return the number of the chunk that holds the code unit at ``place``; None behind the last."""
    for record in transcript.of(kind):
        place -= units(appended(record.chunk))
        if place < 0:
            return record.number
    return None
