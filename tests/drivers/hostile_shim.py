"""A shim that misbehaves in the one way that its first argument names; else it answers as a good one does.

It misbehaves in the run whose request has `"model": "hostile"`, or at the place that the mode says. It imports next to
nothing, so that it starts quickly (`python -S -E`).
"""

import json
import os
import signal
import sys
import time

MODE = sys.argv[1] if len(sys.argv) > 1 else "good"
AT_A_TIME = {"answers in pairs": 2, "exits among others": 4, "hangs among others": 4}
CAPABILITIES = {
    "operations": ["transform", "parseJson"],
    "abort": True,
    "approvals": True,
    "maxConcurrentRuns": AT_A_TIME.get(MODE, 1),
}
SLEEP = 60


def write(data):
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def line(**message):
    return (json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")) + "\n").encode()


def send(**message):
    write(line(**message))


def chunk_line(run, delta, content, **more):
    chunk = {"type": "content", "id": "r", "model": "m", "timestamp": 1, "delta": delta, "content": content}
    return line(method="chunk", params={"runId": run, "chunk": {**chunk, "role": "assistant", **more}})


def done_line(run):
    usage = {"promptTokens": 0, "completionTokens": 0, "totalTokens": 0}
    chunk = {"type": "done", "id": "r", "model": "m", "timestamp": 1, "finishReason": "stop", "usage": usage}
    return line(method="chunk", params={"runId": run, "chunk": chunk})


def chunks_of(run, events):
    content = ""
    for event in events:
        if event.get("type") == "text-delta":
            content += event["delta"]
            yield chunk_line(run, event["delta"], content)
    yield done_line(run)


def answer_line(number, **result):
    return line(id=number, result={"ending": "completed", **result})


def introduction(number):
    told = {"name": "hostile", "version": "1", "language": "Python"}
    result = {"protocolVersion": 1, "implementation": told, "dialect": "streamchunk", "profile": "spec"}
    return {"id": number, "result": {**result, "capabilities": CAPABILITIES}}


def lines():
    rest = b""
    while data := os.read(0, 1 << 16):
        *whole, rest = (rest + data).split(b"\n")
        yield from whole


def fork_a_grandchild():
    """Leave a process behind that keeps our pipes open, and outlives us."""
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(SLEEP)
        os._exit(0)


def misbehave(number, run, events):
    match MODE:
        case "hangs" | "hangs among others":
            write(chunk_line(run, "H", "H"))
            time.sleep(SLEEP)
        case "floods":
            many = b"".join(chunk_line(run, "", "") for _ in range(1000))
            while True:
                write(many)
        case "floods in long lines":
            while True:
                write(chunk_line(run, "", "", padding="x" * 1_000_000))
        case "floods its log":
            os.set_blocking(2, True)
            for _ in range(200):
                os.write(2, b"noise " * 100_000)
            answer(number, run, events)
        case "exits" | "exits among others":
            write(chunk_line(run, "H", "H"))
            os.write(2, b"about to die of a bug\n")
            os._exit(7)
        case "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exits behind its answer":
            answer(number, run, events)
            os._exit(0)
        case "exits long behind its answer":
            answer(number, run, events)
            in_flight = os.read(0, 1 << 16)
            write(chunk_line(json.loads(in_flight)["params"]["runId"], "H", "H"))
            os._exit(3)
        case "prints a banner":
            write(b"Debugger listening on ws://127.0.0.1:9229\n")
            answer(number, run, events)
        case "writes half a line":
            write(b'{"jsonrpc":"2.0","method":"chu')
            os._exit(0)
        case "writes invalid UTF-8":
            write(chunk_line(run, "H", "H").replace(b'"H"', b'"\xff\xfe"'))
            time.sleep(SLEEP)
        case "writes a line without an end":
            while True:
                write(b"x" * (1 << 20))
        case "answers before the end":
            write(answer_line(number) + b"".join(chunks_of(run, events)))
        case "answers twice":
            write(b"".join(chunks_of(run, events)) + answer_line(number) + answer_line(number))
        case "answers long before the end":
            answer(number, run, events)
            time.sleep(0.05)
            write(chunk_line(run, "late", "late"))
        case "ignores an abort":
            content = ""
            for _ in range(60):
                content += "more "
                write(chunk_line(run, "more ", content))
                time.sleep(0.01)
            write(done_line(run))
            write(answer_line(number))
        case "never ends after an abort":
            write(chunk_line(run, "H", "H"))
            time.sleep(SLEEP)
        case "forks and hangs":
            fork_a_grandchild()
            time.sleep(SLEEP)
        case "forks and exits":
            fork_a_grandchild()
            os._exit(3)
        case "closes its output":
            os.close(1)
            time.sleep(SLEEP)
        case "ignores SIGTERM":
            time.sleep(SLEEP)
        case "names another run":
            write(chunk_line("nobody", "H", "H"))
            time.sleep(SLEEP)
        case "sends no chunk":
            send(method="chunk", params={"runId": run})
            time.sleep(SLEEP)
        case "sends an unknown message":
            send(method="progress", params={"runId": run})
            time.sleep(SLEEP)
        case "asks the harness":
            send(id=1, method="chunk", params={"runId": run, "chunk": {}})
            time.sleep(SLEEP)
        case "says an unknown ending":
            send(id=number, result={"ending": "finished"})
            time.sleep(SLEEP)
        case "refuses":
            send(id=number, error={"code": -32603, "message": "no model of that name"})
        case "refuses without a code":
            send(id=number, error={"message": "no model of that name"})
        case "says a number twice":
            write(chunk_line(run, "H", "H").replace(b'"timestamp":1', b'"timestamp":1,"timestamp":NaN'))
            write(done_line(run))
            write(answer_line(number))
        case _:
            answer(number, run, events)


def answer(number, run, events):
    write(b"".join(chunks_of(run, events)) + answer_line(number))


def listen():
    """Be a shim that runs already: each connection is a conversation of its own."""
    import socket

    server = socket.create_server(("127.0.0.1", 0))
    os.write(2, f"{server.getsockname()[1]}\n".encode())
    while True:
        connection, _ = server.accept()
        os.dup2(connection.fileno(), 0)
        os.dup2(connection.fileno(), 1)
        connection.close()
        converse()
        os.dup2(2, 1)
        os.dup2(2, 0)


def main():
    if MODE == "ignores SIGTERM":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if MODE == "exits at once":
        os.write(2, b"Error: Cannot find module '@tanstack/ai'\n")
        os._exit(1)
    if MODE == "never says who it is":
        time.sleep(SLEEP)
    if MODE == "begins with a banner":
        write(b"> my-adapter@1.0.0 shim\n")
    if MODE == "listens":
        listen()
    converse()


def converse():
    waiting = []
    for given in lines():
        message = json.loads(given)
        method, number, params = message["method"], message.get("id"), message.get("params") or {}
        if method == "initialize":
            send(**introduction(number))
            if MODE == "reads no more":
                time.sleep(SLEEP)
        elif method == "run":
            run, events = params["runId"], params.get("source", {}).get("events", [])
            waiting.append((number, run, events))
            if MODE == "answers in pairs" and len(waiting) < 2:
                continue
            for asked in reversed(waiting):
                (misbehave if params["request"].get("model") == "hostile" else answer)(*asked)
            waiting.clear()
        elif method == "shutdown":
            if MODE == "never answers shutdown":
                time.sleep(SLEEP)
            send(id=number, result=None)
            return


main()
