"""Cassettes for tests: an interaction in one line, a file in one more, and what the real vcrpy makes of it."""

import vcr.cassette
import yaml
from vcr.record_mode import RecordMode
from vcr.request import Request as VcrRequest

from harness.cassettes.interaction import BytesBody, Interaction, Request

BODY = 'data: {"text": "Grüße"}\n\ndata: [DONE]\n\n'
SENT = BODY.encode()
GOOD = {
    "version": 1,
    "provenance": "synthetic",
    "wire": "openai-chat",
    "interactions": [
        {
            "request": {
                "method": "POST",
                "uri": "https://api.example.com/v1/chat/completions",
                "headers": {"content-type": ["application/json"]},
                "body": '{"stream": true}',
            },
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"content-type": ["text/event-stream"]},
                "body": {"string": BODY},
            },
        }
    ],
}
REQUEST = Request(
    "POST", "https://api.example.com/v1/chat/completions", {"content-type": ("application/json",)}, b'{"stream": true}'
)


def answer(body=SENT, **changes):
    """One interaction; the body may be bytes."""
    said = {"status": 200, "headers": {"content-type": ("text/event-stream",)}, "wire": "openai-chat", "reason": "OK"}
    return Interaction(REQUEST, body=BytesBody(body) if isinstance(body, bytes) else body, **{**said, **changes})


def written(tmp_path, content):
    path = tmp_path / "one.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True))
    return path


def changed(place, value):
    """The good cassette with one place replaced or added, or removed where the value is `...`."""
    content = yaml.safe_load(yaml.safe_dump(GOOD))
    inside = content
    *way, last = [int(key) if key.isdigit() else key for key in place.split(".")]
    for key in way:
        inside = inside.setdefault(key, {}) if isinstance(inside, dict) else inside[key]
    if value is ...:
        del inside[last]
    else:
        inside[last] = value
    return content


def played_by_vcrpy(path, *asked, **settings):
    """The bodies that vcrpy itself replays for these requests, in this order."""
    tape = vcr.cassette.Cassette.load(path=str(path), record_mode=RecordMode.NONE, **settings)
    requests = [VcrRequest(one.method, one.uri, one.body, {}) for one in asked]
    return [tape.play_response(request)["body"]["string"] for request in requests]
