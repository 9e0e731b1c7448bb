"""E-mail addresses, told by their shape from what programs write with an ``@``: versions, attributes, remotes of git.

Any last label of letters is taken for one of the net, but for words that programs have behind a dot; a few countries'
labels are such words too (``obj@slot.is``, ``hi@there.me``), and before these a first and a last name must stand.
"""

from __future__ import annotations

import re

from harness.cassettes.redaction.shape import Shape

_NO_LABEL = (
    b"args|bin|body|cfg|class|command|component|conf|config|content|count|css|csv|data|date|default|"
    b"domain|entries|env|error|ext|field|file|fixture|func|function|getter|gz|handler|href|html|id|"
    b"index|ini|input|instruction|instructions|internal|item|items|jar|java|jpeg|jpg|js|json|jsx|key|"
    b"keys|length|lib|list|local|localdomain|localhost|lock|log|lua|map|mark|method|min|mjs|mod|"
    b"model|module|name|node|obj|object|output|param|params|parent|path|php|plist|plugin|png|pro|"
    b"prop|property|props|prototype|query|ref|request|response|result|root|route|rst|schema|self|"
    b"service|setter|size|slot|snap|sql|src|state|status|svg|tar|target|task|tgz|toml|tool|tools|"
    b"ts|tsx|txt|type|url|user|util|utils|val|value|values|var|vars|version|xml|yaml|yml|zip"
)
_ASKS_FOR_NAMES = b"as|cc|do|go|is|me|md|name|pl|pro|py|rb|rs|sh|so|to"
_WIDE = rb"[\xc3-\xd1][\x80-\xbf]"  # letters of Europe: of others there is no telling where an address begins in prose
_LETTER = rb"(?:[A-Za-z0-9_%+'-]|" + _WIDE + rb")"
_HOST_LETTER = rb"(?:[A-Za-z0-9]|" + _WIDE + rb")"
_ALONE = rb"(?<![A-Za-z0-9._%+'\x80-\xff-])"
_BOX = (
    _ALONE + rb"(?!(?:git|hg|svn|this|super|return)@)" + _LETTER + rb"(?:(?:\.|" + _LETTER + rb"){0,62}" + _LETTER
        + rb")?"
    rb"|(?<![\w])\"[A-Za-z0-9](?:[A-Za-z0-9. ]{0,60}[A-Za-z0-9])?\""
)  # fmt: skip
_HOST = (
    rb"(?!v?[0-9]{1,5}\.[0-9]|v[0-9]{1,5}\.)(?:" + _HOST_LETTER + rb"(?:(?:" + _HOST_LETTER + rb"|-){0,61}"
        + _HOST_LETTER
    + rb")?\.){1,6}"
)  # fmt: skip
_TOP = (
    rb"(?!(?i:" + _NO_LABEL + rb"|" + _ASKS_FOR_NAMES +
        rb")(?![A-Za-z0-9]))(?:[a-z]{2,18}|(?<=[A-Z0-9]\.)[A-Z]{2,18}|xn--[a-z0-9-]{2,40})"
    rb"|(?i:(?<=[.@](?:ac|co|or)\.)|(?<=[.@](?:com|edu|gov|net|org)\.))[A-Za-z]{2}"
)  # fmt: skip

E_MAIL = Shape(
    "e-mail address",
    "error bodies, prompts, headers such as from",
    (),
    re.compile(
        rb"(?P<secret>(?:" + _BOX + rb")@" + _HOST + rb"(?:" + _TOP + rb")"
        rb"|" + _ALONE + rb"[A-Za-z]{2,30}[._][A-Za-z]{2,30}[0-9]{0,4}@" + _HOST + rb"(?i:" + _ASKS_FOR_NAMES + rb"))"
        rb"(?![A-Za-z0-9_(\[-]|\.[A-Za-z0-9_]|:[A-Za-z~])"
    ),
    "jane.doe@corporate.dev",
    b"@",
)
