import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from referencing import Registry, Resource

from harness.reference.chunks import (
    to_content_chunk,
    to_done_chunk,
    to_error_chunk,
    to_thinking_chunk,
    to_tool_call_chunk,
    to_tool_result_chunk,
)
from harness.reference.usage import map_usage
from harness.resources import folder, schema

BASE = {"id": "resp_1", "model": "m", "timestamp": 1_700_000_000_000}


def test_a_content_chunk_has_the_fields_of_the_specification():
    assert to_content_chunk(**BASE, delta="b", content="ab") == {
        "type": "content", **BASE, "delta": "b", "content": "ab", "role": "assistant",
    }  # fmt: skip


def test_a_thinking_chunk_has_the_fields_of_the_specification():
    assert to_thinking_chunk(**BASE, delta="b", content="ab") == {
        "type": "thinking", **BASE, "delta": "b", "content": "ab",
    }  # fmt: skip


def test_a_tool_call_chunk_nests_the_call_as_tanstack_types_it():
    assert to_tool_call_chunk(**BASE, tool_call_id="c", name="get", arguments="{}", index=2) == {
        "type": "tool_call",
        **BASE,
        "index": 2,
        "toolCall": {"id": "c", "type": "function", "function": {"name": "get", "arguments": "{}"}},
    }


def test_a_tool_result_chunk_has_the_fields_of_the_specification():
    assert to_tool_result_chunk(**BASE, tool_call_id="c", content="1") == {
        "type": "tool_result", **BASE, "toolCallId": "c", "content": "1",
    }  # fmt: skip


def test_a_done_chunk_leaves_out_a_usage_that_is_not_given():
    usage = {"promptTokens": 1, "completionTokens": 2, "totalTokens": 3}
    assert to_done_chunk(**BASE, finish_reason="stop") == {"type": "done", **BASE, "finishReason": "stop"}
    assert to_done_chunk(**BASE, finish_reason=None, usage=usage) == {
        "type": "done", **BASE, "finishReason": None, "usage": usage,
    }  # fmt: skip


def test_an_error_chunk_leaves_out_a_code_that_is_not_known():
    assert to_error_chunk(**BASE, message="boom") == {"type": "error", **BASE, "error": {"message": "boom"}}
    assert to_error_chunk(**BASE, message="boom", code="502")["error"] == {"message": "boom", "code": "502"}


BASES = st.fixed_dictionaries({"id": st.text(), "model": st.text(), "timestamp": st.integers(min_value=0)})
TOKENS = st.integers() | st.floats() | st.none()
USAGES = st.none() | st.builds(
    map_usage, st.fixed_dictionaries({"inputTokens": TOKENS, "outputTokens": TOKENS, "totalTokens": TOKENS})
)
CHUNKS = st.one_of(
    st.builds(lambda base, **more: to_content_chunk(**base, **more), BASES, delta=st.text(), content=st.text()),
    st.builds(lambda base, **more: to_thinking_chunk(**base, **more), BASES, delta=st.text(), content=st.text()),
    st.builds(
        lambda base, **more: to_tool_call_chunk(**base, **more),
        BASES,
        tool_call_id=st.text(),
        name=st.text(),
        arguments=st.text(),
        index=st.integers(min_value=0),
    ),
    st.builds(
        lambda base, **more: to_tool_result_chunk(**base, **more), BASES, tool_call_id=st.text(), content=st.text()
    ),
    st.builds(
        lambda base, **more: to_done_chunk(**base, **more),
        BASES,
        finish_reason=st.sampled_from(["stop", "length", "content_filter", "tool_calls", None]),
        usage=USAGES,
    ),
    st.builds(
        lambda base, **more: to_error_chunk(**base, **more), BASES, message=st.text(), code=st.none() | st.text()
    ),
)


@pytest.fixture(scope="module")
def validators():
    """One validator for each chunk type."""
    names = [path.stem for path in (folder("schemas") / "stream-chunk").glob("*.json")]
    loaded = {name: schema(f"stream-chunk/{name}") for name in names}
    registry = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in loaded.values())
    return {name: jsonschema.Draft202012Validator(one, registry=registry) for name, one in loaded.items()}


@given(CHUNKS)
def test_what_a_constructor_writes_its_schema_accepts(validators, chunk):
    validators[chunk["type"]].validate(chunk)


def test_the_schemas_can_refuse(validators):
    chunk = to_content_chunk(**BASE, delta="b", content="ab")
    del chunk["delta"]
    assert not validators["content"].is_valid(chunk)
