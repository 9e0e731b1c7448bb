"""What a shim says of itself is taken as it is, or refused with what was sent and what is wanted."""

import copy
import re

import pytest

from harness.drivers.introduction import MOST_AT_A_TIME, implementation_of
from harness.drivers.session import Session
from harness.errors import ShimError
from shim_lines import INTRODUCTION, introduced, line


def changed(place, value):
    told = copy.deepcopy(INTRODUCTION)
    *above, last = place.split(".")
    holder = told
    for name in above:
        holder = holder[name]
    if value is KeyError:
        del holder[last]
    else:
        holder[last] = value
    return told


def test_what_is_declared_is_what_can_be_asked():
    told = changed("capabilities", {
        "operations": ["transform", "chat", "structuredOutput", "parseJson"], "wires": ["openai-chat"], "abort": True,
        "approvals": True, "fetchShim": True, "maxConcurrentRuns": 4,
    })  # fmt: skip
    found = implementation_of(told)
    assert found.operations == {"transform", "chat", "structuredOutput", "parseJson"}
    assert found.abortable == {"transform", "chat", "structuredOutput"}
    assert found.approvable == {"transform", "chat"}
    assert found.wires == {"openai-chat"}
    assert (found.plays_fetch, found.concurrency, found.profile, found.dialect) == (True, 4, "tanstack", "streamchunk")
    assert (found.name, found.version, found.language, found.homepage) == ("adapter", "1.2.3", "TypeScript", None)


def test_what_is_not_declared_cannot_be_asked():
    found = implementation_of(changed("capabilities", {"operations": ["chat"]}))
    assert (found.abortable, found.approvable, found.plays_fetch, found.concurrency) == (set(), set(), False, 1)
    assert found.wires is None


def test_no_shim_is_asked_more_at_a_time_than_we_want():
    assert implementation_of(changed("capabilities.maxConcurrentRuns", 10**6)).concurrency == MOST_AT_A_TIME


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("protocolVersion", 2, ["2 as protocolVersion", "speaks version 1"]),
        ("protocolVersion", KeyError, ["no protocolVersion"]),
        ("protocolVersion", True, ["true as protocolVersion"]),
        ("implementation", KeyError, ["null as implementation", "an object is wanted"]),
        ("implementation.name", 7, ["7 as implementation.name", "a text is wanted"]),
        ("implementation.name", "", ["an empty implementation.name"]),
        ("implementation.version", KeyError, ["no implementation.version"]),
        ("dialect", "esperanto", ['"esperanto" as dialect', "streamchunk, ag-ui"]),
        ("profile", "mine", ['"mine" as profile', "spec, tanstack"]),
        ("capabilities", [], ["[] as capabilities", "an object is wanted"]),
        ("capabilities.operations", KeyError, ["no capabilities.operations"]),
        ("capabilities.operations", "chat", ['"chat" as capabilities.operations', "an array of words"]),
        ("capabilities.operations", ["structured-output"], ["the operation 'structured-output'", "structuredOutput"]),
        ("capabilities.wires", [1], ["[1] as capabilities.wires"]),
        ("capabilities.abort", "yes", ['"yes" as capabilities.abort', "true or false"]),
        ("capabilities.maxConcurrentRuns", 0, ["0 as capabilities.maxConcurrentRuns", "an integer from 1"]),
        ("capabilities.maxConcurrentRuns", True, ["true as capabilities.maxConcurrentRuns"]),
    ],
)
def test_what_is_wrong_is_said_with_what_is_wanted(place, value, words):
    session = Session()
    session.received([line(id=0, result=changed(place, value))], 0.0)
    assert session.implementation is None
    assert isinstance(session.fault, ShimError)
    for word in ["your shim sent", *words]:
        assert word in str(session.fault)


def test_a_shim_that_does_not_want_to_be_asked_is_quoted():
    session = Session()
    session.received([line(id=0, error={"code": -32602, "message": "version 1 is too old"})], 0.0)
    assert re.search("version 1 is too old.*does not want to be asked", str(session.fault))


def test_a_second_introduction_is_refused():
    session = introduced()
    session.received([line(id=0, result=INTRODUCTION)], 0.1)
    assert "the request 0 was answered already" in str(session.unblamed)
