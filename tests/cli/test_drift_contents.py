"""`streamchunk cassette drift`: what an adapter says in other words is no drift, what it says in another shape is."""

import json

import pytest

from tapes_by_hand import interaction, written

ASKED = {"model": "test-model", "stream": True, "messages": [{"role": "user", "content": "Hello."}]}
USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}


def said(*deltas, finish="stop", usage=USAGE):
    """A Chat Completions stream, as a provider writes it."""
    base = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    events = [base | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    events += [base | {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}], "usage": usage}]
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"


def text(words, **more):
    return said({"role": "assistant", "content": words}, **more)


def calls(*given):
    return said(
        *(
            {
                "tool_calls": [
                    {"index": at, "id": f"c{at}", "type": "function", "function": {"name": name, "arguments": a}}
                ]
            }
            for at, (name, a) in enumerate(given)
        ),
        finish="tool_calls",
    )


def call(arguments):
    return calls(("f", arguments if isinstance(arguments, str) else json.dumps(arguments)))


@pytest.fixture
def drift(streamchunk, tmp_path):
    """The command on two lists of answers: its status, and what of the output changed."""

    def drift(old, new, *arguments):
        for name, one in (("old", old), ("new", new)):
            answers = [interaction(ASKED, answer) for answer in (one if isinstance(one, list) else [one])]
            written(tmp_path / f"{name}.yaml", *answers, wire="openai-chat")
        ran = streamchunk(
            "cassette", "drift", tmp_path / "old.yaml", tmp_path / "new.yaml", "--format", "json", *arguments
        )
        [told] = ran.json["cassettes"]
        changes = [
            " ".join(f"{one['what']} {one['where']}: {one['old']} → {one['new']}".split()) for one in told["output"]
        ]
        return ran.status, changes

    return drift


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (text("Hello"), text("Good morning, all of you.")),
        (text("3"), text("three")),  # whoever says a number was not told to say JSON
        (text('{"a":1}'), text('{"a":2,"b":[]}')),
        (call({"city": "Paris"}), call({"city": "Rome"})),
        (call({"n": 1, "to": [{"a": "x"}]}), call('{"to":[{"a":"y"},{"a":"z"}],"n":-2.5e3}')),
        (call({"to": []}), call({"to": ["x"]})),
        (call({"to": [{"a": 1}]}), call({"to": []})),
        (text("a"), text("a", usage={"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10})),
    ],
)
def test_other_words_and_values_are_the_same_output(drift, old, new):
    assert drift(old, new) == (0, [])
    assert drift(old, new, "--exact")[0] == 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            call({"city": "Paris"}),
            call({"town": 5}),
            [
                "removed arguments of call 1 (f): city: string → None",
                "added arguments of call 1 (f): town: None → number",
            ],
        ),
        (call({"n": 1}), call({"n": "1"}), ["changed arguments of call 1 (f): n: number → string"]),
        (call({"n": None}), call({"n": True}), ["changed arguments of call 1 (f): n: null → boolean"]),
        (
            call({"to": [{"a": 1}]}),
            call({"to": [{"a": 1}, {"b": 1}]}),
            ["added arguments of call 1 (f): to[].b: None → number"],
        ),
        (call({"a": {}}), call({"a": []}), ["changed arguments of call 1 (f): a: object → array"]),
        (text('{"a":1}'), text("Sure! {"), ["changed text: a JSON object → words"]),
        (text("[1]"), text('{"a":[1]}'), ["changed text: a JSON array → a JSON object"]),
        (text("Hello world"), text(" "), ["changed text: words → blank"]),
        (calls(("f", "{}"), ("g", "{}")), calls(("f", "{}")), ["changed tools called: f, g → f"]),
        (calls(("f", "{}"), ("g", "{}")), calls(("g", "{}"), ("f", "{}")), ["changed tools called: f, g → g, f"]),
        (
            text("a"),
            text("a", usage={"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}),
            ["changed usage: counted → zeros"],
        ),
    ],
)
def test_another_shape_is_another_output(drift, old, new, expected):
    assert drift(old, new) == (1, expected)


def test_reasoning_that_is_no_longer_said_is_told(drift):
    status, changes = drift(said({"reasoning_content": "Hm."}, {"content": "a"}), text("a"))
    assert status == 1
    assert "removed reasoning: words → None" in changes


def test_exact_tells_words_and_values(drift):
    old, new = text("Hello"), text("Ciao", usage={"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10})
    assert drift(old, new, "--exact") == (
        1,
        [
            'changed the text\'s words: "Hello" → "Ciao"',
            "changed tokens: 3 prompt, 4 completion, 7 total → 9 prompt, 1 completion, 10 total",
        ],
    )
    assert drift(call({"a": 1}), call({"a": 2}), "--exact")[1] == [
        'changed arguments of call 1 (f), their values: {"a": 1} → {"a": 2}'
    ]
    assert drift(call('{"a":1,"b":2}'), call('{ "b": 2, "a": 1 }'), "--exact") == (0, [])


def test_an_answer_that_is_lost_changes_the_output_and_one_more_does_not(drift):
    assert drift([text("a"), text("b")], [text("a")]) == (1, ["removed answer 2: the whole answer: None → None"])
    assert drift([text("a")], [text("a"), text("b")]) == (0, [])
    assert drift([text("a")], [text("a"), text("b")], "--strict")[0] == 1


def test_a_cassette_that_is_lost_changes_the_output_and_one_more_is_told(streamchunk, tmp_path):
    for place, names in (("few", ["a"]), ("many", ["a", "b"])):
        for name in names:
            written(tmp_path / place / f"{name}.yaml", interaction(ASKED, text("a")), wire="openai-chat")
    lost = streamchunk("cassette", "drift", tmp_path / "many", tmp_path / "few")
    assert (lost.status, lost.lines[1:3]) == (1, ["b: the output changed", "    removed  the whole cassette"])
    more = streamchunk("cassette", "drift", tmp_path / "few", tmp_path / "many")
    assert (more.status, more.lines[1:3]) == (0, ["b: the wire's shape changed", "    added    the whole cassette"])


def test_two_cassettes_of_one_name_in_a_folder_are_both_named(streamchunk, tmp_path):
    for place, names in (("old", ["a.yaml"]), ("new", ["a.yaml", "a.yml"])):
        for name in names:
            written(tmp_path / place / name, interaction(ASKED, text("a")), wire="openai-chat")
    ran = streamchunk("cassette", "drift", tmp_path / "old", tmp_path / "new")
    assert ran.status == 2
    assert f"{tmp_path}/new/a.yaml and {tmp_path}/new/a.yml are both called a" in ran.err
