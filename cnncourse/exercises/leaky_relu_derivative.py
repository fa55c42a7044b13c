"""Chapter 01: the derivative of leaky ReLU."""

from __future__ import annotations

import numpy as np

from ..checks.exercise import FunctionExercise
from ..checks.patches import mistakes_of
from .shared.numbers import ANOTHER_LIMIT, CASES_DESCRIPTION, cases


def my_leaky_relu_derivative(x, slope=0.01):
    return np.where(x > 0, 1.0, slope)


MISTAKES = r"""
derivative of plain ReLU: Where `x` is negative the result is 0; a leaky ReLU has the derivative `slope` there.
    1.0, slope => 1.0, 0.0
1 at exactly 0: At exactly 0 the exercise asks for `slope`, the convention that chapter 01 uses: 1 only where `x > 0`.
    x > 0 => x >= 0
0 at exactly 0: At exactly 0 the exercise asks for `slope`: 1 where `x > 0`, `slope` everywhere else.
    1.0, slope => 1.0, np.where(x < 0, slope, 0.0)
the mean at exactly 0: At exactly 0 the exercise asks for `slope`: 1 where `x > 0`, `slope` everywhere else.
    1.0, slope => 1.0, np.where(x < 0, slope, (1 + slope) / 2)
slope ignored: The slope is always 0.01, whatever the argument `slope` says. | 1.0, slope => 1.0, 0.01
sides swapped: `slope` stands where `x` is positive, and 1 where it is negative. | 1.0, slope => slope, 1.0
sign of the slope: Where `x` is negative the line still rises: its derivative is `slope`, not `-slope`.
    1.0, slope => 1.0, -slope
function in place of the derivative: These are the values of leaky ReLU: the derivative says how steep it is, 1 or
    `slope`.
    1.0, slope => x, slope * x
derivative times x: Where `x` is negative the derivative of `slope * x` is `slope`: the `x` goes away.
    1.0, slope => 1.0, slope * x
x where it is positive: Where `x` is positive the derivative of `x` is 1. | 1.0, slope => x, slope
fractions cut off: The result has the integer type of the input, which holds no fractions: `np.where` makes a new array
    of the right type.
    return np.where(x > 0, 1.0, slope) => return np.where(x > 0, 1.0, slope).astype(x.dtype)
"""

exercise = FunctionExercise(
    "leaky_relu_derivative",
    "01",
    my_leaky_relu_derivative,
    cases,
    mistakes_of(my_leaky_relu_derivative, MISTAKES + ANOTHER_LIMIT),
    CASES_DESCRIPTION,
)
