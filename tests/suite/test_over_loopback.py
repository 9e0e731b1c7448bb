"""Every cassette is played over loopback as well: the bytes instead of the events, and nothing else changed."""

import pytest

from harness.cassettes import cassette
from harness.drivers.driver import Implementation
from harness.model.router import resolve
from harness.protocol.transcript import Ending, Transcript
from harness.runner import run
from harness.suite import store
from harness.suite.case import Case
from harness.suite.given import Http
from harness.suite.over_loopback import AREA, over_loopback
from harness.suite.playing import scripts
from harness.suite.routing import BASE_URL

BUNDLED = store.bundled()
PLAYED = [case for case in BUNDLED if case.area == AREA]


def made_of(name, **request):
    return Case.model_validate(
        {
            "id": "mine/one",
            "title": "One",
            "sections": ["R4"],
            "profiles": ["spec"],
            "given": {"cassette": name},
            "request": request,
            "expect": {"text": "Hello."},
        }
    )


def test_every_bundled_cassette_is_played_over_loopback():
    asked = {answer.cassette for case in BUNDLED if isinstance(case.given, Http) for answer in case.given.answers}
    assert asked >= set(cassette.names())


@pytest.mark.parametrize("case", PLAYED, ids=lambda case: case.id)
def test_the_model_is_reached_over_the_wire_of_its_cassette(case):
    options = case.request["modelOptions"]
    url = {"url": "http://127.0.0.1:1"} if options.get("url") == BASE_URL else {}
    route = resolve(case.request["model"], {**options, **url}, base_url="http://127.0.0.1:1", environment={})
    assert route.wire == case.given.wire


def test_what_must_come_out_is_what_the_events_owe():
    case = made_of("openai/chat-text")
    played = over_loopback(case)
    assert (played.id, played.operation) == ("over-http/mine/one", "chat")
    assert (played.expect, played.profiles, played.sections) == (case.expect, case.profiles, case.sections)


def test_the_bytes_are_those_of_the_cassette():
    (script,) = scripts(over_loopback(made_of("openai/chat-text")))
    assert b"".join(piece.data for piece in script.pieces) == cassette.load("openai/chat-text").body


def test_the_options_of_a_case_stay():
    played = over_loopback(made_of("google/text", model="m", modelOptions={"apiKey": "mine", "temperature": 0}))
    assert played.request["model"] == "google/m"
    assert played.request["modelOptions"] == {"apiKey": "mine", "maxRetries": 0, "temperature": 0}


def test_a_case_that_plays_no_cassette_has_nothing_to_play():
    case = made_of("openai/chat-text").model_copy(update={"given": next(c.given for c in BUNDLED if c.area == "text")})
    assert over_loopback(case) is None


class Deaf:
    """An adapter that never asks its provider."""

    implementation = Implementation("deaf", frozenset({"chat"}))

    def ask(self, stimulus, timeout):  # noqa: ARG002 - a driver's signature
        return Transcript((), Ending(), stimulus)


def test_an_adapter_that_never_asks_fails():
    (result,) = run([over_loopback(made_of("openai/chat-text"))], Deaf(), timeout=5)
    assert type(result).__name__ == "Failed"
