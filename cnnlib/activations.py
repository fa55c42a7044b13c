"""Activation functions and their derivatives, all as functions of the weighted input `net`, here called x.

Every function takes an array of any shape (or one number) and gives a new array of that shape (or a NumPy
number). Integers become float64, float32 stays float32, NaN stays NaN. Lists and other types are a TypeError.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .arguments import as_float_array, number


def relu(x: Any) -> Any:
    """Return max(0, x), element by element.

    Parameters
    ----------
    x : ndarray or number
        The weighted input, of any shape.

    Returns
    -------
    ndarray or number
        In the shape of x.

    Raises
    ------
    TypeError
        If x is not an array of real numbers.

    Examples
    --------
    >>> relu(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """
    x = as_float_array("x", x)
    return np.maximum(x, np.zeros_like(x))  # two arrays: NumPy has no vector code for an array and one number


def relu_derivative(x: Any) -> Any:
    """Return 1 where x > 0, else 0; the value at exactly 0 is a convention.

    Parameters
    ----------
    x : ndarray or number
        The weighted input, of any shape.

    Returns
    -------
    ndarray or number
        In the shape of x.

    Raises
    ------
    TypeError
        If x is not an array of real numbers.

    Examples
    --------
    >>> relu_derivative(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 1.])
    """
    return np.sign(np.maximum(as_float_array("x", x), 0))  # unlike x > 0, the sign keeps a NaN


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """Return x where x > 0, else slope * x.

    Parameters
    ----------
    x : ndarray or number
        The weighted input, of any shape.
    slope : float, optional
        The slope for negative x.

    Returns
    -------
    ndarray or number
        In the shape of x.

    Raises
    ------
    TypeError
        If x is not an array of real numbers, or the slope not a number.
    ValueError
        If the slope is not finite.

    Examples
    --------
    >>> leaky_relu(np.array([-2.0, 0.0, 3.0]))
    array([-0.02,  0.  ,  3.  ])
    """
    x, slope = as_float_array("x", x), number("slope", slope)
    # Of the two lines x and slope * x the upper one is wanted, for a slope above 1 the lower one.
    return np.maximum(x, slope * x) if slope <= 1 else np.minimum(x, slope * x)


def leaky_relu_derivative(x: Any, slope: float = 0.01) -> Any:
    """Return 1 where x > 0, else `slope`.

    Parameters
    ----------
    x : ndarray or number
        The weighted input, of any shape.
    slope : float, optional
        The slope for negative x.

    Returns
    -------
    ndarray or number
        In the shape of x.

    Raises
    ------
    TypeError
        If x is not an array of real numbers, or the slope not a number.
    ValueError
        If the slope is not finite.

    Examples
    --------
    >>> leaky_relu_derivative(np.array([-2.0, 0.0, 3.0]))
    array([0.01, 0.01, 1.  ])
    """
    x, slope = as_float_array("x", x), number("slope", slope)
    return np.where(x > 0, 1, np.where(x <= 0, slope, x)).astype(x.dtype, copy=False)[()]  # what is neither is NaN


def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + e^-x), with full relative accuracy also where it is tiny.

    Parameters
    ----------
    x : ndarray or number
        The weighted input, of any shape.

    Returns
    -------
    ndarray or number
        In the shape of x, from 0 to 1.

    Raises
    ------
    TypeError
        If x is not an array of real numbers.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    x = as_float_array("x", x)
    # For x below -709 (float32: -88) e^-x is inf and the quotient 0, which is the right answer to the last digit.
    # (1 + tanh(x/2)) / 2 needs no such care and is faster, but gives 0 from x = -37 on, where a logarithm still wants
    # the true 1e-16.
    with np.errstate(over="ignore", under="ignore"):
        return 1 / (1 + np.exp(-x))


def sigmoid_derivative(x: Any) -> Any:
    """Return a * (1 - a) with a = sigmoid(x); the largest value is 1/4, at 0.

    Parameters
    ----------
    x : ndarray or number
        The weighted input, of any shape.

    Returns
    -------
    ndarray or number
        In the shape of x.

    Raises
    ------
    TypeError
        If x is not an array of real numbers.

    Examples
    --------
    >>> sigmoid_derivative(np.array([-1000.0, 0.0, 1000.0]))
    array([0.  , 0.25, 0.  ])
    """
    x = as_float_array("x", x)
    with np.errstate(under="ignore"):
        e = np.exp(-np.abs(x))  # even in x, so both tails are equally exact: a * (1 - a) would lose the right one
        return e / (1 + e) ** 2


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent (e^x - e^-x) / (e^x + e^-x).

    Parameters
    ----------
    x : ndarray or number
        The weighted input, of any shape.

    Returns
    -------
    ndarray or number
        In the shape of x, from -1 to 1.

    Raises
    ------
    TypeError
        If x is not an array of real numbers.

    Examples
    --------
    >>> tanh(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.,  0.,  1.])
    """
    return np.tanh(as_float_array("x", x))


def tanh_derivative(x: Any) -> Any:
    """Return 1 - a^2 with a = tanh(x); the largest value is 1, at 0.

    Parameters
    ----------
    x : ndarray or number
        The weighted input, of any shape.

    Returns
    -------
    ndarray or number
        In the shape of x.

    Raises
    ------
    TypeError
        If x is not an array of real numbers.

    Examples
    --------
    >>> tanh_derivative(np.array([-1000.0, 0.0, 1000.0]))
    array([0., 1., 0.])
    """
    return 1 - np.tanh(as_float_array("x", x)) ** 2


def softmax(logits: Any) -> Any:
    """Return e^z / sum(e^z) over the last axis: probabilities.

    Only differences of logits count, so the largest is taken away first and nothing overflows. -inf gives 0.

    Parameters
    ----------
    logits : ndarray, shape (..., C)
        The weighted inputs z of the C outputs.

    Returns
    -------
    ndarray, shape (..., C)
        Probabilities, 1 together along the last axis.

    Raises
    ------
    TypeError
        If `logits` is not an array of real numbers.
    ValueError
        If there is no last axis, or it is empty.

    Examples
    --------
    >>> softmax(np.array([[1000.0, 1000.0, -np.inf]]))
    array([[0.5, 0.5, 0. ]])
    """
    logits = as_float_array("logits", logits)
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise ValueError(f"logits: got shape {logits.shape}, expected at least one number along the last axis")
    with np.errstate(over="ignore", under="ignore"):  # a difference of two huge logits may be -inf: e^-inf is 0
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)
