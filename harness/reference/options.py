"""TanStack's ``TextOptions`` and the adapter's configuration → AI SDK V2's call options (§2, §8, §12.5, R29).

§8 and §12.5 hand over ``messages``, ``maxTokens``, ``metadata`` and flat ``providerOptions``, which the SDK refuses or
drops (ledger A1, A3, A5); we write V2's names. ``metadata`` is for the application: V2 has no place for it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from harness.errors import InputError
from harness.reference.circles import refuse_circles
from harness.reference.messages import convert_to_ai_sdk_messages
from harness.reference.tool_schemas import refuse_unusable_schemas
from harness.reference.tools import ToolNames, convert_tools_to_ai_sdk, names_in

_LIMITS = {"maxTokens": "maxOutputTokens", "temperature": "temperature", "topP": "topP"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MastraTextProviderOptions:
    """How a provider is reached (§2); a repr shows neither key, headers nor url, any of which may hold a secret.

    ``url`` is an OpenAI-compatible server, whatever the model's id says. ``headers`` go with every request. ``timeout``
    is in milliseconds and limits each attempt, ``max_retries`` is how many attempts may follow the first; both mean the
    model's own defaults where they are None. The values are checked by the model, which uses them.
    """

    api_key: str | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    timeout: int | float | None = None
    max_retries: int | None = None

    @classmethod
    def of(cls, config: MastraTextProviderOptions | Mapping[str, Any] | None) -> MastraTextProviderOptions:
        """Return a configuration, also from §2's JSON (``apiKey``, ``maxRetries``).

        Raises :class:`InputError` for a name that is not in §2: it would have no effect, and nobody would know.
        """
        if config is None or isinstance(config, cls):
            return config or cls()
        if not isinstance(config, Mapping):
            raise InputError(f"a configuration is an object, and not a {type(config).__name__}")
        if unknown := [name for name in config if name not in _NAMES]:
            raise InputError(f"there is no option {unknown[0]!r}; there are {', '.join(_NAMES)}")
        return cls(**{_NAMES[name]: value for name, value in config.items()})

    def overridden(self, model_options: Mapping[str, Any]) -> MastraTextProviderOptions:
        """Return the configuration of one call: what its ``modelOptions`` say beats this, but for ``headers``.

        Those go beside the configuration's own, as ``headers`` of the call options.
        """
        said = {own: model_options[name] for name, own in _NAMES.items() if model_options.get(name) is not None}
        return replace(self, **{own: value for own, value in said.items() if own != "headers"})

    def as_json(self) -> dict[str, Any]:
        """Return §2's JSON, without what nobody said."""
        return {name: value for name, own in _NAMES.items() if (value := getattr(self, own)) is not None}


_NAMES = {
    "apiKey": "api_key",
    "url": "url",
    "headers": "headers",
    "timeout": "timeout",
    "maxRetries": "max_retries",
}
"""From §2's names to ours."""


def model_options_of(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return ``modelOptions``, empty where there are none; raises :class:`InputError` where they are no object."""
    given = options.get("modelOptions")
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InputError(f"modelOptions are an object, and not a {type(given).__name__}")
    return given


def call_options(options: Mapping[str, Any], provider: str, names: ToolNames) -> dict[str, Any]:
    """Return what a model of ``provider`` is asked by ``options``; what they do not say is not there.

    ``options`` were read (:func:`harness.reference.given_options.read_options`); ``names`` are what tools are called
    toward the provider, everywhere (:func:`tool_names`). Every member of
    ``modelOptions`` that is no configuration is a member of the provider's body. Raises :class:`InputError`.
    """
    prompt = convert_to_ai_sdk_messages(options["messages"], names)
    if system := _system(options.get("systemPrompts")):
        prompt.insert(0, {"role": "system", "content": system})
    call: dict[str, Any] = {"prompt": prompt}
    if tools := options.get("tools"):
        call["tools"] = convert_tools_to_ai_sdk(tools, names)
        refuse_unusable_schemas(tools, provider)
    if (choice := options.get("toolChoice")) is not None:
        call["toolChoice"] = _tool_choice(choice, names)
    call |= {own: _limit(name, options[name]) for name, own in _LIMITS.items() if options.get(name) is not None}
    model_options = model_options_of(options)
    refuse_circles(model_options, "modelOptions")
    if members := {name: value for name, value in model_options.items() if name not in _NAMES}:
        call["providerOptions"] = {provider: members}
    if (headers := model_options.get("headers")) is not None:
        call["headers"] = headers
    return call


def tool_names(options: Mapping[str, Any]) -> ToolNames:
    """Return the names under which a request's tools and earlier calls are known to its provider."""
    forced = _forced(options.get("toolChoice"))
    return ToolNames([*names_in(options), *([forced] if forced else [])])


def _limit(name: str, value: object) -> int | float | Decimal:
    """Return a limit that is a number, in the words of whoever gave it; how large it may be the provider knows."""
    wanted = "a whole number above 0" if name == "maxTokens" else "a finite number"
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise InputError(f"{name} is {wanted}, and not a {type(value).__name__}")
    finite = value.is_finite() if isinstance(value, Decimal) else isinstance(value, int) or math.isfinite(value)
    if not finite or (name == "maxTokens" and not (value > 0 and value == int(value))):
        raise InputError(f"{name} is {wanted}, and not this one")
    return value


def _system(prompts: object) -> str:
    """Return the system prompts as one text, ``""`` where there are none (§12.5)."""
    if prompts is None:
        return ""
    if not isinstance(prompts, list | tuple) or not all(isinstance(prompt, str) for prompt in prompts):
        raise InputError("systemPrompts are a list of texts")
    return "\n".join(prompts)


def _tool_choice(choice: object, names: ToolNames) -> dict[str, Any]:
    """Return V2's choice. §14.5 writes ``{type: "required", toolName}``, which loses the name (ledger A14)."""
    kind = choice.get("type") if isinstance(choice, Mapping) else choice
    if forced := _forced(choice):
        return {"type": "tool", "toolName": names.sent(forced)}
    if isinstance(kind, str) and kind in {"auto", "none", "required"}:
        return {"type": kind}
    known = 'auto, none, required, {type: "tool", toolName} and {type: "function", function: {name}}'
    raise InputError(f"there is no such toolChoice; there are {known}")


def _forced(choice: object) -> str | None:
    """Return the tool that a choice forces, in either of its two forms; None where it forces none."""
    if not isinstance(choice, Mapping):
        return None
    kind, function, name = choice.get("type"), choice.get("function"), None
    if kind == "tool":
        name = choice.get("toolName")
    elif kind == "function" and isinstance(function, Mapping):
        name = function.get("name")
    return name if isinstance(name, str) and name else None
