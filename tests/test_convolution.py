"""The fast convolutions against the plain loops of reference.py, for any shape, setting, dtype and memory order."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import threadpoolctl
from forms import FORMS, call_and_check_manners, dtypes, float_of, forms, in_float64, numbers, tolerance
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

import cnnlib
from cnnlib import blas_threads, layout, reference
from cnnlib.convolution import (
    conv2d,
    conv2d_backward,
    conv_transpose2d,
    convolve2d,
    cross_correlate2d,
    expand_sensitivity_map,
)

MODES = ("valid", "same", "full")


def axis_pairs(least, most):
    return st.tuples(st.integers(least, most), st.integers(least, most))


@st.composite
def int_or_pair(draw, pair):
    """The pair in one of the ways in which callers write it."""
    ways = [pair, list(pair), (np.int64(pair[0]), np.uint8(pair[1]))]
    if pair[0] == pair[1]:
        ways += [pair[0], np.int32(pair[0])]
    return draw(st.sampled_from(ways))


@st.composite
def convolutions(draw):
    """(x, weight, bias or None), delta for the output, settings."""
    kernel, stride, padding = draw(axis_pairs(1, 4)), draw(axis_pairs(1, 4)), draw(axis_pairs(0, 3))
    dilation = draw(st.one_of(st.just((1, 1)), axis_pairs(1, 3)))
    reach = [(kernel[a] - 1) * dilation[a] + 1 for a in (0, 1)]
    size = [max(1, reach[a] - 2 * padding[a]) + draw(st.integers(0, 4)) for a in (0, 1)]
    batch, channels, filters = draw(st.integers(0, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    output = [(size[a] + 2 * padding[a] - reach[a]) // stride[a] + 1 for a in (0, 1)]
    shapes = [(batch, channels, *size), (filters, channels, *kernel), (filters,), (batch, filters, *output)]
    x, weight, bias, delta = (draw(forms)(numbers(rng, shape, draw(dtypes))) for shape in shapes)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    options = {name: draw(int_or_pair(pair)) for name, pair in options.items()}
    return (x, weight, bias if draw(st.booleans()) else None), delta, options


@settings(max_examples=300)
@given(convolutions())
def test_conv2d_is_the_plain_loops(case):
    arrays, _, options = case
    given_arrays = [array for array in arrays if array is not None]
    (y,) = call_and_check_manners(conv2d, given_arrays, **options)
    expected = reference.conv2d(*in_float64(arrays), **options)
    assert y.shape == expected.shape
    assert y.dtype == float_of(*(array.dtype for array in given_arrays))
    np.testing.assert_allclose(y, expected, **tolerance(y))  # all is done in the wider dtype


@settings(max_examples=300)
@given(convolutions())
def test_conv2d_backward_is_the_plain_loops(case):
    (x, weight, _), delta, options = case
    gradients = call_and_check_manners(conv2d_backward, (delta, x, weight), **options)
    expected = reference.conv2d_backward(*in_float64((delta, x, weight)), **options)
    sources = (x, [delta, weight]), (weight, [delta, x]), (weight, [delta])  # what each is of, and what it comes from
    for gradient, wanted, (of, arrays) in zip(gradients, expected, sources, strict=True):
        assert gradient.shape == wanted.shape
        assert gradient.dtype == float_of(of.dtype)
        work = np.empty(0, float_of(*(array.dtype for array in arrays)))
        np.testing.assert_allclose(gradient, wanted, **tolerance(gradient, work))
    nothing, *others = conv2d_backward(delta, x, weight, **options, input_gradient=False)
    assert nothing is None
    for gradient, same in zip(gradients[1:], others, strict=True):
        np.testing.assert_array_equal(gradient, same)


@st.composite
def transposed_convolutions(draw):
    kernel, stride = draw(axis_pairs(1, 4)), draw(axis_pairs(1, 4))
    output_padding = tuple(draw(st.integers(0, stride[a] - 1)) for a in (0, 1))
    size = draw(axis_pairs(1, 4))
    uncut = [(size[a] - 1) * stride[a] + kernel[a] + output_padding[a] for a in (0, 1)]
    padding = tuple(draw(st.integers(0, min(3, (uncut[a] - 1) // 2))) for a in (0, 1))
    batch, channels, filters = draw(st.integers(0, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shapes = [(batch, channels, *size), (channels, filters, *kernel), (filters,)]
    x, weight, bias = (draw(forms)(numbers(rng, shape, draw(dtypes))) for shape in shapes)
    options = {"stride": stride, "padding": padding, "output_padding": output_padding}
    options = {name: draw(int_or_pair(pair)) for name, pair in options.items()}
    return (x, weight, bias if draw(st.booleans()) else None), options


@settings(max_examples=150)
@given(transposed_convolutions())
def test_conv_transpose2d_is_the_plain_loops(case):
    arrays, options = case
    given_arrays = [array for array in arrays if array is not None]
    (y,) = call_and_check_manners(conv_transpose2d, given_arrays, **options)
    expected = reference.conv_transpose2d(*in_float64(arrays), **options)
    assert y.shape == expected.shape
    assert y.dtype == float_of(*(array.dtype for array in given_arrays))
    np.testing.assert_allclose(y, expected, **tolerance(y))  # all is done in the wider dtype


@settings(max_examples=150)
@given(axis_pairs(1, 6), axis_pairs(1, 5), dtypes, dtypes, forms, forms, st.integers(0, 2**32 - 1))
def test_planes_are_the_plain_loops(size, kernel_size, dtype, kernel_dtype, form, kernel_form, seed):
    rng = np.random.default_rng(seed)
    x, kernel = form(numbers(rng, size, dtype)), kernel_form(numbers(rng, kernel_size, kernel_dtype))
    for mode in MODES:
        if mode == "valid" and not all(f <= n for f, n in zip(kernel_size, size)):
            continue
        for function, plain in ((cross_correlate2d, reference.cross_correlate2d), (convolve2d, reference.convolve2d)):
            (y,) = call_and_check_manners(function, (x, kernel), mode)
            expected = plain(*in_float64((x, kernel)), mode)
            assert y.shape == expected.shape
            assert y.dtype == float_of(dtype, kernel_dtype)
            np.testing.assert_allclose(y, expected, **tolerance(y))


def test_without_a_mode_correlation_is_valid_and_convolution_full():
    x, kernel = np.arange(12.0).reshape(3, 4), np.array([[1.0, -2.0], [0.5, 3.0]])
    assert cross_correlate2d(x, kernel).shape == (2, 3)
    assert convolve2d(x, kernel).shape == (4, 5)


@settings(max_examples=80)
@given(axis_pairs(1, 4), axis_pairs(1, 4), st.sampled_from([(), (0,), (2,), (2, 3)]), dtypes, forms, st.data())
def test_expanding_is_the_plain_loop(size, stride, first_axes, dtype, form, data):
    rng = np.random.default_rng(7)
    delta = form(numbers(rng, (*first_axes, *size), dtype))
    larger = [(size[a] - 1) * stride[a] + 1 + data.draw(st.integers(0, stride[a] - 1)) for a in (0, 1)]
    for rest in ((stride,), (stride, tuple(larger))):
        (expanded,) = call_and_check_manners(expand_sensitivity_map, [delta], *rest)
        assert expanded.dtype == float_of(dtype)
        np.testing.assert_array_equal(expanded, reference.expand_sensitivity_map(delta, *rest))


# Sizes at which BLAS takes its fast ways, against a sum over windows that NumPy cuts out

LARGE = [
    # x, weight, stride, padding
    ((5, 3, 29, 17), (7, 3, 5, 3), (1, 1), (0, 0)),
    ((3, 6, 14, 23), (16, 6, 5, 5), (2, 3), (2, 1)),
    ((1, 1, 61, 47), (6, 1, 5, 5), (1, 1), (2, 2)),
    ((130, 2, 9, 8), (3, 2, 3, 4), (3, 1), (0, 2)),
    ((2, 33, 7, 6), (40, 33, 1, 1), (1, 1), (0, 0)),
    ((67, 6, 14, 13), (16, 6, 5, 5), (1, 1), (0, 0)),  # where BLAS can, both products are cut
]


@pytest.mark.parametrize(("shape", "weight_shape", "stride", "padding"), LARGE)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("at_once", [False, True], ids=["whole", "cut"])
def test_large_maps_are_sums_over_windows(shape, weight_shape, stride, padding, dtype, at_once, monkeypatch):
    monkeypatch.setattr(blas_threads, "multiplies_small_at_once", lambda: at_once)
    rng = np.random.default_rng(11)
    x, weight = rng.normal(size=shape).astype(dtype), rng.normal(size=weight_shape).astype(dtype)
    bias = rng.normal(size=weight_shape[0]).astype(dtype)
    framed = np.pad(x.astype(float), ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    windows = sliding_window_view(framed, weight_shape[2:], axis=(2, 3))[:, :, :: stride[0], :: stride[1]]
    expected = np.tensordot(windows, weight.astype(float), ((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)
    expected += bias[:, None, None]
    y = conv2d(x, weight, bias, stride, padding)
    rounding = np.finfo(dtype).eps * np.prod(weight_shape[1:]) * 4
    assert y.dtype == dtype
    np.testing.assert_allclose(y, expected, rtol=0, atol=rounding * np.abs(expected).max())
    # conv2d is linear in x and in weight, so <delta, conv2d> must be <d_x, x>, <d_weight, weight>; any delta will do.
    delta = rng.normal(size=y.shape).astype(dtype)
    d_x, d_weight, d_bias = (g.astype(float) for g in conv2d_backward(delta, x, weight, stride, padding))
    without_bias = expected - bias[:, None, None]
    scale = np.linalg.norm(delta) * np.linalg.norm(without_bias)
    product = (delta * without_bias).sum()
    np.testing.assert_allclose([(d_x * x).sum(), (d_weight * weight).sum()], product, rtol=0, atol=rounding * scale)
    np.testing.assert_allclose(d_weight, np.einsum("nkij,ncijfg->kcfg", delta, windows), atol=rounding * scale)
    np.testing.assert_allclose(d_bias, delta.sum(axis=(0, 2, 3)), rtol=0, atol=rounding * np.abs(delta).sum())


def test_products_are_cut_evenly_where_blas_computes_small_ones_at_once(monkeypatch):
    monkeypatch.setattr(blas_threads, "multiplies_small_at_once", lambda: True)
    for length, most, least, lengths in [
        (640, 416, 64, [320, 320]),
        (150, 48, 32, [38, 38, 38, 36]),
        (150, 149, 1, [75, 75]),
        (150, 150, 1, [150]),  # it fits
        (150, 31, 32, [150]),  # slices would be too short
        (7, 1, 1, [1] * 7),
        (0, 5, 1, [0]),
    ]:
        places = np.arange(length)
        cut = [places[some] for some in layout._slices(length, most, least)]
        assert [len(part) for part in cut] == lengths
        assert np.array_equal(np.concatenate(cut), places)
    monkeypatch.setattr(blas_threads, "multiplies_small_at_once", lambda: False)
    assert layout._slices(640, 416, 64) == [slice(640)]


def test_blas_computes_small_products_at_once_only_with_one_thread_and_kernels_that_can():
    able = {"SkylakeX", "Cooperlake", "SapphireRapids"}
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        libraries = [one for one in threadpoolctl.threadpool_info() if one["user_api"] == "blas"]
        assert blas_threads.multiplies_small_at_once() == all(one.get("architecture") in able for one in libraries)
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        assert not blas_threads.multiplies_small_at_once()


def test_images_of_a_batch_do_not_meet():
    rng = np.random.default_rng(12)
    x, weight, options = rng.normal(size=(4, 2, 7, 6)), rng.normal(size=(3, 2, 3, 2)), {"stride": 2, "padding": 1}
    y = conv2d(x, weight, **options)
    delta = rng.normal(size=y.shape)
    d_x, d_weight, _ = conv2d_backward(delta, x, weight, **options)
    alone = [conv2d(x[i : i + 1], weight, **options) for i in range(4)]
    np.testing.assert_allclose(y, np.concatenate(alone), atol=1e-12)
    parts = [conv2d_backward(delta[i : i + 1], x[i : i + 1], weight, **options) for i in range(4)]
    np.testing.assert_allclose(d_x, np.concatenate([part[0] for part in parts]), atol=1e-12)
    np.testing.assert_allclose(d_weight, sum(part[1] for part in parts), atol=1e-12)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_one_pixel_one_channel_one_image_in_any_memory_order(form):
    rng = np.random.default_rng(13)
    for shape, weight_shape in (
        ((1, 1, 1, 1), (1, 1, 1, 1)),
        ((1, 1, 4, 1), (2, 1, 3, 1)),
        ((1, 2, 1, 5), (1, 2, 1, 2)),
    ):
        x, weight = rng.normal(size=shape), rng.normal(size=weight_shape)
        y = conv2d(form(x), form(weight), stride=2, padding=1)
        np.testing.assert_allclose(y, reference.conv2d(x, weight, stride=2, padding=1), atol=1e-12)
        delta = rng.normal(size=y.shape)
        fast = conv2d_backward(form(delta), form(x), form(weight), stride=2, padding=1)
        for gradient, expected in zip(fast, reference.conv2d_backward(delta, x, weight, stride=2, padding=1)):
            np.testing.assert_allclose(gradient, expected, atol=1e-12)


def test_one_array_in_two_roles():
    x = np.random.default_rng(14).normal(size=(2, 2, 3, 3))
    np.testing.assert_allclose(conv2d(x, x, padding=1), reference.conv2d(x, x.copy(), padding=1), atol=1e-12)
    row = np.broadcast_to(np.array([1.0, 2.0, 3.0]), (2, 1, 4, 3))  # rows, images: all the same memory
    np.testing.assert_allclose(conv2d(row, x[:, :1]), reference.conv2d(row.copy(), x[:, :1]), atol=1e-12)


@pytest.mark.parametrize("step", [7, 2**31, 2**62, 2**63, 2**80])
def test_steps_of_any_size(step):
    """A stride or dilation larger than the map is as good as the map's size: nothing overflows."""
    rng = np.random.default_rng(15)
    x, weight, point = rng.normal(size=(1, 2, 4, 5)), rng.normal(size=(3, 2, 2, 2)), rng.normal(size=(3, 2, 1, 1))
    y = conv2d(x, weight, stride=step)
    np.testing.assert_allclose(y, conv2d(x, weight)[:, :, :1, :1])
    np.testing.assert_allclose(conv2d(x, weight, stride=(1, step)), conv2d(x, weight)[:, :, :, :1])
    np.testing.assert_allclose(conv2d(x, point, dilation=step), conv2d(x, point))
    for fast, plain in zip(conv2d_backward(y, x, weight, step), reference.conv2d_backward(y, x, weight, step)):
        np.testing.assert_allclose(fast, plain)
    delta = conv2d(x, point)
    for fast, plain in zip(conv2d_backward(delta, x, point, 1, 0, step), conv2d_backward(delta, x, point)):
        np.testing.assert_allclose(fast, plain)
    kernels = rng.normal(size=(2, 3, 2, 3))
    np.testing.assert_allclose(
        conv_transpose2d(x[:, :, :1, :1], kernels, None, step), conv_transpose2d(x[:, :, :1, :1], kernels)
    )
    np.testing.assert_array_equal(expand_sensitivity_map(x[:, :, :1, :1], step), x[:, :, :1, :1])


def test_nan_reaches_what_reads_it_and_nothing_else():
    x, weight = np.ones((2, 1, 3, 4)), np.ones((2, 1, 2, 2))
    x[0, 0, 0, 0] = np.nan
    net = conv2d(x, weight)
    assert np.isnan(net[0, :, 0, 0]).all() and np.isnan(net).sum() == 2
    delta = np.ones((2, 2, 2, 3))
    delta[1, 1, 1, 2] = np.nan
    d_x, d_weight, d_bias = conv2d_backward(delta, x, weight)
    assert np.isnan(d_x).sum() == 4 and np.isnan(d_x[1, 0, 1:, 2:]).all()
    assert np.isnan(d_weight[1]).all() and np.isnan(d_weight[0]).sum() == 1
    assert np.isnan(d_bias).tolist() == [False, True]
    spread = conv_transpose2d(np.array([[[[1.0, np.nan]]]]), np.ones((1, 1, 1, 2)), stride=2)
    assert np.isnan(spread).tolist() == [[[[False, False, True, True]]]]


def test_the_settings_come_in_the_same_order_as_in_the_plain_loops():
    rng = np.random.default_rng(16)
    x, weight, bias = rng.normal(size=(1, 2, 9, 8)), rng.normal(size=(3, 2, 2, 3)), rng.normal(size=3)
    args = ((2, 1), (1, 2), (3, 2))
    y = conv2d(x, weight, bias, *args)
    np.testing.assert_allclose(y, reference.conv2d(x, weight, bias, *args), atol=1e-12)
    for fast, plain in zip(conv2d_backward(y, x, weight, *args), reference.conv2d_backward(y, x, weight, *args)):
        np.testing.assert_allclose(fast, plain, atol=1e-11)
    kernels, args = weight.transpose(1, 0, 2, 3), ((3, 2), (1, 2), (2, 0))
    expected = reference.conv_transpose2d(x, kernels, bias, *args)
    np.testing.assert_allclose(conv_transpose2d(x, kernels, bias, *args), expected, atol=1e-11)


# The worked example of chapters 03 and 06, through the layer and the optimiser that the chapters use

WORKED_X = np.array(
    [
        [[0, 1, 1, 0, 2], [2, 2, 2, 2, 1], [1, 0, 0, 2, 0], [0, 1, 1, 0, 0], [1, 2, 0, 0, 2]],
        [[1, 0, 2, 2, 0], [0, 0, 0, 2, 0], [1, 2, 1, 2, 1], [1, 0, 0, 0, 0], [1, 2, 1, 1, 1]],
        [[2, 1, 2, 0, 0], [1, 0, 0, 1, 0], [0, 2, 1, 0, 1], [0, 1, 2, 2, 2], [2, 1, 0, 0, 1]],
    ]
)
WORKED_WEIGHT = np.array(
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
    ]
)
WORKED_NET = [[[6, 7, 5], [3, -1, -1], [2, -1, 4]], [[2, -5, -8], [1, -4, -4], [0, -5, -5]]]
WORKED_DELTA = np.array([[[0, 1, 1], [2, 2, 2], [1, 0, 0]], [[1, 0, 2], [0, 0, 0], [1, 2, 1]]])
WORKED_AFTER = {  # (filter, channel): its weights after one step with learning rate 0.001
    (0, 0): [[-1.008, 0.990, -0.009], [-0.005, 0.994, -0.006], [-0.006, 0.995, 0.996]],
    (0, 2): [[-0.002, -0.002, -1.003], [-0.005, 0.992, -0.005], [0.993, -1.008, -1.007]],
    (1, 1): [[0, 0.999, 0], [-1.009, -0.005, -1.004], [-1.004, 1, 0]],
}


@pytest.mark.parametrize(("dtype", "last_digit"), [(np.float32, 1e-6), (np.float64, 1e-15)])
def test_the_full_worked_example_through_a_layer_and_one_step_of_sgd(dtype, last_digit):
    layer = cnnlib.Conv2d(3, 2, 3, stride=2, padding=1, dtype=dtype)
    network = cnnlib.Sequential(layer, cnnlib.Identity())
    network.load_parameters({"0.weight": WORKED_WEIGHT.astype(dtype), "0.bias": np.array([1, 0], dtype)})
    net = network.forward(WORKED_X[None].astype(dtype))
    assert net.dtype == dtype
    np.testing.assert_array_equal(net[0], WORKED_NET)
    d_x = network.backward(WORKED_DELTA[None].astype(dtype))
    _, d_weight, _ = reference.conv2d_backward(WORKED_DELTA[None], WORKED_X[None], WORKED_WEIGHT, 2, 1)
    np.testing.assert_array_equal(layer.d_weight, d_weight)  # sums of integers: exact
    np.testing.assert_array_equal(layer.d_bias, [9, 7])
    cnnlib.SGD(network, lr=0.001).step()
    for place, expected in WORKED_AFTER.items():
        np.testing.assert_allclose(layer.weight[place], expected, rtol=0, atol=last_digit)
    np.testing.assert_allclose(layer.weight, WORKED_WEIGHT - 0.001 * d_weight, rtol=0, atol=last_digit)
    np.testing.assert_allclose(layer.bias, [0.991, -0.007], rtol=0, atol=last_digit)
    # The recipe of chapter 06: expand δ, cross-correlate with the turned kernels, add the partial maps, cut the edge.
    expanded = expand_sensitivity_map(WORKED_DELTA, 2)
    for d in range(3):
        partial = [cross_correlate2d(expanded[k], WORKED_WEIGHT[k, d, ::-1, ::-1], "full") for k in range(2)]
        np.testing.assert_array_equal(d_x[0, d], sum(partial)[1:-1, 1:-1])


def test_the_full_worked_example_through_the_functions_in_integers():
    net = conv2d(WORKED_X[None], WORKED_WEIGHT, np.array([1, 0]), 2, 1)
    assert net.dtype == np.float64
    np.testing.assert_array_equal(net[0], WORKED_NET)
    gradients = conv2d_backward(WORKED_DELTA[None], WORKED_X[None], WORKED_WEIGHT, 2, 1)
    for gradient, expected in zip(
        gradients, reference.conv2d_backward(WORKED_DELTA[None], WORKED_X[None], WORKED_WEIGHT, 2, 1)
    ):
        assert gradient.dtype == np.float64
        np.testing.assert_array_equal(gradient, expected)


LAST, COLOUR = "transpose(0, 3, 1, 2)", "mean(axis=1, keepdims=True)"
MISTAKEN = [  # shape of x, channels that are wanted, what the error proposes
    ((2, 12, 12, 3), 3, LAST),
    ((2, 12, 12, 1), 1, LAST),
    ((2, 12, 12, 4), 3, LAST),  # with transparency
    ((2, 12, 12, 3), 1, LAST),  # and in colour, which the next error says
    ((2, 5, 9, 16), 16, LAST),  # maps of a layer
    ((2, 3, 12, 12), 1, COLOUR),
    ((2, 4, 12, 12), 1, None),
    ((2, 6, 12, 12), 5, None),
    ((2, 3, 12, 12), 4, None),
    ((2, 1, 12, 12), 3, None),
]


@pytest.mark.parametrize(("shape", "channels", "proposal"), MISTAKEN)
def test_an_error_about_channels_blames_x_and_says_what_it_looks_like(shape, channels, proposal):
    x, weight = np.zeros(shape), np.zeros((2, channels, 3, 3))
    layer = cnnlib.Conv2d(channels, 2, 3, rng=0)
    calls = [
        lambda x: conv2d(x, weight),
        lambda x: reference.conv2d(x, weight),
        lambda x: conv2d_backward(np.zeros((2, 2, 10, 10)), x, weight),
        lambda x: conv_transpose2d(x, weight.swapaxes(0, 1)),
        layer.forward,
        cnnlib.Sequential(layer, cnnlib.Flatten()).predict,
    ]
    for call in calls:
        with pytest.raises(ValueError) as raised:
            call(x)
        message = str(raised.value)
        assert message.startswith(f"x: got {shape[1]} channels in shape {shape}, expected {channels}, ")
        assert [hint for hint in (LAST, COLOUR) if hint in message] == ([proposal] if proposal else [])
    if proposal == LAST and shape[3] == channels:
        assert conv2d(x.transpose(0, 3, 1, 2), weight).shape[:2] == (2, 2)
    if proposal == COLOUR:
        assert conv2d(x.mean(axis=1, keepdims=True), weight).shape == (2, 2, 10, 10)


@pytest.mark.parametrize("function", [conv2d, reference.conv2d])
def test_a_wider_bias_widens_the_result(function):
    x, weight = np.ones((1, 1, 2, 2), np.float32), np.ones((1, 1, 2, 2), np.float32)
    y = function(x, weight, np.array([1e-12]))
    assert y.dtype == np.float64 and y.item() == 4 + 1e-12
    assert function(x, weight, np.array([1], np.float32)).dtype == np.float32
    assert function(x, weight, np.array([1])).dtype == np.float64


@pytest.mark.parametrize("function", [conv2d, reference.conv2d])
def test_float32_from_a_pickle_stays_float32(function):
    """Its dtype is another object than that of an array made here."""
    x = pickle.loads(pickle.dumps(np.ones((1, 1, 2, 2), np.float32)))
    assert x.dtype is not np.dtype(np.float32)
    assert function(x, np.ones((1, 1, 2, 2), np.float32), np.ones(1, np.float32)).dtype == np.float32
