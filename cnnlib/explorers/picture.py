"""Draws a scene as a still picture, for GitHub, printed pages and wherever else no widget lives."""

from __future__ import annotations

import base64
import dataclasses
import io
import itertools
import re
import textwrap
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from ..plots.picture import CSS_PIXELS, SIZE_LIMIT, blank, style
from .scene import BETWEEN, DROPPED, EMPTY, LOST, PADDING, Explorer, Grid, Scene, Settings, text_of
from .stamps import handed_on

BLUE, ORANGE, GREY, SOFT = "#0969c8", "#b54708", "#8b949e", "#59636e"
SILENT = "s.e"  # cells without a number
HATCHED = (PADDING, EMPTY)
CELL = 0.3  # inches
WIDTH = 8.8
PIXELS = round(WIDTH * CSS_PIXELS)  # how wide the picture is on a page


def png(explorer: Explorer, settings: Settings) -> str:
    """Return the scene of these settings as a PNG in base64, as a mime bundle holds it."""
    scene = explorer.scene_of(settings)
    with style():
        matplotlib.rcParams["hatch.linewidth"] = 0.5
        figure = misfit(scene) if scene.output is None else drawing(explorer, scene)(scene, settings)
        return base64.b64encode(encoded(figure)).decode("ascii")


def drawing(explorer: Explorer, scene: Scene) -> Any:
    """Return the function that draws this scene: windows on grids unless it is one of the others."""
    return DRAW.get(explorer.name) or DRAW.get(scene.details.get("stage", "")) or windows


def encoded(figure: Figure) -> bytes:
    """Return the figure as a PNG with few colours, a quarter sharper than the page if that is small enough."""
    for sharpness in (1.25, 1, 0.75):
        figure.set_dpi(CSS_PIXELS * sharpness)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        pixels = Image.fromarray(np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3]))
        stream = io.BytesIO()
        pixels.quantize(64, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
        if stream.tell() <= SIZE_LIMIT:
            break
    return stream.getvalue()


def misfit(scene: Scene) -> Figure:
    """Return a figure that holds the message only."""
    lines = textwrap.wrap(scene.message, 110)
    figure = blank(WIDTH, 0.3 + 0.2 * len(lines))
    figure.text(0.02, 0.5, "\n".join(lines), va="center")
    return figure


def windows(scene: Scene, settings: Settings) -> Figure:
    """Return the figure of inputs, kernels, products or partial maps, and the output."""
    position = tuple(settings["position"])
    grids = {role: [g for g in scene.grids if g.role == role] for role in ("input", "kernel", "partial")}
    output, marks = scene.grid("output"), scene.window(*position)
    rows: list[list[tuple[Grid, list[tuple[int, int]]]]] = []
    for k, grid in enumerate(grids["input"]):
        row = [(grid, marks)]
        row += [(grids["kernel"][k], [])] if grids["kernel"] else []
        row += [(grids["partial"][k], [position])] if grids["partial"] else []
        rows.append(row)
    rows[len(rows) // 2].append((output, [position]))
    for grid in (g for g in scene.grids if g.role == "matrix"):
        k = position[0] * len(output.values[0]) + position[1]
        rows.append([(grid, [(k, j) for j, kind in enumerate(grid.kinds[k]) if kind not in SILENT])])
    words = [*map(indices, scene.lines), *textwrap.wrap(scene.sentence, 105)]
    return arranged(rows, words, bool(settings.get("counts")))


def stack(scene: Scene, settings: Settings) -> Figure:
    """Return the figure of a stack of layers: the field in the input, and one row of every map."""
    row, column = settings["position"]
    words = [*scene.lines, *textwrap.wrap(scene.sentence, 105)]
    figure = arranged([[(scene.grid("input"), scene.window(row, column))]], words)
    sizes, chain = scene.details["sizes"], scene.details["chain"]
    height = figure.get_size_inches()[1]
    axes = figure.add_axes((0.5, 0.1 / height, 0.48, 1 - (0.6 + 0.2 * len(words)) / height))
    axes.set(xlim=(-0.28 * sizes[0], sizes[0] + 0.1), ylim=(-0.1, 2 * len(sizes) - 0.5))
    axes.axis("off")
    axes.set_title("One row of every map", loc="left", fontsize=8.5, fontweight="normal", color=SOFT, pad=4)
    cells = [column]
    for l in reversed(range(len(sizes))):
        left = (sizes[0] - sizes[l]) / 2
        axes.text(-0.27 * sizes[0], 2 * l + 0.5, f"layer {l}" if l else "input", va="center", fontsize=8, color=SOFT)
        for k in range(sizes[l]):
            seen = k in cells
            face, edge = (mixed(BLUE, 0.25), BLUE) if seen else ("white", GREY)
            axes.add_patch(
                Rectangle(
                    (left + k, 2 * l), 1, 1, facecolor=face, edgecolor=edge, lw=1.5 if seen else 0.6, zorder=1 + seen
                )
            )
        if l:
            below = sorted({cell for one in cells for cell in chain[l - 1][one]})
            under = (sizes[0] - sizes[l - 1]) / 2
            for upper, lower in ((cells[0], below[0]), (cells[-1] + 1, below[-1] + 1)):
                axes.plot([left + upper, under + lower], [2 * l, 2 * l - 1], color=BLUE, lw=0.8, ls=":")
            cells = below
    return figure


def stamps(scene: Scene, settings: Settings) -> Figure:
    """Return the figure of numbers that stamp a kernel on a map: one stamp, or all that adds up at one cell."""
    roles = ("source", "kernel", "partial", "output")
    sources, kernels, partials, outputs = ([g for g in scene.grids if g.role == role] for role in roles)
    chosen, row, column = ([0] + settings["position"])[-3:]
    N, D = len(sources), len(outputs)
    rows: list[list[tuple[Grid, list[tuple[int, int]]]]] = []
    if scene.details["by"] == "source":
        (top, left), (height, width) = scene.details["border"], scene.output
        cells = list(itertools.product(*(index[k] for index, k in zip(scene.details["stamps"], (row, column)))))
        kept = [(p - top, q - left) for p, q in cells if top <= p < top + height and left <= q < left + width]
        rows.append([(grid, [(row, column)] if k == chosen else []) for k, grid in enumerate(sources)])
        for d, grid in enumerate(outputs):
            gives = handed_on(scene, chosen, d, row, column)
            titled = dataclasses.replace(gives, title="Its products" + (f", channel {d}" if D > 1 else ""))
            rows.append([(kernels[chosen * D + d], []), (titled, cells), (grid, kept)])
        rows = [rows[0] + rows[1]] if N == D == 1 else rows
    else:
        seen = list(itertools.product(scene.rows[row], scene.columns[column]))
        for k, grid in enumerate(sources):
            partial = [(partials[k * D + chosen], [(row, column)])] if N > 1 else []
            rows.append([(grid, seen), (kernels[k * D + chosen], []), *partial])
        results = [(grid, [(row, column)] if d == chosen else []) for d, grid in enumerate(outputs)]
        if D == 1:
            rows[N // 2] += results
        else:
            rows.append(results)
    return arranged(rows, worded(scene), bool(settings.get("counts")))


def expanded(scene: Scene, settings: Settings) -> Figure:
    """Return the figure of a source that is expanded and padded, and met by the turned kernel."""
    row, column = settings["position"]
    (top, left), (height, width) = scene.details["border"], scene.output
    inside = top <= row < top + height and left <= column < left + width
    marks = {
        "padded": list(itertools.product(*(index[k] for index, k in zip(scene.details["windows"], (row, column))))),
        "full": [(row, column)],
        "output": [(row - top, column - left)] if inside else [],
    }
    lines = (("source", "expanded", "padded"), ("kernel", "turned", "full", "output"))
    rows = [[(scene.grid(role), marks.get(role, [])) for role in roles] for roles in lines]
    return arranged(rows, worded(scene), bool(settings.get("counts")))


def worded(scene: Scene) -> list[str]:
    """Return the lines over a figure: formulas, then the sentence."""
    return [*map(indices, scene.lines), *textwrap.wrap(scene.sentence, 105)]


def indices(line: str) -> str:
    """Return a formula with its indices set lower.

    >>> indices("w_b")
    'w$_{b}$'
    """
    return re.sub(r"_(?:\{([^}]*)\}|(\w))", lambda found: "$_{" + (found[1] or found[2]) + "}$", line)


def arranged(rows: list[list[tuple[Grid, list[tuple[int, int]]]]], words: list[str], counts: bool = False) -> Figure:
    """Return a figure with rows of grids, each with the cells to frame, under lines of text."""
    gap, title, margin = 0.5, 0.3, 0.2
    needed = max(sum(len(g.values[0]) for g, _ in row) * CELL + gap * (len(row) - 1) for row in rows) + 2 * margin
    cell = CELL * min(1.0, (WIDTH - 2) / needed)
    heights = [max(len(g.values) for g, _ in row) * cell + title + 0.15 for row in rows]
    height = 0.25 + 0.2 * len(words) + sum(heights) + 0.1
    figure = blank(WIDTH, height)
    for k, line in enumerate(words):
        figure.text(margin / WIDTH, 1 - (0.2 + 0.2 * k) / height, line, va="center", fontsize=9)
    top = height - 0.25 - 0.2 * len(words)
    for row, tall in zip(rows, heights):
        left = margin
        for grid, marks in row:
            h, w = len(grid.values) * cell, len(grid.values[0]) * cell
            axes = figure.add_axes((left / WIDTH, (top - title - h) / height, w / WIDTH, h / height))
            draw(axes, grid, marks, cell, counts and grid.counts is not None)
            left += max(w, 0.073 * len(grid.title)) + gap
        top -= tall
    return figure


def draw(axes: Axes, grid: Grid, marks: list[tuple[int, int]], cell: float, counts: bool = False) -> None:
    """Draw one grid, the cells `marks` framed: padding hatched, pixels never read crossed out."""
    values: Any = grid.counts if counts else grid.values
    rows, columns = len(values), len(values[0])
    axes.set(xlim=(-0.05, columns + 0.05), ylim=(rows + 0.05, -0.05), aspect="equal")
    axes.axis("off")
    axes.set_title(grid.title, loc="left", fontsize=8.5, fontweight="normal", color="#59636e", pad=4)
    present = [v for row in values for v in row if v is not None]
    largest = max(map(abs, present), default=0)
    above = ORANGE if min(present, default=0) < 0 else GREY  # the colours of the course's figures
    longest = max(len(text_of(v)) for row in values for v in row)
    size = 72 * cell * min(0.42, 1.3 / max(longest, 1))
    faces, cells, rims, boxes, crosses = [], [], [], [], []
    for r, row in enumerate(values):
        for c, value in enumerate(row):
            kind = grid.kinds[r][c]
            cells.append(Rectangle((c, r), 1, 1))
            shade = 0.3 * abs(value) / largest if value and largest else 0
            put = kind in (BETWEEN, DROPPED)
            faces.append(mixed(GREY, 0.12) if put else mixed(BLUE if value and value < 0 else above, shade))
            if kind in HATCHED:
                rims.append(Rectangle((c, r), 1, 1))
            if kind == DROPPED:
                boxes.append(Rectangle((c + 0.12, r + 0.12), 0.76, 0.76))
            if kind == LOST:
                crosses += [(c + 0.12, c + 0.88), (r + 0.12, r + 0.88), (c + 0.12, c + 0.88), (r + 0.88, r + 0.12)]
            if not (counts and kind in HATCHED) and size > 3 and kind not in SILENT:
                axes.text(c + 0.5, r + 0.52, text_of(value), ha="center", va="center", fontsize=size)
    axes.add_collection(PatchCollection(cells, facecolor=faces, edgecolor="#b4bbc3", linewidth=0.6))
    axes.add_collection(PatchCollection(rims, facecolor="none", edgecolor="#b4bbc3", hatch="////", linewidth=0))
    axes.add_collection(PatchCollection(boxes, facecolor="none", edgecolor="#b4bbc3", linewidth=0.8))
    if crosses:
        axes.plot(*crosses, color=ORANGE, lw=0.9, alpha=0.55)
    frame(axes, marks)


def frame(axes: Axes, marks: list[tuple[int, int]]) -> None:
    """Frame the cells together if they stand side by side, else each."""
    if not marks:
        return
    rs, cs = [r for r, _ in marks], [c for _, c in marks]
    r, c, height, width = min(rs), min(cs), max(rs) - min(rs) + 1, max(cs) - min(cs) + 1
    together = len(marks) == height * width
    boxes = [(r, c, height, width)] if together else [(i, j, 1, 1) for i, j in marks]
    for i, j, h, w in boxes:
        axes.add_patch(Rectangle((j, i), w, h, facecolor="none", edgecolor=BLUE, linewidth=2, clip_on=False))


def mixed(color: str, share: float) -> tuple[float, ...]:
    """Return a colour thinned with white."""
    return tuple(1 - share * (1 - part) for part in matplotlib.colors.to_rgb(color))


# Explorers and stages that are not drawn as windows on grids.
DRAW: dict[str, Any] = {"stacked_receptive_field": stack, "stamps": stamps, "expanded": expanded}
