"""What can go wrong with us, told apart by whose fault it is.

A violation is a value and never raised: they broke the protocol. What is raised means that no judgement is possible::

    HarnessError
      x InputError         a file or an argument of the user cannot be read      → exit 2, the other files are judged
      x FixtureError       a file of ours is wrong              our fault        → exit 3, the run stops
      x TargetError        no transcript could be had           their side       → an errored result, the run goes on
        + CannotConnect      it is not there
        + ShimError          it speaks, but not the driver protocol
        + TargetGone         it left in the middle
        + Disturbed          its process ended because of another question; asked again, and so never a result
      x WireError          bytes that cannot be framed or decoded
      x ModelError         a language model gave no answer      its provider's, its user's → an `error` chunk
        + NoSuchModel        the id names none, or its key is missing
      x StructuredOutputError  it answered, but not with what the schema asks for
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


class Disturbed(TargetError):
    """The implementation was lost while it answered several questions, and nobody knows which of them was the cause.

    Whoever asked asks again, while nothing else is asked, so that only the guilty one is blamed.
    """


class WireError(HarnessError):
    """Bytes that cannot be framed, or a message that is not its wire's; ``offset`` is a byte position, if known."""

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset


class ModelError(HarnessError):
    """A language model gave no answer, or broke off; the message carries no key, no header and no body (R22, G4).

    ``code`` is for the ``error`` chunk: the HTTP status as text where the provider refused, else a word. ``status`` is
    the HTTP status, where there was one.
    """

    def __init__(self, message: str, *, code: str | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class NoSuchModel(ModelError):
    """A model id that cannot be resolved: no slash, an unknown provider, a key that is not there."""


class StructuredOutputError(HarnessError):
    """The model answered, but what it said is not what the schema asks for (§7, §14, R32, R36).

    ``code`` says in what way. ``attempts`` are the causes of all failed attempts, the last one last (R37).
    """

    def __init__(self, message: str, *, code: str, attempts: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.attempts = attempts
