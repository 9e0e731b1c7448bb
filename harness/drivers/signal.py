"""What an implementation in this process is told while it answers: that its client went away, and who was approved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping

_APPROVAL = "approval_"


class Signal:
    """The third argument of the in-process interface (driver protocol); made in the implementation's event loop.

    ``answers`` are those of the case, by the id of the call. A question is answered when it has been seen: an adapter
    that waits for the answer before it asks waits for ever, as it would with a person.
    """

    def __init__(self, answers: Mapping[str, bool]) -> None:
        self._aborted = asyncio.Event()
        self._answers = answers
        self._asked: dict[str, asyncio.Event] = {}

    @property
    def aborted(self) -> bool:
        """Whether the client has gone."""
        return self._aborted.is_set()

    async def wait(self) -> None:
        """Return when the client has gone."""
        await self._aborted.wait()

    def approvals(self, approval_id: str) -> Awaitable[bool]:
        """Return what gives the answer to a question, once the question was seen and if there is an answer to it."""
        return self._answer(approval_id)

    async def _answer(self, approval_id: str) -> bool:
        await self._question(approval_id).wait()
        answer = self._answers.get(approval_id.removeprefix(_APPROVAL))
        if answer is None:
            await asyncio.Event().wait()
        return bool(answer)

    def _question(self, approval_id: str) -> asyncio.Event:
        return self._asked.setdefault(approval_id, asyncio.Event())

    def seen(self, approval_id: str) -> None:
        """Take note that the implementation asked."""
        self._question(approval_id).set()

    def abort(self) -> None:
        """Tell that the client has gone."""
        self._aborted.set()
