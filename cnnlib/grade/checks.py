"""Instant checks for the assignments: `from cnnlib.grade import checks`, then `checks.name(your_function)`.

They are the checks of `cnnlib.checks`, with the same kinds of cases and names of mistakes that the grading uses; the
grading draws other numbers.
"""

from __future__ import annotations

from typing import Any

from .assignments import all_tasks


def __getattr__(name: str) -> Any:
    task = None if name.startswith("_") else all_tasks().get(name)
    if task is None or task.exercise is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return task.exercise


def __dir__() -> list[str]:
    return sorted(name for name, task in all_tasks().items() if task.exercise)
