"""Depth explorer: how large the sensitivity δ is in every layer of a deep stack of fully connected layers.

The browser makes the same scenes in web/scenes/depth_of_a_stack.js, of the table of sizes in `data`.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any

import numpy as np

from cnncourse.language import Texts, each_language, fill
from cnnlib import datasets, losses

from .activation import ACTIVATIONS
from .curves import (
    WALK,
    CurveExplorer,
    CurveScene,
    Plot,
    axis,
    counted,
    decades,
    dots,
    label,
    line,
    plot,
    powers,
    rough,
    text,
)
from .scene import Choice, Settings
from .stops import Stops
from .words import WORDS

DEEPEST = 30
UNITS = 100
CLASSES = 10
IMAGES = 32
LOST = 1e-3  # a gradient that has become so much smaller counts as lost
COUNTED = 7  # digits of the sizes that count: the first ones, which are the same on every machine

SETTINGS = (
    Choice("function", "Function", tuple((f, ACTIVATIONS[f].label) for f in ("sigmoid", "tanh", "relu")), "sigmoid"),
    Stops("depth", "Layers", "", tuple(range(1, DEEPEST + 1)), DEEPEST),
    Choice(
        "start",
        "Start weights",
        (
            ("small", "small: deviation 0.01"),
            ("uniform", "uniform in ±1/√n"),
            ("xavier", "Xavier: 2/(n_in + n_out)"),
            ("he", "He: 2/n_in"),
        ),
        "small",
    ),
)

TEMPLATES: dict[str, Any] = {
    "walk": "Layer",
    "forward": "forward: size of the activations a",
    "backward": "backward: size of δ",
    "layer": "layer, counted from the input",
    "said_forward": "Root mean square of a from the first layer to the last: {all}.",
    "said_backward": "‖δ‖ from the first layer to the last: {all}.",
    "thousandth": "1/1000 of the last layer’s",
    "lost": "lost here",
    "reading": "Layer {k}: the activations have a root mean square of {a}; ‖δ‖ = {d}, {share} times that of the last "
    "layer.",
    "line_ratio": "‖δ‖ of the first layer / ‖δ‖ of the last = {first} / {last} = {ratio}",
    "line_lost": "on the way back below 1/1000 of the last: {lost}; a factor of {each} for a layer on average",
    "never": "never",
    "after": "after {layers}",
    "layers": ["1 layer", "{n} layers"],
    # what is seen
    "one": "One layer only: there is nothing to be lost on the way. Add layers.",
    "vanishes": "The gradient vanishes: {layers} before the last it is below a thousandth, so the first layers learn "
    "next to nothing.",
    "dies": " The activations die out on the way forward as well.",
    "sigmoid": " No slope of the sigmoid is larger than 0.25.",
    "explodes": "The gradient explodes on the way back: the first layer's is {ratio} times the last layer's.",
    "passes": "The gradient passes: through {layers} its size changes by a factor of {ratio} only.",
    "shrinks": "The gradient shrinks on the way back, to {ratio} times its size, but it is not lost in {layers}.",
    "grows": "The gradient grows on the way back, to {ratio} times its size, but it is not lost in {layers}.",
    # the setting as code
    "code_cnnlib": "{head}layers = []\nfor w in weights:\n"
    "    layers += [cnnlib.Linear(w.shape[1], w.shape[0], rng=0, dtype=np.float64), cnnlib.{layer}()]\n"
    "    layers[-2].weight[...], layers[-2].bias[...] = w, 0\nnetwork = cnnlib.Sequential(*layers[:-1])\n"
    "loss, delta = cnnlib.cross_entropy(network.forward(x), labels)\n"
    "delta = network.layers[-1].backward(len(x) * delta)  # of each image, not of the mean\n"
    "for layer in reversed(network.layers[:-1]):  # from the last layer to the first\n"
    "    delta = layer.backward(delta)\n    if not isinstance(layer, cnnlib.Linear):\n"
    "        print(np.sqrt((delta**2).sum(axis=1).mean()))\n",
    "code_torch": "{head}import torch\n\na, nets = torch.tensor(x, requires_grad=True), []\nfor w in weights:\n"
    "    nets.append(a @ torch.tensor(w).T)\n    nets[-1].retain_grad()\n    a = torch.{layer}(nets[-1])\n"
    "labels = torch.tensor(labels.astype(int))\n"
    'torch.nn.functional.cross_entropy(nets[-1], labels, reduction="sum").backward()\n'
    "for net in reversed(nets[:-1]):  # from the last layer to the first\n"
    "    print((net.grad**2).sum(dim=1).mean().sqrt().item())\n",
    "head": "import numpy as np\n\nimport cnnlib\n\n(images, labels), _ = cnnlib.load_digits(8)\n"
    "x = images.reshape(len(images), -1).astype(float)\nx -= x.mean(axis=0)\n"
    "x, labels = x[:32] / x.std(), labels[:32]\n\nrng = np.random.default_rng(7)\n"
    "shapes = [(100, 64), *[(100, 100)] * 29, (10, 100)]\ndrawn = [rng.standard_normal(shape) for shape in shapes]\n"
    "{uniform}weights = [{deviation} * w for w in (*drawn[:{depth}], drawn[-1])]\n\n",
    "uniform": "drawn = [3**0.5 * rng.uniform(-1, 1, shape) for shape in shapes]\n",
    "deviations": {
        "small": "0.01",
        "uniform": "(1 / (3 * w.shape[1])) ** 0.5",
        "xavier": "(2 / sum(w.shape)) ** 0.5",
        "he": "(2 / w.shape[1]) ** 0.5",
    },
    "cnnlib": {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "ReLU"},
    "torch": {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "relu"},
}
TEXTS = Texts(TEMPLATES)


@functools.cache
def images() -> tuple[np.ndarray, np.ndarray]:
    """Return the first training digits, x (32, 64), each pixel's mean 0 and all together deviation 1, and labels."""
    (x, labels), _ = datasets.load_digits(8)
    x = x.reshape(len(x), -1).astype(float)
    x -= x.mean(axis=0)
    return x[:IMAGES] / x.std(), labels[:IMAGES]


@functools.cache
def draws() -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Return for each layer numbers (out, in) with mean 0 and deviation 1: normal ones, and uniform ones.

    The layers: 64 to 100, 29 times 100 to 100, and 100 to 10 as the last.
    """
    rng = np.random.default_rng(7)
    shapes = [(UNITS, 64), *[(UNITS, UNITS)] * (DEEPEST - 1), (CLASSES, UNITS)]
    normal = tuple(rng.standard_normal(shape) for shape in shapes)
    return normal, tuple(math.sqrt(3) * rng.uniform(-1, 1, shape) for shape in shapes)


def deviation(start: str, inputs: int, outputs: int) -> float:
    """Return the standard deviation of the start weights of a layer.

    >>> deviation("he", 200, 100)
    0.1
    """
    variances = {"small": 1e-4, "uniform": 1 / (3 * inputs), "xavier": 2 / (inputs + outputs), "he": 2 / inputs}
    return math.sqrt(variances[start])


def weights(depth: int, start: str) -> list[np.ndarray]:
    """Return the weights (out, in) of `depth` layers and of the output layer, as they are before any training."""
    normal, uniform = draws()
    chosen = uniform if start == "uniform" else normal
    return [deviation(start, w.shape[1], w.shape[0]) * w for w in (*chosen[:depth], chosen[-1])]


@functools.cache
def sizes(function: str, start: str) -> tuple[list[float], list[list[float]]]:
    """Return the sizes of the activations in 30 layers, and those of δ in stacks of 1, 2, ... 30 layers.

    net^l = W^l a^(l-1), a^l = f(net^l), ten outputs, softmax, cross-entropy E of each image;
    δ^(l-1) = f'(net^(l-1)) ∘ (W^l)ᵀ δ^l. The size of a layer is the root of the mean over images of ‖δ^l‖².
    """
    chosen, (x, labels) = ACTIVATIONS[function], images()
    *hidden, last = weights(DEEPEST, start)
    a, deltas, slopes, of_a = x, [], [], []
    for w in hidden:
        net = a @ w.T
        a, slope = chosen.f(net), chosen.derivative(net)
        of_a.append(float(np.sqrt(np.mean(a * a))))
        slopes.append(slope)
        # of each image, not of the mean
        deltas.append(slope * (losses.cross_entropy(a @ last.T, labels)[1] * len(x) @ last))
    norms: list[list[float]] = [[] for _ in hidden]
    for layer in reversed(range(DEEPEST)):  # the stacks that have this layer go through it together
        for depth in range(layer, DEEPEST):
            norms[depth].insert(0, float(np.sqrt(np.mean((deltas[depth] ** 2).sum(axis=1)))))
        if layer:
            back = slopes[layer - 1] * (np.stack(deltas[layer:]) @ hidden[layer])
            deltas[layer:] = list(back)
    return [_rounded(size) for size in of_a], [[_rounded(norm) for norm in one] for one in norms]


def _rounded(value: float) -> float:
    return float(f"{value:.{COUNTED - 1}e}")


def scene(function: str, depth: int, start: str) -> CurveScene:
    """Return the size of δ in every layer of an untrained stack, from the true labels of 32 digits.

    >>> len(scene("tanh", 12, "xavier").numbers["norms"])
    12
    """
    of_a, of_delta = sizes(function, start)
    norms, activations = np.array(of_delta[depth - 1]), np.array(of_a[:depth])
    below = [back for back in range(1, depth) if norms[depth - 1 - back] < LOST * norms[-1]]
    numbers: dict[str, Any] = {
        "norms": norms,
        "activations": activations,
        "ratio": float(norms[0] / norms[-1]),
        "lost_after": below[0] if below else None,
    }
    plots = [_forward(activations), _backward(norms, numbers["lost_after"])]
    return CurveScene(
        numbers=numbers,
        lines=_lines(numbers),
        sentence=_sentence(function, depth, numbers),
        plots=plots,
        result=norms,
        description=plots[1]["said"],
    )


# ---- words ----------------------------------------------------------------------------------------------------------


def _lines(numbers: dict[str, Any]) -> list[str]:
    norms, depth, back = numbers["norms"], len(numbers["norms"]), numbers["lost_after"]
    gaps = {"first": text(norms[0]), "last": text(norms[-1]), "ratio": text(numbers["ratio"])}
    first = fill(TEXTS["line_ratio"], **gaps)
    if depth == 1:
        return [first]
    lost = str(TEXTS["never"]) if back is None else fill(TEXTS["after"], layers=_layers(back))
    each = text(numbers["ratio"] ** (1 / (depth - 1)))
    return [first, fill(TEXTS["line_lost"], lost=lost, each=each)]


def _layers(count: int) -> str:
    return fill(TEXTS["layers"][count != 1], n=count)


def _sentence(function: str, depth: int, numbers: dict[str, Any]) -> str:
    ratio, back, still = numbers["ratio"], numbers["lost_after"], numbers["activations"]
    if depth == 1:
        return str(TEXTS["one"])
    if back is not None:
        cause = ""
        if function != "sigmoid" and still[-1] < 1e-3 * still[0]:
            cause = str(TEXTS["dies"])
        elif function == "sigmoid":
            cause = str(TEXTS["sigmoid"])
        return fill(TEXTS["vanishes"], layers=_layers(back)) + cause
    name = "explodes" if ratio > 1000 else "passes" if 0.1 <= ratio <= 10 else "shrinks" if ratio < 1 else "grows"
    return fill(TEXTS[name], ratio=text(ratio), layers=_layers(depth))


# ---- plots ----------------------------------------------------------------------------------------------------------


def _across(depth: int) -> dict[str, Any]:
    last = next(last for last in (10, DEEPEST) if depth <= last)
    return axis(str(TEXTS["layer"]), 0.3, last + 0.7, counted(last))


def _up(values: np.ndarray) -> dict[str, Any]:
    low, high = decades(values)
    high = max(high, -(low // 7))  # over a long way down there is room for words
    return axis("", float(f"1e{low}"), float(f"1e{high}"), powers(low, high), log=True)


def _forward(activations: np.ndarray) -> Plot:
    across, up = _across(len(activations)), _up(activations)
    points = [[k, size] for k, size in enumerate(activations.tolist(), 1)]
    marks = [line([[across["low"], 1.0], [across["high"], 1.0]], "rule"), line(points, "thin"), dots(points)]
    said = fill(TEXTS["said_forward"], all=", ".join(map(rough, activations.tolist())))
    return plot(str(TEXTS["forward"]), said, across, up, marks, points)


def _backward(norms: np.ndarray, back: int | None) -> Plot:
    limit = LOST * float(norms[-1])
    across, up = _across(len(norms)), _up(np.append(norms, limit))
    points = [[k, norm] for k, norm in enumerate(norms.tolist(), 1)]
    marks = [
        line([[across["low"], 1.0], [across["high"], 1.0]], "rule"),
        line([[across["low"], limit], [across["high"], limit]], "soft"),
        line(points, "thin"),
        dots(points),
    ]
    if back is not None:
        lost = points[len(norms) - 1 - back]
        marks += [dots([lost], "goal"), label(str(TEXTS["lost"]), lost[0], lost[1], "end", "above", "strong")]
    # Left of where it is lost the curve is below the line, right of it above: the longer side has room for its name.
    if back is not None and 2 * (len(norms) - back) > across["high"]:
        marks.append(label(str(TEXTS["thousandth"]), across["low"], limit, "start", "above"))
    else:
        marks.append(label(str(TEXTS["thousandth"]), across["high"], limit, "end", "below"))
    said = fill(TEXTS["said_backward"], all=", ".join(map(rough, norms.tolist())))
    return plot(str(TEXTS["backward"]), said, across, up, marks, points)


def code(settings: Settings, library: str) -> str:
    """Return a program that prints the sizes of δ of these settings; library: "cnnlib" or "torch"."""
    start = settings["start"]
    head = fill(
        TEXTS["head"],
        uniform=TEXTS["uniform"] if start == "uniform" else "",
        deviation=TEXTS["deviations"][start],
        depth=settings["depth"],
    )
    return fill(TEXTS[f"code_{library}"], head=head, layer=TEXTS[library][settings["function"]])


@each_language
def data() -> dict[str, Any]:
    """Return what the browser makes any scene of: the table of sizes, and the sentences."""
    functions, _, starts = SETTINGS
    table = {
        f"{function} {start}": sizes(function, start)
        for function, start in itertools.product(functions.values(), starts.values())
    }
    return {"name": "depth_of_a_stack", "texts": TEXTS, "words": WORDS | WALK, "known": table}


EXPLORER = CurveExplorer("depth_of_a_stack", "depth of a stack", SETTINGS, scene, data)
