"""Whether something was lost before an adapter could see it, told by what its router was asked and gave.

The shim of the Mastra adapter records that (``STREAMCHUNK_TRACE``): for each call of the router the options that it was
given, the parts of its stream, and what it threw. A failure is not the adapter's own where

- a rule about chunks is kept once those parts are the source, in the place of the provider's bytes;
- a rule about requests is broken though those options hold all that the case's request says;
- a person's expectation is missed by what the parts promise, or asks for what was in the options.
"""

from __future__ import annotations

import json
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

_OUR_OWN = {"apiKey", "url", "headers", "timeout", "maxRetries"}
_LIMITS = {"temperature": "temperature", "maxTokens": "maxOutputTokens", "topP": "topP"}
_IN_OPTIONS = {f"REQ-{number}" for number in (4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18, 20)}
"""The rules about what a request says; how often and when it is sent is the adapter's part."""
_SILENT = "END-8"
_STRATEGY = "STRUCT-23"
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
        if self._another_api_is_asked():
            return frozenset()
        explained = self.broken - self._broken_by_parts()
        if self._answers_go_astray():
            explained |= self.broken & {_SILENT}
        if self._schema_was_handed_over():
            explained |= self.broken & {_STRATEGY}
        if not self._options_hold_the_request():
            explained -= _IN_OPTIONS
        else:
            explained |= self.broken & _IN_OPTIONS
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
        return tuple(revived([*last["parts"], *raised]))

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
        if self._answers_go_astray():
            return True
        answer = self.reference.ask(Stimulus(self.case.request, self._parts()), _PATIENCE)
        return missed - of_requests <= self._missed(replace(answer, exchanges=self.transcript.exchanges))

    def _answers_go_astray(self) -> bool:
        """Tell whether the consumer's answers are about calls whose ids the router has not kept (R27)."""
        called = {part.get("toolCallId") for part in self._parts()}
        return bool(self.case.approvals) and called.isdisjoint(self.case.approvals)

    def _another_api_is_asked(self) -> bool:
        """Tell whether the router asks the provider by an API that the case does not play."""
        given, exchanges = self.case.given, self.transcript.exchanges or ()
        if not isinstance(given, Http):
            return False
        return bool(exchanges) and all(wire_of_target(one.target) != given.wire for one in exchanges)

    def _schema_was_handed_over(self) -> bool:
        """Tell whether the router was given the schema of the answer, and so the choice of the provider's way."""
        return any("schema" in (call["options"].get("responseFormat") or {}) for call in self.calls)

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
    given: Mapping[str, Any] = next(iter((options.get("providerOptions") or {}).values()), {})
    for name, value in model_options.items():
        if name not in _OUR_OWN and given.get(name) != value:
            yield name
    if (model_options.get("headers") or {}).items() - (options.get("headers") or {}).items():
        yield "headers"
    choice = request.get("toolChoice")
    if choice is not None and (options.get("toolChoice") or {}).get("type") != _kind(choice):
        yield "toolChoice"


def _kind(choice: Any) -> Any:
    kind = choice.get("type") if isinstance(choice, Mapping) else choice
    return "tool" if kind == "function" else kind


def _misconverted(operation: Any, given: Mapping[str, Any], result: Any) -> bool:
    """Tell whether a conversion breaks a rule; the adapter's own names toward a provider are not compared."""
    stimulus = Stimulus(operation=operation, input=given)
    return not judge(Transcript((), stimulus=stimulus, result=result), profile="spec").conforms
