"""What was said, part by part: the turns that were meant beside those that arrived (R29, R30).

Theory of operation. Texts, files, calls and answers are compared each among themselves, so that a part which is lost is
one finding and not also a reason why everything behind it stands elsewhere. Where all of them arrived, and only then,
the rules about order ask whether they stand in the same turns. Empty texts say nothing; system turns are looked at by
rules of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from harness.protocol.exact_json import holds_object, parsed, same, same_text
from harness.protocol.likeness import runs_through, same_media_type
from harness.protocol.messages import Answered, Call, File, Part, Role, Text, Turn, joined
from harness.rules.wording import shown

P = TypeVar("P")
One = TypeVar("One", bound=Part)

_FEW = 24


@dataclass(frozen=True, slots=True)
class Placed(Generic[P]):
    """One part, who said it, and in which of the turns, from 0."""

    role: Role
    part: P
    turn: int


@dataclass(frozen=True, slots=True)
class Difference(Generic[P]):
    """Where two sequences part first, and how: what was ``meant`` there, and what was ``seen``."""

    word: Literal["lost", "doubled", "invented", "in another order", "changed"]
    meant: P | None
    seen: P | None


def settled(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """Return the turns without the system's and without empty texts, every answer in a turn of the role ``tool``."""
    return joined(
        Turn("tool" if isinstance(part, Answered) else turn.role, (part,))
        for turn in turns
        if turn.role != "system"
        for part in turn.parts
        if part != Text("")
    )


def parts_of(turns: Iterable[Turn], kind: type[One]) -> list[Placed[One]]:
    """Return all parts of one kind, in order; no empty texts, and nothing of the system's."""
    return [
        Placed(turn.role, part, place)
        for place, turn in enumerate(turns)
        if turn.role != "system"
        for part in turn.parts
        if isinstance(part, kind) and part != Text("")
    ]


def system_texts(turns: Iterable[Turn]) -> list[str]:
    """Return the texts that are the system's, in order."""
    return [part.text for turn in turns if turn.role == "system" for part in turn.parts if isinstance(part, Text)]


def difference(meant: Sequence[P], seen: Sequence[P], alike: Callable[[P, P], bool]) -> Difference[P] | None:
    """Return the first difference of two sequences, or None where each item is alike its fellow."""
    pairs = zip(meant, seen, strict=False)
    at = next((place for place, (one, other) in enumerate(pairs) if not alike(one, other)), min(len(meant), len(seen)))
    one = meant[at] if at < len(meant) else None
    other = seen[at] if at < len(seen) else None
    comes = one is not None and any(alike(one, item) for item in seen[at:])
    is_meant = other is not None and any(alike(item, other) for item in meant[at:])
    if one is None and other is None:
        return None
    if one is not None and not comes:
        return Difference("changed" if other is not None and not is_meant else "lost", one, other)
    if other is not None and not is_meant:
        was_there = any(alike(item, other) for item in meant[:at])
        return Difference("doubled" if was_there else "invented", one, other)
    return Difference("in another order", one, other)


def text_difference(
    meant: Iterable[Turn], seen: Iterable[Turn], *, open_ended: bool
) -> Difference[Placed[Text]] | None:
    """Return where the texts of a conversation part.

    Texts of one role that follow one another may be cut or joined otherwise, with white space between them. With
    ``open_ended`` other texts may be added: a repeated question says more than the first (§14.6).
    """
    own, sent = parts_of(meant, Text), parts_of(seen, Text)
    if _same_runs(own, sent):
        return None
    if open_ended:
        sent = [item for item in sent if any(_same_text_of(one, item) for one in own)]
    found = difference(own, sent, _same_text_of)
    return None if open_ended and found is not None and found.meant is None else found


def stand_in_order(texts: Sequence[str], whole: str) -> bool:
    """Tell whether these texts stand somewhere in a text, in order."""
    at = 0
    for text in texts:
        at = whole.find(text, at)
        if at < 0:
            return False
        at += len(text)
    return True


def same_files(one: Placed[File], other: Placed[File]) -> bool:
    """Tell whether two placed files are the same, and of one role."""
    return one.role == other.role and same_file(one.part, other.part)


def same_file(meant: File, seen: File) -> bool:
    """Tell whether a file is the same content or the same place, and its media type is not another one.

    A wire may leave the type of a place open, and may say only its first half.
    """
    if meant.url is not None:
        return seen.url == meant.url and _same_media_type(meant.media_type, seen.media_type)
    untyped = seen.media_type is None and meant.media_type is not None
    return (
        _packed(seen.data) == _packed(meant.data)
        and not untyped
        and _same_media_type(meant.media_type, seen.media_type)
    )


def same_arguments(meant: str, seen: str) -> bool:
    """Tell whether a call has the arguments that were meant; blank ones are an empty object (R8).

    What is no object in the request cannot be passed on as it is, so nothing is asked of it.
    """
    return not holds_object(meant) or same_text(meant, seen if seen.strip() else "{}")


def same_answer(meant: str, seen: str) -> bool:
    """Tell whether a tool's answer says what was meant.

    A text may come quoted, JSON parsed, and content in parts joined; where a wire wants an object, it may stand in a
    member of one.
    """
    if same_text(meant, seen):
        return True
    value, wanted = _value(seen), _value(meant)
    if value == meant or _texts_of(wanted) == seen:
        return True
    if not isinstance(value, dict):
        return False
    return any(item == meant or (wanted is not None and same(item, wanted)) for item in value.values())


def same_name(own: str, sent: str, names: Mapping[str, str]) -> bool:
    """Tell whether a tool's own name was sent, or the one that it has with the provider (``names``, R16)."""
    return sent in {own, names.get(own)} or (own not in names and folded(own) == folded(sent))


def folded(name: str) -> str:
    """Return a name as providers may want it: small letters and digits, all else an underscore."""
    return "".join(letter.lower() if letter.isalnum() and letter.isascii() else "_" for letter in name)


def call_difference(
    meant: Iterable[Turn], seen: Iterable[Turn], names: Mapping[str, str]
) -> Difference[Placed[Call]] | None:
    """Return where the calls part: by tool, and by id where the ids are those of the request, not by arguments."""
    own, sent = parts_of(meant, Call), parts_of(seen, Call)
    ids = {call.part.id for call in own}

    def alike(one: Placed[Call], other: Placed[Call]) -> bool:
        id_ = other.part.id
        same_id = id_ is None or one.part.id is None or id_ not in ids or id_ == one.part.id
        return same_id and same_name(one.part.name, other.part.name, names)

    return difference(own, sent, alike)


def answer_difference(meant: Iterable[Turn], seen: Iterable[Turn]) -> Difference[Placed[Answered]] | None:
    """Return where the tools' answers part by what they say; they may also stand in the order of their calls."""
    turns = tuple(meant)
    own, sent = parts_of(turns, Answered), parts_of(seen, Answered)
    found = difference(own, sent, _says_the_same)
    return None if found is None or difference(_in_call_order(turns), sent, _says_the_same) is None else found


def paired_answers(meant: Iterable[Turn], seen: Iterable[Turn]) -> list[tuple[Placed[Answered], Placed[Answered]]]:
    """Return each answer beside the one that came of it, where :func:`answer_difference` has nothing to say."""
    turns = tuple(meant)
    own, sent = parts_of(turns, Answered), parts_of(seen, Answered)
    ordered = own if difference(own, sent, _says_the_same) is None else _in_call_order(turns)
    return list(zip(ordered, sent, strict=True))


def _says_the_same(one: Placed[Answered], other: Placed[Answered]) -> bool:
    return same_answer(one.part.content, other.part.content)


def _in_call_order(turns: Iterable[Turn]) -> list[Placed[Answered]]:
    turns = tuple(turns)
    place = {call.part.id: number for number, call in enumerate(parts_of(turns, Call))}
    return sorted(parts_of(turns, Answered), key=lambda answer: (answer.turn, place.get(answer.part.id, len(place))))


def may_be_refused(turns: Iterable[Turn]) -> bool:
    """Tell whether an adapter may refuse a conversation: content of unknown type (A9), arguments that are no object."""
    return any(
        (isinstance(part, File) and part.data is not None and (part.media_type or "*").endswith("*"))
        or (isinstance(part, Call) and not holds_object(part.arguments))
        for turn in turns
        for part in turn.parts
    )


def order_difference(
    meant: Iterable[Turn], seen: Iterable[Turn], *, open_ended: bool = False
) -> tuple[int, str, str] | None:
    """Return the first turn of a conversation that has not the parts that were meant, and both in words.

    Calls and texts of one turn of the assistant may be mixed otherwise (R30); what a user says in words and pictures
    may not. With ``open_ended`` further turns may follow.
    """
    own, sent = settled(meant), settled(seen)
    if open_ended:
        sent = sent[: len(own)]
    for place, (one, other) in enumerate(zip(own, sent, strict=False)):
        if _outline(one) != _outline(other):
            return place, _outlined(one), _outlined(other)
    if len(own) == len(sent):
        return None
    place = min(len(own), len(sent))
    wanted, found = (_outlined(turns[place]) if place < len(turns) else "the end" for turns in (own, sent))
    return place, wanted, found


def meant_and_seen(found: Difference[Placed[Any]]) -> tuple[str, str]:
    """Return both sides of a difference as findings show them."""
    expected = "nothing more" if found.meant is None else shown_part(found.meant)
    if found.seen is None:
        return expected, found.word
    seen = shown_part(found.seen)
    return expected, f"it is lost; next comes {seen}" if found.word == "lost" else f"{seen}: {found.word}"


def shown_part(item: Placed[Any]) -> str:
    """Return a part as findings show it."""
    match item.part:
        case Text(text):
            return f"{item.role}: {shown(text)}"
        case File() as file:
            return f"{item.role}: {shown_file(file)}"
        case Call(id_, name, arguments):
            return f"the call {shown(id_)} of {shown(name)} with {shown(arguments)}"
        case Answered(id_, content):
            return f"the result of {shown(id_)}: {shown(content)}"
    return shown(None)


def shown_file(file: File) -> str:
    """Return a file as findings show it: not all of its content."""
    kind = file.media_type or "a file of unknown type"
    if file.url is not None:
        return f"{kind} at {shown(file.url)}"
    data = file.data or ""
    return f"{kind}, {len(data)} characters of base64: {shown(data if len(data) <= _FEW else data[:_FEW] + '…')}"


def _same_text_of(one: Placed[Text], other: Placed[Text]) -> bool:
    return one.role == other.role and one.part.text == other.part.text


def _same_runs(own: Sequence[Placed[Text]], sent: Sequence[Placed[Text]]) -> bool:
    meant, seen = _runs(own), _runs(sent)
    if len(meant) != len(seen):
        return False
    return all(
        role == other and runs_through(texts, "".join(others))
        for (role, texts), (other, others) in zip(meant, seen, strict=True)
    )


def _runs(items: Iterable[Placed[Text]]) -> list[tuple[Role, list[str]]]:
    """Return the texts of each role that speaks, up to where another one does."""
    runs: list[tuple[Role, list[str]]] = []
    for item in items:
        if not runs or runs[-1][0] != item.role:
            runs.append((item.role, []))
        runs[-1][1].append(item.part.text)
    return runs


def _same_media_type(meant: str | None, seen: str | None) -> bool:
    return meant is None or seen is None or same_media_type(meant, seen)


def _packed(data: str | None) -> str | None:
    return None if data is None else "".join(data.split())


def _value(text: str) -> Any:
    try:
        return parsed(text)
    except ValueError:
        return None


def _texts_of(value: Any) -> str | None:
    """Return the joined texts of content in parts, None where there is anything else."""
    if not isinstance(value, list):
        return None
    texts = [part.get("content") if isinstance(part, dict) and part.get("type") == "text" else None for part in value]
    return "".join(text for text in texts if text is not None) if None not in texts else None


def _outline(turn: Turn) -> tuple[Any, ...]:
    kinds = [type(part) for part in turn.parts]
    if turn.role == "assistant":
        return turn.role, Text in kinds, kinds.count(File), kinds.count(Call)
    mixed = [kind for place, kind in enumerate(kinds) if kind is not Text or kinds[place - 1 : place] != [Text]]
    return turn.role, *mixed


def _outlined(turn: Turn) -> str:
    words = {Text: "text", File: "file", Call: "call", Answered: "result"}
    return f"{turn.role}: " + ", ".join(words[type(part)] for part in turn.parts)
