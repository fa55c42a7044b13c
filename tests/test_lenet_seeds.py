"""What chapter 11 says of five trainings of each LeNet: the stored counts, the script that makes them, the choice."""

from __future__ import annotations

import numpy as np
import pytest
from data_scripts import script_of

from cnnlib import load_digits, recipes
from cnnlib.paths import data_folder

STORED = dict(np.load(data_folder() / "lenet_seeds.npz"))
SHIPPED = {"lenet5": "lenet5_mnist.npz", "lenet5-1998": "lenet5_1998_mnist.npz"}


def test_five_seeds_of_each_network_are_stored() -> None:
    seeds = script_of("lenet_seeds").SEEDS
    assert {name: counts.shape for name, counts in STORED.items()} == dict.fromkeys(SHIPPED, (len(seeds), 2))


@pytest.mark.parametrize("network", SHIPPED)
def test_the_shipped_network_is_the_best_of_the_six_on_the_validation_part(network: str) -> None:
    info = recipes.load_trained(data_folder() / SHIPPED[network]).info
    held = script_of("lenet_seeds").VALIDATION
    wrong = round((1 - info["history"]["val_accuracy"][-1]) * held)
    assert info["validation_images"] == held
    assert wrong <= STORED[network][:, 0].min()


def test_the_script_counts_what_the_trained_network_misreads() -> None:
    misread = script_of("lenet_seeds").misread("lenet5", 3, data="digits", epochs=1, held=200)
    network = recipes.train("lenet5", "digits", epochs=1, seed=3, validation=200, progress=False).network
    train, test = load_digits()
    order = np.random.default_rng(2024).permutation(len(train[0]))[:200]
    held = (train[0][order], train[1][order])
    assert misread == [recipes.count_wrong(network, held), recipes.count_wrong(network, test)]
