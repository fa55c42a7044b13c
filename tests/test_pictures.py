"""What pictures look like: figures of all kinds, and every explorer as a page without widgets shows it.

They are compared with those stored in tests/baseline.

`make test` compares them, by pytest-mpl. After a change that is meant, look at the new ones and store them with
    python -m pytest tests/test_pictures.py --mpl-generate-path=tests/baseline
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from kept import kept
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import Collection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.spines import Spine
from matplotlib.text import Annotation, Text
from PIL import Image

from cnncourse import explorers, plots
from cnncourse.explorers import curves_still, live, still
from cnncourse.plots import grid, picture
from cnnlib import BatchNorm2d, Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Residual, Sequential

WAVES = np.stack([np.sin(np.arange(8) * k)[:, None] * np.cos(np.arange(7) * (k + 1)) for k in range(1, 7)])
IMAGE = np.clip(1.2 - np.hypot(*np.mgrid[-1:1:12j, -1:1:12j]), 0, 1)[None]
COLOURED = np.stack([IMAGE[0], IMAGE[0].T[::-1] * np.linspace(0, 1, 12), np.tri(12)])
X = np.arange(-12, 13).reshape(5, 5)
KERNEL = np.array([[1, 0], [0, -1]])
NETWORK = Sequential(Conv2d(1, 3, 5), ReLU(), MaxPool2d(2), Flatten(), Linear(432, 10))
BLOCKS = Sequential(
    Conv2d(1, 4, 3),
    Residual(Conv2d(4, 4, 3, padding=1), BatchNorm2d(4), ReLU(), Conv2d(4, 4, 3, padding=1), BatchNorm2d(4)),
    ReLU(),
    Dropout(0.5),
)
HISTORY = {
    "loss": [2.3, 0.9, 0.5],
    "accuracy": [0.1, 0.7, 0.9],
    "val_loss": [2, 1, 0.8],
    "val_accuracy": [0.2, 0.6, 0.7],
}
P = np.array([0.05, 0.7, 0.2, 0.05])


def in_place(shown: plots.Picture) -> plots.Picture:
    """Fix where the axes lie: the layout depends on the size of letters, which differs between versions of FreeType."""
    shown.figure.axes[0].set_position((0.12, 0.18, 0.84, 0.72))
    return shown


PICTURES: dict[str, Callable[[], plots.Picture]] = {
    "marks": lambda: plots.grids(
        grid(X, "x", marks=[(1, 1, 2, 2), (3, 3, 2, 2)]),
        "⋆",
        grid(KERNEL, "w"),
        "=",
        grid(np.full((4, 4), -6), "net", marks=[(1, 1), (3, 3)]),
        title="A window and its cell",
    ),
    "padding": lambda: plots.grids(
        grid(np.arange(12).reshape(3, 4), "x", padding=1, lost=(1, 0), caption="frame of 0"),
        "→",
        grid(np.array([[3, 0], [0, 7]]), "y", faint=np.array([[False, True], [True, False]])),
    ),
    "dilation": lambda: plots.grids(grid(np.ones((5, 5)), marks=[plots.Window(0, 0, 3, 3, 2)], numbers=False)),
    "texts": lambda: plots.grids(
        grid(np.array([["w00", "0"], ["w10", "w11"]]), "W"), "×", grid(KERNEL, fill=False), "=", X
    ),
    "stacks": lambda: plots.grids([X, X, X], "⋆", [KERNEL] * 3, "→", grid(X[:2, :2], "sum")),
    "partial_maps": lambda: plots.partial_maps(np.stack([X, -X]), np.stack([KERNEL] * 2), 1, marks=[(0, 1)]),
    "heat_map": lambda: plots.heat_map(X[:4], "how often", row_label="row", column_label="column", numbered=True),
    "confusion_matrix": lambda: plots.confusion_matrix(
        np.array([0, 0, 1, 1, 1, 2, 3, 3]), np.array([0, 1, 1, 1, 1, 3, 2, 2]), 4
    ),
    "images": lambda: plots.images([IMAGE, COLOURED, IMAGE[:, :8]], ["ink", "in colours", "low"], title="Images"),
    "image_numbers": lambda: plots.image_numbers((IMAGE * 255).astype(np.uint8), (2, 3, 3, 4)),
    "feature_maps": lambda: plots.feature_maps({"net": WAVES, "ReLU": np.maximum(WAVES, 0)}, list("abcdef")),
    "kernels": lambda: plots.kernels(np.round(WAVES[:4, None, :3, :3], 1)),
    "kernels_with_depth": lambda: plots.kernels(WAVES.reshape(3, 2, 8, 7)),
    "layer_maps": lambda: plots.layer_maps({"image": IMAGE, "CONV": WAVES, "FC": WAVES[:5, 1, 0], "p": P}, truth=2),
    "probabilities": lambda: plots.probabilities(P, image=IMAGE, truth=2, names=["cat", "dog", "horse", "owl"]),
    "curves": lambda: in_place(
        plots.curves(
            np.arange(1, 30),
            {"loops": np.arange(1, 30) ** 2.0, "fast": np.arange(1.0, 30)},
            xlabel="n",
            ylabel="s",
            log_y=True,
        )
    ),
    "learning_curves": lambda: plots.learning_curves(HISTORY, epochs=6),
    "histogram": lambda: in_place(plots.histogram(WAVES, xlabel="net", bins=12)),
    "bars": lambda: plots.bars(
        {"dense": 95_000, "shared": 28_000}, xlabel="parameters", highlight=["shared"], title="Bars"
    ),
    "volumes": lambda: plots.network_volumes(NETWORK, (1, 28, 28), title="A small network"),
    "residual": lambda: plots.network_volumes(BLOCKS, (1, 12, 12), title="A block"),
}

# What stands on pages where no widget lives, as on GitHub, at settings with something to see.
EXPLORERS: dict[str, Callable[[], Any]] = {
    "activation": lambda: explorers.activation_function(),
    "architecture": lambda: explorers.network_architecture(),
    "canvas": lambda: explorers.canvas_of_digits(),
    "chain": lambda: explorers.chain_of_units(),
    "channels": lambda: explorers.convolution_over_channels(position=(1, 2)),
    "corrupted": lambda: explorers.corrupted_digit(),
    "delta_of_pooling": lambda: explorers.pooling_sensitivity(size=3, stride=1, map="ties"),
    "depth": lambda: explorers.depth_of_a_stack(),
    "digit_pad": lambda: explorers.drawing_pad(),
    "dilated_window": lambda: explorers.padding_and_stride(size=10, dilation=2, stride=2, padding=(1, 0), kernel=3),
    "film": lambda: explorers.training_film(epoch=8, digit=2),
    "kernel_on_photograph": lambda: explorers.kernel_on_a_photograph(),
    "lenet": lambda: explorers.layers_of_lenet(),
    "matrix": lambda: explorers.matrix_of_a_convolution(size=4, kernel=2, stride=2),
    "one_dimension": lambda: explorers.convolution_in_one_dimension(),
    "parameters": lambda: explorers.count_of_parameters(),
    "pooling": lambda: explorers.pooling_step_by_step(size=3, stride=2, padding=1, position=(1, 2)),
    "rate": lambda: explorers.learning_rate(),
    "receptive_field": lambda: explorers.stacked_receptive_field(size=12, layers=3, position=(2, 3)),
    "sensitivity": lambda: explorers.sensitivity_stepper(),
    "stacked_kernels": lambda: explorers.stacked_kernels(),
    "stride_back": lambda: explorers.sensitivity_through_stride(),
    "training_step": lambda: explorers.training_step(look="net0_01", steps=2),
    "transposed": lambda: explorers.transposed_convolution(),
}

TOLERANCE = 1.5  # root of the mean squared difference of all pixels, 0 … 255
# Cells of an image that do not end between two pixels lie one pixel further in some versions of Matplotlib.
TOLERANCES = {"layer_maps": 8, "probabilities": 3, "feature_maps": 3, "kernels_with_depth": 3}
TOLERANCES |= dict.fromkeys(("canvas", "corrupted", "digit_pad", "film", "lenet"), 3)
# Dots for each pixel of a page: enough to see what moved, few enough for a photograph.
EXPLORER_SHARPNESS = {"kernel_on_photograph": 0.35}


class WithoutLetters:
    """A figure as pytest-mpl saves it: with a bar for each text, as versions of FreeType draw letters differently."""

    def __init__(self, figure: Figure, sharpness: float = 1) -> None:
        self.figure, self.sharpness = figure, sharpness
        for axes in figure.axes:
            if axes.get_legend():
                axes.get_legend().set_visible(False)
            axes.tick_params(labelbottom=False, labelleft=False)
        on_axes = [
            text for axes in figure.axes for text in axes.texts if not axes.axison or isinstance(text, Annotation)
        ]
        figure.patches.extend(bar(text, figure) for text in (*figure.texts, *on_axes) if text.get_text())
        for text in figure.findobj(Text):
            text.set_visible(False)

    def savefig(self, path: str | Path, **options: Any) -> None:
        image = Image.fromarray(picture.pixels(self.figure, self.sharpness))
        image.quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)


def bar(text: Text, figure: Figure) -> Rectangle:
    """Return a rectangle of the place that a text takes on a figure, in the colour of the text."""
    if isinstance(text, Annotation):
        text.update_positions(FigureCanvasAgg(figure).get_renderer())
    size, place = text.get_fontsize(), text.get_unitless_position()
    width = picture.text_width(text.get_text(), size, text.get_fontweight() == "bold")
    height = 0.6 * size / 72 * len(text.get_text().split("\n"))
    if text.get_rotation():
        width, height = height, width
    x, y = text.get_transform().transform(place) / figure.dpi  # inches
    x -= {"left": 0, "center": width / 2, "right": width}[text.get_ha()]
    y -= {"top": height, "bottom": 0, "baseline": 0}.get(text.get_va(), height / 2)
    looks: dict[str, Any] = {"color": text.get_color(), "alpha": text.get_alpha(), "linewidth": 0}
    return Rectangle((x, y), width, height, transform=figure.dpi_scale_trans, figure=figure, **looks)


class Drawn(Exception):
    """Raised with a figure in place of making its bytes."""


def caught(figure: Figure, *_: Any) -> None:
    raise Drawn(figure)


# Matplotlib before 3.11 lays an image half a pixel elsewhere: one with fine detail is then another picture.
WITH_IMAGES = {"canvas", "corrupted", "digit_pad", "film", "kernel_on_photograph", "lenet", "transposed"}
OTHER_PLACES = tuple(map(int, matplotlib.__version__.split(".")[:2])) < (3, 11)


def compared(name: str) -> Any:
    tolerance = TOLERANCES.get(name, TOLERANCE)
    marks = [pytest.mark.mpl_image_compare(filename=f"{name}.png", tolerance=tolerance)]
    if name in WITH_IMAGES and OTHER_PLACES:
        marks.append(pytest.mark.skip(reason="Matplotlib before 3.11 lays images half a pixel elsewhere"))
    return pytest.param(name, marks=marks)


@pytest.mark.parametrize("name", map(compared, PICTURES))
def test_a_figure_looks_as_it_did(name: str) -> WithoutLetters:
    return WithoutLetters(PICTURES[name]().figure)


def figure_of(name: str, monkeypatch: pytest.MonkeyPatch) -> Figure:
    """Return the figure that an explorer makes its bytes of."""
    with monkeypatch.context() as patch, pytest.raises(Drawn) as drawn:
        for module, function in ((still, "encoded"), (curves_still, "encoded"), (live, "pixels"), (picture, "pixels")):
            patch.setattr(module, function, caught)
        EXPLORERS[name]()._repr_mimebundle_()
    return drawn.value.args[0]


@pytest.mark.parametrize("name", map(compared, EXPLORERS))
def test_an_explorer_on_paper_looks_as_it_did(name: str, monkeypatch: pytest.MonkeyPatch) -> WithoutLetters:
    return WithoutLetters(figure_of(name, monkeypatch), EXPLORER_SHARPNESS.get(name, 0.5))


def measured(artist: Any) -> Iterator[tuple[str, list[float]]]:
    """Yield (kind and colours, coordinates) of the shapes, lines, texts and images of a figure; px of the page.

    A text that is a number counts among the coordinates.
    """
    if isinstance(artist, Text) and artist.get_text():
        said = artist.get_text().replace("−", "-")
        number = [float(said)] if re.fullmatch(r"-?\d+(\.\d+)?", said) else []
        looks = f"{to_hex(artist.get_color())} {artist.get_fontweight()} {artist.get_ha()} {artist.get_va()}"
        yield f"text {looks}", [*artist.get_unitless_position(), artist.get_fontsize(), *number]
    elif isinstance(artist, Patch):
        vertices = artist.get_patch_transform().transform_path(artist.get_path()).vertices
        yield f"patch {coloured(artist)}", [*vertices.ravel(), artist.get_linewidth()]
    elif isinstance(artist, Line2D):
        looks = f"{to_hex(artist.get_color())} {artist.get_linestyle()} {artist.get_marker()}"
        yield f"line {looks}", [*artist.get_xydata().ravel(), artist.get_linewidth(), artist.get_markersize()]
    elif isinstance(artist, Collection):
        numbers = np.concatenate([path.vertices.ravel() for path in artist.get_paths()] or [np.zeros(0)])
        offsets = np.ravel(np.ma.filled(artist.get_offsets(), 0))
        yield type(artist).__name__, [*numbers, *offsets, *artist.get_linewidths(), *np.ravel(artist.get_facecolor())]
    elif isinstance(artist, AxesImage):
        yield "image", [*artist.get_extent(), float(np.mean(artist.get_array()))]


def coloured(patch: Patch) -> str:
    edge, face = (to_hex(colour, keep_alpha=True) for colour in (patch.get_edgecolor(), patch.get_facecolor()))
    return f"{face} in {edge} {patch.get_linestyle()} {patch.get_hatch() or ''}".strip()


def in_numbers(figure: Figure) -> list[str]:
    """Return how much there is of each kind and colour, and the sum of its coordinates, each times its place."""
    found: dict[str, list[float]] = {}
    counts: Counter[str] = Counter()
    for axes in figure.axes:
        own = [one for one in axes.get_children() if one is not axes.patch and not isinstance(one, Spine | Axis)]
        for artist in (one for one in own if one.get_visible()):
            for kind, numbers in measured(artist):
                found.setdefault(kind, []).extend([*numbers, artist.get_zorder()])
                counts[kind] += 1
    sums = {kind: float(np.dot(numbers, 1 + np.arange(len(numbers)) % 97)) for kind, numbers in found.items()}
    return [f"    {counts[kind]} × {kind}: {sums[kind]:.1f}" for kind in sorted(found)]


def test_what_explorers_on_paper_consist_of_is_what_was_looked_at(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that moves by a pixel, or another number in a cell, is too little for a picture with some tolerance."""
    lines = [line for name in EXPLORERS for line in (name, *in_numbers(figure_of(name, monkeypatch)))]
    assert kept("explorers.txt", lines, request.config, tolerance=0.5) == []


def test_pictures_are_compared(request: pytest.FixtureRequest) -> None:
    """Without --mpl, which pyproject.toml asks for, pytest-mpl would draw the figures and pass."""
    assert request.config.getoption("--mpl") or request.config.getoption("--mpl-generate-path")
    stored = {path.stem: path.stat().st_size for path in (Path(__file__).parent / "baseline").glob("*.png")}
    assert set(stored) == {*PICTURES, *EXPLORERS}
    assert max(stored.values()) <= 15_000
