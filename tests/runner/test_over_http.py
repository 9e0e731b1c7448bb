"""An implementation that asks the played provider by itself is judged by what the provider received."""

import httpx
import pytest

from harness.drivers.driver import Implementation
from harness.drivers.python import PythonDriver
from harness.runner import run
from harness.suite.case import Case
from harness.suite.expect import Expect

KEY = "test-key-LIVE-1234"
HI = {"id": "r", "model": "m", "choices": [{"index": 0, "delta": {"content": "Hi"}}]}
END = {"id": "r", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
WHO = {"id": "r", "model": "m", "timestamp": 1}
HELLO = [{"role": "user", "content": "Hello."}]


def case(answer, **request):
    return Case.model_validate(
        {
            "id": "http/one",
            "title": "A sentence",
            "sections": ["§8"],
            "operation": "chat",
            "profiles": ["spec"],
            "given": {"wire": "openai-chat", "answers": [answer]},
            "request": {"model": "openai/m", "messages": HELLO, "modelOptions": {"apiKey": KEY, **request}},
        }
    )


class Asks:
    """Asks in its own way, and reads the answer of a chat completion as far as it knows it."""

    def __init__(self, path="/chat/completions", method="POST", patience=20.0, text="Hi"):
        self.path, self.method, self.patience, self.text = path, method, patience, text

    async def chat_stream(self, request, source, signal):  # noqa: ARG002 - the interface's
        body = {"model": "m", "messages": request["messages"], "stream": True}
        headers = {"authorization": f"Bearer {KEY}"}
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=self.patience) as client:
                await client.request(self.method, source["baseUrl"] + self.path, json=body, headers=headers)
        except httpx.TimeoutException:
            failure = {"message": "the provider took too long", "code": "timeout"}
            yield {"type": "error", **WHO, "model": request["model"], "error": failure}
            return
        yield {"type": "content", **WHO, "delta": self.text, "content": self.text, "role": "assistant"}
        usage = dict.fromkeys(("promptTokens", "completionTokens", "totalTokens"), 0)
        yield {"type": "done", **WHO, "finishReason": "stop", "usage": usage}


class AsksAgain:
    """Asks so many times, as an SDK does that cannot be told not to, and tells the last refusal in its own words."""

    def __init__(self, times):
        self.times = times

    async def chat_stream(self, request, source, signal):  # noqa: ARG002 - the interface's
        body = {"model": "m", "messages": request["messages"], "stream": True}
        async with httpx.AsyncClient(trust_env=False, headers={"authorization": f"Bearer {KEY}"}) as client:
            for _ in range(self.times):
                answer = await client.post(source["baseUrl"] + "/chat/completions", json=body)
        failure = {"message": answer.json()["error"]["message"], "code": str(answer.status_code)}
        yield {"type": "error", **WHO, "model": request["model"], "error": failure}


def broken(implementation, asked):
    """The ids of all rules that are broken, and the result."""
    offers = Implementation("asks", frozenset({"chat"}), abortable=frozenset({"chat"}), approvable=frozenset({"chat"}))
    driver = PythonDriver(implementation, offers)
    try:
        [result] = run([asked], driver, timeout=20)
    finally:
        driver.close()
    return {violation.rule.id for violation in result.verdict.violations}, result


STREAM = {"sse": [HI, END, "[DONE]"]}


def test_who_asks_the_api_of_the_case_is_heard():
    assert broken(Asks(), case(STREAM))[0] == set()


@pytest.mark.parametrize("path", ["/foo", "/responses", "/messages", "/v1/completions"])
def test_who_asks_another_api_has_one_fault_and_not_ten(path):
    rules, result = broken(Asks(path, text="Something else"), case(STREAM))
    assert rules == {"REQ-3"}
    assert path in result.verdict.violations[0].finding.seen


@pytest.mark.parametrize("more", [{"method": "PUT"}, {"path": "/chat/completions/"}])
def test_who_asks_the_api_in_a_wrong_way_is_held_to_its_answer_all_the_same(more):
    assert broken(Asks(**more), case(STREAM))[0] == {"REQ-3"}
    assert "TEXT-4" in broken(Asks(**more, text="Ho"), case(STREAM))[0]


SLOW = {"sse": [HI, END, "[DONE]"], "headPauseMs": 5000}


def test_a_time_limit_that_was_given_explains_why_nothing_was_read():
    assert broken(Asks(patience=0.3), case(SLOW, timeout=300))[0] == set()


def test_impatience_without_a_limit_is_found():
    assert "END-12" in broken(Asks(patience=0.3), case(SLOW))[0]


def test_a_key_in_a_query_is_in_no_result():
    _, result = broken(Asks(f"/foo?key={KEY}"), case(STREAM))
    assert "LIVE" not in repr(result.answer)
    assert result.answer.requests[0].target.startswith("/foo?key=key-1")


def mismatches(result):
    return [mismatch.field for mismatch in getattr(result, "mismatches", ())]


BUSY = {"status": 503, "json": {"error": {"message": "Busy.", "type": "server_error"}}}


@pytest.mark.parametrize(("most", "times", "rules"), [(2, 3, set()), (0, 3, {"REQ-22"}), (3, 2, {"REQ-23"})])
def test_who_asks_again_gets_the_last_refusal_again_and_its_requests_are_counted(most, times, rules):
    asked = case(BUSY, maxRetries=most)
    asked = asked.model_copy(update={"expect": Expect(error={"code": "503", "message": "Busy."})})
    found, result = broken(AsksAgain(times), asked)
    assert found == rules
    assert mismatches(result) == []
    assert [request.status for request in result.answer.requests] == [503] * times


def test_the_requests_that_a_person_wrote_down_are_counted_all_the_same():
    expect = Expect.model_validate({"requests": [{"path": "/chat/completions"}] * 2})
    asked = case(BUSY, maxRetries=2).model_copy(update={"expect": expect})
    assert mismatches(broken(AsksAgain(2), asked)[1]) == []
    assert mismatches(broken(AsksAgain(3), asked)[1]) == ["requests"]
