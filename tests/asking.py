"""A played provider and a model that asks it, as the tests of the transport write them."""

import asyncio
import json
import socket
from contextlib import aclosing, contextmanager

from harness.errors import ModelError
from harness.model.language_model import RoutedModel
from harness.model.retries import Waiting
from harness.protocol.script import Piece, Script

OPTIONS = {"prompt": [{"role": "user", "content": [{"type": "text", "text": "Say hello."}]}]}
KEY = "the-key-of-this-test-0123456789"
SSE = ("content-type", "text/event-stream")
JSON = ("content-type", "application/json")
HANG = 20  # seconds after which a test that should be quick has failed


class Consumer:
    """The signal of a consumer, which may go away."""

    def __init__(self):
        self._gone = asyncio.Event()

    @property
    def aborted(self):
        return self._gone.is_set()

    async def wait(self):
        await self._gone.wait()

    def go(self):
        self._gone.set()


class Recorded:
    """Waits that take no time, and are written down."""

    def __init__(self, now=0.0, chance=1.0):
        self.slept = []
        self.waiting = Waiting(now=lambda: now, sleep=self._sleep, chance=lambda: chance)

    async def _sleep(self, seconds):
        self.slept.append(seconds)


def said(words, finish=None, id_="chat-1"):
    """Give one message of Chat Completions, in its frame."""
    choice = {"index": 0, "delta": {"content": words}, "finish_reason": finish}
    return b"data: " + json.dumps({"id": id_, "model": "m-1", "choices": [choice]}).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"
HELLO = Script((Piece(said("Hel")), Piece(said("lo", "stop")), Piece(DONE)), headers=(SSE,))


def answering(body, *headers, status=200, **more):
    return Script((Piece(body),), status=status, headers=headers, **more)


def refusing(status, *headers, body=b'{"error": {"message": "not today", "type": "t"}}'):
    return answering(body, JSON, *headers, status=status)


def model(base_url, recorded=None, model_id="openrouter/some/model", **config):
    waiting = recorded.waiting if recorded else Recorded().waiting
    return RoutedModel(model_id, {"apiKey": KEY, **config}, base_url=base_url, environment={}, waiting=waiting)


async def heard(events):
    """Return the events of an answer, and the failure that it ended with, or None."""
    found = []
    try:
        async with asyncio.timeout(HANG), aclosing(events) as source:
            async for event in source:
                found.append(event)  # noqa: PERF401 - a comprehension would lose what came before a failure
    except ModelError as error:
        return found, error
    return found, None


def asked(one, options=OPTIONS, *, whole=False):
    """Ask a model in an event loop of its own; see :func:`heard`."""

    async def run():
        ask = one.do_generate if whole else one.do_stream
        answer = await heard(ask(options, Consumer()))
        for _ in range(3):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}, "a task was left behind"
        return answer

    return asyncio.run(run())


def text(events):
    return "".join(event["delta"] for event in events if event["type"] == "text-delta")


def kinds(events):
    return [event["type"] for event in events]


@contextmanager
def listening(backlog=1):
    """Give a port at which nobody answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if backlog is not None:
            listener.listen(backlog)
        yield listener.getsockname()[1]


@contextmanager
def deaf():
    """Give a port whose queue of connections is full, so that connecting takes for ever."""
    with listening(backlog=0) as port:
        waiting = [socket.socket() for _ in range(4)]
        try:
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            yield port
        finally:
            for one in waiting:
                one.close()
