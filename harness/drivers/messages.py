"""Every message of the driver protocol as a type, and the JSON Schema of them all.

The schema is ``schemas/harness/driver-v1.json``, printed by ``python -m harness.drivers.messages``. A message may have
members that are not named here; whoever does not know them passes over them.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, NotRequired, TypeAlias

from pydantic import Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import TypedDict  # pydantic prints schemas of these only, before Python 3.12

from harness.protocol.transcript import Operation, Profile

JsonRpc: TypeAlias = Literal["2.0"]
Count: TypeAlias = Annotated[int, Field(ge=0)]
Text: TypeAlias = Annotated[str, Field(min_length=1)]


class Harness(TypedDict):
    """Who asks."""

    name: str
    version: str


class InitializeParams(TypedDict):
    """What the harness says first."""

    protocolVersion: Literal[1]
    harness: Harness


class Initialize(TypedDict):
    """The first request: who are you, and what can you do?"""

    jsonrpc: JsonRpc
    id: int
    method: Literal["initialize"]
    params: InitializeParams


class EventsSource(TypedDict):
    """The shim's stub model yields these stream parts (§12.1), each an object or its JSON text.

    What JSON has no word for is ``{"$number": "NaN"}``, ``{"$undefined": true}`` or ``{"$bytes": base64}``; a last
    ``{"$throw": {name, message, code?}}`` means that the source raises there.
    """

    kind: Literal["events"]
    events: list[dict[str, Any] | str]


class HttpSource(TypedDict):
    """The implementation itself asks the provider that is played at ``baseUrl``."""

    kind: Literal["http"]
    baseUrl: str
    headers: dict[str, str]


class FetchSource(TypedDict):
    """The shim's ``fetch`` gives this answer, in exactly these pieces of Base64."""

    kind: Literal["fetch"]
    status: int
    headers: dict[str, str]
    pieces: list[str]
    ending: Literal["close", "reset", "stall"]


class RunOptions(TypedDict):
    """How the run is held.

    ``holdAfterChunks``: behind so many chunks the consumer aborts, so until the abort comes the shim takes no further
    chunk from the implementation; a shim that does not know this races with the abort.
    """

    timeoutMs: Count
    holdAfterChunks: NotRequired[Count]


class RunParams(TypedDict):
    """One question: a TanStack request and where the model's answer comes from, or the input of a pure operation."""

    runId: str
    operation: Operation
    request: dict[str, Any]
    source: NotRequired[Annotated[EventsSource | HttpSource | FetchSource, Field(discriminator="kind")]]
    input: NotRequired[dict[str, Any]]
    options: RunOptions


class RunRequest(TypedDict):
    """The request ``run``, which is answered when the stream has ended."""

    jsonrpc: JsonRpc
    id: int
    method: Literal["run"]
    params: RunParams


class RunId(TypedDict):
    """Which run."""

    runId: str


class Abort(TypedDict):
    """The consumer of a run has gone away."""

    jsonrpc: JsonRpc
    method: Literal["abort"]
    params: RunId


class Approval(TypedDict):
    """The answer to the question of an ``approval-requested`` chunk, by the id that it had there."""

    runId: str
    approvalId: str
    approved: bool


class Approve(TypedDict):
    """A person has answered."""

    jsonrpc: JsonRpc
    method: Literal["approve"]
    params: Approval


class Shutdown(TypedDict):
    """The last request; the process then exits by itself within 2 s."""

    jsonrpc: JsonRpc
    id: int
    method: Literal["shutdown"]


class About(TypedDict):
    """Who is asked."""

    name: Text
    version: str
    language: str
    homepage: NotRequired[str]


class Capabilities(TypedDict):
    """What can be asked; what is not declared is not applicable. Without ``wires`` any provider is played."""

    operations: list[Operation]
    wires: NotRequired[list[str]]
    abort: NotRequired[bool]
    approvals: NotRequired[bool]
    fetchShim: NotRequired[bool]
    maxConcurrentRuns: NotRequired[Annotated[int, Field(ge=1)]]


class Introduction(TypedDict):
    """What a shim says of itself."""

    protocolVersion: Literal[1]
    implementation: About
    dialect: Literal["streamchunk", "ag-ui"]
    profile: Profile
    capabilities: Capabilities


class InitializeAnswer(TypedDict):
    """The answer to ``initialize``."""

    jsonrpc: JsonRpc
    id: int
    result: Introduction


class ChunkParams(TypedDict):
    """One chunk, whatever it is.

    A shim that has verified ``content === previous + delta`` may send ``$contentLength`` (JavaScript's ``length``) in
    place of ``content``; at the first mismatch it sends the whole chunk.
    """

    runId: str
    chunk: Any


class Chunk(TypedDict):
    """A chunk as it happens."""

    jsonrpc: JsonRpc
    method: Literal["chunk"]
    params: ChunkParams


class ModelCallParams(TypedDict):
    """What the implementation passed to its model, for a source of events."""

    runId: str
    options: Any


class ModelCall(TypedDict):
    """The implementation called its model."""

    jsonrpc: JsonRpc
    method: Literal["modelCall"]
    params: ModelCallParams


class Raised(TypedDict):
    """What the implementation raised."""

    name: str
    message: str
    code: NotRequired[str | int | None]


class Outcome(TypedDict):
    """How a run ended: ``aborted`` whenever the signal was set before the stream had ended.

    ``abortedAfter`` is how many chunks had been sent when the abort came; without it chunks that arrive soon after the
    abort was sent are taken for such as were under way.
    """

    ending: Literal["completed", "raised", "aborted"]
    error: NotRequired[Raised | None]
    result: NotRequired[Any]
    abortedAfter: NotRequired[Count | None]


class RunAnswer(TypedDict):
    """The answer to ``run``; no chunk of the run follows."""

    jsonrpc: JsonRpc
    id: int
    result: Outcome


class ShutdownAnswer(TypedDict):
    """The answer to ``shutdown``."""

    jsonrpc: JsonRpc
    id: int
    result: None


class RpcError(TypedDict):
    """Why a request could not be followed (JSON-RPC 2.0, section 5.1)."""

    code: int
    message: str
    data: NotRequired[Any]


class ErrorAnswer(TypedDict):
    """A request that the shim itself cannot follow; what the implementation raises is no error of this kind."""

    jsonrpc: JsonRpc
    id: int | None
    error: RpcError


SENT: tuple[type, ...] = (Initialize, RunRequest, Abort, Approve, Shutdown)
"""What the harness sends."""

RECEIVED: tuple[type, ...] = (InitializeAnswer, RunAnswer, ShutdownAnswer, ErrorAnswer, Chunk, ModelCall)
"""What a shim sends."""


class _Printed(GenerateJsonSchema):
    """Leave out titles that repeat names."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False


def schema() -> dict[str, Any]:
    """Return the JSON Schema of every message; each has a definition by its name."""
    messages = (*SENT, *RECEIVED)
    _, printed = TypeAdapter.json_schemas(
        [(message, "validation", TypeAdapter(message)) for message in messages], schema_generator=_Printed
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://streamchunk.dev/schemas/harness/driver-v1.json",
        "title": "The stdio driver protocol, version 1",
        "anyOf": [{"$ref": f"#/$defs/{message.__name__}"} for message in messages],
        "$defs": printed["$defs"],
    }


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2, ensure_ascii=False))  # noqa: T201 - this is what the command is for
