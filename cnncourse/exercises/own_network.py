"""Chapter 08: a network of the reader's own layers, which passes the gradient check and reads digits.

Nothing is compared with a solution: the network itself is tried, its layers one by one, then all of it on the digits.
"""

from __future__ import annotations

import copy
import functools
from typing import Any

import numpy as np

from cnnlib import datasets, layers, network

from ..checks.comparing import a_kind_of
from ..checks.prediction import Prediction, Verdict

ENOUGH = 0.9  # of the test digits read right
GUESSING = 0.2
STEP = 1e-6
GIVEN = (layers.Conv2d, layers.Linear, layers.Pool2d, layers.GlobalAvgPool2d, network.Container)  # not to be used
KINDS = {"convolution": "maps in, maps out, with parameters", "pooling": "maps in, smaller maps out, no parameters"}
KINDS["fully connected layer"] = "rows in, rows out, with parameters"


@functools.cache
def _digits() -> tuple[datasets.Split, datasets.Split]:
    return datasets.load_digits(size=8)


def _wrong(mistake: str, message: str) -> Verdict:
    return Verdict(False, f"The mistake: {mistake}. {message}", mistake)


def _named(place: int, layer: Any) -> str:
    return f"layer {place}, `{type(layer).__name__}`,"


def judge(answer: Any) -> Verdict:
    """Judge a network: its form, its layers one by one, then what it reads; the first fault is reported."""
    if isinstance(answer, network.Sequential):
        found = list(answer.layers)
    elif isinstance(answer, (list, tuple)):
        found = list(answer)
    else:
        return Verdict(False, f"This is {a_kind_of(answer)}, expected a network: `cnnlib.Sequential(…)`.", "form")
    found = copy.deepcopy(found)  # what is tried here leaves no trace in the reader's layers
    for layer in found:
        _in_float64(layer)
    for step in (_form, _runs, _gradients, _reads):
        if verdict := step(found):
            return verdict
    share = accuracy(found)
    return Verdict(True, f"The gradients of all layers are right, and {share:.3f} of the test digits are read right.")


def _in_float64(layer: Any) -> None:
    """Give a layer float64 arrays in place of float32: small moves would drown in rounding."""
    for name, value in getattr(layer, "__dict__", {}).items():
        if isinstance(value, np.ndarray) and value.dtype == np.float32:
            setattr(layer, name, value.astype(np.float64))


def _form(found: list[Any]) -> Verdict | None:
    for place, layer in enumerate(found):
        if isinstance(layer, type) or not all(hasattr(layer, name) for name in network.LAYER_METHODS):
            what = f"`{layer.__name__}` is a class" if isinstance(layer, type) else f"it is {a_kind_of(layer)}"
            return Verdict(False, f"Layer {place} is no layer: {what}, expected an object of a class of yours.", "form")
        if isinstance(layer, GIVEN):
            message = f"In place of {_named(place, layer)} which `cnnlib` computes, put one of yours."
            return _wrong("a layer of cnnlib", message)
    return None


def forward(found: list[Any], x: np.ndarray) -> np.ndarray:
    """Return what the layers make of a batch."""
    for layer in found:
        x = layer.forward(x)
    return x


def _runs(found: list[Any]) -> Verdict | None:
    """Look at what each layer makes of three digits, and whether an image's scores depend on the other images."""
    x = np.random.default_rng(0).normal(size=(3, 1, 8, 8))
    alone, kinds = x[1:2], set()
    for place, layer in enumerate(found):
        before = x
        try:
            x, alone = layer.forward(x), layer.forward(alone)
        except Exception as error:  # a layer that somebody else has written may fail in any way
            reason = f"ends with an error: {type(error).__name__}: {error}."
            return _wrong("forward fails", f"In {_named(place, layer)} `forward` of {before.shape} {reason}")
        if not isinstance(x, np.ndarray):
            message = (
                f"In {_named(place, layer)} `forward` gives {a_kind_of(x)}, expected an array: is a `return` missing?"
            )
            return _wrong("forward gives nothing", message)
        if len(x) != 3 or not np.allclose(alone, x[1:2]):
            message = f"In {_named(place, layer)} what comes out for an image depends on the others of its batch."
            return _wrong("images of a batch mixed", message)
        kinds.add(_kind(layer, before, x))
    for kind in KINDS:
        if kind not in kinds:
            return _wrong(f"no {kind}", f"The network has no {kind} of yours ({KINDS[kind]}).")
    if x.shape != (3, 10):
        return _wrong("not ten scores", f"Three images give {x.shape}, expected (3, 10): ten scores for each.")
    return None


def _kind(layer: Any, before: np.ndarray, after: np.ndarray) -> str:
    maps = (before.ndim == 4, after.ndim == 4)
    if layer.parameters():
        return "convolution" if maps == (True, True) else "fully connected layer"
    return "pooling" if maps == (True, True) and after.size < before.size else ""


# ---- the gradients --------------------------------------------------------------------------------------------------


def _gradients(found: list[Any]) -> Verdict | None:
    shape: tuple[int, ...] = (2, 1, 8, 8)
    rng = np.random.default_rng(1)
    for place, layer in enumerate(found):
        x = rng.normal(size=shape)  # random numbers: no ties in a window, no zeros at a ReLU
        if verdict := _gradient(place, layer, x, rng):
            return verdict
        shape = layer.forward(x).shape
    return None


def _gradient(place: int, layer: Any, x: np.ndarray, rng: np.random.Generator) -> Verdict | None:
    """Compare what `backward` says with small moves along random directions, for the input and each parameter."""
    g = rng.normal(size=layer.forward(x).shape)
    try:
        d_x = layer.backward(g.copy())
        gradients = {"x": d_x, **layer.gradients()}
    except Exception as error:
        reason = f"ends with an error: {type(error).__name__}: {error}."
        return _wrong("backward fails", f"In {_named(place, layer)} `backward` of {g.shape} {reason}")
    arrays = {"x": x, **layer.parameters()}
    for name, array in arrays.items():
        what = "its input" if name == "x" else f"`{name}`"
        gradient = gradients.get(name)
        if not isinstance(gradient, np.ndarray) or gradient.shape != array.shape:
            came = f"shape {gradient.shape}" if isinstance(gradient, np.ndarray) else a_kind_of(gradient)
            message = f"In {_named(place, layer)} the gradient by {what} is {came}, expected shape {array.shape}."
            return _wrong("gradient of another shape", message)
        for _ in range(3):
            direction = rng.normal(size=array.shape)
            measured = _slope(layer, x, g, array, direction)
            claimed = float(np.sum(gradient * direction))
            if not abs(claimed - measured) <= 1e-5 * (abs(claimed) + abs(measured) + 1e-3):
                return _wrong("a gradient is wrong", _sentence(place, layer, what, claimed, measured))
    return None


def _slope(layer: Any, x: np.ndarray, g: np.ndarray, array: np.ndarray, direction: np.ndarray) -> float:
    kept, values = array.copy(), []
    for step in (STEP, -STEP):
        array[...] = kept + step * direction
        values.append(np.array(layer.forward(x)))
    array[...] = kept
    return float(np.sum((values[0] - values[1]) * g) / (2 * STEP))


def _sentence(place: int, layer: Any, what: str, claimed: float, measured: float) -> str:
    message = f"In {_named(place, layer)} the gradient by {what} disagrees with nudging: along one direction "
    message += f"{claimed:.4g}, measured {measured:.4g}."
    if abs(claimed + measured) < 1e-4 * abs(claimed):
        message += " The sign is the other way round: the minus belongs to the update."
    elif claimed == 0:
        message += " It is 0: was the array filled?"
    elif abs(measured) < 1e-9:
        message += " Moving it changes nothing: does `forward` use it?"
    return message


# ---- what it reads --------------------------------------------------------------------------------------------------


def accuracy(found: list[Any]) -> float:
    """Return the share of the test digits that the layers read rightly."""
    x, labels = _digits()[1]
    with np.errstate(all="ignore"):  # the numbers of a network that has diverged
        return float(np.mean(forward(found, x.astype(float)).argmax(axis=1) == labels))


def _reads(found: list[Any]) -> Verdict | None:
    share = accuracy(found)
    if share < GUESSING:
        message = (
            f"The gradients of all layers are right. But {share:.3f} of the test digits are read right, and one in "
        )
        return _wrong("not trained", message + "ten is chance: train it, or lower η if the loss has jumped.")
    if share < ENOUGH:
        message = (
            f"The gradients of all layers are right, and {share:.3f} of the test digits are read right. Nine of ten "
        )
        return _wrong("not trained enough", message + "are asked for: more epochs, another η or more kernels.")
    return None


exercise = Prediction("own_network", "08", {"": judge})
