"""Kernel editor: nine weights, a divisor and a bias, and what they make of a photograph.

The browser computes the same results in web/scenes/kernel.js.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.cbook import get_sample_data
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from PIL import Image

from cnncourse.language import Texts, each_language, fill, joined, say
from cnnlib import arguments
from cnnlib.convolution import cross_correlate2d

from . import live
from .live import Explorer, LiveExplorer, Scene, number, sheet, write
from .scene import Position, Setting, Settings, Switch
from .sheet import LINE, SELECT, tint
from .stops import Real, Stops
from .words import WORDS

SIDE = 256  # pixels of the photograph, rows and columns
MANY = 0.25  # from this share of negative results on, mid-grey stands for 0
BINS = 64  # of the count of results


def names() -> list[list[str]]:
    """Return the names of the nine weights as they stand in the kernel."""
    return [[f"w{m}{n}" for n in range(3)] for m in range(3)]


IDENTITY = ((0, 0, 0), (0, 1, 0), (0, 0, 0))
WEIGHTS = tuple(
    Real(name, f"Weight, row {m}, column {n}", "", -8, 8, 0.5, IDENTITY[m][n], "kernel")
    for m, row in enumerate(names())
    for n, name in enumerate(row)
)
SETTINGS: tuple[Setting, ...] = (
    *WEIGHTS,
    Stops("divisor", "Divisor", "", tuple(range(1, 17)), 1),
    Real("bias", "Bias", "", -128, 128, 8, 0),
    Switch("letters", "Letters in the cells"),
    Position(label="Window", start=(84, 118)),
)

# Every sentence of this explorer, whole, with named gaps. The browser fills the same gaps from the same table.
TEMPLATES: dict[str, Any] = {
    "photograph": "Photograph 256 × 256",
    "kernel": "Kernel",
    "kernel_how": "Kernel: drag, type or ↑ ↓",
    "products": "Pixel · weight",
    "result": "Result 254 × 254",
    "window": "window on the photograph",
    "weight": "weight row {m}, column {n}",
    "place": "row {r}, column {c}: {value}",
    "black_white": "0 black, 255 white",
    "grey_short": "0 is mid-grey",
    "grey": "black {low}, mid-grey 0, white {high}",
    # what is computed
    "formula": "result = sum of weight · pixel{divisor}{bias}",
    "divisor": " / {divisor}",
    "plus": " + {bias}",
    "minus": " − {bias}",
    "spans": "from {low} to {high}, {negative} of the results negative",
    "none": "none",
    "little": "under 1 %",
    "percent": "{n} %",
    # what is seen: the weights together, what flat areas become, how the result is shown
    "nothing": "All weights are 0: every result is the bias, whatever the picture.",
    "total": "The weights add up to {total}: where the picture is flat, {flat}.",
    "total_divided": "The weights add up to {total}, divided by {divisor} that is {gain}: where the picture is flat, "
    "{flat}.",
    "flat_same": "it stays as it is",
    "flat_shifted": "the result is the pixel plus the bias",
    "flat_zero": "the result is 0",
    "flat_bias": "the result is the bias alone",
    "flat_times": "the result is {gain} times the pixel",
    "flat_times_bias": "the result is {gain} times the pixel plus the bias",
    "centred": "Mid-grey is 0, white {high}, black {low}.",
    "clipped": "Shown from 0 (black) to 255 (white).",
    "clipped_below": "Shown from 0 (black) to 255 (white), {below} below 0 as black.",
    "clipped_above": "Shown from 0 (black) to 255 (white), {above} above 255 as white.",
    "clipped_both": "Shown from 0 (black) to 255 (white), {below} below 0 as black and {above} above 255 as white.",
    # the window
    "reading": "Window at row {r}, column {c}: {terms} = {sum}{divisor}{bias} = {value}",
    "reading_sum": "Window at row {r}, column {c}: {terms} = {sum}",
    "no_terms": "0",
    # the setting as code
    "code_cnnlib": "import numpy as np\nfrom cnncourse.explorers.kernel_editor import photograph\n\nimport cnnlib\n\n"
    "x = photograph()\nw = np.array({w})\nresult = cnnlib.conv2d(x[None, None], w[None, None])[0, 0]\n"
    "result = result / {divisor}{bias}\nprint(result.min(), result.max())\n",
    "code_torch": "import torch\nfrom cnncourse.explorers.kernel_editor import photograph\n\n"
    "x = torch.tensor(photograph().tolist())\nw = torch.tensor({w}, dtype=torch.float32)\n"
    "result = torch.nn.functional.conv2d(x[None, None], w[None, None])[0, 0] / {divisor}{bias}\n"
    "print(result.min(), result.max())\n",
}
TEXTS = Texts(TEMPLATES)
LEGEND = [["window", "the window and its result"], ["signs", "below and above 0"]]


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
    sample: Any = get_sample_data("grace_hopper.jpg")
    with sample as file, Image.open(file) as image:
        grey = image.convert("L")
        square = grey.crop((0, 0, grey.width, grey.width)).resize((SIDE, SIDE), Image.Resampling.BOX)
    pixels = np.asarray(square, dtype=float)
    pixels.setflags(write=False)
    return pixels


def scene(
    divisor: int,
    bias: float,
    letters: bool = False,
    position: Sequence[int] = (0, 0),
    **weights: float,
) -> Scene:
    """Return the photograph filtered: the sum of weights times pixels, divided by the divisor, plus the bias.

    Results are (254, 254): the window stays inside. If a quarter of them is negative or more, they are shown with 0 in
    mid-grey and the largest size in white or black, else from 0 to 255 with what lies outside cut. `letters` and
    `position` choose what is pointed out.

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
    row, column = (min(int(k), SIDE - 3) for k in position)
    window = photograph()[row : row + 3, column : column + 3]
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
        "window": window,
        "products": window * kernel,
    }
    sign = {} if not bias else {"bias": fill(TEXTS["plus" if bias > 0 else "minus"], bias=number(abs(bias)))}
    over = {"divisor": fill(TEXTS["divisor"], divisor=divisor)} if divisor > 1 else {}
    lines = (
        fill(TEXTS["formula"], **{"divisor": "", "bias": ""} | over | sign),
        fill(TEXTS["spans"], low=number(low), high=number(high), negative=_share(negative)),
    )
    return live.scene(result.shape, numbers, lines, _sentence(kernel, divisor, bias, numbers))


def _share(share: float) -> str:
    if share == 0:
        return str(TEXTS["none"])
    return str(TEXTS["little"] if share < 0.01 else fill(TEXTS["percent"], n=int(100 * share + 0.5)))


def _sentence(kernel: np.ndarray, divisor: int, bias: float, numbers: dict[str, Any]) -> str:
    if not kernel.any():
        return str(TEXTS["nothing"])
    total = float(kernel.sum())
    gain = total / divisor
    flat = {0.0: "flat_zero", 1.0: "flat_same"}.get(gain, "flat_times")
    if bias:
        flat = {0.0: "flat_bias", 1.0: "flat_shifted"}.get(gain, "flat_times_bias")
    gaps = {"total": number(total), "divisor": divisor, "gain": number(gain, 2)}
    gaps |= {"flat": fill(TEXTS[flat], **gaps)}
    return joined([fill(TEXTS["total_divided" if divisor > 1 else "total"], **gaps), _shown(numbers)])


def _shown(numbers: dict[str, Any]) -> str:
    if numbers["centred"]:
        reach = numbers["reach"]
        return fill(TEXTS["centred"], high=number(reach), low=number(-reach))
    below, above = numbers["negative"], numbers["above"]
    name = "clipped" + ("_both" if below and above else "_below" if below else "_above" if above else "")
    return fill(TEXTS[name], below=_share(below), above=_share(above))


def code(settings: Settings, library: str) -> str:
    """Return a program that computes the result of these settings.

    library: "cnnlib" or "torch".
    """
    rows = ",\n".join(f"    [{', '.join(f'{settings[name]:g}' for name in row)}]" for row in names())
    bias = settings["bias"]
    sign = f" {'+' if bias > 0 else '-'} {abs(bias):g}" if bias else ""
    return fill(TEXTS[f"code_{library}"], w=f"[\n{rows},\n]", divisor=settings["divisor"], bias=sign)


def settings_text(settings: Settings) -> str:
    """Return the settings in words: the kernel row by row."""
    rows = "; ".join(" ".join(f"{settings[name]:g}" for name in row) for row in names())
    gaps = {"rows": rows, "divisor": settings["divisor"], "bias": f"{settings['bias']:g}"}
    return say("kernel {rows}, divisor {divisor}, bias {bias}", **gaps).replace("-", "−")


@each_language
def data() -> dict[str, Any]:
    """Return what the browser computes any scene from: the photograph, a byte for each pixel, and the sentences."""
    return {
        "name": "kernel_on_a_photograph",
        "photo": base64.b64encode(photograph().astype(np.uint8).tobytes()).decode("ascii"),
        "side": SIDE,
        "many": MANY,
        "bins": BINS,
        "presets": [[label, values] for label, values in PRESETS],
        "texts": TEXTS,
        "words": WORDS,
        "legend": LEGEND,
    }


# ---- the still picture ----------------------------------------------------------------------------------------------

TALL, TOP, CELL = 320, 30, 44  # px
LEFT, MIDDLE, RIGHT = 12, 347, 576  # where photograph, kernel and result begin
LENS = 50  # px of a cell of the products


def picture(settings: Settings, shown: Scene) -> Figure:
    """Return the figure of photograph, kernel, products of the window, and result."""
    figure, axes = sheet(TALL, shown)
    numbers = shown.numbers
    row, column = settings["position"]
    side = SIDE  # a pixel of the page for each of the photograph: nothing is smoothed
    for x, title, pixels in (
        (LEFT, "photograph", photograph()),
        (RIGHT, "result", numbers["levels"]),
    ):
        write(axes, x, 16, TEXTS[title])
        live.picture(axes, x, TOP, side, side, pixels)
    unit = side / SIDE
    window = (LEFT + unit * column, TOP + unit * row, 3 * unit, 3 * unit)
    lens = (MIDDLE, TOP + 3 * CELL - 2, 3 * LENS, 3 * LENS)
    pixel = (RIGHT + side / (SIDE - 2) * column, TOP + side / (SIDE - 2) * row, unit, unit)
    write(axes, MIDDLE + 0.5 * (3 * LENS - 3 * CELL), 16, TEXTS["kernel"])
    _cells(axes, MIDDLE + 0.5 * (3 * LENS - 3 * CELL), TOP - 4, CELL, numbers["kernel"], 8.0)
    _cells(axes, lens[0], lens[1] + 10, LENS, numbers["products"], max(4.0, np.abs(numbers["products"]).max()))
    lens = (lens[0], lens[1] + 10, *lens[2:])
    for one, other in ((window, lens), (lens, pixel)):
        corners = [
            (one[0] + one[2], one[1]),
            other[:2],
            (other[0], other[1] + other[3]),
            (one[0] + one[2], one[1] + one[3]),
        ]
        axes.add_patch(Polygon(corners, facecolor=SELECT, alpha=0.12, linewidth=0, zorder=1))
    for x, y, w, h in (window, lens, pixel):
        axes.add_patch(Rectangle((x - 1, y - 1), w + 2, h + 2, fill=False, edgecolor=SELECT, linewidth=1.6, zorder=5))
    return figure


def _cells(axes: Any, x: float, y: float, cell: float, values: np.ndarray, largest: float) -> None:
    for (r, c), value in np.ndenumerate(values):
        looks: dict[str, Any] = {"facecolor": tint(float(value), largest), "edgecolor": LINE, "linewidth": 0.75}
        axes.add_patch(Rectangle((x + c * cell, y + r * cell), cell, cell, **looks))
        write(axes, x + (c + 0.5) * cell, y + (r + 0.5) * cell, number(value), 13, ha="center")


EXPLORER = Explorer(
    "kernel_on_a_photograph",
    "kernel editor",
    SETTINGS,
    scene,
    data,
    picture=picture,
    result="result",
    presets=PRESETS,
    settings_text=settings_text,
)


class KernelEditor(LiveExplorer):
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
    kernel = arguments.as_float_array("kernel", kernel, "row, column")
    arguments.same_shape("kernel", kernel, (3, 3), "one weight for each cell")
    return {name: weight for row, values in zip(names(), kernel) for name, weight in zip(row, values)}
