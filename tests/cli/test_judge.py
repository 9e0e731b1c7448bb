"""``streamchunk judge``: what a person and a machine are told of a log."""

import gzip
import json
import re
import subprocess
import sys

import pytest

TIMESTAMP = 1767225600000


def chunk(kind, **members):
    return {"type": kind, "id": "chatcmpl-1", "model": "m", "timestamp": TIMESTAMP} | members


def done(**usage):
    counted = {"promptTokens": 3, "completionTokens": 2, "totalTokens": 5} | usage
    return chunk("done", finishReason="stop", usage=counted)


def chat(*contents):
    """A recorded Chat Completions body that says these texts."""
    parts = [
        *(
            {"id": "chatcmpl-1", "model": "m", "choices": [{"index": 0, "delta": {"content": text}}]}
            for text in contents
        ),
        {"id": "chatcmpl-1", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {
            "id": "chatcmpl-1",
            "choices": [],
            "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
        },
    ]
    return "".join(f"data: {json.dumps(part)}\n\n" for part in parts) + "data: [DONE]\n\n"


def write(path, *chunks):
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text("".join(json.dumps(chunk) + "\n" for chunk in chunks))
    return path


def test_a_sound_log_conforms(streamchunk, good):
    ran = streamchunk("judge", good)
    assert (ran.status, ran.err) == (0, "")
    assert re.fullmatch(
        rf"{re.escape(str(good))}: conforms: 0 MUST, 0 SHOULD; \d+ rules exercised, \d+ not "
        r"\(\d+ of them need --source\)",
        ran.lines[0],
    )
    assert ran.last == "streamchunk: conforms (exit 0): 1 file, 0 with violations, 0 MUST, 0 SHOULD"


def test_a_finding_says_where_what_why_and_how_to_mend_it(streamchunk, tmp_path):
    log = write(tmp_path / "log.ndjson", chunk("content", delta="b", content="xb"), done())
    ran = streamchunk("judge", log)
    assert ran.status == 1
    head, requirement, expected, seen, why, mend, summary, last = ran.lines
    assert re.match(rf"{re.escape(str(log))}: chunk 0.*: MUST TEXT-1 \(.*§5.*\)$", head)
    assert requirement.startswith("    ")
    for line, word in zip((expected, seen, why, mend), ("expected", "seen", "why", "mend"), strict=True):
        assert line.startswith(f"    {word:<10}")
        assert len(line) > 16
    assert summary.startswith(f"{log}: violations: 1 MUST, 0 SHOULD; ")
    assert last == "streamchunk: violations (exit 1): 1 file, 1 with violations, 1 MUST, 0 SHOULD"


def test_a_warning_breaks_the_protocol_only_under_strict(streamchunk, tmp_path):
    log = write(tmp_path / "log.ndjson", chunk("content", delta="", content=""), done())
    assert streamchunk("judge", log).last.startswith(
        "streamchunk: conforms (exit 0): 1 file, 0 with violations, 0 MUST, 1 SH"
    )
    assert streamchunk("judge", "--strict", log).last.startswith(
        "streamchunk: violations (exit 1): 1 file, 1 with viol"
    )


def test_the_profile_chooses_the_law(streamchunk, tmp_path):
    log = write(tmp_path / "log.ndjson", chunk("content", delta="a", content="a"), chunk("done", finishReason=None))
    assert streamchunk("judge", log).status == 1
    assert streamchunk("judge", "--profile", "tanstack", log).status == 0


def test_the_scope_chooses_what_a_stream_is(streamchunk, tmp_path):
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    log = write(
        tmp_path / "log.ndjson",
        chunk("tool_call", index=0, toolCall=call),
        done() | {"finishReason": "tool_calls"},
        chunk("tool_result", toolCallId="c", content="{}"),
        chunk("content", delta="a", content="a"),
        done(),
    )
    assert streamchunk("judge", log).status == 1
    assert streamchunk("judge", "--scope", "chat", log).status == 0


def test_the_bytes_of_a_stream_are_judged_in_scope_wire(streamchunk, tmp_path):
    log = tmp_path / "log.sse"
    sound = [chunk("content", delta="a", content="a"), done()]
    log.write_text("".join(f"data: {json.dumps(one)}\n\n" for one in sound))
    assert streamchunk("judge", log).status == 0
    ran = streamchunk("judge", "--scope", "wire", log)
    assert ran.status == 1
    assert "WIRE-1" in ran.out
    log.write_text(log.read_text() + "data: [DONE]\n\n")
    assert streamchunk("judge", "--scope", "wire", log).status == 0


def test_many_places_of_one_rule_are_shown_three_times_and_then_counted(streamchunk, tmp_path):
    empty = chunk("content", delta="", content="")
    log = write(tmp_path / "log.ndjson", *[{"type": "surprise"}] * 9, empty, done())
    ran = streamchunk("judge", log)
    shown = [line for line in ran.lines if "SHAPE-2 (" in line]
    rest = [line for line in ran.lines if "SHAPE-2 is broken" in line]
    assert len(shown) == 3
    assert rest == [f"{log}: SHAPE-2 is broken 6 times more in chunks 3–8"]


def test_json_tells_the_same_facts(streamchunk, tmp_path, good):
    log = write(tmp_path / "log.ndjson", chunk("content", delta="b", content="xb"), done())
    ran = streamchunk("judge", "--format", "json", log, good, tmp_path / "nowhere")
    assert ran.status == 2
    assert ran.err.splitlines()[-1].startswith("streamchunk: unreadable input (exit 2): 3 files, 1 unreadable, 1 with")
    first, second, third = ran.json["files"]
    assert (ran.json["profile"], ran.json["strict"]) == ("spec", False)
    assert (first["file"], first["status"], first["chunks"], first["scope"]) == (str(log), "violations", 2, "adapter")
    assert (second["status"], second["violations"]) == ("conforms", [])
    assert third == {
        "file": str(tmp_path / "nowhere"),
        "status": "unreadable input",
        "message": "there is no such file",
    }
    (violation,) = first["violations"]
    assert violation.keys() >= {
        "rule",
        "level",
        "sections",
        "requirement",
        "chunk",
        "expected",
        "seen",
        "why",
        "source",
    }
    assert (violation["rule"], violation["level"], violation["chunk"]) == ("TEXT-1", "MUST", 0)
    assert ran.json["summary"] == {
        "status": "unreadable input",
        "exit": 2,
        "files": 3,
        "streams": 2,
        "withViolations": 1,
        "unreadable": 1,
        "must": 1,
        "should": 0,
    }


def test_standard_input_and_gzip_are_read_too(streamchunk, good):
    body = good.read_bytes()
    assert streamchunk("judge", "-", stdin=body).lines[0].startswith("(standard input): conforms")
    assert streamchunk("judge", "-", stdin=gzip.compress(body)).status == 0
    good.write_bytes(gzip.compress(body[:100]) + gzip.compress(body[100:]))
    assert streamchunk("judge", good).status == 0


def test_several_streams_of_one_file_are_judged_apart(streamchunk, tmp_path):
    log = tmp_path / "log.ndjson"
    runs = [{"chunks": [chunk("content", delta="a", content="a"), done()]}, {"chunks": []}]
    log.write_text("\n".join(map(json.dumps, runs)))
    ran = streamchunk("judge", log)
    assert ran.status == 1
    assert any(line.startswith(f"{log} (stream 0): conforms") for line in ran.lines)
    assert any(line.startswith(f"{log} (stream 1): violations") for line in ran.lines)
    assert ran.last.startswith("streamchunk: violations (exit 1): 1 file, 2 streams, 1 with violations, ")


def test_with_a_source_a_finding_shows_the_bytes_it_came_from(streamchunk, tmp_path):
    source = tmp_path / "body.sse"
    source.write_text(chat("Hel", "lo"))
    log = write(
        tmp_path / "log.ndjson",
        chunk("content", delta="Hel", content="Hel"),
        chunk("content", delta="lo", content="lo"),
        done(),
    )
    ran = streamchunk("judge", "--source", source, log)
    assert ran.status == 1
    (line,) = [line for line in ran.lines if line.startswith("    source")]
    place = re.fullmatch(rf"    source    {re.escape(str(source))}, bytes (\d+) to (\d+): (.*)", line)
    start, end = int(place[1]), int(place[2])
    assert source.read_bytes()[start:end].strip().decode() == place[3]
    assert json.loads(place[3].removeprefix("data: "))["choices"][0]["delta"] == {"content": "lo"}


def test_with_a_source_what_is_lost_is_found(streamchunk, tmp_path):
    source = tmp_path / "body.sse"
    source.write_text(chat("Hel", "lo"))
    log = write(tmp_path / "log.ndjson", chunk("content", delta="Hel", content="Hel"), done())
    assert streamchunk("judge", log).status == 0
    ran = streamchunk("judge", "--source", source, log)
    assert ran.status == 1
    assert "TEXT-4" in ran.out


@pytest.mark.parametrize("form", ["events", "array"])
def test_a_source_may_be_a_list_of_events(streamchunk, tmp_path, form):
    events = [
        {"type": "stream-start", "warnings": []},
        {"type": "text-delta", "id": "0", "delta": "Hello"},
        {"type": "finish", "finishReason": "stop", "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5}},
    ]
    source = tmp_path / "source.json"
    source.write_text(json.dumps(events) if form == "array" else "".join(json.dumps(one) + "\n" for one in events))
    log = write(tmp_path / "log.ndjson", chunk("content", delta="Hell", content="Hell"), done(totalTokens=9))
    found = json.loads(streamchunk("judge", "--format", "json", "--source", source, log).out)["files"][0]["violations"]
    assert {"TEXT-4", "USAGE-4"} <= {violation["rule"] for violation in found}
    usage = next(violation for violation in found if violation["rule"] == "USAGE-4")
    assert json.loads(usage["source"]["text"].removesuffix("]"))["type"] == "finish"


def test_a_transcript_brings_its_source_along(streamchunk, tmp_path):
    events = [{"type": "text-delta", "id": "0", "delta": "Hello"}, {"type": "finish", "finishReason": "stop"}]
    header = {"$transcript": 1, "dialect": "streamchunk", "scope": "adapter", "events": events}
    text = {"chunk": chunk("content", delta="Jello", content="Jello")}
    zero = {"promptTokens": 0, "completionTokens": 0, "totalTokens": 0}
    log = write(tmp_path / "log.ndjson", header, text, {"chunk": done(**zero)}, {"ending": "completed"})
    ran = streamchunk("judge", log)
    assert "TEXT-4" in ran.out
    assert re.search(r"^    source    events? \d.*: \{\"type\":", ran.out, re.MULTILINE)


def sources(tmp_path, *names):
    for name in names:
        path = tmp_path / "sources" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(chat(name))
    return tmp_path / "sources"


def paired(streamchunk, folder, *logs):
    files = json.loads(streamchunk("judge", "--format", "json", "--source", folder, *logs).out)["files"]
    return [file["source"] and file["source"].removeprefix(f"{folder}/") for file in files], [
        file["sourceMissing"] for file in files
    ]


def test_a_folder_of_sources_is_paired_by_name(streamchunk, tmp_path):
    folder = sources(tmp_path, "text.sse", "x.text.sse", "deep/er/tool.sse", "text.meta.json")
    logs = [write(tmp_path / name, done()) for name in ("x.text.json", "y.text.ndjson", "z.tool.json", "other.json")]
    found, missing = paired(streamchunk, folder, *logs)
    assert found == ["x.text.sse", "text.sse", "deep/er/tool.sse", None]
    assert missing == [None, None, None, "no source has its name"]


def test_of_several_sources_the_folder_of_the_logs_family_wins(streamchunk, tmp_path):
    folder = sources(tmp_path, "anthropic-messages/text.sse", "openai-chat/text.sse")
    found, _ = paired(streamchunk, folder, write(tmp_path / "anthropic.text.json", done()))
    assert found == ["anthropic-messages/text.sse"]


def test_of_several_sources_the_one_whose_response_id_occurs_wins(streamchunk, tmp_path):
    folder = sources(tmp_path, "one/text.sse", "two/text.sse", "three/text.sse")
    (folder / "two/text.sse").write_text(chat("a").replace("chatcmpl-1", "chatcmpl-2"))
    (folder / "three/text.sse").write_text(chat("a").replace("chatcmpl-1", "chatcmpl-3"))
    found, _ = paired(streamchunk, folder, write(tmp_path / "text.json", done() | {"id": "chatcmpl-2"}))
    assert found == ["two/text.sse"]


def test_an_id_that_is_no_text_pairs_with_nothing(streamchunk, tmp_path):
    folder = sources(tmp_path, "one/text.sse", "two/text.sse")
    found, _ = paired(streamchunk, folder, write(tmp_path / "text.json", done() | {"id": []}))
    assert found == [None]


def test_where_several_sources_fit_the_log_is_judged_without_and_says_so(streamchunk, tmp_path):
    folder = sources(tmp_path, "one/text.sse", "two/text.sse")
    log = write(tmp_path / "text.json", done())
    ran = streamchunk("judge", "--source", folder, log)
    assert ran.status == 0
    assert f"{log}: judged without a source: 2 sources have its name" in ran.out
    (folder / "two/text.sse").write_bytes((folder / "one/text.sse").read_bytes())
    assert "judged without" not in streamchunk("judge", "--source", folder, log).out


def test_a_source_whose_wire_nobody_knows_can_be_told(streamchunk, tmp_path):
    source = tmp_path / "body.sse"
    source.write_text(": nothing but a heartbeat\n\n")
    log = write(tmp_path / "log.json", done())
    assert "--wire" in streamchunk("judge", "--source", source, log).err
    assert "END-14" in streamchunk("judge", "--source", source, "--wire", "openai-chat", log).out


def test_nothing_an_adapter_wrote_can_move_the_cursor(streamchunk, tmp_path):
    log = write(tmp_path / "log.json", {"type": "\x1b[2J\ud83d\u202e" + "x" * 500})
    ran = streamchunk("judge", log)
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    assert max(map(len, ran.lines)) < 300


def test_colours_are_for_terminals_and_for_those_who_want_them(bad):
    def output(**environment):
        script = (
            "import os, pty, sys\n"
            f"status = pty.spawn([sys.executable, '-m', 'harness', 'judge', {str(bad)!r}])\n"
            "sys.exit(os.waitstatus_to_exitcode(status))\n"
        )
        ran = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, check=False)
        assert ran.returncode == 1
        return ran.stdout

    assert b"\x1b[31m" in output()
    assert b"\x1b" not in output(NO_COLOR="1")
    piped = subprocess.run([sys.executable, "-m", "harness", "judge", bad], capture_output=True, check=False)
    assert b"\x1b" not in piped.stdout


def test_a_report_reads_well(streamchunk, tmp_path, monkeypatch, snapshot):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "body.sse").write_text(chat("Hel", "lo"))
    write(tmp_path / "sound.ndjson", chunk("content", delta="Hello", content="Hello"), done())
    write(
        tmp_path / "lossy.ndjson",
        chunk("content", delta="Hel", content="Hel"),
        chunk("content", delta="lo", content="lo"),
        chunk("error", error={"message": "undefined", "code": "undefined"}),
    )
    ran = streamchunk("judge", "--source", "body.sse", "sound.ndjson", "lossy.ndjson", "nowhere.ndjson")
    assert ran.out + ran.err == snapshot


def test_a_key_in_a_transcript_is_not_printed(streamchunk, tmp_path):
    key = "sk-LIVE-0123456789-abcdef"
    log = tmp_path / "log.ndjson"
    lines = [
        {"$transcript": 1, "dialect": "streamchunk", "scope": "adapter", "operation": "chat", "exchanges": True,
         "request": {"modelOptions": {"apiKey": key}}},
        {"exchange": {"method": "POST", "target": f"/x?key={key}", "askedAt": 1, "fault": f"POST /x?key={key}"}},
        {"ending": "raised", "error": {"message": f"{key} was refused"}},
    ]  # fmt: skip
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    for form in ("text", "json"):
        ran = streamchunk("judge", log, "--format", form)
        assert ran.status == 1
        assert "sk-key-1___" in ran.out
        assert "LIVE" not in ran.out + ran.err
