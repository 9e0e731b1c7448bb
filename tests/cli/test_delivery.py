"""What lies beside a recorded body says how it was delivered."""

import json

import pytest

from harness.cli.sources import Unpaired, one_of, source_of
from harness.logs import read_log

CHUNK = {"id": "r", "model": "m", "choices": [{"index": 0, "delta": {"content": "Hel"}}]}
CALL = {"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "{}"}}]}}
REFUSAL = {"error": {"message": "slow down", "code": "rate_limit"}}


def sse(*values):
    return "".join(f"data: {json.dumps(value)}\n\n" for value in values).encode()


@pytest.fixture
def recorded(tmp_path):
    def write(name, body, meta=None):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(body)
        if meta is not None:
            stem = name.removesuffix(".error.json").removesuffix(".sse")
            (tmp_path / f"{stem}.meta.json").write_text(meta if isinstance(meta, str) else json.dumps(meta))
        return str(path)

    return write


def test_a_reset_raises_where_the_bytes_end(recorded):
    source = source_of(recorded("cut.sse", sse(CHUNK), {"ending": "reset"}))
    assert "$throw" in source.events[-1]
    assert source.located[-1].end == len(source.body)


def test_a_reset_behind_the_answer_changes_nothing(recorded):
    done = CHUNK | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    source = source_of(recorded("late.sse", sse(CHUNK, done), {"ending": "reset"}))
    assert source.events[-1]["type"] == "finish"


def test_a_clean_close_raises_nothing(recorded):
    assert "$throw" not in source_of(recorded("cut.sse", sse(CHUNK), {"ending": "close"})).events[-1]


@pytest.mark.parametrize("key", ["status", "http_status"])
def test_a_refusal_carries_its_status(recorded, key):
    source = source_of(recorded("no.error.json", json.dumps(REFUSAL).encode(), {key: 429}))
    assert source.events[-1]["error"] == {"statusCode": 429} | REFUSAL["error"]


def test_the_wire_that_was_recorded_needs_no_guess(recorded):
    body = sse({"choices": [], "type": "message_start"})
    assert source_of(recorded("odd.sse", body, {"api": "openai-chat"})).wire == "openai-chat"


@pytest.mark.parametrize("meta", ["no json", "[]", '{"status": "429", "ending": 1, "api": ["x"]}'])
def test_a_side_file_that_says_nothing_usable_says_nothing(recorded, meta):
    assert source_of(recorded("cut.sse", sse(CHUNK), meta)).wire == "openai-chat"


def test_an_id_that_the_provider_did_not_send_is_known_to_be_ours(recorded):
    end = {"index": 0, "delta": {}, "finish_reason": "tool_calls"}
    source = source_of(recorded("call.sse", sse(CHUNK | {"choices": [CALL]}, CHUNK | {"choices": [end]})))
    called = [event["toolCallId"] for event in source.events if event["type"] == "tool-call"]
    assert source.made_ids == set(called)
    assert len(called) == 1


def test_the_url_that_was_asked_tells_two_sources_apart(recorded):
    chat = source_of(recorded("openai-chat/x.sse", sse(CHUNK)))
    created = {"type": "response.created", "response": {"id": "r", "model": "m"}}
    responses = source_of(recorded("openai-responses/x.sse", sse(created)))
    log = {"chunks": [], "thrown": None, "requests": [{"method": "POST", "url": "/v1/responses"}]}
    assert one_of([chat, responses], read_log([json.dumps(log).encode()])) is responses
    assert isinstance(one_of([chat, responses], read_log([b'{"chunks": []}'])), Unpaired)
