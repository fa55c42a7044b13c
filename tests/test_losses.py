"""Losses against their definitions in exact sums, their derivatives against central differences."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import losses
from cnnlib.losses import cross_entropy, mean_squared_error


def numerical_derivative(loss, x, eps=1e-5):
    derivative = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = eps
        derivative[index] = (loss(x + step) - loss(x - step)) / (2 * eps)
    return derivative


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(losses).failed == 0


@pytest.mark.parametrize("classes", [1, 2, 10, 1000])
@pytest.mark.parametrize("constant", [0.0, -3.0, 1e4])
def test_equal_logits_cost_ln_c(classes, constant):
    loss, delta = cross_entropy(np.full((3, classes), constant), np.array([0, classes - 1, classes // 2]))
    assert loss == pytest.approx(math.log(classes), abs=1e-12)
    one_hot = np.zeros((3, classes))
    one_hot[0, 0] = one_hot[1, classes - 1] = one_hot[2, classes // 2] = 1
    np.testing.assert_allclose(delta, (1 / classes - one_hot) / 3, atol=1e-15)


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 6))
def test_cross_entropy_is_the_mean_of_minus_log_probability(seed, count, classes):
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(scale=4, size=(count, classes)), rng.integers(0, classes, count)
    loss, delta = cross_entropy(logits, labels)
    costs, expected = [], np.zeros((count, classes))
    for row, label in enumerate(labels):
        powers = [math.exp(z) for z in logits[row]]
        costs.append(-math.log(powers[label] / math.fsum(powers)))
        for k in range(classes):
            expected[row, k] = (powers[k] / math.fsum(powers) - (k == label)) / count
    assert loss == pytest.approx(math.fsum(costs) / count, rel=1e-12, abs=1e-14)
    np.testing.assert_allclose(delta, expected, rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(delta.sum(axis=1), 0, atol=1e-15)


def test_delta_of_cross_entropy_is_its_derivative():
    rng = np.random.default_rng(5)
    logits, labels = rng.normal(size=(4, 7)), np.array([6, 0, 3, 3])
    numerical = numerical_derivative(lambda z: cross_entropy(z, labels)[0], logits)
    np.testing.assert_allclose(cross_entropy(logits, labels)[1], numerical, rtol=1e-7, atol=1e-10)


def test_cross_entropy_of_extreme_logits():
    loss, delta = cross_entropy(np.array([[1000.0, 0.0], [-1e300, 1e300]]), np.array([0, 1]))
    assert loss == 0
    np.testing.assert_array_equal(delta, np.zeros((2, 2)))
    loss, delta = cross_entropy(np.array([[1000.0, 0.0, 0.0]]), np.array([2]))
    assert loss == 1000
    np.testing.assert_array_equal(delta, [[1, 0, -1]])
    loss, _ = cross_entropy(np.array([[20.0, -20.0]]), np.array([0]))
    assert loss == pytest.approx(math.log1p(math.exp(-40)), abs=1e-16)
    loss, delta = cross_entropy(np.array([[0.0, -np.inf]]), np.array([0]))
    assert loss == 0
    np.testing.assert_array_equal(delta, [[0, 0]])
    loss, delta = cross_entropy(np.array([[0.0, -np.inf]]), np.array([1]))
    assert loss == math.inf
    np.testing.assert_array_equal(delta, [[1, -1]])
    loss, delta = cross_entropy(np.array([[3e38, -3e38]], np.float32), np.array([0]))
    assert loss == 0 and delta.dtype == np.float32


@given(st.integers(0, 2**32 - 1), st.sampled_from([(1, 1), (4, 3), (3, 2, 5), (6,)]))
def test_mean_squared_error_is_half_the_squares_over_the_batch(seed, shape):
    rng = np.random.default_rng(seed)
    outputs, targets = rng.normal(size=shape), rng.normal(size=shape)
    loss, delta = mean_squared_error(outputs, targets)
    squares = [(o - t) ** 2 for o, t in zip(outputs.ravel().tolist(), targets.ravel().tolist())]
    assert loss == pytest.approx(math.fsum(squares) / 2 / shape[0], rel=1e-12)
    numerical = numerical_derivative(lambda o: mean_squared_error(o, targets)[0], outputs)
    np.testing.assert_allclose(delta, numerical, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_loss_is_a_python_number_and_delta_has_the_dtype_of_the_outputs(dtype):
    z = np.random.default_rng(0).normal(size=(5, 3)).astype(dtype)
    for other in (np.float32, np.float64):
        loss, delta = mean_squared_error(z, np.ones((5, 3), other))
        assert type(loss) is float and delta.dtype == dtype
    for labels in (np.array([0, 1, 2, 0, 1], np.uint8), np.array([0, 1, 2, 0, 1], np.int32)):
        loss, delta = cross_entropy(z, labels)
        assert type(loss) is float and delta.dtype == dtype
    exact, exact_delta = cross_entropy(z.astype(np.float64), labels)
    assert loss == pytest.approx(exact, rel=1e-6)
    np.testing.assert_allclose(delta, exact_delta, atol=1e-7)


def test_integers_become_float64():
    integers, labels = np.array([[1, 2], [3, 5]]), np.array([0, 1])
    loss, delta = cross_entropy(integers, labels)
    expected_loss, expected_delta = cross_entropy(integers.astype(np.float64), labels)
    assert delta.dtype == np.float64 and loss == expected_loss
    np.testing.assert_array_equal(delta, expected_delta)
    loss, delta = mean_squared_error(np.array([[0, 255]], np.uint8), np.array([[255, 0]], np.uint8))
    assert loss == 255**2
    np.testing.assert_array_equal(delta, [[-255.0, 255.0]])


def test_inputs_are_left_alone_in_any_memory_order():
    rng = np.random.default_rng(2)
    logits, labels, targets = rng.normal(size=(4, 6)), np.array([5, 0, 2, 1]), rng.normal(size=(4, 6))
    expected = cross_entropy(logits, labels), mean_squared_error(logits, targets)
    fortran = np.asfortranarray(logits)
    doubled = np.repeat(logits, 2, axis=1)[:, ::2]
    for form in (fortran, doubled):
        form.flags.writeable = False
        before = form.copy()
        for (loss, delta), (loss_expected, delta_expected) in zip(
            (cross_entropy(form, labels), mean_squared_error(form, targets)), expected
        ):
            assert loss == pytest.approx(loss_expected, rel=1e-14)
            np.testing.assert_allclose(delta, delta_expected, rtol=1e-14)
            delta[0, 0] = 7  # the result is not a view of what came in
        np.testing.assert_array_equal(form, before)
    same, _ = mean_squared_error(logits, logits)
    assert same == 0


def test_nan_goes_through():
    z = np.array([[0.0, np.nan], [1.0, 2.0]])
    loss, delta = cross_entropy(z, np.array([0, 1]))
    assert math.isnan(loss) and np.isnan(delta[0]).all() and np.isfinite(delta[1]).all()
    loss, delta = mean_squared_error(z, np.zeros((2, 2)))
    assert math.isnan(loss) and np.isnan(delta).tolist() == [[False, True], [False, False]]
