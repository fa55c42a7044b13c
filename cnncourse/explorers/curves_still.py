"""Curves, points and bars as a still picture: the same marks as on the page (web/stages/curves.js)."""

from __future__ import annotations

import base64
import textwrap
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text
from matplotlib.ticker import NullLocator
from matplotlib.transforms import Bbox

from cnncourse.plots.picture import CSS_PIXELS, blank, style

from .curves import CurveExplorer, CurveScene, Mark, Plot
from .picture import PAGE, encoded, misfit
from .picture import indices as lowered
from .scene import Settings
from .sheet import ABOVE, BELOW, GAP, INK, LINE, PAPER, SELECT, SIDE, SOFT, points

TITLE, FOOT, LEFT, RIGHT = 30, 46, 52, 18  # px around a plot
TALL = {1: 110, 2: 230}  # px of one plot alone, of two beside each other
ROW = 15  # px between labels that would stand on each other
LINES: dict[str, dict[str, Any]] = {
    "main": {"color": INK, "linewidth": 1.8},
    "thin": {"color": INK, "linewidth": 1},
    "soft": {"color": SOFT, "linewidth": 1.6, "linestyle": "--"},
    "rule": {"color": LINE, "linewidth": 1},
    "level": {"color": LINE, "linewidth": 0.8},
    "tangent": {"color": SELECT, "linewidth": 1.8, "linestyle": "--"},
    "stem": {"color": SELECT, "linewidth": 1.2, "linestyle": ":"},
}
DOTS: dict[str, dict[str, Any]] = {
    "main": {"marker": "o", "markersize": 4, "color": INK},
    "plus": {"marker": "o", "markersize": 6, "color": ABOVE},
    "minus": {
        "marker": "o",
        "markersize": 6,
        "markerfacecolor": PAPER,
        "markeredgecolor": BELOW,
        "markeredgewidth": 1.6,
    },
    "zero": {"marker": "x", "markersize": 7, "color": INK, "markeredgewidth": 1.8, "clip_on": False},
    "start": {"marker": "s", "markersize": 7, "markerfacecolor": PAPER, "markeredgecolor": INK},
    "goal": {"marker": "x", "markersize": 9, "color": INK, "markeredgewidth": 2.2},
    "chosen": {"marker": "o", "markersize": 9, "color": SELECT},
}
BARS: dict[str, dict[str, Any]] = {
    "main": {"facecolor": SOFT, "edgecolor": INK},
    "striped": {"facecolor": PAPER, "edgecolor": INK, "hatch": "////"},
    "plus": {"facecolor": ABOVE, "edgecolor": ABOVE},
    "minus": {"facecolor": PAPER, "edgecolor": BELOW},
}
SHIFTS = {"above": (0, 5), "below": (0, -12), "right": (8, -3), "left": (-8, -3)}  # points


def png(explorer: CurveExplorer, settings: Settings) -> str:
    """Return the scene of these settings as a PNG in base64, as a mime bundle holds it."""
    scene: Any = explorer.scene_of(settings)
    with style():
        matplotlib.rcParams["hatch.linewidth"] = 0.6
        figure = misfit(scene) if scene.message else drawn(scene)
        return base64.b64encode(encoded(figure)).decode("ascii")


def drawn(scene: CurveScene) -> Figure:
    """Return the figure of the plots, beside each other, and the words under them."""
    words = [*map(lowered, scene.lines), *textwrap.wrap(scene.sentence, 118)]
    tall = TALL[len(scene.plots)]
    height = TITLE + tall + FOOT + GAP * len(words) + 4
    figure = blank(PAGE / CSS_PIXELS, height / CSS_PIXELS)
    room = PAGE / len(scene.plots)
    for k, one in enumerate(scene.plots):
        left = LEFT if one["y"]["ticks"] else SIDE
        box = (k * room + left, FOOT + GAP * len(words) + 4, room - left - RIGHT, tall)
        across, up = (PAGE, height) * 2, box
        draw(figure.add_axes(tuple(n / whole for n, whole in zip(up, across))), one)  # type: ignore[arg-type]
    for k, words_of_line in enumerate(words):
        level = height - (TITLE + tall + FOOT + GAP * (k + 0.4))
        figure.text(SIDE / PAGE, level / height, words_of_line, va="center", fontsize=points(13), color=INK)
    return figure


def draw(axes: Axes, one: Plot) -> None:
    """Draw one plot."""
    x, y = one["x"], one["y"]
    axes.set(xscale="log" if x["log"] else "linear", yscale="log" if y["log"] else "linear")
    axes.set(xlim=(x["low"], x["high"]), ylim=(y["low"], y["high"]))
    axes.set_xlabel(lowered(x["label"]))
    for side, way in ((axes.xaxis, x), (axes.yaxis, y)):
        side.set_minor_locator(NullLocator())
        side.set_ticks([place for place, _ in way["ticks"]], [words for _, words in way["ticks"]])
    title = one["title"] + (f" · ↑ {y['label']}" if y["label"] else "")
    axes.set_title(lowered(title), loc="left", fontsize=points(13), fontweight="normal", color=SOFT, pad=6)
    axes.grid(False)
    for mark in one["marks"]:
        if mark["mark"] != "label":
            DRAW[mark["mark"]](axes, mark)
    apart(axes, [_label(axes, mark) for mark in one["marks"] if mark["mark"] == "label"])


def apart(axes: Axes, labels: list[Text]) -> None:
    """Move labels that stand on earlier ones some lines up or down, as the page does."""
    renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    room, taken = axes.get_window_extent(renderer), list[Bbox]()
    for words in labels:
        box = words.get_window_extent(renderer)
        tried = {lines: box.translated(0, lines * ROW) for lines in (0, 1, -1, 2, -2, 3, -3)}
        free = [n for n, moved in tried.items() if not any(moved.overlaps(one) for one in taken)]
        lines = next((n for n in free if n == 0 or room.y0 < tried[n].y0 < tried[n].y1 < room.y1), 0)
        if lines and isinstance(words, Annotation):
            across, up = words.xyann
            words.xyann = (across, up + points(lines * ROW))
        taken.append(tried[lines])


def _line(axes: Axes, mark: Mark) -> None:
    broken = [point or (float("nan"), float("nan")) for point in mark["points"]]
    axes.plot(*zip(*broken), **LINES[mark["look"]])


def _dots(axes: Axes, mark: Mark) -> None:
    if mark["points"]:
        axes.plot(*zip(*mark["points"]), linestyle="none", zorder=3, **DOTS[mark["look"]])


def _bars(axes: Axes, mark: Mark) -> None:
    for left, low, right, high in mark["boxes"]:
        axes.add_patch(Rectangle((left, low), right - left, high - low, linewidth=0.9, **BARS[mark["look"]]))


def _label(axes: Axes, mark: Mark) -> Text:
    align = {"start": "left", "middle": "center", "end": "right"}[mark["anchor"]]
    looks: dict[str, Any] = {"ha": align, "color": INK if mark["look"] == "strong" else SOFT, "fontsize": points(13)}
    if mark["place"] == "corner":
        return axes.text(0.02, 0.93, mark["text"], va="center", transform=axes.transAxes, **looks)
    shift = SHIFTS[mark["place"]]
    return axes.annotate(mark["text"], mark["at"], shift, textcoords="offset points", clip_on=False, **looks)


DRAW = {"line": _line, "dots": _dots, "bars": _bars}
