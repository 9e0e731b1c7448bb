"""What a delta of Chat Completions says: its text and its reasoning, in each provider's encoding.

Reasoning has seven encodings; several may stand beside each other with the same words, so only the first that holds
text is read::

    reasoning_content: "…"                                    DeepSeek, vLLM, Alibaba, xAI, Z.AI, llama.cpp …
    reasoning: "…"                                            Groq, OpenRouter, Together, Cerebras, Ollama …
    reasoning_text: "…"                                       GitHub Copilot
    reasoning_details: [{type: reasoning.text, text}]         OpenRouter, Vercel's gateway; .summary has ``summary``
    thinking_blocks: [{type: thinking, thinking}]             LiteLLM
    content: [{type: thinking, thinking: [{text}]}, {type: text, text}]         Mistral
    content: [{type: reasoning, summary: [{text}]}, {type: text, text}]         Databricks

Encrypted reasoning and signatures are no text and are not read. ``<think>`` inside content stays content, as in the
official packages: only the user of a model knows that its template writes such marks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.providers.fields import object_in, text_in
from harness.providers.openai_blocks import Kind

_REASONING = ("reasoning_content", "reasoning", "reasoning_text", "reasoning_details", "thinking_blocks")
_WORDS = ("text", "thinking", "reasoning", "summary", "content")
_THINKING = frozenset({"thinking", "reasoning"})
_DEPTH = 4  # content[].thinking[].text is the deepest that occurs; what is deeper is not text


def spoken(delta: dict[str, Any]) -> Iterator[tuple[Kind, str]]:
    """Yield what a delta says, in order and without empty pieces: reasoning, content, refusal, transcript of speech.

    A refusal is the model's answer in words, and so is the transcript of an audio answer: both are text, which the
    official packages lose.
    """
    for key in _REASONING:
        if (value := delta.get(key)) and (words := _text(value)):
            yield "reasoning", words
            break
    content = delta.get("content")
    if isinstance(content, str):
        if content:
            yield "text", content
    elif content:
        yield from _parts(content)
    if refusal := text_in(delta, "refusal"):
        yield "text", refusal
    if transcript := text_in(object_in(delta, "audio"), "transcript"):
        yield "text", transcript


def _parts(content: Any) -> Iterator[tuple[Kind, str]]:
    for part in content if isinstance(content, list) else [content]:
        if words := _text(part):
            yield "reasoning" if text_in(part, "type") in _THINKING else "text", words


def _text(value: Any, depth: int = _DEPTH) -> str:
    if isinstance(value, str):
        return value
    if not depth:
        return ""
    if isinstance(value, list):
        return "".join([_text(item, depth - 1) for item in value])
    if isinstance(value, dict):
        for key in _WORDS:
            if words := _text(value.get(key), depth - 1):
                return words
    return ""
