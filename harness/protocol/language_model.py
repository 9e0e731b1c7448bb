"""The seam between an adapter and a language model: what is asked, in AI SDK V2's words, and what streams back.

Call options are JSON, with V2's names (not those of §8 and §14.5, which the SDK drops without a word, ledger A)::

    prompt           [{role: "system", content: text}
                      {role: "user", content: [{type: "text", text} | file]}
                      {role: "assistant", content: [{type: "text", text} | file
                                                    | {type: "tool-call", toolCallId, toolName, input: object}]}
                      {role: "tool", content: [{type: "tool-result", toolCallId, toolName, output: {type, value}}]}]
                     file is {type: "file", data, mediaType, filename?}; data is a URL (it holds "://") or base64
                     output.type is text, json, error-text or error-json
    tools            [{type: "function", name, description?, inputSchema}]
    toolChoice       {type: "auto" | "none" | "required"} or {type: "tool", toolName}
    maxOutputTokens, temperature, topP
    responseFormat   {type: "json", schema, name, description?, strict?}
    providerOptions  {provider: {…}}: members that the provider's body gets as they are
    headers          {name: text}: of this call, above those of the configuration
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol, TypeAlias

from harness.protocol.events import Event

CallOptions: TypeAlias = Mapping[str, Any]
"""What a model is asked; see the module."""


class Signal(Protocol):
    """Tells that the client went away (§6.7)."""

    @property
    def aborted(self) -> bool:
        """Whether it has."""
        ...

    async def wait(self) -> None:
        """Return when it has; where it never does, never."""
        ...


class LanguageModel(Protocol):
    """One model of one provider; ``provider`` is its id in the registry, ``model_id`` what the provider calls it.

    Both methods give source events (V2 stream parts, §12.1). They raise :class:`harness.errors.ModelError` where there
    is no answer to be had. When the signal is set they close the connection and stop, raising or not.
    """

    @property
    def provider(self) -> str:
        """The first part of the router's id."""
        ...

    @property
    def model_id(self) -> str:
        """The rest of it."""
        ...

    def do_stream(self, options: CallOptions, signal: Signal) -> AsyncIterator[Event]:
        """Ask for an answer as a stream."""
        ...

    def do_generate(self, options: CallOptions, signal: Signal) -> AsyncIterator[Event]:
        """Ask for a whole answer, and stream it (§14.5; Mastra's doGenerate gives a stream too)."""
        ...
