"""What all figures share: one style, one palette, and `Picture`, which carries its own alternative text.

White is zero everywhere and darker is further from zero: black for maps without negative values, red (above zero)
and blue (below) for signed ones. What colour says is said a second time, by numbers, hatching, dashes or words.
"""

from __future__ import annotations

import base64
import html
import io
import math
import os
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from PIL import Image

from cnncourse.language import mark, say

from . import words

Array = np.ndarray
Words = str | None  # a text that may be left out
Names = Sequence[str] | None  # texts that may be left out
Point = tuple[float, float]
Limits = Point | None
Way = TypeVar("Way")

SIZE_LIMIT = 50_000  # bytes of one PNG
CSS_PIXELS = 96  # of a page at 100 %, for one inch of a figure: 10 points look like the text around
# Dots for each pixel of the page, and how many bytes are allowed at it: sharp where that is cheap. The first that fits.
SHARPNESS = ((2, 30_000), (1.5, 40_000), *((s, SIZE_LIMIT) for s in (1.25, 1, 0.75, 0.5)))
COARSE = "CNNCOURSE_COARSE"  # set for runs in which nobody looks at figures, as in tests of chapters
MARGIN = 12 / CSS_PIXELS  # inches beside and between what is drawn
TITLE = 10.5  # points
WIDEST = 8.6  # inches: fits the column of a notebook on a laptop; on A4 paper 10 points become 8

INK, SOFT, LINE, PAPER = "#1a1a1a", "#5a5a5a", "#8c8c8c", "#ffffff"
# Okabe & Ito's colours without the pale ones: they differ for colour-blind readers. Hatches and lines differ as well.
COLOURS = ("#0072b2", "#d55e00", "#007a59", "#9a4f8c", "#8a6d00", "#3b3b3b")
LINES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P")
CHOSEN, OTHERS = ("#bfdcee", COLOURS[0]), ("#d9d9d9", SOFT)  # face and edge of bars
HATCHES = ("///", "\\\\\\", "...", "xxx", "---", "|||")

UNSIGNED_MAP = LinearSegmentedColormap.from_list("unsigned", ["#ffffff", "#111111"])
SIGNED_MAP = LinearSegmentedColormap.from_list(
    "signed", ["#08306b", "#2c7fb8", "#a6cee3", "#ffffff", "#fdbb84", "#d7301f", "#67000d"], N=257
)  # an odd number: one of them is 0
LIGHT_MAP = LinearSegmentedColormap.from_list("light", ["#000000", "#ffffff"])  # photographs: 0 is black

FONT = "DejaVu Sans"  # comes with matplotlib: the same letters on every machine
STYLE: dict[str, Any] = {  # where it differs from Matplotlib's own, with letters of 10 points on white
    "font.family": FONT,
    "axes.titlesize": TITLE,
    "axes.titleweight": "bold",
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.7,
    **dict.fromkeys(("xtick.labelsize", "ytick.labelsize"), 9.0),
    **dict.fromkeys(("xtick.color", "ytick.color"), SOFT),
    **dict.fromkeys(("xtick.labelcolor", "ytick.labelcolor"), INK),
    "text.color": INK,
    "lines.linewidth": 2.0,
    "lines.markersize": 5.0,
    "hatch.linewidth": 0.9,
}


FIGURE = mark("[figure: {alt}]")  # where there are no pictures


class Table(NamedTuple):
    """What a figure draws, in numbers: for readers who do not see it. The columns have names, the rows are written."""

    caption: str
    columns: list[str]
    rows: list[list[str]]

    def __str__(self) -> str:
        """Return the table as text: lines for the caption, the columns and the rows, with tabs between numbers."""
        return "\n".join([self.caption, *("\t".join(row) for row in [self.columns, *self.rows])])


class Picture:
    """A drawn figure: it shows itself with its alternative text, and as `[figure: …]` where there are no pictures.

    The notebook stores it twice, as text/html with an `alt` (which JupyterLab, Notebook, nbconvert and nbviewer show)
    and as image/png (for viewers that remove pictures from HTML, and for PDF). So that two copies weigh less than
    one ordinary picture, the PNG has a palette of few colours. Tables of what is drawn lie in the metadata of the
    output: no notebook shows them, but the pages of the site do, folded.

    >>> Picture(blank(2, 1), "an empty sheet")
    [figure: an empty sheet]
    """

    def __init__(self, figure: Figure, alt: str, tables: Sequence[Table] = ()) -> None:
        if not isinstance(alt, str) or not alt.strip():
            raise ValueError(f"alt: got {alt!r}, expected a sentence that says what the figure shows")
        self.figure = figure
        self.alt = words.told(" ".join(alt.split()))
        self.tables = tuple(tables)
        self.width, self.height = (round(inches * CSS_PIXELS) for inches in figure.get_size_inches())
        self.png = small_png(figure)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the PNG to `path`."""
        Path(path).write_bytes(self.png)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, str], dict[str, Any]]:
        metadata: dict[str, Any] = {"image/png": {"width": self.width, "height": self.height}}
        if self.tables:
            metadata["tables"] = [str(table) for table in self.tables]
        encoded = base64.b64encode(self.png).decode("ascii")
        image = (
            f'<img alt="{html.escape(self.alt)}" width="{self.width}" style="max-width: 100%; height: auto" '
            f'src="data:image/png;base64,{encoded}">'
        )
        data = {"text/plain": repr(self), "text/html": image, "image/png": encoded}
        return data, metadata

    def __repr__(self) -> str:
        return say(FIGURE, alt=self.alt)


class Live:
    """One place in the notebook whose figure is replaced: `show(picture)` again and again, say in a callback of `fit`.

    >>> live = Live()
    >>> live.show(Picture(blank(2, 1), "an empty sheet"))
    [figure: an empty sheet]
    """

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, picture: Picture) -> None:
        """Show `picture`, in the place of the one before."""
        from IPython.display import display

        if self._handle is None:
            self._handle = display(picture, display_id=True)
        else:
            self._handle.update(picture)


def style() -> AbstractContextManager[None]:
    """Draw in the course's style, whatever the reader's own settings are; leave those as they were."""
    return matplotlib.style.context(["default", STYLE])


def blank(width: float, height: float) -> Figure:
    """Return an empty figure, its size in inches, unknown to pyplot."""
    figure = Figure(figsize=(snapped(width + 0.02), snapped(height + 0.02)), dpi=CSS_PIXELS)
    FigureCanvasAgg(figure)
    return figure


def canvas(figure: Figure) -> Axes:
    """Return axes over the whole figure in which one unit is one inch, x to the right and y DOWN from the top edge."""
    width, height = figure.get_size_inches()
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    return axes


def sheet(width: float, height: float, title: Words = None, corner: Point = (MARGIN, 0.08)) -> tuple[Figure, Axes]:
    """Return a blank figure, at least as wide as its title, and a canvas over it with the title at `corner`."""
    words = text_width(title, TITLE, True) + 2 * corner[0] if title else 0
    figure = blank(max(width, words), height)
    axes = canvas(figure)
    write(axes, *corner, title or "", "left top", TITLE, True)
    return figure, axes


def write(
    axes: Axes, x: float, y: float, text: str, at: str = "left center", size: float = 10, bold: bool = False, **kw: Any
) -> Text:
    """Write a text; `at` says which of its points lies at (x, y): "left", "center" or "right", then Matplotlib's va."""
    ha, va = at.split()
    return axes.text(x, y, text, ha=ha, va=va, fontsize=size, fontweight="bold" if bold else "normal", **kw)


def box(
    axes: Axes, x: float, y: float, width: float, height: float, face: Any = None, edge: str = INK, **kw: Any
) -> None:
    """Draw a rectangle with its upper left corner at (x, y); without a face it is only a frame."""
    axes.add_patch(Rectangle((x, y), width, height, facecolor=face, edgecolor=edge, fill=face is not None, **kw))


def in_a_row(
    parts: Iterable[tuple[float, str, str]], size: float, edge: float, gaps: tuple[float, float]
) -> tuple[float, list[float], list[float]]:
    """Lay out parts in a row: (inches of width, text of this size above it, text of 9 points below it) of each.

    Return the width of the figure, the middles of the parts, and the middles of the gaps between them. A gap is as wide
    as the page lets it be, from the least to the most of `gaps`; the first and the last part are `edge` inches inside.
    """
    room = [max(width, text_width(head, size, True), text_width(foot, 9)) for width, head, foot in parts]
    count = len(room) - 1
    gap = min(max((WIDEST - 2 * edge - sum(room)) / max(count, 1), gaps[0]), gaps[1])
    between = [edge + sum(room[: k + 1]) + (k + 0.5) * gap for k in range(count)]
    return 2 * edge + sum(room) + gap * count, middles(edge, room, gap), between


def middles(start: float, sizes: Sequence[float], gap: float) -> list[float]:
    """Return the middles of things of these sizes that stand in a row, `gap` apart, from `start` on.

    >>> middles(1, [2, 4], 0.5)
    [2.0, 5.5]
    """
    return [start + sum(sizes[:k]) + k * gap + size / 2 for k, size in enumerate(sizes)]


def snapped(inches: float, down: bool = False) -> float:
    """Return the next length (or the next smaller) of whole dots at every sharpness: lines are crisp, files small."""
    fours = inches * CSS_PIXELS / 4
    return (math.floor(fours + 1e-6) if down else round(fours)) * 4 / CSS_PIXELS


def text_width(text: str, points: float, bold: bool = False) -> float:
    """Return how many inches wide the longest line of `text` is."""
    font = FontProperties(family=FONT, size=points, weight="bold" if bold else "normal")
    widths = [text_to_path.get_text_width_height_descent(line, font, False)[0] for line in text.split("\n")]
    return max(widths) / 72


def colours(values: Array, signed: bool, limit: float | None = None, strength: float = 1.0) -> Array:
    """Return RGB colours (…, 3) in [0, 1] for values (…): white at 0, full colour at ±limit, the largest |value|.

    Unsigned values run from 0 to the limit; a `strength` below 1 leaves them pale, so that numbers can be read on them.
    """
    values = np.nan_to_num(np.asarray(values, dtype=float))
    scaled = np.clip(values / (limit or largest(values)), -1, 1) * strength
    rgba = SIGNED_MAP(0.5 + 0.5 * scaled) if signed else UNSIGNED_MAP(np.maximum(scaled, 0))
    return rgba[..., :3]


def largest(values: Array) -> float:
    """Return the largest size of a value, which is the end of a scale: 1 if all are 0."""
    return float(np.abs(np.nan_to_num(values)).max(initial=0)) or 1.0


def is_signed(values: Array, signed: bool | None) -> bool:
    """Return `signed`, or if it is None whether there is a negative value."""
    return bool(np.asarray(values).size and np.nanmin(values) < 0) if signed is None else signed


def number(value: Any, decimals: int | None = None) -> str:
    """Return a number as it is written in figures, with a real minus sign.

    decimals: how many; negative: at most that many, without zeros at the end; None: at most two, but a number that is
    not zero (a millionth counts as zero) is never written as 0.

    >>> number(-3), number(0.5), number(1 / 3), number(0.004), number(-np.inf), number(-1.008, -3), number(1, 2)
    ('−3', '0.5', '0.33', '0.004', '−∞', '−1.008', '1.00')
    """
    if isinstance(value, str):
        return value
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{abs(decimals) if decimals is not None else 2}f}"
    if (decimals is None or decimals < 0) and "." in text:
        text = text.rstrip("0").rstrip(".")
    if decimals is None and text in ("0", "-0") and abs(value) > 1e-6:
        text = f"{value:.1g}"
    return "0" if text == "-0" else text.replace("-", "−")


def rough(value: float) -> str:
    """Return a value with two significant digits, for alternative texts and scales.

    >>> rough(-0.12345), rough(1234.5), rough(3)
    ('−0.12', '1200', '3')
    """
    value = float(f"{value:.2g}")
    text = f"{value:.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.2g}"
    return ("0" if text == "-0" else text).replace("-", "−")


def measured(value: float) -> str:
    """Return a value with three significant digits, for tables.

    >>> measured(-0.12345), measured(1234.5), measured(2), measured(0.00001)
    ('−0.123', '1234', '2', '1e−05')
    """
    if np.isnan(value):
        return "NaN"
    text = f"{value:.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.3g}"
    return ("0" if text == "-0" else text).replace("-", "−")


def ranged(values: Array) -> str:
    """Return "from the least to the largest value"."""
    return f"from {rough(values.min())} to {rough(values.max())}"


def counted(count: int, name: str) -> str:
    """Return how many there are of what has this name.

    >>> counted(1, "row"), counted(2, "row"), counted(0, "other pair")
    ('1 row', '2 rows', '0 other pairs')
    """
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def listed(words: list[str]) -> str:
    """Return "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def lines(text: Words) -> int:
    """Return how many lines a text has that may be missing."""
    return text.count("\n") + 1 if text else 0


def flat(text: Words) -> str:
    """Return a title of several lines as one."""
    return " ".join((text or "").split())


def capital(text: str) -> str:
    """Return a text that begins with a capital."""
    return text[:1].upper() + text[1:]


def sentence(*parts: Words) -> str:
    """Return the parts that are there as one text, each closed by a full stop."""
    return " ".join(part if part.endswith((".", "?")) else f"{part}." for part in parts if part)


def described(figure: Figure, alt: Words, title: Words, *parts: Words, tables: Sequence[Table] = ()) -> Picture:
    """Return the figure with `alt`, or else with its title and the parts as sentences."""
    return Picture(figure, sentence(flat(title), *parts) if alt is None else alt, tables)


def pixels(figure: Figure, sharpness: float) -> Array:
    """Return the colours (H, W, 3), bytes, of a figure drawn with `sharpness` dots for each pixel of a page."""
    figure.set_dpi(CSS_PIXELS * sharpness)
    with style():
        agg = FigureCanvasAgg(figure)
        agg.draw()
        return np.asarray(agg.buffer_rgba())[..., :3]


def tried(ways: Sequence[Way]) -> Sequence[Way]:
    """Return the ways to draw that are tried in turn, the sharpest first; the last alone where nobody looks: COARSE."""
    return ways[-1:] if os.environ.get(COARSE) else ways


def small_png(figure: Figure) -> bytes:
    """Return the figure as PNG, as sharp as fits into what SHARPNESS allows."""
    for sharpness, allowed in tried(SHARPNESS):
        drawn = pixels(figure, sharpness)
        for shades in (256, 64):
            png = palette_png(drawn, shades)
            if len(png) <= allowed:
                return png
            if len(png) > 2 * allowed:  # fewer colours save a third at most
                break
    raise ValueError(f"figure: got {len(png):,} bytes at the lowest resolution, expected at most {SIZE_LIMIT:,}")


def palette_png(pixels: Array, shades: int) -> bytes:
    """Return pixels (H, W, 3), bytes, as a PNG of at most `shades` colours; others become the nearest of them."""
    red, green, blue = (pixels[..., channel].ravel() for channel in range(3))
    packed = red.astype(np.uint32) << 16 | green.astype(np.uint32) << 8 | blue
    # Neighbours are mostly alike: to sort one pixel of each run takes a tenth of the time.
    starts = np.flatnonzero(np.concatenate([[True], packed[1:] != packed[:-1]]))
    lengths = np.diff(starts, append=packed.size)
    found, places = np.unique(packed[starts], return_inverse=True)
    counts = np.bincount(places, lengths)
    rgb = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    palette = rgb[_palette(rgb, counts, shades)].astype(np.float32)
    # |a - b|² = |a|² - 2 a·b + |b|², of which |a|² does not matter for the nearest b; whole numbers, so exact
    nearest = ((palette**2).sum(axis=1) - 2 * rgb.astype(np.float32) @ palette.T).argmin(axis=1).astype(np.uint8)
    image = Image.fromarray(np.repeat(nearest[places], lengths).reshape(pixels.shape[:2]), "P")
    image.putpalette(palette.astype(np.uint8).tobytes())
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _palette(rgb: Array, counts: Array, shades: int) -> Array:
    """Return which colours to keep: one of every region of the colour cube, so none is lost, then the most frequent."""
    order = np.argsort(-counts, kind="stable")
    for bits in range(9):  # the finest regions of which there are few enough
        regions = rgb[order] >> bits
        _, first = np.unique(regions @ np.array([65536, 256, 1], np.uint32), return_index=True)
        if len(first) <= shades:
            break
    kept = order[np.sort(first)]
    rest = order[~np.isin(order, kept)]
    return np.concatenate([kept, rest[: shades - len(kept)]])
