"""Whether something was lost before an adapter could see it, told by what its router was asked and gave.

The shim of the Mastra adapter records that (``STREAMCHUNK_TRACE``): for each call of the router the options that it was
given, the parts of its stream, and what it threw. A failure is not the adapter's own where

- a rule about chunks is kept once those parts are the source, in the place of the provider's bytes;
- a rule about requests is broken though those options hold all that the case's request says, under the names and keys
  that the router's packages read;
- a person's expectation is missed by what the parts promise, or asks for what was in the options.

Nothing else excuses a failure: an API that the case does not play is asked by the router, but what the adapter made of
the answer, and what it asked for, are judged as ever.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from harness.drivers.driver import Driver
from harness.judge import judge
from harness.protocol.events import THROW, Event, revived
from harness.protocol.transcript import Stimulus, Transcript
from harness.providers import wire_of_target
from harness.suite.case import Case
from harness.suite.comparison import mismatches
from harness.suite.expectations import EXPECT
from harness.suite.given import Http

_AN_END = re.compile(
    r'"(finishReason|finish_reason|stop_reason|blockReason)": "'
    r'|"(message_stop|response\.(completed|incomplete|failed))"'
)
"""What tells that an answer has come to its end, in any of the APIs."""
_OUR_OWN = {"apiKey", "url", "headers", "timeout", "maxRetries"}
_KEYS = {"azure-openai": "openai", "gemini": "google", "minimax": "anthropic", "moonshotai": "anthropic"}
"""Where a package looks for its options, if not under the router's name of the provider."""
_OF_A_CALL = {
    "seed": "seed",
    "random_seed": "seed",
    "stop": "stopSequences",
    "stop_sequences": "stopSequences",
    "topK": "topK",
}
"""Options of a provider that V2 has as options of every call."""
_LIMITS = {"temperature": "temperature", "maxTokens": "maxOutputTokens", "topP": "topP"}
_IN_OPTIONS = {f"REQ-{number}" for number in (4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18, 20)}
"""The rules about what a request says; how often and when it is sent is the adapter's part."""
_ENDPOINT = "REQ-3"
_OF_THROWN = ("name", "message", "code")
_PATIENCE = 10.0  # seconds for the reference


@dataclass(frozen=True)
class Run:
    """A case, what came of it, and the calls of the router, as the trace tells them.

    ``reference`` shows what an adapter without fault makes of the router's parts.
    """

    case: Case
    transcript: Transcript
    calls: Sequence[Mapping[str, Any]]
    reference: Driver

    @cached_property
    def broken(self) -> frozenset[str]:
        """What counts against the implementation, in the words of an expectations file."""
        rules = {one.rule.id for one in judge(self.transcript, profile="spec").counting}
        return frozenset(rules | {EXPECT} if self._missed(self.transcript) else rules)

    @cached_property
    def its_own(self) -> frozenset[str]:
        """What of that is not explained by the router: the adapter's own faults."""
        if not self.calls:
            return self.broken
        of_requests = _IN_OPTIONS | ({_ENDPOINT} if self._another_api_is_asked() else set())
        explained = self.broken - self._broken_by_parts() - of_requests
        if self._options_hold_the_request():
            explained |= self.broken & of_requests
        if not self._cannot_be_met():
            explained -= {EXPECT}
        return self.broken - explained

    def _broken_by_parts(self) -> frozenset[str]:
        stimulus = replace(self.transcript.stimulus, events=self._parts())
        return frozenset(
            one.rule.id for one in judge(replace(self.transcript, stimulus=stimulus), profile="spec").counting
        )

    def _parts(self) -> tuple[Event, ...]:
        """Return what the last call gave, with what it threw."""
        last = self.calls[-1]
        thrown = last.get("thrown")
        raised = [{THROW: {name: thrown[name] for name in _OF_THROWN if name in thrown}}] if thrown else []
        told = [part for part in last["parts"] if part.get("type") not in self._not_told()]
        return tuple(revived([*told, *raised]))

    def _not_told(self) -> set[str]:
        """Return the types of parts that are no word of the provider's.

        Its chunks as they came are no parts: what only they tell is more than the router's answer. A finish is the
        package's own invention where no such chunk tells an end.
        """
        raw = json.dumps([part for part in self.calls[-1]["parts"] if part.get("type") == "raw"])
        return {"raw"} if _AN_END.search(raw) else {"raw", "finish"}

    def _missed(self, transcript: Transcript) -> set[str]:
        if self.case.expect is None:
            return set()
        return {one.field for one in mismatches(self.case.expect, transcript)}

    def _hides_an_error(self) -> bool:
        """Tell whether the words that are wanted of an error stand in what the router gave."""
        wanted = self.case.expect.error if self.case.expect is not None else None
        words = getattr(wanted, "message", None)
        return bool(words) and json.dumps(words, ensure_ascii=False)[1:-1] in json.dumps(self.calls, ensure_ascii=False)

    def _cannot_be_met(self) -> bool:
        """Tell whether the reference misses the same expectations, given the router's parts and options."""
        missed = self._missed(self.transcript)
        if "error.message" in missed and self._hides_an_error():
            return False
        of_requests = {field for field in missed if field.startswith("requests[")}
        if of_requests and not self._options_hold_the_request():
            return False
        if missed == of_requests:
            return True
        if self.case.operation == "structuredOutput":
            return missed - of_requests <= {"data", "raised"} and not self._has_answered()
        answer = self.reference.ask(Stimulus(self.case.request, self._parts()), _PATIENCE)
        return missed - of_requests <= self._missed(replace(answer, exchanges=self.transcript.exchanges))

    def _has_answered(self) -> bool:
        return any(part.get("type") in {"text-delta", "tool-call"} for part in self.calls[-1]["parts"])

    def _another_api_is_asked(self) -> bool:
        """Tell whether the router asks the provider by an API that the case does not play."""
        given, exchanges = self.case.given, self.transcript.exchanges or ()
        if not isinstance(given, Http):
            return False
        return bool(exchanges) and all(wire_of_target(one.target) != given.wire for one in exchanges)

    def _options_hold_the_request(self) -> bool:
        return all(not any(_lacking(self.case.request, call["options"])) for call in self.calls)


def calls_of(trace: bytes) -> list[dict[str, Any]]:
    """Return the calls that a trace tells of, in order: ``{options, parts, thrown?}``."""
    calls: dict[int, dict[str, Any]] = {}
    for line in map(json.loads, trace.splitlines()):
        call = calls.setdefault(line.pop("call"), {"parts": []})
        if "part" in line:
            call["parts"].append(line["part"])
        else:
            call |= line
    return list(calls.values())


def _lacking(request: Mapping[str, Any], options: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a request says and the options of a call do not (§8, R29); both in their own words."""
    prompt = list(options["prompt"])
    system = "\n".join(message["content"] for message in prompt if message["role"] == "system")
    if not all(text in system for text in request.get("systemPrompts") or ()):
        yield "systemPrompts"
    said = [message for message in prompt if message["role"] != "system"]
    if _misconverted("convertMessages", {"messages": request["messages"]}, said):
        yield "messages"
    if request.get("tools") and _misconverted("convertTools", {"tools": request["tools"]}, options.get("tools")):
        yield "tools"
    for name, own in _LIMITS.items():
        if request.get(name) is not None and options.get(own) != request[name]:
            yield name
    model_options = request.get("modelOptions") or {}
    own = (options.get("providerOptions") or {}).get(_key_of(request["model"]), {})
    for name, value in model_options.items():
        if name not in _OUR_OWN and not _holds(options, own, name, value):
            yield name
    if (model_options.get("headers") or {}).items() - (options.get("headers") or {}).items():
        yield "headers"
    choice = request.get("toolChoice")
    if choice is not None and (options.get("toolChoice") or {}).get("type") != _kind(choice):
        yield "toolChoice"


def _key_of(model: str) -> str:
    """Return the name under which the package of a model's provider reads its options."""
    router, *rest = model.split("/")
    provider = rest[0] if router == "netlify" else router
    return _KEYS.get(provider, provider)


def _holds(options: Mapping[str, Any], own: Mapping[str, Any], name: str, value: Any) -> bool:
    """Tell whether an option was handed over: as it stands, in camel case, as one of every call, or piece by piece."""
    of_call = name in _OF_A_CALL and options.get(_OF_A_CALL[name]) == value
    if of_call or own.get(name) == value or own.get(_camel_case(name)) in (value, _in_camel_case(value)):
        return True
    pieces = value.items() if isinstance(value, Mapping) else ()
    return bool(pieces) and all(
        _holds(options, own, f"{name}_{piece}", one) or _holds(options, own, piece, one) for piece, one in pieces
    )


def _in_camel_case(value: Any) -> Any:
    """Return an option with the names of its members in camel case, as far as they are its own."""
    return {_camel_case(name): one for name, one in value.items()} if isinstance(value, Mapping) else value


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _kind(choice: Any) -> Any:
    kind = choice.get("type") if isinstance(choice, Mapping) else choice
    return "tool" if kind == "function" else kind


def _misconverted(operation: Any, given: Mapping[str, Any], result: Any) -> bool:
    """Tell whether a conversion breaks a rule; the adapter's own names toward a provider are not compared."""
    stimulus = Stimulus(operation=operation, input=given)
    return not judge(Transcript((), stimulus=stimulus, result=result), profile="spec").conforms
