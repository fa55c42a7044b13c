"""A training as a film: twenty stored epochs of the small network of chapter 09, trained in four ways.

The browser computes the same scenes in web/scenes/film.js, from what is stored: losses, counts, kernels and scores.
"""

from __future__ import annotations

import base64
import functools
import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnncourse.language import Texts, each_language, fill, joined, listed, say, translated
from cnncourse.plots.picture import colours
from cnnlib import activations, paths

from . import digits, live
from .live import Explorer, Scene, number, sheet, write
from .scene import Choice, Setting, Settings
from .sheet import INK, LINE, SELECT, SOFT
from .stops import Stops
from .words import WORDS

EPOCHS, SHOWN, VALIDATION = 20, 12, 300
GUESSING = math.log(10)
# In the order of the file: label, learning rate, training digits, size of a batch.
FILMS = {
    "good": ("η = 0.2", 0.2, 1137, 32),
    "slow": ("η = 0.01", 0.01, 1137, 32),
    "fast": ("η = 1", 1, 1137, 32),
    "few": ("η = 0.2, 60 digits", 0.2, 60, 4),
}
SETTINGS: tuple[Setting, ...] = (
    Choice("film", "Film", tuple((name, film[0]) for name, film in FILMS.items()), "good"),
    Stops("epoch", "Epoch", "", tuple(range(EPOCHS + 1)), 0, "film"),
    Stops("digit", "Digit", "", tuple(range(SHOWN)), 0, "film"),
)
PRESETS = tuple((film[0], {"film": name}) for name, film in FILMS.items())

# Every sentence of this explorer, whole, with named gaps. The browser fills the same gaps from the same table.
TEMPLATES: dict[str, Any] = {
    **digits.TEMPLATES,
    "curves": "loss after each epoch",
    "kernels": "first layer: 8 kernels",
    "begin": "at the start",
    "digits": "12 validation digits, and what is read",
    "guessing": "ln 10",
    "walk": "Epoch",
    "epoch": "{epoch} of 20",
    "scrub": "epoch on the curve",
    "look": "look at a digit",
    "right": "{read}",
    "wrong": "{read}, not {truth}",
    "wrong_short": "{read} ≠ {truth}",
    "losses": "loss: training {train}, validation {validation}",
    "moved": "kernels: moved by {moved} % of the length they had at the start, by {step} % in this epoch",
    "counts": "After epoch {epoch} ({how}) {right} of {count} training digits are read right, and {val} of 300 "
    "validation digits.",
    "fresh": "The kernels are random, and the loss is near ln 10 = 2.303, that of guessing.",
    "guess": "The loss is near ln 10 = 2.303, that of guessing.",
    "parted": "The training digits are learned, the others less well: the two curves have parted.",
    "rose": "After epoch {best} the validation loss was {low}: one epoch alone tells little.",
    "lowest": "Both losses are lower than after any epoch before.",
    "reading": "Digit {k} of 12, {truth}: read as {best} with {p}, then {second} with {q}.",
    # the setting as code
    "code_cnnlib": "import numpy as np\n\nimport cnnlib\n"
    "from cnnlib import SGD, Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential, fit\n\n"
    "(x, labels), _ = cnnlib.load_digits(size=8)\nx = x.astype(float)\n"
    "order = np.random.default_rng(0).permutation(len(x))\naside, rest = order[:300], order[300:][:{count}]\n"
    'rng = np.random.default_rng(0)\nexact = {{"rng": rng, "dtype": float}}\nnetwork = Sequential(\n'
    "    Conv2d(1, 8, 3, padding=1, **exact), ReLU(), MaxPool2d(2),\n"
    "    Conv2d(8, 16, 3, padding=1, **exact), ReLU(), MaxPool2d(2),\n"
    "    Flatten(), Linear(64, 10, **exact),\n)\n"
    "train = x[rest], labels[rest]\n"
    "fit(network, SGD(network, {rate}), train, epochs={epoch}, batch_size={batch}, rng=0, progress=False)\n"
    "print(np.sum(network.predict(x[aside]) == labels[aside]))\n",
    "code_torch": "import numpy as np\nimport torch\nfrom torch.nn import Conv2d, Flatten, Linear, MaxPool2d, ReLU\n\n"
    "import cnnlib\n\n"
    "(x, labels), _ = cnnlib.load_digits(size=8)\nx, labels = torch.tensor(x), torch.tensor(labels)\n"
    "order = np.random.default_rng(0).permutation(len(x))\naside, rest = order[:300], order[300:][:{count}]\n"
    "network = torch.nn.Sequential(\n    Conv2d(1, 8, 3, padding=1), ReLU(), MaxPool2d(2),\n"
    "    Conv2d(8, 16, 3, padding=1), ReLU(), MaxPool2d(2), Flatten(), Linear(64, 10),\n)\n"
    "rule = torch.optim.SGD(network.parameters(), lr={rate})\n"
    "for _ in range({epoch}):\n    for batch in torch.tensor(np.random.permutation(rest)).split({batch}):\n"
    "        rule.zero_grad()\n"
    "        torch.nn.functional.cross_entropy(network(x[batch]), labels[batch]).backward()\n        rule.step()\n"
    "print((network(x[aside]).argmax(dim=1) == labels[aside]).sum())  # from another start than the film\n",
}
TEXTS = Texts(TEMPLATES)
LEGEND = [
    ["trained", "training"],
    ["validated", "validation"],
    ["window", "epoch and digit"],
    ["signs", "below and above 0"],
]


@functools.cache
def stored() -> dict[str, np.ndarray]:
    """Return what data/make_training_film.py has stored, the first axis being the films'."""
    with np.load(paths.data_folder() / "training_film.npz", allow_pickle=False) as file:
        kept = {name: file[name] for name in file.files}
    loss = [round(float(one), 4) for one in kept["loss"].ravel()]  # as they were rounded before they became float32
    return kept | {"loss": np.array(loss).reshape(kept["loss"].shape)}


def scene(film: str, epoch: int, digit: int) -> Scene:
    """Return what there is to see of a training after some epochs.

    >>> scene("good", 20, 0).numbers["right"]
    [1137, 289]
    """
    kept, which = stored(), list(FILMS).index(film)
    losses = kept["loss"][which, : epoch + 1]
    kernels = kept["kernels"][which, : epoch + 1].astype(int)
    probabilities = activations.softmax(kept["scores"][which, epoch].astype(float))
    length = math.sqrt(int((kernels[0] ** 2).sum()))
    steps = [int(((kernels[-1] - before) ** 2).sum()) for before in (kernels[0], kernels[max(epoch - 1, 0)])]
    numbers = {
        "film": film,
        "epoch": epoch,
        "digit": digit,
        "loss": losses,
        "right": kept["right"][which, epoch].tolist(),
        "kernels": kernels[-1] / 127 * float(kept["reach"][which]),
        "begin": kernels[0] / 127 * float(kept["reach"][which]),
        "reach": float(kept["reach"][which]),
        "probabilities": probabilities,
        "reads": probabilities.argmax(axis=1),
        "ten": probabilities[digit],
        "truth": int(kept["labels"][digit]),
        "top": 4.5 if kept["loss"][which].max() > 2.5 else 2.5,
    }
    numbers["reading"] = _reading(numbers)
    train, validation = (number(one, 3) for one in losses[-1].tolist())
    moved, step = (number(100 * math.sqrt(one) / length, 0) for one in steps)
    lines = (
        fill(TEXTS["losses"], train=train, validation=validation),
        fill(TEXTS["moved"], moved=moved, step=step),
    )
    wrong = [int(k) for k in np.flatnonzero(numbers["reads"] != kept["labels"])]
    answers = listed(digits.a(int(k)) for k in numbers["reads"])
    right = SHOWN - len(wrong)
    read = say("The twelve digits are read as {answers}; {right} of them correctly.", answers=answers, right=right)
    description = joined([read, numbers["reading"]])
    return live.scene((1, SHOWN), numbers, lines, _sentence(numbers), description=description)


def _reading(numbers: dict[str, Any]) -> str:
    ten = numbers["ten"]
    best, second = np.argsort(-ten, kind="stable")[:2]
    gaps = {"best": digits.a(best), "p": digits.share(ten[best]), "second": digits.a(second)}
    truth = digits.a(numbers["truth"])
    return fill(TEXTS["reading"], k=numbers["digit"] + 1, truth=truth, q=digits.share(ten[second]), **gaps)


def _sentence(numbers: dict[str, Any]) -> str:
    label, _, count, _ = FILMS[numbers["film"]]
    right, val = numbers["right"]
    gaps = {
        "epoch": numbers["epoch"],
        "how": translated(label),
        "right": number(right),
        "count": number(count),
        "val": val,
    }
    return joined([fill(TEXTS["counts"], **gaps), _seen(numbers["loss"])]).strip()


def _seen(losses: np.ndarray) -> str:
    train, validation = losses[-1].tolist()
    if len(losses) == 1:
        return str(TEXTS["fresh"])
    if abs(train - GUESSING) < 0.05:
        return str(TEXTS["guess"])
    if train < 0.2 and validation > train + 0.3:
        return str(TEXTS["parted"])
    best = int(losses[:, 1].argmin())
    if validation > 1.5 * losses[best, 1]:
        return fill(TEXTS["rose"], best=best, low=number(float(losses[best, 1]), 2))
    return str(TEXTS["lowest"]) if (losses[-1] < losses[:-1].min(axis=0)).all() else ""


def settings_text(settings: Settings) -> str:
    """Return the settings in words."""
    gaps = {"epoch": settings["epoch"], "epochs": EPOCHS, "digit": settings["digit"] + 1}
    return say("{film}, epoch {epoch} of {epochs}, digit {digit}", film=translated(FILMS[settings["film"]][0]), **gaps)


def code(settings: Settings, library: str) -> str:
    """Return a program that trains the network so far.

    library: "cnnlib" or "torch".
    """
    _, rate, count, batch = FILMS[settings["film"]]
    return fill(TEXTS[f"code_{library}"], rate=rate, count=count, batch=batch, epoch=settings["epoch"])


def _packed(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


@each_language
def data() -> dict[str, Any]:
    """Return what the browser computes any scene from: the stored films, and the sentences."""
    kept = stored()
    films = {
        name: {
            "how": [translated(FILMS[name][0]), *FILMS[name][1:]],
            "loss": kept["loss"][k].tolist(),
            "right": kept["right"][k].tolist(),
            "kernels": _packed(kept["kernels"][k]),
            "reach": float(kept["reach"][k]),
            "scores": _packed(kept["scores"][k].astype("<f2")),
        }
        for k, name in enumerate(FILMS)
    }
    return {
        "name": "training_film",
        "known": {
            "films": films,
            "images": kept["images"].reshape(SHOWN, -1).tolist(),
            "labels": kept["labels"].tolist(),
        },
        "presets": [[label, values] for label, values in PRESETS],
        "room": {"laptop": [1, 4], "tablet": [1, 4], "phone": [2, 8], "small": [2, 9]},
        "formulas": 2,
        "texts": TEXTS,
        "words": WORDS,
        "legend": LEGEND,
    }


# ---- the still picture ----------------------------------------------------------------------------------------------

TALL = 330  # px
PLOT = (44, 28, 330, 180)  # left, top, width, height


def picture(settings: Settings, shown: Scene) -> Figure:
    """Return the figure: curves up to the epoch, kernels, ten bars of one digit, and below the twelve digits."""
    figure, axes = sheet(TALL, shown)
    numbers, kept = shown.numbers, stored()
    left, top, wide, high = PLOT
    write(axes, left, 12, TEXTS["curves"])
    at = left + wide * np.arange(EPOCHS + 1) / EPOCHS
    for loss in range(math.ceil(numbers["top"])):
        y = top + high * (1 - loss / numbers["top"])
        axes.plot([left, left + wide], [y, y], color=LINE, linewidth=0.7)
        write(axes, left - 6, y, str(loss), 11, color=SOFT, ha="right")
    y = top + high * (1 - GUESSING / numbers["top"])
    axes.plot([left, left + wide], [y, y], color=SOFT, linewidth=1, linestyle=":")
    write(axes, left + wide + 4, y, TEXTS["guessing"], 11, color=SOFT)
    for epoch in range(0, EPOCHS + 1, 5):
        write(axes, at[epoch], top + high + 12, str(epoch), 11, color=SOFT, ha="center")
    lines = top + high * (1 - numbers["loss"] / numbers["top"])
    n = numbers["epoch"]
    for k, (colour, style) in enumerate(((INK, "-"), (SOFT, "--"))):
        axes.plot(at[: n + 1], lines[:, k], linewidth=1.6, color=colour, linestyle=style)
        axes.plot(at[n], lines[n, k], "o", color=colour, markersize=4)
    axes.plot([at[n], at[n]], [top, top + high], color=SELECT, linewidth=1.4)
    for name, down in (("kernels", 12), ("begin", 126)):
        write(axes, 424, down, TEXTS[name])
        for k, kernel in enumerate(numbers[name] / numbers["reach"]):
            live.picture(axes, 424 + 46 * (k % 4), down + 14 + 44 * (k // 4), 38, 38, colours(kernel, True, 1.0))
    write(axes, 640, 12, TEXTS["probabilities"])
    write(axes, 832, 12, TEXTS["truth"], 11, color=SOFT, ha="right")
    digits.bars(axes, 646, 24, 120, numbers["ten"], numbers["truth"], 18.4)
    write(axes, 12, 246, TEXTS["digits"])
    for k, (image, truth, read) in enumerate(zip(kept["images"], kept["labels"], numbers["reads"])):
        x = 12 + 69 * k
        live.picture(axes, x, 258, 46, 46, colours(image / 16, False, 1.0))
        said = fill(TEXTS["right" if read == truth else "wrong"], read=read, truth=truth)
        write(axes, x + 23, 316, said, 11, ha="center", fontweight="normal" if read == truth else "bold")
        if k == numbers["digit"]:
            axes.add_patch(Rectangle((x, 258), 46, 46, fill=False, edgecolor=SELECT, linewidth=2.2, zorder=5))
    return figure


EXPLORER = Explorer(
    "training_film",
    "training as a film",
    SETTINGS,
    scene,
    data,
    picture=picture,
    result="reads",
    presets=PRESETS,
    settings_text=settings_text,
)
