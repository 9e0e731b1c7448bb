"""Source events → the typed messages of OpenAI Responses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.protocol.events import Event
from harness.providers.encoding.encoder import Labels, renamed, unsayable, written
from harness.providers.encoding.responses_envelope import Numbered, response, usage_object
from harness.providers.exact_text import parsed_json
from harness.providers.fields import object_in, text_in
from harness.providers.openai_ending import finish_word

_WIRE = "openai-responses"
_INCOMPLETE = {"length": "max_output_tokens", "content-filter": "content_filter"}
_NO_REASONS = frozenset({"other", "unknown"})
_HOSTED = frozenset({"web_search", "file_search", "code_interpreter", "image_generation", "computer"})


@dataclass(slots=True)
class _Item:
    """One item of the output while it is written: its members, its place, and the words that it came to so far."""

    place: int
    members: dict[str, Any]
    words: list[str] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.words)

    @property
    def at(self) -> dict[str, Any]:
        """What every message about this item says of it."""
        return {"item_id": self.members["id"], "output_index": self.place}


class OpenAiResponsesEncoder:
    """Events, as :mod:`harness.providers.encoding.encoder` lists them, in; one message each out.

    A block is an item of its own, its number is its place in the output, and items may be interleaved. The item of a
    tool that the provider runs ends with its result. ``completed`` means ``tool-calls`` after a client's call, else
    ``stop``: the other way round cannot be said. An answer without a reason is ``incomplete`` and does not say why; a
    call that was never completed is an item with that status, which only an incomplete answer has.
    """

    def __init__(self, labels: Labels, _provider: str) -> None:
        self._labels = labels
        self._messages = Numbered()
        self._is_opened = False
        self._open: dict[tuple[str, str], _Item] = {}
        self._output: list[dict[str, Any]] = []
        self._has_calls = False
        self._writers: dict[str, Callable[[Event], list[bytes]]] = {
            "response-metadata": self._rename,
            "text-start": self._start_text,
            "text-delta": self._text,
            "text-end": self._end_text,
            "reasoning-start": self._start_thought,
            "reasoning-delta": self._thought,
            "reasoning-end": self._end_thought,
            "tool-input-start": self._start_call,
            "tool-input-delta": self._more_of_call,
            "tool-input-end": lambda _: [],
            "tool-call": self._complete_call,
            "tool-result": self._result,
            "source": self._source,
            "finish": self._finish,
            "error": self._error,
        }

    def feed(self, event: Event, /) -> list[bytes]:
        """Take one event, return the messages that say it; raises :class:`InputError` where none can."""
        return written(event, self._writers, _WIRE)

    def close(self) -> list[bytes]:
        """Return nothing: the terminal message came with the finish."""
        return []

    def _rename(self, event: Event) -> list[bytes]:
        self._labels = renamed(self._labels, event)
        return []

    def _message(self, kind: str, **members: Any) -> bytes:
        return self._messages.message(f"response.{kind}", **members)

    def _opening(self) -> list[bytes]:
        if self._is_opened:
            return []
        self._is_opened = True
        begun = response(self._labels, "in_progress")
        return [self._message("created", response=begun), self._message("in_progress", response=begun)]

    def _added(self, kind: str, id_: str, **members: Any) -> list[bytes]:
        """Open an item and say so."""
        item = _Item(len(self._output), members)
        self._open[kind, id_] = item
        self._output.append(members)
        return [*self._opening(), self._message("output_item.added", item=members, output_index=item.place)]

    def _done(self, kind: str, id_: str, **members: Any) -> bytes:
        """Close an item, with the members that only its end knows."""
        item = self._open.pop((kind, id_))
        self._output[item.place] = item.members | members
        return self._message("output_item.done", item=self._output[item.place], output_index=item.place)

    def _start_text(self, event: Event) -> list[bytes]:
        named = {"id": f"msg_{len(self._output)}", "type": "message", "status": "in_progress"}
        pieces = self._added("text", event["id"], **named, content=[], role="assistant")
        item = self._open["text", event["id"]]
        part = {"type": "output_text", "annotations": [], "logprobs": [], "text": ""}
        return [*pieces, self._message("content_part.added", content_index=0, **item.at, part=part)]

    def _text(self, event: Event) -> list[bytes]:
        if not event["delta"]:
            return []
        item = self._open["text", event["id"]]
        item.words.append(event["delta"])
        return [self._message("output_text.delta", content_index=0, delta=event["delta"], **item.at, logprobs=[])]

    def _end_text(self, event: Event) -> list[bytes]:
        item = self._open["text", event["id"]]
        part = {"type": "output_text", "annotations": item.annotations, "logprobs": [], "text": item.text}
        return [
            self._message("output_text.done", content_index=0, **item.at, logprobs=[], text=item.text),
            self._message("content_part.done", content_index=0, **item.at, part=part),
            self._done("text", event["id"], status="completed", content=[part]),
        ]

    def _start_thought(self, event: Event) -> list[bytes]:
        named = {"id": f"rs_{len(self._output)}", "type": "reasoning"}
        return self._added("reasoning", event["id"], **named, **_encrypted(event), summary=[])

    def _thought(self, event: Event) -> list[bytes]:
        item = self._open["reasoning", event["id"]]
        item.members |= _encrypted(event)
        if not event["delta"]:
            return []
        part = {"type": "summary_text", "text": ""}
        first = [self._message("reasoning_summary_part.added", **item.at, part=part, summary_index=0)]
        pieces = [] if item.words else first
        item.words.append(event["delta"])
        delta = self._message("reasoning_summary_text.delta", delta=event["delta"], **item.at, summary_index=0)
        return [*pieces, delta]

    def _end_thought(self, event: Event) -> list[bytes]:
        item = self._open["reasoning", event["id"]]
        item.members |= _encrypted(event)
        if not item.words:
            return [self._done("reasoning", event["id"])]
        part = {"type": "summary_text", "text": item.text}
        return [
            self._message("reasoning_summary_text.done", **item.at, summary_index=0, text=item.text),
            self._message("reasoning_summary_part.done", **item.at, part=part, summary_index=0),
            self._done("reasoning", event["id"], summary=[part]),
        ]

    def _start_call(self, event: Event) -> list[bytes]:
        if event.get("providerExecuted"):
            return self._start_hosted(event)
        named = {"id": f"fc_{len(self._output)}", "type": "function_call", "status": "in_progress", "arguments": ""}
        return self._added("tool", event["id"], **named, call_id=event["id"], name=event["toolName"])

    def _start_hosted(self, event: Event) -> list[bytes]:
        tool = event["toolName"]
        if tool not in _HOSTED and not tool.startswith("mcp."):
            raise unsayable(_WIRE, f"a tool named {tool!r:.80} that the provider runs")
        kind = (
            {"type": "mcp_call", "name": tool.removeprefix("mcp.")} if tool not in _HOSTED else {"type": f"{tool}_call"}
        )
        return self._added("hosted", event["id"], id=event["id"], **kind, status="in_progress")

    def _more_of_call(self, event: Event) -> list[bytes]:
        item = self._open.get(("tool", event["id"]))
        if item is None:
            return []  # of a tool that the provider runs: its item has no arguments of its own
        item.words.append(event["delta"])
        return [self._message("function_call_arguments.delta", delta=event["delta"], **item.at)]

    def _complete_call(self, event: Event) -> list[bytes]:
        id_, arguments = event["toolCallId"], event["input"]
        if event.get("providerExecuted"):
            self._open["hosted", id_].members |= _inputs(event)
            return []
        self._has_calls = True
        return [
            self._message("function_call_arguments.done", arguments=arguments, **self._open["tool", id_].at),
            self._done("tool", id_, status="completed", arguments=arguments),
        ]

    def _result(self, event: Event) -> list[bytes]:
        result = event["result"]
        shown = result if isinstance(result, dict) else {"output": result}
        given = {key: value for key, value in shown.items() if key not in {"id", "type"}}
        status = "failed" if event.get("isError") else "completed"
        return self._end_hosted(event["toolCallId"], {"status": status} | given)

    def _end_hosted(self, id_: str, members: dict[str, Any]) -> list[bytes]:
        """End the item of a tool that the provider ran; it may have given a second result, which nobody can say."""
        if ("hosted", id_) not in self._open:
            raise unsayable(_WIRE, f"two results of the call {id_!r:.80}")
        return [self._done("hosted", id_, **members)]

    def _source(self, event: Event) -> list[bytes]:
        """Annotate the message that is open, or an empty one of its own."""
        annotation = _annotation(event)
        texts = [id_ for kind, id_ in self._open if kind == "text"]
        made = {"id": f"source of {event.get('id')}"}
        pieces = [] if texts else self._start_text(made)
        item = self._open["text", texts[-1] if texts else made["id"]]
        said = {"annotation": annotation, "annotation_index": len(item.annotations), "content_index": 0}
        item.annotations.append(annotation)
        pieces.append(self._message("output_text.annotation.added", **said, **item.at))
        return pieces if texts else pieces + self._end_text(made)

    def _finish(self, event: Event) -> list[bytes]:
        word, raw = event["finishReason"], event["raw"]
        is_complete = word == ("tool-calls" if self._has_calls else "stop")
        if not is_complete and word not in _INCOMPLETE and word not in _NO_REASONS:
            raise unsayable(
                _WIRE, f"an answer {'with' if self._has_calls else 'without'} calls that finishes with {word}"
            )
        pieces = self._opening() + self._rest(is_complete=is_complete)
        reason = raw if raw and word in _NO_REASONS and finish_word(raw) == "unknown" else _INCOMPLETE.get(word)
        ended = response(
            self._labels,
            "completed" if is_complete else "incomplete",
            output=self._output,
            incomplete_details=None if reason is None or is_complete else {"reason": reason},
            usage=usage_object(event["usage"]),
        )
        return [*pieces, self._message(ended["status"], response=ended)]

    def _rest(self, *, is_complete: bool) -> list[bytes]:
        """End what is still open: tools without a result, and calls without an end, which only a cut answer has."""
        pieces: list[bytes] = []
        for (kind, id_), item in list(self._open.items()):
            if kind == "tool" and is_complete:
                raise unsayable(_WIRE, f"a complete answer while the call {id_!r:.80} is not complete")
            if kind == "tool":
                pieces.append(self._done(kind, id_, status="incomplete", arguments=item.text))
            elif kind == "hosted":
                pieces.append(self._done(kind, id_, status="completed"))
        return pieces

    def _error(self, event: Event) -> list[bytes]:
        if "usage" in event:
            raise unsayable(_WIRE, "counts of an answer that failed")
        code, message = event["error"].get("code"), event["error"]["message"]
        hosted = [self._done(*key, status="completed") for key in list(self._open) if key[0] == "hosted"]
        told = {"type": code, "code": code, "message": message, "param": None}
        failed = response(self._labels, "failed", error={"code": code, "message": message})
        return [*hosted, self._messages.message("error", error=told), self._message("failed", response=failed)]


def _encrypted(event: Event) -> dict[str, Any]:
    content = text_in(object_in(event.get("providerMetadata"), "openai"), "reasoningEncryptedContent")
    return {"encrypted_content": content} if content else {}


def _inputs(call: Event) -> dict[str, Any]:
    """Return the members of a hosted tool's item that hold what it was asked: those of an object, else the text."""
    if not call["toolName"].startswith("mcp."):
        try:
            given = parsed_json(call["input"])
        except ValueError:
            given = None
        if isinstance(given, dict):
            return {key: value for key, value in given.items() if key not in {"id", "type", "status"}}
    return {"arguments": call["input"]}


def _annotation(event: Event) -> dict[str, Any]:
    url, title = text_in(event, "url"), text_in(event, "title")
    if url:
        return {"type": "url_citation", "end_index": 0, "start_index": 0, "title": title, "url": url}
    name = text_in(event, "filename") or title
    if not name:
        raise unsayable(_WIRE, "a source without URL and name")
    return {"type": "file_citation", "file_id": text_in(event, "id"), "filename": name, "index": 0}
