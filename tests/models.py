"""A language model written by hand: it plays what it is given, and remembers what it was asked."""

import asyncio

from harness.reference.adapter import MastraTextAdapter

STALL = object()


class Played:
    """Yields these items; raises those that are exceptions, and waits for ever at :data:`STALL`."""

    provider = "openai"
    model_id = "gpt-4o"

    def __init__(self, *items):
        self.items = items
        self.asked = []
        self.taken = 0
        self.closed = 0

    def do_stream(self, options, signal):
        self.asked.append((options, signal))
        return self._events()

    do_generate = do_stream

    async def _events(self):
        try:
            for item in self.items:
                await asyncio.sleep(0)
                self.taken += 1
                if item is STALL:
                    await asyncio.Event().wait()
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            self.closed += 1


class Never:
    aborted = False

    async def wait(self):
        await asyncio.Event().wait()


async def patient(answer, _):
    return await answer


def pure(model, config=None, model_id="openai/gpt-4o", **given):
    """The adapter without any I/O: a clock that stands at 5, ids that count, one signal at the most."""
    numbers = iter(range(1, 1000))
    surroundings = {
        "model_of": model if callable(model) else lambda _: model,
        "now": lambda: 5,
        "new_id": lambda: f"id-{next(numbers)}",
        "signal_of": lambda signals: signals[0] if signals else Never(),
        "unless_aborted": patient,
    }
    return MastraTextAdapter(config, model_id, **surroundings | given)


async def collected(chunks):
    return [chunk async for chunk in chunks]


def answer(adapter, options, **more):
    return asyncio.run(collected(adapter.chat_stream(options, **more)))
