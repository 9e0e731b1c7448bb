"""Schemas that mean the same are written in one way before they are compared."""

import pytest

from harness.protocol.transcript import Stimulus, Transcript
from harness.suite.comparison import mismatches
from harness.suite.expect import Expect
from harness.suite.schema_spelling import spelled


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"required": ["b", "a"]}, {"required": ["a", "b"]}),
        ({"type": ["null", "string"]}, {"type": ["string", "null"]}),
        ({"type": "STRING"}, {"type": "string"}),
        ({"type": ["string"]}, {"type": "string"}),
        ({"anyOf": [{"properties": {"a": {"type": "OBJECT", "required": ["y", "x"]}}}]},
         {"anyOf": [{"properties": {"a": {"type": "object", "required": ["x", "y"]}}}]}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": ["string", "null"]}),
        ({"anyOf": [{"type": "null"}, {"type": ["integer", "string"]}]}, {"type": ["string", "integer", "null"]}),
        ({"anyOf": [{"type": "object", "required": ["b", "a"]}, {"type": "null"}], "description": "D"},
         {"type": ["object", "null"], "required": ["a", "b"], "description": "D"}),
        ({"properties": {"enum": {"type": "STRING"}}}, {"properties": {"enum": {"type": "string"}}}),
    ],
)  # fmt: skip
def test_the_order_of_what_has_none_is_no_difference(one, other):
    assert spelled(one) == spelled(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"required": ["a"]}, {"required": ["a", "b"]}),
        ({"anyOf": [{"type": "string"}, {"type": "number"}]}, {"anyOf": [{"type": "number"}, {"type": "string"}]}),
        ({"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]}, {"type": ["string", "null"], "enum": ["a"]}),
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}], "minLength": 1},
            {"type": ["string", "null"], "minLength": 1},
        ),
        ({"anyOf": [{"type": "string"}, {"type": "null"}, {"type": "number"}]}, {"type": ["string", "null", "number"]}),
        ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
        ({"const": {"type": "A", "required": ["b", "a"]}}, {"const": {"type": "a", "required": ["a", "b"]}}),
        ({"default": ["b", "a"]}, {"default": ["a", "b"]}),
        ({"properties": {"type": {"const": "A"}}}, {"properties": {"type": {"const": "a"}}}),
        ({"type": ["string", "null"]}, {"type": "string"}),
    ],
)
def test_what_may_mean_something_else_is_left_as_it_is(one, other):
    assert spelled(one) != spelled(other)


def test_a_transformed_schema_is_compared_by_what_it_means_and_no_other_result_is():
    expect = Expect.model_validate({"result": {"required": ["a", "b"]}})
    result = {"required": ["b", "a"]}
    transforms = Transcript((), stimulus=Stimulus(operation="transformSchema"), result=result)
    converts = Transcript((), stimulus=Stimulus(operation="convertTools"), result=result)
    assert mismatches(expect, transforms) == ()
    assert [one.field for one in mismatches(expect, converts)] == ["result"]
    other = Transcript((), stimulus=Stimulus(operation="transformSchema"), result={"required": ["b", "c"]})
    assert [one.field for one in mismatches(expect, other)] == ["result"]
