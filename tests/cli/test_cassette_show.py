"""``streamchunk cassette show``: what was asked, and the answer piece by piece."""

import gzip
import json

import pytest

from harness.cassettes import cassette
from harness.cassettes.interaction import Cut, Request
from harness.cassettes.writing import write
from harness.protocol.event_reading import reading_of_events
from harness.providers import OUT_OF_SCOPE, counted_ids, decoded
from taped import answer

HELLO = b'data: {"id":"r","model":"m","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}\n\n'
STOP = b'data: {"id":"r","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"
BODY = HELLO + STOP + DONE
CUTS = (Cut(len(HELLO) - 5), Cut(5, 0.0312), Cut(len(STOP + DONE), 1.5))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "one.yaml"
    write(path, [answer(BODY, cuts=CUTS, head_pause=0.8125, ending="reset")], "recorded")
    return path


def test_an_answer_is_shown_under_the_pieces_that_brought_it(streamchunk, path):
    ran = streamchunk("cassette", "show", path)
    assert (ran.status, ran.err) == (0, "")
    assert ran.lines == [
        f"{path}: recorded, openai-chat",
        "POST https://api.example.com/v1/chat/completions",
        "content-type: application/json",
        "",
        '{"stream": true}',
        "",
        "200 OK, +812.5 ms",
        "content-type: text/event-stream",
        "",
        f"piece 0: {len(HELLO) - 5} bytes, +0 ms",
        "piece 1: 5 bytes, +31.2 ms",
        '  {"type":"response-metadata","id":"r","modelId":"m"}',
        '  {"type":"text-start","id":"text-0"}',
        '  {"type":"text-delta","id":"text-0","delta":"Hello"}',
        f"piece 2: {len(STOP + DONE)} bytes, +1500 ms",
        '  {"type":"text-end","id":"text-0"}',
        '  {"type":"finish","finishReason":"stop","usage":{}}',
        "the connection was reset with the body still open",
    ]


def test_bytes_are_shown_line_by_line_with_what_cannot_be_seen(streamchunk, tmp_path):
    body = b"data: \x1b[31m\xf0\x9f\x98\x80\r\n\r\ndata: \xf0\x9f"
    write(tmp_path / "one.yaml", [answer(body, cuts=(Cut(12), Cut(len(body) - 12)))], "recorded")
    ran = streamchunk("cassette", "show", tmp_path / "one.yaml", "--as", "bytes")
    assert ran.lines[-7:] == [
        "piece 0: 12 bytes, +0 ms",
        "  data: \\x1b[31m\\xf0",
        f"piece 1: {len(body) - 12} bytes, +0 ms",
        "  \\x9f\\x98\\x80\\r\\n",
        "  \\r\\n",
        "  data: \\xf0\\x9f",
        "end of the body",
    ]
    assert "\x1b" not in ran.out


def test_the_reading_is_what_a_client_ends_up_with(streamchunk, path):
    shown = streamchunk("cassette", "show", path, "--as", "reading").lines[-8:-1]
    assert shown == [
        '  text: "Hello"', '  reasoning: ""', "  toolCalls: []", '  finishReason: "stop"', "  usage: null",
        "  error: null", '  ended: "finished"',
    ]  # fmt: skip


def test_chunks_stand_under_the_pieces_too(streamchunk, path):
    lines = streamchunk("cassette", "show", path, "--as", "chunks").lines
    content, done = [json.loads(line) for line in lines if line.startswith("  {")]
    assert (content["type"], content["content"]) == ("content", "Hello")
    assert (done["type"], done["finishReason"]) == ("done", "stop")
    assert lines.index("piece 1: 5 bytes, +31.2 ms") + 1 == [line[:3] for line in lines].index("  {")


def test_the_json_form_is_all_of_it(streamchunk, path):
    [one] = streamchunk("cassette", "show", path, "--as", "json").json["interactions"]
    assert [(piece["bytes"], piece["pauseMs"]) for piece in one["pieces"]] == [
        (cut.length, cut.pause * 1000) for cut in CUTS
    ]
    assert "".join(piece["text"] for piece in one["pieces"]).encode() == BODY
    events = [event for piece in one["pieces"] for event in piece["events"]] + one["atTheEnd"]
    assert events == decoded("openai-chat", BODY, counted_ids("call"))
    assert one["reading"] == reading_of_events(events).as_json()
    assert (one["status"], one["ending"], one["headPauseMs"], one["cut"]) == (200, "reset", 812.5, True)
    assert one["request"] == {
        "method": "POST",
        "uri": "https://api.example.com/v1/chat/completions",
        "headers": {"content-type": ["application/json"]},
        "text": '{"stream": true}',
    }


@pytest.mark.parametrize("form", ["events", "chunks", "bytes"])
def test_a_long_body_is_shortened_unless_all_of_it_is_asked_for(streamchunk, tmp_path, form):
    path = tmp_path / "one.yaml"
    long = HELLO.replace(b"Hello", b"x" * 1000)
    body = long * 100 + STOP + DONE
    write(path, [answer(body, cuts=(Cut(len(long)),) * 100 + (Cut(len(STOP + DONE)),))], "recorded")
    short = streamchunk("cassette", "show", path, "--as", form)
    assert len(short.lines) < 80
    assert max(map(len, short.lines)) <= 202
    assert short.lines[-2].startswith("… and ")
    left = int(short.lines[-2].split()[2])
    assert short.lines[-2] == f"… and {left} more pieces; --all shows them"
    assert sum(line.startswith("piece ") for line in short.lines) == 101 - left
    whole = streamchunk("cassette", "show", path, "--as", form, "--all")
    assert sum(line.startswith("piece ") for line in whole.lines) == 101
    assert "…" not in whole.out
    assert whole.out.count("x" * 1000) >= 100


def test_a_body_whose_pieces_were_not_recorded_says_so(streamchunk):
    lines = streamchunk("cassette", "show", "openai/chat-text").lines
    assert lines[0] == "openai/chat-text: synthetic, openai-chat"
    size = cassette.load("openai/chat-text").only.body.length
    assert f"{size} bytes, whose pieces were not recorded" in lines


@pytest.mark.parametrize("form", ["events", "chunks", "reading", "bytes", "json"])
def test_every_bundled_cassette_can_be_shown(streamchunk, form):
    for name in cassette.names():
        assert streamchunk("cassette", "show", name, "--as", form).status == 0, name


def test_several_answers_are_shown_one_behind_another(streamchunk, tmp_path):
    write(tmp_path / "one.yaml", [answer(BODY), answer(b"", status=204)], "recorded")
    lines = streamchunk("cassette", "show", tmp_path / "one.yaml").lines
    assert f"{tmp_path / 'one.yaml'} (1 of 2): recorded, openai-chat" in lines
    assert f"{tmp_path / 'one.yaml'} (2 of 2): recorded, openai-chat" in lines


def test_a_packed_body_is_decoded_and_its_bytes_are_shown_as_they_came(streamchunk, tmp_path):
    packed = gzip.compress(BODY)
    write(tmp_path / "one.yaml", [answer(packed, headers={"content-encoding": ("gzip",)})], "recorded")
    assert '"delta":"Hello"' in streamchunk("cassette", "show", tmp_path / "one.yaml").out
    assert "\\x1f\\x8b" in streamchunk("cassette", "show", tmp_path / "one.yaml", "--as", "bytes").out


def test_keys_are_hidden_wherever_their_place_tells_what_they_are(streamchunk, tmp_path):
    key = "sk-proj-0123456789abcdef"
    request = Request(
        "POST",
        f"https://user:{key}@api.example.com/v1/chat/completions?key={key}&alt=sse",
        {"Authorization": (f"Bearer {key}",), "x-api-key": (key,), "Cookie": (key, key), "accept": ("*/*",)},
        b"{}",
    )
    one = answer(BODY, headers={"set-cookie": (key,), "x-ratelimit-limit-tokens": ("5",)})
    write(tmp_path / "one.yaml", [type(one)(request, 200, one.headers, one.body, "openai-chat")], "recorded")
    for form in ("events", "json", "bytes", "reading"):
        out = streamchunk("cassette", "show", tmp_path / "one.yaml", "--as", form, "--all").out
        assert key not in out
        assert "alt=sse" in out
        assert "(31 characters, hidden)" in out
    shown = streamchunk("cassette", "show", tmp_path / "one.yaml").lines
    assert "accept: */*" in shown
    assert "x-ratelimit-limit-tokens: 5" in shown


def test_without_a_known_wire_the_bytes_are_shown(streamchunk, tmp_path):
    unknown = Request("GET", "https://example.com/", {}, b"")
    one = answer(b"hello\n", wire=None)
    write(tmp_path / "one.yaml", [type(one)(unknown, 200, {}, one.body)], None)
    ran = streamchunk("cassette", "show", tmp_path / "one.yaml")
    assert ran.lines[0] == f"{tmp_path / 'one.yaml'}: of unknown provenance, no known wire"
    assert ran.lines[-2] == "  hello\\n"
    asked = streamchunk("cassette", "show", tmp_path / "one.yaml", "--as", "events")
    assert asked.status == 2
    assert "nobody says which wire the answer speaks" in asked.last
    assert streamchunk("cassette", "show", tmp_path / "one.yaml", "--as", "json").json["interactions"][0]["fault"]


def test_a_wire_is_known_by_the_path_of_its_request(streamchunk, tmp_path):
    write(tmp_path / "one.yaml", [answer(BODY, wire=None)], None)
    assert streamchunk("cassette", "show", tmp_path / "one.yaml").lines[0].endswith(", openai-chat")


@pytest.mark.parametrize("wire", OUT_OF_SCOPE)
def test_a_wire_out_of_scope_is_refused_by_name(streamchunk, tmp_path, wire):
    write(tmp_path / "one.yaml", [answer(BODY, wire=wire)], "recorded")
    ran = streamchunk("cassette", "show", tmp_path / "one.yaml")
    assert ran.status == 2
    assert ran.last.endswith(f"one.yaml: the wire {wire} is out of scope: {OUT_OF_SCOPE[wire]}")
    assert streamchunk("cassette", "show", tmp_path / "one.yaml", "--as", "bytes").status == 0


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"content-encoding": ("gzip",)}, "the body is not gzip, as its content-encoding says, or it is damaged"),
        ({"content-encoding": ("x-zoo",)}, "'x-zoo' cannot be undone; known are gzip"),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_told(streamchunk, tmp_path, headers, words):
    write(tmp_path / "one.yaml", [answer(b"\xff" + BODY, headers=headers)], "recorded")
    ran = streamchunk("cassette", "show", tmp_path / "one.yaml")
    assert ran.status == 2
    assert words in ran.last


@pytest.mark.parametrize("arguments", [["none.yaml"], ["openai/no-such"], ["."]])
def test_what_is_no_cassette_is_told(streamchunk, arguments):
    ran = streamchunk("cassette", "show", *arguments)
    assert ran.status == 2
    assert ran.last.startswith("streamchunk: unreadable input (exit 2): ")


def test_an_unsafe_tag_is_told_with_its_line(streamchunk, tmp_path):
    (tmp_path / "one.yaml").write_text("version: 1\nx: !!python/object/apply:os.system ['true']\n")
    ran = streamchunk("cassette", "show", tmp_path / "one.yaml")
    assert ran.status == 2
    assert "'!!python/object/apply:os.system' is refused (line 2)" in ran.last
