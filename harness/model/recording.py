"""One question to a model, and its answer onto tape and into a cassette: ``streamchunk record``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from harness import providers
from harness.cassettes.compression import LONGEST_DECODED
from harness.cassettes.interaction import Interaction, Request, TapeEnding
from harness.cassettes.late_tape import LateTape
from harness.cassettes.proofs import proofs_of
from harness.cassettes.redaction import Redactor
from harness.cassettes.tape import Head, Tape
from harness.cassettes.writing import write
from harness.errors import HarnessError, InputError
from harness.model import failures
from harness.model.answers import message_of, new_id
from harness.model.redaction import Redaction
from harness.model.requests import body_bytes, request_of
from harness.model.router import PLACEHOLDER_KEY, resolve
from harness.model.upstream import asked, sendable
from harness.protocol.events import Event
from harness.protocol.language_model import CallOptions
from harness.protocol.source_values import failure_of
from harness.wire.compression import BrokenCompression, Compression, UnknownCompression

_BREATH = 0.02  # seconds between two looks at a tape that is behind
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
        sendable(route.base_url + asking.path),
        {name: (value,) for name, value in headers.items()},
        body_bytes(asking.body),
    )
    # Not what the transport calls secret, which is every value of a header that was given: such as a model's name.
    return Question(request, route.wire, tuple(dict.fromkeys((*route.secrets, *proofs_of(request)))))


async def recorded(question: Question, file: Path, say: Callable[[str], None], *, within: float) -> Take:
    """Ask once, say the answer's text as it comes, and write the cassette behind its end.

    What the provider refuses or breaks off is written too, for it is what the provider does. ``within`` are the seconds
    that the answer may take. Raises :class:`ModelError` where there is no answer or where the time is up, and
    :class:`HarnessError` where the disk takes no more or secrets cannot be found in what came, such as a compression
    that is damaged or unknown: the text was said then, and nothing is written.
    """
    with ThreadPoolExecutor(1, "recorder") as thread:
        taking = _Taking(question, file, say, thread)
        try:
            async with asyncio.timeout(within):
                await taking.asked()
        except TimeoutError:
            place = urlsplit(question.request.uri).netloc.rpartition("@")[2]
        else:
            try:
                return await taking.written()
            except InputError as error:
                why = str(error)
            raise HarnessError(why)
        finally:
            taking.close()
    raise failures.timed_out(place, within).error


class _Taking:
    """One answer on its way onto tape; ``thread`` writes the tape, so that its work is not heard in the pauses."""

    def __init__(self, question: Question, file: Path, say: Callable[[str], None], thread: Executor) -> None:
        self._question = question
        self._file = file
        self._say = say
        self._thread = thread
        self._tape: LateTape | None = None
        self._answer: _Answer | None = None
        self._begun = time.monotonic()
        self._seconds = 0.0
        self._ending: TapeEnding = "end"

    async def asked(self) -> None:
        """Ask, and take the answer to its end."""
        request, secrets = self._question.request, self._question.secrets
        async with asked(request, secrets) as coming, aclosing(coming.pieces()) as pieces:
            self._answer = answer = _Answer(self._question, coming.head, self._say)
            begin = partial(
                Tape, request, coming.head, Redactor(secrets), asked_at=coming.asked_at, head_at=coming.head_at,
                folder=self._file.parent, wire=self._question.wire,
            )  # fmt: skip
            self._tape = tape = LateTape(begin, self._thread)
            async for piece in pieces:
                tape.piece(piece, time.monotonic())
                answer.feed(piece)
                while tape.is_behind:  # noqa: ASYNC110 - it is written by another thread
                    await asyncio.sleep(_BREATH)
            self._seconds = time.monotonic() - self._begun
            answer.close()
            self._ending = coming.ending or "end"

    async def written(self) -> Take:
        """Write what was asked; raises :class:`InputError` where that cannot be done."""
        if self._tape is None or self._answer is None:
            raise AssertionError("nobody was asked")
        loop = asyncio.get_running_loop()
        interaction = await loop.run_in_executor(self._thread, self._tape.whole, self._ending)
        write(self._file, (interaction,), "recorded")
        failure = Redaction(self._question.secrets).message(self._answer.failure(interaction) or "") or None
        pieces, length = len(interaction.cuts), interaction.body.length
        return Take(interaction.status, pieces, length, self._seconds, self._ending, failure)

    def close(self) -> None:
        """Let go of the tape, and of what still waits to be on it."""
        if self._tape is not None:
            self._tape.drop()
            self._thread.submit(self._tape.close)


class _Answer:
    """What an answer says while it comes, and whether it is one: only the decoder knows.

    A provider may compress although it was asked not to. Where that cannot be undone, or swells, the tape says so.
    """

    def __init__(self, question: Question, head: Head, say: Callable[[str], None]) -> None:
        self._decoding = providers.decode(question.wire, new_id)
        self._compression = _compression(head)
        self._length = 0
        self._wire = question.wire
        self._say = say
        self._discretion = _Discretion(question.secrets)
        self._error: str | None = None
        self._finished = False

    def feed(self, piece: bytes) -> None:
        try:
            for part in () if self._compression is None else self._compression.undone(piece):
                self._length += len(part)
                if self._length > LONGEST_DECODED:
                    self._compression = None
                    return
                self._take(self._decoding.feed(part))
        except BrokenCompression:
            self._compression = None

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


def _compression(head: Head) -> Compression | None:
    """Return what undoes an answer's compression, None where nobody can."""
    codings = (value for name, values in head.headers.items() if name.lower() == "content-encoding" for value in values)
    try:
        return Compression(",".join(codings))
    except UnknownCompression:
        return None


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
