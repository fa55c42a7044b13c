"""A network as volumes: each layer a box, as high and deep as its maps and as wide as it has channels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.patches import Polygon

from ..layers import AvgPool2d, Conv2d, Flatten, GlobalAvgPool2d, Linear, MaxPool2d
from ..network import Sequential
from . import picture
from .picture import COLOURS, INK, PAPER, SOFT, Picture

ASIDE, UP = 0.42, 0.26  # how far one inch of a map's width goes to the right and up
TALLEST = 1.7  # inches of the largest map's height
FACES = {"input": ("#f2f2f2", "#d0d0d0"), "convolution": ("#cfe5f3", "#8fbfdd"), "pooling": ("#fde3cf", "#efb58a")}
FACES |= {"fully connected": ("#d6ecd9", "#98c9a3"), "output": ("#efe0ee", "#cba6c8")}


class Volume(NamedTuple):
    """A layer's output in an architecture figure: name, shape (C, H, W) or (units,), a note, the window that reads it.

    window: rows (and columns) of the kernel or pooling window with which the NEXT layer reads this volume.
    """

    name: str
    shape: tuple[int, ...]
    note: str = ""
    window: int = 0
    kind: str = ""


def network_volumes(
    network: Sequential, input_shape: tuple[int, ...], *, title: str | None = None, alt: str | None = None
) -> Picture:
    """Return a figure of a network's layers as volumes, with kernels, shapes and parameter counts; see `volumes`.

    input_shape: one image, (C, H, W). Activations share the box of the layer before; flattening has none of its own.

    >>> from cnnlib import Conv2d, ReLU
    >>> network_volumes(Sequential(Conv2d(1, 3, 5), ReLU()), (1, 28, 28))
    [figure: From left to right: input, 1 × 28 × 28; CONV, RELU, 3 × 24 × 24, 3 kernels of 5 × 5, 78 parameters.]
    """
    made = [Volume("input", tuple(input_shape), kind="input")]
    shape = tuple(input_shape)
    for layer in network:
        shape = tuple(layer.output_shape(shape))
        count = sum(array.size for array in layer.parameters().values())
        window = 0
        if isinstance(layer, Conv2d):
            window = layer.kernel_size[0]
            each = f" × {layer.in_channels}" if layer.in_channels > 1 else ""
            note = f"{layer.out_channels} kernels\nof {layer.kernel_size[0]} × {layer.kernel_size[1]}{each}"
            new = Volume("CONV", shape, f"{note},\n{count:,} parameters", kind="convolution")
        elif isinstance(layer, (MaxPool2d, AvgPool2d)):
            window = layer.size[0]
            new = Volume("POOL", shape, f"windows\nof {layer.size[0]} × {layer.size[1]}", kind="pooling")
        elif isinstance(layer, Linear):
            new = Volume("FC", shape, f"{count:,}\nparameters", kind="fully connected")
        elif isinstance(layer, GlobalAvgPool2d):
            new = Volume("global mean", shape, kind="pooling")
        elif isinstance(layer, Flatten):
            continue
        else:
            activation = type(layer).__name__.upper() if type(layer).__name__ == "ReLU" else type(layer).__name__
            made[-1] = made[-1]._replace(name=f"{made[-1].name}, {activation}")
            continue
        made[-1] = made[-1]._replace(window=window)
        made.append(new)
    if made[-1].kind == "fully connected":
        made[-1] = made[-1]._replace(kind="output")
    return volumes(made, title=title, alt=alt)


def volumes(stages: Sequence[Volume | tuple[Any, ...]], *, title: str | None = None, alt: str | None = None) -> Picture:
    """Return a figure of layers as boxes from left to right: as high and deep as their maps, as wide as their channels.

    stages: `Volume` or tuples (name, shape, note, window, kind); shape (C, H, W) is a box with a slice for each map,
    (units,) a column of units. The window of a stage is drawn through all of its channels, with lines to the one cell
    of the next stage that it gives. kind: "input", "convolution", "pooling", "fully connected" or "output".

    >>> volumes([("image", (3, 8, 8), "", 3), ("CONV", (5, 6, 6), "5 kernels", 0, "convolution")])
    [figure: From left to right: image, 3 × 8 × 8; CONV, 5 × 6 × 6, 5 kernels.]
    """
    stages = [stage if isinstance(stage, Volume) else Volume(*stage) for stage in stages]
    for stage in stages:
        if len(stage.shape) not in (1, 3):
            raise ValueError(f"stages: got shape {stage.shape} for {stage.name!r}, expected (C, H, W) or (units,)")
    largest = max([max(stage.shape[1:]) for stage in stages if len(stage.shape) == 3], default=1)
    unit = TALLEST / largest
    sizes = [_size(stage, unit) for stage in stages]
    words = [
        max(picture.text_width(stage.name, 10, True), picture.text_width(f"{_shape(stage)}\n{stage.note}", 9))
        for stage in stages
    ]
    room = [max(size[0], word) for size, word in zip(sizes, words)]
    gap = (picture.WIDEST - 0.2 - sum(room)) / max(len(stages) - 1, 1)
    gap = min(max(gap, 0.08), 0.6)
    head = 0.62 if title else 0.3
    body = max(size[1] for size in sizes)
    foot = 0.17 * max(2 + stage.note.count("\n") for stage in stages) + 0.12
    width = 0.2 + sum(room) + gap * (len(stages) - 1)
    with picture.style():
        figure = picture.blank(width, head + body + foot)
        axes = picture.canvas(figure)
        if title:
            axes.text(0.12, 0.08, title, fontsize=10.5, fontweight="bold", va="top")
        x, before = 0.1, None
        for stage, size, across in zip(stages, sizes, room):
            middle = x + across / 2
            corner = middle - size[0] / 2, head + (body + size[1]) / 2  # lower left of the front face
            box = _draw_box(axes, stage, corner, unit)
            if before:
                _connect(axes, *before, stage, box)
            before = stage, box
            top = head + (body - size[1]) / 2
            axes.text(
                middle, min(top - 0.07, head - 0.05 + 0.3), stage.name, fontsize=10, fontweight="bold", ha="center"
            )
            told = f"{_shape(stage)}\n{stage.note}" if stage.note else _shape(stage)
            axes.text(middle, head + body + 0.08, told, fontsize=9, ha="center", va="top", linespacing=1.3)
            x += across + gap
    if alt is None:
        told = [
            ", ".join(part for part in (stage.name, _shape(stage), picture.flat(stage.note)) if part)
            for stage in stages
        ]
        alt = picture.sentence(title and picture.flat(title), f"From left to right: {'; '.join(told)}")
    return Picture(figure, alt)


def _shape(stage: Volume) -> str:
    return " × ".join(map(str, stage.shape)) if len(stage.shape) == 3 else f"{stage.shape[0]} units"


def _thickness(channels: int) -> float:
    """Return the width of one slice in inches; many channels are drawn thinner, so that all find room."""
    return 0.13 if channels <= 3 else 0.1 if channels <= 6 else 0.75 / channels if channels <= 32 else 1.0 / channels


def _size(stage: Volume, unit: float) -> tuple[float, float]:
    """Return (width, height) in inches of the drawn box."""
    if len(stage.shape) == 1:
        return 0.16, 0.5 + 0.45 * math.log10(stage.shape[0])
    channels, rows, columns = stage.shape
    return channels * _thickness(channels) + columns * unit * ASIDE, rows * unit + columns * unit * UP


def _draw_box(
    axes: Any, stage: Volume, corner: tuple[float, float], unit: float
) -> tuple[float, float, float, float, float]:
    """Draw a volume with the lower left corner of its front at `corner`; return (x, y, thickness, height, depth)."""
    front, side = FACES.get(stage.kind, FACES["input"])
    x, y = corner
    if len(stage.shape) == 1:
        _, high = _size(stage, unit)
        shown = min(stage.shape[0], 12)
        for k in range(shown):
            top = y - high + high * k / shown
            _face(axes, [(x, top), (x + 0.16, top), (x + 0.16, top + high / shown), (x, top + high / shown)], front)
        return x, y, 0.16, high, 0.0
    channels, rows, columns = stage.shape
    step, high, deep = _thickness(channels), rows * unit, columns * unit
    wide, dx, dy = channels * step, deep * ASIDE, deep * UP
    _face(axes, [(x, y), (x + wide, y), (x + wide, y - high), (x, y - high)], front)
    _face(axes, [(x, y - high), (x + wide, y - high), (x + wide + dx, y - high - dy), (x + dx, y - high - dy)], PAPER)
    _face(axes, [(x + wide, y), (x + wide + dx, y - dy), (x + wide + dx, y - high - dy), (x + wide, y - high)], side)
    for k in range(1, channels if channels <= 32 else 1):
        at = x + k * step
        axes.plot([at, at, at + dx], [y, y - high, y - high - dy], color=SOFT, linewidth=0.6, zorder=2)
    return x, y, wide, high, deep


def _connect(axes: Any, stage: Volume, box: tuple[float, ...], after: Volume, target: tuple[float, ...]) -> None:
    """Draw the window through all channels of a volume and lines to the cell that it gives, or to all units."""
    x, y, wide, high, deep = box
    x2, y2, wide2, high2, deep2 = target
    style = {"color": COLOURS[1], "linewidth": 1.0, "zorder": 4}
    if len(stage.shape) == 1 or len(after.shape) == 1:
        right = x + wide + deep * ASIDE
        upper = y - high - deep * UP
        lower = y - deep * UP
        for start, end in ((upper, y2 - high2), (lower, y2)):
            axes.plot(
                [right + 0.03, x2 - 0.03], [start, end], color=SOFT, linewidth=0.8, linestyle=(0, (3, 2)), zorder=0
            )
        return
    if not stage.window:
        return
    rows, columns = stage.shape[1:]
    f_h, f_w = high * stage.window / rows, deep * stage.window / columns
    # a fifth of the way down and into the depth, so that the window stands free of the edges
    down, into = 0.2 * (high - f_h), 0.25 * (deep - f_w)
    left, top = x + into * ASIDE, y - high + down - into * UP
    a = (x + wide + into * ASIDE, top)
    b = (a[0] + f_w * ASIDE, a[1] - f_w * UP)
    face = [a, b, (b[0], b[1] + f_h), (a[0], a[1] + f_h)]
    axes.add_patch(
        Polygon(face, closed=True, facecolor=PAPER, edgecolor=COLOURS[1], hatch="////", linewidth=1.4, zorder=4)
    )
    for dy in (0, f_h):  # the window goes through all channels: its edges seen through the box
        axes.plot(
            [left, a[0]], [top + dy, top + dy], color=COLOURS[1], linewidth=1.1, linestyle=(0, (2, 1.5)), zorder=3
        )
    axes.plot([left, left], [top, top + f_h], color=COLOURS[1], linewidth=1.1, linestyle=(0, (2, 1.5)), zorder=3)
    cell = max(high2 / after.shape[1], 0.05)
    goal = (x2 + wide2 / after.shape[0] / 2, y2 - high2 * 0.72)
    for start in ((b[0], b[1]), (b[0], b[1] + f_h)):
        axes.plot([start[0], goal[0]], [start[1], goal[1]], **style)
    half = cell / 2
    dot = [(goal[0] - half, goal[1] - half), (goal[0] + half, goal[1] - half)]
    dot += [(goal[0] + half, goal[1] + half), (goal[0] - half, goal[1] + half)]
    axes.add_patch(Polygon(dot, closed=True, facecolor=COLOURS[1], edgecolor=INK, linewidth=0.6, zorder=5))


def _face(axes: Any, corners: list[tuple[float, float]], colour: str) -> None:
    axes.add_patch(Polygon(corners, closed=True, facecolor=colour, edgecolor=SOFT, linewidth=0.9, zorder=1))
