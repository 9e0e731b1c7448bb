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


def found(events, chunks, request=None, ending=None, exchanges=None):
    compactor = Compactor()
    stimulus = Stimulus(request or {}, tuple(events), operation="chat" if exchanges else "transform")
    transcript = Transcript(tuple(map(compactor.feed, chunks)), ending or Ending(), stimulus, exchanges=exchanges)
    return [violation.rule.id for violation in judge(transcript).violations]


@pytest.mark.parametrize(
    ("offered", "told", "wanted"),
    [(SENT, OWN, []), (SENT, SENT, ["TOOL-16"]), (OWN, OWN, []), (OWN, SENT, ["TOOL-16"])],
)
def test_a_renaming_is_undone_on_the_way_back(offered, told, wanted):
    events = [META, calls(name=offered), finish("tool-calls")]
    assert found(events, [call(name=told), done("tool_calls")], REQUEST, exchanges=offering(offered)) == wanted


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
