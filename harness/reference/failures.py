"""Failures: whatever a provider, a package or Python calls an error → a readable message and a code (R21, R22).

An ``error`` event was seen to carry a string, ``{message, type, code}``, the same below ``error``, ``response`` or
``data``, FastAPI's ``detail``, and exceptions (ledger B3). What a message must not carry is cut out of it: keys, and
the request or response that some packages quote in full (G4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

UNNAMED = "the provider reported an error without a message"

_WRAPPERS = ("error", "response", "data", "detail", "errors", "cause")
_CODES = ("code", "statusCode", "status", "type")
_CODE_ATTRIBUTES = ("code", "status_code", "statusCode", "status")
_MEANINGLESS = frozenset({"", "undefined", "null", "none", "nan", "error", "error:", "error: undefined"})
_DEEPEST = 8
_LONGEST = 1000

_KEYS = re.compile(
    r"\bBearer\s+\S{8,}|\b(?:sk|pk|gsk|xai|pplx|csk|nvapi|hf)[-_][\w*-]{12,}|\b(?:sk|pk|gsk|xai|AIza)[\w-]{20,}",
    re.IGNORECASE,
)
_HEADERS = re.compile(
    r"[\"']?\b(?:authorization|(?:x-)?(?:goog-)?api[-_]?key)\b[\"']?\s?[:=]\s?[\"']?(?:Basic\s)?[^\s\"',;&}]*[\"']?",
    re.IGNORECASE,
)
_NAMED_SECRETS = re.compile(
    r"(\b(?:access[-_ ]?token|password|secret|key)\b[\"']?\s?[:=]\s?[\"']?)(?=[^\s\"',;&]{0,60}\d)[^\s\"',;&]{8,}",
    re.IGNORECASE,
)
_DUMP = re.compile(
    r"(?<=failed: )(?:Value|Text): |\b(?:requestBodyValues|responseBody|request body|headers)[\"']?: ?[{\[\"<]"
)


class Failure(NamedTuple):
    """A message for a person and, where one is known, a code."""

    message: str
    code: str | None = None


def failure_of(error: object) -> Failure:
    """Return message and code of an error of any shape; the message is never empty, "undefined" or an object's name.

    The code is the first of ``code``, ``statusCode``, ``status`` and ``type``, of the innermost object that has one.
    Never raises.
    """
    code: str | None = None
    layer: object = error
    for _ in range(_DEEPEST):
        if isinstance(layer, str):
            return Failure(_readable(layer) or UNNAMED, code)
        if isinstance(layer, BaseException):
            return Failure(_words_of(layer), _first_code(layer) or code)
        if isinstance(layer, list | tuple) and layer:
            layer = layer[0]
            continue
        if not isinstance(layer, Mapping):
            break
        code = _code_in(layer) or code
        for key in ("message", "msg"):
            if message := _readable(layer.get(key)):
                return Failure(message, code)
        layer = next((layer[key] for key in _WRAPPERS if layer.get(key)), None)
    return Failure(UNNAMED, code)


def without_secrets(message: str) -> str:
    """Return a message without keys and without a quoted request or response, of at most 1000 characters (G4)."""
    message = message[: 4 * _LONGEST]  # an error page may be of any size, and its end is not searched for keys
    if dump := _DUMP.search(message):
        message = message[: dump.start()].rstrip(" :.,(\n")
    message = _HEADERS.sub("[redacted]", _KEYS.sub("[redacted]", message))
    message = _NAMED_SECRETS.sub(r"\1[redacted]", message)
    return message if len(message) <= _LONGEST else message[:_LONGEST] + "…"


def _readable(message: object) -> str:
    """Return a message that says something, or ``""``."""
    return without_secrets(message).strip() if isinstance(message, str) and _says_something(message) else ""


def _says_something(text: str) -> bool:
    return text.strip().lower() not in _MEANINGLESS and "[object " not in text


def _words_of(error: BaseException) -> str:
    try:
        words = _readable(str(error))
    except Exception:  # noqa: BLE001 - an exception's own words are foreign code
        words = ""
    return words or _readable(type(error).__name__) or UNNAMED


def _code_in(layer: Mapping[object, object]) -> str | None:
    return next((code for key in _CODES if (code := _code(layer.get(key)))), None)


def _first_code(error: BaseException) -> str | None:
    try:
        return next((code for name in _CODE_ATTRIBUTES if (code := _code(getattr(error, name, None)))), None)
    except Exception:  # noqa: BLE001 - so are its properties
        return None


def _code(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    try:
        code = str(value).strip()
    except ValueError:  # CPython refuses to write more than 4300 digits
        return None
    return code if _says_something(code) else None
