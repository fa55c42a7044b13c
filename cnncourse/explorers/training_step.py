"""One whole training step of the small network of chapter 03: every number forward, every derivative backward.

The browser computes the same scenes in web/scenes/training_step.js.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cnncourse.language import each_language, fill, joined, listed, say

from . import live
from .live import Explorer, LiveExplorer, Scene
from .scene import Choice, Setting, Settings, Switch, in_words, plain
from .small_net import (
    CELLS,
    GRIDS,
    IMAGES,
    MOST,
    STARTS,
    TINY,
    Values,
    backward,
    equals,
    forward,
    image_of,
    kind_of,
    known_as,
    label_of,
    made,
    path,
    targets,
)
from .small_net_words import LEGEND, TEXTS, less, reading, shown
from .stops import Levels, Stops
from .training_step_still import picture
from .words import WORDS


class Look(Choice):
    """Which of all numbers is looked at, by its name; the page offers the numbers themselves, no list."""

    def to_json(self) -> dict[str, Any]:
        return {"type": "cell", "name": self.name, "label": self.label, "names": " ".join(self.values())}


RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2)
SETTINGS: tuple[Setting, ...] = (
    Levels("rate", "Learning rate", "η", RATES, 0.1),
    Stops("steps", "Steps", "", tuple(range(MOST + 1)), 0),
    Choice("image", "Image", (("one", "chapter 03"), ("turns", "two in turn"), ("even", "all 1")), "one"),
    Choice("label", "Label", (("1", "1 horizontal"), ("0", "0 vertical")), "1"),
    Choice(
        "start",
        "Weights",
        (("chapter", "chapter 03"), ("dead", "kernel 0 dead"), ("alike", "kernels equal")),
        "chapter",
    ),
    Choice("show", "Show", (("both", "both ways"), ("forward", "forward"), ("backward", "backward")), "both"),
    Switch("letters", "Letters in the cells"),
    Look("look", "Number", tuple((known_as(*cell), known_as(*cell)) for cell in CELLS), "net0_00"),
)


def _preset(label: str, **changes: Any) -> tuple[str, Settings]:
    usual = {"rate": 0.1, "steps": 0, "image": "one", "label": "1", "start": "chapter"}
    return label, usual | changes


PRESETS = (
    _preset("chapter 03", look="net0_00"),
    _preset("tie in a window", look="y0_00"),
    _preset("dead ReLU", start="dead", look="d_net0_00"),
    _preset("equal kernels", start="alike", steps=3, rate=0.02, look="d_w1_00"),
    _preset("two images", image="turns", rate=0.2, steps=20, look="E_00"),
    _preset("too large an η", image="turns", rate=0.5, steps=10, look="E_00"),
)


# ---- the scene -------------------------------------------------------------------------------------------------------


def scene(
    rate: float,
    steps: int,
    image: str,
    label: str,
    start: str,
    show: str = "both",
    letters: bool = False,
    look: str = "net0_00",
) -> Scene:
    """Return the network after `steps` steps: all numbers forward and all derivatives backward.

    Its numbers are found by the names of SHAPES and d_…: w0 (2, 2), net0 (3, 3), d_w0 (2, 2), …; E as a number, losses
    (steps + 1,), and how the number that is looked at is made. show and letters choose what is drawn.

    >>> scene(0.1, 1, "one", "1", "chapter").numbers["losses"].round(4).tolist()
    [1.3133, 0.05]
    """
    parameters, losses = path(rate, image, label, start)
    truth = label_of(image, label, steps)
    v = forward(image_of(image, steps), parameters[steps], truth)
    v |= backward(v, truth)
    cell = next(one for one in CELLS if known_as(*one) == look)
    numbers: dict[str, Any] = dict(v) | {
        "E": float(v["E"][0, 0]),
        "label": truth,
        "losses": np.array(losses[: steps + 1]),
        "top": max(losses),
        "look": list(cell),
        "reading": reading(v, truth, rate, cell, letters),
        "sources": [list(one) for one in made(v, truth, cell).sources],
        "targets": [list(one) for one in targets(v, truth, cell)],
    }
    lines = [fill(TEXTS["now"], p=less(v["p"], truth), E=shown(numbers["E"])), fill(TEXTS["rule"], rate=shown(rate))]
    sentence = _sentence(v, truth, steps, image, label, parameters[steps + 1])
    return live.scene((2, 1), numbers, lines, sentence, description=say("{line}.", line=plain(numbers["reading"])))


def _sentence(v: Values, truth: int, steps: int, image: str, label: str, after: Values) -> str:
    p = shown(float(v["p"][truth, 0]))
    p = TEXTS["nearly"] if p == "1" else p
    before = {name: v[name] for name in after}
    gaps = {"E": _loss(image, label, before, steps), "next": _loss(image, label, after, steps)}
    gaps |= {"other": _loss(image, label, before, steps + 1), "other_next": _loss(image, label, after, steps + 1)}
    turn = len(IMAGES[image]) > 1
    name = "before" if steps == 0 else "after_one" if steps == 1 else "after"
    then = "next_turn" if turn else "still" if gaps["E"] == gaps["next"] else "next"
    said = [fill(TEXTS[name], label=truth, p=p, n=steps), fill(TEXTS[then], **gaps)]
    return joined([*said, *_remarks(v)])


def _loss(image: str, label: str, parameters: Values, n: int) -> str:
    return shown(float(forward(image_of(image, n), parameters, label_of(image, label, n))["E"][0, 0]))


def _remarks(v: Values) -> Iterator[str]:
    """Yield what is worth a word: maps without a number above 0, kernels that stay equal, ties."""
    dead = [k for k in (0, 1) if not (v[f"net{k}"] > TINY).any()]
    ties = [v[f"y{k}"][r, c] > TINY and equals(v, k, r, c) > 1 for k, r, c in np.ndindex(2, 2, 2)]
    if len(dead) == 2:
        yield str(TEXTS["dead_both"])
    elif dead:
        yield fill(TEXTS["dead"], k=dead[0])
    elif all(np.abs(v[f"{name}0"] - v[f"{name}1"]).max() < TINY for name in ("w", "wb", "d_w", "d_wb")):
        yield str(TEXTS["alike"])
    elif any(ties):
        yield fill(TEXTS["tie" if sum(ties) == 1 else "ties"], n=sum(ties))


# ---- code, data ------------------------------------------------------------------------------------------------------


def code(settings: Settings, library: str) -> str:
    """Return a program that takes these steps, and prints E before each and the gradients at the end.

    library: "cnnlib" or "torch".
    """
    image, start = settings["image"], STARTS[settings["start"]]
    images = [[value for row in one for value in row] for one in IMAGES[image]]
    labels = [label_of(image, settings["label"], n) for n in range(len(images))]
    flat = {name: [value for row in values for value in row] for name, values in start.items()}
    layers = (
        ("0.weight", [[[list(row) for row in start[f"w{k}"]]] for k in (0, 1)]),
        ("0.bias", flat["wb0"] + flat["wb1"]),
        ("4.weight", [flat[f"W{u}0"] + flat[f"W{u}1"] for u in (0, 1)]),
        ("4.bias", flat["b"]),
    )
    array = TEXTS[f"array_{library}"]
    lines = "".join(f'    "{name}": {array.format(values=_python(values))},\n' for name, values in layers)
    gaps = {"x": _python(images), "labels": _python(labels), "start": f"{{\n{lines}}}", "rate": f"{settings['rate']:g}"}
    return fill(TEXTS[f"code_{library}"], **gaps, steps=settings["steps"])


def names() -> dict[str, str]:
    """Return for each grid in words what it holds."""
    found = {}
    for name in GRIDS:
        own = name.removeprefix("d_")
        words = fill(TEXTS["names"][kind_of(own)], k=own[-1], u=own[-2:-1])
        found[name] = words if own == name else fill(TEXTS["names"]["derivative"], what=words)
    return found


def _python(values: Any) -> str:
    if isinstance(values, list):
        return f"[{', '.join(map(_python, values))}]"
    return f"{values:g}"


def settings_text(settings: Settings) -> str:
    """Return the settings in words, without those that change nothing but the drawing."""
    named = [s for s in SETTINGS if s.name in ("rate", "steps", "image", "label", "start")]
    return listed(in_words(s, settings[s.name]) for s in named).replace("_", "")


@each_language
def data() -> dict[str, Any]:
    """Return what the browser computes any scene from: images, weights at the start, the grids, and the sentences."""
    return {
        "name": "training_step",
        "images": IMAGES,
        "starts": STARTS,
        "shapes": GRIDS,
        "names": names(),
        "most": MOST,
        "tiny": TINY,
        "presets": [[label, values] for label, values in PRESETS],
        "texts": TEXTS,
        "words": WORDS,
        "legend": LEGEND,
        "room": {"laptop": [2, 4], "tablet": [3, 5], "phone": [5, 9], "small": [6, 10]},
        "formulas": 2,
    }


EXPLORER = Explorer(
    "training_step",
    "one training step",
    SETTINGS,
    scene,
    data,
    picture=picture,
    result="p",
    presets=PRESETS,
    settings_text=settings_text,
)


class TrainingStep(LiveExplorer):
    """One training step; `scene.numbers` holds all numbers by name, `update` takes the next step."""

    def __init__(self, **start: Any) -> None:
        super().__init__(EXPLORER, **start)

    def update(self) -> None:
        """Take one more step; after the last one, nothing happens."""
        self.change(steps=min(self.settings["steps"] + 1, MOST))
