"""Secrets that are known by what stands around them: a name, a scheme, a place in a URL, a form such as PEM.

Text is matched in which no letter is escaped, so a quotation mark is one in JSON within JSON as well. A value that
somebody wrote by its name must look like no word and no program text (``os.environ[…]``, ``config.key``).
"""

from __future__ import annotations

import re

from harness.cassettes.redaction.mailboxes import E_MAIL
from harness.cassettes.redaction.shape import (
    ALPHANUMERIC,
    BASE64,
    HEXADECIMAL,
    NO_WORDS,
    TOKEN,
    WORD,
    Shape,
    behind,
    written,
)

_TEXT = "any text: prompts, tool results, logs"
_MARK = rb"(?:[\"'\]\[]|&(?:quot|#34|#39|#x27|apos);)"
_IS = _MARK + rb"{0,2}[ \t+]{0,3}(?:[:=]|=>)[\s+]{0,3}" + _MARK + rb"{0,3}"
"""What stands between a name and its value in JSON, YAML, headers, shells, programs, forms and HTML."""

_SOME_DIGIT = rb"(?=[^0-9\s\"',;&]{0,63}[0-9])"
_VALUE = _SOME_DIGIT + rb"(?-i:" + NO_WORDS + rb")(?P<secret>" + TOKEN + rb"{12,}+)(?![(\[])"
_GUID = rb"[0-9a-fx]{8}-[0-9a-fx]{4}-[0-9a-fx-]{22}"
_ACCOUNT_ID = (
    rb"(?P<secret>%b(?![\w-])|[0-9]{10,20}(?![\w.-])|(?=[^0-9\s/?&\"']{0,63}[0-9])(?-i:%b)[A-Za-z0-9_-]{16,}+)"
    % (_GUID, NO_WORDS)
)
"""An id that somebody was given: a GUID, a long number, or letters with digits among them; no word that was chosen."""


def _least(length: int, letters: bytes) -> bytes:
    return rb"(?P<secret>%b{%d,}+)" % (letters, length)


HEADERS = (
    written("bearer token", "the header authorization", (b"bearer",),
        rb"\bbearer[\s+]{1,3}(?=[^0-9\s]{0,63}[0-9])(?-i:" + NO_WORDS + rb")" + _least(8, TOKEN), "Bearer ",
        "aB3dE5fG7hJ9kL1m", "N3pQ5rS7tU9v"),
    written("basic credentials", "the header authorization", (b"basic",),
        rb"\bbasic[\s+]{1,3}(?-i:(?=[A-Za-z/+]{0,63}(?:[0-9=]|[a-z][A-Z]))(?P<secret>(?:[A-Za-z0-9+/]{4}){3,}+"
        rb"(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)(?![\w+/=-]))", "Basic ", "dXNlcjpwYTU1dzByZDox", "MjM0NQ=="),
    written("token of a scheme", "the header authorization", (b"authorization",), rb"\bauthorization" + _IS +
        rb"(?:token|key|apikey|api-key|digest|ssws|snowflake token=)[ +\"]{1,3}" + _least(8, TOKEN),
        "authorization: Token ",
        "0a1b2c3d4e5f6071", "8293a4b5"),
    written("credential without a scheme", "the header authorization", (b"authorization",), rb"\bauthorization" + _IS +
        rb"(?=[^0-9\s\"',;&]{0,63}[0-9])(?-i:" + NO_WORDS + rb")" + _least(24, ALPHANUMERIC) + rb"(?![\w.])",
        "authorization: ", "0a1b2c3d4e5f6071", "8293a4b5c6d7e8f9"),
    written("Okta token", "the header authorization", (b"ssws",), rb"\bssws[\s+]{1,3}" + _SOME_DIGIT + _least(30, WORD),
        "SSWS ", "00aB3dE5fG7hJ9kL1mN3", "pQ5rS7tU9vW1xYaB3dE5"),
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
        rb"[?&](?:(?:key|api[_-]?key|(?:access|auth)[_-]?token|(?:client[_-]?)?secret|subscription-key|password)="
        + _SOME_DIGIT + rb"|(?:token|sig|signature|code)=(?=[^\s&#\"'<>\\]{16})(?-i:(?=[^0-9\s&]{0,63}[0-9])"
        rb"(?=[^A-Za-z\s&]{0,63}[A-Za-z])" + NO_WORDS + rb"))(?P<secret>[^\s&#\"'<>\\]{8,}+)",
        "https://api.test/v1/models?alt=sse&key=", "aB3dE5fG7hJ9kL1m", "N3pQ5rS7"),
    written("account in a query", "the query of a URI; an account, no proof", (b"?", b"&"),
        rb"[?&](?:user|account|project|organi[sz]ation|org|tenant|team|workspace|customer)[_-]?(?:id|uuid)?="
        + _ACCOUNT_ID,
        "https://api.test/v1/usage?organization_id=", "0a1b2c3d-4e5f-6071", "-8293-a4b5c6d7e8f9"),
    written("Sentry DSN", "configuration", (b"://",), rb"://(?P<secret>[0-9a-fx]{32})@[\w.-]{1,80}\.ingest\.",
        "https://", "0a1b2c3d4e5f6071", "8293a4b5c6d7e8f9@o1.ingest.sentry.test/1"),
    written("password in a URL", "base URLs, proxies, database URLs", (b"://",),
        rb"://(?P<secret>[^\s/?#\"'<>@:\\]{0,128}:[^\s/?#\"'<>@\\$]{3,256}|[^\s/?#\"'<>@:\\]{16,256})@(?=[A-Za-z0-9\[])",
        "https://someone:", "pa55w0rd", "123@proxy.test/v1"),
    written("Slack webhook", "tools' arguments", (b"hooks.slack.com",),
        rb"hooks\.slack\.com/(?:services|workflows)/(?P<secret>[A-Za-z0-9/_]{24,}+)",
        "https://hooks.slack.com/services/", "T0A1B2C3D/B4E5F6G7H/", "aB3dE5fG7hJ9kL1mN3pQ5rS7"),
    written("Discord webhook", "tools' arguments", (b"/api/webhooks/",),
        rb"/api/webhooks/[0-9x]{15,22}/" + _least(40, WORD), "https://discord.com/api/webhooks/1098765432109876543/",
        "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY"),
    written("Twilio key", "configuration, and paths of Twilio's API", (b"twilio", b"sid", b"/accounts/"),
        rb"(?:twilio|sid|/accounts/)[^\n]{0,40}?(?<![A-Za-z0-9])(?-i:SK|AC)(?P<secret>[0-9a-fx]{32})(?![A-Za-z0-9])",
        "TWILIO_API_KEY=SK", "0a1b2c3d4e5f6071", "8293a4b5c6d7e8f9"),
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
    written("account in a path", "paths of providers' own APIs; an account, no proof",
        (b"/organi", b"/org", b"/workspace", b"/tenant", b"/account", b"/project", b"/team", b"/customer", b"/user"),
        rb"/(?:organi[sz]ation|org|workspace|tenant|account|project|team|customer|user)s?/" + _ACCOUNT_ID,
        "/api/organizations/", "0a1b2c3d-4e5f-6071", "-8293-a4b5c6d7e8f9/usage"),
    written("number of a Google Cloud project", "bodies of errors; an account, no proof", (b"project",
        b"containerinfo"),
        rb"(?:\bprojects?(?:/|\s|[_-]?number" + _IS + rb")|containerinfo" + _IS +
        rb")(?P<secret>[0-9]{10,14})(?![\w.])",
        "used in project ", "729384", "756102 before"),
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
    written("token alone by its name", _TEXT, (b"token", b"secret"), rb"(?<![A-Za-z0-9_-])(?:token|secret)" + _IS
        + _SOME_DIGIT + rb"(?-i:(?=[^a-z]{0,63}[a-z])(?=[^A-Z]{0,63}[A-Z])" + NO_WORDS +
        rb")(?P<secret>[A-Za-z0-9]{24,}+)"
        rb"(?![\w.(\[])", "token: ", "aB3dE5fG7hJ9kL1m", "N3pQ5rS7tU9vW1xY"),
    written("password by its name", _TEXT, (b"passw", b"passphrase", b"pwd"),
        rb"(?:passw(?:or)?d|passphrase|pwd)" + _MARK + rb"{1,2}\s{0,3}[:=]\s{0,3}" + _MARK + rb"{1,2}(?:"
        + _SOME_DIGIT + rb"(?=[^\"'\s]{8})|(?=[^\"'\s]{12}))(?P<secret>[^\"'\\\s]++)",
        '{"password": "', "c0rrect!h0rse",
        '/battery"}'),
    written("password without marks", "configuration, environments, connection strings", (b"passw", b"passphrase",
        b"pwd"),
        rb"(?:passw(?:or)?d|passphrase|pwd)[ \t]{0,3}(?::[ \t]{1,3}|=[ \t]{0,3})" + _SOME_DIGIT
        + rb"(?-i:(?=[^A-Za-z\s]{0,63}[A-Za-z])" + NO_WORDS +
        rb")(?P<secret>[^\x00-\x20\x7f-\xff\"'`;&,<>(){}$\[\]\\]{8,}+)(?![(\[{])",
        "DB_PASSWORD=", "c0rrect!h0rse", "/battery"),
    written("account by its name", "bodies of errors; an account, no proof",
        (b"organi", b"org", b"account", b"tenant", b"subscription", b"workspace", b"project", b"team", b"customer"),
        rb"(?:organi[sz]ation|(?<![a-z])org|account|tenant|subscription|workspace|project|team|customer)[_-]?(?:uu)?id"
        + _MARK + rb"{1,2}\s{0,3}:\s{0,3}" + _MARK + rb"{1,2}(?:(?=[^0-9\"'\s]{0,63}[0-9])(?-i:" + NO_WORDS
        + rb")(?P<secret>[\w-]{12,}+))", '{"organization_id": "', "0a1b2c3d-4e5f-6071", '-8293-a4b5c6d7e8f9"}'),
    written("account by a bare name", "bodies of errors; an account, no proof",
        (b"organi", b"account", b"tenant", b"workspace", b"project"),
        rb"(?<![a-z_-])(?:organi[sz]ation|account|tenant|workspace|project)" + _MARK + rb"{1,2}\s{0,3}:\s{0,3}" + _MARK
        + rb"{1,2}(?P<secret>" + _GUID + rb")(?![\w-])",
        '{"organization": "', "0a1b2c3d-4e5f-6071", '-8293-a4b5c6d7e8f9"}'),
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
    Shape("Telegram bot token", "tools' arguments, and paths of its API", (), re.compile(
        rb"(?:(?<![A-Za-z0-9_-])|(?<=/bot))(?P<secret>[0-9]{8,10}:A[A-Za-z][A-Za-z0-9_-]{30,}+)"),
        "1234567890:" "AAaB3dE5fG7hJ9kL1mN" "3pQ5rS7tU9vW1xYaB", b":A"),
    Shape("Discord bot token", "tools' arguments", (b".",), re.compile(
        rb"(?<=[MNO][A-Za-z0-9]{23})\.(?P<secret>[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}+)"),
        "MTA5ODc2NTQzMjEwOTg3NjU0" ".GaB3dE." "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1", keeps=True),
    Shape("Discord bot token of today", "tools' arguments", (b".",), re.compile(
        rb"(?<=[MNO][A-Za-z0-9]{25})\.(?P<secret>[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}+)"),
        "MTA5ODc2NTQzMjEwOTg3NjU0Mw" ".GaB3dE." "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1", keeps=True),
    Shape("Zhipu key", "configuration; elsewhere behind Bearer", (b".",), re.compile(
        rb"(?:(?<=[^A-Za-z0-9][0-9a-f]{32})|(?<=^[0-9a-f]{32}))\.(?P<secret>(?=[A-Za-z]{0,15}[0-9])[A-Za-z0-9]{16})"
        rb"(?![A-Za-z0-9])"),
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9" ".aB3dE5fG" "7hJ9kL1m", keeps=True),
    E_MAIL,
)  # fmt: skip
"""Forms that stand by themselves."""
