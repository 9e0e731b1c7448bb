"""An answer's body freed of its ``content-encoding``: what a decoder of its wire reads."""

from __future__ import annotations

from collections.abc import Iterator

from harness.cassettes.interaction import Interaction
from harness.errors import InputError
from harness.wire.compression import KNOWN, BrokenCompression, Compression, UnknownCompression

LONGEST_DECODED = 256 * 1024 * 1024
"""The longest body in bytes, decompressed."""

_MOST_SWOLLEN = 200  # times; text shrinks to a tenth, and what shrinks to a two-hundredth was made to swell
_NOT_YET_MUCH = 8 * 1024 * 1024  # bytes that any body may come to, however short it was


def decoded_pieces(interaction: Interaction) -> Iterator[bytes]:
    """Yield what each piece of the body adds to the decompressed body, for some pieces nothing.

    Raises :class:`InputError` where the body is not compressed as its header says, in a way that is not known, where it
    swells beyond 256 MiB or, once it is longer than 8 MiB, beyond 200 times its size, and where a body that came to its
    proper end has a compression that did not.
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
    for piece in interaction.pieces():
        packed += len(piece.data)
        parts = []
        try:
            for part in compression.undone(piece.data):
                found += len(part)
                if found > LONGEST_DECODED or found > max(_NOT_YET_MUCH, _MOST_SWOLLEN * packed):
                    raise InputError(f"the body swells from {packed} bytes to more than {found - len(part)}")
                parts.append(part)
        except BrokenCompression as broken:
            raise InputError(f"the body is not {broken}, as its content-encoding says, or it is damaged") from broken
        yield b"".join(parts)
    if compression.is_cut and interaction.ending == "end":
        raise InputError(f"the body is cut: its compression ({header[:80]}) has no end")


def decoded_body(interaction: Interaction) -> bytes:
    """Return the whole body, decompressed; raises as :func:`decoded_pieces` does."""
    return b"".join(decoded_pieces(interaction))
