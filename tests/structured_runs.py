"""Runs of structured output as tests of the law write them, and what the law finds in each."""

from dataclasses import replace

from harness.judge import judge
from harness.protocol.messages import ModelRequest, Text, ToolOffer, Turn
from harness.protocol.script import Exchange
from harness.protocol.transcript import NOTHING, Ending, Stimulus, Transcript

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
NOBODY = "meta/llama-3"
"""A model of no known family."""


def of_members(**properties):
    """The schema of an object that requires all of its properties."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def ids(transcript, profile="spec"):
    return [violation.rule.id for violation in judge(transcript, profile=profile).violations]


def exercised(transcript, profile="spec"):
    return set(judge(transcript, profile=profile).exercised)


def ended(error):
    if error is None:
        return Ending("completed")
    return Ending("raised", {"name": "Error"} | (error if isinstance(error, dict) else {"message": error}))


def parsing(text, schema=None, data=NOTHING, *, error=None, **answer):
    """A text that was parsed; ``answer`` is another result, or the raw text where that is not the whole text."""
    result = answer.get("result", NOTHING)
    if data is not NOTHING:
        result = {"data": data, "rawText": answer.get("raw", text)}
    given = {"text": text} | ({} if schema is None else {"schema": schema})
    return Transcript((), ended(error), Stimulus(operation="parseJson", input=given), result=result)


def transforming(schema, provider, result=NOTHING, error=None):
    stimulus = Stimulus(operation="transformSchema", input={"schema": schema, "provider": provider})
    return Transcript((), ended(error), stimulus, result=result)


def says(delta):
    return {"type": "text-delta", "id": "t", "delta": delta}


def finish(reason="stop"):
    return {"type": "finish", "finishReason": reason, "usage": {"inputTokens": 1, "outputTokens": 1}}


def input_of(arguments, name="structured_output", id_="call_1"):
    return {"type": "tool-call", "toolCallId": id_, "toolName": name, "input": arguments}


def received(number=0, *, status=200, whole=True, **asked):
    """One request with its whole answer; what it asked is in the neutral form, at temperature 0."""
    system = asked.pop("system", ())
    turns = tuple(Turn("system", (Text(text),)) for text in system)
    turns += tuple(Turn("user", (Text(text),)) for text in ("Where?", *asked.pop("more", ())))
    asked = {"temperature": 0, "turns": turns} | asked
    body = repr(sorted(asked.items(), key=lambda item: item[0])).encode()
    return Exchange(
        "POST",
        "/chat/completions",
        (),
        body,
        asked_at=100.0 * number,
        script=number,
        status=status,
        closed_at=100.0 * number + 50,
        whole=whole,
        asked=ModelRequest(**asked),
    )


def tool(schema, name="structured_output"):
    """The members of a request that forces a tool."""
    return {"tools": (ToolOffer(name, "The answer.", schema),), "tool_choice": f"tool:{name}"}


def naming(exchange, model):
    """The same request with the name of a model, if anybody could read it."""
    return exchange if exchange.asked is None else replace(exchange, asked=replace(exchange.asked, model=model))


def asking(*events, data=NOTHING, raw="", error=None, exchanges=None, ending=None, **request):
    """A structured output that was asked for; ``events`` are the source events of the last answer."""
    result = NOTHING
    if data is not NOTHING:
        result = {"data": data, "rawText": raw or "".join(event.get("delta", "") for event in events)}
    request = {"model": NOBODY, "outputSchema": request.pop("schema", CITY)} | request
    if exchanges is not None:
        exchanges = tuple(naming(exchange, request["model"].partition("/")[2]) for exchange in exchanges)
    stimulus = Stimulus(request, tuple(events) or None, operation="structuredOutput")
    return Transcript((), ending or ended(error), stimulus, result=result, exchanges=exchanges)
