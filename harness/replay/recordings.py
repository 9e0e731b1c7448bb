"""Recorded interactions, found by the request that is asked."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from harness.cassettes.cassette import Cassette
from harness.cassettes.interaction import Interaction
from harness.errors import InputError
from harness.replay.asked import CRITERIA, Asked, Criterion, asked_of, form_of
from harness.replay.forms import Form, Mask, folded, mask_of


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
    recorded GET where no HEAD was recorded (RFC 9110 9.3.2). How long a look takes depends on how many different places
    redaction has hidden in recordings that are otherwise alike, and not on how many recordings there are.
    """

    def __init__(self, recordings: Sequence[Recording], criteria: Iterable[Criterion] = CRITERIA) -> None:
        self._recordings = recordings
        self._criteria = tuple(criteria)
        self._groups: dict[Hashable, dict[Mask, dict[tuple[str, ...], list[int]]]] = {}
        for number, recording in enumerate(recordings):
            form = form_of(recording.asked, self._criteria)
            mask = mask_of(form.texts, recording.asked.redacted)
            group = self._groups.setdefault(form.skeleton, {})
            group.setdefault(mask, {}).setdefault(folded(form.texts, mask), []).append(number)
        lengths = {len(recording.asked.path) for recording in recordings}
        self._lengths = sorted(lengths, reverse=True) if "path" in self._criteria else []

    def find(self, asked: Asked) -> tuple[int, ...]:
        """Return the numbers of all recordings that are meant, in their order."""
        for method in (asked.method, "GET") if asked.method == "HEAD" else (asked.method,):
            for end in self._ends(asked.path):
                if found := self._meant(form_of(replace(asked, method=method), self._criteria, end)):
                    return found
        return ()

    def refuse_ambiguous(self) -> None:
        """Raise :class:`InputError` that names two recordings which one request means, if there are such."""
        for one, other in self.ambiguous():
            compared = "" if self._criteria == CRITERIA else f" (compared: {', '.join(self._criteria)})"
            first, second = self._recordings[one], self._recordings[other]
            raise InputError(
                f"{first.name} and {second.name} answer the same request{compared}, "
                f"{first.asked.method} /{'/'.join(first.asked.sent)}: leave one of them out, or say --in-order to play "
                "what answers the same request one after the other"
            )

    def ambiguous(self) -> list[tuple[int, int]]:
        """Return pairs of recordings that one request means, the earlier first; of many that it means not every pair.

        Of two that hide other places, that is so where they agree in all that neither hides.
        """
        found = set()
        for group in self._groups.values():
            for by_texts in group.values():
                found |= {(numbers[0], other) for numbers in by_texts.values() for other in numbers[1:]}
            for one, other in combinations(group, 2):
                mine = {folded(texts, other): numbers[0] for texts, numbers in group[one].items()}
                for texts, numbers in group[other].items():
                    if (first := mine.get(folded(texts, one))) is not None:
                        found.add((min(first, numbers[0]), max(first, numbers[0])))
        return sorted(found)

    def _meant(self, form: Form) -> tuple[int, ...]:
        group = self._groups.get(form.skeleton, {})
        return tuple(sorted(n for mask, by_texts in group.items() for n in by_texts.get(folded(form.texts, mask), ())))

    def _ends(self, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Yield the ends of a path that are as long as recorded ones: a request may have any number of parts."""
        if "path" not in self._criteria:
            yield path
        for length in self._lengths:
            if length <= len(path):
                yield path[len(path) - length :]
