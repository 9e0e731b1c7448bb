"""The hostile shim of the driver tests as a target, and what is left of it in the system."""

import contextlib
import os
import shlex
import sys
import time
from pathlib import Path

from harness.suite.case import Case

SHIM = Path(__file__).parent / "drivers" / "hostile_shim.py"


def command(mode, mark="unmarked"):
    """The command of the shim that misbehaves in one way; ``mark`` makes its processes findable."""
    return shlex.join([sys.executable, "-S", "-E", str(SHIM), mode, mark])


def target(mode, mark="unmarked"):
    return f"stdio:{command(mode, mark)}"


def case(id_="text/one", model="m", **more):
    return Case.model_validate(
        {
            "id": id_,
            "title": "A sentence",
            "sections": ["§5"],
            "profiles": ["spec"],
            "given": {"events": [{"type": "text-delta", "id": "t", "delta": "Hi"}, {"type": "finish"}]},
            "request": {"model": model},
            **more,
        }
    )


def processes(mark):
    """The processes that live and were started with this mark; a zombie has no command line."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                if mark.encode() in folder.joinpath("cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
    return [number for number in found if number != os.getpid()]


def children():
    """The children of this process, zombies too."""
    found = []
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that has ended meanwhile leaves its children to another
            found += (thread / "children").read_text().split()
    return found


def descriptors():
    """How many file descriptors this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def until(condition, seconds=10):
    """Wait for a condition; a generous bound for what takes moments."""
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return found
