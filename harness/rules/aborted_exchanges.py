"""Abort, as the provider sees it: its connection is closed, and it is asked nothing more (§6.7, R28).

Times of exchanges and of the ending count from the same moment.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.script import Exchange
from harness.protocol.transcript import NOTHING, OVER_HTTP
from harness.rules.abort import LONGEST, OVER_A_MODEL, is_stuck_after_an_abort, was_aborted
from harness.rules.rule import Finding, Level, rule
from harness.rules.sound import SoundTranscript
from harness.rules.wording import shown

_ON_ITS_WAY = 50
"""How many milliseconds before it arrives a request may have been sent."""


def was_aborted_over_http(transcript: SoundTranscript) -> bool:
    """Apply where a provider was played, and it is known when the consumer aborted."""
    aborted = was_aborted(transcript) or is_stuck_after_an_abort(transcript)
    return aborted and transcript.ending.at is not None and bool(transcript.exchanges)


def was_aborted_while_it_was_answered(transcript: SoundTranscript) -> bool:
    """Apply where the consumer aborted while the provider was still sending."""
    return was_aborted_over_http(transcript) and bool(_open_at_the_abort(transcript))


@rule(
    "ABORT-5",
    Level.MUST,
    "§6.7",
    "R28",
    applies=was_aborted_while_it_was_answered,
    operations=OVER_HTTP,
    by_turn=False,
    why="the provider goes on to its end, and every token of it is paid for",
    mend="hand the signal to the HTTP client, and cancel the body: releasing its reader leaves the connection open",
)
def the_providers_connection_is_closed(transcript: SoundTranscript) -> Iterator[Finding]:
    """Within a second after an abort the connection to the provider is closed.

    §12.2 releases the reader and cancels nothing, so the response runs on (ledger G2); we read §6.7. A provider that
    came to its end within that second leaves nothing to close.
    """
    at = transcript.ending.at or 0
    for exchange in _open_at_the_abort(transcript):
        closed = exchange.closed_at
        if closed is None or closed > at + LONGEST:
            seen = "it was left open" if closed is None else f"it was open for {round(closed - at)} ms"
            yield Finding(None, f"a closed connection within {LONGEST} ms after the abort", seen)


@rule(
    "ABORT-6",
    Level.MUST,
    "§6.7",
    "R28",
    applies=was_aborted_over_http,
    operations=OVER_HTTP,
    by_turn=False,
    why="an answer that nobody waits for is asked for, and paid for",
    mend="look at the signal before each attempt, and take an abort for no failure that may be tried again",
)
def nothing_is_asked_after_an_abort(transcript: SoundTranscript) -> Iterator[Finding]:
    """After an abort no further request reaches the provider.

    A request may have been on its way (R28), but not beside one that was still being answered.
    """
    at = transcript.ending.at or 0
    late = [
        exchange
        for exchange in transcript.exchanges or ()
        if exchange.asked_at > at + (0 if _open_at_the_abort(transcript) else _ON_ITS_WAY)
    ]
    if late:
        more = "" if len(late) == 1 else f", and {len(late) - 1} more"
        seen = f"{late[0].method} {late[0].target} {round(late[0].asked_at - at)} ms after it{more}"
        yield Finding(None, "no request after the abort", seen)


def had_time_to_end(transcript: SoundTranscript) -> bool:
    """Apply where the consumer aborted: what was aborted, and what never came to an end."""
    return was_aborted(transcript) or is_stuck_after_an_abort(transcript)


@rule(
    "ABORT-7",
    Level.MUST,
    "§6.7",
    "R28",
    applies=had_time_to_end,
    operations=OVER_A_MODEL,
    by_turn=False,
    why='whoever pressed "stop" waits for ever, and so does everything behind it',
    mend="wait for the signal beside everything that is waited for: the model, a pause between attempts, an approval",
)
def what_is_aborted_comes_to_an_end(transcript: SoundTranscript) -> Iterator[Finding]:
    """What is aborted ends. What ends late is ABORT-4, what never ends without an abort is END-8 (R28)."""
    if is_stuck_after_an_abort(transcript):
        yield Finding(None, "an end after the abort", "none within the time that the run allows")


def was_aborted_in_the_middle(transcript: SoundTranscript) -> bool:
    """Apply where the consumer aborted while the provider's last answer was not whole."""
    last = transcript.exchanges[-1] if transcript.exchanges else None
    return was_aborted(transcript) and last is not None and not last.whole


@rule(
    "ABORT-8",
    Level.MUST,
    "§6.7",
    "R28",
    applies=was_aborted_in_the_middle,
    operations=("structuredOutput",),
    by_turn=False,
    why="half an answer is stored as a whole one",
    mend="raise where the signal is set before the answer is whole, whatever its text holds so far",
)
def an_aborted_answer_is_no_result(transcript: SoundTranscript) -> Iterator[Finding]:
    """A structured output that was aborted in the middle of the provider's answer gives no result."""
    if transcript.result is not NOTHING:
        yield Finding(None, "no result, or an error of code ABORTED", shown(transcript.result))


def _open_at_the_abort(transcript: SoundTranscript) -> list[Exchange]:
    """Return the requests that were being answered when the consumer aborted."""
    at = transcript.ending.at or 0
    return [
        exchange
        for exchange in transcript.exchanges or ()
        if exchange.asked_at <= at and (exchange.closed_at is None or exchange.closed_at > at)
    ]
