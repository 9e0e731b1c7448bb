"""Call options and a route → the request that HTTP carries: path, headers and body, for every wire (R29)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.errors import InputError
from harness.model.headers import checked_headers
from harness.model.registry import Wire
from harness.model.requests.anthropic import anthropic_body
from harness.model.requests.ask import Ask, ask_of, provider_options
from harness.model.requests.bedrock_converse import converse_body, converse_path
from harness.model.requests.cloudflare_run import cloudflare_body, cloudflare_path
from harness.model.requests.cohere_v1 import cohere_v1_body
from harness.model.requests.cohere_v2 import cohere_v2_body
from harness.model.requests.gemini import gemini_body, gemini_path
from harness.model.requests.google_interactions import interactions_body
from harness.model.requests.json_writing import body_bytes
from harness.model.requests.ollama import ollama_chat_body, ollama_generate_body
from harness.model.requests.openai_chat import chat_body, chat_path
from harness.model.requests.openai_completions import completions_body
from harness.model.requests.openai_responses import responses_body
from harness.model.router import Route
from harness.model.secrets import secrets_of_header
from harness.protocol.language_model import CallOptions

__all__ = ["HttpRequest", "body_bytes", "request_of"]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A POST to ``route.base_url + path``; :func:`body_bytes` makes its body bytes.

    ``headers`` are all of them, names in lower case: ours, the key, those of the configuration and, above all, those
    of the call. ``secrets`` are what no message may show. Neither is in the ``repr``, nor is the body.
    """

    path: str
    body: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


def request_of(route: Route, options: CallOptions, *, stream: bool) -> HttpRequest:
    """Return the request that asks a model for an answer, as a stream or at once.

    ``providerOptions[route.provider]`` are laid over the body last, as they are: a member takes the place of ours. On
    wires where limits stand one level down (``generationConfig``, ``inferenceConfig``), objects are joined instead.

    Raises :class:`InputError` for options that are wrong or that the wire has no form for: nothing is
    left out in silence.
    """
    ask = ask_of(options)
    form = _FORMS[route.wire]
    body = form.body(ask, route, stream=stream)
    extra = provider_options(options, route.provider)
    called_with = checked_headers(options.get("headers"), "headers of the call")
    ours = {
        "content-type": "application/json",
        "accept": form.accept if stream else "application/json",
    }
    secrets = [secret for name, value in called_with.items() for secret in secrets_of_header(name, value)]
    return HttpRequest(
        path=form.path(route, stream=stream),
        body=_joined(body, extra) if form.is_nested else {**body, **extra},
        headers={**ours, **route.headers, **called_with},
        secrets=(*route.secrets, *secrets),
    )


class _Body(Protocol):
    def __call__(self, ask: Ask, route: Route, *, stream: bool) -> dict[str, Any]: ...


class _Path(Protocol):
    def __call__(self, route: Route, *, stream: bool) -> str: ...


@dataclass(frozen=True, slots=True)
class Form:
    """How one wire is asked: its body, its path behind the base URL (each is told whether to stream), what it accepts.

    ``is_nested`` says that limits stand one level down, so that objects of the caller's are joined with ours.
    """

    body: _Body
    path: _Path
    accept: str = "text/event-stream"
    is_nested: bool = False


def _at(path: str) -> _Path:
    return lambda route, *, stream: path  # noqa: ARG005 - the same path for every model


_NDJSON = "application/x-ndjson"
_FORMS: Mapping[Wire, Form] = {
    "openai-chat": Form(chat_body, chat_path),
    "openai-completions": Form(completions_body, _at("/completions")),
    "openai-responses": Form(responses_body, _at("/responses")),
    "ollama-chat": Form(ollama_chat_body, _at("/api/chat"), accept=_NDJSON, is_nested=True),
    "ollama-generate": Form(ollama_generate_body, _at("/api/generate"), accept=_NDJSON, is_nested=True),
    "cloudflare-run": Form(cloudflare_body, cloudflare_path),
    "anthropic-messages": Form(anthropic_body, _at("/messages")),
    "google-generatecontent": Form(gemini_body, gemini_path, is_nested=True),
    "cohere-v2": Form(cohere_v2_body, _at("/v2/chat")),
    "cohere-v1": Form(cohere_v1_body, _at("/v1/chat"), accept="application/stream+json"),
    "google-interactions": Form(interactions_body, _at("/interactions"), is_nested=True),
    "bedrock-converse": Form(converse_body, converse_path, accept="application/vnd.amazon.eventstream", is_nested=True),
}


def _joined(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one object over another; where both hold an object, these are joined too.

    Raises :class:`InputError` for objects that nest too deeply for it, or without an end.
    """
    joined = {**ours, **theirs}
    for key in ours.keys() & theirs.keys():
        if isinstance(ours[key], Mapping) and isinstance(theirs[key], Mapping):
            try:
                joined[key] = _joined(ours[key], theirs[key])
            except RecursionError:
                raise InputError(f"{key!r} of providerOptions nests too deeply") from None
    return joined
