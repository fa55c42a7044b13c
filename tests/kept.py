"""Texts that tests compare with those in tests/baseline: what is meant to change there is looked at, and stored.

    python -m pytest tests/test_exercises.py tests/test_pictures.py --mpl-generate-path=tests/baseline

is the option with which pytest-mpl stores its pictures, and stores these texts beside them.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnncourse.checks.exercise import FunctionExercise
from cnncourse.exercises.occlusion_map import Score

FOLDER = Path(__file__).resolve().parent / "baseline"


def kept(name: str, lines: list[str], config: pytest.Config, tolerance: float = 0, folder: Path = FOLDER) -> list[str]:
    """Return in which lines a text differs from the one that is stored, as `diff` shows it; or store it.

    tolerance: by how much the number behind the last colon of a line may be off, which depends on the processor.
    """
    assert not [line for line in lines if "\n" in line]
    path = folder / name
    if config.getoption("--mpl-generate-path"):
        path.write_text("\n".join([*lines, ""]), encoding="utf-8", newline="\n")
        return []
    before = path.read_text(encoding="utf-8").splitlines()
    if tolerance and len(lines) == len(before):
        lines = [old if _near(old, new, tolerance) else new for old, new in zip(before, lines)]
    return [line for line in difflib.unified_diff(before, lines, "stored", "now", lineterm="", n=0)]


def _near(old: str, new: str, tolerance: float) -> bool:
    (first, _, one), (second, _, other) = old.rpartition(": "), new.rpartition(": ")
    return bool(first) and first == second and abs(float(one) - float(other)) <= tolerance


def cases_in_words(name: str, exercise: FunctionExercise) -> list[str]:
    """Return a line for each case of an exercise that two seeds draw."""
    lines = []
    for seed in (0, 1):
        lines.append(f"{name}, seed {seed}")
        for case in exercise.cases(np.random.default_rng(seed)):
            given = case.arguments(exercise.argument_names)
            lines.append("    " + "; ".join(f"{key} {in_words(value)}" for key, value in given.items()))
    return lines


def in_words(value: Any) -> str:
    """Return an argument of a case in short: an array by its shape and kind, from where to where its numbers go."""
    if isinstance(value, np.ndarray):
        shape = "×".join(map(str, value.shape))
        return f"{shape} {value.dtype} {value.min():g}…{value.max():g}, sum {round(float(value.sum(dtype=float)), 6):g}"
    if isinstance(value, Score):
        return f"a score by {in_words(value.w)}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {in_words(part)}" for key, part in value.items())
    return repr(value)
