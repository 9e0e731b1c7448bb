import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reference.failures import UNNAMED, Failure, failure_of


class Coded(Exception):
    def __init__(self, message, **attributes):
        super().__init__(message)
        vars(self).update(attributes)


class Mute(Exception):
    def __str__(self):
        raise RuntimeError

    @property
    def code(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        ("boom", Failure("boom")),
        (" boom \n", Failure("boom")),
        ({"message": "boom"}, Failure("boom")),
        ({"message": "boom", "type": "server_error", "code": None}, Failure("boom", "server_error")),
        ({"message": "boom", "type": "server_error", "code": "overloaded"}, Failure("boom", "overloaded")),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "b"}}, Failure("b", "overloaded_error")),
        (
            {"type": "response.failed", "response": {"error": {"code": "rate_limit_exceeded", "message": "slow"}}},
            Failure("slow", "rate_limit_exceeded"),
        ),
        ({"type": "overloaded_error", "message": "Overloaded"}, Failure("Overloaded", "overloaded_error")),
        ({"code": 502, "message": "Bad gateway"}, Failure("Bad gateway", "502")),
        ({"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}, Failure("busy", "503")),
        ({"name": "AI_APICallError", "message": "no", "statusCode": 401, "data": {"x": 1}}, Failure("no", "401")),
        ({"message": "no", "statusCode": 529, "isRetryable": True, "type": "overloaded"}, Failure("no", "529")),
        ({"error": "plain"}, Failure("plain")),
        ({"detail": [{"msg": "field required", "type": "missing"}]}, Failure("field required", "missing")),
        ([{"error": {"message": "in a list", "code": 400}}], Failure("in a list", "400")),
        ({"message": "", "error": {"message": "inside"}}, Failure("inside")),
        ({"message": {"message": "odd"}}, Failure(UNNAMED)),
        (ValueError("terminated"), Failure("terminated")),
        (TimeoutError(), Failure("TimeoutError")),
        (Coded("reset", code="ECONNRESET"), Failure("reset", "ECONNRESET")),
        (Coded("denied", status_code=401), Failure("denied", "401")),
        (Mute(), Failure("Mute")),
    ],
)
def test_every_shape_of_an_error_gives_its_message_and_code(error, failure):
    assert failure_of(error) == failure


@pytest.mark.parametrize(
    "error",
    [
        None,
        "",
        "undefined",
        "[object Object]",
        "Error: [object Object]",
        "Error",
        7,
        {},
        [],
        {"message": "undefined"},
        {"message": None},
    ],
)
def test_an_error_without_words_is_still_readable(error):
    assert failure_of(error) == Failure(UNNAMED)


@pytest.mark.parametrize("code", ["undefined", "null", "error", "[object Object]", "", None, True, {}, 5.5])
def test_a_code_that_says_nothing_is_absent(code):
    assert failure_of({"message": "boom", "code": code}).code is None


@pytest.mark.parametrize(
    "message",
    [
        "Incorrect API key provided: sk-proj-Ab12Ab12Ab12Ab12.",
        "401 for Authorization: Bearer SECRETAb12Ab12Ab12",
        "https://host/v1beta/models?key=AIzaSyAb12Ab12Ab12Ab12Ab12Ab12",
        'refused: {"x-api-key": "Ab12Ab12Ab12"}',
        "headers were authorization: Basic Ab12Ab12=, host: here",
        "sk_live_Ab12Ab12Ab12Ab12Ab12 was refused",
        "wrong password: hunter2Ab12",
        'Type validation failed: Value: {"prompt": "Ab12 of the user"}.\nError message: []',
        "JSON parsing failed: Text: <html>Ab12</html>",
        'rejected; requestBodyValues: {"messages": "Ab12"}',
    ],
)  # fmt: skip
def test_a_message_carries_neither_keys_nor_bodies(message):
    said = failure_of({"message": message}).message
    assert "Ab12" not in said
    assert len(said) > 5


def test_an_error_object_is_never_poured_out():
    error = {"message": "no", "requestBodyValues": {"p": "Ab12"}, "responseHeaders": {"x": "Ab12"}, "url": "Ab12"}
    assert failure_of(error) == Failure("no")


def test_ordinary_words_about_keys_are_left_alone():
    for message in (
        "API key is missing",
        "The value: 5 is out of range",
        "Text: too long",
        'Value: "x" is not allowed',
        "no such key: temperature",
    ):
        assert failure_of(message).message == message


def test_a_page_instead_of_a_message_is_cut():
    assert len(failure_of("x" * 100_000).message) == 1001


def test_endless_wrapping_ends():
    error = {"message": "deep"}
    for _ in range(100_000):
        error = {"error": error}
    assert failure_of(error) == Failure(UNNAMED)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["message", "error", "code", "status", "data", "x"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(JSON)
def test_no_error_makes_it_raise_or_say_nothing(error):
    failure = failure_of(error)
    assert failure.message.strip() not in {"", "undefined", "[object Object]"}
    assert failure.code != ""
