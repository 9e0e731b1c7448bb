"""Structured output: one way or another, again where the answer was of no use, and always with the cause named (§14).

§14.6 decides by words in a message whether to try again (ledger H11), and its last error keeps one cause. We read R37:
by the kind of failure, since a model can write any word, and with every attempt's cause.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from harness.errors import InputError, StructuredOutputError
from harness.protocol.language_model import CallOptions, LanguageModel, Signal
from harness.reference.structured.asking import ANOTHER_ATTEMPT_MAY_HELP, Asking
from harness.reference.structured.spoken import stop_if_aborted
from harness.reference.structured.wording import cut


async def structured_output(  # noqa: PLR0913 - three say what is asked of whom, three how
    model: LanguageModel,
    options: CallOptions,
    schema: object,
    signal: Signal,
    *,
    max_retries: object = 2,
    on_note: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Return ``{"data": …, "rawText": …}``: an answer that fits a schema, and the text that it was read from (§3, R32).

    ``options`` are call options for the conversation; ``max_retries`` is how often an answer that is no JSON, or does
    not fit, is asked for again (a whole number; below 0 is 0). ``on_note`` is told of each failed attempt. Raises
    :class:`harness.errors.InputError` for what is no schema or no number, or cannot be said to the provider,
    :class:`harness.errors.ModelError` where there was no answer (code ``ABORTED``, ``STREAM_TRUNCATED``, the HTTP
    status …), and :class:`StructuredOutputError` for an answer that was cut (``STRUCTURED_OUTPUT_LENGTH``), filtered
    (``STRUCTURED_OUTPUT_CONTENT_FILTER``), no JSON (``STRUCTURED_OUTPUT_UNPARSABLE``) or not the schema's
    (``STRUCTURED_OUTPUT_INVALID``); its ``attempts`` hold the causes of all attempts, and of
    each of two steps where an attempt took two.
    """
    note = on_note or _unheard
    most = 1 + max(0, _whole_number(max_retries))
    asking = Asking(model, options, schema, signal, note)
    causes: list[str] = []
    for number in count(1):
        stop_if_aborted(signal)
        try:
            answer = await asking.attempt(number)
        except StructuredOutputError as error:
            causes += error.attempts or (str(error),)
            if number == most or error.code not in ANOTHER_ATTEMPT_MAY_HELP:
                raise _failed(error, number, causes) from error
            note(f"attempt {number} at structured output failed: {error}")
            continue
        break
    return {"data": answer.data, "rawText": answer.raw_text}


def _whole_number(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise InputError(f"maxRetries is a whole number, and not {cut(repr(given))}")
    return given


def _failed(last: StructuredOutputError, number: int, causes: list[str]) -> StructuredOutputError:
    attempts = f"{number} attempts" if number > 1 else "1 attempt"
    message = f"structured output failed after {attempts}; the last cause: {last}"
    return StructuredOutputError(message, code=last.code, attempts=tuple(causes))


def _unheard(_: str) -> None:
    """Take a note that nobody asked for."""
