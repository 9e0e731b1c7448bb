"""Answers as a model might tell them: generated source events, and the kinds of things that each of them says.

A story says only what the ``kinds`` allow it; what it really says is its ``says``, so a table can tell which stories a
wire has to be able to tell.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from hypothesis import strategies as st

SPECIAL = '\u2028\u2029\x85\x00\x1f\r\n\t"\\/<&é\ufeff\ud83d\ude00\ude00😀a: {}[],'
CHARACTERS = st.sampled_from(SPECIAL) | st.characters(exclude_categories=())
WORDS = st.text(CHARACTERS, min_size=1, max_size=6).filter(lambda words: words != "Thinking... ")  # xAI's heartbeat
MESSAGES = st.text(st.sampled_from('abc é😀\u2028"'), min_size=1, max_size=9).filter(str.strip)
IDS = st.text(st.sampled_from("abcXYZ0189"), min_size=9, max_size=9)
NAMES = st.sampled_from(["get_weather", "f", "tool-7"])
COUNTS = st.integers(0, 10**7) | st.sampled_from([1.5, 2**60])
REASONS = {
    "stop": ["stop"], "length": ["length", "max_tokens"], "content-filter": ["content-filter", "refusal"],
    "tool-calls": ["tool-calls"], "other": ["other"], "unknown": ["unknown", "interrupted"], "failed finish": ["error"],
}  # fmt: skip

SCALARS = st.none() | st.booleans() | st.integers() | st.text(CHARACTERS, max_size=4)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner))
OBJECTS = st.one_of(
    st.builds(json.dumps, st.dictionaries(st.text(CHARACTERS, max_size=3), VALUES, max_size=3), indent=st.none()),
    st.sampled_from(["{}", ' {"a": 1.0}\n', '{"n":1e400,"big":123456789012345678901234567890}', '{"a":"\\ud83d"}']),
)
MALFORMED = st.sampled_from(['{"a":', "[1]", "no JSON", '{"a":1', '"text"'])

EVERYTHING = frozenset(
    {
        "id", "model", "late name", "text", "reasoning", "call", "parallel calls", "malformed input", "provider's tool",
        "page", "document", "usage", "no usage", "own total", "error", "error code", "no error code", "cut",
        "counted and cut", "unfinished and cut", "unfinished and ended", "unfinished and failed", "stop after calls",
        "tool-calls without calls", *REASONS,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Story:
    """Source events, and the kinds of what they say."""

    events: list
    says: frozenset


class _Telling:
    """One story while it is drawn."""

    def __init__(self, draw, kinds):
        self.draw, self.kinds = draw, kinds
        self.events, self.says = [], set()
        self.ids = iter(draw(st.lists(IDS, min_size=12, max_size=12, unique=True)))
        self.has_calls = self.has_unfinished = False

    def may(self, *kinds):
        """Tell, and note, all of some kinds; or none of them, by chance or because one is not allowed."""
        if not self.kinds.issuperset(kinds) or not self.draw(st.booleans()):
            return False
        self.says.update(kinds)
        return True

    def one_of(self, *kinds):
        kind = self.draw(st.sampled_from([kind for kind in kinds if kind in self.kinds]))
        self.says.add(kind)
        return kind

    def tell(self, kind, **members):
        self.events.append({"type": kind, **members})

    def name(self):
        named = {}
        if self.may("id"):
            named["id"] = self.draw(IDS)
        if self.may("model"):
            named["modelId"] = self.draw(NAMES)
        if named:
            self.tell("response-metadata", **named)

    def words(self, kind):
        self.says.add(kind)
        id_ = next(self.ids)
        if self.draw(st.booleans()):
            self.tell(f"{kind}-start", id=id_)
        for delta in self.draw(st.lists(WORDS | st.just(""), max_size=4)):
            self.tell(f"{kind}-delta", id=id_, delta=delta)
        if self.draw(st.booleans()):
            self.tell(f"{kind}-end", id=id_)

    def calls(self):
        """Tell calls whose arguments come interleaved, in any order of their ends."""
        self.says.add("call")
        self.has_calls = True
        count = self.draw(st.integers(2, 3)) if self.may("parallel calls") else 1
        waiting = []
        for _ in range(count):
            id_, name = next(self.ids), self.draw(NAMES)
            arguments = self.draw(MALFORMED if self.may("malformed input") else OBJECTS)
            cuts = sorted(self.draw(st.lists(st.integers(0, len(arguments)), max_size=3)))
            pieces = [arguments[a:b] for a, b in zip([0, *cuts], [*cuts, len(arguments)], strict=True)]
            told = [{"type": "tool-input-delta", "id": id_, "delta": piece} for piece in pieces]
            call = {"type": "tool-call", "toolCallId": id_, "toolName": name, "input": arguments}
            told = told if self.draw(st.booleans()) else told[:1]
            waiting.append([{"type": "tool-input-start", "id": id_, "toolName": name}, *told, call])
        while waiting:
            told = waiting[self.draw(st.integers(0, len(waiting) - 1))]
            self.events.append(told.pop(0))
            waiting = [rest for rest in waiting if rest]

    def unfinished(self):
        id_ = next(self.ids)
        self.has_unfinished = True
        self.says.add("call")
        self.tell("tool-input-start", id=id_, toolName=self.draw(NAMES))
        for delta in self.draw(st.lists(st.sampled_from(['{"a', '":', "1"]), max_size=2)):
            self.tell("tool-input-delta", id=id_, delta=delta)

    def provider_tool(self):
        self.says.add("provider's tool")
        named = {"toolCallId": next(self.ids), "toolName": "web_search"}
        self.tell("tool-call", **named, input='{"query":"x"}', providerExecuted=True)
        self.tell("tool-result", **named, result=self.draw(st.sampled_from([{"found": 1}, "text", [1]])))

    def source(self, kind):
        self.says.add(kind)
        if kind == "page":
            self.tell("source", sourceType="url", id="s", url="https://a.example/b", title="A page")
        else:
            self.tell("source", sourceType="document", id="s", mediaType="text/plain", title="A file")

    def usage(self):
        """Tell of counts in one of the shapes of V2, V3 and the providers, or of none."""
        if self.one_of("usage", "no usage") == "no usage":
            return self.draw(st.sampled_from([None, {}, {"inputTokens": None}]))
        prompt, completion = self.draw(COUNTS), self.draw(COUNTS)
        total = prompt + completion
        if self.may("own total"):
            total += self.draw(st.integers(1, 9))
            return {"inputTokens": prompt, "outputTokens": completion, "totalTokens": total}
        return self.draw(
            st.sampled_from(
                [
                    {"inputTokens": prompt, "outputTokens": completion, "totalTokens": total, "cachedInputTokens": 1},
                    {"inputTokens": {"total": prompt}, "outputTokens": {"total": completion, "reasoning": 1}},
                    {"prompt_tokens": prompt, "completion_tokens": completion},
                    {"inputTokens": prompt},
                ]
            )
        )

    def finish(self):
        words = [word for word in REASONS if self.is_free(word)]
        word = self.draw(st.sampled_from(words))
        self.says.add(word)
        if word == "stop" and self.has_calls:
            self.says.add("stop after calls")
        if word == "tool-calls" and not self.has_calls:
            self.says.add("tool-calls without calls")
        if self.has_unfinished:
            self.says.add("unfinished and ended")
        given = self.draw(st.sampled_from(REASONS[word]))
        shaped = self.draw(st.sampled_from([given, {"unified": given, "raw": "made_up"}, {"unified": given}]))
        self.tell("finish", finishReason=shaped, usage=self.usage())

    def is_free(self, word):
        """Tell whether the answer so far may end with a reason."""
        needed = {
            ("stop", True): "stop after calls",
            ("tool-calls", False): "tool-calls without calls",
        }.get((word, self.has_calls), word)
        return {word, needed} <= self.kinds

    def end(self):
        ways = {"finish": {"unfinished and ended"}, "error": {"error", "unfinished and failed"}, "cut": {"cut"}}
        if not self.has_unfinished:
            ways = {"finish": set(), "error": {"error"}, "cut": {"cut"}}
        ways = [way for way, needed in ways.items() if needed <= self.kinds]
        way = self.draw(st.sampled_from(ways))
        if way == "finish":
            self.finish()
        elif way == "error":
            self.says |= {"error", "unfinished and failed"} if self.has_unfinished else {"error"}
            message = self.draw(MESSAGES)
            coded = {"code": self.draw(st.sampled_from(["overloaded", "503"]))}
            error = {"message": message} | (coded if self.one_of("error code", "no error code") == "error code" else {})
            self.tell("error", error=error)
        else:
            self.says.add("cut")
            if self.has_unfinished:
                self.says.add("unfinished and cut")
            if self.may("counted and cut"):
                counted = {"inputTokens": 5, "outputTokens": 2}
                self.events.append({"type": "custom", "kind": "streamchunk.usage", "usage": counted})


@st.composite
def stories(draw, kinds=EVERYTHING):
    """Return stories that say nothing beyond some kinds; the kinds hold ``text`` and at least one reason."""
    telling = _Telling(draw, frozenset(kinds))
    telling.name()
    acts = {
        "text": lambda: telling.words("text"),
        "reasoning": lambda: telling.words("reasoning"),
        "call": telling.calls,
        "provider's tool": telling.provider_tool,
        "page": lambda: telling.source("page"),
        "document": lambda: telling.source("document"),
    }
    for act in draw(st.lists(st.sampled_from([act for act in acts if act in telling.kinds]), max_size=4)):
        acts[act]()
    if telling.may("late name", "text"):
        telling.tell("text-delta", id="last", delta="So:")
        telling.name()
    if (
        telling.kinds & {"unfinished and cut", "unfinished and ended"}
        and "call" in telling.kinds
        and draw(st.booleans())
    ):
        telling.unfinished()
    telling.end()
    return Story(telling.events, frozenset(telling.says))
