"""OpenAI Chat Completions and everything that speaks it: chunks → source events.

A chunk is ``{id, model, choices: [{index, delta: {content, tool_calls, …}, finish_reason}], usage}``. Named differences
that are read here (those of calls and of reasoning stand in their own modules):

- only the choice with index 0, or without an index, is read (R38)
- Azure's first chunk has no choices and empty ids; its filter's chunks have no delta: both say nothing
- the metadata is emitted once, with the first id that is not empty, late as it may come (R38); the model of an answer
  that begins without one is told before it
- usage may stand in any chunk, in the choice, in ``x_groq``; it may be null, or grow with every chunk: the last counts
- usage, text and calls that come after the finish reason still count
- ``message`` instead of ``delta``: an answer that was not streamed; beside deltas it repeats them, and only the words
  and the calls that no delta brought are read from the last one, at the end
- ``text`` instead of both: the older completions
- xAI says ``Thinking... `` again and again while nothing happens: once is enough
- citations are sources, each address once: Perplexity's and xAI's lists, annotations flat and nested
- an error may stand beside choices (OpenRouter), in the choice, or alone in any of its shapes

A ``finish_reason`` or ``[DONE]`` completes the answer (R38); ``finish`` comes at ``[DONE]`` or at the stream's end. A
stream with neither gives no ``finish``, and none of the calls whose arguments were still arriving.
"""

from __future__ import annotations

from typing import Any

from harness.protocol.events import COUNTED, Event
from harness.providers.failures import error_event
from harness.providers.fields import list_in, object_in, text_in
from harness.providers.message import Mark, Message, NewId
from harness.providers.openai_blocks import Blocks, Kind
from harness.providers.openai_built_ins import source_of
from harness.providers.openai_content import spoken
from harness.providers.openai_ending import counted, failure_of_family, finish_word
from harness.providers.openai_tool_calls import CallFragments

_HEARTBEAT = "Thinking... "


class OpenAiChatDecoder:
    """Messages of one answer in, source events out; after an error, or after the end, everything is ignored."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._blocks = Blocks()
        self._calls = CallFragments(new_id)
        self._is_named = False
        self._model = ""
        self._has_deltas = False
        self._said: dict[str, list[str]] = {"text": [], "reasoning": []}
        self._repeated: dict[str, Any] = {}
        self._read_of_message = 0
        self._last_thought = ""
        self._addresses: set[str] = set()
        self._usage: dict[str, Any] = {}
        self._reason = ""
        self._is_over = False

    def feed(self, message: Message, /) -> list[Event]:
        """Take one message; never raises, whatever JSON it holds."""
        if self._is_over:
            return []
        name, data = message
        if data is Mark.DONE:
            return self._finish()
        choice = _first(list_in(data, "choices"))
        failure = _failure(name, data, choice)
        if failure is not None:
            self._is_over = True
            return [error_event(failure)]
        return self._chunk(data, choice) if isinstance(data, dict) else []

    def close(self) -> list[Event]:
        """Finish an answer that named its reason and sent no ``[DONE]``; of one that was cut only its count is told."""
        if self._is_over:
            return []
        if self._reason:
            return self._finish()
        return [{"type": "custom", "kind": COUNTED, "usage": self._usage}] if self._usage else []

    def _chunk(self, chunk: dict[str, Any], choice: dict[str, Any]) -> list[Event]:
        events = self._choice(choice) if choice else []
        for cited in list_in(chunk, "search_results") or list_in(chunk, "citations"):
            events += self._source({"url": cited} if isinstance(cited, str) else cited)
        if not self._is_named:
            events = self._metadata(chunk, has_begun=bool(events)) + events
        if usage := chunk.get("usage") or object_in(chunk, "x_groq").get("usage"):
            self._count(usage)
        return events

    def _metadata(self, chunk: dict[str, Any], *, has_begun: bool) -> list[Event]:
        """Return the metadata at the first id; where the answer begins without one, the model alone."""
        id_, model = text_in(chunk, "id"), text_in(chunk, "model")
        if not id_ and not (has_begun and model and not self._model):
            return []
        event: Event = {"type": "response-metadata"}
        if id_:
            self._is_named = True
            event["id"] = id_
        if model and not self._model:
            self._model = event["modelId"] = model
        return [event]

    def _choice(self, choice: dict[str, Any]) -> list[Event]:
        events: list[Event] = []
        if delta := object_in(choice, "delta"):
            events = self._delta(delta)
        message = object_in(choice, "message")
        if delta or self._has_deltas:
            self._repeated = message or self._repeated
        elif message:
            events = self._message(message)
        elif words := text_in(choice, "text"):
            events = self._blocks.say("text", words)
        self._reason = text_in(choice, "finish_reason") or self._reason
        if usage := choice.get("usage"):
            self._count(usage)
        return events

    def _delta(self, delta: dict[str, Any]) -> list[Event]:
        events: list[Event] = []
        for kind, words in spoken(delta):
            self._has_deltas = True
            if kind == "reasoning":
                if words == _HEARTBEAT == self._last_thought:
                    continue
                self._last_thought = words
            self._said[kind].append(words)
            events += self._blocks.say(kind, words)
        calls = delta.get("tool_calls")
        if not calls and (legacy := delta.get("function_call")):
            calls = {"index": "function_call", "function": legacy}
        if calls:
            self._has_deltas = True
            if called := self._calls.feed(calls):
                events += self._blocks.end() + called
        for annotation in list_in(delta, "annotations"):
            events += self._source(annotation)
        return events

    def _message(self, message: dict[str, Any]) -> list[Event]:
        """Read a whole message; where several come, each holds the one before it, so only what is new is said."""
        if content := text_in(message, "content"):
            message = message | {"content": content[self._read_of_message :]}
            self._read_of_message = max(self._read_of_message, len(content))
        events = self._delta(message)
        self._has_deltas = False
        return events

    def _rest(self, message: dict[str, Any]) -> list[Event]:
        """Return what a whole message behind deltas brings that they did not; words that differ are not said twice."""
        events: list[Event] = []
        told: dict[Kind, str] = {}
        for kind, words in spoken(message):
            told[kind] = told.get(kind, "") + words
        for kind, words in told.items():
            said = "".join(self._said[kind])
            if len(words) > len(said) and words.startswith(said):
                events += self._blocks.say(kind, words[len(said) :])
        called = self._calls.rest(message.get("tool_calls"))
        return events + self._blocks.end() + called

    def _source(self, cited: Any) -> list[Event]:
        address = text_in(object_in(cited, "url_citation") or cited, "url")
        if address in self._addresses:
            return []
        if address:
            self._addresses.add(address)
        return source_of(cited, self._new_id)

    def _count(self, usage: Any) -> None:
        """Keep the last count; one that lacks the answer's tokens never replaces one that has them."""
        found = counted(usage)
        if "outputTokens" in found or "outputTokens" not in self._usage:
            self._usage = found or self._usage

    def _finish(self) -> list[Event]:
        self._is_over = True
        events = self._rest(self._repeated) + self._calls.complete()
        if not events or events[-1]["type"] != "error":
            events.append({"type": "finish", "finishReason": finish_word(self._reason), "usage": self._usage})
        return events


def _failure(name: str, data: Any, choice: dict[str, Any]) -> Any:
    """Return the error that stands beside the choices, in the choice that is read, or instead of any; else None.

    Groq says in ``x_groq.error`` why it stopped early.
    """
    if isinstance(data, dict):
        error = data.get("error") or choice.get("error") or object_in(data, "x_groq").get("error")
        if error and isinstance(error, str | dict):
            return error
        if choice:
            return None
    return failure_of_family(name, data)


def _first(choices: list[Any]) -> dict[str, Any]:
    """Return the choice that is read: index 0, also written null or left out; ``{}`` where there is none."""
    for choice in choices:
        if isinstance(choice, dict) and not choice.get("index"):
            return choice
    return {}
