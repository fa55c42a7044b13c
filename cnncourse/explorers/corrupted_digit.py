"""Corruption explorer: a digit moved, turned, with noise or thicker strokes, and what LeNet-5 still reads.

The browser computes the same in web/scenes/corrupted.js, from the weights of the network and the packed digits.
"""

from __future__ import annotations

import base64
import functools
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cnncourse.language import Texts, each_language, fill, joined, say
from cnncourse.plots.picture import colours
from cnnlib import activations, augmentation

from . import digits, live
from .live import Explorer, Scene, sheet, write
from .scene import Choice, Setting, Settings
from .sheet import INK, LINE, SELECT, SOFT
from .stops import Real
from .words import WORDS

SAMPLE = 10  # digits of every class in the curves
NONE = {"down": 0.0, "right": 0.0, "rotation": 0.0, "noise": 0.0, "thickness": 0.0}
CHANGES = (
    Real("down", "Shift down (pixels)", "", -10, 10, 1, 0),
    Real("right", "Shift right (pixels)", "", -10, 10, 1, 0),
    Real("rotation", "Rotation (degrees)", "", -90, 90, 5, 0),
    Real("noise", "Noise (deviation)", "", 0, 1, 0.05, 0),
    Real("thickness", "Thickness (pixels)", "", -2, 2, 0.25, 0),
)
AXES = {
    "down": "pixels shifted down (negative: up)",
    "right": "pixels shifted right (negative: left)",
    "rotation": "rotation in degrees (positive: to the left)",
    "noise": "standard deviation of the noise",
    "thickness": "pixels added to the strokes (negative: thinner)",
}
OPPOSITES = {"down": "up", "right": "left", "thickness": "thinness"}  # what a number below 0 is called
SETTINGS: tuple[Setting, ...] = (
    digits.DIGIT,
    digits.EXAMPLE,
    *CHANGES,
    Choice("curve", "Accuracy against", tuple((c.name, c.label.split(" (")[0].lower()) for c in CHANGES), "rotation"),
)
PRESETS = (("unchanged", NONE),)

# Every sentence of this explorer, whole, with named gaps. The browser fills the same gaps from the same table.
TEMPLATES: dict[str, Any] = {
    **digits.TEMPLATES,
    "image": "as the net sees it",
    "before": "unchanged",
    "right": "It is {truth}, read as {read}: right.",
    "wrong": "It is {truth}, read as {read}: wrong.",
    "title": "read right of 100, by this change alone",
    "guessing": "guessing",
    "axes": AXES,
    "curves": {
        "down": "Of {count} test digits shifted down by {value} pixels alone, {right} are read right",
        "right": "Of {count} test digits shifted right by {value} pixels alone, {right} are read right",
        "rotation": "Of {count} test digits rotated by {value}° alone, {right} are read right",
        "noise": "Of {count} test digits with noise of deviation {value} alone, {right} are read right",
        "thickness": "Of {count} test digits thickened by {value} pixels alone, {right} are read right",
        # below 0, with the size alone
        "up": "Of {count} test digits shifted up by {value} pixels alone, {right} are read right",
        "left": "Of {count} test digits shifted left by {value} pixels alone, {right} are read right",
        "thinness": "Of {count} test digits thinned by {value} pixels alone, {right} are read right",
    },
    "nothing_left": "Nothing is left of the digit. {read}",
    "unchanged": "Unchanged. {read}",
    "one_way": "{read}",
    "ways": "{read} This digit is changed in {n} ways at once; the curve shows one of them by itself.",
    # the setting as code
    "code_cnnlib": "import numpy as np\n\nfrom cnnlib import augmentation, datasets, paths, recipes\n\n"
    'network = recipes.load_trained(paths.data_folder() / "lenet5_mnist.npz").network\n'
    "x, labels = datasets.load_digits()[1]\nx = x[np.flatnonzero(labels == {digit})[{example}]][None]\n"
    "x = augmentation.dilate_strokes(x, {thickness})\nx = augmentation.rotate(x, {rotation})\n"
    "x = augmentation.shift(x, {down}, {right})\nx = augmentation.add_noise(x, {noise})\nprint(network.predict(x))\n",
    "code_torch": "import numpy as np\nimport torch\n\nfrom cnnlib import augmentation, datasets, paths, recipes\n\n"
    + digits.TORCH
    + "x, labels = datasets.load_digits()[1]\nx = x[np.flatnonzero(labels == {digit})[{example}]][None]\n"
    "x = augmentation.dilate_strokes(x, {thickness})\nx = augmentation.rotate(x, {rotation})\n"
    "x = augmentation.shift(x, {down}, {right})\nx = augmentation.add_noise(x, {noise})\n"
    "print(network(torch.tensor(x, dtype=torch.float32)).argmax(dim=1))\n",
}
TEXTS = Texts(TEMPLATES)
LEGEND = [["window", "where the change stands on the curve"]]


def corrupted(x: np.ndarray, down: float, right: float, rotation: float, noise: float, thickness: float) -> np.ndarray:
    """Return images x (B, 1, H, W) changed: strokes thickened, turned, shifted, and last with noise.

    >>> corrupted(np.zeros((2, 1, 28, 28)), 0, 0, 0, 0, 0).shape
    (2, 1, 28, 28)
    """
    if thickness:
        x = augmentation.dilate_strokes(x, thickness)
    if rotation:
        x = augmentation.rotate(x, rotation)
    x = augmentation.shift(x, round(down), round(right))
    return augmentation.add_noise(x, noise) if noise else x


@functools.cache
def sample() -> tuple[np.ndarray, np.ndarray]:
    """Return the first ten test digits of every class that the net reads right: x (100, 1, 28, 28), labels (100,)."""
    x, labels = digits.bundled_digits()
    right = digits.lenet().predict(x) == labels
    chosen = np.concatenate([np.flatnonzero(right & (labels == k))[:SAMPLE] for k in range(10)])
    return x[chosen], labels[chosen]


@functools.cache
def accuracy(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return all values of one of the changes, the others being 0, and the share of the sample that is read right."""
    x, labels = sample()
    values = next(change for change in CHANGES if change.name == name).values()
    changed = np.concatenate([corrupted(x, **NONE | {name: value}) for value in values])
    right = digits.lenet().predict(changed).reshape(len(values), -1) == labels
    return np.array(values), right.mean(axis=1)


def scene(
    digit: int, example: int, down: float, right: float, rotation: float, noise: float, thickness: float, curve: str
) -> Scene:
    """Return the digit as the net sees it, what the net reads, and the curve of its accuracy against one change.

    >>> scene(5, 0, 0, 0, 0, 0, 0, "rotation").numbers["accuracy_now"]
    1.0
    """
    changes = {"down": down, "right": right, "rotation": rotation, "noise": noise, "thickness": thickness}
    before = digits.bundled_digit(digit, example).astype(float)
    image = corrupted(before, **changes)
    scores = digits.lenet().scores(image)[0].astype(float)
    probabilities = activations.softmax(scores[None])[0]
    values, shares = accuracy(curve)
    place = int(np.argmin(np.abs(values - changes[curve])))
    numbers = {
        "before": before[0, 0],
        "image": image[0, 0],
        "probabilities": probabilities,
        "predicted": int(probabilities.argmax()),
        "truth": digit,
        "curve": curve,
        "value": changes[curve],
        "values": values,
        "accuracy": shares,
        "accuracy_now": float(shares[place]),
    }
    setting = next(change for change in CHANGES if change.name == curve)
    count = len(sample()[0])
    value = changes[curve]
    said = OPPOSITES.get(curve, "") if value < 0 else ""
    text = setting.value_text(abs(value) if said else value)
    line = fill(TEXTS["curves"][said or curve], count=count, value=text, right=round(count * shares[place]))
    return live.scene(
        (28, 28), numbers, (line,), _sentence(numbers, changes), description=_description(numbers, setting)
    )


def _sentence(numbers: dict[str, Any], changes: dict[str, float]) -> str:
    read = digits.reading(numbers["probabilities"], numbers["truth"])
    ways = sum(map(bool, changes.values()))
    name = "ways" if ways > 1 else "one_way" if ways else "unchanged"
    if not np.any(numbers["image"] > 0):
        name = "nothing_left"
    return fill(TEXTS[name], read=read, n=ways)


def _description(numbers: dict[str, Any], setting: Real) -> str:
    values, shares = numbers["values"], numbers["accuracy"]
    good = values[shares >= 0.9]
    low, high = (setting.value_text(value) for value in (good.min(), good.max()))
    (first, at_first), (last, at_last) = ((setting.value_text(values[k]), f"{100 * shares[k]:.0f} %") for k in (0, -1))
    accuracy = say(
        "The curve of the accuracy: 90 % and more between {low} and {high}; at {first} {at_first}, at {last} "
        "{at_last}.",
        low=low,
        high=high,
        first=first,
        at_first=at_first,
        last=last,
        at_last=at_last,
    )
    return joined([digits.all_ten(numbers["probabilities"]), accuracy])


def follow(before: Settings, after: Settings) -> Settings:
    """Return the settings with the curve of the change that was moved, if it is one; what `curve` says comes second.

    A slider that moves quickly sends the curve as it was before the first answer: it is not what the reader chose.
    """
    moved = [change.name for change in CHANGES if after[change.name] != before[change.name]]
    return after | {"curve": moved[0]} if len(moved) == 1 else after


def code(settings: Settings, library: str) -> str:
    """Return a program that changes the digit as these settings say and asks the network.

    library: "cnnlib" or "torch".
    """
    shown = {c.name: f"{settings[c.name]:g}" for c in CHANGES}
    return fill(TEXTS[f"code_{library}"], digit=settings["digit"], example=settings["example"], **shown)


@each_language
def data() -> dict[str, Any]:
    """Return what the browser computes any scene from, beside the weights: digits, noise, curves, and sentences."""
    noise = np.random.default_rng(0).standard_normal((28, 28), np.float32)
    return {
        "name": "corrupted_digit",
        **digits.packed(),
        "noise": base64.b64encode(noise.astype("<f4").tobytes()).decode("ascii"),
        "curves": {c.name: [c.values(), np.rint(100 * accuracy(c.name)[1]).astype(int).tolist()] for c in CHANGES},
        "count": len(sample()[0]),
        "presets": [[label, values] for label, values in PRESETS],
        "texts": TEXTS,
        "words": WORDS,
        "legend": LEGEND,
    }


# ---- the still picture ----------------------------------------------------------------------------------------------

TALL = 318  # px


def picture(settings: Settings, shown: Scene) -> Figure:
    """Return the figure: the digit as the net sees it, the probabilities, and the accuracy against one change."""
    figure, axes = sheet(TALL, shown)
    numbers = shown.numbers
    write(axes, 12, 14, TEXTS["image"])
    live.picture(axes, 12, 26, 196, 196, colours(numbers["image"], False, 1.0))
    write(axes, 82, 268, TEXTS["before"])
    live.picture(axes, 12, 236, 62, 62, colours(numbers["before"], False, 1.0))
    write(axes, 236, 14, TEXTS["probabilities"])
    write(axes, 340, 14, TEXTS["truth"], 11, color=SOFT)
    digits.bars(axes, 236, 26, 110, numbers["probabilities"], numbers["truth"], 19.6)
    write(axes, 470, 14, TEXTS["title"])
    left, top, wide, high = 500, 34, 330, 224
    values, shares = numbers["values"], numbers["accuracy"]
    across = left + wide * (values - values[0]) / (values[-1] - values[0])
    for percent in (0, 50, 100):
        y = top + high * (1 - percent / 100)
        axes.plot([left, left + wide], [y, y], color=LINE, linewidth=0.7)
        write(axes, left - 6, y, str(percent), 11, color=SOFT, ha="right")
    axes.plot([left, left + wide], [top + high * 0.9] * 2, color=SOFT, linewidth=1, linestyle=":")
    write(axes, left + wide, top + high * 0.955, TEXTS["guessing"], 11, color=SOFT, ha="right")
    axes.plot(across, top + high * (1 - shares), color=INK, linewidth=1.3, marker="o", markersize=2.5)
    now = int(np.argmin(np.abs(values - numbers["value"])))
    axes.plot([across[now]] * 2, [top + high, top + high * (1 - shares[now])], color=SELECT, linewidth=1.2)
    axes.plot(across[now], top + high * (1 - shares[now]), "D", color=SELECT, markersize=6)
    for k in (0, len(values) // 2, len(values) - 1):
        write(axes, across[k], top + high + 14, f"{values[k]:g}".replace("-", "−"), 11, color=SOFT, ha="center")
    write(axes, left + wide / 2, top + high + 34, AXES[numbers["curve"]], 12, ha="center")
    return figure


EXPLORER = Explorer(
    "corrupted_digit",
    "corrupted digit",
    SETTINGS,
    scene,
    data,
    picture=picture,
    result="image",
    presets=PRESETS,
    follow=follow,
)
