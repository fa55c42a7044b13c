"""Whole trainings: how long they take and how well the networks read digits they have not seen."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from statistics import mean
from typing import Any

from threadpoolctl import threadpool_limits

from cnnlib import Adam, cross_entropy, fit, lenet5, load_mnist, mnist_is_available, recipes
from cnnlib.augmentation import random_shift
from cnnlib.paths import data_folder
from cnnlib.recipes import Recipe
from cnnlib.training import one_cycle

from . import machine
from .goals import Figure, NotMeasuredError, Outcome
from .timing import mean_of

# Short trainings on MNIST, for the clock; those that end with the best network are in cnnlib/recipes.py. Settings are
# chosen on a part of the training set.
TO_99_PERCENT = Recipe(3, 128, 8e-3, random_shift(1))
TO_LOW_ERROR = Recipe(10, 128, 5e-3, random_shift(1))
MNIST = [TO_99_PERCENT, TO_LOW_ERROR]

Run = tuple[float, float]  # of one seed: the error on the test set in %, measured once, at the end; seconds of training


def digits(quick: bool) -> Outcome:
    """Return the mean test accuracy on the bundled digits, in %, and the seconds of the longest of two trainings."""
    runs = trained(_run_on_digits, 2 if quick else 10, alone=2)
    accuracies = [100 - error for error, _ in runs]
    told = f"{_sizes(recipes.RECIPES['lenet5', 'digits'])}; accuracy {_spread(accuracies, '%')}"
    return Outcome((mean_of(accuracies), Figure(max(_timed(runs)))), f"{told}; {_spread(_timed(runs), 's')}")


def mnist_seconds(quick: bool) -> Outcome:
    """Return the seconds of the longest training to 99 % on the test set; infinite if one seed does not get there."""
    runs = _trained_on_mnist(TO_99_PERCENT, 1 if quick else 5, alone=5)
    slowest = max(_timed(runs)) if all(error <= 1 for error, _ in runs) else math.inf
    return Outcome((Figure(slowest),), _told(TO_99_PERCENT, runs))


def mnist_error(quick: bool) -> Outcome:
    """Return the mean test error, in %, and the seconds of one training."""
    runs = _trained_on_mnist(TO_LOW_ERROR, 1 if quick else 5, alone=1)
    figures = mean_of([error for error, _ in runs]), Figure(max(_timed(runs)))
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


def trained(train: Callable[[int], Run], count: int, alone: int) -> list[Run]:
    """Return what `train` gives for the seeds from 1 on, the seconds of those that did not train alone being NaN.

    The first have every core for themselves: a training takes as many steps whatever its seed, so a few times tell
    how long it takes. All others share the cores, a process of one thread each. `fit` gives the same network so.
    """
    runs = [train(seed) for seed in range(1, min(alone, count) + 1)]
    others = range(len(runs) + 1, count + 1)
    if not others:
        return runs
    with ProcessPoolExecutor(machine.cores(), get_context("spawn"), threadpool_limits, (1, "blas")) as pool:
        return runs + [(error, math.nan) for error, _ in pool.map(train, others)]


def _run_on_digits(seed: int) -> Run:
    info = recipes.train("lenet5", "digits", seed=seed, progress=False).info
    return 100 * info["test_wrong"] / info["test_images"], info["seconds"]


def _trained_on_mnist(recipe: Recipe, count: int, alone: int) -> list[Run]:
    if not mnist_is_available():
        raise NotMeasuredError("MNIST is neither in $CNNLIB_DATA/mnist nor in data/mnist")
    return trained(partial(_run_on_mnist, MNIST.index(recipe)), count, alone)


def _run_on_mnist(which: int, seed: int) -> Run:
    """Train by one of the recipes in MNIST, given by its place: another process can be told that."""
    recipe, (train, test) = MNIST[which], _mnist()
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


@cache
def _mnist() -> Any:
    return load_mnist()


def _share(wrong: int, count: int) -> Figure:
    """Return the share of wrong answers in %, and how far it may differ on other images of the same kind."""
    share = wrong / count
    return Figure(100 * share, 196 * math.sqrt(share * (1 - share) / count))


def _timed(runs: list[Run]) -> list[float]:
    """Return the seconds of the trainings that had every core."""
    return [seconds for _, seconds in runs if not math.isnan(seconds)]


def _told(recipe: Recipe, runs: list[Run]) -> str:
    errors = _spread([error for error, _ in runs], "%")
    return f"{_sizes(recipe)}; error {errors}; {_spread(_timed(runs), 's')}"


def _sizes(recipe: Recipe) -> str:
    return f"{recipe.epochs} epochs of batches of {recipe.batch_size}"


def _spread(values: Any, unit: str) -> str:
    """Return mean and range of values as text."""
    if len(values) == 1:
        return f"{values[0]:.2f} {unit}, 1 seed"
    return f"{mean(values):.2f} {unit} ({min(values):.2f} to {max(values):.2f}, {len(values)} seeds)"
