"""What the encoders of Ollama, OpenAI's completions and Cloudflare's run write: the wire's bytes, read as meant."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.protocol.event_reading import reading_of_events
from harness.providers import Labels, counted_ids, decode, encode, encoded
from harness.providers.encoding.utc import utc_text
from parts import call, error, finish, metadata, part, reasoning, start, text

LABELS = Labels("resp_1", "real-model", 1_750_000_000)
TOTAL = {"inputTokens": 3, "outputTokens": 4, "totalTokens": 7}
NAMED = '{"model":"real-model","created_at":"2025-06-15T15:06:40Z",'
TIMES = '"total_duration":500000000,"load_duration":100000000,'
COUNTS = '"prompt_eval_count":3,"prompt_eval_duration":100000000,"eval_count":4,"eval_duration":300000000}\n'
CHUNK = 'data: {"id":"resp_1","object":"text_completion","created":1750000000,'
COUNTED = {"type": "custom", "kind": "streamchunk.usage", "usage": TOTAL}


def body(wire, *events, labels=LABELS):
    return b"".join(encoded(wire, events, labels)).decode()


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (951_868_799, "2000-02-29T23:59:59Z"),
        (978_307_199, "2000-12-31T23:59:59Z"), (1_709_164_800, "2024-02-29T00:00:00Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"),
    ],
)  # fmt: skip
def test_seconds_are_written_as_a_date(seconds, written):
    assert utc_text(seconds) == written


def test_a_chat_of_ollama_as_the_wire_has_it():
    calls = (
        start("call_9"),
        part('{"a": 1.0,', "call_9"),
        part(' "b": "<"}', "call_9"),
        call('{"a": 1.0, "b": "<"}', "call_9"),
    )
    assert body("ollama-chat", reasoning("Hm"), text("a < b 🎉"), *calls, finish("stop")) == (
        f'{NAMED}"message":{{"role":"assistant","content":"","thinking":"Hm"}},"done":false}}\n'
        f'{NAMED}"message":{{"role":"assistant","content":"a \\u003c b 🎉"}},"done":false}}\n'
        f'{NAMED}"message":{{"role":"assistant","content":"","tool_calls":[{{"id":"call_9","function":{{"index":0,'
        '"name":"get_weather","arguments":{"a":1.0,"b":"\\u003c"}}}]},"done":false}\n'
        f'{NAMED}"message":{{"role":"assistant","content":""}},"done":true,"done_reason":"stop",{TIMES}{COUNTS}'
    )  # fmt: skip


def test_a_prompt_of_ollama_as_the_wire_has_it():
    assert body("ollama-generate", reasoning("Hm"), text("Hi"), finish("length")) == (
        f'{NAMED}"response":"","thinking":"Hm","done":false}}\n'
        f'{NAMED}"response":"Hi","done":false}}\n'
        f'{NAMED}"response":"","done":true,"done_reason":"length",{TIMES}{COUNTS}'
    )


def test_a_completion_as_the_wire_has_it():
    assert body("openai-completions", text("Hi"), finish("content-filter")) == (
        f'{CHUNK}"choices":[{{"text":"Hi","index":0,"logprobs":null,"finish_reason":null}}],"model":"real-model"}}\n\n'
        f'{CHUNK}"choices":[{{"text":"","index":0,"logprobs":null,"finish_reason":"content_filter"}}],"model":"real-model"}}\n\n'
        f'{CHUNK}"model":"real-model","usage":{{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}},"choices":[]}}\n\n'
        "data: [DONE]\n\n"
    )  # fmt: skip


def test_cloudflares_run_as_the_wire_has_it():
    calls = (
        start("a"),
        start("b"),
        part('{"x":', "a"),
        part("{}", "b"),
        part("1}", "a"),
        call("{}", "b"),
        call('{"x":1}', "a"),
    )
    assert body("cloudflare-run", text("Hi"), *calls, finish("tool-calls")) == (
        'data: {"response":"Hi"}\n\n'
        'data: {"tool_calls":[{"id":"a","type":"function","index":0,"function":{"name":"get_weather"}}]}\n\n'
        'data: {"tool_calls":[{"id":"b","type":"function","index":1,"function":{"name":"get_weather"}}]}\n\n'
        'data: {"tool_calls":[{"index":0,"function":{"arguments":"{\\"x\\":"}}]}\n\n'
        'data: {"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}\n\n'
        'data: {"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}\n\n'
        'data: {"finish_reason":"tool_calls"}\n\n'
        'data: {"response":"","usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}\n\n'
        "data: [DONE]\n\n"
    )


def test_without_a_known_reason_and_a_count_nothing_is_made_up():
    unknown = finish("unknown", {})
    assert body("ollama-chat", unknown) == (
        f'{NAMED}"message":{{"role":"assistant","content":""}},"done":true,{TIMES[:-1]}}}\n'
    )
    assert body("openai-completions", unknown) == "data: [DONE]\n\n"
    assert body("cloudflare-run", unknown) == "data: [DONE]\n\n"


@pytest.mark.parametrize(
    ("wire", "told", "written"),
    [
        ("ollama-chat", "busy", '{"error":"busy"}\n'),
        ("ollama-generate", "busy", '{"error":"busy"}\n'),
        ("openai-completions", "busy", 'data: {"error":{"message":"busy","type":null,"param":null,"code":null}}\n\n'),
        (
            "openai-completions",
            {"message": "busy", "code": "overloaded"},
            'data: {"error":{"message":"busy","type":"server_error","param":null,"code":"overloaded"}}\n\n',
        ),
        (
            "cloudflare-run",
            "busy",
            'data: {"errors":[{"message":"busy"}],"success":false,"result":{},"messages":[]}\n\n',
        ),
        (
            "cloudflare-run",
            {"message": "busy", "code": 5023},
            'data: {"errors":[{"message":"busy","code":5023}],"success":false,"result":{},"messages":[]}\n\n',
        ),
    ],
)  # fmt: skip
def test_an_error_is_the_wires_own(wire, told, written):
    assert body(wire, error(told)) == written


@pytest.mark.parametrize("wire", ["ollama-chat", "ollama-generate", "openai-completions", "cloudflare-run"])
def test_what_was_not_finished_is_cut(wire):
    assert reading_of_events(read_back(wire, [text("Hi")], 9)).ended == "truncated"


def test_a_name_takes_the_place_of_the_label():
    assert '"model":"other"' in body("ollama-chat", {"type": "response-metadata", "modelId": "other"}, text("Hi"))
    written = body("openai-completions", metadata("cmpl-7", "other"), text("Hi"))
    assert '"id":"cmpl-7"' in written
    assert '"model":"other"' in written


ALL = ("ollama-chat", "ollama-generate", "openai-completions", "cloudflare-run")
OLLAMA = ALL[:2]


@pytest.mark.parametrize(
    ("wires", "events", "named"),
    [
        (("ollama-generate", "openai-completions"), [start()], "the event tool-input-start"),
        (ALL, [start(providerExecuted=True)], "the event tool-input-start"),
        (ALL, [{"type": "source", "sourceType": "url", "id": "s", "url": "https://a.test"}], "the event source"),
        (ALL, [{"type": "file", "mediaType": "image/png", "data": "iVBO"}], "the event file"),
        (("openai-completions", "cloudflare-run"), [reasoning("hm")], "the event reasoning-start"),
        (OLLAMA, [COUNTED], "the event custom"),
        (OLLAMA, [finish("tool-calls")], "the finish reason 'tool-calls'"),
        (OLLAMA, [finish("content-filter")], "the finish reason 'content-filter'"),
        (OLLAMA, [finish(usage={"inputTokens": 3, "outputTokens": 4, "totalTokens": 9})], "a total of tokens"),
        (OLLAMA, [error({"message": "busy", "code": 503})], "the code of an error"),
        (ALL, [{**error("busy"), "usage": TOTAL}], "what .* cost"),
        (("openai-completions",), [finish("tool-calls")], "the finish reason 'tool-calls'"),
        (("openai-completions", "cloudflare-run"), [COUNTED, finish(usage={})], "takes an earlier count"),
        (("ollama-chat",), [start(), finish("stop")], "a call that is never completed, as 'call_1'"),
        (("ollama-chat",), [call("[1]")], "arguments that are no JSON object, as those of 'get_weather'"),
        (("ollama-chat",), [call('{"a":')], "arguments that are no JSON object"),
        (("cloudflare-run",), [start(), finish("stop")], "an end that leaves a call open, as 'call_1'"),
    ],
)
def test_what_a_wire_cannot_say_is_an_input_error_that_names_it(wires, events, named):
    for wire in wires:
        with pytest.raises(InputError, match=rf"{wire} has no words for .*{named}"):
            encoded(wire, events, LABELS)


def test_nothing_that_is_refused_is_half_written():
    stage = encode("ollama-chat", LABELS)
    assert stage.feed(text("Hi"))[0].endswith(b"\n")
    with pytest.raises(InputError):
        stage.feed(finish("content-filter"))


def read_back(wire, events, cut):
    whole = b"".join(encoded(wire, events, LABELS))
    stage = decode(wire, counted_ids("made"))
    back = [event for start_ in range(0, len(whole), cut) for event in stage.feed(whole[start_ : start_ + cut])]
    return back + stage.close()


words = st.text(min_size=1, max_size=6) | st.sampled_from(["\ud83d", "\ude00", "\u2028", '"\\', "data: [DONE]\n\n"])
arguments = st.dictionaries(st.text(max_size=4), st.integers() | st.booleans() | st.text(max_size=4), max_size=3)
usages = st.just({}) | st.builds(
    lambda prompt, completion: {"inputTokens": prompt, "outputTokens": completion, "totalTokens": prompt + completion},
    st.integers(0, 99), st.integers(0, 99),
)  # fmt: skip


@st.composite
def calls(draw):
    """Some calls, whose starts, pieces and ends are told in any order that keeps each call's own."""
    made = []
    for number in range(draw(st.integers(0, 3))):
        given_ = json.dumps(draw(arguments), ensure_ascii=False, separators=(",", ":"))
        place, id_ = draw(st.integers(0, len(given_))), f"call_{number}"
        pieces = [part(piece, id_) for piece in (given_[:place], given_[place:]) if piece]
        made.append([start(id_, f"tool_{number}"), *pieces, call(given_, id_, f"tool_{number}")])
    told = []
    while any(made):
        told.append(draw(st.sampled_from([one for one in made if one])).pop(0))
    return told


def answers(wire):
    """Every answer that a wire can say."""
    thoughts = st.lists(words.map(reasoning), max_size=2) if wire in OLLAMA else st.just([])
    made = calls() if wire in {"ollama-chat", "cloudflare-run"} else st.just([])
    texts = st.lists(words.map(text), min_size=1, max_size=3)
    reasons = {
        "openai-completions": ["stop", "length", "content-filter", "unknown"],
        "cloudflare-run": ["stop", "length", "content-filter", "tool-calls", "error", "unknown"],
    }.get(wire, ["stop", "length", "unknown"])
    named = {
        "openai-completions": [metadata()],
        "cloudflare-run": [],
    }.get(wire, [{"type": "response-metadata", "modelId": "real-model"}])
    coded = st.sampled_from([error("busy")] if wire in OLLAMA else [error("busy"), error({"message": "no", "code": 7})])
    ends = st.builds(finish, st.sampled_from(reasons), usages) | coded | st.none()
    counts = st.sampled_from([[], [COUNTED]]) if wire in {"openai-completions", "cloudflare-run"} else st.just([])

    def joined(thought, said, called, count, end):
        if end is None or end["type"] == "error":  # whole calls are complete by themselves, fragments by the answer
            called = [one for one in called if wire == "cloudflare-run" and one["type"] != "tool-call"]
        counted = count if end is None or end.get("usage") else []
        return [*named, *thought, *said, *called, *counted, *([] if end is None else [end])]

    return st.builds(joined, thoughts, texts, made, counts, ends)


@pytest.mark.parametrize("wire", ALL)
@given(data=st.data(), cut=st.integers(1, 50))
def test_what_is_written_is_read_as_it_was_meant_however_it_is_cut(wire, data, cut):
    events = data.draw(answers(wire))
    meant, read = reading_of_events(events), reading_of_events(read_back(wire, events, cut))
    assert read == meant
