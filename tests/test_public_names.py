"""What a user of the library may import, and nothing else."""

import inspect
import subprocess
import sys

import pytest

import harness


def test_the_public_names_are_these():
    assert harness.__all__ == [
        "AbortController",
        "InputError",
        "MastraTextAdapter",
        "MastraTextProviderOptions",
        "ModelError",
        "NoSuchModel",
        "Reading",
        "StructuredOutputError",
        "Transcript",
        "Verdict",
        "Violation",
        "convert_to_ai_sdk_messages",
        "convert_tools_to_ai_sdk",
        "judge",
        "mastra_text",
        "to_approval_requested_chunk",
        "to_content_chunk",
        "to_done_chunk",
        "to_error_chunk",
        "to_thinking_chunk",
        "to_tool_call_chunk",
        "to_tool_result_chunk",
    ]
    assert dir(harness) == harness.__all__


IDENTITY = ["id", "model", "timestamp"]


@pytest.mark.parametrize(
    ("name", "positional", "by_name"),
    [
        ("MastraTextAdapter", ["config", "model_id"], ["model_of"]),
        ("MastraTextAdapter.chat_stream", ["self", "options"], ["approve"]),
        ("MastraTextAdapter.structured_output", ["self", "options"], []),
        ("MastraTextProviderOptions", [], ["api_key", "url", "headers", "timeout", "max_retries"]),
        ("mastra_text", ["model_id", "config"], []),
        ("convert_to_ai_sdk_messages", ["messages", "names"], []),
        ("convert_tools_to_ai_sdk", ["tools", "names"], []),
        ("to_content_chunk", [], [*IDENTITY, "delta", "content"]),
        ("to_thinking_chunk", [], [*IDENTITY, "delta", "content"]),
        ("to_tool_call_chunk", [], [*IDENTITY, "tool_call_id", "name", "arguments", "index"]),
        ("to_tool_result_chunk", [], [*IDENTITY, "tool_call_id", "content"]),
        ("to_approval_requested_chunk", [], [*IDENTITY, "tool_call_id", "tool_name", "input"]),
        ("to_done_chunk", [], [*IDENTITY, "finish_reason", "usage"]),
        ("to_error_chunk", [], [*IDENTITY, "message", "code"]),
    ],
)
def test_arguments_have_the_names_and_the_order_of_the_specification(name, positional, by_name):
    first, _, method = name.partition(".")
    found = getattr(harness, first)
    parameters = inspect.signature(getattr(found, method) if method else found).parameters.values()
    assert [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD] == positional
    assert [one.name for one in parameters if one.kind is one.KEYWORD_ONLY] == by_name


def test_the_adapter_is_what_the_specification_says():
    adapter = harness.mastra_text("openai/gpt-4o", {"apiKey": "k"})
    assert isinstance(adapter, harness.MastraTextAdapter)
    assert (adapter.kind, adapter.name) == ("text", "mastra")


@pytest.mark.parametrize("name", harness.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(harness, name).__doc__


@pytest.mark.parametrize(
    "first", ["", "import harness.judge;", "from harness.judge import Verdict;", "import harness.cli.judge;"]
)
def test_judge_is_the_function_whatever_was_imported_before(first):
    code = "from harness import judge; from harness import judge as again; print(judge([]).conforms, again is judge)"
    shown = subprocess.run([sys.executable, "-c", f"{first}{code}"], capture_output=True, text=True, check=True).stdout
    assert shown.split() == ["False", "True"]


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        harness.nope  # noqa: B018 - the access is the test
