"""A case: what an implementation is given, and, out of its sight, what a person checked must come out.

The file ``fixtures/cases/<area>/<name>.json`` is one :class:`Case`; its JSON Schema is ``schemas/harness/case.json``,
printed by ``python -m harness.suite.case``.
"""

from __future__ import annotations

import json
from typing import Any, Self

from pydantic import Field, model_validator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from harness.protocol.transcript import OVER_HTTP, Operation, Profile
from harness.suite.expect import Expect
from harness.suite.given import Abort, Application, Events, FromCassette, Given, Http, Input
from harness.suite.model import Model


class Case(Model):
    """One question to an implementation, with its place in the specification."""

    id: str = Field(pattern=r"^[a-z0-9-]+(/[a-z0-9._-]+)+$", description="area/name: the file's path without .json")
    title: str = Field(min_length=1, description="the sentence that must hold")
    sections: list[str] = Field(min_length=1, description="§ of the specification and R of the readings")
    operation: Operation = "transform"
    profiles: list[Profile] = Field(min_length=1)
    given: Given
    request: dict[str, Any] = Field(
        default={},
        description="TanStack's TextOptions in JSON: model, messages, tools, …; $baseUrl as modelOptions.url stands "
        "for the played provider's",
    )
    abort: Abort | None = None
    approvals: dict[str, bool] = Field(default={}, description="the answers to approvals by the id of the call (R27)")
    expect: Expect | None = Field(default=None, description="never sent to the implementation")

    @model_validator(mode="after")
    def _is_given_what_it_needs(self) -> Self:
        wanted: tuple[type[Model], ...] = (Input,)
        if self.operation == "transform":
            wanted = (Events, FromCassette)
        elif self.operation in OVER_HTTP:
            wanted = (Http, Application) if self.operation == "chat" else (Http,)
        if not isinstance(self.given, wanted):
            words = {
                Events: "events",
                FromCassette: "a cassette",
                Http: "wire and answers",
                Application: "application: true",
                Input: "an input",
            }
            raise ValueError(  # noqa: TRY004 - pydantic reports this kind, and no other
                f"{self.operation} is given {' or '.join(words[kind] for kind in wanted)}"
            )
        if isinstance(self.given, Input) and (fault := self.given.fault_for(self.operation)):
            raise ValueError(f"given.input of {self.operation}: {fault}")
        return self

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
