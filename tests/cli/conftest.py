"""The command as a user meets it: arguments and stdin in, exit status and two texts out."""

import io
import json
import sys
from dataclasses import dataclass

import pytest

from harness.cli import main


@dataclass
class Ran:
    status: int
    out: str
    err: str

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def last(self):
        """The last line of the run, whichever stream it is on."""
        return (
            self.out if self.out.rpartition("\n")[0].rpartition("\n")[2].startswith("streamchunk: ") else self.err
        ).splitlines()[-1]

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def streamchunk(monkeypatch, capfdbinary):
    """Run the command in this process; whatever it prints is read as UTF-8."""

    monkeypatch.setenv("COLUMNS", "80")  # help is wrapped to the terminal

    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin))))
        with pytest.raises(SystemExit) as exit_:
            main([str(argument) for argument in arguments])
        sys.stdout.flush()
        out, err = (text.decode() for text in capfdbinary.readouterr())
        assert "Traceback" not in out + err
        return Ran(int(exit_.value.code or 0), out, err)

    return run


GOOD = [
    {"type": "content", "id": "r", "model": "m", "timestamp": 1767225600000, "delta": "Hello", "content": "Hello"},
    {
        "type": "done",
        "id": "r",
        "model": "m",
        "timestamp": 1767225600000,
        "finishReason": "stop",
        "usage": {"promptTokens": 3, "completionTokens": 1, "totalTokens": 4},
    },
]
UNFINISHED = GOOD[:1]


def ndjson(chunks):
    return "".join(json.dumps(chunk) + "\n" for chunk in chunks).encode()


@pytest.fixture
def good(tmp_path):
    """A log that conforms."""
    path = tmp_path / "good.ndjson"
    path.write_bytes(ndjson(GOOD))
    return path


@pytest.fixture
def bad(tmp_path):
    """A log without a terminal chunk: a MUST is broken."""
    path = tmp_path / "bad.ndjson"
    path.write_bytes(ndjson(UNFINISHED))
    return path
