"""Headers and URIs: what is a secret by its name, and what must stay."""

import pytest

from harness.cassettes.redaction import Redactor

REDACTOR = Redactor()

SIGNED = "/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date,"
HEADERS = [
    ("Authorization", "Bearer abc123", "Bearer xxx000"),
    ("authorization", "bearer  Qw3rTy", "bearer  Xx0xXx"),
    ("authorization", "Basic dXNlcjpwYXNz", "Basic xXXxxxxxXXXx"),
    ("authorization", "plainsecret1", "xxxxxxxxxxx0"),
    ("Proxy-Authorization", "Basic Zm9vOmJhcg==", "Basic Xx0xXxXxxx=="),
    ("x-api-key", "0123456789abcdefABCDEF", "0000000000xxxxxxXXXXXX"),
    ("api-key", "k", "x"),
    ("X-Goog-Api-Key", "my-test-key", "xx-xxxx-xxx"),
    ("xi-api-key", "a1b2c3d4", "x0x0x0x0"),
    ("cf-aig-authorization", "Bearer 1a2b", "Bearer 0x0x"),
    ("X-Amz-Security-Token", "FwoGZX//+a1", "XxxXXX//+x0"),
    ("Ocp-Apim-Subscription-Key", "f00f00f00", "x00x00x00"),
    ("cookie", "a=1; session=s3cr3t; theme=dark", "a=0; session=x0xx0x; theme=xxxx"),
    ("Set-Cookie", "__cf_bm=aB3.d-17; path=/; HttpOnly; Domain=.openai.com",
     "__cf_bm=xX0.x-00; path=/; HttpOnly; Domain=.openai.com"),
    ("openai-organization", "acme-corp-2024", "xxxx-xxxx-0000"),
    ("OpenAI-Project", "proj_abc", "xxxx_xxx"),
    ("anthropic-organization-id", "0a1b-2c3d", "0x0x-0x0x"),
    ("x-goog-user-project", "shining-harbor", "xxxxxxx-xxxxxx"),
    ("x-tenant-id", "Contoso7", "Xxxxxxx0"),
    ("authorization", f"AWS4-HMAC-SHA256 Credential=AKIAABCDEFGHIJKLMNOP{SIGNED} Signature=0a1b2c3d",
     f"AWS4-HMAC-SHA256 Credential=AKIAXXXXXXXXXXXXXXXX{SIGNED} Signature=0x0x0x0x"),
    ("from", "jane.doe@corp.dev", "xxxx.xxx@xxxx.xxx"),
    ("referer", "https://me:pa55word@corp.dev/x?api_key=abcdef012345", "https://xx:xx00xxxx@corp.dev/x?api_key=xxxxxx000000"),
]  # fmt: skip

ORDINARY = [
    ("content-type", "application/json; charset=utf-8"),
    ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ("x-request-id", "req_011CTa1B2c3D4e5F6g7H8i9J"),
    ("request-id", "req_011CTa1B2c3D4e5F6g7H8i9J"),
    ("cf-ray", "8c1b2d3e4f5a6b7c-AMS"),
    ("x-amzn-requestid", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"),
    ("apim-request-id", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"),
    ("x-ratelimit-limit-tokens", "200000"),
    ("x-ratelimit-reset-tokens", "17ms"),
    ("x-amzn-bedrock-input-token-count", "12345678"),
    ("anthropic-ratelimit-input-tokens-reset", "2026-01-01T00:00:00Z"),
    ("anthropic-version", "2023-06-01"),
    ("anthropic-beta", "prompt-caching-2024-07-31,token-efficient-tools-2025-02-19"),
    ("idempotency-key", "stainless-node-retry-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"),
    ("www-authenticate", 'Bearer realm="api", error="invalid_token"'),
    ("access-control-allow-headers", "authorization, x-api-key, content-type"),
    ("user-agent", "OpenAI/Python 1.99.0"),
    ("etag", 'W/"0a1b2c3d4e5f"'),
    ("strict-transport-security", "max-age=31536000; includeSubDomains; preload"),
    ("nel", '{"success_fraction":0,"report_to":"cf-nel","max_age":604800}'),
    ("authorization", "Bearer [REDACTED]"),
    ("x-api-key", "**REDACTED**"),
]

URIS = [
    ("https://g.test/v1beta/models/m:streamGenerateContent?alt=sse&key=abc", "…?alt=sse&key=xxx"),
    ("https://a.test/o?api-version=2024-10-21&sig=a%2Fb%3D&se=2026", "…?api-version=2024-10-21&sig=x%2Fx%3D&se=2026"),
    ("https://a.test/?access_token=Zz9&page=2#id_token=Yy8", "…?access_token=Xx0&page=2#id_token=Xx0"),
    ("https://a.test/?X-Amz-Date=20260101T000000Z&X-Amz-Signature=ab12&X-Amz-SignedHeaders=host",
     "…?X-Amz-Date=20260101T000000Z&X-Amz-Signature=xx00&X-Amz-SignedHeaders=host"),
    ("https://a.test/?token=a%26b%3d1&q=z", "…?token=x%26x%3d0&q=z"),
    ("https://a.test/?pageToken=abcdef123456&max_tokens=100&keyword=elephants12",
     "…?pageToken=abcdef123456&max_tokens=100&keyword=elephants12"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "wanted"), HEADERS, ids=[f"{name}-{at}" for at, (name, *_) in enumerate(HEADERS)]
)
def test_a_secret_header_keeps_its_scheme_and_the_class_of_every_byte(name, value, wanted):
    assert REDACTOR.headers({name: (value,)}) == {name: (wanted,)}
    assert REDACTOR.headers({name: (wanted,)}) == {name: (wanted,)}
    assert REDACTOR.found_in_header(name, wanted) == []


@pytest.mark.parametrize(("name", "value"), ORDINARY, ids=[f"{name}-{at}" for at, (name, _) in enumerate(ORDINARY)])
def test_an_ordinary_header_stays(name, value):
    assert REDACTOR.headers({name: (value,)}) == {name: (value,)}
    assert REDACTOR.found_in_header(name, value) == []


def test_every_value_of_a_name_is_redacted_and_the_order_stays():
    headers = {"B": ("1",), "Set-Cookie": ("a=s3cret99", "b=0ther1; Secure"), "A": ()}
    after = REDACTOR.headers(headers)
    assert list(after.items()) == [("B", ("1",)), ("Set-Cookie", ("a=x0xxxx00", "b=0xxxx0; Secure")), ("A", ())]


@pytest.mark.parametrize(("uri", "wanted"), URIS, ids=[wanted for _, wanted in URIS])
def test_a_secret_parameter_is_redacted_in_its_own_spelling(uri, wanted):
    wanted = wanted.replace("…", uri.partition("?")[0])
    assert REDACTOR.uri(uri) == wanted
    assert REDACTOR.uri(wanted) == wanted


def test_accounts_in_a_path_are_redacted():
    path = "/client/v4/accounts/" + "0a1b2c3d4e5f6071" + "8293a4b5c6d7e8f9/ai/run/@cf/meta/llama"
    assert REDACTOR.uri(path) == "/client/v4/accounts/0x0x0x0x0x0x00000000x0x0x0x0x0x0/ai/run/@cf/meta/llama"
    arn = "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A" + "123456" + "789012%3Ainference-profile%2Fm/converse-stream"
    assert REDACTOR.uri(arn) == arn.replace("123456789012", "000000000000")


def test_what_nobody_could_use_is_redacted_and_not_told():
    assert REDACTOR.headers({"x-api-key": ("your-api-key",)}) == {"x-api-key": ("xxxx-xxx-xxx",)}
    assert REDACTOR.found_in_header("x-api-key", "your-api-key") == []
    assert REDACTOR.found_in_header("x-api-key", "abc12") == []
    assert REDACTOR.body(b"write to user@example.com") == b"write to xxxx@xxxxxxx.xxx"
    assert REDACTOR.found(b"write to user@example.com") == []
