"""A cassette's values and where they stand: what each is (a header, a URI, a body), and its lines in the file."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times as fast, but not always built in
_BINARY = "tag:yaml.org,2002:binary"
_BODIES = frozenset({"body", "content"})  # the second: httpx's answers before version 6 of vcrpy


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: its place in words, the bytes that it stands for, its first line and how many lines it has.

    ``header`` is the name of the header whose value it is, ``coding`` the content-encoding of the body that it is, or
    that lies in the file ``body_file``.
    """

    place: str
    data: bytes
    line: int
    is_block: bool = False
    header: str | None = None
    is_uri: bool = False
    coding: str = ""
    body_file: str | None = None

    @property
    def lines(self) -> range:
        """The lines of the file that it covers."""
        return range(self.line, self.line_of(len(self.data)) + 1)

    def line_of(self, offset: int) -> int:
        """Return the line of a byte; of what is not a block of text as it is, the first."""
        return self.line + 1 + self.data.count(b"\n", 0, offset) if self.is_block else self.line


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node stands: the names of the members above it, and the content-encoding beside them."""

    names: tuple[str, ...]
    coding: str


def scalars(data: bytes) -> Iterator[Scalar]:
    """Yield the values of a YAML file, each once; no tag is obeyed. Raises ``yaml.YAMLError`` and ``ValueError``."""
    loader = _Loader(data)
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
    if side and "headers" in names[:-1]:
        return Scalar(f"{side} header {last}", data, line, is_block, header=last)
    if side == "request" and last == "uri":
        return Scalar("request uri", data, line, is_block, is_uri=True)
    if side and _BODIES & {*names}:
        return Scalar(f"{side} body", data, line, is_block, coding=place.coding)
    if last == "body_file":
        return Scalar("response body", b"", line, coding=place.coding, body_file=node.value)
    return Scalar(".".join(names), data, line, is_block)


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
