"""Implementations with known behaviour: one that is right, and many that are wrong in one known way each.

They are targets like any other: ``streamchunk run python:implementations:doubles_done`` from this folder. Each wrong
one is the right one with one thing changed, in the events that it reads or in the chunks that it yields.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from harness.bundled import adapter as right


class Wrong:
    """The right one between two changes: of the events on their way in, of the chunks on their way out."""

    def __init__(self, name, *, events=None, chunks=None):
        self.name = name
        self._events = events
        self._chunks = chunks

    def transform(self, events, request):
        source = self._events(events) if self._events else events
        answer = right.transform(source, request)
        return self._chunks(answer) if self._chunks else answer


def by_chunks(change):
    """Make an implementation of what happens to the stream of chunks."""
    return Wrong(change.__name__, chunks=change)


def by_events(change):
    """Make an implementation of what happens to the stream of events."""
    return Wrong(change.__name__, events=change)


def by_chunk(change):
    """Make an implementation of what happens to each chunk."""

    async def changed(chunks):
        async for chunk in chunks:
            yield change(chunk)

    return Wrong(change.__name__, chunks=changed)


def by_event(change):
    """Make an implementation of what happens to each event."""

    async def changed(events):
        async for event in events:
            yield change(event) if isinstance(event, dict) else event

    return Wrong(change.__name__, events=changed)


# Text


@by_chunks
async def drops_the_last_delta(chunks):
    held = None
    async for chunk in chunks:
        if held is not None and not (held["type"] == "content" and chunk["type"] == "done"):
            yield held
        held = chunk
    if held is not None:
        yield held


@by_chunks
async def doubles_a_delta(chunks):
    extra = ""
    async for chunk in chunks:
        if chunk["type"] == "content":
            yield chunk | {"content": extra + chunk["content"]}
            extra += chunk["delta"]
            yield chunk | {"content": extra + chunk["content"]}
        else:
            yield chunk


class RestartsContentAtEachBlock:
    """What a literal reading of §12.2 does: one buffer for each block id."""

    name = "restarts_content_at_each_block"

    async def transform(self, events, request):
        begins, before = [], 0

        async def noting():
            async for event in events:
                if isinstance(event, dict) and event.get("type") == "text-start":
                    begins.append(event)
                yield event

        blocks = 0
        async for chunk in right.transform(noting(), request):
            if chunk["type"] == "content":
                if len(begins) > blocks:
                    blocks, before = len(begins), len(chunk["content"]) - len(chunk["delta"])
                yield chunk | {"content": chunk["content"][before:]}
            else:
                yield chunk


restarts_content_at_each_block = RestartsContentAtEachBlock()


@by_chunk
def sends_the_delta_as_content(chunk):
    return chunk | {"content": chunk["delta"]} if chunk["type"] == "content" else chunk


@by_chunks
async def forgets_reasoning(chunks):
    async for chunk in chunks:
        if chunk["type"] != "thinking":
            yield chunk


# Identity


@by_chunks
async def makes_a_new_id_for_each_chunk(chunks):
    number = 0
    async for chunk in chunks:
        number += 1
        yield chunk | {"id": f"chunk-{number}"}


@by_chunks
async def reads_the_clock_for_each_chunk(chunks):
    async for chunk in chunks:
        yield chunk | {"timestamp": time.time_ns()}


# Tool calls


def with_arguments(chunk, change):
    if chunk["type"] != "tool_call":
        return chunk
    function = chunk["toolCall"]["function"]
    changed = {"function": function | {"arguments": change(function["arguments"])}}
    return chunk | {"toolCall": chunk["toolCall"] | changed}


@by_chunk
def encodes_arguments_twice(chunk):
    return with_arguments(chunk, json.dumps)


@by_chunk
def reads_numbers_as_floats(chunk):
    return with_arguments(chunk, lambda text: json.dumps(json.loads(text, parse_int=float)))


@by_event
def takes_an_empty_object_for_malformed_arguments(event):
    if event.get("type") != "tool-call" or not isinstance(event.get("input"), str):
        return event
    try:
        json.loads(event["input"])
    except ValueError:
        return event | {"input": "{}"}
    return event


class CountsCallsAsTheyComplete:
    """An index that is counted up when a call is complete, not when it begins."""

    name = "counts_calls_as_they_complete"

    async def transform(self, events, request):
        complete = []

        async def noting():
            async for event in events:
                if isinstance(event, dict) and event.get("type") == "tool-call":
                    complete.append(event.get("toolCallId"))
                yield event

        async for chunk in right.transform(noting(), request):
            yield chunk | {"index": complete.index(chunk["toolCall"]["id"])} if chunk["type"] == "tool_call" else chunk


counts_calls_as_they_complete = CountsCallsAsTheyComplete()


@by_chunks
async def sends_arguments_in_fragments(chunks):
    async for chunk in chunks:
        if chunk["type"] == "tool_call":
            yield with_arguments(chunk, lambda text: text[:1])
            yield with_arguments(chunk, lambda text: text[1:])
        else:
            yield chunk


@by_chunks
async def forgets_calls(chunks):
    async for chunk in chunks:
        if chunk["type"] != "tool_call":
            yield chunk


@by_event
def emits_calls_that_the_provider_ran(event):
    return {key: value for key, value in event.items() if key != "providerExecuted"}


@by_chunks
async def answers_calls_that_nobody_made(chunks):
    async for chunk in chunks:
        if chunk["type"] == "done":
            yield {key: chunk[key] for key in ("id", "model", "timestamp")} | {
                "type": "tool_result",
                "toolCallId": "call_of_nobody",
                "content": "null",
            }
        yield chunk


# Ending

ZEROS = {"promptTokens": 0, "completionTokens": 0, "totalTokens": 0}


def as_done(chunk):
    """An error chunk turned into a normal end."""
    return {key: chunk[key] for key in ("id", "model", "timestamp")} | {
        "type": "done",
        "finishReason": "stop",
        "usage": ZEROS,
    }


@by_chunks
async def doubles_done(chunks):
    async for chunk in chunks:
        yield chunk
        if chunk["type"] == "done":
            yield chunk


@by_chunks
async def forgets_the_end(chunks):
    async for chunk in chunks:
        if chunk["type"] not in {"done", "error"}:
            yield chunk


@by_chunks
async def talks_after_the_end(chunks):
    last = None
    async for chunk in chunks:
        yield chunk
        if chunk["type"] == "content":
            last = chunk
        elif chunk["type"] == "done" and last is not None:
            yield last | {"delta": "!", "content": last["content"] + "!"}


@by_chunk
def counts_no_tokens(chunk):
    return chunk | {"usage": ZEROS} if chunk["type"] == "done" else chunk


@by_chunk
def counts_what_is_no_number(chunk):
    return chunk | {"usage": ZEROS | {"promptTokens": float("nan")}} if chunk["type"] == "done" else chunk


@by_chunk
def says_stop_for_a_filtered_answer(chunk):
    return chunk | {"finishReason": "stop"} if chunk.get("finishReason") == "content_filter" else chunk


@by_chunk
def says_stop_for_a_cut_answer(chunk):
    return chunk | {"finishReason": "stop"} if chunk.get("finishReason") == "length" else chunk


@by_chunk
def says_null_for_every_reason(chunk):
    return chunk | {"finishReason": None} if chunk["type"] == "done" else chunk


@by_chunk
def swallows_errors(chunk):
    if chunk["type"] != "error":
        return chunk
    return as_done(chunk)


@by_chunk
def says_undefined(chunk):
    return chunk | {"error": {"message": "undefined"}} if chunk["type"] == "error" else chunk


@by_chunks
async def raises_where_an_error_chunk_is_due(chunks):
    async for chunk in chunks:
        if chunk["type"] == "error":
            raise RuntimeError(chunk["error"]["message"])
        yield chunk


@by_chunks
async def exits_where_an_error_chunk_is_due(chunks):
    async for chunk in chunks:
        if chunk["type"] == "error":
            sys.exit(chunk["error"]["message"])
        yield chunk


@by_chunks
async def never_ends(chunks):
    async for chunk in chunks:
        if chunk["type"] == "done":
            await asyncio.sleep(3600)
        yield chunk


@by_chunks
async def blocks_its_thread(chunks):
    async for chunk in chunks:
        if chunk["type"] == "done":
            time.sleep(3600)  # noqa: ASYNC251 - the fault under test
        yield chunk


@by_chunks
async def takes_a_cut_stream_for_a_whole_one(chunks):
    async for chunk in chunks:
        if chunk["type"] == "error" and chunk["error"].get("code") == "STREAM_TRUNCATED":
            yield as_done(chunk)
        else:
            yield chunk


# What is not a chunk


@by_chunks
async def yields_text(chunks):
    async for chunk in chunks:
        yield json.dumps(chunk)


@by_chunks
async def yields_sets(chunks):
    async for chunk in chunks:
        yield chunk | {"delta": {chunk["delta"]}} if chunk["type"] == "content" else chunk


@by_chunks
async def prints_to_stdout(chunks):
    print("an implementation may say what it likes")  # noqa: T201 - the behaviour under test
    async for chunk in chunks:
        yield chunk
