"""The law: ids, levels, sections. It does not know the reference adapter.

A rule belongs to the law as soon as it stands in one of these files; the order here is the order in the catalogue.
"""

from __future__ import annotations

from harness.rules import (
    abort,
    aborted_exchanges,
    approvals,
    approvals_answered,
    conversation,
    converters,
    ending,
    ending_sources,
    identity,
    request_calls,
    request_delivery,
    request_repetition,
    request_settings,
    requests,
    results,
    schema_transforms,
    shape,
    structured,
    structured_errors,
    structured_requests,
    text,
    thinking,
    tool_calls,
    tool_converters,
    tool_sources,
    usage,
    wire,
)
from harness.rules.rule import Rule


def _rules_of(*areas: object) -> tuple[Rule, ...]:
    return tuple(value for area in areas for value in vars(area).values() if isinstance(value, Rule))


SHAPES: tuple[Rule, ...] = _rules_of(shape)
"""The rules that are asked first: a chunk that breaks one of them is taken out before the others look."""

LAW: tuple[Rule, ...] = _rules_of(
    identity,
    text,
    thinking,
    tool_calls,
    tool_sources,
    results,
    approvals,
    approvals_answered,
    usage,
    ending,
    ending_sources,
    abort,
    aborted_exchanges,
    conversation,
    wire,
    requests,
    request_calls,
    request_settings,
    request_delivery,
    request_repetition,
    converters,
    tool_converters,
    structured,
    structured_errors,
    schema_transforms,
    structured_requests,
)
ALL: tuple[Rule, ...] = SHAPES + LAW
BY_ID: dict[str, Rule] = {rule.id: rule for rule in ALL}
