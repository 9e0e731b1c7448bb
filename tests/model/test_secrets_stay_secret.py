"""No key, no header's value, no address with its secrets and no request is ever said: by error, log, repr or trace."""

import asyncio
import json
import logging
import traceback

import pytest

from asking import DONE, HELLO, JSON, SSE, Consumer, answering, asked, heard, listening, model, said
from harness.errors import HarnessError
from harness.model.language_model import RoutedModel
from harness.model.redaction import Redaction
from harness.protocol.script import Piece, Script

KEY = "plain-words-are-a-key-too-93"
HEADER = "team-secret-of-a-header"
CALLED = "secret-of-this-one-call"
IN_ADDRESS = "p4ss-in-the-address"
PROMPT = "the patient's name is Erika Mustermann and nobody may read it in a log or in an error, wherever it went wrong"
SECRETS = (KEY, HEADER, CALLED, IN_ADDRESS)
OPTIONS = {
    "prompt": [{"role": "user", "content": [{"type": "text", "text": PROMPT}]}],
    "headers": {"x-call": CALLED},
}


def quoting(*words):
    """Give a body of an error that says everything it was told."""
    return json.dumps({"error": {"message": f"wrong: {' and '.join(words)} are not good", "type": "auth"}}).encode()


ECHOED = tuple((f"x-echo-{number}", f"so {secret}") for number, secret in enumerate(SECRETS))
"""Headers of an answer that repeat what came."""

ANSWERS = {
    "a refusal": answering(quoting(*SECRETS, PROMPT), JSON, *ECHOED, status=401),
    "a refusal in another form": answering(
        json.dumps({"detail": f"Bearer {KEY} is unknown"}).encode(), JSON, status=403
    ),
    "an error page": answering(f"<html>{KEY} {PROMPT}</html>".encode(), ("content-type", "text/html"), status=500),
    "an error that is no JSON": answering(f"{{{KEY} {PROMPT}}}".encode(), JSON, status=500),
    "a type that repeats the key": answering(b"x", ("content-type", f"x/{KEY}")),
    "an error within a success": answering(quoting(*SECRETS, PROMPT), JSON),
    "an error within a stream": answering(
        said("Hel") + b"event: error\ndata: " + quoting(*SECRETS, PROMPT) + b"\n\n", SSE
    ),
    "text that is no JSON": answering(b"data: {" + KEY.encode() + b"}\n\n", SSE),
    "no HTTP": Script(raw=f"{KEY} {HEADER} {PROMPT}\r\n\r\n".encode()),
    "a status line that repeats the key": Script(raw=f"HTTP/1.1 500 {KEY}\r\ncontent-length: 0\r\n\r\n".encode()),
    "a redirect": answering(b"", ("location", f"http://127.0.0.1:9/{KEY}?key={KEY}"), *ECHOED, status=307),
    "a broken body": Script((Piece(said("Hel")),), headers=(SSE, *ECHOED), ending="reset"),
    "a broken compression": answering(KEY.encode(), SSE, ("content-encoding", "gzip")),
    "a timeout": Script(HELLO.pieces, headers=(SSE, *ECHOED), head_pause=60),
    "a good answer": Script(HELLO.pieces, headers=(SSE, *ECHOED)),
}

ANSWERED = {"an error within a success", "an error within a stream", "text that is no JSON", "a good answer"}


def secretive(base_url, **config):
    return model(base_url, apiKey=KEY, headers={"x-team": HEADER}, **config)


def assert_nothing_told(*texts):
    for text in texts:
        for secret in SECRETS:
            assert secret not in text
            assert secret not in text.replace("\\", "")


def everything_of(error):
    """Return all that a person may see of an exception."""
    shown = [str(error), repr(error), "".join(traceback.format_exception(error)), repr(vars(error))]
    link = error
    while link is not None:
        shown.append(repr(link) + repr(link.args))
        link = link.__cause__ or link.__context__
    return shown


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("name", ANSWERS)
def test_nothing_tells_a_secret(server, caplog, capfd, name, debug):
    caplog.set_level(logging.DEBUG)
    place = server.open([ANSWERS[name]] * 2)
    base_url = place.base_url.replace("http://", f"http://someone:{IN_ADDRESS}@")
    one = secretive(base_url, timeout=300, maxRetries=1)
    answers = []

    async def run():
        answers.append(await heard(one.do_stream(OPTIONS, Consumer())))

    asyncio.run(run(), debug=debug)
    (events, error) = answers[0]
    exchange = place.exchanges()[0]
    assert exchange.header("authorization") == f"Bearer {KEY}"
    assert exchange.header("x-call") == CALLED
    assert (error is None) == (name in ANSWERED)
    logged = [record.getMessage() + str(record.args) + str(record.exc_text) for record in caplog.records]
    assert any("127.0.0.1" in line for line in logged), "the client's log was captured"
    assert_nothing_told(caplog.text, *logged, *capfd.readouterr(), repr(events), repr(one), str(one))
    assert "Mustermann" not in repr(events)
    if error is not None:
        assert_nothing_told(*everything_of(error))
        assert "Mustermann" not in str(error)
        assert "://" not in str(error)


def test_the_log_of_others_is_left_alone(server, caplog):
    import httpx

    caplog.set_level(logging.DEBUG)
    place = server.open([HELLO])
    asked(secretive(place.base_url))
    place = server.open([HELLO])
    httpx.post(f"{place.base_url}/x?key={KEY}", trust_env=False)
    assert KEY in caplog.text


def test_two_calls_at_once_keep_each_its_own_secrets(server, caplog):
    caplog.set_level(logging.DEBUG)
    keys = [f"the-secret-key-number-{number}" for number in range(10)]
    places = [server.open([answering(quoting(key), JSON, ("x-echo", key), status=400)]) for key in keys]

    async def run():
        calls = [
            heard(model(place.base_url, apiKey=key).do_stream(OPTIONS, Consumer()))
            for key, place in zip(keys, places, strict=True)
        ]
        return await asyncio.gather(*calls)

    answers = asyncio.run(run())
    for key, (_, error) in zip(keys, answers, strict=True):
        assert str(error) == "wrong: [redacted] are not good"
        assert key not in caplog.text


@pytest.mark.parametrize("secret", ["a\nhush-93", "käse-hush-93", "x\r\nevil: hush-93"])
def test_a_key_or_header_that_cannot_be_sent_is_refused_without_being_shown(secret):
    for config in ({"apiKey": secret}, {"headers": {"x-team": secret}}):
        with pytest.raises(Exception, match=r"apiKey|x-team") as caught:
            model("http://127.0.0.1:9/v1", **config)
        assert all("hush" not in shown for shown in everything_of(caught.value))


@pytest.mark.parametrize("retries", [0, 1])
def test_a_failure_to_connect_tells_nothing(caplog, retries):
    caplog.set_level(logging.DEBUG)
    with listening(backlog=None) as port:
        one = secretive(f"http://someone:{IN_ADDRESS}@127.0.0.1:{port}/{HEADER}", maxRetries=retries)
        _, error = asked(one, OPTIONS)
    assert_nothing_told(caplog.text, repr(one), *everything_of(error))


IN_PATH = "tok-of-a-gateway"


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
def test_of_a_custom_address_only_the_host_is_shown(server, caplog, level):
    caplog.set_level(level)
    path = f"/x/{IN_PATH}/t1/v1"
    place = server.open(
        [
            answering(b"", ("location", f"https://elsewhere.test{path}/y?z"), status=307),
            answering(quoting(path), JSON, status=400),
        ]
    )
    base_url = place.base_url
    for _ in range(2):
        one = model(None, url=base_url + path, apiKey="")
        _, error = asked(one)
        shown = [repr(one), caplog.text, *everything_of(error)]
        assert all(IN_PATH not in text for text in shown)
        assert all("/t1" not in text for text in (caplog.text, repr(one)))
    assert place.exchanges()[0].target == f"{path}/chat/completions"
    host = base_url.rpartition("/")[0]
    assert f"POST {host}/… " in caplog.text
    assert host in repr(one)
    assert str(error) == "wrong: /x/[redacted]/t1/v1 are not good"


def frames_of(error):
    """Return what a traceback that captures locals would show of our frames."""
    told = []
    while error is not None:
        stack = traceback.TracebackException.from_exception(error, capture_locals=True).stack
        told += [str(frame.locals) for frame in stack if "/harness/" in frame.filename]
        error = error.__cause__ or error.__context__
    return told


@pytest.mark.parametrize(
    "config",
    [
        {"apiKey": f"{KEY} {HEADER}"},
        {"apiKey": KEY, "timeout": -1},
        {"apiKey": KEY, "maxRetries": KEY},
        {"apiKey": KEY, "headers": {"x-team": f"{HEADER}\n"}},
        {"apiKey": KEY, "url": f"http://me:{IN_ADDRESS}@h:99999/"},
        [KEY],
        KEY,
    ],
)
def test_no_frame_of_a_refused_configuration_holds_a_secret(config):
    with pytest.raises(HarnessError) as caught:
        RoutedModel("openai/gpt-4o", config, environment={"OPENAI_API_KEY": CALLED})
    told = frames_of(caught.value)
    assert told
    assert_nothing_told(*told, *everything_of(caught.value))


@pytest.mark.parametrize("name", [name for name in ANSWERS if name not in ANSWERED])
def test_no_frame_of_a_failed_call_holds_a_secret(server, name):
    base_url = server.open([ANSWERS[name]]).base_url.replace("http://", f"http://someone:{IN_ADDRESS}@")
    _, error = asked(secretive(base_url, timeout=300, maxRetries=0), OPTIONS)
    assert_nothing_told(*frames_of(error))


def test_no_frame_of_options_that_cannot_be_sent_holds_a_secret():
    for options in (OPTIONS | {"tools": 5}, OPTIONS | {"headers": {"x-call": f"{CALLED}\n"}}):
        _, error = asked(secretive("http://127.0.0.1:9/v1"), options)
        told = frames_of(error)
        assert told
        assert_nothing_told(*told)


def test_a_model_that_was_never_made_has_a_repr():
    assert repr(RoutedModel.__new__(RoutedModel)) == "RoutedModel(None)"


def test_a_cookie_of_a_session_is_found_by_itself(server):
    place = server.open([answering(quoting("session-of-mine-93"), JSON, status=401)])
    _, error = asked(model(place.base_url, headers={"Cookie": "lang=en; sid=session-of-mine-93; theme=dark"}))
    assert str(error) == "wrong: [redacted] are not good"


@pytest.mark.parametrize(
    ("said_by_it", "shown"),
    [
        ("Incorrect API key provided: sk-abcd****wxyz1234.", "Incorrect API key provided: [redacted]."),
        ("Authorization: Bearer eyJhbGciOi.J9 was sent", "Authorization: [redacted] was sent"),
        ("the key AIzaSyA1234567890abcdefghij is off", "the key [redacted] is off"),
        (
            "Basic authentication is off; use Bearer authentication",
            "Basic authentication is off; use Bearer authentication",
        ),
        ("the latest test of skating", "the latest test of skating"),
    ],
)
def test_keys_that_are_not_ours_are_cut_out_by_their_form(said_by_it, shown):
    assert Redaction([]).message(said_by_it) == shown


@pytest.mark.parametrize("form", ["{}", "%22{}%22", "({})", '"{}"', "key={}&x", "/{}/"])
def test_a_secret_is_found_in_every_form(form):
    hidden = "s3cr t/with+signs\"and'more"
    redaction = Redaction([hidden])
    for quoted in (hidden, json.dumps(hidden)[1:-1], "s3cr%20t%2Fwith%2Bsigns%22and%27more"):
        assert "signs" not in redaction.text(form.format(quoted))


def test_a_quotation_of_the_request_is_cut_and_a_name_from_it_stays():
    body = json.dumps({"model": "meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8", "prompt": PROMPT}).encode()
    redaction = Redaction([], body)
    unknown = "The model `meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8` does not exist."
    assert redaction.message(unknown) == unknown
    for quoted in (PROMPT, body.decode(), PROMPT.upper()[:5] + PROMPT):
        assert "Mustermann" not in redaction.message(f"I do not like {quoted}")
    escaped = 'a "quoted" word and\na line\n' * 9
    redaction = Redaction([], json.dumps({"prompt": escaped}).encode())
    assert redaction.message(f"no: {escaped}").count("quoted") == 0


def test_a_password_of_an_address_is_found_as_the_provider_reads_it(server):
    place = server.open([answering(quoting("p@ss-w0rd-93"), JSON, status=401)])
    _, error = asked(model(None, url=place.base_url.replace("//", "//me:p%40ss-w0rd-93@"), apiKey=""))
    assert str(error) == "wrong: [redacted] are not good"


def test_events_of_an_answer_are_left_as_they_are(server):
    body = said(f"your key is {KEY}", "stop") + DONE
    events, error = asked(secretive(server.open([answering(body, SSE)]).base_url))
    assert error is None
    assert KEY in repr(events)


def test_a_models_repr_shows_where_it_asks_and_not_with_what():
    one = RoutedModel("openai/gpt-4o", {"apiKey": KEY}, environment={})
    assert "openai/gpt-4o" in repr(one)
    assert KEY not in repr(one)
