"""A case that plays a wire out of scope, or a cassette of one, is refused by its name."""

import json

import pytest
from pydantic import ValidationError

from harness.errors import FixtureError, InputError
from harness.providers import OUT_OF_SCOPE
from harness.suite import recorded
from harness.suite.given import Http
from harness.suite.stimulus import decoded


@pytest.mark.parametrize("wire", OUT_OF_SCOPE)
def test_a_case_that_plays_such_a_wire_is_refused(wire):
    with pytest.raises(ValidationError) as caught:
        Http.model_validate({"wire": wire, "answers": [{}]})
    assert f"the wire {wire} is out of scope: {OUT_OF_SCOPE[wire]}" in str(caught.value)


@pytest.mark.parametrize("wire", OUT_OF_SCOPE)
def test_a_cassette_of_such_a_wire_is_refused_where_a_case_plays_it(wire):
    with pytest.raises(FixtureError, match=f"case a/b: the cassette c: the wire {wire} is out of scope"):
        decoded(wire, b"", "case a/b: the cassette c")


@pytest.mark.parametrize(
    ("beside", "uri"),
    [({"wire": "watsonx"}, "https://a.test/x"), ({}, "https://a.test/ml/v1/text/generation_stream")],
    ids=["named", "by its path"],
)
def test_a_cassette_of_such_a_wire_makes_no_case(tmp_path, beside, uri):
    request = {"method": "POST", "uri": uri, "body": "", "headers": {}}
    response = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "data: {}\n\n"}}
    tape = {"version": 1, **beside, "interactions": [{"request": request, "response": response}]}
    (tmp_path / "a.yaml").write_text(json.dumps(tape))
    with pytest.raises(InputError, match="the wire watsonx is out of scope"):
        recorded.load([str(tmp_path / "a.yaml")])
