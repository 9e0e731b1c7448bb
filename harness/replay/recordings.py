"""Recorded interactions, found by the request that is asked."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.cassettes.cassette import Cassette
from harness.cassettes.interaction import Interaction
from harness.errors import InputError
from harness.replay.asked import CRITERIA, Asked, Criterion, agree, asked_of


@dataclass(frozen=True, slots=True)
class Recording:
    """One interaction of a cassette; ``name`` is the cassette's, with ``#2`` and so on where it has several."""

    name: str
    interaction: Interaction
    asked: Asked


def recordings_of(cassettes: Iterable[Cassette]) -> tuple[Recording, ...]:
    """Return every interaction, in the order given and recorded."""
    return tuple(
        Recording(
            f"{tape.name}#{number}" if len(tape.interactions) > 1 else tape.name,
            interaction,
            asked_of(interaction.request),
        )
        for tape in cassettes
        for number, interaction in enumerate(tape.interactions, 1)
    )


class Index:
    """Finds the recordings whose requests agree with one that is asked, by the criteria that are compared.

    A recorded path may stand behind any prefix; of those that do, the longest is meant. An asked HEAD is answered by a
    recorded GET where no HEAD was recorded (RFC 9110 9.3.2).
    """

    def __init__(self, recordings: Sequence[Recording], criteria: Iterable[Criterion] = CRITERIA) -> None:
        self._recordings = recordings
        self._criteria = tuple(criteria)
        self._plain: dict[Hashable, list[int]] = {}
        self._hidden: list[int] = []
        for number, recording in enumerate(recordings):
            if recording.asked.has_placeholders:
                self._hidden.append(number)
            else:
                self._plain.setdefault(self._key(recording.asked, recording.asked.path), []).append(number)

    def find(self, asked: Asked) -> tuple[int, ...]:
        """Return the numbers of all recordings that are meant, in their order."""
        for method in (asked.method, "GET") if asked.method == "HEAD" else (asked.method,):
            for end in self._ends(asked.path):
                meant = Asked(method, end, asked.query, asked.is_json, asked.body, asked.key)
                if found := self._meant(meant):
                    return found
        return ()

    def refuse_ambiguous(self) -> None:
        """Raise :class:`InputError` that names two recordings which one request means, if there are such."""
        for one, other in self._ambiguous():
            compared = "" if self._criteria == CRITERIA else f" (compared: {', '.join(self._criteria)})"
            first, second = self._recordings[one], self._recordings[other]
            raise InputError(
                f"{first.name} and {second.name} answer the same request{compared}, "
                f"{first.asked.method} /{'/'.join(first.asked.path)}: leave one of them out, or say --in-order to play "
                "what answers the same request one after the other"
            )

    def _meant(self, asked: Asked) -> tuple[int, ...]:
        plain = self._plain.get(self._key(asked, asked.path), ())
        hidden = [number for number in self._hidden if agree(self._recordings[number].asked, asked, self._criteria)]
        return tuple(sorted([*plain, *hidden])) if hidden else tuple(plain)

    def _ends(self, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if "path" not in self._criteria:
            yield path
            return
        for start in range(len(path)):
            yield path[start:]

    def _key(self, asked: Asked, path: tuple[str, ...]) -> Hashable:
        whole = {"method": asked.method, "path": path, "query": asked.query, "body": asked.key}
        return tuple(whole[criterion] for criterion in self._criteria)

    def _ambiguous(self) -> Iterator[tuple[int, int]]:
        yield from ((numbers[0], numbers[1]) for numbers in self._plain.values() if len(numbers) > 1)
        for one in self._hidden:
            for other, recording in enumerate(self._recordings):
                if one != other and agree(self._recordings[one].asked, recording.asked, self._criteria):
                    yield min(one, other), max(one, other)
