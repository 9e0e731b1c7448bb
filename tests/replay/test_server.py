"""The server as a whole: many at once, nothing mixed, nothing left behind."""

import os
import random
import resource
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from harness.protocol.script import Piece, Script
from harness.replay import ReplayServer
from raw_client import HANG_BOUND, RawClient, eventually

STALL = Script((Piece(b"a"),), ending="stall")
OK = Script((Piece(b"ok"),))
LARGE = Script((Piece(b"x" * 65536),) * 400)


def port(base_url):
    return urlsplit(base_url).port


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_two_hundred_places_at_once_do_not_mix():
    def script(number, turn):
        pieces = tuple(Piece(f"{number}:{turn}".encode(), 0.01) for _ in range(5))
        return Script(pieces, framing="length", headers=(("x-place", str(number)),))

    with ReplayServer() as server, ExitStack() as stack:
        places = [server.open([script(number, turn) for turn in range(3)]) for number in range(200)]
        assert len({place.base_url for place in places}) == 200
        clients = [stack.enter_context(RawClient(place.base_url)) for place in places]
        for turn in range(3):
            for number, client in enumerate(clients):
                client.ask(f"/{number}/{turn}", f"{number}.{turn}".encode())
            for number, client in enumerate(clients):
                assert f"\r\nx-place: {number}\r\n".encode() in client.head()
                whole = f"{number}:{turn}".encode() * 5
                assert client.read(len(whole)) == whole
        for number, place in enumerate(places):
            assert place.settled(HANG_BOUND)
            assert [(one.target, one.body) for one in place.exchanges()] == [
                (f"/{number}/{turn}", f"{number}.{turn}".encode()) for turn in range(3)
            ]
            assert all(one.whole for one in place.exchanges())


def test_it_listens_on_the_loopback_only():
    with ReplayServer() as server, server.open([OK]) as place:
        assert place.base_url.startswith("http://127.0.0.1:")
        with socket.socket() as outside, pytest.raises(ConnectionRefusedError):
            outside.connect(("127.0.0.2", port(place.base_url)))


@pytest.fixture
def files_for_thousands():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 5000:
        pytest.skip("the system allows no 2 000 connections with both ends in one process")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 5000), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("files_for_thousands")
def test_two_thousand_connections_live_at_once():
    with ReplayServer() as server, server.open([STALL] * 2000) as place, ExitStack() as stack:
        clients = [stack.enter_context(RawClient(place.base_url)) for _ in range(2000)]
        for client in clients:
            client.ask()
        for client in clients:
            assert client.head().startswith(b"HTTP/1.1 200")
            assert client.read(6) == b"1\r\na\r\n"
        assert {one.connection for one in place.exchanges()} == set(range(2000))
        for client in clients[::2]:
            client.close()
        eventually(lambda: [one.closed_by for one in place.exchanges()].count("client") == 1000)
        started = time.monotonic()
        place.close()
        assert [one.closed_by for one in place.exchanges()].count("server") == 1000
        assert time.monotonic() - started < HANG_BOUND


def hang_in_every_way(base_url, stack):
    def client(**more):
        return stack.enter_context(RawClient(base_url, **more))

    client()
    client().send(b"POST /pla")
    client().ask(headers=[("Content-Length", "10")]).send(b"half")
    client().ask("/idle").until(b"0\r\n\r\n")
    client().ask(method="HEAD").head()
    client().ask().head()
    client(receive_buffer=4096).ask().head()
    client(receive_buffer=4096).ask().head()


HANGING = [OK, Script(headers=(("Connection", "close"),)), STALL, LARGE, Script(LARGE.pieces, ending="reset")]


def test_nothing_is_left_however_clients_hang():
    threads, files = set(threading.enumerate()), open_files()
    for _ in range(3):
        with ExitStack() as stack:
            with ReplayServer() as server:
                place = server.open(HANGING)
                hang_in_every_way(place.base_url, stack)
                eventually(lambda place=place: len(place.exchanges()) == len(HANGING))
            assert set(threading.enumerate()) == threads
            with pytest.raises(ConnectionRefusedError):
                RawClient(place.base_url)
            assert [one.closed_by for one in place.exchanges()][2:] == ["server"] * 3
        assert open_files() == files


def test_the_connections_of_a_closed_place_are_gone_while_others_live():
    with ReplayServer() as server, server.open([STALL]) as other, RawClient(other.base_url) as lives:
        lives.ask().head()
        files = open_files()
        for _ in range(20):
            with server.open([STALL] * 10) as place, ExitStack() as stack:
                for _ in range(10):
                    stack.enter_context(RawClient(place.base_url)).ask().head()
        eventually(lambda: open_files() == files)
        assert other.exchanges()[0].closed_by is None


def test_a_server_may_be_entered_again():
    server = ReplayServer()
    for _ in range(3):
        with server:
            with server.open([OK]) as place:
                assert httpx.get(place.base_url).text == "ok"
            with pytest.raises(AssertionError):
                server.__enter__()
        with pytest.raises(AssertionError):
            server.open([OK])
        server.close()


@pytest.mark.parametrize("closers", [1, 2, 8])
def test_several_threads_may_close_a_server_at_once(closers):
    threads, files = set(threading.enumerate()), open_files()
    for _ in range(5):
        with ReplayServer() as server, ExitStack() as stack:
            place = server.open([STALL] * 5)
            for _ in range(5):
                stack.enter_context(RawClient(place.base_url)).ask().head()
            together = threading.Barrier(closers)

            def closed(server=server, together=together, before=threads):
                together.wait(HANG_BOUND)
                server.close()
                return {thread for thread in threading.enumerate() if thread.name == "replay"} - before

            with ThreadPoolExecutor(closers) as pool:
                assert [one.result(HANG_BOUND) for one in [pool.submit(closed) for _ in range(closers)]] == [
                    set()
                ] * closers
            assert [one.closed_by for one in place.exchanges()] == ["server"] * 5
        assert open_files() == files


def test_a_close_that_is_late_does_not_end_what_was_started_after_it():
    server = ReplayServer()
    with ThreadPoolExecutor() as pool:
        for _ in range(50):
            with server:
                late = pool.submit(server.close)
                server.close()
            late.result(HANG_BOUND)
            with server, server.open([OK]) as place:
                assert httpx.get(place.base_url).text == "ok"


def test_a_place_outlives_its_server_as_a_record():
    with ReplayServer() as server:
        place = server.open([OK])
        httpx.get(place.base_url)
        assert place.settled(HANG_BOUND)
    assert place.settled(0.0)
    place.close()
    assert [one.whole for one in place.exchanges()] == [True]


def test_who_waits_for_a_place_is_let_go_when_the_server_stops():
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        with ReplayServer() as server:
            place = server.open([STALL])
            stack.enter_context(RawClient(place.base_url)).ask().head()
            waiting = pool.submit(place.settled, HANG_BOUND * 2)
            assert not place.settled(0.05)
        assert waiting.result(HANG_BOUND)


def test_exchanges_may_be_read_by_any_thread_at_any_time():
    def taken(place):
        with RawClient(place.base_url) as client:
            client.ask().head()
            return client.read(2000)

    script = Script(tuple(Piece(b"x") for _ in range(2000)), framing="length")
    with ReplayServer() as server, server.open([script] * 3) as place, ThreadPoolExecutor() as pool:
        answers = [pool.submit(taken, place) for _ in range(3)]
        seen = []
        while not all(answer.done() for answer in answers):
            seen.append([len(one.sent) for one in place.exchanges()])
            time.sleep(0.0005)
        assert [answer.result() for answer in answers] == [b"x" * 2000] * 3
        assert place.settled(HANG_BOUND)
        assert [len(one.sent) for one in place.exchanges()] == [2000] * 3
    for before, after in pairwise(seen):
        assert all(first <= second for first, second in zip(before, after, strict=False))


def test_rude_clients_reach_neither_the_log_nor_others(caplog):
    chance = random.Random(7)  # noqa: S311 - rude, not secret
    caplog.set_level("DEBUG")
    scripts = [
        OK,
        STALL,
        LARGE,
        Script(OK.pieces, ending="reset"),
        Script(raw=b"\x00"),
        Script(OK.pieces, head_pause=9),
    ]

    def rude(place):
        client = RawClient(place.base_url, receive_buffer=chance.choice([4096, 65536]))
        chance.choice([client.ask, lambda: client.send(b"\xff\n"), lambda: client.ask("/x", b"y" * 99_999)])()
        time.sleep(chance.random() / 200)
        chance.choice([client.close, client.reset])()

    with ReplayServer() as server, server.open(scripts * 50) as place, server.open([OK] * 300) as polite:
        with httpx.Client(timeout=HANG_BOUND) as client:
            for _ in range(300):
                rude(place)
                assert client.post(polite.base_url).text == "ok"
        assert place.settled(HANG_BOUND)
        assert all(one.fault is None for one in place.exchanges())
        assert all(one.closed_at is not None for one in place.exchanges())
        assert {one.connection for one in polite.exchanges()} == {0}
    assert [record for record in caplog.records if record.name == "asyncio" and record.levelname != "DEBUG"] == []


@contextmanager
def running_python(program, *, limit=None):
    """A process of its own, with so many file descriptors; it is gone at the end, also where the test fails."""

    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

    with subprocess.Popen(
        [sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lower if limit else None,  # noqa: PLW1509 - this thread starts it, and the child only sets a limit
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def test_ctrl_c_ends_it_with_clients_hanging():
    with (
        running_python("""
        import signal
        from harness.protocol.script import Piece, Script
        from harness.replay import ReplayServer
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
        with ReplayServer() as server, server.open([Script((Piece(b"a"),), ending="stall")]) as place:
            print(place.base_url, flush=True)
            while not place.exchanges():
                pass
            print("asked", flush=True)
            place.settled(60)
    """) as child,
        RawClient(child.stdout.readline().strip()) as client,
    ):
        client.ask().head()
        assert child.stdout.readline() == "asked\n"
        time.sleep(0.1)  # its main thread waits for the place by now
        child.send_signal(signal.SIGINT)
        _, complaint = child.communicate(timeout=HANG_BOUND)
    assert child.returncode == -signal.SIGINT
    assert complaint.rstrip().endswith("KeyboardInterrupt")
    assert "Warning" not in complaint
    assert complaint.count("Traceback") == 1


def test_a_server_that_is_forgotten_does_not_keep_the_process():
    with running_python("""
        from harness.replay import ReplayServer
        server = ReplayServer().__enter__()
        place = server.open([])
    """) as child:
        child.communicate(timeout=HANG_BOUND)
    assert child.returncode == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits are set between fork and exec")
def test_a_process_without_file_descriptors_waits_and_goes_on():
    with running_python(
        """
        import time
        from harness.protocol.script import Piece, Script
        from harness.replay import ReplayServer
        with ReplayServer() as server, server.open([Script((Piece(b"ok"),))] * 50) as place:
            print(place.base_url, flush=True)
            input()
            print(time.process_time(), flush=True)
            input()
            print(time.process_time(), flush=True)
            input()
        """,
        limit=40,
    ) as child:
        url = child.stdout.readline().strip()
        with ExitStack() as stack:
            for _ in range(60):
                stack.enter_context(RawClient(url))
            time.sleep(0.1)
            print(file=child.stdin, flush=True)
            before = float(child.stdout.readline())
            time.sleep(0.5)
            print(file=child.stdin, flush=True)
            assert float(child.stdout.readline()) - before < 0.25  # it does not spin
        assert httpx.get(url, timeout=HANG_BOUND).text == "ok"
        _, complaint = child.communicate("\n", timeout=HANG_BOUND)
    assert (child.returncode, complaint) == (0, "")
