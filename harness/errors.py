"""What can go wrong with us, told apart by whose fault it is.

A violation is a value and never raised: they broke the protocol. What is raised means that no judgement is possible::

    HarnessError
      x InputError         a file or an argument of the user cannot be read      → exit 2, the other files are judged
      x FixtureError       a file of ours is wrong              our fault        → exit 3, the run stops
      x TargetError        no transcript could be had           their side       → an errored result, the run goes on
        + CannotConnect      it is not there
        + ShimError          it speaks, but not the driver protocol
        + TargetGone         it left in the middle
      x WireError          bytes that cannot be framed or decoded
    AssertionError         our own bug
"""

from __future__ import annotations


class HarnessError(Exception):
    """No judgement is possible; the message says whose fault it is and what to do next."""


class InputError(HarnessError):
    """What the user gave cannot be read: a file, a pattern, an argument, a configuration."""


class FixtureError(HarnessError):
    """A file that ships with the harness is wrong; please report it."""


class TargetError(HarnessError):
    """The implementation under test gave no transcript."""


class CannotConnect(TargetError):
    """The target is not there."""


class ShimError(TargetError):
    """The target answers, but not in the driver protocol."""


class TargetGone(TargetError):
    """The target left in the middle of a conversation."""


class WireError(HarnessError):
    """Bytes that cannot be framed, or a message that is not its wire's; ``offset`` is a byte position, if known."""

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset
