"""Record real inference servers, run here with the tiny model: ``record.py --llama-server PROGRAM --python PROGRAM``.

Writes ``cassettes/SERVER/recorded-NAME.yaml`` for every question of ``questions``: gibberish, framed, cut, counted and
ended by the server itself. The same model is asked with the same seeds, so the words stay from run to run; ids, dates,
pieces and pauses do not, and nothing of a recording is rewritten. Run ``witness.py`` behind it, which writes the cases.
Nothing of the suite runs either of them. What they need, in folders of their own::

    python3 -m venv servers
    servers/bin/pip install torch gguf 'transformers[serving]' 'llama-cpp-python[server]' openai anthropic
    pip download --no-deps --no-binary :all: llama-cpp-python     # llama.cpp is in it, below vendor/
    cmake -S …/vendor/llama.cpp -B built -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DCMAKE_BUILD_TYPE=Release
    cmake --build built --target llama-server
    .venv/bin/python cassettes/recorded/record.py --llama-server built/bin/llama-server --python servers/bin/python

Written with llama.cpp of October 2026, llama-cpp-python 0.3.36 and transformers 5.23; building the server takes some
twenty minutes. The ports 8000, 8080 and 8081 must be free. vLLM and Ollama are not recorded: what pip has of the one
runs on GPUs alone, and pip has nothing of the other's server.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from questions import SERVERS, Question, Server

from harness.cassettes.recorder import Recorded, Recorder
from harness.cassettes.shelf import Shelf
from harness.model.upstream import asked
from harness.providers import wire_of_target
from harness.replay.listening import bound
from harness.replay.proxy import RecordingProxy

HERE = Path(__file__).parent
_HOST = "127.0.0.1"
_LINE_PORT = 8081
_LINE_LENGTH = 1600  # bytes with the head: in the middle of an event
_STARTING, _ANSWERING, _STOPPING = 120.0, 60.0, 10.0  # seconds at most
_PIECES_BEFORE_DEATH = 5


def main(programs: dict[str, str], cassettes: Path) -> None:
    """Build the model, and start, ask and stop one server after the other."""
    with TemporaryDirectory() as folder:
        subprocess.run([programs["python"], HERE / "tiny_model.py", folder], check=True)  # noqa: S603 - ours
        for server in SERVERS:
            with _running(server, programs[server.program], Path(folder)) as process:
                for question in server.questions:
                    taken = _taken(server, question, process, cassettes)
                    facts = f"status {taken.status}, {taken.pieces} pieces, {taken.length} bytes"
                    print(f"{taken.file}: {facts}")  # noqa: T201 - to whoever runs it


@contextlib.contextmanager
def _running(server: Server, program: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server in the model's folder, so that no answer knows a path of this machine, and stop it."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    log = folder / f"{server.folder}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the program that the user names
            [program, *server.arguments], cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_ready(server, process, log)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOPPING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _STARTING
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"http://{_HOST}:{server.port}{server.ready}").is_success:
                return
        time.sleep(0.2)
    sys.exit(f"{server.called} does not answer:\n{log.read_text(errors='replace')[-2000:]}")


def _taken(server: Server, question: Question, process: subprocess.Popen[bytes], cassettes: Path) -> Recorded:
    """Ask one question through the recording proxy, and put its cassette in its place."""
    took: list[Recorded] = []
    with TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        port = stack.enter_context(_line(server.port)) if question.breaks == "line" else server.port
        recorder = Recorder(Shelf(Path(folder), server.folder), wire_of_target, took.append)
        with (
            contextlib.closing(recorder),
            RecordingProxy(bound(_HOST, 0), f"http://{_HOST}:{port}", asked, recorder) as proxy,
        ):
            _ask(proxy.url, question, process)
        [taken] = took
        if taken.file is None:
            sys.exit(f"{server.folder} {question.name}: {taken.why}")
        file = cassettes / server.folder / f"recorded-{question.name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(taken.file.read_bytes())
    return replace(taken, file=file)


@contextlib.contextmanager
def _line(server_port: int) -> Iterator[int]:
    """Lay a line to a server that breaks in the middle of an answer; return its port."""
    command = [sys.executable, str(HERE / "breaking_line.py"), str(_LINE_PORT), str(server_port), str(_LINE_LENGTH)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as line:  # noqa: S603 - ours
        assert line.stdout is not None  # noqa: S101 - it is the pipe
        line.stdout.readline()
        try:
            yield _LINE_PORT
        finally:
            line.kill()


def _ask(url: str, question: Question, process: subprocess.Popen[bytes]) -> None:
    headers = {"content-type": "application/json", "accept": "text/event-stream"}
    body = json.dumps(question.body, ensure_ascii=False, separators=(",", ":")).encode()
    with (
        contextlib.suppress(httpx.TransportError),  # a broken answer is broken on its way through the proxy, too
        httpx.stream("POST", url + question.path, content=body, headers=headers, timeout=_ANSWERING) as answer,
    ):
        for number, _ in enumerate(answer.iter_raw(), 1):
            if question.breaks == "server" and number == _PIECES_BEFORE_DEATH:
                process.kill()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llama-server", required=True, type=Path, help="llama.cpp's own server")
    parser.add_argument("--python", required=True, type=Path, help="a Python that has the other two")
    given = parser.parse_args()
    paths = {"llama-server": given.llama_server, "python": given.python}
    main({name: str(path.absolute()) for name, path in paths.items()}, HERE.parent)
