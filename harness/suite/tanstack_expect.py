"""What a person checked, as far as profile ``tanstack`` makes it a MUST.

``expect`` says what every conforming implementation must do. The readings ask less of TanStack's own adapters than of
those that promise the specification (R2, R10, R21, R22): where a rule only warns them, a case must not fail them.
"""

from __future__ import annotations

from harness.protocol.transcript import Transcript
from harness.suite.expect import Expect, ExpectedCall, ExpectedError
from harness.suite.mismatch import allowed

_IDENTITY = frozenset({"id", "model"})
_FAILURE = frozenset({"error", "ended", "finish_reason"})


def asked_of_tanstack(expect: Expect, transcript: Transcript) -> Expect:
    """Return the expectation without what TanStack's adapters may do otherwise.

    That are the ids and the model of chunks (R2: ID-5 and ID-6 warn), the ids of calls (R10: TOOL-17 warns), the code
    of an error (R21: it may be absent), and an exception in place of an error chunk, which the engine passes on to its
    consumer (R22: END-5 warns).
    """
    free = set(_IDENTITY)
    if transcript.ending.kind == "raised" and _is_failure(expect):
        free |= _FAILURE
    changed = expect.model_copy(
        update={
            "tool_calls": [_without_id(call) for call in expect.tool_calls],
            "error": _without_code(expect),
        }
    )
    return Expect.model_construct(expect.model_fields_set - free, **dict(changed))


def _is_failure(expect: Expect) -> bool:
    """Tell whether the answer fails, and may not do anything else."""
    wants_error = "error" in expect.model_fields_set and expect.error is not None
    return wants_error or ("finish_reason" in expect.model_fields_set and "error" in allowed(expect.finish_reason))


def _without_id(call: ExpectedCall) -> ExpectedCall:
    members = {"name": call.name, "arguments": call.arguments, "index": call.index}
    return ExpectedCall.model_construct(call.model_fields_set - {"id"}, id=None, **members)


def _without_code(expect: Expect) -> object:
    error = expect.error
    if not isinstance(error, ExpectedError):
        return error
    return ExpectedError.model_construct(error.model_fields_set - {"code"}, message=error.message, code=None)
