"""What was lost between a schema and what was made of it, in whatever form the same is said (R33, R34).

Both are walked side by side, a place and its counterpart at a time, each pair once, so that references may lead round
in circles. Both are compared as :class:`Form`, which is the same for whatever says the same in a place.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from harness.rules.schema_forms import OF_TYPE, Form, flat, form_of, kind_of, level_of, of_types
from harness.rules.schema_places import Path, Targets, is_object, properties, references, required, types

_LIMITS = ("format", *(key for keys in OF_TYPE.values() for key in keys))
_NO_LIMITS = frozenset({"items", "prefixItems", "properties", "required"})
_NONE = object()


class Change(NamedTuple):
    """Where two schemas part."""

    path: Path
    expected: str
    seen: str


class Pair(NamedTuple):
    """A place of the original beside what was made of it; ``null`` tells whether null is judged here."""

    path: Path
    original: Form
    made: Form
    null: bool = True


class _Waiting(NamedTuple):
    path: Path
    one: Any
    other: Any
    null: bool = True


def changes(original: Any, made: Any, *, all_required: bool = False, subset: bool = False) -> Iterator[Change]:
    """Yield where a schema says less than the original, or something else, added nulls and closed objects apart.

    ``all_required`` tells that another rule looks at what is required. ``subset`` tells that it was made for a provider
    that knows Gemini's subset only: what has no word there may be said in the nearest form.
    """
    for pair in pairs(original, made, subset=subset):
        if isinstance(pair, Change):
            yield pair
        else:
            yield from _changed(pair, all_required=all_required, subset=subset)
    ours, theirs = Targets(original), Targets(made)
    known = references(original)
    for reference in sorted(references(made)):
        if theirs.at(reference) is None and not (reference in known and ours.at(reference) is None):
            yield Change(("$ref",), f"the target of {reference}", "none")


def pairs(original: Any, made: Any, *, subset: bool = False) -> Iterator[Pair | Change]:
    """Yield each place of a schema beside its counterpart, and a change where there is no counterpart.

    What is of no object may have been put into one as its only property. Behind a reference or a variant that stands
    alone an object may have been, too: it has if nothing is lost when it is taken out.
    """
    ours, theirs = Targets(original), Targets(made)
    wrapped = _in_wrapper(theirs)
    if wrapped is _NONE or not isinstance(original, dict) or is_object(original):
        return _side_by_side(ours, theirs, made, subset=subset)
    is_wrapped = not is_object(level_of(original, ours).said) or not any(
        isinstance(pair, Change) or any(_changed(pair, all_required=True, subset=subset))
        for pair in _side_by_side(ours, theirs, wrapped, subset=subset)
    )
    return _side_by_side(ours, theirs, wrapped if is_wrapped else made, subset=subset)


def _in_wrapper(theirs: Targets) -> Any:
    """Return what is the only property of an object."""
    said = level_of(theirs.root, theirs).said
    inside = properties(said)
    return next(iter(inside.values())) if is_object(said) and len(inside) == 1 else _NONE


def _side_by_side(ours: Targets, theirs: Targets, made: Any, *, subset: bool) -> Iterator[Pair | Change]:
    met: dict[tuple[int, int], _Waiting] = {}  # what is met is kept alive, for ids are those of living things only
    waiting = [_Waiting((), ours.root, made, null=False)]  # at the root no provider takes null
    while waiting:
        here = waiting.pop()
        one, other = ours.behind(here.one), theirs.behind(here.other)
        if (id(one), id(other)) in met:
            continue
        met[id(one), id(other)] = _Waiting(here.path, one, other)
        if one is False or not isinstance(one, dict | bool):
            continue
        if not isinstance(other, dict | bool) or other is False:
            yield Change(here.path, "a schema", "none" if other is None or other is _NONE else str(other))
            continue
        pair = Pair(here.path, form_of(one, ours), form_of(other, theirs), here.null)
        if isinstance(lost := pair.made.said.get("$ref"), str) and theirs.at(lost) is None:
            continue  # told by `changes`, of each reference once
        yield pair
        waiting += reversed(list(_inside(pair, ours, theirs, subset=subset)))


def _inside(pair: Pair, ours: Targets, theirs: Targets, *, subset: bool) -> Iterator[_Waiting]:
    """Yield the places within two places, each beside its counterpart, :data:`_NONE` where there is none."""
    path, one, other, _ = pair
    by_variants = not _has_the_same_values(one, other, subset=subset)
    if one.variants and other.variants and by_variants:
        yield from _matched(pair, ours, theirs)
    elif one.variants and not other.variants and one.values is None:
        for at, part in enumerate(one.variants):
            theirs_of_it = of_types(other.said, types(level_of(part, ours).said))
            yield _Waiting((*path, "anyOf", str(at)), part, theirs_of_it, null=False)
    elif other.variants and not one.variants and one.values is None:
        for at, part in enumerate(other.variants):
            ours_of_it = of_types(one.said, types(level_of(part, theirs).said))
            yield _Waiting((*path, "anyOf", str(at)), ours_of_it, part, null=False)
        return
    said = of_types(one.said, types(one.said))
    for name, part in properties(said).items():
        yield _Waiting((*path, "properties", name), part, properties(other.said).get(name, _NONE))
    if isinstance(items := said.get("items"), dict) and items:
        yield _Waiting((*path, "items"), items, other.said.get("items", _NONE))
    parts = _tuple(said)
    counterparts = _tuple(other.said)
    if parts and subset and not counterparts:
        counterparts = _in_order(other.said.get("items"), len(parts), theirs)
    for at, part in enumerate(parts):
        counterpart = counterparts[at] if at < len(counterparts) else _NONE
        yield _Waiting((*path, "prefixItems", str(at)), part, counterpart)


def _matched(pair: Pair, ours: Targets, theirs: Targets) -> Iterator[_Waiting]:
    """Yield each variant beside what it may have become, at its own place if it can be, and once if it can be."""
    before, now = pair.original.variants, pair.made.variants
    if len(before) != len(now):
        before, now = flat(pair.original, ours), flat(pair.made, theirs)
    forms = [form_of(part, theirs) for part in now]
    left = set(range(len(now)))
    for at, part in enumerate(before):
        form = form_of(part, ours)
        unlike = [_unlikeness(form, other) for other in forms]
        found = min(range(len(now)), key=lambda key: (unlike[key], key not in left, key != at))
        left.discard(found)
        yield _Waiting((*pair.path, "anyOf", str(at)), part, now[found], null=False)


def _unlikeness(one: Form, other: Form) -> int:
    """Return 0 where one variant has all that another asks for, 1 where it may have, 2 where it has not."""
    if not properties(one.said).keys() <= properties(other.said).keys():
        return 2
    if one.types is None or other.types is None or one.types == other.types:
        return 0
    return 1 if one.types & other.types else 2


def _tuple(said: dict[str, Any]) -> list[Any]:
    """Return the schemas of an array's first items, which older drafts have in ``items``."""
    return _list(said.get("prefixItems")) or _list(said.get("items"))


def _in_order(items: Any, count: int, theirs: Targets) -> list[Any]:
    """Return the counterparts of so many items where there is one schema for all, or one with a variant for each."""
    if not isinstance(items, dict):
        return []
    variants = form_of(items, theirs).variants
    return list(variants) if len(variants) == count else [items] * count


def _changed(pair: Pair, *, all_required: bool, subset: bool) -> Iterator[Change]:
    path, one, other, judges_null = pair
    same = _has_the_same_values(one, other, subset=subset)
    in_other_words = bool(same) and _texts(one.values) != _texts(other.values)
    if same is False and not _in_as_many_variants(one, other):
        yield Change((*path, "enum"), str(list(one.values or ())), str(other.said.get("enum")))
    elif not in_other_words and (some := _types_changed(one, other, subset=subset)):
        yield Change((*path, "type"), *some)
    if judges_null and one.null and not _takes_null(other):
        yield Change(path, "null among what it takes", str(other.said.get("type", other.said.get("enum"))))
    described = one.said.get("description")
    if isinstance(described, str) and not any(described in text for text in _descriptions(other)):
        yield Change((*path, "description"), described, str(other.said.get("description")))
    if not (one.joined or one.variants or other.variants):
        yield from _limits_changed(pair, subset=subset)
    if not all_required and (one.variants or not other.variants) and (lost := _no_longer_required(pair, subset=subset)):
        yield Change((*path, "required"), ", ".join(sorted(lost)), "optional")


def _no_longer_required(pair: Pair, *, subset: bool) -> set[str]:
    """Return the names that are required no longer; a property that is gone is told as itself."""
    before, now = properties(pair.original.said).keys(), properties(pair.made.said).keys()
    lost = required(pair.original.said) - required(pair.made.said) - (before - now)
    return lost & before if subset else lost  # Gemini refuses a required name that is no property


def _in_as_many_variants(one: Form, other: Form) -> bool:
    """Tell whether each variant has its own counterpart, beside which its values are compared again."""
    return len(one.variants) == len(other.variants) > 0


def _has_the_same_values(one: Form, other: Form, *, subset: bool) -> bool | None:
    """Tell whether the same values are listed, None where the original lists none."""
    if not one.values:
        return None
    return _texts(one.values) == _texts(other.values) or (subset and _is_said_in_other_words(one, other))


def _types_changed(one: Form, other: Form, *, subset: bool) -> tuple[str, str] | None:
    """Return the types as they were and as they are, None where they are the same or nothing was said of them."""
    if one.types is None or one.types == other.types:
        return None
    if other.types is None and other.values is not None:
        return None
    if not one.types and subset and _takes_null(other):
        return None  # Gemini says null of another type
    null = {"null"} if one.null else set()
    return " or ".join(sorted(one.types | null)), " or ".join(sorted(other.types or ())) or "None"


def _takes_null(form: Form) -> bool:
    says_nothing = form.types is None and form.values is None and not form.variants
    return form.null or form.nullable or says_nothing


def _descriptions(form: Form) -> list[str]:
    said = (form.said, *(part for part in form.variants if isinstance(part, dict)))
    return [text for one in said if isinstance(text := one.get("description"), str)]


def _is_said_in_other_words(one: Form, other: Form) -> bool:
    """Tell whether values that are not all texts, which Gemini's enum has to be, are said as texts, limits or prose."""
    values = one.values or ()
    if all(isinstance(value, str) for value in values):
        return False
    said = [other.said, *(part for part in other.variants if isinstance(part, dict))]
    texts = {_text(value) for part in said for value in _list(part.get("enum")) if value is not None}
    numbers = [value for value in values if kind_of(value) == "number"]
    limits = (min(numbers), max(numbers)) if numbers else None
    within = any((part.get("minimum"), part.get("maximum")) == limits for part in said)
    return texts <= {_text(value) for value in values} and all(
        _text(value) in texts
        or (within and kind_of(value) == "number")
        or any(_stands_in(value, text) for text in _descriptions(other))
        for value in values
    )


def _stands_in(value: Any, text: str) -> bool:
    if isinstance(value, dict | list):
        return _text(value) in re.sub(r"\s", "", text)
    return bool(re.search(rf"(?<![\w.-]){re.escape(_text(value))}(?!\w|\.\d)", text))


def _limits_changed(pair: Pair, *, subset: bool) -> Iterator[Change]:
    """Yield the limits that are new or others; one that is left out is none."""
    path, one, other, _ = pair
    for key in _LIMITS:
        if key in _NO_LIMITS or key not in other.said or other.said[key] == one.said.get(key, _NONE):
            continue
        if not (subset and _is_nearest(key, one, other.said[key])):
            yield Change((*path, key), str(one.said.get(key)), str(other.said[key]))


def _is_nearest(key: str, one: Form, limit: Any) -> bool:
    """Tell whether a limit is the nearest form of what Gemini has no word for."""
    if key == "format":
        return limit == "enum" and one.values is not None
    if key in {"minItems", "maxItems"}:
        return bool(_tuple(one.said)) and limit == len(_tuple(one.said))
    if key not in {"minimum", "maximum"}:
        return False
    numbers = [value for value in one.values or () if kind_of(value) == "number"]
    if numbers and limit == (min(numbers) if key == "minimum" else max(numbers)):
        return True
    beyond = one.said.get(f"exclusive{key.capitalize()}")
    if kind_of(beyond) != "number" or not isinstance(beyond, int | float) or beyond in {math.inf, -math.inf}:
        return False
    next_ = math.floor(beyond) + 1 if key == "minimum" else math.ceil(beyond) - 1
    return limit == beyond or (one.types == frozenset({"integer"}) and limit == next_)


def _texts(values: tuple[Any, ...] | None) -> set[tuple[str, str]] | None:
    return None if values is None else {(kind_of(value), _text(value)) for value in values}


def _text(value: Any) -> str:
    """Return a value as a person would write it: a text without quotes, and a whole number without a point."""
    if isinstance(value, str):
        return value
    whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value) if whole else value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
