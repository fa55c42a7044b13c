"""Explorers of curves, points and bars: what their scenes are made of, and numbers as words.

A plot is data: two axes with their ticks, and marks. Python computes it for the still picture and the tests, the
browser computes the same in web/scenes/ and draws it in web/stages/curves.js.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .scene import NumberExplorer, NumberScene
from .stops import raised

Plot = dict[str, Any]
Mark = dict[str, Any]
Point = Sequence[float] | None  # None: the line is broken here
LATER = 7  # at most this many ticks on an axis of powers of ten

# Words of the controls, and of the bar that walks through the points of a curve, beside those of the card.
WALK = {"of": "{k} of {n}", "exact": "exact", "presets": "Presets"}


# ---- plots ----------------------------------------------------------------------------------------------------------


def axis(label: str, low: float, high: float, ticks: list[list[Any]], log: bool = False) -> dict[str, Any]:
    """Return an axis from `low` to `high`; ticks: [where, what is written there]."""
    return {"label": label, "low": low, "high": high, "log": log, "ticks": ticks}


def plot(title: str, said: str, x: Any, y: Any, marks: list[Mark], items: Sequence[Point] = ()) -> Plot:
    """Return a plot: its title, what it shows in words, its axes and marks, and the points that can be walked."""
    return {"title": title, "said": said, "x": x, "y": y, "marks": marks, "items": list(items)}


def line(points: Sequence[Point], look: str = "main") -> Mark:
    """Return a line through points [x, y]. Looks: main, thin, soft, dash, rule, level, tangent, stem."""
    return {"mark": "line", "look": look, "points": list(points)}


def dots(points: Sequence[Point], look: str = "main") -> Mark:
    """Return dots. Looks: main, plus, minus (below 0, hollow), zero (a cross), start (a square), goal, chosen."""
    return {"mark": "dots", "look": look, "points": list(points)}


def bars(boxes: list[list[float]], look: str = "main") -> Mark:
    """Return bars [left, low, right, high]. Looks: main, striped, plus, minus."""
    return {"mark": "bars", "look": look, "boxes": boxes}


def label(words: str, x: float, y: float, anchor: str = "end", place: str = "above", look: str = "") -> Mark:
    """Return words at a point: place says on which side, "corner" that they stand in the upper left corner."""
    return {"mark": "label", "look": look, "text": words, "at": [x, y], "anchor": anchor, "place": place}


TOP, LEVELS = 2.2, ((1.1, 1.55), (0.0, 0.45))  # of an axis with two bars, and the edges of the bars


def two_bars(title: str, said: str, x: Any, counts: Sequence[float], tags: Sequence[str], start: float) -> Plot:
    """Return a plot of two counts: bars from `start`, the first over the second, before lines at the ticks."""
    marks = [line([[place, 0.0], [place, TOP]], "level") for place, _ in x["ticks"]]
    for count, tag, (low, high), look in zip(counts, tags, LEVELS, ("main", "striped")):
        marks += [bars([[start, low, count, high]], look), label(tag, start, high, "start", "above", "strong")]
    return plot(title, said, x, axis("", 0.0, TOP, []), marks)


def ticks(low: float, high: float, most: int = 5) -> list[list[Any]]:
    """Return the round numbers between two, in steps of 1, 2 or 5 times a power of ten, and how they are written.

    >>> ticks(0, 1)
    [[0.0, '0'], [0.2, '0.2'], [0.4, '0.4'], [0.6, '0.6'], [0.8, '0.8'], [1.0, '1']]
    """
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= (high - low) / most * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    places = [round(k * step, 9) + 0.0 for k in range(first, last + 1)]
    return [[place, f"{place:g}".replace("-", "−")] for place in places]


def powers(low: int, high: int) -> list[list[Any]]:
    """Return at most eight powers of ten between two, as values and as they are written.

    >>> [words for _, words in powers(-4, 1)]
    ['10⁻⁴', '10⁻³', '0.01', '0.1', '1', '10']
    """
    step = -(-(high - low) // LATER)
    near = {-2: "0.01", -1: "0.1", 0: "1", 1: "10", 2: "100"}
    return [[10.0**k, near.get(k, f"10{raised(k)}")] for k in range(low, high + 1) if k % step == 0]


def counted(last: int) -> list[list[Any]]:
    """Return the ticks of an axis that counts from 1.

    >>> [words for _, words in counted(30)]
    ['1', '5', '10', '15', '20', '25', '30']
    """
    return [[k, str(k)] for k in ([*range(1, last + 1)] if last <= 10 else [1, *range(5, last + 1, 5)])]


def decades(values: np.ndarray) -> tuple[int, int]:
    """Return the powers of ten between which all values but 0 lie, in steps: the axis stays still for small changes."""
    sizes = np.abs(values[values != 0]) if values.any() else np.ones(1)
    low, high = math.floor(np.log10(0.7 * sizes.min())), math.ceil(np.log10(1.3 * sizes.max()))
    steps = (1, 2, 4, 8, 12, 20, 30, 45, 60, 80, 100, 150, 300)
    return -next(s for s in steps if low >= -s), next(s for s in steps if high <= s)


# ---- numbers as words -----------------------------------------------------------------------------------------------


def text(value: float) -> str:
    """Return a number with four decimals; with more, or with a power of ten, where it would be lost in them.

    >>> text(-0.25), text(0.00001234), text(0.99999), text(0.0)
    ('−0.25', '1.23·10⁻⁵', '0.99999', '0')
    """
    if value and (abs(value) < 1e-3 or abs(value) >= 1e6):
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa}·10{raised(int(exponent))}".replace("-", "−")
    decimals = 4
    while decimals < 12 and abs(value) != 1 and abs(round(value, decimals)) == 1:
        decimals += 1
    shown = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return ("0" if shown == "-0" else shown).replace("-", "−")


def rough(value: float) -> str:
    """Return a positive number with two digits that count.

    >>> rough(0.123), rough(6.48e-49)
    ('0.12', '6.5·10⁻⁴⁹')
    """
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}·10{raised(int(exponent))}" if not 1e-3 <= value < 1e4 else f"{float(f'{value:.2g}'):g}"


def digits(value: float) -> str:
    """Return a positive number with three digits that count.

    >>> digits(0.000123456), digits(97.66), digits(2.0), digits(1.5e13), digits(1.16e-7), digits(0)
    ('0.000123', '97.7', '2', '1.5·10¹³', '1.16·10⁻⁷', '0')
    """
    if value >= 1e6 or 0 < value < 1e-4:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{float(mantissa):g}·10{raised(int(exponent))}"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{float(f'{value:.3g}'):.9f}".rstrip("0").rstrip(".")


def percent(share: float) -> str:
    """Return a share in percent, whole, with two digits below 1 %."""
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.2g} %"


# ---- scenes, explorers ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CurveScene(NumberScene):
    """What one choice of settings shows: plots, and under `numbers` by name all results that they are drawn from.

    result: the numbers that `explorer.output` gives.
    """

    output: None = None
    grids: list[Any] = field(default_factory=list)
    rows: list[list[int]] = field(default_factory=list)
    columns: list[list[int]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    sentence: str = ""
    plots: list[Plot] = field(default_factory=list)
    result: Any = None

    def to_json(self) -> dict[str, Any]:
        """Return what the browser shows of the scene."""
        return super().to_json() | {"plots": self.plots}


class CurveExplorer(NumberExplorer):
    """An explorer whose scenes are plots."""
