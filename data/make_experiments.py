"""Run experiments of chapters 01, 10, 12, 13 and 15 on more draws than a reader waits for: writes experiments.npz.

    python data/make_experiments.py

What is run are the functions of the chapters, out of their own cells, so nothing of them is written a second time. The
seeds are 0, 1, 2, ..., as many as the arrays are long. It takes about seven minutes, and needs MNIST.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

FOLDER = Path(__file__).resolve().parent
NOTEBOOKS = FOLDER.parent / "notebooks"
CELLS = ("setup", "again", "again-networks", "deep-code", "deep-lengths", "deep-figure", "deep-centre", "deep-kinds")
CELLS += ("overfit-code", "overfit-kinds-code", "dropout-code", "permuted-images", "pattern-code")
ACTIVE = ("setup", "sparse-lenet", "sparse-rules")
MAPS = ("setup", "lenet-convolutional", "lenet-same", "gap-network", "gap-train", "cam-proof", "cam-figure")
MAPS += ("cam-where", "cam-cover", "cam-covered", "ends-code")
DEEP = ("setup", "residual-train")
NOISE = ("setup", "again", "noise-inverted", "noise-learned")
CURES = ("none", "decay", "shifts")
KINDS = ("fully_connected", "without_pooling", "convolutional")
MEMBERS = ((0, 0, 0), (1, 1, 0), (1, 2, 1))  # N, M, K
STACKS = (  # layers, start, centred, rule, learning rate
    (5, "Xavier", False, "SGD", 0.5),
    (5, "Xavier", False, "SGD", 2),
    (5, "Xavier", False, "Adam", 0.003),
    (5, "4 × Xavier", True, "SGD", 0.5),
    (10, "4 × Xavier", True, "SGD", 0.5),
    (10, "4 × Xavier", True, "Adam", 0.003),
)


def chapter(stem: str = "10_deep_networks", cells: tuple[str, ...] = CELLS) -> dict[str, Any]:
    """Return what some cells of a chapter define."""
    sources = {cell.id: cell.source for cell in nbformat.read(NOTEBOOKS / f"{stem}.ipynb", as_version=4).cells}
    names: dict[str, Any] = {}
    for cell in cells:
        exec(compile(sources[cell], f"<{cell}>", "exec"), names)
    return names


def cured(names: dict[str, Any], cure: str, draw: int) -> tuple[float, float, float, float]:
    """Return the validation loss at the end, the lowest one, and the shares (%) read right, as they are and shifted."""
    shift = names["random_shift"](1)
    settings = {"none": {}, "decay": {"decay": 0.01}, "shifts": {"augment": shift}}
    settings |= {"dropout": {"make": names.get("dropped")}}
    network, history = names["overfit"](draw=draw, **settings[cure])
    images, labels = names["unseen"]
    shifted = shift(images, np.random.default_rng(1))
    right = [100 * float(np.mean(network.predict(x) == labels)) for x in (images, shifted)]
    return history["val_loss"][-1], min(history["val_loss"]), right[0], right[1]


def learned_by_heart(names: dict[str, Any], kind: str, draw: int) -> tuple[float, float]:
    """Return the shares (%) of a hundred training digits and of the validation digits that a network reads right."""
    _, history = names["overfit"](draw=draw, make=names[kind])
    return 100 * history["accuracy"][-1], 100 * history["val_accuracy"][-1]


def misread(names: dict[str, Any], kind: str, mixed: bool, seed: int) -> float:
    """Return the share (%) of validation digits that a network misreads, trained on digits or on mixed pixels."""
    change = names["mix"] if mixed else lambda data: data
    network, rule = names[kind](seed), names["SGD"]
    more = {"batch_size": 32, "schedule": names["cosine"](), "rng": seed, "progress": False}
    names["fit"](network, rule(network, 0.3), change(names["train"]), epochs=10, **more)
    images, labels = change(names["validation"])
    return 100 * float(np.mean(network.predict(images) != labels))


def sigmoids(names: dict[str, Any], setting: tuple[int, str, bool, str, float], seed: int) -> float:
    """Return the share (%) of training digits that a stack of sigmoid layers reads right in its last epoch."""
    depth, start, centred, rule, rate = setting
    network = names["stack"](names["cnnlib"].Sigmoid, depth, start, seed)
    return float(names["right_after"](names["centre"](network) if centred else network, rate, names[rule]))


def stacked(names: dict[str, Any], kind: str, depth: int, seed: int) -> float:
    """Return the share (%) of training digits that a stack of so many layers reads right in its last epoch."""
    f, start, rate = names["kinds"][kind]
    return float(names["right_after"](names["stack"](f, depth, start, seed), rate))


def longer(names: dict[str, Any], seed: int) -> float:
    """Return the share (%) that 20 layers with ReLU and the smaller rate read right after twice as many epochs."""
    network = names["stack"](names["ReLU"], 20, "He", seed)
    names["right_after"](network, 0.01)
    return float(names["right_after"](network, 0.01))


def with_adam(names: dict[str, Any], seed: int) -> float:
    """Return the share (%) of training digits that 20 layers with ReLU read right after six epochs with Adam."""
    network = names["stack"](names["ReLU"], 20, "He", seed)
    rule = names["Adam"](network, 0.003)
    return 100 * float(names["fit"](network, rule, names["data"], epochs=6, **names["quiet"])["accuracy"][-1])


def member(names: dict[str, Any], layers: tuple[int, int, int], seed: int) -> float:
    """Return the share (%) of validation digits read right, the mean of the last five epochs."""
    network = names["member"](*layers, rng=seed)
    history = names["learn"](network, names["Adam"](network, 0.005), 15)
    return 100 * float(np.mean(history["val_accuracy"][-5:]))


def covered(names: dict[str, Any], seed: int) -> list[float]:
    """Return the errors (%) on covered digits: the reddest place, as much ink elsewhere, most ink."""
    network = names["averaging"](seed)
    names["teach"](network, seed)
    return [float(share) for share in names["harm"](network)]


def noisy(mnist: bool, add: bool, seeds: Iterable[int]) -> list[list[float]]:
    """Return for each start the shares (%) read right, as they are and with inverted pixels; add: learned with these.

    Of MNIST, 10,000 digits are learned in 4 epochs and 2,000 test digits read; of the bundled digits all, in 10 epochs.
    """
    names = chapter("12_inside_lenet5", NOISE)
    known, asked = (names["x_train"], names["y_train"]), (names["x_test"], names["y_test"])
    if mnist:
        (x, y), (x_test, y_test) = names["cnnlib"].load_mnist()
        known, asked = (x[:10_000], y[:10_000]), (x_test[::5], y_test[::5])
    augment = names["inverted"] if add else None
    return [names["taught"](known, asked, augment, seed, 4 if mnist else 10) for seed in seeds]


def main() -> None:
    from make_digits import save  # beside this file, where a program looks first

    names = chapter()
    pixels = [(kind, mixed) for kind in ("fully_connected", "convolutional") for mixed in (False, True)]
    stacks = [[(kind, depth) for depth in names["depths"]] for kind in names["kinds"]]
    made = {
        "cures": np.array([[cured(names, cure, draw) for draw in range(10)] for cure in CURES]),
        "dropout": np.array([cured(names, "dropout", draw) for draw in range(10)]),
        "kinds": np.array([[learned_by_heart(names, kind, draw) for draw in range(10)] for kind in KINDS]),
        "permuted": np.array([[misread(names, kind, mixed, seed) for seed in range(8)] for kind, mixed in pixels]),
        "sigmoids": np.array([[sigmoids(names, setting, seed) for seed in range(5)] for setting in STACKS]),
        "depths": np.array([[[stacked(names, *one, seed) for seed in range(5)] for one in row] for row in stacks]),
        "longer": np.array([longer(names, seed) for seed in range(5)]),
        "adam": np.array([with_adam(names, seed) for seed in range(5)]),
        "members": np.array([[member(names, layers, seed) for seed in range(10)] for layers in MEMBERS]),
    }
    maps = chapter("13_fully_convolutional", MAPS)
    made["ends"] = np.array([[maps["read_right"](end, draw) for draw in range(10)] for end in maps["ends"]])
    made["covered"] = np.array([covered(maps, seed) for seed in range(6)])
    units = chapter("01_relu", ACTIVE)
    made["sparse"] = np.array([[units["active_shares"](rule, seed) for seed in range(5)] for rule in units["rules"]])
    made["noise"] = np.array([[noisy(mnist, add, range(5)) for add in (False, True)] for mnist in (False, True)])
    loss_of = chapter("15_what_came_next", DEEP)["loss_of"]
    made["deep"] = np.array([[loss_of(*kind, seed) for seed in range(10)] for kind in np.ndindex(2, 2)])
    save(FOLDER / "experiments.npz", {name: np.round(numbers, 3) for name, numbers in made.items()})
    for name, numbers in made.items():
        print(name, np.round(numbers, 2), sep="\n")


if __name__ == "__main__":
    main()
