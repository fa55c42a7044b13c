"""The plain loops against worked examples of the course, SciPy, sums over windows, and numerical derivatives."""

import doctest
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib import reference
from cnnlib.reference import (
    avg_pool2d,
    avg_pool2d_backward,
    conv2d,
    conv2d_backward,
    conv_transpose2d,
    convolve2d,
    cross_correlate2d,
    expand_sensitivity_map,
    global_avg_pool2d,
    global_avg_pool2d_backward,
    linear,
    linear_backward,
    max_pool2d,
    max_pool2d_backward,
)

MODES = ("valid", "same", "full")


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(reference).failed == 0


# The worked examples of chapters 03 to 07 and 14


def test_chapter_03_one_map_by_hand():
    image = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
    kernel = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
    expected = [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    np.testing.assert_array_equal(cross_correlate2d(image, kernel), expected)
    np.testing.assert_array_equal(conv2d(image[None, None], kernel[None, None], np.array([0]))[0, 0], expected)


def test_chapter_03_two_kernels_on_a_4x4_image():
    image = np.array([[1, 0, 1, 0], [1, 1, 1, 0], [1, 0, 1, 0], [0, 0, 1, 0]])
    kernels = np.array([[[[1, -1], [1, -1]]], [[[1, 1], [-1, -1]]]])
    maps = conv2d(image[None, None], kernels)
    expected = [[[1, -1, 2], [1, -1, 2], [1, -2, 2]], [[-1, -1, 0], [1, 1, 0], [1, 0, 0]]]
    np.testing.assert_array_equal(maps[0], expected)
    pooled = max_pool2d(np.maximum(maps, 0), 2, stride=1)
    np.testing.assert_array_equal(pooled[0], [[[1, 2], [1, 2]], [[1, 1], [1, 1]]])


def test_chapter_03_a_curve_detector():
    curve = np.zeros((7, 7))
    curve[[1, 2, 3, 4, 5], [4, 3, 3, 3, 3]] = 1
    kernel, image = 30 * curve, 50 * curve
    image[5, 3] = 20
    assert cross_correlate2d(image, kernel).item() == 6600
    assert cross_correlate2d(50 * np.eye(7)[::-1] * (curve == 0), kernel).item() == 0


def test_chapter_03_depth_and_batch_sizes():
    rng = np.random.default_rng(0)
    assert conv2d(rng.normal(size=(1, 3, 6, 6)), rng.normal(size=(2, 3, 3, 3))).shape == (1, 2, 4, 4)
    x, w = rng.normal(size=(4, 2, 3, 5)), rng.normal(size=(3, 2, 3, 5))
    assert conv2d(x, w, padding=(1, 2)).shape == (4, 3, 3, 5)
    partial = [cross_correlate2d(np.pad(x[2, d], ((1, 1), (2, 2))), w[1, d]) for d in range(2)]
    np.testing.assert_allclose(conv2d(x, w, padding=(1, 2))[2, 1], partial[0] + partial[1])


WORKED_X = np.array(
    [
        [[0, 1, 1, 0, 2], [2, 2, 2, 2, 1], [1, 0, 0, 2, 0], [0, 1, 1, 0, 0], [1, 2, 0, 0, 2]],
        [[1, 0, 2, 2, 0], [0, 0, 0, 2, 0], [1, 2, 1, 2, 1], [1, 0, 0, 0, 0], [1, 2, 1, 1, 1]],
        [[2, 1, 2, 0, 0], [1, 0, 0, 1, 0], [0, 2, 1, 0, 1], [0, 1, 2, 2, 2], [2, 1, 0, 0, 1]],
    ],
    float,
)[None]
WORKED_W = np.array(
    [
        [
            [[-1, 1, 0], [0, 1, 0], [0, 1, 1]],
            [[-1, -1, 0], [0, 0, 0], [0, -1, 0]],
            [[0, 0, -1], [0, 1, 0], [1, -1, -1]],
        ],
        [
            [[1, 1, -1], [-1, -1, 1], [0, -1, 1]],
            [[0, 1, 0], [-1, 0, -1], [-1, 1, 0]],
            [[-1, 0, 0], [-1, 0, 1], [-1, 0, 0]],
        ],
    ],
    float,
)
WORKED_B = np.array([1.0, 0.0])
WORKED_DELTA = np.array([[[0, 1, 1], [2, 2, 2], [1, 0, 0]], [[1, 0, 2], [0, 0, 0], [1, 2, 1]]], float)[None]


def test_chapter_03_the_full_worked_example():
    net = conv2d(WORKED_X, WORKED_W, WORKED_B, stride=2, padding=1)
    expected = [[[6, 7, 5], [3, -1, -1], [2, -1, 4]], [[2, -5, -8], [1, -4, -4], [0, -5, -5]]]
    np.testing.assert_array_equal(net[0], expected)


def test_chapter_06_the_full_worked_example_after_one_step():
    d_x, d_w, d_b = conv2d_backward(WORKED_DELTA, WORKED_X, WORKED_W, stride=2, padding=1)
    np.testing.assert_array_equal(d_w, np.rint(d_w))  # all sums are of integers
    w, b = WORKED_W - 0.001 * d_w, WORKED_B - 0.001 * d_b
    exact = {"rtol": 0, "atol": 1e-12}
    first = [[-1.008, 0.990, -0.009], [-0.005, 0.994, -0.006], [-0.006, 0.995, 0.996]]
    third = [[-0.002, -0.002, -1.003], [-0.005, 0.992, -0.005], [0.993, -1.008, -1.007]]
    np.testing.assert_allclose(w[0, 0], first, **exact)
    np.testing.assert_allclose(w[0, 2], third, **exact)
    np.testing.assert_allclose(w[1, 1], [[0, 0.999, 0], [-1.009, -0.005, -1.004], [-1.004, 1, 0]], **exact)
    np.testing.assert_allclose(b, [0.991, -0.007], **exact)
    # The recipe of the chapter for d_x: expand delta, pad it with F - 1 zeros, cross-correlate with the turned kernels,
    # add the filters' partial maps, cut the padding off.
    expanded = expand_sensitivity_map(WORKED_DELTA[0], 2)
    for d in range(3):
        partial = [cross_correlate2d(expanded[k], WORKED_W[k, d, ::-1, ::-1], "full") for k in range(2)]
        np.testing.assert_array_equal(d_x[0, d], (partial[0] + partial[1])[1:-1, 1:-1])


def test_chapter_06_nine_elements_of_the_simplest_case():
    w = np.array([[2.0, -3.0], [5.0, 7.0]])
    delta = np.array([[11.0, 13.0], [-17.0, 19.0]])
    d_x, d_w, d_b = conv2d_backward(delta[None, None], np.arange(9.0).reshape(1, 1, 3, 3), w[None, None])
    (w00, w01), (w10, w11) = w
    (d00, d01), (d10, d11) = delta
    by_hand = [
        [d00 * w00, d00 * w01 + d01 * w00, d01 * w01],
        [d00 * w10 + d10 * w00, d00 * w11 + d01 * w10 + d10 * w01 + d11 * w00, d01 * w11 + d11 * w01],
        [d10 * w10, d10 * w11 + d11 * w10, d11 * w11],
    ]
    np.testing.assert_array_equal(d_x[0, 0], by_hand)
    np.testing.assert_array_equal(d_x[0, 0], convolve2d(delta, w))
    np.testing.assert_array_equal(d_w[0, 0], cross_correlate2d(np.arange(9.0).reshape(3, 3), delta))
    assert d_b == delta.sum()


def test_chapter_05_pooling_by_hand():
    x = np.arange(32.0).reshape(1, 2, 4, 4)
    pooled = max_pool2d(x, 3, stride=(2, 1), padding=1)
    expected = [[[5, 6, 7, 7], [13, 14, 15, 15]], [[21, 22, 23, 23], [29, 30, 31, 31]]]
    np.testing.assert_array_equal(pooled[0], expected)
    negative = max_pool2d(-x, 3, stride=(2, 1), padding=1)
    expected = [[[0, 0, -1, -2], [-4, -4, -5, -6]], [[-16, -16, -17, -18], [-20, -20, -21, -22]]]
    np.testing.assert_array_equal(negative[0], expected)
    tall = np.arange(400.0).reshape(1, 1, 20, 20)
    np.testing.assert_array_equal(max_pool2d(tall, 10)[0, 0], [[189, 199], [389, 399]])
    np.testing.assert_array_equal(avg_pool2d(x, 2)[0, 0], [[2.5, 4.5], [10.5, 12.5]])


def test_chapter_07_pooling_shares_delta():
    delta = np.arange(1.0, 17.0).reshape(1, 1, 4, 4)
    x = np.random.default_rng(1).permutation(64).reshape(1, 1, 8, 8).astype(float)
    by_max, by_mean = max_pool2d_backward(delta, x, 2), avg_pool2d_backward(delta, x, 2)
    np.testing.assert_array_equal(by_mean[0, 0], np.kron(delta[0, 0], np.full((2, 2), 1 / 4)))
    assert by_max.sum() == by_mean.sum() == delta.sum()
    assert np.count_nonzero(by_max) == 16
    padded = avg_pool2d_backward(np.ones((1, 1, 2, 2)), np.zeros((1, 1, 2, 2)), 2, padding=1)
    assert padded.sum() == 1  # three quarters of every delta went to the padding


def test_chapter_14_a_transposed_convolution_from_2x2_to_4x4():
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    kernel = np.array([[1.0, 10.0], [100.0, 1000.0]])
    expected = [[1, 10, 2, 20], [100, 1000, 200, 2000], [3, 30, 4, 40], [300, 3000, 400, 4000]]
    np.testing.assert_array_equal(conv_transpose2d(x[None, None], kernel[None, None], stride=2)[0, 0], expected)
    np.testing.assert_array_equal(
        conv_transpose2d(x[None, None], kernel[None, None])[0, 0], convolve2d(x, kernel)
    )  # stride 1: the full convolution


# Correlation and convolution of two planes

planes = st.tuples(
    st.integers(1, 6), st.integers(1, 6), st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1)
)


def random_planes(plane):
    H, W, F_h, F_w, seed = plane
    rng = np.random.default_rng(seed)
    return rng.normal(size=(H, W)), rng.normal(size=(F_h, F_w))


@settings(max_examples=40)
@given(planes)
def test_planes_against_scipy(plane):
    signal = pytest.importorskip("scipy.signal", reason="SciPy is an optional part of the tests")
    x, kernel = random_planes(plane)
    np.testing.assert_allclose(cross_correlate2d(x, kernel, "full"), signal.correlate2d(x, kernel, "full"), atol=1e-12)
    np.testing.assert_allclose(convolve2d(x, kernel, "full"), signal.convolve2d(x, kernel, "full"), atol=1e-12)
    if all(f <= n for f, n in zip(kernel.shape, x.shape)):
        valid = signal.correlate2d(x, kernel, "valid")
        np.testing.assert_allclose(cross_correlate2d(x, kernel, "valid"), valid, atol=1e-12)
        np.testing.assert_allclose(convolve2d(x, kernel, "valid"), signal.convolve2d(x, kernel, "valid"), atol=1e-12)
    if kernel.shape[0] % 2 and kernel.shape[1] % 2:  # even sizes: the odd zero is a choice, and SciPy's is another
        same = signal.correlate2d(x, kernel, "full")[kernel.shape[0] // 2 :, kernel.shape[1] // 2 :]
        same = same[: x.shape[0], : x.shape[1]]
        np.testing.assert_allclose(cross_correlate2d(x, kernel, "same"), same, atol=1e-12)


@settings(max_examples=60)
@given(planes)
def test_turning_the_kernel_makes_one_into_the_other(plane):
    x, kernel = random_planes(plane)
    for mode in MODES:
        if mode == "valid" and not all(f <= n for f, n in zip(kernel.shape, x.shape)):
            continue
        turned = cross_correlate2d(x, kernel[::-1, ::-1], mode)
        np.testing.assert_allclose(convolve2d(x, kernel, mode), turned, atol=1e-12)
    np.testing.assert_allclose(convolve2d(x, kernel), convolve2d(kernel, x), atol=1e-12)  # it commutes


def test_an_odd_zero_goes_below_and_right():
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    ones = np.ones((2, 2))
    np.testing.assert_array_equal(cross_correlate2d(x, ones, "same"), [[12, 16, 9], [9, 11, 6]])
    np.testing.assert_array_equal(cross_correlate2d(x, np.array([[0.0, 1.0]]), "same"), [[2, 3, 0], [5, 6, 0]])
    np.testing.assert_array_equal(cross_correlate2d(x, np.array([[1, 0, 0, 0]]), "same"), [[0, 1, 2], [0, 4, 5]])
    np.testing.assert_array_equal(cross_correlate2d(x, np.ones((9, 7)), "same"), np.full((2, 3), 21.0))


def test_cross_correlation_does_not_commute():
    a, b = np.array([[1.0, 2.0]]), np.array([[1.0, 10.0]])
    np.testing.assert_array_equal(cross_correlate2d(a, b, "full"), [[10, 21, 2]])
    np.testing.assert_array_equal(cross_correlate2d(b, a, "full"), [[2, 21, 10]])


# Layers, against sums over windows that are cut out in one go and against numerical derivatives


def windows_of(x, size, stride, dilation=(1, 1)):
    """Windows (N, D, H2, W2, F_h, F_w) of padded maps, by fancy indexing."""
    counts = [(x.shape[2 + a] - (size[a] - 1) * dilation[a] - 1) // stride[a] + 1 for a in (0, 1)]
    rows = np.arange(counts[0])[:, None] * stride[0] + np.arange(size[0]) * dilation[0]
    columns = np.arange(counts[1])[:, None] * stride[1] + np.arange(size[1]) * dilation[1]
    return x[:, :, rows[:, None, :, None], columns[None, :, None, :]]


def padded(x, padding, value=0.0):
    return np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2), constant_values=value)


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@st.composite
def convolutions(draw):
    kernel, stride, dilation = draw(pairs), draw(pairs), draw(st.tuples(st.integers(1, 2), st.integers(1, 2)))
    padding = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    least = [max(1, (kernel[a] - 1) * dilation[a] + 1 - 2 * padding[a]) for a in (0, 1)]
    height, width = (least[a] + draw(st.integers(0, 3)) for a in (0, 1))
    batch, channels, filters = draw(st.integers(0, 2)), draw(st.integers(1, 2)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x, w = rng.normal(size=(batch, channels, height, width)), rng.normal(size=(filters, channels, *kernel))
    return x, w, rng.normal(size=filters), {"stride": stride, "padding": padding, "dilation": dilation}, rng


@settings(max_examples=60)
@given(convolutions())
def test_conv2d_is_a_sum_over_windows(convolution):
    x, w, b, options, _ = convolution
    windows = windows_of(padded(x, options["padding"]), w.shape[2:], options["stride"], options["dilation"])
    expected = np.einsum("ndijfg,kdfg->nkij", windows, w)
    np.testing.assert_allclose(conv2d(x, w, **options), expected, atol=1e-12)
    np.testing.assert_allclose(conv2d(x, w, b, **options), expected + b[:, None, None], atol=1e-12)


def derivative_of(loss, x):
    """Central differences of a loss that is linear or quadratic in each number of x: exact up to rounding."""
    derivative = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = 0.5
        derivative[index] = loss(x + step) - loss(x - step)
    return derivative


@settings(max_examples=25)
@given(convolutions())
def test_conv2d_backward_against_differences(convolution):
    x, w, b, options, rng = convolution
    delta = rng.normal(size=conv2d(x, w, **options).shape)
    d_x, d_w, d_b = conv2d_backward(delta, x, w, **options)
    np.testing.assert_allclose(d_x, derivative_of(lambda v: (delta * conv2d(v, w, b, **options)).sum(), x), atol=1e-10)
    np.testing.assert_allclose(d_w, derivative_of(lambda v: (delta * conv2d(x, v, b, **options)).sum(), w), atol=1e-10)
    np.testing.assert_allclose(d_b, derivative_of(lambda v: (delta * conv2d(x, w, v, **options)).sum(), b), atol=1e-10)


@settings(max_examples=40)
@given(convolutions(), st.tuples(st.integers(0, 2), st.integers(0, 2)))
def test_a_transposed_convolution_is_the_gradient_of_a_convolution(convolution, output_padding):
    x, w, _, options, rng = convolution
    stride, padding = options["stride"], options["padding"]
    if any(output_padding[a] >= stride[a] or 2 * padding[a] >= w.shape[2 + a] for a in (0, 1)):
        return
    x = rng.normal(size=(x.shape[0], w.shape[0], 3, 2))  # what would be a delta of the convolution
    b = rng.normal(size=w.shape[1])
    size = [(x.shape[2 + a] - 1) * stride[a] - 2 * padding[a] + w.shape[2 + a] + output_padding[a] for a in (0, 1)]
    before = np.zeros((x.shape[0], w.shape[1], *size))
    d_x = conv2d_backward(x, before, w, stride, padding)[0]
    result = conv_transpose2d(x, w, b, stride, padding, output_padding)
    np.testing.assert_allclose(result, d_x + b[:, None, None], atol=1e-12)
    np.testing.assert_allclose(conv_transpose2d(x, w, None, stride, padding, output_padding), d_x, atol=1e-12)


@st.composite
def poolings(draw):
    size, stride = draw(pairs), draw(st.one_of(st.none(), pairs))
    padding = tuple(draw(st.integers(0, side // 2)) for side in size)
    height, width = (max(1, size[a] - 2 * padding[a]) + draw(st.integers(0, 4)) for a in (0, 1))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.integers(0, 2)), draw(st.integers(1, 2)), height, width
    x = rng.integers(-3, 3, size=shape).astype(float) if draw(st.booleans()) else rng.normal(size=shape)  # with ties
    return x, {"size": size, "stride": stride, "padding": padding}, rng


@settings(max_examples=60)
@given(poolings())
def test_pooling_takes_the_largest_and_the_mean_of_windows(pooling):
    x, options, _ = pooling
    size, stride = options["size"], options["stride"] or options["size"]
    largest = windows_of(padded(x, options["padding"], -np.inf), size, stride).max(axis=(4, 5))
    means = windows_of(padded(x, options["padding"]), size, stride).mean(axis=(4, 5))
    np.testing.assert_array_equal(max_pool2d(x, **options), largest)
    np.testing.assert_allclose(avg_pool2d(x, **options), means, atol=1e-12)


@settings(max_examples=60)
@given(poolings())
def test_max_pooling_hands_delta_to_the_first_of_the_largest(pooling):
    x, options, rng = pooling
    size, stride, padding = options["size"], options["stride"] or options["size"], options["padding"]
    windows = windows_of(padded(x, padding, -np.inf), size, stride)
    delta = rng.normal(size=windows.shape[:4])
    winners = windows.reshape(*windows.shape[:4], -1).argmax(axis=-1) if x.size else np.zeros(windows.shape[:4], int)
    expected = np.zeros_like(padded(x, padding))
    image, channel, i, j = np.indices(delta.shape)
    cells = (image, channel, i * stride[0] + winners // size[1], j * stride[1] + winners % size[1])
    np.add.at(expected, cells, delta)
    expected = expected[:, :, padding[0] : padding[0] + x.shape[2], padding[1] : padding[1] + x.shape[3]]
    d_x = max_pool2d_backward(delta, x, **options)
    np.testing.assert_allclose(d_x, expected, atol=1e-12)
    assert d_x.sum() == pytest.approx(delta.sum(), abs=1e-10)  # nothing is lost, padded or not


@settings(max_examples=30)
@given(poolings())
def test_mean_pooling_backward_against_differences(pooling):
    x, options, rng = pooling
    delta = rng.normal(size=avg_pool2d(x, **options).shape)
    expected = derivative_of(lambda v: (delta * avg_pool2d(v, **options)).sum(), x)
    np.testing.assert_allclose(avg_pool2d_backward(delta, x, **options), expected, atol=1e-10)


def test_of_equals_the_first_wins_and_overlaps_add_up():
    x = np.full((1, 1, 3, 3), -2.0)
    delta = np.array([[[[1.0, 10.0], [100.0, 1000.0]]]])
    np.testing.assert_array_equal(max_pool2d_backward(delta, x, 2, 1)[0, 0], [[1, 10, 0], [100, 1000, 0], [0, 0, 0]])
    x[0, 0, 1, 1] = -1
    np.testing.assert_array_equal(max_pool2d_backward(delta, x, 2, 1)[0, 0], [[0, 0, 0], [0, 1111, 0], [0, 0, 0]])


def test_a_window_with_a_nan_gives_nan_and_its_first_nan_gets_delta():
    x = np.array([[[[1.0, 9.0, 2.0, 3.0], [np.nan, np.nan, 8.0, 3.0]]]])
    np.testing.assert_array_equal(max_pool2d(x, 2), [[[[np.nan, 8.0]]]])
    d_x = max_pool2d_backward(np.array([[[[5.0, 7.0]]]]), x, 2)
    np.testing.assert_array_equal(d_x, [[[[0, 0, 0, 0], [5, 0, 7, 0]]]])


def test_padding_never_wins_even_against_minus_infinity():
    x = np.full((1, 1, 2, 2), -np.inf)
    np.testing.assert_array_equal(max_pool2d(x, 2, padding=1), np.full((1, 1, 2, 2), -np.inf))
    delta = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    np.testing.assert_array_equal(max_pool2d_backward(delta, x, 2, padding=1), delta)
    np.testing.assert_array_equal(max_pool2d_backward(delta, x, 3, stride=1, padding=1)[0, 0], [[10, 0], [0, 0]])


def test_global_mean():
    rng = np.random.default_rng(4)
    x, delta = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 3))
    np.testing.assert_allclose(global_avg_pool2d(x), x.mean(axis=(2, 3)))
    expected = derivative_of(lambda v: (delta * global_avg_pool2d(v)).sum(), x)
    np.testing.assert_allclose(global_avg_pool2d_backward(delta, x), expected, atol=1e-12)


def test_linear():
    rng = np.random.default_rng(5)
    x, w, b, delta = (rng.normal(size=shape) for shape in [(3, 4), (2, 4), (2,), (3, 2)])
    np.testing.assert_allclose(linear(x, w, b), x @ w.T + b)
    np.testing.assert_allclose(linear(x, w), x @ w.T)
    d_x, d_w, d_b = linear_backward(delta, x, w)
    np.testing.assert_allclose(d_x, derivative_of(lambda v: (delta * linear(v, w, b)).sum(), x), atol=1e-12)
    np.testing.assert_allclose(d_w, derivative_of(lambda v: (delta * linear(x, v, b)).sum(), w), atol=1e-12)
    np.testing.assert_allclose(d_b, derivative_of(lambda v: (delta * linear(x, w, v)).sum(), b), atol=1e-12)


def test_expanding_a_map_restores_what_the_stride_left_out():
    delta = np.arange(1.0, 7.0).reshape(2, 3)
    expected = np.zeros((4, 5))
    expected[::3, ::2] = delta
    np.testing.assert_array_equal(expand_sensitivity_map(delta, (3, 2)), expected)
    for size in itertools.product((4, 5, 6), (5, 6)):
        expanded = expand_sensitivity_map(delta, (3, 2), size)
        assert expanded.shape == size
        np.testing.assert_array_equal(expanded[:4, :5], expected)
        assert not expanded[4:].any() and not expanded[:, 5:].any()
    np.testing.assert_array_equal(expand_sensitivity_map(delta, 1), delta)
    assert expand_sensitivity_map(np.ones((0, 4, 2, 2)), 2, 4).shape == (0, 4, 4, 4)
    assert expand_sensitivity_map(np.ones((5, 1, 1)), 3, 3).sum() == 5


# What holds for all of them

x1, w1, delta1 = np.random.default_rng(9).normal(size=(1, 2, 5, 4)), np.ones((3, 2, 2, 3)), np.ones((1, 3, 4, 2))
pooled1 = np.ones((1, 2, 2, 2))
CALLS = [
    (cross_correlate2d, [x1[0, 0], w1[0, 0]]),
    (convolve2d, [x1[0, 0], w1[0, 0]]),
    (conv2d, [x1, w1, np.ones(3)]),
    (conv2d_backward, [delta1, x1, w1]),
    (conv_transpose2d, [delta1, w1, np.ones(2)]),
    (expand_sensitivity_map, [delta1], 2),
    (max_pool2d, [x1], 2),
    (max_pool2d_backward, [pooled1, x1], 2),
    (avg_pool2d, [x1], 2),
    (avg_pool2d_backward, [pooled1, x1], 2),
    (global_avg_pool2d, [x1]),
    (global_avg_pool2d_backward, [np.ones((1, 2)), x1]),
    (linear, [x1[0, 0], w1[0, 0, :, :1] * np.ones(4), np.ones(2)]),
    (linear_backward, [np.ones((5, 2)), x1[0, 0], np.ones((2, 4))]),
]
NAMES = [call[0].__name__ for call in CALLS]


def results(function, arrays, rest):
    result = function(*arrays, *rest)
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize(("function", "arrays", "rest"), [(f, arrays, rest) for f, arrays, *rest in CALLS], ids=NAMES)
def test_dtypes_memory_orders_and_inputs_left_alone(function, arrays, rest):
    expected = results(function, arrays, rest)
    of_what = {"conv2d_backward": [1, 2, 2], "linear_backward": [1, 2, 2]}.get(function.__name__, [-1])
    if function.__name__.endswith("pool2d_backward"):
        of_what = [1]
    for dtypes in itertools.product((np.float32, np.float64), repeat=len(arrays)):
        mixed = [array.astype(dtype) for array, dtype in zip(arrays, dtypes)]
        for result, of in zip(results(function, mixed, rest), of_what):
            gradient = function.__name__.endswith("_backward")
            assert result.dtype == (dtypes[of] if gradient else max(dtypes, key=lambda d: np.dtype(d).itemsize))
    for dtype in (np.int32, np.uint8, bool):
        integers = [(array > 0).astype(dtype) for array in arrays]
        floating = [array.astype(np.float64) for array in integers]
        for result, wanted in zip(results(function, integers, rest), results(function, floating, rest)):
            assert result.dtype == np.float64
            np.testing.assert_array_equal(result, wanted)
    for reorder in (np.asfortranarray, lambda a: np.repeat(a, 2, axis=-1)[..., ::2], lambda a: a[::-1].copy()[::-1]):
        forms = [reorder(array) for array in arrays]
        for form in forms:
            form.flags.writeable = False
        for result, wanted in zip(results(function, forms, rest), expected):
            np.testing.assert_array_equal(result, wanted)
            result[...] = 0  # a result is nobody else's memory
        for form, array in zip(forms, arrays):
            np.testing.assert_array_equal(form, array)


@pytest.mark.parametrize(
    ("function", "shapes", "rest", "expected"),
    [
        (conv2d, [(0, 2, 5, 4), (3, 2, 2, 3)], [], (0, 3, 4, 2)),
        (conv_transpose2d, [(0, 3, 4, 2), (3, 2, 2, 3)], [], (0, 2, 5, 4)),
        (max_pool2d, [(0, 2, 5, 4)], [2], (0, 2, 2, 2)),
        (max_pool2d_backward, [(0, 2, 2, 2), (0, 2, 5, 4)], [2], (0, 2, 5, 4)),
        (avg_pool2d, [(0, 2, 5, 4)], [2], (0, 2, 2, 2)),
        (avg_pool2d_backward, [(0, 2, 2, 2), (0, 2, 5, 4)], [2], (0, 2, 5, 4)),
        (global_avg_pool2d, [(0, 2, 5, 4)], [], (0, 2)),
        (global_avg_pool2d_backward, [(0, 2), (0, 2, 5, 4)], [], (0, 2, 5, 4)),
        (linear, [(0, 4), (2, 4)], [], (0, 2)),
    ],
)
def test_a_batch_of_none_goes_through(function, shapes, rest, expected):
    result = function(*(np.ones(shape, np.float32) for shape in shapes), *rest)
    assert result.shape == expected and result.dtype == np.float32


def test_a_batch_of_none_has_gradients_of_zero():
    w = np.ones((3, 2, 2, 3))
    d_x, d_w, d_b = conv2d_backward(np.ones((0, 3, 4, 2)), np.ones((0, 2, 5, 4)), w)
    assert d_x.shape == (0, 2, 5, 4) and d_w.shape == w.shape and not d_w.any() and d_b.tolist() == [0, 0, 0]
    d_x, d_w, d_b = linear_backward(np.ones((0, 3)), np.ones((0, 2)), np.ones((3, 2)))
    assert d_x.shape == (0, 2) and d_w.shape == (3, 2) and not d_w.any() and d_b.tolist() == [0, 0, 0]


def test_nan_reaches_what_reads_it_and_nothing_else():
    x, w = np.ones((2, 1, 3, 4)), np.ones((2, 1, 2, 2))
    x[0, 0, 0, 0] = np.nan
    net = conv2d(x, w)
    assert np.isnan(net[0, :, 0, 0]).all() and np.isnan(net).sum() == 2
    delta = np.ones((2, 2, 2, 3))
    delta[1, 1, 1, 2] = np.nan
    d_x, d_w, d_b = conv2d_backward(delta, x, w)
    assert np.isnan(d_x).sum() == 4 and np.isnan(d_x[1, 0, 1:, 2:]).all()
    assert np.isnan(d_w[1]).all() and np.isnan(d_w[0]).sum() == 1
    assert np.isnan(d_b).tolist() == [False, True]
