"""No key leaves the machine, however it is spelled, and whoever judges what is left judges the same."""

import base64
import json

import pytest

from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.mask import Mask
from harness.protocol.masking import mask_of, masked_transcript, secrets_of_request
from harness.protocol.script import Exchange
from harness.protocol.transcript import Ending, Stimulus, Transcript
from harness.protocol.transcript_file import read_transcript, written

KEY = "sk-LIVE-0123456789"
BASE = {"id": "r", "model": "gpt-4o", "timestamp": 1}
SAYS = [
    {"type": "content", **BASE, "delta": "Hi", "content": "Hi"},
    {"type": "done", **BASE, "finishReason": "stop"},
]


def transcript(exchange=None, request=None, chunks=SAYS, events=None, **more):
    compactor = Compactor()
    stimulus = Stimulus(request or {}, events, operation="chat")
    exchanges = () if exchange is None else (exchange,)
    return Transcript(tuple(map(compactor.feed, chunks)), stimulus=stimulus, exchanges=exchanges, **more)


def received(headers=(), target="/chat/completions", body=b"{}", **more):
    return Exchange("POST", target, tuple(headers), body, 1, **more)


def lines_of(whole):
    """The lines of the file, having seen that nobody judges them otherwise and that nothing is masked twice."""
    lines = list(written(whole))
    again = read_transcript(lines)
    assert found(again) == found(whole)
    assert list(written(again)) == lines
    return "\n".join(lines)


def found(whole):
    return [(one.rule.id, one.finding.chunk) for one in judge(whole, profile="spec").violations]


@pytest.mark.parametrize(
    "name",
    [
        "key",
        "api_key",
        "apiKey",
        "token",
        "auth",
        "sig",
        "secret",
        "subscription-key",
        "client_secret",
        "X-Amz-Credential",
    ],
)
def test_a_query_gives_no_key_away(name):
    assert "LIVE" not in lines_of(transcript(received(target=f"/chat/completions?{name}={KEY}&alt=sse")))


@pytest.mark.parametrize(
    ("key", "query"),
    [
        ("sk-LIVE+a/b=1234", "sk-LIVE%2Ba%2Fb%3D1234"),
        ("sk-LIVE+a/b=1234", "sk-LIVE%2ba%2fb%3d1234"),
        ("sk-LIVE+a/b=1234", "%73k-LIVE%2Ba/b=1234"),
        ("sk-LIVE a b 1234", "sk-LIVE+a+b+1234"),
        ("sk-LIVE a b 1234", "sk-LIVE%20a+b%201234"),
    ],
)
def test_a_key_arrives_as_its_mark_however_the_query_spells_it(key, query):
    whole = transcript(received(target=f"/chat/completions?alt=sse&key={query}"), {"modelOptions": {"apiKey": key}})
    assert "REQ-19" not in {id_ for id_, _ in found(whole)}
    text = lines_of(whole)
    assert "LIVE" not in text
    assert "?alt=sse&key=" in text


def test_a_query_without_secrets_stays_as_it_is():
    assert "/x?a=%2f+b&&c" in lines_of(transcript(received(((("x-api-key"), KEY),), target="/x?a=%2f+b&&c")))


@pytest.mark.parametrize(
    "name",
    [
        "x-auth-token", "openai-api-key", "x-portkey-api-key", "helicone-auth", "cf-aig-authorization",
        "ocp-apim-subscription-key", "x-amz-security-token", "x-client-secret", "x-signature", "x-aws-credential",
    ],
)  # fmt: skip
def test_a_header_is_secret_by_its_name(name):
    assert "LIVE" not in lines_of(transcript(received(((name, KEY),), body=json.dumps({"k": KEY}).encode())))


@pytest.mark.parametrize(
    ("value", "body"),
    [
        (f"Bearer {KEY}", KEY),
        (f"Key {KEY}", KEY),
        (f"Api-Key   {KEY}", KEY),
        (KEY, KEY),
        ("Basic dXNlcjpMSVZFMTIz", "dXNlcjpMSVZFMTIz"),
        ("AWS4-HMAC-SHA256 Credential=LIVE/us, Signature=LIVELIVE", "Credential=LIVE/us, Signature=LIVELIVE"),
    ],
)
def test_what_stands_behind_any_scheme_is_a_secret(value, body):
    text = lines_of(transcript(received((("authorization", value),), body=json.dumps({"a": body}).encode())))
    assert "LIVE" not in text
    assert "dXNlcjpMSVZFMTIz" not in text


@pytest.mark.parametrize("value", ["Bearer none", "Basic x", "Key abc", "none"])
def test_a_short_credential_may_be_any_word_and_stays(value):
    assert value in lines_of(transcript(received((("authorization", value),))))


def test_a_cookie_is_secret_by_its_value_and_keeps_its_name():
    text = lines_of(transcript(received((("cookie", "session=LIVE12345678; b=2"),), body=b'{"c": "LIVE12345678"}')))
    assert "LIVE" not in text
    assert "session=" in text
    assert "b=2" in text


def test_an_answers_headers_give_nothing_away():
    headers = (
        ("Set-Cookie", "sess=LIVE12345678; Path=/chat/completions"),
        ("X-Refresh-Token", KEY),
        ("Content-Type", "a/b"),
    )
    text = lines_of(transcript(received(answer_headers=headers, body=b"LIVE12345678")))
    assert "LIVE" not in text
    assert "Path=/chat/completions" in text
    assert '"/chat/completions"' in text


def test_tokens_that_are_counted_are_no_secret():
    headers = (("x-ratelimit-limit-tokens", "300000000"),)
    assert "300000000" in lines_of(transcript(received(answer_headers=headers)))


def test_the_users_own_headers_are_nobody_elses_business():
    request = {
        "modelOptions": {"headers": {"X-Tenant": "tenant-LIVE-7", "X-Env": "prod", "Accept": "text/event-stream"}}
    }
    sent = received((("x-tenant", "tenant-LIVE-7"), ("x-env", "prod"), ("accept", "text/event-stream")))
    text = lines_of(transcript(sent, request, ending=Ending("raised", {"message": "no tenant-LIVE-7"})))
    assert "LIVE" not in text
    assert "prod" in text
    assert "text/event-stream" in text


def test_a_users_header_is_no_key_that_a_rule_looks_for():
    request = {"modelOptions": {"headers": {"X-Title": "Weather App", "X-Auth-Token": KEY}}}
    assert secrets_of_request(request) == (KEY,)


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("http://user:LIVE%2F12345678@h/v1", "LIVE/12345678"),
        ("https://LIVE12345678@h/v1", "LIVE12345678"),
        ("https://h/v1?api-version=1&key=LIVE12345678", "LIVE12345678"),
        ("http://[::bad/v1?token=LIVE12345678", "LIVE12345678"),
    ],
)
def test_a_url_keeps_its_password_to_itself(url, secret):
    whole = transcript(received(body=secret.encode()), {"modelOptions": {"url": url}})
    assert secret in secrets_of_request(whole.stimulus.request)
    assert "LIVE" not in lines_of(whole)


@pytest.mark.parametrize(
    "request_",
    [
        {"apiKey": KEY},
        {"modelOptions": {"providerOptions": {"openai": {"api_key": KEY}}}},
        {"modelOptions": {"gateways": [{"client_secret": KEY}]}},
    ],
)
def test_a_key_is_found_among_the_options_of_a_provider(request_):
    assert "LIVE" not in lines_of(transcript(None, request_))


def test_a_member_that_only_sounds_like_a_key_stays():
    assert "weather-cache" in lines_of(transcript(None, {"modelOptions": {"promptCacheKey": "weather-cache"}}))


@pytest.mark.parametrize(
    ("key", "spelled"),
    [
        ('sk-LIVE"1234/5', 'sk-LIVE\\"1234/5'),
        ('sk-LIVE"1234/5', 'sk-LIVE\\"1234\\/5'),
        ('sk-LIVE"1234/5', 'sk-LIVE\\\\\\"1234\\\\/5'),
        (KEY, "sk-\\u004cIVE-0123456789"),
        (KEY, "sk-\\u004CIVE-0123456789"),
        ("schlüssel-LIVE", "schl\\u00fcssel-LIVE"),
        ("schlüssel-LIVE", "schl%C3%BCssel-LIVE"),
    ],
)
def test_a_key_is_found_in_any_escape(key, spelled):
    body = f'{{"k": "{spelled}"}}'.encode()
    text = lines_of(transcript(received(body=body), {"modelOptions": {"apiKey": key}}))
    assert "IVE" not in text


def test_bytes_that_are_no_text_are_masked_before_they_are_written():
    body = b"\xff\xfe " + KEY.encode()
    text = lines_of(transcript(received((("x-api-key", KEY),), body=body)))
    [line] = [json.loads(line) for line in text.splitlines() if "bodyBase64" in line]
    written_body = base64.b64decode(line["exchange"]["bodyBase64"])
    assert written_body.startswith(b"\xff\xfe key-1")
    assert b"LIVE" not in written_body
    events = ({"type": "raw", "rawValue": b"\xff" + KEY.encode()},)
    assert base64.b64encode(b"\xff" + KEY.encode()).decode() not in lines_of(
        transcript(received((("x-api-key", KEY),)), events=events)
    )


def content(*deltas, kind="content"):
    return [
        {"type": kind, **BASE, "delta": delta, "content": "".join(deltas[: place + 1])}
        for place, delta in enumerate(deltas)
    ]


def test_a_key_that_was_cut_over_chunks_is_masked_and_still_the_same_text():
    events = (
        {"type": "text-delta", "id": "t", "delta": f"It is {KEY}."},
        {"type": "reasoning-delta", "id": "r", "delta": "So sk-LIVE"},
        {"type": "reasoning-delta", "id": "r", "delta": "-0123456789!"},
        {"type": "finish", "finishReason": "stop"},
    )
    chunks = content("It is sk-LI", "VE-01234567", "89.") + content(f"So {KEY}!", kind="thinking") + SAYS[1:]
    whole = transcript(received(), {"modelOptions": {"apiKey": KEY}}, chunks, events)
    assert "TEXT-4" not in {id_ for id_, _ in found(whole)}
    text = lines_of(whole)
    assert "sk-LI" not in text
    assert "0123456789" not in text
    assert "TEXT-2" not in {id_ for id_, _ in found(read_transcript(text.splitlines()))}


def test_a_key_that_was_cut_over_the_arguments_of_a_call_is_the_same_call():
    said = json.dumps({"k": KEY})
    events = (
        {"type": "tool-input-start", "id": "c", "toolName": "f"},
        *({"type": "tool-input-delta", "id": "c", "delta": said[at : at + 9]} for at in range(0, len(said), 9)),
        {"type": "tool-call", "toolCallId": "c", "toolName": "f", "input": ""},
        {"type": "finish", "finishReason": "tool-calls"},
    )
    function = {"name": "f", "arguments": said}
    call = {"type": "tool_call", **BASE, "index": 0, "toolCall": {"id": "c", "type": "function", "function": function}}
    parts = [said[:13], said[13:]]
    cut = [call | {"toolCall": call["toolCall"] | {"function": function | {"arguments": part}}} for part in parts]
    done = {"type": "done", **BASE, "finishReason": "tool_calls"}
    for chunks in ([call, done], [*cut, done]):
        whole = transcript(received(), {"modelOptions": {"apiKey": KEY}}, chunks, events)
        assert "TOOL-18" not in {id_ for id_, _ in found(whole)}
        text = lines_of(whole)
        assert "LIVE" not in text
        assert "0123456789" not in text


def test_what_is_no_event_and_no_chunk_is_masked_all_the_same():
    odd = [{"type": [KEY], "delta": KEY}, {"type": {"a": 1}, "delta": 5}, {"delta": KEY}]
    calls = [
        {"type": "tool_call", "index": [1], "toolCall": call} for call in (KEY, {"function": KEY}, {"function": {}})
    ]
    whole = transcript(received(), {"modelOptions": {"apiKey": KEY}}, [*odd, *calls, [KEY], KEY, None], tuple(odd))
    assert "LIVE" not in lines_of(whole)


@pytest.mark.parametrize("key", ["\\" * 100, '"' * 100, "%" * 100, "\\u0041" * 20, "a" * 100_000])
def test_no_key_and_no_body_makes_the_search_slow(key):
    bodies = [letter * 100_000 + "x" for letter in ("\\", "%", "\\u00", '\\"', "a")]
    bodies += ["\\" * 99 + "x", "a" * 99_999]
    for body in bodies:
        whole = transcript(received((("x-api-key", key),), body=body.encode()))
        assert read_transcript(list(written(whole))).exchanges


def test_a_transcript_without_secrets_is_left_as_it_is():
    whole = transcript(received((("accept", "text/event-stream"),)))
    assert masked_transcript(whole) is whole


def test_marks_that_are_there_keep_their_numbers():
    mask = Mask(["key-1____", KEY, "sk-key-3_____________________"])
    assert mask.text(f"key-1____ and {KEY}") == "key-1____ and key-2_____________"
    assert mask.text("sk-key-3_____________________") == "sk-key-3_____________________"


@pytest.mark.parametrize("prefix", ["sk-", "sk-proj-", "pk_", "gsk_", "xai-", "AIza", "", "Bearer ", "key is "])
@pytest.mark.parametrize("secret", ["LIVE", "LIVE-0123456789", "LIVE-0123456789-abcdefghijkl", "LIVE+0123456789/abc=="])
def test_what_looks_like_a_key_still_does(prefix, secret):
    """The rules about errors know keys by their look; nothing else may tell a masked transcript from the whole one."""
    key = secret if " " in prefix else prefix + secret
    says = f"no {prefix}{secret} here" if " " in prefix else f"no {key} here"
    chunks = [{"type": "error", **BASE, "error": {"message": says}}]
    whole = transcript(received((("x-api-key", key),)), {"modelOptions": {"apiKey": "another-0123456789"}}, chunks)
    assert (secret in lines_of(whole)) == (len(key) < 8)


def test_a_mark_is_shown_to_people_as_it_is():
    mask = Mask(["sk-LIVE-0123456789-abcdefgh"])
    assert mask.excerpt("Bearer sk-LIVE-0123456789-abcdefgh") == "Bearer sk-key-1___________________"


def test_what_people_read_shows_no_piece_of_a_key_either():
    mask = mask_of(transcript(received(), {"modelOptions": {"apiKey": "sk-LIVE-0123456789-abcdefgh"}}))
    assert mask.excerpt("it was sk-LIVE-01234…") == "it was *************…"
    assert mask.excerpt("VE-0123456789-abc is its middle") == "***************** is its middle"
    assert mask.excerpt("sk-LIVE is no piece") == "sk-LIVE is no piece"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("key sk-proj-abcdefghijklmnopqrst is bad", "key " + "*" * 28 + " is bad"),
        ("AIzaSyA-0123456789_abcdefghijkl", "*" * 31),
        ('"authorization": "Bearer abcdefgh01234567"', '"authorization": "Bearer ****************"'),
        ("a skeleton, a risk-free bearer of news", "a skeleton, a risk-free bearer of news"),
    ],
)
def test_what_people_read_shows_nothing_that_looks_like_a_key(said, left):
    assert Mask(()).excerpt(said) == left
