import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.secrets import redacted, secrets_of_header


def test_a_text_is_freed_of_secrets_in_every_form():
    odd = 'a"b/c+d=e f'
    text = f'{odd} | a\\"b/c+d=e f | a%22b%2Fc%2Bd%3De%20f'
    assert redacted(text, [odd]) == "[redacted] | [redacted] | [redacted]"


def test_a_short_secret_is_cut_out_only_where_it_stands_alone():
    assert redacted("key test is not the latest: 'test'", ["test"]) == "key [redacted] is not the latest: '[redacted]'"
    assert redacted("nothing", ["", "x"]) == "nothing"
    assert redacted("nothing", []) == "nothing"


def test_the_longer_of_two_secrets_goes_first():
    assert redacted("Bearer abcdefgh12", ["abcdefgh12", "Bearer abcdefgh12"]) == "[redacted]"


@pytest.mark.parametrize(
    ("header", "secrets"),
    [
        (("authorization", "Bearer k"), ("Bearer k", "k")),
        (("x-api-key", "key1"), ("key1",)),
        (("x-beta", "1"), ()),
        (("User-Agent", "me"), ()),
        (("Cookie", "session=abc12345"), ("session=abc12345", "abc12345")),
        (
            ("cookie", 'lang=en; session="abc=12345=" ;bare-93;; x=other-9'),
            ('lang=en; session="abc=12345=" ;bare-93;; x=other-9', "abc=12345=", "bare-93", "other-9"),
        ),
    ],
)
def test_what_is_secret_of_a_header(header, secrets):
    assert secrets_of_header(*header) == secrets


ESCAPES = {
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON with slashes escaped": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON with HTML's letters escaped": lambda text: (
        json.dumps(text)[1:-1].replace("<", "\\u003c").replace(">", "\\u003E").replace("&", "\\u0026")
    ),
    "HTML": html.escape,
    "HTML of a text": lambda text: html.escape(text, quote=False),
    "HTML by numbers": lambda text: "".join(c if c.isalnum() else f"&#{ord(c)};" for c in text),
    "a URL": lambda text: quote(text, safe=""),
    "a URL's path": quote,
    "a URL in small letters": lambda text: "".join(c if c.isalnum() else f"%{ord(c):02x}" for c in text),
}
TWICE = [(first, second) for first in ("JSON", "HTML", "a URL") for second in ("JSON", "HTML", "a URL")]


@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=30), st.sampled_from([*ESCAPES])
)
def test_no_escape_hides_a_secret(secret, name):
    assert redacted(f"bad key: {ESCAPES[name](secret)}!", [secret]) == "bad key: [redacted]!"


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=30), st.sampled_from(TWICE))
def test_no_escape_of_an_escape_hides_a_key(secret, names):
    first, second = (ESCAPES[name] for name in names)
    assert redacted(f"bad key: {second(first(secret))}!", [secret]) == "bad key: [redacted]!"


@given(st.text(min_size=8, max_size=30), st.sampled_from(["JSON", "HTML", "a URL"]))
def test_a_secret_in_any_script_is_found(secret, name):
    text = "é" + secret
    escaped = quote(text, safe="", errors="surrogatepass") if name == "a URL" else ESCAPES[name](text)
    assert redacted(f"bad key: {escaped}!", [text]) == "bad key: [redacted]!"


@pytest.mark.parametrize("text", ["\\" * 300_000, "&amp;" * 60_000, "%25" * 100_000, "&#0000" * 50_000])
def test_searching_a_secret_takes_no_time_that_grows_by_itself(text):
    assert redacted(text, ['"\\&%/<"\\&%/<', "//////////"]) == text
