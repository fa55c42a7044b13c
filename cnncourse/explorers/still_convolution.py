"""Still pictures of the stage of convolutions: a window on its input, the kernel, the products, and the output.

Same places as on the page (web/stages/convolution.js), one unit to the pixel.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .picture import PAGE, indices, page
from .scene import PADDING, Grid, Scene, Settings, text_of
from .sheet import GAP, INK, SIDE, SOFT, TITLE, Sheet, Size, beam, draw, frame, placed, points

TALL = 344  # px: the side of the input


def figure(scene: Scene, settings: Settings) -> Figure:
    """Return the figure of a window on its input, the kernel, the products, and the output."""
    words = [indices("      ".join(scene.lines)), *textwrap.wrap(scene.sentence, 118)]
    height = TITLE + TALL + 16 + GAP * len(words)
    picture, axes = page(height)
    row, column = settings["position"]
    grids = {role: scene.grid(role) for role in ("input", "kernel", "output")}
    grids["products"] = products(scene, row, column)
    sheets = stage({role: (len(grid.values), len(grid.values[0])) for role, grid in grids.items()})
    for role, grid in grids.items():
        draw(axes, sheets[role], grid, texts(grid, role, settings))
    join(axes, scene, sheets, (row, column))
    signs(axes, scene, sheets, grids["products"], (row, column))
    for k, line in enumerate(words):
        axes.text(SIDE, TITLE + TALL + 26 + GAP * k, line, va="center", fontsize=points(13), color=INK)
    return picture


def stage(shapes: dict[str, Size]) -> dict[str, Sheet]:
    """Return where the four grids stand."""
    lens, output, kernel = 190.0, 222.0, 106.0
    axis = PAGE - SIDE - output - 38 - lens / 2
    return {
        "input": placed(SIDE, TALL, shapes["input"], middle=False),
        "kernel": placed(axis - kernel / 2, kernel, shapes["kernel"]),
        "products": placed(axis - lens / 2, lens, shapes["products"], TITLE + TALL - lens),
        "output": placed(PAGE - SIDE - output, output, shapes["output"]),
    }


def products(scene: Scene, row: int, column: int) -> Grid:
    """Return what the window at an output reads, times the weights."""
    values, weights, kinds = scene.grid("input").values, scene.grid("kernel").values, scene.grid("input").kinds
    places = [[(i, j) for j in scene.columns[column]] for i in scene.rows[row]]
    times = [[values[i][j] * w for (i, j), w in zip(line, given)] for line, given in zip(places, weights)]
    return Grid(
        "products", "Products of this window", times, ["".join(kinds[i][j] for i, j in line) for line in places]
    )


def texts(grid: Grid, role: str, settings: Settings) -> list[list[str]]:
    """Return what stands in the cells: numbers, letters, or how often each cell is read."""
    letter = {"input": "x", "kernel": "w", "output": "net"}.get(role)
    top, left = settings["padding"] if role == "input" else (0, 0)
    if settings["counts"] and grid.counts is not None:
        return [["" if k == PADDING else str(n) for n, k in zip(*row)] for row in zip(grid.counts, grid.kinds)]
    if not settings["letters"] or letter is None:
        return [[text_of(value) for value in row] for row in grid.values]
    named: Callable[[int, int], str] = lambda r, c: f"{letter}$_{{{r - top}{',' * (max(r, c) > 9)}{c - left}}}$"
    shape = len(grid.values), len(grid.values[0])
    return [["0" if grid.kinds[r][c] == PADDING else named(r, c) for c in range(shape[1])] for r in range(shape[0])]


def join(axes: Axes, scene: Scene, sheets: dict[str, Sheet], position: Size) -> None:
    """Frame the window, the products and the output, and draw what joins them."""
    rows, columns = scene.rows[position[0]], scene.columns[position[1]]
    window = sheets["input"].box(rows[0], columns[0], rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1)
    lens, cell = sheets["products"].whole(), sheets["output"].box(*position)
    for one, other in ((window, lens), (lens, cell)):
        beam(axes, one, other)
    for box in (window, lens, cell):
        frame(axes, box)
    frame(axes, sheets["kernel"].whole(), linestyle=(0, (2.5, 2)), linewidth=1.5)
    if rows[-1] - rows[0] + 1 > len(rows) or columns[-1] - columns[0] + 1 > len(columns):
        for i, j in itertools.product(rows, columns):
            frame(axes, sheets["input"].box(i, j), linewidth=1)


def signs(axes: Axes, scene: Scene, sheets: dict[str, Sheet], times: Grid, position: Size) -> None:
    """Write the signs between the grids, and the sum."""
    kernel, lens, output = (sheets[role] for role in ("kernel", "products", "output"))
    level, gap = TITLE + 53, (lens.x + lens.cell * lens.columns + PAGE - SIDE - 222) / 2
    centre: dict[str, Any] = {"ha": "center", "va": "center", "color": INK}
    axes.plot([(SIDE + TALL + kernel.x) / 2], [level], marker="*", markersize=11, color=INK)
    axes.text((kernel.x + kernel.cell * kernel.columns + PAGE - SIDE - 222) / 2, level, "=", fontsize=17, **centre)
    middle = lens.y + lens.cell * lens.rows / 2
    axes.text(gap, middle - 10, "Σ", fontsize=17, **centre)
    bias, total = scene.details["bias"], sum(value for row in times.values for value in row)
    axes.text(gap, middle + 14, plus(bias), fontsize=points(13), **centre)
    net, value = text_of(total + bias), scene.grid("output").values[position[0]][position[1]]
    sum_up = f"{text_of(total)} {plus(bias)} = {net}"
    if value != total + bias:
        sum_up = f"ReLU({text_of(total)} {plus(bias)}) = {text_of(value)}"
    below = (output.y + output.cell * output.rows + TITLE + TALL) / 2
    axes.text(PAGE - SIDE - 111, below - 14, "sum + bias", fontsize=points(12), **(centre | {"color": SOFT}))
    axes.text(PAGE - SIDE - 111, below + 10, sum_up, fontsize=points(18), fontweight="bold", **centre)


def plus(number: float) -> str:
    return f"{'−' if number < 0 else '+'} {text_of(abs(number))}"
