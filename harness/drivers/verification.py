"""The traffic of a session held against the protocol's own schema: ``streamchunk run --verify-driver``."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from harness.drivers import messages
from harness.drivers.wording import cut

_ANSWERS = {"initialize": "InitializeAnswer", "run": "RunAnswer", "shutdown": "ShutdownAnswer"}
_NAMES = {
    "initialize": "Initialize",
    "run": "RunRequest",
    "abort": "Abort",
    "approve": "Approve",
    "shutdown": "Shutdown",
    "chunk": "Chunk",
    "modelCall": "ModelCall",
}


class Verifier:
    """Tells what is wrong with a message; the schema of each kind is made ready once."""

    def __init__(self) -> None:
        schema = messages.schema()
        self._validators = {
            message.__name__: Draft202012Validator({"$ref": f"#/$defs/{message.__name__}", "$defs": schema["$defs"]})
            for message in (*messages.SENT, *messages.RECEIVED)
        }

    def fault(self, message: dict[str, Any], answers: str | None = None) -> str | None:
        """Return what is wrong with a message and where, None where it is right.

        ``answers`` is the method of the request that it answers, None for a message that has a method by itself.
        """
        name = _NAMES[message["method"]] if answers is None else "ErrorAnswer"
        if answers is not None and "error" not in message:
            name = _ANSWERS[answers]
        error = best_match(self._validators[name].iter_errors(message))
        if error is None:
            return None
        place = error.json_path.removeprefix("$").removeprefix(".") or "the message"
        return f"{place}: {cut(error.message)} (schemas/harness/driver-v1.json, {name})"
