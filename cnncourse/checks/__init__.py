"""Instant checks for the exercises: `checks.name(your_function)`, or `checks.name(your_answer)` for a prediction.

A check says "not yet" as long as the stub is untouched, "right" with what was tried, or what is wrong: where an answer
first differs and for which numbers, and the name of the mistake if it is a known one. The cases are random and new each
time; `checks.name(your_function, seed=1)` repeats one.

The exercises are the files of `cnncourse.exercises`, each read when it is asked for; `EXERCISES` has all of them by
name, in the order of the chapters.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .exercise import FunctionExercise
from .prediction import Prediction
from .result import Result

Exercise = FunctionExercise | Prediction

FOLDER = Path(__file__).resolve().parent.parent / "exercises"
NAMES = sorted(module.name for module in pkgutil.iter_modules([str(FOLDER)]) if not module.ispkg)

if TYPE_CHECKING:
    EXERCISES: dict[str, Exercise]


def __getattr__(name: str) -> Any:
    if name in NAMES:
        return importlib.import_module(f"cnncourse.exercises.{name}").exercise
    if name == "EXERCISES":
        found = [__getattr__(other) for other in NAMES]
        return {exercise.name: exercise for exercise in sorted(found, key=lambda exercise: str(exercise.chapter))}
    raise AttributeError(f"there is no exercise {name!r}; the names are {', '.join(NAMES)}")


def __dir__() -> list[str]:
    return __all__


__all__ = ["EXERCISES", "Exercise", "Result", *NAMES]
