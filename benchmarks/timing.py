"""How two programs are timed fairly beside each other in one process."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

Side = Callable[[int], list[float]]  # takes a number of steps, does them, gives the seconds of each
PAUSE = 0.05  # seconds between blocks: thread pools wait in a loop for a while after their last work
UNSTEADY = 1.25  # a side whose median is so many times its best block was disturbed: neighbours, a hot processor


class Plan(NamedTuple):
    """How often: `blocks` for each side, in each `warm_up` steps that do not count and `steps` that do."""

    blocks: int = 6
    warm_up: int = 3
    steps: int = 10


class Timed(NamedTuple):
    """The median seconds of a step of each side, and how many times that of its best block it is."""

    seconds: dict[str, float]
    spread: dict[str, float]

    @property
    def steady(self) -> bool:
        """Whether nobody was disturbed much."""
        return max(self.spread.values()) <= UNSTEADY

    def text(self, written: Callable[[float], str]) -> str:
        """Return all times as a line of text, and by how much the unsteady ones vary."""
        parts = [f"{name} {written(value)}" for name, value in self.seconds.items()]
        unsteady = [f"{name} {value:.1f}×" for name, value in self.spread.items() if value > UNSTEADY]
        return ", ".join(parts) + (f" (median over best block: {', '.join(unsteady)})" if unsteady else "")


def plan(quick: bool, steps: int = 10) -> Plan:
    """Return the usual plan, or a short one."""
    return Plan(2, 1, max(2, steps // 5)) if quick else Plan(steps=steps)


def repeated(step: Callable[[], object]) -> Side:
    """Return the side that calls `step` again and again."""

    def side(count: int) -> list[float]:
        seconds = []
        for _ in range(count):
            start = time.perf_counter()
            step()
            seconds.append(time.perf_counter() - start)
        return seconds

    return side


def in_turn(sides: dict[str, Side], plan: Plan) -> Timed:
    """Return the times of each side, measured in blocks, one side after the other.

    Not step by step in turn: each step would then find the caches full of the other side's numbers. Every second
    round goes backwards, so that nobody always comes after the same other side.
    """
    blocks: dict[str, list[list[float]]] = {name: [] for name in sides}
    for number in range(plan.blocks):
        for name in list(sides)[:: 1 if number % 2 == 0 else -1]:
            blocks[name].append(sides[name](plan.warm_up + plan.steps)[plan.warm_up :])
            time.sleep(PAUSE)
    seconds = {name: median(itertools.chain(*own)) for name, own in blocks.items()}
    return Timed(seconds, {name: seconds[name] / min(map(median, own)) for name, own in blocks.items()})
