"""Train the small network of chapter 09 in four ways and keep what each epoch leaves: writes training_film.npz.

    python data/make_training_film.py

The network and its digits come out of the chapter's own cells. The start, the order of the batches and the split have
the seed 0. It takes about a minute.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import numpy as np

FOLDER = Path(__file__).resolve().parent
CHAPTER = FOLDER.parent / "notebooks" / "09_training.ipynb"
CELLS = ("setup", "digits", "live-network")
EPOCHS = 20


class Film(NamedTuple):
    """A way to train: the learning rate, how many of the first training digits, and the size of a batch."""

    rate: float
    many: int
    batch: int


FILMS = {
    "good": Film(0.2, 1137, 32),
    "slow": Film(0.01, 1137, 32),
    "fast": Film(1.0, 1137, 32),
    "few": Film(0.2, 60, 4),
}
HARD = (13, 180)  # validation digits that the first film misreads at its end


def chapter() -> dict[str, Any]:
    """Return what the cells of the chapter define."""
    sources = {cell.id: cell.source for cell in nbformat.read(CHAPTER, as_version=4).cells}
    names: dict[str, Any] = {}
    for cell in CELLS:
        exec(compile(sources[cell], f"<{cell}>", "exec"), names)
    return names


def shown(labels: np.ndarray) -> np.ndarray:
    """Return which validation digits are shown: the first of each class, and two hard ones."""
    return np.array([*(np.flatnonzero(labels == k)[0] for k in range(10)), *HARD])


def trained(names: dict[str, Any], film: Film, epochs: int = EPOCHS) -> dict[str, np.ndarray]:
    """Return by name, for the fresh network and after each epoch: losses and counts (training, validation), kernels
    of the first layer, and scores of the digits that are shown."""
    network, validation = names["convolutional"](), names["validation"]
    train = tuple(array[: film.many] for array in names["train"])
    chosen = validation[0][shown(validation[1])]
    kept: dict[str, list[Any]] = {"loss": [], "right": [], "kernels": [], "scores": []}

    def keep(*_: Any) -> None:
        scores = [network.scores(images) for images, _ in (train, validation)]
        labels = train[1], validation[1]
        kept["loss"].append([names["cnnlib"].cross_entropy(s, y)[0] for s, y in zip(scores, labels)])
        kept["right"].append([np.sum(s.argmax(axis=1) == y) for s, y in zip(scores, labels)])
        kept["kernels"].append(network[0].weight[:, 0].copy())
        kept["scores"].append(network.scores(chosen))

    keep()
    rule = names["SGD"](network, film.rate)
    names["fit"](network, rule, train, None, epochs, film.batch, callback=keep, rng=0, progress=False)
    return {name: np.array(values) for name, values in kept.items()}


def main() -> None:
    from make_digits import save  # beside this file, where a program looks first

    names = chapter()
    films = [trained(names, film) for film in FILMS.values()]
    stacked = {name: np.stack([film[name] for film in films]) for name in films[0]}
    reach = np.abs(stacked["kernels"]).max(axis=(1, 2, 3, 4))  # what 127 stands for
    images, labels = names["validation"]
    which = shown(labels)
    made = {
        "loss": np.round(stacked["loss"], 4).astype(np.float32),
        "right": stacked["right"].astype(np.uint16),
        "kernels": np.rint(127 * stacked["kernels"] / reach[:, None, None, None, None]).astype(np.int8),
        "reach": reach.astype(np.float32),
        "scores": stacked["scores"].astype(np.float16),
        "images": np.rint(16 * images[which, 0]).astype(np.uint8),
        "labels": labels[which].astype(np.uint8),
    }
    save(FOLDER / "training_film.npz", made)
    for name, losses in zip(FILMS, made["loss"]):
        print(name, losses[-1], flush=True)


if __name__ == "__main__":
    main()
