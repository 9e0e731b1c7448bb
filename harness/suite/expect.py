"""What a person checked must come out of a case; never sent to the implementation."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from harness.errors import InputError
from harness.protocol.messages_json import turns_in
from harness.protocol.reading import Ended
from harness.suite.model import Model

Reason = Literal["stop", "length", "content_filter", "tool_calls", "error"]


class ExpectedCall(Model):
    """One client call; ``arguments`` is JSON text and is compared as a value with exact numbers (R8)."""

    id: str | None = Field(default=None, description="left out: the provider gave none, so any will do")
    name: str
    arguments: str
    index: int | None = None


class ExpectedResult(Model):
    """One tool result; ``content`` is JSON text, or a bare string where R15 allows one."""

    tool_call_id: str
    content: str


class ExpectedUsage(Model):
    """Tokens as the provider counted them."""

    prompt_tokens: int | float
    completion_tokens: int | float
    total_tokens: int | float


class ExpectedError(Model):
    """A terminal ``error`` chunk; ``code`` null means that it carries none, ``message`` is a part of its message."""

    code: str | list[str | None] | None = None
    message: str | None = None


class ExpectedTool(Model):
    """One converted tool, whatever the converter calls its members; what is left out is not compared."""

    name: str
    description: str | None = None
    input_schema: dict[str, Any] | None = None


class ExpectedRequest(Model):
    """One request that the provider must receive, in any spelling of its API; what is not named may be anything."""

    path: str = Field(
        default="", description="how the path ends, behind the base URL; a query member that is named must be there"
    )
    headers: dict[str, str | None] = Field(default={}, description="null: the header must not be there")
    body: Any = Field(
        default=None,
        description="what it says must be said, however the API lets it be written; what a model is not told must be "
        "there as it is named; lists match place by place; null in an object: absent",
    )


class Expect(Model):
    """What a person checked by hand; a key that is left out is not compared.

    Where several answers are right, a list names them all.
    """

    text: str = ""
    reasoning: str = ""
    tool_calls: list[ExpectedCall] = Field(default=[])
    tool_results: list[ExpectedResult] = Field(default=[])
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
    result: Any = Field(
        default=None, description="the value of an operation without chunks; in a schema order and spelling are free"
    )
    data: Any = Field(default=None, description="the member data of that value")
    raw_text: str | list[str] = Field(default="", description="its member rawText, but for white space at both ends")
    raised: ExpectedError | Literal[True] | None = Field(
        default=None, description="true: any exception; null: none; a message is a part of the exception's"
    )
    requests: list[ExpectedRequest] = Field(default=[], description="that the provider received, all of them, in order")
    turns: list[dict[str, Any]] = Field(
        default=[], description="converted messages in the neutral form: {role, parts: [{text} | …]}"
    )
    tools: list[ExpectedTool] = Field(default=[], description="converted tools, in order")

    @field_validator("turns")
    @classmethod
    def _can_be_read(cls, turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
        try:
            turns_in(turns)
        except InputError as error:
            raise ValueError(str(error)) from None
        return turns

    model: str = Field(default="", description="of every chunk")
