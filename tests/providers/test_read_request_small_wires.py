"""From the neutral form to a body of Ollama's APIs or OpenAI's completions, by a writer of a few lines, and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import small_wires
from harness.protocol.messages import Answered, Call, File, ModelRequest, Text, ToolOffer, Turn, joined
from harness.providers import read_request

words = st.text(min_size=1, max_size=8).filter(lambda text: "\n" not in text)
names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
objects = st.dictionaries(words, st.none() | st.booleans() | st.integers() | words, max_size=3)
texts = words.map(Text)
images = st.binary(min_size=3, max_size=9).map(lambda data: File("image/*", data=data.hex()))
ids = st.none() | names


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def turns(role, *parts):
    return st.tuples(*parts).map(lambda each: Turn(role, tuple(part for some in each for part in some)))


one_text = texts.map(lambda text: (text,))
system = turns("system", one_text)
said = turns("user", one_text, st.lists(images, max_size=2))
done = turns("assistant", one_text, st.lists(st.builds(Call, ids, names, objects.map(compact)), max_size=2))
told = turns("tool", st.lists(st.builds(Answered, ids, words, names), min_size=1, max_size=2))
plain = turns("user", one_text) | turns("assistant", one_text)
limits = {
    "model": st.just("m"),
    "temperature": st.none() | st.floats(0, 2),
    "max_tokens": st.none() | st.integers(1, 99),
    "top_p": st.none() | st.floats(0, 1),
    "stream": st.booleans(),
}
offers = st.lists(st.builds(ToolOffer, names, words, objects), max_size=3).map(tuple)


def conversations(*turn):
    return st.lists(st.one_of(*turn), min_size=1, max_size=5).map(tuple)


WIRES = {
    "ollama-chat": (
        small_wires.ollama_chat_body,
        {"turns": conversations(system, said, done, told), "tools": offers, "schema": objects, "json": st.just(True)},
    ),
    "ollama-generate": (
        small_wires.ollama_generate_body,
        {"turns": st.tuples(system, said) | st.tuples(said), "schema": objects, "json": st.just(True)},
    ),
    "openai-completions": (
        small_wires.completions_body,
        {"turns": conversations(plain) | st.builds(lambda head, rest: (head, *rest), system, conversations(plain))},
    ),
}


@pytest.mark.parametrize("wire", WIRES)
@given(data=st.data())
def test_what_is_written_is_read_back(wire, data):
    body_of, members = WIRES[wire]
    asked = data.draw(st.builds(ModelRequest, **{**limits, **members}))
    got = read_request(wire, "/", [], json.dumps(body_of(asked)).encode())
    assert joined(got.turns) == joined(asked.turns)
    for member in ("model", "tools", "tool_choice", "temperature", "max_tokens", "top_p", "schema", "json", "stream"):
        assert getattr(got, member) == getattr(asked, member), member
    assert got.extra == {}
