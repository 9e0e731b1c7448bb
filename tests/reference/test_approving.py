"""Whoever is asked about a call: what counts as an answer, and what becomes of a question that has none (§6.4, R27)."""

import asyncio
import warnings

import pytest

from asking import HANG, Consumer
from harness import AbortController
from harness.bundled import MastraTextAdapter
from models import STALL, Played, answer, collected, pure
from parts import call, finish, result

HELLO = {"messages": [{"role": "user", "content": "hi"}]}
DELETE = {"name": "delete", "needsApproval": True}
ASKED = ["tool_call", "approval-requested"]


def types(chunks):
    return [chunk["type"] for chunk in chunks]


def asking(approve, *events, **options):
    """Give the chunks of a response with one call that is asked about, in a real event loop, without a warning."""
    model = Played(*(events or (call('{"path":"x"}', "a", "delete"), finish("tool-calls"))))
    adapter = MastraTextAdapter(None, "a/b", model_of=lambda _: model)

    async def bounded():
        chunks = adapter.chat_stream(HELLO | {"tools": [DELETE]} | options, approve=approve)
        found = await asyncio.wait_for(collected(chunks), HANG)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}, "a task was left behind"
        return found

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = asyncio.run(bounded())
    assert model.closed == len(model.asked)
    return found


def later(said):
    async def approve(_):
        await asyncio.sleep(0)
        return said

    return approve


def at_once(said):
    return lambda _: said


def promised(said):
    def approve(_):
        future = asyncio.get_running_loop().create_future()
        future.set_result(said)
        return future

    return approve


@pytest.mark.parametrize(
    ("approved", "told"),
    [
        (True, [*ASKED, "tool_result", "done"]),
        (False, [*ASKED, "tool_result", "done"]),
        (None, [*ASKED, "done"]),
    ],
)
def test_the_consumer_has_seen_a_question_before_it_is_to_answer(approved, told):
    async def asking():
        model, seen = Played(call("{}", "a", "delete"), result(1, "a"), finish()), []

        async def approve(question):
            assert seen[-1] == question
            return approved

        async for chunk in pure(model).chat_stream(HELLO | {"tools": [DELETE]}, approve=approve):
            seen.append(chunk)  # noqa: PERF401 - `approve` looks at what was seen so far
        return types(seen), seen[-1]["finishReason"], model.closed

    assert asyncio.run(asking()) == (told, "tool_calls" if approved is None else "stop", 1)


def test_without_anybody_to_answer_the_call_is_left_to_the_consumer():
    chunks = answer(pure(Played(call("{}", "a", "delete"), finish())), HELLO | {"tools": [DELETE]})
    assert types(chunks) == [*ASKED, "done"]
    assert chunks[-1]["finishReason"] == "tool_calls"


def test_the_model_is_let_go_before_a_person_is_waited_for():
    model = Played(call("{}", "a", "delete"), finish(), STALL)

    async def approve(_):
        assert model.closed == 1
        return True

    assert types(answer(pure(model), HELLO | {"tools": [DELETE]}, approve=approve))[-1] == "done"


def test_an_abort_while_a_question_is_open_ends_in_one_error():
    async def aborting():
        signal = Consumer()

        async def unless_aborted(waiting, signal):
            waiting.close()
            await signal.wait()

        async def approve(_):
            raise AssertionError

        adapter = pure(Played(call("{}", "a", "delete"), finish()), unless_aborted=unless_aborted)
        options = HELLO | {"tools": [DELETE], "request": {"signal": signal}}
        asyncio.get_running_loop().call_later(0.01, signal.go)
        return await asyncio.wait_for(collected(adapter.chat_stream(options, approve=approve)), HANG)

    chunks = asyncio.run(aborting())
    assert types(chunks) == [*ASKED, "error"]
    assert chunks[-1]["error"]["code"] == "ABORTED"


@pytest.mark.parametrize("given", [later, at_once, promised])
@pytest.mark.parametrize(
    ("said", "told", "reason"),
    [
        (True, [*ASKED, "done"], "tool_calls"),
        (False, [*ASKED, "tool_result", "done"], "stop"),
        (None, [*ASKED, "done"], "tool_calls"),
    ],
)
def test_an_answer_may_come_at_once_later_or_be_promised(given, said, told, reason):
    chunks = asking(given(said))
    assert (types(chunks), chunks[-1]["finishReason"]) == (told, reason)


@pytest.mark.parametrize("given", [later, at_once, promised])
@pytest.mark.parametrize("said", ["no", "false", "yes", 1, 0, {"approved": False}, {"approved": True}, [], object()])
def test_only_true_allows_and_whatever_is_no_answer_ends_in_an_error_that_names_who_gave_it(given, said):
    chunks = asking(given(said), call("{}", "a", "delete"), result("gone", "a"), finish("tool-calls"))
    assert types(chunks) == [*ASKED, "error"]
    assert chunks[-1]["error"] == {
        "message": f"approve answers True, False or None, and not a {type(said).__name__}",
        "code": "INVALID_REQUEST",
    }


@pytest.mark.parametrize("approve", [5, True, "yes", {"a": True}, [later(True)]])
def test_who_cannot_be_asked_is_refused_before_anything_is_sent(approve):
    (chunk,) = asking(approve)
    assert (chunk["type"], chunk["error"]["code"]) == ("error", "INVALID_REQUEST")
    assert chunk["error"]["message"] == f"approve is a function, and not a {type(approve).__name__}"


@pytest.mark.parametrize(
    "failing",
    [lambda _: 1 / 0, lambda: True, later, promised],
    ids=["at once", "without a parameter", "what it gives is a function", "and another"],
)
def test_whoever_fails_to_answer_ends_the_stream_in_one_error(failing):
    assert types(asking(failing)) == [*ASKED, "error"]


def test_a_question_that_cannot_be_answered_ends_in_an_error_chunk():
    async def approve(_):
        raise LookupError("nobody at the desk")

    assert asking(approve)[-1]["error"] == {"message": "nobody at the desk"}


def test_a_dialog_that_was_cancelled_is_one_error_chunk_and_no_cancellation_of_ours():
    async def cancelled_inside(_):
        raise asyncio.CancelledError

    async def waits_for_what_was_cancelled(_):
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        return await future

    def promises_what_was_cancelled(_):
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        return future

    def cancelled_at_once(_):
        raise asyncio.CancelledError

    for approve in (
        cancelled_inside,
        waits_for_what_was_cancelled,
        promises_what_was_cancelled,
        cancelled_at_once,
    ):
        chunks = asking(approve)
        assert types(chunks) == [*ASKED, "error"]
        assert chunks[-1]["error"] == {"message": "approve was cancelled, and this call was not"}


def test_a_real_cancellation_passes_and_takes_the_dialog_with_it():
    async def cancelling():
        open_, gone = asyncio.Event(), []

        async def approve(_):
            open_.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                gone.append(True)
                raise

        model = Played(call("{}", "a", "delete"), finish())
        adapter = MastraTextAdapter(None, "a/b", model_of=lambda _: model)
        task = asyncio.ensure_future(
            collected(adapter.chat_stream(HELLO | {"tools": [DELETE]}, approve=approve)),
        )
        await open_.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)
        return gone, model.closed

    assert asyncio.run(asyncio.wait_for(cancelling(), HANG)) == ([True], 1)


def test_a_signal_that_cannot_be_waited_for_ends_the_stream_and_leaves_nothing_behind():
    class Broken:
        aborted = False

        def wait(self):
            raise LookupError("no such wait")

    class Sync(Broken):
        def wait(self):
            return None

    for signal in (Broken(), Sync()):
        for model in ([], [STALL]):  # it is told between two events, and in the middle of a wait
            assert types(asking(at_once(True), *model, request={"signal": signal}))[-1] == "error"


def test_whoever_aborts_instead_of_answering_ends_the_stream_as_aborted():
    for said in (True, False, None, "no"):
        controller = AbortController()

        def approve(_, controller=controller, said=said):
            controller.abort()
            return said

        chunks = asking(approve, abortController=controller)
        assert types(chunks) == [*ASKED, "error"]
        assert chunks[-1]["error"]["code"] == "ABORTED"


# -- Chunks are the consumer's (§10)


def spoiled(chunk):
    for inner in list(chunk.values()):
        if isinstance(inner, dict):
            spoiled(inner)
    chunk.clear()


def renamed(chunk):
    if "toolCallId" in chunk:
        chunk["toolCallId"] = "run-1:" + chunk["toolCallId"]
    if "approval" in chunk:
        chunk["approval"]["id"] = "other"
        chunk["input"]["path"] = "/"


@pytest.mark.parametrize("spoil", [spoiled, renamed])
@pytest.mark.parametrize("approved", [True, False, None])
def test_what_a_consumer_does_to_its_chunks_changes_nothing(spoil, approved):
    events = [call('{"path":"x"}', "a", "delete"), call('{"path":"y"}', "b", "delete"), finish("tool-calls")]

    def said(question):
        asked.append((question["toolCallId"], dict(question["input"]), question["approval"]["id"]))
        spoil(question)
        return approved

    async def collecting(adapter, spoil):
        told = []
        async for chunk in adapter.chat_stream(HELLO | {"tools": [DELETE]}, approve=said):
            told.append((chunk["type"], chunk.get("toolCallId"), chunk.get("id"), chunk.get("content")))
            spoil(chunk)
        return told

    tellings = []
    for change in (lambda _: None, spoil):
        asked = []
        adapter = MastraTextAdapter(
            None, "a/b", model_of=lambda _: Played({"type": "response-metadata", "id": "r"}, *events)
        )
        tellings.append(asyncio.run(collecting(adapter, change)))
        assert asked == [("a", {"path": "x"}, "approval_a"), ("b", {"path": "y"}, "approval_b")][: len(asked)]
        assert len(asked) == 2
    assert tellings[0] == tellings[1]


def test_what_approve_does_to_the_question_is_not_seen_by_the_consumer():
    def approve(question):
        question["input"]["path"] = "/"
        question["toolCallId"] = "z"
        return True

    assert asking(approve)[1]["input"] == {"path": "x"}
