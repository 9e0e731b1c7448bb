"""One response through the reference, with a clock that ticks and ids that count, so that a second look shows."""

import itertools

import pytest

from harness.reference.growing import as_json
from harness.reference.transformer import Transformer


class Run:
    """What came out: ``chunks`` as JSON, ``notes`` as sentences, ``ids`` that were asked for."""

    def __init__(self):
        self.chunks, self.notes, self.ids = [], [], []
        ticks = itertools.count(1_700_000_000_000, 7)
        self.transformer = Transformer(
            model="asked-model", now=lambda: next(ticks), new_id=self._new_id, on_note=self.notes.append
        )

    def _new_id(self):
        self.ids.append(f"generated-{len(self.ids) + 1}")
        return self.ids[-1]

    def feed(self, *events):
        for event in events:
            self.chunks += map(as_json, self.transformer.feed(event))
        return self

    def close(self):
        self.chunks += map(as_json, self.transformer.close())
        return self

    @property
    def types(self):
        return [chunk["type"] for chunk in self.chunks]

    @property
    def last(self):
        return self.chunks[-1]

    @property
    def calls(self):
        """Each call as (id, name, arguments, index)."""
        return [
            (c["toolCall"]["id"], c["toolCall"]["function"]["name"], c["toolCall"]["function"]["arguments"], c["index"])
            for c in self.chunks
            if c["type"] == "tool_call"
        ]

    @property
    def text(self):
        return "".join(chunk["delta"] for chunk in self.chunks if chunk["type"] == "content")

    @property
    def error(self):
        return self.last["error"]


@pytest.fixture
def run():
    """Feed events, close, and return the :class:`Run`."""
    return lambda *events: Run().feed(*events).close()


@pytest.fixture
def open_run():
    """Return a :class:`Run` that is still open."""
    return Run()
