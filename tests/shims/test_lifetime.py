"""How a shim lives: what it prints, how it leaves, on which port it listens, how it refuses to start."""

import os
import socket
import subprocess

import pytest

from speaking import BOUND, HERE, PACKAGE, Shim, events, over_tcp

SOON = 2  # seconds that the protocol gives a shim to leave


def test_what_an_adapter_prints_goes_to_standard_error(node):
    with Shim(node) as shim:
        assert shim.lines.run("prints") == ([{"type": "content", "delta": "0 "}], {"ending": "completed"})
        shim.log("a banner while it is loaded")
        shim.log('{"jsonrpc":"2.0","method":"chunk"}')
        shim.log("half a line")
        shim.log("from a library")


def test_a_console_that_was_used_before_writes_to_standard_error_from_then_on(node):
    index = (PACKAGE / "src/index.js").as_uri()
    code = f"console.log('before'); await import('{index}'); console.log('behind')"
    ran = subprocess.run(
        [node, "--input-type=module", "--eval", code], capture_output=True, text=True, check=True, timeout=BOUND
    )
    assert (ran.stdout, ran.stderr) == ("before\n", "behind\n")


def test_an_adapter_that_ends_the_process_has_said_what_it_said(node):
    with Shim(node) as shim:
        shim.lines.start("exits")
        assert shim.lines.next_chunk() == {"type": "content", "delta": "0 "}
        assert shim.lines.message() is None
        assert shim.process.wait(BOUND) == 7


@pytest.mark.parametrize("does", [None, "hang"])
def test_it_leaves_by_itself_when_it_is_asked_to(node, does):
    with Shim(node) as shim:
        if does is not None:
            shim.lines.start(does)
            shim.lines.next_chunk()
        assert shim.lines.ask("shutdown")["result"] is None
        assert shim.process.wait(SOON) == 0
        assert shim.lines.message() is None


def test_it_leaves_when_nobody_asks_any_more_and_ends_what_it_was_asked(node):
    with Shim(node) as shim:
        asked = shim.lines.start("overlapping", number=2)
        shim.lines.end()
        notified, result = shim.lines.until_answered(asked)
        assert (len(notified), result) == (20, {"ending": "completed"})
        assert shim.process.wait(SOON) == 0


def test_it_leaves_when_nobody_asks_any_more_though_a_run_hangs(node):
    with Shim(node) as shim:
        shim.lines.start("hang")
        shim.lines.next_chunk()
        shim.lines.end()
        assert shim.process.wait(BOUND) == 0


def test_it_leaves_when_nobody_reads_any_more(node):
    with Shim(node, read=False) as shim:
        shim.lines.start("count")
        shim.process.stdout.readline()
        shim.process.stdout.close()
        assert shim.process.wait(BOUND) == 0


def test_a_last_line_without_an_end_is_read_too(node):
    line = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1}}'
    ran = subprocess.run([node, HERE / "bare.mjs"], input=line, capture_output=True, check=True, timeout=BOUND)
    assert b'"id":1' in ran.stdout


def test_an_adapter_goes_no_further_than_the_harness_reads(node):
    with Shim(node, "shim.mjs", "--listen", "0") as shim:
        port = int(shim.log("stdio+tcp://127.0.0.1:").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=BOUND) as unread:
            file = unread.makefile("wb")
            file.write(
                b'{"jsonrpc":"2.0","id":1,"method":"run","params":{"runId":"1","operation":"transform",'
                b'"request":{"modelOptions":{"does":"flood"}},"source":{"kind":"events","events":[]}}}\n'
            )
            file.flush()
            lines = over_tcp(port)
            for _ in range(300):  # the flood had the time to go on, had nothing held it
                assert lines.run(source=events({"type": "finish"}))[1] == {"ending": "completed"}
            assert shim.told.empty()
            assert lines.ask("shutdown")["result"] is None
            lines.close()
            file.close()


def test_it_listens_on_loopback_for_one_harness_after_the_other(node):
    with Shim(node, "shim.mjs", environment={**os.environ, "STREAMCHUNK_LISTEN": "0"}) as shim:
        port = int(shim.log("stdio+tcp://127.0.0.1:").rpartition(":")[2])
        for _ in range(2):
            lines = over_tcp(port)
            lines.start("hang")
            assert lines.next_chunk() == {"type": "content", "delta": "0 "}
            lines.end()
        lines = over_tcp(port)
        assert lines.ask("initialize", {"protocolVersion": 1})["result"]["protocolVersion"] == 1
        assert lines.run(source=events({"type": "finish"})) == ([{"type": "finish"}], {"ending": "completed"})
        assert lines.ask("shutdown")["result"] is None
        assert shim.process.wait(SOON) == 0
        lines.close()


def test_a_port_that_is_taken_is_said_and_not_waited_for(node):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = subprocess.run(
            [node, HERE / "shim.mjs", "--listen", port], capture_output=True, text=True, check=False, timeout=BOUND
        )
    assert ran.returncode == 1
    assert f"cannot listen on port {port}" in ran.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("{ createAdapter, wires: ['openai-chat'] }", "needs a name"),
        ("{ name: 'x' }", "nothing to ask"),
        ("{ name: 'x', createAdapter }", "name its wires"),
        ("{ name: 'x', wires: ['openai-chat'] }", "need a createAdapter"),
        ("{ name: 'x', createAdapter, wires: 'openai-chat' }", "wires is to be a list of strings"),
        ("{ name: 'x', createAdapter: 1, wires: ['a'] }", "createAdapter is to be a function"),
        ("{ name: 'x', createAdapter, acceptsModel: 'yes' }", "acceptsModel is to be true or false"),
        ("{ name: 'x', createAdapter, acceptsModel: true, maxConcurrentRuns: 0 }", "maxConcurrentRuns"),
        ("{ name: 'x', createAdapter, acceptsModel: true, profile: 'own' }", "profile is one of spec, tanstack"),
        ("{ name: 'x', createAdapter, acceptModel: true }", "there is no option acceptModel"),
        ("undefined", "wants options"),
    ],
)
def test_options_that_make_no_implementation_are_refused_at_the_start(node, options, words):
    index = (PACKAGE / "src/index.js").as_uri()
    code = f"import {{ serve }} from '{index}'; const createAdapter = () => {{}}; serve({options})"
    ran = subprocess.run(
        [node, "--input-type=module", "--eval", code], capture_output=True, text=True, check=False, timeout=BOUND
    )
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "TypeError: serve" in ran.stderr
    assert words in ran.stderr


def test_a_port_that_is_none_is_refused_at_the_start(node):
    ran = subprocess.run(
        [node, HERE / "bare.mjs", "--listen", "70000"], capture_output=True, text=True, check=False, timeout=BOUND
    )
    assert ran.returncode == 1
    assert "--listen 70000: a port is wanted" in ran.stderr
