import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reference.usage import map_usage


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"promptTokens": 1, "completionTokens": 2, "totalTokens": 3}, (1, 2, 3)),
        ({"inputTokens": 11, "outputTokens": 7, "totalTokens": 18, "reasoningTokens": 4}, (11, 7, 18)),
        ({"input_tokens": 1, "output_tokens": 2}, (1, 2, 3)),
        ({"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 20}, (10, 4, 20)),
        ({"inputTokens": {"total": 20, "cacheRead": 8}, "outputTokens": {"total": 5, "text": 5}}, (20, 5, 25)),
        ({"inputTokens": {"noCache": 20}, "outputTokens": {"total": 5}}, (0, 5, 5)),
        ({"inputTokens": 3}, (3, 0, 3)),
        ({"totalTokens": 18}, (0, 0, 18)),
        ({"inputTokens": 0, "outputTokens": 0, "totalTokens": 0}, (0, 0, 0)),
        ({"inputTokens": 3, "totalTokens": 0}, (3, 0, 0)),
        ({"inputTokens": 1.7e308, "outputTokens": 1.7e308}, (1.7e308, 1.7e308, 0)),
        ({"inputTokens": math.nan, "outputTokens": math.inf, "totalTokens": -1}, (0, 0, 0)),
        ({"promptTokens": math.nan, "inputTokens": 4}, (4, 0, 4)),
        ({"inputTokens": 5.0, "outputTokens": 2}, (5.0, 2, 7.0)),
        ({"inputTokens": True, "outputTokens": "2"}, (0, 0, 0)),
        ({"inputTokens": 10**400}, (0, 0, 0)),
        ({}, (0, 0, 0)),
        (None, (0, 0, 0)),
        ("18", (0, 0, 0)),
        ([1, 2], (0, 0, 0)),
    ],
)
def test_usage_is_what_the_provider_counted_and_zero_where_it_did_not(usage, expected):
    assert tuple(map_usage(usage).values()) == expected
    assert list(map_usage(usage)) == ["promptTokens", "completionTokens", "totalTokens"]


NUMBERS = st.integers() | st.floats() | st.none() | st.booleans()


@given(st.dictionaries(st.sampled_from(["inputTokens", "outputTokens", "totalTokens"]), NUMBERS))
def test_no_usage_holds_a_number_that_is_not_json(usage):
    assert all(math.isfinite(count) and count >= 0 for count in map_usage(usage).values())
