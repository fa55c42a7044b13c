"""Small arrays as grids of numbers, side by side with operators between: which cell came from where, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from cnnlib import arguments
from cnnlib.arguments import IntPair
from cnnlib.convolution import conv2d

from . import picture
from .picture import COLOURS, HATCHES, INK, LINE, PAPER, SOFT, Array, Picture, Point, Words, box, write

SPOKEN = {"⋆": "cross-correlated with", "∗": "convolved with", "*": "times", "+": "plus", "−": "minus", "=": "equals"}
SPOKEN |= {"→": "becomes", "×": "times", "∘": "times, cell by cell,", "↦": "becomes", "·": "times"}
CELL = 36 / 96  # inches; cells grow for long numbers and shrink when the figure gets too wide
BETWEEN = 16 / 96  # inches between the grids and operators of a figure
LINE_HEIGHT = 0.25  # inches, of operators
SPOKEN_CELLS = 64  # larger arrays are told by their range, not number by number


class Window(NamedTuple):
    """Cells that belong together: from (row, column), `height` rows and `width` columns, `step` apart if dilated."""

    row: int
    column: int
    height: int = 1
    width: int = 1
    step: int = 1

    def _places(self) -> list[range]:
        ends = ((self.row, self.height), (self.column, self.width))
        return [range(first, first + count * self.step, self.step) for first, count in ends]

    def cells(self) -> list[tuple[int, int]]:
        """Return the (row, column) of every cell."""
        rows, columns = self._places()
        return [(i, j) for i in rows for j in columns]

    def spoken(self) -> str:
        """Return its rows and columns as words."""
        told = []
        for name, places in zip(("row", "column"), self._places()):
            several = f"{places[0]} to {places[-1]}" if self.step == 1 else picture.listed([*map(str, places)])
            told.append(f"{name}s {several}" if len(places) > 1 else f"{name} {places[0]}")
        return ", ".join(told)


@dataclass(frozen=True, eq=False)
class Grid:
    """A two-dimensional array, of numbers or short texts, and how `grids` draws it. Chapters call it `grid`.

    Parameters
    ----------
    values : ndarray
        The numbers or texts, (rows, columns).
    title, caption : str, optional
        Texts above and below.
    padding : int or (int, int)
        Rows and columns of a frame around the values, drawn dashed and filled with `padding_value`.
    marks : sequence of Window or tuple
        Windows (row, column), (row, column, height, width) or `Window`, counted in the padded array. Each gets a border
        and a hatch; the first marks of all grids have the same ones, which shows what belongs together.
    faint : ndarray of bool, optional
        Which of the values are drawn like padding, for instance inserted zeros.
    lost : int or (int, int)
        How many of the last rows and columns no window reads. They are crossed out.
    signed : bool, optional
        Whether colours are centred at 0. None: if there is a negative value.
    fill, numbers : bool
        Whether cells are coloured, and whether their values are written.
    decimals : int, optional
        How many decimals are written; see `picture.number`.

    Raises
    ------
    TypeError
        If values is not an array.

    Examples
    --------
    >>> grid(np.eye(2, dtype=int), "I").spoken()
    'I, 2 by 2: 1 0; 0 1'
    """

    values: Array
    title: Words = None
    _: KW_ONLY
    caption: Words = None
    padding: IntPair = 0
    padding_value: Any = 0
    marks: Sequence[tuple[int, ...]] = ()
    faint: Array | None = None
    lost: IntPair = 0
    signed: bool | None = None
    fill: bool = True
    numbers: bool = True
    decimals: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.values, np.ndarray):
            raise TypeError(f"values: got {type(self.values).__name__}, expected a two-dimensional NumPy array")
        if self.values.ndim != 2:
            raise ValueError(f"values: got shape {self.values.shape}, expected a two-dimensional NumPy array")
        height, width = self.padded.shape
        for mark in self.windows:
            rows, columns = zip(*mark.cells(), strict=True)
            if min(rows + columns) < 0 or max(rows) >= height or max(columns) >= width:
                expected = f"cells of a grid of {height} rows, {width} columns"
                raise ValueError(f"marks: got {tuple(mark)}, expected {expected}")
        if self.faint is not None:
            arguments.same_shape("faint", np.asarray(self.faint), self.values.shape, "the shape of values")

    @property
    def windows(self) -> list[Window]:
        """The marks."""
        return [Window(*mark) for mark in self.marks]

    def _framed(self, array: Array, value: Any) -> Array:
        return np.pad(array, [(p, p) for p in arguments.pair("padding", self.padding, 0)], constant_values=value)

    @property
    def padded(self) -> Array:
        """The array with its frame of padding: what is drawn; marks count rows and columns in it."""
        whole = self.values.dtype.kind in "iu" and not isinstance(self.padding_value, (int, np.integer))
        return self._framed(self.values.astype(float) if whole else self.values, self.padding_value)

    @property
    def dashed(self) -> Array:
        """Which cells are no data of their own: the padding and the `faint` ones."""
        return self._framed(np.zeros(self.values.shape, bool) if self.faint is None else self.faint, True)

    def texts(self, values: Array | None = None) -> list[list[str]]:
        """Return the number in every cell, or every one of `values`, as it is written."""
        decimals = self.decimals
        if decimals is None and self.values.dtype.kind == "f":  # three where three say all, as in -1.008, else two
            finite = self.values[np.isfinite(self.values)]
            decimals = -3 if np.allclose(finite, np.round(finite, 3), rtol=0, atol=1e-7) else None
        shown = self.padded if values is None else values
        return [[picture.number(value, decimals) for value in row] for row in shown.tolist()]

    def told(self) -> str:
        """Return the values as words: "1 0; 0 1"."""
        return "; ".join(" ".join(row) for row in self.texts(self.values))

    def spoken(self) -> str:
        """Return the grid as words."""
        rows, columns = self.values.shape
        parts = [f"{picture.flat(self.title) or 'grid'}, {rows} by {columns}"]
        if self.numbers and self.values.size <= SPOKEN_CELLS:
            parts[0] += f": {self.told()}"
        elif self.numbers and self.values.dtype.kind not in "USO":
            parts[0] += f", values {picture.ranged(self.values)}"
        parts[0] += f" ({self.caption})" if self.caption else ""
        p, q = arguments.pair("padding", self.padding, 0)
        if p or q:
            width = str(p) if p == q else f"{picture.counted(p, 'row')} and {picture.counted(q, 'column')}"
            parts.append(f"framed by padding of {width} with {picture.number(self.padding_value)}")
        parts += [f"marked {mark.spoken()}" for mark in self.windows]
        unread = zip(arguments.pair("lost", self.lost, 0), ("row", "column"))
        if lost := [f"the last {name}" if n == 1 else f"the last {n} {name}s" for n, name in unread if n]:
            parts.append(f"never read: {' and '.join(lost)}")
        return ", ".join(parts)


grid = Grid
Part = Grid | str


def grids(*columns: Any, title: Words = None, alt: Words = None) -> Picture:
    """Return a figure of grids side by side, read from left to right. The alternative text says all of small grids.

    Parameters
    ----------
    *columns : ndarray, Grid, list of these, or str
        A list stands as a stack, one grid above the other. A text such as "⋆", "+", "=", "→" stands between; between
        two lists of the same length it stands in every row.

    Examples
    --------
    >>> x, w = np.ones((3, 3), int), np.eye(2, dtype=int)
    >>> grids(grid(x, "x", marks=[(0, 0, 2, 2)]), "⋆", grid(w, "w"), "=", grid(np.full((2, 2), 2), "net", marks=[(0, 0)]))
    [figure: x, 3 by 3: 1 1 1; 1 1 1; 1 1 1, marked rows 0 to 1, columns 0 to 1; cross-correlated with; w, 2 by 2: 1 0; 0 1; equals; net, 2 by 2: 2 2; 2 2, marked row 0, column 0.]
    """  # noqa: E501
    table: list[list[Part]] = []
    for column in columns:
        stack = list(column) if isinstance(column, np.ndarray) and column.ndim == 3 else column
        stack = stack if isinstance(stack, (list, tuple)) else [stack]
        table.append([part if isinstance(part, (Grid, str)) else grid(part) for part in stack])
    if all(isinstance(part, str) for column in table for part in column):
        raise ValueError("columns: got no grid, expected at least one array")
    for before, column, after in zip(table, table[1:], table[2:]):
        if len(column) == 1 and isinstance(column[0], str) and len(before) == len(after):
            column *= len(before)
    with picture.style():
        figure = _draw(table, title)
    return picture.described(figure, alt or None, title, _spoken(table))


def partial_maps(
    x: Array,
    weight: Array,
    bias: float = 0,
    *,
    stride: IntPair = 1,
    padding: IntPair = 0,
    marks: Sequence[tuple[int, int]] = (),
    titles: tuple[str, str, str] = ("x", "w", "net"),
    decimals: int | None = None,
    alt: Words = None,
) -> Picture:
    """Return a figure of one kernel over several channels: each channel's partial map, then their sum plus the bias.

    It computes net = Σ_d x_d ⋆ w_d + w_b with `conv2d`.

    Parameters
    ----------
    x, weight : ndarray
        Input (D, H, W) and kernel (D, F_h, F_w).
    bias : float
    stride, padding : int or (int, int)
        As in `conv2d`.
    marks : sequence of (int, int)
        Cells (row, column) of the result. Their windows are marked in x.
    titles : (str, str, str)
        Names of input, kernel and result.

    Examples
    --------
    >>> partial_maps(np.ones((2, 3, 3), int), np.ones((2, 2, 2), int), bias=1).alt[-34:]
    'sum plus 1; net, 2 by 2: 9 9; 9 9.'
    """
    x, weight = (np.asarray(array) for array in (x, weight))
    if x.ndim != 3 or weight.ndim != 3 or len(x) != len(weight):
        expected = f"(D, F_h, F_w) with the D channels of x, of shape {x.shape}"
        raise ValueError(f"weight: got shape {weight.shape}, expected {expected}")
    s, t = arguments.pair("stride", stride, 1)
    parts = [conv2d(x_d[None, None], w_d[None, None], None, stride, padding)[0, 0] for x_d, w_d in zip(x, weight)]
    total = sum(parts) + np.asarray(bias)
    if x.dtype.kind in "iu" and weight.dtype.kind in "iu" and float(bias).is_integer():
        parts, total = [part.astype(int) for part in parts], total.astype(int)
    windows = [Window(i * s, j * t, *weight.shape[1:]) for i, j in marks]
    name_x, name_w, name_net = titles
    inputs, kernels, products = [], [], []
    for d, (x_d, w_d, part) in enumerate(zip(x, weight, parts)):
        inputs.append(grid(x_d, f"{name_x}[{d}]", padding=padding, marks=windows, decimals=decimals))
        kernels.append(grid(w_d, f"{name_w}[{d}]", decimals=decimals))
        products.append(grid(part, f"partial map {d}", marks=marks, decimals=decimals))
    result = grid(total, name_net, marks=marks, decimals=decimals)
    plus = f"\n{'+' if bias > 0 else '−'} {picture.number(abs(bias))}" if bias else ""
    return grids(inputs, "⋆", kernels, "=", products, f"sum{plus}\n→", result, alt=alt)


def heat_map(
    counts: Array,
    title: Words = None,
    *,
    row_label: Words = None,
    column_label: Words = None,
    numbered: bool = False,
    signed: bool | None = None,
    decimals: int | None = None,
    alt: Words = None,
) -> Picture:
    """Return a figure of a two-dimensional array with its numbers in coloured cells.

    Parameters
    ----------
    counts : ndarray
        The numbers, (rows, columns).
    row_label, column_label : str, optional
        Texts at the left of the rows and above the columns.
    numbered : bool
        Whether rows and columns are numbered, from 0.

    Examples
    --------
    >>> heat_map(np.array([[1, 2], [2, 4]]), "how often")
    [figure: How often: 2 rows, 2 columns, values from 1 to 4. Rows: 1 2; 2 4.]
    """
    made = grid(counts, signed=signed, decimals=decimals)
    rows, columns = ([str(k) for k in range(size)] if numbered else [] for size in counts.shape)
    with picture.style():
        figure, _ = _table(made, made, title, (rows, columns), (row_label, column_label), strength=0.75)
    low, up = (picture.number(end, decimals) for end in (counts.min(), counts.max()))
    name = picture.capital(picture.flat(title) or "heat map")
    size = ", ".join(map(picture.counted, counts.shape, ("row", "column")))
    head = f"{name}: {size}, values from {low} to {up}"
    body = f"Rows: {made.told()}" if counts.size <= SPOKEN_CELLS else None
    return picture.described(figure, alt, None, head, body)


def confusion_matrix(
    labels: Array, predictions: Array, classes: int = 10, title: Words = "Confusion matrix", alt: Words = None
) -> Picture:
    """Return a figure of how often each class (row) was read as which (column).

    Right answers are framed. The colour shows mistakes only, which the right answers would drown.

    Parameters
    ----------
    labels, predictions : ndarray
        The true and the predicted class numbers, (B,).
    classes : int
        How many classes there are.

    Examples
    --------
    >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0]), classes=2)
    [figure: Confusion matrix of 3 images, 2 read right. Mistakes: 1 read as 0, once.]
    """
    labels = arguments.class_labels("labels", labels, len(labels), classes)
    predictions = arguments.class_labels("predictions", predictions, len(labels), classes)
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (labels, predictions), 1)
    mistakes = counts * ~np.eye(classes, dtype=bool)
    names = [str(name) for name in range(classes)]
    with picture.style():
        bare = grid(mistakes, numbers=False)
        figure, on = _table(grid(counts), bare, title, (names, names), ("digit", "read as"))
        for i, j in np.argwhere(counts):
            colour = PAPER if mistakes[i, j] > 0.6 * mistakes.max() else INK
            on.write(i + 0.5, j + 0.5, str(counts[i, j]), size=9, color=colour)
        for i in range(classes):
            on.box(i, i, linewidth=2)
    pairs = sorted(np.argwhere(mistakes).tolist(), key=lambda pair: -mistakes[*pair])
    times = ["once" if n == 1 else f"{n} times" for n in (mistakes[i, j] for i, j in pairs)]
    told = "; ".join(f"{i} read as {j}, {often}" for (i, j), often in zip(pairs[:5], times)) or "none"
    more = f", and {picture.counted(len(pairs) - 5, 'other pair')}" if len(pairs) > 5 else ""
    head = f"{picture.flat(title) or 'Confusion matrix'} of {picture.counted(len(labels), 'image')}"
    head += f", {np.trace(counts)} read right"
    return picture.described(figure, alt, None, head, f"Mistakes: {told}{more}")


# ---- layout ---------------------------------------------------------------------------------------------------------


def _spoken(table: list[list[Part]]) -> str:
    said = []
    for column in table:
        texts = [part.spoken() if isinstance(part, Grid) else _in_words(part) for part in column]
        said.append(texts[0] if len(set(texts)) == 1 and isinstance(column[0], str) else "; ".join(texts))
    told = "; ".join(words for words in said if words)
    return picture.capital(told) if told[:4] == "grid" else told


def _in_words(operator: str) -> str:
    words = [SPOKEN.get(word, word) for word in operator.split()]
    return " ".join(words[:-1] if len(words) > 1 and words[-1] == "becomes" else words)


def _draw(table: list[list[Part]], title: Words) -> Figure:
    """Return a figure of columns of grids and operators; columns with fewer parts than rows are spread over them."""
    shown = [part for column in table for part in column if isinstance(part, Grid)]
    cell = _fitting_cell(table, shown)
    above = 0.2 * max(picture.lines(part.title) for part in shown) + 0.06
    below = 0.2 * max(picture.lines(part.caption) for part in shown) + 0.1
    heights = _row_heights(table, cell, above + below)
    widths = _widths(table, cell)
    head = 0.3 if title else 0.04
    high = head + sum(heights) + (above + below) * len(heights)
    figure, axes = picture.sheet(sum(widths) + BETWEEN * (len(table) + 1), high, title, (BETWEEN, 0.08))
    rows = picture.middles(head + above, heights, above + below)
    for column, x in zip(table, picture.middles(BETWEEN, widths, BETWEEN)):
        count = len(column)
        spread = [rows[0] + (rows[-1] - rows[0]) * (k + 0.5) / count for k in range(count)]
        for part, y in zip(column, rows if count == len(rows) else spread):
            if isinstance(part, str):
                lines = part.split("\n")
                for k, line in enumerate(lines):
                    lower = LINE_HEIGHT * (k + 0.5 - len(lines) / 2)
                    write(axes, x, y + lower, line, "center center", _operator_size(line))
            else:
                height, width = part.padded.shape
                left, top = picture.snapped(x - width * cell / 2), picture.snapped(y - height * cell / 2)
                draw_grid(Cells(axes, left, top, cell), part)
    return figure


def _size(part: Part, cell: float) -> tuple[float, float]:
    """Return the width and height in inches of a grid, without the texts above and below it, or of an operator."""
    if isinstance(part, str):
        lines = part.split("\n")
        return max(picture.text_width(line, _operator_size(line)) for line in lines), LINE_HEIGHT * len(lines)
    height, width = part.padded.shape
    words = [picture.text_width(text, 10, True) for text in (part.title, part.caption) if text]
    return max([width * cell, *words]), height * cell


def _operator_size(line: str) -> float:
    return 10.5 if len(line) > 1 else 24 if line == "⋆" else 17


def _widths(table: list[list[Part]], cell: float) -> list[float]:
    return [max(_size(part, cell)[0] for part in column) for column in table]


def _fitting_cell(table: list[list[Part]], shown: list[Grid]) -> float:
    """Return how many inches a cell is wide and high: room for the longest number, but the figure fits the page."""
    cell = CELL if max(max(part.padded.shape) for part in shown) <= 9 else 0.3
    cell = picture.snapped(max([cell, *(longest(part, 9.5) + 0.1 for part in shown if part.numbers)]))
    over = sum(_widths(table, cell)) + BETWEEN * (len(table) + 1) - picture.WIDEST
    if over > 0:  # cells shrink, titles and operators do not
        widths = [[part.padded.shape[1] for part in column if isinstance(part, Grid)] for column in table]
        cell = picture.snapped(max(0.17, cell - over / sum(max(stack, default=0) for stack in widths)))
    return cell


def longest(part: Grid, size: float) -> float:
    """Return how many inches wide the longest number of a grid is."""
    return max((picture.text_width(text, size) for row in part.texts() for text in row), default=0)


def _row_heights(table: list[list[Part]], cell: float, around: float) -> list[float]:
    """Return the heights of the rows; a stack that is taller than they are stretches them all."""
    stacks = [[_size(part, cell)[1] for part in column] for column in table]
    count = max(len(stack) for stack in stacks)
    heights = [max(row) for row in zip(*(stack for stack in stacks if len(stack) == count))]
    tallest = max(sum(stack) + around * (len(stack) - 1) for stack in stacks)
    spare = max(0.0, tallest - sum(heights) - around * (count - 1)) / count
    return [height + spare for height in heights]


# ---- one grid -------------------------------------------------------------------------------------------------------


class Cells(NamedTuple):
    """Square cells on a canvas: the upper left corner of the first one and the side of each, in inches."""

    axes: Axes
    left: float
    top: float
    side: float

    def box(self, i: float, j: float, height: float = 1, width: float = 1, face: Any = None, **kw: Any) -> None:
        """Draw a rectangle of height by width cells, its upper left one in row i and column j."""
        x, y, side = self.left + j * self.side, self.top + i * self.side, self.side
        box(self.axes, x, y, width * side, height * side, face, **kw)

    def write(
        self, i: float, j: float, text: str, at: str = "center center_baseline", off: Point = (0, 0), **kw: Any
    ) -> Text:
        """Write a text i rows below the upper left corner and j columns beside it, and `off` inches."""
        x, y = self.left + j * self.side + off[0], self.top + i * self.side + off[1]
        return write(self.axes, x, y, text, at, **kw)


def draw_grid(on: Cells, part: Grid, strength: float | None = None, limit: float | None = None) -> None:
    """Draw a grid; colours are full at ±limit."""
    rgb, dashed = _cell_colours(part, strength, limit), part.dashed
    (height, width), places = dashed.shape, [*np.ndindex(dashed.shape)]
    for i, j in places:
        on.box(i, j, face=rgb[i, j], edge=LINE, linewidth=0.7)
    for i, j in np.argwhere(dashed):
        on.box(i + 0.07, j + 0.07, 0.86, 0.86, edge=SOFT, linewidth=0.8, linestyle=(0, (2, 2)))
    for place, mark in enumerate(part.windows):
        # in one piece or, if its cells stand apart, cell by cell; its place says in which colour
        pieces = [(*cell, 1, 1) for cell in mark.cells()] if mark.step > 1 else [mark[:4]]
        colour, hatch = COLOURS[(place + 1) % len(COLOURS)], HATCHES[place % len(HATCHES)]
        for piece in pieces:
            on.box(*piece, edge=colour, hatch=hatch, linewidth=0, alpha=0.55)
            on.box(*piece, edge=colour, linewidth=2.6, zorder=3)
    rows, columns = arguments.pair("lost", part.lost, 0)
    for i, j in places:
        if i >= height - rows or j >= width - columns:  # no window reads it
            x, y, side = on.left + j * on.side, on.top + i * on.side, on.side
            for diagonal in ([(x, y), (x + side, y + side)], [(x + side, y), (x, y + side)]):
                on.axes.add_patch(Polygon(diagonal, closed=False, edgecolor=COLOURS[1], linewidth=1.2))
    if part.numbers:
        _write_numbers(on, part, rgb)
    on.box(0, 0, height, width, linewidth=1.2, zorder=2)
    on.write(0, width / 2, part.title or "", "center bottom", bold=True, off=(0, -0.06))
    on.write(height, width / 2, part.caption or "", "center top", size=9.5, color=SOFT, off=(0, 0.06))


def _cell_colours(part: Grid, strength: float | None, limit: float | None) -> Array:
    """Return the colours (H, W, 3) of the cells: white where a cell is padding, or nothing is filled."""
    values = part.padded
    if not part.fill or values.dtype.kind in "USO":
        return np.ones((*values.shape, 3))
    signed = picture.is_signed(part.values, part.signed)
    finite = np.where(np.isfinite(values), values, 0)
    rgb = picture.colours(finite, signed, limit, strength or (0.42 if signed else 0.2))
    return np.where(part.dashed[..., None], 1.0, rgb)


def _write_numbers(on: Cells, part: Grid, rgb: Array) -> None:
    points = min(10.0, 10 * on.side * 0.9 / max(longest(part, 10), 0.01), 72 * on.side * 0.62)
    halo = withStroke(linewidth=2.2, foreground=PAPER) if part.marks else None
    dashed, texts = part.dashed, part.texts()
    for i, j in np.ndindex(dashed.shape):
        dark = rgb[i, j] @ [0.3, 0.59, 0.11] < 0.45
        colour = PAPER if dark else SOFT if dashed[i, j] else INK
        slant = "italic" if dashed[i, j] else "normal"
        written = on.write(i + 0.5, j + 0.5, texts[i][j], size=points, color=colour, style=slant)
        if halo and not dark:
            written.set_path_effects([halo])


def _table(
    made: Grid,
    shown: Grid,
    title: Words,
    names: tuple[list[str], list[str]],
    labels: tuple[Words, Words],
    strength: float = 0.6,
) -> tuple[Figure, Cells]:
    """Return a figure of one grid with names beside its rows and above its columns, and its cells.

    Cells have room for the numbers of `made`; `shown` is drawn.
    """
    (rows, columns), (row_label, column_label) = names, labels
    height, width = made.values.shape
    cell = max(0.38 if max(height, width) <= 12 else 0.3, longest(made, 9.5) + 0.12)
    cell = picture.snapped(min(cell, (picture.WIDEST - 1) / width))
    left = picture.snapped((0.65 if rows else 0.4 if row_label else 0.15) + (0.1 if row_label else 0))
    top = picture.snapped((0.65 if columns else 0.4 if column_label else 0.15) + (0.3 if title else 0))
    figure, axes = picture.sheet(left + width * cell + 0.15, top + height * cell + 0.12, title, (0.15, 0.09))
    on = Cells(axes, left, top, cell)
    draw_grid(on, shown, strength)
    for i, name in enumerate(rows):
        on.write(i + 0.5, 0, name, "right center", size=9.5, off=(-0.1, 0))
    for j, name in enumerate(columns):
        on.write(0, j + 0.5, name, "center bottom", size=9.5, off=(0, -0.1))
    on.write(height / 2, 0, row_label or "", "left center", rotation=90, off=(0.14 - left, 0))
    on.write(0, width / 2, column_label or "", "center bottom", off=(0, -0.3 if columns else -0.1))
    return figure, on
