"""The adapter over a model that is written by hand: what it asks, what it yields, and how it ends (§3, §6, §10)."""

import asyncio
import json

import pytest

from asking import Consumer
from harness.bundled.interruption import signal_of
from harness.errors import InputError, ModelError, NoSuchModel, StructuredOutputError
from models import STALL, Played, answer, collected, pure
from parts import call, error, finish, metadata, result, text

HELLO = {"messages": [{"role": "user", "content": "hi"}]}


def types(chunks):
    return [chunk["type"] for chunk in chunks]


def test_it_is_a_text_adapter_of_mastra():
    adapter = pure(Played())
    assert (adapter.kind, adapter.name, adapter.model) == ("text", "mastra", "openai/gpt-4o")


def test_a_repr_shows_no_key():
    shown = repr(pure(Played(), {"apiKey": "sk-secret"}))
    assert shown == "MastraTextAdapter(MastraTextProviderOptions(timeout=None, max_retries=None), 'openai/gpt-4o')"


def test_events_become_chunks_with_one_id_model_and_timestamp():
    model = Played(metadata(), text("a"), text("b"), finish())
    assert answer(pure(model), HELLO) == [
        {**one, "id": "resp_1", "model": "real-model", "timestamp": 5}
        for one in (
            {"type": "content", "delta": "a", "content": "a", "role": "assistant"},
            {"type": "content", "delta": "b", "content": "ab", "role": "assistant"},
            {
                "type": "done",
                "finishReason": "stop",
                "usage": {"promptTokens": 3, "completionTokens": 4, "totalTokens": 7},
            },
        )
    ]


@pytest.mark.parametrize(
    ("options", "model"), [({}, "openai/gpt-4o"), ({"model": "gpt-mine"}, "gpt-mine"), ({"model": ""}, "openai/gpt-4o")]
)
def test_the_model_is_the_one_that_was_asked_for_until_the_provider_names_its_own(options, model):
    (chunk,) = answer(pure(Played(finish())), HELLO | options)
    assert (chunk["model"], chunk["id"]) == (model, "id-1")


def test_the_model_is_asked_in_its_own_words_with_what_the_call_changes():
    model, configured = Played(finish()), []

    def model_of(config):
        configured.append(config.as_json())
        return model

    adapter = pure(model_of, {"apiKey": "k", "url": "https://h", "timeout": 9})
    answer(adapter, HELLO | {"maxTokens": 7, "modelOptions": {"apiKey": "mine", "seed": 1, "headers": {"a": "b"}}})
    answer(adapter, HELLO)
    assert configured == [
        {"apiKey": "mine", "url": "https://h", "timeout": 9},
        {"apiKey": "k", "url": "https://h", "timeout": 9},
    ]
    prompt = [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]
    assert [options for options, _ in model.asked] == [
        {"prompt": prompt, "maxOutputTokens": 7, "providerOptions": {"openai": {"seed": 1}}, "headers": {"a": "b"}},
        {"prompt": prompt},
    ]


def test_a_renamed_tool_comes_back_under_its_own_name():
    tools = {"tools": [{"name": "get weather", "needsApproval": True}]}
    model = Played(call(name="get_weather"), finish("tool-calls"))
    chunks = answer(pure(model), HELLO | tools)
    assert model.asked[0][0]["tools"][0]["name"] == "get_weather"
    assert chunks[0]["toolCall"]["function"]["name"] == chunks[1]["toolName"] == "get weather"


# -- Failures (§6.8, R22, ledger A12)


@pytest.mark.parametrize(
    ("failure", "seen"),
    [
        (ModelError("refused", code="401", status=401), {"message": "refused", "code": "401"}),
        (NoSuchModel("no slash", code="MODEL_NOT_FOUND"), {"message": "no slash", "code": "MODEL_NOT_FOUND"}),
        (InputError("timeout is no number"), {"message": "timeout is no number", "code": "INVALID_REQUEST"}),
        (ConnectionError("gone"), {"message": "gone"}),
        (RuntimeError(), {"message": "RuntimeError"}),
    ],
)
@pytest.mark.parametrize("where", ["making the model", "asking it", "its first event", "later"])
def test_every_failure_is_one_error_chunk(where, failure, seen):
    def raising(*_):
        raise failure

    model = Played(*([text("a")] if where == "later" else []), failure)
    if where == "asking it":
        model.do_stream = raising
    chunks = answer(pure(raising if where == "making the model" else model), HELLO)
    assert types(chunks) == (["content"] if where == "later" else []) + ["error"]
    assert chunks[-1]["error"] == seen


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (None, "options are an object"),
        ({"messages": "hi"}, "messages are a list"),
        ({"messages": [{"role": "user", "content": [{"type": "hologram"}]}]}, "'hologram'"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "data", "value": "QQ"}}]}]},
            "media type",
        ),
        (HELLO | {"tools": [{}]}, "has no name"),
        (HELLO | {"modelOptions": 3}, "modelOptions are an object"),
    ],
)
def test_options_that_cannot_be_sent_are_one_error_chunk_and_nobody_is_asked(options, message):
    model = Played(finish())
    (chunk,) = answer(pure(model), options)
    assert (chunk["type"], chunk["error"]["code"]) == ("error", "INVALID_REQUEST")
    assert message in chunk["error"]["message"]
    assert model.asked == []


def test_a_model_that_reports_an_error_or_just_stops_ends_in_an_error_chunk():
    assert answer(pure(Played(error({"message": "busy", "code": 529}))), HELLO)[-1]["error"]["code"] == "529"
    assert answer(pure(Played(text("a"))), HELLO)[-1]["error"]["code"] == "STREAM_TRUNCATED"


@pytest.mark.parametrize("passing", [asyncio.CancelledError, KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_is_not_answered_by_a_chunk(passing):
    model = Played(passing())
    with pytest.raises(passing):
        answer(pure(model), HELLO)


def test_a_configuration_with_an_unknown_name_is_refused_at_once():
    with pytest.raises(InputError, match="no option 'api_key'"):
        pure(Played(), {"api_key": "k"})


# -- Ending and closing (§6.7, R28, ledger G2)


@pytest.mark.parametrize("last", [finish(), error("boom"), ConnectionError("gone")])
def test_the_model_is_read_no_further_than_its_end_and_closed(last):
    model = Played(text("a"), last, text("b"))
    answer(pure(model), HELLO)
    assert (model.taken, model.closed) == (2, 1)


def test_a_consumer_that_breaks_off_closes_the_model():
    model = Played(text("a"), text("b"), STALL)

    async def first():
        chunks = pure(model).chat_stream(HELLO)
        await anext(chunks)
        await chunks.aclose()

    asyncio.run(first())
    assert (model.taken, model.closed) == (1, 1)


def test_nobody_is_asked_for_a_consumer_that_has_gone():
    async def gone():
        model, signal = Played(finish()), Consumer()
        signal.go()
        return model.asked, await collected(pure(model).chat_stream(HELLO | {"request": {"signal": signal}}))

    asked, (chunk,) = asyncio.run(gone())
    assert asked == []
    assert chunk["error"] == {"message": "the request was aborted", "code": "ABORTED"}


@pytest.mark.parametrize("place", [0, 1, 2])
def test_after_an_abort_comes_one_error_and_nothing_else(place):
    async def aborting():
        model, signal, seen = Played(text("a"), call(), finish("tool-calls")), Consumer(), []
        async for chunk in pure(model).chat_stream(HELLO | {"request": {"signal": signal}}):
            seen.append(chunk)
            if len(seen) == place + 1:
                signal.go()
        return types(seen), model.closed

    all_of_them = ["content", "tool_call", "done"]
    expected = all_of_them if place == 2 else [*all_of_them[: place + 1], "error"]
    assert asyncio.run(aborting()) == (expected, 1)


def test_chunks_that_were_made_together_stop_at_the_abort_too():
    async def aborting():
        model, signal, seen = Played(result(1), call(), finish()), Consumer(), []
        async for chunk in pure(model).chat_stream(HELLO | {"request": {"signal": signal}}):
            seen.append(chunk)
            signal.go()
        return types(seen)

    assert asyncio.run(aborting()) == ["tool_call", "error"]


def test_what_a_model_raises_because_of_the_abort_is_no_other_error():
    async def aborting():
        signal = Consumer()

        async def events():
            signal.go()
            raise ConnectionError("closed by the client")
            yield

        model = Played()
        model.do_stream = lambda *_: events()
        return await collected(pure(model).chat_stream(HELLO | {"request": {"signal": signal}}))

    (chunk,) = asyncio.run(aborting())
    assert chunk["error"]["code"] == "ABORTED"


@pytest.mark.parametrize("places", [["request"], ["abortController"], ["request", "abortController"]])
def test_both_places_of_a_signal_are_looked_at(places):
    async def gone():
        signals = {place: Consumer() for place in places}
        signals[places[-1]].go()
        options = HELLO | {place: {"signal": signal} for place, signal in signals.items()}
        return await collected(pure(Played(finish()), signal_of=signal_of).chat_stream(options))

    (chunk,) = asyncio.run(gone())
    assert chunk["error"]["code"] == "ABORTED"


def test_the_model_is_given_the_signal():
    async def asking():
        model, signal = Played(finish()), Consumer()
        await collected(pure(model).chat_stream(HELLO | {"abortController": {"signal": signal}}))
        return model.asked[0][1] is signal

    assert asyncio.run(asking())


# -- No state (§10)


def test_calls_that_overlap_never_mix():
    async def overlapping():
        adapter = pure(Played(text("a"), call(), text("b"), finish()))
        return await asyncio.gather(*(collected(adapter.chat_stream(HELLO)) for _ in range(20)))

    answers = asyncio.run(overlapping())
    assert len({chunks[0]["id"] for chunks in answers}) == 20
    for chunks in answers:
        assert {chunk["id"] for chunk in chunks} == {chunks[0]["id"]}
        assert [chunk["content"] for chunk in chunks if chunk["type"] == "content"] == ["a", "ab"]
        assert chunks[1]["index"] == 0


def test_what_was_ignored_is_told():
    notes = []
    answer(pure(Played({"type": "mystery"}, finish()), on_note=notes.append), HELLO | {"metadata": {"user": "u1"}})
    assert notes == [
        "metadata was not sent: it is the application's, and V2 has no place for it (ledger A5)",
        "events of the unknown type 'mystery' are ignored (R23)",
    ]


KEY = "sk-live-0123456789abcdef0123456789"


def test_a_key_that_the_model_repeats_is_not_told_in_a_note():
    notes = []
    answer(
        pure(Played({"type": f"x {KEY}"}, call("{}", KEY, KEY), call("{}", KEY, KEY), finish()), on_note=notes.append),
        HELLO,
    )
    assert len(notes) == 2
    assert KEY not in " ".join(notes)
    assert all("[redacted]" in note for note in notes)


def chained(error):
    """Give the words of an error and of all that it comes from."""
    words = []
    while error is not None:
        words += [str(error), repr(error), repr(getattr(error, "attempts", ""))]
        error = error.__cause__ or error.__context__
    return " ".join(words)


@pytest.mark.parametrize("said", [f"I was given {KEY} and no question", json.dumps({"city": [KEY]})])
def test_a_key_that_the_model_repeats_is_not_in_the_error_about_its_answer(said):
    notes = []
    adapter = pure(Played(text(said), finish()), {"maxRetries": 1}, on_note=notes.append)
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    with pytest.raises(StructuredOutputError) as caught:
        asyncio.run(adapter.structured_output({"chatOptions": HELLO, "outputSchema": schema}))
    assert KEY not in chained(caught.value) + " ".join(notes)
    assert "[redacted]" in str(caught.value)
    assert [("[redacted]" in attempt) for attempt in caught.value.attempts] == [True, True]
    assert caught.value.code in {"STRUCTURED_OUTPUT_UNPARSABLE", "STRUCTURED_OUTPUT_INVALID"}
