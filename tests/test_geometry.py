"""Sizes and counts, against the numbers of the course and against windows that are laid out one by one."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import geometry
from cnnlib.geometry import (
    conv_transpose_output_size,
    kernel_extent,
    output_size,
    receptive_field,
    same_padding,
    unused_pixels,
    visit_counts,
)

windows = st.fixed_dictionaries(
    {
        "size": st.integers(1, 14),
        "kernel": st.integers(1, 5),
        "stride": st.integers(1, 5),
        "padding": st.integers(0, 4),
        "dilation": st.integers(1, 3),
    }
)


def read_cells(size, kernel, stride, padding, dilation):
    """The cells of every window that lies on the padded axis; cell 0 is the first one that is not padding."""
    starts = range(-padding, size + padding, stride)
    every = [[start + m * dilation for m in range(kernel)] for start in starts]
    return [cells for cells in every if cells[-1] < size + padding]


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(geometry).failed == 0


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "dilation", "expected"),
    [
        (5, 3, 2, 0, 1, 2),
        (32, 5, 1, 0, 1, 28),
        (227, 11, 4, 0, 1, 55),
        (100, 3, 1, 2, 1, 102),
        (5, 3, 2, 1, 1, 3),  # the 7x7 padded picture of a 5x5 input
        (7, 3, 2, 0, 1, 3),
        (5, 3, 1, 0, 1, 3),
        (4, 2, 1, 0, 1, 3),
        (28, 5, 1, 2, 1, 28),
        (28, 2, 2, 0, 1, 14),
        (14, 5, 1, 0, 1, 10),
        (7, 7, 1, 0, 1, 1),
        (224, 2, 2, 0, 1, 112),
        (20, 10, 10, 0, 1, 2),
        (3, 3, 1, 1, 1, 3),  # the batch (4, 2, 3, 5) with kernel (3, 5), padding (1, 2)
        (5, 5, 1, 2, 1, 5),
        (4, 3, 2, 1, 1, 2),  # the array 0...31, rows
        (4, 3, 1, 1, 1, 4),  # and columns
        (6, 3, 1, 0, 1, 4),
        (6, 3, 2, 0, 1, 2),
        (7, 3, 1, 0, 3, 1),
        (9, 3, 2, 1, 2, 4),
    ],
)
def test_output_size_gives_the_sizes_of_the_course(size, kernel, stride, padding, dilation, expected):
    assert output_size(size, kernel, stride, padding, dilation) == expected


@given(windows)
def test_output_size_counts_the_windows(window):
    count = len(read_cells(**window))
    if count:
        assert output_size(**window) == count
    else:
        with pytest.raises(ValueError, match="kernel: got a window of extent"):
            output_size(**window)


@given(windows)
def test_visit_counts_and_unused_pixels_follow_from_the_windows(window):
    cells = read_cells(**window)
    if not cells:
        for function in (visit_counts, unused_pixels):
            with pytest.raises(ValueError, match="kernel: got a window of extent"):
                function(**window)
        return
    size = window["size"]
    assert visit_counts(**window) == [sum(used.count(row) for used in cells) for row in range(size)]
    last_reached = cells[-1][-1]
    assert unused_pixels(**window) == len([row for row in range(size) if row > last_reached])


@given(windows)
def test_the_error_for_a_window_that_does_not_fit_names_sizes_that_fit(window):
    if read_cells(**window):
        return
    with pytest.raises(ValueError) as raised:
        output_size(**window)
    words = str(raised.value).split()
    padded = window["size"] + 2 * window["padding"]
    assert f"extent {kernel_extent(window['kernel'], window['dilation'])}" in str(raised.value)
    assert f"padded size of {padded} " in str(raised.value)
    kernel = next(int(words[i + 2]) for i in range(len(words)) if words[i : i + 2] == ["at", "most"])
    padding = int(words[-1])
    assert output_size(**{**window, "kernel": kernel}) >= 1
    assert output_size(**{**window, "padding": padding}) >= 1
    if padding > 0:
        with pytest.raises(ValueError, match="kernel: got a window"):
            output_size(**{**window, "padding": padding - 1})


@given(st.integers(1, 9), st.integers(0, 4), st.integers(1, 3))
def test_same_padding_keeps_the_size_or_says_why_it_cannot(half, extra, dilation):
    for kernel in (2 * half - 1, 2 * half):
        extent = len(range(0, (kernel - 1) * dilation + 1))
        if extent % 2:
            size = 1 + extra
            assert output_size(size, kernel, padding=same_padding(kernel, dilation), dilation=dilation) == size
        else:
            with pytest.raises(ValueError, match=f"kernel: got an even extent of {extent}"):
                same_padding(kernel, dilation)


def test_padding_of_k_minus_1_in_total_divides_the_size_by_the_stride():
    for k in (1, 3, 5):
        for s in (1, 2, 3, 4):
            for n in range(s, 30, s):
                assert output_size(n, k, s, (k - 1) // 2) == n // s


def test_rows_lost_to_the_floor():
    assert unused_pixels(6, 3, stride=2) == 1
    assert unused_pixels(5, 3, stride=2) == 0
    assert unused_pixels(6, 3, stride=2, padding=1) == 0  # what is lost is padding
    assert unused_pixels(227, 11, stride=4) == 0
    assert unused_pixels(10, 1, stride=6) == 3
    assert unused_pixels(1, 1, stride=10, padding=3) == 1  # never more than there are
    assert visit_counts(7, 3) == [1, 2, 3, 3, 3, 2, 1]
    assert visit_counts(7, 3, padding=1) == [2, 3, 3, 3, 3, 3, 2]


@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 4), st.integers(0, 3), st.integers(0, 3))
def test_a_transposed_convolution_gives_a_size_that_the_convolution_takes_back(
    size, kernel, stride, padding, output_padding
):
    sizes = [n for n in range(1, 60) if n + 2 * padding >= kernel and output_size(n, kernel, stride, padding) == size]
    if output_padding >= stride:
        with pytest.raises(ValueError, match="output_padding: got"):
            conv_transpose_output_size(size, kernel, stride, padding, output_padding)
        return
    # The sizes that a convolution maps to `size` are neighbours; the last is the one with output_padding S - 1.
    largest = (size - 1) * stride + kernel - 2 * padding + stride - 1
    if largest >= 1:
        assert sizes[-1] == largest
        assert sizes == list(range(max(1, largest - stride + 1), largest + 1))
    wanted = largest - (stride - 1) + output_padding
    if wanted < 1:
        with pytest.raises(ValueError, match="padding: got"):
            conv_transpose_output_size(size, kernel, stride, padding, output_padding)
    else:
        assert conv_transpose_output_size(size, kernel, stride, padding, output_padding) == wanted


def test_transposed_sizes_of_the_course():
    assert conv_transpose_output_size(2, 3) == 4
    assert conv_transpose_output_size(2, 2, stride=2) == 4
    assert conv_transpose_output_size(7, 4, stride=2, padding=1) == 14


def seen_inputs(layers):
    """The inputs that one output sees, found by walking back through the windows of every layer."""
    cells = {0}
    for kernel, stride, dilation in reversed(layers):
        cells = {cell * stride + m * dilation for cell in cells for m in range(kernel)}
    return max(cells) - min(cells) + 1


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(1, 3)), max_size=4))
def test_receptive_field_reaches_from_the_first_to_the_last_input_seen(layers):
    assert receptive_field(layers) == seen_inputs(layers)


def test_receptive_fields_of_the_course():
    assert receptive_field([(2, 1), (2, 1)]) == 3
    assert receptive_field([(3, 1), (3, 1)]) == 5
    assert receptive_field([(3, 1), (3, 1), (3, 1)]) == 7
    assert receptive_field([(3, 1, 2), (3, 1)]) == 7
    assert receptive_field([(5, 1), (2, 2), (5, 1), (2, 2)]) == 16  # LeNet-5 before its fully connected layers
    assert receptive_field([]) == 1
    assert receptive_field(iter([(3, 2), [3, 1]])) == 7


def test_numpy_integers_are_taken_and_nothing_overflows():
    small = np.int8(100)
    assert output_size(small, small, np.uint8(1), small, np.int8(1)) == 201
    assert visit_counts(small, small, np.int8(1), np.int8(0), np.int8(1)) == [1] * 100
    assert receptive_field([(small, small), (small, small, small)]) == 100 + 99 * 100 * 100
    assert receptive_field([(3, 2)] * 100) == 1 + 2 * (2**100 - 1)
    assert conv_transpose_output_size(small, small, small) == 99 * 100 + 100


def test_visits_are_counted_however_far_the_padding_reaches():
    assert geometry.visit_counts(3, 2, padding=10**30) == [2, 2, 2]
    assert geometry.visit_counts(3, 1, stride=10**30) == [1, 0, 0]
