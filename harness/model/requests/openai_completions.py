r"""A request in the words of OpenAI's legacy Completions: one text that the model goes on with.

What a user says alone is that text, as it is. Anything more, a system prompt or a second message, is written into it in
the way of the AI SDK's package::

    SYSTEM\n\nuser:\nTEXT\n\nassistant:\nTEXT\n\nuser:\nTEXT\n\nassistant:\n

and a stop sequence keeps the model from speaking for the user. A text in which a mark stands on a line of its own is
refused there, since nobody could tell it from a turn.
"""

from __future__ import annotations

import re
from typing import Any

from harness.errors import InputError
from harness.model.requests.ask import Ask
from harness.model.requests.prompt import Message
from harness.model.requests.spoken import files_of, text_of, without_tools
from harness.model.requests.turns import system_apart
from harness.model.router import Route

_WIRE = "openai-completions"
_STOP = "\nuser:"
_MARK = re.compile(r"^(?:user|assistant):$", re.MULTILINE)


def completions_body(ask: Ask, route: Route, *, stream: bool) -> dict[str, Any]:
    """Return the body for ``/completions``.

    Raises :class:`InputError` for tools, files and a format of the answer, none of which this wire has words for.
    """
    without_tools(ask, _WIRE)
    if files := files_of(ask.messages):
        raise files[0].refused(_WIRE, "text only")
    if ask.answer is not None:
        raise InputError(f"{_WIRE} has no words for a responseFormat")
    prompts, messages = system_apart(ask.messages, _WIRE)
    body: dict[str, Any] = {"model": route.model_name}
    if not prompts and len(messages) == 1 and messages[0].role == "user":
        body["prompt"] = text_of(messages[0])
    else:
        body |= {"prompt": _conversation(prompts, messages), "stop": [_STOP]}
    limits = {"max_tokens": ask.max_tokens, "temperature": ask.temperature, "top_p": ask.top_p}
    body |= {name: value for name, value in limits.items() if value is not None}
    if stream:
        body["stream"] = True
        if route.asks_for_usage:
            body["stream_options"] = {"include_usage": True}
    return body


def _conversation(prompts: list[str], messages: tuple[Message, ...]) -> str:
    """Return the turns as one text; raises :class:`InputError` for a text that holds a mark of a turn."""
    for place, text in [("a system prompt", "\n".join(prompts))] + [(said.place, text_of(said)) for said in messages]:
        if found := _MARK.search(text):
            raise InputError(f"{place}: {_WIRE} marks its turns by lines such as {found[0]!r}, and the text holds one")
    system = "\n".join(prompts) + "\n\n" if prompts else ""
    return system + "".join(f"{said.role}:\n{text_of(said)}\n\n" for said in messages) + "assistant:\n"
