"""An answer's body freed of its ``content-encoding``: what a decoder of its wire reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from harness.cassettes.interaction import Interaction
from harness.errors import InputError
from harness.wire.compression import KNOWN, BrokenCompression, Compression, UnknownCompression

LONGEST_DECODED = 256 * 1024 * 1024
"""The longest body in bytes, decompressed."""

_MOST_SWOLLEN = 200  # times; text shrinks to a tenth, and what shrinks to a two-hundredth was made to swell
_NOT_YET_MUCH = 8 * 1024 * 1024  # bytes that any body may come to, however short it was


_OF_THE_PACKED = frozenset({"content-encoding", "content-length"})
_OF_TEXT = frozenset(b"\t\n\r")
_FIRST_INK = 0x20


def decoded_parts(interaction: Interaction) -> Iterator[tuple[int, bytes]]:
    """Yield the decompressed body in parts that can be held, each with the number of the piece that brought it.

    A piece may have no part, or several, however long it is. Raises :class:`InputError` where the body is not
    compressed as its header says, in a way that is not known, where it swells beyond 256 MiB or, once it is longer than
    8 MiB, beyond 200 times its size, and where a body that came to its proper end has a compression that did not.
    """
    header = ", ".join(
        value for name, values in interaction.headers.items() if name.lower() == "content-encoding" for value in values
    )
    try:
        compression = Compression(header)
    except UnknownCompression as unknown:
        raise InputError(
            f"the body's content-encoding {header[:80]!r} cannot be undone; known are {', '.join(KNOWN)}"
        ) from unknown
    packed = found = 0
    for number, data in interaction.parts():
        packed += len(data)
        try:
            for part in compression.undone(data):
                found += len(part)
                if found > LONGEST_DECODED or found > max(_NOT_YET_MUCH, _MOST_SWOLLEN * packed):
                    raise InputError(f"the body swells from {packed} bytes to more than {found - len(part)}")
                yield number, part
        except BrokenCompression as broken:
            raise InputError(f"the body is not {broken}, as its content-encoding says, or it is damaged") from broken
    if compression.is_cut and interaction.ending == "end":
        raise InputError(f"the body is cut: its compression ({header[:80]}) has no end")


def decoded_pieces(interaction: Interaction) -> Iterator[bytes]:
    """Yield what each piece adds to the decompressed body, for some pieces nothing; raises as :func:`decoded_parts`."""
    number = 0
    parts: list[bytes] = []
    for place, data in decoded_parts(interaction):
        for _ in range(number, place):
            yield b"".join(parts)
            parts = []
        number = place
        parts.append(data)
    for _ in range(number, len(interaction.known_cuts())):
        yield b"".join(parts)
        parts = []


def decoded_body(interaction: Interaction) -> bytes:
    """Return the whole body, decompressed; raises as :func:`decoded_parts` does."""
    return b"".join(data for _, data in decoded_parts(interaction))


def unpacked_already(interaction: Interaction) -> Interaction:
    """Return an exchange without the ``content-encoding`` that its body does not have, or the same where it has it.

    Recorders that see a body behind the client's own decompression, such as vcrpy with requests or aiohttp, keep the
    header beside what they saw. That is certain where the body is text and cannot be undone: gzip, zstd and zlib begin
    with bytes that are none, and what deflate and brotli write without such a mark holds others before long.
    """
    if interaction.header("content-encoding") is None or not is_text(interaction.body.read(0, interaction.body.length)):
        return interaction
    try:
        for _ in decoded_parts(interaction):
            pass
    except InputError as error:
        if isinstance(error.__cause__, UnknownCompression):
            return interaction
        return replace(interaction, headers=unpacked_headers(interaction))
    return interaction


def unpacked_headers(interaction: Interaction) -> dict[str, tuple[str, ...]]:
    """Return the headers that hold for a body whose compression was undone."""
    return {name: values for name, values in interaction.headers.items() if name.lower() not in _OF_THE_PACKED}


def is_text(data: bytes) -> bool:
    """Tell whether bytes are UTF-8 without control characters, which nothing compressed is for long."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return not any(byte < _FIRST_INK and byte not in _OF_TEXT for byte in set(data))
