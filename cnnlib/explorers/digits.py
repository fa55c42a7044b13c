"""What the explorers of LeNet-5 share: the shipped network, the bundled test digits, pictures made of cells."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from .. import datasets, paths, recipes
from ..network import Sequential
from ..plots.picture import COLOURS, CSS_PIXELS, INK, PAPER
from .figure import Stops, word

OUTLINE = (170, 170, 170, 255)
EXAMPLES = 35  # test digits of every class, at least

DIGIT = Stops("digit", "Digit", "", tuple(range(10)), 5)
EXAMPLE = Stops("example", "Which of them", "", tuple(range(EXAMPLES)), 0)


@functools.cache
def lenet() -> Sequential:
    """Return LeNet-5 with the weights that ship with the project, trained on MNIST."""
    return recipes.load_trained(paths.data_folder() / "lenet5_mnist.npz").network


@functools.cache
def bundled_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the bundled test digits, x (360, 1, 28, 28) and labels (360,); they cannot be written to."""
    x, labels = datasets.load_digits()[1]
    x.setflags(write=False)
    labels.setflags(write=False)
    return x, labels


def bundled_digit(digit: int, example: int) -> np.ndarray:
    """Return one of the bundled test digits (1, 1, 28, 28): the how-manieth of its class, counted from 0."""
    x, labels = bundled_digits()
    return x[np.flatnonzero(labels == digit)[example]][None]


class Mosaic(Artist):
    """Arrays drawn as cells of whole pixels, each at its place with a line around it: nothing is smoothed.

    Set `tiles` to a list of (left, top, pixels for each cell, colours (rows, columns, 3) from 0 to 1), left and top in
    pixels of the page from the upper left corner of the figure.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tiles: list[tuple[int, int, int, np.ndarray]] = []

    def draw(self, renderer: Any) -> None:
        """Draw all tiles as one picture; where there is none it is clear."""
        if not self.tiles:
            return
        dots = renderer.dpi / CSS_PIXELS
        line = round(dots)
        wide = max(left + side * shade.shape[1] for left, _, side, shade in self.tiles)
        high = max(top + side * shade.shape[0] for _, top, side, shade in self.tiles)
        shown = np.zeros((round(high * dots) + line, round(wide * dots) + line, 4), np.uint8)
        for left, top, side, shade in self.tiles:
            rows, columns = (
                [round((start + side * k) * dots) for k in range(count + 1)]
                for start, count in ((top, shade.shape[0]), (left, shade.shape[1]))
            )
            shown[rows[0] - line : rows[-1] + line, columns[0] - line : columns[-1] + line] = OUTLINE
            cells = np.repeat(np.rint(255 * shade).astype(np.uint8), np.diff(rows), axis=0)
            shown[rows[0] : rows[-1], columns[0] : columns[-1], :3] = np.repeat(cells, np.diff(columns), axis=1)
        renderer.draw_image(renderer.new_gc(), 0, renderer.height - len(shown), shown[::-1])


class Bars:
    """Ten probabilities as bars, the largest hatched; the true class has an arrow behind its number."""

    def __init__(self, axes: Axes) -> None:
        axes.set(xlim=(0, 1), ylim=(9.6, -0.6), xticks=[])
        axes.set_yticks(range(10), [str(k) for k in range(10)])
        axes.tick_params(axis="y", length=0)
        axes.grid(False)
        axes.spines["bottom"].set_visible(False)
        self.all = axes.add_collection(PolyCollection([], facecolors=COLOURS[0], linewidths=0))
        look = {"facecolors": PAPER, "edgecolors": COLOURS[1], "hatch": "/////", "linewidths": 1.1}
        self.best = axes.add_collection(PolyCollection([], **look))
        self.numbers = [word(axes, 0, k, va="center", fontsize=8.5, color=INK) for k in range(10)]

    def artists(self) -> list[Artist]:
        return [self.all, self.best, *self.numbers]

    def set(self, probabilities: np.ndarray, truth: int) -> None:
        """Show ten probabilities and which class is the true one."""
        corners = [[(0, k - 0.36), (p, k - 0.36), (p, k + 0.36), (0, k + 0.36)] for k, p in enumerate(probabilities)]
        best = int(probabilities.argmax())
        self.all.set_verts([corner for k, corner in enumerate(corners) if k != best])
        self.best.set_verts([corners[best]])
        for k, (text, p) in enumerate(zip(self.numbers, probabilities)):
            text.set_text(share(p) + (" ◂" if k == truth else ""))
            text.set_x(float(p) + 0.03)


def share(p: float) -> str:
    """Return a probability with two decimals, never 0 or 1 unless it is.

    >>> share(0.999), share(0.001), share(0.5), share(1.0)
    ('>0.99', '<0.01', '0.50', '1.00')
    """
    if 0 < p < 0.005:
        return "<0.01"
    return ">0.99" if 0.995 <= p < 1 else f"{p:.2f}"


def a(digit: int) -> str:
    """Return a digit with its article.

    >>> a(8), a(3)
    ('an 8', 'a 3')
    """
    return f"an {digit}" if digit == 8 else f"a {digit}"


def reading(probabilities: np.ndarray, truth: int) -> str:
    """Return in words what the net reads and whether it is right."""
    best, second = np.argsort(-probabilities, kind="stable")[:2]
    right = "rightly" if best == truth else f"wrongly: it is {a(truth)}"
    return (
        f"The net reads {a(best)} with probability {share(probabilities[best])}, {right}; the runner-up is "
        f"{second} with {share(probabilities[second])}."
    )
