"""How the model was asked: tools, tool choice, limits, its name, and the options that are the provider's own (R29)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from harness.protocol.exact_json import parsed, same
from harness.protocol.messages import ModelRequest
from harness.rules.asked import (
    ASKING,
    CONFIGURATION,
    ONE_ANSWER,
    at_request,
    findings_of,
    meant_tools,
    options_of,
    paired_offers,
    received,
    sent_names,
)
from harness.rules.rule import SPEC, Finding, Level, rule
from harness.rules.schema_likeness import same_schema
from harness.rules.sound import SoundTranscript
from harness.rules.turns import same_name
from harness.rules.wording import shown

_LIMITS = {
    "temperature": {"temperature"},
    "maxTokens": {"maxtokens", "maxoutputtokens", "maxcompletiontokens"},
    "topP": {"topp"},
}
_TAKES_NO_TEMPERATURE = re.compile(r"(?:^|/)(?:o\d|gpt-5)")
"""Models that refuse a temperature and a top-p: leaving them out is the only way to ask at all."""
_GATEWAYS = frozenset({"netlify", "mastra"})
"""Gateways whose ids have a part more in front of the model's own id."""


def tools_are_offered(transcript: SoundTranscript) -> bool:
    """Apply where the request has tools, or its provider was offered some."""
    asked = [exchange.asked for exchange in transcript.exchanges or () if exchange.asked is not None]
    return bool(asked) and (bool(meant_tools(transcript)) or any(one.tools for one in asked))


@rule(
    "REQ-12",
    Level.MUST,
    "§4",
    "§8",
    "R16",
    "R29",
    applies=tools_are_offered,
    scopes=ONE_ANSWER,
    operations=("chat",),
    by_turn=False,
    why="the model cannot call the tool, or two tools answer to one name",
    mend="offer every tool of the request once; where a name must be changed, to one that no other tool has",
)
def every_tool_is_offered(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every tool of the request is offered once, under its name or one that can be told back, and no other tool is.

    §4 lets names be changed to what a provider wants, and says nothing of the way back (E18); two tools of one name
    have none (R16). Where no tool may be chosen they may all be left out.
    """
    tools = meant_tools(transcript)
    none_wanted = _wanted_choice(transcript) == "none"
    more_wanted = "tools" in options_of(transcript)

    def check(asked: ModelRequest) -> Iterator[Finding]:
        if none_wanted and not asked.tools:
            return
        names = [offer.name for offer in asked.tools]
        pairs, others = paired_offers(tools, asked.tools)
        lost = next((tool for tool, offer in pairs if offer is None), None)
        again = next((name for place, name in enumerate(names) if name in names[:place]), None)
        if again is not None:
            yield Finding(None, "one tool of each name", f"two of the name {shown(again)}", "tools")
        elif lost is not None:
            seen = f"only {shown(names)}" if names else "no tools"
            yield Finding(None, f"the tool {shown(lost.name)}", seen, "tools")
        elif others and not more_wanted:
            expected = f"no other tools than {shown([tool.name for tool in tools])}"
            yield Finding(None, expected, shown(others[0].name), "tools")

    yield from findings_of(transcript, check)


@rule(
    "REQ-13",
    Level.MUST,
    "§4",
    "§11.2",
    "R29",
    applies=tools_are_offered,
    scopes=ONE_ANSWER,
    operations=("chat",),
    by_turn=False,
    why="the model guesses when to call the tool, and with which arguments",
    mend="pass description and schema on; SDK V2 reads `inputSchema`, and drops `parameters` without a word (A4)",
)
def a_tool_is_described_whole(transcript: SoundTranscript) -> Iterator[Finding]:
    """A tool is offered with its description and its whole schema.

    §11.2 has the schema in `parameters`, where SDK V2 does not look; what counts is what the provider receives (R29). A
    provider's own form of JSON Schema is the same schema: OpenAI's strict one, Gemini's subset.
    """
    tools = meant_tools(transcript)

    def check(asked: ModelRequest) -> Iterator[Finding]:
        for own, offer in paired_offers(tools, asked.tools)[0]:
            if offer is None:
                continue
            path = f"tools[{asked.tools.index(offer)}]"
            if own.description and own.description != offer.description:
                yield Finding(None, shown(own.description), shown(offer.description), f"{path}.description")
            if not same_schema(own.schema, offer.schema):
                yield Finding(None, shown(own.schema), shown(offer.schema), f"{path}.schema")

    yield from findings_of(transcript, check)


def a_tool_may_be_chosen(transcript: SoundTranscript) -> bool:
    """Apply where the request says which tool is to be called, or its provider was told."""
    if not received(transcript) or _choice_is_the_providers(transcript):
        return False
    asked = [exchange.asked for exchange in transcript.exchanges or () if exchange.asked is not None]
    return _wanted_choice(transcript) is not None or any(one.tool_choice for one in asked)


@rule(
    "REQ-14",
    Level.MUST,
    "§14.5",
    "R29",
    applies=a_tool_may_be_chosen,
    scopes=ONE_ANSWER,
    operations=("chat",),
    by_turn=False,
    why="the model answers in words where a tool was demanded, or calls one where none was wanted",
    mend="pass toolChoice on as auto, none, required, or {type: tool, toolName}",
)
def the_tool_choice_arrives(transcript: SoundTranscript) -> Iterator[Finding]:
    """The tool choice of the request arrives, and where there is none the model is free.

    §14.5 writes {type: required, toolName}, of which SDK V2 sends "required" and loses the name (A14); we read it as
    that tool (R29). Among one tool "required" is that tool. Where none may be called, all may be left out.
    """
    wanted = _wanted_choice(transcript) or "auto"

    def check(asked: ModelRequest) -> Iterator[Finding]:
        seen = asked.chosen or "auto"
        if wanted in {seen, asked.tool_choice} or (wanted == "none" and not asked.tools):
            return
        chosen = replace(asked, tool_choice=wanted).chosen or wanted
        own, sent = chosen.removeprefix("tool:"), seen.removeprefix("tool:")
        if own != chosen and sent != seen and same_name(own, sent, sent_names(transcript, asked)):
            return
        yield Finding(None, shown(wanted), shown(asked.tool_choice), "toolChoice")

    yield from findings_of(transcript, check)


def limits_are_set(transcript: SoundTranscript) -> bool:
    """Apply where the request has a limit, and a provider received it."""
    return received(transcript) and bool(_limits(transcript))


@rule(
    "REQ-15",
    Level.MUST,
    "§8",
    "§12.5",
    "R29",
    applies=limits_are_set,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the answer is longer, dearer, or more random than the application allows",
    mend="send temperature, maxTokens and topP also where they are 0; SDK V2 reads maxOutputTokens (A3)",
)
def the_limits_arrive(transcript: SoundTranscript) -> Iterator[Finding]:
    """Temperature, token limit and top-p arrive as they were asked for; 0 is a value.

    §8 has `maxTokens`, which SDK V2 drops without a word (A3); what counts is what the provider receives (R29). Models
    that refuse a temperature are asked without. §14.5 sets the temperature of structured output itself.
    """
    wanted = _limits(transcript)

    def check(asked: ModelRequest) -> Iterator[Finding]:
        bare = bool(_TAKES_NO_TEMPERATURE.search(asked.model or ""))
        seen = {"temperature": asked.temperature, "maxTokens": asked.max_tokens, "topP": asked.top_p}
        for name, value in wanted.items():
            left_out = bare and name != "maxTokens" and seen[name] is None
            if seen[name] != value and not left_out:
                yield Finding(None, shown(value), "nothing" if seen[name] is None else shown(seen[name]), name)

    yield from findings_of(transcript, check)


def a_model_is_named(transcript: SoundTranscript) -> bool:
    """Apply where the request names its model by an id of the router, and a provider received it."""
    model = transcript.stimulus.request.get("model")
    return received(transcript) and isinstance(model, str) and "/" in model.strip("/")


@rule(
    "REQ-16",
    Level.MUST,
    "§2",
    "R29",
    profiles=SPEC,
    applies=a_model_is_named,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the provider does not know the model, or another one answers",
    mend="cut the id at its first slash: the provider is before it, all behind it is the model",
)
def the_model_is_asked_by_its_name(transcript: SoundTranscript) -> Iterator[Finding]:
    """The provider is asked for the model of the id without its provider; slashes further on belong to the model.

    §2 takes the router's ids as they are. A gateway's own part may stand before the provider's (R29).
    """
    parts = str(transcript.stimulus.request["model"]).split("/")
    names = ["/".join(parts[1:])] + (["/".join(parts[2:])] if parts[0] in _GATEWAYS and len(parts) > 2 else [])

    def check(asked: ModelRequest) -> Iterator[Finding]:
        if asked.model not in names:
            yield Finding(None, shown(names[-1]), "no model" if asked.model is None else shown(asked.model), "model")

    yield from findings_of(transcript, check)


@rule(
    "REQ-17",
    Level.MUST,
    "§8",
    "§12.5",
    "R29",
    applies=received,
    scopes=ONE_ANSWER,
    operations=("chat",),
    by_turn=False,
    why="the user sees nothing until the whole answer is there",
    mend="ask for a stream: doStream, not doGenerate",
)
def a_chat_asks_for_a_stream(transcript: SoundTranscript) -> Iterator[Finding]:
    """A chat asks the provider for a stream."""

    def check(asked: ModelRequest) -> Iterator[Finding]:
        if not asked.stream:
            yield Finding(None, "a request for a stream", "one for a whole answer", "stream")

    yield from findings_of(transcript, check)


def the_provider_has_options(transcript: SoundTranscript) -> bool:
    """Apply where the request has options that are not the adapter's own, and a provider received it."""
    return received(transcript) and bool(_provider_options(transcript))


@rule(
    "REQ-18",
    Level.SHOULD,
    "§8",
    "§12.5",
    "R29",
    applies=the_provider_has_options,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="a setting that the application relies on has no effect, and nobody is told",
    mend="pass other modelOptions on under the provider's name, as SDK V2 wants providerOptions (A5)",
)
def the_providers_options_arrive(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every other member of `modelOptions` is somewhere in the provider's body, under its name, with its value.

    §8 passes them on flat, which SDK V2 ignores (A5). An option may have another name at the provider, so this warns
    (R29).
    """
    options = _provider_options(transcript)
    for place, exchange in enumerate(transcript.exchanges or ()):
        if exchange.asked is None:
            continue
        try:
            body = parsed(exchange.body.decode())
        except ValueError:  # packed, or broken: whoever read the request has said so
            continue
        missing = [key for key, value in options.items() if not _arrived(key, _exact(value), body)]
        if missing:
            path = at_request(place, "body")
            yield Finding(None, f"{shown(missing[0])}: {shown(options[missing[0]])}", "no such member", path)
            return


def _wanted_choice(transcript: SoundTranscript) -> str | None:
    """Return the request's ``toolChoice`` in neutral form, None where it says nothing."""
    match transcript.stimulus.request.get("toolChoice"):
        case str(word):
            return word
        case {"toolName": str(name)} | {"type": "function", "function": {"name": str(name)}}:
            return f"tool:{name}"
        case {"type": str(word)}:
            return word
    return None


def _choice_is_the_providers(transcript: SoundTranscript) -> bool:
    return any(_folded(key) in {"toolchoice", "toolconfig"} for key in options_of(transcript))


def _limits(transcript: SoundTranscript) -> dict[str, int | float]:
    """Return the limits that must arrive: those that are numbers, and that no option of the provider's replaces."""
    request = transcript.stimulus.request
    replaced = {_folded(key) for key in options_of(transcript)}
    names = _LIMITS if transcript.stimulus.operation == "chat" else ("maxTokens",)
    return {
        name: request[name]
        for name in names
        if type(request.get(name)) in {int, float} and not _LIMITS[name] & replaced
    }


def _provider_options(transcript: SoundTranscript) -> dict[str, Any]:
    options = options_of(transcript)
    return {key: value for key, value in options.items() if key not in CONFIGURATION and value is not None}


def _arrived(key: str, value: Any, body: Any) -> bool:
    """Tell whether a member of this name and value stands anywhere in a body, or all of its own members do."""
    if any(_folded(name) == _folded(key) and _holds(found, value) for name, found in _members(body)):
        return True
    return isinstance(value, dict) and bool(value) and all(_arrived(*item, body) for item in value.items())


def _holds(found: Any, value: Any) -> bool:
    if isinstance(value, dict) and isinstance(found, dict):
        return all(
            any(_folded(key) == _folded(name) and _holds(inner, item) for name, inner in found.items())
            for key, item in value.items()
        )
    return same(found, value)


def _members(body: Any) -> Iterator[tuple[str, Any]]:
    left = [body]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            yield from value.items()
            left += value.values()
        elif isinstance(value, list):
            left += value


def _exact(value: Any) -> Any:
    try:
        return parsed(json.dumps(value))
    except ValueError:  # NaN, which no body can hold either
        return value


def _folded(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()
