"""A progress bar on a terminal, once the work has taken longer than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_PATIENCE = 1.0


class Progress:
    """Counts bytes, cases or anything else that has a ``total``, and draws on stderr if that is a terminal.

    It imports nothing before it draws.
    """

    def __init__(self, title: str, total: int, now: Callable[[], float] = time.monotonic) -> None:
        self._title = title
        self._total = total
        self._done = 0
        self._now = now
        self._started = now()
        self._wanted = sys.stderr.isatty()
        self._bar: Bar | None = None

    def advance(self, size: int) -> None:
        """Take note of so many more."""
        self._done += size
        if self._wanted and self._bar is None and self._now() - self._started > _PATIENCE:
            self._bar = _bar(self._title, self._total)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._done)

    def clear(self) -> None:
        """Make room for other text; the bar comes back with the next step."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()


def _bar(title: str, total: int) -> Bar:
    from rich.console import Console  # noqa: PLC0415 - rich is slow to import, and a short run never needs it
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415 - same
    from rich.progress import Progress as RichProgress  # noqa: PLC0415 - same

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = RichProgress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,  # an implementation's thread that writes, or logs, would wait for the bar's lock,
        redirect_stderr=False,  # and the bar, redrawing, for the log's
    )
    bar.add_task(title, total=total or None)
    bar.start()
    return bar
