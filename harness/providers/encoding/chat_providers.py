"""How each provider of the wire ``openai-chat`` differs: a row for each, in the order of its own keys.

Above each row stands the recording, below ``recordings/PROVIDER/openai-chat``, that shows it; where the recordings of
one provider differ among themselves, a newer one is followed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from harness.providers.encoding.chat_habits import CHUNK, CITED, COMPATIBLE, COUNTS, FUNCTION, NAMED, Habits, shape
from harness.providers.encoding.shapes import Blank

_FINGERPRINT = shape(system_fingerprint="fp_0123456789")
_PREDICTED = shape(accepted_prediction_tokens=0, rejected_prediction_tokens=0)
_CACHED = shape(cached_tokens=Blank.CACHED)
_THOUGHT = shape(reasoning_tokens=Blank.REASONING)
_SUM_SECOND = shape(prompt_tokens=Blank.PROMPT, total_tokens=Blank.TOTAL, completion_tokens=Blank.COMPLETION)
_FAILURE = shape(message=Blank.MESSAGE, type=Blank.CODE, param=None, code=Blank.CODE)
_MORE = shape(index=Blank.INDEX, function=shape(arguments=Blank.ARGUMENTS))

# OpenAI itself: maruel-genai--openaichat-gpt-5.6-luna_thinking--GenStream-JSON
_OPENAI = Habits(
    chunk=shape(**NAMED, service_tier="default", **_FINGERPRINT, choices=Blank.CHOICES, usage=Blank.USAGE_OR_NULL),
    opening=shape(role="assistant", content="", refusal=None),
    reasoning=None,
    usage=shape(
        **COUNTS,
        prompt_tokens_details=shape(**_CACHED, audio_tokens=0),
        completion_tokens_details=shape(**_THOUGHT, audio_tokens=0, **_PREDICTED),
    ),
)

# mistral: pydantic-ai--models-test_mistral--test_mistral_model_thinking_part_iter (thoughts are parts of the content),
# ruby_llm--chat_function_calling_mistral_…_multi-turn_streaming_conversations--i0 (whole calls with short ids, counts)
_MISTRAL = Habits(
    reasoning=shape(content=(shape(type="thinking", thinking=(shape(type="text", text=Blank.WORDS),)),)),
    call=shape(tool_calls=(shape(id=Blank.CALL_ID, type="function", function=FUNCTION, index=Blank.INDEX),)),
    more=None,
    closing=shape(content=""),
    usage=shape(**_SUM_SECOND, prompt_tokens_details=_CACHED),
    usage_stands="beside",
    error=shape(object="error", **_FAILURE),
    reasons=frozenset({"model_length"}),
    call_id=re.compile("[A-Za-z0-9]{9}"),
)

# deepseek: chatlas--test_provider_deepseek--test_deepseek_tool_variations--i0 (the comments only in DeepSeek's guide)
_DEEPSEEK = Habits(
    chunk=shape(**NAMED, **_FINGERPRINT, choices=Blank.CHOICES, usage=Blank.USAGE_OR_NULL),
    choice=shape(index=0, delta=Blank.DELTA, logprobs=None, finish_reason=Blank.REASON_OR_NULL),
    reasoning=shape(content=None, reasoning_content=Blank.WORDS),
    closing=shape(content=""),
    usage=shape(
        **COUNTS,
        prompt_tokens_details=_CACHED,
        completion_tokens_details=_THOUGHT,
        prompt_cache_hit_tokens=Blank.CACHED,
        prompt_cache_miss_tokens=Blank.UNCACHED,
    ),
    usage_stands="beside",
    reasons=frozenset({"insufficient_system_resource"}),
    before=(": keep-alive",),
)

# xai: fantasy--TestOpenAICompatibleThinking-xai-grok-3-mini--thinking-streaming--i1 (the role in the first delta),
# fantasy--TestOpenAICompatibleCommon-xai-grok-4-fast--tool_streaming--i0 (a whole call),
# req_llm--xai-grok_3_mini_fast_latest--streaming (reasoning is counted beside the completion)
_XAI = Habits(
    chunk=shape(**NAMED, choices=Blank.CHOICES, usage=Blank.USAGE, citations=Blank.CITATIONS, **_FINGERPRINT),
    choice=shape(index=0, delta=Blank.DELTA, finish_reason=Blank.REASON),
    opening=None,
    text=shape(content=Blank.WORDS, role=Blank.ROLE),
    reasoning=shape(reasoning_content=Blank.WORDS, role=Blank.ROLE),
    call=shape(
        role=Blank.ROLE, tool_calls=(shape(id=Blank.CALL_ID, function=FUNCTION, index=Blank.INDEX, type="function"),)
    ),
    more=None,
    usage=shape(
        **COUNTS,
        prompt_tokens_details=shape(text_tokens=Blank.PROMPT, audio_tokens=0, image_tokens=0, **_CACHED),
        completion_tokens_details=shape(**_THOUGHT, audio_tokens=0, **_PREDICTED),
        num_sources_used=0,
    ),
    lists_citations=True,
)

# Perplexity, all in every chunk: ruby_llm--chat_streaming_responses_perplexity_sonar_supports_streaming_responses
_PERPLEXITY = Habits(
    chunk=shape(
        id=Blank.ID, model=Blank.MODEL, created=Blank.CREATED, usage=Blank.USAGE, citations=Blank.CITATIONS,
        search_results=Blank.SEARCH_RESULTS, object=Blank.OBJECT, choices=Blank.CHOICES,
    ),
    choice=shape(
        index=0, message=shape(role="assistant", content=Blank.SAID), delta=Blank.DELTA, finish_reason=Blank.REASON
    ),
    opening=None,
    text=shape(role="assistant", content=Blank.WORDS),
    reasoning=None,
    call=None,
    closing=shape(role="assistant", content=""),
    usage=shape(**COUNTS, search_context_size="low"),
    usage_stands="beside",
    error=shape(error=shape(message=Blank.MESSAGE, type=Blank.CODE, code=Blank.NUMBER_OR_CODE)),
    repeats=True,
    lists_citations=True,
    no_reason="unknown",
    closing_object="chat.completion.done",
    says_done=False,
    line_end=b"\r\n",
)  # fmt: skip

# openrouter: ruby_llm--chat_openrouter_reasoning_details_round-trip_accumulates_…--i0 (thoughts, a call),
# and pydantic-ai--models-test_openrouter--test_openrouter_web_search_annotations_stream (sources),
# maruel-genai--qwen-qwen3.5-122b-a10b_thinking--GenStream-JSONSchema (the error)
_SILENT = shape(content="", role="assistant")
_DETAIL = shape(type="reasoning.text", text=Blank.WORDS, signature=Blank.SIGNATURE, format="unknown", index=0)
_OPENROUTER = Habits(
    chunk=shape(**NAMED, provider="OpenAI", choices=Blank.CHOICES, usage=Blank.USAGE),
    choice=shape(
        index=0, delta=Blank.DELTA, finish_reason=Blank.REASON_OR_NULL, native_finish_reason=Blank.NATIVE_REASON_OR_NULL
    ),
    opening=None,
    text=shape(content=Blank.WORDS, role="assistant"),
    reasoning=shape(**_SILENT, reasoning=Blank.WORDS, reasoning_details=(_DETAIL,)),
    signature=shape(**_SILENT, reasoning_details=(_DETAIL,)),
    call=shape(
        content=None, role="assistant",
        tool_calls=(shape(index=Blank.INDEX, id=Blank.CALL_ID, type="function", function=FUNCTION),),
    ),
    more=shape(content=None, role="assistant", tool_calls=(_MORE,)),
    closing=_SILENT,
    cited=shape(**_SILENT, annotations=(CITED,)),
    usage=shape(
        **COUNTS,
        cost=0,
        is_byok=False,
        prompt_tokens_details=shape(**_CACHED, audio_tokens=0),
        cost_details=shape(upstream_inference_cost=None),
        completion_tokens_details=shape(**_THOUGHT, image_tokens=0),
    ),
    repeats_choice=True,
    error=shape(**NAMED, provider="OpenAI", choices=(), error=shape(code=Blank.NUMBER_OR_CODE, message=Blank.MESSAGE)),
    before=(": OPENROUTER PROCESSING",),
)  # fmt: skip

# azure: ruby_llm--chat_with_extended_thinking_azure_gpt-5-nano_streams_thinking_content_when_available,
# openllmetry--opentelemetry-instrumentation-openai-test_azure--test_chat_async_streaming--i1 (what the filter says);
# a call: github-copilot's rust-genai--github_copilot-tool_stream--response_000, which is served by Azure
_CLEAN = shape(filtered=False, severity="safe")
_VERDICTS = shape(self_harm=_CLEAN, sexual=_CLEAN, violence=_CLEAN)
_AZURE = Habits(
    chunk=shape(
        choices=Blank.CHOICES, created=Blank.CREATED, id=Blank.ID, model=Blank.MODEL, object=CHUNK,
        service_tier="default", **_FINGERPRINT, usage=Blank.USAGE_OR_NULL,
    ),
    choice=shape(
        content_filter_results=shape(hate=shape(filtered=Blank.FILTERED, severity=Blank.SEVERITY), **_VERDICTS),
        delta=Blank.DELTA, finish_reason=Blank.REASON_OR_NULL, index=0, logprobs=None,
    ),
    opening=shape(content="", refusal=None, role="assistant"),
    reasoning=None,
    call=shape(
        tool_calls=(
            shape(
                function=shape(arguments=Blank.ARGUMENTS, name=Blank.NAME), id=Blank.CALL_ID, index=Blank.INDEX,
                type="function",
            ),
        )
    ),
    more=shape(tool_calls=(shape(function=shape(arguments=Blank.ARGUMENTS), index=Blank.INDEX),)),
    usage=shape(
        completion_tokens=Blank.COMPLETION,
        completion_tokens_details=shape(
            accepted_prediction_tokens=0, audio_tokens=0, **_THOUGHT, rejected_prediction_tokens=0
        ),
        prompt_tokens=Blank.PROMPT,
        prompt_tokens_details=shape(audio_tokens=0, **_CACHED),
        total_tokens=Blank.TOTAL,
    ),
    before=(
        shape(
            choices=(), created=0, id="", model="", object="",
            prompt_filter_results=(
                shape(
                    prompt_index=0,
                    content_filter_results=shape(
                        hate=_CLEAN, jailbreak=shape(detected=False, filtered=False), **_VERDICTS
                    ),
                ),
            ),
        ),
    ),
)  # fmt: skip

# groq: pydantic-ai--models-test_groq--test_tool_use_failed_error_streaming--i1 (thoughts, a whole call, counts),
# and the same --i0 (the error)
_TIMED = shape(
    queue_time=0.01, prompt_tokens=Blank.PROMPT, prompt_time=0.01, completion_tokens=Blank.COMPLETION,
    completion_time=0.1, total_tokens=Blank.TOTAL, total_time=0.11, prompt_tokens_details=Blank.PROMPT_DETAILS,
    completion_tokens_details=_THOUGHT,
)  # fmt: skip
_GROQ = Habits(
    chunk=shape(**NAMED, **_FINGERPRINT, choices=Blank.CHOICES, x_groq=Blank.BESIDE_USAGE, usage=Blank.USAGE),
    choice=shape(index=0, delta=Blank.DELTA, logprobs=None, finish_reason=Blank.REASON_OR_NULL),
    reasoning=shape(reasoning=Blank.WORDS),
    call=shape(tool_calls=(shape(id=Blank.CALL_ID, type="function", function=FUNCTION, index=Blank.INDEX),)),
    more=None,
    usage=_TIMED,
    usage_stands="beside",
    beside_usage=shape(id="req_0123456789", usage=_TIMED),
    error=shape(error=shape(message=Blank.MESSAGE, type=Blank.CODE, code=Blank.CODE)),
    error_name="error",
)

# cerebras: maruel-genai--cerebras-gpt-oss-120b_thinking--GenStream-JSON, maruel-genai--cerebras-gemma-4-31b--GenStream-
# Tools-ToolBias-USA (whole calls); its errors are flat
_CEREBRAS = Habits(
    chunk=shape(
        id=Blank.ID, choices=Blank.CHOICES, created=Blank.CREATED, model=Blank.MODEL, **_FINGERPRINT, object=CHUNK,
        usage=Blank.USAGE, time_info=Blank.BESIDE_USAGE,
    ),
    choice=shape(delta=Blank.DELTA, finish_reason=Blank.REASON, index=0),
    opening=shape(role="assistant"),
    reasoning=shape(reasoning=Blank.WORDS),
    call=shape(tool_calls=(shape(function=FUNCTION, type="function", id=Blank.CALL_ID, index=Blank.INDEX),)),
    more=None,
    usage=shape(
        total_tokens=Blank.TOTAL,
        completion_tokens=Blank.COMPLETION,
        completion_tokens_details=shape(**_PREDICTED, **_THOUGHT),
        prompt_tokens=Blank.PROMPT,
        prompt_tokens_details=_CACHED,
    ),
    usage_stands="beside",
    beside_usage=shape(
        created=Blank.CREATED, queue_time=0.01, prompt_time=0.01, completion_time=0.1, total_time=0.12
    ),
    error=_FAILURE,
)  # fmt: skip

# Together AI: maruel-genai--deepseek-ai-DeepSeek-V4-Pro_thinking--GenStream-Tools-ToolBias-Canada, in its folder
_TOKEN = shape(token_id=None, role="assistant")
_TOGETHER = Habits(
    chunk=shape(
        id=Blank.ID, object=CHUNK, created=Blank.CREATED, choices=Blank.CHOICES, model=Blank.MODEL,
        usage=Blank.USAGE_OR_NULL,
    ),
    choice=shape(index=0, text=Blank.TEXT, logprobs=None, finish_reason=Blank.REASON_OR_NULL, delta=Blank.DELTA),
    opening=shape(**_TOKEN, content="", reasoning=None),
    text=shape(**_TOKEN, content=Blank.WORDS, reasoning=None),
    reasoning=shape(**_TOKEN, content="", reasoning=Blank.WORDS),
    call=shape(
        **_TOKEN, content="",
        tool_calls=(shape(id=Blank.CALL_ID, index=Blank.INDEX, type="function", function=FUNCTION),), reasoning=None,
    ),
    more=shape(
        **_TOKEN, content="",
        tool_calls=(
            shape(id=None, index=Blank.INDEX, type="function", function=shape(name=None, arguments=Blank.ARGUMENTS)),
        ),
        reasoning=None,
    ),
    closing=shape(**_TOKEN, content="", reasoning=None),
    usage=shape(**_SUM_SECOND, prompt_tokens_details=_CACHED, reasoning_tokens=Blank.REASONING),
    reasons=frozenset({"eos"}),
)  # fmt: skip

# vllm: llama-stack--responses--66c64647… (thoughts under both names, stop_reason, counts), llama-stack--inference--
# 0248ff8a… (a call's name comes without arguments); their framing was lost, so the order is that of vLLM's own classes
_VLLM = Habits(
    choice=shape(
        index=0, delta=Blank.DELTA, logprobs=None, finish_reason=Blank.REASON_OR_NULL, stop_reason=Blank.STOP_REASON
    ),
    reasoning=shape(reasoning=Blank.WORDS, reasoning_content=Blank.WORDS),
    call=shape(
        tool_calls=(shape(id=Blank.CALL_ID, type="function", index=Blank.INDEX, function=shape(name=Blank.NAME)),)
    ),
    closing=shape(content=""),
    usage=shape(**_SUM_SECOND, prompt_tokens_details=Blank.PROMPT_DETAILS),
)

# llamacpp: maruel-genai--Qwen3.5-2B-GGUF-Qwen3.5-2B-UD-Q4_K_XL.gguf_thinking--GenStream-Tools-SquareRoot-1; counts
# come only when they are asked for, then in the last chunk, beside the timings, and arguments that are still empty are
# no member of a call (our own cassettes/llamacpp/recorded-parallel-tools, llama.cpp's tools/server)
_LLAMACPP = Habits(
    chunk=shape(
        choices=Blank.CHOICES, created=Blank.CREATED, id=Blank.ID, model=Blank.MODEL,
        system_fingerprint="b1234-0123abc", object=CHUNK, usage=Blank.USAGE, timings=Blank.BESIDE_USAGE,
    ),
    choice=shape(finish_reason=Blank.REASON_OR_NULL, index=0, delta=Blank.DELTA),
    opening=shape(role="assistant", content=None),
    call=shape(
        tool_calls=(shape(index=Blank.INDEX, id=Blank.CALL_ID, type="function", function=shape(name=Blank.NAME)),)
    ),
    usage=shape(
        completion_tokens=Blank.COMPLETION, prompt_tokens=Blank.PROMPT, total_tokens=Blank.TOTAL,
        prompt_tokens_details=_CACHED,
    ),
    beside_usage=shape(
        cache_n=Blank.CACHED, prompt_n=Blank.UNCACHED, prompt_ms=10.0, prompt_per_token_ms=1.0,
        prompt_per_second=1000.0, predicted_n=Blank.COMPLETION, predicted_ms=10.0, predicted_per_token_ms=1.0,
        predicted_per_second=1000.0,
    ),
    error=shape(error=shape(code=Blank.NUMBER_OR_CODE, message=Blank.MESSAGE, type=Blank.CODE)),
)  # fmt: skip

# cloudflare: chatlas--test_provider_cloudflare--test_cloudflare_simple_streaming_request (no role at all)
_CLOUDFLARE = Habits(
    chunk=shape(
        id=Blank.ID, created=Blank.CREATED, model=Blank.MODEL, object=CHUNK, choices=Blank.CHOICES, usage=Blank.USAGE
    ),
    choice=shape(index=0, delta=Blank.DELTA, finish_reason=Blank.REASON),
    opening=None,
    reasoning=None,
    usage_stands="beside",
)

# huggingface: maruel-genai--deepseek-ai-DeepSeek-V4-Pro-0813--GenStream-TopLogprobs; its router passes on what the
# host of a model sends, so its recordings have five shapes
_HUGGINGFACE = Habits(
    chunk=shape(**NAMED, choices=Blank.CHOICES, usage=Blank.USAGE_OR_NULL),
    opening=shape(role="assistant"),
    call=shape(tool_calls=(shape(id=Blank.CALL_ID, index=Blank.INDEX, type="function", function=FUNCTION),)),
    usage=shape(**COUNTS, prompt_tokens_details=Blank.PROMPT_DETAILS),
)

# ollama: ruby_llm--chat_function_calling_ollama_qwen3_can_use_tools_without_parameters_…--i0
_OLLAMA = Habits(
    chunk=shape(**NAMED, system_fingerprint="fp_ollama", choices=Blank.CHOICES, usage=Blank.USAGE),
    opening=None,
    text=shape(role="assistant", content=Blank.WORDS),
    reasoning=shape(role="assistant", content="", reasoning=Blank.WORDS),
    call=shape(
        role="assistant", content="",
        tool_calls=(shape(id=Blank.CALL_ID, index=Blank.INDEX, type="function", function=FUNCTION),),
    ),
    more=None,
    closing=shape(role="assistant", content=""),
)  # fmt: skip

HABITS: Mapping[str, Habits] = MappingProxyType(
    {
        "openai": _OPENAI,
        "openai-chat": _OPENAI,
        "netlify": _OPENAI,  # its gateway passes on what OpenAI sends
        "mistral": _MISTRAL,
        "deepseek": _DEEPSEEK,
        "xai": _XAI,
        "perplexity": _PERPLEXITY,
        "openrouter": _OPENROUTER,
        "azure": _AZURE,
        "azure-openai": _AZURE,
        "github-models": _AZURE,  # served by Azure, as GitHub Copilot's recorded models are
        "groq": _GROQ,
        "cerebras": _CEREBRAS,
        "togetherai": _TOGETHER,
        "vllm": _VLLM,
        "llamacpp": _LLAMACPP,
        "cloudflare": _CLOUDFLARE,
        "cloudflare-workers-ai": _CLOUDFLARE,
        "huggingface": _HUGGINGFACE,
        "ollama": _OLLAMA,
        "ollama-openai": _OLLAMA,
        "ollama-cloud": _OLLAMA,
    }
)
"""The habits of providers by their ids; any other id means a compatible server."""


def habits_of(provider: str) -> Habits:
    """Return a provider's habits; those of :data:`COMPATIBLE` for ``""`` and for one that has none of its own."""
    return HABITS.get(provider, COMPATIBLE)
