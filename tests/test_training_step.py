"""One training step of the small network: its numbers against cnnlib's layers, its words against its numbers."""

from __future__ import annotations

import functools
import itertools
import re
from typing import Any

import numpy as np
import pytest

import cnnlib
from cnncourse import explorers
from cnncourse.explorers import _training_step as module
from cnncourse.explorers import small_net, small_net_words
from cnncourse.explorers.small_net import CELLS, GRIDS, SHAPES, STARTS, TINY, backward, forward, kind_of, path

EXPLORER = module.EXPLORER
PATHS = list(itertools.product((0.02, 0.2, 0.5), small_net.IMAGES, ("0", "1"), STARTS))
PARAMETERS = list(STARTS["chapter"])


def layers_of(parameters: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return kernels, their biases, W and b as the layers of cnnlib hold them."""
    w, wb = (np.stack([parameters[f"{name}{k}"] for k in (0, 1)]) for name in ("w", "wb"))
    W = np.stack([np.concatenate([parameters[f"W{u}{k}"].ravel() for k in (0, 1)]) for u in (0, 1)])
    return w[:, None], wb.ravel(), W, parameters["b"].ravel()


def by_cnnlib(x: np.ndarray, parameters: dict[str, np.ndarray], label: int) -> dict[str, np.ndarray]:
    """Return all numbers as cnnlib's functions compute them, batches of one.

    Before the maps are pooled they are rounded: which of two equal numbers wins must not depend on their last bits.
    """
    w, wb, W, b = layers_of(parameters)
    net = cnnlib.conv2d(x[None, None], w, wb).round(10)
    a = cnnlib.relu(net)
    y = cnnlib.max_pool2d(a, 2, stride=1)
    out = W @ y.ravel() + b
    E, delta = cnnlib.cross_entropy(out[None], np.array([label]))
    d_y = (W.T @ delta[0]).reshape(y.shape)
    d_a = cnnlib.max_pool2d_backward(d_y, a, 2, stride=1)
    d_net = d_a * cnnlib.relu_derivative(net)
    _, d_w, d_wb = cnnlib.conv2d_backward(d_net, x[None, None], w)
    d_W = np.outer(delta[0], y.ravel()).reshape(2, 2, 2, 2)
    found = {"E": np.array([[E]]), "p": cnnlib.softmax(out[None]).T, "out": out[:, None]}
    found |= {"d_out": delta.T, "d_b": delta.T} | {f"d_W{u}{k}": d_W[u, k] for u in (0, 1) for k in (0, 1)}
    for name, maps in {"net": net, "a": a, "y": y, "d_y": d_y, "d_a": d_a, "d_net": d_net}.items():
        found |= {f"{name}{k}": maps[0, k] for k in (0, 1)}
    return found | {f"d_w{k}": d_w[k, 0] for k in (0, 1)} | {f"d_wb{k}": d_wb[k].reshape(1, 1) for k in (0, 1)}


def everything(rate: float, image: str, label: str, start: str, step: int) -> tuple[dict[str, np.ndarray], int]:
    truth = small_net.label_of(image, label, step)
    v = forward(small_net.image_of(image, step), path(rate, image, label, start)[0][step], truth)
    return v | backward(v, truth), truth


@pytest.mark.parametrize("start", STARTS)
def test_every_number_of_every_step_is_the_one_that_cnnlib_computes(start: str) -> None:
    for rate, image, label, _ in (one for one in PATHS if one[3] == start):
        parameters, losses = path(rate, image, label, start)
        for step in (0, 1, 2, 3, 8, small_net.MOST):
            v, truth = everything(rate, image, label, start, step)
            expected = by_cnnlib(v["x"], parameters[step], truth)
            assert set(expected) | set(PARAMETERS) | {"x"} == set(GRIDS) == set(v)
            for name, numbers in expected.items():
                assert v[name].shape == GRIDS[name] == numbers.shape
                np.testing.assert_allclose(v[name], numbers, rtol=1e-6, atol=1e-8, err_msg=f"{name} {rate} {image}")
            assert losses[step] == v["E"][0, 0]
            for name in PARAMETERS:
                np.testing.assert_allclose(parameters[step + 1][name], v[name] - rate * v[f"d_{name}"], rtol=1e-12)


def test_the_derivatives_are_those_that_nudging_measures() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(4, 4))  # no ties, and no net near 0
    parameters = {name: rng.normal(size=SHAPES[name]) for name in PARAMETERS}

    def loss(name: str, label: int, values: np.ndarray) -> float:
        return float(forward(x, parameters | {name: values}, label)["E"][0, 0])

    for label in (0, 1):
        d = backward(forward(x, parameters, label), label)
        for name in PARAMETERS:
            measured = cnnlib.numerical_gradient(functools.partial(loss, name, label), parameters[name], 1e-6)
            np.testing.assert_allclose(d[f"d_{name}"], measured, atol=1e-7)


def test_the_numbers_of_the_chapter() -> None:
    """As chapter 07 computes them: E, the derivatives of the kernels, and E after a step with 0.1."""
    numbers = explorers.training_step(steps=1).scene.numbers
    np.testing.assert_allclose(numbers["losses"], [1.3133, 0.05], atol=5e-5)
    first = explorers.training_step().scene.numbers
    np.testing.assert_allclose(first["d_w0"], [[1.462, 0.366], [1.462, 0.366]], atol=5e-4)
    np.testing.assert_allclose(first["d_w1"], [[-1.462, -1.462], [-0.731, -0.731]], atol=5e-4)
    assert explorers.training_step().output.ravel().round(3).tolist() == [0.731, 0.269]


# ---- a number, what made it and where it goes ------------------------------------------------------------------------

SOME = [(0.1, "one", "1", "chapter", 0), (0.2, "turns", "0", "alike", 7), (0.5, "turns", "1", "chapter", 6)]
SOME += [(1, "one", "1", "chapter", 2), (0.05, "even", "1", "dead", 3)]


def value_of(how: small_net.Made, r: int) -> float:
    """Return what the terms of a number give; r is its row."""
    products = np.array([np.prod([factor for _, factor in term]) for term in how.terms])
    if how.how in ("no_window", "tied"):
        return 0.0
    if how.how == "softmax":
        return float(cnnlib.softmax(products[None])[0, r])
    if how.how == "loss":
        return float(-np.log(products[0]))
    if how.how == "relu":
        return float(max(0, products[0]))
    return float(products.max() if how.how.startswith("max") else products.sum() - how.target)


@pytest.mark.parametrize("one", SOME)
def test_the_terms_of_a_number_make_it(one: Any) -> None:
    v, truth = everything(*one)
    for name, r, c in CELLS:
        how, value = small_net.made(v, truth, (name, r, c)), v[name][r, c]
        if how.how in ("pixel", "weight"):
            assert name == "x" or how.sources == [(f"d_{name}", r, c)]
            continue
        assert value == pytest.approx(value_of(how, r), abs=1e-9), (name, r, c)
        if how.how == "max_tie":
            assert how.equal == sum(abs(term[0][1] - value) < TINY for term in how.terms) > 1


@pytest.mark.parametrize("one", SOME[:3])
def test_where_a_number_goes_is_where_it_is_a_source(one: Any) -> None:
    v, truth = everything(*one)
    sources = {other: small_net.made(v, truth, other).sources for other in CELLS}
    for cell in CELLS[::7]:
        assert small_net.targets(v, truth, cell) == [other for other in CELLS if cell in sources[other]]
    assert {name for name, _, _ in small_net.targets(v, truth, ("y0", 0, 1))} >= {"out", "d_W00", "d_W10"}
    assert ("net0", 1, 0) in small_net.targets(v, truth, ("x", 1, 1))
    assert ("d_w1", 0, 0) in small_net.targets(v, truth, ("x", 1, 1))
    assert small_net.targets(v, truth, ("d_w0", 0, 1)) == [("w0", 0, 1)]


def number_of(words: str) -> float:
    """Return the number at the end of a line of arithmetic."""
    found = re.search(r"= ([−\d.·⁻⁰¹²³⁴⁵⁶⁷⁸⁹,]+)$", words.split(";")[0].split(":")[-1])
    assert found, words
    mantissa, _, power = found[1].replace("−", "-").replace(",", "").partition("·10")
    return float(mantissa) * 10 ** int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)


@pytest.mark.parametrize("letters", [False, True])
def test_the_line_of_arithmetic_ends_in_the_number(letters: bool) -> None:
    v, truth = everything(0.2, "turns", "0", "chapter", 3)
    for cell in CELLS:
        line = small_net_words.reading(v, truth, 0.2, cell, letters)
        assert not re.search(r"\{\w*[a-z]{2}|None|nan", line) and len(line) < 400
        value = v[cell[0]][cell[1:]]
        if kind_of(cell[0]) not in ("x", "w", "wb", "W", "b") and "= 0:" not in line:
            assert number_of(line) == pytest.approx(value, rel=6e-3, abs=5.1e-4)


def test_lines_of_arithmetic_in_words() -> None:
    explorer = explorers.training_step()
    said = {
        "net0_01": "Map 0: net_{01} = 1·0 + (−1)·1 + 1·1 + (−1)·1 + 0 = −1",
        "y0_00": "Map 0: y_0 = max(1, 0, 1, 0) = 1; 2 are equal, the first counts",
        "E_00": "E = −ln 0.269 = 1.313",
        "d_out_10": "Unit 1: δ_1 = 0.269 − 1 = −0.731",
        "d_a1_20": "Map 1: ∂E/∂a_{20} = 0: in its windows an equal number comes first",
        "d_a0_01": "Map 0: ∂E/∂a_{01} = 0: it is the largest of no window",
        "w0_00": "Kernel 0: w_{00} = 1; the next step makes it 1 − 0.1·1.462 = 0.854",
    }
    for look, line in said.items():
        explorer.look = look
        assert explorer.scene.numbers["reading"] == line
    explorer.change(look="d_net0_00", letters=True)
    assert explorer.scene.numbers["reading"] == "Map 0: δ_{00} = ∂E/∂a_{00}·f′(net_{00}) = 0.366"


# ---- what presets show -----------------------------------------------------------------------------------------------


def test_presets_show_what_they_are_named_for() -> None:
    explorer = explorers.training_step()
    explorer.choose("dead ReLU")
    numbers = explorer.scene.numbers
    assert not any(numbers[name].any() for name in ("d_w0", "d_wb0", "d_net0", "a0")) and numbers["d_w1"].any()
    explorer.choose("equal kernels")
    numbers = explorer.scene.numbers
    np.testing.assert_allclose(numbers["w0"], numbers["w1"], atol=1e-12)
    assert "stay equal" in explorer.scene.sentence
    explorer.choose("two images")
    assert explorer.scene.numbers["losses"][-2:].max() < 0.15
    explorer.choose("too large an η")
    losses = explorer.scene.numbers["losses"]
    assert losses[1] > 15 and losses[-2:].min() > 0.8 and "No net of either map" in explorer.scene.sentence
    explorer.choose("tie in a window")
    assert "are equal, the first counts" in explorer.scene.numbers["reading"]


def test_update_takes_steps_until_there_are_no_more() -> None:
    explorer = explorers.training_step(rate=0.05)
    for _ in range(25):
        explorer.update()
    assert explorer.steps == 20 and len(explorer.scene.numbers["losses"]) == 21
    assert (np.diff(explorer.scene.numbers["losses"]) < 0).all()


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("image", small_net.IMAGES)
def test_the_code_that_is_copied_takes_the_same_steps(
    start: str, image: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for rate, label in ((0.01, "1"), (0.1, "0"), (0.2, "1")):
        settings = EXPLORER.start() | {"start": start, "image": image, "rate": rate, "label": label, "steps": 1}
        compile(module.code(settings, "torch"), "torch", "exec")
        found: dict[str, Any] = {}
        exec(module.code(settings, "cnnlib"), found)
        printed = [float(line.split()[1]) for line in capsys.readouterr().out.splitlines()[:2]]
        numbers = EXPLORER.scene_of(settings).numbers
        np.testing.assert_allclose(printed, numbers["losses"], atol=6e-5)
