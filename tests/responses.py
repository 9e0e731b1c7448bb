"""Messages of the Responses API, as tests write them, and what their decoder makes of them."""

from harness.protocol.event_reading import reading_of_events
from harness.providers.message import Message
from harness.providers.openai_responses import OpenAiResponsesDecoder

CREATED = {"type": "response.created", "response": {"id": "resp_1", "model": "m-1", "status": "in_progress"}}
SILENCE = "the provider reported an error without a message"
PARIS = '{"city": "Paris"}'
WHOLE = {"type": "response.function_call_arguments.done", "item_id": "fc_0", "arguments": PARIS}
WAIT = {"action": {"type": "wait"}}
PATHS = {"arguments": {"paths": []}}


def decode(*messages):
    numbers = iter(range(100))
    decoder = OpenAiResponsesDecoder(lambda: f"made_{next(numbers)}")
    events = []
    for message in messages:
        events += decoder.feed(message if isinstance(message, Message) else Message("", message))
    return events + decoder.close()


def read(*messages):
    return reading_of_events(decode(*messages))


def kinds(events):
    return [event["type"] for event in events]


def say(kind, **fields):
    return {"type": f"response.{kind}", **fields}


def added(place, **item):
    return say("output_item.added", output_index=place, item=item)


def done(place, **item):
    return say("output_item.done", output_index=place, item=item)


def completed(status="completed", **response):
    return say("completed", response={"status": status, **response})


def text(words, place=0, **more):
    return say("output_text.delta", output_index=place, item_id=f"msg_{place}", content_index=0, delta=words, **more)


def arguments(words, place=0):
    return say("function_call_arguments.delta", output_index=place, item_id=f"fc_{place}", delta=words)


def call(place=0, **more):
    return {"type": "function_call", "id": f"fc_{place}", "call_id": f"call_{place}", "name": "weather"} | more


def part(words, **more):
    return {"type": "output_text", "text": words, **more}
