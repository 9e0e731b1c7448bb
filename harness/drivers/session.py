"""The driver protocol as a state machine: what we send, and what a line that a shim sends means.

Without a clock and without input or output: lines come in, lines to send go out, and every time is an argument, in
seconds on one clock. A fault of the shim is one sentence, "your shim sent X", and ends the session: what it says
afterwards cannot be trusted. A run is blamed where the fault names it, or where it is the first that this process was
ever asked. Else those under way are :class:`harness.errors.Disturbed`, so that each is asked again on a fresh process
and only the guilty one is blamed: the fault may be a late one of a run that was answered before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from itertools import count
from typing import Any

from harness.drivers.answer import TOO_MANY, Answer, timed_out
from harness.drivers.driver import MAX_CHUNKS, Implementation
from harness.drivers.introduction import PROTOCOL_VERSION, implementation_of
from harness.drivers.questions import encoded, params_of
from harness.drivers.received import (
    MAX_VALUES,
    Refused,
    check_envelope,
    check_values,
    message_of,
    outcome_of,
    values_in,
    whole,
)
from harness.drivers.verification import Verifier
from harness.drivers.wording import excerpt, shown
from harness.errors import Disturbed, ShimError, TargetError, TargetGone
from harness.protocol.json_text import MAX_DEPTH, FaultsOf, NotJson, decoded_bytes
from harness.protocol.streamchunk import APPROVAL_REQUESTED
from harness.protocol.transcript import STREAMS, Ending, Stimulus, Transcript

UNDER_WAY = 0.2
"""Seconds after an abort in which a chunk may have been sent before the shim knew, where it does not tell."""

MAX_SIZE = 128 * 1024 * 1024
"""So many bytes of an answer are read, about; the longest honest answer seen has a hundredth of it.

Each value counts as :data:`VALUE_SIZE` bytes more, because an empty list is two bytes of a line and many in memory. All
answers under way together are held to this, too, and to the chunks of one (:data:`MAX_CHUNKS`): whoever asks eight
floods at a time needs the memory of one. Beyond, each is asked again alone.
"""
VALUE_SIZE = 64
"""What a value takes in memory beside its text, in bytes, about."""
KEPT_CHUNKS, KEPT_SIZE = 10_000, 8 * 1024 * 1024
"""What is kept of an answer that had no end; the answers of a run wait for each other until they are judged."""

_CALL = "approval_"
_SMALL = 1_000  # bytes of a chunk's line; the bounds are looked at only once in a stride of such
_STRIDE = 1_000  # chunks of a run after which all are counted
_TOO_MUCH_AT_ONCE = "its answers to several questions at once were too long to be kept"
_INITIALIZE = 0
_SHUTDOWN = -1
_CHUNK_HEAD = b'{"jsonrpc":"2.0","method":"chunk","params":{"runId":"'
_CHUNK_NECK = b'","chunk":'
_CHUNK_TAIL = b"}}"


class Run:
    """One question; ``answer`` is what has come of it, ``line`` what asks it, ``size`` how many bytes are kept, about.

    It is ``over`` when its answer is whole and nothing of it will follow, or when it has a ``failure``.
    """

    def __init__(self, number: int, stimulus: Stimulus, line: bytes) -> None:
        self.number = number
        self.id = str(number)
        self.stimulus = stimulus
        self.line = line
        self.is_stream = stimulus.operation in STREAMS
        self.is_watched = stimulus.abort is not None or bool(stimulus.approvals)
        self.answer = Answer(0.0)
        self.size = 0
        self.worth = KEPT_CHUNKS  # chunks that are kept if it has no end
        self.over = False
        self.failure: TargetError | None = None

    def transcript(self, dialect: str) -> Transcript:
        """Return the answer; raises the :class:`TargetError` for which there is none."""
        if self.failure is not None:
            raise self.failure
        return self.answer.transcript(self.stimulus, dialect)


class Session:
    """One conversation with a shim from ``initialize`` to ``shutdown``.

    ``implementation`` is None until the shim has said who it is. ``fault`` is why nothing more can be asked here, and
    ``unblamed`` the same where the shim spoke wrongly or left, and no run is known to be the cause. ``answered`` are
    the runs whose answer has come, until they are settled. What is to be sent is fetched with :meth:`outgoing`. With
    ``verify`` every message is held against the protocol's schema, in both directions.
    """

    def __init__(self, *, verify: bool = False) -> None:
        self.implementation: Implementation | None = None
        self.fault: TargetError | None = None
        self.unblamed: TargetError | None = None
        self.answered: list[Run] = []
        self._runs: dict[bytes, Run] = {}
        self._numbers = count(1)
        self._last = 0
        self._settled: dict[str, str] = {}  # from the ids of the runs that were handed on to their operations
        self._outgoing: list[bytes] = []
        self._verifier = Verifier() if verify else None
        harness = {"name": "streamchunk-harness", "version": version("streamchunk-harness")}
        self._request(_INITIALIZE, "initialize", {"protocolVersion": PROTOCOL_VERSION, "harness": harness})

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs that wait for their answer, the oldest first."""
        return tuple(self._runs.values())

    def outgoing(self) -> bytes:
        """Return what is to be sent now, and forget it."""
        whole = b"".join(self._outgoing)
        self._outgoing.clear()
        return whole

    def prepared(self, stimulus: Stimulus, timeout: float) -> Run:
        """Return a run that can be started; ``timeout`` is what the shim is told, in seconds.

        This changes nothing here, so that several threads may prepare theirs at once.
        """
        number = next(self._numbers)
        params = params_of(stimulus, str(number), timeout)
        return Run(number, stimulus, self._encoded({"jsonrpc": "2.0", "id": number, "method": "run", "params": params}))

    def start(self, run: Run, now: float) -> None:
        """Ask what was prepared."""
        run.answer = Answer(now)
        self._last = max(self._last, run.number)
        self._runs[run.id.encode()] = run
        self._outgoing.append(run.line)
        if run.stimulus.abort is not None and run.stimulus.abort.chunks == 0:
            self.abort(run, now)

    def abort(self, run: Run, now: float) -> None:
        """Tell the shim, once, that the consumer of a run has gone away; what was answered cannot be aborted."""
        if run.id.encode() in self._runs and not run.answer.was_aborted:
            run.answer.aborted(now)
            self._notify("abort", {"runId": run.id})

    def close(self) -> None:
        """Say that nothing more will be asked, and have an idle shim exit by itself; what is asked still is lost."""
        if self.fault is None:
            if not self._runs:
                self._request(_SHUTDOWN, "shutdown", None)
            self._lose(TargetGone("it was let go before it had answered"), None)

    def received(self, lines: Iterable[bytes], now: float) -> None:
        """Take lines that the shim sent; once there is a ``fault`` nothing is read any more."""
        is_quick = self._verifier is None
        for line in lines:
            if self.fault is not None:
                return
            # The line that comes a thousand times is known by its beginning; what it holds is read as every line is.
            if not (is_quick and line.startswith(_CHUNK_HEAD) and self._took_chunk(line, now)):
                self._read(line, now)

    def _took_chunk(self, line: bytes, now: float) -> bool:
        """Take a plainly written chunk of a stream that is under way; tell whether the line was one."""
        end = line.find(_CHUNK_NECK, len(_CHUNK_HEAD))
        run = self._runs.get(line[len(_CHUNK_HEAD) : end])
        if run is None or not run.is_stream or not line.endswith(_CHUNK_TAIL):
            return False
        if len(line) > MAX_DEPTH and (len(line) > MAX_VALUES or line.count(b"[") + line.count(b"{") > MAX_DEPTH):
            return False  # how deep it nests, and how much it holds, is measured in one way alone
        try:
            chunk, faults = decoded_bytes(line[end + len(_CHUNK_NECK) : -len(_CHUNK_TAIL)])
        except (UnicodeDecodeError, NotJson):
            return False  # the whole line says what is wrong
        number = run.answer.take(chunk, faults, now)
        if run.is_watched or number == MAX_CHUNKS or len(line) > _SMALL or not number % _STRIDE:
            self._taken(run, chunk, number, line, now)
        else:
            run.size += len(line) + VALUE_SIZE * values_in(line)
        return True

    def settle(self, runs: Iterable[Run]) -> None:
        """Take note that answers are handed on: what still comes of their runs cannot undo them."""
        for run in runs:
            run.over = True
            self._settled[run.id] = run.stimulus.operation
        self.answered = [run for run in self.answered if not run.over]

    def time_out(self, run: Run, message: str, now: float) -> None:
        """Take note that a run's time is up and its process will be ended; alone it is timed out."""
        if len(self._runs) == 1:
            self._give_up(run, timed_out(message), now)
        else:
            self._lose(TargetGone(message), None)

    def fail(self, error: TargetError, guilty: Run | None = None) -> None:
        """Take note that the shim cannot be trusted any more, and because of which run.

        Where nobody knows of which, the only one that it was ever asked is the one; a later one that is alone is asked
        again.
        """
        runs = (*self._runs.values(), *self.answered)
        if guilty is None and len(runs) == 1:
            if self._settled:
                runs[0].failure = _disturbed(error)
            else:
                guilty = runs[0]
        self.unblamed = error if guilty is None and self.implementation is not None else None
        self._lose(error, guilty)

    def left(self, how: str, rest: bytes) -> None:
        """Take note that nothing more comes: ``how`` it left, and the half line that it left behind.

        What was answered stays answered, unless a half line follows. A run before which others were answered may be
        innocent: the shim may have been about to leave when it was asked.
        """
        half = f", in the middle of a line: {excerpt(rest)}" if rest else ""
        if self.implementation is None:
            self.fail(ShimError(f"your shim {how} before it said who it is{half}"))
        elif rest:
            self.fail(ShimError(f"your shim {how}{half}"))
        else:
            runs = self.runs
            guilty = runs[0] if len(runs) == 1 and not self.answered and not self._settled else None
            if guilty is None:
                self.unblamed = TargetGone(f"your shim {how}" if runs else f"your shim {how} behind an answer")
            self._lose(TargetGone(f"it {how} before it had answered"), guilty)

    def _lose(self, error: TargetError, guilty: Run | None) -> None:
        """End the session: the guilty one is told why, those in flight are disturbed, what was answered stands."""
        self.fault = error
        if guilty is not None:
            guilty.failure = error
        for run in self.runs:
            if run is not guilty:
                run.failure = _disturbed(error)
            run.over = True
        self._runs.clear()
        self.settle(tuple(self.answered))

    def _taken(self, run: Run, chunk: Any, number: int, line: bytes, now: float) -> None:
        """Do what a chunk asks for: an answer to its question, the abort behind it, the end where there is none."""
        content = chunk.get("content") if type(chunk) is dict else None  # its length is all that is kept of it
        self._grow(run, line, len(content) if isinstance(content, str) else 0, now)
        if number == MAX_CHUNKS:
            self._cut_off(run, TOO_MANY, now)
        elif not number % _STRIDE and sum(one.answer.count for one in self.runs) > MAX_CHUNKS:
            self._lose(TargetGone(_TOO_MUCH_AT_ONCE), None)
        stimulus = run.stimulus
        if stimulus.approvals and type(chunk) is dict and chunk.get("type") == APPROVAL_REQUESTED:
            self._approve(run, chunk)
        if stimulus.abort is not None and number == stimulus.abort.chunks:
            self.abort(run, now)

    def _grow(self, run: Run, line: bytes, unkept: int, now: float) -> None:
        """Count what is kept of an answer; what would fill the memory has no end."""
        run.size += len(line) - unkept + VALUE_SIZE * values_in(line)
        if run.size > KEPT_SIZE:
            run.worth = min(run.worth, max(0, run.answer.count - 1))
        if run.size > MAX_SIZE:
            self._cut_off(run, timed_out(f"no end within {MAX_SIZE // 1024 // 1024} MB", "TooManyBytes"), now)
        elif sum(one.size for one in self.runs) > MAX_SIZE:
            self._lose(TargetGone(_TOO_MUCH_AT_ONCE), None)

    def _cut_off(self, run: Run, ending: Ending, now: float) -> None:
        """End a run that would fill the memory, and keep its beginning."""
        run.answer.forget_all_behind(run.worth)
        self._give_up(run, ending, now)

    def _give_up(self, run: Run, ending: Ending, now: float) -> None:
        """End a run that has no end, and the process that would go on with it."""
        if self.fault is None:
            self._ended(run, ending, now)
            self._lose(TargetGone("another answer had no end, so its process was ended"), None)

    def _approve(self, run: Run, chunk: Mapping[str, Any]) -> None:
        approval = chunk.get("approval")
        id_ = approval.get("id") if isinstance(approval, dict) else None
        answer = run.stimulus.approvals.get(id_.removeprefix(_CALL)) if isinstance(id_, str) else None
        if answer is not None:
            self._notify("approve", {"runId": run.id, "approvalId": id_, "approved": answer})

    def _ended(self, run: Run, ending: Ending, now: float) -> None:
        run.answer.end(ending, now)
        self._over(run)

    def _over(self, run: Run) -> None:
        del self._runs[run.id.encode()]
        self.answered.append(run)

    def _read(self, line: bytes, now: float) -> None:
        """Read any line."""
        id_ = ""
        try:
            check_values(line)
            message, faults_of = message_of(line)
            params = message.get("params")
            id_ = str(params.get("runId") if isinstance(params, dict) else whole(message.get("id")))
            check_envelope(message, faults_of, is_strict=self._verifier is not None)
            if "method" in message:
                self._notified(message, faults_of, line, now)
            else:
                self._replied(message, now)
        except Refused as refused:
            error = ShimError(f"your shim sent {excerpt(line)}: {refused}")
            if id_ in self._settled:  # its result is told already, and nobody else's fault it is
                self.unblamed = ShimError(f"{error} (question {id_} to its process, {self._settled[id_]})")
                self._lose(error, None)
            else:
                self.fail(error, next((run for run in (*self.runs, *self.answered) if run.id == id_), None))

    def _is_known(self, id_: str) -> bool:
        return id_.isdecimal() and 0 < int(id_[:18]) <= self._last

    def _notified(self, message: dict[str, Any], faults_of: FaultsOf, line: bytes, now: float) -> None:
        method, params = message["method"], message.get("params")
        if method not in {"chunk", "modelCall"} or "id" in message:
            raise Refused("a shim sends the notifications chunk and modelCall, and answers to what it is asked")
        if not isinstance(params, dict) or not isinstance(id_ := params.get("runId"), str):
            raise Refused("params is an object with a runId, which is a text")
        run = next((run for run in self.runs if run.id == id_), None)
        if run is None:
            known = self._is_known(id_)
            raise Refused(f"the run {id_} was answered already" if known else f"there is no run {shown(id_)}")
        member = "chunk" if method == "chunk" else "options"
        if member not in params:
            raise Refused(f"params has no {member}")
        self._verify(message)
        if method == "modelCall":
            run.answer.model_calls.append(params["options"])
            self._grow(run, line, 0, now)
        elif run.is_stream:
            number = run.answer.take(params["chunk"], faults_of(params["chunk"]), now)
            self._taken(run, params["chunk"], number, line, now)
        else:
            raise Refused(f"{run.stimulus.operation} answers with a result, and with no chunks")

    def _replied(self, message: dict[str, Any], now: float) -> None:
        number = whole(message.get("id"))
        if number is None:
            raise Refused("neither a notification, which has a method, nor an answer, which has the id of a request")
        if ("result" in message) == ("error" in message):
            raise Refused("an answer has either a result or an error")
        run = self._runs.get(str(number).encode())
        if run is not None:
            self._verify(message, answers="run")
            self._run_answered(run, message, now)
        elif number == _INITIALIZE and self.implementation is None:
            self._introduced(message)
        elif number == _INITIALIZE or self._is_known(str(number)):
            raise Refused(f"the request {number} was answered already")
        else:
            raise Refused(f"there was no request {number}")

    def _introduced(self, message: dict[str, Any]) -> None:
        if "error" in message:
            raise Refused("it does not want to be asked")
        try:
            implementation = implementation_of(message["result"])
        except ShimError as error:
            return self.fail(error)
        self._verify(message, answers="initialize")
        self.implementation = implementation
        return None

    def _run_answered(self, run: Run, message: Mapping[str, Any], now: float) -> None:
        if "error" in message:  # the shim itself says that this is no answer; it lives, and the others go on
            error = message["error"]
            told = error.get("message") if isinstance(error, dict) else None
            run.failure = ShimError(f"your shim refused to run {run.stimulus.operation}: {shown(told or error)}")
            return self._over(run)
        outcome = outcome_of(message["result"], was_aborted=run.answer.was_aborted)
        run.answer.result = outcome.result
        run.answer.abort_arrived(outcome.aborted_after, UNDER_WAY)
        return self._ended(run, outcome.ending, now)

    def _verify(self, message: dict[str, Any], answers: str | None = None) -> None:
        if self._verifier is not None and (fault := self._verifier.fault(message, answers)) is not None:
            raise Refused(fault)

    def _request(self, number: int, method: str, params: Mapping[str, Any] | None) -> None:
        message: dict[str, Any] = {"jsonrpc": "2.0", "id": number, "method": method}
        self._outgoing.append(self._encoded(message if params is None else {**message, "params": params}))

    def _notify(self, method: str, params: Mapping[str, Any]) -> None:
        self._outgoing.append(self._encoded({"jsonrpc": "2.0", "method": method, "params": params}))

    def _encoded(self, message: dict[str, Any]) -> bytes:
        line = encoded(message)
        if self._verifier is not None and (fault := self._verifier.fault(json.loads(line))) is not None:
            raise AssertionError(f"a message of ours breaks the driver protocol: {fault}")
        return line


def _disturbed(error: TargetError) -> Disturbed:
    return Disturbed(f"its process was lost, perhaps to another question: {error}")
