"""Time two programs in one process, fairly."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Sequence
from statistics import mean, median, stdev
from typing import NamedTuple

from .goals import Figure

Side = Callable[[int], list[float]]  # takes a number of steps, does them, gives the seconds of each
PAUSE = 0.05  # seconds between blocks: thread pools wait in a loop for a while after their last work
FEWEST, SURE = 4, 0.02  # rounds of blocks, and the half width of a ratio's interval that ends the rounds after these
UNSTEADY = 1.25  # a side whose median is this many times its best block was disturbed: other programs, a hot processor


class Plan(NamedTuple):
    """How often: `blocks` for each side, in each `warm_up` steps that do not count and `steps` that do."""

    blocks: int = 6
    warm_up: int = 3
    steps: int = 10


# Student's t for 95 %, two-sided, with 1, 2, ... degrees of freedom; more than there are here count as infinitely many.
T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20)
T_OF_MANY = 1.96


class Timed(NamedTuple):
    """The seconds of a step of each side: the median of each block and of all steps.

    spread: how many times that of its best block the median of all steps is.
    """

    blocks: dict[str, list[float]]
    seconds: dict[str, float]
    spread: dict[str, float]

    def ratio(self, one: str, other: str) -> Figure:
        """Return the seconds of `one` divided by those of `other`, with an error estimated from the blocks.

        Both sides of a round were measured right after each other, so what slows the machine down for a while cancels.
        """
        value, error = mean_of(_logs(self.blocks[one], self.blocks[other]))
        return Figure(math.exp(value), math.exp(value) * math.expm1(error) if math.isfinite(error) else math.inf)

    @property
    def steady(self) -> bool:
        """Whether no side was disturbed much."""
        return max(self.spread.values()) <= UNSTEADY

    def text(self, written: Callable[[float], str]) -> str:
        """Return all times as a line of text, and by how much the unsteady ones vary."""
        parts = [f"{name} {written(value)}" for name, value in self.seconds.items()]
        unsteady = [f"{name} {value:.1f}×" for name, value in self.spread.items() if value > UNSTEADY]
        return ", ".join(parts) + (f" (median over best block: {', '.join(unsteady)})" if unsteady else "")


def plan(quick: bool, steps: int = 10, warm_up: int = 3) -> Plan:
    """Return the usual plan, or a short one."""
    return Plan(2, 1, max(2, steps // 5)) if quick else Plan(warm_up=warm_up, steps=steps)


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
    round goes backwards, so that nobody always comes after the same other side. Fewer rounds than planned are enough
    where all ratios are sure by then; their intervals hold the true ratio 94 times in 100 instead of 95.
    """
    steps: dict[str, list[list[float]]] = {name: [] for name in sides}
    for number in range(plan.blocks):
        for name in list(sides)[:: 1 if number % 2 == 0 else -1]:
            steps[name].append(sides[name](plan.warm_up + plan.steps)[plan.warm_up :])
            time.sleep(PAUSE)
        first, *others = blocks = [[median(block) for block in own] for own in steps.values()]
        if sure([_logs(other, first) for other in others]):
            break
    by_name = dict(zip(sides, blocks, strict=True))
    seconds = {name: median(itertools.chain(*own)) for name, own in steps.items()}
    return Timed(by_name, seconds, {name: seconds[name] / min(by_name[name]) for name in sides})


def sure(ratios: Sequence[Sequence[float]]) -> bool:
    """Return whether the interval of each ratio, given by its logarithms in each round, is narrow."""
    return all(len(logs) >= FEWEST and mean_of(logs).error <= SURE for logs in ratios) and len(ratios) > 0


def _logs(one: Sequence[float], other: Sequence[float]) -> list[float]:
    return [math.log(a / b) for a, b in zip(one, other, strict=True)]


def mean_of(values: Sequence[float]) -> Figure:
    """Return the mean with the half width of its 95 % interval, which is infinite for a single value.

    >>> mean_of([1.0, 2.0, 3.0])
    Figure(value=2.0, error=2.482...)
    """
    count = len(values)
    if count < 2:
        return Figure(mean(values), math.inf)
    t = T[count - 2] if count - 2 < len(T) else T_OF_MANY
    return Figure(mean(values), t * stdev(values) / math.sqrt(count))
