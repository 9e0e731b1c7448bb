"""A cassette's values and where they stand: what each is (a header, a URI, a body), and its lines in the file."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times as fast, but not always built in
_NO_LINE_END = re.compile(r"[^\n]")
_BINARY = "tag:yaml.org,2002:binary"
_BODIES = frozenset({"body", "content"})  # the second: httpx's answers before version 6 of vcrpy


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: its place in words, the bytes that it stands for, its first line, and its letters in the file.

    ``header`` is the name of the header whose value it is, ``coding`` the content-encoding of the body that it is, or
    that lies in the file ``body_file``; ``name`` is that of the member whose value it is.
    """

    place: str
    data: bytes
    line: int
    is_block: bool = False
    is_body: bool = False
    header: str | None = None
    is_uri: bool = False
    coding: str = ""
    body_file: str | None = None
    name: str = ""
    span: tuple[int, int] = (0, 0)

    @property
    def is_of_an_exchange(self) -> bool:
        """Tell whether it is searched as what it is: a header, a URI, a body; all else is text of the file as well."""
        return self.header is not None or self.is_uri or self.is_body


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node stands: the names of the members above it, and the content-encoding beside them."""

    names: tuple[str, ...]
    coding: str


def text_of(data: bytes) -> str:
    """Return the text of a YAML file, whose values' spans count its letters; raises ``ValueError``."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    return data.decode("utf-8-sig")


def beside_exchanges(text: str, values: Iterable[Scalar]) -> bytes:
    """Return a YAML file with blanks for its exchanges' headers, URIs and bodies: names, remarks, what is ours."""
    parts, at = [], 0
    for start, stop in sorted(value.span for value in values if value.is_of_an_exchange):
        parts += [text[at:start], _NO_LINE_END.sub(" ", text[max(at, start) : stop])]
        at = max(at, stop)
    return "".join([*parts, text[at:]]).encode("utf-8", "surrogatepass")


def scalars(text: str) -> Iterator[Scalar]:
    """Yield the values of a YAML file, each once; no tag is obeyed. Raises ``yaml.YAMLError`` and ``ValueError``."""
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
    finally:
        loader.dispose()
    waiting = [] if root is None else [(root, _Place((), ""))]
    seen: set[int] = set()
    while waiting:
        node, place = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            coding = _coding(node) or place.coding
            for name, value in node.value:
                named = (*place.names, str(name.value)) if isinstance(name, yaml.ScalarNode) else place.names
                waiting.append((value, _Place(named, coding)))
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(item, place) for item in node.value]
        elif isinstance(node, yaml.ScalarNode):
            yield _scalar(node, place)


def _scalar(node: yaml.ScalarNode, place: _Place) -> Scalar:
    names = place.names
    side = "response" if "response" in names else "request" if "request" in names else ""
    last = names[-1] if names else ""
    line = node.start_mark.line + 1
    data = _binary(node) if node.tag == _BINARY else node.value.encode("utf-8", "surrogatepass")
    is_block = node.style == "|" and node.tag != _BINARY
    span = (node.start_mark.index, node.end_mark.index)
    made = partial(Scalar, data=data, line=line, is_block=is_block, name=last, span=span)
    if side and "headers" in names[:-1]:
        return made(f"{side} header {last}", header=last)
    if side == "request" and last == "uri":
        return made("request uri", is_uri=True)
    if side and _BODIES & {*names}:
        return made(f"{side} body", is_body=True, coding=place.coding)
    if last == "body_file":
        return made("response body", data=b"", coding=place.coding, body_file=node.value)
    return made(".".join(names))


def _binary(node: yaml.ScalarNode) -> bytes:
    try:
        return base64.b64decode("".join(node.value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"line {node.start_mark.line + 1}: the binary value is not base64") from None


def _coding(node: yaml.MappingNode) -> str:
    """Return the content-encoding that the headers of a request or answer name; of an interaction, its answer's."""
    members = {name.value: value for name, value in node.value if isinstance(name, yaml.ScalarNode)}
    answer = members.get("response")
    if isinstance(answer, yaml.MappingNode):
        return _coding(answer)
    headers = members.get("headers")
    for name, value in headers.value if isinstance(headers, yaml.MappingNode) else ():
        if isinstance(name, yaml.ScalarNode) and name.value.lower() == "content-encoding":
            values = value.value if isinstance(value, yaml.SequenceNode) else [value]
            return ", ".join(one.value for one in values if isinstance(one, yaml.ScalarNode))
    return ""
