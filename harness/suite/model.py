"""What every part of a case file has in common: strict, closed, in the protocol's camelCase."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Model(BaseModel):
    """Strict and closed: a misspelt key in a hand-written file is a fault. JSON keeps the protocol's camelCase."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, alias_generator=to_camel, allow_inf_nan=False, protected_namespaces=()
    )
