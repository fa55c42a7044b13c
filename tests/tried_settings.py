"""Which settings of an explorer the tests try."""

from __future__ import annotations

from typing import Any

import numpy as np

# What no text alternative says: a hyphen for a minus sign, and "a" before a number that begins with a vowel.
BAD_ENGLISH = r"(?<![A-Za-z])-\d|\b[Aa] (8|11|18|8\d)\b"  # LeNet-5 is a name


def values_of(setting: Any) -> list[Any]:
    """Return the values of a setting; of a position only the one that it starts with."""
    return setting.values() if hasattr(setting, "values") else [list(setting.start)]


def one_at_a_time(explorer: Any) -> list[dict[str, Any]]:
    """Return the start, and every value of every setting with the others as at the start."""
    start = explorer.start()
    return [start] + [start | {s.name: value} for s in explorer.settings for value in values_of(s)]


def sampled(explorer: Any, count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Return settings at random, every second one in a corner: each setting at one of its ends."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(count):
        ends = [values_of(s) if k % 2 else [values_of(s)[0], values_of(s)[-1]] for s in explorer.settings]
        found.append({s.name: s.accept(v[rng.integers(len(v))]) for s, v in zip(explorer.settings, ends)})
    return found
