"""The list of known failures of a run: read before it, held against it, and rewritten after it where that is asked."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from harness.config import FILE as CONFIGURATION
from harness.config import Config
from harness.errors import InputError
from harness.results import Entry, Errored, Held, NotApplicable, Result, Review, held, reviewed
from harness.results.proposals import additions, kept
from harness.rules import BY_ID
from harness.suite.expectations import parsed

FILE = "streamchunk-expectations.toml"
"""The file that is written where none is named; none is read but the one that is named."""


@dataclass(frozen=True, slots=True)
class Expectations:
    """A list of known failures: its file, the text of it (None where there is no file yet) and what it says."""

    path: Path
    text: str | None
    entries: tuple[Entry, ...]

    @property
    def name(self) -> str:
        """How the file is called here."""
        try:
            return os.path.relpath(self.path)
        except (OSError, ValueError):  # the current folder is gone, or on another drive
            return str(self.path)

    def hint(self, said: Config) -> str:
        """Return how a run is told to read it, since none does by itself, to follow on what was done to it."""
        flag = f"--expectations {shlex.quote(self.name)}"
        try:
            path = Path(os.path.relpath(self.path, said.folder or Path())).as_posix()
        except ValueError:  # they lie on two drives
            return f"; the next run reads it by {flag}"
        key = f"expectations = {json.dumps(path, ensure_ascii=False)}"
        return f"; the next run reads it by {flag}, or by {key} in {said.name or CONFIGURATION}"

    def review(self, results: Sequence[Held], loaded: Collection[str], rules: Collection[str]) -> Review:
        """Return what a run tells of it; ``loaded`` is the whole suite, ``rules`` are those that count."""
        return reviewed(results, self.entries, file=self.name, loaded=loaded, rules=rules)


def read(path: Path, *, may_be_absent: bool = False) -> Expectations:
    """Return the list in a file; raises :class:`InputError` for one that is not there or that says what it cannot."""
    found = Expectations(path, _text(path), ())
    if found.text is None:
        if may_be_absent:
            return found
        raise InputError(f"{found.name}: there is no such file; --write-expectations writes one")
    return _parsed(found, found.text)


def _parsed(before: Expectations, text: str) -> Expectations:
    entries = parsed(text, before.name, rules=BY_ID, today=datetime.now(UTC).date())
    return Expectations(before.path, text, entries)


def _text(path: Path) -> str | None:
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise InputError(f"{path}: is no regular file")  # a pipe is waited for, and a device has no end
        return path.read_bytes().decode("utf-8-sig")  # some editors of Windows begin a file with a byte order mark
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # not UTF-8, or a name with a NUL character
        raise InputError(f"{path}: cannot be read: {error}") from None


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What is to be done to the list: failures added that it lacks, and taken out what does not fail any more."""

    write: bool
    prune: bool

    def __bool__(self) -> bool:
        return self.write or self.prune

    def check(self, before: Expectations) -> None:
        """Raise :class:`InputError` for a list that could not be written after the run, which may take long."""
        from harness.suite.expectations_text import check  # noqa: PLC0415 - tomlkit is slow

        check(before.text or "", before.name)
        folder = before.path.resolve().parent
        if not folder.is_dir():
            raise InputError(f"{before.name}: cannot be written: {os.strerror(errno.ENOENT)}")
        if not os.access(folder, os.W_OK):
            raise InputError(f"{before.name}: cannot be written: {os.strerror(errno.EACCES)}")

    def rewritten(
        self,
        before: Expectations,
        results: Sequence[Result],
        loaded: Collection[str],
        rules: Collection[str],
        hint: str = "",
    ) -> tuple[Expectations, str]:
        """Write the list as the run says it should be, and return it with a sentence about what was done.

        ``hint`` follows on where there is a list after it.

        Nothing is written where a case gave no transcript that the list does not know of, since a run that was
        disturbed proves nothing, nor where not one pattern of the list matches a case, since then it is the list of
        another suite. Raises :class:`InputError` for a file that cannot be written, or that has changed since.
        """
        from harness.suite.expectations_text import Addition, extended, narrowed  # noqa: PLC0415 - tomlkit is slow

        seen = [held(result, before.entries) for result in results]
        if missing := sum(isinstance(result, Errored) for result in seen):
            why = f"{missing} case{'s' if missing > 1 else ''} gave no transcript"
            return before, f"{before.name}: nothing is written, since {why}"
        text = before.text or ""
        review = before.review(seen, loaded, rules)
        if self.prune:
            unmatched = sum(len(one.names) for one in review.objections if one.fault == "unmatched")
            if unmatched and unmatched == sum(len(entry.patterns) for entry in before.entries):
                return before, f"{before.name}: nothing is written, since it matches not one case: is it of this suite?"
            idle = [result.case.id for result in seen if isinstance(result, NotApplicable)]
            text = narrowed(text, kept(before.entries, review, loaded, idle), before.name)
        found = [Addition(rule, patterns) for rule, patterns in additions(seen, loaded)] if self.write else []
        text = extended(text, found, before.name)
        if text == (before.text or ""):
            return before, f"{before.name}: there is nothing to change{'' if before.text is None else hint}"
        after = _parsed(before, text)
        _write(before, text)
        return after, f"{before.name}: written; entries: {len(after.entries)}, before: {len(before.entries)}{hint}"


def _write(before: Expectations, text: str) -> None:
    """Write the file beside its place and rename it, so that it is never half a file; a link stays a link."""
    path = before.path.resolve()
    unfinished = path.with_name(f".{uuid4().hex}.unfinished")
    try:
        if _text(path) != before.text:
            raise InputError(f"{before.name}: has changed since the run began, so it is not written")
        with unfinished.open("xb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if before.text is not None:
            unfinished.chmod(path.stat().st_mode & 0o7777)
        unfinished.replace(path)
    except OSError as error:
        raise InputError(f"{before.name}: cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()
