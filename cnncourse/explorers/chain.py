"""Chain explorer: single units in a row, and the product of the factors that a gradient meets on its way back.

The browser computes the same scenes in web/scenes/chain_of_units.js.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cnncourse.language import Texts, each_language, fill

from .activation import ACTIVATIONS, FUNCTIONS
from .activation import TEMPLATES as OF_FUNCTIONS
from .curves import (
    WALK,
    CurveExplorer,
    CurveScene,
    Plot,
    Point,
    axis,
    bars,
    counted,
    decades,
    dots,
    label,
    line,
    plot,
    powers,
    text,
)
from .scene import Settings
from .stops import Real, Stops, raised
from .words import WORDS

DEEPEST = 30
SETTINGS = (
    FUNCTIONS,
    Stops("depth", "Depth", "n", tuple(range(1, DEEPEST + 1)), 10),
    Real("weight", "Weight", "w", -4, 4, 0.1, 1.0),
    Real("start", "Input", "x", -3, 3, 0.1, 0.5),
)

TEMPLATES: dict[str, Any] = {
    "walk": "Unit",
    "factors": "factor of each unit, |w · f′(net)|",
    "products": "product of the factors so far",
    "unit": "unit, counted from the input",
    "said_factors": "The smallest factor is {least} in size, the largest {most}.",
    "said_products": "From unit 1 to unit {n} it goes from {first} to {last}; the bound of the last is {bound}.",
    "bound": "bound (|w| · max f′)ⁿ",
    "product": "product",
    "zero": "✕ exactly 0",
    "minus": "hollow: below 0",
    "reading": "Unit {k}: net = {net}, a = {a}, factor w · f′(net) = {w} · {slope} = {factor}. "
    "Product so far: {product}.",
    "line_product": "∂a/∂x = Π w·f′(net) = {factors} = {product}",
    "line_bound": "at most (|w| · {steepest})ⁿ = ({w} · {steepest}){n} = {bound}",
    "units": ["one unit", "{n} units"],
    # what is seen
    "no_weight": "The weight is 0: no unit hears the one before it, and every factor is 0.",
    "off": "Unit {k} is off: its factor is 0, and so is the product, however large the others are.",
    "kept": "The product is {product}: the gradient keeps its size through {units}.",
    "vanishes": "The gradient vanishes: through {units} it has shrunk to {size}, a factor of {average} for each on the "
    "average.",
    "vanishes_one": "The gradient vanishes: through {units} it has shrunk to {size}.",
    "explodes": "The gradient explodes: through {units} it has grown {size}-fold.",
    "becomes": "Through {units} the gradient becomes {size} times as large.",
    "negative": " The sign is negative: an odd number of factors is.",
    # the setting as code
    "code_cnnlib": "import cnnlib\n\na, product = {x}, 1.0\nfor _ in range({n}):\n    net = {w} * a\n    a = {f}\n"
    "    product *= {w} * {slope}\nprint(product)\n",
    "code_torch": "import torch\n\nx = torch.tensor({x}, dtype=torch.float64, requires_grad=True)\na = x\n"
    "for _ in range({n}):\n    net = {w} * a\n    a = {f}\na.backward()\nprint(x.grad.item())\n",
    "cnnlib": OF_FUNCTIONS["cnnlib"],
    "torch": OF_FUNCTIONS["torch"],
}
TEXTS = Texts(TEMPLATES)


def scene(function: str, depth: int, weight: float, start: float) -> CurveScene:
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
    bounds = np.cumprod(np.full(depth, abs(weight) * chosen.steepest))
    numbers = {
        "nets": nets,
        "activations": activations,
        "factors": factors,
        "products": products,
        "product": float(products[-1]),
        "bounds": bounds,
        "bound": float(bounds[-1]),
    }
    return CurveScene(
        numbers=numbers,
        lines=[
            fill(TEXTS["line_product"], factors=_product(factors.tolist()), product=text(numbers["product"])),
            fill(
                TEXTS["line_bound"],
                w=text(abs(weight)),
                steepest=text(chosen.steepest),
                n=raised(depth),
                bound=text(numbers["bound"]),
            ),
        ],
        sentence=_sentence(depth, weight, numbers),
        plots=[_factors(factors), _products(products, bounds)],
        result=products,
    )


def _product(factors: list[float]) -> str:
    shown = [f"({text(f)})" if f < 0 else text(f) for f in factors]
    if len(shown) > 4:
        shown = [*shown[:2], "…", shown[-1]]
    return " · ".join(shown)


def _sentence(depth: int, weight: float, numbers: dict[str, Any]) -> str:
    product, factors = numbers["product"], numbers["factors"]
    if product == 0:
        first = 1 + int(np.flatnonzero(factors == 0)[0])
        return fill(TEXTS["no_weight"] if weight == 0 else TEXTS["off"], k=first)
    size = abs(product)
    name = "becomes"
    if math.isclose(size, 1.0, rel_tol=1e-9):
        name = "kept"
    elif size < 0.01:
        name = "vanishes" if depth > 1 else "vanishes_one"
    elif size > 100:
        name = "explodes"
    gaps = {"units": fill(TEXTS["units"][depth > 1], n=depth), "product": text(product), "size": text(size)}
    told = fill(TEXTS[name], average=text(size ** (1 / depth)), **gaps)
    return told + (str(TEXTS["negative"]) if product < 0 else "")


def _across(depth: int) -> dict[str, Any]:
    """Return the axis of units: it changes seldom while the depth does."""
    last = next(last for last in (10, DEEPEST) if depth <= last)
    return axis(str(TEXTS["unit"]), 0.3, last + 0.7, counted(last))


def _up(values: np.ndarray) -> dict[str, Any]:
    low, high = decades(values)
    return axis("", float(f"1e{low}"), float(f"1e{high}"), powers(low, high), log=True)


def _factors(factors: np.ndarray) -> Plot:
    across, up = _across(len(factors)), _up(factors)
    floor = up["low"]
    sizes = np.abs(factors).tolist()
    boxes: dict[int, list[list[float]]] = {1: [], -1: [], 0: []}
    for k, (factor, size) in enumerate(zip(factors, sizes), 1):
        boxes[int(np.sign(factor))].append([k - 0.36, floor, k + 0.36, size])
    marks = [
        line([[across["low"], 1.0], [across["high"], 1.0]], "rule"),
        bars(boxes[1], "plus"),
        bars(boxes[-1], "minus"),
        dots([[left + 0.36, floor] for left, *_ in boxes[0]], "zero"),
        *([label(str(TEXTS["minus"]), across["low"], up["high"], "start", "corner")] if boxes[-1] else []),
    ]
    said = fill(TEXTS["said_factors"], least=text(min(sizes)), most=text(max(sizes)))
    items: list[Point] = [[k, size or floor] for k, size in enumerate(sizes, 1)]
    return plot(str(TEXTS["factors"]), said, across, up, marks, items)


def _products(products: np.ndarray, bounds: np.ndarray) -> Plot:
    across, up = _across(len(products)), _up(np.concatenate([products, bounds]))
    floor, depth = up["low"], len(products)
    units = range(1, depth + 1)
    points: list[Point] = [[k, abs(p) or floor] for k, p in zip(units, products.tolist())]
    signs = np.sign(products)
    of_sign = {way: [point for point, sign in zip(points, signs) if sign == way] for way in (1, -1, 0)}
    marks = [
        line([[across["low"], 1.0], [across["high"], 1.0]], "rule"),
        line([[k, bound] for k, bound in zip(units, bounds.tolist()) if bound > 0], "soft"),
        line([point for point, sign in zip(points, signs) if sign], "thin"),
        dots(of_sign[1], "plus"),
        dots(of_sign[-1], "minus"),
        dots(of_sign[0], "zero"),
    ]
    # Labels stand beside the middle of their lines: over the bound, under the product, on the side that is free.
    middle = depth // 2
    ways = ("end", "start")
    if bounds[-1] >= bounds[0] > 0 and depth <= across["high"] / 2:
        marks.append(label(str(TEXTS["bound"]), depth, float(bounds[-1]), "start", "right"))
    elif bounds[-1] > 0:
        way = ways[bool(bounds[-1] < bounds[0])]
        marks.append(label(str(TEXTS["bound"]), middle + 1, float(bounds[middle]), way, "above"))
    if products[middle]:
        way = ways[bool(abs(products[-1]) > abs(products[0]))]
        marks.append(label(str(TEXTS["product"]), middle + 1, abs(float(products[middle])), way, "below", "strong"))
    if not products[-1]:
        marks.append(label(str(TEXTS["zero"]), depth, floor, "end", "above", "strong"))
    gaps = {"first": text(float(products[0])), "last": text(float(products[-1])), "bound": text(float(bounds[-1]))}
    return plot(str(TEXTS["products"]), fill(TEXTS["said_products"], n=depth, **gaps), across, up, marks, points)


def code(settings: Settings, library: str) -> str:
    """Return a program that computes the product of these settings; library: "cnnlib" or "torch"."""
    f = TEXTS[library][settings["function"]]
    f, slope = f if library == "cnnlib" else (f, "")
    w, x = float(settings["weight"]), float(settings["start"])
    return fill(TEXTS[f"code_{library}"], x=x, n=settings["depth"], w=w, f=f, slope=slope)


@each_language
def data() -> dict[str, Any]:
    """Return what the browser computes any scene from."""
    return {"name": "chain_of_units", "texts": TEXTS, "words": WORDS | WALK}


EXPLORER = CurveExplorer("chain_of_units", "chain of units", SETTINGS, scene, data)
