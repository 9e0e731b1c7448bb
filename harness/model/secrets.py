"""What must never be shown: keys, and whatever else a request carries to prove who asks (R22, G4)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

REDACTED = "[redacted]"

_SURELY_NO_WORD = 8
"""A secret of so many characters is cut out wherever it stands; a shorter one might be a part of an innocent word."""

_PROVES_NOTHING = 4
"""A header's value of fewer characters is no proof of anything: ``1``, ``en``."""

_NO_PROOF = frozenset({"accept", "anthropic-version", "content-type", "user-agent"})


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return a text without the secrets, also where they stand escaped for JSON or for a URL.

    A secret of fewer than eight characters is cut out only where it stands by itself, so that a key ``test`` does not
    make ``latest`` unreadable.
    """
    forms = _forms(tuple(secret for secret in secrets if secret))
    return forms.sub(REDACTED, text) if forms else text


@lru_cache(maxsize=64)  # a call asks for the same secrets at every event of its answer
def _forms(secrets: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return what finds any form of any secret, the longest first; None where there are none."""
    forms = {
        form
        for secret in secrets
        for form in (secret, json.dumps(secret)[1:-1], quote(secret, safe="", errors="replace"))
    }
    found = (
        re.escape(form) if len(form) >= _SURELY_NO_WORD else rf"(?<!\w){re.escape(form)}(?!\w)"
        for form in sorted(forms, key=len, reverse=True)
    )
    return re.compile("|".join(found)) if forms else None


def secrets_of_header(name: str, value: str) -> tuple[str, ...]:
    """Return what a message must not repeat of a header that a caller gave: its value, and a credential inside it.

    ``Bearer KEY`` and ``Basic KEY`` are two secrets, the whole and the key alone. Headers that prove nothing, such as
    ``user-agent``, have none, and neither has a value of three characters.
    """
    if name.lower() in _NO_PROOF or len(value) < _PROVES_NOTHING:
        return ()
    _, _, credential = value.partition(" ")
    return (value, credential.strip()) if credential.strip() else (value,)
