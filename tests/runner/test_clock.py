"""What the provider saw is told on the clock of the run, whenever that began."""

import time

import httpx

from harness import runner
from harness.drivers.driver import Implementation
from harness.protocol.transcript import Ending, Transcript
from harness.suite.case import Case

CASE = Case.model_validate(
    {
        "id": "text/hello",
        "title": "A greeting arrives",
        "sections": ["§5"],
        "operation": "chat",
        "profiles": ["spec"],
        "given": {"wire": "openai-chat", "answers": [{"sse": ["[DONE]"]}]},
        "request": {"model": "openai/gpt-4o", "messages": []},
    }
)


class StartedEarlier:
    """Asks its provider, and says that the run began so many seconds ago, or does not say when."""

    implementation = Implementation("started-earlier", frozenset({"chat"}))

    def __init__(self, ago):
        self._ago = ago

    def ask(self, stimulus, timeout):
        httpx.post(f"{stimulus.base_url}/chat/completions", json={}, timeout=timeout)
        began = None if self._ago is None else time.monotonic() - self._ago
        return Transcript((), Ending(), stimulus, began=began)

    def close(self):
        pass


def asked_at(ago):
    ((_, transcript),) = runner.answers([CASE], StartedEarlier(ago))
    return transcript.exchanges[0].asked_at


def test_times_are_counted_from_the_beginning_of_the_run():
    assert asked_at(ago=1000) > 990_000


def test_times_are_counted_from_the_question_where_nobody_knows_when_the_run_began():
    assert asked_at(ago=None) < 500_000
