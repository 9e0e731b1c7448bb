"""Whatever is waited for ends when its signal is set, from any thread, and leaves nothing behind (§6.7, R28)."""

import asyncio
import itertools
import sys
import threading

import pytest

from asking import HANG, Consumer
from harness.bundled.interruption import (
    AbortController,
    AnySignal,
    CancelledElsewhere,
    Interruptible,
    InterruptibleModel,
    signal_of,
    unless_aborted,
)
from harness.errors import ModelError
from models import STALL, Played


def run(coroutine):
    async def bounded():
        value = await asyncio.wait_for(coroutine, HANG)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return value

    return asyncio.run(bounded())


async def read(items):
    """Return what came, and the code with which it was broken off."""
    seen = []
    try:
        async for item in items:
            seen.append(item)  # noqa: PERF401 - what came before it raised is wanted
    except ModelError as error:
        return seen, error.code
    return seen, None


async def failing_wait():
    raise ArithmeticError


def events(*items):
    model = Played(*items)
    return model, model.do_stream({}, None)


def test_a_controller_sets_its_signal_once_and_for_all():
    controller = AbortController()
    assert not controller.signal.aborted
    controller.abort()
    controller.abort()
    assert controller.signal.aborted
    run(controller.signal.wait())


def test_everybody_who_waits_is_woken_from_another_thread():
    async def waiting():
        controller = AbortController()
        waiters = [asyncio.ensure_future(controller.signal.wait()) for _ in range(3)]
        await asyncio.sleep(0)
        threading.Thread(target=controller.abort).start()
        await asyncio.gather(*waiters)

    run(waiting())


def test_an_abort_in_a_signal_handler_blocks_nobody_at_whichever_instruction_it_comes():
    """A handler of the operating system's signals runs between two instructions of whatever the thread is at."""
    instructions = set()

    def waiting_with_an_abort_at(number):
        controller, seen, waits = AbortController(), itertools.count(), type(AbortController().signal).wait.__code__

        def at_each_instruction(frame, event, _):
            frame.f_trace_opcodes = True
            if event == "opcode":
                if (place := next(seen)) == number:
                    controller.abort()
                instructions.add(place)
            return at_each_instruction

        async def waiting():
            asyncio.get_running_loop().call_later(0.01, controller.abort)  # for a place behind the last
            sys.settrace(lambda frame, *_: at_each_instruction(frame, *_) if frame.f_code is waits else None)
            try:
                await asyncio.wait_for(controller.signal.wait(), HANG)
            finally:
                sys.settrace(None)

        asyncio.run(waiting())

    def all_of_them():
        number = 0
        while number <= len(instructions):
            waiting_with_an_abort_at(number)
            number += 1

    thread = threading.Thread(target=all_of_them, daemon=True)
    thread.start()
    thread.join(HANG)
    assert not thread.is_alive()
    assert len(instructions) > 20


def test_an_abort_and_a_wait_in_two_threads_never_miss_each_other():
    async def waiting(controller):
        await asyncio.wait_for(controller.signal.wait(), HANG)

    for _ in range(200):
        controller = AbortController()
        thread = threading.Thread(target=controller.abort)
        thread.start()
        asyncio.run(waiting(controller))
        thread.join()


def test_a_waiter_that_has_gone_is_not_woken():
    async def waiting():
        controller = AbortController()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(controller.signal.wait(), 0.01)
        controller.abort()

    run(waiting())


def test_a_waiter_whose_loop_is_closed_keeps_nobody_from_being_woken():
    controller = AbortController()
    loop = asyncio.new_event_loop()
    left_behind = controller.signal.wait()
    task = loop.create_task(left_behind)
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    controller.abort()
    assert controller.signal.aborted
    left_behind.close()
    task._log_destroy_pending = False  # its loop is closed, on purpose


@pytest.mark.parametrize("place", [0, 1])
def test_one_of_several_signals_is_enough(place):
    async def waiting():
        signals = [Consumer(), Consumer()]
        either = signal_of(signals)
        assert isinstance(either, AnySignal)
        assert not either.aborted
        asyncio.get_running_loop().call_soon(signals[place].go)
        await either.wait()
        return either.aborted

    assert run(waiting())


def test_one_signal_stays_itself_and_none_is_one_that_is_never_set():
    async def made():
        signal = Consumer()
        return signal_of([signal]) is signal, signal_of([]).aborted

    assert run(made()) == (True, False)


def test_without_an_abort_every_item_comes():
    async def reading():
        model, items = events(1, 2, 3)
        return await read(Interruptible(items, Consumer())), model.closed

    assert run(reading()) == (([1, 2, 3], None), 1)


def test_silence_is_broken_off_and_the_source_closed():
    async def reading():
        (model, items), signal = events(1, STALL), Consumer()
        asyncio.get_running_loop().call_later(0.01, signal.go)
        return await read(Interruptible(items, signal)), model.closed

    assert run(reading()) == (([1], "ABORTED"), 1)


def test_an_abort_between_two_items_is_seen_at_the_next():
    async def reading():
        (model, items), signal = events(1, 2), Consumer()
        interruptible = Interruptible(items, signal)
        first = await anext(interruptible)
        signal.go()
        await asyncio.sleep(0.01)
        rest = await read(interruptible)
        await interruptible.aclose()
        return first, rest, model.taken, model.closed

    assert run(reading()) == (1, ([], "ABORTED"), 1, 1)


@pytest.mark.parametrize("failure", [ConnectionError("gone"), TimeoutError("slow")])
def test_what_the_source_raises_by_itself_passes(failure):
    async def reading():
        with pytest.raises(type(failure), match=str(failure)):
            await read(Interruptible(events(failure)[1], Consumer()))

    run(reading())


def test_a_cancellation_inside_of_the_source_is_a_failure_of_the_source():
    async def cancelled_inside():
        yield 1
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    async def reading():
        for items in (events(1, asyncio.CancelledError())[1], cancelled_inside()):
            interruptible = Interruptible(items, Consumer())
            assert await anext(interruptible) == 1
            with pytest.raises(CancelledElsewhere, match="the model's answer was cancelled, and this call was not"):
                await anext(interruptible)
            await interruptible.aclose()

    run(reading())


def test_a_source_that_is_cancelled_while_it_closes_does_not_cancel_its_reader():
    class Closing:
        def __aiter__(self):
            return self

        async def __anext__(self):
            raise StopAsyncIteration

        async def aclose(self):
            raise asyncio.CancelledError

    async def reading():
        await Interruptible(Closing(), Consumer()).aclose()

    run(reading())


def test_a_model_that_is_cancelled_before_it_answers_fails_and_cancels_nobody():
    def cancelled(*_):
        raise asyncio.CancelledError

    async def asking():
        played = Played()
        played.do_stream = played.do_generate = cancelled
        model = InterruptibleModel(played)
        for ask in (model.do_stream, model.do_generate):
            with pytest.raises(CancelledElsewhere):
                ask({}, Consumer())

    run(asking())


def test_a_limit_of_the_readers_own_stays_a_limit():
    async def within(items):
        async with asyncio.timeout(0.01):
            await anext(items)

    async def reading():
        for limited in (within, lambda items: asyncio.wait_for(anext(items), 0.01)):
            items = Interruptible(events(STALL)[1], Consumer())
            with pytest.raises(TimeoutError):
                await limited(items)
            await items.aclose()

    run(reading())


def test_a_cancellation_is_no_abort_even_at_the_same_time():
    async def reading():
        signal = Consumer()
        task = asyncio.ensure_future(read(Interruptible(events(STALL)[1], signal)))
        await asyncio.sleep(0.01)
        signal.go()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(reading())


def test_closing_early_closes_the_source_and_the_watch():
    async def reading():
        model, items = events(1, 2)
        interruptible = Interruptible(items, Consumer())
        await anext(interruptible)
        await interruptible.aclose()
        await interruptible.aclose()
        return model.closed

    assert run(reading()) == 1


def test_a_model_becomes_interruptible_in_both_its_methods():
    async def asking():
        signal = Consumer()
        model = InterruptibleModel(Played(1, STALL))
        asyncio.get_running_loop().call_later(0.01, signal.go)
        answers = [await read(ask({}, signal)) for ask in (model.do_stream, model.do_generate)]
        return (model.provider, model.model_id), answers

    assert run(asking()) == (("openai", "gpt-4o"), [([1], "ABORTED"), ([], "ABORTED")])


def test_an_answer_is_waited_for_unless_the_signal_is_set_first():
    async def waiting():
        async def soon():
            return True

        async def never():
            await asyncio.Event().wait()

        signal = Consumer()
        answered = await unless_aborted(soon(), signal)
        asyncio.get_running_loop().call_later(0.01, signal.go)
        return answered, await unless_aborted(never(), signal), await unless_aborted(soon(), signal)

    assert run(waiting()) == (True, None, True)


@pytest.mark.parametrize("waiting", [lambda: None, lambda: 1 / 0, failing_wait], ids=["no wait", "at once", "later"])
def test_a_signal_that_cannot_be_waited_for_breaks_off_what_it_should_have_watched(waiting):
    async def both():
        signal = Consumer()
        signal.wait = waiting
        with pytest.raises((TypeError, ArithmeticError)):
            await read(Interruptible(events(1, STALL)[1], signal))
        with pytest.raises((TypeError, ArithmeticError)):
            await unless_aborted(asyncio.Event().wait(), signal)

    run(both())


def test_an_answer_that_was_cancelled_by_itself_is_no_cancellation_of_who_waits():
    async def waiting():
        async def cancelled():
            raise asyncio.CancelledError

        future = asyncio.get_running_loop().create_future()
        future.cancel()
        for answer in (cancelled(), future):
            with pytest.raises(CancelledElsewhere, match="approve was cancelled, and this call was not"):
                await unless_aborted(answer, Consumer())

    run(waiting())


def test_who_waits_for_an_answer_can_be_cancelled():
    async def waiting():
        task = asyncio.ensure_future(unless_aborted(asyncio.Event().wait(), Consumer()))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(waiting())


def test_an_answer_that_fails_raises():
    async def waiting():
        async def failing():
            raise LookupError("nobody")

        with pytest.raises(LookupError, match="nobody"):
            await unless_aborted(failing(), Consumer())

    run(waiting())
