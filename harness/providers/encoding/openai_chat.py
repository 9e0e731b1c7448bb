"""Source events → chunks of OpenAI Chat Completions, as OpenAI and those who speak its wire send them.

What is the same for all is here: the answer opens with its role, each delta is a chunk, a call begins with its id and
name and goes on with bare arguments, the reason comes in a chunk of its own, ``[DONE]`` ends it. What differs is a row
of :mod:`harness.providers.encoding.chat_providers`, chosen by the provider's id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.errors import InputError
from harness.protocol.events import Event
from harness.providers.encoding.chat_habits import CHUNK, Shape
from harness.providers.encoding.chat_providers import habits_of
from harness.providers.encoding.encoder import Labels, renamed, signature_of, unsayable
from harness.providers.encoding.framed import json_bytes, sse_message
from harness.providers.encoding.shapes import Blank, filled
from harness.providers.encoding.whole_calls import WholeCalls
from harness.providers.fields import text_in
from harness.providers.openai_ending import finish_word

_REASONS = {
    "stop": "stop", "length": "length", "content-filter": "content_filter", "tool-calls": "tool_calls",
    "error": "error",
}  # fmt: skip
_SILENT = frozenset({"text-start", "text-end", "reasoning-start", "reasoning-end", "tool-input-end"})
_LONGEST_NUMBER = 9

Blanks = dict[Blank, Any]


class OpenAiChatEncoder:
    """Events, as :mod:`harness.providers.encoding.encoder` lists them, in; chunks out.

    Arguments of parallel calls stay interleaved, but for providers that send calls whole. An answer without a reason
    (``other``, ``unknown``) ends with ``[DONE]`` and a null for the reason, unless the provider's own word is known.
    A call that was never completed cannot be told of an answer that is: every reader completes it.
    """

    def __init__(self, labels: Labels, provider: str) -> None:
        self._labels = labels
        self._provider = provider
        self._habits = habits_of(provider)
        self._is_begun = False
        self._has_role = False
        self._is_finished = False
        self._places: dict[str, int] = {}
        self._unfinished: dict[str, None] = {}
        self._whole = WholeCalls()
        self._sources: list[dict[str, Any]] = []
        self._said: list[str] = []
        self._so_far: dict[str, Any] = {}
        self._writers: dict[str, Callable[[Event], list[bytes]]] = {
            "response-metadata": self._rename,
            "text-delta": self._text,
            "reasoning-delta": self._thought,
            "tool-input-start": self._start_call,
            "tool-input-delta": self._more_of_call,
            "tool-call": self._complete_call,
            "source": self._source,
            "custom": self._count,
            "finish": self._finish,
            "error": self._error,
        }

    def feed(self, event: Event, /) -> list[bytes]:
        """Take one event, return the chunks that say it; raises :class:`InputError` where none can."""
        kind = event["type"]
        if kind in _SILENT:
            return []
        if event.get("providerExecuted"):
            raise self._unsayable("a tool that the provider runs itself")
        if kind not in self._writers:
            raise self._unsayable(f"{kind} events")
        return self._writers[kind](event)

    def close(self) -> list[bytes]:
        """Return ``[DONE]`` where the answer was finished and the provider says so."""
        return [self._framed(b"[DONE]")] if self._is_finished and self._habits.says_done else []

    def _unsayable(self, what: str) -> InputError:
        return unsayable(f"openai-chat as {self._provider or 'a compatible server'} speaks it", what)

    def _rename(self, event: Event) -> list[bytes]:
        self._labels = renamed(self._labels, event)
        return []

    def _text(self, event: Event) -> list[bytes]:
        words = event["delta"]
        if not words:
            return []
        self._said.append(words)
        return self._spoken(self._habits.text, {Blank.WORDS: words, Blank.TEXT: words})

    def _thought(self, event: Event) -> list[bytes]:
        """Say reasoning and its signature, where the provider has a place for one; else the signature is left out."""
        words, signature = event["delta"], signature_of(event)
        blanks: Blanks = {Blank.WORDS: words} if words else {}
        if signature and self._habits.signature is not None:
            blanks[Blank.SIGNATURE] = signature
        elif not words:
            return []
        if self._habits.reasoning is None:
            raise self._unsayable("reasoning")
        return self._spoken(self._habits.reasoning if words else self._habits.signature, blanks)

    def _start_call(self, event: Event) -> list[bytes]:
        id_, pattern = event["id"], self._habits.call_id
        if self._habits.call is None:
            raise self._unsayable("calls of tools")
        if pattern is not None and not pattern.fullmatch(id_):
            raise self._unsayable(f"a call with the id {id_!r:.80}: its ids look like {pattern.pattern}")
        self._places[id_] = len(self._places)
        self._unfinished[id_] = None
        if self._habits.more is None:
            return self._told_whole(self._whole.feed(event))
        named = {Blank.CALL_ID: id_, Blank.NAME: event["toolName"], Blank.INDEX: self._places[id_]}
        return self._spoken(self._habits.call, {**named, Blank.ARGUMENTS: ""})

    def _more_of_call(self, event: Event) -> list[bytes]:
        if self._habits.more is None:
            return []
        blanks = {Blank.INDEX: self._places[event["id"]], Blank.ARGUMENTS: event["delta"]}
        return self._spoken(self._habits.more, blanks)

    def _complete_call(self, event: Event) -> list[bytes]:
        del self._unfinished[event["toolCallId"]]
        return self._told_whole(self._whole.feed(event)) if self._habits.more is None else []

    def _told_whole(self, calls: list[Event]) -> list[bytes]:
        pieces = []
        for call in calls:
            named = {Blank.CALL_ID: call["toolCallId"], Blank.NAME: call["toolName"]}
            place = self._places[call["toolCallId"]]
            pieces += self._spoken(self._habits.call, {**named, Blank.INDEX: place, Blank.ARGUMENTS: call["input"]})
        return pieces

    def _source(self, event: Event) -> list[bytes]:
        url = text_in(event, "url")
        if not url:
            raise self._unsayable("a source without a URL")
        blanks = {Blank.URL: url, Blank.TITLE: text_in(event, "title")}
        if self._habits.lists_citations:
            self._sources.append({"title": blanks[Blank.TITLE], "url": url})
            return []
        if self._habits.cited is None:
            raise self._unsayable("sources")
        return self._spoken(self._habits.cited, blanks)

    def _count(self, event: Event) -> list[bytes]:
        self._so_far = event["usage"]
        return [*self._opening(), self._counted_behind(self._counted(event["usage"]), {})]

    def _finish(self, event: Event) -> list[bytes]:
        if self._unfinished:
            raise self._unsayable(f"a finish while the call {next(iter(self._unfinished))!r:.80} is not complete")
        usage = event["usage"]
        if self._so_far and not usage:
            raise self._unsayable("a finish without counts after some were told")
        reason = self._reason(event["finishReason"], event["raw"])
        self._is_finished = True
        ending: Blanks = {Blank.REASON_OR_NULL: reason, Blank.NATIVE_REASON_OR_NULL: event["raw"] or reason}
        if reason is not None:
            ending[Blank.REASON] = reason
        only_once: Blanks = {Blank.STOP_REASON: None, Blank.OBJECT: self._habits.closing_object}
        if event["finishReason"] == "content-filter":
            only_once |= {Blank.FILTERED: True, Blank.SEVERITY: "high"}
        counted = self._counted(usage)
        cited = self._cited() if self._sources else {}
        if not usage or self._habits.usage_stands == "beside":
            return self._spoken(self._habits.closing, {**ending, **only_once, **counted, **cited})
        closing = self._spoken(self._habits.closing, {**ending, **only_once})
        return [*closing, self._counted_behind(counted, {**ending, **cited})]

    def _reason(self, word: str, raw: str) -> str | None:
        """Return the provider's own word where only it has that, else the wire's for the reason, None for no reason."""
        is_its_own = raw in self._habits.reasons if word in _REASONS else bool(raw)
        return raw if is_its_own and _known(finish_word(raw)) == _known(word) else _known(word, self._habits.no_reason)

    def _error(self, event: Event) -> list[bytes]:
        if "usage" in event:
            raise self._unsayable("counts of an answer that failed")
        told = self._told_whole(self._whole.rest())
        code = event["error"].get("code")
        blanks = {
            **self._named(),
            Blank.MESSAGE: event["error"]["message"],
            Blank.CODE: code,
            Blank.NUMBER_OR_CODE: _number_or_code(code),
        }
        body = json_bytes(filled(self._habits.error, blanks))
        return [*told, *self._beginning(), self._framed(body, self._habits.error_name)]

    def _beginning(self) -> list[bytes]:
        """Return what comes before the first chunk, once."""
        if self._is_begun:
            return []
        self._is_begun = True
        return [
            f"{before}\n\n".encode() if isinstance(before, str) else self._framed(json_bytes(filled(before, {})))
            for before in self._habits.before
        ]

    def _opening(self) -> list[bytes]:
        """Return what opens an answer, once: the role, where it has a chunk of its own."""
        pieces = self._beginning()
        if self._has_role or self._habits.opening is None:
            return pieces
        self._has_role = True
        return [*pieces, self._chunk(self._habits.opening, {})]

    def _spoken(self, delta: Shape | None, blanks: Blanks) -> list[bytes]:
        """Return a chunk with a delta, behind what opens the answer if this is the first."""
        pieces = self._opening()
        if not self._has_role:
            self._has_role = True
            blanks = {**blanks, Blank.ROLE: "assistant"}
        return [*pieces, self._chunk(delta, blanks)]

    def _chunk(self, delta: Shape | None, blanks: Blanks, *, has_choice: bool = True) -> bytes:
        blanks = {**self._defaults(), **blanks}
        blanks[Blank.DELTA] = filled(delta, blanks)
        blanks[Blank.CHOICES] = [filled(self._habits.choice, blanks)] if has_choice else []
        return self._framed(json_bytes(filled(self._habits.chunk, blanks)))

    def _defaults(self) -> Blanks:
        """Return how the blanks of any chunk are filled where nothing special is said."""
        blanks: Blanks = {
            **self._named(),
            Blank.OBJECT: CHUNK,
            Blank.TEXT: "",
            Blank.REASON_OR_NULL: None,
            Blank.NATIVE_REASON_OR_NULL: None,
            Blank.FILTERED: False,
            Blank.SEVERITY: "safe",
        }
        prompt = self._labels.prompt_tokens
        if prompt is not None:
            blanks[Blank.USAGE_OR_NULL] = None  # who asks for counts gets a null until they come
        if self._habits.repeats:
            blanks |= {Blank.SAID: "".join(self._said), **self._cited()}
            running = {
                "inputTokens": prompt,
                "outputTokens": len(self._said),
                "totalTokens": (prompt or 0) + len(self._said),
            }
            if usage := self._so_far or (running if prompt is not None else {}):
                blanks |= self._counted(usage)
        return blanks

    def _named(self) -> Blanks:
        return {Blank.ID: self._labels.id, Blank.MODEL: self._labels.model, Blank.CREATED: self._labels.created}

    def _cited(self) -> Blanks:
        return {Blank.CITATIONS: [source["url"] for source in self._sources], Blank.SEARCH_RESULTS: list(self._sources)}

    def _counted(self, usage: Mapping[str, Any]) -> Blanks:
        """Return the blanks that counts fill; none where there are none."""
        if not usage:
            return {}
        prompt, cached = usage["inputTokens"], usage.get("cachedInputTokens", 0)
        counts: Blanks = {
            Blank.PROMPT: prompt,
            Blank.COMPLETION: usage["outputTokens"],
            Blank.TOTAL: usage["totalTokens"],
            Blank.CACHED: cached,
            Blank.UNCACHED: max(prompt - cached, 0),
            Blank.REASONING: usage.get("reasoningTokens", 0),
            Blank.CREATED: self._labels.created,
        }
        if "cachedInputTokens" in usage:
            counts[Blank.PROMPT_DETAILS] = {"cached_tokens": cached}
        if "reasoningTokens" in usage:
            counts[Blank.COMPLETION_DETAILS] = {"reasoning_tokens": usage["reasoningTokens"]}
        shown = filled(self._habits.usage, counts)
        blanks: Blanks = {Blank.USAGE: shown, Blank.USAGE_OR_NULL: shown}
        if self._habits.beside_usage is not None:
            blanks[Blank.BESIDE_USAGE] = filled(self._habits.beside_usage, counts)
        return blanks

    def _counted_behind(self, counted: Blanks, blanks: Blanks) -> bytes:
        """Return the chunk that is there for the counts alone."""
        return self._chunk(self._habits.closing, {**blanks, **counted}, has_choice=self._habits.repeats_choice)

    def _framed(self, data: bytes, name: str = "") -> bytes:
        return sse_message(data, name).replace(b"\n", self._habits.line_end)


def _known(word: str, otherwise: str | None = None) -> str | None:
    """Return the wire's finish reason for a word of V2; ``otherwise`` for one that is no reason."""
    return _REASONS.get(word, otherwise)


def _number_or_code(code: str | None) -> int | str | None:
    """Return a code as the number that it spells, for providers that send an HTTP status; else as it is."""
    if (
        code is None
        or len(code) > _LONGEST_NUMBER
        or not code.isascii()
        or not code.isdigit()
        or str(int(code)) != code
    ):
        return code
    return int(code)
