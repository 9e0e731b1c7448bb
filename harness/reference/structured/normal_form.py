"""A schema in the form that all work is done on: 2020-12's words, no names but the root's definitions, for references.

Each ``$ref`` is ``#`` or points into the root's ``$defs`` or ``definitions``. What else is referred to (a property, an
anchor, a part of ``components``) moves into ``$defs`` and leaves a reference behind: so nothing that is done to a
property is done to what refers to it, and no place that a transformation drops leaves a reference without its target.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote

from harness.errors import InputError
from harness.reference.structured.drafts import draft_of, modernize
from harness.reference.structured.keywords import DEFINITIONS, Schema, below
from harness.reference.structured.resolving import Resolved, places_in, refuse_circles, resolve
from harness.reference.structured.wording import cut

_NAMES = ("$schema", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor")


def normalize(schema: Schema) -> dict[str, str]:
    """Bring a schema into the normal form, in its place; return the paths that moved schemas had, by their new ones.

    Raises :class:`InputError`, with the path, for what is no schema, refers to what is not there or to itself, or has
    patterns for names that Python cannot read.
    """
    draft = draft_of(schema)
    found = resolve(schema, draft)
    for path, node in found.schemas:
        for pattern in node.get("patternProperties", ()):
            if not is_readable(pattern):
                place = cut(below(path, "patternProperties", pattern))
                raise InputError(f"{place}: Python cannot read this pattern")
        if draft:
            modernize(node, draft)
    refuse_circles(found)
    moved = _Gathering(schema, found).run()
    for _, node in found.schemas:
        for name in _NAMES if node is schema else (*_NAMES, *DEFINITIONS):
            node.pop(name, None)
    return moved


def is_readable(pattern: str) -> bool:
    """Tell whether Python can read a regular expression, which a schema writes in JavaScript's dialect."""
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


class _Gathering:
    """Moves the targets of references into the root's definitions, and writes each reference anew."""

    def __init__(self, root: Schema, found: Resolved) -> None:
        self._root = root
        self._found = found
        self._at_home = {
            id(sub): _reference(word, name)
            for word in DEFINITIONS
            for name, sub in root.get(word, {}).items()
            if isinstance(sub, dict)
        }
        self._at_home[id(root)] = "#"
        self._moved: dict[int, str] = {}
        self._made: Schema = {}
        self._numbers: dict[str, int] = {}

    def run(self) -> dict[str, str]:
        found = self._found
        paths = {id(schema): path for path, schema in found.schemas}
        for _, schema in found.schemas:
            for keyword, target in found.targets.get(id(schema), {}).items():
                if keyword in schema:  # an older draft looks at nothing beside a `$ref`
                    self._say(schema, self._reference_to(target, schema.pop(keyword)))
        for _, schema in found.schemas:
            for place in places_in(schema):
                sub = place.holder[place.key]
                if isinstance(sub, dict) and id(sub) in self._moved:  # `true` may stay where it is
                    place.holder[place.key] = {"$ref": _reference("$defs", self._moved[id(sub)])}
        for holder, member in found.strays:
            holder.pop(member, None)
        if self._made:
            self._root["$defs"] = {**self._root.get("$defs", {}), **self._made}
        return {below("$", "$defs", name): paths[id_] for id_, name in self._moved.items() if id_ in paths}

    def _reference_to(self, target: Any, ref: str) -> str:
        fragment = ref.partition("#")[2]
        token = unquote(fragment)
        if self._is_at_home(token, target):
            return f"#{fragment}"
        if id(target) in self._at_home and isinstance(target, dict):
            return self._at_home[id(target)]
        if id(target) not in self._moved:
            name = self._free_name(token.rpartition("/")[2].replace("~1", "/").replace("~0", "~"))
            self._moved[id(target)] = name
            self._made[name] = target
        return _reference("$defs", self._moved[id(target)])

    def _is_at_home(self, pointer: str, target: Any) -> bool:
        """Tell whether a pointer already is one into the root's definitions: it keeps the user's own letters."""
        before, *words = pointer.split("/")
        if before or len(words) != _TO_A_DEFINITION or words[0] not in DEFINITIONS:
            return False
        named = self._root.get(words[0], {})
        return named.get(words[1].replace("~1", "/").replace("~0", "~"), self) is target

    def _free_name(self, wanted: str) -> str:
        bare = "".join(letter for letter in wanted if letter.isalnum() or letter in "_-") or "schema"
        taken = self._root.get("$defs", {})
        name = bare
        while name in taken or name in self._made:
            self._numbers[bare] = self._numbers.get(bare, 1) + 1
            name = f"{bare}_{self._numbers[bare]}"
        return name

    @staticmethod
    def _say(schema: Schema, ref: str) -> None:
        if "$ref" in schema:
            schema["allOf"] = [*schema.get("allOf", ()), {"$ref": ref}]
        else:
            schema["$ref"] = ref


_TO_A_DEFINITION = 2


def _reference(word: str, name: str) -> str:
    return f"#/{word}/" + quote(name.replace("~", "~0").replace("/", "~1"), safe="~!$&'()*+,;=:@")
