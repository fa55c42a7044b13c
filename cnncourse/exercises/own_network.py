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
from ..language import joined, mark, say, translated

ENOUGH = 0.9  # of the test digits read right
GUESSING = 0.2
STEP = 1e-6
GIVEN = (layers.Conv2d, layers.Linear, layers.Pool2d, layers.GlobalAvgPool2d, network.Container)  # not to be used
KINDS = {  # of a layer that must be there: the name of the mistake, and a sentence, where it is not
    "convolution": (
        mark("no convolution"),
        mark("The network has no convolution of yours (maps in, maps out, with parameters)."),
    ),
    "pooling": (
        mark("no pooling"),
        mark("The network has no pooling of yours (maps in, smaller maps out, no parameters)."),
    ),
    "fully connected layer": (
        mark("no fully connected layer"),
        mark("The network has no fully connected layer of yours (rows in, rows out, with parameters)."),
    ),
}


@functools.cache
def _digits() -> tuple[datasets.Split, datasets.Split]:
    return datasets.load_digits(size=8)


def _wrong(mistake: str, message: str) -> Verdict:
    return Verdict(False, say("The mistake: {name}. {message}", name=translated(mistake), message=message), mistake)


def _named(place: int, layer: Any) -> str:
    return say("layer {place}, `{type}`,", place=place, type=type(layer).__name__)


def judge(answer: Any) -> Verdict:
    """Judge a network: its form, its layers one by one, then what it reads; the first fault is reported."""
    if isinstance(answer, network.Sequential):
        found = list(answer.layers)
    elif isinstance(answer, (list, tuple)):
        found = list(answer)
    else:
        message = say("This is {kind}, expected a network: `cnnlib.Sequential(…)`.", kind=a_kind_of(answer))
        return Verdict(False, message, "form")
    found = copy.deepcopy(found)  # what is tried here leaves no trace in the reader's layers
    for layer in found:
        _in_float64(layer)
    for step in (_form, _runs, _gradients, _reads):
        if verdict := step(found):
            return verdict
    share = accuracy(found)
    template = mark("The gradients of all layers are right, and {share:.3f} of the test digits are read right.")
    return Verdict(True, say(template, share=share))


def _in_float64(layer: Any) -> None:
    """Give a layer float64 arrays in place of float32: small moves would drown in rounding."""
    for name, value in getattr(layer, "__dict__", {}).items():
        if isinstance(value, np.ndarray) and value.dtype == np.float32:
            setattr(layer, name, value.astype(np.float64))


def _form(found: list[Any]) -> Verdict | None:
    for place, layer in enumerate(found):
        if isinstance(layer, type) or not all(hasattr(layer, name) for name in network.LAYER_METHODS):
            template = mark("Layer {place} is no layer: it is {kind}, expected an object of a class of yours.")
            if isinstance(layer, type):
                template = mark(
                    "Layer {place} is no layer: `{kind}` is a class, expected an object of a class of yours."
                )
            kind = layer.__name__ if isinstance(layer, type) else a_kind_of(layer)
            return Verdict(False, say(template, place=place, kind=kind), "form")
        if isinstance(layer, GIVEN):
            template = mark("In place of {layer} which `cnnlib` computes, put one of yours.")
            return _wrong(mark("a layer of cnnlib"), say(template, layer=_named(place, layer)))
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
            template = mark("In {layer} `forward` of {shape} ends with an error: {error}.")
            reason = f"{type(error).__name__}: {error}"
            message = say(template, layer=_named(place, layer), shape=before.shape, error=reason)
            return _wrong(mark("forward fails"), message)
        if not isinstance(x, np.ndarray):
            template = mark("In {layer} `forward` gives {kind}, expected an array: is a `return` missing?")
            message = say(template, layer=_named(place, layer), kind=a_kind_of(x))
            return _wrong(mark("forward gives nothing"), message)
        if len(x) != 3 or not np.allclose(alone, x[1:2]):
            template = mark("In {layer} what comes out for an image depends on the others of its batch.")
            return _wrong(mark("images of a batch mixed"), say(template, layer=_named(place, layer)))
        kinds.add(_kind(layer, before, x))
    for kind, (mistake, sentence) in KINDS.items():
        if kind not in kinds:
            return _wrong(mistake, translated(sentence))
    if x.shape != (3, 10):
        message = say("Three images give {shape}, expected (3, 10): ten scores for each.", shape=x.shape)
        return _wrong(mark("not ten scores"), message)
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
        template = mark("In {layer} `backward` of {shape} ends with an error: {error}.")
        reason = f"{type(error).__name__}: {error}"
        message = say(template, layer=_named(place, layer), shape=g.shape, error=reason)
        return _wrong(mark("backward fails"), message)
    arrays = {"x": x, **layer.parameters()}
    for name, array in arrays.items():
        what = say("its input") if name == "x" else f"`{name}`"
        gradient = gradients.get(name)
        if not isinstance(gradient, np.ndarray) or gradient.shape != array.shape:
            came = a_kind_of(gradient)
            if isinstance(gradient, np.ndarray):
                came = say("shape {shape}", shape=gradient.shape)
            template = mark("In {layer} the gradient by {what} is {came}, expected shape {shape}.")
            message = say(template, layer=_named(place, layer), what=what, came=came, shape=array.shape)
            return _wrong(mark("gradient of another shape"), message)
        for _ in range(3):
            direction = rng.normal(size=array.shape)
            measured = _slope(layer, x, g, array, direction)
            claimed = float(np.sum(gradient * direction))
            if not abs(claimed - measured) <= 1e-5 * (abs(claimed) + abs(measured) + 1e-3):
                return _wrong(mark("a gradient is wrong"), _sentence(place, layer, what, claimed, measured))
    return None


def _slope(layer: Any, x: np.ndarray, g: np.ndarray, array: np.ndarray, direction: np.ndarray) -> float:
    kept, values = array.copy(), []
    for step in (STEP, -STEP):
        array[...] = kept + step * direction
        values.append(np.array(layer.forward(x)))
    array[...] = kept
    return float(np.sum((values[0] - values[1]) * g) / (2 * STEP))


def _sentence(place: int, layer: Any, what: str, claimed: float, measured: float) -> str:
    template = mark(
        "In {layer} the gradient by {what} disagrees with nudging: along one direction {claimed:.4g}, measured "
        "{measured:.4g}."
    )
    sentences = [say(template, layer=_named(place, layer), what=what, claimed=claimed, measured=measured)]
    if abs(claimed + measured) < 1e-4 * abs(claimed):
        sentences.append(say("The sign is the other way round: the minus belongs to the update."))
    elif claimed == 0:
        sentences.append(say("It is 0: was the array filled?"))
    elif abs(measured) < 1e-9:
        sentences.append(say("Moving it changes nothing: does `forward` use it?"))
    return joined(sentences)


# ---- what it reads --------------------------------------------------------------------------------------------------


def accuracy(found: list[Any]) -> float:
    """Return the share of the test digits that the layers read correctly."""
    x, labels = _digits()[1]
    with np.errstate(all="ignore"):  # the numbers of a network that has diverged
        return float(np.mean(forward(found, x.astype(float)).argmax(axis=1) == labels))


def _reads(found: list[Any]) -> Verdict | None:
    share = accuracy(found)
    if share < GUESSING:
        template = mark(
            "The gradients of all layers are right. But {share:.3f} of the test digits are read right, and one in ten is "
            "chance: train it, or lower η if the loss has jumped."
        )
        return _wrong(mark("not trained"), say(template, share=share))
    if share < ENOUGH:
        template = mark(
            "The gradients of all layers are right, and {share:.3f} of the test digits are read right. Nine of ten are "
            "asked for: more epochs, another η or more kernels."
        )
        return _wrong(mark("not trained enough"), say(template, share=share))
    return None


exercise = Prediction("own_network", "08", {"": judge})
