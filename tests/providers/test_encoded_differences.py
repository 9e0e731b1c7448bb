"""The small differences of those who speak Chat Completions, each after a recording of theirs."""

import json

import pytest

from harness.providers import Labels, encoded
from parts import call, error, finish, metadata, part, reasoning, start, text

NAMED = metadata("a1", "model-7")
USAGE = {"inputTokens": 9, "outputTokens": 4, "totalTokens": 15, "reasoningTokens": 2, "cachedInputTokens": 3}
CALL = [start("abcdefgh1"), part('{"a":', "abcdefgh1"), part("1}", "abcdefgh1"), call('{"a":1}', "abcdefgh1")]
PAGE = {"type": "source", "sourceType": "url", "id": "s", "url": "https://a.example", "title": "A"}


def body(provider, *events):
    return b"".join(encoded("openai-chat", [NAMED, *events], Labels(), provider)).decode()


def chunks(provider, *events):
    lines = body(provider, *events).splitlines()
    return [json.loads(line[6:]) for line in lines if line.startswith("data: {")]


def deltas(provider, *events):
    return [choice["delta"] for chunk in chunks(provider, *events) for choice in chunk["choices"]]


def test_mistral_puts_thoughts_into_the_content_and_sends_calls_whole():
    assert deltas("mistral", reasoning("hm"), text("A"), *CALL, finish()) == [
        {"role": "assistant", "content": ""},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]},
        {"content": "A"},
        {
            "tool_calls": [
                {
                    "id": "abcdefgh1",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"a":1}'},
                    "index": 0,
                }
            ]
        },
        {"content": ""},
    ]
    assert chunks("mistral", text("A"), finish("length", USAGE))[-1]["usage"]["total_tokens"] == 15


def test_deepseek_begins_with_a_comment_and_tells_what_its_cache_hit():
    assert body("deepseek", text("A"), finish()).startswith(": keep-alive\n\ndata: {")
    last = chunks("deepseek", reasoning("hm"), finish("stop", USAGE))[-1]
    assert last["choices"][0]["finish_reason"] == "stop"
    assert (last["usage"]["prompt_cache_hit_tokens"], last["usage"]["prompt_cache_miss_tokens"]) == (3, 6)
    assert {"content": None, "reasoning_content": "hm"} in deltas("deepseek", reasoning("hm"), finish())


def test_xai_says_its_role_once_counts_reasoning_apart_and_cites_in_the_last_chunk():
    assert deltas("xai", reasoning("hm"), text("A"), finish()) == [
        {"reasoning_content": "hm", "role": "assistant"},
        {"content": "A"},
        {},
    ]
    told = chunks("xai", PAGE, text("A"), finish("stop", USAGE))
    assert told[-1]["citations"] == ["https://a.example"]
    assert all("citations" not in chunk for chunk in told[:-1])
    usage = told[-1]["usage"]
    assert usage["completion_tokens"] + usage["completion_tokens_details"]["reasoning_tokens"] == 6
    assert usage["total_tokens"] == 15


def test_perplexity_repeats_all_in_every_chunk_and_says_no_done():
    told = chunks("perplexity", PAGE, text("A"), text("B"), finish("stop", USAGE))
    assert [chunk["choices"][0]["message"]["content"] for chunk in told] == ["A", "AB", "AB"]
    assert [chunk["choices"][0]["delta"]["content"] for chunk in told] == ["A", "B", ""]
    assert [chunk["usage"]["total_tokens"] for chunk in told] == [10, 11, 15]
    assert all(chunk["citations"] == ["https://a.example"] for chunk in told)
    assert [chunk["object"] for chunk in told] == [*["chat.completion.chunk"] * 2, "chat.completion.done"]
    written = body("perplexity", text("A"), finish())
    assert "[DONE]" not in written
    assert written.count("\r\n") == written.count("\n")


def test_openrouter_comments_and_shows_thoughts_twice_and_signs_them():
    signed = {**reasoning(""), "providerMetadata": {"anthropic": {"signature": "c2ln"}}}
    assert body("openrouter", text("A"), finish()).startswith(": OPENROUTER PROCESSING\n\ndata: {")
    first, second = deltas("openrouter", reasoning("hm"), signed, finish())[:2]
    assert first["reasoning"] == first["reasoning_details"][0]["text"] == "hm"
    assert second["reasoning_details"] == [
        {"type": "reasoning.text", "signature": "c2ln", "format": "unknown", "index": 0}
    ]
    last = chunks("openrouter", text("A"), finish({"unified": "stop", "raw": "end_turn"}, USAGE))[-1]
    assert last["choices"][0]["finish_reason"] == "stop"
    assert last["choices"][0]["native_finish_reason"] == "end_turn"
    assert last["usage"]["prompt_tokens"] == 9
    failed = chunks("openrouter", text("A"), error({"message": "busy", "code": 502}))[-1]
    assert (failed["choices"], failed["error"]) == ([], {"code": 502, "message": "busy"})


@pytest.mark.parametrize("provider", ["azure", "azure-openai", "github-models"])
def test_azure_begins_with_its_filter_and_an_empty_id(provider):
    first, *rest = chunks(provider, text("A"), finish("content-filter"))
    assert (first["id"], first["model"], first["choices"]) == ("", "", [])
    assert first["prompt_filter_results"][0]["prompt_index"] == 0
    verdicts = [choice["content_filter_results"]["hate"]["filtered"] for chunk in rest for choice in chunk["choices"]]
    assert verdicts == [False, False, True]


def test_groq_counts_twice_and_names_its_error_event():
    last = chunks("groq", reasoning("hm"), finish("stop", USAGE))[-1]
    assert last["x_groq"]["usage"] == last["usage"]
    assert {"reasoning": "hm"} in deltas("groq", reasoning("hm"), finish())
    assert (
        'event: error\ndata: {"error":{"message":"no","type":"tool_use_failed","code":"tool_use_failed"}}\n\n'
        in body("groq", text("A"), error({"message": "no", "code": "tool_use_failed"}))
    )


def test_servers_that_time_themselves_say_so_beside_the_counts():
    assert chunks("cerebras", text("A"), finish("stop", USAGE))[-1]["time_info"]["created"] == Labels().created
    timings = chunks("llamacpp", text("A"), finish("stop", USAGE))[-1]["timings"]
    assert (timings["cache_n"], timings["prompt_n"], timings["predicted_n"]) == (3, 6, 4)


def test_together_repeats_the_words_as_text_and_nulls_what_a_fragment_does_not_say():
    told = chunks("togetherai", text("A"), *CALL, finish())
    assert [choice["text"] for chunk in told for choice in chunk["choices"]] == ["", "A", "", "", "", ""]
    fragment = told[3]["choices"][0]["delta"]["tool_calls"][0]
    assert (fragment["id"], fragment["function"]) == (None, {"name": None, "arguments": '{"a":'})


def test_vllm_says_thoughts_under_both_names_and_a_stop_reason():
    told = chunks("vllm", reasoning("hm"), finish())
    assert told[1]["choices"][0]["delta"] == {"reasoning": "hm", "reasoning_content": "hm"}
    assert [choice.get("stop_reason", "none") for chunk in told for choice in chunk["choices"]] == [
        "none",
        "none",
        None,
    ]


def test_cloudflare_names_no_role():
    assert deltas("cloudflare", text("A"), finish()) == [{"content": "A"}, {}]


def test_openai_has_a_null_for_counts_until_they_come_and_none_where_none_were_asked():
    counted, plain = chunks("openai", text("A"), finish()), chunks("netlify", text("A"), finish("stop", {}))
    assert [chunk["usage"] is None for chunk in counted] == [True, True, True, False]
    assert all("usage" not in chunk for chunk in plain)


def test_an_unknown_provider_is_a_compatible_server():
    assert body("nobody", reasoning("hm"), text("A"), finish()) == body("", reasoning("hm"), text("A"), finish())
