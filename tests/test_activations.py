"""Activation functions against Python's math module, their derivatives against central differences."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from cnnlib import activations, arguments
from cnnlib.activations import (
    leaky_relu,
    leaky_relu_derivative,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    softmax,
    tanh,
    tanh_derivative,
)

FUNCTIONS = [relu, leaky_relu, sigmoid, tanh]
DERIVATIVES = [relu_derivative, leaky_relu_derivative, sigmoid_derivative, tanh_derivative]
PAIRS = list(zip(FUNCTIONS, DERIVATIVES))
ELEMENTWISE = FUNCTIONS + DERIVATIVES

finite = arrays_of.arrays(
    np.float64, arrays_of.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5), elements=st.floats(-700, 700)
)


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(activations).failed == 0


def exact_sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


@pytest.mark.parametrize(
    ("function", "exact"),
    [
        (relu, lambda x: x if x > 0 else 0.0),
        (relu_derivative, lambda x: 1.0 if x > 0 else 0.0),
        (leaky_relu, lambda x: x if x > 0 else 0.01 * x),
        (leaky_relu_derivative, lambda x: 1.0 if x > 0 else 0.01),
        (sigmoid, exact_sigmoid),
        (sigmoid_derivative, lambda x: exact_sigmoid(x) * exact_sigmoid(-x)),
        (tanh, math.tanh),
        (tanh_derivative, lambda x: 1 - math.tanh(x) ** 2),
    ],
)
@given(x=finite)
def test_every_number_is_the_one_of_the_definition(function, exact, x):
    before = x.copy()
    result = function(x)
    assert result.shape == x.shape and result.dtype == np.float64
    expected = np.array([exact(value) for value in x.ravel().tolist()]).reshape(x.shape)
    # Relative accuracy everywhere, the far tails included, but for 1 - a^2, whose digits the subtraction eats.
    np.testing.assert_allclose(result, expected, rtol=1e-13, atol=1e-15 if function is tanh_derivative else 0)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(("function", "derivative"), PAIRS)
def test_derivatives_are_those_of_the_functions(function, derivative):
    x = np.random.default_rng(3).normal(scale=3, size=200)
    eps = 1e-6
    x = x[np.abs(x) > eps]  # relu has no derivative at 0
    numerical = (function(x + eps) - function(x - eps)) / (2 * eps)
    np.testing.assert_allclose(derivative(x), numerical, rtol=1e-6, atol=1e-9)


def test_values_that_are_conventions_or_landmarks():
    assert relu_derivative(0.0) == 0
    assert relu_derivative(-0.0) == 0
    assert leaky_relu_derivative(0.0) == 0.01
    assert sigmoid(0.0) == 0.5
    assert sigmoid_derivative(0.0) == 0.25
    assert tanh_derivative(0.0) == 1
    z = np.linspace(-10, 10, 2001)
    assert sigmoid_derivative(z).argmax() == tanh_derivative(z).argmax() == 1000
    assert sigmoid_derivative(0.0) ** 10 == 4.0**-10
    np.testing.assert_allclose(sigmoid_derivative(z), sigmoid(z) * (1 - sigmoid(z)), rtol=1e-10)
    np.testing.assert_allclose(tanh_derivative(z), 1 - tanh(z) ** 2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_inputs_give_limits_and_no_warning(dtype):  # warnings are errors in this project's tests
    large = 1e300 if dtype is np.float64 else 1e38
    x = np.array([-np.inf, -large, -1000, 0, 1000, large, np.inf], dtype)
    np.testing.assert_array_equal(sigmoid(x), [0, 0, 0, 0.5, 1, 1, 1])
    np.testing.assert_array_equal(sigmoid_derivative(x), [0, 0, 0, 0.25, 0, 0, 0])
    np.testing.assert_array_equal(tanh(x), [-1, -1, -1, 0, 1, 1, 1])
    np.testing.assert_array_equal(tanh_derivative(x), [0, 0, 0, 1, 0, 0, 0])
    np.testing.assert_array_equal(relu(x), np.array([0, 0, 0, 0, 1000, large, np.inf], dtype))
    np.testing.assert_array_equal(relu_derivative(x), [0, 0, 0, 0, 1, 1, 1])
    np.testing.assert_allclose(leaky_relu(x), [-np.inf, -0.01 * large, -10, 0, 1000, large, np.inf], rtol=1e-6)


def test_no_warning_of_any_kind_where_the_caller_asks_for_all():
    x = np.array([-np.inf, -1e300, -720.0, 0.0, 720.0, 1e300, np.inf])
    with np.errstate(all="raise"):
        assert np.isfinite(sigmoid(x)).all()
        assert np.isfinite(sigmoid_derivative(x)).all()
        assert np.isfinite(softmax(x[:-1])).all()


def test_the_far_tail_of_sigmoid_keeps_its_logarithm():
    np.testing.assert_allclose(np.log(sigmoid(np.array([-50.0, -700.0]))), [-50, -700], rtol=1e-12)
    np.testing.assert_allclose(np.log(sigmoid(np.array([-50, -80], np.float32))), [-50, -80], rtol=1e-5)
    np.testing.assert_allclose(sigmoid_derivative(np.array([50.0])), sigmoid_derivative(np.array([-50.0])))


@pytest.mark.parametrize("function", [*ELEMENTWISE, softmax])
def test_dtypes(function):
    for dtype, expected in [
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.int8, np.float64),
        (np.uint8, np.float64),
        (np.int64, np.float64),
        (bool, np.float64),
    ]:
        x = np.array([[1, 0, 1], [0, 1, 1]], dtype)
        result = function(x)
        assert result.dtype == expected and result.shape == (2, 3)
        np.testing.assert_allclose(result, function(x.astype(np.float64)), rtol=1e-6)


@pytest.mark.parametrize("function", ELEMENTWISE)
def test_numbers_give_numpy_numbers(function):
    for number, kind in [
        (2, np.float64),
        (-2.5, np.float64),
        (np.float32(-3), np.float32),
        (np.int16(3), np.float64),
        (np.array(0.5), np.float64),
        (np.array(0.5, np.float32), np.float32),
    ]:
        result = function(number)
        assert type(result) is kind
        assert result == function(np.array([number]))[0]


@pytest.mark.parametrize("function", [*ELEMENTWISE, softmax])
def test_nan_goes_through_and_stays_where_it_is(function):
    x = np.array([[1.0, np.nan], [2.0, -3.0]])
    rows = np.isnan(function(x))
    assert rows[0, 1] and not rows[1].any()
    assert rows[0, 0] == (function is softmax)  # one NaN spoils the sum of its row, nothing else


@pytest.mark.parametrize("function", [*ELEMENTWISE, softmax])
def test_any_memory_order_and_arrays_of_none(function):
    x = np.random.default_rng(0).normal(size=(4, 6))
    expected = function(x)
    reversed_columns = x[:, ::-1]
    read_only = x.copy()
    read_only.flags.writeable = False
    np.testing.assert_array_equal(function(np.asfortranarray(x)), expected)
    np.testing.assert_allclose(function(reversed_columns), expected[:, ::-1], rtol=1e-15)
    np.testing.assert_array_equal(function(read_only), expected)
    assert function(np.zeros((0, 3), np.float32)).shape == (0, 3)
    assert function(np.zeros((0, 3), np.float32)).dtype == np.float32


@pytest.mark.parametrize("slope", [0, 0.01, 0.3, 1, 1.5, -0.5, np.float32(0.25), np.int8(2)])
def test_leaky_relu_with_any_slope(slope):
    x = np.array([-2.0, -0.5, 0.0, 0.5, 2.0])
    np.testing.assert_array_equal(leaky_relu(x, slope), [value if value > 0 else float(slope) * value for value in x])
    np.testing.assert_array_equal(leaky_relu_derivative(x, slope), [1 if value > 0 else slope for value in x])
    assert leaky_relu(x.astype(np.float32), slope).dtype == np.float32
    assert leaky_relu_derivative(x.astype(np.float32), slope).dtype == np.float32


@given(arrays_of.arrays(np.float64, st.tuples(st.integers(0, 3), st.integers(1, 5)), elements=st.floats(-50, 50)))
def test_softmax_gives_the_powers_over_their_sum(logits):
    expected = np.array([[math.exp(z) / math.fsum(math.exp(other) for other in row) for z in row] for row in logits])
    np.testing.assert_allclose(softmax(logits), expected.reshape(logits.shape), rtol=1e-12)
    np.testing.assert_allclose(softmax(logits + 3000.0), softmax(logits), rtol=1e-10)


def test_softmax_over_the_last_axis_only():
    logits = np.random.default_rng(1).normal(size=(2, 3, 4))
    probabilities = softmax(logits)
    np.testing.assert_allclose(probabilities.sum(axis=-1), np.ones((2, 3)))
    np.testing.assert_allclose(probabilities[1, 2], softmax(logits[1, 2]))
    before = logits.copy()
    softmax(logits)
    np.testing.assert_array_equal(logits, before)


def test_softmax_of_extreme_logits():
    np.testing.assert_array_equal(softmax(np.array([1e300, 1e300, -1e300])), [0.5, 0.5, 0])
    np.testing.assert_array_equal(softmax(np.array([1.7e308, -1.7e308])), [1, 0])
    np.testing.assert_array_equal(softmax(np.array([3e38, -3e38], np.float32)), [1, 0])
    np.testing.assert_array_equal(softmax(np.array([-np.inf, 2.0, -np.inf])), [0, 1, 0])
    np.testing.assert_array_equal(softmax(np.array([-1e6, -1e6])), [0.5, 0.5])


@pytest.mark.parametrize("kind", [int, float, np.float16, np.float32, np.int8, np.uint8, np.uint64])
def test_a_slope_is_a_number_of_any_kind(kind):
    x = np.array([-3.0, 0.0, 2.0])
    np.testing.assert_array_equal(activations.leaky_relu(x, kind(2)), [-6, 0, 2])
    np.testing.assert_array_equal(activations.leaky_relu_derivative(x.astype(np.float32), kind(2)), [2, 2, 1])


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.uint16, np.int64, np.uint64, np.float16, np.float32])
@pytest.mark.parametrize(("least", "below"), [(-np.inf, np.inf), (-1e300, 1e300), (0, 10**30), (-(10**30), 6)])
def test_limits_that_a_narrow_number_cannot_hold_are_no_trouble(kind, least, below):
    """Warnings are errors in these tests, and NumPy refuses limits that the type of the number cannot hold."""
    number = arguments.number("number", kind(5), least, below)
    assert (number, type(number)) == (5, float)
    with pytest.raises(ValueError, match=r"number: got .*5.*, expected a number of at least 300, finite"):
        arguments.number("number", kind(5), 300)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.uint16, np.int64, np.uint64])
def test_integers_of_a_narrow_kind_are_compared_as_they_are(kind):
    assert arguments.pair("stride", (kind(5), kind(7)), -(10**30)) == (5, 7)
    with pytest.raises(ValueError, match="stride: got 5, expected an integer of at least 70000"):
        arguments.pair("stride", kind(5), 70_000)
    labels = np.array([0, 5], kind)
    assert arguments.class_labels("labels", labels, 2, 70_000) is labels
    with pytest.raises(ValueError, match="labels: got class numbers from 0 to 5, expected 0 to 3 for 4 outputs"):
        arguments.class_labels("labels", labels, 2, 4)
