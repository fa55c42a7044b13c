"""A row of the table: what it measures, the goals it must reach and aims at, and the verdict on it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

AVX2 = ("Haswell", "Zen")  # the kernels of OpenBLAS that use AVX2, half as wide as AVX-512

REACHED_AIM, REACHED_MUST, MISSED = "reached aim", "reached must", "missed"


class Figure(NamedTuple):
    """A figure and the half width of its 95 % interval; 0 for counts and whatever is no mean, such as a maximum."""

    value: float
    error: float = 0.0


class Outcome(NamedTuple):
    """What a measurement gives: figures to compare with the goals, a line of details, and whether
    the figures can be relied on.
    """

    figures: tuple[Figure, ...]
    detail: str = ""
    steady: bool = True


class NotMeasuredError(Exception):
    """A row cannot be measured here; the message says why."""


class Goal(NamedTuple):
    """A bound with its unit, as in "≥1.8" or "≤0.8 %"."""

    at_least: bool
    bound: float
    unit: str

    def reached_by(self, figure: float) -> bool:
        """Return whether the figure is within the bound; NaN is not."""
        return figure >= self.bound if self.at_least else figure <= self.bound

    def written(self, figure: float, error: float = 0.0) -> str:
        """Return a figure in the goal's unit, with the half width of its interval where there is one."""
        if math.isinf(figure):
            return "never"
        digits = {"%": 2, "MB": 0}.get(self.unit, 2 if figure < 10 else 1 if figure < 100 else 0)
        sure = f" ±{error:,.{digits}f}" if error and math.isfinite(error) else ""
        return f"{figure:,.{digits}f}{sure} {self.unit}".strip()


def goals(text: str) -> list[Goal]:
    """Return the goals that a cell of the table states.

    >>> goals("≤0.8 % / ≤30 s")
    [Goal(at_least=False, bound=0.8, unit='%'), Goal(at_least=False, bound=30.0, unit='s')]
    """
    stated = re.findall(r"([≥≤])([\d.]+) ?([^ /]*)", text)
    return [Goal(sign == "≥", float(bound), unit) for sign, bound, unit in stated]


@dataclass(frozen=True)
class Row:
    """A row of the table.

    `threads` is how many threads BLAS and PyTorch may have, None as many as they like; `needs` names packages;
    `blas` says whether the figure depends on the kernels of BLAS. A goal stated once holds for every figure.
    """

    name: str
    section: str
    what: str
    measure: Callable[[bool], Outcome]
    must: str
    aim: str = ""
    must_avx2: str = ""
    threads: int | None = None
    needs: tuple[str, ...] = ()
    blas: bool = True

    def must_with(self, kernels: str) -> str:
        """Return the goal that applies with these kernels of BLAS."""
        return self.must_avx2 if self.must_avx2 and kernels in AVX2 else self.must


def paired(text: str, figures: tuple[Figure, ...]) -> list[tuple[Goal, Figure]]:
    """Return each figure with its goal; the last goal applies to all further figures."""
    stated = goals(text)
    return [(stated[min(place, len(stated) - 1)], figure) for place, figure in enumerate(figures)]


def verdict(figures: tuple[Figure, ...], must: str, aim: str) -> str:
    """Return the better of the two goals that all figures reach, or "missed"."""
    for text, words in ((aim, REACHED_AIM), (must, REACHED_MUST)):
        if text and all(goal.reached_by(figure.value) for goal, figure in paired(text, figures)):
            return words
    return MISSED


def written(figures: tuple[Figure, ...], must: str) -> str:
    """Return the figures as they stand in the table, in the units of the goal.

    >>> written((Figure(0.704, 0.05), Figure(12.34)), "≤0.8 % / ≤30 s")
    '0.70 ±0.05 % / 12.3 s'
    """
    return " / ".join(goal.written(*figure) for goal, figure in paired(must, figures))
