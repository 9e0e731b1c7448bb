"""What ends a call from outside is found wherever it was put, and what is no signal is refused (§6.7, §8, §15.3)."""

import asyncio
import threading
from types import SimpleNamespace as Thing

import pytest

from asking import HANG
from harness import AbortController, mastra_text
from harness.bundled import MastraTextAdapter
from harness.errors import InputError
from harness.reference.signals import signals_in
from models import Played, collected
from parts import finish, text

HELLO = {"messages": [{"role": "user", "content": "hi"}]}


class Signal:
    aborted = False

    async def wait(self):
        await asyncio.Event().wait()


class Raising:
    """A holder whose signal, and a signal whose state, cannot be read."""

    @property
    def signal(self):
        raise RuntimeError("a secret of the application")

    @property
    def aborted(self):
        raise RuntimeError("a secret of the application")

    async def wait(self):
        await asyncio.Event().wait()


class RaisingHolder:
    @property
    def signal(self):
        raise RuntimeError("a secret of the application")


ONE, OTHER = Signal(), Signal()


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, []),
        ({"request": None, "abortController": None}, []),
        ({"request": {}}, []),
        ({"request": Thing(url="https://example.com")}, []),
        ({"request": {"signal": None}, "abortController": {"signal": None}}, []),
        ({"request": {"signal": ONE}}, [ONE]),
        ({"request": Thing(signal=ONE)}, [ONE]),
        ({"request": ONE}, [ONE]),
        ({"request": {"signal": Thing(signal=ONE)}}, [ONE]),
        ({"abortController": {"signal": ONE}}, [ONE]),
        ({"abortController": Thing(signal=ONE)}, [ONE]),
        ({"abortController": ONE}, [ONE]),
        ({"abortController": {"signal": Thing(signal=ONE)}}, [ONE]),
        ({"request": {"signal": ONE}, "abortController": {"signal": OTHER}}, [ONE, OTHER]),
    ],
)
def test_a_signal_or_its_controller_is_found_in_both_places(options, found):
    assert signals_in(options) == found


NO_SIGNALS = {
    "an asyncio.Event": asyncio.Event,
    "a threading.Event": threading.Event,
    "a number": lambda: 5,
    "a text": lambda: "abort",
    "an object": object,
    "the class of controllers": lambda: AbortController,
    "a signal that says neither yes nor no": lambda: Thing(aborted="no", wait=Signal().wait),
    "a signal that is asked by a call": lambda: Thing(aborted=lambda: False, wait=Signal().wait),
    "a signal that cannot be waited for": lambda: Thing(aborted=False),
    "a signal that cannot be read": Raising,
    "a holder that cannot be read": RaisingHolder,
    "a holder of no signal": lambda: Thing(signal=Thing(signal=5)),
    "an empty object": dict,
}


def no_signal_at(place, made):
    return {
        "request.signal": {"request": {"signal": made}},
        "abortController.signal": {"abortController": Thing(signal=made)},
        "abortController": {"abortController": made},
    }[place]


@pytest.mark.parametrize("place", ["request.signal", "abortController.signal", "abortController"])
@pytest.mark.parametrize("made", NO_SIGNALS.values(), ids=NO_SIGNALS)
def test_what_is_no_signal_is_refused_with_its_place_and_never_passed_over(made, place):
    with pytest.raises(InputError, match=rf"^{place.replace('.', '[.]')}\b") as refusal:
        signals_in(no_signal_at(place, made()))
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("made", [5, "https://example.com", [Signal()], asyncio.Event(), Raising()])
def test_a_request_that_can_hold_no_signal_is_refused(made):
    with pytest.raises(InputError, match=r"^request\b"):
        signals_in({"request": made})


@pytest.mark.parametrize("made", NO_SIGNALS.values(), ids=NO_SIGNALS)
def test_the_refusal_is_one_error_chunk_or_one_typed_exception_and_nobody_is_asked(made):
    model = Played(text("a"), finish())
    adapter = MastraTextAdapter(None, "a/b", model_of=lambda _: model)
    options = HELLO | {"request": {"signal": made()}}

    async def both():
        (chunk,) = await collected(adapter.chat_stream(options))
        with pytest.raises(InputError, match=r"request\.signal"):
            await adapter.structured_output({"chatOptions": options, "outputSchema": {"type": "object"}})
        return chunk

    chunk = asyncio.run(asyncio.wait_for(both(), HANG))
    assert (chunk["type"], chunk["error"]["code"]) == ("error", "INVALID_REQUEST")
    assert "request.signal" in chunk["error"]["message"]
    assert model.asked == []


@pytest.mark.parametrize("place", ["request.signal", "abortController.signal", "abortController"])
@pytest.mark.parametrize("itself", [True, False])
def test_a_controller_and_its_signal_end_a_call_wherever_they_stand(place, itself):
    controller = AbortController()
    controller.abort()
    options = HELLO | no_signal_at(place, controller if itself else controller.signal)
    (chunk,) = asyncio.run(collected(mastra_text("nobody/m").chat_stream(options)))
    assert chunk["error"]["code"] == "ABORTED"
