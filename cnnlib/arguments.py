"""Checks of what callers hand in: every error names the argument, what came and what was expected.

Nothing here computes. A check returns the argument in the one form the rest of the package works with.
"""

from __future__ import annotations

import math
import operator
from contextlib import suppress
from typing import Any, TypeAlias

import numpy as np

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
Array: TypeAlias = np.ndarray
Pair: TypeAlias = tuple[int, int]
IntPair: TypeAlias = int | Pair
Shape: TypeAlias = tuple[int, ...]
Seed: TypeAlias = np.random.Generator | int | None  # what `rng` may be: a generator, a seed for one, or neither


def as_float_array(name: str, value: Any, axes: str | None = None) -> Array:
    """Return `value` as a float32 or float64 array: floats stay as they are, integers become float64.

    Raises TypeError for anything but an array (or a NumPy or Python number) of real numbers, and ValueError unless it
    has the axes named in `axes`, e.g. "batch, channel". The result may be `value` itself: copy it before writing.
    """
    # The usual case first: with one image in a batch a layer takes microseconds.
    array = value if type(value) is np.ndarray and value.dtype in FLOATS else _converted(name, value)
    if axes is not None and array.ndim != axes.count(",") + 1:
        came = f"{array.ndim} {'axis' if array.ndim == 1 else 'axes'}"
        raise ValueError(f"{name}: got shape {array.shape} with {came}, expected {axes.count(',') + 1}: ({axes})")
    return array


def _converted(name: str, value: Any) -> Array:
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


def same_shape(name: str, array: Array, expected: Shape, what: str) -> None:
    """Raise ValueError unless `array` has the `expected` shape; `what` says whose shape that is."""
    if array.shape != expected:
        raise ValueError(f"{name}: got shape {array.shape}, expected {expected}, {what}")


def in_one_dtype(*arrays: Any) -> tuple[Any, ...]:
    """Return float arrays in the widest of their dtypes; None stays None."""
    for array in arrays:
        if array is not None and array.dtype != arrays[0].dtype:
            return tuple(None if one is None else one.astype(np.float64, copy=False) for one in arrays)
    return arrays


def integer(name: str, value: Any, minimum: int) -> int:
    """Return `value` as a Python int of at least `minimum` (TypeError for floats and booleans, else ValueError)."""
    number, kind = None, type(value).__name__
    with suppress(TypeError):
        number = operator.index(value)
    if number is None or isinstance(value, bool):
        raise TypeError(f"{name}: got {value!r:.60} ({kind}), expected an integer of at least {minimum}")
    if number < minimum:
        raise ValueError(f"{name}: got {number}, expected an integer of at least {minimum}")
    return number


def pair(name: str, value: Any, minimum: int) -> Pair:
    """Return `value`, an int for both axes or a (row, column) pair of ints, as a pair."""
    if type(value) is tuple and len(value) == 2:  # already right: the usual case, in every step of a training
        row, column = value
        if type(row) is type(column) is int and row >= minimum <= column:
            return value
    if not isinstance(value, (tuple, list)):
        number = integer(name, value, minimum)
        return number, number
    if len(value) != 2:
        raise ValueError(
            f"{name}: got {value!r:.60} of length {len(value)}, expected an integer or a (row, column) pair"
        )
    return integer(f"{name}[0] (rows)", value[0], minimum), integer(f"{name}[1] (columns)", value[1], minimum)


def number(name: str, value: Any, least: float = -math.inf, below: float = math.inf) -> float:
    """Return `value`, a finite number of at least `least` and below `below`, as a Python float."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name}: got {value!r:.60} ({type(value).__name__}), expected a number")
    number = math.inf if isinstance(value, int) and value.bit_length() > 1023 else float(value)
    if not (least <= number < below and number > -math.inf):
        at_least = f" of at least {least}" if least > -math.inf else ""
        limit = f" and below {below}" if below < math.inf else ", finite"
        raise ValueError(f"{name}: got {value!r:.60}, expected a number{at_least}{limit}")
    return number


def float_dtype(value: Any) -> np.dtype:
    """Return `value` as float32 or float64, the two dtypes that layers and networks keep their parameters in."""
    dtype: Any = value
    with suppress(TypeError):  # of None, and of anything that has a dtype, NumPy would make one
        dtype = np.dtype(value) if isinstance(value, (str, type)) else value
    if not isinstance(dtype, np.dtype) or dtype not in FLOATS:
        raise TypeError(f"dtype: got {dtype!s:.60}, expected float32 or float64")
    return dtype


def generator(value: Any) -> np.random.Generator:
    """Return the argument `rng` as a generator: itself, one from a seed, or one that is new each time for None."""
    seed = value if value is None or isinstance(value, np.random.Generator) else integer("rng", value, 0)
    return np.random.default_rng(seed)


def class_labels(name: str, labels: Any, count: int, classes: int) -> Array:
    """Return `labels` as an integer array (count,), each label at least 0 and below `classes`."""
    if not isinstance(labels, np.ndarray) or isinstance(labels, np.ma.MaskedArray):
        came = "a masked array" if isinstance(labels, np.ma.MaskedArray) else type(labels).__name__
        raise TypeError(f"{name}: got {came}, expected a plain NumPy array of {count} class numbers")
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{name}: got dtype {labels.dtype}, expected integers: class numbers from 0 to {classes - 1}")
    if labels.shape != (count,):
        raise ValueError(f"{name}: got shape {labels.shape}, expected ({count},): one class number for each row")
    least, most = (int(labels.min()), int(labels.max())) if count else (0, 0)
    if least < 0 or most >= classes:
        raise ValueError(
            f"{name}: got class numbers from {least} to {most}, expected 0 to {classes - 1} for {classes} outputs"
        )
    return labels
