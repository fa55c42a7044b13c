"""The stage as a still picture, for GitHub, printed pages and wherever else no widget lives.

Same places, same colours as on the page (web/stages/convolution.js, web/card.css), one unit to the pixel.
"""

from __future__ import annotations

import base64
import itertools
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from cnncourse.language import ENGLISH, speaking
from cnncourse.plots.picture import style

from .picture import PAGE, encoded, indices, misfit, page
from .scene import BETWEEN, DROPPED, LOST, PADDING, Explorer, Grid, Scene, Settings, text_of

INK, SOFT, LINE, SELECT, PAPER = "#1b1f24", "#57606a", "#c3cad2", "#6a2c91", "#ffffff"
ABOVE, BELOW = "#c8451b", "#1f68b3"  # red and blue mean sign, and nothing else
FAINT = 4  # where no number is larger, this one would have the full tint
SMALLEST, LARGEST = 11, 18  # px of type
TITLE, TALL, SIDE, GAP = 26, 344, 12, 20
PIXELS = PAGE
PLAIN: Settings = {"padding": [0, 0], "letters": False, "counts": False}
HATCHES = {PADDING: "////", BETWEEN: "....", DROPPED: "----"}
Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, width, height
Size = tuple[int, int]


def png(explorer: Explorer, settings: Settings) -> str:
    """Return the scene of these settings as a PNG in base64, as a mime bundle holds it."""
    from . import still_grids  # which draws with what stands here

    with style(), speaking(ENGLISH):
        scene = explorer.scene_of(settings)
        matplotlib.rcParams["hatch.linewidth"] = 0.5
        if scene.output is None:
            figure = misfit(scene)
        elif "bias" in scene.details and len(scene.grids) == 3:  # one input, one kernel, one output
            figure = convolution(scene, PLAIN | settings)
        else:
            figure = still_grids.figure(explorer, scene, settings)
        return base64.b64encode(encoded(figure)).decode("ascii")


@dataclass(frozen=True)
class Sheet:
    """A grid on the picture: its upper left corner and the side of a cell, in px."""

    x: float
    y: float
    cell: float
    rows: int
    columns: int

    def box(self, row: float, column: float, rows: float = 1, columns: float = 1) -> tuple[float, float, float, float]:
        """Return (left, top, width, height) of some cells."""
        return self.x + column * self.cell, self.y + row * self.cell, columns * self.cell, rows * self.cell

    def whole(self) -> tuple[float, float, float, float]:
        return self.box(0, 0, self.rows, self.columns)


def placed(x: float, side: float, shape: Size, y: float = TITLE, middle: bool = True) -> Sheet:
    """Return where a grid of this shape stands in a square whose upper left corner is (x, y)."""
    cell = side / max(shape)
    return Sheet(x + (side - cell * shape[1]) / 2 if middle else x, y, cell, *shape)


def convolution(scene: Scene, settings: Settings) -> Figure:
    """Return the figure of a window on its input, the kernel, the products, and the output."""
    words = [indices("      ".join(scene.lines)), *textwrap.wrap(scene.sentence, 118)]
    height = TITLE + TALL + 16 + GAP * len(words)
    figure, axes = page(height)
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
    return figure


def stage(shapes: dict[str, Size]) -> dict[str, Sheet]:
    """Return where the four grids stand."""
    lens, output, kernel = 190.0, 222.0, 106.0
    axis = PIXELS - SIDE - output - 38 - lens / 2
    return {
        "input": placed(SIDE, TALL, shapes["input"], middle=False),
        "kernel": placed(axis - kernel / 2, kernel, shapes["kernel"]),
        "products": placed(axis - lens / 2, lens, shapes["products"], TITLE + TALL - lens),
        "output": placed(PIXELS - SIDE - output, output, shapes["output"]),
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


def tint(value: float | None, largest: float, counted: bool = False) -> tuple[float, ...]:
    """Return the colour of a cell: white at 0, in five steps to red above and blue below; grey for what is counted."""
    steps = -(-5 * abs(value) // largest) if value else 0
    share = (0.08 if counted else 0.12) * steps
    colour = matplotlib.colors.to_rgb(SOFT if counted else BELOW if value and value < 0 else ABOVE)
    return tuple(1 - share * (1 - part) for part in colour)


def points(pixels: float) -> float:
    """Return the size of type in points."""
    return 0.75 * pixels


def draw(axes: Axes, sheet: Sheet, grid: Grid, words: list[list[str]], counted: bool = False) -> None:
    """Draw one grid: padding dashed and hatched, pixels never read crossed out, numbers where they can be read."""
    axes.text(sheet.x, sheet.y - 9, grid.title, va="bottom", fontsize=points(12), color=SOFT)
    largest = max(FAINT, *(abs(value or 0) for row in grid.values for value in row))
    cells = list(itertools.product(range(sheet.rows), range(sheet.columns)))
    boxes = [Rectangle((x, y), w, h) for x, y, w, h in (sheet.box(*cell) for cell in cells)]
    faces = [tint(grid.values[r][c], largest, counted) for r, c in cells]
    axes.add_collection(PatchCollection(boxes, facecolor=faces, edgecolor=LINE, linewidth=0.75))
    for kind, hatch in HATCHES.items():
        some = [box for box, (r, c) in zip(boxes, cells) if grid.kinds[r][c] == kind]
        axes.add_collection(PatchCollection(some, facecolor="none", edgecolor=LINE, hatch=hatch, linewidth=0))
    for r, c in cells:
        if grid.kinds[r][c] == LOST:
            cross(axes, sheet.box(r, c))
    longest = max(len(word.replace("$", "").strip("_{}")) for row in words for word in row)
    size = min(LARGEST, 0.5 * sheet.cell, (sheet.cell - 3) / (0.6 * max(longest, 1)))
    if max(size, min(SMALLEST, sheet.cell - 5)) < SMALLEST:
        return
    for r, c in cells:
        x, y, w, h = sheet.box(r, c)
        colour = SOFT if grid.kinds[r][c] == PADDING else INK
        place: dict[str, Any] = {"ha": "center", "va": "center_baseline"}
        axes.text(x + w / 2, y + h / 2, words[r][c], fontsize=points(max(size, SMALLEST)), color=colour, **place)


def plus(number: float) -> str:
    return f"{'−' if number < 0 else '+'} {text_of(abs(number))}"


def cross(axes: Axes, box: Box) -> None:
    """Cross a cell out at its corners only: its number stays to be read."""
    x, y, w, h = box
    for (a, b), (c, d) in itertools.product(((0.06, 0.26), (0.94, 0.74)), repeat=2):
        axes.plot([x + a * w, x + b * w], [y + c * h, y + d * h], color=SOFT, lw=0.8)


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


def frame(axes: Axes, box: tuple[float, float, float, float], **looks: Any) -> None:
    x, y, w, h = box
    known: dict[str, Any] = {"facecolor": "none", "edgecolor": SELECT, "linewidth": 2.2, "zorder": 4}
    axes.add_patch(Rectangle((x, y), w, h, **(known | looks)))


def beam(axes: Axes, one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> None:
    """Join the right side of a box to the left side of another."""
    (x, y, w, h), (u, v, _, k) = one, other
    corners = [(x + w, y), (u, v), (u, v + k), (x + w, y + h)]
    axes.add_patch(Polygon(corners, closed=True, facecolor=SELECT, alpha=0.08, linewidth=0, zorder=1.5))
    for a, b in ((0, 1), (3, 2)):
        ends: Iterable[Point] = (corners[a], corners[b])
        axes.add_patch(PathPatch(Path(list(ends)), edgecolor=SELECT, alpha=0.65, linewidth=0.9, zorder=3))


def signs(axes: Axes, scene: Scene, sheets: dict[str, Sheet], times: Grid, position: Size) -> None:
    """Write the signs between the grids, and the sum."""
    kernel, lens, output = (sheets[role] for role in ("kernel", "products", "output"))
    level, gap = TITLE + 53, (lens.x + lens.cell * lens.columns + PIXELS - SIDE - 222) / 2
    centre: dict[str, Any] = {"ha": "center", "va": "center", "color": INK}
    axes.plot([(SIDE + TALL + kernel.x) / 2], [level], marker="*", markersize=11, color=INK)
    axes.text((kernel.x + kernel.cell * kernel.columns + PIXELS - SIDE - 222) / 2, level, "=", fontsize=17, **centre)
    middle = lens.y + lens.cell * lens.rows / 2
    axes.text(gap, middle - 10, "Σ", fontsize=17, **centre)
    bias, total = scene.details["bias"], sum(value for row in times.values for value in row)
    axes.text(gap, middle + 14, plus(bias), fontsize=points(13), **centre)
    net, value = text_of(total + bias), scene.grid("output").values[position[0]][position[1]]
    sum_up = f"{text_of(total)} {plus(bias)} = {net}"
    if value != total + bias:
        sum_up = f"ReLU({text_of(total)} {plus(bias)}) = {text_of(value)}"
    below = (output.y + output.cell * output.rows + TITLE + TALL) / 2
    axes.text(PIXELS - SIDE - 111, below - 14, "sum + bias", fontsize=points(12), **(centre | {"color": SOFT}))
    axes.text(PIXELS - SIDE - 111, below + 10, sum_up, fontsize=points(18), fontweight="bold", **centre)
