"""Stand-in until the encoder is written (issue 4, part D)."""

from __future__ import annotations

from harness.protocol.events import Event
from harness.providers.encoding.encoder import Labels


class OpenAiChatEncoder:
    """To be written."""

    def __init__(self, labels: Labels, provider: str) -> None:
        raise NotImplementedError

    def feed(self, event: Event, /) -> list[bytes]:
        """To be written."""
        raise NotImplementedError

    def close(self) -> list[bytes]:
        """To be written."""
        raise NotImplementedError
