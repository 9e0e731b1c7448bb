"""Tools become AI SDK V2's, and their names come back as they were (§4, §11.2, R16)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.reference.tools import ToolNames, convert_tools_to_ai_sdk, names_in
from parts import call, text

ACCEPTED = re.compile(r"^[a-zA-Z0-9_-]{1,64}\Z")
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def test_a_tool_keeps_name_description_and_schema_and_nothing_else():
    tool = {
        "name": "get_weather",
        "description": "Tells it",
        "inputSchema": SCHEMA,
        "needsApproval": True,
        "metadata": {},
    }
    assert convert_tools_to_ai_sdk([tool]) == [
        {"type": "function", "name": "get_weather", "description": "Tells it", "inputSchema": SCHEMA}
    ]


@pytest.mark.parametrize("tool", [{"name": "now"}, {"name": "now", "description": None, "inputSchema": None}])
def test_a_tool_without_a_schema_takes_no_input(tool):
    assert convert_tools_to_ai_sdk([tool]) == [
        {"type": "function", "name": "now", "inputSchema": {"type": "object", "properties": {}}}
    ]


def test_a_number_of_a_schema_keeps_its_digits_though_no_double_holds_it():
    schema = {"type": "object", "properties": {"id": {"type": "integer", "maximum": 12345678901234567890}}}
    assert convert_tools_to_ai_sdk([{"name": "find", "inputSchema": schema}])[0]["inputSchema"] == schema


def test_tools_stay_in_order_and_keep_odd_names_where_nobody_keeps_the_map():
    assert [tool["name"] for tool in convert_tools_to_ai_sdk([{"name": "b.c"}, {"name": "a"}])] == ["b.c", "a"]
    assert [tool["name"] for tool in convert_tools_to_ai_sdk([{"name": "b.c"}], ToolNames(["b.c"]))] == ["b_c"]


def test_the_schema_that_stands_in_for_a_missing_one_is_nobodys_to_change():
    convert_tools_to_ai_sdk([{"name": "a"}])[0]["inputSchema"]["type"] = "array"
    assert convert_tools_to_ai_sdk([{"name": "a"}])[0]["inputSchema"]["type"] == "object"


@pytest.mark.parametrize(
    ("tools", "message"),
    [
        (["get_weather"], r"tools\[0\] is no object"),
        ([{"name": "a"}, {"description": "x"}], r"tools\[1\] has no name"),
        ([{"name": ""}], r"tools\[0\] has no name"),
        ([{"name": "a", "inputSchema": True}], r"tools\[0\] \(a\): its inputSchema is a bool"),
        ([{"name": "a", "inputSchema": "{}"}], "its inputSchema is a str"),
        ({"name": "a"}, "tools are a list"),
        (None, "tools are a list"),
        ("a", "tools are a list"),
    ],
)
def test_what_is_no_tool_is_refused_and_named(tools, message):
    with pytest.raises(InputError, match=message):
        convert_tools_to_ai_sdk(tools)


@pytest.mark.parametrize(
    ("names", "sent"),
    [
        (["get_weather", "Get-Weather2"], ["get_weather", "Get-Weather2"]),
        (["a.b"], ["a_b"]),
        (["a.b", "a b", "a_b"], ["a_b_2", "a_b_3", "a_b"]),
        (["wetter für"], ["wetter_f_r"]),
        (["x" * 64, "x" * 65], ["x" * 64, "x" * 62 + "_2"]),
        (["a\n"], ["a_"]),
        (["日本"], ["__"]),
    ],
)
def test_only_a_name_that_providers_refuse_is_replaced(names, sent):
    known = ToolNames(names)
    assert [known.sent(name) for name in names] == sent
    assert [known.own(name) for name in sent] == names


@given(st.lists(st.text(max_size=3) | st.text("a.b_2", max_size=70), max_size=12))
def test_renaming_is_a_bijection_onto_names_that_providers_accept(names):
    known = ToolNames(names)
    sent = [known.sent(name) for name in dict.fromkeys(names)]
    assert all(map(ACCEPTED.match, sent))
    assert len(set(sent)) == len(sent)
    assert [known.own(name) for name in sent] == list(dict.fromkeys(names))
    assert sent == [ToolNames(names).sent(name) for name in dict.fromkeys(names)]
    assert all(known.sent(name) == name for name in names if ACCEPTED.match(name))


def test_a_name_that_nobody_knows_stays_on_both_sides():
    names = ToolNames(["a.b"])
    assert (names.sent("web_search"), names.own("web_search")) == ("web_search", "web_search")


def test_an_event_gets_the_consumers_own_name_back_and_other_events_stay():
    names = ToolNames(["a.b"])
    event = call(name="a_b")
    assert names.restored(event) == event | {"toolName": "a.b"}
    assert event["toolName"] == "a_b"
    for other in (call(name="c"), text("a_b"), {"type": "tool-call", "toolName": None}, "{}", 3):
        assert names.restored(other) is other


def test_the_names_of_a_request_are_those_of_its_tools_then_of_its_earlier_calls():
    function = {"function": {"name": "b.b"}}
    options = {
        "tools": [{"name": "a.a"}, {"name": 3}, "x"],
        "messages": [
            "?",
            {"role": "assistant", "toolCalls": [function, {"function": 3}, "y"]},
            {"role": "tool", "name": "c.c"},
        ],
    }
    assert list(names_in(options)) == ["a.a", "b.b", "c.c"]
    assert list(names_in({"tools": "nonsense", "messages": 7})) == []
