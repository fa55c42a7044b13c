"""Small arrays as grids of numbers, side by side with operators between: which cell came from where, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from matplotlib.patches import Polygon, Rectangle
from matplotlib.patheffects import withStroke

from .. import arguments
from ..convolution import conv2d
from . import picture
from .picture import COLOURS, HATCHES, INK, LINE, PAPER, SOFT, Picture

SPOKEN = {"⋆": "cross-correlated with", "∗": "convolved with", "*": "times", "+": "plus", "−": "minus", "=": "equals"}
SPOKEN |= {"→": "becomes", "×": "times", "∘": "times, cell by cell,", "↦": "becomes", "·": "times"}
CELL = 36 / 96  # inches; cells grow for long numbers and shrink when the figure gets too wide
SPOKEN_CELLS = 64  # larger arrays are told by their range, not number by number


class Window(NamedTuple):
    """Cells that belong together: from (row, column), so many rows and columns, `step` apart (a dilated kernel's)."""

    row: int
    column: int
    height: int = 1
    width: int = 1
    step: int = 1

    def cells(self) -> list[tuple[int, int]]:
        """Return the (row, column) of every cell."""
        return [
            (self.row + i * self.step, self.column + j * self.step)
            for i in range(self.height)
            for j in range(self.width)
        ]


@dataclass(frozen=True, eq=False)
class Grid:
    """A two-dimensional array (or one of texts) and how it is drawn; see `grid`, which makes it."""

    values: np.ndarray
    title: str | None = None
    caption: str | None = None
    padding: tuple[int, int] = (0, 0)
    padding_value: Any = 0
    marks: tuple[Window, ...] = ()
    faint: np.ndarray | None = None
    lost: tuple[int, int] = (0, 0)
    signed: bool | None = None
    fill: bool = True
    numbers: bool = True
    decimals: int | None = None

    @property
    def padded(self) -> np.ndarray:
        """The array with its frame of padding: what is drawn; marks count rows and columns in it."""
        (p, q), values = self.padding, self.values
        if not (p or q):
            return values
        frame = self.padding_value
        if values.dtype.kind in "iu" and not isinstance(frame, (int, np.integer)):
            values = values.astype(float)
        return np.pad(values, ((p, p), (q, q)), constant_values=frame)

    @property
    def dashed(self) -> np.ndarray:
        """Which cells are no data of their own: the padding and the `faint` ones."""
        (p, q), rows = self.padding, self.values.shape
        inside = np.zeros(rows, bool) if self.faint is None else self.faint
        return np.pad(inside, ((p, p), (q, q)), constant_values=True)

    def texts(self) -> list[list[str]]:
        """Return the number in every cell as it is written."""
        return self._written(self.padded)

    def _written(self, values: np.ndarray) -> list[list[str]]:
        decimals = self.decimals
        if decimals is None and self.values.dtype.kind == "f":  # three where three say all, as in -1.008, else two
            finite = self.values[np.isfinite(self.values)]
            decimals = -3 if np.allclose(finite, np.round(finite, 3), rtol=0, atol=1e-7) else None
        return [[picture.number(value, decimals) for value in row] for row in values.tolist()]

    def spoken(self) -> str:
        """Return the grid as words."""
        rows, columns = self.values.shape
        what = f"{picture.flat(self.title) or 'grid'}, {rows} by {columns}"
        if not self.numbers:
            pass
        elif self.values.size <= SPOKEN_CELLS:
            what += ": " + "; ".join(" ".join(row) for row in self._written(self.values))
        elif self.values.dtype.kind not in "USO":
            what += f", values from {picture.rough(self.values.min())} to {picture.rough(self.values.max())}"
        if self.caption:
            what += f" ({self.caption})"
        if any(self.padding):
            p, q = self.padding
            width = str(p) if p == q else f"{p} rows and {q} columns"
            what += f", framed by padding of {width} with {picture.number(self.padding_value)}"
        for mark in self.marks:
            what += f", marked {_span('row', mark.row, mark.height, mark.step)}, "
            what += _span("column", mark.column, mark.width, mark.step)
        if any(self.lost):
            what += f", never read: the last {_lost(self.lost)}"
        return what


def grid(
    values: np.ndarray,
    title: str | None = None,
    *,
    caption: str | None = None,
    padding: arguments.IntPair = 0,
    padding_value: Any = 0,
    marks: Sequence[tuple[int, ...]] = (),
    faint: np.ndarray | None = None,
    lost: arguments.IntPair = 0,
    signed: bool | None = None,
    fill: bool = True,
    numbers: bool = True,
    decimals: int | None = None,
) -> Grid:
    """Return a two-dimensional array, of numbers or short texts, with what is to be shown of it, for `grids`.

    padding: a frame of `padding_value`, an int or (rows, columns), drawn dashed. marks: windows (row, column), (row,
    column, height, width) or `Window`, each with a border and a hatch of its own, counted in the padded array; the
    first marks of all grids look alike, the second ones too, so they show what belongs together. faint: which cells
    (a boolean array) are drawn like padding, e.g. inserted zeros. lost: how many of the last rows and columns no window
    reads, crossed out. signed: colours centred at 0; None means if there is a negative value. fill=False: no colours.

    >>> grid(np.eye(2, dtype=int), "I").spoken()
    'I, 2 by 2: 1 0; 0 1'
    """
    if not isinstance(values, np.ndarray) or values.ndim != 2:
        got = f"shape {values.shape}" if isinstance(values, np.ndarray) else type(values).__name__
        raise (ValueError if isinstance(values, np.ndarray) else TypeError)(
            f"values: got {got}, expected a two-dimensional NumPy array"
        )
    made = Grid(
        values,
        title,
        caption,
        arguments.pair("padding", padding, 0),
        padding_value,
        tuple(Window(*mark) for mark in marks),
        faint,
        arguments.pair("lost", lost, 0),
        signed,
        fill,
        numbers,
        decimals,
    )
    height, width = made.padded.shape
    for mark in made.marks:
        rows, columns = zip(*mark.cells(), strict=True)
        if min(rows + columns) < 0 or max(rows) >= height or max(columns) >= width:
            raise ValueError(f"marks: got {tuple(mark)}, expected cells of a grid of {height} rows, {width} columns")
    if faint is not None:
        arguments.same_shape("faint", np.asarray(faint), values.shape, "the shape of values")
    return made


def grids(*columns: Any, title: str | None = None, alt: str | None = None) -> Picture:
    """Return a figure of grids side by side, read from left to right.

    Each argument is an array or a `grid(...)`, a list of these (they stand one above the other), or a text such as
    "⋆", "+", "=", "→" that stands between. The operator between two lists of the same length stands in every row.
    The alternative text says all numbers of small grids, in order; `alt` replaces it.

    >>> x, w = np.ones((3, 3), int), np.eye(2, dtype=int)
    >>> grids(grid(x, "x", marks=[(0, 0, 2, 2)]), "⋆", grid(w, "w"), "=", grid(np.full((2, 2), 2), "net", marks=[(0, 0)]))
    [figure: x, 3 by 3: 1 1 1; 1 1 1; 1 1 1, marked rows 0 to 1, columns 0 to 1; cross-correlated with; w, 2 by 2: 1 0; 0 1; equals; net, 2 by 2: 2 2; 2 2, marked row 0, column 0.]
    """  # noqa: E501
    table = [_column(column) for column in columns]
    if not any(isinstance(part, Grid) for column in table for part in column):
        raise ValueError("columns: got no grid, expected at least one array")
    table = _repeat_operators(table)
    with picture.style():
        figure = _draw(table, title)
    return Picture(figure, alt or picture.sentence(title and picture.flat(title), _spoken(table)))


def partial_maps(
    x: np.ndarray,
    weight: np.ndarray,
    bias: float = 0,
    *,
    stride: arguments.IntPair = 1,
    padding: arguments.IntPair = 0,
    marks: Sequence[tuple[int, int]] = (),
    titles: tuple[str, str, str] = ("x", "w", "net"),
    decimals: int | None = None,
    alt: str | None = None,
) -> Picture:
    """Return a figure of one kernel over several channels: each channel's partial map, then their sum plus the bias.

    x (D, H, W), weight (D, F_h, F_w). marks: cells (row, column) of the result; their windows are marked in x.
    Computes net = Σ_d x_d ⋆ w_d + w_b with `conv2d`.

    >>> partial_maps(np.ones((2, 3, 3), int), np.ones((2, 2, 2), int), bias=1).alt[-34:]
    'sum plus 1; net, 2 by 2: 9 9; 9 9.'
    """
    x, weight = (np.asarray(array) for array in (x, weight))
    if x.ndim != 3 or weight.ndim != 3 or len(x) != len(weight):
        raise ValueError(
            f"weight: got shape {weight.shape}, expected (D, F_h, F_w) with the D channels of x, of shape {x.shape}"
        )
    s, t = arguments.pair("stride", stride, 1)
    whole = all(array.dtype.kind in "iu" for array in (x, weight)) and float(bias).is_integer()
    parts = [conv2d(x_d[None, None], w_d[None, None], None, stride, padding)[0, 0] for x_d, w_d in zip(x, weight)]
    total = sum(parts) + bias
    if whole:
        parts, total = [part.astype(int) for part in parts], total.astype(int)
    windows = [Window(i * s, j * t, *weight.shape[1:]) for i, j in marks]
    name_x, name_w, name_net = titles
    first, second, third = [], [], []
    for d, (x_d, w_d, part) in enumerate(zip(x, weight, parts)):
        first.append(grid(x_d, f"{name_x}[{d}]", padding=padding, marks=windows, decimals=decimals))
        second.append(grid(w_d, f"{name_w}[{d}]", decimals=decimals))
        third.append(grid(part, f"partial map {d}", marks=marks, decimals=decimals))
    result = grid(total, name_net, marks=marks, decimals=decimals)
    plus = f"\n+ {picture.number(bias)}" if bias >= 0 else f"\n− {picture.number(-bias)}"
    made = grids(first, "⋆", second, "=", third, f"sum{plus if bias else ''}\n→", result, alt=alt)
    return made


def heat_map(
    counts: np.ndarray,
    title: str | None = None,
    *,
    row_label: str | None = None,
    column_label: str | None = None,
    numbered: bool = False,
    signed: bool | None = None,
    decimals: int | None = None,
    alt: str | None = None,
) -> Picture:
    """Return a figure of a table of counts (rows, columns), each in its cell, the larger the darker.

    numbered: rows and columns carry their numbers, from 0.

    >>> heat_map(np.array([[1, 2], [2, 4]]), "how often each pixel is used")
    [figure: How often each pixel is used: 2 rows, 2 columns, values from 1 to 4. Rows: 1 2; 2 4.]
    """
    made = grid(counts, title, signed=signed, decimals=decimals)
    rows, columns = ([str(k) for k in range(size)] if numbered else None for size in made.values.shape)
    return _table(made, rows, columns, row_label, column_label, alt, strength=0.75)


def confusion_matrix(
    labels: np.ndarray,
    predictions: np.ndarray,
    classes: int = 10,
    title: str | None = "Confusion matrix",
    alt: str | None = None,
) -> Picture:
    """Return a figure of how often each class (row) was read as which (column); right answers are framed.

    labels, predictions: class numbers (N,). The colour shows mistakes only, which the right answers would drown.

    >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0]), classes=2)
    [figure: Confusion matrix of 3 images, 2 read right. Mistakes: 1 read as 0, once.]
    """
    labels = arguments.class_labels("labels", labels, len(labels), classes)
    predictions = arguments.class_labels("predictions", predictions, len(labels), classes)
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (labels, predictions), 1)
    names = [str(name) for name in range(classes)]
    made = grid(counts, title)
    if alt is None:
        wrong = [(counts[i, j], i, j) for i in range(classes) for j in range(classes) if i != j and counts[i, j]]
        most = sorted(wrong, key=lambda item: (-item[0], item[1:]))[:5]
        told = [f"{i} read as {j}, {'once' if n == 1 else f'{n} times'}" for n, i, j in most]
        more = f", and {len(wrong) - 5} other pairs" if len(wrong) > 5 else ""
        head = f"{picture.flat(title) or 'Confusion matrix'} of {len(labels)} images, {np.trace(counts)} read right"
        alt = picture.sentence(head, f"Mistakes: {'; '.join(told) or 'none'}{more}")
    return _table(made, names, names, "digit", "read as", alt, diagonal=True)


# ---- layout ---------------------------------------------------------------------------------------------------------


def _column(column: Any) -> list[Any]:
    if isinstance(column, np.ndarray) and column.ndim == 3:
        column = list(column)
    parts = column if isinstance(column, (list, tuple)) else [column]
    return [part if isinstance(part, (Grid, str)) else grid(part) for part in parts]


def _repeat_operators(table: list[list[Any]]) -> list[list[Any]]:
    """Repeat a single operator in every row if both neighbours have several rows, as many as each other."""
    result = list(table)
    for place, column in enumerate(table[1:-1], start=1):
        before, after = len(table[place - 1]), len(table[place + 1])
        if len(column) == 1 and isinstance(column[0], str) and before == after > 1:
            result[place] = column * before
    return result


def _spoken(table: list[list[Any]]) -> str:
    words = []
    for column in table:
        texts = [_operator_in_words(part) if isinstance(part, str) else part.spoken() for part in column]
        words.append(texts[0] if len(set(texts)) == 1 and isinstance(column[0], str) else "; ".join(texts))
    said = "; ".join(word for word in words if word)
    return said[:1].upper() + said[1:] if said[:4] == "grid" else said


def _operator_in_words(text: str) -> str:
    words = [SPOKEN.get(word, word) for word in text.split()]
    if len(words) > 1 and words[-1] == "becomes":
        words.pop()
    return " ".join(words)


def _draw(table: list[list[Any]], title: str | None) -> Any:
    shapes = [part.padded.shape for column in table for part in column if isinstance(part, Grid)]
    shown = [part for column in table for part in column if isinstance(part, Grid) and part.numbers]
    longest = max((picture.text_width(text, 9.5) for part in shown for row in part.texts() for text in row), default=0)
    cell = max(CELL if max(max(shape) for shape in shapes) <= 9 else 0.3, longest + 0.1)
    cell = picture.snapped(cell)
    gap = 16 / 96
    rows = max(len(column) for column in table)

    def size(part: Any) -> tuple[float, float]:  # width and height in inches
        if isinstance(part, str):
            lines = part.split("\n")
            return max(picture.text_width(line, _operator_size(line)) for line in lines), 0.25 * len(lines)
        height, width = part.padded.shape
        words = [picture.text_width(text, 10, True) for text in (part.title, part.caption) if text]
        return max([width * cell, *words]), height * cell

    def width_of_all() -> float:
        return sum(max(size(part)[0] for part in column) for column in table) + gap * (len(table) + 1)

    if width_of_all() > picture.WIDEST:  # cells shrink, titles and operators do not
        cells = sum(max([p.padded.shape[1] for p in column if isinstance(p, Grid)], default=0) for column in table)
        cell = picture.snapped(max(0.17, cell - (width_of_all() - picture.WIDEST) / max(cells, 1)))
    lines = {True: 0, False: 0}
    for column in table:
        for part in column:
            if isinstance(part, Grid):
                for above, text in ((True, part.title), (False, part.caption)):
                    lines[above] = max(lines[above], len(text.split("\n")) if text else 0)
    above, below = 0.2 * lines[True] + 0.06, 0.2 * lines[False] + 0.1
    full = [column for column in table if len(column) == rows]
    heights = [max(size(column[row])[1] for column in full) for row in range(rows)]
    tallest = max(sum(size(part)[1] for part in column) + (above + below) * (len(column) - 1) for column in table)
    spare = max(0.0, tallest - sum(heights) - (above + below) * (rows - 1)) / rows
    heights = [height + spare for height in heights]
    head = 0.3 if title else 0.04
    total_height = head + sum(heights) + (above + below) * rows
    total_width = width_of_all()
    figure = picture.blank(total_width, total_height)
    axes = picture.canvas(figure)
    if title:
        axes.text(gap, 0.08, title, fontsize=10.5, fontweight="bold", va="top")
    middles = []
    y = head
    for height in heights:
        middles.append(y + above + height / 2)
        y += above + height + below
    x = gap
    for column in table:
        width = max(size(part)[0] for part in column)
        centres = middles if len(column) == rows else _spread(middles, len(column))
        for part, middle in zip(column, centres):
            if isinstance(part, str):
                _draw_operator(axes, part, x + width / 2, middle)
            else:
                high, wide = part.padded.shape
                corner = x + (width - wide * cell) / 2, middle - high * cell / 2
                draw_grid(axes, part, *map(picture.snapped, corner), cell)
        x += width + gap
    return figure


def _spread(middles: list[float], count: int) -> list[float]:
    first, last = middles[0], middles[-1]
    return [first + (last - first) * (k + 0.5) / count for k in range(count)] if count > 1 else [(first + last) / 2]


def _operator_size(line: str) -> float:
    return 10.5 if len(line) > 1 else 24 if line == "⋆" else 17


def _draw_operator(axes: Any, text: str, x: float, y: float) -> None:
    lines = text.split("\n")
    for place, line in enumerate(lines):
        offset = 0.25 * (place - (len(lines) - 1) / 2)
        axes.text(x, y + offset, line, fontsize=_operator_size(line), ha="center", va="center", color=INK)


def draw_grid(
    axes: Any,
    part: Grid,
    left: float,
    top: float,
    cell: float,
    strength: float | None = None,
    limit: float | None = None,
) -> None:
    """Draw a grid with its upper left corner at (left, top), in inches; colours are full at ±limit."""
    values, dashed = part.padded, part.dashed
    height, width = values.shape
    texts = part.texts()
    filled = part.fill and values.dtype.kind not in "USO"
    signed = filled and picture.is_signed(part.values, part.signed)
    finite = np.where(np.isfinite(values), values, 0) if filled else values
    strength = strength or (0.42 if signed else 0.2)
    rgb = picture.colours(finite, signed, limit, strength) if filled else np.ones((height, width, 3))
    widest = max((picture.text_width(text, 10) for row in texts for text in row), default=0.1)
    points = min(10.0, 10 * cell * 0.9 / max(widest, 0.01), 72 * cell * 0.62)
    for i in range(height):
        for j in range(width):
            x, y = left + j * cell, top + i * cell
            face = PAPER if dashed[i, j] else rgb[i, j]
            axes.add_patch(Rectangle((x, y), cell, cell, facecolor=face, edgecolor=LINE, linewidth=0.7))
    for i, j in zip(*np.nonzero(dashed)):
        inset = cell * 0.07
        x, y, side = left + j * cell + inset, top + i * cell + inset, cell - 2 * inset
        edge = Rectangle((x, y), side, side, fill=False, edgecolor=SOFT, linewidth=0.8, linestyle=(0, (2, 2)))
        axes.add_patch(edge)
    for place, mark in enumerate(part.marks):
        _draw_mark(axes, mark, place, left, top, cell)
    _cross_out(axes, part, left, top, cell)
    if part.numbers:
        halo = [withStroke(linewidth=2.2, foreground=PAPER)] if part.marks else []
        for i in range(height):
            for j in range(width):
                x, y = left + (j + 0.5) * cell, top + (i + 0.5) * cell
                dark = filled and not dashed[i, j] and rgb[i, j] @ [0.3, 0.59, 0.11] < 0.45
                text = axes.text(x, y, texts[i][j], fontsize=points, ha="center", va="center_baseline")
                text.set_color(PAPER if dark else SOFT if dashed[i, j] else INK)
                text.set_style("italic" if dashed[i, j] else "normal")
                if halo and not dark:
                    text.set_path_effects(halo)
    border = Rectangle((left, top), width * cell, height * cell, fill=False, edgecolor=INK, linewidth=1.2, zorder=2)
    axes.add_patch(border)
    middle = left + width * cell / 2
    if part.title:
        axes.text(middle, top - 0.06, part.title, fontsize=10, fontweight="bold", ha="center", va="bottom")
    if part.caption:
        axes.text(middle, top + height * cell + 0.06, part.caption, fontsize=9.5, ha="center", va="top", color=SOFT)


def _draw_mark(axes: Any, mark: Window, place: int, left: float, top: float, cell: float) -> None:
    colour, hatch = COLOURS[(place + 1) % len(COLOURS)], HATCHES[place % len(HATCHES)]
    apart = mark.step > 1
    boxes = mark.cells() if apart else [(mark.row, mark.column)]
    high, wide = (1, 1) if apart else (mark.height, mark.width)
    for i, j in boxes:
        corner = left + j * cell, top + i * cell
        size = wide * cell, high * cell
        axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor=colour, hatch=hatch, linewidth=0, alpha=0.55))
        axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor=colour, linewidth=2.6, zorder=3))


def _cross_out(axes: Any, part: Grid, left: float, top: float, cell: float) -> None:
    height, width = part.padded.shape
    rows, columns = part.lost
    for i in range(height):
        for j in range(width):
            if i >= height - rows or j >= width - columns:
                x, y = left + j * cell, top + i * cell
                for slope in (((x, y), (x + cell, y + cell)), ((x + cell, y), (x, y + cell))):
                    axes.add_patch(Polygon(slope, closed=False, edgecolor=COLOURS[1], linewidth=1.2))


def _table(
    made: Grid,
    rows: list[str] | None,
    columns: list[str] | None,
    row_label: str | None,
    column_label: str | None,
    alt: str | None,
    strength: float = 0.6,
    diagonal: bool = False,
) -> Picture:
    """Return a figure of one grid with names beside its rows and above its columns."""
    counts = made.values
    height, width = counts.shape
    longest = max(picture.text_width(text, 9.5) for row in made.texts() for text in row)
    cell = max(0.38 if max(height, width) <= 12 else 0.3, longest + 0.12)
    cell = picture.snapped(min(cell, (picture.WIDEST - 1) / width))
    left, top = (
        (0.65 if rows else 0.15) + (0.1 if row_label else 0),
        (0.65 if columns else 0.15) + bool(made.title) * 0.3,
    )
    left += 0.25 if row_label and not rows else 0
    top += 0.25 if column_label and not columns else 0
    left, top = picture.snapped(left), picture.snapped(top)
    wide = max(left + width * cell + 0.15, picture.text_width(made.title or "", 10.5, True) + 0.3)
    high = top + height * cell + 0.12
    with picture.style():
        figure = picture.blank(wide, high)
        axes = picture.canvas(figure)
        if made.title:
            axes.text(0.15, 0.09, made.title, fontsize=10.5, fontweight="bold", va="top")
        shown = counts * ~np.eye(height, width, dtype=bool) if diagonal else counts
        bare = Grid(shown, numbers=not diagonal, signed=made.signed, decimals=made.decimals)
        draw_grid(axes, bare, left, top, cell, strength)
        for i in range(height if diagonal else 0):
            for j in range(width):
                if counts[i, j]:
                    colour = PAPER if shown[i, j] > 0.6 * shown.max() else INK
                    x, y = left + (j + 0.5) * cell, top + (i + 0.5) * cell
                    axes.text(x, y, str(counts[i, j]), fontsize=9, ha="center", va="center_baseline", color=colour)
            box = Rectangle((left + i * cell, top + i * cell), cell, cell, fill=False, edgecolor=INK, linewidth=2)
            axes.add_patch(box)
        for i, name in enumerate(rows or []):
            axes.text(left - 0.1, top + (i + 0.5) * cell, name, ha="right", va="center", fontsize=9.5)
        for j, name in enumerate(columns or []):
            axes.text(left + (j + 0.5) * cell, top - 0.1, name, ha="center", va="bottom", fontsize=9.5)
        if row_label:
            axes.text(0.14, top + height * cell / 2, row_label, rotation=90, ha="left", va="center")
        if column_label:
            axes.text(left + width * cell / 2, top - (0.3 if columns else 0.1), column_label, ha="center", va="bottom")
    if alt is None:
        name = picture.flat(made.title) or "heat map"
        low, up = picture.number(counts.min(), made.decimals), picture.number(counts.max(), made.decimals)
        head = f"{name[:1].upper()}{name[1:]}: {height} rows, {width} columns, values from {low} to {up}"
        small = counts.size <= SPOKEN_CELLS
        body = "Rows: " + "; ".join(" ".join(row) for row in made.texts()) if small else None
        alt = picture.sentence(head, body)
    return Picture(figure, alt)


def _span(name: str, first: int, count: int, step: int) -> str:
    if count == 1:
        return f"{name} {first}"
    if step == 1:
        return f"{name}s {first} to {first + count - 1}"
    return f"{name}s {picture.listed([str(first + k * step) for k in range(count)])}"


def _lost(lost: tuple[int, int]) -> str:
    words = [
        f"{'' if n == 1 else f'{n} '}{name}{'' if n == 1 else 's'}" for n, name in zip(lost, ("row", "column")) if n
    ]
    return " and the last ".join(words)
