"""Secrets that are known by what stands around them: a name, a scheme, a place in a URL, a form such as PEM.

Text is matched in which no letter is escaped, so a quotation mark is one in JSON within JSON as well. A value that
somebody wrote by its name must look like no word and no program text (``os.environ[…]``, ``config.key``).
"""

from __future__ import annotations

import re

from harness.cassettes.redaction.shape import (
    ALPHANUMERIC,
    BASE64,
    HEXADECIMAL,
    TOKEN,
    WORD,
    Shape,
    behind,
    written,
)

_TEXT = "any text: prompts, tool results, logs"
_IS = rb"""["'\]]{0,2}[ \t]{0,3}(?:[:=]|=>)\s{0,3}["'\[]{0,3}"""
"""What stands between a name and its value in JSON, YAML, headers, shells and programs."""

_VALUE = rb"(?=[^0-9\s\"',;&]{0,63}[0-9])(?P<secret>" + TOKEN + rb"{12,}+)(?![(\[])"


def _least(length: int, letters: bytes) -> bytes:
    return rb"(?P<secret>%b{%d,}+)" % (letters, length)


HEADERS = (
    written("bearer token", "the header authorization", (b"bearer",),
        rb"\bbearer\s{1,3}(?=[^0-9\s]{0,63}[0-9])" + _least(8, TOKEN), "Bearer ", "aB3dE5fG7hJ9kL1m", "N3pQ5rS7tU9v"),
    written("basic credentials", "the header authorization", (b"basic",),
        rb"\bbasic\s{1,3}(?-i:(?=[A-Za-z/+]{0,63}(?:[0-9=]|[a-z][A-Z]))(?P<secret>(?:[A-Za-z0-9+/]{4}){3,}+"
        rb"(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)(?![\w+/=-]))", "Basic ", "dXNlcjpwYTU1dzByZDox", "MjM0NQ=="),
    written("token of a scheme", "the header authorization", (b"authorization",), rb"\bauthorization" + _IS +
        rb"(?:token|key|apikey|api-key|digest|snowflake token=)[ \"]{1,3}" + _least(8, TOKEN), "authorization: Token ",
        "0a1b2c3d4e5f6071", "8293a4b5"),
    written("key in its header", "Azure's, Anthropic's and Google's header", (b"-key",),
        rb"(?:(?<=api)|(?<=subscription)|(?<=x-functions))-key" + _IS + _VALUE, "api-key: ", "0a1b2c3d4e5f6071",
        "8293a4b5c6d7e8f9"),
    written("key in a HAR header", "HAR files", (b'"name"',),
        rb'"name"\s{0,3}:\s{0,3}"(?:authorization|x-api-key|api-key|x-goog-api-key|cookie|set-cookie)"\s{0,3},\s{0,40}'
        rb'"value"\s{0,3}:\s{0,3}"(?:bearer |basic )?(?P<secret>[^"\\\s]{8,}+)', '{"name": "api-key", "value": "',
        "0a1b2c3d4e5f6071", '8293a4b5c6d7e8f9"}'),
    written("Cloudflare cookie", "set-cookie of OpenAI, Anthropic and others", (b"_cf",),
        rb"_cf(?:_bm|uvid|ruid|lb)=" + _least(16, TOKEN), "__cf_bm=", "aB3dE5fG7hJ9kL1mN3pQ",
        "-1700000000-1.0.1.1-5rS7"),
    written("cookie", "cookie and set-cookie", (b"cookie",),
        rb"\b(?:(?<=set-)|(?<!-))cookie" + _IS + rb"[ -]{0,4}[\w.-]{1,64}=" + _least(8, TOKEN), "Set-Cookie: session=",
        "aB3dE5fG7hJ9kL1m", "N3pQ5rS7; Path=/"),
    written("signature of an AWS request", "the header authorization", (b"signature=",),
        rb"\bsignature=" + _least(40, HEXADECIMAL), "Signature=", "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    written("account in its header", "headers of requests and answers; an account, no proof",
        (b"openai-", b"anthropic-organization-id", b"x-goog-user-project"),
        rb"(?:openai-organization|openai-project|anthropic-organization-id|x-goog-user-project)" + _IS
        + _least(6, WORD), "anthropic-organization-id: ", "0a1b2c3d-4e5f-6071", "-8293-a4b5c6d7e8f9"),
)  # fmt: skip

ADDRESSES = (
    written("Azure SAS signature", "the query of a URI", (b"sig=",), rb"(?<=[?&;])sig=(?P<secret>[A-Za-z0-9+/=]{40,}+)",
        "https://account.blob.test/c?sp=r&sig=", "aB3dE5fG7hJ9kL1mN3pQ5rS7", "tU9vW1xYaB3dE5fG7hJ="),
    written("AWS signature in a query", "the query of a URI", (b"x-amz-signature",),
        rb"x-amz-signature" + _IS + _least(32, HEXADECIMAL), "X-Amz-Signature=", "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    written("AWS security token", "header or query", (b"x-amz-security-token",),
        rb"x-amz-security-token" + _IS + _least(16, BASE64), "X-Amz-Security-Token=", "FwoGZXIvYXdzEJr1a2b3c4d5e6f7",
        "g8h9i0j1k2l3"),
    written("key in a query", "the query of a URI", (b"?", b"&"),
        rb"[?&](?:key|api[_-]?key|access[_-]?token|auth[_-]?token|token|sig|signature|client[_-]?secret|subscription-key"
        rb"|code|password|secret)=(?=[^0-9\s&]{0,63}[0-9])(?P<secret>[^\s&#\"'<>\\]{8,}+)",
        "https://api.test/v1/models?alt=sse&key=", "aB3dE5fG7hJ9kL1m", "N3pQ5rS7"),
    written("Sentry DSN", "configuration", (b"://",), rb"://(?P<secret>[0-9a-fx]{32})@[\w.-]{1,80}\.ingest\.",
        "https://", "0a1b2c3d4e5f6071", "8293a4b5c6d7e8f9@o1.ingest.sentry.test/1"),
    written("password in a URL", "base URLs, proxies, database URLs", (b"://",),
        rb"://(?P<secret>[^\s/?#\"'<>@:\\]{0,128}:[^\s/?#\"'<>@\\$]{3,256}|[^\s/?#\"'<>@:\\]{16,256})@(?=[A-Za-z0-9\[])",
        "https://someone:", "pa55w0rd", "123@proxy.test/v1"),
    written("Slack webhook", "tools' arguments", (b"hooks.slack.com",),
        rb"hooks\.slack\.com/(?:services|workflows)/(?P<secret>[A-Za-z0-9/_]{24,}+)",
        "https://hooks.slack.com/services/", "T0A1B2C3D/B4E5F6G7H/", "aB3dE5fG7hJ9kL1mN3pQ5rS7"),
    written("Cloudflare account", "the path of Cloudflare's API and gateway",
        (b"/accounts/", b"gateway.ai.cloudflare.com/v1/"),
        rb"(?:/accounts/|gateway\.ai\.cloudflare\.com/v1/)(?P<secret>" + HEXADECIMAL + rb"{32})(?![A-Za-z0-9])",
        "https://api.cloudflare.com/client/v4/accounts/", "0a1b2c3d4e5f6071", "8293a4b5c6d7e8f9/ai/run/m"),
    written("Azure subscription", "paths of Azure's resources", (b"/subscriptions/",),
        rb"/subscriptions/(?P<secret>[0-9a-fx]{8}-[0-9a-fx-]{27})", "/subscriptions/", "0a1b2c3d-4e5f-6071",
        "-8293-a4b5c6d7e8f9/resourceGroups"),
    written("Google Cloud project", "the path of Vertex AI", (b"projects/",),
        rb"\bprojects/(?-i:(?P<secret>[a-z][a-z0-9-]{4,28}[a-z0-9]|[0-9]{6,14}))/locations/", "/v1/projects/",
        "shining-harbor", "-123456/locations/europe-west4/publishers"),
    written("Snowflake account", "the host of Snowflake's API", (b"://",),
        rb"://(?P<secret>[a-z0-9_-]{4,80}(?:\.[a-z0-9-]{2,40}){0,3})\.snowflakecomputing\.com", "https://",
        "ab12345.eu", "-central-1.snowflakecomputing.com/api"),
    written("AWS account in an ARN", "Bedrock's paths, bodies and errors", (b"arn:aws",),
        rb"\barn:aws[a-z-]{0,12}:[a-z0-9-]{1,40}:[a-z0-9-]{0,24}:(?P<secret>[0-9]{12}):", "arn:aws:bedrock:us-east-1:",
        "123456", "789012:inference-profile/m"),
)  # fmt: skip

NAMED = (
    written("AWS secret access key", "configuration, credentials of STS", (b"secret",),
        rb"secret[_-]?access[_-]?key" + _IS + rb"(?P<secret>[A-Za-z0-9/+=]{40})(?![A-Za-z0-9/+=])",
        "aws_secret_access_key = ", "wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYa1b2C3d4E5"),
    written("AWS session token by its name", "credentials of STS", (b"session",),
        rb"session[_-]?token" + _IS + _least(40, BASE64), '"SessionToken": "', "FwoGZXIvYXdzEJr1a2b3c4d5",
        'e6f7g8h9i0j1k2l3m4n5o6p7q8r9"'),
    written("Azure account key", "connection strings", (b"account", b"sharedaccesskey"),
        rb"(?:account[_-]?key|sharedaccesskey)" + _IS + rb"(?P<secret>[A-Za-z0-9+/]{40,}+={0,2})", "AccountKey=",
        "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9v", "W1xYaB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xYaB3dE5fG7hJ9kL1mN3pQ5w=="),
    Shape("Azure AI key", "the header api-key", (),
        re.compile( rb"(?<![A-Za-z0-9])(?P<secret>[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{27})"),
        "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY" "aB3dE5fG7hJ9kL1mN3pQ" "JQQJ99" "BCACYeBjFXJ3w3AAABACOGa1b2", b"JQQJ9",
        distinct=True),
    written("Mistral key", "configuration; elsewhere it is known by its header", (b"mistral_api_key",),
        rb"mistral_api_key" + _IS + _least(32, ALPHANUMERIC), "MISTRAL_API_KEY=", "aB3dE5fG7hJ9kL1m",
        "N3pQ5rS7tU9vW1xY"),
    written("Cohere key", "configuration; elsewhere it is known by its header", (b"co_api_key", b"cohere_api_key"),
        rb"\bco(?:here)?_api_key" + _IS + _least(40, ALPHANUMERIC), "CO_API_KEY=", "aB3dE5fG7hJ9kL1mN3pQ",
        "5rS7tU9vW1xYaB3dE5fG"),
    written("Together key of the old kind", "configuration; elsewhere it is known by its header", (b"together",),
        rb"together(?:_ai)?_api_key" + _IS + _least(64, HEXADECIMAL), "TOGETHER_API_KEY=",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    written("Cloudflare token", "configuration; elsewhere it is known by its header", (b"cloudflare_api_", b"cf_api_"),
        rb"\b(?:cloudflare|cf)_api_(?:token|key)" + _IS + _least(37, WORD), "CLOUDFLARE_API_TOKEN=",
        "aB3dE5fG7hJ9kL1mN3pQ", "5rS7tU9vW1xYaB3dE5fG"),
    written("Vercel token by its name", "configuration", (b"vercel_",),
        rb"vercel_(?:api_)?token" + _IS + _least(24, ALPHANUMERIC), "VERCEL_TOKEN=", "aB3dE5fG7hJ9", "kL1mN3pQ5rS7"),
    written("private key's id", "a service account of Google", (b"private_key_id",),
        rb"private_key_id" + _IS + _least(40, HEXADECIMAL), '"private_key_id": "', "0a1b2c3d4e5f60718293",
        'a4b5c6d7e8f90a1b2c3d"'),
    written("key by its name", _TEXT, (b"key",),
        behind(b"api", b"access", b"secret", b"private", b"auth", b"encryption") + rb"key" + _IS + _VALUE,
        '{"apiKey": "', "aB3dE5fG7hJ9kL1m", 'N3pQ5rS7"}'),
    written("token by its name", _TEXT, (b"token",), behind(b"access", b"auth", b"refresh", b"id", b"bearer",
        b"session", b"api", b"personal", b"bot", b"secret") + rb"token" + _IS + _VALUE, "refresh_token=",
        "aB3dE5fG7hJ9kL1m", "N3pQ5rS7"),
    written("secret by its name", _TEXT, (b"secret",),
        behind(b"client", b"app", b"signing", b"webhook") + rb"secret" + _IS + _VALUE, "client_secret=",
        "aB3dE5fG7hJ9kL1m", "N3pQ5rS7"),
    written("password by its name", _TEXT, (b"passw",),
        rb"passw(?:or)?d[\"']\s{0,3}[:=]\s{0,3}[\"']" rb"(?=[^0-9\"'\s]{0,63}[0-9])(?P<secret>[^\"'\\\s]{8,}+)",
        '{"password": "', "c0rrect!h0rse", '/battery"}'),
    written("account by its name", "bodies of errors; an account, no proof", (b'id"', b"id'"), behind(b"organization",
        b"organisation", b"account", b"tenant", b"subscription") + rb"id[\"']\s{0,3}:\s{0,3}[\"']"
        rb"(?=[^0-9\"'\s]{0,63}[0-9])(?P<secret>[\w-]{12,}+)", '{"organization_id": "', "0a1b2c3d-4e5f-6071",
        '-8293-a4b5c6d7e8f9"}'),
)  # fmt: skip

FORMS = (
    Shape("JSON Web Token", "authorization, cookies, Snowflake's and Copilot's tokens", (b"eyJ",), re.compile(
        rb"(?<![A-Za-z0-9_-])eyJ(?P<secret>[A-Za-z0-9_-]{8,}+\.(?:[A-Za-z0-9_-]{6,}+)(?:\.[A-Za-z0-9_-]{0,}+){1,3})"),
        "eyJ" "hbGciOiJIUzI1NiJ9" ".eyJzdWIiOiIxMjM0NTY3ODkwIn0" ".aB3dE5fG7hJ9kL1mN3pQ", keeps=True, distinct=True),
    Shape("private key", "service accounts, in JSON with escaped line ends", (b"-----BEGIN ",),
        re.compile( rb"-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----(?P<secret>(?:[A-Za-z0-9+/=\s:,.]|-(?!-))++)"),
        "-----BEGIN " "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n"
        "AQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----\n", distinct=True),
    Shape("Google OAuth client", "configuration; an account, no proof", (),
        re.compile( rb"(?<![A-Za-z0-9_-])(?P<secret>[0-9]{6,20}-[a-z0-9]{20,40})\.apps\.googleusercontent\.com"),
        "123456789012-" "a1b2c3d4e5f6g7h8i9j0k1l2" "m3n4o5p6.apps.googleusercontent.com",
        b".apps.googleusercontent.com"),
    Shape("Telegram bot token", "tools' arguments", (),
        re.compile( rb"(?<![A-Za-z0-9_-])(?P<secret>[0-9]{8,10}:A[AX][A-Za-z0-9_-]{30,}+)"),
        "1234567890:" "AAaB3dE5fG7hJ9kL1mN" "3pQ5rS7tU9vW1xYaB", b":AA"),
    Shape("e-mail address", "error bodies, prompts, headers such as from", (), re.compile(
        rb"(?<![A-Za-z0-9._%+-])(?P<secret>[A-Za-z0-9_%+-](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+-])?@"
        rb"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}(?i:[a-z]{2}|com|org|net|edu|gov|mil|int|info|biz|dev|app"
        rb"|cloud|tech|online|site|store|shop|agency|company|email|xyz|name|pro|example|test)"
        rb"(?![A-Za-z0-9_-]|\.[A-Za-z]))"), "jane.doe" "@corp" "orate.dev", b"@"),
)  # fmt: skip
"""Forms that stand by themselves. An e-mail's last label is a country's or a common one: code has ``@agent.tool``."""
