"""A chunk log in any of its formats becomes the same transcript."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.logs import LogReader, json_logs, read_log, read_logs
from harness.protocol.transcript import Ending


def read(*pieces, scope=None):
    return read_log(pieces, scope=scope)


def chunks_of(transcript):
    return [record.chunk for record in transcript.records]


def test_every_format_gives_the_same_chunks(log, compact):
    transcript = read(log)
    assert chunks_of(transcript) == compact
    assert [record.number for record in transcript.records] == [0, 1, 2]
    assert (transcript.ending.kind, transcript.ending.error) == ("completed", None)
    assert transcript.framing is None


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_a_cut_anywhere_gives_the_same_transcript(log, size):
    assert read(*(log[start : start + size] for start in range(0, len(log), size))) == read(log)


def test_a_log_that_begins_with_blank_lines_is_read(log, compact):
    assert chunks_of(read(b"\n", b" \r\n", log.removeprefix(b"\xef\xbb\xbf"))) == compact


def test_a_transcript_says_its_scope_itself_unless_it_is_told():
    header = b'{"$transcript":1,"dialect":"streamchunk","scope":"chat"}\n{"ending":"completed"}\n'
    assert read(header).scope == "chat"
    assert read(header, scope="adapter").scope == "adapter"


@pytest.mark.parametrize("scope", ["adapter", "chat"])
def test_the_scope_that_is_asked_for_is_the_transcripts(scope):
    assert read(b"[]", scope=scope).scope == scope
    assert read(b"[]").scope == "adapter"


def test_several_transcripts_in_one_file_are_several_streams():
    one = (
        '{"$transcript":1,"dialect":"streamchunk","scope":"adapter"}\n{"chunk":{"type":"x"}}\n{"ending":"completed"}\n'
    )
    found = read_logs([(one + one).encode()])
    assert [len(transcript.records) for transcript in found] == [1, 1]
    assert [transcript.records[0].number for transcript in found] == [0, 0]
    with pytest.raises(InputError, match="2 are in it"):
        read(one.encode() * 2)


def test_log_objects_one_per_line_are_several_streams():
    found = read_logs([b'{"chunks":[1]}\n\n{"chunks":[2],"thrown":"x"}\n'])
    assert [chunks_of(transcript) for transcript in found] == [[1], [2]]
    assert found[1].ending == Ending("raised", {"message": "x"})


def test_a_recordings_times_are_counted_from_its_beginning(chunks):
    entries = [
        {"chunk": chunk, "timestamp": time, "index": 0} for chunk, time in zip(chunks, [7, 9, None], strict=True)
    ]
    transcript = read(json.dumps({"version": "1.0", "timestamp": 5, "chunks": entries}).encode())
    assert [record.at for record in transcript.records] == [2, 4, None]


def test_a_text_that_stands_for_undefined_is_absent():
    log = {"chunks": [{"type": "error", "error": {"message": "m", "code": "__undefined__"}, "list": ["__undefined__"]}]}
    assert chunks_of(read(json.dumps(log).encode())) == [{"type": "error", "error": {"message": "m"}, "list": [None]}]


@pytest.mark.parametrize(
    ("members", "ending"),
    [
        ({}, Ending()),
        ({"thrown": None, "abortedAt": None}, Ending()),
        ({"thrown": "__undefined__", "abortedAt": "__undefined__"}, Ending()),
        ({"thrown": {"name": "E", "message": "m"}}, Ending("raised", {"name": "E", "message": "m"})),
        ({"thrown": "boom"}, Ending("raised", {"message": "boom"})),
        ({"thrown": 5}, Ending("raised", {"message": "5"})),
        ({"abortedAt": 0}, Ending("aborted", None, 0)),
        ({"abortedAt": 2, "thrown": {"name": "AbortError"}}, Ending("aborted", {"name": "AbortError"}, 2)),
    ],
)
def test_a_log_object_says_how_the_stream_ended(members, ending):
    assert read(json.dumps({"chunks": []} | members).encode()).ending == ending


FAULTY = '{"type":"done","type":"done","usage":{"promptTokens":NaN}}'
FAULTS = ('the key "type" stands twice in one object', "NaN is not a JSON number")


@pytest.mark.parametrize(
    "log",
    [
        f"{{}}\n{FAULTY}\n",
        f"[{{}},{FAULTY}]",
        f"[{{}}\n,\n{FAULTY}\n]",
        f"data: {{}}\n\ndata: {FAULTY}\n\n",
        f'{{"chunks":[{{}},{FAULTY}]}}',
        f'{{\n"chunks":[{{}},\n{FAULTY}]}}',
        f'{{"version":"1.0","chunks":[{{"chunk":{{}}}},{{"chunk":{FAULTY}}}]}}',
    ],
)
def test_what_a_parser_swallows_is_noted_at_its_chunk_in_every_format(log):
    first, second = read(log.encode()).records
    assert first.faults == ()
    assert sorted(second.faults) == sorted(FAULTS)


def test_a_lone_surrogate_is_no_fault():
    (record,) = read(b'{"type":"content","delta":"\\ud83d","content":"\\ud83d"}\n').records
    assert record == (0, {"type": "content", "delta": "\ud83d", "$contentLength": 1}, (), None)


def test_a_long_array_is_read_element_by_element_with_the_same_result(monkeypatch, compact, chunks):
    monkeypatch.setattr(json_logs, "_SHORT_ARRAY", 20)
    log = json.dumps(chunks, ensure_ascii=False).encode()
    for size in (1, 19, 64, len(log)):
        assert chunks_of(read(*(log[start : start + size] for start in range(0, len(log), size)))) == compact
    assert read(f"[{{}}      ,{FAULTY}]".encode()).records[1].faults


@pytest.mark.parametrize("tail", [b"", b",", b',{"a', b',{"a":1}', b',"]'])
@pytest.mark.parametrize("short", [4, 1 << 20])
def test_an_array_that_is_cut_is_refused(monkeypatch, tail, short):
    monkeypatch.setattr(json_logs, "_SHORT_ARRAY", short)
    with pytest.raises(InputError, match=r"cut behind element|not JSON"):
        read(b'[{"type":"content"}' + tail)


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (b"", "empty: there is no chunk"),
        (b" \n\r\n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"hello\n", "not a chunk log: its first line is no server-sent event and not JSON"),
        (b"\x00\x01\x02\xff\xfe\xfd", "it is binary"),
        (b"\xff\xfe{\x00}\x00", "begins as UTF-16 does"),
        (b'{"type":"con\n', "not a chunk log"),
        (b'{"type":"content"}\n{"type":\n', "line 2: not JSON"),
        (b'{"type":"content"}\n\n\xff\n', "line 3: not UTF-8"),
        (b'data: {"type":\n\n', "line 1: not JSON"),
        (b"data: {}\n\ndata: \xff\n\n", "line 3: not UTF-8"),
        (b'data: {}\n\ndata: {"typ', "line 3: not JSON"),
        (b"[{},\n{]", "not JSON"),
        (b"[{}] x", "not JSON"),
        (b'[{"a":"\xff"}]', "not UTF-8"),
        (b'{\n"chunks": [}', r"not JSON: Expecting value \(line 2 column 12\)"),
        (b'{\n"chunks": 5}', '"chunks" is not a list'),
        (b'{"chunks":null}', '"chunks" is not a list'),
        (b'{\n"a":"\xff"}', "byte 7: not UTF-8"),
        (b'{"version":"2.0","chunks":[]}', "a recording of version '2.0'"),
        (b'{"version":"1.0","chunks":[{"type":"content"}]}', r'chunks\[0\] of the recording has no "chunk"'),
        (b'{"chunks":[]}\n5\n', 'line 2: this has no "chunks"'),
        (b'{"$transcript":1,"dialect":"x","scope":"chat"}\n', "line 2: the transcript is cut"),
        (b"[" * 100_000, "nested more than 200 deep"),
        (b'{"a":' * 100_000, "nested more than 200 deep"),
        (b"{}\n" + b"[" * 100_000 + b"\n", "line 2: nested more than 200 deep"),
    ],
)
def test_a_log_that_cannot_be_read_is_refused_with_its_place(log, message):
    with pytest.raises(InputError, match=message):
        read(log)
    with pytest.raises(InputError):
        read(*(bytes([byte]) for byte in log[:5000]))


@pytest.mark.parametrize("log", [b"[]", b'{"chunks":[]}', b'{\n"chunks":[]}'])
def test_a_log_without_chunks_is_a_transcript_without_records(log):
    assert read(log).records == ()


def test_one_chunk_over_many_lines_is_a_log_of_one_chunk(chunks, compact):
    assert chunks_of(read(json.dumps(chunks[0], indent=2).encode())) == compact[:1]


def fed_64_mb(reader, piece):
    for _ in range(1 + (64 << 20) // len(piece)):
        reader.feed(piece)


def test_a_first_line_of_more_than_64_mb_is_refused_before_it_is_held():
    reader = LogReader()
    with pytest.raises(InputError, match="its first line is longer than 64 MB"):
        fed_64_mb(reader, b'{"a":"' + b"x" * (1 << 20))


def test_a_later_line_of_more_than_64_mb_is_refused_with_its_number():
    reader = LogReader()
    reader.feed(b"{}\n")
    with pytest.raises(InputError, match="line 2 is longer than 64 MB"):
        fed_64_mb(reader, b'{"a":"' + b"x" * (1 << 20))


def test_an_object_of_more_than_64_mb_over_many_lines_is_refused():
    reader = LogReader()
    reader.feed(b'{\n"chunks":[\n')
    with pytest.raises(InputError, match="longer than 64 MB"):
        fed_64_mb(reader, b" " * (1 << 20))


WORDS = [
    *(word.encode() for word in ["{", "}", "[", "]", '"', ":", ",", "null", "{}", "[DONE]", "NaN", "\\", "1e9"]),
    *(b"\n", b"\r", b"\n\n", b"data: ", b"event: x", b" ", b"\x00", b"\xff", b"\xef\xbb\xbf"),
    *(b'{"type":"content","delta":"a","content":"a"}', b'{"chunks":[', b'"version":"1.0"'),
    *(b'{"$transcript":1,"dialect":"x","scope":"wire"}', b'{"ending":"completed"}'),
]
body = st.one_of(st.binary(max_size=60), st.lists(st.sampled_from(WORDS), max_size=14).map(b"".join))


@given(body, st.sampled_from([None, "adapter", "chat", "wire"]), st.integers(1, 20))
def test_arbitrary_bytes_give_transcripts_or_an_input_error_however_they_are_cut(body, scope, size):
    def outcome(*pieces):
        try:
            return read_logs(pieces, scope=scope)
        except InputError:
            return InputError

    whole = outcome(body)
    pieces = outcome(*(body[start : start + size] for start in range(0, len(body), size)))
    assert repr(pieces) == repr(whole)  # as text, since NaN equals nothing


def test_a_log_object_says_when_it_was_aborted_how_long_it_took_and_whom_it_asked():
    log = {"chunks": [], "abortedAt": 2, "ms": 152, "requests": [{"url": "/v1/messages"}, {}, "x"]}
    made = read_log([json.dumps(log).encode()])
    assert (made.ending.kind, made.ending.place, made.ending.duration) == ("aborted", 2, 152)
    assert made.stimulus.asked == ("/v1/messages",)


@pytest.mark.parametrize("aborted", [True, -1, 1.5, "2"])
def test_an_abort_at_no_number_is_an_abort_at_no_known_place(aborted):
    made = read_log([json.dumps({"chunks": [], "abortedAt": aborted}).encode()])
    assert (made.ending.kind, made.ending.place) == ("aborted", None)
