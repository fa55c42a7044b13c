"""Chain explorer: single units in a row, and the product of the factors that a gradient meets on its way back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import PolyCollection
from matplotlib.ticker import FixedLocator, NullLocator

from ..plots.picture import COLOURS, INK, LINE, PAPER, SOFT
from .activation import ACTIVATIONS, FUNCTIONS, text
from .figure import Drawing, Explorer, Real, Scene, Stops, raised

DEEPEST = 30
SETTINGS = (
    FUNCTIONS,
    Stops("depth", "Depth", "n", tuple(range(1, DEEPEST + 1)), 10),
    Real("weight", "Weight", "w", -4, 4, 0.1, 1.0),
    Real("start", "Input", "x", -3, 3, 0.1, 0.5),
)


def scene(function: str, depth: int, weight: float, start: float) -> Scene:
    """Return the factors w * f'(net) of a chain of `depth` units and the products of the first 1, 2, ... of them.

    Unit k computes net_k = w * a_(k-1), a_k = f(net_k), from a_0 = start. The derivative of the last a by the start is
    the product of all factors. The bound is what it would be if every unit had the largest slope of f.

    >>> scene("identity", 3, 2.0, 1.0).numbers["product"]
    8.0
    """
    chosen = ACTIVATIONS[function]
    nets, activations = [], [start]
    for _ in range(depth):
        nets.append(weight * activations[-1])
        activations.append(float(chosen.f(nets[-1])))
    factors = weight * chosen.derivative(np.array(nets)) + 0.0
    products = np.cumprod(factors) + 0.0
    bounds = (abs(weight) * chosen.steepest) ** np.arange(1, depth + 1)
    numbers = {
        "nets": nets,
        "activations": activations,
        "factors": factors,
        "products": products,
        "product": float(products[-1]),
        "bounds": bounds,
        "bound": float(bounds[-1]),
    }
    return Scene(
        numbers,
        (
            f"∂a/∂x = Π w·f′(net) = {_product(factors)} = {text(numbers['product'])}",
            f"at most (|w| · {text(chosen.steepest)})ⁿ = {_power(weight, chosen.steepest, depth)}"
            f" = {text(numbers['bound'])}",
        ),
        _sentence(function, depth, weight, numbers),
    )


def _product(factors: np.ndarray) -> str:
    shown = [f"({text(f)})" if f < 0 else text(f) for f in factors.tolist()]
    if len(shown) > 4:
        shown = [*shown[:2], "…", shown[-1]]
    return " · ".join(shown)


def _power(weight: float, steepest: float, depth: int) -> str:
    return f"({text(abs(weight))} · {text(steepest)}){raised(depth)}"


def _sentence(function: str, depth: int, weight: float, numbers: dict[str, Any]) -> str:
    product, factors = numbers["product"], numbers["factors"]
    if product == 0:
        first = 1 + int(np.flatnonzero(factors == 0)[0])
        if weight == 0:
            return "The weight is 0: no unit hears the one before it, and every factor is 0."
        return f"Unit {first} is off: its factor is 0, and so is the product, however large the others are."
    size = abs(product)
    sign = " The sign is negative: an odd number of factors is." if product < 0 else ""
    if math.isclose(size, 1.0, rel_tol=1e-9):
        return f"The product is {text(product)}: the gradient keeps its size through {_units(depth)}." + sign
    if size < 0.01:
        average = f", a factor of {text(size ** (1 / depth))} for each on the average" if depth > 1 else ""
        return f"The gradient vanishes: through {_units(depth)} it has shrunk to {text(size)}{average}." + sign
    if size > 100:
        return f"The gradient explodes: through {_units(depth)} it has grown {text(size)}-fold." + sign
    return f"Through {_units(depth)} the gradient becomes {text(size)} times as large." + sign


def _units(depth: int) -> str:
    return "one unit" if depth == 1 else f"{depth} units"


class ChainDrawing(Drawing):
    """The factors as bars and the products as a line, both on a log scale; what is 0 is marked at the lower edge."""

    size = (7.8, 3.4)

    def build(self) -> None:
        left, right = self.axes = self.figure.subplots(1, 2)
        self.figure.subplots_adjust(left=0.085, right=0.985, top=0.9, bottom=0.235, wspace=0.21)
        left.set_title("factor of each unit, |w · f′(net)|", y=1.03)
        right.set_title("product of the factors so far", y=1.03)
        for axes in self.axes:
            axes.set_yscale("log")
            axes.set_xlabel("unit, counted from the input")
            axes.yaxis.set_minor_locator(NullLocator())
            axes.axhline(1, color=LINE, linewidth=1.2)
        # The sign is a hatch or a hollow dot, so that it is seen without colours.
        looks = [
            {"facecolors": COLOURS[0], "edgecolors": INK, "linewidths": 0.6, "label": "w·f′ > 0"},
            {"facecolors": PAPER, "edgecolors": COLOURS[1], "linewidths": 0.9, "hatch": "////", "label": "w·f′ < 0"},
        ]
        self.bars = [left.add_collection(PolyCollection([], **look)) for look in looks]
        bound = {"linestyle": "--", "color": SOFT, "linewidth": 1.6, "label": "bound (|w|·max f′)ⁿ"}
        self.bound = right.plot([], [], **bound)[0]
        self.line = right.plot([], [], color=COLOURS[0], linewidth=1.6)[0]
        dot = {"linestyle": "none", "marker": "o", "markersize": 5.5}
        self.dots = [
            right.plot([], [], color=COLOURS[0], **dot, label="product > 0")[0],
            right.plot([], [], markerfacecolor=PAPER, markeredgecolor=COLOURS[1], **dot, label="product < 0")[0],
        ]
        cross = {"linestyle": "none", "marker": "x", "color": COLOURS[1], "markersize": 7, "markeredgewidth": 2}
        self.zeros = [axes.plot([], [], **cross, clip_on=False, label="exactly 0")[0] for axes in self.axes]
        shown = [*self.bars, *self.dots, self.bound, self.zeros[0]]
        self.figure.legend(
            handles=shown, loc="lower center", ncols=6, columnspacing=1.5, handletextpad=0.5, handlelength=2
        )

    def moving(self) -> list[Artist]:
        return [*self.bars, self.bound, self.line, *self.dots, *self.zeros]

    def frame(self, scene: Scene) -> Any:
        factors, products, bounds = (scene.numbers[name] for name in ("factors", "products", "bounds"))
        return _last_unit(len(factors)), _decades(factors), _decades(np.concatenate([products, bounds]))

    def set_frame(self, scene: Scene) -> None:
        last, *decades = self.frame(scene)
        for axes, (low, high) in zip(self.axes, decades):
            axes.set(xlim=(0.3, last + 0.7), ylim=(10.0**low, 10.0**high))
            axes.xaxis.set_major_locator(
                FixedLocator(range(1, last + 1) if last <= 10 else [1, *range(5, last + 1, 5)])
            )
            step = -(-(high - low) // 7)
            powers = [k for k in range(low, high + 1) if k % step == 0]
            axes.set_yticks([10.0**k for k in powers], [f"10{raised(k)}" for k in powers])

    def update(self, scene: Scene) -> None:
        factors, products, bounds = (scene.numbers[name] for name in ("factors", "products", "bounds"))
        units = np.arange(1, len(factors) + 1)
        floors = [axes.get_ylim()[0] for axes in self.axes]
        sizes = np.abs(products)
        for bars, dots, sign in zip(self.bars, self.dots, (1, -1)):
            bars.set_verts([_bar(k, floors[0], abs(f)) for k, f in zip(units, factors) if np.sign(f) == sign])
            chosen = np.sign(products) == sign
            dots.set_data(units[chosen], sizes[chosen])
        self.line.set_data(units[sizes > 0], sizes[sizes > 0])
        self.bound.set_data(units[bounds > 0], bounds[bounds > 0])
        for zeros, values, floor in zip(self.zeros, (factors, products), floors):
            zeros.set_data(units[values == 0], np.full((values == 0).sum(), floor))


def _bar(k: int, floor: float, top: float) -> list[tuple[float, float]]:
    return [(k - 0.36, floor), (k - 0.36, top), (k + 0.36, top), (k + 0.36, floor)]


def _last_unit(depth: int) -> int:
    """Return how far the axis of units goes: it changes seldom while the depth does."""
    return next(last for last in (10, DEEPEST) if depth <= last)


def _decades(values: np.ndarray) -> tuple[int, int]:
    """Return the powers of ten between which all values but 0 lie, in steps: the axis stays still for small changes."""
    sizes = np.abs(values[values != 0]) if values.any() else np.ones(1)
    low, high = math.floor(np.log10(0.7 * sizes.min())), math.ceil(np.log10(1.3 * sizes.max()))
    steps = (1, 2, 4, 8, 12, 20, 30, 45, 60, 80, 100, 150, 300)
    return -next(s for s in steps if low >= -s), next(s for s in steps if high <= s)


EXPLORER = Explorer("chain", "chain of units", SETTINGS, scene, ChainDrawing)
