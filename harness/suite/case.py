"""A case: what an implementation is given, and, out of its sight, what a person checked must come out.

The file ``fixtures/cases/<area>/<name>.json`` is one :class:`Case`; its JSON Schema is ``schemas/harness/case.json``,
printed by ``python -m harness.suite.case``.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from harness.protocol.events import revived
from harness.protocol.reading import Ended
from harness.protocol.transcript import Profile

Operation = Literal["transform"]
Reason = Literal["stop", "length", "content_filter", "tool_calls", "error"]


class _Model(BaseModel):
    """Strict and closed: a misspelt key in a hand-written file is a fault. JSON keeps the protocol's camelCase."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


class Events(_Model):
    """Source events as they stand here; ``$number``, ``$undefined``, ``$bytes`` and ``$throw`` say what JSON cannot."""

    events: list[dict[str, Any] | str] = Field(
        description="AI SDK stream parts (§12.1), in order; a text is the JSON text of one (R1)"
    )

    @field_validator("events")
    @classmethod
    def _can_be_played(cls, events: list[dict[str, Any] | str]) -> list[dict[str, Any] | str]:
        revived(events)
        return events


class FromCassette(_Model):
    """Source events as a provider's decoder makes them of a recorded or synthetic body."""

    cassette: str = Field(pattern=r"^[a-z0-9-]+/[a-z0-9._-]+$", description="a name under cassettes/")


def _kind(given: Any) -> str:
    """Tell the two kinds of ``given`` apart by key, so that a fault is told once, and of the kind that is meant."""
    if isinstance(given, dict):
        return "cassette" if "cassette" in given else "events"
    return "cassette" if isinstance(given, FromCassette) else "events"


Given = Annotated[
    Annotated[Events, Tag("events")] | Annotated[FromCassette, Tag("cassette")],
    Discriminator(_kind),
]


class ExpectedCall(_Model):
    """One client call; ``arguments`` is JSON text and is compared as a value with exact numbers (R8)."""

    id: str
    name: str
    arguments: str
    index: int | None = None


class ExpectedResult(_Model):
    """One tool result; ``content`` is JSON text, or a bare string where R15 allows one."""

    tool_call_id: str
    content: str


class ExpectedUsage(_Model):
    """Tokens as the provider counted them."""

    prompt_tokens: int | float
    completion_tokens: int | float
    total_tokens: int | float


class ExpectedError(_Model):
    """A terminal ``error`` chunk; ``code`` null means that it carries none, ``message`` is a part of its message."""

    code: str | list[str | None] | None = None
    message: str | None = None


class Expect(_Model):
    """What a person checked by hand; a key that is left out is not compared.

    Where several answers are right, a list names them all.
    """

    text: str = ""
    reasoning: str = ""
    tool_calls: list[ExpectedCall] = []
    tool_results: list[ExpectedResult] = []
    finish_reason: Reason | list[Reason | None] | None = Field(
        default=None, description="of the terminal chunk; error for an error chunk, null for none"
    )
    usage: ExpectedUsage | None = Field(default=None, description="null: the terminal chunk carries none")
    error: ExpectedError | Literal[True] | None = Field(
        default=None, description="true: any error chunk; null: no error chunk"
    )
    ended: Ended | list[Ended] = "finished"
    types: list[str] = Field(
        default=[], description="chunk types in order; consecutive content or thinking chunks count as one"
    )
    id: str = Field(default="", description="of every chunk")
    model: str = Field(default="", description="of every chunk")


class Case(_Model):
    """One question to an implementation, with its place in the specification."""

    id: str = Field(pattern=r"^[a-z0-9-]+(/[a-z0-9._-]+)+$", description="area/name: the file's path without .json")
    title: str = Field(min_length=1, description="the sentence that must hold")
    sections: list[str] = Field(min_length=1, description="§ of the specification and R of the readings")
    operation: Operation = "transform"
    profiles: list[Profile] = Field(min_length=1)
    given: Given
    request: dict[str, Any] = Field(description="TanStack's TextOptions in JSON: model, messages, tools, …")
    expect: Expect | None = Field(default=None, description="never sent to the implementation")

    @property
    def area(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]


class _Printed(GenerateJsonSchema):
    """Leave out titles that repeat names, and defaults: a key that is left out is not compared."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a case file."""
    printed = Case.model_json_schema(schema_generator=_Printed)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://streamchunk.dev/schemas/harness/case.json",
        **printed,
    }


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2, ensure_ascii=False))  # noqa: T201 - this is what the command is for
