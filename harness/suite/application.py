"""What a running application can be held to, where its provider is played and where it is not.

It has a model, a key, a system prompt, tools and patience of its own, and takes of a question what it likes: surely the
conversation. So nothing is said of what its provider receives, of the model's name, or of the words in which it tells
of a failure; everything is said of the stream that its client reads. Cases that hang on options of the request, or on
how often a provider is asked, are not asked of it.

It may go on by itself: its tools run, and the model is asked what it makes of their results. Who then asks more often
than the case has answers is answered all the same (:mod:`harness.replay.fixed_provider`), with the failure once more or
with :func:`closing`, so that nothing of ours is its fault. Behind the latter nobody knows which chunks came of what, so
it is judged by the chunks alone, and by what was checked by hand of the first turn. Whoever asks a model about
something else before it asks about the conversation is given the wrong answer for it.
"""

from __future__ import annotations

from dataclasses import replace

from harness.protocol.script import Piece, Script
from harness.protocol.transcript import Transcript
from harness.providers import WIRES, Labels, encoded, wire_of_target
from harness.suite.case import Case
from harness.suite.expect import Expect, ExpectedError
from harness.suite.given import Application, Http
from harness.suite.playing import scripts

_OF_THE_ADAPTER = frozenset({"apiKey", "url", "maxRetries"})
"""Options that a case has only so that an adapter finds the played provider, and asks it once."""
_OPEN = frozenset({"requests", "model", "types", "tool_results"})
"""What is checked by hand of an adapter and is an application's own: whom it asks for what, what its engine adds."""
_KNOWN = ("messages", "tools")
"""What of a request the law may know of; an application that was sent more need not have looked at it."""

_EXCERPT = 80

_CLOSING = (
    {"type": "text-start", "id": "text"},
    {"type": "text-delta", "id": "text", "delta": "That is all."},
    {"type": "text-end", "id": "text"},
    {
        "type": "finish",
        "finishReason": "stop",
        "usage": {"inputTokens": 1, "outputTokens": 4, "totalTokens": 5},
    },
)


def not_asked(case: Case, *, is_application: bool, wires: frozenset[str] | None, is_played: bool) -> str | None:
    """Return why a case is not asked of an implementation, as far as running applications go; None where it is.

    ``wires`` are those of its provider, and ``is_played`` tells that this is played.
    """
    given = case.given
    if isinstance(given, Application):
        if not is_application:
            return "the case is made for running applications"
        return "the case needs the application's own provider, and that is played" if is_played else None
    if not is_application or not isinstance(given, Http) or case.operation != "chat":
        return None
    if not is_played:
        return (
            "its provider must be played: start it with its provider's base URL at http://127.0.0.1:8788/v1, "
            "and give --provider 127.0.0.1:8788 --wire NAME"
        )
    if wires is None:
        return f"nobody says what it speaks to its provider: give --wire NAME, of {', '.join(WIRES)}"
    return _unfair(case)


def _unfair(case: Case) -> str | None:
    options = case.request.get("modelOptions")
    if isinstance(options, dict) and options.keys() - _OF_THE_ADAPTER:
        return "the case hangs on options of the request, and an application has its own"
    first, *more = scripts(case)
    if more:
        return "the case hangs on how often the provider is asked, and an application tries again as it likes"
    if case.abort is None and first.ending in {"stall", "endless"}:
        return "the case hangs on a limit of time, and an application waits as long as it likes"
    if case.abort is not None and case.abort.after_chunks == 0:
        return "a client that goes away before it asks says nothing to an application"
    expect = case.expect
    if expect is not None and "requests" in expect.model_fields_set and not expect.requests:
        return "the case is about a question that no provider gets, and an application asks what it likes"
    return None


def closing(wire: str) -> Script:
    """Return the plain answer with which a model ends a conversation that an application goes on with by itself."""
    body = b"".join(encoded(wire, _CLOSING, Labels(id="closing", model="closing")))
    return Script((Piece(body),), headers=(("Content-Type", WIRES[wire].media_type),))


def fault(case: Case, transcript: Transcript) -> str | None:
    """Return why an answer says nothing of how a case is answered, None where it does.

    Either it came without the provider that was played, or the application failed (a status from 500) though its
    provider had answered well. A client that went away may have gone before the question, and who hangs has a fault of
    its own.
    """
    if not isinstance(case.given, Http) or transcript.ending.kind in {"aborted", "timed out"}:
        return None
    exchanges = transcript.exchanges or ()
    told = ": ".join(str(value) for value in (transcript.ending.error or {}).values())[:_EXCERPT]
    if any(exchange.script is not None for exchange in exchanges):
        failed = transcript.ending.kind == "raised" and not transcript.records
        promised = transcript.expected
        return f"it failed by itself: {told}" if failed and promised and promised.ended == "finished" else None
    if exchanges:
        asked = exchanges[0]
        wire = wire_of_target(asked.target)
        hint = f"; give --wire {wire}" if wire in WIRES else ""
        path = asked.target.partition("?")[0]  # a query may hold a key
        what = f"{asked.method} {path[:_EXCERPT]}"
        return f"it asked its provider for {what}, and the case plays {case.given.wire}{hint}"
    how = f" ({told})" if told else ""
    return f"it answered{how} without asking the provider that is played; start it with its provider's base URL there"


def held(case: Case) -> Case:
    """Return a case as an application is judged by it; one that it is not asked stays as it is."""
    if case.expect is None or not isinstance(case.given, Http) or _unfair(case) is not None:
        return case
    return case.model_copy(update={"expect": _checked(case.expect)})


def known(case: Case, transcript: Transcript) -> Transcript:
    """Return a transcript as an application is judged by it: with what the law may know of the question.

    Where its provider was asked for more than the case has, the source of it all is not known.
    """
    request = {name: case.request[name] for name in _KNOWN if name in case.request}
    stimulus = replace(transcript.stimulus, request=request)
    given = case.given
    if isinstance(given, Http) and any(
        exchange.script is None and wire_of_target(exchange.target) == given.wire
        for exchange in transcript.exchanges or ()
    ):
        stimulus = replace(stimulus, events=None, made_ids=frozenset())
    return replace(transcript, stimulus=stimulus)


def _checked(expect: Expect) -> Expect:
    """Return what of the hand-checked holds for an application too; it may say less of a failure than its adapter."""
    stated = {name: getattr(expect, name) for name in expect.model_fields_set - _OPEN}
    if isinstance(stated.get("error"), ExpectedError):
        stated["error"] = True
    return Expect.model_construct(_fields_set=set(stated), **stated)
