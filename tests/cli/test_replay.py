"""`streamchunk replay`: what it prints, how it ends, and what it refuses before it begins."""

import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from raw_client import HANG_BOUND, RawClient
from tapes_by_hand import HELLO, interaction, written

PATH = "/v1/chat/completions"


@pytest.fixture
def hello(tmp_path):
    return written(tmp_path / "hello.yaml", interaction(said="data: hi\n\n", pieces=[[6, 0], [4, 0]]))


@contextmanager
def replaying(*arguments):
    """The command in a process of its own; its base URL, once it says it."""
    script = Path(sys.executable).with_name("streamchunk")
    command = [script, "replay", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().rstrip("\n")
        finally:
            process.kill()


def ended(process):
    out, err = process.communicate(timeout=HANG_BOUND)
    assert "Traceback" not in out + err
    return process.returncode, out, err.splitlines()


def ask(base_url, body=HELLO, path=PATH):
    return httpx.post(f"{base_url}{path}", json=body)


def test_the_first_line_is_the_base_url_and_each_request_is_a_line_of_the_log(hello):
    with replaying(hello, "--requests", 3) as (process, base_url):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", base_url)
        assert ask(base_url).text == "data: hi\n\n"
        assert ask(base_url, path=f"/openai{PATH}?key=sk-secret-0123456789abcdef").status_code == 200
        assert ask(base_url, {"n": 1}).status_code == 599
        status, out, log = ended(process)
    assert (status, out) == (1, "")
    assert log[0] == f"  POST {base_url}{PATH}  {hello}"
    assert re.fullmatch(rf"POST {PATH} 200 {hello} 2 pieces \d+ ms", log[1])
    assert re.fullmatch(rf"POST /openai{PATH} 200 {hello} 2 pieces \d+ ms", log[2])
    assert re.fullmatch(
        rf"POST {PATH} 599 - 1 piece \d+ ms  no recorded request matches POST .*asked nothing.*", log[3]
    )
    assert log[4] == ("streamchunk: not all was recorded (exit 1): 3 requests, 2 answered from a cassette, 1 not")
    assert "sk-secret" not in "".join(log)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_it_as_it_went(hello, number):
    with replaying(hello) as (process, base_url):
        assert ask(base_url).status_code == 200
        process.send_signal(number)
        status, _, log = ended(process)
    assert status == 0
    assert log[-1] == "streamchunk: replayed (exit 0): 1 requests, 1 answered from a cassette, 0 not"
    with pytest.raises(httpx.ConnectError):
        ask(base_url)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_the_middle_of_an_answer(tmp_path, number):
    slow = written(tmp_path / "slow.yaml", interaction(said="ab", pieces=[[1, 0], [1, 3_600_000]]))
    with replaying(slow) as (process, base_url), RawClient(base_url) as client:
        client.ask(PATH, json.dumps(HELLO).encode()).until(b"1\r\na\r\n")
        process.send_signal(number)
        status, _, log = ended(process)
        assert client.rest()[0] == b""
    assert status == 1
    assert f"200 {slow} 1 piece" in log[1]
    assert log[1].endswith("ms  broken off: the replay was stopped")
    told = "stopped within an answer (exit 1): 1 requests, 0 answered from a cassette, 0 not, 1 broken off"
    assert log[-1] == f"streamchunk: {told}"


def test_an_answer_that_was_recorded_as_broken_is_not_broken_off_by_us(tmp_path):
    cut = written(tmp_path / "cut.yaml", interaction(said="ab", ending="fin"))
    with replaying(cut, "--once") as (process, base_url), RawClient(base_url) as client:
        client.ask(PATH, json.dumps(HELLO).encode()).until(b"2\r\nab\r\n")
        status, _, log = ended(process)
    assert (status, log[-1]) == (0, "streamchunk: replayed (exit 0): 1 requests, 1 answered from a cassette, 0 not")


def test_the_log_counts_pieces_and_not_writes(tmp_path):
    many = written(tmp_path / "many.yaml", interaction(said="a" * 10_100, pieces=[[1, 0]] * 10_100))
    with replaying(many, "--once") as (process, base_url):
        assert len(ask(base_url).content) == 10_100
        _, _, log = ended(process)
    assert f"200 {many} 10100 pieces" in log[1]


@pytest.mark.parametrize("speed", ["1e-308", "5e-324", "0.00009", "nan", "inf", "-1"])
def test_a_speed_that_nobody_could_wait_for_is_usage(streamchunk, hello, speed):
    ran = streamchunk("replay", hello, "--speed", speed)
    assert ran.status == 2
    assert ran.last.startswith("streamchunk: usage (exit 2): Invalid value")
    assert "--speed" in ran.last


def test_a_reason_that_would_be_a_header_is_never_sent(streamchunk, tmp_path):
    made = interaction(said="ok")
    made["response"]["status"]["message"] = "OK\r\nSet-Cookie: a=b"
    path = written(tmp_path / "split.yaml", made)
    ran = streamchunk("replay", path)
    problem = "interactions.0.response.status.message: expected one line of Latin-1 without control characters"
    assert (ran.status, ran.last) == (2, f"streamchunk: unreadable input (exit 2): {path}: {problem}")


def test_who_was_never_asked_exits_4(hello):
    with replaying(hello) as (process, _):
        process.terminate()
        status, _, log = ended(process)
    assert status == 4
    assert log[-1].startswith("streamchunk: nothing was asked (exit 4): 0 requests")


@pytest.mark.parametrize("arguments", [["--once"], ["--requests", "1"], ["--once", "--requests", "1"]])
def test_it_ends_by_itself_behind_the_last_answer_that_is_wanted(hello, arguments):
    with replaying(hello, *arguments) as (process, base_url):
        asks = {"origin": "http://localhost:3000", "access-control-request-method": "POST"}
        assert httpx.options(f"{base_url}{PATH}", headers=asks).status_code == 204  # no answer of a cassette
        assert ask(base_url).text == "data: hi\n\n"
        status, _, log = ended(process)
    assert status == 0
    assert log[1].endswith("  preflight")


def test_answers_that_still_run_come_to_their_end_before_it_ends_by_itself(tmp_path):
    slow = written(tmp_path / "slow.yaml", interaction({"n": 1}, "ab", pieces=[[1, 0], [1, 500]]))
    quick = written(tmp_path / "quick.yaml", interaction(said="ok"))
    with replaying(slow, quick, "--requests", 1) as (process, base_url), RawClient(base_url) as client:
        client.ask(PATH, b'{"n": 1}').until(b"1\r\na\r\n")
        assert ask(base_url).text == "ok"
        assert client.rest() == (b"1\r\nb\r\n0\r\n\r\n", "FIN")
        status, _, log = ended(process)
    assert status == 0
    assert len(log) == 5


def test_a_client_that_leaves_is_told_in_the_log(tmp_path):
    slow = written(tmp_path / "slow.yaml", interaction(said="ab", pieces=[[1, 0], [1, 3_600_000]]))
    with replaying(slow, "--once") as (process, base_url):
        with RawClient(base_url) as client:
            client.ask(PATH, json.dumps(HELLO).encode()).until(b"1\r\na\r\n")
        _, _, log = ended(process)
    assert log[1].endswith(" ms  the client left")


def test_what_is_no_request_is_logged_too(hello):
    with replaying(hello, "--requests", 2) as (process, base_url):
        with RawClient(base_url) as client:
            client.send(b"\x16\x03\x01 this is TLS\r\n\r\n").rest()
        with RawClient(base_url) as client:
            client.ask("/", headers=[("Content-Length", str(10**9))]).rest()
        status, _, log = ended(process)
    assert status == 1
    assert re.match(r"- / 400 - 1 piece .*no request of HTTP/1.1", log[1])
    assert re.match(r"POST / 413 - 1 piece ", log[2])


def test_a_chosen_port_is_taken_and_one_that_is_in_use_is_refused(hello):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with replaying(hello, "--port", port) as (process, base_url):
            assert base_url == ""
            status, _, log = ended(process)
        assert status == 2
        (line,) = log
        assert line.startswith(f"streamchunk: unreadable input (exit 2): the port {port} on 127.0.0.1 cannot be had: ")
        assert line.endswith("something listens there already; name another one, or 0 for any")
    with replaying(hello, "--port", port, "--once") as (process, base_url):
        assert base_url == f"http://127.0.0.1:{port}"
        assert ask(base_url).status_code == 200
        assert ended(process)[0] == 0


@pytest.fixture
def refused(streamchunk):
    """The one message with which the command refuses its arguments."""

    def refused(*arguments):
        ran = streamchunk("replay", *arguments)
        assert (ran.status, ran.out) == (2, "")
        (line,) = ran.err.splitlines()
        assert line.startswith("streamchunk: unreadable input (exit 2): ")
        return line

    return refused


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 1\ninteractions: [", "is not YAML"),
        ("\x00\x01", "is not YAML"),
        ("version: 1\ninteractions: !!python/object/apply:os.system ['false']\n", "tag"),
        ("- just\n- a list\n", "version: is missing"),
        ("", "version: is missing"),
        ("version: 1\ninteractions: []\n", "interactions: is empty"),
        (
            "version: 1\ninteractions: [{request: {method: GET, uri: /, headers: {}, body: null}}]\n",
            "response: is missing",
        ),
    ],
)
def test_what_is_no_cassette_is_refused_with_its_name_and_what_is_wrong(refused, hello, tmp_path, text, message):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    for place in (path, tmp_path):
        line = refused(hello, place)
        assert f"{path}: " in line
        assert message in line


def test_two_that_answer_the_same_request_are_refused_by_both_names(refused, hello, tmp_path):
    other = written(tmp_path / "other.yaml", interaction(said="other"))
    assert f"{hello} and {other} answer the same request, POST {PATH}: " in refused(hello, other)
    assert "(compared: method, path)" in refused(hello, other, "--match", "method,path")


def test_in_order_is_an_answer_to_that(hello, tmp_path):
    other = written(tmp_path / "other.yaml", interaction(said="other"))
    with replaying(hello, other, "--in-order", "--requests", 3) as (process, base_url):
        assert [ask(base_url).text for _ in range(3)] == ["data: hi\n\n", "other", "other"]
        assert ended(process)[0] == 0


def test_match_leaves_out_the_body(hello):
    with replaying(hello, "--match", "method, path", "--once") as (process, base_url):
        assert ask(base_url, {"anything": "else"}).text == "data: hi\n\n"
        assert ended(process)[0] == 0


def test_names_of_nothing_are_refused(refused, tmp_path):
    assert "nowhere.yaml: neither a file nor" in refused(tmp_path / "nowhere.yaml")
    assert "did you mean openai/chat-tool?" in refused("openai/chat-toool")
    (tmp_path / "empty").mkdir()
    assert "there is no cassette in this folder" in refused(tmp_path / "empty")


def test_a_body_whose_file_is_missing_or_cut_is_refused(refused, tmp_path):
    beside = {"body_file": "long.body", "body_sha256": "0" * 64, "body_length": 5}
    path = written(tmp_path / "long.yaml", interaction(said="", **beside))
    assert "there is no file 'long.body' beside the cassette" in refused(path)
    (tmp_path / "long.body").write_bytes(b"abc")
    assert "'long.body' is shorter than its body_length says" in refused(path)


def test_a_body_is_replayed_with_any_content_encoding_as_it_was_recorded(tmp_path):
    broken = b"\x1f\x8b\x08broken"
    gzip = written(tmp_path / "gzip.yaml", interaction(said=broken, headers={"Content-Encoding": ["gzip"]}))
    other = written(tmp_path / "other.yaml", interaction({}, "ok", headers={"Content-Encoding": ["unheard-of"]}))
    with replaying(gzip, other, "--requests", 2) as (process, base_url):
        with httpx.stream("POST", f"{base_url}{PATH}", json=HELLO) as answer:
            assert answer.headers["content-encoding"] == "gzip"
            assert b"".join(answer.iter_raw()) == broken
        with httpx.stream("POST", f"{base_url}{PATH}", json={}) as answer:
            assert b"".join(answer.iter_raw()) == b"ok"
        assert ended(process)[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "65536"], ["--port", "-1"], ["--port", "http"], ["--match", "method,colour"], ["--match", ""],
        ["--speed", "-1"], ["--speed", "nan"], ["--speed", "inf"], ["--requests", "0"], ["--once", "--requests", "2"],
    ],
)  # fmt: skip
def test_a_wrong_option_is_a_usage_error(streamchunk, hello, arguments):
    ran = streamchunk("replay", hello, *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.last.startswith("streamchunk: usage (exit 2): ")


def test_pauses_are_scaled(tmp_path):
    slow = written(tmp_path / "slow.yaml", interaction(said="ab", head_pause_ms=3_600_000, pieces=[[1, 0], [1, 9e6]]))
    with replaying(slow, "--speed", "0", "--once") as (process, base_url):
        assert ask(base_url).text == "ab"
        assert ended(process)[0] == 0


def test_many_recordings_are_not_all_listed(tmp_path):
    for number in range(30):
        written(tmp_path / "many" / f"{number:02}.yaml", interaction({"n": number}, str(number)))
    with replaying(tmp_path / "many", "--requests", 2) as (process, base_url):
        assert [ask(base_url, {"n": number}).text for number in (29, 3)] == ["29", "3"]
        _, _, log = ended(process)
    assert log[20] == "  and 10 more"
