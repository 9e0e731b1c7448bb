"""What must not be said, cut out of messages, events and the log: keys, header values, addresses, our own request.

What is secret in a call is known exactly, since we send it: so a provider that quotes a key is caught whatever the key
looks like. Forms that keys have are cut out too, for a provider may quote one that is not ours (R22, G4).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any
from urllib.parse import unquote

from harness.model.secrets import REDACTED, redacted

_LONGEST = 500  # characters of a message
_SEARCHED = 100_000  # characters of a text in which a quotation is looked for; what is longer is no message
_QUOTE = 64  # so many characters in a row that also stand in our request are a quotation of it
_ADDRESS = re.compile(r"\b(https?://(?:[^\s/?#\"'@]*@)?[^\s/?#\"']+)[/?#][^\s\"']*")
_ANY_KEY = re.compile(
    r"\b(?:Bearer|Basic)\s+(?=\S*\d)[\w+/=.~-]{8,}"
    r"|\b(?:sk|pk|rk|gsk|xai|pplx|csk|nvapi|hf|tgp)[-_][\w*-]{16,}"
    r"|\bAIza[\w-]{20,}",
    re.IGNORECASE,
)


class Redaction:
    """What one call must not show, and how texts are freed of it; it never shows it itself.

    ``secrets`` are keys and other proofs (:func:`harness.model.secrets.secrets_of_header`), ``request`` is the body
    that is sent.
    """

    def __init__(self, secrets: Iterable[str], request: bytes = b"") -> None:
        self._secrets = tuple({form for secret in secrets for form in (secret, unquote(secret))})
        self._request = request

    def text(self, said: str) -> str:
        """Return a text without secrets."""
        return _ANY_KEY.sub(REDACTED, redacted(said, self._secrets))

    def json(self, value: Any) -> Any:
        """Return a JSON value whose texts are without secrets, and end where they begin to quote our request."""
        if isinstance(value, str):
            return self._without_quotation(self.text(value))
        if isinstance(value, list):
            return [self.json(item) for item in value]
        if isinstance(value, dict):
            return {key: self.json(item) for key, item in value.items()}
        return value

    def message(self, said: str) -> str:
        """Return what a provider says of a failure, fit for an error: such a text as one line of 500 characters."""
        said = " ".join(self._without_quotation(self.text(said)).split())
        return said if len(said) <= _LONGEST else said[:_LONGEST] + "…"

    def _without_quotation(self, said: str) -> str:
        """Cut a text where it quotes the request; a run of 96 characters is always found, a short one may be a name."""
        request = self._request.decode("utf-8", "replace")
        size = min(_QUOTE, len(request))

        def is_quoted(start: int) -> bool:
            run = said[start : start + size]
            return run in request or json.dumps(run, ensure_ascii=False)[1:-1] in request

        if size > 1:
            for start in range(0, min(len(said), _SEARCHED) - size + 1, size // 2):
                if is_quoted(start):
                    first = next((at for at in range(start, 0, -1) if not is_quoted(at - 1)), 0)
                    return said[:first] + REDACTED
        return said


IN_THE_LOG: ContextVar[Redaction | None] = ContextVar("what the log must not say", default=None)
"""The redaction of the call that the running task serves; set by whoever sends, in a task of its own."""

_SPEAKERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks")


class _Discretion(logging.Filter):
    """Frees of secrets what the HTTP client logs of one of our calls; what it logs of others is left alone.

    httpx logs the whole address, httpcore (at DEBUG) the headers of every answer, and those may repeat a key. Of an
    address only scheme and host stay.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        redaction = IN_THE_LOG.get()
        if redaction is not None:
            shown = redaction.text(_ADDRESS.sub(r"\1/…", record.getMessage()))
            record.msg, record.args, record.exc_info = shown, (), None
        return True


def guard_the_log() -> None:
    """Make the HTTP client's loggers discreet about our calls; once is enough, and more does no harm."""
    for name in _SPEAKERS:
        logging.getLogger(name).addFilter(_DISCRETION)


_DISCRETION = _Discretion()
