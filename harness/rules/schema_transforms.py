"""Schemas on their way to a provider: what each needs is added, and nothing of what was asked for is lost (§14.3, R34).

Judged where a schema is only to be transformed, and where a transformed one reaches a provider in its own field.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from harness.protocol.exact_json import same
from harness.protocol.transcript import NOTHING, Operation
from harness.rules.asked import at_request
from harness.rules.capabilities import Family, family_of
from harness.rules.fitting import TakesNull, is_schema, taking_null
from harness.rules.provider_schemas import GEMINIS, gemini_takes, has_another_fault, is_named, openai_takes, unsupported
from harness.rules.rule import MUST_IN_SPEC, Finding, Level, rule
from harness.rules.schema_changes import Change, Pair, changes, pairs
from harness.rules.schema_forms import form_of
from harness.rules.schema_places import Targets, is_object, named, places, properties, required
from harness.rules.sound import SoundTranscript
from harness.rules.wording import shown

TRANSFORMED: tuple[Operation, ...] = ("transformSchema", "structuredOutput")
_AS_THEY_ARE = frozenset({"anthropic", "ollama"})
"""Providers for which §14.8 has no transform. For Mistral and compatible ones it is not clear what it has."""


class Sent(NamedTuple):
    """A schema of the caller's, what was made of it, for whom, and where that was seen."""

    original: Any
    made: Any
    family: Family | None
    path: str


def sent_schemas(transcript: SoundTranscript) -> list[Sent]:
    """Return the schemas that were made; of equal ones the first."""
    given = transcript.stimulus
    if given.operation == "transformSchema":
        original, made = given.input.get("schema"), transcript.result
        known = isinstance(original, dict) and isinstance(made, dict) and transcript.ending.kind == "completed"
        return [Sent(original, made, _family_of_provider(transcript), "")] if known else []
    original = given.request.get("outputSchema")
    found: list[Sent] = []
    for number, exchange in enumerate(transcript.exchanges or ()):
        made = None if exchange.asked is None else exchange.asked.schema
        if isinstance(original, dict) and isinstance(made, dict) and all(made != one.made for one in found):
            found.append(Sent(original, made, family_of(given.request.get("model")), at_request(number, "schema")))
    return found


def went_to_openai(transcript: SoundTranscript) -> bool:
    """Apply where a schema was made for OpenAI, or for a model of its family."""
    return bool(_for(transcript, "openai"))


@rule(
    "STRUCT-15",
    Level.MUST,
    "§14.3",
    "R34",
    applies=went_to_openai,
    operations=TRANSFORMED,
    by_turn=False,
    why="OpenAI answers 400: in strict mode `required` has to name every property",
    mend="name every property in `required`, in nested objects, items, variants and definitions too",
)
def every_property_is_required(transcript: SoundTranscript) -> Iterator[Finding]:
    """For OpenAI every object requires all of its properties."""
    for sent in _for(transcript, "openai"):
        for place in places(sent.made):
            missing = properties(place.schema).keys() - required(place.schema)
            if missing and is_object(place.schema):
                yield Finding(None, "every property", f"not {', '.join(sorted(missing))}", _at(sent, place.path))
                break


def went_to_a_strict_provider(transcript: SoundTranscript) -> bool:
    """Apply where a schema was made for OpenAI or for Gemini."""
    return bool(_for(transcript, "openai", "google"))


@rule(
    "STRUCT-16",
    Level.MUST,
    "§14.3",
    "R34",
    applies=went_to_a_strict_provider,
    operations=TRANSFORMED,
    by_turn=False,
    why="the model has to invent what it may leave out, or leaves out what it must say",
    mend="add null to the type, the enum or the variants of each optional property, and to nothing else",
)
def just_the_optional_properties_take_null(transcript: SoundTranscript) -> Iterator[Finding]:
    """A property that was optional and is required now takes null, and one that was required takes none that is new.

    §14.3 makes only scalars nullable and forgets nested objects, arrays, enums and references; we read R34.
    """
    for sent in _for(transcript, "openai", "google"):
        takes, took = taking_null(sent.made), taking_null(sent.original)
        for pair in pairs(sent.original, sent.made):
            found = _nullness(sent, pair, takes, took) if isinstance(pair, Pair) else None
            if found is not None:
                yield found
                break


@rule(
    "STRUCT-17",
    Level.MUST,
    "§14.3",
    "R34",
    applies=went_to_openai,
    operations=TRANSFORMED,
    by_turn=False,
    why="OpenAI answers 400: in strict mode every object has to be closed",
    mend="set additionalProperties to false on every object, however deep",
)
def every_object_is_closed(transcript: SoundTranscript) -> Iterator[Finding]:
    """For OpenAI `additionalProperties` is false in every object."""
    for sent in _for(transcript, "openai"):
        for place in places(sent.made):
            seen = place.schema.get("additionalProperties")
            if is_object(place.schema) and seen is not False:
                yield Finding(None, "additionalProperties: false", shown(seen), _at(sent, place.path))
                break


def openai_takes_not_all_of_it(transcript: SoundTranscript) -> bool:
    """Apply where a schema for OpenAI has what OpenAI does not take, and something became of it."""
    return _is_for_openai(transcript) and bool(unsupported(_original(transcript))) and _was_decided(transcript)


@rule(
    "STRUCT-18",
    Level.MUST,
    "§14.3",
    "R34",
    applies=openai_takes_not_all_of_it,
    operations=TRANSFORMED,
    by_turn=False,
    why="OpenAI answers 400, or the part is dropped and the model answers with something else",
    mend="raise before the request, with the path of the oneOf, the allOf or the map in the message",
)
def what_openai_does_not_take_is_refused(transcript: SoundTranscript) -> Iterator[Finding]:
    """For OpenAI oneOf, allOf and maps are refused, with an error that names the place.

    §14.3 refuses oneOf only, and names no place; we read R34. A map is `additionalProperties` with a schema, or
    `patternProperties`.
    """
    places_ = unsupported(_original(transcript))
    if transcript.ending.kind == "raised":
        message = str((transcript.ending.error or {}).get("message"))
        if not any(is_named(path, message) for path in places_) and not has_another_fault(_original(transcript)):
            yield Finding(None, f"an error that names {named(places_[0])}", shown(message), "error.message")
    else:
        yield Finding(None, f"an error that names {named(places_[0])}", "a schema without a word about it")


def the_provider_takes_it(transcript: SoundTranscript) -> bool:
    """Apply where a schema is to be transformed in which nothing is that its provider does not take."""
    original, family = transcript.stimulus.input.get("schema"), _family_of_provider(transcript)
    if not isinstance(original, dict) or transcript.ending.kind not in {"completed", "raised"}:
        return False
    if not is_schema(original):
        return False  # whoever checks it first may refuse it
    takes = {"openai": openai_takes, "google": gemini_takes}.get(str(family))
    return _is_as_it_is(transcript) if takes is None else takes(original)


@rule(
    "STRUCT-19",
    Level.MUST,
    "§14.3",
    "R34",
    applies=the_provider_takes_it,
    operations=("transformSchema",),
    by_turn=False,
    why="a schema that the provider takes cannot be used",
    mend="refuse only oneOf, allOf and maps for OpenAI, and references that cannot be followed for Gemini",
)
def a_schema_that_can_be_sent_is_given(transcript: SoundTranscript) -> Iterator[Finding]:
    """A schema in which nothing is that the provider does not take becomes a schema, and no error."""
    if transcript.ending.kind == "raised":
        error = transcript.ending.error or {}
        yield Finding(None, "a schema", f"an error: {shown(error.get('message'))}")
    elif not isinstance(transcript.result, dict):
        seen = "nothing" if transcript.result is NOTHING else shown(transcript.result)
        yield Finding(None, "a schema, which is an object", seen)


def something_was_made(transcript: SoundTranscript) -> bool:
    """Apply where a schema was made for a provider of a known family, of one that it can take."""
    return bool(_for(transcript, "openai", "google", "mistral"))


@rule(
    "STRUCT-20",
    Level.MUST,
    "§14.3",
    "R33",
    "R34",
    applies=something_was_made,
    operations=TRANSFORMED,
    by_turn=False,
    why="the model is not told what is wanted, and its answer fits the caller's schema by luck",
    mend="copy the schema and change only required, additionalProperties and null; keep or replace every reference",
)
def nothing_of_a_schema_is_lost(transcript: SoundTranscript) -> Iterator[Finding]:
    """What the schema says is still said: properties, types, enums, items, variants, descriptions, what is required.

    Limits such as minLength may be left out, for not every provider takes them, but not changed. A reference may be
    replaced by its target (R34).
    """
    for sent in _for(transcript, "openai", "google", "mistral"):
        lost = next(_changes(sent), None)
        if lost is not None:
            yield Finding(None, shown(lost.expected), shown(lost.seen), _at(sent, lost.path))


def was_made_for_gemini(transcript: SoundTranscript) -> bool:
    """Apply where a schema was transformed for Gemini."""
    return transcript.stimulus.operation == "transformSchema" and bool(_for(transcript, "google"))


@rule(
    "STRUCT-21",
    Level.MUST,
    "§14.8",
    "R34",
    applies=was_made_for_gemini,
    operations=("transformSchema",),
    by_turn=False,
    why="Gemini answers 400 for a keyword that its responseSchema does not have",
    mend="leave out what the subset does not have, and put each reference's target in its place",
)
def gemini_gets_its_subset(transcript: SoundTranscript) -> Iterator[Finding]:
    """For Gemini a schema has only keywords of its responseSchema: no `$ref`, `$defs` or `additionalProperties`.

    §14.8 sends the standard schema, which responseSchema refuses; we read the subset of Gemini's own reference (R34).
    """
    for sent in _for(transcript, "google"):
        for place in places(sent.made):
            if strange := sorted(place.schema.keys() - GEMINIS):
                yield Finding(None, "keywords of the subset", ", ".join(strange), _at(sent, place.path))
                break


def was_made_for_one_that_takes_all(transcript: SoundTranscript) -> bool:
    """Apply where a schema was made for a provider that takes it as it is."""
    return _is_as_it_is(transcript) and isinstance(transcript.result, dict)


@rule(
    "STRUCT-22",
    MUST_IN_SPEC,
    "§14.8",
    "R33",
    applies=was_made_for_one_that_takes_all,
    operations=("transformSchema",),
    by_turn=False,
    why="the model is bound by more, or by less, than the caller asked for",
    mend="return the schema as it is",
)
def other_providers_get_the_schema_as_it_is(transcript: SoundTranscript) -> Iterator[Finding]:
    """For a provider without a transform the schema is as it was.

    §14.8 calls it standard (R33). TanStack does not say, so its profile warns.
    """
    if not same(transcript.stimulus.input.get("schema"), transcript.result):
        yield Finding(None, shown(transcript.stimulus.input.get("schema")), shown(transcript.result))


def _changes(sent: Sent) -> Iterator[Change]:
    to_gemini = sent.family == "google"
    return changes(sent.original, sent.made, all_required=sent.family == "openai", subset=to_gemini)


def _nullness(sent: Sent, pair: Pair, takes: TakesNull, took: TakesNull) -> Finding | None:
    needed, now = required(pair.original.said), required(pair.made.said)
    for name, before in properties(pair.original.said).items():
        after = properties(pair.made.said).get(name)
        if after is None:
            continue  # STRUCT-20
        path = (*pair.path, "properties", name)
        if name not in needed and name in now and takes(after) is False:
            return Finding(None, "null among what it takes, for it is optional", shown(after), _at(sent, path))
        if name in needed and takes(after) and took(before) is False and not _names_null(before, sent.original):
            return Finding(None, "no null, for it is required", shown(after), _at(sent, path))
    return None


def _names_null(schema: Any, root: Any) -> bool:
    """Tell whether null is meant, as it is by an enum that has it though its type has not."""
    return form_of(schema, Targets(root)).null


def _for(transcript: SoundTranscript, *families: Family) -> list[Sent]:
    """Return the schemas that were made for these families, but for those that should have been refused."""
    return [
        sent
        for sent in sent_schemas(transcript)
        if sent.family in families and not (sent.family == "openai" and unsupported(sent.original))
    ]


def _original(transcript: SoundTranscript) -> Any:
    given = transcript.stimulus
    return given.input.get("schema") if given.operation == "transformSchema" else given.request.get("outputSchema")


def _is_for_openai(transcript: SoundTranscript) -> bool:
    if transcript.stimulus.operation == "transformSchema":
        return _family_of_provider(transcript) == "openai"
    return family_of(transcript.stimulus.request.get("model")) == "openai"


def _was_decided(transcript: SoundTranscript) -> bool:
    """Tell whether the schema was sent, or refused: a request may fail for another reason, or ask in another way."""
    if transcript.stimulus.operation == "transformSchema":
        return transcript.ending.kind == "raised" or bool(sent_schemas(transcript))
    refused = transcript.ending.kind == "raised" and transcript.exchanges == ()
    return refused or bool(sent_schemas(transcript))


def _family_of_provider(transcript: SoundTranscript) -> Family | None:
    """Return the family of the provider that is named; ``openai_compatible`` and unknown ones are of none."""
    provider = transcript.stimulus.input.get("provider")
    return family_of(provider) if isinstance(provider, str) else None


def _is_as_it_is(transcript: SoundTranscript) -> bool:
    given = transcript.stimulus
    provider = given.input.get("provider")
    return (
        isinstance(provider, str) and provider.lower() in _AS_THEY_ARE and isinstance(given.input.get("schema"), dict)
    )


def _at(sent: Sent, path: tuple[str, ...]) -> str:
    return ".".join((*([sent.path] if sent.path else []), *path)) or "the root"
