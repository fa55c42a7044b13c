"""What the explorers of sensitivity maps and of the transposed convolution share: numbers that stamp a kernel on a map.

Going back through a convolution, every δ lays δ·w on the cells of its window; forwards, the transposed convolution does
the same with its input. So there is one scene for both, looked at in two ways: stamp by stamp, where overlapping stamps
add up, or as a convolution of the expanded map (zeros between the numbers and around them) with the turned kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cnncourse.language import Texts
from cnnlib import convolution

from .padding_stride import TEMPLATES as CELLS
from .scene import BETWEEN, DROPPED, EMPTY, INPUT, LOST, OUTPUT, PADDING, PLACE, Grid, Scene, grid, windows

# Sentences about cells, the same for all explorers of stamps; each adds what it calls its sources and its results.
TEMPLATES: dict[str, Any] = {
    "cell_kernel": CELLS["cell_kernel"],
    "cell_product": CELLS["cell_product"],
    "cell": "{name}: {value}",
    "row": ["row {a}", "rows {a} to {b}"],
    "column": ["column {a}", "columns {a} to {b}"],
    # stamp by stamp
    "sum": "{result}: {terms} = {value}",
    "sums": "{result}: {parts}; together {sums} = {value}",
    "part": "filter {k}: {terms} = {sum}",
    "between_parts": "{first}; {second}",
    "products": "Products, Σ {sum}",
    "no_products": "No products",
    # expanded
    "lens": "Products",
    "meets": "{full}: {terms} = {value}{zeros}; {end}",
    "meets_none": "{full}: the window holds zeros only, so it is 0; {end}",
    "zeros": ["", " (one cell of the window holds a zero)", " ({n} cells of the window hold zeros)"],
    "both_titles": "{full}; output inside",
    "sum_of": "sum of the products",
}
TEXTS = Texts(TEMPLATES)


@dataclass(frozen=True)
class Axis:
    """One axis, rows or columns: how many numbers stamp, how wide, how far apart, and what becomes of the ends.

    border: cells cut off on both sides of what was stamped. extra: cells after the last stamp: what the floor of the
    convolution dropped, or the output padding of the transposed one.
    """

    count: int
    kernel: int
    stride: int
    border: int
    extra: int

    def entry(self) -> list[int]:
        """Return the axis as the browser gets it, so that it need not work out a size."""
        return [self.count, self.extra, self.expanded, self.padded, self.uncut, self.size]

    @property
    def expanded(self) -> int:
        """How many cells with the zeros between and at the end."""
        return (self.count - 1) * self.stride + 1 + self.extra

    @property
    def padded(self) -> int:
        """How many cells with kernel - 1 zeros on both sides as well."""
        return self.expanded + 2 * (self.kernel - 1)

    @property
    def uncut(self) -> int:
        """How many cells are stamped on, before the border is cut off."""
        return self.expanded + self.kernel - 1

    @property
    def size(self) -> int:
        """How many cells the result has."""
        return self.uncut - 2 * self.border

    def stamps(self) -> list[list[int]]:
        """Return for each number the cells that it stamps on, counted with the border."""
        return windows(self.count, self.kernel, self.stride)

    def sources(self) -> list[list[int]]:
        """Return for each cell of the result the numbers that stamp on it."""
        stamps = self.stamps()
        return [[i for i, cells in enumerate(stamps) if p + self.border in cells] for p in range(self.size)]


Axes = tuple[Axis, Axis]


def stamped(sources: np.ndarray, weights: np.ndarray, axes: Axes) -> np.ndarray:
    """Return what each map of sources (N, h, w) stamps with its kernels (N, D, F_h, F_w): (N, D, rows, columns).

    Rows and columns are counted with the border, which is cut off later.
    """
    rows, columns = axes
    maps = np.zeros((*weights.shape[:2], rows.uncut, columns.uncut), int)
    for i, down in enumerate(rows.stamps()):
        for j, across in enumerate(columns.stamps()):
            maps[:, :, down[0] : down[-1] + 1, across[0] : across[-1] + 1] += (
                sources[:, None, i, j, None, None] * weights
            )
    return maps


def cut(maps: np.ndarray, axes: Axes) -> np.ndarray:
    """Return maps without their border."""
    top, left = (axis.border for axis in axes)
    return maps[..., top : maps.shape[-2] - top, left : maps.shape[-1] - left]


def counts(axes: Axes) -> np.ndarray:
    """Return how many stamps lie on each cell of the result."""
    rows, columns = (np.array([len(found) for found in axis.sources()]) for axis in axes)
    return np.outer(rows, columns)


def stamped_grids(
    sources: np.ndarray, weights: np.ndarray, axes: Axes, titles: dict[str, list[str]], partial: bool = False
) -> list[Grid]:
    """Return the grids of all maps: sources, kernels, partial maps if asked for, results.

    The kernel and the partial map of source k and result d are number k·D + d of theirs.
    """
    maps = cut(stamped(sources, weights, axes), axes)
    uses = counts(axes)
    kinds = np.where(uses, OUTPUT, LOST)

    def all_of(role: str, arrays: np.ndarray, kinds: Any = INPUT, counted: Any = None) -> list[Grid]:
        pairs = zip(titles[role], arrays)
        return [grid(role, title, a, kinds, counted) for title, a in pairs]

    return [
        *all_of("source", sources),
        *all_of("kernel", weights.reshape(-1, *weights.shape[2:])),
        *(all_of("partial", maps.reshape(-1, *maps.shape[2:]), kinds) if partial else []),
        *all_of("output", maps.sum(axis=0), kinds, uses.tolist()),
    ]


def expanded_grids(source: np.ndarray, weight: np.ndarray, axes: Axes, titles: list[str]) -> list[Grid]:
    """Return the grids from one source to its result: expanded, padded, the kernel turned, the result before the cut.

    titles: those of source, expanded, padded, kernel, turned, full, output.
    """
    rows, columns = axes
    strides = rows.stride, columns.stride
    expanded = convolution.expand_sensitivity_map(source, strides, (rows.expanded, columns.expanded)).astype(int)
    letters = [expanded_kinds(axis) for axis in axes]
    kinds = np.array([[joined(a, b) for b in letters[1]] for a in letters[0]])
    around = tuple((axis.kernel - 1, axis.kernel - 1) for axis in axes)
    full = stamped(source[None], weight[None, None], axes)[0, 0]
    uses = counts(axes)
    result_kinds = np.where(uses, OUTPUT, LOST)
    border = tuple((axis.border, axis.border) for axis in axes)
    return [
        grid("source", titles[0], source, INPUT),
        grid("expanded", titles[1], expanded, kinds),
        grid("padded", titles[2], np.pad(expanded, around), np.pad(kinds, around, constant_values=PADDING)),
        grid("kernel", titles[3], weight, INPUT),
        grid("turned", titles[4], weight[::-1, ::-1], INPUT),
        grid("full", titles[5], full, np.pad(result_kinds, border, constant_values=PADDING)),
        grid("output", titles[6], cut(full, axes), result_kinds, uses.tolist()),
    ]


def expanded_kinds(axis: Axis) -> str:
    """Return the kinds of the expanded cells along one axis: numbers, zeros between, zeros at the end."""
    known = [INPUT if k % axis.stride == 0 else BETWEEN for k in range(axis.expanded - axis.extra)]
    return "".join(known) + DROPPED * axis.extra


def joined(row: str, column: str) -> str:
    """Return the kind of a cell from those of its row and its column."""
    return next((kind for kind in (DROPPED, BETWEEN) if kind in (row, column)), INPUT)


def handed_on(scene: Scene, source: int, result: int, row: int, column: int) -> Grid:
    """Return what one number of a source stamps: a map counted with the border, with numbers on its stamp only."""
    kernels = [grid for grid in scene.grids if grid.role == "kernel"]
    D = sum(grid.role == "output" for grid in scene.grids)
    top, left = scene.details["border"]
    down, across = scene.details["stamps"][0][row], scene.details["stamps"][1][column]
    inside = np.full(scene.output or (0, 0), PLACE)
    kinds = np.pad(inside, ((top, top), (left, left)), constant_values=EMPTY)
    stamp = np.ix_(down, across)
    kinds[stamp] = np.where(kinds[stamp] == PLACE, INPUT, PADDING)
    values = np.zeros(kinds.shape, int)
    values[stamp] = scene.grid("source", source).values[row][column] * np.array(kernels[source * D + result].values)
    return grid("handed on", "", values, kinds)


def scene_of(
    stage: str, axes: Axes, grids: list[Grid], lines: list[str], sentence: str, places: tuple[int, ...], **details: Any
) -> Scene:
    """Return the scene: stage "stamps" or "expanded", and `places`, the cells through which the position goes."""
    rows, columns = axes
    index = (
        {"stamps": [rows.stamps(), columns.stamps()]}
        if stage == "stamps"
        else {"windows": [windows(axis.uncut, axis.kernel, 1) for axis in axes]}
    )
    return Scene(
        (rows.size, columns.size),
        grids,
        rows.sources(),
        columns.sources(),
        lines,
        sentence,
        places=places,
        details={"stage": stage, "border": [rows.border, columns.border]} | index | details,
    )
