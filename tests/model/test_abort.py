"""A consumer that goes away, at any moment: the connection is closed, nothing more is said, nothing is left behind."""

import asyncio
import gc
import json
from contextlib import aclosing, suppress

import pytest

from asking import HANG, HELLO, JSON, OPTIONS, SSE, Consumer, answering, deaf, heard, kinds, model, refusing, said
from harness.errors import ModelError
from harness.model.language_model import RoutedModel
from harness.model.receiving import received as pieces_of
from harness.protocol.script import Piece, Script

OPEN = Script((Piece(said("Hel")),), headers=(SSE,), ending="stall")
FLOOD = Script((Piece(said("x")),), headers=(SSE,), ending="endless")


async def received(place):
    """Wait until the provider has received a request."""
    async with asyncio.timeout(HANG):
        while not place.exchanges():  # noqa: ASYNC110 - the provider lives in a thread of its own
            await asyncio.sleep(0.005)


async def met(place):
    """Wait until the provider has received a request and answers no longer; return the exchange."""
    await received(place)
    assert await asyncio.to_thread(place.settled, HANG)
    return place.exchanges()[-1]


async def alone():
    """Assert that no task is left, but for what closes forgotten generators within a few turns."""
    for _ in range(5):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def aborted(one, when, *, whole=False):
    """Ask, go away when ``when`` has returned, and return what was heard."""
    consumer = Consumer()

    async def leave():
        await when()
        consumer.go()

    leaving = asyncio.create_task(leave())
    answer = await heard((one.do_generate if whole else one.do_stream)(OPTIONS, consumer))
    await leaving
    await alone()
    return answer


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    "script",
    [
        Script(HELLO.pieces, head_pause=60),
        Script((), headers=(SSE,), ending="stall"),
        OPEN,
        FLOOD,
        Script((Piece(b'{"error": "'),), status=400, headers=(JSON,), ending="stall"),
    ],
    ids=["before the head", "before the body", "between pieces", "in a flood", "in a refusal"],
)
def test_an_abort_closes_the_connection(server, script, whole):
    place = server.open([script])

    async def run():
        events, error = await aborted(model(place.base_url), lambda: received(place), whole=whole)
        assert (error.code, str(error)) == ("ABORTED", "the request was aborted")
        assert "finish" not in kinds(events)
        exchange = await met(place)
        assert (exchange.closed_by, exchange.whole) == ("client", False)

    asyncio.run(run())


def test_an_abort_in_the_silence_behind_the_last_word_is_no_end_of_the_answer(server):
    place = server.open([Script((Piece(said("Hello", "stop")),), headers=(SSE,), ending="stall")])

    async def run():
        async def a_moment_later():
            await received(place)
            await asyncio.sleep(0.1)

        events, error = await aborted(model(place.base_url), a_moment_later)
        assert error.code == "ABORTED"
        assert kinds(events)[-1] == "text-delta"

    asyncio.run(run())


def test_an_abort_while_connecting_ends_it():
    async def run(port):
        one = model(f"http://127.0.0.1:{port}/v1")
        return await aborted(one, lambda: asyncio.sleep(0.05))

    with deaf() as port:
        events, error = asyncio.run(run(port))
    assert (events, error.code) == ([], "ABORTED")


def test_an_abort_ends_the_wait_for_a_retry(server):
    place = server.open([refusing(503, ("retry-after", "50")), HELLO])

    async def run():
        one = RoutedModel("openrouter/m", {"apiKey": "k"}, base_url=place.base_url, environment={})
        events, error = await aborted(one, lambda: met(place))
        assert (events, error.code) == ([], "ABORTED")
        assert len(place.exchanges()) == 1

    asyncio.run(run())


def test_a_consumer_that_is_gone_already_asks_nothing(server):
    place = server.open([HELLO])

    async def run():
        consumer = Consumer()
        consumer.go()
        return await heard(model(place.base_url).do_stream(OPTIONS, consumer))

    events, error = asyncio.run(run())
    assert (events, error.code, place.exchanges()) == ([], "ABORTED", ())


@pytest.mark.parametrize("script", [OPEN, FLOOD], ids=["silence", "flood"])
def test_an_abort_closes_the_connection_while_the_consumer_is_slow(server, script):
    place = server.open([script])

    async def run():
        consumer = Consumer()
        async with aclosing(model(place.base_url).do_stream(OPTIONS, consumer)) as events:
            await anext(events)
            await asyncio.sleep(0.05)  # what comes now waits for the consumer
            consumer.go()
            assert (await met(place)).closed_by == "client"  # the consumer has not come back yet
            with pytest.raises(ModelError) as caught:
                await anext(events)
            assert caught.value.code == "ABORTED"
            with pytest.raises(StopAsyncIteration):
                await anext(events)
        await alone()

    asyncio.run(run())


def test_nothing_is_said_after_an_abort_though_more_of_a_piece_was_read(server):
    three = said("a") + said("b") + said("c")
    place = server.open([Script((Piece(three),), headers=(SSE,), ending="stall")])

    async def run():
        consumer = Consumer()
        found = []
        with suppress(ModelError):
            async for event in model(place.base_url).do_stream(OPTIONS, consumer):
                found.append(event)
                if event["type"] == "text-delta":
                    consumer.go()
        return [event["delta"] for event in found if event["type"] == "text-delta"]

    assert asyncio.run(run()) == ["a"]


def test_nothing_is_said_after_an_abort_though_the_whole_answer_was_read(server):
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
    place = server.open([answering(json.dumps({"id": "c", "model": "m", "choices": [choice]}).encode(), JSON)])

    async def run():
        consumer = Consumer()
        found = []
        with suppress(ModelError):
            async for event in model(place.base_url).do_generate(OPTIONS, consumer):
                found.append(event)
                if event["type"] == "text-delta":
                    consumer.go()
        return found

    assert kinds(asyncio.run(run()))[-1] == "text-delta"


def test_an_abort_behind_the_end_changes_nothing(server):
    place = server.open([HELLO])

    async def run():
        consumer = Consumer()
        found = []
        async for event in model(place.base_url).do_stream(OPTIONS, consumer):
            found.append(event)
            if event["type"] == "finish":
                consumer.go()
        await alone()
        return found

    assert kinds(asyncio.run(run()))[-1] == "finish"


@pytest.mark.parametrize("script", [OPEN, FLOOD], ids=["silence", "flood"])
def test_a_consumer_that_breaks_off_closes_the_connection(server, script):
    place = server.open([script])

    async def run():
        events = model(place.base_url).do_stream(OPTIONS, Consumer())
        await anext(events)
        await events.aclose()
        await alone()
        assert (await met(place)).closed_by == "client"

    asyncio.run(run())


def test_a_generator_that_is_forgotten_closes_the_connection(server):
    place = server.open([OPEN])

    async def run():
        async for _ in model(place.base_url).do_stream(OPTIONS, Consumer()):
            break
        gc.collect()
        assert (await met(place)).closed_by == "client"
        await alone()

    asyncio.run(run())


def test_a_task_that_is_cancelled_closes_the_connection(server):
    place = server.open([OPEN])

    async def run():
        task = asyncio.create_task(heard(model(place.base_url).do_stream(OPTIONS, Consumer())))
        await received(place)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await alone()
        assert (await met(place)).closed_by == "client"

    asyncio.run(run())


def test_a_generator_that_was_never_started_asked_nothing(server):
    place = server.open([HELLO])

    async def run():
        await model(place.base_url).do_stream(OPTIONS, Consumer()).aclose()
        await alone()

    asyncio.run(run())
    assert place.exchanges() == ()


def test_a_flood_waits_for_its_consumer():
    delivered = []

    async def fetch(deliver):
        while True:
            await deliver(b"x")
            delivered.append(1)

    async def run():
        async with aclosing(pieces_of(fetch, Consumer())) as pieces:
            await anext(pieces)
            for _ in range(5):
                await asyncio.sleep(0.01)
            waiting = len(delivered)
            await anext(pieces)
            await asyncio.sleep(0.01)
            return waiting, len(delivered)

    assert asyncio.run(run()) == (1025, 1026)


def test_pieces_that_wait_are_dropped_by_an_abort_and_a_fetch_is_not_begun_behind_one():
    begun = []

    async def fetch(deliver):
        begun.append(1)
        for _ in range(10):
            await deliver(b"x")

    async def run():
        consumer = Consumer()
        async with aclosing(pieces_of(fetch, consumer)) as pieces:
            await anext(pieces)
            consumer.go()
            with pytest.raises(ModelError, match="aborted"):
                await anext(pieces)
        with pytest.raises(ModelError, match="aborted"):
            await anext(pieces_of(fetch, consumer))

    asyncio.run(run())
    assert begun == [1]


def test_a_signal_that_breaks_is_not_taken_for_an_abort(server):
    class Broken(Consumer):
        async def wait(self):
            raise LookupError("the signal's own fault")

    async def run():
        async for _ in model(server.open([OPEN]).base_url).do_stream(OPTIONS, Broken()):
            pass

    with pytest.raises(LookupError, match="own fault"):
        asyncio.run(run())
