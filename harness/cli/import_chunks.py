"""An adapter's chunks → answers of a provider that would make it yield them, in the wire that is asked for."""

from __future__ import annotations

from typing import NamedTuple

from harness.cassettes.importing import Source
from harness.cassettes.importing.chunk_answers import Timed, answers_of
from harness.cassettes.interaction import BytesBody, Cut, Interaction
from harness.cli.import_beside import stem_of
from harness.cli.import_requests import made_up
from harness.errors import InputError
from harness.logs import read_logs
from harness.providers import Labels, encode, wire_named

DEFAULT_WIRE = "openai-chat"


class FromChunks(NamedTuple):
    """The answers of a chunk log, and how many of its chunks are none of a provider's."""

    interactions: tuple[Interaction, ...]
    passed_over: int


def exchanges_of_chunks(name: str, source: Source, wire: str | None) -> FromChunks:
    """Return an exchange for each answer in a chunk log, its bytes and its request made up, its pauses those recorded.

    Raises :class:`InputError` for a log that cannot be read, and for what the wire has no words for.
    """
    spoken = wire_named(wire or DEFAULT_WIRE).name
    found = [answers_of(transcript.records) for transcript in read_logs([source.data])]
    answers = [answer for one in found for answer in one.answers]
    if not answers:
        raise InputError("there is no chunk of an answer in it")
    stem = stem_of(name)
    titles = [stem if len(answers) == 1 else f"{stem}, answer {number}" for number in range(1, len(answers) + 1)]
    try:
        made = tuple(_exchange(answer, spoken, title) for answer, title in zip(answers, titles, strict=True))
    except InputError as error:
        raise InputError(f"{error}; name another wire with --wire") from None
    return FromChunks(made, sum(one.passed_over for one in found))


def _exchange(answer: tuple[Timed, ...], wire: str, title: str) -> Interaction:
    body, cuts, waited = bytearray(), [], 0.0
    labels = Labels(prompt_tokens=_prompt_tokens(answer))
    encoder, unsayable = encode(wire, labels), _unsayable_names(wire, labels)
    for pause, event in answer:
        waited += pause
        is_name = event["type"] == "response-metadata"
        said = {key: name for key, name in event.items() if key not in unsayable} if is_name else event
        for piece in encoder.feed(said):
            body += piece
            cuts.append(Cut(len(piece), waited))
            waited = 0.0
    for piece in encoder.close():
        body += piece
        cuts.append(Cut(len(piece), waited))
        waited = 0.0
    if not body:
        raise InputError(f"{wire} has nothing to say of a chunk log that holds no text, no call and no end")
    model = next((event["modelId"] for _, event in answer if "modelId" in event), None)
    return Interaction(
        request=made_up(wire, model, title, stream=True),
        status=200,
        headers={"content-type": (wire_named(wire).media_type,)},
        body=BytesBody(bytes(body)),
        wire=wire,
        head_pause=cuts[0].pause,  # the head comes with the first message
        cuts=(Cut(cuts[0].length), *cuts[1:]),
    )


def _unsayable_names(wire: str, labels: Labels) -> set[str]:
    """Return which of an answer's names a wire has no words for: they are nothing that was said, and are left out."""
    found = set()
    for key in ("id", "modelId"):
        try:
            encode(wire, labels).feed({"type": "response-metadata", key: "a-name"})
        except InputError:
            found.add(key)
    return found


def _prompt_tokens(answer: tuple[Timed, ...]) -> int | float | None:
    """Return what the prompt cost, for the wires that say it before the answer."""
    for _, event in answer:
        count = event["usage"].get("inputTokens") if event["type"] == "finish" else None
        if isinstance(count, int | float) and not isinstance(count, bool):
            return count
    return None
