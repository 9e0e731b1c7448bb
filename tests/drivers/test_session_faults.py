"""What a shim says wrongly: whose fault it is, and how much of it is read."""

import json

import pytest

from harness.drivers import session as session_module
from harness.errors import Disturbed, ShimError
from harness.protocol.transcript import AbortAt
from shim_lines import answer_line, asked, chunk_line, introduced

CONTENT = {"type": "content", "id": "r", "model": "m", "timestamp": 1, "role": "assistant"}


def test_a_fault_that_names_no_run_proves_nothing_of_one_that_came_later():
    session = introduced()
    first = asked(session)
    session.received([answer_line(first)], 0.1)
    session.settle([first])
    second = asked(session)
    session.received([b"Compiled in 12 ms"], 0.2)
    assert isinstance(second.failure, Disturbed)
    assert isinstance(session.unblamed, ShimError)


@pytest.mark.parametrize("spelling", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize(("depth", "is_read"), [(198, True), (199, False)])
def test_how_deep_a_chunk_may_nest_is_no_question_of_spelling(spelling, depth, is_read):
    session = introduced()
    run = asked(session)
    message = json.loads(chunk_line(run, None))
    message["params"]["chunk"] = json.loads("[" * depth + "]" * depth)
    session.received([json.dumps(message, separators=spelling).encode()], 0.1)
    assert (session.fault is None) == is_read


def test_a_message_of_too_many_values_is_refused_before_it_is_read():
    session = introduced()
    run = asked(session)
    session.received([chunk_line(run, {"v": 0}).replace(b"0}", b"[" + b"[]," * 600_000 + b"0]}")], 0.1)
    assert isinstance(run.failure, ShimError)
    assert "no message holds more than 1000000 values" in str(run.failure)


def test_the_commas_of_a_text_are_no_values():
    session = introduced()
    run = asked(session)
    session.received([chunk_line(run, {**CONTENT, "delta": ',"[{\\' * 400_000})], 0.1)
    assert session.fault is None


def test_small_chunks_of_many_values_fill_no_memory(monkeypatch):
    monkeypatch.setattr(session_module, "MAX_SIZE", 20_000_000)
    session = introduced()
    run = asked(session)
    small = chunk_line(run, {"v": [0] * 150})
    session.received([small] * 5_000, 0.1)
    assert run.transcript("streamchunk").ending.error["name"] == "TooManyBytes"


@pytest.mark.parametrize(
    ("told", "twice"),
    [
        ('{"jsonrpc":"2.0","id":1,"id":1,"result":{"ending":"completed"}}', "id"),
        ('{"jsonrpc":"2.0","id":1,"result":{"ending":"raised","ending":"completed"}}', "ending"),
        ('{"jsonrpc":"2.0","id":1,"result":{},"result":{"ending":"completed"}}', "result"),
        ('{"jsonrpc":"2.0","method":"chunk","params":{"runId":"9","runId":"1","chunk":{"n":NaN}}}', "runId"),
        ('{"jsonrpc":"2.0","method":"modelCall","params":{"runId":"1","options":1,"options":2}}', "options"),
    ],
)
def test_a_key_that_stands_twice_in_a_message_is_the_fault_of_the_shim(told, twice):
    session = introduced()
    run = asked(session)
    session.received([told.encode()], 0.1)
    assert f'the key "{twice}" stands twice' in str(run.failure)


@pytest.mark.parametrize("verify", [False, True])
def test_a_key_that_stands_twice_in_a_result_is_refused_by_who_looks_closely(verify):
    session = introduced(verify=verify)
    run = asked(session, operation="parseJson", input={"text": "{}"})
    told = b'{"jsonrpc":"2.0","id":1,"result":{"ending":"completed","result":{"data":1,"data":2}}}'
    session.received([told], 0.1)
    assert isinstance(run.failure, ShimError) == verify


def test_an_integer_is_one_however_it_is_spelled():
    session = introduced()
    run = asked(session, abort=AbortAt(0))
    told = b'{"jsonrpc":"2.0","id":1.0,"result":{"ending":"aborted","abortedAfter":0.0}}'
    session.received([told], 0.1)
    assert run.transcript("streamchunk").ending.place == 0
