"""What is asked again, how often and when; only the last tests wait in earnest."""

import asyncio
import socket
import struct
import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asking import (
    HELLO,
    JSON,
    OPTIONS,
    SSE,
    Consumer,
    Recorded,
    answering,
    asked,
    heard,
    listening,
    model,
    refusing,
    said,
    text,
)
from harness.errors import ModelError
from harness.model.failures import Failed
from harness.model.language_model import RoutedModel
from harness.model.retries import Waiting, persistent, retry_after, wait_before
from harness.protocol.script import Piece, Script


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529, 599])
def test_a_status_that_may_pass_is_asked_again(server, status):
    recorded = Recorded()
    place = server.open([refusing(status), refusing(status), HELLO])
    events, error = asked(model(place.base_url, recorded))
    assert (text(events), error) == ("Hello", None)
    assert [exchange.status for exchange in place.exchanges()] == [status, status, 200]
    assert len({exchange.body for exchange in place.exchanges()}) == 1
    assert recorded.slept == [0.5, 1.0]


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 410, 413, 422, 451, 307])
def test_a_status_that_stays_is_asked_once(server, status):
    recorded = Recorded()
    place = server.open([refusing(status), HELLO])
    events, error = asked(model(place.base_url, recorded))
    assert (events, error.code, recorded.slept) == ([], str(status), [])
    assert len(place.exchanges()) == 1


@pytest.mark.parametrize("retries", [0, 1, 2, 4])
def test_the_last_failure_is_reported_when_the_retries_are_used_up(server, retries):
    recorded = Recorded()
    scripts = [refusing(500 + number, body=b'{"error": "no %d"}' % number) for number in range(6)]
    place = server.open(scripts)
    events, error = asked(model(place.base_url, recorded, maxRetries=retries))
    assert (events, error.code, str(error)) == ([], str(500 + retries), f"no {retries}")
    assert len(place.exchanges()) == retries + 1
    assert len(recorded.slept) == retries


def test_a_connection_that_gives_no_answer_is_tried_again(server):
    recorded = Recorded()
    place = server.open([Script(raw=b""), Script(raw=b"HTTP/1.1 20"), HELLO])
    events, error = asked(model(place.base_url, recorded))
    assert (text(events), error) == ("Hello", None)
    assert len(recorded.slept) == 2


def test_a_connection_that_is_reset_before_the_head_is_tried_again():
    recorded = Recorded()
    met = []

    async def reset(reader, writer):
        met.append(await reader.read(1))
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def run():
        async with await asyncio.start_server(reset, "127.0.0.1", 0) as listener:
            port = listener.sockets[0].getsockname()[1]
            return await heard(model(f"http://127.0.0.1:{port}/v1", recorded).do_stream(OPTIONS, Consumer()))

    events, error = asyncio.run(run())
    assert (events, error.code) == ([], "CONNECTION_FAILED")
    assert (len(met), len(recorded.slept)) == (3, 2)


def test_a_refused_connection_is_tried_again():
    recorded = Recorded()
    with listening(backlog=None) as port:
        events, error = asked(model(f"http://127.0.0.1:{port}/v1", recorded))
    assert (events, error.code, len(recorded.slept)) == ([], "CONNECTION_FAILED", 2)


@pytest.mark.parametrize("ending", ["fin", "reset"])
@pytest.mark.parametrize("pieces", [(), (Piece(b": one byte is enough\n"),), (Piece(said("Hel")),)])
def test_an_answer_that_has_begun_is_not_asked_for_again(server, ending, pieces):
    recorded = Recorded()
    place = server.open([Script(pieces, headers=(SSE,), ending=ending), HELLO])
    _, error = asked(model(place.base_url, recorded))
    assert (error.code, recorded.slept) == ("STREAM_TRUNCATED", [])
    assert len(place.exchanges()) == 1


@pytest.mark.parametrize(
    ("header", "slept"),
    [
        (("retry-after", "7"), 7.0),
        (("Retry-After", "0"), 0.0),
        (("retry-after", "60"), 60.0),
        (("retry-after", formatdate(1_000_030, usegmt=True)), 30.0),
        (("retry-after", formatdate(999_000, usegmt=True)), 0.0),
        (("retry-after-ms", "250"), 0.25),
        (("retry-after", "soon"), 0.5),
        (("retry-after", "nan"), 0.5),
    ],
)
def test_the_provider_says_when_to_ask_again(server, header, slept):
    recorded = Recorded(now=1_000_000.0)
    _, error = asked(model(server.open([refusing(429, header), HELLO]).base_url, recorded))
    assert (error, recorded.slept) == (None, [slept])


@pytest.mark.parametrize("header", [("retry-after", "61"), ("retry-after", formatdate(1_004_000, usegmt=True))])
def test_a_provider_that_wants_more_than_a_minute_is_not_waited_for(server, header):
    recorded = Recorded(now=1_000_000.0)
    place = server.open([refusing(429, header), HELLO])
    _, error = asked(model(place.base_url, recorded))
    assert (error.code, str(error), recorded.slept) == ("429", "not today", [])
    assert len(place.exchanges()) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-4"}, 0.0),
        ({"retry-after": "Infinity"}, None),
        ({"retry-after": "99999999999999999999"}, 1e20),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, 90.0),
        ({"retry-after": "Thu, 99 Jan 1970 00:01:40 GMT"}, None),
        ({"retry-after": "5", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "5", "retry-after-ms": "x"}, 5.0),
        ({"retry-after": "1_0"}, None),
        ({"retry-after": "\u0667"}, None),
        ({"retry-after": "1e1"}, None),
        ({"retry-after-ms": "2_0", "retry-after": "7"}, 7.0),
        ({"retry-after": "9" * 400}, float("inf")),
    ],
)
def test_a_wish_to_be_left_alone_is_read(headers, seconds):
    assert retry_after(headers, now=10.0) == seconds


@pytest.fixture(params=["UTC0", "FAR-9:30", "WEST7"])
def of_another_zone(request, monkeypatch):
    """This machine stands in one of these zones, which a provider cannot know."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("of_another_zone")
@pytest.mark.parametrize(
    "date",
    [
        "Sun, 09 Sep 2001 01:46:45 GMT",
        "Sunday, 09-Sep-01 01:46:45 GMT",
        "Sun Sep  9 01:46:45 2001",
        "Sun, 09 Sep 2001 01:46:45 -0000",
        "Sun, 09 Sep 2001 01:46:45",
    ],
)
def test_every_form_of_a_date_is_the_time_of_greenwich(date):
    assert retry_after({"retry-after": date}, now=1e9) == 5.0


@given(st.text(max_size=40))
def test_no_wish_breaks_the_reading(text):
    seconds = retry_after({"retry-after": text, "retry-after-ms": text}, now=0.0)
    assert seconds is None or seconds >= 0


@given(st.integers(1, 10**6), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_a_random_part_of_a_time_that_doubles_up_to_eight_seconds(retry, chance):
    most = 8.0 if retry > 4 else 0.5 * 2 ** (retry - 1)
    assert wait_before(retry, None, chance) == chance * most


def test_the_wait_is_drawn_again_for_each_retry():
    chances = iter([0.25, 0.5, 1.0, 0.0])
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    async def attempt():
        return Failed(ModelError("busy"), again=True)

    waiting = Waiting(now=lambda: 0.0, sleep=sleep, chance=lambda: next(chances))
    assert str(asyncio.run(persistent(attempt, 3, waiting))) == "busy"
    assert slept == [0.125, 0.5, 2.0]


@pytest.mark.parametrize("retries", [-1, 1.5, "2", True, float("nan"), float("inf"), [], {}])
def test_a_number_of_retries_that_is_none_is_refused(retries):
    with pytest.raises(Exception, match="maxRetries") as caught:
        model("http://127.0.0.1:9/v1", maxRetries=retries)
    assert type(caught.value).__name__ == "InputError"


@pytest.mark.parametrize("timeout", [0, -1, "5", False, float("nan"), []])
def test_a_timeout_that_is_none_is_refused(timeout):
    with pytest.raises(Exception, match="timeout") as caught:
        model("http://127.0.0.1:9/v1", timeout=timeout)
    assert type(caught.value).__name__ == "InputError"


@pytest.mark.parametrize("timeout", [None, 10**400, 0.5e7, float("inf")])
def test_any_time_above_none_will_do(server, timeout):
    assert asked(model(server.open([HELLO]).base_url, timeout=timeout))[1] is None


def test_in_real_time_it_is_waited_as_long_as_the_provider_says(server):
    place = server.open([refusing(503, ("retry-after-ms", "120")), answering(HELLO.pieces[1].data, SSE)])
    real = RoutedModel("openrouter/m", {"apiKey": "k"}, base_url=place.base_url, environment={})
    events, error = asked(real)
    first, second = place.exchanges()
    assert (text(events), error) == ("lo", None)
    assert second.asked_at - first.asked_at >= 110


def test_in_real_time_the_wait_grows_by_itself(server):
    place = server.open([refusing(500, JSON), HELLO])
    real = RoutedModel("openrouter/m", {"apiKey": "k"}, base_url=place.base_url, environment={})
    assert text(asked(real)[0]) == "Hello"
    assert len(place.exchanges()) == 2
