"""The fast poolings against the plain loops of reference.py: ties, overlaps, padding, -inf, NaN, any memory order."""

from __future__ import annotations

import numpy as np
import pytest
from forms import FORMS, call_and_check_manners, dtypes, float_of, forms, in_float64, numbers, tolerance
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib import reference
from cnnlib.pooling import (
    avg_pool2d,
    avg_pool2d_backward,
    global_avg_pool2d,
    global_avg_pool2d_backward,
    max_pool2d,
    max_pool2d_backward,
    maxima,
)


@st.composite
def poolings(draw):
    """Maps, a delta for the output, settings: strides smaller and larger than the window, few different numbers."""
    size = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    stride = draw(st.one_of(st.none(), st.tuples(st.integers(1, 5), st.integers(1, 5))))
    padding = tuple(draw(st.integers(0, side // 2)) for side in size)
    map_size = [max(1, size[a] - 2 * padding[a]) + draw(st.integers(0, 6)) for a in (0, 1)]
    shape = (draw(st.integers(0, 3)), draw(st.integers(1, 3)), *map_size)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = numbers(rng, shape, draw(dtypes))
    if draw(st.booleans()):
        x = np.clip(x, 0, 1).round().astype(x.dtype)  # ties in nearly every window
    if x.dtype.kind == "f" and draw(st.booleans()):
        x -= 5  # all negative: a padding of 0 would win
    if x.dtype.kind == "f" and draw(st.booleans()):
        x[rng.random(shape) < 0.5] = -np.inf
    steps = stride or size
    output = [(map_size[a] + 2 * padding[a] - size[a]) // steps[a] + 1 for a in (0, 1)]
    delta = numbers(rng, (*shape[:2], *output), draw(dtypes))
    options = {"size": size, "stride": stride, "padding": padding}
    for name, pair in options.items():
        if pair is not None and pair[0] == pair[1] and draw(st.booleans()):
            options[name] = pair[0]
    return draw(forms)(x), draw(forms)(delta), options


@settings(max_examples=200)
@given(poolings())
def test_max_pooling_is_the_plain_loops(case):
    x, delta, options = case
    (y,) = call_and_check_manners(max_pool2d, [x], **options)
    assert y.dtype == float_of(x.dtype)
    np.testing.assert_array_equal(y, reference.max_pool2d(x, **options))
    (d_x,) = call_and_check_manners(max_pool2d_backward, (delta, x), **options)
    assert d_x.dtype == float_of(x.dtype)
    expected = reference.max_pool2d_backward(*in_float64((delta, x)), **options)
    np.testing.assert_allclose(d_x, expected, **tolerance(delta, x))
    np.testing.assert_allclose(d_x.sum(), delta.astype(float).sum(), rtol=1e-4, atol=1e-4)  # nothing is lost or doubled
    (same,) = call_and_check_manners(max_pool2d_backward, (delta, x), **options, found=maxima(x, **options))
    np.testing.assert_array_equal(d_x, same)


@settings(max_examples=200)
@given(poolings())
def test_mean_pooling_is_the_plain_loops(case):
    x, delta, options = case
    if x.dtype.kind == "f":  # the mean of an infinity is no number to compare
        x = np.where(np.isinf(x), x.dtype.type(-3), x)
    (y,) = call_and_check_manners(avg_pool2d, [x], **options)
    assert y.dtype == float_of(x.dtype)
    np.testing.assert_allclose(y, reference.avg_pool2d(*in_float64([x]), **options), **tolerance(x))
    (d_x,) = call_and_check_manners(avg_pool2d_backward, (delta, x), **options)
    assert d_x.dtype == float_of(x.dtype)
    expected = reference.avg_pool2d_backward(*in_float64((delta, x)), **options)
    np.testing.assert_allclose(d_x, expected, **tolerance(delta, x))
    if options["padding"] in (0, (0, 0)):  # padded cells take their share
        np.testing.assert_allclose(d_x.sum(), delta.astype(float).sum(), rtol=1e-4, atol=1e-4)


@settings(max_examples=60)
@given(
    st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(1, 4), st.integers(1, 4)), dtypes, dtypes, forms, forms
)
def test_global_mean_is_the_plain_loops(shape, dtype, delta_dtype, form, delta_form):
    rng = np.random.default_rng(21)
    x, delta = form(numbers(rng, shape, dtype)), delta_form(numbers(rng, shape[:2], delta_dtype))
    (y,) = call_and_check_manners(global_avg_pool2d, [x])
    assert y.dtype == float_of(dtype)
    np.testing.assert_allclose(y, reference.global_avg_pool2d(*in_float64([x])), **tolerance(x))
    (d_x,) = call_and_check_manners(global_avg_pool2d_backward, (delta, x))
    assert d_x.dtype == float_of(dtype)
    expected = reference.global_avg_pool2d_backward(*in_float64((delta, x)))
    np.testing.assert_allclose(d_x, expected, **tolerance(delta, x))
    np.testing.assert_allclose(d_x.sum(), delta.astype(float).sum(), rtol=1e-4, atol=1e-4)


def test_the_array_of_chapter_05_and_its_negative():
    x = np.arange(32).reshape(1, 2, 4, 4)
    pooled = max_pool2d(x, 3, stride=(2, 1), padding=1)
    assert pooled.tolist() == [[[[5, 6, 7, 7], [13, 14, 15, 15]], [[21, 22, 23, 23], [29, 30, 31, 31]]]]
    pooled = max_pool2d(-x, 3, stride=(2, 1), padding=1)
    assert pooled.tolist() == [[[[0, 0, -1, -2], [-4, -4, -5, -6]], [[-16, -16, -17, -18], [-20, -20, -21, -22]]]]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_of_equals_the_first_wins_in_every_memory_order(form):
    x = form(np.full((2, 2, 5, 4), -2.0))
    delta = np.random.default_rng(22).integers(1, 9, size=(2, 2, 4, 3)).astype(float)
    d_x = max_pool2d_backward(form(delta), x, 2, 1)
    np.testing.assert_array_equal(d_x[:, :, :4, :3], delta)  # each window's first cell is its upper left one
    assert d_x.sum() == delta.sum()
    first_row = max_pool2d_backward(form(delta[:, :, :1]), x, (5, 2), 1)
    np.testing.assert_array_equal(first_row[:, :, 0, :3], delta[:, :, 0])


def test_minus_zero_and_zero_are_equal():
    x = np.array([[[[-0.0, 0.0], [0.0, -0.0]]]])
    assert max_pool2d_backward(np.array([[[[7.0]]]]), x, 2).tolist() == [[[[7, 0], [0, 0]]]]


def test_a_window_with_a_nan_gives_nan_and_its_first_nan_gets_delta():
    x = np.random.default_rng(23).normal(size=(2, 2, 5, 6))
    x[0, 0, 1, 1] = x[0, 0, 1, 2] = x[0, 0, 4, 5] = x[1, 1, 0, 0] = np.nan
    delta = np.random.default_rng(24).normal(size=(2, 2, 3, 3))
    for size, stride, padding in ((2, 2, (1, 0)), ((3, 2), (1, 2), 0), ((1, 4), (2, 1), 0), ((3, 3), 2, 1)):
        y = max_pool2d(x, size, stride, padding)
        np.testing.assert_array_equal(y, reference.max_pool2d(x, size, stride, padding))
        assert 0 < np.isnan(y).sum() < y.size
        delta = np.random.default_rng(24).normal(size=y.shape)
        d_x = max_pool2d_backward(delta, x, size, stride, padding)
        np.testing.assert_allclose(d_x, reference.max_pool2d_backward(delta, x, size, stride, padding), atol=1e-12)
        assert not np.isnan(d_x).any()


@pytest.mark.parametrize("stride", [2, 1])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_delta_that_is_no_number_goes_to_the_winner_only(value, stride):
    x = np.array([[[[1.0, 2.0, 3.0, 4.0], [8.0, 7.0, 6.0, 5.0]]]])
    delta = np.array([[[[10.0, value] if stride == 2 else [10.0, value, 30.0]]]]).reshape(1, 1, 1, -1)
    expected = [[0, 0, 0, 0], [10, 0, value, 0]] if stride == 2 else [[0, 0, 0, 0], [10, value, 30, 0]]
    np.testing.assert_array_equal(max_pool2d_backward(delta, x, 2, stride)[0, 0], expected)


def test_padding_never_wins_even_against_minus_infinity():
    x = np.full((1, 1, 2, 2), -np.inf)
    np.testing.assert_array_equal(max_pool2d(x, 2, padding=1), np.full((1, 1, 2, 2), -np.inf))
    delta = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    np.testing.assert_array_equal(max_pool2d_backward(delta, x, 2, padding=1), delta)
    np.testing.assert_array_equal(max_pool2d_backward(delta, x, 3, stride=1, padding=1)[0, 0], [[10, 0], [0, 0]])


def test_nan_reaches_the_means_that_read_it_and_nothing_else():
    x = np.ones((1, 2, 4, 4))
    x[0, 1, 0, 3] = np.nan
    assert np.isnan(avg_pool2d(x, 2)).tolist() == [[[[False] * 2] * 2, [[False, True], [False, False]]]]
    assert np.isnan(global_avg_pool2d(x)).tolist() == [[False, True]]
    delta = np.array([[[[np.nan, 4.0]]]])
    spread = avg_pool2d_backward(delta, np.ones((1, 1, 2, 4)), 2)
    np.testing.assert_array_equal(spread[0, 0], [[np.nan, np.nan, 1, 1]] * 2)


def test_padded_zeros_count_in_the_mean():
    x = np.full((1, 1, 2, 2), 8.0)
    np.testing.assert_array_equal(avg_pool2d(x, 2, padding=1), np.full((1, 1, 2, 2), 2.0))
    np.testing.assert_array_equal(avg_pool2d(x, (1, 2), padding=(0, 1)), [[[[4, 4], [4, 4]]]])


def test_large_maps_in_float32():
    rng = np.random.default_rng(25)
    x = rng.normal(size=(33, 7, 26, 31)).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 2), axis=(2, 3))[:, :, ::2, ::3]
    np.testing.assert_array_equal(max_pool2d(x, (3, 2), (2, 3)), windows.max(axis=(4, 5)))
    mean = windows.astype(float).mean(axis=(4, 5))
    np.testing.assert_allclose(avg_pool2d(x, (3, 2), (2, 3)), mean, rtol=0, atol=1e-6)
    delta = rng.normal(size=mean.shape).astype(np.float32)
    for backward in (max_pool2d_backward, avg_pool2d_backward):
        assert backward(delta, x, (3, 2), (2, 3)).sum(dtype=float) == pytest.approx(delta.sum(dtype=float), abs=1e-2)
    np.testing.assert_allclose(global_avg_pool2d(x), x.astype(float).mean(axis=(2, 3)), rtol=0, atol=1e-6)


@pytest.mark.parametrize("step", [9, 2**31, 2**63, 2**80])
def test_strides_of_any_size(step):
    x, delta = np.random.default_rng(26).normal(size=(1, 2, 5, 4)), np.ones((1, 2, 1, 1))
    for forward, backward in ((max_pool2d, max_pool2d_backward), (avg_pool2d, avg_pool2d_backward)):
        np.testing.assert_array_equal(forward(x, (2, 3), step), forward(x[:, :, :2, :3], (2, 3)))
        d_x = backward(delta, x, (2, 3), step)
        np.testing.assert_array_equal(d_x[:, :, :2, :3], backward(delta, x[:, :, :2, :3], (2, 3)))
        assert d_x.sum() == pytest.approx(2)


def test_what_is_handed_to_the_backward_pass_must_fit():
    x, delta = np.ones((1, 2, 4, 4)), np.ones((1, 2, 2, 2))
    rows, largest = maxima(x, 2)
    for found, says in (
        ((x, largest), r"found\[0\]: got shape \(1, 2, 4, 4\), expected \(1, 2, 4, 2\), the shape of maxima's rows"),
        (
            (rows, rows),
            r"found\[1\]: got shape \(1, 2, 4, 2\), expected \(1, 2, 2, 2\), the shape of max_pool2d's output",
        ),
    ):
        with pytest.raises(ValueError, match=says):
            max_pool2d_backward(delta, x, 2, found=found)
    with pytest.raises(TypeError, match=r"found\[1\]: got list"):
        max_pool2d_backward(delta, x, 2, found=(rows, [1.0]))


@given(
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(0, 2),
    st.sampled_from([[0.0, 1.0], [-np.inf, 0.0], [np.nan, 1.0, -np.inf], [-np.inf]]),
    st.integers(0, 2**32 - 1),
)
def test_every_window_of_the_plain_loops_has_a_winner_inside_the_map(side, stride, padding, values, seed):
    """The padding, at most half of the window, never wins, whatever the map holds."""
    padding = min(padding, side // 2)
    height = max(1, side - 2 * padding)
    x = np.random.default_rng(seed).choice(values, (1, 1, height, height + 3))
    pooled = reference.max_pool2d(x, side, stride, padding)
    np.testing.assert_array_equal(pooled, max_pool2d(x, side, stride, padding))
    delta = np.arange(1.0, pooled.size + 1).reshape(pooled.shape)
    d_x = reference.max_pool2d_backward(delta, x, side, stride, padding)
    np.testing.assert_array_equal(d_x, max_pool2d_backward(delta, x, side, stride, padding))
    assert d_x.sum() == delta.sum()
