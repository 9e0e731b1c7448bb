"""The default target in this process, driven by hand."""

import asyncio
import time

import pytest

from harness.bundled import MastraTextAdapter, adapter
from harness.errors import ModelError, StructuredOutputError
from models import Played

TEXT = {"type": "text-delta", "id": "t", "delta": "a"}
FINISH = {"type": "finish", "finishReason": "stop", "usage": {}}


class Source:
    """An async iterator that counts and can be closed."""

    def __init__(self, *items, closing=None):
        self.items = list(items)
        self.closed = 0
        self.closing = closing

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.items:
            raise StopAsyncIteration
        item = self.items.pop(0)
        if isinstance(item, BaseException):
            raise item
        return item

    async def aclose(self):
        self.closed += 1
        if self.closing:
            raise self.closing


def answer(source, request=None):
    async def collect():
        return [chunk async for chunk in adapter.transform(source, request or {"model": "m"})]

    return asyncio.run(collect())


def test_it_tells_what_it_is():
    assert (adapter.name, adapter.dialect, adapter.profile) == ("reference", "streamchunk", "spec")


def test_events_become_plain_chunks_with_a_real_clock_and_an_id_of_its_own():
    before = time.time() * 1000
    chunks = answer(Source(TEXT, TEXT, FINISH))
    assert [type(chunk) for chunk in chunks] == [dict] * 3
    assert [chunk.get("content") for chunk in chunks] == ["a", "aa", None]
    assert chunks[0]["id"].startswith("mastra-")
    assert before - 1 <= chunks[0]["timestamp"] <= time.time() * 1000
    assert chunks[0]["model"] == "m"
    assert answer(Source(TEXT))[0]["id"] != chunks[0]["id"]


@pytest.mark.parametrize("request_", [{}, {"model": None}, {"model": ""}])
def test_a_request_without_a_model_still_gives_a_named_one(request_):
    async def collect():
        return [chunk async for chunk in adapter.transform(Source(FINISH), request_)]

    assert asyncio.run(collect())[0]["model"] == "unknown"


def test_what_the_source_raises_is_one_error_chunk():
    source = Source(TEXT, ConnectionError("gone"), TEXT)
    chunks = answer(source)
    assert [chunk["type"] for chunk in chunks] == ["content", "error"]
    assert chunks[-1]["error"] == {"message": "gone"}
    assert source.closed == 1


def test_a_source_that_just_ends_is_truncated():
    assert answer(Source(TEXT))[-1]["error"]["code"] == "STREAM_TRUNCATED"


def test_the_source_is_closed_at_the_terminal_chunk_and_read_no_further():
    source = Source(FINISH, TEXT)
    answer(source)
    assert (source.items, source.closed) == ([TEXT], 1)


def test_a_consumer_that_goes_away_closes_the_source():
    source = Source(TEXT, TEXT, FINISH)

    async def first():
        chunks = adapter.transform(source, {"model": "m"})
        await anext(chunks)
        await chunks.aclose()

    asyncio.run(first())
    assert source.closed == 1


def test_cancelling_is_not_answered_by_a_chunk():
    class Stalled(Source):
        async def __anext__(self):
            await asyncio.Event().wait()

    async def cancelling():
        async def collect():
            return [chunk async for chunk in adapter.transform(source, {"model": "m"})]

        source = Stalled()
        task = asyncio.ensure_future(collect())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return source.closed

    assert asyncio.run(cancelling()) == 1


def test_a_source_that_was_cancelled_by_somebody_else_is_one_error_chunk():
    source = Source(TEXT, asyncio.CancelledError())
    chunks = answer(source)
    assert [chunk["type"] for chunk in chunks] == ["content", "error"]
    assert chunks[-1]["error"] == {"message": "the model's answer was cancelled, and this call was not"}
    assert source.closed == 1


def test_structured_output_of_a_model_that_was_cancelled_is_a_typed_exception():
    asking = MastraTextAdapter(None, "a/b", model_of=lambda _: Played(asyncio.CancelledError())).structured_output
    options = {"chatOptions": {"messages": [{"role": "user", "content": "hi"}]}, "outputSchema": {"type": "object"}}
    with pytest.raises(ModelError, match="the model's answer was cancelled, and this call was not"):
        asyncio.run(asking(options))


def test_a_key_in_a_text_is_not_told_by_the_error_about_it():
    with pytest.raises(StructuredOutputError, match=r"It begins: my \[redacted\] is no JSON") as caught:
        adapter.parse_json("my sk-live-0123456789abcdef is no JSON", None)
    assert caught.value.__context__ is None


def test_a_source_that_fails_to_close_does_not_spoil_the_answer():
    assert answer(Source(FINISH, closing=OSError("late")))[-1]["type"] == "done"


def test_a_generator_that_raises_is_one_error_chunk_too():
    async def events():
        yield TEXT
        raise TimeoutError

    assert answer(events())[-1]["error"] == {"message": "TimeoutError"}
