"""One question to a model, and its answer onto tape and into a cassette: ``streamchunk record``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from harness import providers
from harness.cassettes.interaction import Interaction, Request, TapeEnding
from harness.cassettes.proofs import proofs_of
from harness.cassettes.redaction import Redactor
from harness.cassettes.tape import Tape
from harness.cassettes.writing import write
from harness.model import failures
from harness.model.answers import message_of, new_id
from harness.model.redaction import Redaction
from harness.model.requests import body_bytes, request_of
from harness.model.router import PLACEHOLDER_KEY, resolve
from harness.model.upstream import asked
from harness.protocol.events import Event
from harness.protocol.language_model import CallOptions
from harness.protocol.source_values import failure_of

_MESSAGE = 64 * 1024  # bytes of a refusal in which its message is looked for


@dataclass(frozen=True, slots=True)
class Question:
    """A request that is ready to be sent, and what of it nobody may see."""

    request: Request
    wire: str
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Take:
    """What was recorded; ``failure`` says why it is no whole answer, None where it is one. Times are seconds."""

    status: int
    pieces: int
    length: int
    seconds: float
    ending: TapeEnding
    failure: str | None


def question(
    model_id: str,
    options: CallOptions,
    *,
    stream: bool,
    environment: Mapping[str, str],
    base_url: str | None = None,
) -> Question:
    """Return what a model is to be asked; ``base_url`` is where its provider is, if not at its own address.

    The key is the environment's, and does not go to another address that is named here (§2, ledger 2.1). Raises
    :class:`NoSuchModel` for a model or a key that is not there, :class:`InputError` for options that no request of the
    wire can say.
    """
    route = resolve(model_id, base_url=base_url, environment=environment)
    if base_url is not None:
        unkeyed = {name: value for name, value in route.headers.items() if PLACEHOLDER_KEY not in value}
        route = replace(route, headers=unkeyed)
    asking = request_of(route, options, stream=stream)
    headers = {
        "host": urlsplit(route.base_url).netloc.rpartition("@")[2],
        "user-agent": "streamchunk-harness",
        **asking.headers,
        "accept-encoding": "identity",  # the pieces of what is compressed mean nothing
    }
    request = Request(
        "POST",
        route.base_url + asking.path,
        {name: (value,) for name, value in headers.items()},
        body_bytes(asking.body),
    )
    # Not what the transport calls secret, which is every value of a header that was given: such as a model's name.
    return Question(request, route.wire, tuple(dict.fromkeys((*route.secrets, *proofs_of(request)))))


async def recorded(question: Question, file: Path, say: Callable[[str], None], *, within: float) -> Take:
    """Ask once, say the answer's text as it comes, and write the cassette behind its end.

    What the provider refuses or breaks off is written too, for it is what the provider does. ``within`` are the seconds
    that the whole may take. Raises :class:`ModelError`, and writes nothing, where there is no answer or where the time
    is up, and :class:`InputError` where the disk takes no more.
    """
    try:
        async with asyncio.timeout(within):
            return await _recorded(question, file, say)
    except TimeoutError:
        place = urlsplit(question.request.uri).netloc.rpartition("@")[2]
    raise failures.timed_out(place, within).error


async def _recorded(question: Question, file: Path, say: Callable[[str], None]) -> Take:
    begun = time.monotonic()
    answer = _Answer(question, say)
    async with asked(question.request, question.secrets) as coming, aclosing(coming.pieces()) as pieces:
        with Tape(
            question.request, coming.head, Redactor(question.secrets),
            asked_at=coming.asked_at, head_at=coming.head_at, folder=file.parent, wire=question.wire,
        ) as tape:  # fmt: skip
            async for piece in pieces:
                tape.piece(piece, time.monotonic())
                answer.feed(piece)
            seconds = time.monotonic() - begun
            answer.close()
            ending = coming.ending or "end"
            tape.end(ending)
            interaction = tape.interaction()
            write(file, (interaction,), "recorded")
            failure = Redaction(question.secrets).message(answer.failure(interaction) or "") or None
            return Take(coming.head.status, tape.pieces, tape.length, seconds, ending, failure)


class _Answer:
    """What an answer says while it comes, and whether it is one: only the decoder knows."""

    def __init__(self, question: Question, say: Callable[[str], None]) -> None:
        self._decoding = providers.decode(question.wire, new_id)
        self._wire = question.wire
        self._say = say
        self._discretion = _Discretion(question.secrets)
        self._error: str | None = None
        self._finished = False

    def feed(self, piece: bytes) -> None:
        self._take(self._decoding.feed(piece))

    def close(self) -> None:
        self._take(self._decoding.close())
        if rest := self._discretion.close():
            self._say(rest)

    def failure(self, interaction: Interaction) -> str | None:
        """Return why this is no whole answer; None where it is one."""
        if not 200 <= interaction.status < 300:
            return message_of(self._wire, interaction.body.read(0, _MESSAGE), interaction.status)
        if self._error is not None:
            return self._error
        if self._finished:
            return None
        return "the answer ends before it is complete" if interaction.ending == "end" else "the connection was cut"

    def _take(self, events: list[Event]) -> None:
        for event in events:
            if event["type"] == "error":
                self._error = self._error or failure_of(event["error"]).message
            self._finished |= event["type"] == "finish"
            if event["type"] == "text-delta" and (said := self._discretion.feed(event["delta"])):
                self._say(said)


class _Discretion:
    """A text that grows, without the secrets of its question; what may be the beginning of one is held back."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = secrets
        self._redaction = Redaction(secrets)
        self._held = ""

    def feed(self, delta: str) -> str:
        text = self._held + delta
        longest = max(map(len, self._secrets), default=0) - 1
        begun = (size for size in range(min(longest, len(text)), 0, -1) if self._may_begin(text[-size:]))
        size = next(begun, 0)
        self._held = text[len(text) - size :]
        return self._redaction.text(text[: len(text) - size])

    def close(self) -> str:
        return self._redaction.text(self._held)

    def _may_begin(self, text: str) -> bool:
        return any(len(secret) > len(text) and secret.startswith(text) for secret in self._secrets)
