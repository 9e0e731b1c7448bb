"""What a provider of the wire ``openai-chat`` may do in its own way: the shapes of its chunks, and when they come."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

from harness.providers.encoding.shapes import Blank

Shape: TypeAlias = Mapping[str, Any]


def shape(**members: Any) -> Shape:
    """Return an object with blanks in it, its members in the order in which they are sent."""
    return MappingProxyType(members)


CHUNK = "chat.completion.chunk"
NAMED: Shape = shape(id=Blank.ID, object=CHUNK, created=Blank.CREATED, model=Blank.MODEL)
COUNTS: Shape = shape(prompt_tokens=Blank.PROMPT, completion_tokens=Blank.COMPLETION, total_tokens=Blank.TOTAL)
IN_DETAIL: Shape = shape(
    **COUNTS, prompt_tokens_details=Blank.PROMPT_DETAILS, completion_tokens_details=Blank.COMPLETION_DETAILS
)
FUNCTION: Shape = shape(name=Blank.NAME, arguments=Blank.ARGUMENTS)
CITED: Shape = shape(
    type="url_citation", url_citation=shape(url=Blank.URL, title=Blank.TITLE, start_index=0, end_index=0)
)


class Habits(NamedTuple):
    """The shapes of a provider's chunks; one that is None is something that it has no words for.

    ``chunk`` holds a ``choice``, and that one of the deltas: ``opening`` in a chunk of its own (None: the first delta
    opens the answer, with the role if it has a place for it), ``text``, ``reasoning``, ``signature``, ``call`` with id
    and name, ``more`` of its arguments (None: calls are sent whole), ``closing`` beside the finish reason, ``cited`` of
    a source.

    ``usage`` stands beside the reason or in a chunk behind it, whose list of choices is empty unless
    ``repeats_choice``; ``beside_usage`` is a second member that comes with it. What it has no place for, such as the
    tokens of reasoning, the provider does not tell. ``before`` comes before the first chunk: comments, or whole chunks.
    ``repeats`` is for Perplexity, which says all that was said, cited and counted so far in every chunk.
    ``lists_citations`` puts sources into a list of the chunk, the last one where they are not repeated.
    ``reasons`` are finish reasons that only this provider has, ``no_reason`` is its word where the answer gives none,
    ``closing_object`` what the chunk with the reason calls itself, ``call_id`` what the id of a call looks like.
    """

    chunk: Shape = shape(**NAMED, choices=Blank.CHOICES, usage=Blank.USAGE)
    choice: Shape = shape(index=0, delta=Blank.DELTA, finish_reason=Blank.REASON_OR_NULL)
    opening: Shape | None = shape(role="assistant", content="")
    text: Shape = shape(content=Blank.WORDS)
    reasoning: Shape | None = shape(reasoning_content=Blank.WORDS)
    signature: Shape | None = None
    call: Shape | None = shape(
        tool_calls=(shape(index=Blank.INDEX, id=Blank.CALL_ID, type="function", function=FUNCTION),)
    )
    more: Shape | None = shape(tool_calls=(shape(index=Blank.INDEX, function=shape(arguments=Blank.ARGUMENTS)),))
    closing: Shape = shape()
    cited: Shape | None = None
    usage: Shape = COUNTS
    usage_stands: Literal["behind", "beside"] = "behind"
    repeats_choice: bool = False
    beside_usage: Shape | None = None
    error: Shape = shape(error=shape(message=Blank.MESSAGE, type=Blank.CODE, param=None, code=Blank.CODE))
    error_name: str = ""
    before: tuple[str | Shape, ...] = ()
    repeats: bool = False
    lists_citations: bool = False
    reasons: frozenset[str] = frozenset()
    no_reason: str | None = None
    closing_object: str = CHUNK
    call_id: re.Pattern[str] | None = None
    says_done: bool = True
    line_end: bytes = b"\n"


COMPATIBLE = Habits(cited=shape(annotations=(CITED,)), usage=IN_DETAIL)
"""A server that copies the wire and adds nothing; thoughts and sources as most of them send them."""
