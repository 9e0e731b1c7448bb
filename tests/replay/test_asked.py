"""What stands for anything of its length, and what does not; what a request's words mean."""

import json
import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cassettes import cassette
from harness.cassettes.interaction import Request
from harness.cassettes.redaction import Redactor
from harness.cassettes.redaction.placeholders import placeholder
from harness.cassettes.tape import Head, Tape
from harness.cassettes.writing import write
from harness.errors import InputError
from harness.protocol.exact_json import parsed, same
from harness.replay.asked import CRITERIA, agree, asked, same_text
from harness.replay.cassettes import CassetteServer
from harness.replay.forms import hidden
from harness.replay.recordings import Index, recordings_of
from tapes_by_hand import interaction, tape

SECRETS = ["aB3dE5fG7hJ9kL1mN3pQ", "pa55-word/and+more=", "ada.lovelace@analytical.example.com", "a@b.co", "12345678"]


def redacted(secret):
    return placeholder(secret.encode()).decode()


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(("before", "after"), [("", ""), ("sk-ant-", ""), ("Write to ", ", please."), ("AIza", " ")])
def test_what_redaction_left_agrees_with_any_text_of_its_length(secret, before, after):
    left = (redacted(secret),)
    recorded = f"{before}{left[0]}{after}"
    for there in (secret, "?" * len(secret), secret[::-1]):
        assert same_text(recorded, f"{before}{there}{after}", left)
        assert not same_text(recorded, f"{before}{there}{after}", ())
    assert not same_text(recorded, f"{before}{secret}x{after}", left)
    assert not same_text(recorded, f"{before}{secret[1:]}{after}", left)
    if before:
        assert not same_text(recorded, f"{before.swapcase()}{secret}{after}", left)


def test_what_redaction_left_is_found_as_json_and_a_uri_spell_it():
    assert same_text("key xx/xx", "key ab/cd", ("xx\\/xx",))
    assert same_text("key xx xx", "key ab cd", ("xx%20xx",))


def test_a_short_placeholder_is_none_within_a_word():
    assert same_text("pin 0000.", "pin 4711.", ("0000",))
    assert not same_text("card 00000000", "card 00004711", ("0000",))


def test_a_long_text_is_searched_in_time_that_grows_as_it_does():
    left = ("x" * 20, "x-" * 10, "0" * 10)
    for text in ("x" * 1_000_000 + "a", "x-" * 500_000 + "a", "x" * 500_000 + "---" * 100_000, "0a" * 500_000):
        started = time.monotonic()
        hidden(text, left)
        assert time.monotonic() - started < 20


def test_a_redacted_recording_answers_the_request_that_was_redacted(tmp_path):
    mail, key = "ada@example.com", "aB3dE5fG7hJ9kL1m"
    recorded = {"model": "m", "user": redacted(mail), "note": f"key sk-{redacted(key)}."}
    uri = f"https://h/accounts/{redacted(key)}/ask?tenant={redacted(key)}"
    left = [redacted(mail), redacted(key)]
    with CassetteServer([tape(tmp_path / "one.yaml", interaction(recorded, uri=uri, redacted=left))]) as server:

        def status(body, account=key, tenant=key):
            return httpx.post(f"{server.base_url}/accounts/{account}/ask?tenant={tenant}", json=body).status_code

        asked_for = {"note": f"key sk-{key}.", "user": mail, "model": "m"}
        assert status(asked_for) == 200
        assert status(asked_for, account="another-account-", tenant="another-tenant--") == 200
        assert status(asked_for, account="short") == 599
        assert status(asked_for, tenant="short") == 599
        assert status(asked_for | {"user": "longer@example.com"}) == 599
        assert status(asked_for | {"model": "n"}) == 599


@pytest.mark.parametrize(
    "text", ["Card 0000000000", "00000000-0000-0000-0000-000000000000", "xxxxxxxxxx", "XXXX-XXXX-XXXX", "x@x.xx"]
)
def test_what_only_looks_like_a_placeholder_answers_nothing_else(tmp_path, text):
    other = "".join("7" if letter.isalnum() else letter for letter in text)
    for left in ([], ["xxxXXX000xxx"]):
        with CassetteServer([tape(tmp_path / "one.yaml", interaction({"a": text}, redacted=left))]) as server:
            assert httpx.post(f"{server.base_url}/v1/chat/completions", json={"a": text}).status_code == 200
            assert httpx.post(f"{server.base_url}/v1/chat/completions", json={"a": other}).status_code == 599


def test_a_recorded_request_answers_itself_and_says_what_was_replaced_in_it(tmp_path):
    body = {"user": "ada@analytical.dev", "card": "Card 0000000000", "key": "sk-proj-aB3dE5fG7hJ9kL1mN3pQ5rS7tU9"}
    request = Request("POST", "https://h/v1/chat/completions?user=a@b.dev", {}, json.dumps(body).encode())
    with Tape(request, Head(200), Redactor(), asked_at=0, head_at=0, folder=tmp_path) as recording:
        recording.piece(b"data: [DONE]", 1)
        recording.end("end")
        write(tmp_path / "one.yaml", [recording.interaction()], "recorded")
    read = cassette.read(tmp_path / "one.yaml")
    assert read.only.request.redacted == ("x@x.xxx", "xxx@xxxxxxxxxx.xxx", "xX0xX0xX0xX0xX0xX0xX0xX0xX0")
    with CassetteServer([read]) as server:
        url = f"{server.base_url}/v1/chat/completions?user=a@b.dev"
        assert httpx.post(url, json=body).status_code == 200
        assert httpx.post(url, json=body | {"card": "Card 1234567890"}).status_code == 599


def test_two_recordings_that_differ_in_placeholders_alone_answer_the_same_request(tmp_path):
    one, other = "aB3dE5fG7hJ9kL1m", "zZ3dE5fG7hJ9kL1m"
    first = interaction({"a": redacted(one), "b": other}, redacted=[redacted(one)])
    tapes = [
        tape(tmp_path / "one.yaml", first),
        tape(tmp_path / "other.yaml", interaction({"a": one, "b": redacted(other)}, redacted=[redacted(other)])),
    ]
    with pytest.raises(InputError, match="one and other answer the same request"):
        CassetteServer(tapes)
    with CassetteServer([tapes[0], tape(tmp_path / "third.yaml", interaction({"a": "short", "b": other}))]) as server:
        assert httpx.post(f"{server.base_url}/v1/chat/completions", json={"a": one, "b": other}).status_code == 200


def test_many_redacted_recordings_are_found_as_fast_as_others(tmp_path):
    def index(secret, count):
        path = tmp_path / f"{count}.yaml"
        left = ["xxx@xxxxxxxxxx.xxx"] if "@" in secret else []
        asked_for = [{"user": secret, "n": f"question {number:04}", "long": "word " * 200} for number in range(count)]
        return Index(recordings_of([tape(path, *(interaction(one, redacted=left) for one in asked_for))]))

    def seconds(found, body):
        one = asked("POST", "/v1/chat/completions", [], json.dumps(body).encode())
        assert found.find(one)
        started = time.process_time()
        for _ in range(300):
            found.find(one)
        return time.process_time() - started

    body = {"n": "question 0003", "long": "word " * 200}
    few = index("xxx@xxxxxxxxxx.xxx", 5)
    many = index("xxx@xxxxxxxxxx.xxx", 600)
    assert many.ambiguous() == []
    quick = min(seconds(few, body | {"user": "ada@analytical.dev"}) for _ in range(3))
    slow = min(seconds(many, body | {"user": "ada@analytical.dev"}) for _ in range(3))
    assert slow < 5 * quick + 0.01


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def of_body(value):
    return asked("POST", "/", (), json.dumps(value).encode())


@given(st.lists(VALUES, max_size=3), st.lists(VALUES, max_size=3))
def test_two_json_bodies_agree_where_their_values_are_the_same(one, other):
    expected = same(parsed(json.dumps(one)), parsed(json.dumps(other)))
    assert (of_body(one).key == of_body(other).key) == expected
    assert agree(of_body(one), of_body(other), CRITERIA) == expected


def test_a_body_that_nests_too_deep_is_bytes():
    deep = b"[" * 100_000 + b"]" * 100_000
    assert not asked("POST", "/", (), deep).is_json
    assert asked("POST", "/", (), deep).body.encode() == deep


def test_any_uri_and_any_bytes_have_a_meaning():
    for uri in ("", "/", "*", "?", "http://[", "https://h", "/%ff?%ff=%ff", "/a#b?c", "//", "\u2028"):
        for body in (b"", b"\xff", b'{"a": "\xff"}', b'{"a": NaN}', b'{"a": "\\ud83d"}', b"\xef\xbb\xbf{}"):
            one = asked("get", uri, [("Content-Encoding", "gzip")], body)
            assert agree(one, asked("GET", uri, [], body), CRITERIA)
