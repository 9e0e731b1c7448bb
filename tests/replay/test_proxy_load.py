"""A long body is being recorded while another stream goes on: the stream does not notice, and its recording neither."""

import statistics
import threading
import time
from itertools import pairwise

import httpx
import pytest

from harness.cassettes import late_tape
from harness.cassettes.cassette import read
from harness.cassettes.redaction import WHOLE
from proxied import proxied
from raw_client import HANG_BOUND, RawClient
from raw_provider import RawProvider

PATH = "/v1/chat/completions"
PAUSE = 0.05
LONG = 20_000_000
LINE = b'data: {"delta": "all that is said in this line is said again in the next"}\n\n' * 800


class Streaming(threading.Thread):
    """A provider's stream, one piece every 50 ms until it is told to end; ``gaps`` are those that it really made."""

    def __init__(self, answer):
        super().__init__(daemon=True)
        self.over = threading.Event()
        self._answer = answer
        self._at = []

    @property
    def gaps(self):
        return [after - before for before, after in pairwise(self._at)]

    def run(self):
        while not self.over.wait(PAUSE):
            self._at.append(time.monotonic())
            self._answer.chunk(b"data: a\n\n")
        self._answer.end()


def arrivals(client):
    """When each piece came to the client, up to the end."""
    found = []
    while not (data := client.once()).endswith(b"0\r\n\r\n"):
        found += [time.monotonic()] * data.count(b"data: a")
    return found


@pytest.mark.slow
def test_a_parallel_stream_keeps_its_pauses_while_a_long_body_is_redacted(tmp_path):
    with RawProvider() as provider, proxied(provider.url, tmp_path) as proxy, RawClient(proxy.url) as client:
        client.ask(PATH, b"{}")
        stream = Streaming(provider.asked().begin())
        stream.start()
        client.head()
        seen = []
        watching = threading.Thread(target=lambda: seen.extend(arrivals(client)), daemon=True)
        watching.start()

        def answer():
            body = provider.asked().begin()
            for _ in range(LONG // len(LINE)):
                body.chunk(LINE)
            body.end()

        threading.Thread(target=answer, daemon=True).start()
        length = len(httpx.post(f"{proxy.url}/v1/long", timeout=120).content)
        time.sleep(2)  # in which the recording is still behind, and redacts
        stream.over.set()
        watching.join(HANG_BOUND)
    tapes = {one.path: read(one.file).only for one in proxy.told}
    assert tapes["/v1/long"].body.length == length == LONG // len(LINE) * len(LINE) > WHOLE
    recorded = [cut.pause for cut in tapes[PATH].cuts][1:]
    assert len(recorded) == len(stream.gaps)
    # A loaded machine may be late, and then the provider's own gaps are long; a recording in the same thread makes
    # one gap of seconds.
    for gaps in (recorded, [after - before for before, after in pairwise(seen)]):
        assert max(gaps) < max(stream.gaps) + 1.0
        assert statistics.median(gaps) < 3 * statistics.median(stream.gaps)
    assert abs(sum(recorded) - sum(stream.gaps)) < 1.0


def test_an_answer_that_is_too_far_ahead_waits_and_is_recorded_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(late_tape, "MOST_WAITING", 100_000)
    with RawProvider() as provider, proxied(provider.url, tmp_path) as proxy:

        def answer():
            body = provider.asked().begin()
            for _ in range(40):
                body.chunk(LINE)
            body.end()

        threading.Thread(target=answer, daemon=True).start()
        assert httpx.post(f"{proxy.url}{PATH}", timeout=60).content == LINE * 40
    assert proxy.only.body.length == len(LINE) * 40


@pytest.mark.slow
def test_nothing_that_was_not_redacted_is_written_while_a_long_body_waits(tmp_path, monkeypatch):
    """Whatever is written passes through one of two functions; both are watched."""
    from harness.cassettes import bodies, writing

    key, written = b"sk-proj-Abcdefghijklmnop0123456789", []
    put, fill = bodies._put, writing._fill
    monkeypatch.setattr(bodies, "_put", lambda file, place, data: (written.append(bytes(data)), put(file, place, data)))

    def filled(path, pieces):
        fill(path, (written.append(piece) or piece for piece in pieces))

    monkeypatch.setattr(writing, "_fill", filled)
    event = b'data: {"error": "no such key: %s"}\n\n' % key + LINE
    with RawProvider() as provider, proxied(provider.url, tmp_path) as proxy:

        def answer():
            body = provider.asked().begin()
            for _ in range(WHOLE // len(event) + 10):
                body.chunk(event)
            body.end()

        threading.Thread(target=answer, daemon=True).start()
        httpx.post(f"{proxy.url}{PATH}", headers={"Authorization": f"Bearer {key.decode()}"}, timeout=60)
    assert sum(map(len, written)) > WHOLE
    assert not any(b"Abcdefghijklmnop" in part for part in written)
