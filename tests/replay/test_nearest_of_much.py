"""What a request has much of costs the event loop no more than its length; what differs is shown as it was sent."""

import json
import time

import httpx
import pytest

from harness.protocol.script import Exchange
from harness.replay.asked import CRITERIA, asked
from harness.replay.cassettes import CassetteServer
from harness.replay.nearest import explained
from harness.replay.recordings import Index, recordings_of
from tapes_by_hand import interaction, tape

MANY = 30_000


def seconds_of(target, body, recorded):
    """How long it takes to find nothing for a request, and to say why."""
    recordings = recordings_of([recorded])
    exchange = Exchange("POST", target, (), json.dumps(body).encode(), asked_at=0)
    started = time.process_time()
    one = asked(exchange.method, exchange.target, exchange.headers, exchange.body)
    assert Index(recordings).find(one) == ()
    assert "which differs" in explained(exchange, one, recordings, CRITERIA)
    return time.process_time() - started


SHAPES = {
    "parts of a path": lambda count: ("/a" * count, {}),
    "slashes": lambda count: ("/" * count, {}),
    "parameters": lambda count: ("/ask?" + "&".join(f"p{n}=1" for n in range(count)), {}),
    "values of one parameter": lambda count: ("/ask?" + "p=1&" * count, {}),
    "members": lambda count: ("/ask", {f"m{n}": 1 for n in range(count)}),
    "items": lambda count: ("/ask", [1] * count),
    "texts": lambda count: ("/ask", {"m": ["x"] * count}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_request_that_is_eight_times_as_long_takes_some_eight_times_as_long(tmp_path, shape):
    recorded = tape(
        tmp_path / "many.yaml", *(interaction({"n": n}, uri=f"https://h/ask?p={n}&q=1") for n in range(120))
    )
    small = min(seconds_of(*SHAPES[shape](MANY // 8), recorded) for _ in range(2))
    assert seconds_of(*SHAPES[shape](MANY), recorded) < 24 * (small + 0.01)


def explanation(folder, uri, target):
    with CassetteServer([tape(folder / "one.yaml", interaction(uri=f"https://h{uri}"))]) as server:
        answer = httpx.post(f"{server.base_url}{target}", json={})
        assert answer.status_code == 599
        return answer.json()["error"]["message"]


def test_two_paths_that_decode_to_the_same_letters_are_shown_as_they_were_sent(tmp_path):
    told = explanation(tmp_path, "/v1/chat/completions", "/v1/chat%2Fcompletions")
    assert "path: recorded /v1/chat/completions, asked /v1/chat%2Fcompletions" in told
    told = explanation(tmp_path, "/v1/a%20b", "/v1/a%2520b")
    assert "path: recorded /v1/a%20b, asked /v1/a%2520b" in told


def test_a_path_without_end_is_told_by_its_beginning(tmp_path):
    told = explanation(tmp_path, "/ask", "/a" * 1000)
    assert f"asked {'/a' * 30}/…" in told
