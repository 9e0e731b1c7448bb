"""The shape of an encoder: source events in, the bytes of a response body out.

``providers.encode`` puts :class:`harness.providers.encoding.canonical.Canonical` in front of every encoder, so no
encoder has to know V2 from V3 and V4, or what may be missing. These are all the events that reach one::

    response-metadata   id?, modelId?                             texts, not blank; see below
    text-start|end      id, providerMetadata?                     a start comes with its first delta, or with its end
    text-delta          id, delta, providerMetadata?              text; ``""`` only where it brings metadata
    reasoning-…         likewise                                  every delta lies between a start and an end of its id
    tool-input-start    id, toolName, providerExecuted?           every call has one, once
    tool-input-delta    id, delta                                 text, not ``""``; what they come to is ``input``
    tool-input-end      id                                        directly before the ``tool-call`` and nowhere else
    tool-call           toolCallId, toolName, input, providerExecuted?, providerMetadata?     once for an id
    tool-result         toolCallId, toolName, result, isError?, providerExecuted: true    JSON; after its ``tool-call``
    source              sourceType?, id?, url?, title?, mediaType?, filename?            texts, not blank
    file                mediaType, data                           texts: ``""`` for an unknown type, base64
    tool-approval-request                                         as it came
    custom              kind: COUNTED, usage                      what was counted so far, for an answer that is cut
    finish              finishReason, raw, usage                  V2's word, the provider's own or ``""``; see below
    error               error: {message, code?}, usage?           nothing follows a ``finish`` or an ``error``

``usage`` is ``{}``, or ``inputTokens``, ``outputTokens``, ``totalTokens`` (R24–R26: 0 for a part that is missing, the
sum for a total that is) and, where they are known, ``reasoningTokens`` and ``cachedInputTokens``. ``input`` is the text
that R8 chooses, not always an object. Blocks that are open at a ``finish`` are ended before it; a call may never be
completed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from harness.errors import InputError
from harness.protocol.events import Event
from harness.providers.fields import text_in
from harness.stage import Stage


class Labels(NamedTuple):
    """What an answer says of itself.

    ``created`` is in seconds since 1970. ``prompt_tokens`` is what the prompt cost, where that is known beforehand:
    some wires say it before the answer (Anthropic's ``message_start``, every chunk of Perplexity's).
    """

    id: str = "answer-1"
    model: str = "test-model-1"
    created: int = 1_750_000_000
    prompt_tokens: int | float | None = None


UNLABELLED = Labels()
"""What an answer calls itself where nobody cares."""

Encoder: TypeAlias = Stage[Event, bytes]
"""Source events, as the module's docstring lists them, in; pieces of a response body out, a message in each.

``close`` writes what only the end of an answer writes, such as ``[DONE]``, and nothing where no ``finish`` or ``error``
came: the body is then cut. ``error`` becomes the wire's own error in the stream, without a code where none is known. An
event that the wire has no words for raises :class:`harness.errors.InputError`, which names it (:func:`unsayable`); so
does one whose words would be read as something else, such as a total that the wire does not carry.

``response-metadata`` says how the answer is called instead of its labels, in whatever is written after it: an encoder
writes nothing for it, and opens the answer with the first event that it writes anything for. A name that comes later
still stands in the later messages of wires that repeat it, where a decoder takes it only if no id came before (R38).

Three things are left out where a wire has no place for them, since no chunk that an adapter owes hangs on them: the
names of the answer and of its model; ``reasoningTokens`` and ``cachedInputTokens``, which are parts of other counts;
and that an answer ended for its calls, where the wire says ``stop`` beside them, of which R19 makes ``tool_calls``
(Ollama).
"""


def renamed(labels: Labels, metadata: Event) -> Labels:
    """Return labels with the names of a ``response-metadata``; what it does not name stays."""
    return labels._replace(id=metadata.get("id", labels.id), model=metadata.get("modelId", labels.model))


def unsayable(wire: str, what: str) -> InputError:
    """Return the error for an event that a wire, or a provider on it, has no words for."""
    return InputError(f"{wire} has no words for {what}")


def written(event: Event, writers: Mapping[str, Callable[[Event], list[bytes]]], wire: str) -> list[bytes]:
    """Return what the writer of an event's type writes; raises :class:`InputError` where a wire has no such writer."""
    kind = event["type"]
    if kind not in writers:
        raise unsayable(wire, "counts before the end" if kind == "custom" else f"{kind} events")
    return writers[kind](event)


def signature_of(event: Event) -> str:
    """Return the signature of a thought, from whichever provider's metadata holds one, or ``""``."""
    for theirs in event.get("providerMetadata", {}).values():
        if signature := text_in(theirs, "signature") or text_in(theirs, "thoughtSignature"):
            return signature
    return ""
