import pytest

from harness.errors import InputError, ModelError, StructuredOutputError
from parts import call, error, finish, text

ANN = '{"name":"Ann"}'
USER = {"role": "user", "content": [{"type": "text", "text": "Who?"}]}
SYSTEM = {"role": "system", "content": "Be brief."}


class Set:
    aborted = False

    def set(self):
        self.aborted = True


def said(words):
    return [text(words), finish()]


def test_an_answer_of_no_use_is_asked_for_again_and_each_failure_is_noted(run):
    asked = run("openai/gpt-4o", said("no"), said('{"name":5}'), said(ANN))
    assert asked.answer()["data"] == {"name": "Ann"}
    assert [note.partition(":")[0] for note in asked.notes] == [
        "attempt 1 at structured output failed",
        "attempt 2 at structured output failed",
    ]


@pytest.mark.parametrize("model", ["openai/gpt-4o", "anthropic/claude-3", "ollama/llama3"])
def test_each_further_attempt_says_its_number_behind_the_callers_own_prompts(run, model):
    asked = run(model, said("no"), said("no"), said(ANN), options={"prompt": [SYSTEM, USER]})
    asked.answer()
    for number, options in enumerate(asked.asked, 1):
        *systems, user = options["prompt"]
        assert user == USER
        assert SYSTEM in systems
        texts = [message["content"] for message in systems]
        assert all(message["role"] == "system" for message in systems)
        assert len(texts) == (number > 1) + (2 if model.startswith("ollama") else 1)
        assert (f"attempt {number}" in texts[-1]) == (number > 1)


@pytest.mark.parametrize(("max_retries", "calls"), [(2, 3), (0, 1), (5, 6), (-1, 1)])
def test_there_are_no_more_attempts_than_were_allowed_and_the_last_error_knows_them_all(run, max_retries, calls):
    asked = run("openai/gpt-4o", *(said(f"no {n}") for n in range(9)), max_retries=max_retries)
    failure = asked.failure(StructuredOutputError)
    assert len(asked.asked) == len(failure.attempts) == calls
    assert len(asked.notes) == calls - 1
    assert failure.code == "STRUCTURED_OUTPUT_UNPARSABLE"
    assert f"after {calls} attempt" in str(failure)
    assert failure.attempts[-1] in str(failure)
    assert [f"It begins: no {n}" in cause for n, cause in enumerate(failure.attempts)] == [True] * calls


@pytest.mark.parametrize("given", ["2", 1.5, True, None, [], float("nan"), float("inf")])
def test_how_often_is_a_whole_number_or_nothing_is_sent(run, given):
    asked = run("openai/gpt-4o", said(ANN), max_retries=given)
    assert "maxRetries" in str(asked.failure(InputError))
    assert asked.asked == []


def test_two_further_attempts_are_made_where_nothing_is_said(run):
    asked = run("openai/gpt-4o", *[said("no")] * 9)
    asked.failure(StructuredOutputError)
    assert len(asked.asked) == 3


@pytest.mark.parametrize("words", ["validation schema", '{"name": "schema validation", "nick": 5}'])
def test_the_kind_of_a_failure_decides_and_not_the_words_in_it(run, words):
    asked = run("openai/gpt-4o", said(words), said(ANN))
    assert asked.answer()["data"] == {"name": "Ann"}


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("length", "STRUCTURED_OUTPUT_LENGTH"),
        ("max_tokens", "STRUCTURED_OUTPUT_LENGTH"),
        ({"unified": "length", "raw": "max_tokens"}, "STRUCTURED_OUTPUT_LENGTH"),
        ("content-filter", "STRUCTURED_OUTPUT_CONTENT_FILTER"),
        ("refusal", "STRUCTURED_OUTPUT_CONTENT_FILTER"),
    ],
)
@pytest.mark.parametrize("words", ['{"name":"An', ANN])  # also where it happens to parse
@pytest.mark.parametrize("model", ["openai/gpt-4o", "anthropic/claude-3", "mistral/mistral-large", "ollama/llama3"])
def test_a_cut_or_filtered_answer_is_reported_as_such_and_not_asked_for_again(run, model, words, reason, code):
    asked = run(model, [text(words), call(words, name="structured_output"), finish(reason)], said(ANN))
    failure = asked.failure(StructuredOutputError)
    assert failure.code == code
    assert "parse" not in str(failure)
    assert len(asked.asked) == len(failure.attempts) == 1


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([text(ANN)], "STREAM_TRUNCATED"),
        ([], "STREAM_TRUNCATED"),
        ([text(ANN), finish("error")], None),
        ([text(ANN), error({"message": "overloaded", "code": 529}), finish()], "529"),
        ([error("boom")], None),
        ([ModelError("refused", code="401", status=401)], "401"),
        ([text(ANN), ConnectionResetError("reset by peer")], None),
    ],
)
@pytest.mark.parametrize("model", ["openai/gpt-4o", "anthropic/claude-3", "mistral/mistral-large", "ollama/llama3"])
def test_a_failure_is_reported_as_itself_and_not_asked_for_again(run, model, events, code):
    asked = run(model, events, said(ANN))
    failure = asked.failure(ModelError)
    assert failure.code == code
    assert "parse" not in str(failure)
    assert (len(asked.asked), asked.model.closed) == (1, 1)


def test_a_failure_carries_no_secret(run):
    asked = run("openai/gpt-4o", [RuntimeError("refused: Authorization: Bearer sk-Ab12Ab12Ab12Ab12")])
    assert "Ab12" not in str(asked.failure(ModelError))


@pytest.mark.parametrize("reason", [None, "stop", "unknown", "tool-calls", {"unified": "stop"}])
def test_every_other_ending_is_an_answer(run, reason):
    assert run("openai/gpt-4o", [text(ANN), finish(reason)]).answer()["data"] == {"name": "Ann"}


def test_what_comes_behind_the_finish_changes_nothing(run):
    events = [text(ANN), finish(), error("late"), text("late")]
    assert run("openai/gpt-4o", events).answer() == {"data": {"name": "Ann"}, "rawText": ANN}


def test_nothing_is_sent_where_the_client_went_away_before(run):
    signal = Set()
    signal.set()
    asked = run("openai/gpt-4o", said(ANN), signal=signal)
    assert asked.failure(ModelError).code == "ABORTED"
    assert asked.asked == []


def test_an_abort_while_an_answer_comes_ends_as_one_and_closes_the_stream(run):
    for rest in ([text("x"), finish()], [], [ConnectionResetError()], [ModelError("closed", code="CONNECTION_FAILED")]):
        signal = Set()
        asked = run("mistral/mistral-large", [text(ANN), signal.set, *rest], said(ANN), signal=signal)
        assert asked.failure(ModelError).code == "ABORTED"
        assert (len(asked.asked), asked.model.closed) == (1, 1)


@pytest.mark.parametrize("model", ["openai/gpt-4o", "mistral/mistral-large"])
def test_an_abort_between_two_attempts_ends_as_one(run, model):
    signal = Set()
    asked = run(model, said("no"), said(ANN), signal=signal, on_note=lambda _: signal.set())
    assert asked.failure(ModelError).code == "ABORTED"
    assert len(asked.asked) == 1


def test_notes_need_nobody_to_hear_them(run):
    assert run("openai/gpt-4o", said("no"), said(ANN), on_note=None).answer()["data"] == {"name": "Ann"}


def test_an_abort_behind_the_finish_changes_nothing(run):
    signal = Set()
    asked = run("openai/gpt-4o", [text(ANN), finish(), signal.set], signal=signal)
    assert asked.answer()["data"] == {"name": "Ann"}


def test_events_of_no_known_kind_are_passed_over(run):
    odd = [None, 5, {"type": "ping"}, {"type": "text-delta", "delta": 5}, {"type": "text-delta"}]
    assert run("openai/gpt-4o", [*odd, text(ANN), finish()]).answer()["rawText"] == ANN


def test_the_halves_of_an_emoji_are_joined(run):
    events = [text('{"name":"\ud83d'), text('\ude00"}'), finish()]
    assert run("openai/gpt-4o", events).answer()["data"] == {"name": "😀"}
