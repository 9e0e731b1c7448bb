"""What an implementation is given: source events, a provider over HTTP, nothing but a request, or a plain input."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from harness.errors import InputError
from harness.protocol.events import revived
from harness.protocol.json_text import encodable
from harness.protocol.script import BodyEnding, BodyFraming
from harness.protocol.transcript import Operation
from harness.providers import WIRES, wire_named
from harness.suite.model import Model
from harness.suite.tapes import BUNDLED

_CASSETTE = rf"^({BUNDLED}|[\s\S]+\.ya?ml|\.?/[\s\S]+)$"
"""A name under cassettes/, or a file of the user's own; a case file names it beside itself."""
_LONGEST_PAUSE = 60_000.0


class Events(Model):
    """Source events as they stand here; ``$number``, ``$undefined``, ``$bytes`` and ``$throw`` say what JSON cannot."""

    events: list[dict[str, Any] | str] = Field(
        description="AI SDK stream parts (§12.1), in order; a text is the JSON text of one (R1)"
    )

    @field_validator("events")
    @classmethod
    def _can_be_played(cls, events: list[dict[str, Any] | str]) -> list[dict[str, Any] | str]:
        revived(events)
        return events


class FromCassette(Model):
    """Source events as a provider's decoder makes them of a recorded or synthetic body."""

    cassette: str = Field(
        pattern=_CASSETTE, description="a name under cassettes/, or a file of yours: NAME.yaml, or ./NAME of any ending"
    )


Milliseconds = Annotated[int | float, Field(ge=0, le=_LONGEST_PAUSE)]


class Answer(Model):
    """One HTTP answer of the played provider; its body is one of cassette, sse, json and text, or empty."""

    cassette: str | None = Field(
        default=None, pattern=_CASSETTE, description="body, status, headers, framing and ending of one"
    )
    interaction: int = Field(default=0, ge=0, description="which of a cassette's interactions, counted from 0")
    sse: list[dict[str, Any] | str] | None = Field(
        default=None, description="the data of server-sent events; one that has a type is named by it"
    )
    json_: Any = Field(default=None, alias="json", description="a JSON body")
    text: str | None = Field(default=None, description="a body as it stands here, in UTF-8")
    status: int | None = Field(default=None, ge=200, le=999, description="200, or the cassette's")
    headers: dict[str, str] = Field(default={}, description="beside the content type or a cassette's, or instead of it")
    bytes_: int | None = Field(default=None, alias="bytes", ge=0, description="only so many bytes of the body are sent")
    cut: int | None = Field(default=None, ge=1, description="bytes of a piece; else an event is one, or the whole body")
    pause_ms: Milliseconds = Field(default=0, description="before each piece behind the first")
    head_pause_ms: Milliseconds = Field(default=0, description="before the head")
    framing: BodyFraming = Field(default="chunked", description="chunked, or the cassette's")
    ending: BodyEnding = Field(default="end", description="end, or the cassette's")
    raw: str | None = Field(default=None, description="sent instead of an HTTP answer")

    @field_validator("text", "raw", "json_")
    @classmethod
    def _has_bytes(cls, body: Any) -> Any:
        if not encodable(json.dumps(body, ensure_ascii=False)):
            raise ValueError("a lone surrogate, of which UTF-8 has no bytes; in JSON it can be sent as text, escaped")
        return body

    @field_validator("sse")
    @classmethod
    def _have_bytes(cls, events: list[Any] | None) -> list[Any] | None:
        for event in events or ():
            cls._has_bytes(event)
        return events

    @model_validator(mode="after")
    def _has_one_body(self) -> Self:
        stated = self.model_fields_set & {"cassette", "sse", "json_", "text", "raw"}
        if len(stated) > 1:
            raise ValueError("an answer has one body: cassette, sse, json, text or raw")
        return self


class Http(Model):
    """A provider on 127.0.0.1 that gives these answers, one for each request, in order."""

    wire: str = Field(description="which API it speaks: " + ", ".join(WIRES))
    answers: list[Answer] = Field(min_length=1)

    @field_validator("wire")
    @classmethod
    def _is_known(cls, wire: str) -> str:
        try:
            return wire_named(wire).name
        except InputError as error:  # pydantic tells only of a ValueError where it stands
            raise ValueError(str(error)) from None


class Application(Model):
    """Nothing: a running application answers, by a provider of its own, of which the harness knows nothing."""

    application: Literal[True] = Field(description="asked of running applications alone; what its model says is open")


_MEMBERS: dict[Operation, tuple[frozenset[str], frozenset[str]]] = {
    "convertMessages": (frozenset({"messages"}), frozenset()),
    "convertTools": (frozenset({"tools"}), frozenset()),
    "parseJson": (frozenset({"text"}), frozenset({"schema"})),
    "transformSchema": (frozenset({"schema", "provider"}), frozenset()),
}
"""What the input of a pure operation must have, and what it may have (driver protocol)."""


class Input(Model):
    """What a pure operation is given (driver protocol): messages, tools, text and schema, schema and provider."""

    input: dict[str, Any] = Field(
        description="convertMessages: messages; convertTools: tools; parseJson: text, schema?; transformSchema: "
        "schema, provider; of any value, since an implementation must stand the wrong ones"
    )

    def fault_for(self, operation: Operation) -> str | None:
        """Return which members the operation misses and which it does not know, None where they are right."""
        wanted, allowed = _MEMBERS[operation]
        missing = [f"{name} is missing" for name in sorted(wanted - self.input.keys())]
        unknown = [f"{name} is unknown" for name in sorted(self.input.keys() - wanted - allowed)]
        return ", ".join(missing + unknown) or None


Kind = Literal["events", "cassette", "answers", "input", "application"]
_KINDS: dict[type[Model], Kind] = {
    FromCassette: "cassette",
    Http: "answers",
    Input: "input",
    Application: "application",
    Events: "events",
}


def _kind(given: Any) -> str:
    """Tell the kinds of ``given`` apart by key, so that a fault is told once, and of the kind that is meant."""
    if isinstance(given, dict):
        return next((kind for kind in _KINDS.values() if kind in given), "events")
    return _KINDS.get(type(given), "events")


Given = Annotated[
    Annotated[Events, Tag("events")]
    | Annotated[FromCassette, Tag("cassette")]
    | Annotated[Http, Tag("answers")]
    | Annotated[Input, Tag("input")]
    | Annotated[Application, Tag("application")],
    Discriminator(_kind),
]


class Abort(Model):
    """When the consumer aborts: as soon as either is reached (driver protocol)."""

    after_chunks: int | None = Field(default=None, ge=0)
    or_after_ms: Milliseconds | None = None

    @model_validator(mode="after")
    def _is_reached_some_time(self) -> Self:
        if self.after_chunks is None and self.or_after_ms is None:
            raise ValueError("say afterChunks, orAfterMs, or both")
        return self
