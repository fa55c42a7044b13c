"""Arrays as callers may hand them in: of any dtype, in any order in memory. Used by the tests of several modules."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.lib.stride_tricks import as_strided

from cnnlib.gradcheck import numerical_gradient

FLOATS = (np.float32, np.float64)
INTEGERS = (np.int8, np.uint8, np.int32, np.uint32, np.int64, np.uint64, np.bool_)


def batch_innermost(array: np.ndarray) -> np.ndarray:
    """The first axis lies innermost, the second and third change places: what layers hand on to each other."""
    if array.ndim != 4:
        return np.asfortranarray(array)
    return array.transpose(2, 1, 3, 0).copy().transpose(3, 1, 0, 2)


def channels_last(array: np.ndarray) -> np.ndarray:
    if array.ndim != 4:
        return array.T.copy().T
    return array.transpose(0, 2, 3, 1).copy().transpose(0, 3, 1, 2)


def backwards(array: np.ndarray) -> np.ndarray:
    turned = (slice(None, None, -1),) * array.ndim
    return array[turned].copy()[turned]


def inside_a_larger_one(array: np.ndarray) -> np.ndarray:
    larger = np.full([n + 3 for n in array.shape], 99, array.dtype)
    larger[tuple(slice(1, n + 1) for n in array.shape)] = array
    return larger[tuple(slice(1, n + 1) for n in array.shape)]


def odd_strides(array: np.ndarray) -> np.ndarray:
    """Axes of one element have a stride that leads nowhere: it is never used, and may be anything."""
    array = np.array(array, order="C")
    strides = [stride if n > 1 else -8 * (axis + 5) for axis, (n, stride) in enumerate(zip(array.shape, array.strides))]
    return as_strided(array, array.shape, strides)


def read_only(array: np.ndarray) -> np.ndarray:
    array = np.array(array, order="C")
    array.flags.writeable = False
    return array


FORMS = {
    "C order": lambda array: np.array(array, order="C"),
    "Fortran order": lambda array: np.array(array, order="F"),
    "batch innermost": batch_innermost,
    "channels last": channels_last,
    "every other": lambda array: np.repeat(array, 2, axis=-1)[..., ::2],
    "backwards": backwards,
    "inside a larger one": inside_a_larger_one,
    "odd strides": odd_strides,
    "read-only": read_only,
}

forms = st.sampled_from(list(FORMS.values()))
dtypes = st.sampled_from(FLOATS * 4 + INTEGERS)  # mostly floats


def numbers(rng: np.random.Generator, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Random numbers of that dtype: floats around 0, small integers of either sign if the dtype has signs."""
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return rng.normal(size=shape).astype(dtype)
    return rng.integers(-4 if dtype.kind == "i" else 0, 5, size=shape).astype(dtype)


def float_of(*dtypes: type) -> np.dtype:
    """The dtype of a result of arrays of these dtypes: integers count as float64, mixed floats give the wider."""
    return max((np.dtype(d) if np.dtype(d).kind == "f" else np.dtype(float) for d in dtypes), key=lambda d: d.itemsize)


def tolerance(*arrays: np.ndarray) -> dict[str, float]:
    """How far rounding may carry a short sum of products of numbers of size 1, by the narrowest of these dtypes."""
    single = any(array.dtype == np.float32 for array in arrays)
    return {"rtol": 1e-4, "atol": 1e-4} if single else {"rtol": 1e-11, "atol": 1e-11}


def call_and_check_manners(function, arrays, *args, **options):
    """Call a function on arrays and return its results as a tuple, after checking what all functions promise:

    the arrays stay as they were, and a result is new memory that may be written to.
    """
    before = [array.copy() for array in arrays]
    results = function(*arrays, *args, **options)
    results = results if isinstance(results, tuple) else (results,)
    for array, copy in zip(arrays, before):
        np.testing.assert_array_equal(array, copy)
    for place, result in enumerate(results):
        assert type(result) is np.ndarray
        assert result.flags.writeable
        assert not any(np.shares_memory(result, other) for other in [*arrays, *results[:place]])
    return results


def in_float64(arrays):
    return [None if array is None else array.astype(np.float64) for array in arrays]


def errors_of_gradients(network, x: np.ndarray, most: int = 40, eps: float = 1e-5) -> dict[str, float]:
    """How far a network's gradients are from differences: |a - n| / (|a| + |n|) for x and each parameter, in float64.

    |·| is the length of the vector of `most` randomly chosen elements. Element by element, where the gradient is a
    thousandth of the largest, rounding alone would count as an error of 1e-6. The loss is a random sum of the outputs.
    """
    rng = np.random.default_rng(0)
    x = np.array(x, np.float64)
    outputs = np.array(network.forward(x))
    g = rng.uniform(0.5, 1.5, outputs.shape) * rng.choice([-1, 1], outputs.shape)
    analytic = {"x": network.backward(g), **network.gradients()}
    errors = {}
    for name, array in {"x": x, **network.parameters()}.items():
        chosen = np.unravel_index(rng.choice(array.size, min(most, array.size), replace=False), array.shape)
        start = array[chosen].copy()

        def loss(values, array=array, chosen=chosen):
            array[chosen] = values
            return (g * (network.forward(x) - outputs)).sum()  # small numbers: less rounding than the outputs' own

        numerical = numerical_gradient(loss, start, eps)
        array[chosen] = start
        errors[name] = _distance(analytic[name][chosen], numerical)
    return errors


def _distance(a: np.ndarray, n: np.ndarray) -> float:
    return float(np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n)))
