"""What can go wrong on the way to a provider and back, in the project's words (R22, A12).

Codes, beside the HTTP status as text where the provider refused:

    CONNECTION_FAILED   no connection, or none that gave an answer: refused, unknown host, TLS, reset before the head
    TIMEOUT             connecting, or the whole attempt, took longer than it may
    INVALID_REQUEST     the request cannot be sent: an address or a header that HTTP does not allow
    INVALID_RESPONSE    what came is no answer of a model: not HTTP, a web page, a broken compression
    EMPTY_RESPONSE      the status says success, and there is no body
    RESPONSE_TOO_LONG   the body is longer than any answer
    STREAM_TRUNCATED    the body was cut, or its compression was (R20)
    ABORTED             the client went away (R28)
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import h11
import httpx

from harness.errors import ModelError
from harness.wire.compression import BrokenCompression

CONNECTION_FAILED = "CONNECTION_FAILED"
TIMEOUT = "TIMEOUT"
INVALID_REQUEST = "INVALID_REQUEST"
INVALID_RESPONSE = "INVALID_RESPONSE"
EMPTY_RESPONSE = "EMPTY_RESPONSE"
RESPONSE_TOO_LONG = "RESPONSE_TOO_LONG"
STREAM_TRUNCATED = "STREAM_TRUNCATED"
ABORTED = "ABORTED"

EXCEPTIONS = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, UnicodeError, BrokenCompression)
"""All that httpx raises, what it lets through from below (errors of TLS while reading, of names and of text), and what
undoing a compression does."""


class Failed(NamedTuple):
    """An attempt that gave no answer.

    ``again`` tells whether another attempt may do better, ``retry_after`` how many seconds the provider wants to be
    left alone before it, where it says so.
    """

    error: ModelError
    again: bool = False
    retry_after: float | None = None


def aborted() -> ModelError:
    """Return what is raised where the client went away."""
    return ModelError("the request was aborted", code=ABORTED)


def unusable_environment() -> ModelError:
    """Return what to say where no client can be made: a proxy of an unknown kind, certificates that are not there."""
    message = "the proxy or the certificates that the environment names cannot be used"
    return ModelError(message, code=CONNECTION_FAILED)


def timed_out(place: str, seconds: float) -> Failed:
    """Return the failure of an attempt that took too long.

    It is not tried again: the user said how long an answer may take, and the provider may be working on it still.
    """
    return Failed(ModelError(f"{place} gave no whole answer within {seconds:g} s", code=TIMEOUT))


def not_connected(place: str, seconds: float) -> Failed:
    """Return the failure of an attempt that spent its time on connecting; nothing was asked yet, so it may be again."""
    return _no_connection(f"no connection to {place} within {seconds:g} s", TIMEOUT)


def without_a_head(error: Exception, place: str) -> Failed:
    """Return the failure of an attempt that never saw the head of an answer; ``place`` is host and port.

    A connection that was refused or lost is tried again; one that TLS or HTTP refuse would be refused again.
    """
    causes = tuple(_causes(error))

    def caused_by(kind: type[BaseException]) -> bool:
        return any(isinstance(cause, kind) for cause in causes)

    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return Failed(ModelError("the provider's address is no address of the web", code=INVALID_REQUEST))
    if isinstance(error, httpx.LocalProtocolError):
        return Failed(ModelError("the request cannot be sent: HTTP does not allow its headers", code=INVALID_REQUEST))
    if caused_by(h11.RemoteProtocolError):
        said = [why for words, why in _OF_H11.items() if any(words in str(cause) for cause in causes)]
        return Failed(ModelError(f"{place} {(said or ['does not answer in HTTP'])[0]}", code=INVALID_RESPONSE))
    if isinstance(error, httpx.ProxyError):
        return Failed(ModelError(f"the proxy gives no connection to {place}", code=CONNECTION_FAILED))
    if caused_by(ssl.SSLCertVerificationError):
        return Failed(ModelError(f"the certificate of {place} is not trusted", code=CONNECTION_FAILED))
    if caused_by(ssl.SSLError):
        return Failed(ModelError(f"no secure connection to {place}: TLS failed", code=CONNECTION_FAILED))
    if caused_by(socket.gaierror) or caused_by(UnicodeError):
        return _no_connection(f"no connection to {place}: there is no such host")
    if caused_by(ConnectionRefusedError):
        return _no_connection(f"no connection to {place}: it was refused")
    if isinstance(error, httpx.ConnectError):
        return _no_connection(f"no connection to {place}")
    return _no_connection(f"{place} closed the connection without an answer")


def within_the_body(error: Exception, place: str) -> Failed:
    """Return the failure of an answer that broke off; nothing of it is tried again, for its beginning was seen."""
    if isinstance(error, BrokenCompression):
        return Failed(ModelError(f"the answer of {place} cannot be decompressed", code=INVALID_RESPONSE))
    if any(isinstance(cause, h11.RemoteProtocolError) for cause in _causes(error)) and _ENDED_EARLY not in str(error):
        return Failed(ModelError(f"the answer of {place} breaks the rules of HTTP", code=INVALID_RESPONSE))
    return Failed(ModelError(f"the answer of {place} was cut: the connection closed early", code=STREAM_TRUNCATED))


_OF_H11: Mapping[str, str] = {
    "Receive buffer too long": "does not answer in HTTP, or with a head of more than 100 KiB",  # httpcore's limit
    "SWITCH": "switches to another protocol (status 101), which nobody asked for",
}
"""h11's words → ours, for what it refuses by a rule of its own."""

_ENDED_EARLY = "peer closed connection"  # h11's word for a body that is incomplete; its type is that of every fault


def no_answer(content_type: str) -> ModelError:
    """Return what to say of a success whose body is of a type that no answer has, or does not begin like one."""
    return ModelError(f"the provider answered with {content_type}, which is no answer", code=INVALID_RESPONSE)


def unknown_compression() -> ModelError:
    """Return what to say of an answer that is compressed in a way that was not asked for."""
    return ModelError("the provider's answer is compressed in a way that was not asked for", code=INVALID_RESPONSE)


def cut_compression(place: str) -> ModelError:
    """Return what to say of a body that HTTP calls whole, and whose compression has not come to its end."""
    return ModelError(f"the answer of {place} was cut: its compression ends early", code=STREAM_TRUNCATED)


def empty(status: int) -> ModelError:
    """Return what to say of a success without a body."""
    return ModelError(f"the provider's answer is empty (status {status})", code=EMPTY_RESPONSE)


def too_long(most: int) -> ModelError:
    """Return what to say of a body of more than so many bytes."""
    return ModelError(f"the provider's answer is longer than {most >> 20} MiB", code=RESPONSE_TOO_LONG)


def _no_connection(message: str, code: str = CONNECTION_FAILED) -> Failed:
    return Failed(ModelError(message, code=code), again=True)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what led to it, and all members of groups (a host has several addresses)."""
    link: BaseException | None = error
    while link is not None:
        yield link
        if isinstance(link, BaseExceptionGroup):
            for member in link.exceptions:
                yield from _causes(member)
        link = link.__cause__ or link.__context__
