"""What stands for anything of its length, and what does not; what a request's words mean."""

import json
import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cassettes.redaction.placeholders import placeholder
from harness.errors import InputError
from harness.protocol.exact_json import parsed, same
from harness.replay.asked import CRITERIA, agree, asked, placeholders, same_text
from harness.replay.cassettes import CassetteServer
from tapes_by_hand import interaction, tape

SECRETS = ["aB3dE5fG7hJ9kL1mN3pQ", "pa55-word/and+more=", "ada.lovelace@analytical.example.com", "a@b.co", "12345678"]


def redacted(secret):
    return placeholder(secret.encode()).decode()


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(("before", "after"), [("", ""), ("sk-ant-", ""), ("Write to ", ", please."), ("AIza", " ")])
def test_a_placeholder_agrees_with_any_text_of_its_length(secret, before, after):
    recorded = f"{before}{redacted(secret)}{after}"
    for there in (secret, "?" * len(secret), secret[::-1]):
        assert same_text(recorded, f"{before}{there}{after}")
        assert same_text(f"{before}{there}{after}", recorded)
    assert not same_text(recorded, f"{before}{secret}x{after}")
    assert not same_text(recorded, f"{before}{secret[1:]}{after}")


def test_what_stands_around_a_placeholder_must_be_the_same():
    recorded = f"key {redacted(SECRETS[0])} is mine"
    assert same_text(recorded, f"key {SECRETS[0]} is mine")
    assert not same_text(recorded, f"Key {SECRETS[0]} is mine")
    assert not same_text(recorded, f"key {SECRETS[0]} is mone")


@pytest.mark.parametrize(
    "text", ["1000000000", "2000-01-01", "x", "xX", "0x0", "box", "100 000 000", "xxl", "0.00001", "3x00000000000a"]
)
def test_ordinary_words_and_numbers_are_no_placeholders(text):
    assert placeholders(text) == []
    assert not same_text(text, "y" * len(text))


def test_a_long_text_is_searched_in_time_that_grows_as_it_does():
    for text in ("x" * 1_000_000 + "a", "x-" * 500_000 + "a", "x" * 500_000 + "---" * 100_000, "0a" * 500_000):
        started = time.monotonic()
        placeholders(text)
        assert time.monotonic() - started < 20


def test_a_redacted_recording_answers_the_request_that_was_redacted(tmp_path):
    mail, key = "ada@example.com", "aB3dE5fG7hJ9kL1m"
    recorded = {"model": "m", "user": redacted(mail), "note": f"key sk-{redacted(key)}."}
    uri = f"https://h/accounts/{redacted(key)}/ask?tenant={redacted(key)}"
    with CassetteServer([tape(tmp_path / "one.yaml", interaction(recorded, uri=uri))]) as server:

        def status(body, account=key, tenant=key):
            return httpx.post(f"{server.base_url}/accounts/{account}/ask?tenant={tenant}", json=body).status_code

        asked_for = {"note": f"key sk-{key}.", "user": mail, "model": "m"}
        assert status(asked_for) == 200
        assert status(asked_for, account="another-account-", tenant="another-tenant--") == 200
        assert status(asked_for, account="short") == 599
        assert status(asked_for, tenant="short") == 599
        assert status(asked_for | {"user": "longer@example.com"}) == 599
        assert status(asked_for | {"model": "n"}) == 599


def test_two_recordings_that_differ_in_placeholders_alone_answer_the_same_request(tmp_path):
    one, other = "aB3dE5fG7hJ9kL1m", "zZ3dE5fG7hJ9kL1m"
    first = interaction({"a": redacted(one), "b": other})
    tapes = [
        tape(tmp_path / "one.yaml", first),
        tape(tmp_path / "other.yaml", interaction({"a": one, "b": redacted(other)})),
    ]
    with pytest.raises(InputError, match="one and other answer the same request"):
        CassetteServer(tapes)
    with CassetteServer([tapes[0], tape(tmp_path / "third.yaml", interaction({"a": "short", "b": other}))]) as server:
        assert httpx.post(f"{server.base_url}/v1/chat/completions", json={"a": one, "b": other}).status_code == 200


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
    if not any(of_body(value).has_placeholders for value in (one, other)):
        assert agree(of_body(one), of_body(other), CRITERIA) == expected


def test_a_body_that_nests_too_deep_is_bytes():
    deep = b"[" * 100_000 + b"]" * 100_000
    assert not asked("POST", "/", (), deep).is_json
    assert asked("POST", "/", (), deep).key == deep


def test_any_uri_and_any_bytes_have_a_meaning():
    for uri in ("", "/", "*", "?", "http://[", "https://h", "/%ff?%ff=%ff", "/a#b?c", "//", "\u2028"):
        for body in (b"", b"\xff", b'{"a": "\xff"}', b'{"a": NaN}', b'{"a": "\\ud83d"}', b"\xef\xbb\xbf{}"):
            one = asked("get", uri, [("Content-Encoding", "gzip")], body)
            assert agree(one, asked("GET", uri, [], body), CRITERIA)
