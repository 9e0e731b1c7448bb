"""Redaction: what must never reach the disk, replaced byte for byte, and found where it did.

One table says what a secret looks like (:data:`SHAPES`). Keys, cookies, e-mail addresses, and ids of organisations and
accounts are replaced in headers, URIs and bodies by placeholders of the same length and the same class of byte, so
that offsets, chunk lengths and escapes keep their meaning (:mod:`harness.cassettes.redaction.placeholders`).
"""

from __future__ import annotations

from harness.cassettes.redaction.redactor import WHOLE, Redactor
from harness.cassettes.redaction.search import Found
from harness.cassettes.redaction.shape import Shape
from harness.cassettes.redaction.shapes import SHAPES
from harness.cassettes.redaction.windows import BLOCK, CONTEXT, Window, Windows

__all__ = ["BLOCK", "CONTEXT", "SHAPES", "WHOLE", "Found", "Redactor", "Shape", "Window", "Windows"]
