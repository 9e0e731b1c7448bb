"""Requests of Ollama's ``/api/generate`` → the neutral form."""

from __future__ import annotations

from harness.protocol.messages import ModelRequest, Part, Text, Turn
from harness.providers.requests.member import Member, extra_of
from harness.providers.requests.ollama_chat import SETTINGS, images_of, settings_of


def read_ollama_generate(_target: str, body: Member) -> ModelRequest:
    """Return what a body of ``/api/generate`` asks (§4, R29); raises :class:`InputError` where that cannot be told.

    It is one prompt, and so one turn of the user, with its images, behind at most one of the system. The server takes
    empty texts for missing ones: without a prompt and images nothing is asked, and the model is only loaded. A
    template of the caller's own, ``raw``, ``suffix`` and the ``context`` of an earlier answer stand in ``extra``.
    """
    system, prompt = body.at("system").text_or_none(), body.at("prompt").text_or_none()
    said: list[Part] = [*([Text(prompt)] if prompt else []), *images_of(body)]
    turns = [Turn("system", (Text(system),))] if system else []
    if said:
        turns.append(Turn("user", tuple(said)))
    return ModelRequest(
        turns=tuple(turns),
        **settings_of(body),
        extra=extra_of(body, {*SETTINGS, "system", "prompt", "images"}),
    )
