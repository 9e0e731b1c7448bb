"""What looks like a secret by its name or its frame and is none: programs, prose, documentation; and what is one."""

import base64
import html
import json
from urllib.parse import urlencode

import pytest

from harness.cassettes.redaction import Redactor

REDACTOR = Redactor()
ID = "1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9"
KEY = "gh" + "p_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xYaB3d"

ORDINARY = [
    "git clone git@github.com:org/repo.git", ".sk-circle-fade-dot-animation-1:before", "user-authenticationservice",
    "org-babeldoloadlanguages", "secret_key=settings.SECRET_KEY_2", "session_token = session.get_token1", "foo@v1.is",
    "obj@property.is", "user@db.name", "guava@31.1-jre.pro", "bearer bonds123456", "https://e.com/login?code=12345678",
    "Bearer YOUR_ACCESS_TOKEN_1", "projects/your-project-id/locations/us", "via the@agent.instructions",
    "jina_embeddings_v3_base_en_multilingual_model_long_2", "pa-roberta-large-squad2-finetuned-model-with-long-name-1",
    "AC533aef48e87212634226d458ecdbdc43", "hi@there.me", ('access_key_id: "AKIAIOSFODNN7' 'EXAMPLE"'),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY" "EXAMPLEKEY"), "password: string", '"password": "secret"',
    "https://api.test/v1/accounts/fireworks/models/llama", '{"type": "token", "token": "Hello1"}',
]  # fmt: skip


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_no_finding(text):
    assert REDACTOR.found(text.encode()) == []


SECRETS = [
    "ops@acme.systems", "dr.house@clinic.health", "curator@louvre.museum", "jörg@müller.de", '"john smith"@corp.com',
    "jane.roe@corp.is", "someone@corp.co.in", "Alice.Smith@GMAIL.COM",
    *(f'{{"{name}": "{ID}"}}' for name in ("org_id", "organization", "organization_uuid", "account_uuid", "team_id",
                                           "workspace_id", "project_id", "tenantId")),
    '{"consumer":"projects/729384756102"}', "has not been used in project 729384756102 before",
    "DB_PASSWORD=hunter2IsMyPass9", "password: hunter2IsMyPass9", "Server=x;Password=Zq8Wn3Lk0P!;",
    '{"password":"correcthorsebattery"}', ("9f8e7d6c5b4a39281706f5e4d3c2b1a0" ".Zq8Wn3Lk0PxT9vRb"),
    f"_{KEY}_", f"x-{KEY}", json.dumps(json.dumps(json.dumps(json.dumps({"key": KEY})))),
    base64.encodebytes(f"Here is what you asked me for, and nothing else: {KEY}, keep it.".encode()).decode(),
    json.dumps(base64.encodebytes(f"Here is what you asked me for, and nothing else: {KEY}.".encode()).decode()),
    html.escape('{"api_key": "aB3dE5fG7hJ9kL1mN3pQ5rS7"}'), urlencode({"h": "Bearer aB3dE5fG7hJ9kL1mN3pQ5rS7"}),
]  # fmt: skip


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_found_and_gone_and_not_found_again(text):
    body = text.encode()
    after = REDACTOR.body(body)
    assert REDACTOR.found(body)
    assert after != body
    assert len(after) == len(body)
    assert REDACTOR.found(after) == []
    assert REDACTOR.body(after) == after


@pytest.mark.parametrize("name", [
    "cf-access-jwt-assertion", "x-jwt-assertion", "x-passphrase", "x-authentication", "x-auth-token-v2",
    "x-ms-client-principal", "cookies", "set-cookie-raw", "x-session-id", "x-oai-attestation", "x-org", "x-org-id",
    "x-organization-uuid", "x-account-uuid", "x-username", "x-amzn-bedrock-accountid", "X-APIKEY", "x-accesskeyid",
])  # fmt: skip
def test_a_header_is_known_by_the_words_of_its_name(name):
    assert REDACTOR.headers({name: ("aB3dE5fG7hJ9",)}) == {name: ("xX0xX0xX0xX0",)}


@pytest.mark.parametrize("name", [
    "x-amzn-bedrock-input-token-count", "access-control-allow-credentials", "x-cache-key",
    "anthropic-ratelimit-input-tokens",
    "x-auth-type", "www-authenticate", "x-session-affinity", "user-agent", "x-ratelimit-limit-project",
])  # fmt: skip
def test_a_header_that_only_speaks_of_such_things_stays(name):
    assert REDACTOR.headers({name: ("aB3dE5fG7hJ9",)}) == {name: ("aB3dE5fG7hJ9",)}


def test_every_cookie_of_a_joined_header_is_redacted():
    value = "a=s3cret99; Expires=Wed, 09 Jun 2027 10:18:14 GMT; Path=/, b=0ther1; HttpOnly"
    after = "a=x0xxxx00; Expires=Wed, 09 Jun 2027 10:18:14 GMT; Path=/, b=0xxxx0; HttpOnly"
    assert REDACTOR.headers({"Set-Cookie": (value,)}) == {"Set-Cookie": (after,)}


@pytest.mark.parametrize("uri", [
    *(f"/v1/{name}/{ID}/x" for name in ("organizations", "workspaces", "tenants", "accounts", "projects")),
    *(f"/v1/x?{name}={ID}" for name in ("org_id", "account_id", "project", "tenant", "user_id", "workspace")),
    "/bot6123456789:AAHq8Wn3Lk0PxT9vRb2Yc4HdM7aJs5EfUuG/sendMessage",
])  # fmt: skip
def test_an_account_in_a_path_or_query_is_redacted(uri):
    after = REDACTOR.uri(uri)
    assert ID not in after
    assert "AAHq8Wn3" not in after
    assert len(after) == len(uri)
    assert REDACTOR.found_in_uri(uri)
    assert REDACTOR.found_in_uri(after) == []
