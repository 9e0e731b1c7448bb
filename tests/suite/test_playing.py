"""The answers of a case become scripts for the played provider, and what was played becomes the source."""

import pytest

from harness.errors import FixtureError
from harness.protocol.script import Exchange, Piece, Sent
from harness.protocol.transcript import Ending
from harness.suite.case import Case
from harness.suite.playing import played_events, scripts
from harness.suite.stimulus import stimulus

HI = {"choices": [{"index": 0, "delta": {"content": "Hi"}}]}
END = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
HI_TEXT = b'data: {"choices": [{"index": 0, "delta": {"content": "Hi"}}]}\n\n'


def case(*answers, wire="openai-chat", **more):
    return Case.model_validate(
        {
            "id": "http/one",
            "title": "A sentence",
            "sections": ["§8"],
            "operation": "chat",
            "profiles": ["spec"],
            "given": {"wire": wire, "answers": list(answers)},
            "request": {"model": "openai/m"},
            **more,
        }
    )


def script(**answer):
    [made] = scripts(case(answer))
    return made


def met(*numbers):
    return [Exchange("POST", "/chat/completions", (), b"{}", 0.0, script=number) for number in numbers]


def types(events):
    return [event.get("type", "$throw") for event in events]


def test_events_of_a_stream_are_one_piece_each():
    made = script(sse=[HI, "[DONE]"])
    assert made.pieces == (Piece(HI_TEXT), Piece(b"data: [DONE]\n\n"))
    assert made.headers == (("Content-Type", "text/event-stream"),)
    assert (made.status, made.framing, made.ending) == (200, "chunked", "end")


def test_an_event_with_a_type_is_named_by_it():
    assert script(sse=[{"type": "ping"}]).pieces[0].data == b'event: ping\ndata: {"type": "ping"}\n\n'


def test_a_body_is_cut_into_so_many_bytes_with_pauses_between_them():
    made = script(text="abcde", cut=2, pauseMs=250)
    assert made.pieces == (Piece(b"ab"), Piece(b"cd", 0.25), Piece(b"e", 0.25))
    assert made.headers == ()


def test_only_so_many_bytes_of_a_body_are_sent():
    assert script(text="abcde", bytes=3).pieces == (Piece(b"abc"),)
    assert script(text="abcde", bytes=0).pieces == ()


def test_a_json_body_may_be_null():
    assert script(json=None).pieces == (Piece(b"null"),)
    assert script().pieces == ()


def test_headers_of_the_case_win():
    made = script(json={}, headers={"Content-Type": "text/html", "Retry-After": "1"})
    assert made.headers == (("Content-Type", "text/html"), ("Retry-After", "1"))


def test_a_cassette_brings_its_body_its_status_and_its_content_type():
    made = script(cassette="openai/chat-text")
    assert b"".join(piece.data for piece in made.pieces).startswith(b"data: ")
    assert dict(made.headers)["content-type"].startswith("text/event-stream")


def test_an_answer_has_one_body():
    with pytest.raises(ValueError, match="one body"):
        case({"text": "a", "json": {}})


def test_what_was_answered_last_is_the_source():
    asked = case({"status": 429, "json": {"error": {"message": "slow down"}}}, {"sse": [HI, END, "[DONE]"]})
    assert types(played_events(asked, met(0, 1))) == ["text-start", "text-delta", "text-end", "finish"]
    assert played_events(asked, met(0)) == (
        {"$throw": {"name": "APICallError", "message": "slow down", "code": "429"}},
    )


def test_who_never_asked_has_no_source():
    assert played_events(case({"sse": [HI]}), []) is None
    assert played_events(case({"sse": [HI]}), met(None)) is None


@pytest.mark.parametrize("ending", ["fin", "reset", "stall"])
def test_a_connection_that_breaks_raises_behind_what_came(ending):
    events = played_events(case({"sse": [HI], "ending": ending}), met(0))
    assert [kind for kind in types(events) if kind in {"text-delta", "finish", "$throw"}] == ["text-delta", "$throw"]


def test_of_an_answer_without_end_nobody_knows_how_much_was_read():
    assert played_events(case({"sse": [HI], "ending": "endless"}), met(0)) is None


def test_data_of_many_lines_has_as_many_data_fields():
    made = script(sse=["a\nb\n\nc", "d\r\ne\rf\u2028g"])
    assert made.pieces[0].data == b"data: a\ndata: b\ndata: \ndata: c\n\n"
    assert made.pieces[1].data == "data: d\ndata: e\ndata: f\u2028g\n\n".encode()


def test_a_type_that_fits_on_no_line_names_no_event():
    assert script(sse=[{"type": "a\nb"}]).pieces[0].data == b'data: {"type": "a\\nb"}\n\n'


@pytest.mark.parametrize("answer", [{}, {"text": "<html>busy</html>"}, {"sse": ["[DONE]"], "bytes": 3}])
def test_what_is_no_answer_raises(answer):
    assert types(played_events(case(answer), met(0))) == ["$throw"]


def test_what_is_not_http_raises():
    assert types(played_events(case({"raw": "garbage"}), met(0))) == ["$throw"]


def test_the_wire_of_a_cassette_is_its_own():
    events = played_events(case({"cassette": "anthropic/text"}), met(0))
    assert "text-delta" in types(events)


def left(sent, *, at=500.0, status=200, **more):
    """An exchange whose client went away after so many bytes, so many milliseconds after it had asked."""
    told = (Sent(1.0, sent),) if sent else ()
    return [
        Exchange(
            "POST", "/chat/completions", (), b"{}", 0.0, script=0, sent=told, closed_at=at, closed_by="client",
            status=status, **more,
        )
    ]  # fmt: skip


PAUSED = {"sse": [HI, END, "[DONE]"], "pauseMs": 5000}
FIRST = len(HI_TEXT)


def text_of(events):
    return "".join(event.get("delta", "") for event in events)


@pytest.mark.parametrize("timeout", [400, 500, 540])
def test_a_timeout_ends_the_source_where_the_client_left(timeout):
    asked = case(PAUSED, request={"model": "m", "modelOptions": {"timeout": timeout}})
    events = played_events(asked, left(FIRST))
    assert (text_of(events), types(events)[-1]) == ("Hi", "$throw")
    assert "finish" not in types(events)
    assert events[-1]["$throw"]["name"] == "TimeoutError"


def test_a_timeout_before_the_head_leaves_nothing_but_the_timeout():
    asked = case({**PAUSED, "headPauseMs": 5000}, request={"model": "m", "modelOptions": {"timeout": 400}})
    assert types(played_events(asked, left(0, status=None))) == ["$throw"]


def test_a_timeout_in_a_body_of_json_is_no_malformed_body():
    whole = {"choices": [{"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}]}
    asked = case({"json": whole, "cut": 9, "pauseMs": 500}, request={"model": "m", "modelOptions": {"timeout": 400}})
    assert types(played_events(asked, left(18))) == ["$throw"]


def test_an_abort_ends_the_source_where_the_client_left():
    asked = case(PAUSED, abort={"afterChunks": 1})
    events = played_events(asked, left(FIRST), Ending("aborted", at=480.0))
    assert text_of(events) == "Hi"
    assert not {"finish", "$throw"} & set(types(events))


def test_an_abort_before_the_head_leaves_nothing():
    asked = case({**PAUSED, "status": 500, "headPauseMs": 5000}, abort={"orAfterMs": 100})
    assert played_events(asked, left(0, status=None), Ending("aborted", at=100.0)) == ()


def test_our_own_patience_ends_the_source_too():
    events = played_events(case(PAUSED), left(FIRST), Ending("timed out"))
    assert (text_of(events), "finish" in types(events)) == ("Hi", False)


@pytest.mark.parametrize(
    ("more", "ending"),
    [
        ({}, Ending()),
        ({"request": {"model": "m", "modelOptions": {"timeout": 9000}}}, Ending()),
        ({"request": {"model": "m", "modelOptions": {"timeout": "400"}}}, Ending()),
        ({"abort": {"afterChunks": 1}}, Ending("completed")),
        ({"abort": {"afterChunks": 1}}, Ending("aborted", at=501.0)),
    ],
)
def test_who_hangs_up_early_without_a_reason_is_held_to_the_whole_answer(more, ending):
    events = played_events(case(PAUSED, **more), left(FIRST), ending)
    assert types(events)[-1] == "finish"


def test_what_was_sent_whole_is_the_source_whatever_came_then():
    events = played_events(case(PAUSED, abort={"afterChunks": 9}), met(0), Ending("aborted", at=100.0))
    assert types(events)[-1] == "finish"


def test_an_answer_that_cannot_be_decoded_is_our_fault():
    from harness.suite.stimulus import decoded

    with pytest.raises(FixtureError, match="case x: there is no wire"):
        decoded("smoke-signals", b"", "case x")


def test_the_place_of_the_played_provider_is_filled_in():
    asked = case({}, request={"model": "any/m", "modelOptions": {"url": "$baseUrl", "apiKey": "k"}})
    made = stimulus(asked, "http://127.0.0.1:9/p")
    assert made.request["modelOptions"] == {"url": "http://127.0.0.1:9/p", "apiKey": "k"}
    assert asked.request["modelOptions"]["url"] == "$baseUrl"
    assert made.base_url == "http://127.0.0.1:9/p"


def test_an_abort_and_approvals_reach_the_stimulus():
    made = stimulus(case({}, abort={"afterChunks": 2, "orAfterMs": 300}, approvals={"c": False}))
    assert (made.abort.chunks, made.abort.milliseconds) == (2, 300)
    assert made.approvals == {"c": False}
    assert made.operation == "chat"


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"operation": "transform"}, "transform is given events or a cassette"),
        ({"operation": "parseJson"}, "parseJson is given an input"),
        ({"given": {"events": []}}, "chat is given wire and answers"),
        ({"given": {"wire": "telex", "answers": [{}]}}, "there is no wire 'telex'"),
        ({"given": {"wire": "openai-chat", "answers": []}}, "at least 1"),
        ({"abort": {}}, "afterChunks"),
        ({"approvals": {"c": "yes"}}, "valid boolean"),
    ],
)
def test_a_case_whose_parts_do_not_fit_is_refused(changed, fault):
    with pytest.raises(ValueError, match=fault):
        case({}, **changed)
