"""The small network of chapter 03 as the training step shows it: every number, every derivative, what made each.

The browser computes the same in web/small_net.js, with the same additions in the same order.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

Values = dict[str, np.ndarray]
Cell = tuple[str, int, int]

MOST = 20  # steps
TINY = 1e-9  # numbers so close count as equal: whether sums are equal to the last bit depends on the order of adding

FOUR = ((1, 0, 1, 0), (1, 1, 1, 0), (1, 0, 1, 0), (0, 0, 1, 0))  # the image of chapter 03
IMAGES = {"one": (FOUR,), "turns": (FOUR, tuple(zip(*FOUR))), "even": (((1,) * 4,) * 4,)}
HALF, NONE = ((0.5, 0.5), (0.5, 0.5)), ((0.0, 0.0), (0.0, 0.0))
CHAPTER: dict[str, Any] = {
    "w0": ((1, -1), (1, -1)),
    "w1": ((1, 1), (-1, -1)),
    "wb0": ((0,),),
    "wb1": ((0,),),
    "W00": HALF,
    "W01": NONE,
    "W10": NONE,
    "W11": HALF,
    "b": ((0,), (0,)),
}
STARTS: dict[str, dict[str, Any]] = {
    "chapter": CHAPTER,
    "dead": CHAPTER | {"wb0": ((-3,),)},
    "alike": CHAPTER | {"w1": CHAPTER["w0"], "W01": HALF, "W10": HALF},
}
# The grids with their rows and columns, in the order of the forward pass; their derivatives are called d_….
SHAPES: dict[str, tuple[int, int]] = {
    "x": (4, 4),
    **{f"{name}{k}": shape for name, shape in (("w", (2, 2)), ("wb", (1, 1)), ("net", (3, 3))) for k in (0, 1)},
    **{f"{name}{k}": shape for name, shape in (("a", (3, 3)), ("y", (2, 2))) for k in (0, 1)},
    **{f"W{u}{k}": (2, 2) for u in (0, 1) for k in (0, 1)},
    **{name: (2, 1) for name in ("b", "out", "p")},
    "E": (1, 1),
}
GRIDS = SHAPES | {f"d_{name}": shape for name, shape in reversed(SHAPES.items()) if name not in ("x", "p", "E")}
CELLS: tuple[Cell, ...] = tuple((name, r, c) for name, (m, n) in GRIDS.items() for r in range(m) for c in range(n))

# ---- the arithmetic --------------------------------------------------------------------------------------------------


def image_of(image: str, n: int) -> np.ndarray:
    """Return the image (4, 4) that step n is taken for."""
    some = IMAGES[image]
    return np.array(some[n % len(some)], float)


def label_of(image: str, label: str, n: int) -> int:
    """Return the label of that image: of two images in turn the other has the other label."""
    return int(label) if n % len(IMAGES[image]) == 0 else 1 - int(label)


def start_of(start: str) -> Values:
    """Return the parameters before the first step, each as a grid."""
    return {name: np.array(values, float) for name, values in STARTS[start].items()}


def forward(x: np.ndarray, parameters: Values, label: int) -> Values:
    """Return every number of the forward pass by name: net (3, 3), a (3, 3) and y (2, 2) of each map, out, p, E."""
    v = {"x": x} | parameters
    for k in (0, 1):
        net = np.zeros((3, 3))
        for m, n in np.ndindex(2, 2):
            net += v[f"w{k}"][m, n] * x[m : m + 3, n : n + 3]
        v[f"net{k}"] = net + v[f"wb{k}"][0, 0]
        v[f"a{k}"] = np.where(v[f"net{k}"] > TINY, v[f"net{k}"], 0.0)
        v[f"y{k}"] = np.array([[v[f"a{k}"][winner(v, k, r, c)] for c in (0, 1)] for r in (0, 1)])
    out = [0.0, 0.0]
    for u, k, r, c in np.ndindex(2, 2, 2, 2):
        out[u] += float(v[f"W{u}{k}"][r, c] * v[f"y{k}"][r, c])
    out = [out[u] + float(v["b"][u, 0]) for u in (0, 1)]
    exps = [math.exp(value - max(out)) for value in out]
    v["out"], v["p"] = np.array(out)[:, None], np.array([e / (exps[0] + exps[1]) for e in exps])[:, None]
    lead = out[1 - label] - out[label]
    v["E"] = np.array([[max(lead, 0.0) + math.log1p(math.exp(-abs(lead)))]])  # −ln p without its rounding to 1
    return v


def winner(v: Values, k: int, r: int, c: int) -> tuple[int, int]:
    """Return the place in map k of the largest number of the window at (r, c): the first of equals."""
    best = (r, c)
    for place in ((r, c + 1), (r + 1, c), (r + 1, c + 1)):
        if v[f"a{k}"][place] > v[f"a{k}"][best] + TINY:
            best = place
    return best


def equals(v: Values, k: int, r: int, c: int) -> int:
    """Return how many numbers of the window at (r, c) of map k are as large as its largest."""
    return int((v[f"a{k}"][r : r + 2, c : c + 2] >= v[f"y{k}"][r, c] - TINY).sum())


def backward(v: Values, label: int) -> Values:
    """Return the derivatives of E by name: by every parameter, y, a and net."""
    other = v["p"][1 - label, 0]
    delta = [0.0, 0.0]
    delta[label], delta[1 - label] = -other, other  # p − 1 of the label is minus the rest
    d: Values = {"d_out": np.array(delta)[:, None], "d_b": np.array(delta)[:, None]}
    for u, k in np.ndindex(2, 2):
        d[f"d_W{u}{k}"] = delta[u] * v[f"y{k}"]
    for k in (0, 1):
        d[f"d_y{k}"] = v[f"W0{k}"] * delta[0] + v[f"W1{k}"] * delta[1]
        d_a = np.zeros((3, 3))
        for r, c in np.ndindex(2, 2):
            d_a[winner(v, k, r, c)] += d[f"d_y{k}"][r, c]
        d[f"d_a{k}"], d[f"d_net{k}"] = d_a, d_a * (v[f"net{k}"] > TINY)
        d_w, d_wb = np.zeros((2, 2)), 0.0
        for i, j in np.ndindex(3, 3):
            d_w += d[f"d_net{k}"][i, j] * v["x"][i : i + 2, j : j + 2]
            d_wb += float(d[f"d_net{k}"][i, j])
        d[f"d_w{k}"], d[f"d_wb{k}"] = d_w, np.array([[d_wb]])
    return d


def updated(parameters: Values, d: Values, rate: float) -> Values:
    """Return the parameters after one step: each minus the learning rate times its derivative."""
    return {name: values - rate * d[f"d_{name}"] for name, values in parameters.items()}


@functools.lru_cache(8)
def path(rate: float, image: str, label: str, start: str) -> tuple[list[Values], list[float]]:
    """Return the parameters before each step, the first to the last and one more, and E at each."""
    parameters = [start_of(start)]
    losses = []
    for n in range(MOST + 1):
        truth = label_of(image, label, n)
        v = forward(image_of(image, n), parameters[n], truth)
        losses.append(float(v["E"][0, 0]))
        parameters.append(updated(parameters[n], backward(v, truth), rate))
    return parameters, losses


# ---- a number, what made it and where it goes ------------------------------------------------------------------------


def known_as(name: str, r: int, c: int) -> str:
    """Return the name of a number: its grid, row and column.

    >>> known_as("d_w0", 0, 1)
    'd_w0_01'
    """
    return f"{name}_{r}{c}"


@dataclass(frozen=True)
class Made:
    """How a number is made: a template of TEXTS, its terms, each some factors (letter, value), and where they stand."""

    how: str
    terms: list[list[tuple[str, float]]]
    sources: list[Cell]
    target: int = 0  # 1 for the unit of the label, where how is "minus"
    equal: int = 0  # how many numbers of the window are the largest, where how is "max_tie"


def letter(name: str, r: int, c: int) -> str:
    """Return the letter of a number, as the course writes it; units, and all that belongs to y, count on.

    >>> letter("net0", 0, 1), letter("W01", 1, 1), letter("d_w1", 1, 0), letter("d_out", 1, 0), letter("E", 0, 0)
    ('net_{01}', 'W_{07}', '∂E/∂w_{10}', 'δ_1', 'E')
    """
    kind = kind_of(name)
    if kind.startswith("d_"):
        if kind in ("d_net", "d_out"):
            return letter(name[2:], r, c).replace("net", "δ")
        return f"∂E/∂{letter(name[2:], r, c)}"
    if kind == "E":
        return "E"
    if kind == "wb":
        return "w_b"
    if kind == "W":
        return f"W_{{{name[1]}{4 * int(name[2]) + 2 * r + c}}}"
    if kind == "y":
        return f"y_{4 * int(name[1]) + 2 * r + c}"
    if kind in ("b", "out", "p"):
        return f"{'net' if kind == 'out' else kind}_{r}"
    return f"{kind}_{{{r}{c}}}"


def kind_of(name: str) -> str:
    """Return the kind of a grid: its name without the numbers of map and unit.

    >>> kind_of("W01"), kind_of("d_net0")
    ('W', 'd_net')
    """
    return name.rstrip("01")


def where(name: str, r: int) -> tuple[str, int]:
    """Return which sentence says what the number belongs to, and its number."""
    kind = kind_of(name).removeprefix("d_")
    if kind in ("w", "wb"):
        return "of_kernel", int(name[-1])
    if kind in ("net", "a", "y"):
        return "of_map", int(name[-1])
    if kind == "W":
        return "of_unit", int(name[-2])
    return ("of_unit", r) if kind in ("b", "out", "p") else ("of_all", 0)


def made(v: Values, label: int, cell: Cell) -> Made:
    """Return how the number in a cell is made; v holds all numbers, forward and backward."""
    return _derivative(v, label, *cell) if cell[0].startswith("d_") else _number(v, label, *cell)


def _number(v: Values, label: int, name: str, r: int, c: int) -> Made:
    kind, k = kind_of(name), int(name[-1]) if name[-1] in "01" else r
    four = [(m, n) for m in (0, 1) for n in (0, 1)]
    if kind == "x":
        return Made("pixel", [], [])
    if kind == "net":
        pairs: list[list[Cell]] = [[(f"w{k}", m, n), ("x", r + m, c + n)] for m, n in four]
        return _sum(v, "sum", [*pairs, [(f"wb{k}", 0, 0)]])
    if kind == "a":
        return _sum(v, "relu", [[(f"net{k}", r, c)]])
    if kind == "y":
        equal = equals(v, k, r, c)
        return _sum(v, "max_tie" if equal > 1 else "max", [[(f"a{k}", r + m, c + n)] for m, n in four], equal=equal)
    if kind == "out":
        weighted: list[list[Cell]] = [[(f"W{r}{m}", i, j), (f"y{m}", i, j)] for m in (0, 1) for i, j in four]
        return _sum(v, "sum", [*weighted, [("b", r, 0)]])
    if kind == "p":
        return _sum(v, "softmax", [[("out", 0, 0)], [("out", 1, 0)]])
    if kind == "E":
        return _sum(v, "loss", [[("p", label, 0)]])
    return Made("weight", [], [(f"d_{name}", r, c)])


def _derivative(v: Values, label: int, name: str, r: int, c: int) -> Made:
    kind, k = kind_of(name), int(name[-1]) if name[-1] in "01" else r
    nine = [(i, j) for i in range(3) for j in range(3)]
    if kind == "d_out":
        return _sum(v, "minus", [[("p", r, 0)]], target=int(r == label))
    if kind == "d_b":
        return _sum(v, "same", [[("d_out", r, 0)]])
    if kind == "d_W":
        return _sum(v, "sum", [[("d_out", int(name[-2]), 0), (f"y{k}", r, c)]])
    if kind == "d_y":
        return _sum(v, "sum", [[(f"W{u}{k}", r, c), ("d_out", u, 0)] for u in (0, 1)])
    if kind == "d_a":
        return _through_max(v, k, r, c)
    if kind == "d_net":
        slope = (f"f′({letter(f'net{k}', r, c)})", float(v[f"net{k}"][r, c] > TINY))
        above = (letter(f"d_a{k}", r, c), float(v[f"d_a{k}"][r, c]))
        return Made("sum", [[above, slope]], [(f"d_a{k}", r, c), (f"net{k}", r, c)])
    if kind == "d_wb":
        return _sum(v, "sum", [[(f"d_net{k}", i, j)] for i, j in nine])
    return _sum(v, "sum", [[(f"d_net{k}", i, j), ("x", i + r, j + c)] for i, j in nine])


def _sum(v: Values, how: str, terms: list[list[Cell]], **more: int) -> Made:
    given = [[(letter(*cell), float(v[cell[0]][cell[1:]])) for cell in term] for term in terms]
    return Made(how, given, [cell for term in terms for cell in term], **more)


def _through_max(v: Values, k: int, r: int, c: int) -> Made:
    windows = [(i, j) for i in (r - 1, r) for j in (c - 1, c) if i in (0, 1) and j in (0, 1)]
    won = [(i, j) for i, j in windows if winner(v, k, i, j) == (r, c)]
    if won:
        return _sum(v, "sum" if len(won) > 1 else "same", [[(f"d_y{k}", i, j)] for i, j in won])
    level = any(v[f"a{k}"][r, c] >= v[f"y{k}"][i, j] - TINY for i, j in windows)
    return Made("tied" if level else "no_window", [], [])


def targets(v: Values, label: int, cell: Cell) -> list[Cell]:
    """Return the cells that the number in a cell helps to make."""
    return [other for other in CELLS if cell in made(v, label, other).sources]
