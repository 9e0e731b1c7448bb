"""Every operation of the in-process interface, and what the harness does meanwhile: aborting and approving."""

import asyncio

import pytest

from harness.drivers.driver import Implementation
from harness.drivers.python import PythonDriver
from harness.errors import ShimError
from harness.protocol.transcript import NOTHING, AbortAt, Stimulus

LONG = 20.0
SOON = 5_000  # milliseconds, a bound against hangs


def asked(operation, method, timeout=LONG, **stimulus):
    """What the driver makes of one answer of an object whose method of that operation is this function."""
    names = {
        "transform": "transform", "chat": "chat_stream", "structuredOutput": "structured_output",
        "convertMessages": "convert_messages", "convertTools": "convert_tools", "parseJson": "parse_json",
        "transformSchema": "transform_schema",
    }  # fmt: skip
    implementation = type("Made", (), {names[operation]: staticmethod(method)})()
    driver = PythonDriver(implementation, Implementation("made", frozenset({operation})))
    try:
        return driver.ask(Stimulus(operation=operation, **stimulus), timeout)
    finally:
        driver.close()


def chunk(number):
    return {"type": "content", "delta": str(number)}


def question(call_id):
    return {"type": "approval-requested", "approval": {"id": f"approval_{call_id}"}}


@pytest.mark.parametrize(
    ("operation", "given", "arguments"),
    [
        ("convertMessages", {"messages": [{"role": "user"}]}, ([{"role": "user"}],)),
        ("convertTools", {"tools": [{"name": "t"}]}, ([{"name": "t"}],)),
        ("parseJson", {"text": "{}"}, ("{}", None)),
        ("parseJson", {"text": "{}", "schema": {"type": "object"}}, ("{}", {"type": "object"})),
        ("transformSchema", {"schema": {}, "provider": "openai"}, ({}, "openai")),
    ],
)
def test_a_pure_operation_is_given_its_input_and_its_value_is_kept(operation, given, arguments):
    transcript = asked(operation, lambda *given: {"given": list(given)}, input=given)
    assert transcript.result == {"given": list(arguments)}
    assert transcript.ending.kind == "completed"
    assert transcript.records == ()


def test_what_a_pure_operation_raises_is_data_and_there_is_no_value():
    def refuses(*_):
        raise ValueError("no such part: hologram")

    transcript = asked("convertMessages", refuses, input={"messages": []})
    assert transcript.result is NOTHING
    assert transcript.ending.error == {"name": "ValueError", "message": "no such part: hologram"}


def test_a_value_that_is_no_json_says_so_in_its_place():
    assert asked("convertTools", lambda _: [{1, 2}], input={"tools": []}).result == [{"$notJson": "set"}]


def test_null_is_a_value():
    assert asked("parseJson", lambda *_: None, input={"text": "null"}).result is None


@pytest.mark.parametrize("operation", ["chat", "structuredOutput"])
def test_an_operation_over_http_is_told_where_the_provider_is(operation):
    seen = []

    async def chat(request, source, signal):
        seen.append((request, source, signal.aborted))
        yield {"type": "done"}

    async def structured(request, source, signal):
        seen.append((request, source, signal.aborted))
        return {"data": 1}

    method = chat if operation == "chat" else structured
    asked(operation, method, request={"model": "openai/m"}, base_url="http://127.0.0.1:1/p")
    source = {"kind": "http", "baseUrl": "http://127.0.0.1:1/p", "headers": {}}
    assert seen == [({"model": "openai/m"}, source, False)]


def test_a_chat_that_gives_no_async_iterator_is_the_shims_fault():
    with pytest.raises(ShimError, match="chat_stream gave a list"):
        asked("chat", lambda *_: [])


async def until_aborted(_, __, signal):
    for number in range(5):
        yield chunk(number)
        await asyncio.sleep(0)
        if signal.aborted:
            return
    await signal.wait()


def test_an_abort_behind_so_many_chunks_is_told_at_once():
    transcript = asked("chat", until_aborted, abort=AbortAt(chunks=2))
    assert len(transcript.records) == 2
    assert (transcript.ending.kind, transcript.ending.place) == ("aborted", 2)
    assert 0 <= transcript.ending.at <= transcript.ending.duration < SOON


def test_an_abort_after_so_many_milliseconds_wakes_whoever_waits():
    transcript = asked("chat", until_aborted, abort=AbortAt(milliseconds=30))
    assert (transcript.ending.kind, transcript.ending.place) == ("aborted", 5)
    assert 30 <= transcript.ending.at < SOON


def test_an_abort_before_the_first_chunk_is_already_there_when_it_begins():
    async def looks(_, __, signal):
        yield {"aborted": signal.aborted}

    transcript = asked("chat", looks, abort=AbortAt(chunks=0))
    assert transcript.records[0].chunk == {"aborted": True}
    assert transcript.ending.place == 0


def test_an_end_before_the_abort_is_no_abort():
    async def ends(*_):
        yield chunk(0)

    ending = asked("chat", ends, abort=AbortAt(chunks=7, milliseconds=60_000)).ending
    assert (ending.kind, ending.place, ending.at) == ("completed", None, None)


def test_what_is_raised_behind_an_abort_is_kept_beside_it():
    async def raises(_, __, signal):
        await signal.wait()
        raise ConnectionError("gone")
        yield

    ending = asked("chat", raises, abort=AbortAt(milliseconds=1)).ending
    assert (ending.kind, ending.error) == ("aborted", {"name": "ConnectionError", "message": "gone"})


def test_whoever_does_not_hear_of_the_abort_is_timed_out():
    async def deaf(*_):
        yield chunk(0)
        await asyncio.sleep(LONG)

    ending = asked("chat", deaf, timeout=0.2, abort=AbortAt(chunks=1)).ending
    assert (ending.kind, ending.place) == ("timed out", 1)


def test_a_value_may_be_aborted_too():
    async def waits(_, __, signal):
        await signal.wait()
        raise TimeoutError("aborted")

    assert asked("structuredOutput", waits, abort=AbortAt(milliseconds=1)).ending.kind == "aborted"


async def asks(_, __, signal):
    for call in ("call_1", "call_2"):
        yield question(call)
        yield {"approved": await signal.approvals(f"approval_{call}")}


def test_questions_are_answered_as_the_case_says():
    transcript = asked("chat", asks, approvals={"call_1": True, "call_2": False})
    assert [record.chunk["approved"] for record in transcript.records if "approved" in record.chunk] == [True, False]


def test_a_transform_may_ask_too():
    async def transform(_, __, signal):
        yield question("c")
        yield {"approved": await signal.approvals("approval_c")}

    assert asked("transform", transform, events=(), approvals={"c": True}).records[1].chunk == {"approved": True}


def test_a_question_that_nobody_answers_waits_for_the_abort():
    async def asks_in_vain(_, __, signal):
        yield question("call_9")
        waiting = [asyncio.ensure_future(signal.approvals("approval_call_9")), asyncio.ensure_future(signal.wait())]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        yield {"answered": waiting[0] in done}
        waiting[0].cancel()

    transcript = asked("chat", asks_in_vain, approvals={"call_1": True}, abort=AbortAt(milliseconds=20))
    assert transcript.records[-1].chunk == {"answered": False}


def test_an_answer_does_not_come_before_the_question_was_seen():
    async def hides_the_question(_, __, signal):
        await signal.approvals("approval_c")
        yield question("c")

    assert asked("chat", hides_the_question, timeout=0.2, approvals={"c": True}).ending.kind == "timed out"
