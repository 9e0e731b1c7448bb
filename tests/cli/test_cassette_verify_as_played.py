"""``streamchunk cassette verify`` finds what `replay` would refuse, what nobody can ask, and what two would answer."""

import pytest

from tapes_by_hand import HELLO, interaction, written

SAID = '{"id":"c","model":"m","choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}'


@pytest.fixture
def problems(streamchunk, tmp_path):
    """What is wrong with a cassette of these interactions."""

    def verify(*interactions):
        path = written(tmp_path / "one.yaml", *interactions, provenance="recorded", wire="openai-chat")
        ran = streamchunk("cassette", "verify", path)
        found = [line.removeprefix(f"{path}: ") for line in ran.lines[:-1]]
        assert ran.status == bool(found)
        return found

    return verify


def test_a_good_one_is_right(problems):
    assert problems(interaction(said=SAID)) == []


@pytest.mark.parametrize("status", [204, 304])
def test_a_body_where_http_has_none_is_wrong(problems, status):
    assert problems(interaction(said=SAID, status=status)) == [
        f"interactions.0: an answer of status {status} has no body, but there are pieces"
    ]


@pytest.mark.parametrize("header", [{"a": ["b\r\nc: d"]}, {"a b": ["c"]}, {"a": ["☃"]}])
def test_a_header_that_http_does_not_have_is_wrong(problems, header):
    [problem] = problems(interaction(said=SAID, headers=header))
    assert problem.startswith("interactions.0: HTTP has no such head")


def test_a_reason_that_would_be_a_header_is_wrong(problems):
    made = interaction(said=SAID)
    made["response"]["status"]["message"] = "OK\r\nSet-Cookie: a=b"
    assert problems(made) == [
        "interactions.0.response.status.message: expected one line of Latin-1 without control characters"
    ]


@pytest.mark.parametrize("method", ["", "PO ST", "POST\r\nA: b", "GÉT"])
def test_a_method_that_nobody_can_send_is_wrong(problems, method):
    [problem] = problems(interaction(said=SAID, method=method))
    assert problem == f"interactions.0: request.method: {method!r} is no method of HTTP, so that nobody can ask it"


@pytest.mark.parametrize(
    "other",
    [
        {"asked": '{ "stream": true,\n"messages": [{"content": "Hello.", "role": "user"}], "model": "m" }'},
        {"method": "post"},
        {"uri": "https://elsewhere.example/v1/chat/%63ompletions?key=abc"},
    ],
)
def test_requests_that_mean_the_same_are_wrong(problems, other):
    same = "interactions.2: asks the same as interactions.0, so that nobody can tell them apart"
    between = interaction(HELLO | {"model": "n"}, SAID)
    assert problems(interaction(said=SAID), between, interaction(**{"said": SAID, **other})) == [same]


@pytest.mark.parametrize("key", [{"body_length": 5}, {"body_sha256": "0" * 64}])
def test_what_is_said_of_a_file_that_is_not_named_is_wrong(problems, key):
    [name] = key
    assert problems(interaction(said=SAID, **key)) == [
        f"interactions.0.streamchunk.{name}: there is no body_file that it could speak of"
    ]


def test_the_help_says_what_vcrpy_makes_of_a_body_in_a_file_of_its_own(streamchunk):
    told = " ".join(streamchunk("cassette", "verify", "--help").out.split())
    assert "A body in a file of its own is ours: vcrpy replays an empty one for it." in told
