"""Structured output: one way or another, again where the answer was of no use, and always with the cause named (§14).

§14.6 decides by words in a message whether to try again (ledger H11), and its last error keeps one cause. We read R37:
by the kind of failure, since a model can write any word, and with every attempt's cause.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.errors import StructuredOutputError
from harness.protocol.language_model import CallOptions, LanguageModel, Signal
from harness.reference.structured.asking import ANOTHER_ATTEMPT_MAY_HELP, Asking
from harness.reference.structured.spoken import stop_if_aborted


async def structured_output(  # noqa: PLR0913 - three say what is asked of whom, three how
    model: LanguageModel,
    options: CallOptions,
    schema: object,
    signal: Signal,
    *,
    max_retries: int = 2,
    on_note: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Return ``{"data": …, "rawText": …}``: an answer that fits a schema, and the text that it was read from (§3, R32).

    ``options`` are call options for the conversation; ``max_retries`` is how often an answer that is no JSON, or does
    not fit, is asked for again (below 0 is 0). ``on_note`` is told of each failed attempt. Raises
    :class:`harness.errors.InputError` for what is no schema or cannot be said to the provider,
    :class:`harness.errors.ModelError` where there was no answer (code ``ABORTED``, ``STREAM_TRUNCATED``, the HTTP
    status …), and :class:`StructuredOutputError` for an answer that was cut (``STRUCTURED_OUTPUT_LENGTH``), filtered
    (``STRUCTURED_OUTPUT_CONTENT_FILTER``), no JSON (``STRUCTURED_OUTPUT_UNPARSABLE``) or not the schema's
    (``STRUCTURED_OUTPUT_INVALID``); its ``attempts`` hold the causes of all attempts.
    """
    note = on_note or _unheard
    asking = Asking(model, options, schema, signal, note)
    causes: list[str] = []
    while True:
        stop_if_aborted(signal)
        try:
            answer = await asking.attempt(len(causes) + 1)
        except StructuredOutputError as error:
            causes.append(str(error))
            again = error.code in ANOTHER_ATTEMPT_MAY_HELP
            if again and len(causes) <= max_retries:
                note(f"attempt {len(causes)} at structured output failed: {error}")
                continue
            raise _failed(error, causes) from error
        return {"data": answer.data, "rawText": answer.raw_text}


def _failed(last: StructuredOutputError, causes: list[str]) -> StructuredOutputError:
    attempts = f"{len(causes)} attempts" if len(causes) > 1 else "1 attempt"
    message = f"structured output failed after {attempts}; the last cause: {last}"
    return StructuredOutputError(message, code=last.code, attempts=tuple(causes))


def _unheard(_: str) -> None:
    """Take a note that nobody asked for."""
