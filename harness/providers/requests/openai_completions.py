r"""Requests of OpenAI's legacy Completions → the neutral form.

The API takes one text and knows no turns. A conversation is written into it in the way of the AI SDK's package::

    SYSTEM\n\nuser:\nTEXT\n\nassistant:\nTEXT\n\nuser:\nTEXT\n\nassistant:\n

and is read back from it: a prompt that consists of such turns and ends where the assistant is to speak. Every other
prompt is what a user said.
"""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import unquote

from harness.protocol.messages import ModelRequest, Role, Text, Turn
from harness.providers.requests.member import Member, extra_of

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant"}
_MARK = re.compile(r"(?:\A|\n\n)(user|assistant):\n")
_DEPLOYMENT = re.compile(r"/deployments/([^/?]+)/")
_TOLD = {"model", "temperature", "max_tokens", "top_p", "stream"}


def read_openai_completions(target: str, body: Member) -> ModelRequest:
    """Return what a body of ``/completions`` asks (§4, R29); raises :class:`InputError` where that cannot be told.

    A list of one text is that text. Several prompts at once, and prompts in tokens, are no turns of one conversation:
    they stand in ``extra`` as they came, and there are no turns then. Azure's model stands in the path.
    """
    prompt = body.at("prompt")
    if isinstance(prompt.value, list) and len(prompt.value) == 1 and isinstance(prompt.value[0], str):
        (prompt,) = prompt.each()
    if prompt.is_there and not isinstance(prompt.value, str | list):
        raise prompt.wrong("text, or a list of texts or tokens")
    is_text = isinstance(prompt.value, str)
    deployment = _DEPLOYMENT.search(target)
    return ModelRequest(
        model=body.at("model").text_or_none() or (unquote(deployment[1]) if deployment else None),
        turns=_turns(prompt.text()) if is_text else (),
        temperature=body.at("temperature").number(),
        max_tokens=body.at("max_tokens").number(),
        top_p=body.at("top_p").number(),
        stream=body.at("stream").value is True,
        extra=extra_of(body, {*_TOLD, "prompt"} if is_text else _TOLD),
    )


def _turns(prompt: str) -> tuple[Turn, ...]:
    marks = list(_MARK.finditer(prompt))
    if not marks or marks[-1].end() != len(prompt) or marks[-1][1] != "assistant":
        return (Turn("user", (Text(prompt),)),)
    system = prompt[: marks[0].start()]
    said = [
        Turn(_ROLES[mark[1]], (Text(prompt[mark.end() : following.start()]),)) for mark, following in pairwise(marks)
    ]
    return (*([Turn("system", (Text(system),))] if system else []), *said)
