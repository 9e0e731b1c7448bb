"""The messages of a provider's stream as JSON, one on a line or in a list: the AI SDK's ``.chunks.txt`` and its like.

Their frame is lost (server-sent events, the names of events, AWS' checksums) and has to be made again.
"""

from __future__ import annotations

import re
from pathlib import Path

from harness.cassettes.importing.found import Messages
from harness.cassettes.importing.source import Source
from harness.protocol.json_text import NotJson, decoded
from harness.wire.json_array import JsonArrayDecoder

DONE = "[DONE]"
_LINE_END = re.compile(r"[\r\n][ \t\r\n]*")  # which in JSON stands between values only


def looks(source: Source) -> bool:
    """Tell whether every line is an object, or was to be one, or the file is a list of objects."""
    if source.json is not None:
        return _is_list(source)
    lines = source.lines
    return all(one == DONE or (one[0] == "{" and one[-1] == "}") for one in lines) and any(map(_is_object, lines))


def read(source: Source, _: Path) -> Messages:
    """Return the messages; a line that is no JSON is one too, for such answers are recorded to be replayed."""
    if _is_list(source):
        texts = JsonArrayDecoder().feed(source.data)
        return Messages(tuple(_LINE_END.sub("", text) for text in texts), as_lines=False)
    return Messages(source.lines, as_lines=True)


def _is_list(source: Source) -> bool:
    value = source.json
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _is_object(text: str) -> bool:
    try:
        return isinstance(decoded(text)[0], dict)
    except NotJson:
        return False
