"""Corruption explorer: a digit moved, turned, with noise or thicker strokes, and what LeNet-5 still reads."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.ticker import FixedLocator

from .. import activations, augmentation
from ..plots import picture
from ..plots.picture import COLOURS, CSS_PIXELS, INK, PAPER, SOFT, colours
from . import digits
from .figure import Drawing, Explorer, Real, Scene, Settings, word
from .scene import Choice

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
SETTINGS = (
    digits.DIGIT,
    digits.EXAMPLE,
    *CHANGES,
    Choice("curve", "Accuracy against", tuple((c.name, c.label.split(" (")[0].lower()) for c in CHANGES), "rotation"),
)
PRESETS = (("unchanged", NONE),)


def corrupted(x: np.ndarray, down: float, right: float, rotation: float, noise: float, thickness: float) -> np.ndarray:
    """Return images x (N, 1, H, W) changed: strokes thickened, turned, shifted, and last with noise.

    >>> corrupted(np.zeros((2, 1, 28, 28)), 0, 0, 0, 0, 0).shape
    (2, 1, 28, 28)
    """
    if thickness:
        x = augmentation.thickened(x, thickness)
    if rotation:
        x = augmentation.turned(x, rotation)
    x = augmentation.shifted(x, round(down), round(right))
    return augmentation.noisy(x, noise) if noise else x


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
    before = digits.bundled_digit(digit, example)
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
    lines = (
        f"{setting.label.lower()} {setting.said(changes[curve])}, nothing else changed: "
        f"{round(len(sample()[0]) * shares[place])} of {len(sample()[0])} digits read right",
    )
    return Scene(numbers, lines, _sentence(numbers, changes), told=_told(numbers, setting))


def _sentence(numbers: dict[str, Any], changes: dict[str, float]) -> str:
    read = digits.reading(numbers["probabilities"], numbers["truth"])
    if not np.any(numbers["image"] > 0):
        return f"Nothing is left of the digit. {read}"
    if not any(changes.values()):
        return f"Unchanged: {read[0].lower()}{read[1:]}"
    return read


def _told(numbers: dict[str, Any], setting: Real) -> str:
    values, shares = numbers["values"], numbers["accuracy"]
    good = values[shares >= 0.9]
    low, high = (setting.said(value) for value in (good.min(), good.max()))
    ends = (
        f"at {setting.said(values[0])} {100 * shares[0]:.0f} %, at {setting.said(values[-1])} {100 * shares[-1]:.0f} %"
    )
    told = ", ".join(digits.share(p) for p in numbers["probabilities"])
    return (
        f"Probabilities of 0 to 9: {told}. The curve of the accuracy: 90 % and more between {low} and {high}; {ends}."
    )


def follow(before: Settings, after: Settings) -> Settings:
    """Return the settings with the curve of the change that was moved, if it is one; what `curve` says comes second.

    A slider that moves quickly sends the curve as it was before the first answer: it is not what the reader chose.
    """
    moved = [change.name for change in CHANGES if after[change.name] != before[change.name]]
    return after | {"curve": moved[0]} if len(moved) == 1 else after


# ---- drawing --------------------------------------------------------------------------------------------------------

WIDE, HIGH = 749, 320  # pixels of the page
LEFT, TOP, SIDE = 8, 30, 7  # of the digit as the net sees it; pixels of one of its own
SMALL = 2  # the same of the unchanged digit


class CorruptedDrawing(Drawing):
    """The digit as the net sees it, the probabilities, and the accuracy on the sample against the chosen change."""

    size = (WIDE / CSS_PIXELS, HIGH / CSS_PIXELS)

    def build(self) -> None:
        sheet = picture.canvas(self.figure)
        head = {"va": "center", "fontsize": 10, "fontweight": "bold"}
        for x, y, text in (
            (LEFT, 17, "as the net sees it"),
            (LEFT + 66, 285, "unchanged"),
            (226, 17, "probabilities"),
        ):
            sheet.text(x / CSS_PIXELS, y / CSS_PIXELS, text, **head)
        sheet.text(226 / CSS_PIXELS, 262 / CSS_PIXELS, "◂ truth", va="center", fontsize=9)
        self.verdict = word(sheet, LEFT / CSS_PIXELS, 240 / CSS_PIXELS, "", va="center", fontsize=9.5)
        self.mosaic = self.figure.add_artist(digits.Mosaic())
        self.bars = digits.Bars(self.figure.add_axes((242 / WIDE, 72 / HIGH, 78 / WIDE, 220 / HIGH)))
        axes = self.axes = self.figure.add_axes((440 / WIDE, 58 / HIGH, 292 / WIDE, 230 / HIGH))
        axes.set_title("accuracy on 100 digits, one change only", y=1.02, x=0.44)
        axes.set(ylim=(-3, 104), ylabel="read right (%)")
        axes.yaxis.labelpad = 2
        axes.axhline(10, color=SOFT, linestyle=":", linewidth=1.4)
        # Drawn after the marker line, with paper behind it: that line can stand at either end, and anywhere between.
        look = {
            "ha": "right",
            "va": "top",
            "fontsize": 8.5,
            "bbox": {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6},
        }
        self.guessing = axes.text(0.99, 7.6, "guessing", transform=axes.get_yaxis_transform(), **look)
        self.line = axes.plot([], [], color=COLOURS[0], marker="o", markersize=3.5, linewidth=1.5)[0]
        self.stem = axes.plot([], [], color=INK, linewidth=1.2, linestyle="--")[0]
        self.point = axes.plot([], [], "D", color=COLOURS[1], markersize=9, markeredgecolor=INK)[0]

    def moving(self) -> list[Artist]:
        return [self.mosaic, *self.bars.artists(), self.stem, self.guessing, self.point, self.verdict]

    def frame(self, scene: Scene) -> Any:
        return scene.numbers["curve"]

    def set_frame(self, scene: Scene) -> None:
        values = scene.numbers["values"]
        self.line.set_data(values, 100 * scene.numbers["accuracy"])
        room = 0.04 * (values[-1] - values[0])
        self.axes.set(xlim=(values[0] - room, values[-1] + room), xlabel=AXES[scene.numbers["curve"]])
        ticks = np.linspace(values[0], values[-1], 5 if scene.numbers["curve"] != "rotation" else 7)
        self.axes.xaxis.set_major_locator(FixedLocator(ticks))

    def update(self, scene: Scene) -> None:
        numbers = scene.numbers
        self.mosaic.tiles = [
            (LEFT, TOP, SIDE, colours(numbers["image"], False, 1.0)),
            (LEFT, TOP + 28 * SIDE + 30, SMALL, colours(numbers["before"], False, 1.0)),
        ]
        self.bars.set(numbers["probabilities"], numbers["truth"])
        right = numbers["predicted"] == numbers["truth"]
        self.verdict.set_text(
            f"it is {digits.a(numbers['truth'])}, read as {numbers['predicted']}: {'right' if right else 'wrong'}"
        )
        value, now = numbers["value"], 100 * numbers["accuracy_now"]
        self.stem.set_data([value, value], [-3, now])
        self.point.set_data([value], [now])


EXPLORER = Explorer("corrupted_digit", "corrupted digit", SETTINGS, scene, CorruptedDrawing, PRESETS, follow=follow)
