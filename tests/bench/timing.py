"""Ratios of medians, interleaved in one run: the only figures that survive a busy machine."""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured ratio and what it has to reach; ``at_most`` tells on which side."""

    name: str
    ratio: float
    target: float
    at_most: bool
    note: str

    @property
    def reached(self):
        return self.ratio <= self.target if self.at_most else self.ratio >= self.target

    def line(self):
        sign, mark = ("≤" if self.at_most else "≥"), ("ok  " if self.reached else "MISS")
        return f"{mark} {self.ratio:8.2f}  {sign} {self.target:<5g} {self.name}  ({self.note})"


def seconds(work):
    """One timing, with the garbage collector out of the way."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start
    finally:
        gc.enable()


def medians(rounds, *works):
    """The median time of each piece of work, measured in turns."""
    for work in works:
        work()
    times = [[seconds(work) for work in works] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*times, strict=True)]
