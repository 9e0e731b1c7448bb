"""The adapters that ``streamchunk init`` knows: how each is constructed, pointed at a provider, and what it speaks.

What is here was read in the packages of each version, and tried with those that the tests have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from harness.cli.init_packages import Dependency, Project, Version

CORE = "@tanstack/ai"
_AG_UI = (0, 3, 0)  # from this version of the core on adapters yield AG-UI events


@dataclass(frozen=True, slots=True)
class Way:
    """How an adapter is constructed, for versions of ``package`` from ``since`` on.

    ``factory`` is imported from ``module``, the package itself where that is None. ``made`` is the expression that
    makes the adapter, of which ``taken`` lists what it reads of the shim's context. ``first`` is a statement that goes
    before it. ``plays_fetch`` tells that the client takes a ``fetch``. ``is_model`` tells that what is made is a
    language model, which still wants an adapter around it.
    """

    package: str
    since: Version
    wire: str
    factory: str
    taken: str
    made: str
    first: str | None = None
    module: str | None = None
    plays_fetch: bool = False
    is_model: bool = False


class Redirect(NamedTuple):
    """The variable of the environment that points a whole application at another provider, and the path in its URL."""

    variable: str
    path: str
    wire: str


@dataclass(frozen=True, slots=True)
class Found:
    """An adapter that a project depends on, and how it is constructed there."""

    dependency: Dependency
    way: Way


ANY = (0, 0, 0)
_ONCE = "// this version has no option for it, and reads it once, here"

WAYS = (
    Way(
        "@tanstack/ai-openai", (0, 3, 0), "openai-responses", "createOpenaiChat", "model, apiKey, baseUrl, fetch",
        "createOpenaiChat(model, apiKey, { baseURL: baseUrl, fetch, maxRetries: 0 })", plays_fetch=True,
    ),
    Way(
        "@tanstack/ai-openai", ANY, "openai-responses", "createOpenaiChat", "model, apiKey, baseUrl",
        "createOpenaiChat(model, apiKey, { baseURL: baseUrl })",
    ),
    Way(
        "@tanstack/ai-anthropic", (0, 4, 0), "anthropic-messages", "createAnthropicChat",
        "model, apiKey, baseUrl, fetch",
        "createAnthropicChat(model, apiKey, { baseURL: baseUrl, fetch, maxRetries: 0 })", plays_fetch=True,
    ),
    Way(
        "@tanstack/ai-anthropic", ANY, "anthropic-messages", "createAnthropicChat", "model, apiKey, baseUrl",
        "createAnthropicChat(model, apiKey)", f"process.env.ANTHROPIC_BASE_URL = baseUrl {_ONCE}",
    ),
    Way(
        "@tanstack/ai-gemini", (0, 4, 0), "google-generatecontent", "createGeminiChat", "model, apiKey, baseUrl",
        "createGeminiChat(model, apiKey, { httpOptions: { baseUrl } })",
    ),
    Way(
        "@tanstack/ai-gemini", ANY, "google-generatecontent", "createGeminiChat", "model, apiKey, baseUrl",
        "createGeminiChat(model, apiKey)", f"process.env.GOOGLE_GEMINI_BASE_URL = baseUrl {_ONCE}",
    ),
    Way(
        "@tanstack/ai-ollama", ANY, "ollama-chat", "createOllamaChat", "model, baseUrl",
        "createOllamaChat(model, baseUrl)",
    ),
    Way(
        "@tanstack/ai-openrouter", ANY, "openai-chat", "createOpenRouterText", "model, apiKey, baseUrl",
        "createOpenRouterText(model, apiKey, { serverURL: baseUrl, retryConfig: { strategy: 'none' } })",
    ),
    Way(
        "@tanstack/ai-grok", (0, 12, 0), "openai-responses", "createGrokText", "model, apiKey, baseUrl, fetch",
        "createGrokText(model, apiKey, { baseURL: baseUrl, fetch, maxRetries: 0 })", plays_fetch=True,
    ),
    Way(
        "@tanstack/ai-grok", ANY, "openai-chat", "createGrokText", "model, apiKey, baseUrl, fetch",
        "createGrokText(model, apiKey, { baseURL: baseUrl, fetch, maxRetries: 0 })", plays_fetch=True,
    ),
    Way(
        "@mastra/core", ANY, "openai-chat", "ModelRouterLanguageModel", "languageModel, modelId, baseUrl, apiKey",
        "new ModelRouterLanguageModel({ id: modelId, url: baseUrl, apiKey })", module="@mastra/core/llm", is_model=True,
    ),
)  # fmt: skip
"""Of one package the newest first. Mastra comes last: who has an adapter beside it wants that judged."""

REDIRECTS: Mapping[str, Redirect] = {
    "@tanstack/ai-openai": Redirect("OPENAI_BASE_URL", "/v1", "openai-responses"),
    "@tanstack/ai-anthropic": Redirect("ANTHROPIC_BASE_URL", "", "anthropic-messages"),
    "@tanstack/ai-gemini": Redirect("GOOGLE_GEMINI_BASE_URL", "", "google-generatecontent"),
    "@tanstack/ai-ollama": Redirect("OLLAMA_HOST", "", "ollama-chat"),
}
"""Applications: those whose clients read where their provider is from the environment, in every version."""

USUAL_REDIRECT = Redirect("OPENAI_BASE_URL", "/v1", "openai-chat")


def known_in(project: Project | None) -> Iterator[Found]:
    """Yield the known adapters that a project depends on, each once, in the order of :data:`WAYS`."""
    seen: set[str] = set()
    for way in WAYS:
        for dependency in project.dependencies if project else ():
            version = dependency.version
            if dependency.package == way.package and (version is None or version >= way.since):
                if dependency.name not in seen:
                    yield Found(dependency, way)
                seen.add(dependency.name)


def dialect_of(project: Project | None) -> str | None:
    """Return the dialect that a project's adapters speak where it is not the usual one."""
    core = project.version_of(CORE) if project else None
    return "ag-ui" if core is not None and core >= _AG_UI else None
