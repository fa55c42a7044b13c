"""Recipes: how the two LeNets are trained here, with every setting in one table, and the report that comes with them.

The settings were chosen on 5,000 images held out from the training set (`--validation 5000`), never on the test set.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from . import arguments, augmentation, datasets, lenet, losses, training
from .network import Sequential
from .weights import read_weights
from .workers import Loss


class Recipe(NamedTuple):
    """The settings of one training: Adam with β = (0.9, 0.99), the learning rate rising to `lr` and falling to 0."""

    epochs: int
    batch_size: int
    lr: float
    augment: augmentation.Augmentation


class NetworkSpec(NamedTuple):
    """One of the two networks: how it is made and by which loss it learns."""

    make: Callable[..., Sequential]
    loss: Loss


NETWORKS = {
    "lenet5": NetworkSpec(lenet.lenet5, losses.cross_entropy),
    "lenet5-1998": NetworkSpec(lenet.lenet5_1998, lenet.map_criterion),
}
DATA: dict[str, Callable[[], tuple[datasets.Split, datasets.Split]]] = {
    "digits": datasets.load_digits,
    "mnist": datasets.load_mnist,
}
ELASTIC = augmentation.random_distortion(elastic=0.7)
ELASTIC_AND_SHIFTED = augmentation.random_distortion(shift=1.5, elastic=0.7)
RECIPES = {
    ("lenet5", "digits"): Recipe(60, 64, 3e-3, ELASTIC_AND_SHIFTED),
    ("lenet5", "mnist"): Recipe(30, 128, 5e-3, ELASTIC),
    ("lenet5-1998", "digits"): Recipe(60, 64, 3e-3, ELASTIC_AND_SHIFTED),
    ("lenet5-1998", "mnist"): Recipe(20, 128, 3e-3, ELASTIC),
}


class TrainingResult(NamedTuple):
    """A trained network and its report: the command, the version, the seed, seconds, errors, the history."""

    network: Sequential
    info: dict[str, Any]


def train(
    network: str = "lenet5", data: str = "digits", *, epochs: int | None = None, seed: int = 1, validation: int = 0,
    callback: Callable[[int, training.History], Any] | None = None, progress: bool = True,
) -> TrainingResult:  # fmt: skip
    """Train one of NETWORKS on one of DATA by its recipe and measure it once, at the end, on the test set.

    Parameters
    ----------
    network, data : str
        Names of the two tables.
    epochs : int, optional
        The recipe's unless given.
    seed : int
        Of start values, order and distortions.
    validation : int
        How many training images are held out and measured after each epoch, the same ones for every seed.
    callback, progress
        As in `fit`.

    Returns
    -------
    TrainingResult
        The network and its report.

    Raises
    ------
    ValueError, TypeError
        For other names and numbers; also the errors of `load_mnist` where MNIST is wanted.
    """
    spec, load = _known("network", network, NETWORKS), _known("data", data, DATA)
    recipe = RECIPES[network, data]
    if epochs is not None:
        recipe = recipe._replace(epochs=arguments.integer("epochs", epochs, 0))
    seed, held = arguments.integer("seed", seed, 0), arguments.integer("validation", validation, 0)
    (x, labels), test = load()
    if held >= len(x):
        raise ValueError(f"validation: got {held}, expected fewer than the {len(x)} training images")
    order = np.random.default_rng(2024).permutation(len(x))  # one split for all seeds, so that seeds can be compared
    kept = order[held:] if held else slice(None)
    held_out = (x[order[:held]], labels[order[:held]]) if held else None
    trained, start = spec.make(rng=seed), time.perf_counter()
    optimizer = training.Adam(trained, recipe.lr, betas=(0.9, 0.99))
    sizes: dict[str, Any] = {"epochs": recipe.epochs, "batch_size": recipe.batch_size}
    how: dict[str, Any] = {"loss": spec.loss, "augment": recipe.augment, "schedule": training.one_cycle()}
    how |= {"callback": callback, "rng": seed, "progress": progress}
    history = training.fit(trained, optimizer, (x[kept], labels[kept]), held_out, **sizes, **how)
    seconds, wrong = time.perf_counter() - start, count_wrong(trained, test)
    command = f"python -m cnnlib train --network {network} --data {data} --epochs {recipe.epochs} --seed {seed}"
    command += f" --validation {held}" if held else ""
    info = {"network": network, "data": data, "command": command, "seed": seed, **sizes, "lr": recipe.lr}
    info |= {"validation_images": held, "test_images": len(test[0]), "test_wrong": wrong}
    info |= {"test_error_percent": round(100 * wrong / len(test[0]), 3), "seconds": round(seconds, 1)}
    info["history"] = {name: [round(value, 5) for value in values] for name, values in history.items()}
    return TrainingResult(trained, info)


def load_trained(path: Any) -> TrainingResult:
    """Return the network of a weights file that `train` wrote, and its report.

    Parameters
    ----------
    path : str or path
        The file's name.

    Returns
    -------
    TrainingResult

    Raises
    ------
    FileNotFoundError, ValueError
        As in `Sequential.load`, and if the file does not say which network it holds.
    """
    name = read_weights(path)[1].get("network")
    if name not in NETWORKS:
        raise ValueError(f"path: got {str(path)!r}, which does not say which of {', '.join(NETWORKS)} it holds")
    network = NETWORKS[name].make(rng=0)
    return TrainingResult(network, network.load(path))


def count_wrong(network: Sequential, data: tuple[np.ndarray, np.ndarray]) -> int:
    """Return how many images of (x, labels) the network misreads."""
    return int((network.predict(data[0]) != data[1]).sum())


def _known(name: str, value: str, table: dict[str, Any]) -> Any:
    if not isinstance(value, str) or value not in table:
        raise ValueError(f"{name}: got {value!r}, expected one of {', '.join(map(repr, table))}")
    return table[value]
