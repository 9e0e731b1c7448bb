"""The table of what a secret looks like; of two shapes that match one place the first tells its kind."""

from __future__ import annotations

from harness.cassettes.redaction.other_secrets import ADDRESSES, FORMS, HEADERS, NAMED
from harness.cassettes.redaction.provider_keys import LANGUAGE_MODELS, OTHERS
from harness.cassettes.redaction.shape import Shape

SHAPES: tuple[Shape, ...] = (*LANGUAGE_MODELS, *OTHERS, *ADDRESSES, *FORMS, *HEADERS, *NAMED)
"""Every shape, from the surest to the vaguest."""

DISTINCT = tuple(shape for shape in SHAPES if shape.distinct)
"""What is looked for in binary data."""

WITH_PREFIX = tuple(shape for shape in SHAPES if shape.starts)
"""What is looked for where a letter may be one of an escape: these keep the first letters, and so the escape."""
