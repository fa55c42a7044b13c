"""Numbers for the exercises of chapter 01."""

from __future__ import annotations

import numpy as np

from ...checks.exercise import Case

SLOPES = (0.01, 0.01, 0.25, 0.5, 0.12345678)
DTYPES = (np.int64, np.int32, np.int16)  # of 8 bits NumPy's functions make float16, which no reader can help


def cases(rng: np.random.Generator) -> list[Case]:
    """Return arrays of one to four axes with negative numbers, zeros, ties, and numbers around the slope; integers."""
    made = [Case(np.array([-2.0, 0.0, 3.0])), Case(np.array([-1.0, 4.0, -4.0, 0.0]), slope=0.5)]
    made.append(Case(np.array([0.0, 0.004, 0.02, -0.004, -0.02, 0.01, -0.01])))
    made += [Case(np.array([2e-7, -3e-7, 0.0, 5e-6]), slope=0.25), Case(np.array([25.0, -60.0, 900.0, -0.5, 0.0]))]
    for shape, slope in zip([(7,), (2, 5), (4, 3), (2, 3, 4), (2, 1, 3, 5)], SLOPES):
        x = rng.integers(-8, 9, shape) / 2
        around = slope * rng.choice([0.25, 0.5, 0.75]), slope * rng.choice([1.25, 1.5, 1.75])
        x.flat[rng.permutation(x.size)[:6]] = [0.0, -3.5, 2.5, *around, -around[0]]  # one of each kind
        made.append(Case(x, slope=slope))
    dtype = DTYPES[int(rng.integers(len(DTYPES)))]
    made.append(Case(rng.permutation(np.arange(-3, 5)).reshape(2, 4).astype(dtype), slope=0.2))
    return [*made, Case(rng.permutation(np.arange(6)).reshape(3, 2).astype(np.uint16), slope=0.3)]


CASES_DESCRIPTION = (
    "arrays of one to four axes, slopes from 0.01 to 0.5, with negative numbers, exact zeros, equal numbers, numbers "
    "smaller and larger than the slope, and arrays of integers."
)

# Where the two sides of a leaky ReLU meet, in the function and in its derivative.
ANOTHER_LIMIT = r"""
another limit than 0: The two sides meet at 0: the condition is `x > 0`, whatever the slope is.
    x > 0 => x > slope
    x > 0 => x >= slope
    x > 0 => x > -slope
    x > 0 => x > 1
    x > 0 => x >= 1
    x > 0 => x > 0.1
    x > 0 => x >= 0.5
"""
