"""Which recording a request means, and what is said where it means none."""

import gzip
import json
from contextlib import contextmanager

import httpx
import pytest

from harness.cassettes import cassette
from harness.errors import InputError
from harness.replay.cassettes import CassetteServer
from raw_client import HANG_BOUND
from tapes_by_hand import HELLO, URI, interaction, tape


@pytest.fixture
def tapes(tmp_path):
    """Cassettes called one, two and so on, of an interaction each."""
    words = ("one", "two", "three", "four")
    return lambda *interactions: [
        tape(tmp_path / f"{word}.yaml", one) for word, one in zip(words, interactions, strict=False)
    ]


@contextmanager
def serving(cassettes, **options):
    with CassetteServer(cassettes, **options) as server, httpx.Client(base_url=server.base_url) as client:
        yield server, client


def post(client, body=HELLO, path="/v1/chat/completions", **more):
    return client.post(path, content=body if isinstance(body, bytes) else json.dumps(body), **more)


def said_of(tapes, *requests, **options):
    with serving(tapes, **options) as (_, client):
        return [
            answer.text if answer.status_code != 599 else 599 for answer in (post(client, *one) for one in requests)
        ]


def changed(**more):
    return HELLO | more


def test_each_request_is_answered_by_its_own_recording_whatever_the_turn(tapes):
    two = tapes(interaction(said="a"), interaction(changed(temperature=0.5), said="b"))
    requests = [(changed(temperature=0.5),), (HELLO,), (changed(temperature=0.5),), (HELLO,)]
    assert said_of(two, *requests) == ["b", "a", "b", "a"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"messages":[{"content":"Hello.","role":"user"}],"stream":true,"model":"m"}',
        b'\n{ "model": "m", "stream": true,\t"messages": [{"role": "user", "content": "\\u0048ello."}] }\n',
    ],
)
def test_a_json_body_is_compared_by_its_meaning(tapes, body):
    assert said_of(tapes(interaction()), (body,)) == ["ok"]


def test_a_number_is_its_value_and_not_its_digits(tapes):
    recorded = tapes(interaction('{"temperature": 1.0, "n": 100}'))
    same = [(b'{"temperature": 1, "n": 1e2}',), (b'{"n": 100.000, "temperature": 10E-1}',)]
    other = [(b'{"temperature": 1.0000000000000000001, "n": 100}',), (b'{"temperature": true, "n": 100}',)]
    assert said_of(recorded, *same, *other) == ["ok", "ok", 599, 599]


@pytest.mark.parametrize(
    "body",
    [changed(stream=False), {**HELLO, "messages": []}, changed(n=None), {"model": "m"}, b"", b"[]", b"{", [HELLO]],
)
def test_another_meaning_is_another_request(tapes, body):
    assert said_of(tapes(interaction()), (body,)) == [599]


def test_what_is_no_json_object_or_array_is_compared_byte_for_byte(tapes):
    recorded = tapes(interaction(b"a=1&b=2"), interaction(b"\xff\x00"), interaction(b'{"broken": '), interaction(b"1"))
    same = [(b"a=1&b=2",), (b"\xff\x00",), (b'{"broken": ',), (b"1",)]
    other = [(b"b=2&a=1",), (b"\xff",), (b'{"broken":',), (b"1.0",)]
    assert said_of(recorded[:3], *same[:3], *other[:3]) == ["ok"] * 3 + [599] * 3
    assert said_of(recorded[3:], same[3], other[3]) == ["ok", 599]


def test_a_recorded_path_may_stand_behind_any_prefix_but_is_never_cut(tapes):
    paths = ["/v1/chat/completions", "/x/y/v1/chat/completions", "/v1/chat%2Fcompletions", "/chat/completions", "/"]
    found = said_of(tapes(interaction()), *((HELLO, path) for path in paths))
    assert found == ["ok", "ok", 599, 599, 599]


def test_a_path_is_compared_as_it_reads_and_not_by_halves_of_its_parts(tapes):
    recorded = tapes(interaction(uri="https://h/models/a%3Ab:ask"))
    paths = ["/models/a:b%3Aask", "/xmodels/a:b:ask", "/models/a:b:ask/", "/models/A:b:ask"]
    assert said_of(recorded, *((HELLO, path) for path in paths)) == ["ok", 599, 599, 599]


def test_of_two_recorded_paths_the_longer_one_is_meant(tapes):
    both = tapes(interaction(uri="https://h/chat", said="short"), interaction(uri="https://h/v1/chat", said="long"))
    requests = [(HELLO, "/chat"), (HELLO, "/v1/chat"), (HELLO, "/x/v1/chat"), (HELLO, "/v2/chat")]
    assert said_of(both, *requests) == ["short", "long", "long", "short"]


def test_a_query_is_compared_without_its_keys_and_in_any_order(tapes):
    recorded = tapes(interaction(uri="https://h/ask?alt=sse&key=AIza-recorded&n=1"))
    same = ["/ask?n=1&alt=sse", "/ask?alt=%73se&n=1&key=another&api_key=k"]
    other = ["/ask", "/ask?alt=sse&n=2", "/ask?alt=sse&n=1&more=", "/ask?alt=sse&n=1&n=1"]
    found = said_of(recorded, *((HELLO, path) for path in (*same, *other)))
    assert found == ["ok", "ok", 599, 599, 599, 599]


def test_values_of_one_parameter_keep_their_order(tapes):
    recorded = tapes(interaction(uri="https://h/ask?n=1&m=&n=0"))
    assert said_of(recorded, (HELLO, "/ask?m=&n=1&n=0"), (HELLO, "/ask?m=&n=0&n=1")) == ["ok", 599]


def test_a_compressed_request_is_compared_unpacked(tapes):
    packed = gzip.compress(json.dumps(HELLO).encode())
    recorded = tapes(interaction(), interaction(gzip.compress(b'{"n": 1}'), sent={"Content-Encoding": ["gzip"]}))
    with serving(recorded) as (_, client):
        gzipped = {"content-encoding": "gzip"}
        assert post(client, packed, headers=gzipped).status_code == 200
        assert post(client, {"n": 1.0}).status_code == 200
        assert post(client, packed[:-4], headers=gzipped).status_code == 599
        assert post(client, packed, headers={"content-encoding": "unheard-of"}).status_code == 599


def test_a_head_is_answered_by_the_recorded_get_without_its_body(tapes):
    with serving(tapes(interaction(None, '{"models": []}', method="GET", uri="https://h/models"))) as (_, client):
        head = client.head("/models")
        assert (head.status_code, head.text) == (200, "")
        assert client.get("/models").text == '{"models": []}'
        assert client.post("/models").status_code == 599


def test_what_is_left_out_of_the_comparison_may_differ(tapes):
    [one] = tapes(interaction(uri="https://h/v1/ask?n=1"))
    assert said_of([one], (b"?", "/v1/ask"), match=("method", "path")) == ["ok"]
    assert said_of([one], (b"?", "/v1/other"), match=("method", "path")) == [599]
    assert said_of([one], (HELLO, "/any?n=1"), match=("body", "query")) == ["ok"]
    with serving([one], match=("body",)) as (_, client):
        assert client.put("/", content=json.dumps(HELLO)).text == "ok"


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        (interaction(), interaction('{"stream":true,"messages":[{"role":"user","content":"Hello."}],"model":"m"}'), ()),
        (interaction(), interaction(uri="http://other.example:81/v1/chat/completions?key=k"), ()),
        (interaction(), interaction({"model": "other"}), ("method", "path")),
    ],
)
def test_two_recordings_of_the_same_request_are_refused_with_both_their_names(tapes, one, other, match):
    with pytest.raises(InputError) as caught:
        CassetteServer(tapes(one, interaction({}, uri="https://h/3"), other), **({"match": match} if match else {}))
    assert str(caught.value).startswith("one and three answer the same request")
    assert "POST /v1/chat/completions" in str(caught.value)
    assert "--in-order" in str(caught.value)


def test_in_order_plays_equal_requests_one_after_the_other_and_the_last_again(tapes):
    given = tapes(interaction(said="a"), interaction({"n": 1}, said="x"), interaction(said="b"), interaction(said="c"))
    requests = [(HELLO,), ({"n": 1},), (HELLO,), (HELLO,), ({"n": 1},), (HELLO,)]
    assert said_of(given, *requests, in_order=True) == ["a", "x", "b", "c", "x", "c"]


def test_a_cassette_of_several_interactions_is_several_recordings(tmp_path):
    several = tape(tmp_path / "many.yaml", interaction(said="a"), interaction({}, said="b"))
    with serving([several]) as (server, client):
        assert [post(client, {}).text, post(client).text] == ["b", "a"]
        assert [server.recordings[one.script].name for one in server.exchanges()] == ["many#2", "many#1"]


def error_of(cassettes, body=HELLO, path="/v1/chat/completions", **more):
    with serving(cassettes) as (_, client):
        answer = post(client, body, path, **more)
    assert answer.status_code == 599
    error = answer.json()["error"]
    assert (error["type"], error["code"]) == ("replay_error", "no_recording_matches")
    return error["message"]


def test_a_mismatch_names_the_nearest_recording_and_the_first_differences(tapes):
    recorded = tapes(interaction(uri="https://h/other"), interaction(changed(a=1, b=2, c=3)), interaction({"n": 1}))
    message = error_of(recorded, changed(messages=[{"role": "user", "content": "Goodbye."}], a=1, c=4, d=None))
    assert message == (
        "no recorded request matches POST /v1/chat/completions; the nearest is two, which differs: "
        'body.messages.0.content: recorded "Hello.", asked "Goodbye."; body.b: recorded 2, asked nothing; '
        "body.c: recorded 3, asked 4; and 1 more"
    )


def test_a_missing_part_of_the_base_url_is_said(tapes):
    message = error_of(tapes(interaction()), path="/chat/completions")
    assert "path: recorded /v1/chat/completions, asked /chat/completions (put /v1 behind the base URL)" in message


def test_method_query_and_kind_of_body_are_said_where_they_differ(tapes):
    [one] = tapes(interaction(uri="https://h/ask?alt=sse"))
    with serving([one]) as (_, client):
        message = client.put("/ask?n=1", content=b"plain").json()["error"]["message"]
    assert 'method: recorded POST, asked PUT; query.alt: recorded "sse", asked nothing; query.n: ' in message
    assert error_of([one], b"", "/ask?alt=sse").endswith("body: recorded JSON, asked no body")
    assert error_of([one], b"plain", "/ask?alt=sse").endswith("body: recorded JSON, asked 5 bytes that are no JSON")
    [other] = tapes(interaction(b"a=1&b=2"))
    assert error_of([other], b"a=1&b=3").endswith('body: recorded "a=1&b=2", asked "a=1&b=3"')


def test_long_texts_are_shown_where_they_differ(tapes):
    text = "word " * 100
    message = error_of(tapes(interaction({"text": f"{text}one{text}"})), {"text": f"{text}two{text}"})
    assert 'body.text: recorded "…word word word one' in message
    assert 'asked "…word word word two' in message
    assert len(message) < 400


def test_no_key_of_a_request_stands_in_a_mismatch(tapes):
    key, other = "my-own-key-of-no-known-form", "sk-0123456789abcdefghijklmnop"
    message = error_of(
        tapes(interaction()),
        changed(apiKey="said-in-the-body", note=f"{key} {other}", **{key: 1}),
        f"/{key}?key={key}&tenant={other}",
        headers={"authorization": f"Bearer {key}"},
    )
    for secret in (key, other, "said-in-the-body"):
        assert secret not in message


@pytest.mark.parametrize("ahead", [10, 50, 3_000])
def test_no_half_of_a_key_is_shown_where_a_text_is_cut(tapes, ahead):
    text = "a" * ahead
    message = error_of(tapes(interaction({"text": text})), {"text": f"{text}b sk-0123456789abcdefghijklmnop"})
    assert "asked" in message
    assert "0123" not in message


@pytest.mark.parametrize("name", ["openai/chat-tool", "anthropic/tool", "google/json-array", "google/http-503"])
def test_bundled_cassettes_are_served_as_they_are(name):
    recorded = cassette.load(name).only
    with serving([cassette.load(name)]) as (server, client):
        uri = recorded.request.uri.partition("://")[2].partition("/")[2]
        answer = client.request(recorded.request.method, f"/{uri}", content=recorded.request.body)
        assert answer.status_code == recorded.status
        assert answer.content == recorded.body.read(0, recorded.body.length)
        assert server.settled(HANG_BOUND)
        assert [one.whole for one in server.exchanges()] == [True]


def test_every_bundled_cassette_can_be_served():
    tapes = [cassette.load(name) for name in cassette.names()]
    server = CassetteServer(tapes, in_order=True)
    assert len(server.recordings) == sum(len(tape.interactions) for tape in tapes)


def test_pages_from_this_machine_may_ask_and_read_and_others_may_not(tapes):
    asks = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    with serving(tapes(interaction())) as (server, client):
        url = "/v1/chat/completions"
        for origin in ("http://localhost:3000", "https://127.0.0.1", "http://app.localhost:1", "http://[::1]:8"):
            allowed = client.options(url, headers={"origin": origin, **asks})
            assert allowed.status_code == 204
            assert allowed.headers["access-control-allow-origin"] == origin
            assert allowed.headers["access-control-allow-headers"] == "authorization,content-type"
            assert allowed.headers["access-control-allow-methods"] == "POST"
            for body in (HELLO, {}):
                assert post(client, body, headers={"origin": origin}).headers["access-control-allow-origin"] == origin
        for origin in ("https://localhost.example.com", "https://example.com", "null", "http://[", "localhost"):
            refused = client.options(url, headers={"origin": origin, **asks})
            assert refused.status_code == 599
            assert "access-control-allow-origin" not in refused.headers
            assert "access-control-allow-origin" not in post(client, headers={"origin": origin}).headers
        assert "access-control-allow-origin" not in post(client).headers
        assert len({one.script for one in server.exchanges()}) == 2


def test_only_the_last_exchanges_are_kept_where_that_is_said(tapes):
    with serving(tapes(interaction()), kept=2) as (server, client):
        for number in range(5):
            post(client, {"n": number})
        assert server.settled(HANG_BOUND)
        assert [json.loads(one.body)["n"] for one in server.exchanges()] == [3, 4]


def test_whoever_watches_is_told_of_every_exchange(tapes):
    watched = []
    with serving(tapes(interaction()), watch=watched.append) as (server, client):
        post(client)
        post(client, {})
        assert server.settled(HANG_BOUND)
    assert [(one.exchange.status, one.recording) for one in watched] == [(200, "one"), (599, None)]
    assert watched[1].note.startswith("no recorded request matches POST")


def test_a_server_of_nothing_and_a_speed_that_is_none_are_refused(tapes):
    with pytest.raises(InputError, match="no cassette"):
        CassetteServer([])
    for speed in (-1, float("nan"), float("inf")):
        with pytest.raises(InputError, match="speed"):
            CassetteServer(tapes(interaction()), speed=speed)


def test_what_http_cannot_play_is_refused_with_its_name(tapes):
    with pytest.raises(InputError, match=r"^two: an answer of status 204 has no body"):
        CassetteServer(tapes(interaction(), interaction({}, status=204)))
    with pytest.raises(InputError, match=r"^one: HTTP has no such head"):
        CassetteServer(tapes(interaction(headers={"bad name": ["x"]})))


def test_the_uri_of_a_cassette_may_be_a_path_alone(tapes):
    assert said_of(tapes(interaction(uri=URI.partition("example.com")[2])), (HELLO,)) == ["ok"]
