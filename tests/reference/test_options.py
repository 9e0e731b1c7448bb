"""TanStack's options and §2's configuration become AI SDK V2's call options (§8, §12.5, R29); written by hand."""

import math
from decimal import Decimal

import pytest

from harness.errors import InputError
from harness.reference.options import MastraTextProviderOptions as Config
from harness.reference.options import call_options, tool_names

HELLO = [{"role": "user", "content": "hi"}]
PROMPT = [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]


def asked(provider="openai", **options):
    options = {"messages": HELLO} | options
    return call_options(options, provider, tool_names(options))


def test_only_what_was_said_is_asked():
    assert asked() == {"prompt": PROMPT}
    assert asked(temperature=None, maxTokens=None, topP=None, tools=[], systemPrompts=[], modelOptions={}) == {
        "prompt": PROMPT
    }


def test_everything_has_v2s_name():
    tool = {"name": "get_weather", "inputSchema": {"type": "object"}}
    assert asked(
        systemPrompts=["Be kind.", "Be short."],
        tools=[tool],
        toolChoice="required",
        maxTokens=100,
        temperature=0,
        topP=0.5,
        modelOptions={"apiKey": "k", "url": "u", "timeout": 1, "maxRetries": 0, "headers": {"x-a": "b"}, "seed": 7},
        metadata={"user": "u1"},
        conversationId="c",
        request={},
    ) == {
        "prompt": [{"role": "system", "content": "Be kind.\nBe short."}, *PROMPT],
        "tools": [{"type": "function", "name": "get_weather", "inputSchema": {"type": "object"}}],
        "toolChoice": {"type": "required"},
        "maxOutputTokens": 100,
        "temperature": 0,
        "topP": 0.5,
        "providerOptions": {"openai": {"seed": 7}},
        "headers": {"x-a": "b"},
    }


def test_system_prompts_stand_before_the_system_messages_of_the_conversation():
    prompt = asked(messages=[{"role": "system", "content": "b"}, *HELLO], systemPrompts=["a"])["prompt"]
    assert prompt[:2] == [{"role": "system", "content": "a"}, {"role": "system", "content": "b"}]


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", {"type": "auto"}),
        ("none", {"type": "none"}),
        ({"type": "auto"}, {"type": "auto"}),
        ({"type": "tool", "toolName": "f"}, {"type": "tool", "toolName": "f"}),
        ({"type": "function", "function": {"name": "f"}}, {"type": "tool", "toolName": "f"}),
        ({"type": "tool", "toolName": "my tool"}, {"type": "tool", "toolName": "my_tool"}),
    ],
)
def test_a_tool_choice_may_be_said_in_either_form(choice, sent):
    assert asked(toolChoice=choice)["toolChoice"] == sent


@pytest.mark.parametrize(
    "choice", ["any", 3, {}, {"type": "tool"}, {"type": "function", "function": "f"}, {"type": ["tool"]}]
)
def test_an_unknown_tool_choice_is_refused(choice):
    with pytest.raises(InputError, match="no such toolChoice"):
        asked(toolChoice=choice)


def test_a_tool_has_the_same_name_wherever_it_is_named():
    call = {"id": "c", "type": "function", "function": {"name": "get weather", "arguments": "{}"}}
    options = asked(
        messages=[{"role": "assistant", "toolCalls": [call]}, {"role": "tool", "toolCallId": "c", "content": "x"}],
        tools=[{"name": "get_weather"}, {"name": "get weather"}],
        toolChoice={"type": "tool", "toolName": "get weather"},
    )
    assert [tool["name"] for tool in options["tools"]] == ["get_weather", "get_weather_2"]
    assert [message["content"][0]["toolName"] for message in options["prompt"]] == ["get_weather_2"] * 2
    assert options["toolChoice"]["toolName"] == "get_weather_2"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"systemPrompts": "be kind"}, "systemPrompts are a list of texts"),
        ({"systemPrompts": [{"content": "a"}]}, "systemPrompts are a list of texts"),
        ({"modelOptions": ["seed"]}, "modelOptions are an object"),
        ({"messages": "hi"}, "messages are a list"),
        ({"tools": {"name": "a"}}, "tools are a list"),
    ],
)
def test_options_of_another_shape_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        asked(**options)


# -- Limits are refused in the caller's own words (§8, R29)


@pytest.mark.parametrize(
    ("name", "wrong", "wanted"),
    [
        *(
            ("maxTokens", wrong, "a whole number above 0")
            for wrong in (0, -1, 1.5, True, "7", [7], 1e400, Decimal("NaN"))
        ),
        *(
            (name, wrong, "a finite number")
            for name in ("temperature", "topP")
            for wrong in ("hot", True, [0.5], math.nan, math.inf, -math.inf, Decimal("sNaN"), Decimal("Infinity"), 1j)
        ),
    ],
)
def test_a_limit_that_is_no_such_number_is_refused_by_the_callers_name_for_it(name, wrong, wanted):
    with pytest.raises(InputError, match=f"^{name} is {wanted}, and not "):
        asked(**{name: wrong})


@pytest.mark.parametrize(
    ("name", "sent", "value"),
    [
        ("maxTokens", "maxOutputTokens", 1),
        ("maxTokens", "maxOutputTokens", 100.0),
        ("maxTokens", "maxOutputTokens", 10**400),
        ("temperature", "temperature", 0),
        ("temperature", "temperature", 10**400),
        ("temperature", "temperature", Decimal("0.1")),
        ("topP", "topP", 1e-300),
    ],
)
def test_every_other_limit_is_the_providers_to_judge(name, sent, value):
    assert asked(**{name: value})[sent] == value


# -- §2's configuration


def test_a_configuration_may_be_json_or_ours():
    json = {"apiKey": "k", "url": "https://h", "headers": {"a": "b"}, "timeout": 5, "maxRetries": 0}
    ours = Config(api_key="k", url="https://h", headers={"a": "b"}, timeout=5, max_retries=0)
    assert Config.of(json) == ours
    assert Config.of(ours) is ours
    assert ours.as_json() == json
    assert Config.of(None).as_json() == Config.of({}).as_json() == {}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"api_key": "secret"}, "no option 'api_key'; there are apiKey"),
        ({"retries": 1}, "'retries'"),
        ("secret", "a str"),
    ],
)
def test_a_name_that_would_have_no_effect_is_refused(config, message):
    with pytest.raises(InputError, match=message) as caught:
        Config.of(config)
    assert "secret" not in str(caught.value)


def test_a_repr_shows_nothing_that_may_be_secret():
    config = Config(api_key="sk-1", url="https://u:sk-2@h", headers={"authorization": "sk-3"}, timeout=5, max_retries=1)
    assert repr(config) == "MastraTextProviderOptions(timeout=5, max_retries=1)"


def test_the_options_of_a_call_beat_the_configuration_but_for_headers_which_join_it():
    config = Config(api_key="k", url="https://h", headers={"a": "b"}, timeout=5, max_retries=3)
    call = {"apiKey": "mine", "timeout": None, "maxRetries": 0, "headers": {"c": "d"}, "seed": 7}
    assert config.overridden(call) == Config(
        api_key="mine", url="https://h", headers={"a": "b"}, timeout=5, max_retries=0
    )
    assert config.api_key == "k"


ONE_OF = {"type": "object", "properties": {"by": {"oneOf": [{"type": "string"}, {"type": "null"}]}}}


@pytest.mark.parametrize("provider", ["openai", "azure-openai"])
def test_a_tool_schema_that_openai_refuses_is_refused_with_its_place(provider):
    with pytest.raises(InputError, match=r"tools\[0\] \(pay\): .*\$\.properties\.by: oneOf"):
        asked(provider, tools=[{"name": "pay", "inputSchema": ONE_OF}])


@pytest.mark.parametrize("provider", ["anthropic", "google", "togetherai"])
def test_others_are_sent_the_schema_of_a_tool_as_it_is(provider):
    assert asked(provider, tools=[{"name": "pay", "inputSchema": ONE_OF}])["tools"][0]["inputSchema"] == ONE_OF


@pytest.mark.parametrize("odd", [{"properties": {"oneOf": {"type": "string"}}}, {"properties": 7, "anyOf": "x"}])
def test_what_is_not_the_word_one_of_goes_to_openai(odd):
    assert asked(tools=[{"name": "pay", "inputSchema": odd}])["tools"][0]["inputSchema"] == odd
