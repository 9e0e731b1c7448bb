"""A secret that is given is found whatever it looks like, in every form in which it is written."""

import base64
import json
import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cassettes.redaction import Redactor
from harness.stage import drained

PLAIN = "correct horse/battery"
FORMS = {
    "as it is": lambda secret: secret.encode(),
    "in JSON": lambda secret: json.dumps(secret).encode(),
    "in JSON in JSON": lambda secret: json.dumps(json.dumps(secret)).encode(),
    "in JSON with slashes escaped": lambda secret: json.dumps(secret).replace("/", "\\/").encode(),
    "in a URL": lambda secret: quote(secret, safe="").encode(),
    "in a URL in small digits": lambda secret: re.sub(
        "%..", lambda one: one[0].lower(), quote(secret, safe="")
    ).encode(),
    "in a URL twice": lambda secret: quote(quote(secret, safe=""), safe="").encode(),
    "in base64": lambda secret: base64.b64encode(secret.encode()),
    "in base64, a byte later": lambda secret: base64.b64encode(b"?" + secret.encode()),
    "in base64, two bytes later": lambda secret: base64.b64encode(b"??" + secret.encode() + b"?"),
    "in base64 for URLs": lambda secret: base64.urlsafe_b64encode(b"\xff\xef\xbe" + secret.encode()),
    "in base64 without padding": lambda secret: base64.b64encode(secret.encode()).rstrip(b"="),
    "in base64 behind a path": lambda secret: b"/v1/files/" + base64.b64encode(secret.encode()),
    "in hexadecimal": lambda secret: secret.encode().hex().encode(),
    "in capital hexadecimal": lambda secret: secret.encode().hex().upper().encode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", [PLAIN, "ünïcödé-schlüssel", "a\\b\"c\nd'e%41f", "pass:word@home", "12345678"])
def test_a_given_secret_is_found_in_every_form(form, secret):
    body = b'{"before":"' + FORMS[form](secret) + b'","after":1}'
    redactor = Redactor([secret])
    after = redactor.body(body)
    assert len(after) == len(body)
    assert after != body
    assert "given secret" in [one.kind for one in redactor.found(body)]
    assert redactor.found(after) == []


def test_the_placeholder_is_as_written_by_hand():
    redactor = Redactor(["Wachtwoord/2024"])
    assert redactor.body(b"say Wachtwoord/2024!") == b"say Xxxxxxxxxx/0000!"
    assert redactor.body(b'"Wachtwoord\\/2024"') == b'"Xxxxxxxxxx\\/0000"'
    assert redactor.body(b"?q=Wachtwoord%2F2024&r") == b"?q=Xxxxxxxxxx%2F0000&r"
    assert redactor.body(b'"\\u0057achtwoord\\u002f2024"') == b'"\\u0058xxxxxxxxx\\u002f0000"'
    assert redactor.body(base64.b64encode(b"me:Wachtwoord/2024")) == base64.b64encode(b"me:Xxxxxxxxxx/0000")
    assert redactor.body(b"Wachtwoord/2024".hex().encode()) == b"Xxxxxxxxxx/0000".hex().encode()


def test_a_letter_beyond_ascii_becomes_one_of_as_many_bytes_in_its_own_spelling():
    redactor = Redactor(["clé€🔑secret"])
    assert redactor.body("clé€🔑secret".encode()) == "xx×✕𝕩xxxxxx".encode()
    assert redactor.body(b"cl\\u00e9\\u20AC\\ud83d\\udd11secret") == b"xx\\u00d7\\u2715\\ud835\\udd69xxxxxx"
    assert redactor.body(b"cl%C3%A9%E2%82%AC%F0%9F%94%91secret") == b"xx%C3%97%E2%9C%95%F0%9D%95%A9xxxxxx"


def test_a_short_secret_is_replaced_where_it_stands_by_itself_and_a_shorter_one_never():
    redactor = Redactor(["test", "abc"])
    assert redactor.body(b"the latest test, test_1 testing: test. abc") == b"the latest xxxx, test_1 testing: xxxx. abc"


def test_a_secret_within_another_and_overlapping_ones_leave_nothing():
    redactor = Redactor(["abcdefgh-12345678", "efgh-1234", "5678-trailing"])
    assert redactor.body(b"abcdefgh-12345678-trailing efgh-1234") == b"xxxxxxxx-00000000-xxxxxxxx xxxx-0000"


def test_the_prefix_of_a_known_family_stays():
    key = "sk-" + "ant-api03-" + "AbCdEf0123456789"
    assert Redactor([key]).body(key.encode()) == b"sk-ant-xxx00-XxXxXx0000000000"


def test_a_secret_split_over_deltas_of_calls_that_grow_side_by_side_is_found():
    pieces = ["hunter2-", "some ", "hun", "other ", "ter2", "words"]
    lines = []
    for place, text in enumerate(pieces):
        call = {"index": place % 2, "function": {"arguments": text}}
        lines.append(json.dumps({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}))
    body = "".join(f"data: {line}\n\n" for line in lines)
    after = Redactor(["hunter2-hunter2"]).body(body.encode()).decode()
    hidden = ["xxxxxx0-", "some ", "xxx", "other ", "xxx0", "words"]
    assert [json.loads(line[6:])["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"]
            for line in after.split("\n\n")[:-1]] == hidden  # fmt: skip


@pytest.mark.parametrize("form", ["array", "ndjson", "pretty"])
def test_a_secret_split_over_messages_of_other_framings_is_found(form):
    messages = [{"text": piece} for piece in ("open ", "ses", "ame-0815", "!")]
    body = {
        "array": json.dumps(messages),
        "ndjson": "".join(json.dumps(message) + "\n" for message in messages),
        "pretty": json.dumps(messages, indent=2),
    }[form]
    after = Redactor(["sesame-0815"]).body(body.encode()).decode()
    assert after == body.replace("ses", "xxx").replace("ame-0815", "xxx-0000")


def test_no_secret_is_shown_by_a_redactor_or_by_what_it_found():
    redactor = Redactor(["hunter2-hunter2"])
    [found] = redactor.found(b"hunter2-hunter2")
    assert "hunter" not in repr(redactor) + repr(found) + str(found)
    assert found.excerpt == "hu…r2"
    assert [one.excerpt for one in Redactor(["hunter22"]).found(b"hunter22")] == ["…"]


_LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\\")


@given(st.text(_LETTERS, min_size=8, max_size=40), st.binary(max_size=30), st.binary(max_size=30), st.data())
def test_any_secret_in_any_bytes_is_gone_and_every_length_stays(secret, before, after, data):
    redactor = Redactor([secret])
    form = data.draw(st.sampled_from(["as it is", "in JSON", "in base64, a byte later", "in hexadecimal"]))
    body = before + b" " + FORMS[form](secret) + b" " + after
    said = redactor.body(body)
    assert len(said) == len(body)
    assert redactor.body(said) == said
    assert redactor.found(said) == []
    if redactor.body(secret.encode()) != secret.encode():
        assert said != body
    cut = data.draw(st.integers(0, len(body)))
    assert b"".join(drained(redactor.stream(), body[:cut], body[cut:])) == b"".join(drained(redactor.stream(), body))
