"""Cloudflare Workers AI, ``/ai/run/MODEL`` → source events.

A message says ``{response, tool_calls, finish_reason, usage}``, where Chat Completions has a choice with a delta around
them; the fragments of calls are the same. So each message is put into that form, and one decoder reads both. Named
differences:

- no id and no model; padding stands in ``p``; most models name no ``finish_reason``, so ``[DONE]`` alone ends them
- ``response`` may be a number, a truth value or, in JSON mode, an object: its JSON is the text
- newer models send the ``choices`` of Chat Completions, some beside ``response``: the choices then say all
- the gpt-oss models answer in the words of OpenAI's Responses, which its own decoder reads
- an answer that was not streamed is ``{result, success, errors, messages}``; ``success: false`` is a failure
"""

from __future__ import annotations

from typing import Any

from harness.protocol.events import Event
from harness.providers.exact_text import json_text
from harness.providers.failures import error_event
from harness.providers.fields import list_in, object_in, text_in
from harness.providers.message import Decoder, Mark, Message, NewId
from harness.providers.openai_chat import OpenAiChatDecoder
from harness.providers.openai_responses import OpenAiResponsesDecoder

_SAID = ("response", "tool_calls", "choices")
_UNNAMED = {"message": "the provider reported an error without a message"}


class CloudflareRunDecoder:
    """Messages of ``/ai/run`` in, V2 stream parts out; what ends an answer is as in the decoder of its words."""

    def __init__(self, new_id: NewId) -> None:
        self._chat = OpenAiChatDecoder(new_id)
        self._responses = OpenAiResponsesDecoder(new_id)
        self._decoder: Decoder = self._chat

    def feed(self, message: Message, /) -> list[Event]:
        """Take one message, return its parts; never raises, whatever JSON it holds."""
        name, data = message
        if not isinstance(data, dict):
            return self._decoder.feed(message)
        if data.get("success") is False:
            return [error_event(_UNNAMED)]
        whole = object_in(data, "result")
        if _is_of_responses(said := whole or data):
            self._decoder = self._responses
        if self._decoder is self._responses:
            return self._decoder.feed(Message(name, said))
        if any(whole.get(key) is not None for key in _SAID):
            return self._chat.feed(Message(name, _as_chat(whole))) + self._chat.feed(Message("", Mark.DONE))
        return self._chat.feed(Message(name, _as_chat(data)))

    def close(self) -> list[Event]:
        """Finish an answer that named its reason and sent no ``[DONE]``."""
        return self._decoder.close()


def _is_of_responses(said: dict[str, Any]) -> bool:
    """Tell a message of a Responses stream, or a whole response."""
    return text_in(said, "type").startswith("response.") or text_in(said, "object") == "response"


def _as_chat(said: dict[str, Any]) -> dict[str, Any]:
    """Return a message in the form of Chat Completions; one that has it, or says nothing, as it is."""
    if list_in(said, "choices") or not said.keys() & {"response", "tool_calls", "finish_reason"}:
        return said
    delta = {"content": _as_text(said.get("response")), "tool_calls": said.get("tool_calls")}
    return said | {"choices": [{"delta": delta, "finish_reason": said.get("finish_reason")}]}


def _as_text(response: Any) -> str:
    if isinstance(response, str):
        return response
    return "" if response is None else json_text(response)
