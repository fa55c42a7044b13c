"""Train both LeNets on MNIST from five seeds each, as the shipped ones were trained: writes lenet_seeds.npz.

    python data/make_lenet_seeds.py

It needs MNIST and takes from twenty minutes to an hour. The file holds for each network an array (5, 2): how many of
5,000 validation digits and of 10,000 test digits the network of each seed misreads.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cnnlib import recipes

FOLDER = Path(__file__).resolve().parent
SEEDS = (1, 2, 3, 4, 5)
VALIDATION = 5000


def misread(
    network: str, seed: int, data: str = "mnist", epochs: int | None = None, held: int = VALIDATION
) -> list[int]:
    """Return how many of the held-out training digits and of the test digits a network misreads after its training."""
    info = recipes.train(network, data, epochs=epochs, seed=seed, validation=held).info
    return [round((1 - info["history"]["val_accuracy"][-1]) * held), info["test_wrong"]]


def main() -> None:
    from make_digits import save  # beside this file, where a program looks first

    made = {name: np.array([misread(name, seed) for seed in SEEDS], np.uint16) for name in ("lenet5", "lenet5-1998")}
    save(FOLDER / "lenet_seeds.npz", made)
    for name, counts in made.items():
        print(name, counts, sep="\n")


if __name__ == "__main__":
    main()
