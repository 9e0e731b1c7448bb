"""Seconds since 1970 → a date and a time as JSON carries them; encoders are pure and have no calendar to ask."""

from __future__ import annotations

_DAY = 86_400
_TO_1970 = 719_468  # days from 1 March of the year 0, where a cycle of the calendar begins
_CYCLE = 146_097  # days in 400 years


def utc_text(seconds: int) -> str:
    """Return ``2025-06-15T15:06:40Z`` for 1750000000 (RFC 3339).

    Years are counted from March, so that the leap day is the last of its year.
    """
    days, second = divmod(seconds, _DAY)
    cycles, day = divmod(days + _TO_1970, _CYCLE)
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5
    year += 400 * cycles + month // 10
    hour, second = divmod(second, 3600)
    minute, second = divmod(second, 60)
    return f"{year:04}-{(month + 2) % 12 + 1:02}-{day + 1:02}T{hour:02}:{minute:02}:{second:02}Z"
