"""Write every provider's synthetic cassettes, and the cases that play them: ``python cassettes/synthetic/write.py``.

What a model says and what must come out of it is written by hand in ``kinds``; who says it stands in ``speakers``. The
bytes are made by the encoders, which are held to recordings of each provider. A test holds that running this changes
nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from kinds import INTERLEAVED_CALLS, KINDS, STRUCTURED_BY_A_TOOL, Kind, finish
from speakers import SPEAKERS, Speaker

from harness.cassettes.interaction import BytesBody, Cut, Interaction, Request
from harness.cassettes.writing import write
from harness.model.requests import HttpRequest, body_bytes, request_of
from harness.model.router import resolve
from harness.providers import WIRES, Labels, encoded

ROOT = Path(__file__).parents[2]
HTTP_ERROR = "http-error"
_KEY = "test-key-1"
_QUESTION = "Hello."
_CUT = 0.6  # of the last event that is written


def main(cassettes: Path, cases: Path) -> int:
    """Write every cassette that is not there by hand, and a case for each; return how many there are."""
    number = 0
    for speaker in SPEAKERS:
        for kind in (*_kinds(speaker), None):
            name = HTTP_ERROR if kind is None else kind.name
            if name in speaker.lacks or name in speaker.has:
                continue
            title = f"{speaker.folder}/{speaker.prefix}{name}"
            write(cassettes / f"{title}.yaml", [_interaction(speaker, kind)], "synthetic")
            case = _case(speaker, kind, title)
            _write_case(cases, case)
            if kind is not None and kind.in_full is not None:
                _write_case(cases, _in_full(case, kind.in_full))
            number += 1
    return number


def _write_case(folder: Path, case: dict[str, Any]) -> None:
    path = folder / f"{case['id']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(case, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _in_full(case: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return the case with what the specification alone promises."""
    return {
        **case,
        "id": f"{case['id']}-in-full",
        "title": f"{case['title']}, in full",
        "sections": [*case["sections"], "§12.4", "R24"],
        "profiles": ["spec"],
        "expect": {**case["expect"], **more},
    }


def _kinds(speaker: Speaker) -> Iterator[Kind]:
    """Yield the answers of one provider, as its API gives them."""
    for kind in KINDS:
        if kind.name == STRUCTURED_BY_A_TOOL.name and speaker.forces_a_tool:
            yield STRUCTURED_BY_A_TOOL
        elif kind.name == INTERLEAVED_CALLS.name and not speaker.says_one_block_at_a_time:
            yield INTERLEAVED_CALLS
        elif kind.tools and speaker.stops_with_calls:
            expect = {**kind.expect, "finishReason": ["tool_calls", "stop"]}
            yield replace(kind, events=[*kind.events[:-1], finish()], expect=expect)
        else:
            yield kind


def _interaction(speaker: Speaker, kind: Kind | None) -> Interaction:
    asked = _asked(speaker, kind)
    beside: dict[str, tuple[str, ...]] = {}
    if kind is None:
        beside = {name: (value,) for name, value in speaker.refusal_headers.items()}
        status, error = speaker.refusal
        body, media_type = [json.dumps(error, ensure_ascii=False).encode()], "application/json"
    else:
        status, body, media_type = 200, list(_body(speaker, kind)), WIRES[speaker.wire].media_type
    return Interaction(
        request=asked,
        status=status,
        headers={"content-type": (media_type,)} | beside,
        body=BytesBody(b"".join(body)),
        wire=speaker.wire,
        reason=HTTPStatus(status).phrase,
        cuts=tuple(Cut(len(piece)) for piece in body),
    )


def _asked(speaker: Speaker, kind: Kind | None) -> Request:
    route = resolve(speaker.asked_as, {"apiKey": _KEY}, environment=speaker.environment)
    asked: HttpRequest = request_of(route, _options(kind), stream=True)
    return Request(
        method="POST",
        uri=route.base_url + asked.path,
        headers={name: (value,) for name, value in asked.headers.items() if _KEY not in value},
        body=body_bytes(asked.body),
    )


def _options(kind: Kind | None) -> dict[str, Any]:
    question = _QUESTION if kind is None else kind.question
    options: dict[str, Any] = {"prompt": [{"role": "user", "content": [{"type": "text", "text": question}]}]}
    if kind is not None and kind.tools:
        options["tools"] = [{"type": "function", **tool} for tool in kind.tools]
    if kind is not None and kind.forced:
        options["toolChoice"] = {"type": "tool", "toolName": kind.forced}
    if kind is not None and kind.schema is not None:
        options["responseFormat"] = {"type": "json", "name": "forecast", "schema": kind.schema}
    if kind is not None and kind.limit is not None:
        options["maxOutputTokens"] = kind.limit
    return options


def _body(speaker: Speaker, kind: Kind) -> Iterator[bytes]:
    """Yield the pieces of an answer, the last one cut where the kind is."""
    ids = [given or made for given, made in zip(speaker.calls, ("call_1", "call_2"), strict=True)]
    events = json.loads(_named(json.dumps(kind.events), *ids))
    for event in events:
        if event["type"] == "error":
            event["error"] |= speaker.failure
    pieces = encoded(speaker.wire, events, Labels(speaker.id, speaker.model), speaker.folder)
    if not kind.cut:
        yield from pieces
        return
    spoken = [place for place, piece in enumerate(pieces) if b"world" in piece]
    yield from pieces[: spoken[0]]
    last = pieces[spoken[0]]
    yield last[: int(len(last) * _CUT)]


def _named(text: str, first: str, second: str) -> str:
    return text.replace("{0}", first).replace("{1}", second)


def _case(speaker: Speaker, kind: Kind | None, cassette: str) -> dict[str, Any]:
    folder, _, rest = cassette.partition("/")
    question = _QUESTION if kind is None else kind.question
    request: dict[str, Any] = {
        "model": "test-model",
        "messages": [{"role": "user", "content": question}],
    }
    if kind is not None and kind.tools:
        request["tools"] = list(kind.tools)
    if kind is None:
        title, sections = "refuses with a status, which is an error of that status", ("§6.8", "R22")
        expect: dict[str, Any] = {"error": {"code": str(speaker.refusal[0])}, "finishReason": "error"}
    else:
        title, sections, expect = kind.title, kind.sections, _expected(speaker, kind)
    return {
        "id": f"providers/{folder}-{rest}",
        "title": f"{speaker.title} {title}",
        "sections": list(sections),
        "operation": "transform",
        "profiles": ["spec", "tanstack"],
        "given": {"cassette": cassette},
        "request": request,
        "expect": expect,
    }


def _expected(speaker: Speaker, kind: Kind) -> dict[str, Any]:
    expect: dict[str, Any] = json.loads(_named(json.dumps(kind.expect), *speaker.calls))
    for call in expect.get("toolCalls", ()):
        if not call["id"]:
            del call["id"]
    return expect


if __name__ == "__main__":
    print(main(ROOT / "cassettes", ROOT / "fixtures" / "cases"), "cassettes, each with its case")  # noqa: T201
    sys.exit(0)
