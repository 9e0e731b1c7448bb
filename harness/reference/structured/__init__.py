"""Structured output: an answer that fits a JSON Schema, from models that promise one and from all others (§14)."""
