"""The same three chunks in every format of a log."""

import json

import pytest

CHUNKS = [
    {"type": "content", "id": "r", "model": "m", "timestamp": 1, "delta": "Hé", "content": "Hé"},
    {"type": "content", "id": "r", "model": "m", "timestamp": 1, "delta": "llo", "content": "Héllo"},
    {"type": "done", "id": "r", "model": "m", "timestamp": 1, "finishReason": "stop"},
]
COMPACT = [
    {"type": "content", "id": "r", "model": "m", "timestamp": 1, "delta": "Hé", "$contentLength": 2},
    {"type": "content", "id": "r", "model": "m", "timestamp": 1, "delta": "llo", "$contentLength": 5},
    {"type": "done", "id": "r", "model": "m", "timestamp": 1, "finishReason": "stop"},
]


def lines(*values):
    return "".join(json.dumps(value) + "\n" for value in values).encode()


HEADER = {"$transcript": 1, "dialect": "streamchunk", "scope": "chat"}
RECORDING = {
    "version": "1.0",
    "timestamp": 1000,
    "chunks": [{"chunk": chunk, "timestamp": 1000 + 5 * place, "index": place} for place, chunk in enumerate(CHUNKS)],
    "result": {"content": "Héllo"},
}
LOG_OBJECT = {"adapter": "x", "chunks": CHUNKS, "thrown": None, "ms": 3}
FORMATS = {
    "ndjson": lines(*CHUNKS),
    "ndjson with CRLF and blank lines": b"\r\n".join(lines(chunk).strip() + b"\r\n" for chunk in CHUNKS),
    "ndjson without its last line feed": lines(*CHUNKS).rstrip(),
    "array": json.dumps(CHUNKS).encode(),
    "pretty array": json.dumps(CHUNKS, indent=2, ensure_ascii=False).encode(),
    "sse": b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in CHUNKS) + b"data: [DONE]\n\n",
    "sse with CRLF": b"".join(b"data: " + json.dumps(chunk).encode() + b"\r\n\r\n" for chunk in CHUNKS),
    "transcript": lines(HEADER, *({"chunk": chunk} for chunk in CHUNKS), {"ending": "completed"}),
    "recording": json.dumps(RECORDING).encode(),
    "pretty recording": json.dumps(RECORDING, indent=1).encode(),
    "log object": json.dumps(LOG_OBJECT).encode(),
    "pretty log object": json.dumps(LOG_OBJECT, indent=1).encode(),
}
FORMATS |= {f"{name} with a byte order mark": b"\xef\xbb\xbf" + body for name, body in FORMATS.items()}


@pytest.fixture
def compact():
    return COMPACT


@pytest.fixture
def chunks():
    return CHUNKS


@pytest.fixture(params=FORMATS)
def log(request):
    """A log of the three chunks, in each format."""
    return FORMATS[request.param]
