"""What stands in place of a secret: as long in bytes, each of them of the class that was there.

Small letters become ``x``, capitals ``X``, digits ``0``; what is neither stays, so JSON, URLs and base64 around and
within keep their meaning (``pa55/w0rd=`` → ``xx00/x0xx=``). A letter beyond ASCII becomes one of as many bytes. Equal
secrets have equal placeholders, a placeholder's own is itself, and so nothing that was redacted is a secret.
"""

from __future__ import annotations

import re
from string import ascii_lowercase, ascii_uppercase, digits

_CLASSES = bytes.maketrans(
    (ascii_lowercase + ascii_uppercase + digits).encode(),
    b"x" * len(ascii_lowercase) + b"X" * len(ascii_uppercase) + b"0" * len(digits),
)
_WIDE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_OF_WIDTH = {2: "×".encode(), 3: "✕".encode(), 4: "𝕩".encode()}

_BLANKED = re.compile(
    rb"(?i:redacted|removed|filtered|scrubbed|sanitized|censored)|key-[0-9]{1,6}[_*]{1,80}|\*{3,80}|\[[A-Z_]{1,80}\]|<[^<>]{0,80}>|\$\{[^}]{0,80}\}"
)
_LEFT = 8
"""Beside the word of somebody else's placeholder (``gh-REDACTED``) so many bytes may stand."""

_WORDS = (
    b"a access an anthropic any api azure bad bar baz change changeme cohere com company default domain dummy "
    b"email example fake foo google here id invalid io is key keys local me mistral mock my name net no none not "
    b"null openai org organization pass passwd password placeholder project pwd real sample secret some string "
    b"test testing tests the this token unused user username value wrong you your yourcompany yourdomain"
).split()
_MADE_UP = re.compile(rb"(?i)(?:[\W_0-9]{0,6}(?:" + b"|".join(sorted(_WORDS, reverse=True)) + rb"))++[\W_0-9]{0,6}")
_LONGEST_MADE_UP = 200


def placeholder(secret: bytes) -> bytes:
    """Return what stands in place of a secret."""
    masked = secret.translate(_CLASSES)
    return masked if masked.isascii() else _WIDE.sub(lambda match: _OF_WIDTH[len(match[0])], masked)


def is_blanked(secret: bytes) -> bool:
    """Tell whether somebody put a mark in its place before us: ``REDACTED``, ``***``, ``<your key>``, ``key-1____``."""
    blanked = _BLANKED.search(secret) if len(secret) <= _LONGEST_MADE_UP else None
    return blanked is not None and len(secret) - len(blanked[0]) <= _LEFT


def is_made_up(secret: bytes) -> bool:
    """Tell whether a value is made of nothing but words that examples are made of: ``your-api-key``, ``test_key_1``."""
    return len(secret) <= _LONGEST_MADE_UP and _MADE_UP.fullmatch(secret) is not None
