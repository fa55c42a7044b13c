"""Chapter 01: leaky ReLU."""

from __future__ import annotations

import numpy as np

from ..checks.exercise import FunctionExercise
from ..checks.patches import mistakes_of
from .shared.numbers import ANOTHER_LIMIT, CASES_DESCRIPTION, cases


def my_leaky_relu(x, slope=0.01):
    return np.where(x > 0, x, slope * x)


MISTAKES = r"""
plain ReLU: Where `x` is negative the result is 0; a leaky ReLU lets `slope * x` through. | slope * x => 0 * slope
slope ignored: The slope is always 0.01, whatever the argument `slope` says. | slope * x => 0.01 * x
slope ignored: The slope is always 0.1, whatever the argument `slope` says. | slope * x => 0.1 * x
sides swapped: The slope acts on the positive numbers, and the negative ones pass unchanged. | x > 0 => x < 0
slope on both sides: Positive numbers are multiplied too. | x, slope * x => slope * x, slope * x
identity: Every number comes back as it was. | slope * x => 1.0 * x
slope in place of slope times x: Where `x` is negative the result is `slope` itself: that is the derivative.
    slope * x => slope
    x > 0, x, slope * x => x > slope, x, slope
sign lost: Negative numbers come out positive: `slope * x`, without the absolute value. | slope * x => slope * abs(x)
    slope * x => -slope * x
slope subtracted: Where `x` is negative, the slope is a factor: `slope * x`, not a sum or a difference.
    slope * x => x - slope
slope added: Where `x` is negative, the slope is a factor: `slope * x`, not a sum or a difference.
    slope * x => x + slope
divided by the slope: Where `x` is negative it is divided by the slope: multiply. | slope * x => x / slope
fractions cut off: The result has the integer type of the input, which holds no fractions: `np.where` makes a new array
    of the right type.
    return np.where(x > 0, x, slope * x) => return np.where(x > 0, x, slope * x).astype(x.dtype)
derivative in place of the function: These are the slopes, 1 and `slope`: the function itself is `x` and `slope * x`.
    x, slope * x => 1.0, slope
"""

exercise = FunctionExercise(
    "leaky_relu", "01", my_leaky_relu, cases, mistakes_of(my_leaky_relu, MISTAKES + ANOTHER_LIMIT), CASES_DESCRIPTION
)
