"""A body of 100 MB is kept, written, read and decoded without ever being whole in memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MOST = 150 * 1024 * 1024

RECORD_AND_READ = """
import json, sys
from hashlib import sha256
from pathlib import Path
from harness.cassettes import cassette
from harness.cassettes.bodies import GrowingBody
from harness.cassettes.interaction import Cut, Interaction, Request
from harness.cassettes.writing import write

path = Path(sys.argv[1])
line = b"data: " + b"x" * 8184 + b"\\n\\n"
told, cuts = sha256(), []
body = GrowingBody(path.parent)
while body.length < 100_000_000:
    body.append(line)
    told.update(line)
    cuts.append(Cut(len(line), 0.001))
one = Interaction(
    Request("POST", "https://api.example.com/v1/chat/completions", {}, b"{}"), 200,
    {"content-type": ("text/event-stream",)}, body, "openai-chat", cuts=tuple(cuts),
)
write(path, [one], "recorded")
body.close()

read, pieces = sha256(), 0
for piece in cassette.read(path).only.pieces():
    read.update(piece.data)
    pieces += 1
print(json.dumps({
    "same": read.digest() == told.digest(),
    "pieces": pieces == len(cuts),
}))
"""

PEAK = """
# ru_maxrss would count what the process that started us held before, which is pytest and all that it has seen.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")), file=sys.stderr)
"""

VERIFY = """
import sys
from harness.cli import main
try:
    main()
except SystemExit as exit_:
    print("exit", exit_.code)
"""


@pytest.fixture
def peak_of():
    """Run a script with arguments in a process of its own; give what it printed, and the most memory that it held."""

    def run(script, *arguments):
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        command = [sys.executable, "-c", script + PEAK, *arguments]
        ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=True, timeout=300)
        return ran.stdout, int(ran.stderr.splitlines()[-1]) * 1024

    return run


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the most memory that one program held")
def test_a_body_of_100_mb_is_written_read_and_verified_in_less_than_150_mb(tmp_path, peak_of):
    path = tmp_path / "long.yaml"
    out, peak = peak_of(RECORD_AND_READ, path)
    assert json.loads(out) == {"same": True, "pieces": True}
    assert peak < MOST
    assert sorted(one.suffix for one in tmp_path.iterdir()) == [".body", ".yaml"]
    assert path.stat().st_size < 1024 * 1024

    out, peak = peak_of(VERIFY, "cassette", "verify", path)
    assert "the body is none of openai-chat" in out  # it holds no JSON; what counts is that all of it was looked at
    assert out.endswith("exit 1\n")
    assert peak < MOST


WRITE = """
import sys
from pathlib import Path
from harness.cassettes.bodies import GrowingBody
from harness.cassettes.interaction import Cut, Interaction, Request
from harness.cassettes.writing import write

path = Path(sys.argv[1])
event = b'data: {"choices":[{"index":0,"delta":{"content":"word"}}]}\\n\\n'
line = b":" + b"x" * (1024 - 2 - len(event)) + b"\\n" + event
body, cuts = GrowingBody(path.parent), []
while body.length < 100_000_000:
    body.append(line)
    cuts.append(Cut(len(line), len(cuts) % 1000 / 1_000_000))
if sys.argv[2] == "one":
    cuts = [Cut(body.length)]
request = Request("POST", "https://api.example.com/v1/chat/completions", {}, b"{}")
write(path, [Interaction(request, 200, {}, body, "openai-chat", cuts=tuple(cuts))], "recorded")
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the most memory that one program held")
@pytest.mark.parametrize("cuts", ["many", "one"])
def test_every_command_takes_a_body_of_100_mb_in_pieces_of_any_length_in_less_than_150_mb(tmp_path, peak_of, cuts):
    path = tmp_path / "long.yaml"
    assert peak_of(WRITE, path, cuts)[1] < MOST
    for verb in (["list"], ["show"], ["show", "--as", "bytes"], ["show", "--as", "chunks"], ["verify"]):
        out, peak = peak_of(VERIFY, "cassette", *verb, path)
        assert out.splitlines()[-1] in ("exit 0", "exit None")
        assert peak < MOST
        if verb == ["show"]:
            assert ("and 97627 more pieces" in out) == (cuts == "many")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the most memory that one program held")
def test_the_measure_sees_what_is_held(peak_of):
    assert peak_of("import sys; held = b'x' * 200_000_000")[1] > MOST
