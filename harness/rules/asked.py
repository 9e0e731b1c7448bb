"""What the rules about requests ask of a transcript: what was meant to be asked, and what the provider received.

A request that was repeated is looked at once. Where something in the request may rightly be refused, nobody can say
that the provider should have been asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from harness.protocol.messages import (
    Answered,
    Call,
    File,
    ModelRequest,
    Stranger,
    ToolOffer,
    Turn,
    strangers_in,
    turns_of,
)
from harness.protocol.script import Exchange
from harness.protocol.transcript import OVER_HTTP, Scope
from harness.rules.rule import Finding
from harness.rules.sound import SoundTranscript
from harness.rules.turns import Difference, Placed, folded, meant_and_seen, parts_of

ASKING = OVER_HTTP
"""The operations in which an implementation asks a provider."""
ONE_ANSWER: tuple[Scope, ...] = ("adapter",)
"""The scope in which there is one question: TanStack's engine asks again with what its tools said (R39)."""
CONFIGURATION = ("apiKey", "url", "headers", "timeout", "maxRetries")
"""The options of §2, which are the adapter's own and not the provider's."""


def options_of(transcript: SoundTranscript) -> Mapping[str, Any]:
    """Return the request's ``modelOptions``, empty where there are none."""
    options = transcript.stimulus.request.get("modelOptions")
    return options if isinstance(options, Mapping) else {}


def messages_of(transcript: SoundTranscript) -> list[Any]:
    """Return the messages of the request."""
    return _listed(transcript, "messages")


def meant_turns(transcript: SoundTranscript) -> tuple[Turn, ...]:
    """Return the conversation of the request."""
    return turns_of(messages_of(transcript), _listed(transcript, "systemPrompts"))


def meant_tools(transcript: SoundTranscript) -> tuple[ToolOffer, ...]:
    """Return the tools of the request; what has no name is none."""
    return tools_in(_listed(transcript, "tools"))


def tools_in(tools: Iterable[Any]) -> tuple[ToolOffer, ...]:
    """Return TanStack's tools, ``{name, description, inputSchema?}`` (§11.2)."""
    return tuple(
        ToolOffer(tool["name"], tool.get("description"), tool.get("inputSchema"))
        for tool in tools
        if isinstance(tool, Mapping) and isinstance(tool.get("name"), str)
    )


def strangers(transcript: SoundTranscript) -> tuple[Stranger, ...]:
    """Return what in the request's messages is of no known kind."""
    return strangers_in(messages_of(transcript))


def received(transcript: SoundTranscript) -> bool:
    """Apply where a provider was played and received a request that can be read."""
    return any(exchange.asked is not None for exchange in transcript.exchanges or ())


def conversation_was_received(transcript: SoundTranscript) -> bool:
    """Apply where the conversation that was meant is known, and a readable request came of it."""
    return received(transcript) and bool(messages_of(transcript)) and not strangers(transcript)


def different_requests(transcript: SoundTranscript) -> Iterator[tuple[int, Exchange, ModelRequest]]:
    """Yield every request that could be read, with its place, but not again what was asked before in the same words."""
    seen: list[ModelRequest] = []
    for place, exchange in enumerate(transcript.exchanges or ()):
        if exchange.asked is not None and exchange.asked not in seen:
            seen.append(exchange.asked)
            yield place, exchange, exchange.asked


def heard_the_harness(transcript: SoundTranscript) -> bool:
    """Tell whether the last answer was the harness's own, for want of a script: an error may repeat its words."""
    return any(last.is_unscripted for last in (transcript.exchanges or ())[-1:])


def findings_of(transcript: SoundTranscript, check: Callable[[ModelRequest], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield what is wrong with the first request that has a fault: the same question, asked again, has it again."""
    for place, _, asked in different_requests(transcript):
        found = [replace(finding, path=at_request(place, finding.path)) for finding in check(asked)]
        if found:
            yield from found
            return


def and_others(count: int, word: str) -> str:
    """Return how many others have the same fault, to be put behind the first."""
    return "" if count <= 0 else f" (and {count} more {word}{'' if count == 1 else 's'})"


def difference_findings(found: Difference[Placed[Any]] | None, within: str = "turns") -> Iterator[Finding]:
    """Yield the finding that a difference of parts is, if there is one; ``within`` names the list of their turns."""
    if found is not None:
        expected, seen = meant_and_seen(found)
        yield Finding(None, expected, seen, within if found.seen is None else f"{within}[{found.seen.turn}]")


def either_has(transcript: SoundTranscript, kind: type[File | Call | Answered]) -> bool:
    """Tell whether a conversation that is known, or a request that came of it, has parts of this kind."""
    if not conversation_was_received(transcript):
        return False
    asked = [asked.turns for _, _, asked in different_requests(transcript)]
    return any(parts_of(turns, kind) for turns in (meant_turns(transcript), *asked))


def questions(transcript: SoundTranscript) -> list[list[tuple[int, Exchange]]]:
    """Return the requests of each question, with their places.

    A stream is one question, however often it is asked. A structured output may take several (R33, R37): another body
    is another question, and so is the same behind an answer that was whole.
    """
    found: list[list[tuple[int, Exchange]]] = []
    for place, exchange in enumerate(transcript.exchanges or ()):
        before = found[-1][-1][1] if found else None
        if before is None or (transcript.stimulus.operation != "chat" and _is_another(before, exchange)):
            found.append([])
        found[-1].append((place, exchange))
    return found


def sent_names(transcript: SoundTranscript, asked: ModelRequest) -> dict[str, str]:
    """Return the name under which each tool of the request was offered."""
    pairs, _ = paired_offers(meant_tools(transcript), asked.tools)
    return {own.name: offer.name for own, offer in pairs if offer is not None}


def own_names(transcript: SoundTranscript) -> dict[str, str]:
    """Return the consumer's own name of each tool that its provider knows by another (R16)."""
    return {
        sent: own
        for _, _, asked in different_requests(transcript)
        for own, sent in sent_names(transcript, asked).items()
        if sent != own
    }


def paired_offers(
    own: Iterable[ToolOffer], sent: Iterable[ToolOffer]
) -> tuple[list[tuple[ToolOffer, ToolOffer | None]], list[ToolOffer]]:
    """Return each tool beside what was offered for it, and what was offered for none.

    That is the tool of its name, of a like name, or else of its description: a tool may be renamed toward the provider
    (§4), as long as the name can be told back (R16).
    """
    mine, left = list(enumerate(own)), list(sent)
    pairs: dict[int, ToolOffer] = {}
    for alike in (_same_name, _like_name, _same_description):
        for place, tool in mine:
            match = next((offer for offer in left if place not in pairs and alike(tool, offer)), None)
            if match is not None:
                pairs[place] = match
                left = [offer for offer in left if offer is not match]
    return [(tool, pairs.get(place)) for place, tool in mine], left


def at_request(place: int, inner: str | None = None) -> str:
    """Return the path of a request, or of a place in it; requests are counted from 0."""
    return f"requests[{place}]" + (f".{inner}" if inner else "")


def _listed(transcript: SoundTranscript, key: str) -> list[Any]:
    value = transcript.stimulus.request.get(key)
    return value if isinstance(value, list) else []


def _is_another(before: Exchange, exchange: Exchange) -> bool:
    answered = before.whole and before.status is not None and 200 <= before.status < 300
    return answered or (before.target, before.body) != (exchange.target, exchange.body)


def _same_name(own: ToolOffer, offer: ToolOffer) -> bool:
    return own.name == offer.name


def _like_name(own: ToolOffer, offer: ToolOffer) -> bool:
    return folded(own.name) == folded(offer.name)


def _same_description(own: ToolOffer, offer: ToolOffer) -> bool:
    return bool(own.description) and own.description == offer.description
