"""Kernel editor: nine weights, a divisor and a bias, and what they make of a photograph."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.cbook import get_sample_data
from matplotlib.patches import Rectangle
from PIL import Image

from .. import arguments
from ..convolution import cross_correlate2d
from ..plots.picture import CSS_PIXELS, LINE, SOFT
from .figure import Drawing, Explorer, FigureExplorer, Real, Scene, Settings, Stops

SIDE = 256  # pixels of the photograph, rows and columns
MANY = 0.25  # from this share of negative results on, mid-grey stands for 0


def names() -> list[list[str]]:
    """Return the names of the nine weights as they stand in the kernel."""
    return [[f"w{m}{n}" for n in range(3)] for m in range(3)]


IDENTITY = ((0, 0, 0), (0, 1, 0), (0, 0, 0))
WEIGHTS = tuple(
    Real(name, f"Weight, row {m}, column {n}", "", -8, 8, 0.5, IDENTITY[m][n], "kernel")
    for m, row in enumerate(names())
    for n, name in enumerate(row)
)
SETTINGS = (
    *WEIGHTS,
    Stops("divisor", "Divisor", "", tuple(range(1, 17)), 1),
    Real("bias", "Bias", "", -128, 128, 8, 0),
)


def _preset(label: str, kernel: Any, divisor: int = 1, bias: float = 0) -> tuple[str, Settings]:
    weights = {name: float(w) for row, values in zip(names(), kernel) for name, w in zip(row, values)}
    return label, weights | {"divisor": divisor, "bias": float(bias)}


PRESETS = (
    _preset("identity", IDENTITY),
    _preset("blur", ((1, 1, 1), (1, 1, 1), (1, 1, 1)), 9),
    _preset("sharpen", ((0, -1, 0), (-1, 5, -1), (0, -1, 0))),
    _preset("Sobel x", ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))),
    _preset("Sobel y", ((-1, -2, -1), (0, 0, 0), (1, 2, 1))),
    _preset("Laplacian", ((0, 1, 0), (1, -4, 1), (0, 1, 0))),
    _preset("emboss", ((-2, -1, 0), (-1, 1, 1), (0, 1, 2))),
)


@functools.cache
def photograph() -> np.ndarray:
    """Return the photograph (256, 256) in grey, whole numbers from 0 (black) to 255 (white) as floats.

    It shows Grace Hopper and comes with matplotlib. It is read once and cannot be written to.
    """
    with get_sample_data("grace_hopper.jpg") as file, Image.open(file) as image:
        grey = image.convert("L")
        square = grey.crop((0, 0, grey.width, grey.width)).resize((SIDE, SIDE), Image.Resampling.BOX)
    pixels = np.asarray(square, dtype=float)
    pixels.setflags(write=False)
    return pixels


def scene(divisor: int, bias: float, **weights: float) -> Scene:
    """Return the photograph filtered: the sum of weights times pixels, divided by the divisor, plus the bias.

    Results are (254, 254): the window stays inside. If a quarter of them is negative or more, they are shown with 0 in
    mid-grey and the largest size in white or black, else from 0 to 255 with what lies outside cut.

    >>> scene(1, 0.0, **{name: 1.0 for row in names() for name in row}).numbers["result"].shape
    (254, 254)
    """
    kernel = np.array([[weights[name] for name in row] for row in names()])
    result = cross_correlate2d(photograph(), kernel) / divisor + bias
    low, high = float(result.min()), float(result.max())
    negative = float((result < 0).mean())
    centred = negative >= MANY
    reach = max(-low, high)
    levels = 127.5 + 127.5 / reach * result if centred else np.clip(result, 0, 255)
    numbers = {
        "kernel": kernel,
        "result": result,
        "smallest": low,
        "largest": high,
        "negative": negative,
        "above": float((result > 255).mean()),
        "centred": centred,
        "reach": reach if centred else 255.0,
        "levels": np.rint(levels).astype(np.uint8),
    }
    lines = (
        f"result = sum of weight · pixel{_divided_and_moved(divisor, bias)}",
        f"from {_number(low)} to {_number(high)}, {_share(negative)} of the results negative",
    )
    return Scene(numbers, lines, _sentence(kernel, numbers))


def _number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0").replace("-", "−")


def _divided_and_moved(divisor: int, bias: float) -> str:
    moved = f" {'+' if bias > 0 else '−'} {abs(bias):g}" if bias else ""
    return (f" / {divisor}" if divisor > 1 else "") + moved


def _share(share: float) -> str:
    if share == 0:
        return "none"
    return "under 1 %" if share < 0.01 else f"{100 * share:.0f} %"


def _sentence(kernel: np.ndarray, numbers: dict[str, Any]) -> str:
    if not kernel.any():
        return "All weights are 0: every result is the bias, whatever the picture."
    total = float(kernel.sum())
    weights = f"The weights add up to {_number(total)}"
    if total == 0:
        weights += ": where the picture is flat, the result is the bias alone"
    if numbers["centred"]:
        return f"{weights}. Mid-grey is 0, white {_number(numbers['reach'])}, black {_number(-numbers['reach'])}."
    cut = [
        f"{_share(share)} {where}"
        for share, where in ((numbers["negative"], "below 0 as black"), (numbers["above"], "above 255 as white"))
        if share
    ]
    return f"{weights}. Shown from 0 (black) to 255 (white){', ' + ' and '.join(cut) if cut else ''}."


def spoken(settings: Settings) -> str:
    """Return the settings in words: the kernel row by row."""
    rows = "; ".join(" ".join(f"{settings[name]:g}" for name in row) for row in names())
    return f"kernel {rows}, divisor {settings['divisor']}, bias {settings['bias']:g}".replace("-", "−")


BINS = 51


class Pixels(Artist):
    """A grey picture (rows, columns) in axes of SIDE units, each pixel a square of whole dots: nothing is smoothed."""

    def __init__(self, levels: np.ndarray, margin: int) -> None:
        super().__init__()
        self.levels, self.margin = levels, margin

    def draw(self, renderer: Any) -> None:
        corner = self.axes.transData.transform((self.margin, SIDE - self.margin))
        dots = round(self.axes.bbox.width / SIDE)
        grey = np.repeat(np.repeat(self.levels[::-1], dots, axis=0), dots, axis=1)
        shown = np.full((*grey.shape, 4), 255, np.uint8)
        shown[..., :3] = grey[..., None]
        renderer.draw_image(renderer.new_gc(), *np.rint(corner), shown)


class KernelDrawing(Drawing):
    """The photograph, the result in the same scale, and how often each result occurs."""

    size = (7.8, 3.42)
    quick = 2.0  # one pixel of the photograph is a whole number of dots
    grey = True
    at_rest = (1.0,)

    def build(self) -> None:
        width, height = (inches * CSS_PIXELS for inches in self.figure.get_size_inches())

        def box(left: float, wide: float, high: float) -> Any:
            return self.figure.add_axes((left / width, 40 / height, wide / width, high / height))

        photo, result = self.photo, self.result = box(4, SIDE, SIDE), box(4 + SIDE + 16, SIDE, SIDE)
        self.counts = box(4 + 2 * SIDE + 44, 164, SIDE)
        for axes, title in ((photo, "photograph"), (result, "result")):
            axes.set(xlim=(0, SIDE), ylim=(SIDE, 0), xticks=[], yticks=[])
            axes.set_title(title, y=1.02)
            axes.grid(False)
            axes.spines[:].set_visible(False)
        photo.add_artist(Pixels(photograph().astype(np.uint8), 0))
        self.image = result.add_artist(Pixels(np.zeros((SIDE - 2, SIDE - 2), np.uint8), 1))
        result.add_patch(Rectangle((0.5, 0.5), SIDE - 1, SIDE - 1, fill=False, edgecolor=LINE, linewidth=0.8))
        self.legend = self.figure.text((4 + SIDE + 16) / width, 22 / height, "", va="center", fontsize=9.5)
        self.figure.text(4 / width, 22 / height, "from 0 (black) to 255 (white)", va="center", fontsize=9.5)
        self.counts.set_title("how often (square root)", y=1.02)
        self.counts.set(xlabel="result", yticks=[], ylim=(0, 1.04))
        self.counts.spines["left"].set_visible(False)
        self.counts.grid(False)
        self.counts.axvline(0, color=SOFT, linewidth=1, linestyle=":")
        self.steps = self.counts.fill_between([0, 1], [0, 0], step="mid", color=SOFT, linewidth=0)

    def moving(self) -> list[Artist]:
        return [self.image, self.steps, self.legend]

    def frame(self, scene: Scene) -> Any:
        """The axis of results is made wider in coarse steps, so that it is still most of the time."""
        low, high = scene.numbers["smallest"], scene.numbers["largest"]
        return _wide(low), _wide(high)

    def set_frame(self, scene: Scene) -> None:
        low, high = self.frame(scene)
        low, high = min(low, 0), max(high, 0)
        self.counts.set_xlim(low - 0.03 * (high - low) - 1, high + 0.03 * (high - low) + 1)
        ticks = [t for t in (low, 0, high) if t == 0 or abs(t) > 0.15 * (high - low)]
        self.counts.set_xticks(sorted(set(ticks)), [_number(t) for t in sorted(set(ticks))])

    def update(self, scene: Scene) -> None:
        numbers = scene.numbers
        self.image.levels = numbers["levels"]
        counts, edges = np.histogram(numbers["result"][::2, ::2], BINS, self.counts.get_xlim())
        heights = np.sqrt(counts / counts.max())  # the root shows rare results beside frequent ones
        middle = (edges[1:] + edges[:-1]) / 2
        self.steps.set_data(middle, np.zeros(BINS), heights)
        if numbers["centred"]:
            reach = _number(numbers["reach"])
            self.legend.set_text(f"mid-grey 0, white {reach}, black −{reach}")
        else:
            self.legend.set_text("from 0 (black) to 255 (white)")


def _wide(value: float) -> float:
    """Return the next coarse number away from 0."""
    steps = (0, 128, 255, 512, 1024, 2048, 4096, 8192, 20480)
    return float(np.copysign(next(s for s in steps if abs(value) <= s), value)) + 0.0


EXPLORER = Explorer("kernel_editor", "kernel editor", SETTINGS, scene, KernelDrawing, PRESETS, spoken)


class KernelEditor(FigureExplorer):
    """The kernel editor, whose nine weights are also one array: `editor.kernel = np.array([[0, 1, 0], …])`."""

    def __init__(self, **start: Any) -> None:
        kernel = start.pop("kernel", None)
        super().__init__(EXPLORER, **({} if kernel is None else _weights(kernel)), **start)

    @property
    def kernel(self) -> np.ndarray:
        """The kernel (3, 3); change it by setting it, not its elements."""
        return np.array([[self.settings[name] for name in row] for row in names()])

    @kernel.setter
    def kernel(self, kernel: np.ndarray) -> None:
        self.change(**_weights(kernel))


def _weights(kernel: Any) -> Settings:
    kernel = arguments.floats_of_rank("kernel", kernel, "row, column")
    arguments.same_shape("kernel", kernel, (3, 3), "one weight for each slider")
    return {name: weight for row, values in zip(names(), kernel) for name, weight in zip(row, values)}
