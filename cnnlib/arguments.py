"""Checks of what callers hand in: every error names the argument, what came and what was expected.

Nothing here computes. A check returns the argument in the one form the rest of the package works with.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
IntPair = int | tuple[int, int]


def floats(name: str, value: Any) -> np.ndarray:
    """Return `value` as a float32 or float64 array: floats stay as they are, integers become float64.

    Raises TypeError for anything but an array (or a NumPy or Python number) of real numbers. The result
    may be `value` itself: whoever writes into it must copy it first.
    """
    if type(value) is np.ndarray and value.dtype in FLOATS:  # the common case first: layers of one image are fast
        return value
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name}: got a masked array, expected a plain NumPy array (fill it first: {name}.filled(0))")
    if not isinstance(value, (np.ndarray, np.generic, int, float)):
        raise TypeError(f"{name}: got {type(value).__name__}, expected a NumPy array (np.array({name}) makes one)")
    array = np.asarray(value)
    if array.dtype in FLOATS:
        return array
    if array.dtype.kind in "iub":
        return array.astype(np.float64)
    raise TypeError(f"{name}: got dtype {array.dtype}, expected float32, float64 or integers")


def floats_of_rank(name: str, value: Any, axes: str) -> np.ndarray:
    """Return `floats(name, value)` after checking that it has the axes named in `axes`, e.g. "batch, channel"."""
    array = floats(name, value)
    expected = axes.count(",") + 1
    if array.ndim != expected:
        raise ValueError(
            f"{name}: got shape {array.shape} with {array.ndim} {_axes(array.ndim)}, expected {expected}: ({axes})"
        )
    return array


def same_shape(name: str, array: np.ndarray, expected: tuple[int, ...], what: str) -> None:
    """Raise ValueError unless `array` has the `expected` shape; `what` says whose shape that is."""
    if array.shape != expected:
        raise ValueError(f"{name}: got shape {array.shape}, expected {expected}, {what}")


def integer(name: str, value: Any, minimum: int) -> int:
    """Return `value` as a Python int of at least `minimum` (TypeError for floats and booleans, else ValueError)."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}: got {value!r}, expected an integer of at least {minimum}")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(
            f"{name}: got {value!r} ({type(value).__name__}), expected an integer of at least {minimum}"
        ) from None
    if number < minimum:
        raise ValueError(f"{name}: got {number}, expected an integer of at least {minimum}")
    return number


def pair(name: str, value: Any, minimum: int) -> tuple[int, int]:
    """Return `value`, an int for both axes or a (row, column) pair of ints, as a pair."""
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise ValueError(
                f"{name}: got {value!r} of length {len(value)}, expected an integer or a (row, column) pair"
            )
        return integer(f"{name}[0] (rows)", value[0], minimum), integer(f"{name}[1] (columns)", value[1], minimum)
    number = integer(name, value, minimum)
    return number, number


def number(name: str, value: Any, least: float, below: float = math.inf) -> float:
    """Return `value`, a finite number of at least `least` and below `below`, as a Python float."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name}: got {value!r} ({type(value).__name__}), expected a number")
    if not least <= value < below:
        limit = f" and below {below}" if below < math.inf else ", finite"
        raise ValueError(f"{name}: got {value!r}, expected a number of at least {least}{limit}")
    return float(value)


def float_dtype(value: Any) -> np.dtype:
    """Return `value` as float32 or float64, the two dtypes that layers and networks keep their parameters in."""
    dtype = np.dtype(value)
    if dtype not in FLOATS:
        raise TypeError(f"dtype: got {dtype}, expected float32 or float64")
    return dtype


def class_labels(name: str, labels: Any, count: int, classes: int) -> np.ndarray:
    """Return `labels` as an integer array (count,), each label at least 0 and below `classes`."""
    if isinstance(labels, np.ma.MaskedArray):
        raise TypeError(f"{name}: got a masked array, expected a plain NumPy array of {count} class numbers")
    if not isinstance(labels, np.ndarray):
        raise TypeError(f"{name}: got {type(labels).__name__}, expected a NumPy array of {count} class numbers")
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{name}: got dtype {labels.dtype}, expected integers: class numbers from 0 to {classes - 1}")
    if labels.shape != (count,):
        raise ValueError(f"{name}: got shape {labels.shape}, expected ({count},): one class number for each row")
    if count and not (0 <= labels.min() and labels.max() < classes):
        raise ValueError(
            f"{name}: got class numbers from {labels.min()} to {labels.max()}, expected 0 to {classes - 1} "
            f"for {classes} outputs"
        )
    return labels


def _axes(count: int) -> str:
    return "axis" if count == 1 else "axes"
