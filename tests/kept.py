"""Texts that tests compare with those in tests/baseline: what is meant to change there is looked at, and stored.

    python -m pytest tests/test_exercises.py tests/test_pictures.py --mpl-generate-path=tests/baseline

is the option with which pytest-mpl stores its pictures, and stores these texts beside them.
"""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent / "baseline"


def kept(name: str, lines: list[str], config: pytest.Config, tolerance: float = 0) -> list[str]:
    """Return in which lines a text differs from the one that is stored, as `diff` shows it; or store it.

    tolerance: by how much the number behind the last colon of a line may be off, which depends on the processor.
    """
    assert not [line for line in lines if "\n" in line]
    path = FOLDER / name
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
