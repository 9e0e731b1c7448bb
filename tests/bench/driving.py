"""How much a shim that stays is worth: runs a second, against one process for each run."""

from __future__ import annotations

import sys
import threading
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from timing import Figure, medians

import harness
from harness.drivers import connect
from harness.protocol.transcript import Stimulus

EVENTS = 50
AT_A_TIME = 8
EACH = 60
ROUNDS = 9
TIMEOUT = 60.0
MASTRA = f"{Path(__file__).parent.parent / 'peers' / 'mastra-adapter' / 'serve.mjs'} 1.71.0"
PACKAGE = Path(harness.__file__).parent / "drivers" / "shims" / "typescript" / "src" / "index.js"
SHIM = """
import { serve } from %r

serve({
  name: 'plain',
  async *transform(parts, { model }) {
    const always = { id: 'r', model, timestamp: 1 }
    let content = ''
    for await (const { type, delta } of parts) {
      if (type === 'text-delta') {
        content += delta
        yield { type: 'content', ...always, delta, content, role: 'assistant' }
      }
    }
    const usage = { promptTokens: 0, completionTokens: 0, totalTokens: 0 }
    yield { type: 'done', ...always, finishReason: 'stop', usage }
  },
})
"""


def stimulus():
    deltas = [{"type": "text-delta", "id": "t", "delta": f"word {number} "} for number in range(EVENTS - 3)]
    start, end = {"type": "text-start", "id": "t"}, {"type": "text-end", "id": "t"}
    return Stimulus({"model": "m"}, (start, *deltas, end, {"type": "finish", "finishReason": "stop", "usage": {}}))


def ask(driver, times):
    for _ in range(times):
        transcript = driver.ask(stimulus(), TIMEOUT)
        assert transcript.ending.kind == "completed"
        assert len(transcript.records) == EVENTS - 2


def with_a_process_each(target):
    with closing(connect(target)) as driver:
        ask(driver, 1)


def with_one_process(driver):
    threads = [threading.Thread(target=ask, args=(driver, EACH)) for _ in range(AT_A_TIME)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def a_shim_that_stays_is_worth_many_starts():
    """The real adapter over the real router; the same with a transformer that imports nothing stands beside it."""
    node = Path(sys.executable).with_name("node")
    with TemporaryDirectory() as folder:
        plain = Path(folder) / "shim.mjs"
        plain.write_text(SHIM % str(PACKAGE))
        targets = f"stdio:{node} {MASTRA}", f"stdio:{node} {plain}"
        with closing(connect(targets[0])) as adapter, closing(connect(targets[1])) as transformer:
            one, many, plain_one, plain_many = medians(
                ROUNDS,
                lambda: with_a_process_each(targets[0]),
                lambda: with_one_process(adapter),
                lambda: with_a_process_each(targets[1]),
                lambda: with_one_process(transformer),
            )
    runs = AT_A_TIME * EACH
    note = (
        f"the Mastra adapter: {1 / one:.1f} runs a second with a process each, {runs / many:.0f} with one for all, "
        f"{EVENTS} events; a transformer without packages: {1 / plain_one:.1f}, {runs / plain_many:.0f}, "
        f"{plain_one / plain_many * runs:.0f} times"
    )
    name = "runs of transform by a shim that stays, times those of a process each"
    return Figure(name, one / many * runs, 400, at_most=False, note=note)
