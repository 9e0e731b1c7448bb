"""What a provider sends in place of an answer, or breaks off: one failure with its cause, behind what came before."""

import json

import pytest

from asking import DONE, HELLO, JSON, KEY, SSE, answering, asked, kinds, model, refusing, said, text
from harness.protocol.script import Piece, Script

DEEP = b'{"error": ' + b"[" * 5000 + b"]" * 5000 + b"}"
HTML = b"<!DOCTYPE html><html><body>Sign in</body></html>"


def failure(server, script, **config):
    events, error = asked(model(server.open([script]).base_url, **({"maxRetries": 0} | config)))
    assert events == []
    return error


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "wrong key", "type": "auth", "code": "invalid_api_key"}}, "wrong key"),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "Overloaded"),
        ([{"error": {"code": 400, "message": "not valid", "status": "INVALID_ARGUMENT"}}], "not valid"),
        ({"error": "model not found"}, "model not found"),
        ({"detail": "Not authenticated"}, "Not authenticated"),
        ({"detail": [{"loc": ["body"], "msg": "field required"}]}, "field required"),
        ({"errors": [{"message": "no route"}]}, "no route"),
        ({"message": "slow down", "type": "x"}, "slow down"),
        ({"error": {"type": "x"}}, "the provider answered with the status 418"),
        ({"unheard": "of"}, "the provider answered with the status 418"),
    ],
)
def test_a_refusal_says_what_the_provider_said_and_its_status(server, body, message):
    error = failure(server, refusing(418, body=json.dumps(body, indent=1).encode()))
    assert (str(error), error.code, error.status) == (message, "418", 418)


@pytest.mark.parametrize(
    "body",
    [b"", HTML, DEEP, b"upstream connect error", b'{"error": {"mess'],
)
def test_a_refusal_without_words_says_its_status(server, body):
    error = failure(server, answering(body, ("content-type", "text/html"), status=502))
    assert (str(error), error.code, error.status) == ("the provider answered with the status 502", "502", 502)


def test_a_refusal_whose_body_never_ends_is_still_that_refusal(server):
    slow = Script((Piece(b'{"error": {"message": "no'),), status=403, headers=(JSON,), ending="stall")
    flood = Script((Piece(b'{"error": "' + b"x" * 9000),), status=403, headers=(JSON,), ending="endless")
    for script in (slow, flood):
        place = server.open([script])
        events, error = asked(model(place.base_url, timeout=300, maxRetries=0))
        assert (events, error.code, error.status) == ([], "403", 403)
        assert place.settled(5)
        (exchange,) = place.exchanges()
        assert exchange.closed_at - exchange.asked_at < 4000, "it was given no more than the time of the attempt"


def test_a_long_refusal_is_cut_to_one_short_line(server):
    said_by_it = failure(server, refusing(400, body=json.dumps({"error": {"message": "no \n" * 9000}}).encode()))
    assert len(str(said_by_it)) <= 501
    assert str(said_by_it).startswith("no no no")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_the_key_does_not_follow_it(server, status):
    elsewhere = server.open([HELLO])
    here = server.open(
        [answering(b"", ("location", f"{elsewhere.base_url}/chat/completions?key=abcdefgh"), status=status)]
    )
    events, error = asked(model(here.base_url))
    assert (events, error.code, error.status) == ([], str(status), status)
    assert "redirects" in str(error)
    assert elsewhere.base_url not in str(error)
    assert len(here.exchanges()) == 1
    assert elsewhere.exchanges() == ()


@pytest.mark.parametrize("status", [300, 304, 305, 399])
def test_a_status_of_the_three_hundreds_that_leads_nowhere_is_no_redirect(server, status):
    error = failure(server, Script(status=status))
    assert (str(error), error.status) == (f"the provider answered with the status {status}", status)


@pytest.mark.parametrize(
    ("media_type", "body", "named"),
    [
        ("text/html; charset=utf-8", HTML, "text/html"),
        ("text/html", said("hi", "stop") + DONE, "text/html"),
        ("image/png", b"\x89PNG\r\n", "image/png"),
        ("application/xml", b"<error/>", "application/xml"),
        ("application/json", HTML, "a web page"),
        ("text/event-stream", b"\r\n  " + HTML, "a web page"),
        ("text/plain", b"OK", "text/plain"),
        ("application/json", b"null", "application/json"),
        ("", b"hello", "without a type"),
    ],
)
def test_a_success_that_is_no_answer_is_named_by_its_type(server, media_type, body, named):
    error = failure(server, answering(body, ("content-type", media_type)))
    assert error.code == "INVALID_RESPONSE"
    assert named in str(error)


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/octet-stream", "application/x-ndjson", "Text/Event-Stream"]
)
def test_an_answer_is_read_under_any_type_that_does_not_deny_it(server, media_type):
    body = b": hello\n\n" + said("hi", "stop") + DONE
    events, error = asked(model(server.open([answering(body, ("content-type", media_type))]).base_url))
    assert (text(events), error) == ("hi", None)


def test_the_first_bytes_are_judged_however_they_are_cut(server):
    pieces = tuple(Piece(bytes([byte]), 0.001) for byte in b"\xef\xbb\xbf\n" + said("hi", "stop") + DONE)
    events, error = asked(model(server.open([Script(pieces, headers=(("content-type", "text/plain"),))]).base_url))
    assert (text(events), error) == ("hi", None)


@pytest.mark.parametrize("body", [b"", b" \r\n\n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("header", [SSE, JSON])
def test_a_success_without_a_body_is_empty(server, body, header):
    error = failure(server, answering(body, header))
    assert (error.code, str(error)) == ("EMPTY_RESPONSE", "the provider's answer is empty (status 200)")


def test_the_status_no_content_is_empty(server):
    assert failure(server, Script(status=204)).code == "EMPTY_RESPONSE"


def test_a_success_that_holds_an_error_of_absurd_depth_is_an_error(server):
    body = b'{"error": {"details": ' + b"[" * 5000 + b"]" * 5000 + b"}}"
    events, error = asked(model(server.open([answering(body, JSON)]).base_url))
    assert (kinds(events), error) == (["error"], None)


def test_a_success_that_holds_an_error_is_the_decoders_event(server):
    body = b'{"error": {"message": "no credits", "code": 402}}'
    events, error = asked(model(server.open([answering(body, JSON)]).base_url))
    assert error is None
    assert events == [{"type": "error", "error": {"message": "no credits", "code": 402}}]


@pytest.mark.parametrize("ending", ["fin", "reset"])
@pytest.mark.parametrize("framing", ["chunked", "length"])
def test_a_body_that_is_cut_gives_what_came_and_then_its_failure(server, ending, framing):
    cut = Script((Piece(said("Hel")), Piece(said("lo"))), headers=(SSE,), framing=framing, ending=ending)
    place = server.open([cut, HELLO])
    events, error = asked(model(place.base_url))
    assert text(events) == "Hello"
    assert "finish" not in kinds(events)
    assert error.code == "STREAM_TRUNCATED"
    assert "was cut" in str(error)
    assert len(place.exchanges()) == 1, "an answer that has begun is not asked for again"


def test_a_cut_behind_the_end_of_the_answer_loses_nothing(server):
    cut = Script((Piece(said("Hello", "stop")),), headers=(SSE,), ending="fin")
    events, error = asked(model(server.open([cut]).base_url))
    assert (kinds(events)[-1], error) == ("finish", None)


def test_a_stream_that_ends_cleanly_without_its_completion_has_no_finish(server):
    events, error = asked(model(server.open([answering(said("Hel"), SSE)]).base_url))
    assert (text(events), error) == ("Hel", None)
    assert "finish" not in kinds(events)


def test_a_body_that_breaks_the_rules_of_http_is_a_failure_behind_what_came(server):
    begin = said("Hel")
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    raw = head + b"%x\r\n%s\r\nthis is no length\r\n" % (len(begin), begin)
    events, error = asked(model(server.open([Script(raw=raw)]).base_url))
    assert text(events) == "Hel"
    assert (error.code, "rules of HTTP" in str(error)) == ("INVALID_RESPONSE", True)


def test_a_body_that_never_ends_ends_with_the_time_of_the_attempt(server):
    for ending in ("stall", "endless"):
        place = server.open([Script((Piece(said("a"), 0.01),), headers=(SSE,), ending=ending), HELLO])
        events, error = asked(model(place.base_url, timeout=300))
        assert set(text(events)) == {"a"}
        assert (error.code, "within 0.3 s" in str(error)) == ("TIMEOUT", True)
        assert len(place.exchanges()) == 1
        assert place.settled(5)
        assert place.exchanges()[0].closed_by == "client"


def test_an_answer_that_is_complete_did_not_fail_where_the_provider_stays_silent_behind_it(server):
    silent = Script((Piece(said("Hello", "stop")),), headers=(SSE,), ending="stall")
    events, error = asked(model(server.open([silent]).base_url, timeout=300))
    assert (kinds(events)[-1], error) == ("finish", None)


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x1c", "\x0b"])
def test_what_other_readers_take_for_a_line_end_stays_in_the_text(server, separator):
    words = f"one{separator}two"
    body = json.dumps({"id": "c", "choices": [{"index": 0, "delta": {"content": words}}]}, ensure_ascii=False)
    script = answering(f"data: {body}\n\n".encode() + said("", "stop") + DONE, SSE)
    assert text(asked(model(server.open([script]).base_url))[0]) == words


def test_a_refusal_that_quotes_the_request_is_cut_there(server):
    place = server.open([refusing(400), refusing(400)])
    asked(model(place.base_url))
    echo = place.exchanges()[0].body.decode()
    place = server.open([refusing(400, body=json.dumps({"error": {"message": f"cannot read {echo}"}}).encode())])
    _, error = asked(model(place.base_url))
    assert str(error).startswith("cannot read")
    assert "Say hello" not in str(error)
    assert KEY not in str(error)
