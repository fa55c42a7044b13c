"""Activation explorer: a function and its derivative, with value, slope and tangent at a point z that is moved."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist

from .. import activations
from ..plots.picture import COLOURS, INK, SOFT
from .figure import Drawing, Explorer, Real, Scene, raised
from .scene import Choice


@dataclass(frozen=True)
class Activation:
    """A function with its derivative, the largest slope it has, and how both are written with numbers put in."""

    label: str
    f: Callable[[Any], Any]
    derivative: Callable[[Any], Any]
    steepest: float
    formula: str  # {z}: the weighted input, {minus_z}: the same with the other sign
    slope_formula: str  # {a}: the value


def identity(x: Any) -> Any:
    """Return x as floats."""
    return np.asarray(x, dtype=float)[()]


def identity_derivative(x: Any) -> Any:
    """Return 1 for every x."""
    return np.ones_like(np.asarray(x, dtype=float))[()]


ACTIVATIONS = {
    "sigmoid": Activation(
        "sigmoid",
        activations.sigmoid,
        activations.sigmoid_derivative,
        0.25,
        "1 / (1 + e^({minus_z}))",
        "a(1 − a) = {a} · (1 − {a})",
    ),
    "tanh": Activation("tanh", activations.tanh, activations.tanh_derivative, 1.0, "tanh({z})", "1 − a² = 1 − ({a})²"),
    "relu": Activation("ReLU", activations.relu, activations.relu_derivative, 1.0, "max(0, {z})", ""),
    "leaky_relu": Activation(
        "leaky ReLU (0.01)", activations.leaky_relu, activations.leaky_relu_derivative, 1.0, "", ""
    ),
    "identity": Activation("identity", identity, identity_derivative, 1.0, "{z}", ""),
}
FUNCTIONS = Choice("function", "Function", tuple((name, a.label) for name, a in ACTIVATIONS.items()), "sigmoid")
SETTINGS = (FUNCTIONS, Real("z", "Weighted input", "z", -6, 6, 0.1, 1.0))

CURVE = np.round(np.linspace(-6.5, 6.5, 261), 3)  # 0 is among them, so a corner at 0 is sharp
REACH = 1.6  # how far the tangent is drawn to either side


def scene(function: str, z: float) -> Scene:
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
    formula = ("{z}" if z > 0 else "0.01 · ({z})") if function == "leaky_relu" else chosen.formula
    lines = (
        f"f({text(z)}) = {_put_in(formula, z, value)}",
        f"f′({text(z)}) = {_slope_put_in(chosen.slope_formula, value, slope)}",
    )
    return Scene(numbers, lines, _sentence(function, z, slope, chosen.steepest))


def text(value: float) -> str:
    """Return a number with four decimals; with more, or with a power of ten, where it would be lost in them.

    >>> text(-0.25), text(0.00001234), text(0.99999), text(0.0)
    ('−0.25', '1.23·10⁻⁵', '0.99999', '0')
    """
    if value and (abs(value) < 1e-3 or abs(value) >= 1e6):
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa}·10{raised(int(exponent))}".replace("-", "−")
    decimals = 4
    while decimals < 12 and abs(value) != 1 and abs(round(value, decimals)) == 1:
        decimals += 1
    shown = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return ("0" if shown == "-0" else shown).replace("-", "−")


def _put_in(formula: str, z: float, value: float) -> str:
    put_in = formula.format(z=text(z), minus_z=text(-z))
    return text(value) if put_in == text(value) else f"{put_in} = {text(value)}"


def _slope_put_in(formula: str, value: float, slope: float) -> str:
    if not formula:
        return text(slope)
    # A value near 1 needs as many decimals as the slope has zeros, or the numbers put in would not give the result.
    decimals = max(4, 2 - math.floor(math.log10(slope)))
    return f"{formula.format(a=f'{value:.{decimals}f}'.replace('-', '−'))} = {text(slope)}"


def _sentence(function: str, z: float, slope: float, steepest: float) -> str:
    if function == "identity":
        return "The slope is 1 everywhere: the tangent lies on the line, and a gradient goes through unchanged."
    if function in ("relu", "leaky_relu"):
        below = "0: the unit is off and passes no gradient" if function == "relu" else "0.01: a trickle of gradient"
        if z == 0:
            left = "0" if function == "relu" else "0.01"
            return f"At the corner there is no tangent; the slope there is {left} by convention."
        return "Right of 0 the slope is 1: a gradient goes through unchanged." if z > 0 else f"The slope is {below}."
    if z == 0:
        return f"At 0 the curve is steepest: no slope is larger than {text(steepest)}."
    share = slope / steepest
    if share < 0.1:
        return f"The curve is nearly flat: the slope is {_percent(share)} of the largest, {text(steepest)}."
    return f"The slope is {_percent(share)} of the largest, {text(steepest)}, which it has at 0."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.2g} %"


class ActivationDrawing(Drawing):
    """The function on the left with point and tangent, its derivative on the right with the same z."""

    size = (7.8, 3.0)

    def build(self) -> None:
        self.axes = self.figure.subplots(1, 2)
        self.figure.subplots_adjust(left=0.065, right=0.985, top=0.88, bottom=0.155, wspace=0.17)
        self.curves, self.points, self.stems, self.tags = [], [], [], []
        for axes, colour in zip(self.axes, COLOURS):
            axes.set(xlim=(-6.5, 6.5), xlabel="z")
            axes.axhline(0, color=SOFT, linewidth=0.8)
            axes.axvline(0, color=SOFT, linewidth=0.8)
            self.stems += axes.plot([], [], color=INK, linewidth=1, linestyle=":")
            self.curves += axes.plot([], [], color=colour)
            self.points += axes.plot([], [], "o", color=INK, markersize=7)
            self.tags.append(axes.text(0.03, 0.93, "", transform=axes.transAxes, va="center"))
        self.tangent = self.axes[0].plot([], [], color=INK, linestyle="--", linewidth=1.8)[0]

    def moving(self) -> list[Artist]:
        return [*self.stems, self.tangent, *self.points, *self.tags]

    def frame(self, scene: Scene) -> Any:
        return scene.numbers["curve"].tobytes()

    def set_frame(self, scene: Scene) -> None:
        names = [("curve", "the function f(z)"), ("derivative", "its derivative f′(z)")]
        for axes, curve, (name, title) in zip(self.axes, self.curves, names):
            values = scene.numbers[name]
            jump = np.where(np.abs(np.diff(values, append=values[-1])) > 0.5, np.nan, values)  # no line across a step
            curve.set_data(CURVE, jump)
            low, high = min(values.min(), 0), max(values.max(), 0)
            room = 0.17 * (high - low)
            axes.set_ylim(low - room, high + room)
            axes.set_title(title, y=1.03)

    def update(self, scene: Scene) -> None:
        z, tangent = scene.numbers["z"], scene.numbers["tangent"]
        self.tangent.set_data(*(tangent or ([], [])))
        shown = [("f", scene.numbers["value"]), ("f′", scene.numbers["slope"])]
        for point, stem, tag, (name, value) in zip(self.points, self.stems, self.tags, shown):
            point.set_data([z], [value])
            stem.set_data([z, z], [0, value])
            tag.set_text(f"{name}({text(z)}) = {text(value)}")


EXPLORER = Explorer("activation", "activation function", SETTINGS, scene, ActivationDrawing)
