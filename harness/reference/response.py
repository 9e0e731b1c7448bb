"""One response while its events come: the wait for the next one, the questions on the way, and how it ends (§3, §6).

What a pure room cannot do, to wait for whichever of two things comes first, it is given.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from functools import partial
from inspect import isawaitable
from typing import TypeAlias

from harness.errors import InputError
from harness.protocol.language_model import Signal
from harness.protocol.streamchunk import Chunk
from harness.reference.growing import StreamChunk, as_json
from harness.reference.transformer import Transformer

INVALID_REQUEST = "INVALID_REQUEST"
"""The code of an ``error`` chunk for options that cannot be sent, and for an answer that is none."""

Approve: TypeAlias = Callable[[Chunk], Awaitable[bool | None] | bool | None]
"""From an ``approval-requested`` chunk that the consumer has seen to the answer; None where nobody answers."""

Ask: TypeAlias = Callable[[Chunk], Awaitable[bool | None]]
"""The same as we ask it: True allows, False denies, None leaves it open, and there is no fourth answer."""

UnlessAborted: TypeAlias = Callable[[Awaitable[bool | None], Signal], Awaitable[bool | None]]
"""Waits for an answer, and gives None where the signal is set before it is there."""


def asking(approve: Approve | None, signal: Signal, unless_aborted: UnlessAborted) -> Ask:
    """Return how questions are put to ``approve``, which may answer at once or later; without it nobody answers.

    Raises :class:`InputError` where it cannot be asked. Asking raises it for an answer that is neither True, False nor
    None: ``{"approved": False}`` would else be taken for a permission.
    """
    if approve is not None and not callable(approve):
        raise InputError(f"approve is a function, and not a {type(approve).__name__}")

    async def ask(question: Chunk) -> bool | None:
        if approve is None:
            return None
        approved = await unless_aborted(_said(approve, question), signal)
        if approved is None or isinstance(approved, bool):
            return approved
        raise InputError(f"approve answers True, False or None, and not a {type(approved).__name__}")

    return ask


async def _said(approve: Approve, question: Chunk) -> bool | None:
    said = approve(question)
    return await said if isawaitable(said) else said


async def answered(
    source: AsyncIterator[object], transformer: Transformer, signal: Signal, ask: Ask
) -> AsyncGenerator[Chunk, None]:
    """Yield the chunks of one response while its events come, each with its whole ``content``.

    What the source or ``ask`` raises becomes the one ``error`` chunk (§6.8, R22). Once ``signal`` is set nothing
    follows but one ``error`` of code ABORTED (R28); to be woken by it is the business of the source and of ``ask``.
    The source is closed as soon as it has finished, or the consumer goes away. A chunk is the consumer's, who may
    change it.
    """
    try:
        while not (transformer.ended or signal.aborted):
            if transformer.finished:
                await closed(source)
                chunks_of = await _decided(transformer, ask)
            else:
                chunks_of = await _next(source, transformer)
            if signal.aborted:
                break
            for chunk in chunks_of():
                yield as_json(chunk)
                if signal.aborted:
                    break
        if signal.aborted:
            for chunk in transformer.abort():
                yield as_json(chunk)
    finally:
        await closed(source)


async def _next(source: AsyncIterator[object], transformer: Transformer) -> Callable[[], list[StreamChunk]]:
    """Wait for the next event, or for what comes in its place; return what to do with it."""
    try:
        event = await anext(source)
    except StopAsyncIteration:
        return transformer.close
    except Exception as error:  # noqa: BLE001 - whatever a model raises, its client gets an error chunk
        return partial(transformer.fail, _failure(error))
    return partial(transformer.feed, event)


async def _decided(transformer: Transformer, ask: Ask) -> Callable[[], list[StreamChunk]]:
    """Wait for the answer to the open question; return what to do with it."""
    question = transformer.question
    assert question is not None  # noqa: S101 - a response that has finished and has not ended waits for an answer
    call_id = question["toolCallId"]  # kept, since the question is its reader's to change
    try:
        approved = await ask(question)
    except Exception as error:  # noqa: BLE001 - the consumer's own code; its failure is an error chunk too
        return partial(transformer.fail, _failure(error))
    return partial(transformer.answer, call_id, approved)


def _failure(error: Exception) -> object:
    return {"message": str(error), "code": INVALID_REQUEST} if isinstance(error, InputError) else error


async def closed(source: object) -> None:
    """Close a source that can be closed; one that fails at it changes nothing about an answer that is out."""
    close = getattr(source, "aclose", None)
    if close is not None:
        with contextlib.suppress(Exception):
            await close()
