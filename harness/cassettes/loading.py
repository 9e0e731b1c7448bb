"""A file → plain data: YAML or JSON as vcrpy writes it, without anything that could run, swell or never end.

vcrpy's own loader of version 9 takes the same few Python tags; those before it construct any object, so a file is given
to vcrpy only after it was loaded here.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.reader import ReaderError
from yaml.resolver import Resolver

from harness.errors import InputError

try:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # ten times as fast, but not always built in
except ImportError:
    from yaml import SafeLoader as _Base
else:

    class _Base(Composer, CParser, SafeConstructor, Resolver):  # type: ignore[no-redef]  # one of the two
        """yaml.CSafeLoader, but for what puts nodes together: in C that has no limit, and crashes on deep nesting."""

        def __init__(self, data: bytes) -> None:
            CParser.__init__(self, data)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)


LONGEST_FILE = 256 * 1024 * 1024
"""The longest file in bytes that is loaded; a long body belongs in a file of its own."""

_MOST_REPEATED = 100_000  # nodes that aliases may stand for; vcrpy writes one for a value that occurs twice
_TAG = "tag:yaml.org,2002:"


def plain(path: Path) -> Any:
    """Return a file's content as dicts, lists, texts, bytes and numbers; raises :class:`InputError` with its path."""
    try:
        if path.stat().st_size > LONGEST_FILE:
            raise InputError(f"{path}: is longer than {LONGEST_FILE // 1024 // 1024} MiB")
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL character
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    try:
        return loaded(data)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def loaded(data: bytes) -> Any:
    """Return the same of a file's bytes; raises :class:`InputError` without its name."""
    try:
        return _value(data)
    except _Refused as refused:
        raise InputError(str(refused)) from None
    except RecursionError:
        raise InputError("is nested too deep") from None
    except yaml.YAMLError as error:
        raise InputError(f"is not YAML: {_told(error)}") from error
    except (ValueError, TypeError, LookupError, AttributeError, MemoryError) as error:  # of a tag that a value belies
        raise InputError("is not YAML: a value is none of its kind, such as a date that no calendar has") from error


def _told(error: yaml.YAMLError) -> str:
    """Return what is wrong and where, without the line of the file: a key may stand in it."""
    if isinstance(error, ReaderError):  # its own words are those of Python's codecs
        return f"the byte or character at place {error.position} is none that YAML may have"
    if not isinstance(error, yaml.MarkedYAMLError):
        return " ".join(str(error).split())
    place = error.problem_mark or error.context_mark
    line = f" (line {place.line + 1}, column {place.column + 1})" if place else ""
    return f"{error.problem or error.context}{line}"


def is_json(data: bytes) -> bool:
    """Tell whether a file was written by vcrpy's other serializer."""
    if not data.lstrip().startswith(b"{"):
        return False
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


class _Refused(Exception):
    """YAML that is well formed, and that no cassette needs."""


class _Loader(_Base):
    """Constructs plain values, and what older versions of vcrpy wrote of bodies in Python's own tags."""


def _value(data: bytes) -> Any:
    if data.lstrip().startswith(b"{"):
        with suppress(ValueError):  # YAML may begin with a brace too
            return json.loads(data, object_pairs_hook=_members)  # whose escaped surrogate pairs are no YAML
    loader = _Loader(data)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        sizes: dict[int, int | None] = {}
        if _size(node, sizes) > len(sizes) + _MOST_REPEATED:
            raise _Refused("its aliases (*name) stand for more values than a cassette can have")
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _size(node: yaml.Node, sizes: dict[int, int | None]) -> int:
    """Return how many nodes there are below and with one where each alias is written out."""
    known = sizes.get(id(node), 0)
    if known is None:
        raise _Refused(f"an alias (*name) stands within what it is a name for (line {node.start_mark.line + 1})")
    if known == 0:
        sizes[id(node)] = None
        known = 1
        if isinstance(node, yaml.SequenceNode):
            known += sum(_size(item, sizes) for item in node.value)
        elif isinstance(node, yaml.MappingNode):
            _refuse_twins(node)
            known += sum(_size(key, sizes) + _size(value, sizes) for key, value in node.value)
        sizes[id(node)] = known
    return known


def _refuse_twins(node: yaml.MappingNode) -> None:
    """Refuse a key that stands twice, as a merge of two branches may leave it: YAML would forget its first value."""
    lines: dict[tuple[str, str], int] = {}
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            line = key.start_mark.line + 1
            if (first := lines.get((key.tag, key.value))) is not None:
                raise _Refused(f"the key {key.value[:80]!r} stands twice in one mapping (lines {first} and {line})")
            lines[key.tag, key.value] = line


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; refuse a key that stands twice, of which JSON tells no line."""
    found = dict(pairs)
    if len(found) < len(pairs):
        counted = Counter(name for name, _ in pairs)
        raise _Refused(f"the key {counted.most_common(1)[0][0][:80]!r} stands twice in one object")
    return found


def _refuse(_: Any, node: yaml.Node) -> Any:
    tag = str(node.tag)
    shown = f"!!{tag.removeprefix(_TAG)}" if tag.startswith(_TAG) else tag
    raise _Refused(
        f"the YAML tag {shown[:80]!r} is refused (line {node.start_mark.line + 1}): a cassette needs none, and some "
        "run programs"
    )


def _text(loader: Any, node: yaml.Node) -> Any:
    return loader.construct_scalar(node)


def _bytes(loader: Any, node: yaml.Node) -> Any:  # Ruby writes YAML's own tag as if it were a private one
    return loader.construct_yaml_binary(node)


def _tuple(loader: Any, node: yaml.Node) -> Any:
    return loader.construct_sequence(node, deep=True)


def _buffer(loader: Any, node: yaml.Node) -> Any:
    state = loader.construct_mapping(node, deep=True).get("state")
    return state[0] if isinstance(state, list) and state else b""


def _iterator(loader: Any, node: yaml.Node) -> Any:
    arguments = loader.construct_mapping(node, deep=True).get("args")
    return arguments[0] if isinstance(arguments, list) and arguments else []


_Loader.add_constructor(None, _refuse)
_Loader.add_constructor("!binary", _bytes)
_Loader.add_constructor(f"{_TAG}python/str", _text)
_Loader.add_constructor(f"{_TAG}python/unicode", _text)
_Loader.add_constructor(f"{_TAG}python/tuple", _tuple)
_Loader.add_constructor(f"{_TAG}python/object/new:_io.BytesIO", _buffer)
_Loader.add_constructor(f"{_TAG}python/object/apply:builtins.iter", _iterator)
