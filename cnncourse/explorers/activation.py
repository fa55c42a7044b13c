"""Activation explorer: a function and its derivative, with value, slope and tangent at a point z that is moved.

The browser computes the same scenes in web/scenes/activation_function.js.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnncourse.language import Texts, each_language, fill
from cnnlib import activations

from .curves import WALK, CurveExplorer, CurveScene, Plot, axis, dots, label, line, percent, plot, text, ticks
from .scene import Choice, Settings
from .stops import Real
from .words import WORDS


@dataclass(frozen=True)
class Activation:
    """A function with its derivative, and the largest slope it has."""

    label: str
    f: Callable[[Any], Any]
    derivative: Callable[[Any], Any]
    steepest: float


def identity(x: Any) -> Any:
    """Return x as floats."""
    return np.asarray(x, dtype=float)[()]


def identity_derivative(x: Any) -> Any:
    """Return 1 for every x."""
    return np.ones_like(np.asarray(x, dtype=float))[()]


ACTIVATIONS = {
    "sigmoid": Activation("sigmoid", activations.sigmoid, activations.sigmoid_derivative, 0.25),
    "tanh": Activation("tanh", activations.tanh, activations.tanh_derivative, 1.0),
    "relu": Activation("ReLU", activations.relu, activations.relu_derivative, 1.0),
    "leaky_relu": Activation("leaky ReLU (0.01)", activations.leaky_relu, activations.leaky_relu_derivative, 1.0),
    "identity": Activation("identity", identity, identity_derivative, 1.0),
}
FUNCTIONS = Choice("function", "Function", tuple((name, a.label) for name, a in ACTIVATIONS.items()), "sigmoid")
SETTINGS = (FUNCTIONS, Real("z", "Weighted input", "net", -6, 6, 0.1, 1.0))

END = 6.5  # how far the curves are drawn
CURVE = np.round(np.linspace(-END, END, 261), 3)  # 0 is among them, so a corner at 0 is sharp
REACH = 1.6  # how far the tangent is drawn to either side
ROOM = 0.17  # over and under a curve, as a part of its height

TEMPLATES: dict[str, Any] = {
    "function": "the function f(net)",
    "derivative": "its derivative f′(net)",
    "said_function": "From net = −6.5 to 6.5 the values go from {low} to {high}; at net = {z} the value is {value}.",
    "said_derivative": "From net = −6.5 to 6.5 the slopes go from {low} to {high}; at net = {z} the slope is {slope}.",
    "tag_function": "f({z}) = {value}",
    "tag_derivative": "f′({z}) = {slope}",
    "reading": "At net = {z} the value is {value} and the slope {slope}.",
    # formulas, by function: {z} the weighted input, {minus_z} the same with the other sign, {value} what comes out
    "value_sigmoid": "f({z}) = 1 / (1 + e^({minus_z})) = {value}",
    "value_tanh": "f({z}) = tanh({z}) = {value}",
    "value_relu": "f({z}) = max(0, {z}) = {value}",
    "value_leaky_relu": "f({z}) = 0.01 · ({z}) = {value}",
    "value": "f({z}) = {value}",
    # a: the value with as many decimals as the slope needs
    "slope_sigmoid": "f′({z}) = a(1 − a) = {a} · (1 − {a}) = {slope}",
    "slope_tanh": "f′({z}) = 1 − a² = 1 − ({a})² = {slope}",
    "slope": "f′({z}) = {slope}",
    # what is seen
    "identity": "The slope is 1 everywhere: the tangent lies on the line, and a gradient goes through unchanged.",
    "corner_relu": "At the corner there is no tangent; the slope there is 0 by convention.",
    "corner_leaky_relu": "At the corner there is no tangent; the slope there is 0.01 by convention.",
    "right": "Right of 0 the slope is 1: a gradient goes through unchanged.",
    "left_relu": "The slope is 0: the unit is off and passes no gradient.",
    "left_leaky_relu": "The slope is 0.01: a trickle of gradient.",
    "steepest": "At 0 the curve is steepest: no slope is larger than {steepest}.",
    "flat": "The curve is nearly flat: the slope is {share} of the largest, {steepest}.",
    "share": "The slope is {share} of the largest, {steepest}, which it has at 0.",
    # the setting as code
    "code_cnnlib": "import cnnlib\n\nnet = {z}\nprint({f}, {slope})\n",
    "cnnlib": {
        **{
            name: [f"cnnlib.{name}(net)", f"cnnlib.{name}_derivative(net)"]
            for name in ("sigmoid", "tanh", "relu", "leaky_relu")
        },
        "identity": ["net", "1.0"],
    },
    "code_torch": "import torch\n\nnet = torch.tensor({z}, requires_grad=True)\na = {f}\na.backward()\n"
    "print(a.item(), net.grad.item())\n",
    "torch": {
        "sigmoid": "torch.sigmoid(net)",
        "tanh": "torch.tanh(net)",
        "relu": "torch.relu(net)",
        "leaky_relu": "torch.nn.functional.leaky_relu(net, 0.01)",
        "identity": "1 * net",
    },
}
TEXTS = Texts(TEMPLATES)


def scene(function: str, z: float) -> CurveScene:
    """Return value and slope of an activation function at z, its curves and its tangent.

    >>> scene("sigmoid", 0.0).numbers["slope"]
    0.25
    """
    chosen = ACTIVATIONS[function]
    value, slope = float(chosen.f(z)), float(chosen.derivative(z))
    # A corner has a slope by convention, but no line through it touches the curve on both sides.
    corner = z == 0 and function in ("relu", "leaky_relu")
    ends = np.array([z - REACH, z + REACH])
    numbers = {
        "z": z,
        "value": value,
        "slope": slope,
        "steepest": chosen.steepest,
        "x": CURVE,
        "curve": chosen.f(CURVE),
        "derivative": chosen.derivative(CURVE),
        "tangent": None if corner else (ends, value + slope * (ends - z)),
    }
    gaps = {"z": text(z), "value": text(value), "slope": text(slope)}
    return CurveScene(
        numbers=numbers,
        lines=_lines(function, z, value, slope),
        sentence=_sentence(function, z, slope, chosen.steepest),
        plots=[_plot(name, numbers, gaps) for name in ("function", "derivative")],
        result=[value, slope],
    )


def _plot(name: str, numbers: dict[str, Any], gaps: dict[str, str]) -> Plot:
    values = numbers["curve" if name == "function" else "derivative"]
    z, at = numbers["z"], numbers["value" if name == "function" else "slope"]
    low, high = min(values.min(), 0.0), max(values.max(), 0.0)
    bottom, top = low - ROOM * (high - low), high + ROOM * (high - low)
    points: list[Any] = []
    for k, (x, y) in enumerate(zip(CURVE.tolist(), values.tolist())):
        if k and abs(y - values[k - 1]) > 0.5:
            points.append(None)  # no line across a step
        points.append([x, y])
    marks = [
        line([[-END, 0.0], [END, 0.0]], "rule"),
        line([[0.0, bottom], [0.0, top]], "rule"),
        line(points),
        line([[z, 0.0], [z, at]], "stem"),
    ]
    if name == "function" and numbers["tangent"]:
        ends, heights = numbers["tangent"]
        marks.append(line([[x, y] for x, y in zip(ends.tolist(), heights.tolist())], "tangent"))
    marks += [
        dots([[z, at]], "chosen"),
        label(fill(TEXTS[f"tag_{name}"], **gaps), -END, top, "start", "corner", "strong"),
    ]
    span = {"low": text(float(values.min())), "high": text(float(values.max()))}
    across = axis("net", -END, END, [[k, str(k).replace("-", "−")] for k in range(-6, 7, 2)])
    said = fill(TEXTS[f"said_{name}"], **gaps, **span)
    return plot(str(TEXTS[name]), said, across, axis("", bottom, top, ticks(bottom, top)), marks)


def _lines(function: str, z: float, value: float, slope: float) -> list[str]:
    named = f"value_{function}"
    if function == "leaky_relu" and z > 0:
        named = "value"
    value_line = fill(TEXTS[named if named in TEXTS else "value"], z=text(z), minus_z=text(-z), value=text(value))
    # A value near 1 needs as many decimals as the slope has zeros, or the numbers put in would not give the result.
    decimals = max(4, 2 - math.floor(math.log10(slope))) if f"slope_{function}" in TEXTS else 4
    a = f"{value:.{decimals}f}".replace("-", "−")
    slope_line = fill(
        TEXTS[f"slope_{function}" if f"slope_{function}" in TEXTS else "slope"], z=text(z), a=a, slope=text(slope)
    )
    return [value_line, slope_line]


def _sentence(function: str, z: float, slope: float, steepest: float) -> str:
    if function == "identity":
        return str(TEXTS["identity"])
    if function in ("relu", "leaky_relu"):
        return str(TEXTS["right" if z > 0 else f"corner_{function}" if z == 0 else f"left_{function}"])
    share = slope / steepest
    name = "steepest" if z == 0 else "flat" if share < 0.1 else "share"
    return fill(TEXTS[name], share=percent(share), steepest=text(steepest))


def code(settings: Settings, library: str) -> str:
    """Return a program that computes value and slope of these settings; library: "cnnlib" or "torch"."""
    f = TEXTS[library][settings["function"]]
    f, slope = f if library == "cnnlib" else (f, "")
    return fill(TEXTS[f"code_{library}"], z=float(settings["z"]), f=f, slope=slope)


@each_language
def data() -> dict[str, Any]:
    """Return what the browser computes any scene from."""
    return {"name": "activation_function", "texts": TEXTS, "words": WORDS | WALK}


EXPLORER = CurveExplorer("activation_function", "activation function", SETTINGS, scene, data)
