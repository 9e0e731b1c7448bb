"""What holds for every cassette, and which kinds of answer each wire must have."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
from vcr.serialize import deserialize
from vcr.serializers import yamlserializer

from harness import providers
from harness.cassettes import cassette
from harness.model.registry import PROVIDERS

FOLDERS = {
    "openai-chat": "openai/chat-",
    "openai-responses": "openai/responses-",
    "anthropic-messages": "anthropic/",
    "google-generatecontent": "google/",
}
OF_EVERY_WIRE = [
    "text", "tool", "parallel-tools", "text-between-calls", "length", "error-in-the-stream", "cut-in-mid-event",
    "cut-in-a-character", "no-usage", "byte-order-mark", "bare-carriage-returns", "mixed-line-ends",
]  # fmt: skip
OF_ONE_WIRE = {
    "openai-chat": ["reasoning-content", "content-filter", "refusal", "http-429", "comments", "choices-null"],
    "openai-responses": ["reasoning", "content-filter", "refusal", "http-500", "unknown-events", "failed"],
    "anthropic-messages": ["thinking", "refusal", "http-529", "error-at-once", "cut-before-message-stop"],
    "google-generatecontent": ["thoughts", "safety", "prompt-blocked", "http-503", "json-array", "json-array-cut"],
}
KINDS = [
    pytest.param(wire, kind, id=f"{wire}-{kind}") for wire in FOLDERS for kind in [*OF_EVERY_WIRE, *OF_ONE_WIRE[wire]]
]
BOM = b"\xef\xbb\xbf"


def status_of(tape):
    return tape["interactions"][0]["response"]["status"]["code"]


@pytest.mark.parametrize("wire", FOLDERS)
def test_every_wire_has_cassettes_enough(cassettes, wire):
    assert len([name for name, tape in cassettes.items() if tape["wire"] == wire]) >= 8


@pytest.mark.parametrize(("wire", "kind"), KINDS)
def test_every_wire_has_each_kind_of_answer(cassettes, wire, kind):
    assert cassettes[FOLDERS[wire] + kind]["wire"] == wire


def test_a_cassette_lies_in_the_folder_of_a_provider(cassettes):
    names_of_registries = {"models-dev", "cloudflare"}  # which no model's id begins with
    assert {name.partition("/")[0] for name in cassettes} <= {*PROVIDERS} | names_of_registries


def test_every_cassette_says_where_it_is_from(cassettes):
    assert {tape["provenance"] for tape in cassettes.values()} <= {"synthetic", "recorded"}


def test_every_stream_is_asked_by_a_case_and_every_case_finds_its_cassette(cases, cassettes):
    asked = {case["given"]["cassette"] for case in cases.values() if "cassette" in case["given"]}
    assert asked == set(cassettes)


def test_a_case_of_a_cassette_expects_what_a_person_read_in_it(cases):
    for id_, case in cases.items():
        if "cassette" in case["given"]:
            assert {"text", "toolCalls", "error", "usage", "reasoning", "types", "finishReason", "id", "model"} & set(
                case["expect"]
            ), id_


def test_vcrpy_reads_every_cassette(cassette_files, bodies):
    for name, text in cassette_files.items():
        requests, responses = deserialize(text, yamlserializer)
        assert len(requests) == 1, name
        assert responses[0]["body"]["string"] == bodies[name], name


def test_the_harness_reads_the_same_bytes_as_plain_yaml(bodies):
    assert {name: cassette.load(name).body for name in cassette.names()} == bodies


def test_a_body_of_plain_lines_can_be_read_in_its_file(cassette_files, bodies):
    for name, body in bodies.items():
        if b"\0" in body or name.endswith("cut-in-a-character"):
            assert "string: !!binary" in cassette_files[name]
        elif re.search(r"[\r\ufeff\u0085\u2028\u2029]", body.decode()) or body.startswith((b"\n", b" ")):
            assert 'string: "' in cassette_files[name], name
        elif body.isascii() and b"\n" in body:
            assert "string: |" in cassette_files[name], name


def test_every_request_is_json_and_names_the_test_model(cassettes):
    for name, tape in cassettes.items():
        request = tape["interactions"][0]["request"]
        assert "test-model" in request["uri"] + str(json.loads(request["body"]).get("model")), name


def test_no_cassette_holds_a_key(cassette_files):
    secret = re.compile(r"authorization|x-api-key|x-goog-api-key|cookie|\bsk-|AIza", re.IGNORECASE)
    assert [name for name, text in cassette_files.items() if secret.search(text)] == []


def named(bodies, ending):
    found = {name: body for name, body in bodies.items() if name.rpartition("/")[2].endswith(ending)}
    assert len(found) >= 4
    return found


def test_a_byte_order_mark_is_the_first_thing_in_its_body(bodies):
    assert all(body.startswith(BOM) for body in named(bodies, "byte-order-mark").values())


def test_bare_carriage_returns_are_the_only_line_ends_of_their_body(bodies):
    assert all(b"\r\r" in body and b"\n" not in body for body in named(bodies, "bare-carriage-returns").values())


def test_mixed_line_ends_are_all_three(bodies):
    for body in named(bodies, "mixed-line-ends").values():
        assert {b"\n", b"\r", b"\r\n"} == set(re.findall(rb"\r\n|\r|\n", body))


def test_a_body_cut_in_mid_event_ends_inside_its_json(bodies):
    for body in named(bodies, "cut-in-mid-event").values():
        last = body.decode().splitlines()[-1]
        assert last.startswith("data: {")
        with pytest.raises(json.JSONDecodeError):
            json.loads(last.removeprefix("data: "))


def test_a_body_cut_in_a_character_is_not_text(bodies):
    for body in named(bodies, "cut-in-a-character").values():
        with pytest.raises(UnicodeDecodeError) as wrong:
            body.decode()
        assert wrong.value.end == len(body)


def test_gemini_streams_end_their_lines_with_crlf(bodies):
    assert b"\r\n\r\n" in bodies["google/text"]
    assert b"\n" not in bodies["google/text"].replace(b"\r\n", b"")


def test_arguments_of_parallel_tools_really_interleave(bodies):
    body = bodies[FOLDERS["openai-chat"] + "parallel-tools"]
    events = providers.decoded("openai-chat", body, providers.counted_ids("made"))
    order = [event["id"] for event in events if event["type"] == "tool-input-delta"]
    assert order.index("call_2") < len(order) - 1 - order[::-1].index("call_1")
    assert order.index("call_1") < len(order) - 1 - order[::-1].index("call_2")
    assert sum(one != other for one, other in pairwise(order)) >= 2


SEVERAL_CALLS = ("parallel-tools", "text-between-calls", "server-tool-between-calls")


def test_calls_come_one_after_the_other_on_every_other_wire(bodies, cassettes):
    """As they do in every recording: what a provider never does, no client is asked to stand."""
    seen = set()
    for name, tape in cassettes.items():
        if tape["wire"] == "openai-chat" or not name.endswith(SEVERAL_CALLS):
            continue
        events = providers.decoded(tape["wire"], bodies[name], providers.counted_ids("made"))
        told = [event["id"] for event in events if event["type"] in {"tool-input-start", "tool-input-delta"}]
        calls = dict.fromkeys(told)
        assert len(calls) >= 2, name
        assert [id_ for id_, before in zip(told, [None, *told], strict=False) if id_ != before] == list(calls), name
        seen.add(tape["wire"])
    assert len(seen) == 9
