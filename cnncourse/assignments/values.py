"""Arguments and answers as JSON: numbers, texts, None, lists, tuples, dictionaries and arrays, exactly as they were.

A list is a list and a text is a text; everything else that JSON has no word for is an object with one key that says
what it is: `{"tuple": [1, 2]}`, `{"array": [1, 2.5], "shape": [2], "dtype": "float64"}`. Nothing here runs when read.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

DTYPES = ("bool", "int64", "float32", "float64")


def to_json(value: Any) -> Any:
    """Return `value` in a form that JSON holds; raises TypeError for what has none."""
    if value is None or isinstance(value, (bool, np.bool_)):
        return None if value is None else bool(value)
    if isinstance(value, str):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else {"float": str(float(value))}
    if isinstance(value, np.ndarray):
        return _array_to_json(value)
    if isinstance(value, list):
        return [to_json(part) for part in value]
    if isinstance(value, tuple):
        return {"tuple": [to_json(part) for part in value]}
    if isinstance(value, dict):
        return {"dict": [[to_json(key), to_json(part)] for key, part in value.items()]}
    raise TypeError(f"got {type(value).__name__}, expected a number, a text, None, a list, tuple, dict or array")


def _array_to_json(array: np.ndarray) -> dict[str, Any]:
    if array.dtype.name not in DTYPES:
        raise TypeError(f"got an array of dtype {array.dtype}, expected one of {', '.join(DTYPES)}")
    numbers = [_shortest(number) for number in array.ravel().tolist()]
    return {"array": numbers, "shape": list(array.shape), "dtype": array.dtype.name}


def _shortest(number: Any) -> Any:
    """Return a number of an array as short as JSON can write it: the dtype stands beside it."""
    if isinstance(number, float):
        if not math.isfinite(number):
            return str(number)
        if number.is_integer() and abs(number) < 1 << 53 and (number or math.copysign(1, number) > 0):
            return int(number)
    return number


def from_json(tree: Any) -> Any:
    """Return the value that `to_json` was given; raises ValueError for what it cannot have made."""
    if tree is None or isinstance(tree, (bool, int, float, str)):
        return tree
    if isinstance(tree, list):
        return [from_json(part) for part in tree]
    if isinstance(tree, dict):
        if tree.keys() == {"array", "shape", "dtype"}:
            return _array_from_json(tree["array"], tree["shape"], tree["dtype"])
        if tree.keys() == {"tuple"} and isinstance(tree["tuple"], list):
            return tuple(from_json(part) for part in tree["tuple"])
        if tree.keys() == {"dict"} and isinstance(tree["dict"], list):
            return {from_json(key): from_json(part) for key, part in tree["dict"]}
        if tree.keys() == {"float"} and tree["float"] in ("nan", "inf", "-inf"):
            return float(tree["float"])
    raise ValueError(f"got {str(tree)[:60]}, expected a value as `to_json` writes it")


def _array_from_json(numbers: list[Any], shape: list[int], dtype: str) -> np.ndarray:
    if dtype not in DTYPES:
        raise ValueError(f"got an array of dtype {dtype!r}, expected one of {', '.join(DTYPES)}")
    kinds = (float, int, str) if dtype.startswith("float") else (bool,) if dtype == "bool" else (int,)
    if not all(isinstance(number, kinds) for number in numbers):
        raise ValueError(f"got an array of {dtype} that holds something else")
    plain = [float(number) for number in numbers] if dtype.startswith("float") else numbers
    return np.array(plain, dtype=dtype).reshape(shape)
