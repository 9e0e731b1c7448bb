"""Conformance harness and protocol validator for LLM streaming adapters."""

from __future__ import annotations

from harness.judge import Verdict, Violation, judge

__all__ = ["Verdict", "Violation", "judge"]
