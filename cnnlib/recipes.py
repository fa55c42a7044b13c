"""Recipes: how the two LeNets are trained here, with every setting in one table, and the report that comes with them.

The settings were chosen on 5,000 images held out from the training set (`--validation 5000`), never on the test set.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from . import arguments, augmentation, datasets, lenet, losses, training
from .network import Sequential, read_weights
from .training import History, Loss


class Recipe(NamedTuple):
    """The settings of one training: Adam with β = (0.9, 0.99), the learning rate rising to `lr` and falling to 0."""

    epochs: int
    batch_size: int
    lr: float
    augment: augmentation.Augmentation


class Kind(NamedTuple):
    """One of the two networks: how it is made and by which loss it learns."""

    make: Callable[..., Sequential]
    loss: Loss


NETWORKS = {
    "lenet5": Kind(lenet.lenet5, losses.cross_entropy),
    "lenet5-1998": Kind(lenet.lenet5_1998, lenet.map_criterion),
}
DATA = {"digits": datasets.load_digits, "mnist": datasets.load_mnist}
BENT = augmentation.random_distortion(elastic=0.7)
BENT_AND_MOVED = augmentation.random_distortion(shift=1.5, elastic=0.7)
RECIPES = {
    ("lenet5", "digits"): Recipe(60, 64, 3e-3, BENT_AND_MOVED),
    ("lenet5", "mnist"): Recipe(30, 128, 5e-3, BENT),
    ("lenet5-1998", "digits"): Recipe(60, 64, 3e-3, BENT_AND_MOVED),
    ("lenet5-1998", "mnist"): Recipe(20, 128, 3e-3, BENT),
}


class Trained(NamedTuple):
    """A trained network and its report: the command, the version, the seed, seconds, errors, the history."""

    network: Sequential
    info: dict[str, Any]


def train(
    network: str = "lenet5",
    data: str = "digits",
    *,
    epochs: int | None = None,
    seed: int = 1,
    validation: int = 0,
    callback: Callable[[int, History], Any] | None = None,
    progress: bool = True,
) -> Trained:
    """Train one of NETWORKS on one of DATA by its recipe and measure it once, at the end, on the test set.

    epochs: the recipe's unless given. validation: so many training images are held out and measured after each epoch.
    Raises ValueError for other names and numbers; errors of `load_mnist` where MNIST is wanted.
    """
    kind, load = _known("network", network, NETWORKS), _known("data", data, DATA)
    recipe = RECIPES[network, data]
    epochs = recipe.epochs if epochs is None else arguments.integer("epochs", epochs, 0)
    seed = arguments.integer("seed", seed, 0)
    (x, labels), test = load()
    held = arguments.integer("validation", validation, 0)
    if held >= len(x):
        raise ValueError(f"validation: got {held}, expected fewer than the {len(x)} training images")
    order = np.random.default_rng(2024).permutation(len(x))  # one split for all seeds, so that seeds can be compared
    kept = order[held:] if held else slice(None)
    trained = kind.make(rng=seed)
    start = time.perf_counter()
    history = training.fit(
        trained,
        training.Adam(trained, recipe.lr, betas=(0.9, 0.99)),
        (x[kept], labels[kept]),
        (x[order[:held]], labels[order[:held]]) if held else None,
        epochs=epochs,
        batch_size=recipe.batch_size,
        loss=kind.loss,
        augment=recipe.augment,
        schedule=training.one_cycle(),
        callback=callback,
        rng=seed,
        progress=progress,
    )
    seconds = time.perf_counter() - start
    wrong = count_wrong(trained, test)
    info = {
        "network": network,
        "data": data,
        "command": _command(network, data, epochs, seed, held),
        "seed": seed,
        "epochs": epochs,
        "batch_size": recipe.batch_size,
        "lr": recipe.lr,
        "validation_images": held,
        "test_images": len(test[0]),
        "test_wrong": wrong,
        "test_error_percent": round(100 * wrong / len(test[0]), 3),
        "seconds": round(seconds, 1),
        "history": {name: [round(value, 5) for value in values] for name, values in history.items()},
    }
    return Trained(trained, info)


def load_trained(path: Any) -> Trained:
    """Return the network of a weights file that `train` wrote, and its report; errors as in `Sequential.load`."""
    name = read_weights(path)[1].get("network")
    if name not in NETWORKS:
        raise ValueError(f"path: got {str(path)!r}, which does not say which of {', '.join(NETWORKS)} it holds")
    network = NETWORKS[name].make(rng=0)
    return Trained(network, network.load(path))


def count_wrong(network: Sequential, data: tuple[np.ndarray, np.ndarray]) -> int:
    """Return how many images of (x, labels) the network reads wrongly."""
    x, labels = data
    return int((network.predict(x) != labels).sum())


def _command(network: str, data: str, epochs: int, seed: int, held: int) -> str:
    words = [
        "python",
        "-m",
        "cnnlib",
        "train",
        "--network",
        network,
        "--data",
        data,
        "--epochs",
        epochs,
        "--seed",
        seed,
    ]
    return shlex.join(map(str, words + (["--validation", held] if held else [])))


def _known(name: str, value: str, table: dict[str, Any]) -> Any:
    if value not in table:
        raise ValueError(f"{name}: got {value!r}, expected one of {', '.join(map(repr, table))}")
    return table[value]
