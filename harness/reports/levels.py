"""Rules that do not have the level of their profile, as JSON."""

from __future__ import annotations

from typing import Protocol

from typing_extensions import TypedDict  # pydantic prints schemas of these only, before Python 3.12


class Changed(Protocol):
    """What is shown of a changed level (:class:`harness.judge.Relevelled`, which this room may not import)."""

    @property
    def rule(self) -> str:
        """The rule's id."""
        ...

    @property
    def before(self) -> str | None:
        """The level that the profile gives it, None where it does not ask for it."""
        ...

    @property
    def after(self) -> str | None:
        """The level that it has, None where it is switched off."""
        ...

    @property
    def change(self) -> str:
        """What was done to it."""
        ...


class LevelEntry(TypedDict):
    """A rule that the configuration raised, lowered or switched off; null is a rule that is not asked.

    ``text`` says so in a sentence.
    """

    rule: str
    before: str | None
    after: str | None
    change: str
    text: str


def level_entry(one: Changed) -> LevelEntry:
    """Return what became of a rule's level as JSON."""
    return {"rule": one.rule, "before": one.before, "after": one.after, "change": one.change, "text": str(one)}
