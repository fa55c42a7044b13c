"""The summit of the course: what the check of chapter 08 says of networks that are right, and of those that are not."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

import cnnlib
from cnncourse import checks
from cnnlib.layers import Layer

CHAPTER = Path(__file__).resolve().parent.parent / "notebooks" / "08_your_own_network.ipynb"


@functools.cache
def solution() -> str:
    cells = {cell.id: cell.source for cell in nbformat.read(CHAPTER, as_version=4).cells}
    (block,) = re.findall(r"^```python\n(.*?)^```$", cells["exercise-own-network-solution"], re.MULTILINE | re.DOTALL)
    return block


def made(*changes: tuple[str, str], trained: bool = False) -> Any:
    """Return the network of the folded solution with changes to its source; untrained unless asked for."""
    source = solution() if trained else solution().split("(images, labels), _")[0]
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    namespace: dict[str, Any] = {"np": np, "cnnlib": cnnlib, "Layer": Layer}
    exec(source, namespace)
    return namespace["my_network"]


@functools.cache
def trained() -> Any:
    return made(trained=True)


def test_the_solution_reads_nine_of_ten_digits() -> None:
    found = checks.own_network(trained())
    assert found.status == "right", found
    _, (x, labels) = cnnlib.load_digits(size=8)
    share = np.mean(trained().predict(x.astype(float)) == labels)
    assert share > 0.93 and f"{share:.3f}" in repr(found)


def test_a_network_that_reads_some_digits_is_told_how_many_are_asked_for() -> None:
    layers = copy.deepcopy(trained().layers)
    layers[-1].b = layers[-1].b - 1000 * np.isin(np.arange(10), (0, 1, 2))  # it never answers 0, 1 or 2
    _, (x, labels) = cnnlib.load_digits(size=8)
    share = np.mean(cnnlib.Sequential(*layers).predict(x.astype(float)) == labels)
    found = checks.own_network(layers)
    assert (found.status, found.mistake) == ("wrong", "not trained enough")
    assert 0.5 < share < 0.75 and f"{share:.3f} of the test digits are read right. Nine of ten" in " ".join(
        repr(found).split()
    )


def test_it_passes_the_gradient_check_of_the_package() -> None:
    assert cnnlib.gradient_check(made(), np.random.default_rng(0).normal(size=(2, 1, 8, 8))) < 1e-6


def test_what_is_checked_is_left_as_it_was() -> None:
    before = {name: array.copy() for name, array in trained().parameters().items()}
    assert checks.own_network(trained()).status == "right"
    assert all(np.array_equal(array, before[name]) for name, array in trained().parameters().items())


def test_a_list_of_layers_will_do_and_float32_too() -> None:
    layers = copy.deepcopy(trained().layers)
    layers[0].w, layers[0].w_b = layers[0].w.astype(np.float32), layers[0].w_b.astype(np.float32)
    assert checks.own_network(layers).status == "right"


NO_POOLING = ("MyPooling(), cnnlib.Flatten(), dense", "cnnlib.Flatten(), dense"), ("(10, 72)", "(10, 288)")
WRONG: list[tuple[Callable[[], Any], str]] = [
    (lambda: 3, "form"),
    (lambda: [cnnlib.Flatten, 3], "form"),
    (lambda: made(), "not trained"),
    (lambda: [cnnlib.Conv2d(1, 8, 3), *made().layers[1:]], "a layer of cnnlib"),
    (lambda: [*made().layers[:2], cnnlib.MaxPool2d(2), *made().layers[3:]], "a layer of cnnlib"),
    (lambda: [*made().layers[:4], cnnlib.Linear(72, 10)], "a layer of cnnlib"),
    (lambda: made(*NO_POOLING), "no pooling"),
    (lambda: made(("(10, 72)", "(9, 72)"), ("np.zeros(10)", "np.zeros(9)")), "not ten scores"),
    (lambda: made(("(10, 72)", "(10, 70)")), "forward fails"),
    (lambda: made(("        return net\n\n", "\n")), "forward gives nothing"),
    (lambda: made(("        return net\n\n", "        return net - net.mean()\n\n")), "images of a batch mixed"),
    (lambda: made(("d_x[:, :, rows, columns] +=", "d_x[:, :, rows, columns] =")), "a gradient is wrong"),
    (lambda: made(("self.d_w_b = delta.sum", "self.d_w_b = -delta.sum")), "a gradient is wrong"),
    (lambda: made(("self.d_w_b = delta.sum", "self.d_w_b = delta.mean")), "a gradient is wrong"),
    (lambda: made(("self.d_w[:, :, m, n] =", "self.d_w[:, :, n, m] =")), "a gradient is wrong"),
    (lambda: made(("return gradient * self.active", "return gradient")), "a gradient is wrong"),
    (lambda: made(("delta.sum(axis=(0, 2, 3))", "delta.sum()")), "gradient of another shape"),
    (lambda: made(("return delta @ self.W", "return delta @ self.W.T")), "backward fails"),
    (lambda: made(("windows.swapaxes(3, 4).reshape(B, D, 2", "windows.reshape(B, D, 2")), "a gradient is wrong"),
]  # fmt: skip


@pytest.mark.parametrize(("network", "mistake"), WRONG, ids=[f"{m}, {k}" for k, (_, m) in enumerate(WRONG)])
def test_what_is_wrong_is_named(network: Callable[[], Any], mistake: str) -> None:
    found = checks.own_network(network())
    assert (found.status, found.mistake) == ("wrong", mistake), found


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("self.d_w_b = delta.sum", "self.d_w_b = -delta.sum"), "In layer 0, `MyConvolution`, the gradient by `w_b`"),
        (("return gradient * self.active", "return gradient"), "In layer 1, `Rectifier`, the gradient by its input"),
    ],
)
def test_the_layer_and_the_array_are_named(change: tuple[str, str], sentence: str) -> None:
    assert sentence in " ".join(repr(checks.own_network(made(change))).split())
