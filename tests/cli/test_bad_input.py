"""Bad input gives one clear message and the documented status, and keeps no other file from its judgement."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cli import main
from harness.judge import judge
from harness.protocol.json_text import decoded

MB = 1 << 20


def truncated_gzip():
    return gzip.compress(b'{"type":"content"}\n' * 1000)[:-20]


def damaged_gzip():
    packed = bytearray(gzip.compress(os.urandom(1000)))
    packed[100:200] = bytes(100)
    return bytes(packed)


UNREADABLE = {
    "not JSON": (b"hello world\n", "not a chunk log"),
    "an empty file": (b"", "empty"),
    "a blank file": (b"\n\n  \n", "empty"),
    "binary": (bytes(range(256)) * 20, "binary"),
    "a 64 MB line": (b'{"type":"content","delta":"' + b"x" * (65 * MB), "longer than 64 MB"),
    "a second 64 MB line": (b'{"type":"content"}\n{"a":"' + b"x" * (65 * MB), "line 2 is longer than 64 MB"),
    "nesting 100 000 deep": (b"[" * 100_000 + b"]" * 100_000, "nested more than 200 deep"),
    "objects 100 000 deep": (b'{"type":' * 100_000 + b"1" + b"}" * 100_000, "nested more than 200 deep"),
    "a truncated gzip": (truncated_gzip(), "gzip file is cut"),
    "a damaged gzip": (damaged_gzip(), "gzip"),
    "UTF-16": ('{"type":"content"}\n'.encode("utf-16"), "UTF-16"),
    "a broken line": (b'{"type":"content"}\n{"type"\n', "line 2: not JSON"),
    "a cut array": (b'[{"type":"content"}', "not JSON"),
    "a cut transcript": (b'{"$transcript":1,"dialect":"streamchunk","scope":"adapter"}\n', "cut"),
    "chunks that are no list": (b'{"chunks":5}', "not a list"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_log_that_cannot_be_read_is_one_message_and_the_other_is_judged(streamchunk, tmp_path, good, name):
    body, message = UNREADABLE[name]
    path = tmp_path / "broken.log"
    path.write_bytes(body)
    ran = streamchunk("judge", path, good)
    assert ran.status == 2
    (line,) = ran.err.splitlines()
    assert line.startswith(f"{path}: unreadable input: ")
    assert message in line
    assert any(line.startswith(f"{good}: conforms") for line in ran.lines)
    assert ran.lines[-1].startswith("streamchunk: unreadable input (exit 2): 2 files, 1 unreadable, 0 with violations")


@pytest.mark.parametrize("name", UNREADABLE)
def test_the_same_from_standard_input(streamchunk, name):
    body, message = UNREADABLE[name]
    ran = streamchunk("judge", "-", stdin=body)
    assert ran.status == 2
    assert ran.err.startswith("(standard input): unreadable input: ")
    assert message in ran.err


def test_a_missing_file_a_folder_and_a_secret_one_are_named(streamchunk, tmp_path, good, monkeypatch):
    def refused(self, *arguments, **options):
        if self.name == "secret":
            raise PermissionError(13, "Permission denied")
        return opened(self, *arguments, **options)

    opened = Path.open
    monkeypatch.setattr(Path, "open", refused)  # a test may run as root, whom no file refuses
    ran = streamchunk("judge", tmp_path / "nowhere", tmp_path, tmp_path / "secret", "a\0b", good)
    assert ran.status == 2
    assert [line.partition(": unreadable input: ")[2] for line in ran.err.splitlines()] == [
        "there is no such file",
        "this is a folder; name the files in it",
        "this file may not be read: permission denied",
        "this file cannot be read: embedded null byte",
    ]
    assert (
        ran.last == "streamchunk: unreadable input (exit 2): 5 files, 4 unreadable, 0 with violations, 0 MUST, 0 SHOULD"
    )


FINDINGS = {
    "NaN": b'{"type":"done","usage":{"promptTokens":NaN}}\n',
    "Infinity in an array": b'[{"type":"done","usage":{"promptTokens":Infinity}}]',
    "duplicate keys": b'{"type":"content","type":"content"}\n',
    "an unknown type": b'{"type":"surprise"}\n',
    "no object": b'[1, null, "x", [], true]',
    "types that are no text": b'{"type":["content"]}\n{"type":{"a":1}}\n{"type":null}\n{"type":5}\n',
    "a number of 5000 digits": b'{"type":"content","timestamp":' + b"9" * 5000 + b"}\n",
    "a number beyond every float": b'{"type":"done","usage":{"promptTokens":1e999}}\n',
    "nothing but nulls": b'{"type":"content","delta":null,"content":null,"id":null,"toolCall":null,"error":null}\n',
    "no chunk at all": b"[]",
}


@pytest.mark.parametrize("profile", ["spec", "tanstack"])
@pytest.mark.parametrize("scope", ["adapter", "chat"])
@pytest.mark.parametrize("name", FINDINGS)
def test_what_json_can_say_but_no_chunk_may_is_a_finding(streamchunk, tmp_path, name, profile, scope):
    path = tmp_path / "log"
    path.write_bytes(FINDINGS[name])
    ran = streamchunk("judge", "--profile", profile, "--scope", scope, path)
    assert ran.status == 1
    assert ran.err == ""
    assert ran.last.startswith("streamchunk: violations (exit 1): 1 file, 1 with violations, ")


@pytest.mark.parametrize("name", ["not JSON", "an empty file", "binary", "a truncated gzip", "nesting 100 000 deep"])
@pytest.mark.parametrize("options", [[], ["--as", "chunks"], ["--as", "reading"]])
def test_a_body_that_no_provider_sent_is_one_message(streamchunk, tmp_path, name, options):
    path = tmp_path / "body"
    path.write_bytes(UNREADABLE[name][0])
    ran = streamchunk("decode", *options, path)
    assert (ran.status, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert line.startswith(f"streamchunk: unreadable input (exit 2): {path}: ")


@pytest.mark.parametrize(
    "name", ["an empty file", "binary", "a truncated gzip", "nesting 100 000 deep", "a 64 MB line"]
)
def test_naming_the_wire_does_not_make_it_one(streamchunk, tmp_path, name):
    path = tmp_path / "body"
    path.write_bytes(UNREADABLE[name][0])
    ran = streamchunk("decode", "--wire", "openai-chat", path)
    assert (ran.status, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1


def test_decode_of_a_missing_file_and_of_a_folder(streamchunk, tmp_path):
    assert "there is no such file" in streamchunk("decode", tmp_path / "nowhere").err
    assert "this is a folder" in streamchunk("decode", tmp_path).err


@pytest.mark.parametrize("source", ["nowhere", "broken"])
def test_a_source_that_cannot_be_read_is_named(streamchunk, tmp_path, good, source):
    (tmp_path / "broken").write_bytes(b"what is this\n")
    ran = streamchunk("judge", "--source", tmp_path / source, good)
    assert ran.status == 2
    assert str(tmp_path / source) in ran.err


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["content", "thinking", "tool_call", "tool_result", "done", "error", "stop", "function", "r"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    *("id", "model", "timestamp", "delta", "content", "role", "index", "toolCall", "toolCallId", "toolName", "input"),
    *("approval", "finishReason", "usage", "error", "$contentLength", "$mismatch", "$restarted", "$appended"),
]
CHUNK = st.one_of(
    JSON,
    st.builds(
        lambda kind, rest: rest | {"type": kind},
        st.sampled_from(
            [
                "content",
                "thinking",
                "tool_call",
                "tool_result",
                "done",
                "error",
                "approval-requested",
                "tool-input-available",
            ]
        ),
        st.dictionaries(
            st.sampled_from(KEYS),
            JSON
            | st.builds(
                lambda name, arguments: {
                    "id": "c",
                    "type": "function",
                    "function": {"name": name, "arguments": arguments},
                },
                JSON,
                JSON,
            ),
            max_size=8,
        ),
    ),
)


@given(st.lists(CHUNK, max_size=6), st.sampled_from(["spec", "tanstack"]), st.none() | st.lists(JSON, max_size=3))
def test_arbitrary_json_is_judged_and_nothing_is_raised(chunks, profile, source):
    events = None if source is None else [event for event in source if isinstance(event, dict)]
    judge(chunks, profile=profile, source=events)


@given(st.binary(max_size=40))
def test_arbitrary_text_is_read_or_refused(body):
    try:
        decoded(body.decode("utf-8", "replace"))
    except ValueError:
        return


def test_a_reader_that_goes_away_needs_no_message(tmp_path):
    body = tmp_path / "body.sse"
    body.write_text('data: {"id":"c","choices":[{"index":0,"delta":{"content":"word "}}]}\n\n' * 20_000)
    command = [sys.executable, "-m", "harness", "decode", body]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


def test_a_bug_of_ours_is_one_line_that_asks_to_report_it(streamchunk, good, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("surprise")

    monkeypatch.setattr("harness.cli.judging.judge", broken)
    ran = streamchunk("judge", good)
    assert (ran.status, ran.out) == (3, "")
    assert ran.err == (
        "streamchunk: harness failure (exit 3): a bug of ours, please report it: ZeroDivisionError: surprise "
        "(STREAMCHUNK_DEBUG=1 shows where)\n"
    )
    monkeypatch.setenv("STREAMCHUNK_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["judge", str(good)])


def test_an_interrupted_run_is_quiet(streamchunk, good, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.cli.judging.judge", interrupted)
    ran = streamchunk("judge", good)
    assert (ran.status, ran.out, ran.err.strip()) == (130, "", "")
