"""Usage: there, countable, and what the provider counted (§6.9)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from harness.protocol.reading import Usage
from harness.protocol.streamchunk import DONE
from harness.protocol.transcript import Record
from harness.rules.abort import done_after_the_abort
from harness.rules.rule import SPEC, TANSTACK, Finding, Level, Source, rule
from harness.rules.sound import SoundTranscript, has
from harness.rules.wording import shown

KEYS = ("promptTokens", "completionTokens", "totalTokens")


def counts(transcript: SoundTranscript) -> bool:
    """Apply where the stream is done and carries usage."""
    return DONE in transcript.by_type and "usage" in _done(transcript).chunk


@rule(
    "USAGE-1",
    Level.MUST,
    "§5",
    "§12.4",
    "R26",
    profiles=SPEC,
    applies=has(DONE),
    why="code that reads done.usage.totalTokens throws at the end of a good answer",
    mend="send zeros where the provider counted nothing",
)
def done_carries_usage(transcript: SoundTranscript) -> Iterator[Finding]:
    """A `done` chunk carries usage; zeros, where the provider gave none.

    §3 makes `usage` optional, §5 and §12.4 ask for it; we read §12.4. The profile tanstack may omit it.
    """
    if "usage" not in _done(transcript).chunk:
        yield Finding(_done(transcript).number, "usage, zeros at least", "no usage", "usage")


@rule(
    "USAGE-2",
    Level.MUST,
    "§6.9",
    "R24",
    applies=counts,
    why="one infinite number makes every sum of costs infinite; JSON.stringify writes null",
    mend="take only finite numbers from the provider; count others as missing",
)
def tokens_are_finite(transcript: SoundTranscript) -> Iterator[Finding]:
    """The numbers of usage are finite."""
    done = _done(transcript)
    for key, value in _numbers(done).items():
        if not _is_finite(value):
            yield Finding(done.number, "a finite number", shown(value), f"usage.{key}")


@rule(
    "USAGE-3",
    Level.SHOULD,
    "§6.9",
    "§12.2",
    "R24",
    applies=counts,
    why="costs are computed from the parts, which are priced differently: the answer looks free",
    mend="read the provider's own keys, such as inputTokens and outputTokens",
)
def a_total_has_parts(transcript: SoundTranscript) -> Iterator[Finding]:
    """A total above zero does not stand beside two parts of zero.

    The mapping of §12.2 knows no inputTokens and outputTokens, and makes 0, 0 and 18 of them: that is how this looks.
    Where the source is known and counted no parts either, that is no fault.
    """
    done = _done(transcript)
    prompt, completion, total = _numbers(done).values()
    if total and not prompt and not completion and not _counts_only_a_total(transcript):
        yield Finding(done.number, f"parts that explain a total of {shown(total)}", "0 and 0", "usage")


def _counts_only_a_total(transcript: SoundTranscript) -> bool:
    usage = None if transcript.stimulus.events is None else transcript.source.usage
    return usage is not None and not usage.prompt_tokens and not usage.completion_tokens


def usage_is_known(transcript: SoundTranscript) -> bool:
    """Apply where both the source and the answer have come to their end, and the answer carries usage."""
    return transcript.source.ended == "finished" and counts(transcript) and done_after_the_abort(transcript) is None


@rule(
    "USAGE-4",
    Level.MUST,
    "§6.9",
    "§12.2",
    "§12.4",
    "R24",
    "R25",
    "R26",
    applies=usage_is_known,
    needs_source=True,
    why="the bill of the answer is wrong",
    mend="carry the provider's numbers over exactly; the sum stands only for a missing total, 0 for a missing part",
)
def usage_is_what_the_provider_counted(transcript: SoundTranscript) -> Iterator[Finding]:
    """Usage is what the provider counted, number by number; the total is the provider's, else the sum.

    A provider's total may exceed the sum. Where nothing was counted, all three are zero.
    """
    done = _done(transcript)
    owed = transcript.source.usage or Usage(0, 0, 0)
    expected = (owed.prompt_tokens, owed.completion_tokens, owed.total_tokens)
    wrong = [
        (key, wanted, value)
        for (key, value), wanted in zip(_numbers(done).items(), expected, strict=True)
        if value != wanted and _is_finite(value)
    ]
    if wrong:
        wanted = ", ".join(f"{key} {shown(value)}" for key, value, _ in wrong)
        seen = ", ".join(f"{key} {shown(value)}" for key, _, value in wrong)
        path = f"usage.{wrong[0][0]}" if len(wrong) == 1 else "usage"
        yield Finding(done.number, wanted, seen, path)


def usage_was_counted(transcript: SoundTranscript) -> bool:
    """Apply where the provider counted, and the answer is done."""
    return DONE in transcript.by_type and transcript.source.ended == "finished" and transcript.source.usage is not None


@rule(
    "USAGE-5",
    Level.SHOULD,
    "§6.9",
    "R24",
    "R26",
    source=Source.TYPES,
    profiles=TANSTACK,
    applies=usage_was_counted,
    needs_source=True,
    why="the answer costs something, and nobody can book it",
    mend="pass the provider's usage on; it may come after the finish reason",
)
def counted_usage_is_not_lost(transcript: SoundTranscript) -> Iterator[Finding]:
    """Where the provider counted tokens, `done` carries usage. TanStack's type makes it optional, so this warns."""
    if "usage" not in _done(transcript).chunk:
        yield Finding(_done(transcript).number, "the provider's usage", "no usage", "usage")


def _done(transcript: SoundTranscript) -> Record:
    return transcript.by_type[DONE][0]


def _numbers(done: Record) -> dict[str, Any]:
    usage: Mapping[str, Any] = done.chunk["usage"]
    return {key: usage[key] for key in KEYS}


def _is_finite(value: float) -> bool:
    """An integer is finite however long it is; only a float can be asked."""
    return not isinstance(value, float) or math.isfinite(value)
