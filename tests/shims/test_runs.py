"""How a run ends: by itself, by an abort, by what its adapter throws, and what else may happen beside it."""

import pytest

from speaking import events


@pytest.fixture(scope="module")
def lines(shim):
    return shim.lines


COUNTED = [{"type": "content", "delta": f"{number} "} for number in range(5)]


def test_an_abort_meets_the_adapter_behind_the_chunk_that_the_harness_named(lines):
    number = lines.start("count", options={"holdAfterChunks": 3})
    assert [lines.next_chunk() for _ in range(3)] == COUNTED[:3]
    lines.notify("abort", runId="r")
    notified, result = lines.until_answered(number)
    assert [one["params"]["chunk"] for one in notified] == [
        {"type": "error", "error": {"code": "ABORTED", "isController": True}}
    ]
    assert result == {"ending": "aborted", "abortedAfter": 3}


def test_an_abort_before_the_first_chunk_comes_before_the_adapter_is_asked(lines):
    number = lines.start("parts", source=events({"type": "text-delta"}), options={"holdAfterChunks": 0})
    lines.notify("abort", runId="r")
    notified, result = lines.until_answered(number)
    assert [one["method"] for one in notified] == ["modelCall"]
    assert result["error"]["name"] == "AbortError"
    assert (result["ending"], result["abortedAfter"]) == ("aborted", 0)


def test_an_abort_at_any_time_ends_the_parts_of_a_model(lines):
    many = [{"type": "text-delta", "delta": str(number)} for number in range(5)]
    number = lines.start("parts", source=events(*many), options={"holdAfterChunks": 2})
    lines.message(), lines.next_chunk(), lines.next_chunk()
    lines.notify("abort", runId="r")
    notified, result = lines.until_answered(number)
    assert notified == []
    assert result["ending"] == "aborted"


def test_an_adapter_that_never_waits_hears_of_an_abort_all_the_same(lines):
    many = [{"type": "text-delta", "delta": "x"}] * 100_000
    number = lines.start("parts", source=events(*many))
    lines.message(), lines.next_chunk()
    lines.notify("abort", runId="r")
    notified, result = lines.until_answered(number)
    assert (result["ending"], result["error"]["name"]) == ("aborted", "AbortError")
    assert result["abortedAfter"] == len(notified) + 1 < len(many)


def test_what_an_adapter_throws_at_an_abort_is_told_with_it(lines):
    number = lines.start("throwsOnAbort")
    lines.next_chunk()
    lines.notify("abort", runId="r")
    _, result = lines.until_answered(number)
    assert result["ending"] == "aborted"
    assert result["error"]["name"] == "AbortError"


def test_an_abort_behind_the_end_changes_nothing(lines):
    assert lines.run(source=events({"type": "finish"}))[1] == {"ending": "completed"}
    lines.notify("abort", runId="r")
    assert lines.run(source=events({"type": "finish"}))[1] == {"ending": "completed"}


def test_an_adapter_that_aborts_itself_was_not_aborted(lines):
    chunks, result = lines.run("abortsItself")
    assert chunks == COUNTED[:2]
    assert result == {"ending": "completed"}


def test_an_adapter_that_has_aborted_itself_can_be_aborted_still(lines):
    number = lines.start("abortsItself", options={"holdAfterChunks": 2})
    assert [lines.next_chunk(), lines.next_chunk()] == COUNTED[:2]
    lines.notify("abort", runId="r")
    assert lines.until_answered(number) == ([], {"ending": "aborted", "abortedAfter": 2})


def test_what_a_listener_of_the_abort_throws_is_its_runs(lines):
    innocent = lines.start("lateQuestion", run_id="innocent")
    lines.next_chunk()
    guilty = lines.start("throwsInAListener", run_id="guilty")
    lines.next_chunk()
    lines.notify("abort", runId="guilty")
    error = {"name": "Error", "message": "in a listener"}
    assert lines.until_answered(guilty) == ([], {"ending": "aborted", "error": error, "abortedAfter": 1})
    lines.notify("approve", runId="innocent", approvalId="approval_1", approved=True)
    assert lines.until_answered(innocent)[1] == {"ending": "completed"}


def test_each_approval_answers_the_question_that_it_names(lines):
    number = lines.start("approval")
    assert lines.next_chunk() == {"type": "approval-requested", "approval": {"id": "approval_1"}}
    lines.notify("approve", runId="r", approvalId="approval_1", approved=False)
    assert lines.next_chunk() == ["approval_1", False]
    assert lines.next_chunk() == {"type": "approval-requested", "approval": {"id": "approval_2"}}
    lines.notify("approve", runId="r", approvalId="approval_2", approved=True)
    assert lines.until_answered(number)[0][0]["params"]["chunk"] == ["approval_2", True]


def test_an_answer_may_come_before_the_question(lines):
    number = lines.start("lateQuestion")
    lines.next_chunk()
    lines.notify("approve", runId="r", approvalId="approval_1", approved=True)
    assert lines.until_answered(number)[0][0]["params"]["chunk"] is True


@pytest.mark.parametrize(
    ("thrown", "error"),
    [
        ("error", {"name": "AI_APICallError", "message": "an error", "code": "overloaded"}),
        ("null", {"name": "object", "message": "null"}),
        ("a text", {"name": "string", "message": "a text"}),
        (7, {"name": "number", "message": "7"}),
        ({"message": "an object", "code": 3}, {"name": "Object", "message": "an object", "code": "3"}),
        ("hostile", {"name": "Error", "message": "what was thrown cannot be read"}),
    ],
)
def test_whatever_an_adapter_throws_is_data(lines, thrown, error):
    assert lines.run("raises", thrown=thrown) == (COUNTED[:1], {"ending": "raised", "error": error})


@pytest.mark.parametrize(
    ("does", "name", "words"),
    [
        ("throwsAtOnce", "TypeError", "at once"),
        ("noStream", "TypeError", "iterable"),
        ("unknown", "TypeError", "not a function"),
        ("getter", "RangeError", "the getter"),
    ],
)
def test_an_adapter_that_cannot_stream_has_raised(lines, does, name, words):
    _, result = lines.run(does)
    assert (result["ending"], result["error"]["name"]) == ("raised", name)
    assert words in result["error"]["message"]


@pytest.mark.parametrize(("does", "message"), [("unhandled", "nobody waited"), ("uncaught", "in a timer")])
def test_an_error_that_nobody_caught_ends_the_run_that_threw_it_and_no_other(lines, does, message):
    innocent = lines.start("lateQuestion", run_id="innocent")
    lines.next_chunk()
    chunks, result = lines.run(does, run_id="guilty")
    assert chunks == COUNTED[:1]
    assert result == {"ending": "raised", "error": {"name": "Error", "message": message}}
    lines.notify("approve", runId="innocent", approvalId="approval_1", approved=True)
    assert lines.until_answered(innocent)[1] == {"ending": "completed"}


def test_an_error_behind_the_end_of_its_run_is_told_on_standard_error(shim):
    assert shim.lines.run("behindTheEnd")[1] == {"ending": "completed"}
    assert "behind the end" in shim.log("nobody caught")
    assert shim.lines.run(source=events())[1] == {"ending": "completed"}


def test_a_chunk_that_json_cannot_say_is_told_as_it_is(lines):
    chunks, result = lines.run("odd")
    assert result == {"ending": "completed"}
    number, undefined = {"$number": "NaN"}, {"$undefined": True}
    assert chunks == [
        {"type": "numbers", "of": [number, {"$number": "Infinity"}, {"$number": "-Infinity"}, 0, 1e21]},
        {"type": "left out", "null": None},
        {"type": "holes", "of": [undefined, undefined, None]},
        undefined,
        {
            "type": "words",
            "big": {"$notJson": "bigint"},
            "fn": {"$notJson": "function"},
            "symbol": {"$notJson": "symbol"},
            "map": {"$notJson": "Map"},
            "error": {"$notJson": "Error"},
        },
        {"type": "circle", "self": {"$notJson": "circle"}},
        {"type": "asked", "date": "1970-01-01T00:00:00.000Z", "own": "own", "boxed": "text"},
        {"type": "surrogates", "whole": "😀", "half": "\ud83d"},
        {"type": "names", "__proto__": {"a": 1}, "constructor": 2},
        "no object",
    ]


def test_a_chunk_that_nests_beyond_every_reader_is_told_to_do_so(lines):
    [chunk], result = lines.run("deep")
    depth = 0
    while chunk != {"$notJson": "depth"}:
        chunk = chunk["deep"]
        depth += 1
    assert depth == 190  # and the harness reads 200, with the message around it
    assert result == {"ending": "completed"}


def test_a_long_text_costs_its_length_and_not_its_square(lines):
    before = lines.bytes
    chunks, _ = lines.run("long", deltas=1000, by=1000)
    assert lines.bytes - before < 1_300_000  # a megabyte of text, and the frame of each chunk
    assert chunks[0] == {"type": "content", "delta": "0" * 1000, "content": "0" * 1000}
    assert chunks[1] == {"type": "content", "delta": "1" * 1000, "$contentLength": 2000}
    assert chunks[-1] == {"type": "content", "delta": "9" * 1000, "$contentLength": 1_000_000}


def test_a_long_text_that_is_not_previous_and_delta_is_sent_as_it_is(lines):
    chunks, _ = lines.run("long", deltas=10, by=300, wrongAt=6)
    full = [place for place, chunk in enumerate(chunks) if "content" in chunk]
    assert full == [0, 1, 2, 6]
    assert len(chunks[6]["content"]) == 7 * 300 - 1
    assert chunks[7]["$contentLength"] == 8 * 300 - 1


def test_runs_that_overlap_do_not_hear_each_other(lines):
    asked = {lines.start("overlapping", run_id=str(number), number=number): number for number in range(8)}
    steps = {number: [] for number in range(8)}
    places = []
    while asked:
        message = lines.message()
        if "id" in message:
            assert message["result"] == {"ending": "completed"}
            del asked[message["id"]]
        else:
            chunk = message["params"]["chunk"]
            assert message["params"]["runId"] == str(chunk["number"])
            steps[chunk["number"]].append(chunk["step"])
            places.append(chunk["number"])
    assert all(seen == list(range(20)) for seen in steps.values())
    assert places != sorted(places), "they did not overlap"
