"""How often a question is asked, and how long an answer is waited for: the options that act without a trace (R29)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from harness.protocol.script import Exchange
from harness.rules.asked import ASKING, ONE_ANSWER, at_request, options_of, questions
from harness.rules.rule import MUST_IN_SPEC, SPEC, Finding, Level, rule
from harness.rules.sound import SoundTranscript
from harness.rules.wording import shown

_WORTH_ANOTHER_TRY = frozenset({408, 409, 429})
_HOPELESS = frozenset({400, 401, 403, 404})
_SERVER_FAILED = 500
_PATIENCE = 60_000
"""Whoever is told to come back later than in so many milliseconds may give up, or come sooner."""
_EARLY = 50
_GENEROUS = 1000
"""How many milliseconds a clock may be early, and how many a broken-off request may take to end."""


def tries_are_counted(transcript: SoundTranscript) -> bool:
    """Apply where the request's options say how often to try again, and the provider was asked."""
    return bool(transcript.exchanges) and _most_retries(transcript) is not None


@rule(
    "REQ-22",
    Level.MUST,
    "§2",
    "R29",
    profiles=SPEC,
    applies=tries_are_counted,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="a busy provider is pressed harder, and every try may be paid for",
    mend="hand maxRetries to whatever repeats the request, and let nothing else repeat it",
)
def a_question_is_not_asked_too_often(transcript: SoundTranscript) -> Iterator[Finding]:
    """One question is asked at most as often again as `maxRetries` says.

    A repetition that no number would allow is REQ-25 or REQ-26 (R29).
    """
    most = (_most_retries(transcript) or 0) + 1
    in_chat = transcript.stimulus.operation == "chat"
    for question in questions(transcript):
        pointless = any(one.status in _HOPELESS or (in_chat and _began(one)) for _, one in question[:-1])
        if len(question) > most and not pointless:
            expected = f"at most {most} request{'' if most == 1 else 's'}"
            yield Finding(None, expected, f"{len(question)}", at_request(question[most][0]))
            return


def a_refusal_may_pass(transcript: SoundTranscript) -> bool:
    """Apply where the provider refused for now, more tries are allowed, and no time limit or abort ends them."""
    return (
        bool(_most_retries(transcript))
        and transcript.ending.kind in {"completed", "raised"}
        and "timeout" not in options_of(transcript)
        and any(_was_refused_for_now(exchange) for exchange in transcript.exchanges or ())
    )


@rule(
    "REQ-23",
    Level.MUST,
    "§2",
    "R29",
    profiles=SPEC,
    applies=a_refusal_may_pass,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the user is shown a failure that a second try would have passed",
    mend="repeat on 408, 409, 429 and 5xx, with growing pauses; Mastra's router drops maxRetries (A11)",
)
def a_passing_refusal_is_tried_again(transcript: SoundTranscript) -> Iterator[Finding]:
    """What the provider refuses with 408, 409, 429 or 5xx is asked again, as often as `maxRetries` says.

    §2 only names the option; which refusals pass is the providers' own advice (R29). Whoever is told to wait for longer
    than a minute may give up.
    """
    most = _most_retries(transcript) or 0
    for question in questions(transcript):
        place, last = question[-1]
        if _was_refused_for_now(last) and len(question) <= most and (_asked_to_wait(last) or 0) <= _PATIENCE:
            tries = len(question) - 1
            seen = f"{tries} of them, and the last answer was {last.status}"
            yield Finding(None, f"{most} more tr{'y' if most == 1 else 'ies'}", seen, at_request(place))
            return


def a_pause_is_asked_for(transcript: SoundTranscript) -> bool:
    """Apply where a refusal says how long to wait, and the question was asked again."""
    return any(_asked_to_wait(before) is not None for before, _, _ in _repetitions(transcript))


@rule(
    "REQ-24",
    Level.SHOULD,
    "§2",
    "R29",
    profiles=SPEC,
    applies=a_pause_is_asked_for,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the try is refused too, and some providers lock out who comes back too soon",
    mend="wait at least as long as Retry-After says before the next try",
)
def a_pause_that_is_asked_for_is_kept(transcript: SoundTranscript) -> Iterator[Finding]:
    """The next try comes no sooner than the `Retry-After` of a refusal says. RFC 9110, 10.2.3; at most a minute."""
    for before, again, place in _repetitions(transcript):
        wait = _asked_to_wait(before)
        answered = before.sent[0].at if before.sent else before.asked_at
        if wait is not None and wait <= _PATIENCE and again.asked_at - answered < wait - _EARLY:
            seen = f"after {round(again.asked_at - answered)} ms"
            yield Finding(None, f"the next try after {round(wait)} ms", seen, at_request(place))
            return


def a_refusal_is_final(transcript: SoundTranscript) -> bool:
    """Apply where the provider refused a request for good."""
    return any(exchange.status in _HOPELESS for exchange in transcript.exchanges or ())


@rule(
    "REQ-25",
    MUST_IN_SPEC,
    "§2",
    "R29",
    applies=a_refusal_is_final,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the user waits longer for the same refusal, and a wrong key is soon a locked one",
    mend="report 400, 401, 403 and 404 at once",
)
def a_final_refusal_is_not_tried_again(transcript: SoundTranscript) -> Iterator[Finding]:
    """What the provider refuses with 400, 401, 403 or 404 is not asked again.

    §2 only names `maxRetries`; what is wrong with such a request another try does not mend (R29).
    """
    for before, _, place in _repetitions(transcript):
        if before.status in _HOPELESS:
            yield Finding(None, f"no request behind the answer {before.status}", "another one", at_request(place))
            return


def an_answer_began(transcript: SoundTranscript) -> bool:
    """Apply where the provider began to answer."""
    return any(_began(exchange) for exchange in transcript.exchanges or ())


@rule(
    "REQ-26",
    Level.MUST,
    "§2",
    "R29",
    applies=an_answer_began,
    scopes=ONE_ANSWER,
    operations=("chat",),
    by_turn=False,
    why="the user reads the answer's beginning twice, a tool is called twice, and two answers are paid for",
    mend="repeat only what was refused; a stream that breaks after its first byte ends in an error",
)
def an_answer_that_began_is_not_asked_for_again(transcript: SoundTranscript) -> Iterator[Finding]:
    """A stream is asked for again only as long as no byte of an answer has come.

    §2 only names `maxRetries`; what was streamed cannot be taken back (R29).
    """
    for before, _, place in _repetitions(transcript):
        if _began(before):
            length = sum(sent.length for sent in before.sent)
            yield Finding(None, f"no request behind {length} bytes of an answer", "another one", at_request(place))
            return


def a_silence_has_a_limit(transcript: SoundTranscript) -> bool:
    """Apply where the request has a timeout, and the provider was asked by a client that did not go away."""
    return (
        _timeout(transcript) is not None
        and bool(transcript.exchanges)
        and transcript.ending.duration is not None
        and transcript.ending.kind in {"completed", "raised"}
    )


@rule(
    "REQ-27",
    Level.MUST,
    "§2",
    "R29",
    profiles=SPEC,
    applies=a_silence_has_a_limit,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the user waits for an answer that does not come any more",
    mend="implement timeout in the adapter: Mastra's router drops it without a word (A11)",
)
def a_silent_provider_is_left_in_time(transcript: SoundTranscript) -> Iterator[Finding]:
    """A provider that falls silent is waited for no longer than `timeout` says.

    §2 does not say of what it is the limit; we read: of each request, and count only silence, so that a limit of the
    whole answer passes too (R29).
    """
    timeout = _timeout(transcript) or 0
    for place, exchange in enumerate(transcript.exchanges or ()):
        if exchange.whole or exchange.closed_by == "server":
            continue
        last = exchange.sent[-1].at if exchange.sent else exchange.asked_at
        end = exchange.closed_at if exchange.closed_at is not None else transcript.ending.duration or 0
        if end - last > timeout + _GENEROUS:
            expected = f"the end of the request after {shown(timeout)} ms of silence"
            yield Finding(None, expected, f"{round(end - last)} ms", at_request(place))
            return


def _most_retries(transcript: SoundTranscript) -> int | None:
    most = options_of(transcript).get("maxRetries")
    return most if type(most) is int and most >= 0 else None


def _timeout(transcript: SoundTranscript) -> int | float | None:
    timeout: Any = options_of(transcript).get("timeout")
    return timeout if type(timeout) in {int, float} and timeout > 0 else None


def _was_refused_for_now(exchange: Exchange) -> bool:
    """Tell whether another try may pass; that no script was left to answer is our own doing."""
    status = exchange.status
    if status is None or exchange.is_unscripted:
        return False
    return status in _WORTH_ANOTHER_TRY or status >= _SERVER_FAILED


def _began(exchange: Exchange) -> bool:
    """Tell whether a byte of an answer was sent, and not of a refusal."""
    return exchange.status is not None and 200 <= exchange.status < 300 and any(sent.length for sent in exchange.sent)


def _repetitions(transcript: SoundTranscript) -> Iterator[tuple[Exchange, Exchange, int]]:
    """Yield each request that repeats one, behind that one, with its place."""
    for question in questions(transcript):
        for (_, before), (place, again) in pairwise(question):
            yield before, again, place


def _asked_to_wait(exchange: Exchange) -> float | None:
    """Return the milliseconds of a ``Retry-After`` in seconds; of one that is a date nobody here knows the clock."""
    headers = {name.lower(): value.strip() for name, value in exchange.answer_headers}
    seconds = headers.get("retry-after", "")
    if not _was_refused_for_now(exchange) or not seconds.isdecimal():
        return None
    return int(seconds) * 1000.0
