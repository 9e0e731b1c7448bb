"""Two shapes → what was added, removed and changed between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from harness.providers.shape import Member, Shape


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what of it was ``old`` and is ``new``, None where there is nothing, and an ``example``."""

    what: Literal["added", "removed", "changed"]
    where: str
    old: str | None = None
    new: str | None = None
    example: str | None = None

    def within(self, where: str) -> Change:
        """Return the change with a place in front of its own."""
        return replace(self, where=f"{where}{self.where}")

    def as_json(self) -> dict[str, Any]:
        """Return the same as one JSON object."""
        return {"what": self.what, "where": self.where, "old": self.old, "new": self.new, "example": self.example}

    def __str__(self) -> str:
        """Return the same as one line."""
        said = f"{self.what:8} {self.where}"
        if self.old is not None and self.new is not None:
            said += f": {self.old} → {self.new}"
        elif (there := self.new if self.old is None else self.old) is not None:
            said += f": {there}"
        return said if self.example is None else f"{said}, such as {self.example}"


def shape_changes(old: Shape, new: Shape) -> Iterator[Change]:
    """Yield the changes of kinds, of the order in which kinds begin, and of the members of kinds that are in both."""
    yield from kind_changes(old, new, "message")
    before = [kind for kind in old.kinds if kind in new.kinds]
    after = [kind for kind in new.kinds if kind in old.kinds]
    yield from told_difference("order of messages", ", ".join(before), ", ".join(after))
    yield from member_changes(old, new)


def kind_changes(old: Shape, new: Shape, noun: str) -> Iterator[Change]:
    """Yield the kinds that only one of the two has; ``noun`` is what is of these kinds."""
    for kind in old.kinds:
        if kind not in new.kinds:
            yield Change("removed", f"{noun} {kind}", example=_example_of(old.kinds[kind]))
    for kind in new.kinds:
        if kind not in old.kinds:
            yield Change("added", f"{noun} {kind}", example=_example_of(new.kinds[kind]))


def member_changes(old: Shape, new: Shape) -> Iterator[Change]:
    """Yield the changes of places, types and words in the kinds that both have."""
    for kind in old.kinds:
        if kind in new.kinds:
            yield from _of_members(kind, old.kinds[kind], new.kinds[kind])


def told_difference(where: str, old: str | None, new: str | None) -> Iterator[Change]:
    """Yield the change of one fact, if it is one; None where the fact is not there."""
    if old == new:
        return
    yield Change("added" if old is None else "removed" if new is None else "changed", where, old, new)


def _of_members(kind: str, old: Mapping[str, Member], new: Mapping[str, Member]) -> Iterator[Change]:
    gone = _outermost(path for path in old if path not in new)
    come = _outermost(path for path in new if path not in old)
    for path in gone:
        yield Change("removed", f"{kind}: {path}", old=_types(old[path]), example=old[path].example)
    for path in come:
        yield Change("added", f"{kind}: {path}", new=_types(new[path]), example=new[path].example)
    for path, member in old.items():
        if (other := new.get(path)) is None:
            continue
        where = f"{kind}: {path}" if path else kind
        if member.types != other.types:
            yield Change("changed", where, _types(member), _types(other), other.example)
        yield from told_difference(f"{where}, its words", _words(member), _words(other))


def _outermost(paths: Iterable[str]) -> list[str]:
    """Return paths without those that are inside another one of them: who adds an object adds its members."""
    found: list[str] = []
    known: set[str] = set()
    for path in paths:
        if not any(path[:end] in known for end, letter in enumerate(path) if letter in ".["):
            found.append(path)
        known.add(path)
    return found


def _types(member: Member) -> str:
    return "|".join(sorted(member.types))


def _words(member: Member) -> str | None:
    return ", ".join(sorted(member.words)) or None


def _example_of(members: Mapping[str, Member]) -> str | None:
    return members[""].example if "" in members else None
