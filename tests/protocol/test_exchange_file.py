"""Exchanges in a transcript's file: read back they are the exchanges, and their keys stay at home."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.messages import Answered, Call, File, ModelRequest, Text, ToolOffer, Turn
from harness.protocol.script import Exchange, Sent
from harness.protocol.transcript import AbortAt, Ending, Stimulus, Transcript
from harness.protocol.transcript_file import read_transcript, written
from harness.resources import schema

LINES = jsonschema.Draft202012Validator(schema("harness/transcript"))

text = st.text(max_size=8)
maybe_text = st.none() | text
scalar = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text
value = st.recursive(scalar, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2))
number = st.none() | st.integers(-9, 9) | st.floats(allow_nan=False)
part = (
    st.builds(Text, text)
    | st.builds(File, maybe_text, maybe_text, maybe_text)
    | st.builds(Call, maybe_text, text, text)
    | st.builds(Answered, maybe_text, text, maybe_text, st.booleans())
)
turn = st.builds(Turn, st.sampled_from(["system", "user", "assistant", "tool"]), st.lists(part, max_size=3).map(tuple))
asked = st.builds(
    ModelRequest,
    maybe_text,
    st.lists(turn, max_size=3).map(tuple),
    st.lists(st.builds(ToolOffer, text, maybe_text, value), max_size=2).map(tuple),
    maybe_text,
    number,
    number,
    number,
    value,
    st.booleans(),
    st.booleans(),
    st.dictionaries(text, value, max_size=2),
)
moment = st.floats(0, 1e6)
header = st.tuples(st.sampled_from(["x-team", "accept"]), text)
exchange = st.builds(
    Exchange,
    text,
    text.map(lambda path: path.replace("?", "")),
    st.lists(header, max_size=2).map(tuple),
    st.binary(max_size=9) | text.map(str.encode),
    moment,
    st.integers(0, 3),
    st.none() | st.integers(0, 3),
    st.none() | st.integers(100, 599),
    st.lists(st.builds(Sent, moment, st.integers(0, 99)), max_size=2).map(tuple),
    st.none() | moment,
    st.sampled_from([None, "client", "server"]),
    st.booleans(),
    st.none() | asked,
    maybe_text,
    st.lists(header, max_size=2).map(tuple),
)


def transcript(exchanges, request=None, chunks=(), **more):
    compactor = Compactor()
    stimulus = Stimulus(request or {}, operation="chat", base_url="http://127.0.0.1:4000/v1")
    return Transcript(tuple(map(compactor.feed, chunks)), stimulus=stimulus, exchanges=exchanges, **more)


def reread(given_transcript):
    lines = list(written(given_transcript))
    for line in lines:
        LINES.validate(json.loads(line.encode(), parse_constant=pytest.fail))
    return read_transcript(lines)


@given(st.none() | st.lists(exchange, max_size=2).map(tuple))
def test_exchanges_read_back_are_the_exchanges(exchanges):
    assert reread(transcript(exchanges)) == transcript(exchanges)


def test_nobody_asked_and_nobody_played_are_two_things():
    assert reread(transcript(())).exchanges == ()
    assert reread(transcript(None)).exchanges is None


def test_what_an_operation_was_given_and_gave_is_read_back():
    whole = Transcript(
        (),
        Ending("aborted", at=12.5),
        Stimulus({}, operation="structuredOutput", input={"a": 1}, approvals={"c": True}, abort=AbortAt(2, 10.5)),
        result={"data": None},
    )
    assert reread(whole) == whole


HEADER = '{"$transcript":1,"dialect":"streamchunk","scope":"adapter","exchanges":true}'
ENDING = '{"ending":"completed"}'


def line(**members):
    return json.dumps({"exchange": {"method": "POST", "target": "/x", "askedAt": 1} | members})


def test_an_exchange_can_be_written_by_hand():
    (found,) = read_transcript([HEADER, line(body="é"), ENDING]).exchanges
    assert found == Exchange("POST", "/x", (), "é".encode(), 1)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ('{"exchange":5}', '"exchange" is an object'),
        (line(method=5), '"method" of an exchange is a text; seen: 5'),
        (line(askedAt="now"), '"askedAt" of an exchange is a number of milliseconds'),
        (line(askedAt=True), '"askedAt" of an exchange is a number of milliseconds'),
        (line(closedAt=None), '"closedAt" of an exchange is a number of milliseconds'),
        (line(headers={"a": "b"}), '"headers" is a list of pairs'),
        (line(headers=[["a", 1]]), '"headers" is a list of pairs'),
        (line(sent=[[1, 2, 3]]), '"sent" is a list of pairs'),
        (line(bodyBase64="é"), '"bodyBase64" is base64'),
        (line(bodyBase64="A"), '"bodyBase64" is base64'),
        (line(status="200"), '"status" of an exchange is a whole number'),
        (line(closedBy="us"), '"closedBy" is one of client, server'),
        (line(asked=[]), '"asked" is an object'),
        (line(asked={"turns": {}}), '"turns" is a list'),
        (line(asked={"turns": [5]}), '"a turn" is an object'),
        (line(asked={"turns": [{"role": "robot"}]}), 'the "role" of a turn is one of system, user, assistant, tool'),
        (line(asked={"turns": [{"role": "user", "parts": [{}]}]}), 'a part has "text", "file", "call" or "answered"'),
        (line(asked={"turns": [{"role": "user", "parts": [{"call": {"name": "f"}}]}]}), '"arguments" is missing'),
        (line(asked={"tools": [{}]}), '"name" is missing'),
        (line(asked={"temperature": "hot"}), '"temperature" is a number'),
        (line(asked={"temperature": True}), '"temperature" is a number'),
        (line(asked={"stream": 1}), '"stream" is true or false'),
        (line(asked={"extra": []}), '"extra" is an object'),
        ('{"exchange":{"method":"POST","method":"GET"}}', 'the key "method" stands twice'),
    ],
)
def test_a_broken_exchange_is_named_with_its_line(broken, message):
    with pytest.raises(InputError, match=f"line 2: .*{message}"):
        read_transcript([HEADER, broken, ENDING])


def test_an_exchange_needs_a_header_that_announces_it():
    with pytest.raises(InputError, match='line 2: an "exchange" needs "exchanges": true in the header'):
        read_transcript([HEADER.replace(',"exchanges":true', ""), line(), ENDING])


KEY = "sk-live-0123456789abcdefghij"
OTHER = "session=0123456789"
BASE = {"id": "resp_1", "model": "gpt-4o", "timestamp": 1_700_000_000_000}
USAGE = dict.fromkeys(("promptTokens", "completionTokens", "totalTokens"), 1)
REQUEST = {
    "model": "openai/gpt-4o",
    "messages": [{"role": "user", "content": "Hi"}],
    "modelOptions": {"apiKey": KEY, "headers": {"Cookie": OTHER}},
}
ASKED = ModelRequest("gpt-4o", (Turn("user", (Text("Hi"),)),), stream=True)
SAYS = [
    {"type": "content", **BASE, "delta": f"The key is {KEY}.", "content": f"The key is {KEY}."},
    {"type": "content", **BASE, "delta": " Bye", "content": f"The key is {KEY}. Bye"},
    {"type": "done", **BASE, "finishReason": "stop", "usage": USAGE},
]


def received(headers, target="/chat/completions", body=b"{}"):
    return Exchange("POST", target, headers, body, 1, asked=ASKED)


def found(given_transcript):
    return [(one.rule.id, one.finding.chunk) for one in judge(given_transcript).violations]


@pytest.mark.parametrize(
    "one",
    [
        received((("authorization", f"Bearer {KEY}"), ("cookie", OTHER))),
        received((("x-api-key", KEY), ("cookie", OTHER)), body=KEY.encode()),
        received((("cookie", OTHER),), f"/models/m:streamGenerateContent?alt=sse&key={KEY}"),
    ],
)
def test_no_key_is_written_and_the_verdict_stays(one):
    whole = transcript((one,), REQUEST, SAYS, ending=Ending("raised", {"message": f"no {KEY}"}), result=[KEY])
    lines = list(written(whole))
    assert KEY not in "".join(lines)
    assert OTHER not in "".join(lines)
    again = read_transcript(lines)
    assert found(again) == found(whole) == [("REQ-21", 0), ("END-5", None)]
    assert list(written(again)) == lines


def test_another_key_than_the_requests_is_still_another_one():
    stranger = received((("authorization", "Bearer sk-another-9876543210"), ("cookie", OTHER)))
    whole = transcript((stranger,), REQUEST | {"modelOptions": {"apiKey": KEY}}, SAYS[2:])
    lines = list(written(whole))
    assert "sk-another" not in "".join(lines)
    assert found(read_transcript(lines)) == found(whole) == [("REQ-19", None)]


def test_a_short_word_is_no_key():
    whole = transcript((received((("authorization", "Bearer none"),)),), REQUEST | {"modelOptions": {"apiKey": "none"}})
    assert reread(whole) == whole
