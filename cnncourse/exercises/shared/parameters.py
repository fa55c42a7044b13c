"""Parameters of small networks for the update rules of chapters 08 and 10."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Arrays = dict[str, np.ndarray]
SHAPES: list[dict[str, tuple[int, ...]]] = [
    {"w1": (1, 2), "b1": (1,)},
    {"w1": (2, 3), "b1": (2,)},
    {"w1": (3, 2), "b1": (3,), "w2": (2, 3), "b2": (2,)},
    {"w1": (2, 1, 2, 3), "b1": (2,), "w2": (3, 4), "b2": (3,)},
    {"w1": (4, 2), "b1": (4,), "w2": (3, 4), "b2": (3,), "w3": (2, 3), "b3": (2,)},
]
RATES = (0.5, 0.1, 0.25, 0.01, 0.03771)


def arrays(rng: np.random.Generator, shapes: Mapping[str, tuple[int, ...]], high: int, order: int = 1) -> Arrays:
    """Return numbers that are neither 0 nor 1, some below 1: no factor hides, and no two arrays are alike throughout.

    order: 1, the names as they are; −1, in reverse: what belongs together has the same name, not the same place.
    """
    signs = {name: rng.choice([-1.0, 1.0], shapes[name]) for name in list(shapes)[::order]}
    return {
        name: sign * (rng.integers(2, high, sign.shape) + rng.choice([0, -1.75], sign.shape))
        for name, sign in signs.items()
    }
