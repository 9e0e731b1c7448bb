"""What is wrong with a cassette: one sentence for each problem, with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from harness.cassettes.bodies import FileBody, digest
from harness.cassettes.cassette import Cassette
from harness.cassettes.interaction import Body, Interaction
from harness.cassettes.loading import is_json
from harness.cassettes.named import File
from harness.cassettes.parsing import Provenance
from harness.cli.tapes import events_of, wire_of
from harness.errors import InputError
from harness.protocol.events import Event
from harness.providers import wire_of_target
from harness.replay.recorded_answer import recorded_answer
from harness.replay.recordings import Index, recordings_of
from harness.reports.findings import shown

_UNREADABLE = {"INVALID_JSON", "INVALID_FRAMING"}
_NO_BODY = frozenset({204, 304})
_REFUSED = 400  # the least status that is an error
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 5.6.2


def problems_of(file: File) -> list[str]:
    """Return what is wrong with a cassette, in the order of the file.

    A file that can be read and is no cassette is a problem; where nothing can be read, :class:`InputError` is raised.
    """
    try:
        with file.path.open("rb"):
            pass
    except (OSError, ValueError) as error:
        raise InputError(f"{file.name}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        tape = file.read()
    except InputError as error:
        return [str(error).removeprefix(f"{file.path}: ")]
    found = [] if tape.provenance else ["provenance: is missing: synthetic, recorded or recorded-parsed"]
    for place, one in enumerate(tape.interactions):
        found += [f"interactions.{place}: {problem}" for problem in _of_interaction(one, tape.provenance)]
    found += _of_requests(tape)
    found += _of_vcrpy(file.path, tape)
    return found


def _of_interaction(one: Interaction, provenance: Provenance | None) -> Iterator[str]:
    if not _TOKEN.fullmatch(one.request.method):
        yield f"request.method: {one.request.method[:80]!r} is no method of HTTP, so that nobody can ask it"
    likely = wire_of_target(one.request.uri)
    if one.wire is None:
        yield f"wire: is missing{f'; its path is that of {likely}' if likely else ''}"
    try:
        if isinstance(one.body, FileBody) and one.body.sha256 != digest(one.body):
            yield f"body_file: the bytes of {one.body.path.name} are not those of its body_sha256"
        elif one.wire or likely:
            yield from _of_body(one, is_recorded=provenance == "recorded")
        recorded_answer(one)
    except InputError as error:
        yield str(error)


def _of_body(one: Interaction, *, is_recorded: bool) -> Iterator[str]:
    """Yield why a body cannot be decoded: a provider may break off, or say what nobody understands.

    Some were even seen to say nothing at all; only where nobody saw it is that a mistake of the file. What stands
    before a provider refuses in HTML, or in nothing but the status: that is an answer to every wire.
    """
    first: Event | None = None
    for event in events_of(one):
        first = first or event
    if one.status >= _REFUSED:
        return
    if first is None:
        is_fact = is_recorded and not one.body.length
        if one.ending == "end" and one.status not in _NO_BODY and not is_fact:
            yield f"the body holds no message of {wire_of(one)}"
    elif isinstance(error := first.get("error"), dict) and error.get("code") in _UNREADABLE:
        yield f"the body is none of {wire_of(one)}: {error.get('message')}"


def _of_requests(tape: Cassette) -> Iterator[str]:
    """Yield which requests mean the same as others, by what ``streamchunk replay`` compares."""
    for first, place in Index(recordings_of([tape])).ambiguous():
        yield f"interactions.{place}: asks the same as interactions.{first}, so that nobody can tell them apart"


def _of_vcrpy(path: Path, tape: Cassette) -> Iterator[str]:
    """Yield what vcrpy makes of the file; it was read by us before, so nothing in it can run.

    Of a body in a file of its own vcrpy knows nothing, and replays an empty one; that is no problem of the file.
    """
    # Imported late: what lists and shows has no need of it, and it takes as long as all else together.
    from vcr.cassette import Cassette as VcrCassette  # noqa: PLC0415
    from vcr.record_mode import RecordMode  # noqa: PLC0415
    from vcr.request import Request as VcrRequest  # noqa: PLC0415
    from vcr.serializers import jsonserializer, yamlserializer  # noqa: PLC0415

    try:
        serializer = jsonserializer if is_json(path.read_bytes()) else yamlserializer
        theirs = VcrCassette.load(path=str(path), serializer=serializer, record_mode=RecordMode.NONE)
        for place, one in enumerate(tape.interactions):
            request = one.request
            headers = {name: list(values) for name, values in request.headers.items()}
            played = theirs.play_response(VcrRequest(request.method, request.uri, request.body, headers))
            body = played["content"] if "content" in played else played["body"]["string"]
            body = body.encode() if isinstance(body, str) else body or b""
            if body != _inline(one.body):
                yield f"interactions.{place}: vcrpy replays another body"
    except Exception as error:  # noqa: BLE001 - whatever stops vcrpy is what is wrong with the file
        yield f"vcrpy cannot replay it: {shown(f'{type(error).__name__}: {error}')}"


def _inline(body: Body) -> bytes:
    """Return what vcrpy knows of a body: nothing, where it lies in a file of its own."""
    return b"" if isinstance(body, FileBody) else body.read(0, body.length)
