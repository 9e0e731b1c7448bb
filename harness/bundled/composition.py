"""§3's adapter as its user has it: the pure one with a real clock, real ids and the router's models over HTTP."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from harness.bundled.interruption import InterruptibleModel, signal_of, unless_aborted
from harness.model.language_model import RoutedModel
from harness.protocol.language_model import LanguageModel
from harness.reference import adapter
from harness.reference.options import MastraTextProviderOptions

Config: TypeAlias = MastraTextProviderOptions | Mapping[str, Any] | None
ModelOf: TypeAlias = Callable[[MastraTextProviderOptions], LanguageModel]

note = logging.getLogger(__name__).info
"""Takes what an adapter ignored, dropped or mended."""


class MastraTextAdapter(adapter.MastraTextAdapter):
    """The adapter of §3 for the model that a router's id names, such as ``openai/gpt-4o``.

    ``config`` is a :class:`MastraTextProviderOptions` or §2's JSON; raises :class:`InputError` for names that are not
    in it. ``model_of`` gives another model in place of the router's, for the configuration of one call.
    """

    def __init__(
        self,
        config: Config,
        model_id: str,
        *,
        model_of: ModelOf | None = None,
    ) -> None:
        def routed(config: MastraTextProviderOptions) -> LanguageModel:
            return RoutedModel(model_id, config.as_json())

        super().__init__(
            config,
            model_id,
            model_of=routed if model_of is None else _interruptible(model_of),
            now=milliseconds,
            new_id=response_id,
            signal_of=signal_of,
            unless_aborted=unless_aborted,
            on_note=note,
        )


def mastra_text(model_id: str, config: Config = None) -> MastraTextAdapter:
    """Return the adapter of a model: §3's ``mastraText``."""
    return MastraTextAdapter(config, model_id)


def _interruptible(model_of: ModelOf) -> ModelOf:
    return lambda config: InterruptibleModel(model_of(config))


def milliseconds() -> int:
    """Return the time, in whole milliseconds since 1970 (§3, R3)."""
    return time.time_ns() // 1_000_000


def response_id() -> str:
    """Make an id of the form that §5 gives."""
    return f"mastra-{milliseconds()}-{secrets.token_hex(4)}"
