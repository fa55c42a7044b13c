"""Whole trainings: how long they take and how well the networks read digits they have not seen."""

from __future__ import annotations

import math
import time
from statistics import mean
from typing import Any

import numpy as np

from cnnlib import Adam, cross_entropy, fit, lenet5, load_mnist, mnist_is_available, recipes
from cnnlib.augmentation import random_shift
from cnnlib.paths import data_folder
from cnnlib.recipes import Recipe
from cnnlib.training import one_cycle

from .goals import Figure, NotMeasuredError, Outcome
from .timing import mean_of

# Short trainings on MNIST, for the clock; those that end with the best network are in cnnlib/recipes.py. Settings are
# chosen on a part of the training set.
TO_99_PERCENT = Recipe(3, 128, 8e-3, random_shift(1))
TO_LOW_ERROR = Recipe(10, 128, 5e-3, random_shift(1))


def digits(quick: bool) -> Outcome:
    """Return the mean test accuracy on the bundled digits, in %, and the seconds of the longest training."""
    infos = [recipes.train("lenet5", "digits", seed=seed, progress=False).info for seed in _seeds(2 if quick else 10)]
    accuracies = [100 - 100 * info["test_wrong"] / info["test_images"] for info in infos]
    seconds = max(info["seconds"] for info in infos)
    return Outcome(
        (mean_of(accuracies), Figure(seconds)), f"{infos[0]['epochs']} epochs; accuracy {_spread(accuracies, '%')}"
    )


def mnist_seconds(quick: bool) -> Outcome:
    """Return the seconds of the longest training to 99 % on the test set; infinite if one seed does not get there."""
    runs = _trained_on_mnist(TO_99_PERCENT, 1 if quick else 5)
    slowest = max(seconds if error <= 1 else math.inf for error, seconds in runs)
    return Outcome((Figure(slowest),), _told(TO_99_PERCENT, runs))


def mnist_error(quick: bool) -> Outcome:
    """Return the mean test error, in %, and the seconds of the longest training."""
    runs = _trained_on_mnist(TO_LOW_ERROR, 1 if quick else 5)
    figures = mean_of([error for error, _ in runs]), Figure(max(seconds for _, seconds in runs))
    return Outcome(figures, _told(TO_LOW_ERROR, runs))


def shipped_weights(file: str, quick: bool) -> Outcome:
    """Return the test error, in %, of trained weights in data/: measured if MNIST is here, else as stored with them."""
    path = data_folder() / file
    if not path.exists():
        raise NotMeasuredError(f"data/{file} is not there")
    network, info = recipes.load_trained(path)
    stored = f"the file says {info['test_wrong']:,} wrong of {info['test_images']:,}: {info['command']}"
    if not mnist_is_available():
        return Outcome(
            (_share(info["test_wrong"], info["test_images"]),), f"not measured again, MNIST is not here; {stored}"
        )
    _, test = load_mnist()
    wrong = recipes.count_wrong(network, test)
    return Outcome((_share(wrong, len(test[0])),), f"{wrong:,} wrong; {stored}")


def _trained_on_mnist(recipe: Recipe, count: int) -> list[tuple[float, float]]:
    """Return (test error in %, seconds of training) for each seed; the test set is measured once, at the end."""
    if not mnist_is_available():
        raise NotMeasuredError("MNIST is neither in $CNNLIB_DATA/mnist nor in data/mnist")
    train, test = load_mnist()
    return [_run(recipe, seed, train, test) for seed in _seeds(count)]


def _run(recipe: Recipe, seed: int, train: Any, test: tuple[np.ndarray, np.ndarray]) -> tuple[float, float]:
    network = lenet5(rng=seed)
    optimizer = Adam(network, recipe.lr, betas=(0.9, 0.99))
    start = time.perf_counter()
    fit(
        network,
        optimizer,
        train,
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        loss=cross_entropy,
        augment=recipe.augment,
        schedule=one_cycle(),
        rng=seed,
        progress=False,
    )
    seconds = time.perf_counter() - start
    return 100 * recipes.count_wrong(network, test) / len(test[0]), seconds


def _share(wrong: int, count: int) -> Figure:
    """Return the share of wrong answers in %, and how far it may differ on other images of the same kind."""
    share = wrong / count
    return Figure(100 * share, 196 * math.sqrt(share * (1 - share) / count))


def _seeds(count: int) -> range:
    return range(1, count + 1)


def _told(recipe: Recipe, runs: list[tuple[float, float]]) -> str:
    errors, seconds = zip(*runs, strict=True)
    return f"{recipe.epochs} epochs of batches of {recipe.batch_size}; error {_spread(errors, '%')}; " + _spread(
        seconds, "s"
    )


def _spread(values: Any, unit: str) -> str:
    """Return mean and range of values as text."""
    if len(values) == 1:
        return f"{values[0]:.2f} {unit}, 1 seed"
    return f"{mean(values):.2f} {unit} ({min(values):.2f} to {max(values):.2f}, {len(values)} seeds)"
