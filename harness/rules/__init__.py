"""The law: ids, levels, sections. It does not know the reference adapter."""

from __future__ import annotations

from harness.rules.rule import Rule

ALL: tuple[Rule, ...] = ()
BY_ID: dict[str, Rule] = {rule.id: rule for rule in ALL}
