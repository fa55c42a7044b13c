"""The pixels of a digit: its numbers under the pointer, an eraser and a pen, and what LeNet-5 reads meanwhile.

The browser computes the same in web/scenes/pixels.js, from the weights of the network and the packed digits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from cnncourse.language import Texts, each_language, fill, joined, listed
from cnncourse.plots.picture import colours
from cnnlib import activations

from . import digits, live
from .edits import DRAWN, ERASED, Edits, marks_of
from .live import Explorer, Scene, sheet, write
from .scene import Choice, Position, Setting, Settings, in_words
from .sheet import INK, SELECT, SOFT
from .words import WORDS

SIDE, LENS, FULL = 28, 7, 255
STROKE = "_".join(f"e{row}.0-11" for row in range(5, 14))  # the short stroke of the tour's digit
EXAMPLE = replace(digits.EXAMPLE, start=10)  # test digit 108

SETTINGS: tuple[Setting, ...] = (
    digits.DIGIT,
    EXAMPLE,
    Choice("brush", "Tool width", (("1", "1 pixel"), ("3", "3 pixels")), "3"),
    Choice("tool", "Tool", (("look", "Look"), ("erase", "Eraser"), ("draw", "Pen")), "look"),
    Edits("changes", "Changed pixels", SIDE, (STROKE, "p13.4-20", "_".join(f"e{r}.0-27" for r in range(SIDE)))),
    Position(label="Pixel", start=(8, 9)),
)

# Every sentence of this explorer, whole, with named gaps. The browser fills the same gaps from the same table.
TEMPLATES: dict[str, Any] = {
    **digits.TEMPLATES,
    "image": "28 × 28 pixels",
    "lens": "their numbers",
    "area": "pixels of the digit",
    "cell": "row {r}, column {c}: {value}",
    "paper": "Row {r}, column {c}: 0 of 255, paper.",
    "ink": "Row {r}, column {c}: 255 of 255, as dark as ink gets.",
    "grey": "Row {r}, column {c}: {value} of 255, {percent} % ink.",
    "rubbed": "Row {r}, column {c}: 0, rubbed out. It was {old}.",
    "drawn": "Row {r}, column {c}: 255, drawn. It was {old}.",
    "count": "28 · 28 = 784 numbers, {ink} of them above 0",
    "whole": "{read}",
    "changed_one": "1 pixel is changed. {read} Unchanged it reads {best} with {p}.",
    "changed": "{n} pixels are changed. {read} Unchanged it reads {best} with {p}.",
    "undo": "Undo",
    "reset": "Whole digit",
    "nothing_to_undo": "Nothing was changed here yet.",
    # the setting as code
    "code_cnnlib": "import numpy as np\n\nfrom cnnlib import activations, datasets, paths, recipes\n\n"
    'network = recipes.load_trained(paths.data_folder() / "lenet5_mnist.npz").network\n'
    "x, labels = datasets.load_digits()[1]\nx = x[np.flatnonzero(labels == {digit})[{example}]][None].copy()\n{edits}"
    "print(np.round(255 * x[0, 0]).astype(int))\n"
    "print(activations.softmax(network.scores(x)).round(2))\n",
    "code_torch": "import numpy as np\nimport torch\n\nfrom cnnlib import datasets, paths, recipes\n\n"
    + digits.TORCH
    + "x, labels = datasets.load_digits()[1]\nx = x[np.flatnonzero(labels == {digit})[{example}]][None].copy()\n{edits}"
    "print(np.round(255 * x[0, 0]).astype(int))\n"
    "print(torch.softmax(network(torch.tensor(x)), dim=1).detach().round(decimals=2))\n",
    "code_edit": "x[0, 0, {row}, {first}:{after}] = {value}\n",
}
TEXTS = Texts(TEMPLATES)
LEGEND = [["window", "the pixel and its number"], ["dashed", "changed pixels"]]


def lens_at(row: int, column: int) -> tuple[int, int]:
    """Return the first row and column of the numbers that are shown around a pixel: it stands in their middle.

    >>> lens_at(8, 9), lens_at(0, 27)
    ((5, 6), (0, 21))
    """
    first, second = (min(max(at - LENS // 2, 0), SIDE - LENS) for at in (row, column))
    return first, second


def scene(digit: int, example: int, changes: str, position: Any, brush: str = "3", tool: str = "look") -> Scene:
    """Return the digit with its changed pixels, what the net reads, and the pixel at `position` in words.

    `brush` and `tool` choose what the pointer does; they change no number.

    >>> scene(5, 10, "", (8, 9)).numbers["pixels"][8, 9]
    np.int64(218)
    """
    before = digits.bundled_digit(digit, example)[0, 0].astype(float)
    marks = marks_of(changes, SIDE)
    image = np.where(marks == ERASED, 0.0, np.where(marks == DRAWN, 1.0, before))
    was, now = (_probabilities(one) for one in (before, image))
    r, c = (min(int(k), SIDE - 1) for k in position)
    numbers = {
        "before": before,
        "image": image,
        "pixels": np.rint(FULL * image).astype(int),
        "changed": image != before,
        "unchanged": was,
        "probabilities": now,
        "predicted": int(now.argmax()),
        "truth": digit,
        "position": [r, c],
    }
    numbers["reading"] = reading(numbers, r, c)
    line = fill(TEXTS["count"], ink=int((numbers["pixels"] > 0).sum()))
    return live.scene((SIDE, SIDE), numbers, (line,), _sentence(numbers), description=_description(numbers))


def _probabilities(image: np.ndarray) -> np.ndarray:
    found: np.ndarray = activations.softmax(digits.lenet().scores(image[None, None]).astype(float))[0]
    return found


def reading(numbers: dict[str, Any], r: int, c: int) -> str:
    """Return a pixel in words: where it is, its number, and what was done to it."""
    value, old = int(numbers["pixels"][r, c]), int(np.rint(FULL * numbers["before"][r, c]))
    name = {0: "paper", FULL: "ink"}.get(value, "grey")
    if numbers["changed"][r, c]:
        name = "drawn" if value else "rubbed"
    percent = live.number(100 * value / FULL, 0)
    return fill(TEXTS[name], r=r, c=c, value=value, old=old, percent=percent)


def _sentence(numbers: dict[str, Any]) -> str:
    read, n = digits.reading(numbers["probabilities"], numbers["truth"]), int(numbers["changed"].sum())
    best = int(numbers["unchanged"].argmax())
    gaps = {"n": n, "best": digits.a(best), "p": digits.share(numbers["unchanged"][best])}
    name = "whole" if n == 0 else "changed_one" if n == 1 else "changed"
    return fill(TEXTS[name], read=read, **gaps)


def _description(numbers: dict[str, Any]) -> str:
    return joined([numbers["reading"], digits.all_ten(numbers["probabilities"])])


def settings_text(settings: Settings) -> str:
    """Return the settings in words; what was changed is said by the scene."""
    named = (s for s in SETTINGS if s.name in ("digit", "example", "brush", "tool"))
    return listed(in_words(s, settings[s.name]) for s in named)


def follow(before: Settings, after: Settings) -> Settings:
    """Return the settings without the changes if the digit is another one: they were made on the one before."""
    other = any(before[name] != after[name] for name in ("digit", "example"))
    return after | {"changes": ""} if other and before["changes"] == after["changes"] else after


def code(settings: Settings, library: str) -> str:
    """Return a program that changes these pixels and asks the network.

    library: "cnnlib" or "torch".
    """
    edits = []
    for run in settings["changes"].split("_") if settings["changes"] else ():
        row, _, columns = run[1:].partition(".")
        first, _, last = columns.partition("-")
        value = int(run[0] == DRAWN)
        edits.append(fill(TEXTS["code_edit"], row=row, first=first, after=int(last or first) + 1, value=value))
    shown = {"digit": settings["digit"], "example": settings["example"], "edits": "".join(edits)}
    return fill(TEXTS[f"code_{library}"], **shown)


@each_language
def data() -> dict[str, Any]:
    """Return what the browser computes any scene from, beside the weights: digits and sentences."""
    return {
        "name": "pixels_of_a_digit",
        **digits.packed(),
        "room": {"laptop": [1, 3], "tablet": [1, 3], "phone": [2, 5], "small": [2, 6]},
        "formulas": 1,
        "texts": TEXTS,
        "words": WORDS,
        "legend": LEGEND,
    }


# ---- the still picture ----------------------------------------------------------------------------------------------

PIXEL, CELL, TOP = 11, 36, 24  # px
TALL = TOP + PIXEL * SIDE + 6
LEFT, BARS = 12 + PIXEL * SIDE + 36, 12 + PIXEL * SIDE + 36 + CELL * LENS + 36

EDGE: dict[str, Any] = {"color": SELECT, "linewidth": 1.0, "linestyle": (0, (2, 1)), "zorder": 4}  # of changed pixels


def picture(settings: Settings, shown: Scene) -> Figure:
    """Return the figure: the digit, the numbers around one of its pixels, and ten bars."""
    figure, axes = sheet(TALL, shown)
    numbers, (r, c) = shown.numbers, shown.numbers["position"]
    top, left = lens_at(r, c)
    write(axes, 12, 12, TEXTS["image"])
    live.picture(axes, 12, TOP, PIXEL * SIDE, PIXEL * SIDE, colours(numbers["image"], False, 1.0))
    write(axes, LEFT, 12, TEXTS["lens"])
    part = numbers["image"][top : top + LENS, left : left + LENS]
    live.picture(axes, LEFT, TOP, CELL * LENS, CELL * LENS, colours(part, False, 2.5))
    for (i, j), value in np.ndenumerate(numbers["pixels"][top : top + LENS, left : left + LENS]):
        write(axes, LEFT + CELL * (j + 0.5), TOP + CELL * (i + 0.5), str(value), 12, ha="center", zorder=4)
    changed = np.pad(numbers["changed"], 1).astype(int)
    for i, j in np.argwhere(np.diff(changed, axis=0)[:, 1:-1]):
        axes.plot([12 + PIXEL * j, 12 + PIXEL * (j + 1)], [TOP + PIXEL * i] * 2, **EDGE)
    for i, j in np.argwhere(np.diff(changed, axis=1)[1:-1]):
        axes.plot([12 + PIXEL * j] * 2, [TOP + PIXEL * i, TOP + PIXEL * (i + 1)], **EDGE)
    x, y, side = 12 + PIXEL * left, TOP + PIXEL * top, PIXEL * LENS
    beam = ((x + side, y), (LEFT, TOP), (LEFT, TOP + CELL * LENS), (x + side, y + side))
    axes.add_patch(Polygon(beam, color=SELECT, alpha=0.1, linewidth=0, zorder=4))
    _frame(axes, x, y, side, edgecolor=SELECT, linewidth=1.2)
    _frame(axes, 12 + PIXEL * c, TOP + PIXEL * r, PIXEL, edgecolor=SELECT, linewidth=2.2)
    _frame(axes, LEFT + CELL * (c - left), TOP + CELL * (r - top), CELL, edgecolor=SELECT, linewidth=2.2)
    write(axes, BARS, 12, TEXTS["probabilities"], color=INK)
    write(axes, live.WIDE - 12, 12, TEXTS["truth"], 11, color=SOFT, ha="right")
    digits.bars(axes, BARS, TOP, 110, numbers["probabilities"], numbers["truth"], CELL * LENS / 10)
    return figure


def _frame(axes: Any, x: float, y: float, side: float, **looks: Any) -> None:
    axes.add_patch(Rectangle((x, y), side, side, fill=False, zorder=5, **looks))


EXPLORER = Explorer(
    "pixels_of_a_digit",
    "pixels of a digit",
    SETTINGS,
    scene,
    data,
    picture=picture,
    result="pixels",
    settings_text=settings_text,
    follow=follow,
)
