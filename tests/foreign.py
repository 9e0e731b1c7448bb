"""Files as other recorders write them, made by hand after their documentation, each with an answer that we know."""

import base64
import json

import yaml

URL = "https://api.openai.com/v1/chat/completions"
ASKED = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hello."}]}
CHUNKS = [
    {"id": "r", "model": "m", "choices": [{"index": 0, "delta": {"content": "Grüße"}, "finish_reason": None}]},
    {"id": "r", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
]
ANSWER = "".join(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in CHUNKS) + "data: [DONE]\n\n"
SSE = "text/event-stream"
WEATHER = "https://weather.example.com/today"


def vcrpy(*interactions, **more):
    return yaml.safe_dump({"version": 1, "interactions": list(interactions)} | more, allow_unicode=True).encode()


def taped(said=ANSWER, asked=None, uri=URL, headers=None, **more):
    """One interaction of vcrpy's."""
    return {
        "request": {
            "method": "POST",
            "uri": uri,
            "headers": {"content-type": ["application/json"]},
            "body": json.dumps(asked or ASKED),
        },
        "response": {
            "status": {"code": more.pop("status", 200), "message": "OK"},
            "headers": {"content-type": [SSE]} | (headers or {}),
            "body": {"string": said},
        },
    } | more


def entry(said=ANSWER, asked=None, url=URL, **more):
    """One entry of a HAR, as Chrome exports it."""
    content = {"size": len(said or ""), "mimeType": SSE} | ({"text": said} if said is not None else {})
    request = {
        "method": "POST",
        "url": url,
        "httpVersion": "h2",
        "headers": [{"name": ":authority", "value": "api.openai.com"}, {"name": "content-type", "value": "a/b"}],
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": 10,
        "postData": {"mimeType": "application/json", "text": json.dumps(asked or ASKED)},
    }
    response = {
        "status": 200,
        "statusText": "",
        "httpVersion": "h2",
        "headers": [
            {"name": ":status", "value": "200"},
            {"name": "content-type", "value": SSE},
            {"name": "x-served-by", "value": "a\nb"},
        ],
        "cookies": [],
        "content": content,
        "redirectURL": "",
    }
    return {
        "startedDateTime": "2026-01-01T00:00:00.000Z",
        "time": 900,
        "request": request | more.pop("request", {}),
        "response": response | more.pop("response", {}),
        "cache": {},
        "timings": {"blocked": 1, "dns": -1, "send": 0.5, "wait": 812.25, "receive": 80},
    } | more


def har(*entries):
    log = {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, "pages": []}
    return json.dumps({"log": {**log, "entries": list(entries)}}).encode()


VCR_RB = yaml.safe_dump(
    {
        "http_interactions": [
            {
                "request": {
                    "method": "post",
                    "uri": URL,
                    "body": {"encoding": "UTF-8", "string": json.dumps(ASKED)},
                    "headers": {"Content-Type": ["application/json"]},
                },
                "response": {
                    "status": {"code": 200, "message": "OK"},
                    "headers": {"Content-Type": [SSE]},
                    "body": {"encoding": "ASCII-8BIT", "base64_string": base64.b64encode(ANSWER.encode()).decode()},
                },
                "recorded_at": "Thu, 01 Jan 2026 00:00:00 GMT",
            }
        ],
        "recorded_with": "VCR 6.2.0",
    }
).encode()

BETAMAX = json.dumps(
    {
        "http_interactions": [
            {
                "request": {
                    "method": "POST",
                    "uri": URL,
                    "body": {"encoding": "utf-8", "string": json.dumps(ASKED)},
                    "headers": {"Content-Type": ["application/json"]},
                },
                "response": {
                    "status": {"code": 200, "message": "OK"},
                    "url": URL,
                    "headers": {"Content-Type": [SSE]},
                    "body": {"encoding": "utf-8", "string": ANSWER},
                },
                "recorded_at": "2026-01-01T00:00:00",
            }
        ],
        "recorded_with": "betamax/0.9.0",
    }
).encode()

GO_VCR = yaml.safe_dump(
    {
        "version": 2,
        "interactions": [
            {
                "id": 0,
                "request": {
                    "proto": "HTTP/1.1",
                    "host": "api.openai.com",
                    "body": json.dumps(ASKED),
                    "headers": {"Content-Type": ["application/json"]},
                    "url": URL,
                    "method": "POST",
                },
                "response": {
                    "proto": "HTTP/2.0",
                    "uncompressed": False,
                    "body": ANSWER,
                    "headers": {"Content-Type": [SSE]},
                    "status": "200 OK",
                    "code": 200,
                    "duration": "1m2.5s",
                },
            }
        ],
    }
).encode()

NOCK = json.dumps(
    [
        {
            "scope": "https://api.openai.com:443",
            "method": "POST",
            "path": "/v1/chat/completions",
            "body": ASKED,
            "status": 200,
            "response": ANSWER,
            "rawHeaders": ["Content-Type", SSE, "X-A", "1", "x-a", "2"],
            "responseIsBinary": False,
        }
    ]
).encode()


def recording(*chunks, start=1000, **more):
    """TanStack's ChunkRecording: each chunk with the milliseconds at which it came."""
    rows = [{"chunk": chunk, "timestamp": at, "index": index} for index, (at, chunk) in enumerate(chunks)]
    return json.dumps(
        {"version": "1.0", "timestamp": start, "model": "m", "provider": "p", "chunks": rows} | more
    ).encode()


def lines(*values):
    return "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values).encode()
