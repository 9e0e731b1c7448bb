"""The adapter of the specification, over the real router: the whole suite, and the proof of every known loss."""

import os
import subprocess
import sys
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness import runner
from harness.drivers import connect
from harness.drivers.driver import Settings
from harness.protocol.transcript import Record, Transcript
from harness.results import NotApplicable
from harness.rules import BY_ID
from harness.suite import expectations, store
from lost_upstream import Run, calls_of

ROOT = Path(__file__).parents[2]
ADAPTER = ROOT / "tests/peers/mastra-adapter"
NODE = Path(sys.executable).with_name("node")
SELDOM = 40  # of the cases without a known failure, every so many are asked in each run of the tests

both = pytest.mark.parametrize("version", ["1.0.4", "1.71.0"])


def target(version):
    return f"stdio:{NODE} {ADAPTER / 'serve.mjs'} {version}"


def list_of(version):
    return ADAPTER / f"expectations-{version}.toml"


def ran(version, *arguments, **environment):
    """Run the command as a user would; the answers that never come are waited for as shortly as is safe."""
    known = ["--expectations", str(list_of(version)), "--timeout", "3"]
    told = subprocess.run(
        [sys.executable, "-m", "harness", "run", target(version), *known, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return told.returncode, told.stdout + told.stderr


class OneAtATime:
    """A driver that is asked one question at a time, so that what the trace gains belongs to it."""

    def __init__(self, driver):
        self.implementation = replace(driver.implementation, concurrency=1)
        self.ask = driver.ask


class Known:
    """What is listed of a version: the rules that a case breaks."""

    def __init__(self, version):
        today = datetime.now(UTC).date()
        self._entries = expectations.parsed(list_of(version).read_text(), version, rules=BY_ID.keys(), today=today)

    def rules(self, case):
        return {entry.rule for entry in self._entries if entry.lists(case.id)}

    def one_of_each_reason(self, cases):
        reasons = {entry.reason for entry in self._entries}
        listed = {
            reason: next(
                case for case in cases if any(one.lists(case.id) for one in self._entries if one.reason == reason)
            )
            for reason in sorted(reasons)
        }
        return list({case.id: case for case in listed.values()}.values())


@pytest.fixture(scope="module")
def suite():
    return [case for case in store.bundled() if "spec" in case.profiles]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Give a function that yields the runs of cases, each with the calls of the router that it made."""
    trace = tmp_path_factory.mktemp("trace") / "trace"
    trace.touch()
    drivers = {}
    with ExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("STREAMCHUNK_TRACE", str(trace))
        reference = stack.enter_context(closing(connect("reference")))

        def answered(version, cases, timeout=10):
            if version not in drivers:
                drivers[version] = stack.enter_context(closing(connect(target(version), Settings(folder=ROOT))))
            for case, answer in runner.answers(cases, OneAtATime(drivers[version]), profile="spec", timeout=timeout):
                if not isinstance(answer, NotApplicable):
                    assert isinstance(answer, Transcript), (case.id, answer)
                    yield Run(case, answer, calls_of(trace.read_bytes()), reference)
                trace.write_bytes(b"")

        yield answered


def one(runs, suite, id_):
    [run] = runs("1.71.0", [case for case in suite if case.id == id_])
    return run


def assert_that_nothing_is_its_own(runs, known):
    asked = 0
    for run in runs:
        assert run.broken == known.rules(run.case), (run.case.id, run.transcript, run.calls)
        assert run.its_own == set(), (run.case.id, run.calls)
        asked += 1
    return asked


@both
def test_a_sample_passes_but_for_what_the_router_loses(version, suite, runs):
    known = Known(version)
    others = [case for case in suite if not known.rules(case)]
    asked = [*known.one_of_each_reason(suite), *others[::SELDOM]]
    assert assert_that_nothing_is_its_own(runs(version, asked), known) > 50


@both
@pytest.mark.slow
def test_every_case_passes_but_for_what_the_router_loses(version, suite, runs):
    assert assert_that_nothing_is_its_own(runs(version, suite, timeout=3), Known(version)) > 2000


@both
@pytest.mark.slow
def test_the_command_finds_exactly_what_is_listed(version):
    status, told = ran(version)
    assert status == 0, told[-3000:]


def test_a_fault_of_the_adapter_is_not_explained_by_the_router(suite, runs):
    run = one(runs, suite, "over-http/cassettes/openai-chat-two-choices")
    assert run.broken
    assert run.its_own == set()
    told = run.transcript.records
    first = next(place for place, record in enumerate(told) if record.chunk["type"] == "content")
    behind = [Record(record.number + 1, record.chunk, record.faults, record.at) for record in told[first:]]
    doubled = replace(run.transcript, records=(*told[: first + 1], *behind))
    assert "TEXT-4" in replace(run, transcript=doubled).its_own


def test_what_the_adapter_does_not_ask_for_is_not_lost_by_the_router(suite, runs):
    run = one(runs, suite, "requests/limits-openai-chat")
    assert "REQ-15" in run.broken
    assert run.its_own == set()
    unasked = [{**call, "options": {**call["options"], "temperature": None}} for call in run.calls]
    assert {"REQ-15", "expect"} <= replace(run, calls=unasked).its_own


@pytest.fixture
def asked_by_another_api(runs, suite):
    run = one(runs, suite, "over-http/providers/xai-text")
    assert "REQ-3" in run.broken
    assert run.its_own == set()
    return run


def test_an_answer_by_another_api_has_to_be_told_all_the_same(asked_by_another_api):
    run = asked_by_another_api
    silent = replace(run.transcript, records=())
    assert "END-1" in replace(run, transcript=silent).its_own


def test_an_answer_by_another_api_is_told_once(asked_by_another_api):
    run = asked_by_another_api
    told = run.transcript.records
    again = [Record(one.number + len(told), one.chunk, one.faults, one.at) for one in told]
    doubled = replace(run.transcript, records=(*told, *again))
    assert replace(run, transcript=doubled).its_own


def test_what_another_api_was_not_asked_for_is_not_lost_by_the_router(asked_by_another_api):
    run = asked_by_another_api
    unasked = [{**call, "options": {"prompt": []}} for call in run.calls]
    assert "REQ-3" in replace(run, calls=unasked).its_own


def test_an_api_that_the_case_plays_is_not_another_one(asked_by_another_api):
    run = asked_by_another_api
    target = next(one.target for one in run.transcript.exchanges).replace("/responses", "/chat/completions")
    played = [replace(exchange, target=target) for exchange in run.transcript.exchanges]
    assert not replace(run, transcript=replace(run.transcript, exchanges=played))._another_api_is_asked()


def test_options_under_a_name_that_no_package_reads_are_not_handed_over(suite, runs):
    run = one(runs, suite, "requests/options-openai-chat")
    assert run.broken == {"expect"}
    assert run.its_own == set()

    def with_options(change):
        return [{**call, "options": {**call["options"], **change(call["options"])}} for call in run.calls]

    astray = with_options(
        lambda options: {"providerOptions": {"no-such-provider": options["providerOptions"]["deepseek"]}}
    )
    assert replace(run, calls=astray).its_own == {"expect"}
    seedless = with_options(lambda _: {"seed": None})
    assert replace(run, calls=seedless).its_own == {"expect"}


def with_part(run, part):
    *before, last = run.calls
    return replace(run, calls=[*before, {**last, "parts": [part, *last["parts"]]}])


def test_an_answer_that_the_router_gave_is_not_lost(suite, runs):
    run = one(runs, suite, "structured/forced-tool-behind-vercel")
    assert "expect" in run.broken
    assert run.its_own == set()
    assert with_part(run, {"type": "text-delta", "id": "0", "delta": '{"name": "Ada"}'}).its_own == {"expect"}


def test_an_end_that_the_provider_told_is_not_the_packages_invention(suite, runs):
    run = one(runs, suite, "over-http/cassettes/google-json-array")
    assert "END-12" in run.broken
    assert run.its_own == set()
    told = {"candidates": [{"content": {"parts": []}, "finishReason": "STOP"}]}
    assert "END-12" in with_part(run, {"type": "raw", "rawValue": told}).its_own


def test_words_of_an_error_that_the_router_gave_are_not_lost(suite, runs):
    run = one(runs, suite, "refusals/status-401-anthropic")
    assert run.broken == set()
    last = run.transcript.records[-1]
    mute = Record(last.number, {**last.chunk, "error": {"message": "It failed.", "code": "401"}}, (), last.at)
    silenced = replace(run.transcript, records=(*run.transcript.records[:-1], mute))
    assert replace(run, transcript=silenced).its_own == {"expect"}


def test_a_key_of_the_users_environment_goes_nowhere():
    keys = dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "DEEPSEEK_API_KEY"), "key-of-mine")
    status, told = ran("1.71.0", "refusals/missing-key", **keys)
    assert status == 0, told[-3000:]
