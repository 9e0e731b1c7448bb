"""Cassettes made by hand, as tests of what plays and compares them need them."""

import json

import yaml

from harness.cassettes import cassette

URI = "https://api.example.com/v1/chat/completions"
HELLO = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hello."}]}
SSE = {"content-type": ["text/event-stream"]}


def interaction(asked=HELLO, said="ok", **more):
    """One interaction; what is asked and said is text, bytes or JSON.

    ``method``, ``uri`` and ``sent`` (headers) are the request's, ``status`` and ``headers`` the answer's; what else is
    named are our own keys.
    """
    method, uri, sent = more.pop("method", "POST"), more.pop("uri", URI), more.pop("sent", {})
    status, headers = more.pop("status", 200), more.pop("headers", SSE)
    made = {
        "request": {"method": method, "uri": uri, "headers": sent, "body": plain(asked)},
        "response": {"status": {"code": status, "message": ""}, "headers": headers, "body": {"string": plain(said)}},
    }
    return made | {"streamchunk": more} if more else made


def plain(body):
    return body if body is None or isinstance(body, str | bytes) else json.dumps(body)


def content(*interactions, **more):
    return {"version": 1, "interactions": list(interactions)} | more


def written(path, *interactions, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content(*interactions, **more), allow_unicode=True, sort_keys=False))
    return path


def tape(path, *interactions):
    """A cassette, read from the file that is written for it; it is called after the file."""
    return cassette.read(written(path, *interactions), path.stem)
