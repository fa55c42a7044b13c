"""A network as volumes: each layer a box, as high and deep as its maps and as wide as it has channels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from cnnlib.layers import AvgPool2d, BatchNorm2d, Conv2d, Dropout, Flatten, GlobalAvgPool2d, Layer, Linear, MaxPool2d
from cnnlib.network import Container, Residual, Sequential

from . import picture
from .picture import COLOURS, INK, PAPER, SOFT, Picture, Point, Words, write

ASIDE, UP = 0.42, 0.26  # how far one inch of a map's width goes to the right and up
EDGE = 0.1  # inches beside the figure
UNITS = 0.16  # inches that a column of units is wide
TALLEST = 1.7  # inches of the largest map's height
ARC = 0.2  # inches that an arc over boxes takes
FACES = {"input": ("#f2f2f2", "#d0d0d0"), "convolution": ("#cfe5f3", "#8fbfdd"), "pooling": ("#fde3cf", "#efb58a")}
FACES |= {"fully connected": ("#d6ecd9", "#98c9a3"), "output": ("#efe0ee", "#cba6c8")}


class Volume(NamedTuple):
    """A layer's output in an architecture figure: name, shape (D, H, W) or (units,), a note, the window that reads it.

    window: rows (and columns) of the kernel or pooling window with which the NEXT layer reads this volume.
    plus: how many boxes to the left the one stands that is added to this one, for each that is.
    """

    name: str
    shape: tuple[int, ...]
    note: str = ""
    window: int = 0
    kind: str = ""
    plus: tuple[int, ...] = ()


def network_volumes(
    network: Sequential, input_shape: tuple[int, ...], *, title: Words = None, alt: Words = None
) -> Picture:
    """Return a figure of a network's layers as volumes, with kernels, shapes and parameter counts; see `volumes`.

    Activations, batch normalisation and dropout share the box of the layer before; flattening has none of its own. The
    way around the layers of a `Residual` is an arc, and ⊕ stands where it ends.

    Parameters
    ----------
    network : Sequential
    input_shape : tuple of int
        That of one image, (D, H, W).

    Examples
    --------
    >>> from cnnlib import Conv2d, ReLU
    >>> network_volumes(Sequential(Conv2d(1, 3, 5), ReLU()), (1, 28, 28))
    [figure: From left to right: input, 1 × 28 × 28; CONV, RELU, 3 × 24 × 24, 3 kernels of 5 × 5, 78 parameters.]
    """
    stages = [Volume("input", tuple(input_shape), kind="input")]
    _add(stages, network, tuple(input_shape))
    if stages[-1].kind == "fully connected":
        stages[-1] = stages[-1]._replace(kind="output")
    words = [stage.name.split(", ") for stage in stages]
    names = [", ".join(some[:2]) + (",\n" if some[2:] else "") + ", ".join(some[2:]) for some in words]
    return volumes([stage._replace(name=name) for stage, name in zip(stages, names)], title=title, alt=alt)


def _add(stages: list[Volume], layers: Iterable[Layer], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Add a box for each layer that has one, else a word to the last box; return the shape of what comes out."""
    for layer in layers:
        if isinstance(layer, Container):
            first = len(stages)
            shape = _add(stages, layer, shape)
            if isinstance(layer, Residual):
                last, around = stages[-1], len(stages) - first
                stages[-1] = last._replace(name=f"{last.name}, ⊕", plus=(*last.plus, *([around] if around else [])))
            continue
        shape = tuple(layer.output_shape(shape))
        box, last = _volume_of(layer, shape), stages[-1]
        if box:
            stages[-1] = last._replace(window=box.window)
            stages.append(box._replace(window=0))
        elif isinstance(layer, Dropout):
            stages[-1] = last._replace(note=f"{last.note},\ndropout {layer.p:g}".lstrip(",\n"))
        elif isinstance(layer, BatchNorm2d):
            note = f"{last.note},\nBN: {2 * layer.channels:,} parameters".lstrip(",\n")
            stages[-1] = last._replace(name=f"{last.name}, BN", note=note)
        elif not isinstance(layer, Flatten):
            word = type(layer).__name__
            stages[-1] = last._replace(name=f"{last.name}, {'RELU' if word == 'ReLU' else word}")
    return shape


def _volume_of(layer: Layer, shape: tuple[int, ...]) -> Volume | None:
    """Return the box of a layer's output with the rows of the window that IT reads with, None if it has no box."""
    count = sum(array.size for array in layer.parameters().values())
    if isinstance(layer, Conv2d):
        rows, columns = layer.kernel_size
        each = f" × {layer.in_channels}" if layer.in_channels > 1 else ""
        note = f"{picture.counted(layer.out_channels, 'kernel')}\nof {rows} × {columns}{each},\n{count:,} parameters"
        return Volume("CONV", shape, note, rows, "convolution")
    if isinstance(layer, (MaxPool2d, AvgPool2d)):
        rows, columns = layer.size
        return Volume("POOL", shape, f"windows\nof {rows} × {columns}", rows, "pooling")
    if isinstance(layer, Linear):
        return Volume("FC", shape, f"{count:,}\nparameters", kind="fully connected")
    return Volume("global mean", shape, kind="pooling") if isinstance(layer, GlobalAvgPool2d) else None


def volumes(stages: Sequence[Volume | tuple[Any, ...]], *, title: Words = None, alt: Words = None) -> Picture:
    """Return a figure of layers as boxes from left to right: as high and deep as their maps, as wide as their channels.

    Parameters
    ----------
    stages : sequence of Volume or tuple
        (name, shape, note, window, kind, plus) of each layer. Shape (D, H, W) is a box with a slice for each map,
        (units,) a column of units. The window is drawn through all channels, with lines to the one cell of the next
        stage that it gives. kind: "input", "convolution", "pooling", "fully connected" or "output". See `Volume`.

    Examples
    --------
    >>> volumes([("image", (3, 8, 8), "", 3), ("CONV", (5, 6, 6), "5 kernels", 0, "convolution")])
    [figure: From left to right: image, 3 × 8 × 8; CONV, 5 × 6 × 6, 5 kernels.]
    """
    layers = [stage if isinstance(stage, Volume) else Volume(*stage) for stage in stages]
    told = []
    for layer in layers:
        if len(layer.shape) not in (1, 3):
            raise ValueError(f"stages: got shape {layer.shape} for {layer.name!r}, expected (D, H, W) or (units,)")
        added = [f"plus the box {back} to the left" for back in layer.plus]
        told.append(
            ", ".join(filter(None, [picture.flat(layer.name), _shape(layer), picture.flat(layer.note), *added]))
        )
    with picture.style():
        figure = _draw(layers, title)
    return picture.described(figure, alt, title, f"From left to right: {'; '.join(told)}")


def _draw(layers: list[Volume], title: Words) -> Figure:
    unit = TALLEST / max([max(layer.shape[1:]) for layer in layers if len(layer.shape) == 3], default=1)
    sizes = [_size(layer, unit) for layer in layers]
    feet = [f"{_shape(layer)}\n{layer.note}" if layer.note else _shape(layer) for layer in layers]
    parts = [(wide, layer.name, foot) for layer, (wide, _), foot in zip(layers, sizes, feet)]
    width, middles, _ = picture.in_a_row(parts, 10, EDGE, (0.08, 0.6))
    arcs = [(place - back, place) for place, layer in enumerate(layers) for back in layer.plus]
    levels = [sum(start <= a and b <= end for a, b in arcs) for start, end in arcs]  # an arc lies over those inside it
    above = 0.32 if title else 0.0
    more = 0.16 * (max(picture.lines(layer.name) for layer in layers) - 1)  # of names with two lines
    head = above + 0.3 + more + (0.1 + ARC * max(levels) if arcs else 0)
    body = max(high for _, high in sizes)
    foot = 0.17 * max(2 + layer.note.count("\n") for layer in layers) + 0.12
    figure, axes = picture.sheet(width, head + body + foot, title, (0.12, 0.08))
    lows = [min(head + (body - high) / 2 - 0.07, head + 0.25) for _, high in sizes]  # the last lines of the names
    tops = [low - 0.16 * picture.lines(layer.name) for layer, low in zip(layers, lows)]
    before = None
    for layer, (wide, high), told, middle, low in zip(layers, sizes, feet, middles, lows):
        drawn = _draw_box(axes, layer, middle - wide / 2, head + (body + high) / 2, unit)
        if before:
            _connect(axes, *before, layer, drawn)
        before = layer, drawn
        write(axes, middle, low, layer.name, "center baseline", bold=True)
        write(axes, middle, head + body + 0.08, told, "center top", 9, linespacing=1.3)
    for (start, end), level in zip(arcs, levels):
        # two arcs that meet over a box stand beside each other
        left, right, y = middles[start] + 0.06, middles[end] - 0.06 * level, head - more - 0.14 - ARC * level
        ends = [tops[start] - 0.01, y, y, tops[end] - 0.02]
        look: dict[str, Any] = {"marker": "v", "markevery": [3], "markersize": 6, "solid_joinstyle": "miter"}
        axes.plot([left, left, right, right], ends, color=INK, linewidth=1.2, **look)
    return figure


def _shape(stage: Volume) -> str:
    return " × ".join(map(str, stage.shape)) if len(stage.shape) == 3 else picture.counted(stage.shape[0], "unit")


def _thickness(channels: int) -> float:
    """Return the width of one slice in inches; many channels are drawn thinner, so that all have room."""
    return 0.13 if channels <= 3 else 0.1 if channels <= 6 else 0.75 / channels if channels <= 32 else 1.0 / channels


def _size(stage: Volume, unit: float) -> tuple[float, float]:
    """Return (width, height) in inches of the drawn box."""
    if len(stage.shape) == 1:
        return UNITS, 0.5 + 0.45 * math.log10(stage.shape[0])
    channels, rows, columns = stage.shape
    return channels * _thickness(channels) + columns * unit * ASIDE, rows * unit + columns * unit * UP


class Drawn(NamedTuple):
    """Where a box is drawn, in inches: the lower left corner of its front, and its size."""

    x: float
    y: float
    wide: float
    high: float
    deep: float

    def at(self, right: float, up: float, back: float = 0) -> Point:
        """Return the point that lies this far from that corner, in inches, seen aslant."""
        return self.x + right + back * ASIDE, self.y - up - back * UP

    def around(self, *points: tuple[float, float, float]) -> list[Point]:
        """Return several such points."""
        return [self.at(*point) for point in points]


def _draw_box(axes: Axes, stage: Volume, x: float, y: float, unit: float) -> Drawn:
    """Draw a volume with the lower left corner of its front at (x, y)."""
    front, side = FACES.get(stage.kind, FACES["input"])
    if len(stage.shape) == 1:
        box, shown = Drawn(x, y, UNITS, _size(stage, unit)[1], 0.0), min(stage.shape[0], 12)
        ends = [box.high * k / shown for k in range(shown, -1, -1)]
        for up, low in zip(ends, ends[1:]):
            _face(axes, box.around((0, up, 0), (UNITS, up, 0), (UNITS, low, 0), (0, low, 0)), front)
        return box
    channels, rows, columns = stage.shape
    step = _thickness(channels)
    box = Drawn(x, y, channels * step, rows * unit, columns * unit)
    _, _, w, h, d = box
    _face(axes, box.around((0, 0, 0), (w, 0, 0), (w, h, 0), (0, h, 0)), front)
    _face(axes, box.around((0, h, 0), (w, h, 0), (w, h, d), (0, h, d)), PAPER)
    _face(axes, box.around((w, 0, 0), (w, 0, d), (w, h, d), (w, h, 0)), side)
    for k in range(1, channels if channels <= 32 else 1):
        slices = box.around((k * step, 0, 0), (k * step, h, 0), (k * step, h, d))
        axes.plot(*zip(*slices), color=SOFT, linewidth=0.6, zorder=2)
    return box


def _connect(axes: Axes, stage: Volume, box: Drawn, after: Volume, target: Drawn) -> None:
    """Draw lines from a volume to the next: from its window to the cell it gives, or from all of it to all units."""
    if len(stage.shape) == 3 and len(after.shape) == 3:
        if stage.window:
            _connect_window(axes, stage, box, after, target)
        return
    for up, end in ((box.high, target.y - target.high), (0, target.y)):
        x, y = box.at(box.wide + 0.03, up, box.deep)
        axes.plot([x, target.x - 0.03], [y, end], color=SOFT, linewidth=0.8, linestyle=(0, (3, 2)), zorder=0)


def _connect_window(axes: Axes, stage: Volume, box: Drawn, after: Volume, target: Drawn) -> None:
    """Draw the window through all channels of a volume and lines to the cell that it gives."""
    high, deep = box.high * stage.window / stage.shape[1], box.deep * stage.window / stage.shape[2]
    # a fifth of the way down and a quarter into the depth, so that the window stands free of the edges
    up, back = box.high - 0.2 * (box.high - high), 0.25 * (box.deep - deep)
    low, w = up - high, box.wide
    face = box.around((w, up, back), (w, up, back + deep), (w, low, back + deep), (w, low, back))
    _face(axes, face, PAPER, COLOURS[1], 1.4, hatch="////", zorder=4)
    # the window goes through all channels: its edges seen through the box
    seen = box.around((0, up, back), (w, up, back)), box.around((0, low, back), (w, low, back))
    for line in (*seen, box.around((0, up, back), (0, low, back))):
        axes.plot(*zip(*line), color=COLOURS[1], linewidth=1.1, linestyle=(0, (2, 1.5)), zorder=3)
    x, y = target.at(target.wide / after.shape[0] / 2, target.high * 0.72)
    for far, start in face[1:3]:
        axes.plot([far, x], [start, y], color=COLOURS[1], linewidth=1.0, zorder=4)
    half = max(target.high / after.shape[1], 0.05) / 2
    cell = [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
    _face(axes, cell, COLOURS[1], INK, 0.6, zorder=5)


def _face(axes: Axes, corners: list[Point], face: str, edge: str = SOFT, width: float = 0.9, **kw: Any) -> None:
    axes.add_patch(Polygon(corners, closed=True, facecolor=face, edgecolor=edge, linewidth=width, **kw))
