"""`streamchunk cassette drift`: what a newer recording changed, and for whom."""

import gzip
import json
import sys
from itertools import count

import pytest

from tapes_by_hand import SSE, interaction, written

ASKED = {"model": "test-model", "stream": True, "messages": [{"role": "user", "content": "Hello."}]}
USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
ADAPTERS = """
class Transforms:
    name = "transforms"
    async def transform(self, events, request):
        chunk, said = {"id": "r", "model": "m", "timestamp": 1}, ""
        async for event in events:
            if event["type"] == "text-delta" and event["delta"]:
                said += event["delta"]
                yield chunk | {"type": "content", "delta": event["delta"], "content": said}
        yield chunk | {"type": "done", "finishReason": "stop"}

class Converts:
    def convert_tools(self, tools):
        return []

class Silent:
    def chat_stream(self, request, source, signal):
        return []
"""


def said(*deltas, finish="stop", usage=USAGE, id_="c-1", **more):
    """A Chat Completions stream, as a provider writes it."""
    base = {"id": id_, "object": "chat.completion.chunk", "created": 1, "model": "m"} | more
    choices = [[{"index": 0, "delta": delta, "finish_reason": None}] for delta in deltas]
    events = [base | {"choices": one} for one in choices]
    events += [base | {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}] if finish else []
    events += [base | {"choices": [], "usage": usage}] if usage else []
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events) + ("data: [DONE]\n\n" if finish else "")


def texts(*words, **more):
    return said({"role": "assistant", "content": ""}, *({"content": word} for word in words), **more)


def call(name):
    function = {"name": name, "arguments": "{}"}
    return {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]}


@pytest.fixture
def drift(streamchunk, tmp_path, monkeypatch):
    """The command on two cassettes of one answer each: its status, and its lines but the last."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "drift_adapters.py").write_text(ADAPTERS)

    turns = count()

    def drift(old, new, *arguments):
        turn = tmp_path / str(next(turns))  # a folder of its own, so that each can be looked at
        for name, one in (("old", old), ("new", new)):
            several = one if isinstance(one, list) else [one]
            answers = [answer if isinstance(answer, dict) else interaction(ASKED, answer) for answer in several]
            written(turn / f"{name}.yaml", *answers, wire="openai-chat")
        ran = streamchunk("cassette", "drift", turn / "old.yaml", turn / "new.yaml", *arguments)
        return ran.status, ran.lines

    yield drift
    sys.modules.pop("drift_adapters", None)


def changes(lines):
    return [line.strip() for line in lines if line.startswith("    ")]


def test_ids_times_texts_and_cuts_change_nothing(drift):
    status, lines = drift(texts("Hello", " there"), texts("Good", " ", "mor", "ning", id_="c-2", created=2))
    assert status == 0
    assert lines[0].endswith("new.yaml: nothing changed")
    assert lines[-1] == (
        "streamchunk: nothing changed (exit 0): 1 cassettes, 0 with another shape of the wire, 0 with another output; "
        "reference"
    )


def test_a_shape_that_changes_no_output_is_said_and_exits_0_but_with_strict(drift):
    new = texts("Hi", system_fingerprint="fp_1")
    status, lines = drift(texts("Hi"), new)
    assert status == 0
    assert lines[0].endswith("new.yaml: the wire's shape changed")
    assert changes(lines) == ['added    chat.completion.chunk: system_fingerprint: string, such as "fp_1"']
    assert lines[-1].startswith(
        "streamchunk: only the wire's shape changed (exit 0): 1 cassettes, 1 with another shape"
    )
    status, lines = drift(texts("Hi"), new, "--strict")
    assert (status, lines[-1].partition(": 1 ")[0]) == (1, "streamchunk: drift (exit 1)")


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (texts("Hi", finish="length"), "changed  done: finishReason, its words: stop → length"),
        (texts("Hi", usage=None), "changed  usage: counted → zeros"),
        (said(call("ask"), finish="tool_calls"), "added    tools called: ask"),
        (
            said({"reasoning_content": "Hm."}, {"content": "Hi"}),
            "changed  order of chunks: content, done → thinking, content, done",
        ),
        (said({"content": "Hi"}, finish=None, usage=None), "changed  order of chunks: content, done → content, error"),
        ('data: {"error": {"message": "No."}}\n\n', "changed  order of chunks: content, done → error"),
    ],
)
def test_what_changes_the_output_is_told_and_exits_1(drift, new, expected):
    status, lines = drift(texts("Hi"), new)
    assert status == 1
    assert any(line.endswith("new.yaml: the output changed") for line in lines)
    assert expected in changes(lines)
    assert lines[-1].endswith("1 with another output; reference")


def test_another_tool_is_another_output(drift):
    status, lines = drift(said(call("ask"), finish="tool_calls"), said(call("tell"), finish="tool_calls"))
    assert (status, changes(lines)) == (1, ["changed  tools called: ask → tell"])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"headers": {"Content-Type": ["text/event-stream; charset=utf-8"]}},
            "changed  content-type: text/event-stream → ",
        ),
        ({"headers": {}}, "removed  content-type: text/event-stream"),
        ({"status": 203}, "changed  status: 200 → 203"),
        ({"ending": "fin"}, "changed  ending: end → fin"),
    ],
)
def test_what_surrounds_the_body_is_compared_too(drift, changed, expected):
    _, lines = drift(interaction(ASKED, texts("Hi")), interaction(ASKED, texts("Hi"), **changed))
    assert any(line.startswith(expected) for line in changes(lines))


def test_the_framing_is_compared_where_both_were_recorded(drift):
    body = texts("Hi")
    pieces = [[len(body), 0]]
    by_length = interaction(ASKED, body, pieces=pieces, framing="length")
    assert changes(drift(interaction(ASKED, body), by_length)[1]) == []
    assert changes(drift(interaction(ASKED, body, pieces=pieces), by_length)[1]) == [
        "changed  framing: chunked → length"
    ]


def test_a_compressed_body_is_compared_unpacked(drift):
    packed = interaction(ASKED, gzip.compress(texts("Hi").encode()), headers=SSE | {"content-encoding": ["gzip"]})
    status, lines = drift(interaction(ASKED, texts("Hi")), packed)
    assert (status, changes(lines)) == (0, ["added    content-encoding: gzip"])


def test_each_answer_of_a_cassette_is_compared_with_its_own(drift):
    status, lines = drift([texts("a"), texts("b")], [texts("a"), texts("b", finish="length"), texts("c")])
    assert status == 1
    assert changes(lines) == [
        "changed  answer 2: chat.completion.chunk: choices[].finish_reason, its words: stop → length",
        "added    answer 3: the whole answer",
        "changed  answer 2: done: finishReason, its words: stop → length",
    ]


def test_folders_are_compared_name_by_name(streamchunk, tmp_path):
    for place, finish in (("old", "stop"), ("new", "length")):
        written(tmp_path / place / "a.yaml", interaction(ASKED, texts("Hi")), wire="openai-chat")
        written(
            tmp_path / place / "deep" / "b.yaml", interaction(ASKED, texts("Hi", finish=finish)), wire="openai-chat"
        )
    written(tmp_path / "old" / "c.yaml", interaction(ASKED, texts("Hi")), wire="openai-chat")
    written(tmp_path / "new" / "d.yml", interaction(ASKED, texts("Hi")), wire="openai-chat")
    ran = streamchunk("cassette", "drift", tmp_path / "old", tmp_path / "new")
    assert ran.status == 1
    assert [line for line in ran.lines if not line.startswith((" ", "streamchunk"))] == [
        "a: nothing changed",
        "c: the output changed",
        "d: the wire's shape changed",
        "deep/b: the wire's shape changed",
        "deep/b: the output changed",
    ]
    assert changes(ran.lines)[:2] == ["removed  the whole cassette", "added    the whole cassette"]


def test_the_same_as_json(drift, streamchunk, tmp_path):
    drift(texts("Hi"), texts("Hi", finish="length"))
    ran = streamchunk("cassette", "drift", tmp_path / "0" / "old.yaml", tmp_path / "0" / "new.yaml", "--format", "json")
    assert ran.status == ran.json["exit"] == 1
    assert (ran.json["target"], ran.json["strict"]) == ("reference", False)
    [one] = ran.json["cassettes"]
    assert one["error"] is None
    where = "chat.completion.chunk: choices[].finish_reason, its words"
    assert one["wire"] == [{"what": "changed", "where": where, "old": "stop", "new": "length", "example": None}]
    assert [change["where"] for change in one["output"]] == ["done: finishReason, its words"]
    assert ran.last.startswith("streamchunk: drift (exit 1): ")


def test_bundled_cassettes_have_names(streamchunk):
    ran = streamchunk("cassette", "drift", "openai/chat-tool", "openai/chat-tool")
    assert (ran.status, ran.lines[0]) == (0, "openai/chat-tool: nothing changed")


def test_an_implementation_that_asks_nobody_is_given_the_events(drift):
    target = ("--target", "python:drift_adapters:Transforms")
    status, lines = drift(texts("Hi"), said({"reasoning_content": "Hm."}, {"content": "Hi"}), *target)
    assert status == 1  # the thought that it loses breaks a rule
    assert any(line.startswith(("added    broken rules: ", "changed  broken rules: ")) for line in changes(lines))
    assert drift(texts("Hi"), texts("Ho", "ho"), *target)[0] == 0


def test_a_target_that_offers_neither_exits_4(drift):
    status, lines = drift(texts("Hi"), texts("Hi"), "--target", "python:drift_adapters:Converts")
    assert status == 4
    assert "does not offer chat" in lines[0]


def test_a_target_that_gives_no_transcript_exits_3(drift):
    status, lines = drift(texts("Hi"), texts("Hi"), "--target", "python:drift_adapters:Silent")
    assert status == 3
    assert "not compared: chat_stream gave a list" in lines[0]


def test_a_target_that_is_not_there_is_a_usage_error(streamchunk):
    ran = streamchunk("cassette", "drift", "openai/chat-tool", "openai/chat-tool", "--target", "python:nowhere:At")
    assert ran.status == 2
    assert ran.last.startswith("streamchunk: usage (exit 2): ")


def test_one_cassette_that_cannot_be_read_keeps_no_other_from_its_comparison(streamchunk, tmp_path):
    for place in ("old", "new"):
        for name in "ab":
            written(tmp_path / place / f"{name}.yaml", interaction(ASKED, texts("Hi")), wire="openai-chat")
    (tmp_path / "new" / "a.yaml").write_text("version: 1\ninteractions: [")
    ran = streamchunk("cassette", "drift", tmp_path / "old", tmp_path / "new")
    assert ran.status == 2
    assert ran.lines[0].startswith(f"a: unreadable input: {tmp_path}/new/a.yaml: is not YAML")
    assert ran.lines[1] == "b: nothing changed"
    assert ran.last.endswith("; reference, 1 not compared")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"said": b"\x1f\x8b\x08 damaged", "headers": {"content-encoding": ["gzip"]}},
            "new.yaml: the body is not gzip",
        ),
        ({"wire": "unheard-of"}, "there is no wire 'unheard-of'"),
        ({"wire": "watsonx"}, "out of scope"),
    ],
)
def test_an_answer_that_nobody_can_decode_is_told(drift, more, message):
    status, lines = drift(texts("Hi"), interaction(ASKED, **{"said": texts("Hi")} | more))
    assert status == 2
    assert any(message in line for line in lines)


def test_an_answer_of_no_known_wire_is_told(streamchunk, tmp_path):
    path = written(tmp_path / "one.yaml", interaction(ASKED, texts("Hi"), uri="https://h/unheard-of"))
    ran = streamchunk("cassette", "drift", path, path)
    assert ran.status == 2
    assert "which wire" in ran.lines[0]


def test_a_file_may_be_called_as_it_likes(streamchunk, tmp_path):
    path = written(tmp_path / "one.json", interaction(ASKED, texts("Hi")), wire="openai-chat")
    ran = streamchunk("cassette", "drift", path, path)
    assert (ran.status, ran.lines[0]) == (0, f"{path}: nothing changed")


def test_no_key_of_a_recording_is_shown(drift):
    key = "sk-0123456789abcdefghijklmnop"
    for form in ((), ("--format", "json")):
        _, lines = drift(texts("Hi"), texts("Hi", echoed=f"Bearer {key}"), *form)
        assert "echoed" in "".join(lines)
        assert key not in "".join(lines)


def test_names_of_nothing_and_unequal_ones_are_refused(streamchunk, tmp_path):
    one = written(tmp_path / "one" / "a.yaml", interaction(ASKED, texts("Hi")))
    other = written(tmp_path / "other" / "b.yaml", interaction(ASKED, texts("Hi")))
    (tmp_path / "empty").mkdir()
    for old, new, message in (
        (tmp_path / "nowhere", one, "neither a file nor"),
        (one.parent, other, "one is a folder"),
        (one.parent, other.parent, "no cassette of one has the name of one in the other"),
        (one.parent, tmp_path / "empty", "there is no cassette in this folder"),
    ):
        ran = streamchunk("cassette", "drift", old, new)
        assert (ran.status, ran.out) == (2, "")
        assert message in ran.err
