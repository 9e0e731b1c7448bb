"""Models written by hand for structured output: each answers every question with the next of its answers."""

import asyncio

import pytest

from harness.reference.structured.strategy import structured_output

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "nick": {"type": "string"}},
    "required": ["name"],
}


class Never:
    aborted = False

    async def wait(self):
        await asyncio.Event().wait()


class Answering:
    """Yields the events of the next answer; raises an item that is an exception, calls one that is a function.

    There is no `do_stream`: structured output is not streamed (§14.5).
    """

    def __init__(self, provider, model_id, answers):
        self.provider, self.model_id = provider, model_id
        self.asked = []
        self.closed = 0
        self._answers = iter(answers)

    async def do_generate(self, options, signal):  # noqa: ARG002 - the aborts of these tests are items of the answer
        self.asked.append(options)
        try:
            for item in next(self._answers):
                await asyncio.sleep(0)
                if isinstance(item, BaseException):
                    raise item
                if callable(item):
                    item()
                else:
                    yield item
        finally:
            self.closed += 1


class Run:
    """A model, what it was asked, and what was noted."""

    def __init__(self, model, schema, options, signal, **more):
        self.model, self.notes = model, []
        more = {"on_note": self.notes.append} | more
        self._call = lambda: structured_output(model, options, schema, signal, **more)

    def answer(self):
        return asyncio.run(self._call())

    def failure(self, kind):
        with pytest.raises(kind) as caught:
            self.answer()
        return caught.value

    @property
    def asked(self):
        return self.model.asked


@pytest.fixture
def run():
    def made(model, *answers, schema=PERSON, options=None, signal=None, **more):
        provider, _, model_id = model.partition("/")
        options = {"prompt": [{"role": "user", "content": [{"type": "text", "text": "Who?"}]}]} | (options or {})
        return Run(Answering(provider, model_id, answers), schema, options, signal or Never(), **more)

    return made
