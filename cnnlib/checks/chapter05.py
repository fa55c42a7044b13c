"""Exercises of chapter 05, pooling."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import geometry, pooling
from .comparing import Mistake, grid, number
from .exercise import Case, FunctionExercise
from .prediction import Prediction, Question, choice, shape
from .result import Code, Text
from .windows import image_size, in_size_only, row_range

Pair = tuple[int, int]
Reduce = Callable[[np.ndarray], np.ndarray]


# ---- mean and max pooling -------------------------------------------------------------------------------------------


def mean_pool2d(x: np.ndarray, size: Pair, stride: Pair, padding: int = 0) -> np.ndarray:
    return pooling.avg_pool2d(x[None], size, stride, padding)[0]


def max_pool2d(x: np.ndarray, size: Pair, stride: Pair, padding: int = 0) -> np.ndarray:
    return pooling.max_pool2d(x[None], size, stride, padding)[0]


def cases(rng: np.random.Generator) -> list[Case]:
    """Return maps with windows that touch, overlap or leave gaps, wider than high and higher than wide."""
    made = [
        Case(_map(rng, (1, 2, 4)), (2, 2), (2, 2)),
        Case(_map(rng, (1, 4, 2)), (2, 1), (2, 1)),
        Case(_map(rng, (2, 2, 3)), (1, 2), (1, 1)),
        Case(-_positive(rng, (1, 3, 4)), (2, 2), (1, 2)),
    ]
    settings = [((2, 2), (2, 2), 0), ((2, 3), (2, 3), 0), ((3, 2), (1, 2), 0), ((2, 3), (3, 1), 0), ((1, 2), (2, 3), 0)]
    settings += [
        ((2, 2), (2, 2), 1),
        ((3, 3), (2, 1), 1),
        ((3, 2), (1, 2), 1),
        ((2, 3), (2, 3), 1),
        ((2, 4), (1, 3), 1),
    ]
    for k, (size, stride, padding) in enumerate(settings):
        rows, columns = image_size(rng, size, stride, (k % stride[0], (k + 1) % stride[1]), padding)
        x = _map(rng, (1 + k % 3, rows, columns))
        made.append(Case(-np.abs(x) - 1 if k % 3 == 1 else x, size, stride, padding=padding))
    made.append(Case(rng.permutation(np.arange(-9, 15)).reshape(1, 4, 6), (2, 3), (2, 1)))  # integers
    return [*made, Case(np.round(rng.normal(0, 3, (3, 7, 8)), 1), (3, 2), (2, 2), padding=1)]


def _map(rng: np.random.Generator, shape_: tuple[int, ...]) -> np.ndarray:
    """Return whole numbers as floats, so few different ones that windows have ties."""
    return rng.integers(-6, 7, shape_).astype(float)


def _positive(rng: np.random.Generator, shape_: tuple[int, ...]) -> np.ndarray:
    return rng.integers(1, 10, shape_).astype(float)


TRIED = (
    "one to three channels, windows from 1×2 to 3×3 and 2×4 that touch, overlap or leave gaps, strides that differ for "
    "rows and columns, padding 0 and 1, maps that are not square, equal numbers, maps of negative numbers only"
)


def _windows(x: np.ndarray, size: Pair, stride: Pair, padding: int, fill: float = np.nan) -> np.ndarray:
    """Return all windows, (channel, output row, output column, row, column); padded cells hold `fill`."""
    x = np.pad(x.astype(float), ((0, 0), (padding, padding), (padding, padding)), constant_values=fill)
    views = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))
    return views[:, :: stride[0], :: stride[1]]


def _explain(how: str) -> Callable[[dict[str, Any], tuple[int, ...], Any], list[Text | Code]]:
    def explain(arguments: dict[str, Any], cell: tuple[int, ...], expected: np.ndarray) -> list[Text | Code]:
        (p, q), (S_h, S_w), P = arguments["size"], arguments["stride"], arguments.get("padding", 0)
        d, i, j = cell
        window = _windows(arguments["x"], (p, q), (S_h, S_w), P)[d, i, j]
        picture = grid(window).replace("nan", "  ·")
        place = f"{row_range('row', i * S_h - P, p)} and {row_range('column', j * S_w - P, q)} of channel {d}"
        padded = " (a dot is padding)" if np.isnan(window).any() else ""
        return [Text(f"Its window is {place}{padded}:"), Code(f"{picture}\n\n{how} {number(expected[cell])}")]

    return explain


def _ceiled(x: np.ndarray, size: Pair, stride: Pair, padding: int, fill: float, reduce: Reduce) -> np.ndarray:
    """Return the result with the windows that hang over the end, too, of the cells that they have."""
    x = np.pad(x.astype(float), ((0, 0), (padding, padding), (padding, padding)), constant_values=fill)
    counts = [-(-(length - F) // S) + 1 for length, F, S in zip(x.shape[1:], size, stride)]
    result = np.zeros((len(x), *counts))
    for i in range(counts[0]):
        for j in range(counts[1]):
            rows, columns = i * stride[0], j * stride[1]
            if rows >= x.shape[1] or columns >= x.shape[2]:  # with gaps between the windows, nothing is left to see
                raise IndexError("window")
            result[:, i, j] = reduce(x[:, None, None, rows : rows + size[0], columns : columns + size[1]])[:, 0, 0]
    return result


def _one_sided(
    x: np.ndarray, size: Pair, stride: Pair, before: int, after: int, fill: float, reduce: Reduce
) -> np.ndarray:
    x = np.pad(x.astype(float), ((0, 0), (before, after), (before, after)), constant_values=fill)
    return reduce(_windows(x, size, stride, 0))


def _repeated(one: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the pooled map `one` for every channel of x."""
    return np.repeat(one, len(x), axis=0)


def _first_only(right: np.ndarray) -> np.ndarray:
    first = np.zeros_like(right)
    first[0] = right[0]
    return first


def _no_rest(x: np.ndarray, size: Pair, stride: Pair, padding: int, right: np.ndarray) -> np.ndarray:
    if any((length + 2 * padding - F) % S for length, F, S in zip(x.shape[1:], size, stride)):
        raise IndexError("window")
    return right


def pooling_mistakes(pool: Callable[..., np.ndarray], reduce: Reduce, fill: float) -> tuple[Mistake, ...]:
    """Return the mistakes that mean and max pooling share. fill: what the right one pads with."""

    def one_sided(before: int, after: int) -> Callable[..., np.ndarray]:
        return lambda x, size, stride, padding: _one_sided(
            x, size, stride, before * padding, after * padding, fill, reduce
        )

    one_side = ("padding on one side", "There are `padding` cells on every side: above and below, left and right.")
    axes = "In a pair, the first number belongs to the rows."
    return (
        Mistake(
            "stride ignored",
            "The windows stand side by side, whatever `stride` says: window (i, j) begins at row i·S_h, column j·S_w.",
            lambda x, size, stride, padding: pool(x, size, size, padding),
        ),
        Mistake(
            "stride ignored",
            "The window moves by 1, whatever `stride` says: it begins at row i·S_h, column j·S_w.",
            lambda x, size, stride, padding: pool(x, size, (1, 1), padding),
        ),
        Mistake(
            "stride in the size only",
            "The output has the right size, but the windows stand side by side: they begin at row i·S_h, column j·S_w.",
            lambda x, size, stride, padding: in_size_only(pool(x, size, size, padding), pool(x, size, stride, padding)),
        ),
        Mistake(
            "stride in the size only",
            "The output has the right size, but the window moves by 1: it begins at row i·S_h, column j·S_w.",
            lambda x, size, stride, padding: in_size_only(
                pool(x, size, (1, 1), padding), pool(x, size, stride, padding)
            ),
        ),
        Mistake("stride axes swapped", axes, lambda x, size, stride, padding: pool(x, size, stride[::-1], padding)),
        Mistake(
            "first stride for both axes",
            "Rows and columns have strides of their own: S_h and S_w.",
            lambda x, size, stride, padding: pool(x, size, (stride[0], stride[0]), padding),
        ),
        Mistake(
            "window axes swapped",
            f"{axes} A window of (p, q) has p rows and q columns.",
            lambda x, size, stride, padding: pool(x, size[::-1], stride, padding),
        ),
        Mistake(
            "window taken as square",
            "A window of (p, q) has p rows and q columns: they may differ.",
            lambda x, size, stride, padding: pool(x, (size[0], size[0]), stride, padding),
        ),
        Mistake(
            "window taken as square",
            "A window of (p, q) has p rows and q columns: they may differ.",
            lambda x, size, stride, padding: pool(x, (size[1], size[1]), stride, padding),
        ),
        Mistake(
            "padding ignored",
            "The windows lie inside the map: first put `padding` cells around it.",
            lambda x, size, stride, padding: pool(x, size, stride, 0),
        ),
        *[Mistake(*one_side, one_sided(*ends)) for ends in [(1, 0), (0, 1), (2, 0), (0, 2)]],
        Mistake(
            "padding with the wrong amount",
            "There are `padding` cells on every side, 2 · padding per axis: here it is twice that.",
            one_sided(2, 2),
        ),
        Mistake(
            "channel 0 only",
            "Only the first channel is pooled: each channel is pooled on its own.",
            lambda x, size, stride, padding: pool(x[:1], size, stride, padding),
        ),
        Mistake(
            "channel 0 only",
            "Every map comes from the first channel: each channel is pooled on its own.",
            lambda x, size, stride, padding: _repeated(pool(x[:1], size, stride, padding), x),
        ),
        Mistake(
            "channel 0 only",
            "Only the map of the first channel is filled: does a `return` stand inside the loop?",
            lambda x, size, stride, padding: _first_only(pool(x, size, stride, padding)),
        ),
        Mistake(
            "last channel only",
            "Every map comes from the last channel: each channel is pooled on its own.",
            lambda x, size, stride, padding: _repeated(pool(x[-1:], size, stride, padding), x),
        ),
        Mistake(
            "channels mixed",
            "The window takes in all channels at once: each channel is pooled on its own.",
            lambda x, size, stride, padding: _repeated(reduce_channels(x, size, stride, padding, fill, reduce), x),
        ),
        Mistake(
            "channels mixed",
            "All channels are pooled into one map: each channel is pooled on its own.",
            lambda x, size, stride, padding: reduce_channels(x, size, stride, padding, fill, reduce),
        ),
        Mistake(
            "one window too few",
            "The first window counts too: (size + 2·padding − window) divided by the stride, rounded down, plus 1.",
            lambda x, size, stride, padding: pool(x, size, stride, padding)[:, :-1, :-1],
        ),
        Mistake(
            "rounded up",
            "The last window hangs over the end: a window that does not fit whole is left out.",
            lambda x, size, stride, padding: _ceiled(x, size, stride, padding, fill, reduce),
        ),
        Mistake(
            "rounded up",
            "The last window hangs over the end: a window that does not fit whole is left out.",
            lambda x, size, stride, padding: _no_rest(x, size, stride, padding, pool(x, size, stride, padding)),
        ),
    )


def reduce_channels(x: np.ndarray, size: Pair, stride: Pair, padding: int, fill: float, reduce: Reduce) -> np.ndarray:
    """Return one map: every window taken through all channels."""
    windows = _windows(x, size, stride, padding, fill)
    channels, rows, columns, p, q = windows.shape
    return reduce(windows.transpose(1, 2, 0, 3, 4).reshape(1, rows, columns, channels * p, q))


def _mean(windows: np.ndarray) -> np.ndarray:
    return windows.mean(axis=(-2, -1))


def _max(windows: np.ndarray) -> np.ndarray:
    return windows.max(axis=(-2, -1))


def _divided(by: Callable[[np.ndarray, Pair, Pair], float]) -> Callable[..., np.ndarray]:
    """Return mean pooling with another divisor than p·q."""
    return lambda x, size, stride, padding: (
        mean_pool2d(x, size, stride, padding) * size[0] * size[1] / by(x, size, stride)
    )


WRONG_COUNT = "mean over the wrong count"

mean_pool2d_check = FunctionExercise(
    "mean_pool2d",
    "05",
    mean_pool2d,
    cases,
    mistakes=(
        Mistake("maximum instead of mean", "This is max pooling.", max_pool2d),
        Mistake(
            "minimum instead of mean",
            "This is the smallest number of each window.",
            lambda x, size, stride, padding: -max_pool2d(-x, size, stride, padding),
        ),
        Mistake("sum instead of mean", "The sum is right: divide it by p·q.", _divided(lambda x, size, stride: 1)),
        Mistake(
            WRONG_COUNT,
            "Windows at the border are divided by their cells inside the map: here the padding counts, p·q cells.",
            lambda x, size, stride, padding: np.nanmean(_windows(x, size, stride, padding), axis=(-2, -1)),
        ),
        Mistake(WRONG_COUNT, "Divide by p·q, not by p·p.", _divided(lambda x, size, stride: size[0] ** 2)),
        Mistake(WRONG_COUNT, "Divide by p·q, not by q·q.", _divided(lambda x, size, stride: size[1] ** 2)),
        Mistake(WRONG_COUNT, "Divide by p·q, not by p.", _divided(lambda x, size, stride: size[0])),
        Mistake(WRONG_COUNT, "Divide by p·q, not by q.", _divided(lambda x, size, stride: size[1])),
        Mistake(WRONG_COUNT, "Divide by p·q, not by p + q.", _divided(lambda x, size, stride: sum(size))),
        Mistake(WRONG_COUNT, "Divide by p·q, not by the strides.", _divided(lambda x, size, stride: math.prod(stride))),
        Mistake(WRONG_COUNT, "Divide by p·q, not by the size of the map.", _divided(lambda x, size, stride: x[0].size)),
        Mistake(
            WRONG_COUNT,
            "Divide by p·q, not by p·q times the number of channels: each channel is pooled on its own.",
            _divided(lambda x, size, stride: math.prod(size) * len(x)),
        ),
        Mistake(
            "rounded mean",
            "The division rounds down: `/` instead of `//`.",
            lambda x, size, stride, padding: np.floor(mean_pool2d(x, size, stride, padding)),
        ),
        Mistake(
            "first cell of each window",
            "Only the first cell of each window counts: add up all p·q of them.",
            lambda x, size, stride, padding: _windows(x, size, stride, padding, 0.0)[..., 0, 0],
        ),
        Mistake(
            "fractions cut off",
            "The result has the integer type of the input, which has no room for fractions: let `np.zeros` make an "
            "array of floats.",
            lambda x, size, stride, padding: mean_pool2d(x, size, stride, padding).astype(x.dtype),
        ),
        *pooling_mistakes(mean_pool2d, _mean, 0.0),
    ),
    tried=f"{TRIED}, and an array of integers.",
    explain=_explain("the mean of all p·q cells, padding as 0:"),
)

max_pool2d_check = FunctionExercise(
    "max_pool2d",
    "05",
    max_pool2d,
    lambda rng: [case for case in cases(rng) if case.values[0].dtype.kind == "f"],
    mistakes=(
        Mistake(
            "running maximum from 0",
            "If all numbers of a window are negative the result is 0: begin with −∞ (`-np.inf`) or the first cell.",
            lambda x, size, stride, padding: np.maximum(max_pool2d(x, size, stride, padding), 0),
        ),
        Mistake(
            "max pooling padded with 0",
            "A padded 0 wins against negative numbers: pad with −∞ (`constant_values=-np.inf`).",
            lambda x, size, stride, padding: _max(_windows(x, size, stride, padding, 0.0)),
        ),
        Mistake("mean instead of maximum", "This is mean pooling.", mean_pool2d),
        Mistake(
            "minimum instead of maximum",
            "This is the smallest number of each window.",
            lambda x, size, stride, padding: -max_pool2d(-x, size, stride, padding),
        ),
        Mistake(
            "largest absolute value",
            "The sign counts: the largest number, not the one farthest from 0.",
            lambda x, size, stride, padding: max_pool2d(np.abs(x), size, stride, padding),
        ),
        Mistake(
            "first cell of each window",
            "Only the first cell of each window counts: compare all p·q of them.",
            lambda x, size, stride, padding: _windows(x, size, stride, padding, -np.inf)[..., 0, 0],
        ),
        *pooling_mistakes(max_pool2d, _max, -np.inf),
    ),
    tried=f"{TRIED}.",
    explain=_explain("the largest of the cells inside:"),
    optional=True,
)


# ---- shapes ---------------------------------------------------------------------------------------------------------


def pooled_shape(channels: int, image: Pair, size: Pair, stride: Pair, padding: Pair = (0, 0)) -> Question:
    """Return the question for the shape (channels, rows, columns) of a pooled map."""

    def output(stride: Pair = stride, padding: Pair = padding, size: Pair = size) -> Pair:
        sizes = zip(image, size, stride, padding)
        return tuple(geometry.output_size(W, F, S, P) for W, F, S, P in sizes)

    right = output()
    room = [W - F + 2 * P for W, F, P in zip(image, size, padding)]
    known = [
        (
            tuple(-(-r // S) + 1 for r, S in zip(room, stride)),
            "rounded up",
            "A window that does not fit whole is left out: round down.",
        ),
        (tuple(n - 1 for n in right), "1 forgotten", "The quotient says how often the window can move; plus 1."),
        (output(padding=(0, 0)), "padding ignored", "The padded cells at both ends count."),
        (
            tuple((r - P) // S + 1 for r, S, P in zip(room, stride, padding)),
            "padding counted once",
            "There is padding at both ends of an axis.",
        ),
        (output(stride=size), "stride ignored", "The windows move by the stride, not by their own size."),
        (output(stride=(1, 1)), "stride ignored", "The windows move by the stride, not by 1."),
        (output(stride=stride[::-1]), "stride axes swapped", "In a pair, the first number belongs to the rows."),
        (right[::-1], "rows and columns swapped", "The order is (channels, rows, columns)."),
        (image, "size of the input", "Look at how many windows fit into the padded map."),
    ]
    if size[0] != size[1]:
        says = f"A window of {size[0]}×{size[1]} has {size[0]} rows and {size[1]} columns."
        known.append((output(size=size[::-1]), "window axes swapped", says))
        known.append((output(size=size[::-1], stride=stride[::-1]), "window axes swapped", says))
    answers = [((channels, *sizes), name, says) for sizes, name, says in known if sizes != right]
    answers += [
        ((1, *right), "channels pooled", "Each channel is pooled on its own: as many maps come out as went in."),
        (
            (-(-channels // stride[0]), *right),
            "channels pooled",
            "Each channel is pooled on its own: as many maps come out as went in.",
        ),
        ((*right, channels), "channels last", "The order is (channels, rows, columns)."),
    ]
    return shape((channels, *right), *[item for item in answers if item[0] != (channels, *right)])


def global_shape(channels: int, image: Pair) -> Question:
    """Return the question for the shape that global average pooling gives: one number per channel."""
    judge = shape((channels,), ((1,), "channels averaged", "Each channel gives a number of its own."))
    flat = math.prod(image)

    def answer(value: Any) -> Any:
        if isinstance(value, (tuple, list)) and tuple(value) == (channels, 1, 1):
            value = (channels,)  # the same numbers; libraries differ in whether they keep the two axes
        if value in (flat, (flat,)):
            value = (1,)
        return judge(value)

    return answer


pooled_shapes_check = Prediction(
    "pooled_shapes",
    "05",
    {
        "a": pooled_shape(16, (10, 14), (2, 2), (2, 2)),
        "b": pooled_shape(8, (13, 10), (3, 3), (2, 2)),
        "c": pooled_shape(5, (9, 16), (2, 4), (2, 4)),
        "d": pooled_shape(4, (7, 6), (3, 3), (2, 1), (1, 1)),
        "e": global_shape(32, (7, 9)),
    },
    said="The number of channels stays; rows and columns follow the formula of chapter 04.",
)


# ---- statements -----------------------------------------------------------------------------------------------------

false_about_convolutions_check = Prediction(
    "false_about_convolutions",
    "05",
    {
        "": choice(
            "c",
            {
                "a": "it is true. One kernel serves all positions: (F·F·D + 1)·N parameters, whatever the image.",
                "b": "it is true. The products are summed over the depth, so a kernel needs a channel for each.",
                "d": "it is true. With F = 2k + 1 and S = 1 the padding P = k gives W − F + 2k + 1 = W.",
            },
        )
    },
    said="c is false. The kernels of the layer have 3 channels, and so has the larger image. The size of the image is "
    "nowhere in the kernels: the same weights slide over more positions, and the maps become larger.",
)

false_about_pooling_check = Prediction(
    "false_about_pooling",
    "05",
    {
        "": choice(
            "b",
            {
                "a": "it is true. Taking the largest or the mean needs no weights, so there is nothing to learn.",
                "c": "it is true. A stride of 2 halves the number of windows per axis, in a convolution too.",
                "d": "it is true. Depth is not touched: as many maps come out as went in.",
            },
        )
    },
    said="b is false. Nothing is learned in a pooling layer, but the layers before it learn: the derivatives go back "
    "through it, to the cell that was the largest, or shared out over the window. Chapter 06 works it out.",
)
