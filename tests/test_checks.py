"""What the checks do with an answer, whatever the exercise; what they know of each is in test_exercises.py."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import itertools
import linecache
import re
import subprocess
import sys
import threading
import time
import warnings
from collections import OrderedDict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import cnnlib
from cnncourse import checks
from cnncourse.checks import calling, comparing, matching, result
from cnncourse.checks.comparing import Mistake
from cnncourse.checks.exercise import Case, FunctionExercise
from cnncourse.checks.prediction import Prediction, WrongForm, read_whole_number
from cnncourse.checks.windows import image_size

FUNCTIONS = {name: exercise for name, exercise in checks.EXERCISES.items() if isinstance(exercise, FunctionExercise)}
PREDICTIONS = {name: exercise for name, exercise in checks.EXERCISES.items() if isinstance(exercise, Prediction)}
SEEDS = (0, 1)


def function_of(source: str) -> Callable[..., Any]:
    """Return the last function that `source` defines, as if it stood in a cell of a notebook."""
    name = f"<exercise {abs(hash(source))}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {"np": np, "cnnlib": cnnlib}
    exec(compile(source, name, "exec"), namespace)
    return namespace[re.findall(r"^def (\w+)", source, re.MULTILINE)[-1]]


def source_of(name: str) -> str:
    return inspect.getsource(FUNCTIONS[name].reference_solution)


ANSWERS = {
    "largest_factor": [4**-10, 9.54e-7, np.float64(0.25) ** 10, Fraction(1, 4) ** 10, Decimal(1) / 4**10],
    "count_parameters": [{"a": 1020, "b": 14430, "c": 208, "d": 1456, "e": 650, "f": 0}],
    "conv_shapes": [
        {"a": (8, 28, 16), "b": (16, 32, 24), "c": (4, 4, 3), "d": [10, 7, 15], "e": (5, 7, 5)},
    ],
    "choose_fps": [(2, 0, 2), (3, 1, 2), (4, 1, 2), (5, 2, 2), (15, 0, 1), [17, 1, 1], (1, 0, 2)],
    "pooled_shapes": [
        {"a": (16, 5, 7), "b": (8, 6, 4), "c": (5, 4, 4), "d": (4, 4, 6), "e": 32},
        {"a": (16, 5, 7), "b": (8, 6, 4), "c": (5, 4, 4), "d": (4, 4, 6), "e": (32, 1, 1)},
    ],
    "false_about_convolutions": ["c", "C", " (c) ", "（ｃ）"],
    "false_about_pooling": ["b", "b."],
    "chain_rule": [{"a": 3, "b": 12, "c": 36, "d": 24}, {"a": 3.0, "b": 12, "c": Fraction(36), "d": Decimal(24)}],
    "total_derivative": [{"a": 36, "b": 7}],
}
REPORTS = {"one_change", "own_network"}  # networks: test_checks_06_to_12.py, test_own_network.py


@pytest.mark.parametrize("name", ANSWERS)
def test_right_answers_are_right(name: str) -> None:
    for answer in ANSWERS[name]:
        found = PREDICTIONS[name](answer)
        assert found.status == "right", found


def test_every_exercise_is_tried_here() -> None:
    assert ANSWERS.keys() | REPORTS == PREDICTIONS.keys()
    assert all(checks.EXERCISES[name] is getattr(checks, name) for name in checks.EXERCISES)
    assert set(checks.__all__) >= checks.EXERCISES.keys()


def test_the_right_numbers_come_from_the_package() -> None:
    answer = ANSWERS["count_parameters"][0]
    layers = [
        cnnlib.Linear(50, 20),
        cnnlib.Linear(4 * 12 * 10, 30),
        cnnlib.Conv2d(1, 8, 5),
        cnnlib.Conv2d(6, 16, (3, 5)),
    ]
    layers += [cnnlib.Conv2d(64, 10, 1)]
    assert list(answer.values()) == [sum(p.size for p in layer.parameters().values()) for layer in layers] + [0]
    settings = [((3, 32, 20), 8, (5, 5)), ((3, 64, 48), 16, (3, 3), 2, 1), ((1, 10, 7), 4, (3, 3), 2)]
    settings += [((6, 20, 30), 10, (3, 5), (3, 2), (1, 2)), ((2, 15, 12), 5, (3, 3), 2, 1, 2)]
    for (x, N, kernel, *more), shape in zip(settings, ANSWERS["conv_shapes"][0].values()):
        assert cnnlib.conv2d(np.zeros((1, *x)), np.zeros((N, x[0], *kernel)), None, *more).shape[1:] == tuple(shape)
    pools = [((16, 10, 14), 2), ((8, 13, 10), 3, 2), ((5, 9, 16), (2, 4)), ((4, 7, 6), 3, (2, 1), 1)]
    for (x, *more), shape in zip(pools, ANSWERS["pooled_shapes"][0].values()):
        assert cnnlib.max_pool2d(np.zeros((1, *x)), *more).shape[1:] == shape
    assert cnnlib.global_avg_pool2d(np.zeros((1, 32, 7, 9))).shape[1:] == (32,)


# ---- not yet --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", checks.EXERCISES)
def test_no_answer_is_not_yet(name: str) -> None:
    exercise = checks.EXERCISES[name]
    assert exercise().status == exercise(None).status == exercise(...).status == "not yet"
    if isinstance(exercise, Prediction) and "" not in exercise.questions:
        assert exercise(dict.fromkeys(exercise.questions, ...)).status == "not yet"
        assert exercise(dict.fromkeys(exercise.questions)).status == "not yet"


def test_a_part_of_a_prediction_is_not_yet_and_says_what_is_right() -> None:
    found = checks.conv_shapes({"a": (8, 28, 16), "b": (16, ..., 24), "c": ..., "d": (10, 7, 15), "e": None})
    assert found.status == "not yet"
    assert "Right so far: a, d. Still open: b, c, e." in repr(found)


# ---- wrong solutions ------------------------------------------------------------------------------------------------

WRONG_ANSWERS = [
    ("largest_factor", 1, "the sigmoid itself"),
    ("largest_factor", 2**-10, "σ(0) in place of σ′(0)"),
    ("largest_factor", 10 / 4, "added instead of multiplied"),
    ("largest_factor", 4**-9, "one layer too few"),
    ("largest_factor", 4**-11, "one layer too many"),
    ("largest_factor", 4**10, "upside down"),
    ("largest_factor", 1e-6, "rounded"),
    ("largest_factor", 3.9e-7, "the maximum itself"),
    ("largest_factor", 0, "rounded to zero"),
    ("largest_factor", 0.3, ""),
    ("largest_factor", "4**-10", "form"),
    ("largest_factor", True, "form"),
    ("largest_factor", Decimal("NaN"), "form"),
    ("largest_factor", Fraction(1, 4), "one layer only"),
    ("largest_factor", np.float16(1), "the sigmoid itself"),
    ("count_parameters", {"a": Fraction(2041, 2)}, "form"),
    ("count_parameters", {"a": Decimal("Infinity")}, "form"),
    ("count_parameters", {"a": 1000}, "bias forgotten"),
    ("count_parameters", {"a": 1001}, "one bias for all"),
    ("count_parameters", {"a": 1050}, "bias per input"),
    ("count_parameters", {"b": (12 * 10 + 1) * 30}, "depth forgotten"),
    ("count_parameters", {"b": (4 + 1) * 30}, "image size forgotten"),
    ("count_parameters", {"c": 200}, "bias forgotten"),
    ("count_parameters", {"c": 26}, "one kernel only"),
    ("count_parameters", {"c": 200 + 8 * 24 * 16}, "bias per neuron"),
    ("count_parameters", {"c": 208 * 24 * 16}, "weights not shared"),
    ("count_parameters", {"c": (28 * 20 + 1) * 8}, "a fully connected layer"),
    ("count_parameters", {"d": (15 + 1) * 16}, "depth forgotten"),
    ("count_parameters", {"d": (6 * 9 + 1) * 16}, "kernel taken as square"),
    ("count_parameters", {"d": (6 * 25 + 1) * 16}, "kernel taken as square"),
    ("count_parameters", {"d": 6 * 15 * 16 + 6 * 16}, "bias per channel of the kernel"),
    ("count_parameters", {"e": 640}, "bias forgotten"),
    ("count_parameters", {"e": 10 * 2}, "depth forgotten"),
    ("count_parameters", {"f": 4}, "pooling has no parameters"),
    ("count_parameters", {"f": 80}, "pooling has no parameters"),
    ("count_parameters", {"a": 1020.5}, "form"),
    ("count_parameters", {"a": "1,020"}, "form"),
    ("count_parameters", {"a": 17}, ""),
    ("count_parameters", [1020], "form"),
    ("count_parameters", 1020, "form"),
    ("conv_shapes", {"a": (8, 27, 15)}, "1 forgotten"),
    ("conv_shapes", {"a": (3, 28, 16)}, "depth of the input"),
    ("conv_shapes", {"a": (24, 28, 16)}, "one map per kernel and channel"),
    ("conv_shapes", {"a": (8, 16, 28)}, "rows and columns swapped"),
    ("conv_shapes", {"a": (28, 16, 8)}, "channels last"),
    ("conv_shapes", {"a": (28, 16)}, "form"),
    ("conv_shapes", {"a": (8.0, 28, 16)}, "form"),
    ("conv_shapes", {"b": (16, 33, 25)}, "rounded up"),
    ("conv_shapes", {"b": (16, 31, 23)}, "1 forgotten or padding ignored"),
    ("conv_shapes", {"b": (16, 64, 48)}, "stride ignored or size of the input"),
    ("conv_shapes", {"c": (4, 5, 3)}, "rounded up or kernel ignored"),
    ("conv_shapes", {"d": (10, 10, 10)}, "stride axes swapped"),
    ("conv_shapes", {"d": (10, 6, 13)}, "padding ignored"),
    ("conv_shapes", {"d": (10, 7, 14)}, "padding counted once"),
    ("conv_shapes", {"d": (10, 6, 16)}, "kernel axes swapped"),
    ("conv_shapes", {"e": (5, 8, 6)}, "dilation ignored"),
    ("conv_shapes", {"e": (5, 6, 5)}, "padding counted once or dilation times kernel"),
    ("choose_fps", (2, 2, 0), "form"),
    ("choose_fps", (3, 2, 1), "P and S swapped"),
    ("choose_fps", (3, 0, 2), "rounded up"),
    ("choose_fps", (1, 1, 2), "1 forgotten or padding ignored"),
    ("choose_fps", (30, 0, 1), "window does not fit"),
    ("choose_fps", (6, 4, 2), "padding counted once"),
    ("choose_fps", (2, 4, 2), "padding ignored"),
    ("choose_fps", (5, 1, 3), ""),
    ("choose_fps", (2, 0), "form"),
    ("choose_fps", (2.0, 0, 2), "form"),
    ("choose_fps", 2, "form"),
    ("pooled_shapes", {"a": (8, 5, 7)}, "channels pooled"),
    ("pooled_shapes", {"a": (1, 5, 7)}, "channels pooled"),
    ("pooled_shapes", {"a": (16, 4, 6)}, "1 forgotten"),
    ("pooled_shapes", {"b": (8, 6, 5)}, "rounded up or window ignored"),
    ("pooled_shapes", {"b": (8, 4, 3)}, "stride ignored"),
    ("pooled_shapes", {"c": (5, 5, 4)}, "rounded up"),
    ("pooled_shapes", {"c": (5, 2, 8)}, "window axes swapped"),
    ("pooled_shapes", {"d": (4, 7, 3)}, "stride axes swapped"),
    ("pooled_shapes", {"d": (4, 3, 4)}, "padding ignored"),
    ("pooled_shapes", {"e": 1}, "channels averaged"),
    ("pooled_shapes", {"e": 63}, "channels averaged"),
    ("pooled_shapes", {"e": (7, 9)}, "form"),
    ("false_about_convolutions", "a", "a"),
    ("false_about_convolutions", "b", "b"),
    ("false_about_convolutions", "d", "d"),
    ("false_about_convolutions", 3, "form"),
    ("false_about_pooling", "a", "a"),
    ("false_about_pooling", "c", "c"),
    ("false_about_pooling", "d", "d"),
    ("false_about_pooling", "e", "form"),
    ("chain_rule", {"a": 6}, "the ½ forgotten"),
    ("chain_rule", {"a": -3}, "sign reversed"),
    ("chain_rule", {"a": 1}, "net in place of a"),
    ("chain_rule", {"a": 4.5}, "form"),
    ("chain_rule", {"b": 3}, "f′(net) left out"),
    ("chain_rule", {"b": 7}, "added instead of multiplied"),
    ("chain_rule", {"b": 24}, "slope at a instead of net"),
    ("chain_rule", {"c": 24}, "w in place of x"),
    ("chain_rule", {"c": 12}, "the last factor forgotten"),
    ("chain_rule", {"c": 9}, "f′(net) left out"),
    ("chain_rule", {"d": 36}, "x in place of w"),
    ("chain_rule", {"d": 6}, "f′(net) left out"),
    ("chain_rule", {"d": 23}, ""),
    ("total_derivative", {"a": 12}, "one path only"),
    ("total_derivative", {"a": 288}, "paths multiplied"),
    ("total_derivative", {"a": 18}, "paths averaged"),
    ("total_derivative", {"a": 7}, "∂E/∂u and ∂E/∂v left out"),
    ("total_derivative", {"a": 10}, "du/dx and dv/dx left out"),
    ("total_derivative", {"b": 10}, "one path only"),
    ("total_derivative", {"b": -3}, "one path only"),
    ("total_derivative", {"b": 1}, "weights swapped"),
    ("total_derivative", {"b": 8}, "weights left out"),
    ("total_derivative", {"b": 16}, "sign lost"),
    ("total_derivative", {"b": 13}, "paths subtracted"),
    ("total_derivative", 36, "form"),
]


@pytest.mark.parametrize(("name", "answer", "mistake"), WRONG_ANSWERS)
def test_wrong_answers_are_caught_and_named(name: str, answer: Any, mistake: str) -> None:
    if isinstance(answer, dict):
        answer = ANSWERS[name][0] | answer
    found = PREDICTIONS[name](answer)
    assert found.status == "wrong", found
    assert found.mistake == mistake, found


def test_one_wrong_part_is_named_and_the_others_are_not_given_away() -> None:
    found = checks.count_parameters(ANSWERS["count_parameters"][0] | {"c": 200, "d": ...})
    assert repr(found).splitlines()[1].startswith("c: 200 is not it. The mistake: bias forgotten.")
    assert "Right so far: a, b, e, f. Still open: d." in repr(found)
    assert "208" not in repr(found)
    assert "1456" not in repr(found)


# ---- what is tried --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_cases_are_varied(seed: int) -> None:
    made = {name: FUNCTIONS[name].cases(np.random.default_rng(seed)) for name in FUNCTIONS}
    for name in ("conv2d_one_channel", "conv2d_many_channels", "mean_pool2d", "max_pool2d"):
        images = [case.values[0] for case in made[name]]
        assert all(x.shape[-1] != x.shape[-2] for x in images)
        assert any((x < 0).all() for x in images) or "conv" in name
        assert sum((x < 0).any() for x in images) > 10
        strides = {case.values[2] if "pool" in name else case.by_name.get("stride", 1) for case in made[name]}
        assert len(strides) >= 3, strides
    assert {case.by_name.get("padding", 0) for case in made["conv2d_many_channels"]} == {0, 1, 2, 3}
    assert {case.by_name.get("padding", 0) for case in made["mean_pool2d"]} == {0, 1, 2, 3}
    with_ties = [x for case in made["max_pool2d"] for x in case.values[0] if len(np.unique(x)) < x.size]
    assert len(with_ties) > 5
    for case in made["leaky_relu"]:
        assert (case.values[0] == 0).any()
        assert (case.values[0] < 0).any() or case.values[0].dtype.kind == "u"
    sizes = FUNCTIONS["output_size"]
    given = [sizes.with_defaults(case.arguments(sizes.argument_names)) for case in made["output_size"]]
    rests = {(g["size"] - g["kernel"] + 2 * g["padding"]) % g["stride"] for g in given}
    assert rests >= {0, 1, 2, 3, 4}


@pytest.mark.parametrize("name", ["mean_pool2d", "max_pool2d", "max_pool_backward"])
def test_no_window_lies_wholly_in_the_padding(name: str) -> None:
    """A window without a cell of the map has no largest one: whatever a function gives there, no text says."""
    exercise = FUNCTIONS[name]
    for case in (case for seed in range(20) for case in exercise.cases(np.random.default_rng(seed))):
        given = exercise.with_defaults(case.arguments(exercise.argument_names))
        P = given["padding"]
        for length, F, S in zip(given["x"].shape[1:], given["size"], given["stride"]):
            begins = range(0, length + 2 * P - F + 1, S)
            assert [i for i in begins if i + F <= P or i >= P + length] == [], case


def pooled_by(largest: Callable[[np.ndarray], float], **around: Any) -> Callable[..., np.ndarray]:
    """Return max pooling with its own way to find the largest number of a window, and its own padding."""

    def pool(x: np.ndarray, size: Any, stride: Any, padding: int = 0) -> np.ndarray:
        x = np.pad(x.astype(float), ((0, 0), (padding, padding), (padding, padding)), **around)
        (p, q), (S_h, S_w) = size, stride
        rows, columns = range(0, x.shape[1] - p + 1, S_h), range(0, x.shape[2] - q + 1, S_w)
        return np.array([[[largest(one[i : i + p, j : j + q]) for j in columns] for i in rows] for one in x])

    return pool


@pytest.mark.parametrize(
    "function",
    [
        pooled_by(np.max, constant_values=np.finfo(float).min),
        pooled_by(np.max, mode="edge"),  # a window that holds a repeated cell holds the cell itself as well
        pooled_by(np.nanmax, constant_values=np.nan),
        pooled_by(lambda window: max(window[~np.isnan(window)]), constant_values=np.nan),
    ],
    ids=["the smallest float", "the border repeated", "NaN", "the cells of the map alone"],
)
def test_padding_that_never_wins_may_be_of_any_kind(function: Callable[..., np.ndarray]) -> None:
    for seed in range(5):
        assert checks.max_pool2d(function, seed=seed).right


@pytest.mark.parametrize("name", FUNCTIONS)
def test_cases_are_new_each_time_and_the_same_with_a_seed(name: str) -> None:
    asked: list[list[Any]] = []

    def note(*values: Any, **by_name: Any) -> Any:
        asked[-1].append(repr((values, by_name)))
        return 0

    for seed in (5, 5, 6, None, None):
        asked.append([])
        FUNCTIONS[name](note, seed=seed)
    assert asked[0] == asked[1]
    assert len({tuple(calls) for calls in asked}) == 4


def around(x: np.ndarray, padding: int, value: float = -np.inf) -> np.ndarray:
    """Return x with padding, more than the package allows: no window of the cases lies wholly in it."""
    pairs = ((0, 0), (padding, padding), (padding, padding))
    return np.pad(x.astype(float), pairs, constant_values=value)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_right_answers_are_those_of_the_plain_loops(name: str) -> None:
    loops = {
        "conv2d_one_channel": lambda x, w, w_b, stride: cnnlib.reference.conv2d(
            x[None, None], w[None, None], np.array([w_b]), stride
        )[0, 0],
        "conv2d_many_channels": lambda x, w, b, stride, padding: cnnlib.reference.conv2d(
            x[None], w, b, stride, padding
        )[0],
        "true_convolution": lambda a, b: cnnlib.reference.convolve2d(a, b),
        "mean_pool2d": lambda x, size, stride, padding: cnnlib.reference.avg_pool2d(
            around(x, padding, 0)[None], size, stride
        )[0],
        "max_pool2d": lambda x, size, stride, padding: cnnlib.reference.max_pool2d(
            around(x, padding)[None], size, stride
        )[0],
        "leaky_relu": lambda x, slope: np.array([v if v > 0 else slope * v for v in x.flat]).reshape(x.shape),
        "leaky_relu_derivative": lambda x, slope: np.array([1.0 if v > 0 else slope for v in x.flat]).reshape(x.shape),
        "output_size": lambda size, kernel, stride, padding: sum(
            1 for i in range(0, size + 2 * padding, stride) if i + kernel <= size + 2 * padding
        ),
        "delta_stride_one": lambda delta, w: cnnlib.reference.conv_transpose2d(delta[None, None], w[None, None])[0, 0],
        "expand_delta": lambda delta, stride, size: cnnlib.reference.expand_sensitivity_map(delta, stride, size),
        "transposed_layer": lambda x, w, stride, padding: cnnlib.reference.conv_transpose2d(
            x[None], w, None, stride, padding
        )[0],
        "weight_gradient": lambda delta, x, kernel_size, stride, padding: cnnlib.reference.conv2d_backward(
            delta[None], x[None], np.ones((len(delta), len(x), *kernel_size)), stride, padding
        )[1:],
        "max_pool_backward": lambda delta, x, size, stride, padding: cnnlib.reference.max_pool2d_backward(
            delta[None], around(x, padding)[None], size, stride
        )[0][:, padding : padding + x.shape[1], padding : padding + x.shape[2]],
        "conv2d_backward": lambda delta, x, w, stride, padding: cnnlib.reference.conv2d_backward(
            delta, x, w, stride, padding
        ),
    }
    if name not in loops:
        pytest.skip("there is no such function in the package")
    exercise = FUNCTIONS[name]
    for case in exercise.cases(np.random.default_rng(7)):
        arguments = exercise.with_defaults(case.arguments(exercise.argument_names))
        assert comparing.difference(loops[name](**arguments), exercise.reference_solution(**arguments)) is None


def of_one_map(function: Callable[..., Any], given: int = 1) -> Callable[..., Any]:
    """Return a function of the package as an exercise asks for it: what it is given and gives is of one image."""

    def answer(*arguments: Any, **settings: Any) -> Any:
        return function(*[one[None] for one in arguments[:given]], *arguments[given:], **settings)[0]

    return answer


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (checks.output_size, cnnlib.output_size),
        (checks.true_convolution, cnnlib.convolve2d),
        (checks.expand_delta, cnnlib.expand_sensitivity_map),
        (checks.stable_softmax, cnnlib.softmax),
        (checks.conv2d_backward, cnnlib.conv2d_backward),
        (checks.conv2d_many_channels, of_one_map(cnnlib.conv2d)),
        (checks.max_pool2d, of_one_map(cnnlib.max_pool2d)),
        (checks.mean_pool2d, of_one_map(cnnlib.avg_pool2d)),
        (checks.max_pool_backward, of_one_map(cnnlib.max_pool2d_backward, given=2)),
    ],
)
def test_an_answer_may_call_the_package(check: Any, answer: Any, seed: int) -> None:
    assert check(answer, seed=seed).status == "right"


def test_the_smallest_wrong_case_comes_first() -> None:
    def only_small_ones_right(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
        return (size - kernel + 2 * padding) // stride + 1 + (stride > 1)

    found = checks.output_size(only_small_ones_right, seed=0)
    assert found.inputs == {"size": 3, "kernel": 1, "stride": 2}
    assert (found.got, found.expected) == (3, 2)

    sizes = []
    checks.conv2d_many_channels(lambda x, w, b, stride=1, padding=0: sizes.append(x.size + w.size + b.size), seed=0)
    assert sizes[:-2] == sorted(sizes[:-2])
    assert sizes[-2:] == [sizes[0], sizes[0]]  # twice more: does it remember something?


def test_a_message_holds_the_inputs_and_how_the_cell_comes_about() -> None:
    source = changed(source_of("conv2d_one_channel"), "+ n]", "+ n] * (n + m < 2)")
    found = checks.conv2d_one_channel(function_of(source), seed=1)
    text = repr(found)
    x, w = found.inputs["x"], found.inputs["w"]
    assert x.size < 40
    values: dict[str, Any] = {"np": np}
    lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
    exec("\n".join(lines[: next(k for k, line in enumerate(lines) if line.startswith("my_conv2d"))]), values)
    assert np.array_equal(values["x"], x)
    assert np.array_equal(values["w"], w)
    cell = tuple(map(int, re.search(r"Cell \((\d+), (\d+)\)", text).groups()))
    assert f"is {comparing.number(found.got[cell])}, expected {comparing.number(found.expected[cell])}" in text
    assert re.search(r"·.* \+ .*·.* = " + re.escape(comparing.number(found.expected[cell])), text)


def changed(source: str, old: str, new: str) -> str:
    assert source.count(old) == 1
    return source.replace(old, new)


def test_large_inputs_are_not_printed() -> None:
    exercise = FunctionExercise(
        "large", "99", lambda x: x + 1, lambda rng: [Case(rng.normal(size=(20, 30)))], (), cases_description="one."
    )
    found = exercise(lambda x: x, seed=0)
    assert "x: an array of shape (20, 30)" in repr(found)
    assert len(repr(found)) < 500
    assert found.inputs["x"].shape == (20, 30)


def test_two_mistakes_at_once_are_hinted_at() -> None:
    # The bias is forgotten; where the stride is 3, the result is turned as well.
    source = changed(source_of("conv2d_one_channel"), "net[i, j] += w_b", "pass")
    source = changed(source, "return net", "return net[::-1] if stride == 3 else net")
    found = checks.conv2d_one_channel(function_of(source), seed=0)
    assert found.mistake == "value"
    assert "Perhaps: bias forgotten." in repr(found)


@pytest.mark.parametrize(
    ("off_by", "hint"),
    [
        ([1, 1, 9, 9], "Perhaps: one more. Take one away. 2 of the 4 wrong cases come"),
        ([1, 1, 9, 9, 9], ""),  # less than half
        ([1], ""),  # a single case says too little
        ([1, 1, -1, -1, -1], ""),  # what explains the most does not explain the case that is shown
        ([1, 1, -1, -1], "Perhaps: one more. Take one away. 2 of the 4 wrong cases come"),  # the one that comes first
    ],
)
def test_a_mistake_is_hinted_at_that_explains_half_of_what_is_wrong(off_by: list[int], hint: str) -> None:
    mistakes = [
        Mistake("one more", "Take one away.", lambda n: n + 1),
        Mistake("one less", "Add one.", lambda n: n - 1),
    ]
    exercise = FunctionExercise(
        "count",
        "99",
        lambda n: n,
        lambda rng: [Case(10 * k) for k in range(8)],
        tuple(mistakes),
        cases_description="eight.",
    )
    found = exercise(lambda n: n + [*off_by, *[0] * 8][n // 10])
    assert found.mistake == "value"
    assert hint in repr(found) if hint else "Perhaps" not in repr(found)


def test_no_mistake_is_looked_for_when_the_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    exercise = dataclasses.replace(
        FUNCTIONS["output_size"], mistakes=[Mistake("tried", "It was.", lambda **given: tried.append(1))]
    )
    wrong = function_of("def f(size, kernel, stride=1, padding=0):\n    return 0")
    assert exercise(wrong, seed=1).status == "wrong" and tried
    tried.clear()
    monkeypatch.setattr(matching, "TOTAL_SECONDS", -1.0)
    assert exercise(wrong, seed=1).status == "wrong" and not tried


def test_the_place_of_a_wrong_value_without_a_name_is_told() -> None:
    found = comparing.difference((1, 2), (1, 3))
    assert found is not None and (found.message, found.part) == ("value 2 of the result is 2, expected 3", 1)


def only(part: np.ndarray, *place: Any) -> np.ndarray:
    """Return an array with all but one place 0."""
    made = np.zeros_like(part)
    made[place] = part[place]
    return made


def test_mistakes_in_the_form_of_a_result_are_what_they_are_called() -> None:
    e = np.arange(1.0, 37).reshape(3, 3, 4)
    all_but_last = np.where(np.arange(4) < 3, e, 0), np.where(np.arange(3)[:, None] < 2, e, 0)
    meant = {
        "only zeros": 0 * e,
        "sign reversed": -e,
        "rows and columns swapped": np.stack([e[0].T, e[1].T, e[2].T]),
        "result upside down": e[:, [2, 1, 0]],
        "result mirrored": e[:, :, [3, 2, 1, 0]],
        "result turned": e[:, [2, 1, 0]][:, :, [3, 2, 1, 0]],
        "an axis too many": e.reshape(1, 3, 3, 4),
        "an axis lost": e,
        "flattened": np.arange(1.0, 37),
        "last row missing": e[:, [0, 1]],
        "last column missing": e[:, :, [0, 1, 2]],
        "last row empty": all_but_last[1],
        "last column empty": all_but_last[0],
        "only the first cell": only(e, 0, 0, 0),
        "only the last cell": only(e, 2, 2, 3),
        "only the first row": only(e, 0, 0),
        "only the last row": only(e, 2, 2),
        "only the first map": only(e, 0),
        "only the last map": only(e, 2),
        "fractions cut off": e,
        "digits rounded": e,
    }
    of_a_row = {
        "order reversed": [2.25, -1.75, 0.5],
        "last number missing": [0.5, -1.75],
        "last number 0": [0.5, -1.75, 0],
    }
    general = {mistake.name: mistake for mistake in comparing.GENERAL}
    assert set(general) == {*meant, *of_a_row}
    for name, right in meant.items():
        np.testing.assert_array_equal(comparing.general_answer(general[name], e), right, name)
    for name, numbers in of_a_row.items():
        np.testing.assert_array_equal(comparing.general_answer(general[name], np.array([0.5, -1.75, 2.25])), numbers)
        with pytest.raises(IndexError, match="not that kind of array"):
            comparing.general_answer(general[name], e)
    for name in ("result mirrored", "last column missing", "last column empty"):  # of a row nobody says "column"
        with pytest.raises(IndexError, match="not that kind of array"):
            comparing.general_answer(general[name], np.ones(3))
    cut = comparing.general_answer(general["fractions cut off"], {"w": np.array([1.75, -1.75])})
    np.testing.assert_array_equal(cut["w"], [1.0, -1.0])
    rounded = [one.answer(np.array([1.23456789])) for one in comparing.GENERAL if one.name == "digits rounded"]
    assert np.ravel(rounded).tolist() == [1.0, 1.2, 1.23, 1.235, 1.2346, 1.23457, 1.234568]
    assert comparing.general_answer(general["an axis lost"], e[:1]).shape == (3, 4)
    for name, axes in (("cell", 0), ("row", 1), ("map", 2)):  # an array of this many axes has at most one
        for which in ("first", "last"):
            with pytest.raises(IndexError, match="not that kind of array"):
                comparing.general_answer(general[f"only the {which} {name}"], np.ones((2,) * axes))
    with pytest.raises(TypeError, match="not an array"):
        comparing.general_answer(general["only zeros"], 3)


def test_a_result_and_an_exercise_cannot_be_changed() -> None:
    for one in (checks.chain_rule(), FUNCTIONS["leaky_relu"], PREDICTIONS["chain_rule"]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            one.name = "another"


@pytest.mark.parametrize("padding", [0, 1, 2, 3])
def test_a_size_leaves_the_rest_that_is_asked_for(padding: int) -> None:
    rng = np.random.default_rng(padding)
    for stride in ((1, 1), (2, 3), (4, 2), (5, 5)):
        for rest in {(0, 0), (stride[0] - 1, 0), (0, stride[1] - 1)}:
            kernel = (2, 3)
            sizes = image_size(rng, kernel, stride, rest, padding)
            assert sizes[0] != sizes[1] and min(sizes) >= max(kernel)
            assert [(n + 2 * padding - F) % S for n, F, S in zip(sizes, kernel, stride)] == list(rest)


# ---- functions that behave badly ------------------------------------------------------------------------------------


def quick(name: str) -> FunctionExercise:
    return dataclasses.replace(FUNCTIONS[name], seconds=0.2)


ENDLESS = {
    "loop": "while True:\n        pass",
    "loop that prints": "while True:\n        print('again')",
    "loop that catches errors": "while True:\n        try: a = 1\n        except Exception: a = 2",
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=list(ENDLESS))
def test_an_endless_loop_ends(body: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = threading.active_count()
    found = quick("true_convolution")(function_of(f"def f(a, b):\n    {body}"))
    assert found.status == "wrong"
    assert found.mistake == "time"
    assert "stopped after 0.2 seconds" in repr(found)
    assert "restart" not in repr(found)
    assert threading.active_count() == before
    assert capsys.readouterr() == ("", "")


def test_a_function_that_waits_for_something_ends_too() -> None:
    before = threading.active_count()
    found = quick("true_convolution")(
        function_of("import time\ndef f(a, b):\n    while True:\n        time.sleep(0.05)")
    )
    assert found.mistake == "time" and "restart" not in repr(found)
    assert "stopped after 2 seconds, in which it hardly computed anything" in " ".join(repr(found).split())
    assert threading.active_count() == before


def test_a_right_answer_that_waits_for_the_processor_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    # As on a busy computer: more time goes by than a call may take, and the processor works for others.
    monkeypatch.setattr(calling, "PATIENCE", 1000)
    waits = source_of("true_convolution").replace("    return", "    import time; time.sleep(0.06)\n    return")
    found = dataclasses.replace(FUNCTIONS["true_convolution"], seconds=0.02)(function_of(waits))
    assert found.right, found


def works() -> None:
    began = time.thread_time()
    while time.thread_time() < began + 0.4:
        pass


@pytest.mark.parametrize(("off", "same"), [(1e-12, True), (1e-10, True), (1e-7, False), (1e-3, False), (0.5, False)])
def test_numbers_of_double_precision_may_be_off_by_rounding_alone(off: float, same: bool) -> None:
    for right in (3.0, -7.5, np.array([[4.0, -2.0]]), (2.0, np.ones(3)), {"a": np.full(2, 5.0)}):
        parts = right if isinstance(right, tuple) else (right,)
        made = tuple({k: v * (1 + off) for k, v in p.items()} if isinstance(p, dict) else p * (1 + off) for p in parts)
        got = made if isinstance(right, tuple) else made[0]
        assert comparing.alike(got, right) is same
        assert (comparing.difference(got, right) is None) is same


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ((61, 706), "This is (61, 706), several numbers: Python writes thousands without a comma."),
        ("61706", "This is '61706', a text: write the number without quotation marks."),
        (2.5, "This is 2.5, expected a whole number."),
        (float("inf"), "This is inf, expected a whole number."),
        ([61706], "This is a list, expected a whole number."),
        (True, "This is a bool, True, expected a whole number."),
    ],
)
def test_what_is_typed_in_place_of_a_whole_number_is_told(typed: Any, told: str) -> None:
    with pytest.raises(WrongForm, match=f"^{re.escape(told)}$"):
        read_whole_number(typed)


def test_a_call_may_use_nearly_all_of_its_time() -> None:
    (found,) = calling.call_each(works, [({}, 0)], 1.2, 5)
    assert found.completed and not found.time_up


def test_a_call_is_not_to_blame_where_all_of_them_are_late() -> None:
    assert calling.call_each(works, [({}, 0)], seconds=0.9, total_seconds=0.2) == []


BUSY = """
import sys, threading, time
from cnncourse.checks import calling
def busy():
    while not done.is_set():
        sum(range(1000))
def slow():
    began = time.thread_time()
    while time.thread_time() < began + 0.25:
        sum(range(100))
calling.PATIENCE = 1000
done, others = threading.Event(), [threading.Thread(target=busy) for _ in range(4)]
sys.setswitchinterval(0.001)
for other in others:
    other.start()
(found,) = calling.call_each(slow, [({}, 0)], 0.5, 5)
done.set()
print(found.completed, found.time_up)
"""


@pytest.mark.skipif(not hasattr(time, "pthread_getcpuclockid"), reason="this system has no clock for each thread")
def test_the_time_of_other_threads_is_not_counted() -> None:
    ended = subprocess.run([sys.executable, "-c", BUSY], capture_output=True, text=True, timeout=100)
    assert ended.stdout == "True False\n", ended.stderr


def test_what_a_clock_of_a_thread_says_is_its_own_work() -> None:
    clock = calling._clock_of_this_thread()
    began = clock()
    time.sleep(0.05)
    assert 0 <= clock() - began < 0.05


@pytest.mark.parametrize(
    ("wall", "processor", "late", "waited"),
    [
        (1, 0.9, False, False),
        (3, 2.1, True, False),
        (19.9, 1.9, False, False),
        (20.1, 1.9, True, False),
        (21, 0, True, True),
    ],
)
def test_a_call_is_late_by_its_own_work_or_after_a_long_wait(
    wall: float, processor: float, late: bool, waited: bool
) -> None:
    began = calling.Times(5.0, 7.0)
    now = calling.Times(5.0 + wall, 7.0 + processor)
    assert (began.left_until(now, 2) <= 0) is late
    assert not late or began.waited_until(now) is waited


def test_what_cannot_be_ended_is_left_behind() -> None:
    # A wait in C does not notice what is raised in its thread.
    function = function_of("import threading\nlock = threading.Event()\ndef f(a, b):\n    lock.wait()")
    found = quick("true_convolution")(function)
    assert "restart the kernel" in " ".join(repr(found).split())
    function.__globals__["lock"].set()
    for thread in threading.enumerate():
        if thread.name == "check":
            thread.join(5)
            assert not thread.is_alive()


WAITING = """
import threading
held, waiting, left = threading.Lock(), threading.Event(), []
held.acquire()
def f(a, b):
    waiting.set()
    held.acquire()
    left.append("the wait")
"""


def test_a_thread_that_has_ended_by_itself_is_not_called_running() -> None:
    run = calling._Run([])
    thread = threading.Thread(target=run.work)
    thread.start()
    thread.join()
    assert calling._end(run, thread) is True and run.given_up


def test_nothing_stays_pending_in_what_is_left_behind() -> None:
    function = function_of(WAITING)
    assert quick("true_convolution")(function).mistake == "time"
    names = function.__globals__
    assert names["waiting"].is_set() and not names["left"]
    names["held"].release()
    for thread in threading.enumerate():
        if thread.name == "check":
            thread.join(5)
            assert not thread.is_alive()
    assert names["left"] == ["the wait"]  # once: the other cases are not tried after the check has given up


TRACED = f"""
import dataclasses, sys
from cnncourse import checks
{WAITING}
def trace(frame, event, argument):
    return trace
sys.settrace(trace)
found = dataclasses.replace(checks.true_convolution, seconds=0.2)(f)
print(found.mistake)
"""


def test_a_traced_program_goes_on_after_a_wait_in_c() -> None:
    # Python 3.11 enters no traced function while something is pending in another thread.
    ended = subprocess.run([sys.executable, "-c", TRACED], capture_output=True, text=True, timeout=100)
    assert ended.stdout == "time\n", ended.stderr


def test_an_endless_loop_ends_where_there_are_no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    before = sys.gettrace()
    assert quick("true_convolution")(function_of("def f(a, b):\n    while True:\n        pass")).mistake == "time"
    assert checks.true_convolution(function_of(source_of("true_convolution"))).status == "right"
    assert checks.true_convolution(lambda a, b: cnnlib.cross_correlate2d(a, b, "full")).mistake == "copies turned"
    assert sys.gettrace() is before


def test_many_slow_calls_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnncourse.checks.exercise.TOTAL_TIMEOUT", 0.1)
    found = checks.output_size(
        function_of(changed(source_of("output_size"), "    return", "    import time; time.sleep(0.06)\n    return"))
    )
    assert found.status == "wrong"
    assert "too slow" in repr(found)


def test_an_interrupt_ends_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    joined = threading.Thread.join

    def interrupted(thread: threading.Thread, timeout: float | None = None) -> None:
        monkeypatch.setattr(threading.Thread, "join", joined)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        checks.true_convolution(function_of("def f(a, b):\n    while True:\n        pass"))
    assert not [thread for thread in threading.enumerate() if thread.name == "check"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return a[9, 9]", "IndexError: index 9 is out of bounds for axis 0 with size"),
        ("return missing", "NameError: name 'missing' is not defined"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("assert a is b, 'no'", "AssertionError: no"),
        ("return cnnlib.cross_correlate2d(a, b, 'ful')", "ValueError: mode"),
    ],
)
def test_an_exception_is_shown_with_its_line(body: str, message: str) -> None:
    found = checks.true_convolution(function_of(f"def my_function(a, b):\n    c = a\n    {body}"))
    assert found.mistake == "error"
    assert "It ends with an error in line 3:" in repr(found)
    assert f"    {body}\n    {message}" in repr(found)
    assert "Traceback" not in repr(found)


def test_the_line_of_a_helper_of_the_reader_is_shown() -> None:
    found = checks.true_convolution(
        function_of("def helper(a):\n    return a / None\n\ndef f(a, b):\n    return helper(a)")
    )
    assert "in line 2:\n    return a / None\n    TypeError" in repr(found)


def test_an_exception_without_lines_is_shown_too() -> None:
    found = checks.output_size(len)
    assert found.status == "wrong"
    found = checks.true_convolution(eval("lambda a, b: 1 / 0"))
    assert "It ends with an error" in repr(found)
    assert "ZeroDivisionError: division by zero" in repr(found)


def test_changed_inputs_are_reported_and_do_no_harm() -> None:
    def spoil(x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int = 1, padding: int = 0) -> np.ndarray:
        right = FUNCTIONS["conv2d_many_channels"].reference_solution(x, w, b, stride, padding)
        w *= 0
        b -= 1
        return right

    found = checks.conv2d_many_channels(spoil)
    assert found.mistake == "changed"
    assert "changes its argument `w` and `b`" in repr(found)
    assert np.all(found.inputs["w"] != 0)


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ("[[1.0]]", "type", "is a list, expected a NumPy array of shape"),
        ("np.matrix([[1.0]])", "type", "is a matrix of shape (1, 1), expected a NumPy array"),
        ("3.5", "type", "is a float, 3.5, expected a NumPy array"),
        ("'text'", "type", "is a str, expected a NumPy array"),
        ("right.astype(np.float16)", "dtype", "dtype float16, which rounds a lot, expected float64"),
        ("right.astype(int)", "dtype", "dtype int64, which holds no fractions"),
        ("right.astype(complex)", "dtype", "dtype complex128, expected float64"),
        ("right.astype(object)", "dtype", "dtype object, expected float64"),
        ("right[:1]", "shape", "expected"),
        ("right * np.nan", "value", "is nan, expected"),
        ("None", "nothing", "is a `return` missing"),
        ("print(right)", "nothing", "end it with `return` instead of `print`"),
        ("(right, right)", "type", "is a tuple"),
    ],
)
def test_the_form_of_the_result_is_checked(value: str, kind: str, message: str) -> None:
    source = f"def f(a, b):\n    right = cnnlib.convolve2d(a, b)\n    return {value}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # np.matrix
        found = checks.true_convolution(function_of(source))
    assert found.mistake == kind
    assert message in " ".join(repr(found).split())


@pytest.mark.parametrize("kind", [np.matrix, np.ma.array, lambda y: y.astype(object), lambda y: y.astype(np.float16)])
def test_right_numbers_in_another_kind_of_array_are_no_mistake_in_the_numbers(kind: Any) -> None:
    right = FUNCTIONS["conv2d_one_channel"].reference_solution
    found = checks.conv2d_one_channel(lambda *values, **by_name: kind(right(*values, **by_name)), seed=1)
    assert (found.status, found.mistake in ("type", "dtype")) == ("wrong", True)
    assert "The mistake" not in str(found) and "Perhaps" not in str(found)


def test_an_array_of_no_axes_is_a_number() -> None:
    right = FUNCTIONS["output_size"].reference_solution
    assert checks.output_size(lambda *values, **by_name: np.array(right(*values, **by_name))).right
    found = checks.output_size(lambda *values, **by_name: np.array(1.0 * right(*values, **by_name)))
    assert "of the type float64, expected a whole number" in str(found)


def test_what_a_function_prints_is_kept_out_of_the_notebook(capsys: pytest.CaptureFixture[str]) -> None:
    talking = changed(source_of("true_convolution"), "return", "print('here I am', a.shape)\n    return")
    assert checks.true_convolution(function_of(talking)).status == "right"
    found = checks.true_convolution(function_of(changed(talking, "* b", "* b[::-1, ::-1]")))
    assert "It printed:\n    here I am (1, 2)" in repr(found)
    found = checks.true_convolution(function_of(changed(talking, "* b", "* b[print('x' * 1000) or 0]")))
    assert len(repr(found)) < 1500
    assert capsys.readouterr() == ("", "")


def test_warnings_are_kept_out_too_and_shown_where_something_is_wrong(recwarn: pytest.WarningsRecorder) -> None:
    found = checks.true_convolution(
        function_of(changed(source_of("true_convolution"), "return", "np.array([1.0]) / 0\n    return"))
    )
    assert found.status == "right"
    found = checks.true_convolution(function_of("def f(a, b):\n    return np.zeros((1, 1)) / 0"))
    assert "RuntimeWarning: invalid value encountered in divide" in " ".join(repr(found).split())
    assert not recwarn.list


def test_what_is_left_over_from_the_call_before_is_found() -> None:
    first = changed(source_of("output_size"), "return (", "calls.append(1)\n    return len(calls) // 30 + (")
    found = checks.output_size(function_of("calls = []\n" + first))
    assert found.status == "wrong"
    assert found.mistake == "left over from the call before"
    always = changed(source_of("output_size"), "return (", "calls.append(1)\n    return len(calls) + (")
    assert "another answer at the second call" in " ".join(
        repr(checks.output_size(function_of("calls = []\n" + always))).split()
    )


@pytest.mark.parametrize("given", [3, "my_function", np.zeros(3), [1, 2]])
def test_something_else_than_a_function(given: Any) -> None:
    found = checks.true_convolution(given)
    assert found.status == "wrong"
    assert "checks.true_convolution(your_function)" in repr(found)


def test_wrong_arguments_are_said_at_once() -> None:
    found = checks.conv2d_many_channels(lambda x, w: x)
    assert "The function takes (x, w), expected (x, w, b, stride=1, padding=0): too many" in " ".join(
        repr(found).split()
    )
    found = checks.conv2d_one_channel(lambda x, w, w_b=0, step=1: x)
    assert found.status == "wrong"
    assert "got an unexpected keyword argument 'stride'" in " ".join(repr(found).split())


# ---- what is shown --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FUNCTIONS)
def test_right_and_not_yet_are_the_same_text_at_every_run(name: str) -> None:
    right, stub = FUNCTIONS[name].reference_solution, function_of(f"def f{FUNCTIONS[name].signature}: ...")
    for function in (right, stub):
        found = [FUNCTIONS[name](function) for _ in range(3)]
        assert len({item.seed for item in found}) > 1
        assert len({repr(item) for item in found}) == len({item._repr_html_() for item in found}) == 1
        assert not any(re.search(rf"\b{item.seed}\b", repr(item)) for item in found)
        assert "seed" not in repr(found[0])
    assert repr(found[0]) == f"… not yet: {name}\nFill in `f` above, then run both cells again."


def test_a_line_of_text_breaks_at_spaces_alone() -> None:
    long, halves = "x" * 120, "y" * 60 + "-" + "z" * 60
    text = f"{'a ' * 30}{long} {'b' * 60} {halves} end"
    assert repr(result.Result("name", "right", (result.Text(text),))).splitlines()[1:] == [
        "a " * 29 + "a", long, "b" * 60, halves, "end",
    ]  # fmt: skip


def test_a_right_answer_says_what_was_tried() -> None:
    assert repr(checks.conv2d_many_channels(function_of(source_of("conv2d_many_channels")))) == (
        "✓ right: conv2d_many_channels\n"
        "16 cases: one to four channels, one to four kernels of shapes from 1×2 to 3×3, strides 1 to 3,\n"
        "padding 0 to 3, images that are not square, negative numbers, and a different bias for each kernel."
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_message_right_says_the_truth(name: str) -> None:
    text, made = FUNCTIONS[name].cases_description, FUNCTIONS[name].cases(np.random.default_rng(3))
    if "strides 1 to 3" in text:
        assert {case.by_name.get("stride", 1) for case in made} == {1, 2, 3}
    if "kernels from 1×1 to 4×3" in text:
        assert {(1, 1), (4, 3)} <= {case.values[1].shape for case in made}
    if "one to four kernels" in text:
        assert {case.values[1].shape[0] for case in made} == {1, 2, 3, 4}
        assert {case.values[1].shape[1] for case in made} == {1, 2, 3, 4}
        assert {(1, 2), (3, 3)} <= {case.values[1].shape[2:] for case in made}
    if "windows from 1×2 to 3×3, 2×4 and 5×4" in text:
        names = FUNCTIONS[name].argument_names
        assert {(1, 2), (3, 3), (2, 4), (5, 4)} <= {case.values[names.index("size")] for case in made}
        assert {len(case.values[0]) for case in made} == {1, 2, 3}
    if "strides from 1 to 6" in text:
        assert {case.by_name.get("stride", 1) for case in made} <= set(range(1, 7))
        assert max(case.values[1] for case in made) <= 11


def test_the_box_escapes_what_it_shows() -> None:
    nasty = "</div><script>alert('&')</script>"
    box = result.Result("x<y", "wrong", (result.Text(f"{nasty} `a<b`"), result.Code(nasty)))._repr_html_()
    assert "<script" not in box
    assert box.count("&lt;script&gt;alert(&#x27;&amp;&#x27;)") == 2
    assert ">a&lt;b</code>" in box
    assert "x&lt;y" in box
    found = checks.true_convolution(function_of(f"def f(a, b):\n    raise ValueError({nasty!r})"))
    assert "&lt;script&gt;" in found._repr_html_()
    assert "<script" not in found._repr_html_()


@pytest.mark.parametrize("status", result.SYMBOLS)
def test_a_box_is_well_formed_and_needs_no_colour(status: str) -> None:
    parts = (result.Text("A `code` text."), result.Code("1 < 2"))
    shown = result.Result("name", status, parts)
    document = ElementTree.fromstring(shown._repr_html_())
    words = "".join(document.itertext())
    assert result.SYMBOLS[status] in words
    assert f"{status}: name" in words
    assert [element.tag for element in document] == ["p", "p", "pre"]
    assert document.find("pre").text == "1 < 2"
    assert repr(shown) == f"{result.SYMBOLS[status]} {status}: name\nA `code` text.\n    1 < 2"
    assert shown.right == (status == "right")


# The text and the ground of JupyterLab and of Sphinx pages, light and dark.
THEMES = [((33, 33, 33), (255, 255, 255)), ((222, 222, 222), (17, 17, 17)), ((206, 214, 221), (20, 24, 30))]


def luminance(colour: tuple[float, ...]) -> float:
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    lighter, darker = sorted([luminance(a), luminance(b)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("text", "ground"), THEMES)
@pytest.mark.parametrize("colour", result.COLOURS.values(), ids=list(result.COLOURS))
def test_contrast_is_enough_in_light_and_dark(colour: Any, text: Any, ground: Any) -> None:
    box = tuple(result.TINT * c + (1 - result.TINT) * g for c, g in zip(colour, ground))
    assert contrast(text, box) >= 7  # AAA for the text
    assert contrast(colour, ground) >= 3  # AA for what is not text


def test_exercises_say_how_to_use_them() -> None:
    assert repr(checks.leaky_relu) == "checks.leaky_relu(your_function), where your_function takes (x, slope=0.01)"
    assert repr(checks.choose_fps) == "checks.choose_fps(your_answer)"


# ---- what comes back, of whatever kind ------------------------------------------------------------------------------


def with_parts(change: Callable[..., Any]) -> Callable[..., Any]:
    """Return the gradients of weights and bias with `change(d_w, d_b)` in their place."""
    right = FUNCTIONS["weight_gradient"].reference_solution
    return lambda delta, x, kernel_size, stride=1, padding=0: change(*right(delta, x, kernel_size, stride, padding))


@pytest.mark.parametrize(
    ("change", "mistake", "message"),
    [
        (lambda d_w, d_b: (d_w, 2 * d_b), "value", "Wrong: `d_b`. Right in all cases: `d_w`."),
        (lambda d_w, d_b: (2 * d_w, d_b), "value", "of `d_w` is"),
        (lambda d_w, d_b: (d_w, None), "type", "`d_b` is None, expected a NumPy array of shape"),
        (lambda d_w, d_b: (None, None), "type", "`d_w` is None"),
        (lambda d_w, d_b: d_w, "type", "expected 2 values: `return d_w, d_b`"),
        (lambda d_w, d_b: (d_w, d_b, d_b), "type", "has 3 values, expected 2"),
        (lambda d_w, d_b: (-d_w, -d_b), "sign reversed", "All signs are the other way round"),
        (lambda d_w, d_b: (d_w, -d_b), "sign reversed", "The mistake in `d_b`: sign reversed."),
        (lambda d_w, d_b: (0 * d_w, 0 * d_b), "d_w full of zeros", "The mistake in `d_b`: d_b full of zeros."),
        (lambda d_w, d_b: (d_w.astype(np.float32), d_b.astype(np.float32)), "", "right"),
    ],
)
def test_several_results_are_judged_one_by_one(change: Callable[..., Any], mistake: str, message: str) -> None:
    found = checks.weight_gradient(with_parts(change), seed=0)
    assert found.mistake == mistake
    assert message in " ".join(repr(found).split())
    assert "another answer" not in repr(found)


def test_dictionaries_of_arrays_are_checked() -> None:
    right = FUNCTIONS["update_rule"].reference_solution

    def in_place(p: dict[str, Any], g: dict[str, Any], lr: float) -> dict[str, Any]:
        for name in p:
            p[name] -= lr * g[name]
        return p

    assert "changes its argument `parameters`" in repr(checks.update_rule(in_place))
    found = checks.update_rule(lambda p, g, lr: right(p, g, lr) | {"b1": p["b1"] + 1})
    assert "of the result['b1'] is" in repr(found)
    assert "has the keys ['w1'], expected ['w1', 'b1']" in repr(checks.update_rule(lambda p, g, lr: {"w1": p["w1"]}))


ANYTHING = [
    None,
    ...,
    "text",
    "x" * 5000,
    b"1",
    3 + 2j,
    Fraction(1, 2),
    object(),
    len,
    {1, 2},
    {},
    {"a": 1},
    [],
    (),
    True,
]
ANYTHING += [10**30, 10**400, -(10**5000), 1e308, float("nan"), float("inf"), np.float32(3), np.bool_(True), range(3)]
ANYTHING += [np.zeros((2, 2)), np.array(3), np.array(["a"]), np.array([None]), np.zeros(3, complex), [[1, 2], [3]]]
ANYTHING += [(1.0, 2.0, 3.0), (10**400,) * 3, (np.zeros(3), 1, 2), (..., 1), (np.int64(8), 28, 16), np.ma.zeros(2)]


@pytest.mark.parametrize("name", checks.EXERCISES)
def test_whatever_comes_gets_a_sentence(name: str) -> None:
    exercise = checks.EXERCISES[name]
    answers = [*ANYTHING]
    if isinstance(exercise, FunctionExercise):
        answers += [lambda *_, v=value, **__: v for value in ANYTHING]
        answers += [lambda *_, v=value, **__: (v, v) for value in ANYTHING]
        answers += [lambda *_, **__: (v for v in [])]
    elif "" not in exercise.questions:
        answers += [dict.fromkeys(exercise.questions, value) for value in ANYTHING]
    for answer in answers:
        found = exercise(answer)
        assert len(repr(found)) < 4000
        assert "another answer at the second call" not in repr(found)


def test_a_buffer_that_is_used_again_is_no_mistake() -> None:
    buffer = np.zeros(100)

    def reused(x: np.ndarray, slope: float = 0.01) -> np.ndarray:
        result = buffer[: x.size].reshape(x.shape)
        result[...] = np.where(x > 0, x, slope * x)
        return result

    assert checks.leaky_relu(reused).right


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_numbers_agree_where_numpy_says_that_they_are_close(dtype: type) -> None:
    numbers = [0.0, -0.0, 1.0, 1 + 1e-12, 1 + 3e-9, 1 + 3e-5, -1.0, 1e-16, 1e30, -1e30, np.nan, np.inf, -np.inf]
    got, expected = np.array(list(itertools.product(numbers, repeat=2)), dtype).T
    relative = comparing.FLOAT32 if dtype is np.float32 else 1e-9
    for largest in (0.0, 1.0, 1e30):
        few = np.abs(expected) <= largest
        few |= ~np.isfinite(expected)
        limits = {"rtol": relative, "atol": relative * max(np.abs(expected[few & np.isfinite(expected)]).max(), 1e-6)}
        close = np.isclose(got[few].astype(float), expected[few].astype(float), **limits, equal_nan=True)
        np.testing.assert_array_equal(comparing._close(got[few], expected[few], 1e-9), close)
        assert 0 < close.sum() < close.size


def test_results_are_as_exact_as_their_type() -> None:
    right = FUNCTIONS["conv2d_one_channel"].reference_solution

    def single(x: np.ndarray, w: np.ndarray, w_b: float = 0.0, stride: int = 1) -> np.ndarray:
        return right(x.astype(np.float32), w, w_b, stride).astype(np.float32)

    assert checks.conv2d_one_channel(single).right
    found = checks.conv2d_one_channel(lambda *values, **by_name: single(*values, **by_name).astype(float))
    assert found.mistake == "computed in float32"
    found = checks.conv2d_one_channel(lambda *values, **by_name: right(*values, **by_name) + 1e-6)
    assert found.mistake == "value"  # what is a little off where whole numbers meet was not rounded


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_digit_of_a_result_counts(name: str) -> None:
    """Numbers that are rounded, or cut off on the way, are wrong everywhere but where all results are whole."""

    def changed_by(change: Callable[[Any], Any], value: Any) -> Any:
        if isinstance(value, dict):
            return {key: changed_by(change, part) for key, part in value.items()}
        if isinstance(value, (tuple, list)):
            return type(value)(changed_by(change, part) for part in value)
        return change(value) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value

    solution = FUNCTIONS[name].reference_solution
    changes: list[Callable[[Any], Any]] = [np.trunc, *(functools.partial(np.round, decimals=k) for k in range(7))]
    for change in changes if name not in ("output_size", "transposed_size") else []:

        @functools.wraps(solution)
        def after(*values: Any, change: Any = change, **by_name: Any) -> Any:
            return changed_by(change, solution(*values, **by_name))

        @functools.wraps(solution)
        def before(*values: Any, change: Any = change, **by_name: Any) -> Any:
            return solution(*changed_by(change, values), **by_name)

        for seed in range(3):
            assert FUNCTIONS[name](after, seed=seed).status == "wrong", change
            # what is drawn with fewer digits may be cut off, and only whole numbers are told where the sign counts
            if change is np.trunc and "relu" not in name and name != "stable_softmax":
                assert FUNCTIONS[name](before, seed=seed).status == "wrong", change


def test_what_numpy_makes_of_whole_numbers_is_right() -> None:
    """Of arrays of 8 bits, most functions of NumPy make float16."""

    def by_steps(x: np.ndarray, slope: float = 0.01) -> np.ndarray:
        return np.heaviside(x, 0) * x + slope * (1 - np.heaviside(x, 0)) * x

    def derivative(x: np.ndarray, slope: float = 0.01) -> np.ndarray:
        return np.heaviside(x, 0) * (1 - slope) + slope

    for seed in range(20):
        assert checks.leaky_relu(by_steps, seed=seed).right
        assert checks.leaky_relu_derivative(derivative, seed=seed).right


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (
            lambda: checks.choose_fps((5, (5 - 1) / 2, 2)),
            "This is (5, 2.0, 2), expected three whole numbers: (F, P, S). `/`",
        ),
        (lambda: checks.output_size(lambda size, kernel, stride=1, padding=0: 3.0), "is 3.0, of the type float"),
        (lambda: checks.false_about_pooling(2), "one of the letters"),
        (lambda: checks.count_parameters(ANSWERS["count_parameters"][0] | {"b": (14, 430)}), "without a comma"),
        (lambda: checks.count_parameters(ANSWERS["count_parameters"][0] | {"a": "1,020"}), "without quotation marks"),
        (lambda: checks.leaky_relu(lambda x, slope=0.01: x if x > 0 else slope * x), "single yes or no"),
        (lambda: checks.delta_stride_one(lambda delta, w: delta[0, 0, 0]), "more indices than the array has axes"),
        (lambda: checks.delta_stride_one(lambda delta, w: np.zeros(delta.size / 1)), "`/` always gives a float"),
        (lambda: checks.leaky_relu(lambda x, slope=0.01: x, seed=-1), "`seed` is -1"),
        (
            lambda: checks.chain_rule({"a": 6, "b": 24, "c": 72, "d": 48}),
            "d: 48 is not it. The mistake: the ½ forgotten.",
        ),
        (lambda: checks.chain_rule({"a": 3, "b": 6, "c": 18, "d": 12}), "The mistake: the 2 of the square forgotten."),
        (lambda: checks.conv_shapes(ANSWERS["conv_shapes"][0] | {"e": (5, 6, 5)}), "Perhaps: padding counted once."),
        (
            lambda: checks.output_size(lambda size, kernel, stride=1, padding=0: size // stride),
            "The mistake: kernel ignored.",
        ),
    ],
)
def test_what_is_said_helps(found: Callable[[], Any], message: str) -> None:
    assert message in " ".join(repr(found()).split())


def test_a_mistake_that_loops_for_ever_holds_up_no_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnncourse.checks.matching.SECONDS", 0.1)

    def endless(n: int) -> int:
        while True:
            n += 1

    mistakes = (
        Mistake("endless", "No.", endless),
        Mistake("fails", "No.", int.bit_count),
        Mistake("one more", "No.", lambda n: n + 1),
    )
    exercise = FunctionExercise("count", "99", lambda n: n, lambda rng: [Case(3), Case(5)], mistakes, "two.")
    assert exercise(lambda n: n + 1).mistake == "one more"


def test_a_result_of_zero_is_not_taken_for_a_small_error() -> None:
    tiny = FunctionExercise(
        "tiny", "99", lambda x: x * 1e-8, lambda rng: [Case(rng.normal(size=4))], (), cases_description="one."
    )
    assert tiny(lambda x: x * 0).status == "wrong"
    assert tiny(lambda x: x * 1e-8 * (1 + 1e-12)).status == "right"
    zero = FunctionExercise(
        "zero", "99", lambda x: x * 0, lambda rng: [Case(rng.normal(size=4))], (), cases_description="one."
    )
    assert zero(lambda x: x * 1e-17).status == "right"
    assert zero(lambda x: x * 1e-3).status == "wrong"


@pytest.mark.parametrize(("wrap", "key"), [(lambda v: {"part": v}, "part"), (lambda v: [v], 0), (lambda v: (v,), 0)])
def test_copies_go_eight_levels_deep(wrap: Callable[[Any], Any], key: Any) -> None:
    for depth, same in ((0, False), (1, False), (8, False), (9, True)):
        array = np.arange(3.0)
        value: Any = array
        for _ in range(depth):
            value = wrap(value)
        found = calling.copied(value)
        assert type(found) is type(value)
        for _ in range(depth):
            found = found[key]
        assert np.array_equal(found, array) and (found is array) == same, depth


def test_a_copy_of_a_list_that_holds_itself_ends() -> None:
    own: list[Any] = []
    own.append(own)
    assert calling.copied(own)[0][0] is not own


def test_calling_changes_nothing_that_it_was_given() -> None:
    arguments = {"x": np.arange(3.0), "p": {"w": np.ones(2)}, "many": [np.zeros(1)], "n": 2}

    def spoil(x: np.ndarray, p: dict, many: list, n: int) -> None:
        x[0], p["w"], many[0][0] = 9, None, 9

    (outcome,) = calling.call_each(spoil, [(arguments, 2)], 1, 1)
    assert outcome.changed == ["x", "p", "many"]
    assert arguments["x"][0] == 0
    assert arguments["p"]["w"].tolist() == [1, 1]
    assert arguments["many"][0][0] == 0


@pytest.mark.parametrize(
    ("got", "expected", "message"),
    [
        ("3", 3, "the result is a str, expected a whole number"),
        ([3], 3, "the result is a list, expected a whole number"),
        ("3", 0.5, "the result is a str, expected a number"),
        (True, 0.5, "the result is a bool, True, expected a number"),
    ],
)
def test_a_number_is_called_what_it_should_be(got: Any, expected: Any, message: str) -> None:
    found = comparing.difference(got, expected)
    assert found is not None and found.kind == "type" and found.message.startswith(message)
    assert ("whole" in found.message) == isinstance(expected, int)


def test_a_thread_that_has_ended_needs_no_end() -> None:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    assert calling._end(calling._Run([]), thread) is True


# ---- what an error most often means ---------------------------------------------------------------------------------

HINTED = {  # a line with `a`, an array (rows, columns), and a part of what is said about its error
    "y = np.arange(4); y *= 0.5": "takes no fractions in place",
    "y = np.zeros((2, 2), int); y += np.ones((2, 2)) / 2": "takes no fractions in place",
    "y = [[0, 0], [0, 0]]; y[0, 1] = 3": "one index at a time",
    "a @ np.ones((9, 9))": "shapes do not fit",
    "np.dot(a, np.ones((9, 9)))": "shapes do not fit",
    "a + np.ones((9, 9))": "shapes do not fit",
    "np.concatenate([a, np.ones((9, 9))])": "shapes do not fit",
    "np.stack([a, np.ones((9, 9))])": "shapes do not fit",
    "a[np.ones(99, bool)]": "shapes do not fit",
    "a.reshape(99, 99)": "as many numbers as the old one",
    "D, H, W = a.shape": "more or fewer names",
    "(H,) = a.shape": "more or fewer names",
    "H, W = len(a)": "more or fewer names",
    "a[9:].max()": "This array is empty",
    "np.zeros((len(a) - 99, 2))": "comes out below 0",
    "float(np.ones(2))": "an array of several",
    "a.append(3)": "An array cannot grow",
    "a.shape[2]": "fewer numbers than that",
    "a.sum(axis=2)": "fewer axes",
    "a[0, 0, 0]": "more indices than the array has axes",
    "a[99]": "An index went past the end",
    "y = (0, 0); y[0] = 1": "cannot be changed in place",
    "[1] - [2]": "is no array",
    "np.sort(a).sort().sum()": "Something is None here",
    "range(3 / 1)": "use `//`",
    "np.max(a, 2.0 * a)": "`np.maximum(a, b)` compares",
    "if a > 0: pass": "a single yes or no",
}


@pytest.mark.parametrize("line", HINTED)
def test_an_error_is_followed_by_what_it_most_often_means(line: str) -> None:
    found = " ".join(repr(checks.true_convolution(function_of(f"def f(a, b):\n    {line}\n    return a"))).split())
    assert found.count("It ends with an error in line 2:") == 1, found
    assert HINTED[line] in found, found


def test_a_number_that_is_nearly_whole_is_shown_with_all_its_digits() -> None:
    assert "This is 1020.000000001, expected a whole number" in repr(
        checks.count_parameters(ANSWERS["count_parameters"][0] | {"a": 1020 + 1e-9})
    )


def test_whole_numbers_may_be_the_answer_for_whole_numbers_and_for_nothing_else() -> None:
    source = source_of("conv_matrix").replace("D * H1 * W1))", "D * H1 * W1), {})")
    assert checks.conv_matrix(function_of(source.replace("{}", "w.dtype"))).right
    assert checks.conv_matrix(function_of(source.replace("{}", "int"))).status == "wrong"
    source = (
        source_of("max_pool2d")
        .replace("return a", "return a.astype(dtype)")
        .replace("    x = np", "    dtype = {}\n    x = np")
    )
    assert checks.max_pool2d(function_of(source.replace("{}", "x.dtype"))).right
    found = checks.max_pool2d(function_of(source.replace("{}", "int")))
    assert found.mistake == "dtype" and "which holds no fractions" in repr(found)


def test_results_in_containers_of_other_kinds_are_copied_too() -> None:
    # A buffer that is used again would change the answer of the call before.
    source = source_of("update_rule").replace("return {", "return OrderedDict({").replace(".items()}", ".items()})")
    assert checks.update_rule(function_of("from collections import OrderedDict\n" + source)).right
    source = source_of("momentum_rule").replace("    return {", "    return Pair({").replace("}, new", "}, new)")
    assert checks.momentum_rule(
        function_of("from collections import namedtuple\nPair = namedtuple('Pair', 'new velocity')\n" + source)
    ).right
    kept = calling.copied(OrderedDict(a=[buffer := np.zeros(2)]))
    buffer += 1
    assert kept["a"][0].tolist() == [0, 0]


def test_whole_numbers_in_the_place_of_floats_are_not_called_another_mistake() -> None:
    # The numbers of each result are right, as they also are where only the other one is wrong.
    source = source_of("pair_strides").replace("return net, d_x", "return net.astype(int), d_x.astype(int)")
    found = checks.pair_strides(function_of(source))
    assert found.mistake == "dtype" and "The mistake" not in repr(found), found
    assert "`net` has dtype int64, which holds no fractions" in repr(found)


SQUEEZED = {"conv2d_one_channel": "return net", "pair_strides": "return net, d_x"}


@pytest.mark.parametrize("name", SQUEEZED)
def test_an_axis_of_length_one_is_an_axis(name: str) -> None:
    source = source_of(name).replace(SQUEEZED[name], SQUEEZED[name].replace("net", "net.squeeze()"))
    for seed in range(3):
        assert FUNCTIONS[name](function_of(source), seed=seed).status == "wrong"


def test_no_number_is_small_or_large_enough_to_be_taken_for_a_limit() -> None:
    for limit in ("x > 1e-3", "x > 1e-6"):
        source = source_of("leaky_relu").replace("x > 0", limit)
        assert checks.leaky_relu(function_of(source)).status == "wrong"
    for padded in ("-1000", "-1e6", "-99999", "-(2.0**31)", "-1e12", "-(2.0**63)", "-1e20"):
        for name in ("max_pool2d", "max_pool_backward"):
            found = FUNCTIONS[name](function_of(source_of(name).replace("-np.inf", padded)))
            assert found.status == "wrong", (name, padded)
    clipped = "def f(x, slope=0.01):\n    return np.clip(np.where(x > 0, x, slope * x), -9, 20)"
    assert checks.leaky_relu(function_of(clipped)).status == "wrong"
