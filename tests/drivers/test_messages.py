"""The protocol's schema is printed from our models, and tells a right message from a wrong one."""

import pytest
from jsonschema import Draft202012Validator

from harness.drivers import messages
from harness.drivers.verification import Verifier
from harness.resources import schema
from shim_lines import INTRODUCTION

CHUNK = {"jsonrpc": "2.0", "method": "chunk", "params": {"runId": "1", "chunk": {"type": "done"}}}
ANSWER = {"jsonrpc": "2.0", "id": 1, "result": {"ending": "completed"}}
ASKED = {"runId": "1", "operation": "chat", "request": {}, "options": {"timeoutMs": 1}}
RUN = {"jsonrpc": "2.0", "id": 1, "method": "run", "params": ASKED}
FETCH = {"kind": "fetch", "status": 200, "headers": {}, "pieces": [], "ending": "close"}


def test_the_file_is_what_the_models_print():
    assert schema("harness/driver-v1") == messages.schema()


def test_the_file_is_a_schema_in_which_every_message_is_told_from_anything_else():
    Draft202012Validator.check_schema(messages.schema())
    validator = Draft202012Validator(messages.schema())
    assert validator.is_valid(CHUNK)
    assert validator.is_valid(RUN)
    assert not validator.is_valid({"jsonrpc": "2.0"})
    assert not validator.is_valid({**RUN, "method": "walk"})


@pytest.mark.parametrize(
    ("message", "answers"),
    [
        (CHUNK, None),
        ({**CHUNK, "params": {"runId": "1", "chunk": None}}, None),
        ({"jsonrpc": "2.0", "method": "modelCall", "params": {"runId": "1", "options": {}}}, None),
        ({"jsonrpc": "2.0", "id": 0, "result": INTRODUCTION}, "initialize"),
        (ANSWER, "run"),
        ({**ANSWER, "result": {"ending": "raised", "error": {"name": "E", "message": "", "code": "x"}}}, "run"),
        ({**ANSWER, "result": {"ending": "aborted", "abortedAfter": 3, "more": True}}, "run"),
        ({"jsonrpc": "2.0", "id": 1, "error": {"code": -32602, "message": "no"}}, "run"),
        ({"jsonrpc": "2.0", "id": -1, "result": None}, "shutdown"),
        (RUN, None),
        ({**RUN, "params": {**ASKED, "source": FETCH}}, None),
    ],
)
def test_what_is_right_has_no_fault(message, answers):
    assert Verifier().fault(message, answers) is None


@pytest.mark.parametrize(
    ("message", "answers", "place"),
    [
        ({**CHUNK, "params": {"runId": 1, "chunk": {}}}, None, "params.runId"),
        ({"jsonrpc": "2.0", "id": 0, "result": {**INTRODUCTION, "profile": "mine"}}, "initialize", "result.profile"),
        (
            {"jsonrpc": "2.0", "id": 0, "result": {**INTRODUCTION, "capabilities": {"operations": ["sing"]}}},
            "initialize",
            "result.capabilities.operations[0]",
        ),
        ({**ANSWER, "result": {"ending": "done"}}, "run", "result.ending"),
        ({**ANSWER, "result": {"ending": "raised", "error": {"name": "E"}}}, "run", "result.error"),
        ({"jsonrpc": "2.0", "id": 1, "error": {"message": "no"}}, "run", "error"),
        ({**RUN, "params": {**ASKED, "source": {**FETCH, "ending": "end"}}}, None, "params.source.ending"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(message, answers, place):
    assert Verifier().fault(message, answers).startswith(f"{place}: ")
