"""Does an answer fit its schema, and if not, why? ``jsonschema`` says so, and is not asked about what surely fits.

:mod:`harness.reference.structured.fitting` accepts in linear time. All else goes to ``jsonschema``, which is led past
what fits straight to a fault: left alone it needs quadratic or exponential time for hostile answers. Where it finds no
fault there is none; where the bound on all work is spent before, the fault has no name, and there is one.

``format`` is an annotation (2020-12's default). Known limits: a ``pattern`` is the user's own regular expression and is
not bounded, so one that backtracks without end will do so here; one in words that only JavaScript has is not checked.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, NamedTuple

from harness.reference.structured.fitting import Fitting
from harness.reference.structured.given_schema import normal_schema, schema_text
from harness.reference.structured.keywords import Schema, every
from harness.reference.structured.naming import Naming
from harness.reference.structured.normal_form import is_readable
from harness.reference.structured.references import References
from harness.reference.structured.work import TooMuchWork, Work

_NAMELESS = "$: it does not fit, and is too large, or nests too deeply, to say where"


class _Made(NamedTuple):
    schema: Schema
    references: References
    strict: Fitting
    lenient: Fitting
    naming: Naming


class Checker:
    """A schema that answers are held to; ``schema`` is its normal form, whose ``references`` are known."""

    def __init__(self, schema: object) -> None:
        """Raise :class:`harness.errors.InputError`, with the path, for what is no schema."""
        self.schema, self.references, self._strict, self._lenient, self._naming = _made(schema_text(schema))

    def fault_of(self, data: Any, work: Work) -> str | None:
        """Return the first fault of an answer, its place first, or None; raises :class:`TooMuchWork`."""
        work.begin(data)
        if self.fits(data, self.schema, work):
            return None
        try:
            return self._naming.fault_of(data, work)
        except (TooMuchWork, RecursionError):
            return _NAMELESS

    def fits(self, data: Any, schema: Any, work: Work, *, with_nulls: bool = False) -> bool:
        """Tell whether a part of the answer that was begun fits a schema inside of this one.

        ``with_nulls``: an optional property may be null. Raises :class:`TooMuchWork`.
        """
        fitting = self._lenient if with_nulls else self._strict
        try:
            return fitting.test_of(schema)(data, work)
        except RecursionError:
            raise TooMuchWork from None


@lru_cache(maxsize=64)
def _made(text: str) -> _Made:
    """Return all that is known of a schema; it is made of a copy that nobody changes."""
    schema = normal_schema(json.loads(text)).schema
    for _, node in every(schema):
        if not is_readable(node.get("pattern", "")):
            del node["pattern"]
    references = References(schema)
    strict = Fitting(references)
    lenient = Fitting(references, optional_nulls=True)
    return _Made(schema, references, strict, lenient, Naming(schema, references, strict))
