"""When a failed attempt is made again, and after how long (§2 ``maxRetries``, ledger A11).

Exponential backoff with full jitter: before the n-th retry a random time between 0 and 0.5 s × 2ⁿ⁻¹, of at most 8 s.
Where the provider says by ``Retry-After`` (RFC 9110 10.2.3, seconds or a date) or ``retry-after-ms`` how long it wants
to be left alone, that is waited for instead; but not more than a minute: then the failure is reported at once.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from harness.errors import ModelError
from harness.model.failures import Failed

_LOG = logging.getLogger(__name__)

FIRST_WAIT = 0.5
LONGEST_WAIT = 8.0
MOST_PATIENCE = 60.0
"""All in seconds; the last is the longest ``Retry-After`` that is honoured."""

_AGAIN = frozenset({408, 409, 429})
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Clock, sleep and chance; the real ones, unless a test gives others.

    ``now`` is Unix time in seconds, ``sleep`` takes seconds, ``chance`` gives a number from 0 to below 1.
    """

    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random


def is_worth_another(status: int) -> bool:
    """Tell whether the same request may succeed later, by the status with which it was refused."""
    return status in _AGAIN or status >= 500


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that a provider asks to be left alone, or None where it asks for nothing that can be read.

    ``retry-after-ms`` is the more exact, and goes first. A time that has passed is 0. A date without a zone is UTC, as
    every date of HTTP is (RFC 9110 5.6.7).
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        if (seconds := _number(headers.get(name))) is not None:
            return max(0.0, seconds * unit)
    try:
        date = parsedate_to_datetime(headers.get("retry-after", ""))
        return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    """Return a number in digits, one beyond all floats as infinite; ``float`` would read ``1_0`` and ``nan`` too."""
    text = (text or "").strip()
    return float(text) if _NUMBER.fullmatch(text) else None


def wait_before(retry: int, asked: float | None, chance: float) -> float | None:
    """Return the seconds to wait before a retry (from 1), or None where the provider asks for more than a minute."""
    if asked is not None:
        return asked if asked <= MOST_PATIENCE else None
    return chance * min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(retry - 1, 30))


async def persistent(
    attempt: Callable[[], Awaitable[Failed | None]], retries: int, waiting: Waiting
) -> ModelError | None:
    """Make attempts until one succeeds (None), one fails for good, or the retries are used up; return the last failure.

    A failure that is no :class:`Failed` is not caught; neither is a cancellation, which ends a wait at once.
    """
    retry = 0
    while (failed := await attempt()) is not None:
        retry += 1
        pause = wait_before(retry, failed.retry_after, waiting.chance())
        if retry > retries or not failed.again or pause is None:
            return failed.error
        _LOG.info("retry %d of %d in %.1f s: %s", retry, retries, pause, failed.error)
        await waiting.sleep(pause)
    return None
