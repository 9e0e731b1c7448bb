"""Ollama's answer to one prompt, ``/api/generate`` → source events (ledger §4).

A line has at its top, as ``response`` and ``thinking``, what a line of ``/api/chat`` has in its ``message``; all else
is the same, so the same decoder reads it.
"""

from __future__ import annotations

from harness.protocol.events import Event
from harness.providers.message import Message, NewId
from harness.providers.ollama_chat import OllamaChatDecoder


class OllamaGenerateDecoder:
    """Lines of ``/api/generate`` in, V2 stream parts out, as :class:`OllamaChatDecoder` gives them."""

    def __init__(self, new_id: NewId) -> None:
        self._chat = OllamaChatDecoder(new_id)

    def feed(self, message: Message, /) -> list[Event]:
        """Take one line, return its parts; never raises, whatever JSON it holds."""
        line = message.data
        if not isinstance(line, dict):
            return []
        said = {
            "content": line.get("response"),
            "thinking": line.get("thinking"),
            "tool_calls": line.get("tool_calls"),
        }
        return self._chat.feed(Message(message.name, line | {"message": said}))

    def close(self) -> list[Event]:
        """Nothing is held back: a stream without its ``done`` has no ``finish``."""
        return self._chat.close()
