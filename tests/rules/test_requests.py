"""What was said to the model, held against what the provider received (R29)."""

import pytest

from harness.protocol.messages import Answered, Call, File
from harness.protocol.script import Exchange
from harness.protocol.transcript import Ending
from requested import (
    DONE,
    ERROR,
    URL,
    answers,
    asked,
    asking,
    assistant,
    calls,
    exchange,
    found,
    rules,
    says,
    system,
    tool,
    user,
)

PNG = {"type": "image", "source": {"type": "data", "value": "AAAA"}, "metadata": {"mimeType": "image/png"}}
PAGE = {"type": "document", "source": {"type": "url", "value": "https://x.test/d"}}
WORDS = asking(says("one"), says("two", "assistant"), says("three"))


def part(text):
    return {"type": "text", "content": text}


@pytest.mark.parametrize(
    "turns",
    [
        (user("one"), assistant("two"), user("three")),
        (user("", "one"), assistant("two"), user("three"), user("")),
        (user("one\n"), assistant("two"), user("three")),
    ],
)
def test_texts_that_arrive_are_no_finding(turns):
    assert found(WORDS, exchange(asked(*turns))) == []


@pytest.mark.parametrize(
    ("turns", "path"),
    [
        ((user("one"), assistant("two")), "requests[0].turns"),
        ((user("one"), user("three")), "requests[0].turns[1]"),
        ((user("one"), assistant("two"), user("three"), user("three")), "requests[0].turns[3]"),
        ((user("one"), assistant("two"), user("three", "four")), "requests[0].turns[2]"),
        ((user("three"), assistant("two"), user("one")), "requests[0].turns[0]"),
        ((user("one"), user("two"), user("three")), "requests[0].turns[1]"),
        ((user("one"), assistant("2"), user("three")), "requests[0].turns[1]"),
        ((user("one"), assistant(""), user("three")), "requests[0].turns[2]"),
        ((), "requests[0].turns"),
    ],
    ids=["lost-at-the-end", "lost", "doubled", "invented", "reordered", "wrong-role", "changed", "empty", "all"],
)
@pytest.mark.parametrize("profile", ["spec", "tanstack"])
def test_a_text_that_does_not_arrive_is_one_finding(turns, path, profile):
    assert found(WORDS, exchange(asked(*turns)), profile=profile) == [("REQ-4", path)]


def test_parts_of_one_text_may_be_joined_with_white_space_between():
    request = asking(says([part("a"), part("b")]))
    for turns in ((user("ab"),), (user("a\n\nb"),), (user("a"), user("b"))):
        assert rules(request, exchange(asked(*turns))) == []
    assert rules(request, exchange(asked(user("ba")))) == ["REQ-4"]


def test_a_fault_that_every_try_repeats_is_one_finding():
    broken = asked(user("one"), assistant("two"))
    refused = exchange(broken, status=500)
    assert found(WORDS, refused, exchange(broken, at=900)) == [("REQ-4", "requests[0].turns")]


@pytest.mark.parametrize(
    ("prompts", "turns", "wanted"),
    [
        (["a", "b"], (system("a\nb"), user("Hi")), []),
        (["a", "b"], (system("a"), system("b"), user("Hi")), []),
        (["a", "b"], (system("b\na"), user("Hi")), ["REQ-5"]),
        (["a", "b"], (system("a"), user("Hi")), ["REQ-5"]),
        (["a"], (system("a"), system("a"), user("Hi")), ["REQ-5"]),
        ([], (system("a"), user("Hi")), ["REQ-5"]),
        ([], (user("Hi"),), []),
    ],
)
def test_system_prompts_arrive_as_the_systems(prompts, turns, wanted):
    assert rules(asking(says("Hi"), systemPrompts=prompts), exchange(asked(*turns))) == wanted


def test_a_structured_output_may_say_more_but_not_less():
    request = asking(says("one"), systemPrompts=["Be brief."], outputSchema={"type": "object"})
    more = asked(system("Be brief.", "Answer in JSON."), user("one"), user("Only JSON, please."))
    less = asked(system("Answer in JSON."), user("Only JSON, please."))
    given = {"chunks": (), "operation": "structuredOutput", "result": {"data": {}, "rawText": "{}"}}
    assert rules(request, exchange(more), **given) == []
    assert rules(request, exchange(less), **given) == ["REQ-4", "REQ-5"]


@pytest.mark.parametrize(
    ("file", "fine"),
    [
        (File("image/png", data="AAAA"), True),
        (File("IMAGE/PNG", data="AA\nAA"), True),
        (File("image/*", data="AAAA"), True),
        (File("image/jpeg", data="AAAA"), False),
        (File("audio/*", data="AAAA"), False),
        (File(None, data="AAAA"), False),
        (File("image/png", data="BBBB"), False),
        (File("image/png", url="AAAA"), False),
    ],
)
def test_data_keeps_its_content_and_its_type(file, fine):
    assert rules(asking(says([PNG])), exchange(asked(user(file)))) == ([] if fine else ["REQ-6"])


@pytest.mark.parametrize(
    ("file", "fine"),
    [
        (File(None, url="https://x.test/d"), True),
        (File("application/pdf", url="https://x.test/d"), True),
        (File(None, url="https://x.test/e"), False),
        (File("application/pdf", data="https://x.test/d"), False),
    ],
)
def test_a_url_stays_a_url(file, fine):
    assert rules(asking(says([PAGE])), exchange(asked(user(file)))) == ([] if fine else ["REQ-6"])


@pytest.mark.parametrize(("mime_type", "sent"), [("image/jpg", "image/jpeg"), ("audio/mp3", "audio/mpeg")])
def test_one_type_has_several_names(mime_type, sent):
    kind = mime_type.partition("/")[0]
    given = {"type": kind, "source": {"type": "data", "value": "AAAA"}, "metadata": {"mimeType": mime_type}}
    assert rules(asking(says([given])), exchange(asked(user(File(sent, data="AAAA"))))) == []


def test_pictures_stay_among_their_words():
    request = asking(says([part("this:"), PNG, part("and that:"), PAGE]))
    png, page = File("image/png", data="AAAA"), File(None, url="https://x.test/d")
    assert rules(request, exchange(asked(user("this:", png, "and that:", page)))) == []
    assert rules(request, exchange(asked(user("this:", "and that:", png, page)))) == ["REQ-11"]
    assert rules(request, exchange(asked(user("this:", page, "and that:", png)))) == ["REQ-6"]
    assert rules(request, exchange(asked(user("this:", png, "and that:")))) == ["REQ-6"]


LOOP = asking(
    says("Rain?"),
    says("Wait.", "assistant", toolCalls=[calls("a", '{"n":1.0}'), calls("b", "")]),
    answers("a", '{"sky":"clear"}'),
    answers("b", None),
    says("So?"),
)
A, B = Call("a", "get_weather", '{"n": 1}'), Call("b", "get_weather", "{}")
AS_A, AS_B = Answered("a", '{"sky": "clear"}'), Answered("b", "")


def loop(*middle, **more):
    return exchange(asked(user("Rain?"), *middle, user("So?")), **more)


@pytest.mark.parametrize(
    "middle",
    [
        (assistant("Wait.", A, B), tool(AS_A, AS_B)),
        (assistant(A, B, "Wait."), tool(AS_A), tool(AS_B)),
        (assistant("Wait."), assistant(A, B), tool(AS_A, AS_B)),
        (assistant("Wait.", Call("a", "get_weather", '{"n":1e0}'), Call("b", "get_weather", "")), tool(AS_A, AS_B)),
        (
            assistant("Wait.", Call("1", "get_weather", '{"n":1}'), Call("2", "get_weather", "{}")),
            tool(Answered("1", '{"sky":"clear"}'), Answered("2", "")),
        ),
        (
            assistant("Wait.", Call(None, "get_weather", '{"n":1}'), Call(None, "get_weather", "{}")),
            tool(
                Answered(None, '{"result":{"sky":"clear"}}', "get_weather"), Answered(None, '{"x":""}', "get_weather")
            ),
        ),
    ],
    ids=["one-turn", "text-last", "text-apart", "same-numbers", "renamed-ids", "without-ids"],
)
def test_a_tool_loop_that_arrives_is_no_finding(middle):
    assert rules(LOOP, loop(*middle)) == []


@pytest.mark.parametrize(
    ("middle", "wanted"),
    [
        ((assistant("Wait.", A), tool(AS_A, AS_B)), "REQ-7"),
        ((assistant("Wait.", A, A, B), tool(AS_A, AS_B)), "REQ-7"),
        ((assistant("Wait.", B, A), tool(AS_A, AS_B)), "REQ-7"),
        ((assistant("Wait.", A, Call("b", "weather", "{}")), tool(AS_A, AS_B)), "REQ-7"),
        ((assistant("Wait.", Call("a", "get_weather", '"{\\"n\\":1.0}"'), B), tool(AS_A, AS_B)), "REQ-8"),
        ((assistant("Wait.", Call("a", "get_weather", ""), B), tool(AS_A, AS_B)), "REQ-8"),
        ((assistant("Wait.", A, Call("b", "get_weather", '{"n":2}')), tool(AS_A, AS_B)), "REQ-8"),
        ((assistant("Wait.", A, B), tool(AS_A)), "REQ-9"),
        ((assistant("Wait.", A, B), tool(AS_A, AS_B, AS_B)), "REQ-9"),
        ((assistant("Wait.", A, B), tool(AS_B, AS_A)), "REQ-9"),
        ((assistant("Wait.", A, B), tool(AS_A, Answered("b", "null"))), "REQ-9"),
        ((assistant("Wait.", A, B), tool(Answered("b", '{"sky":"clear"}'), Answered("a", ""))), "REQ-10"),
        ((assistant("Wait.", A, B), tool(AS_A, Answered("c", ""))), "REQ-10"),
        ((assistant("Wait.", Call("x", "get_weather", '{"n":1}'), Call("x", "get_weather", "{}")),
          tool(Answered("x", '{"sky":"clear"}'), Answered("x", ""))), "REQ-10"),
        ((assistant("Wait.", Call(None, "get_weather", '{"n":1}'), Call(None, "get_weather", "{}")),
          tool(Answered(None, '{"sky":"clear"}', "call_1"), Answered(None, "", "get_weather"))), "REQ-10"),
        ((assistant("Wait.", A, B), tool(Answered("a", '{"sky":"clear"}', "other"), Answered("b", ""))), "REQ-10"),
        ((assistant(A), assistant(B), tool(AS_A, AS_B), assistant("Wait.")), "REQ-11"),
        ((assistant("Wait.", A), tool(AS_A), assistant(B), tool(AS_B)), "REQ-11"),
        ((assistant(A), assistant(B), assistant("Wait."), tool(AS_A, AS_B)), "REQ-11"),
    ],
)  # fmt: skip
def test_each_fault_of_a_tool_loop_is_one_finding(middle, wanted):
    assert rules(LOOP, loop(*middle)) == [wanted]


def test_results_may_stand_in_the_order_of_their_calls():
    finished = asking(*LOOP["messages"][:2], LOOP["messages"][3], LOOP["messages"][2], says("So?"))
    for results in (tool(AS_B, AS_A), tool(AS_A, AS_B)):
        assert rules(finished, loop(assistant("Wait.", A, B), results)) == []


def test_items_of_the_responses_api_need_no_common_message():
    apart = (assistant(A), assistant(B), assistant("Wait."), tool(AS_A), tool(AS_B))
    assert rules(LOOP, loop(*apart, target="/v1/responses")) == []


def test_messages_that_the_request_itself_keeps_apart_may_stay_apart():
    request = asking(says("", "assistant", toolCalls=[calls("a")]), says("Never mind.", "assistant"))
    call = Call("a", "get_weather", "{}")
    assert rules(request, exchange(asked(assistant(call), assistant("Never mind.")))) == []


def test_a_call_whose_arguments_are_no_object_may_be_sent_in_any_form():
    request = asking(says("", "assistant", toolCalls=[calls("a", "{broken")]), answers("a", "failed"))
    turns = (assistant(Call("a", "get_weather", "{}")), tool(Answered("a", "failed")))
    assert rules(request, exchange(asked(*turns))) == []


def test_content_in_parts_may_reach_the_tools_answer_as_text():
    request = asking(says("", "assistant", toolCalls=[calls("a")]), answers("a", [part("it "), part("rains")]))
    for content in ("it rains", '[{"type":"text","content":"it "},{"type":"text","content":"rains"}]'):
        turns = (assistant(Call("a", "get_weather", "{}")), tool(Answered("a", content)))
        assert rules(request, exchange(asked(*turns))) == []


STRANGE = asking(says([part("Look:"), {"type": "hologram"}]))


def test_what_cannot_be_read_is_not_asked():
    assert rules(STRANGE, chunks=(ERROR,)) == []
    assert found(STRANGE, exchange(asked(user("Look:")))) == [("REQ-2", "requests[0]")]


def with_url(request, url=URL):
    return request | {"modelOptions": {"url": url}}


@pytest.mark.parametrize(
    ("request_", "chunks", "wanted"),
    [
        (WORDS, (DONE,), ["REQ-1"]),
        (WORDS, (ERROR,), []),
        (with_url(WORDS), (ERROR,), ["REQ-1"]),
        (with_url(WORDS, "nonsense"), (ERROR,), []),
        (with_url(WORDS | {"model": "gpt-4o"}), (ERROR,), []),
        (with_url(WORDS | {"model": "/gpt-4o"}), (ERROR,), []),
        (with_url(STRANGE), (ERROR,), []),
        (with_url(asking(says([PNG | {"metadata": {}}]))), (ERROR,), []),
        (with_url(asking(says("", "assistant", toolCalls=[calls("a", "[")]))), (ERROR,), []),
        (with_url(asking(says([PNG]))), (ERROR,), ["REQ-1"]),
        (with_url(asking(says([PAGE]))), (ERROR,), []),
    ],
)
def test_a_question_is_asked_where_nothing_is_wrong_with_it(request_, chunks, wanted):
    assert rules(request_, chunks=chunks) == wanted


def test_who_goes_away_before_the_question_owes_none():
    assert rules(with_url(WORDS), chunks=(ERROR,), ending=Ending("aborted", place=0)) == []


def test_a_structured_answer_needs_a_request():
    given = {"chunks": (), "operation": "structuredOutput"}
    assert rules(WORDS, **given, result={"data": {}, "rawText": "{}"}) == ["REQ-1"]
    assert rules(WORDS, **given, ending=Ending("raised", {"message": "no"})) == []


def test_a_request_that_cannot_be_read_is_one_finding_and_nothing_else_is_asked_of_it():
    broken = Exchange("POST", "/chat/completions", (), b"[", 1, fault="the body is not JSON")
    assert found(WORDS, broken, chunks=(ERROR,)) == [("REQ-3", "requests[0]")]


def test_where_no_messages_are_known_no_conversation_is_compared():
    assert rules({"model": "openai/gpt-4o"}, exchange(asked(user("one")))) == []
