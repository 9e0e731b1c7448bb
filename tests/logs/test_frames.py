"""In scope wire the bytes of the frame are judged too."""

import pytest

from harness.errors import InputError
from harness.logs import read_log

CHUNK = 'data: {"type":"content"}\n\n'
DONE = 'data: {"type":"done"}\n\n'
END = "data: [DONE]\n\n"


def framing(text, scope="wire"):
    body = text if isinstance(text, bytes) else text.encode()
    return read_log([body], scope=scope)


def faults(text):
    return [(fault.line, fault.seen) for fault in framing(text).framing.faults]


@pytest.mark.parametrize(
    "text",
    [
        CHUNK + DONE + END,
        CHUNK.replace("\n", "\r\n") + DONE.replace("\n", "\r\n") + END.replace("\n", "\r\n"),
        ": heartbeat\n\n" + CHUNK + ":\n\n" + DONE + END,
        "retry: 100\nid: 5\nevent: message\n" + CHUNK + DONE + END,
        CHUNK + "\n\n" + DONE + END,
        "\ufeff" + CHUNK + DONE + END + ": bye\n\n",
        CHUNK + 'data: {"type":"error"}\n\n',
        CHUNK,
    ],
)
def test_a_sound_sse_frame_has_no_fault(text):
    transcript = framing(text)
    assert transcript.framing.kind == "sse"
    assert transcript.framing.faults == ()
    assert len(transcript.records) == text.count('{"type"')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CHUNK + DONE, [(4, "the end of the stream")]),
        (CHUNK + DONE + END + CHUNK, [(7, 'data: {"type":"content"}')]),
        (DONE + END + END, [(5, "data: [DONE]")]),
        (CHUNK + 'data: {"type":\n\n' + DONE + END, [(3, '{"type":')]),
        (CHUNK + "data: hello\n\n" + DONE + END, [(3, "hello")]),
        ('data:{"type":"content"}\n\n' + DONE + END, [(1, 'data:{"type":"content"}')]),
        ('{"type":"content"}\n', None),
        (CHUNK + '{"type":"content"}\n\n' + DONE + END, [(3, '{"type":"content"}')]),
        ("event: chunk\n" + CHUNK + DONE + END, [(1, "event: chunk")]),
        (CHUNK.rstrip() + "\n" + DONE + END, [(2, 'data: {"type":"done"}')]),
        (CHUNK + DONE.rstrip(), [(3, "the end of the stream")]),
        (CHUNK + DONE + END.rstrip(), [(5, "the end of the stream")]),
        (CHUNK + 'data: {"type":"do', [(3, "the end of the stream")]),
        (CHUNK.replace("\n", "\r") + DONE.replace("\n", "\r") + END.replace("\n", "\r") + "\n", [(1, None)]),
        (CHUNK.encode() + b"data: \xff\n\n" + (DONE + END).encode(), [(3, "data: \\xff"), (3, "\ufffd")]),
        ('data: {"type":\ndata: "content"}\n\n' + DONE + END, [(2, 'data: "content"}')]),
    ],
)
def test_each_fault_of_an_sse_frame_is_named_with_its_line(text, expected):
    if expected is None:
        assert framing(text).framing.kind == "ndjson"
        return
    found = faults(text)
    assert [line for line, _ in found] == [line for line, _ in expected]
    assert all(seen is None or seen == wanted for (_, seen), (_, wanted) in zip(found, expected, strict=True) if wanted)


def test_what_a_line_based_client_reads_is_judged_in_spite_of_the_faults():
    assert [record.chunk for record in framing(CHUNK.rstrip() + "\n" + DONE.rstrip()).records] == [
        {"type": "content"},
        {"type": "done"},
    ]


def test_nothing_behind_the_end_mark_is_a_chunk():
    assert len(framing(DONE + END + CHUNK).records) == 1


def test_a_chunk_over_two_data_lines_is_one_chunk_and_one_fault():
    (record,) = framing('data: {"type":\ndata: "content"}\n\n').records
    assert record.chunk == {"type": "content"}


def test_a_hundred_faults_are_named_and_the_rest_are_counted():
    found = framing("data: x\n\n" * 150).framing.faults
    assert len(found) == 100
    assert found[-1].seen == "x … and 50 faults more"


def test_a_fault_shows_no_more_than_200_characters():
    assert len(faults("data: " + "x" * 5000 + "\n\n")[0][1]) == 200


@pytest.mark.parametrize(
    "text", ['{"type":"content"}\n{"type":"done"}\n', '{"type":"content"}\r\n\r\n{"type":"done"}', '{"type":"done"}']
)
def test_a_sound_ndjson_frame_has_no_fault(text):
    transcript = framing(text)
    assert (transcript.framing.kind, transcript.framing.faults) == ("ndjson", ())
    assert transcript.records[-1].chunk == {"type": "done"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"type":"content"}\n[DONE]\n', [(2, "[DONE]")]),
        ('{"type":"content"}{"type":"done"}\n', [(1, '{"type":"content"}{"type":"done"}')]),
        ('{"type":"content"}\n{"type":"do', [(2, '{"type":"do')]),
        ("<html>\n</html>\n", [(1, "<html>"), (2, "</html>")]),
    ],
)
def test_each_fault_of_an_ndjson_frame_is_named_with_its_line(text, expected):
    assert faults(text) == expected


@pytest.mark.parametrize("text", ["[]", '{"chunks":[]}'])
def test_what_is_no_stream_has_no_frame_to_judge(text):
    with pytest.raises(InputError, match="scope wire judges the bytes of a stream"):
        framing(text)


def test_an_empty_event_is_a_fault_of_the_frame_and_else_nothing():
    assert faults("data: \n\n" + DONE + END) == [(1, "")]
    assert len(framing("data:\n\n" + DONE, "adapter").records) == 1


@pytest.mark.parametrize("scope", ["adapter", "chat"])
def test_in_the_other_scopes_only_what_loses_a_chunk_matters(scope):
    text = "event: chunk\ndata:" + CHUNK.removeprefix("data: ") + DONE.rstrip()
    transcript = framing(text, scope)
    assert [record.chunk["type"] for record in transcript.records] == ["content", "done"]
    assert transcript.framing is None
    with pytest.raises(InputError, match="line 3: not JSON"):
        framing(CHUNK + "data: {\n\n", scope)
