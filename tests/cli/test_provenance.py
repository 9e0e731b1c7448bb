"""A chunk is traced to the part of the source that it came from."""

import json

import pytest

from harness.cli.provenance import places_of, provenance
from harness.cli.sources import Source
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Stimulus, Transcript
from harness.rules.rule import Finding
from harness.wire.located import Located

EVENTS = (
    {"type": "stream-start"},
    {"type": "reasoning-delta", "id": "r", "delta": "so"},
    {"type": "text-delta", "id": "t", "delta": "abc"},
    {"type": "text-delta", "id": "t", "delta": "de"},
    {"type": "tool-input-start", "id": "one", "toolName": "f"},
    {"type": "tool-input-delta", "id": "one", "delta": "{"},
    {"type": "tool-call", "toolCallId": "one", "toolName": "f", "input": "{}"},
    {"type": "tool-input-start", "id": "two", "toolName": "f"},
    {"type": "tool-input-delta", "id": "two", "delta": "{"},
    {"type": "tool-result", "toolCallId": "one", "result": 5},
    {"type": "text-delta", "id": "t", "delta": "f"},
    {"type": "finish", "finishReason": "stop"},
    {"type": "raw"},
)


def records(*chunks):
    compactor = Compactor()
    return tuple(compactor.feed(chunk) for chunk in chunks)


def places(*chunks, events=EVENTS):
    return places_of(records(*chunks), events)


def text(delta, kind="content"):
    return {"type": kind, "delta": delta, "content": "…"}


def test_text_is_traced_by_how_much_came_before():
    found = places(text("ab"), text("cd"), text(""), text("e"), text("f"), text("too much"))
    assert [found[number] for number in range(6)] == [(2, 2), (2, 3), (3, 3), (3, 3), (10, 10), (10, 10)]


def test_one_chunk_may_come_from_many_events():
    assert places(text("abcdef"))[0] == (2, 10)


def test_reasoning_is_traced_apart_from_text():
    found = places(text("so", "thinking"), text("a"), {"type": "thinking", "content": "more"})
    assert [found[number] for number in range(3)] == [(1, 1), (2, 2), (1, 1)]


def call(id_, index=None):
    chunk = {"type": "tool_call", "toolCall": {"id": id_}}
    return chunk if index is None else chunk | {"index": index}


@pytest.mark.parametrize(
    ("chunk", "place"),
    [
        (call("one"), (6, 6)),
        (call("two"), (7, 8)),
        (call("?", 1), (7, 8)),
        (call("?", 0), (6, 6)),
        (call("?", 9), None),
        (call("?"), None),
        ({"type": "tool_call", "toolCall": None}, None),
        ({"type": "tool_result", "toolCallId": "one"}, (9, 9)),
        ({"type": "tool_result", "toolCallId": "two"}, None),
        ({"type": "done"}, (11, 11)),
        ({"type": "error"}, (11, 11)),
        ({"type": "surprise"}, (11, 11)),
        (5, (11, 11)),
    ],
)
def test_calls_go_by_id_or_place_and_all_else_by_the_end(chunk, place):
    assert places(chunk).get(0) == place


def test_the_whole_stream_is_shown_how_the_source_ended():
    assert places()[None] == (11, 11)
    assert places(events=EVENTS[:4])[None] == (3, 3)


def test_a_source_without_text_has_no_place_for_text():
    assert 0 not in places(text("a"), events=EVENTS[-2:])


BODY = b"data: one\n\ndata: two\n\ndata: why\n\n, data: end\n\n"
SOURCE = Source(
    "body.sse",
    BODY,
    (Located(0, 11, EVENTS[2]), Located(11, 22, EVENTS[3]), Located(33, len(BODY), EVENTS[11])),
)


def origin(chunk, source, number=0):
    transcript = Transcript(records(chunk), stimulus=Stimulus({}, None if source is None else source.events))
    return provenance(transcript, source)(Finding(number, "", ""))


def test_an_origin_has_the_bytes_from_the_first_event_to_the_last():
    found = origin(text("abcd"), SOURCE)
    assert (found.name, found.start, found.end, found.text) == ("body.sse", 0, 22, "data: one\n\ndata: two")


def test_what_ended_the_source_is_all_behind_the_event_before():
    found = origin({"type": "done"}, SOURCE)
    assert (found.start, found.end, found.text) == (22, len(BODY), "data: why\n\n, data: end")
    assert origin(text("abcd"), SOURCE, None) == found


def test_without_bytes_an_origin_has_the_events():
    transcript = Transcript(records(text("abcd")), stimulus=Stimulus({}, EVENTS))
    found = provenance(transcript, None)(Finding(0, "", ""))
    assert (found.name, found.start) == ("events 2 to 3", None)
    assert found.text == '{"type":"text-delta","id":"t","delta":"abc"} {"type":"text-delta","id":"t","delta":"de"}'


def test_without_a_source_there_is_no_origin():
    assert origin(text("a"), None) is None


@pytest.mark.parametrize("wrap", [json.dumps, lambda event: json.dumps(event).encode()])
def test_events_that_came_as_json_text_are_traced_as_events(wrap):
    whole = Transcript(records(text("ab"), text("cd")), stimulus=Stimulus({}, tuple(map(wrap, EVENTS))))
    origin = provenance(whole, None)(Finding(1, "", ""))
    assert origin.name == "events 2 to 3"
    assert '"delta":"abc"' in origin.text.replace(" ", "")


def test_an_event_that_is_no_event_is_refused_with_its_line(streamchunk, tmp_path):
    log = tmp_path / "log.ndjson"
    header = {"$transcript": 1, "dialect": "streamchunk", "scope": "adapter", "events": [{"$number": "5"}]}
    log.write_text(json.dumps(header) + '\n{"chunk": {"type": "content"}}\n{"ending": "completed"}\n')
    ran = streamchunk("judge", log)
    assert ran.status == 2
    assert 'line 1: "events" is a list of objects' in ran.err
