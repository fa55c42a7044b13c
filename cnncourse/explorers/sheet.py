"""What still pictures are made of: the colours of the page, grids in their places, and the frames and joins on them.

Same colours as on the page (web/card.css), one unit to the pixel.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from .scene import BETWEEN, DROPPED, LOST, PADDING, Grid

INK, SOFT, LINE, SELECT, PAPER = "#1b1f24", "#57606a", "#c3cad2", "#6a2c91", "#ffffff"
ABOVE, BELOW = "#c8451b", "#1f68b3"  # red and blue mean sign, and nothing else
FAINT = 4  # where no number is larger, this one would have the full tint
SMALLEST, LARGEST = 11, 18  # px of type
TITLE, SIDE, GAP = 26, 12, 20
HATCHES = {PADDING: "////", BETWEEN: "....", DROPPED: "----"}
Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, width, height
Size = tuple[int, int]


@dataclass(frozen=True)
class Sheet:
    """A grid on the picture: its upper left corner and the side of a cell, in px."""

    x: float
    y: float
    cell: float
    rows: int
    columns: int

    def box(self, row: float, column: float, rows: float = 1, columns: float = 1) -> Box:
        """Return (left, top, width, height) of some cells."""
        return self.x + column * self.cell, self.y + row * self.cell, columns * self.cell, rows * self.cell

    def whole(self) -> Box:
        return self.box(0, 0, self.rows, self.columns)


def placed(x: float, side: float, shape: Size, y: float = TITLE, middle: bool = True) -> Sheet:
    """Return where a grid of this shape stands in a square whose upper left corner is (x, y)."""
    cell = side / max(shape)
    return Sheet(x + (side - cell * shape[1]) / 2 if middle else x, y, cell, *shape)


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


def cross(axes: Axes, box: Box) -> None:
    """Cross a cell out at its corners only: its number stays to be read."""
    x, y, w, h = box
    for (a, b), (c, d) in itertools.product(((0.06, 0.26), (0.94, 0.74)), repeat=2):
        axes.plot([x + a * w, x + b * w], [y + c * h, y + d * h], color=SOFT, lw=0.8)


def frame(axes: Axes, box: Box, **looks: Any) -> None:
    x, y, w, h = box
    known: dict[str, Any] = {"facecolor": "none", "edgecolor": SELECT, "linewidth": 2.2, "zorder": 4}
    axes.add_patch(Rectangle((x, y), w, h, **(known | looks)))


def beam(axes: Axes, one: Box, other: Box) -> None:
    """Join the right side of a box to the left side of another."""
    (x, y, w, h), (u, v, _, k) = one, other
    corners = [(x + w, y), (u, v), (u, v + k), (x + w, y + h)]
    axes.add_patch(Polygon(corners, closed=True, facecolor=SELECT, alpha=0.08, linewidth=0, zorder=1.5))
    for a, b in ((0, 1), (3, 2)):
        ends: Iterable[Point] = (corners[a], corners[b])
        axes.add_patch(PathPatch(Path(list(ends)), edgecolor=SELECT, alpha=0.65, linewidth=0.9, zorder=3))
