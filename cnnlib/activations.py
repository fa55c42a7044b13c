"""Activation functions and their derivatives, all as functions of the weighted input `net`, here called x.

Every function takes an array of any shape (or one number) and gives a new array of that shape (or a NumPy
number). Integers become float64, float32 stays float32, NaN stays NaN. TypeError for lists and other types.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .arguments import floats


def relu(x: Any) -> Any:
    """Return max(0, x) for an x of any shape.

    >>> relu(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """
    x = floats("x", x)
    return np.maximum(x, np.zeros_like(x))  # two arrays: NumPy has no vector code for an array and one number


def relu_derivative(x: Any) -> Any:
    """Return 1 where x > 0, else 0, for an x of any shape; the value at exactly 0 is a convention.

    >>> relu_derivative(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 1.])
    """
    return np.sign(np.maximum(floats("x", x), 0))  # unlike x > 0, the sign keeps a NaN


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """Return x where x > 0, else slope * x, for an x of any shape. Raises ValueError if the slope is not finite.

    >>> leaky_relu(np.array([-2.0, 0.0, 3.0]))
    array([-0.02,  0.  ,  3.  ])
    """
    x, slope = floats("x", x), checked_slope(slope)
    # Of the two lines x and slope * x the upper one is wanted, for a slope above 1 the lower one.
    return np.maximum(x, slope * x) if slope <= 1 else np.minimum(x, slope * x)


def leaky_relu_derivative(x: Any, slope: float = 0.01) -> Any:
    """Return 1 where x > 0, else `slope`, for an x of any shape. Raises ValueError if the slope is not finite.

    >>> leaky_relu_derivative(np.array([-2.0, 0.0, 3.0]))
    array([0.01, 0.01, 1.  ])
    """
    x, slope = floats("x", x), checked_slope(slope)
    return np.where(x > 0, 1, np.where(x <= 0, slope, x)).astype(x.dtype, copy=False)[()]  # what is neither is NaN


def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + e^-x) for an x of any shape, with full relative accuracy also where it is tiny.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    x = floats("x", x)
    # For x below -709 (float32: -88) e^-x is inf and the quotient 0, which is the right answer to the last digit.
    # (1 + tanh(x/2)) / 2 needs no such care and is faster, but gives 0 from x = -37 on, where a logarithm still wants
    # the true 1e-16.
    with np.errstate(over="ignore", under="ignore"):
        return 1 / (1 + np.exp(-x))


def sigmoid_derivative(x: Any) -> Any:
    """Return a * (1 - a) with a = sigmoid(x), for an x of any shape; the largest value is 1/4, at 0.

    >>> sigmoid_derivative(np.array([-1000.0, 0.0, 1000.0]))
    array([0.  , 0.25, 0.  ])
    """
    x = floats("x", x)
    with np.errstate(under="ignore"):
        e = np.exp(-np.abs(x))  # even in x, so both tails are equally exact: a * (1 - a) would lose the right one
        return e / (1 + e) ** 2


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent (e^x - e^-x) / (e^x + e^-x) for an x of any shape.

    >>> tanh(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.,  0.,  1.])
    """
    return np.tanh(floats("x", x))


def tanh_derivative(x: Any) -> Any:
    """Return 1 - a^2 with a = tanh(x), for an x of any shape; the largest value is 1, at 0.

    >>> tanh_derivative(np.array([-1000.0, 0.0, 1000.0]))
    array([0., 1., 0.])
    """
    return 1 - np.tanh(floats("x", x)) ** 2


def softmax(logits: Any) -> Any:
    """Return e^z / sum(e^z) over the last axis, for logits (..., C): probabilities of the same shape.

    Only differences of logits count, so the largest is taken away first and nothing overflows. -inf gives 0.
    Raises ValueError if there is no last axis or it is empty.

    >>> softmax(np.array([[1000.0, 1000.0, -np.inf]]))
    array([[0.5, 0.5, 0. ]])
    """
    logits = floats("logits", logits)
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise ValueError(f"logits: got shape {logits.shape}, expected at least one number along the last axis")
    with np.errstate(over="ignore", under="ignore"):  # a difference of two huge logits may be -inf: e^-inf is 0
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)


def checked_slope(slope: Any) -> float:
    """Return the slope of a leaky ReLU as a Python number, checked to be finite."""
    if isinstance(slope, (bool, np.bool_)) or not isinstance(slope, (int, float, np.integer, np.floating)):
        raise TypeError(f"slope: got {slope!r} ({type(slope).__name__}), expected a number")
    if not math.isfinite(slope):
        raise ValueError(f"slope: got {slope!r}, expected a finite number")
    return float(slope)
