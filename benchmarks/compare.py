"""Compare today's figures with the stored ones: what became slower or faster by more than both intervals."""

from __future__ import annotations

import math
from typing import Any

from .goals import Figure, Goal, paired
from .report import Line

SMALLEST = 0.03  # a change by less than this share is not spoken of, however sure it is


def sentences(stored: dict[str, Any], machine: dict[str, Any], lines: list[Line]) -> list[str]:
    """Return sentences on the changes since the stored figures, the worse ones first."""
    before = {(row["name"], row["kernels"]): row["figures"] for row in stored["rows"]}
    worse: list[str] = []
    better: list[str] = []
    same = 0
    for line in lines:
        old = [_figure(pair) for pair in before.get((line.row.name, line.kernels), ())]
        for (goal, new), was in zip(paired(line.must, line.figures), old):
            if not _differ(was, new):
                same += 1
            else:
                gained = goal.at_least == (new.value > was.value)
                (better if gained else worse).append(_change(line, goal, was, new))
    then = stored["machine"]
    since = f"the stored figures ({then['date']}, NumPy {then['numpy']})"
    if then["processor"] != machine["processor"]:
        since += f", measured on another processor ({then['processor']})"
    parts = [f"Worse than {since}: {'; '.join(worse)}."] if worse else [f"Nothing is worse than {since}."]
    return parts + ([f"Better: {'; '.join(better)}."] if better else []) + [f"Unchanged: {same}."]


def _figure(pair: list[float | None]) -> Figure:
    return Figure(*(math.inf if number is None else number for number in pair))


def _differ(was: Figure, new: Figure) -> bool:
    """Return whether two figures differ by more than their intervals together, and by enough to report."""
    if not (math.isfinite(was.value) and math.isfinite(new.value)):
        return was.value != new.value
    change = abs(new.value - was.value)
    return change > math.hypot(was.error, new.error) and change > SMALLEST * abs(was.value)


def _change(line: Line, goal: Goal, was: Figure, new: Figure) -> str:
    kernels = f" ({line.kernels})" if line.row.blas and line.kernels else ""
    return f"{line.row.name}{kernels} {goal.written(*was)} → {goal.written(*new)}"
