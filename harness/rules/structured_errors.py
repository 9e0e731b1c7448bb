"""Structured output that fails: the error names its cause, and shows little of what caused it (R32, R36)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.protocol.transcript import Operation
from harness.rules.answers_in_text import trim
from harness.rules.ending import says_nothing, secret_in
from harness.rules.rule import Finding, Level, rule
from harness.rules.said import ANSWERS, came_whole, said
from harness.rules.sound import SoundTranscript
from harness.rules.wording import shown

ALL_THAT_RAISE: tuple[Operation, ...] = (*ANSWERS, "transformSchema")
_LONGEST_PREVIEW = 200
_ELLIPSIS = 3  # characters behind a preview that may be the text's own next ones by chance
_MOST_OF_A_MESSAGE = 20_000  # characters; what comes behind so many is not compared
_SHORTEST_PREVIEW = 8
_SHORT = 40  # characters of a provider's message by which it is known
_TRIED = re.compile(r"tr(?:y|ied)|attempt|pars|json|schema|valid|extract|match|expect|found", re.IGNORECASE)
_NOISE = re.compile(r'\\[nrt]|[\s\ufeff\\"]+')
_MASKED = re.compile(
    r"(?<![\w-])[\w-]++[\"']?\s*[:=]\s*[\"']?(?:(?:Bearer|Basic)\s+)?[\w-]{0,8}"
    r"(?:[\[<(]?(?:redacted|masked|hidden|removed)[\])>]?|\*{3,}|…|\.{3})[\w-]{0,4}(?![\w*-])",
    re.IGNORECASE,
)
"""A header or a key whose value was replaced by a mark; a few letters at its ends tell people which key it was."""
# No word of these stands in what a JSON parser says of a cut text: unexpected token, unterminated string, end of input.
_CUT = re.compile(
    r"truncat|\bcut|incomplete|\bclose|\bterminat|reset|\bbroke|ended|interrupt|unfinished|connection", re.IGNORECASE
)
_REASONS = {
    "length": re.compile(r"length|\btokens\b|max\w*tokens|limit|truncat|\bcut|incomplete|too long", re.IGNORECASE),
    "content_filter": re.compile(r"filter|safety|refus|block|prohibit|recitation|spii|policy|moderat", re.IGNORECASE),
}
_ONLY_PARSED = re.compile(r"pars|json|schema|validat", re.IGNORECASE)


def raised(transcript: SoundTranscript) -> bool:
    """Apply where the operation raised."""
    return transcript.ending.kind == "raised"


@rule(
    "STRUCT-9",
    Level.MUST,
    "§3",
    "§6.8",
    "R32",
    applies=raised,
    operations=ALL_THAT_RAISE,
    by_turn=False,
    why='the user reads "undefined" where the reason should stand',
    mend="raise with a sentence that names what went wrong and where",
)
def the_exception_is_readable(transcript: SoundTranscript) -> Iterator[Finding]:
    """The message of what is raised says something: it is not empty, not "undefined", and not "[object Object]".

    §3 asks for a descriptive error; R32 says of what.
    """
    message = _message(transcript)
    if says_nothing(message):
        yield Finding(None, "a message for a person", shown(message), "error.message")


def failed_over_a_whole_answer(transcript: SoundTranscript) -> bool:
    """Apply where a readable error was raised though the model's answer came whole, so that it was not usable."""
    return raised(transcript) and came_whole(transcript) and not says_nothing(_message(transcript))


@rule(
    "STRUCT-10",
    Level.SHOULD,
    "§14.4",
    "R32",
    applies=failed_over_a_whole_answer,
    operations=ANSWERS,
    by_turn=False,
    why="nobody can tell a model that chats from one whose answer lacks a member",
    mend="name what was tried, or what does not fit the schema, and show the first 200 characters of the text",
)
def the_error_says_what_was_tried(transcript: SoundTranscript) -> Iterator[Finding]:
    """The error about an answer that cannot be used says what was tried, and shows the beginning of the text.

    R32 asks for both; which words are used is free, so this warns.
    """
    message = _message(transcript)
    known = said(transcript)
    if not _TRIED.search(message):
        yield Finding(None, "what was tried", shown(message), "error.message")
    elif known is not None and not _shows(message, known.text):
        yield Finding(None, f"the beginning of {shown(known.text[:40])}", shown(message), "error.message")


def raised_over_a_text(transcript: SoundTranscript) -> bool:
    """Apply where an error was raised, and the model had said something that it may show."""
    known = said(transcript)
    return raised(transcript) and known is not None and bool(trim(known.text))


@rule(
    "STRUCT-11",
    Level.MUST,
    "§14.4",
    "R32",
    applies=raised_over_a_text,
    operations=ANSWERS,
    by_turn=False,
    why="a megabyte of a model's text is written to logs and shown to users",
    mend="cut the preview at 200 characters",
)
def the_preview_is_short(transcript: SoundTranscript) -> Iterator[Finding]:
    """The error shows at most 200 characters of the model's text in one piece.

    Three more may agree by chance, where the text goes on as the ellipsis does (R32).
    """
    known = said(transcript)
    message = _message(transcript)
    if known is not None and _have_a_long_run(message, known.text):
        seen = f"more than {_LONGEST_PREVIEW} in a message of {len(message)} characters"
        yield Finding(None, f"at most {_LONGEST_PREVIEW} characters of the text", seen, "error.message")


def the_answer_came_to_no_good_end(transcript: SoundTranscript) -> bool:
    """Apply where the model's answer was cut, filtered or failed, and the operation ended by itself."""
    known = transcript.stimulus.events is not None
    return known and transcript.ending.kind in {"completed", "raised"} and not came_whole(transcript)


@rule(
    "STRUCT-12",
    Level.MUST,
    "§14.5",
    "R36",
    applies=the_answer_came_to_no_good_end,
    needs_source=True,
    operations=("structuredOutput",),
    by_turn=False,
    why="half an answer, or a filtered one, is stored as a whole one",
    mend="look at the finish reason and at error events before the text is parsed, and raise for what is no good end",
)
def an_answer_that_failed_is_no_result(transcript: SoundTranscript) -> Iterator[Finding]:
    """An answer that ended by length, by a filter, in an error, or not at all, is raised, and is no result.

    §14.5 never looks at how an answer ended (ledger H10); we read R36, also where the text so far is JSON.
    """
    if transcript.ending.kind == "completed":
        yield Finding(None, f"an error, for the answer ended by {_how(transcript)}", shown(transcript.result))


def failed_as_its_answer_did(transcript: SoundTranscript) -> bool:
    """Apply where a readable error was raised over an answer that came to no good end."""
    return the_answer_came_to_no_good_end(transcript) and raised(transcript) and not says_nothing(_message(transcript))


@rule(
    "STRUCT-13",
    Level.MUST,
    "§14.5",
    "R36",
    applies=failed_as_its_answer_did,
    needs_source=True,
    operations=("structuredOutput",),
    by_turn=False,
    why="the limit was too low or the provider refused, and a developer looks for a fault in the parser",
    mend="name the finish reason, or the provider's own message or code, in the error",
)
def a_failure_is_told_as_itself(transcript: SoundTranscript) -> Iterator[Finding]:
    """Such an error names how the answer ended, in its message or its code, and not only that it cannot be parsed.

    §14.4 says "failed to parse" whatever happened; we read R36.
    """
    error = transcript.ending.error or {}
    words = " ".join(str(error.get(key) or "") for key in ("name", "message", "code"))
    if not _names(transcript, words):
        yield Finding(None, f"the reason: {_how(transcript)}", shown(words), "error.message")


@rule(
    "STRUCT-14",
    Level.MUST,
    "§6.8",
    "R22",
    applies=raised,
    operations=ALL_THAT_RAISE,
    by_turn=False,
    why="a key, or a user's whole request, is stored in logs",
    mend="raise with the provider's short message, not with its request, headers and body",
)
def the_exception_keeps_secrets(transcript: SoundTranscript) -> Iterator[Finding]:
    """The message of what is raised carries no key, no header and no request body; the model's own words may.

    The request's own key is REQ-21's where it does not look like one (R22). The name of a header may stay where a mark
    such as [redacted] stands for its value.
    """
    secret = secret_in(_MASKED.sub("", _message(transcript)))
    known = said(transcript)
    if secret is not None and (known is None or secret not in known.text):
        yield Finding(None, "a message without secrets", f"{secret[:12]}…", "error.message")


def _message(transcript: SoundTranscript) -> str:
    message = (transcript.ending.error or {}).get("message")
    return message if isinstance(message, str) else ""


def _how(transcript: SoundTranscript) -> str:
    """Return how the source ended, in the words of a finding."""
    source = transcript.source
    if source.ended == "error":
        message = source.error.message if source.error else ""
        return f"an error: {shown(message)}"
    return "a cut" if source.ended == "truncated" else str(source.finish_reason)


def _names(transcript: SoundTranscript, words: str) -> bool:
    """Tell whether the words name how the source ended; of a failure anything passes but that it cannot be parsed."""
    source = transcript.source
    if source.ended == "finished":
        return bool(_REASONS[str(source.finish_reason)].search(words))
    message, code = ("", None) if source.error is None else (source.error.message, source.error.code)
    if not _ONLY_PARSED.search(_message(transcript)) or _ONLY_PARSED.search(message):
        return True
    if source.ended == "truncated":
        return bool(_CUT.search(words))
    return any(one and one in words for one in (message[:_SHORT], code))


def _shows(message: str, text: str) -> bool:
    """Tell whether a message shows how a text begins, whatever quotes and escapes are put into it."""
    beginning = _NOISE.sub("", trim(text)[:_LONGEST_PREVIEW])[:_SHORTEST_PREVIEW]
    return beginning in _NOISE.sub("", message[:_MOST_OF_A_MESSAGE])


def _have_a_long_run(message: str, text: str) -> bool:
    """Tell whether a piece of the text that is too long for a preview stands in the message."""
    size = _LONGEST_PREVIEW + _ELLIPSIS + 1
    within = message[:_MOST_OF_A_MESSAGE]
    pieces = {within[at : at + size] for at in range(len(within) - size + 1)}
    return bool(pieces) and any(text[at : at + size] in pieces for at in range(len(text) - size + 1))
