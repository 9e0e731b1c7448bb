"""A transcript read back is the transcript."""

import json
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.protocol.compaction import Compactor
from harness.protocol.transcript import Ending, Framing, FramingFault, Stimulus, Transcript
from harness.protocol.transcript_file import read_transcript, written
from harness.resources import schema

text = st.text()  # Hypothesis draws no surrogates here; those have tests of their own
scalar = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
value = st.recursive(
    scalar, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=8
)
member = st.dictionaries(text, value, max_size=3)
growing = st.builds(
    lambda kind, delta, cumulative, rest: rest | {"type": kind, "delta": delta, "content": cumulative},
    st.sampled_from(["content", "thinking"]),
    text,
    text,
    member,
)
chunk = growing | member | value
moment = st.none() | st.floats(0, 1e9) | st.integers(0, 10**9)
event = st.dictionaries(st.sampled_from(["type", "id", "delta"]), scalar | st.binary(), max_size=3)
framing = st.builds(
    Framing,
    st.sampled_from(["sse", "ndjson"]),
    st.lists(st.builds(FramingFault, st.integers(1, 99), text, text), max_size=2).map(tuple),
)


def records(entries):
    compactor = Compactor()
    return tuple(compactor.feed(chunk, tuple(faults), at) for chunk, faults, at in entries)


transcripts = st.builds(
    Transcript,
    st.lists(st.tuples(chunk, st.lists(text, max_size=2), moment), max_size=6).map(records),
    st.builds(
        Ending,
        st.sampled_from(["completed", "raised", "aborted", "timed out"]),
        st.none() | member,
        st.none() | st.integers(0, 9),
        st.none() | st.floats(0, 1e6),
    ),
    st.builds(
        Stimulus,
        member,
        st.none() | st.lists(event, max_size=3).map(tuple),
        st.frozensets(st.text(max_size=4), max_size=2),
        st.lists(st.text(max_size=4), max_size=2).map(tuple),
    ),
    st.sampled_from(["adapter", "chat", "wire"]),
    st.none() | framing,
    text,
)

LINES = jsonschema.Draft202012Validator(schema("harness/transcript"))


@given(transcripts)
def test_a_transcript_read_back_is_the_transcript(transcript):
    lines = list(written(transcript))
    assert read_transcript(lines) == transcript
    for line in lines:
        line.encode()
        LINES.validate(json.loads(line, parse_constant=pytest.fail))


HEADER = '{"$transcript":1,"dialect":"streamchunk","scope":"adapter"}'
ENDING = '{"ending":"completed"}'


def test_a_transcript_can_be_written_by_hand():
    transcript = read_transcript([HEADER, '{"chunk":{"type":"content","delta":"a","content":"a"},"at":5}', "", ENDING])
    (record,) = transcript.records
    assert record.chunk == {"type": "content", "delta": "a", "$contentLength": 1}
    assert (record.at, transcript.ending, transcript.stimulus) == (5, Ending(), Stimulus())


def test_lone_surrogates_nan_and_bytes_survive():
    transcript = Transcript(
        records([({"type": "x", "text": "\ud83d", "usage": float("inf")}, ["Infinity is not a JSON number"], None)]),
        stimulus=Stimulus({}, ({"type": "raw", "rawValue": b"\xff", "n": float("-inf")},)),
    )
    lines = list(written(transcript))
    assert read_transcript(lines) == transcript
    for line in lines:
        LINES.validate(json.loads(line.encode(), parse_constant=pytest.fail))


def test_an_event_may_be_the_text_or_the_bytes_of_one():
    transcript = Transcript((), stimulus=Stimulus({}, ('{"type":"finish"}', b'{"type":"finish"}', {"type": "raw"})))
    lines = list(written(transcript))
    assert read_transcript(lines) == transcript
    for line in lines:
        LINES.validate(json.loads(line))


def test_a_chunk_line_that_is_no_json_by_itself_keeps_its_faults():
    transcript = read_transcript([HEADER, '{"chunk":{"type":"done","type":"done"}}', ENDING])
    assert transcript.records[0].faults == ('the key "type" stands twice in one object',)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "0 were found"),
        ([HEADER], "line 2: the transcript is cut"),
        ([HEADER, '{"chunk":{}}'], "line 3: the transcript is cut"),
        ([HEADER, "{", ENDING], "line 2: not JSON"),
        ([HEADER, "[]", ENDING], "line 2: a transcript's line is a JSON object"),
        ([HEADER, '{"chunks":{}}', ENDING], 'line 2: a line behind the header has "chunk", "text",'),
        ([HEADER, '{"chunk":{},"faults":"x"}', ENDING], 'line 2: "faults" is a list of texts'),
        ([HEADER, '{"chunk":{},"at":true}', ENDING], 'line 2: "at" is a number'),
        ([HEADER, '{"text":5}', ENDING], 'line 2: "text" is a text; seen: 5'),
        ([HEADER, '{"text":"{"}', ENDING], "line 2: not JSON"),
        ([HEADER, '{"ending":"gone"}'], 'line 2: "ending" is one of completed, raised, aborted, timed out'),
        ([HEADER, '{"ending":"raised","error":"x"}'], 'line 2: "error" is an object'),
        ([ENDING], 'line 1: a transcript begins with a line that has "\\$transcript"'),
        (['{"$transcript":2}'], "line 1: this is a transcript of version 2"),
        (['{"$transcript":1,"dialect":"x","scope":"all"}'], 'line 1: "scope" is one of adapter, chat, wire'),
        (['{"$transcript":1,"scope":"chat"}'], 'line 1: "dialect" is a text; seen: None'),
        (['{"$transcript":1,"dialect":"x","scope":"chat","request":[]}'], 'line 1: "request" is an object'),
        (['{"$transcript":1,"dialect":"x","scope":"chat","events":[1]}'], 'line 1: "events" is a list of objects'),
        (
            ['{"$transcript":1,"dialect":"x","scope":"chat","events":[{"$number":"5"}]}'],
            'line 1: "events" is a list of',
        ),
        (['{"$transcript":1,"dialect":"x","scope":"chat","scope":"wire"}'], 'line 1: the key "scope" stands twice'),
        (['{"$transcript":1,"dialect":"x","scope":"chat","events":[{"a":{"$number":"x"}}]}'], "line 1: "),
        (['{"$transcript":1,"dialect":"x","scope":"wire","framing":[]}'], 'line 1: "framing" is an object'),
        ([HEADER, ENDING, HEADER, ENDING], "2 were found"),
    ],
)
def test_damage_is_named_with_its_line(lines, message):
    with pytest.raises(InputError, match=message):
        read_transcript(lines)


@pytest.mark.parametrize(
    "line",
    [
        {"$transcript": 2, "dialect": "x", "scope": "chat"},
        {"$transcript": 1, "dialect": "x", "scope": "all"},
        {"chunk": {"type": "content", "$contentLength": "5"}},
        {"chunk": {}, "at": "soon"},
        {"ending": "gone"},
        {"ending": "completed", "chunk": {}},
        {},
        5,
    ],
)
def test_the_schema_refuses_a_line_of_another_form(line):
    assert not LINES.is_valid(line)


def test_the_lines_need_no_request_and_no_events():
    assert replace(read_transcript([HEADER, ENDING]), scope="wire") == Transcript((), scope="wire")
