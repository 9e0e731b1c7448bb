"""Every kind of bad input that issue 3 names, and the cases that ask for one error with its cause.

The tables are written by hand: an item that loses its cases, or a case that asks for less, fails here by name.
"""

from __future__ import annotations

import json

import pytest

BEFORE_ANYBODY_IS_ASKED = {  # item → case → what its error must name
    "unknown provider": {
        "refusals/unknown-provider": "acme",
        "refusals/unknown-provider-of-an-object": "acme",
    },
    "missing key": {"refusals/missing-key": "key"},
    "model id without a slash": {
        "refusals/id-without-a-slash": "gpt-4o",
        "refusals/id-without-a-slash-of-an-object": "gpt-4o",
        "refusals/id-without-a-model": "openai/",
        "refusals/id-without-a-provider": "/gpt-4o",
        "refusals/empty-model": "model",
    },
    "unknown part type": {
        "refusals/unknown-part-type": "sticker",
        "converting-messages/unknown-part-type": "sticker",
        "converting-messages/unknown-part-type-of-an-assistant": "hologram",
    },
    "image without a media type": {
        "refusals/image-without-media-type": "image",
        "converting-messages/image-base64-without-media-type": "image",
    },
    "oneOf for OpenAI": {
        "refusals/one-of-for-openai": "oneOf",
        "refusals/one-of-in-an-output-schema": "oneOf",
    },
    "circular $ref": {
        "refusals/circular-reference-for-openai": "$ref",
        "refusals/circular-reference-for-google": "$ref",
        "refusals/circular-reference-in-an-output-schema": "$ref",
    },
}

BY_WHAT_THE_PROVIDER_ANSWERS = {
    "a tool's oneOf that OpenAI refuses": {"refusals/one-of-in-a-tool-for-openai": "oneOf"},
    "200 with HTML": {
        "refusals/web-page-with-status-200": "html",
        "refusals/web-page-of-an-object": "html",
    },
    "empty body": {
        "refusals/empty-body-openai-chat": "empty",
        "refusals/empty-body-openai-responses": "empty",
        "refusals/empty-body-anthropic": "empty",
        "refusals/empty-body-google": "empty",
        "refusals/empty-body-with-a-length": "empty",
        "refusals/empty-body-of-an-object": "empty",
    },
    "a body that never ends": {
        "refusals/endless-body-with-a-timeout": "TIMEOUT",
        "refusals/endless-body-of-an-object": "TIMEOUT",
        "refusals/stall-with-a-timeout": "TIMEOUT",
        "refusals/slow-head-with-a-timeout": "TIMEOUT",
    },
}

KEYS_THAT_A_PROVIDER_QUOTES = [
    "refusals/key-in-the-providers-words",
    "refusals/key-in-a-detail",
    "refusals/key-in-a-stream",
    "refusals/key-in-the-words-for-an-object",
]

STATUSES = (400, 401, 403, 404, 408, 409, 429, 500, 503, 529)
WIRES = ("openai-chat", "openai-responses", "anthropic-messages", "google-generatecontent")


def rows(*tables):
    return [
        pytest.param(id_, word, id=f"{item}: {id_}")
        for table in tables
        for item, wanted in table.items()
        for id_, word in wanted.items()
    ]


def failure(case):
    """The one error that a case asks for, as a chunk or as an exception."""
    return case["expect"]["error" if case["operation"] == "chat" else "raised"]


@pytest.mark.parametrize(("id_", "word"), rows(BEFORE_ANYBODY_IS_ASKED, BY_WHAT_THE_PROVIDER_ANSWERS))
def test_bad_input_is_one_error_that_names_its_cause(cases, id_, word):
    wanted = failure(cases[id_])
    assert word in (wanted.get("message"), wanted.get("code"))


@pytest.mark.parametrize(("id_", "word"), rows(BEFORE_ANYBODY_IS_ASKED))
def test_the_cause_that_must_be_named_stands_in_the_input(cases, id_, word):
    case = cases[id_]
    assert word.casefold() in json.dumps([case["given"], case.get("request")]).casefold()


@pytest.mark.parametrize(("id_", "word"), rows(BEFORE_ANYBODY_IS_ASKED))
def test_what_can_be_refused_at_home_is_not_sent(cases, id_, word):
    case = cases[id_]
    if "answers" in case["given"]:
        assert case["expect"]["requests"] == [], word


@pytest.mark.parametrize("id_", KEYS_THAT_A_PROVIDER_QUOTES)
def test_a_key_that_is_quoted_is_the_one_that_was_sent_and_is_not_asked_for(cases, id_):
    case = cases[id_]
    key = case["request"]["modelOptions"]["apiKey"]
    assert key in json.dumps(case["given"]["answers"])
    assert key not in json.dumps(case["expect"])
    assert failure(case)["message"]


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_of_a_refusal_is_asked_with_its_code_and_the_providers_words(cases, status):
    asked = [
        case
        for id_, case in cases.items()
        if id_.startswith("refusals/status-")
        and case["operation"] == "chat"
        and case["given"]["answers"][0].get("status") == status
        and failure(case)["code"] == str(status)
    ]
    assert any("message" in failure(case) for case in asked)
    assert all(case["request"]["modelOptions"]["maxRetries"] == 0 for case in asked)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("place", ["refusals/status-", "refusals/in-mid-stream-", "refusals/cut-in-the-text-"])
def test_every_wire_refuses_breaks_and_is_cut(cases, wire, place):
    assert [id_ for id_, case in cases.items() if id_.startswith(place) and case["given"].get("wire") == wire]
