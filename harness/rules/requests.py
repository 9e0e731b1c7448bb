"""What was said to the model: every part of the conversation arrives at the provider, in order, once (R29)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.protocol.likeness import runs_through
from harness.protocol.messages import File, ModelRequest, Stranger
from harness.protocol.streamchunk import DONE, ERROR
from harness.protocol.transcript import NOTHING
from harness.rules.asked import (
    ASKING,
    ONE_ANSWER,
    and_others,
    at_request,
    conversation_was_received,
    difference_findings,
    different_requests,
    either_has,
    findings_of,
    meant_turns,
    options_of,
    received,
    strangers,
)
from harness.rules.rule import MUST_IN_SPEC, Finding, Level, rule
from harness.rules.sound import SoundTranscript
from harness.rules.turns import (
    difference,
    may_be_refused,
    parts_of,
    same_files,
    stand_in_order,
    system_texts,
    text_difference,
)
from harness.rules.wording import shown


def a_provider_was_played(transcript: SoundTranscript) -> bool:
    """Apply where a provider was played, and the run came to an end by itself."""
    return transcript.exchanges is not None and transcript.ending.kind in {"completed", "raised"}


@rule(
    "REQ-1",
    Level.MUST,
    "§8",
    "§12.5",
    "R29",
    applies=a_provider_was_played,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="an answer is shown that no model gave, or a sound question is turned away before it was asked",
    mend="send the request to the base URL that you are given; refuse only what no model could be asked",
)
def the_provider_is_asked(transcript: SoundTranscript) -> Iterator[Finding]:
    """An answer comes from the provider, and a request in which nothing is wrong is sent to it.

    Which ids name a model, and whether a key is at hand, only the implementation knows. So a failure without a request
    is wrong where `url` names the played provider, and nothing in the conversation may be refused: a file of no known
    type (A9), or one that is no image, for which a wire may have no word (R29).
    """
    if transcript.exchanges:
        return
    if _claims_an_answer(transcript):
        yield Finding(None, "a request to the provider before the answer", "an answer without any request")
    elif _nothing_is_wrong(transcript) and ERROR in transcript.by_type:
        message = transcript.by_type[ERROR][0].chunk["error"]["message"]
        yield Finding(None, "a request to the provider", f"none, and an error: {shown(message)}")


def the_request_has_strangers(transcript: SoundTranscript) -> bool:
    """Apply where a provider was played, and a part of the request's messages is of no known kind."""
    return transcript.exchanges is not None and bool(strangers(transcript))


@rule(
    "REQ-2",
    MUST_IN_SPEC,
    "§11.1",
    "R31",
    applies=the_request_has_strangers,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the model answers a question from which the user's attachment is missing, and nobody notices",
    mend="throw at a part whose type you do not know, name the type, and send nothing",
)
def nothing_is_asked_that_cannot_be_read(transcript: SoundTranscript) -> Iterator[Finding]:
    """A request with a part of an unknown type is not sent."""
    if transcript.exchanges:
        stranger = strangers(transcript)[0]
        expected = f"no request, for {stranger.path} is of {_type_of(stranger)}"
        yield Finding(None, expected, f"a request{and_others(len(transcript.exchanges) - 1, 'request')}", at_request(0))


def something_was_received(transcript: SoundTranscript) -> bool:
    """Apply where the played provider received any request that somebody tried to read."""
    return any(exchange.asked is not None or exchange.fault is not None for exchange in transcript.exchanges or ())


@rule(
    "REQ-3",
    Level.MUST,
    "§8",
    "R29",
    applies=something_was_received,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the provider refuses the request, or reads something else in it than was meant",
    mend="build the body from the provider's documented members, and serialise it with a JSON library",
)
def a_request_can_be_read(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every request is one of the provider's API: its path, a JSON body, the members and parts that the API has."""
    broken = [(place, exchange.fault) for place, exchange in enumerate(transcript.exchanges or ()) if exchange.fault]
    if broken:
        place, fault = broken[0]
        yield Finding(
            None,
            "a request of the provider's API",
            f"{fault}{and_others(len(broken) - 1, 'request')}",
            at_request(place),
        )


@rule(
    "REQ-4",
    Level.MUST,
    "§4",
    "§8",
    "§11.1",
    "R29",
    applies=conversation_was_received,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the model answers another question than the user asked",
    mend="send text as the provider's text parts: an assistant's content too is a list of parts in SDK V2 (A7)",
)
def every_text_arrives(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every text of user and assistant arrives in its role, in order, once, and no other text does.

    §11.1 joins an assistant's texts, §4 keeps them parts; we compare what each role says at a stretch (R29). A
    structured output may add words of its own (§14.6). Empty texts say nothing.
    """
    turns = meant_turns(transcript)
    open_ended = transcript.stimulus.operation != "chat"

    def check(asked: ModelRequest) -> Iterator[Finding]:
        yield from difference_findings(text_difference(turns, asked.turns, open_ended=open_ended))

    yield from findings_of(transcript, check)


def the_system_speaks(transcript: SoundTranscript) -> bool:
    """Apply where the request has system prompts, or its provider received some in a chat."""
    if not received(transcript) or strangers(transcript):
        return False
    in_chat = transcript.stimulus.operation == "chat" and isinstance(transcript.stimulus.request.get("messages"), list)
    return bool(system_texts(meant_turns(transcript))) or (
        in_chat and any(system_texts(asked.turns) for _, _, asked in different_requests(transcript))
    )


@rule(
    "REQ-5",
    Level.MUST,
    "§12.5",
    "R29",
    applies=the_system_speaks,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the model does not know what it is for, and which answers it must not give",
    mend="put the joined systemPrompts where the provider has its system text",
)
def the_system_prompts_arrive(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every system prompt arrives as the system's, in order, once, and in a chat no other does.

    §15.3 leaves them out, §12.5 puts them first; we read §12.5. A structured output may add instructions (§7, R33).
    """
    prompts = system_texts(meant_turns(transcript))
    whole = transcript.stimulus.operation == "chat"

    def check(asked: ModelRequest) -> Iterator[Finding]:
        system = "\n".join(system_texts(asked.turns))
        if not (runs_through if whole else stand_in_order)(prompts, system):
            expected = shown("\n".join(prompts)) if prompts else "no system text"
            yield Finding(None, expected, shown(system) if system else "no system text", "turns")

    yield from findings_of(transcript, check)


def files_are_sent(transcript: SoundTranscript) -> bool:
    """Apply where the request has files, or its provider received some."""
    return either_has(transcript, File)


@rule(
    "REQ-6",
    Level.MUST,
    "§2",
    "§4",
    "§6.6",
    "§11.1",
    "R29",
    applies=files_are_sent,
    scopes=ONE_ANSWER,
    operations=ASKING,
    by_turn=False,
    why="the model is asked about a picture that it does not see, or reads bytes as something they are not",
    mend="send the source's value with its media type: data as base64 or a data: URL, a URL as it is",
)
def every_file_arrives(transcript: SoundTranscript) -> Iterator[Finding]:
    """Every image, sound, film and document arrives in order, once, with its media type and its data or its URL.

    §4 and §11.1 drop the media type of all but documents, with which no provider knows what the bytes are (A9); we ask
    for it where the request names it. `pdf` is a document (§6.6, R31).
    """
    turns = meant_turns(transcript)

    def check(asked: ModelRequest) -> Iterator[Finding]:
        yield from difference_findings(difference(parts_of(turns, File), parts_of(asked.turns, File), same_files))

    yield from findings_of(transcript, check)


def _type_of(stranger: Stranger) -> str:
    return "no type" if stranger.kind is None else f"the unknown type {shown(stranger.kind)}"


def _claims_an_answer(transcript: SoundTranscript) -> bool:
    if transcript.stimulus.operation == "chat":
        return transcript.terminal is not None and transcript.terminal.chunk["type"] == DONE
    return transcript.ending.kind == "completed" and transcript.result is not NOTHING


def _nothing_is_wrong(transcript: SoundTranscript) -> bool:
    url, base_url = options_of(transcript).get("url"), transcript.stimulus.base_url
    provider, slash, model = str(transcript.stimulus.request.get("model")).partition("/")
    named = url is not None and url == base_url and bool(provider and slash and model)
    turns = meant_turns(transcript)
    spoken = all((file.part.media_type or "").startswith("image/") for file in parts_of(turns, File))
    return named and spoken and not strangers(transcript) and not may_be_refused(turns)
