"""Depth explorer: how large the sensitivity δ is in every layer of a deep stack of fully connected layers."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.ticker import FixedLocator, NullLocator

from .. import datasets, losses
from ..plots.picture import COLOURS, INK, LINE, SOFT
from .activation import ACTIVATIONS, text
from .chain import _decades
from .figure import Drawing, Explorer, Scene, Stops, raised
from .scene import Choice

DEEPEST = 30
UNITS = 100
CLASSES = 10
IMAGES = 32
LOST = 1e-3  # a gradient that has become so much smaller counts as lost

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


def scene(function: str, depth: int, start: str) -> Scene:
    """Return the size of δ in every layer of an untrained stack, from the true labels of 32 digits.

    net^l = W^l a^(l-1), a^l = f(net^l), ten outputs, softmax, cross-entropy E of each image;
    δ^(l-1) = f'(net^(l-1)) ∘ (W^l)ᵀ δ^l. The size of a layer is the root of the mean over images of ‖δ^l‖².

    >>> len(scene("tanh", 12, "xavier").numbers["norms"])
    12
    """
    chosen, (x, labels) = ACTIVATIONS[function], images()
    *hidden, last = weights(depth, start)
    nets, a, sizes = [], x, []
    for w in hidden:
        nets.append(a @ w.T)
        a = chosen.f(nets[-1])
        sizes.append(float(np.sqrt(np.mean(a * a))))
    delta = losses.cross_entropy(a @ last.T, labels)[1] * len(x)  # of each image, not of the mean
    norms = []
    for net, w in zip(reversed(nets), [last, *reversed(hidden[1:])], strict=True):
        delta = chosen.derivative(net) * (delta @ w)
        norms.append(float(np.sqrt(np.mean((delta * delta).sum(axis=1)))))
    norms = np.array(norms[::-1])
    below = [back for back in range(1, depth) if norms[depth - 1 - back] < LOST * norms[-1]]
    numbers = {
        "norms": norms,
        "activations": np.array(sizes),
        "ratio": float(norms[0] / norms[-1]),
        "lost_after": below[0] if below else None,
    }
    return Scene(numbers, _lines(numbers), _sentence(function, depth, start, numbers), told=_told(norms))


def _lines(numbers: dict[str, Any]) -> tuple[str, ...]:
    norms, depth = numbers["norms"], len(numbers["norms"])
    first = (
        f"‖δ‖ of the first layer / ‖δ‖ of the last = {text(norms[0])} / {text(norms[-1])} = {text(numbers['ratio'])}"
    )
    if depth == 1:
        return (first,)
    back = numbers["lost_after"]
    lost = "never" if back is None else f"after {_layers(back)}"
    each = numbers["ratio"] ** (1 / (depth - 1))
    return (first, f"on the way back below 1/1000 of the last: {lost}; a factor of {text(each)} for a layer on average")


def _layers(count: int) -> str:
    return "1 layer" if count == 1 else f"{count} layers"


def _sentence(function: str, depth: int, start: str, numbers: dict[str, Any]) -> str:
    ratio, back, still = numbers["ratio"], numbers["lost_after"], numbers["activations"]
    if depth == 1:
        return "One layer only: there is nothing to be lost on the way. Add layers."
    if back is not None:
        seen = f"The gradient vanishes: {_layers(back)} before the last it is below a thousandth"
        idle = "the first layers learn next to nothing"
        cause = ""
        if function != "sigmoid" and still[-1] < 1e-3 * still[0]:
            cause = " The activations die out on the way forward as well."
        elif function == "sigmoid":
            cause = " No slope of the sigmoid is larger than 0.25."
        return f"{seen}, so {idle}.{cause}"
    if ratio > 1000:
        return f"The gradient explodes on the way back: the first layer's is {text(ratio)} times the last layer's."
    if 0.1 <= ratio <= 10:
        return f"The gradient passes: through {_layers(depth)} its size changes by a factor of {text(ratio)} only."
    word = "shrinks" if ratio < 1 else "grows"
    return (
        f"The gradient {word} on the way back, to {text(ratio)} times its size, but it is not lost in {_layers(depth)}."
    )


def rough(value: float) -> str:
    """Return a positive number with two digits that count.

    >>> rough(0.123), rough(6.48e-49)
    ('0.12', '6.5·10⁻⁴⁹')
    """
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}·10{raised(int(exponent))}" if not 1e-3 <= value < 1e4 else f"{float(f'{value:.2g}'):g}"


def _told(norms: np.ndarray) -> str:
    shown = [rough(n) for n in norms.tolist()]
    return f"‖δ‖ from the first layer to the last: {', '.join(shown)}."


# ---- drawing --------------------------------------------------------------------------------------------------------


class DeepStackDrawing(Drawing):
    """The size of the activations in every layer on the left, that of δ on the right, both on log scales."""

    size = (7.8, 3.3)

    def build(self) -> None:
        left, right = self.axes = self.figure.subplots(1, 2)
        self.figure.subplots_adjust(left=0.085, right=0.985, top=0.9, bottom=0.245, wspace=0.2)
        left.set_title("forward: size of the activations a", y=1.03)
        right.set_title("backward: size of δ", y=1.03)
        for axes in self.axes:
            axes.set_yscale("log")
            axes.set_xlabel("layer, counted from the input")
            axes.yaxis.set_minor_locator(NullLocator())
            axes.axhline(1, color=LINE, linewidth=1.2)
        dots = {"linewidth": 1.3, "markersize": 5}
        self.lines = [
            left.plot([], [], "s--", color=COLOURS[1], label="root mean square of a", **dots)[0],
            right.plot([], [], "o-", color=COLOURS[0], label="norm of δ", **dots)[0],
        ]
        self.limit = right.plot([], [], linestyle=":", color=SOFT, linewidth=1.8, label="1/1000 of the last layer's")[0]
        ring = {"linestyle": "none", "marker": "o", "markersize": 12, "markerfacecolor": "none"}
        self.lost = right.plot([], [], **ring, markeredgecolor=INK, markeredgewidth=1.6, label="first below it")[0]
        shown = [*self.lines, self.limit, self.lost]
        self.figure.legend(handles=shown, loc="lower center", ncols=4, columnspacing=1.8, handletextpad=0.5)

    def moving(self) -> list[Artist]:
        return [self.limit, *self.lines, self.lost]

    def frame(self, scene: Scene) -> Any:
        norms, sizes = scene.numbers["norms"], scene.numbers["activations"]
        last = next(last for last in (10, DEEPEST) if len(norms) <= last)
        return last, _decades(sizes), _decades(np.append(norms, LOST * norms[-1]))

    def set_frame(self, scene: Scene) -> None:
        last, *decades = self.frame(scene)
        for axes, (low, high) in zip(self.axes, decades):
            axes.set(xlim=(0.3, last + 0.7), ylim=(10.0**low, 10.0**high))
            axes.xaxis.set_major_locator(FixedLocator(range(1, 11) if last <= 10 else [1, *range(5, last + 1, 5)]))
            step = -(-(high - low) // 7)
            powers = [k for k in range(low, high + 1) if k % step == 0]
            axes.set_yticks([10.0**k for k in powers], [f"10{raised(k)}" for k in powers])

    def update(self, scene: Scene) -> None:
        norms, back = scene.numbers["norms"], scene.numbers["lost_after"]
        layers = np.arange(1, len(norms) + 1)
        for line, values in zip(self.lines, (scene.numbers["activations"], norms)):
            line.set_data(layers, values)
        self.limit.set_data(self.axes[1].get_xlim(), [LOST * norms[-1]] * 2)
        place = [] if back is None else [len(norms) - back]
        self.lost.set_data(place, norms[[k - 1 for k in place]])


EXPLORER = Explorer("deep_stack", "depth of a stack", SETTINGS, scene, DeepStackDrawing)
