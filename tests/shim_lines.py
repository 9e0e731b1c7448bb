"""A session that was introduced, and lines as a shim writes them."""

import json

from harness.drivers.session import Session
from harness.protocol.transcript import Stimulus

CAPABILITIES = {"operations": ["transform", "parseJson"], "abort": True, "approvals": True}
INTRODUCTION = {
    "protocolVersion": 1,
    "implementation": {"name": "adapter", "version": "1.2.3", "language": "TypeScript"},
    "dialect": "streamchunk",
    "profile": "tanstack",
    "capabilities": CAPABILITIES,
}


def line(**message):
    return json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")).encode()


def chunk_line(run, chunk):
    return line(method="chunk", params={"runId": run.id, "chunk": chunk})


def answer_line(run, **result):
    return line(id=run.number, result={"ending": "completed", **result})


def sent(session):
    return [json.loads(text) for text in session.outgoing().splitlines()]


def introduced(**settings):
    session = Session(**settings)
    session.outgoing()
    session.received([line(id=0, result=INTRODUCTION)], 0.0)
    assert session.implementation is not None
    return session


def asked(session, now=0.0, **stimulus):
    run = session.prepared(Stimulus(**{"request": {"model": "m"}, "events": (), **stimulus}), 30.0)
    session.start(run, now)
    return run
