"""Several questions at a time: in order, with a short look ahead, and nobody is blamed for another."""

import threading
from contextlib import closing

import pytest

from harness.drivers.driver import Implementation
from harness.errors import Disturbed, FixtureError, ShimError
from harness.protocol.transcript import Ending, Transcript
from harness.results import Errored
from harness.runner import answers
from hostile import case

LONG = 30


class Several:
    """A driver that answers four at a time; `answer` is called with the model that is asked, in the asking thread."""

    def __init__(self, answer, concurrency=4):
        self.implementation = Implementation("several", frozenset({"transform"}), concurrency=concurrency)
        self.answer = answer
        self.asked = []
        self.under_way = 0
        self.most = 0
        self.lock = threading.Lock()

    def ask(self, stimulus, timeout):  # noqa: ARG002 - the driver's signature
        model = stimulus.request["model"]
        with self.lock:
            self.asked.append(model)
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        try:
            self.answer(model, self)
        finally:
            with self.lock:
                self.under_way -= 1
        return Transcript((), Ending(), stimulus)


def cases(number):
    return [case(f"text/{place}", model=str(place)) for place in range(number)]


def test_answers_come_in_the_order_of_the_cases():
    together = threading.Barrier(4)
    driver = Several(lambda *_: together.wait(LONG))
    found = list(answers(cases(20), driver))
    assert [one.id for one, _ in found] == [one.id for one in cases(20)]
    assert all(isinstance(answer, Transcript) for _, answer in found)
    assert driver.most == 4


def test_a_driver_that_answers_one_at_a_time_is_asked_in_this_thread():
    threads = set()
    driver = Several(lambda *_: threads.add(threading.current_thread()), concurrency=1)
    list(answers(cases(3), driver))
    assert threads == {threading.current_thread()}


def test_only_a_few_are_asked_ahead_of_what_is_wanted():
    driver = Several(lambda *_: None)
    with closing(answers(cases(1000), driver)) as found:
        next(found)
    assert len(driver.asked) <= 8


def test_who_was_disturbed_is_asked_again_alone():
    disturbed = {"3", "5"}

    def answer(model, driver):
        if model in disturbed:
            disturbed.discard(model)
            raise Disturbed("its process was lost")
        if driver.asked.count(model) == 2:
            assert driver.under_way == 1

    found = list(answers(cases(12), Several(answer)))
    assert all(isinstance(answer, Transcript) for _, answer in found)


def test_who_is_disturbed_again_and_again_is_gone():
    def answer(model, _):
        if model == "2":
            raise Disturbed("its process was lost")

    driver = Several(answer)
    found = [answer for _, answer in answers(cases(4), driver)]
    assert [type(answer) for answer in found] == [Transcript, Transcript, Errored, Transcript]
    assert found[2].kind == "TargetGone"
    assert driver.asked.count("2") <= 5


def test_a_fault_of_ours_stops_the_run():
    def answer(model, _):
        if model == "2":
            raise FixtureError("this cassette cannot be read")

    with pytest.raises(FixtureError):
        list(answers(cases(1000), Several(answer)))


def test_a_key_of_the_case_is_in_no_reason():
    key = "the-key-of-this-case-0123456789"

    def answer(*_):
        raise ShimError(f"your shim sent using {key}: not JSON")

    asked = case(request={"model": "m", "modelOptions": {"apiKey": key}})
    ((_, found),) = answers([asked], Several(answer))
    assert "your shim sent using" in found.reason
    assert key not in found.reason


def test_an_interrupted_run_does_not_wait_for_its_answers():
    stop = threading.Event()

    def answer(*_):
        stop.wait(LONG)

    def interrupted():
        yield from cases(3)
        raise KeyboardInterrupt

    try:
        with pytest.raises(KeyboardInterrupt):
            list(answers(interrupted(), Several(answer)))
        assert not stop.is_set()
    finally:
        stop.set()
