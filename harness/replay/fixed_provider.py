"""The provider of a running application: at the address that it was started with, and never out of answers.

One case is played at a time, at whatever path is asked, since a base URL ends as its application likes (``/v1``). What
is asked of another API takes no answer away: an application may list models, or moderate, before it asks.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from harness.errors import InputError
from harness.protocol.script import Exchange, Script
from harness.replay.answer import Answer, answer_of, refusal
from harness.replay.place import Choice, Choose, Place, fails
from harness.replay.server import ReplayServer

_NOT_FOUND = 404


class FixedProvider:
    """Listens on 127.0.0.1 at one port for a whole run; a context manager that raises as :class:`ReplayServer` does."""

    def __init__(self, port: int) -> None:
        self._server = ReplayServer(port)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()

    def open(self, scripts: Sequence[Script], closing: Script, is_meant: Callable[[Exchange], bool]) -> Place:
        """Play one case until the place is closed: its scripts in turn for the requests that are ``is_meant``.

        Behind the last script it is played again where it :func:`fails`; else ``closing`` is, under no number, so that
        an application which asks further comes to an end. Raises :class:`InputError` for a script that HTTP cannot
        play.
        """
        if not scripts:
            raise InputError("a provider that is played has an answer")
        answers = [answer_of(script) for script in scripts]
        last = len(answers) - 1
        behind = Choice(answers[last], last) if fails(scripts[last]) else Choice(answer_of(closing), None)
        return self._server.open_root(_going_on(answers, behind, is_meant))


def _going_on(answers: Sequence[Answer], behind: Choice, is_meant: Callable[[Exchange], bool]) -> Choose:
    turns = itertools.count()

    def choose(_: int, exchange: Exchange) -> Choice:
        if not is_meant(exchange):
            path = exchange.target.partition("?")[0]  # a query may hold a key
            why = f"the provider that is played here has nothing at {path}"
            return Choice(refusal(_NOT_FOUND, "not_played", why), None)
        turn = next(turns)
        return Choice(answers[turn], turn) if turn < len(answers) else behind

    return choose
