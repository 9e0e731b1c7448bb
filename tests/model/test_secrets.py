import pytest

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
    ],
)
def test_what_is_secret_of_a_header(header, secrets):
    assert secrets_of_header(*header) == secrets
