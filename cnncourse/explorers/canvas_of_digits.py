"""A canvas of digits: LeNet-5 without fully connected layers reads all windows of a larger picture in one pass.

The browser computes the same in web/scenes/canvas.js, from the weights of the network and ten small digits.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from cnncourse.language import Texts, between, each_language, fill, joined, mark, say, translated
from cnncourse.plots.picture import colours
from cnnlib import Conv2d, MaxPool2d, ReLU, Sequential, activations, datasets, geometry

from . import digits, live
from .live import Explorer, Scene, number, sheet, write
from .scene import Choice, Position, Setting, Settings
from .sheet import INK, SELECT, SOFT
from .stops import Stops
from .words import WORDS

ROWS, COLUMNS, RING = 48, 104, 2  # pixels of the picture, and of the padding around it
SIDE = 24  # of a digit, two empty pixels on each side: as large as LeNet-5 knows them from MNIST
WINDOW, STEP = 32, 4
PLACES = (
    geometry.output_size(ROWS + 2 * RING, WINDOW, STEP),
    geometry.output_size(COLUMNS + 2 * RING, WINDOW, STEP),
)
MIDDLE = (WINDOW - SIDE) // 2 - RING  # where a digit begins in the picture that is in the middle of window 0
SURE, NEAR = 0.9, 2  # the probability of a sure window; how far from its middle, in pixels, a digit counts
WHICH = (80, 144, 256, 63, 52, 127, 64, 62, 6, 71)  # for every class one of the test digits
START = ((3, 2, 2), (8, 22, 26), (0, 2, 50), (1, 18, 74))  # class, row, column: the canvas of chapter 13

NONE = ("none", "none")
SETTINGS: tuple[Setting, ...] = (
    *(
        Choice(f"digit_{k}", f"Digit {k}", (NONE, *((str(d), str(d)) for d in range(10))), str(start[0]))
        for k, start in enumerate(START, 1)
    ),
    Choice("map", "Map", (("best", "best class"), *((str(d), f"class {d}") for d in range(10))), "best"),
    *(
        Stops(f"{axis}_{k}", f"Digit {k}, {axis}", "", tuple(range(most - SIDE + 1)), start[which], "places")
        for k, start in enumerate(START, 1)
        for axis, most, which in (("row", ROWS, 1), ("column", COLUMNS, 2))
    ),
    Position(label="Window", start=(0, 0)),
)


def _preset(label: str, *placed: tuple[int, int, int]) -> tuple[str, Settings]:
    values: Settings = {}
    for k, start in enumerate(START, 1):
        shown = placed[k - 1] if k <= len(placed) else None
        row, column = (shown or start)[1:]
        values |= {
            f"digit_{k}": str(shown[0]) if shown else "none",
            f"row_{k}": row,
            f"column_{k}": column,
        }
    return label, values


PRESETS = (
    _preset("four digits", *START),
    _preset("side by side", (2, 14, 2), (0, 14, 22), (1, 14, 42), (6, 14, 62)),
    _preset("between windows", (7, 2, 2), (7, 4, 28), (7, 2, 56), (7, 20, 80)),
    _preset("one alone", (5, 10, 38)),
)

# What both programs do before they have their weights.
PROGRAM = (
    "digits = datasets.load_digits(24)[1][0]\npicture = np.zeros((48, 104))\n"
    "for which, row, column in [{placed}]:\n"
    "    part = picture[row : row + 24, column : column + 24]\n    np.maximum(part, digits[which, 0], out=part)\n\n"
    'lenet = recipes.load_trained(paths.data_folder() / "lenet5_mnist.npz").network\n'
    "network = Sequential(\n    Conv2d(1, 6, 5), MaxPool2d(2), ReLU(), Conv2d(6, 16, 5), MaxPool2d(2), ReLU(),\n"
    "    Conv2d(16, 120, 5), ReLU(), Conv2d(120, 84, 1), ReLU(), Conv2d(84, 10, 1),\n)\n"
)

# Every sentence of this explorer, whole, with named gaps. The browser fills the same gaps from the same table.
TEMPLATES: dict[str, Any] = {
    **digits.TEMPLATES,
    "truth": "◂ in its middle",
    "canvas": "canvas 52 × 108: drag the digits",
    "classes": "class of each of 6 × 20 windows, bold where sure",
    "classes_short": "class of each window",
    "one_class": "probability of class {k}, in 6 × 20 windows",
    "one_class_short": "probability of class {k}",
    "window": "what the window sees",
    "window_short": "the window",
    "work": "multiply-adds",
    "one_pass": "one pass: {share} %",
    "one_by_one": "{n} windows: 100 %",
    "slot": "digit {k} on the canvas",
    "handle": "{digit}, row {r}, column {c}",
    "map": "map of the windows",
    "once": "one pass: {once} multiply-adds",
    "each": "{n} windows, one by one: {n} · {each} = {all}, {ratio} times as many",
    "reading": "Window at row {r}, column {c}: {best} with {p}, then {second} with {q}. Its score of {best}: {slid} in "
    "the one pass, {cropped} cut out and read alone.",
    "reads": "The window nearest to each digit reads {list}.",
    "read": "{digit} as {best} ({p})",
    "and": ", ",
    "sure": "Sure of a class (0.90 and more): {sure} of {n} windows. With a digit within 2 pixels of its middle: "
    "{middle}. “Nothing here” is no answer that the net was taught.",
    "empty": "The canvas is empty, and every window reads {best} ({p}).",
    # the setting as code
    "code_cnnlib": "import numpy as np\n\n"
    "from cnnlib import Conv2d, MaxPool2d, ReLU, Sequential, datasets, paths, recipes\n\n"
    + PROGRAM
    + "for new, old in zip(network.parameters().values(), lenet.parameters().values()):\n"
    "    new[:] = old.reshape(new.shape)\n"
    "canvas = np.pad(picture, 2).astype(np.float32)\nscores = network.forward(canvas[None, None])[0]\n"
    "print(scores.argmax(axis=0))\n",
    "code_torch": "import numpy as np\nimport torch\nfrom torch.nn import Conv2d, MaxPool2d, ReLU, Sequential\n\n"
    "from cnnlib import datasets, paths, recipes\n\n"
    + PROGRAM
    + "for new, old in zip(network.parameters(), lenet.parameters().values()):\n"
    "    new.data = torch.tensor(old).reshape(new.shape)\n"
    "canvas = torch.tensor(np.pad(picture, 2), dtype=torch.float32)\n"
    "print(network(canvas[None, None])[0].argmax(dim=0))\n",
}
TEXTS = Texts(TEMPLATES)
LEGEND = [["window", "the window and its cell of the map"], ["dashed", "padding, placed once around the canvas"]]


@functools.cache
def network() -> Sequential:
    """Return LeNet-5 as chapter 13 writes it down: its fully connected layers are convolutions, its padding is gone."""
    exact: Any = {"dtype": np.float64}
    made = Sequential(
        *(Conv2d(1, 6, 5, **exact), MaxPool2d(2), ReLU(), Conv2d(6, 16, 5, **exact), MaxPool2d(2), ReLU()),
        *(Conv2d(16, 120, 5, **exact), ReLU(), Conv2d(120, 84, 1, **exact), ReLU(), Conv2d(84, 10, 1, **exact)),
    )
    for new, old in zip(made.parameters().values(), digits.lenet().parameters().values()):
        new[...] = old.reshape(new.shape)
    return made


@functools.cache
def work() -> tuple[int, int]:
    """Return the multiply-adds of one pass over the canvas, and those of one window."""
    sizes = ((ROWS + 2 * RING, COLUMNS + 2 * RING), (WINDOW, WINDOW))
    whole, window = (network().summary((1, *size)).total.multiply_adds for size in sizes)
    return whole, window


@functools.cache
def known_digits() -> np.ndarray:
    """Return a digit of every class, (10, 24, 24) in [0, 1]; they cannot be written to."""
    images = datasets.load_digits(SIDE)[1][0][list(WHICH), 0]
    images.setflags(write=False)
    return images


Placed = list[tuple[int, int, int, int]]  # slot, class, row, column


def placed(settings: Settings) -> Placed:
    """Return the digits that are on the canvas."""
    return [
        (k, int(settings[f"digit_{k}"]), settings[f"row_{k}"], settings[f"column_{k}"])
        for k in range(1, len(START) + 1)
        if settings[f"digit_{k}"] != "none"
    ]


def canvas_of(shown: Placed) -> np.ndarray:
    """Return the canvas (52, 108): the digits, the darker one where two meet, and the padding around them."""
    picture = np.zeros((ROWS, COLUMNS))
    for _, digit, row, column in shown:
        part = picture[row : row + SIDE, column : column + SIDE]
        np.maximum(part, known_digits()[digit], out=part)
    return np.pad(picture, RING)


def nearest(row: int, column: int) -> tuple[int, int]:
    """Return the window whose middle is nearest to that of a digit at this place; of two, the later one.

    >>> nearest(2, 2), nearest(4, 80), nearest(0, 5)
    ((0, 0), (1, 19), (0, 1))
    """
    found = [(at - MIDDLE + STEP // 2) // STEP for at in (row, column)]
    return min(max(found[0], 0), PLACES[0] - 1), min(max(found[1], 0), PLACES[1] - 1)


def in_the_middle(shown: Placed, row: int, column: int) -> int:
    """Return the class of the digit in the middle of a window, to NEAR pixels; of two the nearer one; -1 if none is."""
    away = []
    for _, digit, r, c in shown:
        far = max(abs(r - MIDDLE - STEP * row), abs(c - MIDDLE - STEP * column))
        away += [(far, digit)] if far <= NEAR else []
    return min(away, key=lambda one: one[0])[1] if away else -1


def scene(**settings: Any) -> Scene:
    """Return the canvas, what each window reads of it in one pass, and the pointed window cut out and read alone.

    >>> int(scene(**EXPLORER.start()).numbers["classes"][0, 0])
    3
    """
    shown = placed(settings)
    canvas = canvas_of(shown)
    scores = network().forward(canvas[None, None])[0]
    probabilities = activations.softmax(scores.reshape(10, -1).T).T.reshape(scores.shape)
    i, j = (min(int(k), most - 1) for k, most in zip(settings["position"], PLACES))
    window = canvas[STEP * i : STEP * i + WINDOW, STEP * j : STEP * j + WINDOW]
    cropped = network().forward(window[None, None])[0, :, 0, 0]
    once, each = work()
    numbers = {
        "canvas": canvas,
        "scores": scores,
        "probabilities": probabilities,
        "classes": scores.argmax(axis=0),
        "surety": probabilities.max(axis=0),
        "map": settings["map"],
        "shown": probabilities.max(axis=0) if settings["map"] == "best" else probabilities[int(settings["map"])],
        "position": [i, j],
        "window": window,
        "cropped": cropped,
        "ten": probabilities[:, i, j],
        "truth": in_the_middle(shown, i, j),
        "once": once,
        "each": each,
    }
    numbers["reading"] = _reading(numbers)
    n = PLACES[0] * PLACES[1]
    counts = {"n": n, "each": number(each), "all": number(n * each), "ratio": number(n * each / once)}
    lines = (fill(TEXTS["once"], once=number(once)), fill(TEXTS["each"], **counts))
    percentages = ", ".join(digits.share(p) for p in numbers["ten"])
    there = say("Probabilities of 0 to 9 there: {percentages}.", percentages=percentages)
    description = joined([numbers["reading"], there])
    return live.scene(PLACES, numbers, lines, _sentence(shown, numbers), description=description)


def _reading(numbers: dict[str, Any]) -> str:
    ten, (i, j) = numbers["ten"], numbers["position"]
    best, second = np.argsort(-ten, kind="stable")[:2]
    slid, cropped = (number(float(one), 2) for one in (numbers["scores"][best, i, j], numbers["cropped"][best]))
    gaps = {"p": digits.share(ten[best]), "q": digits.share(ten[second]), "slid": slid, "cropped": cropped}
    return fill(TEXTS["reading"], r=i, c=j, best=digits.a(best), second=digits.a(second), **gaps)


def _sentence(shown: Placed, numbers: dict[str, Any]) -> str:
    def read(place: tuple[int, int]) -> dict[str, str]:
        return {"best": digits.a(numbers["classes"][place]), "p": digits.share(numbers["surety"][place])}

    if not shown:
        return fill(TEXTS["empty"], **read((0, 0)))
    reads = [fill(TEXTS["read"], digit=digits.a(d), **read(nearest(row, column))) for _, d, row, column in shown]
    windows = itertools.product(range(PLACES[0]), range(PLACES[1]))
    middle = sum(in_the_middle(shown, *place) >= 0 for place in windows)
    sure = int((numbers["surety"] >= SURE).sum())
    told = fill(TEXTS["sure"], sure=sure, n=numbers["surety"].size, middle=middle)
    return joined([fill(TEXTS["reads"], list=TEXTS["and"].join(reads)), told])


def settings_text(settings: Settings) -> str:
    """Return the settings in words."""
    shown = [
        say("{digit} at row {row}, column {column}", digit=digits.a(digit), row=row, column=column)
        for _, digit, row, column in placed(settings)
    ]
    shown_map = live.value_text(SETTINGS[len(START)], settings["map"])
    then = between(translated(mark("{first}; {second}")))
    return then.join([*(shown or [say("no digit")]), say("map {shown}", shown=shown_map)])


def code(settings: Settings, library: str) -> str:
    """Return a program that reads this canvas.

    library: "cnnlib" or "torch".
    """
    shown = ", ".join(f"({WHICH[digit]}, {row}, {column})" for _, digit, row, column in placed(settings))
    return fill(TEXTS[f"code_{library}"], placed=shown)


@each_language
def data() -> dict[str, Any]:
    """Return what the browser computes any scene from, beside the weights: ten digits of 8×8 pixels, and sentences."""
    pixels = datasets.load_digits(8)[1][0][list(WHICH), 0]
    once, each = work()
    return {
        "name": "canvas_of_digits",
        "known": {"pixels": np.rint(16 * pixels).astype(int).reshape(10, -1).tolist(), "which": list(WHICH)},
        "work": [once, each],
        "presets": [[label, values] for label, values in PRESETS],
        "room": {"laptop": [2, 4], "tablet": [2, 5], "phone": [4, 9], "small": [4, 11]},
        "formulas": 2,
        "texts": TEXTS,
        "words": WORDS,
        "legend": LEGEND,
    }


# ---- the still picture ----------------------------------------------------------------------------------------------

TALL, PIXEL, TOP = 392, 4.0, 24  # px
CELL = PIXEL * (COLUMNS + 2 * RING) / PLACES[1]
BELOW = TOP + PIXEL * (ROWS + 2 * RING) + 26


def picture(settings: Settings, shown: Scene) -> Figure:
    """Return the figure: at the left the canvas and the map below it, at the right the window and ten bars."""
    figure, axes = sheet(TALL, shown)
    numbers, (i, j) = shown.numbers, shown.numbers["position"]
    high, wide = PIXEL * (ROWS + 2 * RING), PIXEL * (COLUMNS + 2 * RING)
    write(axes, 12, 12, TEXTS["canvas"].split(":")[0])
    live.picture(axes, 12, TOP, wide, high, colours(numbers["canvas"], False, 1.0))
    ring = PIXEL * RING
    looks: dict[str, Any] = {"fill": False, "edgecolor": SOFT, "linewidth": 0.8, "linestyle": ":", "zorder": 3}
    axes.add_patch(Rectangle((12 + ring, TOP + ring), wide - 2 * ring, high - 2 * ring, **looks))
    one = numbers["map"] != "best"
    write(axes, 12, BELOW - 12, fill(TEXTS["one_class" if one else "classes"], k=numbers["map"]))
    live.picture(axes, 12, BELOW, CELL * PLACES[1], CELL * PLACES[0], colours(numbers["shown"], False, 2.5))
    for (r, c), digit in np.ndenumerate(numbers["classes"]):
        sure = numbers["surety"][r, c] >= SURE
        looks = {"fontweight": "bold" if sure else "normal", "ha": "center", "zorder": 4}
        if not one or int(numbers["map"]) == digit:
            write(axes, 12 + CELL * (c + 0.5), BELOW + CELL * (r + 0.5), str(digit), 12, **looks)
    left, top, side = 12 + PIXEL * STEP * j, TOP + PIXEL * STEP * i, PIXEL * WINDOW
    x, y = 12 + CELL * j, BELOW + CELL * i
    beam = ((left, top + side), (x, y), (x + CELL, y), (left + side, top + side))
    axes.add_patch(Polygon(beam, color=SELECT, alpha=0.1, linewidth=0, zorder=4))
    for corner, size in (((left, top), side), ((x, y), CELL)):
        axes.add_patch(Rectangle(corner, size, size, fill=False, edgecolor=SELECT, linewidth=2.2, zorder=5))
    write(axes, 480, 12, TEXTS["window"])
    live.picture(axes, 480, TOP, 128, 128, colours(numbers["window"], False, 1.0))
    share = numbers["once"] / numbers["each"] / numbers["classes"].size
    said = (
        fill(TEXTS["one_pass"], share=number(100 * share, 0)),
        fill(TEXTS["one_by_one"], n=numbers["classes"].size),
    )
    write(axes, 640, TOP + 22, TEXTS["work"], color=SOFT)
    for k, (words, part) in enumerate(zip(said, (share, 1.0))):
        write(axes, 640, TOP + 44 + 42 * k, words)
        axes.fill_between([640, 640 + 192 * part], TOP + 54 + 42 * k, TOP + 66 + 42 * k, color=INK if k == 0 else SOFT)
    write(axes, 480, 178, TEXTS["probabilities"])
    write(axes, 832, 178, TEXTS["truth"], 11, color=SOFT, ha="right")
    digits.bars(axes, 480, 190, 260, numbers["ten"], numbers["truth"], 19.6)
    return figure


EXPLORER = Explorer(
    "canvas_of_digits",
    "canvas of digits",
    SETTINGS,
    scene,
    data,
    picture=picture,
    result="classes",
    presets=PRESETS,
    settings_text=settings_text,
)
