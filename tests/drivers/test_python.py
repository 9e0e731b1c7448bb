"""An implementation in this process, well-behaved and not."""

import asyncio
import sys
import textwrap
import threading
import time

import pytest

from harness.drivers import connect, python, recording
from harness.drivers.driver import Implementation
from harness.drivers.python import PythonDriver
from harness.errors import CannotConnect, ShimError, TargetGone
from harness.protocol.transcript import OPERATIONS, Stimulus

LONG = 30.0
SHORT = 0.2
HANG_BOUND = 20.0


def asked(transform, events=(), request=None, timeout=LONG):
    """What the driver makes of one answer of a function that is the implementation's transform."""
    implementation = type("Made", (), {"transform": staticmethod(transform)})()
    driver = PythonDriver(implementation, Implementation("made", frozenset({"transform"})))
    try:
        return driver.ask(Stimulus(request or {}, tuple(events)), timeout)
    finally:
        driver.close()


def said(ending):
    """An ending without its times."""
    return ending.kind, ending.error


async def echo(events, _):
    async for event in events:
        yield event


async def two_chunks_then_raise(error):
    yield {"type": "content", "delta": "a", "content": "a"}
    yield {"type": "content", "delta": "b", "content": "ab"}
    raise error


def test_chunks_are_recorded_in_order_and_compact():
    transcript = asked(
        echo, [{"type": "content", "delta": "a", "content": "a"}, {"type": "content", "delta": "b", "content": "ab"}]
    )
    assert [record.number for record in transcript.records] == [0, 1]
    assert transcript.records[1].chunk == {"type": "content", "delta": "b", "$contentLength": 2}
    assert said(transcript.ending) == ("completed", None)
    times = [record.at for record in transcript.records]
    assert times == sorted(times)


def test_an_implementation_that_changes_what_it_was_given_harms_nobody():
    async def spoils(events, request):
        request["model"] = "spoilt"
        async for event in events:
            event["inner"]["delta"] = "spoilt"
            yield event

    event, request = {"inner": {"delta": "a"}}, {"model": "m"}
    transcript = asked(spoils, [event], request)
    assert (event, request) == ({"inner": {"delta": "a"}}, {"model": "m"})
    assert transcript.stimulus.events == ({"inner": {"delta": "a"}},)


def test_one_chunk_object_that_is_yielded_again_and_again_is_recorded_as_it_was():
    async def reuses(_, __):
        chunk = {"type": "tool_call", "index": 0}
        for index in range(3):
            chunk["index"] = index
            yield chunk

    assert [record.chunk["index"] for record in asked(reuses).records] == [0, 1, 2]


def test_faults_of_a_chunk_are_recorded_with_it():
    async def yields_a_set(_, __):
        yield {"type": "content", "delta": {"a"}}

    [record] = asked(yields_a_set).records
    assert record.faults == ("delta is a Python set, which is not JSON",)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (ValueError("boom"), {"name": "ValueError", "message": "boom"}),
        (SystemExit(7), {"name": "SystemExit", "message": "7", "code": "7"}),
        (KeyboardInterrupt(), {"name": "KeyboardInterrupt", "message": ""}),
        (asyncio.CancelledError("enough"), {"name": "CancelledError", "message": "enough"}),
        (BaseException("base"), {"name": "BaseException", "message": "base"}),
    ],
)
def test_what_it_raises_is_data(error, fault):
    transcript = asked(lambda *_: two_chunks_then_raise(error))
    assert len(transcript.records) == 2
    assert said(transcript.ending) == ("raised", fault)


def test_an_exception_that_cannot_even_be_printed_is_data():
    class Unspeakable(Exception):
        def __str__(self):
            raise RuntimeError

    ending = asked(lambda *_: two_chunks_then_raise(Unspeakable())).ending
    assert ending.error == {"name": "Unspeakable", "message": "its message cannot be had: RuntimeError"}


def test_raising_before_the_first_chunk_is_data():
    def raises(_, __):
        raise LookupError("no model")

    assert said(asked(raises).ending) == ("raised", {"name": "LookupError", "message": "no model"})


def test_a_source_that_throws_raises_where_it_stands():
    thrown = {"$throw": {"name": "TypeError", "message": "terminated", "code": 7}}
    transcript = asked(echo, [{"type": "content"}, thrown])
    assert [record.chunk for record in transcript.records] == [{"type": "content"}]
    assert said(transcript.ending) == ("raised", {"name": "TypeError", "message": "terminated", "code": "7"})


@pytest.mark.parametrize("name", ["not a name", "class", "", None])
def test_a_source_may_throw_under_any_name(name):
    assert asked(echo, [{"$throw": {"name": name, "message": "m"}}]).ending.error["message"] == "m"


def test_a_coroutine_that_gives_an_async_iterator_is_awaited():
    async def later(events, request):
        return echo(events, request)

    assert len(asked(later, [{"type": "content"}]).records) == 1


@pytest.mark.parametrize("answer", [[], None, iter([{}]), {"type": "done"}])
def test_an_answer_that_is_no_async_iterator_is_the_shims_fault(answer):
    with pytest.raises(ShimError, match=f"transform gave a {type(answer).__name__}"):
        asked(lambda *_: answer)


def test_a_third_parameter_gets_a_signal():
    async def sees(_, __, signal):
        yield {"type": "content", "aborted": signal.aborted, "waits": asyncio.iscoroutine(wait := signal.wait())}
        wait.close()

    [record] = asked(sees).records
    assert record.chunk == {"type": "content", "aborted": False, "waits": True}


async def sleeps(_, __):
    yield {"type": "content"}
    await asyncio.sleep(3600)


async def blocks(_, __):
    yield {"type": "content"}
    time.sleep(3600)  # noqa: ASYNC251 - the fault under test


async def will_not_be_cancelled(_, __):
    yield {"type": "content"}
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            yield {"type": "content", "late": True}


@pytest.mark.parametrize(
    ("transform", "left_behind"), [(sleeps, False), (blocks, True), (will_not_be_cancelled, False)]
)
def test_silence_is_an_ending_and_keeps_what_came(transform, left_behind):
    started = time.monotonic()
    transcript = asked(transform, timeout=SHORT)
    assert time.monotonic() - started < HANG_BOUND
    assert [record.chunk for record in transcript.records] == [{"type": "content"}]
    assert transcript.ending.kind == "timed out"
    assert transcript.ending.error["message"].startswith("no end within 0.2 s")
    assert ("left behind" in transcript.ending.error["message"]) is left_behind


def test_after_a_blocked_answer_the_next_one_is_answered():
    answers = iter([blocks, echo])
    implementation = type("Made", (), {"transform": lambda _, *given: next(answers)(*given)})()
    driver = PythonDriver(implementation, Implementation("made", frozenset({"transform"})))
    assert driver.ask(Stimulus(events=()), SHORT).ending.kind == "timed out"
    after = driver.ask(Stimulus(events=({"type": "content"},)), LONG)
    driver.close()
    assert (len(after.records), after.ending.kind) == (1, "completed")


def test_an_implementation_that_blocks_again_and_again_is_asked_no_more():
    driver = PythonDriver(type("Made", (), {"transform": staticmethod(blocks)})(), Implementation("made", frozenset()))
    for _ in range(5):
        assert driver.ask(Stimulus(events=()), 0.01).ending.kind == "timed out"
    with pytest.raises(TargetGone, match="5 answers blocked their threads"):
        driver.ask(Stimulus(events=()), 0.01)


def test_a_task_beside_the_stream_that_exits_takes_nobody_along():
    async def exits():
        sys.exit(3)

    async def leaves_a_task(_, __):
        task = asyncio.create_task(exits())
        await asyncio.sleep(0.01)
        yield {"type": "content"}
        task.exception()

    assert [record.chunk for record in asked(leaves_a_task).records] == [{"type": "content"}]


def test_an_endless_stream_is_read_no_further_than_the_limit(monkeypatch):
    monkeypatch.setattr(recording, "MAX_CHUNKS", 50)
    closed = threading.Event()

    async def endless(_, __):
        try:
            while True:
                yield {"type": "content"}
        finally:
            closed.set()

    transcript = asked(endless)
    assert len(transcript.records) == 50
    assert (transcript.ending.kind, transcript.ending.error["name"]) == ("timed out", "TooManyChunks")
    assert closed.wait(HANG_BOUND)


def test_a_driver_that_is_closed_leaves_no_thread():
    before = threading.active_count()
    asked(echo)
    assert threading.active_count() == before


MODULE = """
    class Adapter:
        name = "mine"
        profile = "tanstack"
        async def transform(self, events, request):
            yield {"type": "done"}
    ready = Adapter()
    def factory():
        return Adapter()
    def broken():
        raise RuntimeError("no key")
    class Holder:
        inner = Adapter()
    nothing = object()
    class Odd(Adapter):
        profile = "strange"
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A folder to stand in, and a function that writes a module there and tells its name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    names = []

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        names.append(name)
        return name

    yield write
    for name in names:
        sys.modules.pop(name, None)


@pytest.mark.parametrize("name", ["Adapter", "ready", "factory", "Holder.inner"])
def test_a_target_is_an_object_a_class_or_a_factory_in_the_current_directory(module, name):
    driver = connect(f"python:{module('made_here_one', MODULE)}:{name}")
    assert driver.implementation == Implementation(
        "mine", frozenset({"transform"}), "streamchunk", "tanstack", language="Python"
    )
    transcript = driver.ask(Stimulus(events=()), LONG)
    driver.close()
    assert [record.chunk for record in transcript.records] == [{"type": "done"}]


def test_the_reference_is_a_target_by_name():
    driver = connect("reference")
    assert (driver.implementation.name, driver.implementation.operations) == ("reference", frozenset(OPERATIONS))


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("grpc:localhost:50051", "there is reference, python:…"),
        ("referenc", "'referenc' is not a target"),
        ("", "is not a target"),
        ("python:", "write python:MODULE:NAME"),
        ("python:made_here_two", "write python:MODULE:NAME"),
        ("python:no_such_module:x", "there is no module 'no_such_module'"),
        ("python:made_here_two.py:x", "a module's name is wanted"),
        ("python:./made_here_two:x", "a module's name is wanted"),
        ("python:made_here_two:Missing", "has no 'Missing'"),
    ],
)
def test_a_target_that_is_not_there_cannot_be_connected(module, target, words):
    module("made_here_two", MODULE)
    with pytest.raises(CannotConnect) as caught:
        connect(target)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("import no_such_dependency", "x", "cannot be loaded: No module named 'no_such_dependency'"),
        ("1 / 0", "x", "cannot be loaded: ZeroDivisionError: division by zero"),
        ("def", "x", "cannot be loaded: SyntaxError"),
        ("import sys; sys.exit(9)", "x", "cannot be loaded: SystemExit: 9"),
        (MODULE, "broken", "cannot be made: RuntimeError: no key"),
        (MODULE, "nothing", "has none of the methods transform, chat_stream"),
        ("class X:\n    def __getattr__(self, name): raise OSError('boom')", "X", "what it offers: OSError: boom"),
        ("class X:\n    transform = print\n    name = property(lambda self: 1 / 0)", "X", "division by zero"),
        (MODULE, "Odd", "its profile is 'strange'; there are spec, tanstack"),
    ],
)
def test_a_target_that_is_there_and_does_not_work_is_the_shims_fault(module, text, name, words):
    with pytest.raises(ShimError) as caught:
        python.connect(f"{module('made_here_three', text)}:{name}")
    assert words in str(caught.value)
