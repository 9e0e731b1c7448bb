"""What the law about chunks takes from the transport: a renaming that was undone, an abort that came before a word."""

import pytest

from answers import META, call, calls, done, error, finish, says, text
from harness.judge import judge
from harness.protocol.compaction import Compactor
from harness.protocol.messages import ModelRequest, Text, ToolOffer, Turn
from harness.protocol.script import Exchange
from harness.protocol.transcript import Ending, Stimulus, Transcript

OWN = "files.read"
SENT = "files_read"
REQUEST = {
    "messages": [{"role": "user", "content": "Read."}],
    "tools": [{"name": OWN, "inputSchema": {"type": "object"}}],
}


def offering(*names):
    turns = (Turn("user", (Text("Read."),)),)
    asked = ModelRequest(
        turns=turns, tools=tuple(ToolOffer(name, None, {"type": "object"}) for name in names), stream=True
    )
    return (Exchange("POST", "/chat/completions", (), b"{}", 0, script=0, status=200, whole=True, asked=asked),)


def found(events, chunks, request=None, ending=None, exchanges=None, **known):
    compactor = Compactor()
    stimulus = Stimulus(request or {}, tuple(events), operation="chat" if exchanges else "transform", **known)
    transcript = Transcript(tuple(map(compactor.feed, chunks)), ending or Ending(), stimulus, exchanges=exchanges)
    return [violation.rule.id for violation in judge(transcript).violations]


@pytest.mark.parametrize(
    ("offered", "told", "wanted"),
    [(SENT, OWN, []), (SENT, SENT, ["TOOL-16"]), (OWN, OWN, []), (OWN, SENT, ["TOOL-16"])],
)
def test_a_renaming_is_undone_on_the_way_back(offered, told, wanted):
    events = [META, calls(name=offered), finish("tool-calls")]
    assert found(events, [call(name=told), done("tool_calls")], REQUEST, exchanges=offering(offered)) == wanted


@pytest.mark.parametrize(("told", "wanted"), [(OWN, ["TOOL-17"]), (SENT, ["TOOL-16", "TOOL-17"])])
def test_a_renamed_call_under_another_id_is_no_call_that_was_lost(told, wanted):
    events = [META, calls(name=SENT), finish("tool-calls")]
    assert found(events, [call(id_="x", name=told), done("tool_calls")], REQUEST, exchanges=offering(SENT)) == wanted


@pytest.mark.parametrize(("told", "wanted"), [(OWN, []), (SENT, ["TOOL-16"]), ("other", ["TOOL-16"])])
def test_a_renamed_call_without_an_id_is_known_by_its_own_name(told, wanted):
    events = [META, calls(id_="generated-1", name=SENT), finish("tool-calls")]
    chunks = [call(id_="their-own", name=told), done("tool_calls")]
    assert found(events, chunks, REQUEST, exchanges=offering(SENT), made_ids=frozenset({"generated-1"})) == wanted


UNNAMED = {"id": "mastra-1", "model": "asked-for"}


def test_whoever_aborts_before_the_first_chunk_learns_no_name_of_the_source():
    events = [META, says("Hi"), finish()]
    answer = [error("ABORTED") | UNNAMED]
    assert found(events, answer, {"model": "asked-for"}, Ending("aborted", place=0)) == []
    assert found(events, answer, {"model": "asked-for"}, Ending("aborted", place=1)) == ["ID-5", "ID-6"]


def test_the_code_of_an_aborted_stream_is_not_the_sources():
    events = [META, says("Hi"), {"$throw": {"name": "APICallError", "message": "busy", "code": "503"}}]
    answer = [text("Hi"), error("ABORTED", "the request was aborted")]
    assert found(events, answer, ending=Ending("aborted", place=1)) == []
    assert found(events, answer) == ["END-16"]


OURS = "this is request number 2, but only 1 answers were scripted"


def asked_in_vain():
    return (*offering(SENT), Exchange("POST", "/chat/completions", (), b"{}", 9, status=599, whole=True))


@pytest.mark.parametrize("events", [[META, says("Hi"), finish()], [META, says("Hi"), finish("length")]])
def test_an_error_in_our_own_words_is_no_failure_that_was_invented(events):
    answer = [text("Hi"), error("599", OURS)]
    wanted = {"stop": "END-12", "length": "END-13"}[events[-1]["finishReason"]]
    assert wanted not in found(events, answer, exchanges=asked_in_vain())
    assert wanted in found(events, answer, exchanges=offering(SENT))


def test_the_code_of_our_own_answer_is_not_held_against_that_of_the_source():
    refused = {"$throw": {"name": "APICallError", "message": "busy", "code": "busy"}}
    for events, rule in (([META, says("Hi")], "END-15"), ([META, says("Hi"), refused], "END-16")):
        answer = [text("Hi"), error("scripts_used_up", OURS)]
        assert rule not in found(events, answer, exchanges=asked_in_vain())
        assert rule in found(events, answer, exchanges=offering(SENT))
