"""The driver protocol without a process: what is sent, and what each line means."""

import json

import pytest

from harness.drivers import session as session_module
from harness.drivers.session import Session
from harness.errors import Disturbed, ShimError, TargetGone
from harness.protocol.script import Piece, Script
from harness.protocol.transcript import NOTHING, AbortAt
from shim_lines import INTRODUCTION, answer_line, asked, chunk_line, introduced, line, sent

CONTENT = {"type": "content", "id": "r", "model": "m", "timestamp": 1, "role": "assistant"}


def test_the_first_line_says_who_asks():
    (first,) = sent(Session())
    assert (first["method"], first["id"], first["params"]["protocolVersion"]) == ("initialize", 0, 1)
    assert first["params"]["harness"].keys() == {"name", "version"}


def test_a_run_says_what_is_asked_and_nothing_that_is_expected():
    session = introduced()
    run = asked(session, request={"model": "m", "messages": []}, events=({"type": "finish"},))
    (message,) = sent(session)
    assert message == {
        "jsonrpc": "2.0",
        "id": run.number,
        "method": "run",
        "params": {
            "runId": run.id,
            "operation": "transform",
            "request": {"model": "m", "messages": []},
            "source": {"kind": "events", "events": [{"type": "finish"}]},
            "options": {"timeoutMs": 30_000},
        },
    }


def test_what_json_has_no_word_for_is_worded():
    session = introduced()
    events = (b'{"type":"ping"}', {"n": float("nan"), "i": float("-inf"), "b": [b"\x00"]}, {"$throw": {"name": "E"}})
    asked(session, events=events, request={"model": "\ud83d"})
    (message,) = sent(session)
    assert message["params"]["source"]["events"] == [
        {"$bytes": "eyJ0eXBlIjoicGluZyJ9"},
        {"n": {"$number": "NaN"}, "i": {"$number": "-Infinity"}, "b": [{"$bytes": "AA=="}]},
        {"$throw": {"name": "E"}},
    ]
    assert message["params"]["request"]["model"] == "\ud83d"


def test_a_chat_is_told_where_its_provider_is():
    session = introduced()
    asked(session, operation="chat", base_url="http://127.0.0.1:1/place-1")
    (message,) = sent(session)
    source = {"kind": "http", "baseUrl": "http://127.0.0.1:1/place-1", "headers": {}}
    assert message["params"]["source"] == source
    assert "input" not in message["params"]


@pytest.mark.parametrize(
    ("ending", "told"), [("end", "close"), ("fin", "reset"), ("reset", "reset"), ("stall", "stall")]
)
def test_a_script_is_told_in_exactly_its_pieces(ending, told):
    session = introduced()
    headers = (("Content-Type", "text/event-stream"), ("X-A", "1"), ("x-a", "2"))
    script = Script((Piece(b"data: 1\n"), Piece(b"\n")), status=201, headers=headers, ending=ending)
    asked(session, operation="chat", script=script)
    (message,) = sent(session)
    assert message["params"]["source"] == {
        "kind": "fetch",
        "status": 201,
        "headers": {"Content-Type": "text/event-stream", "X-A": "1, 2"},
        "pieces": ["ZGF0YTogMQo=", "Cg=="],
        "ending": told,
    }


def test_a_pure_operation_is_given_its_input():
    session = introduced()
    run = asked(session, operation="parseJson", input={"text": "{}"})
    (message,) = sent(session)
    assert message["params"]["input"] == {"text": "{}"}
    assert "source" not in message["params"]
    session.received([answer_line(run, result={"data": {}, "rawText": "{}"})], 0.1)
    assert run.transcript("streamchunk").result == {"data": {}, "rawText": "{}"}


def test_chunks_become_records_with_their_faults_and_times():
    session = introduced()
    run = asked(session, now=5.0)
    whole = {**CONTENT, "delta": "Hi", "content": "Hi"}
    twice = chunk_line(run, whole).replace(b'"timestamp":1', b'"timestamp":1,"timestamp":NaN')
    session.received([chunk_line(run, whole), twice], 5.25)
    session.received([answer_line(run)], 5.5)
    transcript = run.transcript("streamchunk")
    assert [record.at for record in transcript.records] == [250.0, 250.0]
    assert transcript.records[0].chunk["$contentLength"] == 2
    assert len(transcript.records[1].faults) == 2
    assert transcript.ending.duration == 500.0
    assert transcript.result is NOTHING


@pytest.mark.parametrize("spelling", [(",", ":"), (", ", ": ")])
def test_the_order_and_the_spaces_of_a_message_mean_nothing(spelling):
    session = introduced()
    run = asked(session)
    message = {"params": {"chunk": {"type": "done"}, "runId": run.id}, "method": "chunk", "jsonrpc": "2.0"}
    session.received([json.dumps(message, separators=spelling).encode() + b"\r", answer_line(run)], 0.1)
    assert [record.chunk for record in run.transcript("streamchunk").records] == [{"type": "done"}]


def test_a_length_in_place_of_the_content_is_held_to_the_deltas():
    session = introduced()
    run = asked(session)
    for length in (2, 4, 9):
        session.received([chunk_line(run, {**CONTENT, "delta": "Hi", "$contentLength": length})], 0.1)
    first, second, third = run.answer.transcript(run.stimulus, "streamchunk").records
    assert "$mismatch" not in first.chunk
    assert "$mismatch" not in second.chunk
    assert third.chunk["$mismatch"]["expected"] == "6 characters"


def test_what_the_implementation_asked_its_model_is_kept():
    session = introduced()
    run = asked(session)
    told = line(method="modelCall", params={"runId": run.id, "options": {"prompt": []}})
    session.received([told, answer_line(run)], 0.1)
    assert run.transcript("streamchunk").model_calls == ({"prompt": []},)


def test_what_is_raised_is_data():
    session = introduced()
    run = asked(session)
    session.received([answer_line(run, ending="raised", error={"name": "E", "message": "no", "code": 7})], 0.1)
    ending = run.transcript("streamchunk").ending
    assert (ending.kind, ending.error) == ("raised", {"name": "E", "message": "no", "code": "7"})


def test_a_question_that_has_an_answer_is_answered():
    session = introduced()
    run = asked(session, approvals={"call_1": False})
    session.outgoing()
    for id_ in ("approval_call_2", "approval_call_1"):
        session.received([chunk_line(run, {"type": "approval-requested", "approval": {"id": id_}})], 0.1)
    params = {"runId": run.id, "approvalId": "approval_call_1", "approved": False}
    assert sent(session) == [{"jsonrpc": "2.0", "method": "approve", "params": params}]


@pytest.mark.parametrize("after", [0, 1, 2])
def test_an_abort_is_sent_once_behind_so_many_chunks(after):
    session = introduced()
    run = asked(session, abort=AbortAt(after))
    for _ in range(after):
        assert not [message for message in sent(session) if message["method"] == "abort"]
        session.received([chunk_line(run, {"type": "ping"})], 1.0)
    session.received([chunk_line(run, {"type": "ping"})], 1.1)
    messages = sent(session)
    assert [message["params"] for message in messages if message["method"] == "abort"] == [{"runId": run.id}]


def test_the_shim_is_told_where_to_hold():
    session = introduced()
    asked(session, abort=AbortAt(3, 500))
    assert sent(session)[0]["params"]["options"] == {"timeoutMs": 30_000, "holdAfterChunks": 3}


def aborted(answer, *times):
    """The ending of a run that was aborted behind its first chunk, at 1 s, with further chunks at these times."""
    session = introduced()
    run = asked(session, abort=AbortAt(1))
    for time in (1.0, *times):
        session.received([chunk_line(run, {"type": "ping"})], time)
    session.received([answer_line(run, **answer)], 3.0)
    return run.transcript("streamchunk").ending


def test_the_shim_says_what_it_had_sent_when_the_abort_came():
    ending = aborted({"ending": "aborted", "abortedAfter": 2}, 1.05, 1.1)
    assert (ending.kind, ending.place, ending.at, ending.duration) == ("aborted", 2, 1000.0, 3000.0)


def test_without_a_word_of_the_shim_what_comes_soon_was_under_way():
    assert aborted({"ending": "aborted"}, 1.05, 1.1, 1.9).place == 3


def test_what_was_aborted_is_aborted_whatever_the_shim_says():
    assert aborted({"ending": "completed"}).kind == "aborted"
    assert aborted({"ending": "raised", "error": {"name": "AbortError", "message": ""}}).kind == "aborted"


def test_chunks_without_end_end_the_session(monkeypatch):
    monkeypatch.setattr(session_module, "MAX_CHUNKS", 3)
    session = introduced()
    guilty, innocent = asked(session), asked(session)
    session.received([chunk_line(guilty, {"type": "ping"}) for _ in range(5)], 0.1)
    ending = guilty.transcript("streamchunk").ending
    assert (ending.kind, ending.error["name"]) == ("timed out", "TooManyChunks")
    assert isinstance(innocent.failure, Disturbed)
    assert session.fault is not None


def test_the_content_that_is_not_kept_fills_nothing(monkeypatch):
    monkeypatch.setattr(session_module, "MAX_SIZE", 150_000)
    session = introduced()
    run = asked(session)
    content = ""
    for _ in range(100):
        content += "x" * 1_000
        session.received([chunk_line(run, {**CONTENT, "delta": "x", "content": content})], 0.1)
    assert session.fault is None
    session.received([chunk_line(run, {**CONTENT, "padding": "x" * 150_000})], 0.1)
    assert run.transcript("streamchunk").ending.error["name"] == "TooManyBytes"


def test_several_that_are_too_long_together_are_asked_again_one_by_one(monkeypatch):
    monkeypatch.setattr(session_module, "MAX_CHUNKS", 10)
    monkeypatch.setattr(session_module, "_STRIDE", 2)
    session = introduced()
    runs = [asked(session) for _ in range(3)]
    for number in range(4):
        session.received([chunk_line(run, {"type": "ping"}) for run in runs], 0.1 + number)
    assert all(isinstance(run.failure, Disturbed) for run in runs)
    alone = introduced()
    run = asked(alone)
    alone.received([chunk_line(run, {"type": "ping"}) for _ in range(9)], 0.1)
    assert alone.fault is None


def test_several_that_are_too_large_together_are_asked_again_one_by_one(monkeypatch):
    monkeypatch.setattr(session_module, "MAX_SIZE", 50_000)
    session = introduced()
    runs = [asked(session) for _ in range(2)]
    for run in runs:
        session.received([chunk_line(run, {**CONTENT, "padding": "x" * 30_000})], 0.1)
    assert all(isinstance(run.failure, Disturbed) for run in runs)


def test_of_an_answer_without_end_the_beginning_is_kept(monkeypatch):
    monkeypatch.setattr(session_module, "MAX_CHUNKS", 20)
    monkeypatch.setattr(session_module, "KEPT_CHUNKS", 5)
    session = introduced()
    run = asked(session)
    session.received([chunk_line(run, {"type": "ping", "n": number}) for number in range(30)], 0.1)
    assert [record.chunk["n"] for record in run.transcript("streamchunk").records] == [0, 1, 2, 3, 4]


def test_of_an_answer_of_many_bytes_the_beginning_is_kept(monkeypatch):
    monkeypatch.setattr(session_module, "MAX_SIZE", 100_000)
    monkeypatch.setattr(session_module, "KEPT_SIZE", 25_000)
    session = introduced()
    run = asked(session)
    session.received([chunk_line(run, {"type": "ping", "padding": "x" * 10_000}) for _ in range(30)], 0.1)
    transcript = run.transcript("streamchunk")
    assert (len(transcript.records), transcript.ending.error["name"]) == (2, "TooManyBytes")


def test_a_refusal_is_of_one_run_and_the_others_go_on():
    session = introduced()
    refused, other = asked(session), asked(session)
    session.received([line(id=refused.number, error={"code": -32602, "message": "no such operation"})], 0.1)
    session.received([answer_line(other)], 0.2)
    with pytest.raises(ShimError, match='refused to run transform: "no such operation"'):
        refused.transcript("streamchunk")
    assert other.transcript("streamchunk").ending.kind == "completed"
    assert session.fault is None


def test_a_fault_that_names_its_run_disturbs_the_others():
    session = introduced()
    guilty, other = asked(session), asked(session)
    session.received([line(method="chunk", params={"runId": guilty.id})], 0.1)
    assert isinstance(guilty.failure, ShimError)
    assert isinstance(other.failure, Disturbed)


def test_a_fault_that_names_no_run_disturbs_all_unless_there_is_one():
    several = introduced()
    first, second = asked(several), asked(several)
    several.received([b"Compiled in 12 ms"], 0.1)
    assert isinstance(first.failure, Disturbed)
    assert isinstance(second.failure, Disturbed)
    alone = introduced()
    only = asked(alone)
    alone.received([b"Compiled in 12 ms"], 0.1)
    assert isinstance(only.failure, ShimError)


def test_a_chunk_behind_the_answer_is_the_fault_of_its_own_run():
    session = introduced()
    early, other = asked(session), asked(session)
    session.received([answer_line(early), chunk_line(early, {"type": "done"})], 0.1)
    assert isinstance(early.failure, ShimError)
    assert isinstance(other.failure, Disturbed)


def test_a_chunk_behind_an_answer_that_was_handed_on_is_no_fault_of_those_in_flight():
    session = introduced()
    early, other = asked(session), asked(session)
    session.received([answer_line(early)], 0.1)
    session.settle([early])
    session.received([chunk_line(early, {"type": "done"})], 0.2)
    assert early.failure is None
    assert isinstance(other.failure, Disturbed)
    assert "the run 1 was answered already (question 1 to its process, transform)" in str(session.unblamed)


def test_what_is_said_while_nothing_is_asked_is_kept():
    session = introduced()
    session.received([b"Debugger attached."], 0.1)
    assert isinstance(session.unblamed, ShimError)


@pytest.mark.parametrize("heard", [False, True])
def test_who_leaves_with_one_run_in_flight_is_gone(heard):
    session = introduced()
    run = asked(session)
    if heard:
        session.received([chunk_line(run, {"type": "ping"})], 0.1)
    session.left("exited with status 1", b"")
    assert isinstance(run.failure, TargetGone)


def test_who_leaves_before_a_word_of_a_later_run_may_be_innocent_of_it():
    session = introduced()
    first = asked(session)
    session.received([answer_line(first)], 0.1)
    session.settle([first])
    second = asked(session)
    session.left("exited with status 1", b"")
    assert isinstance(second.failure, Disturbed)
    assert "exited with status 1" in str(session.unblamed)


def test_who_leaves_behind_an_answer_has_answered():
    session = introduced()
    run = asked(session)
    session.received([answer_line(run)], 0.1)
    session.left("exited with status 0", b"")
    assert run.over
    assert run.failure is None


def test_silence_of_several_disturbs_them_all_and_alone_is_timed_out():
    several = introduced()
    first, second = asked(several), asked(several)
    several.time_out(first, "no end within 1 s", 1.0)
    assert isinstance(first.failure, Disturbed)
    assert isinstance(second.failure, Disturbed)
    alone = introduced()
    only = asked(alone)
    alone.time_out(only, "no end within 1 s", 1.0)
    assert only.transcript("streamchunk").ending.kind == "timed out"


def test_an_idle_shim_is_asked_to_exit_and_a_busy_one_is_not():
    idle = introduced()
    idle.close()
    assert [message["method"] for message in sent(idle)] == ["shutdown"]
    busy = introduced()
    run = asked(busy)
    sent(busy)
    busy.close()
    assert sent(busy) == []
    assert run.failure is not None


def test_the_introduction_of_these_tests_is_right_by_the_schema():
    assert introduced(verify=True).implementation.name == INTRODUCTION["implementation"]["name"]
