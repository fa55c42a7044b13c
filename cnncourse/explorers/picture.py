"""What every still picture of an explorer needs: its width, its bytes, and what stands there where nothing fits."""

from __future__ import annotations

import io
import re
import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from cnncourse.plots.picture import CSS_PIXELS, SIZE_LIMIT, blank, tried

from .scene import Scene

WIDTH = 8.8  # inches
PIXELS = round(WIDTH * CSS_PIXELS)  # how wide the picture of the pad is on a page
PAGE = 844  # px: how wide all others are


def page(high: float) -> tuple[Figure, Axes]:
    """Return a figure of that height in px, and its axes in px, y downwards."""
    figure = blank(PAGE / CSS_PIXELS, high / CSS_PIXELS)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, PAGE), ylim=(high, 0))
    axes.axis("off")
    return figure, axes


def encoded(figure: Figure) -> bytes:
    """Return the figure as a PNG with few colours, a quarter sharper than the page if that is small enough."""
    for sharpness in tried((1.25, 1, 0.75)):
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


def indices(line: str) -> str:
    """Return a formula with its indices set lower.

    >>> indices("x_{ij} = 1")
    'x$_{ij}$ = 1'
    """
    return re.sub(r"_(\{[^}]*\}|\w)", lambda found: f"$_{{{found[1].strip('{}')}}}$", line)
