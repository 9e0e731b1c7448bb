"""Options as a person wrote them: read once, in whatever they are listed, and refused before they do harm (§8, §10)."""

import asyncio
import contextlib
from collections import deque
from types import MappingProxyType

import pytest

from harness import mastra_text
from harness.bundled import adapter as target
from harness.errors import HarnessError, InputError
from harness.reference.given_options import read_options
from models import Played, answer, pure
from parts import call, finish

HELLO = [{"role": "user", "content": "hi"}]
CALLED = {"id": "c", "type": "function", "function": {"name": "get weather", "arguments": "{}"}}
EARLIER = [*HELLO, {"role": "assistant", "toolCalls": [CALLED]}, {"role": "tool", "toolCallId": "c", "content": "x"}]
TOOLS = [{"name": "delete file", "inputSchema": {"type": "object"}, "needsApproval": True}]
LISTED = {
    "a list": list,
    "a tuple": tuple,
    "an iterator": iter,
    "a generator": lambda items: (item for item in items),
    "a deque": deque,
    "the values of a dict": lambda items: dict(enumerate(items)).values(),
}


async def deny(_):
    return False


@pytest.mark.parametrize("listed", LISTED.values(), ids=LISTED)
def test_however_tools_and_messages_are_listed_names_are_mapped_and_questions_asked(listed):
    model = Played(call("{}", "a", "delete_file"), finish("tool-calls"))
    chunks = answer(pure(model), {"messages": listed(EARLIER), "tools": listed(TOOLS)}, approve=deny)
    assert [chunk["type"] for chunk in chunks] == ["tool_call", "approval-requested", "tool_result", "done"]
    assert chunks[0]["toolCall"]["function"]["name"] == "delete file"
    (asked, _) = model.asked[0]
    assert asked["tools"][0]["name"] == "delete_file"
    assert [message["role"] for message in asked["prompt"]] == ["user", "assistant", "tool"]
    assert asked["prompt"][1]["content"][0]["toolName"] == "get_weather"


def test_structured_output_reads_them_once_too():
    model = Played(call('{"a":1}', "x", "structured_output"), finish("tool-calls"))
    chat = {"messages": iter(HELLO), "tools": iter(TOOLS)}
    asked = pure(model, model_id="a/b").structured_output({"chatOptions": chat, "outputSchema": {"type": "object"}})
    model.provider = "anthropic"
    assert asyncio.run(asked)["data"] == {"a": 1}
    assert model.asked[0][0]["prompt"] == [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]


def failing():
    yield HELLO[0]
    raise LookupError("a secret of the application")


def refused(options):
    """Give the messages with which both methods of an adapter refuse options; nobody may have been asked."""
    model = Played(finish())
    (chunk,) = answer(pure(model), options() if callable(options) else options)
    assert (chunk["type"], chunk["error"].get("code")) == ("error", "INVALID_REQUEST")
    chat = options() if callable(options) else options
    with pytest.raises(InputError) as refusal:
        asyncio.run(pure(model).structured_output({"chatOptions": chat, "outputSchema": {"type": "object"}}))
    assert model.asked == []
    return [chunk["error"]["message"], str(refusal.value)]


@pytest.mark.parametrize("name", ["messages", "tools"])
@pytest.mark.parametrize(
    "given", ["hi", b"hi", 5, True, {"a": HELLO[0]}, {}, "", object(), MappingProxyType({}), HELLO[0].get]
)
def test_what_is_no_list_is_refused_by_its_name(name, given):
    for message in refused({"messages": HELLO} | {name: given}):
        assert message.startswith(f"{name} are a list")


@pytest.mark.parametrize("name", ["messages", "tools"])
def test_a_list_that_fails_while_it_is_read_is_refused_without_its_words(name):
    for message in refused(lambda: {"messages": HELLO} | {name: failing()}):
        assert message == f"{name} cannot be read: LookupError"


@pytest.mark.parametrize("options", [{}, {"messages": None}, {"messages": []}, {"messages": ()}, {"messages": deque()}])
def test_a_request_without_a_message_is_refused_by_that_name(options):
    for message in refused(options):
        assert message == "messages are empty: there is nothing to answer"


def test_what_the_caller_gave_is_left_as_it_is():
    options = {"messages": deque(HELLO), "tools": TOOLS, "temperature": 1}
    read = read_options(options)
    assert read == {"messages": HELLO, "tools": TOOLS, "temperature": 1}
    assert read["tools"] is not TOOLS
    assert isinstance(options["messages"], deque)


# -- needsApproval: never guessed (§6.4)


@pytest.mark.parametrize("odd", ["yes", "true", "false", 1, 0, [1], {"a": 1}, lambda: True, ""])
def test_a_need_for_approval_that_is_neither_true_nor_false_is_refused_with_the_tools_name(odd):
    tools = [{"name": "read"}, {"name": "delete", "needsApproval": odd}]
    for message in refused({"messages": HELLO, "tools": tools}):
        assert message.startswith("tools[1] (delete): its needsApproval is")


@pytest.mark.parametrize("needs", [{}, {"needsApproval": None}, {"needsApproval": False}])
def test_a_tool_that_needs_no_approval_says_so_or_says_nothing(needs):
    model = Played(call("{}", "a", "read"), finish("tool-calls"))
    chunks = answer(pure(model), {"messages": HELLO, "tools": [{"name": "read", **needs}]})
    assert [chunk["type"] for chunk in chunks] == ["tool_call", "done"]


def test_events_are_transformed_whatever_the_request_of_the_harness_says():
    events = Played(call("{}", "a", "delete"), finish("tool-calls")).do_stream({}, None)

    async def transforming():
        request = {"tools": [{"name": "delete", "needsApproval": "yes"}]}
        return [chunk["type"] async for chunk in target.transform(events, request)]

    assert asyncio.run(transforming()) == ["tool_call", "done"]


# -- What contains itself (§4, R22): found before anybody walks through it


def circular_object():
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    schema["properties"]["parent"] = schema
    return schema


def circular_list():
    made = [1]
    made.append({"again": made})
    return made


@pytest.mark.parametrize("model_id", ["openai/gpt-4o", "anthropic/claude-sonnet-4-5", "google/g", "groq/m"])
def test_a_schema_that_contains_itself_is_refused_with_the_tool_and_the_place(model_id):
    tools = [{"name": "read"}, {"name": "walk", "inputSchema": circular_object()}]

    async def asking():
        adapter = mastra_text(model_id, {"apiKey": "k-0123456789"})
        return [chunk async for chunk in adapter.chat_stream({"messages": HELLO, "tools": tools})]

    (chunk,) = asyncio.run(asking())
    assert chunk["error"] == {
        "message": "tools[1] (walk): its inputSchema, $.properties.parent contains itself: it is circular",
        "code": "INVALID_REQUEST",
    }


def test_model_options_that_contain_themselves_are_refused_with_the_place():
    for message in refused(lambda: {"messages": HELLO, "modelOptions": {"seed": 1, "extra": circular_list()}}):
        assert message == "modelOptions.extra[1].again contains itself: it is circular"
    around = {}
    around["me"] = around
    for message in refused({"messages": HELLO, "modelOptions": around}):
        assert message == "modelOptions.me contains itself: it is circular"


def circular_call():
    arguments = {}
    arguments["a"] = arguments
    function = {"name": "f", "arguments": arguments}
    return [*HELLO, {"role": "assistant", "toolCalls": [{"id": "c", "type": "function", "function": function}]}]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (lambda: {"messages": circular_call()}, "messages[1].toolCalls[0] (f, c)"),
        (lambda: {"messages": [*EARLIER[:2], {**EARLIER[2], "content": circular_list()}]}, "messages[2]"),
        (lambda: {"messages": HELLO, "tools": [{"name": "t", "description": circular_list()}]}, "tools[0] (t)"),
        (lambda: {"messages": HELLO, "systemPrompts": circular_list()}, "systemPrompts"),
        (lambda: {"messages": [{"role": "user", "content": circular_list()}]}, "messages[0].content[0]"),
        (lambda: {"messages": HELLO, "toolChoice": circular_object()}, "toolChoice"),
        (lambda: {"messages": circular_list()}, "messages[0]"),
        (lambda: {"messages": HELLO, "tools": circular_list()}, "tools[0]"),
    ],
)
def test_whatever_else_contains_itself_is_refused_by_its_name(options, named):
    for message in refused(options):
        assert named in message


def test_what_stands_twice_and_not_in_itself_is_no_circle():
    shared = {"type": "object", "properties": {"a": {"type": "string"}}}
    schema = {"type": "object", "properties": {"from": shared, "to": shared}}
    model = Played(finish())
    options = {"messages": HELLO, "tools": [{"name": "t", "inputSchema": schema}], "modelOptions": {"a": [shared] * 3}}
    assert answer(pure(model), options)[-1]["type"] == "done"


def test_a_schema_that_only_looks_endless_is_looked_at_once():
    schema = {"type": "string"}
    for _ in range(200):
        schema = [schema, schema]
    for message in refused(lambda: {"messages": HELLO, "modelOptions": {"a": schema, "b": circular_list()}}):
        assert "modelOptions.b[1].again" in message


@pytest.mark.parametrize("key", [5, None, ("a",), frozenset()])
def test_keys_that_are_no_text_are_refused_with_their_place(key):
    tools = [{"name": "t", "inputSchema": {"type": "object", "properties": {key: {}}}}]
    for message in refused({"messages": HELLO, "tools": tools}):
        assert message == "tools[0] (t): its inputSchema, $.properties has a key that is no text"
    for message in refused({"messages": HELLO, "modelOptions": {"a": {key: 1}}}):
        assert message == "modelOptions.a has a key that is no text"


# -- Nothing that a person can write ends in a traceback (§6.8, R22)


def deep(depth, leaf=1):
    for _ in range(depth):
        leaf = {"a": leaf}
    return leaf


ODD = [
    None,
    5,
    True,
    0.5,
    float("nan"),
    "x",
    b"x",
    [],
    [None],
    [[]],
    {},
    {"type": ["x"]},
    {"type": {}},
    object(),
    print,
]
ODD += [{"type": deep(5000)}, deep(5000), [deep(5000)], circular_object(), circular_list(), {1: 2}, {5}, 10**5000]


def test_odd_options_are_one_error_chunk_or_an_answer_and_never_an_exception():
    for name in ["model", "messages", "tools", "systemPrompts", "toolChoice", "modelOptions", "temperature", "topP"]:
        for odd in ODD:
            chunks = answer(pure(Played(finish())), {"messages": HELLO} | {name: odd})
            assert chunks[-1]["type"] in {"done", "error"}, (name, type(odd))


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda odd: {"messages": [odd]},
        lambda odd: {"messages": [{"role": odd}]},
        lambda odd: {"messages": [{"role": "user", "content": odd}]},
        lambda odd: {"messages": [{"role": "user", "content": [odd]}]},
        lambda odd: {"messages": [{"role": "user", "content": [{"type": "image", "source": odd}]}]},
        lambda odd: {"messages": [{"role": "user", "content": [{"type": "pdf", "source": {"type": odd}}]}]},
        lambda odd: {"messages": [{"role": "assistant", "toolCalls": odd}]},
        lambda odd: {"messages": [{"role": "assistant", "toolCalls": [{"id": odd, "function": {"name": odd}}]}]},
        lambda odd: {
            "messages": [{"role": "assistant", "toolCalls": [{"id": "a", "function": {"name": "f", "arguments": odd}}]}]
        },
        lambda odd: {"messages": [{"role": "tool", "toolCallId": odd, "content": odd}]},
        lambda odd: {"messages": [{"role": "tool", "toolCallId": "a", "name": odd, "content": odd}]},
        lambda odd: {"messages": HELLO, "tools": [odd]},
        lambda odd: {"messages": HELLO, "tools": [{"name": odd, "needsApproval": odd}]},
        lambda odd: {"messages": HELLO, "tools": [{"name": "t", "inputSchema": odd}]},
        lambda odd: {"messages": HELLO, "tools": [{"name": "t", "inputSchema": {"properties": odd, "$ref": odd}}]},
        lambda odd: {"messages": HELLO, "modelOptions": {"a": odd, "headers": odd}},
        lambda odd: {"messages": HELLO, "toolChoice": {"type": "tool", "toolName": odd}},
        lambda odd: {"messages": HELLO, "toolChoice": {"type": odd, "function": odd}},
        lambda odd: {"messages": HELLO, "maxTokens": odd},
    ],
)
def test_structured_output_raises_nothing_but_typed_exceptions(wrapped):
    for odd in ODD:
        model = Played(call('{"a":1}', "x", "structured_output"), finish("tool-calls"))
        model.provider = "anthropic"
        adapter = pure(model)
        asked = {"chatOptions": wrapped(odd), "outputSchema": {"type": "object"}}
        with contextlib.suppress(HarnessError):
            assert asyncio.run(adapter.structured_output(asked))["data"] == {"a": 1}
        assert answer(adapter, wrapped(odd))[-1]["type"] in {"done", "error"}
