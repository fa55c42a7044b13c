"""Parameter calculator: a fully connected layer and a convolution on the same image, their parameters counted."""

from __future__ import annotations

from typing import Any

from matplotlib.artist import Artist
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullLocator

from .. import geometry
from ..plots.picture import COLOURS, INK, PAPER
from .figure import Drawing, Explorer, Scene, Stops, raised

SIZES = (3, 4, 5, 8, 12, 16, 20, 24, 28, 32, 48, 64, 100, 128, 160, 192, 224, 227, 256, 384, 512, 640, 800, 1000)
DEPTHS = (1, 2, 3, 4, 6, 8, 10, 16, 20, 32, 64, 96, 128, 256, 512)
UNITS = (1, 2, 5, 10, 20, 50, 84, 100, 120, 200, 500, 1000, 2000, 4096, 10_000, 20_000, 50_000, 100_000, 1_000_000)
FILTERS = (1, 2, 3, 5, 6, 8, 10, 16, 20, 32, 64, 96, 100, 128, 256, 384, 512)

SETTINGS = (
    Stops("size", "Image size", "W = H", SIZES, 256),
    Stops("depth", "Image depth", "D", DEPTHS, 3),
    Stops("units", "Units", "", UNITS, 1000),
    Stops("kernel", "Kernel size", "F", tuple(range(1, 12)), 3),
    Stops("filters", "Filters", "N", FILTERS, 10),
)
PRESETS = (
    ("1000 × 1000 into 100 units", {"size": 1000, "depth": 1, "units": 100, "kernel": 10, "filters": 100}),
    ("256 × 256 × 3 into 1000 units", {"size": 256, "depth": 3, "units": 1000}),
    ("3 × 3 kernels, 3 to 10 channels", {"depth": 3, "kernel": 3, "filters": 10}),
    ("AlexNet’s first layer", {"size": 227, "depth": 3, "kernel": 11, "filters": 96}),
)
LARGEST = 15  # power of ten at the end of the axis: 1000 · 1000 · 512 · 10⁶ is below


def scene(size: int, depth: int, units: int, kernel: int, filters: int) -> Scene:
    """Return the parameters of both layers on an image of size x size x depth, and the formulas with numbers put in.

    >>> scene(256, 3, 1000, 3, 10).numbers["fully_connected"]
    196609000
    """
    dense = geometry.linear_parameters(size * size * depth, units)
    numbers: dict[str, Any] = {"fully_connected": dense, "convolution": None}
    line = f"fully connected: (W·H·D + 1) · units = ({size}·{size}·{depth} + 1) · {units:,} = {dense:,}"
    if kernel > size:
        message = (
            f"The kernel does not fit: {kernel} × {kernel} is larger than the image of {size} × {size}. "
            f"What would fit: F of at most {size}, or an image of at least {kernel} × {kernel}."
        )
        return Scene(numbers, (line,), "", message)
    shared = geometry.convolution_parameters(depth, filters, kernel)
    maps = geometry.output_size(size, kernel)
    numbers |= {"convolution": shared, "map_size": maps, "ratio": dense / shared}
    formula = f"convolution: (F·F·D + 1) · N = ({kernel}·{kernel}·{depth} + 1) · {filters} = {shared:,}"
    return Scene(numbers, (line, formula), _sentence(size, filters, dense, shared, maps))


def _sentence(size: int, filters: int, dense: int, shared: int, maps: int) -> str:
    if dense == shared:
        compared = "Both have the same number of parameters"
    elif dense > shared:
        compared = f"The fully connected layer has {times(dense / shared)} times as many parameters as the convolution"
    else:
        compared = f"The convolution has {times(shared / dense)} times as many parameters as the fully connected layer"
    given = f"{filters} map{'' if filters == 1 else 's'} of {maps} × {maps}"
    return f"{compared}, which gives {given} and would have no more parameters on a larger image than {size} × {size}."


def times(ratio: float) -> str:
    """Return a ratio with about three digits.

    >>> times(1.234), times(9901.99)
    ('1.23', '9,900')
    """
    if ratio < 100:
        return f"{ratio:.3g}"
    rounded = float(f"{ratio:.3g}")
    return f"{rounded:,.0f}"


class ParameterDrawing(Drawing):
    """Two bars on one log scale that never moves, each with its number."""

    size = (7.8, 1.9)

    def build(self) -> None:
        self.axes = self.figure.subplots()
        self.figure.subplots_adjust(left=0.15, right=0.97, top=0.97, bottom=0.27)
        self.axes.set(xscale="log", xlim=(1, 10.0**LARGEST), ylim=(-0.55, 1.55), xlabel="parameters (log scale)")
        powers = range(0, LARGEST + 1, 3)
        self.axes.set_xticks([10.0**k for k in powers], [f"10{raised(k)}" for k in powers])
        self.axes.xaxis.set_minor_locator(NullLocator())
        self.axes.set_yticks([1, 0], ["fully\nconnected", "convolution"])
        self.axes.grid(axis="y", visible=False)
        self.axes.tick_params(axis="y", length=0)
        looks = [{"facecolor": COLOURS[0]}, {"facecolor": PAPER, "edgecolor": COLOURS[1], "hatch": "////"}]
        self.bars = [
            self.axes.add_patch(Rectangle((1, y - 0.3), 1, 0.6, linewidth=1.2, **look))
            for y, look in zip((1, 0), looks)
        ]
        box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5}
        self.tags = [self.axes.text(1, y, "", va="center", color=INK, fontsize=11, bbox=box) for y in (1, 0)]

    def moving(self) -> list[Artist]:
        return [*self.bars, *self.tags]

    def frame(self, scene: Scene) -> Any:
        return None

    def set_frame(self, scene: Scene) -> None:
        pass

    def update(self, scene: Scene) -> None:
        for bar, tag, name in zip(self.bars, self.tags, ("fully_connected", "convolution")):
            count = scene.numbers[name]
            bar.set_width((count or 1) - 1)
            bar.set_visible(count is not None)
            inside = (count or 1) > 1e11  # no room to the right of a long bar
            tag.set_text("does not fit: the kernel is larger than the image" if count is None else f"{count:,}")
            tag.set_position(((count or 1) * (0.6 if inside else 1.7), tag.get_position()[1]))
            tag.set_ha("right" if inside else "left")


EXPLORER = Explorer("parameter_calculator", "parameter calculator", SETTINGS, scene, ParameterDrawing, PRESETS)
