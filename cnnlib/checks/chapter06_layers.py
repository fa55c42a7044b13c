"""Exercises of chapter 06, back-propagation: the gradients of weights and bias, and what layers share.

The mistakes are made with the functions of the package wherever that is possible; where the answer has several parts,
a mistake replaces one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import convolution
from .chapter06 import AS_MEAN, turned
from .comparing import Mistake
from .exercise import Case, FunctionExercise
from .windows import image_size, integers, kernel_values, transposed

Pair = tuple[int, int]
Answer = tuple[np.ndarray, ...]


def with_part(truth: Callable[..., Answer], *changes: tuple[int, Callable[..., Any]]) -> Callable[..., Answer]:
    """Return `truth` with parts of its answer replaced; a change is (number of the part, what gives another for it)."""

    def answer(**given: Any) -> Answer:
        parts = list(truth(**given))
        for k, wrong in changes:
            parts[k] = wrong(parts[k], **given)
        return tuple(parts)

    return answer


def nothing(part: np.ndarray, **given: Any) -> np.ndarray:
    return np.zeros_like(part)


def only(part: np.ndarray, place: Any) -> np.ndarray:
    """Return zeros with the part's own numbers at `place`."""
    kept = np.zeros_like(part)
    kept[place] = part[place]
    return kept


def padded(x: np.ndarray, before: int, after: int) -> np.ndarray:
    """Return x with zeros above and to the left (`before`), below and to the right (`after`)."""
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(before, after)] * 2)


def windows_of(x: np.ndarray, kernel: Pair, strides: Pair, counts: Pair) -> np.ndarray:
    """Return the windows (…, i, j, m, n) that begin at i·S_h, j·S_w; fails where so many do not fit."""
    views = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(-2, -1))
    views = views[..., :: strides[0], :: strides[1], :, :][..., : counts[0], : counts[1], :, :]
    if views.shape[-4:-2] != tuple(counts):
        raise IndexError("window")
    return views


ORDER = (
    "order of the results",
    "The numbers are right, but the results come in another order than the exercise asks for.",
)
STRIDE_NOT_EXPANDED = (
    "stride not expanded",
    "δ_ij belongs to the window that begins at row i·S, column j·S; here it is taken as that of row i, column j.",
)
CUT_WRONGLY = (
    "padding cut on one side",
    "P rows and columns are cut off on every side of the padded result: `[P : P + H]`.",
)
ONE_SIDE = ("padding on one side", "There are P zeros on every side: above and below, left and right.")
PER_POSITION = (
    "bias gradient per position",
    "All positions of a map share the bias: its gradient is the sum of δ over the whole map, one number per filter.",
)
PER_IMAGE = (
    "gradient per image",
    "All images of the batch share the parameters: the gradients are summed over the batch.",
)
LAST_FILTER = "δ of the last filter only"
TWICE = (
    "mean over the batch taken twice",
    "δ has been divided by the number of images already, if the loss is a mean: here everything is summed.",
)
FLOOR = (
    "rows that floor dropped forgotten",
    "Where the stride does not divide, the last rows and columns of x are in no window: they take part with δ = 0, so "
    "that all sizes come out right.",
)


# ---- weights and bias -----------------------------------------------------------------------------------------------


def weight_gradient(delta: np.ndarray, x: np.ndarray, kernel_size: Pair, stride: int = 1, padding: int = 0) -> Answer:
    w = np.zeros((len(delta), len(x), *kernel_size))
    return convolution.conv2d_backward(delta[None], x[None], w, stride, padding)[1:]


def layer_sizes(rng: np.random.Generator, k: int, stride: int, padding: int) -> tuple[Pair, Pair, Pair]:
    """Return (size of x, size of the kernel, size of the output) of the k-th case, with and without a rest."""
    kernel = [(2, 2), (2, 3), (3, 2), (3, 3)][k % 4]
    rest = ((k // 2) % stride, (k + 1) % stride)
    size = image_size(rng, kernel, (stride, stride), rest, padding)
    output = tuple((length + 2 * padding - F) // stride + 1 for length, F in zip(size, kernel))
    return size, kernel, output


# depth, filters, stride, padding
SETTINGS = [
    (1, 2, 1, 0),
    (2, 3, 1, 0),
    (3, 2, 2, 0),
    (2, 3, 1, 1),
    (3, 2, 2, 1),
    (1, 3, 3, 0),
    (2, 1, 2, 1),
    (3, 4, 1, 2),
]
SETTINGS += [(2, 3, 3, 1), (1, 1, 2, 0)]


def weight_cases(rng: np.random.Generator) -> list[Case]:
    """Return one to three channels, one to four filters, strides 1 to 3, padding 0 to 2, with and without a rest."""
    made = [Case(kernel_values(rng, (1, 1, 2)), integers(rng, (2, 2, 3)), (2, 2))]
    for k, (D, N, stride, padding) in enumerate(SETTINGS):
        size, kernel, output = layer_sizes(rng, k, stride, padding)
        x = integers(rng, (D, *size))
        made.append(Case(kernel_values(rng, (N, *output)), x, kernel, stride=stride, padding=padding))
    x, delta = np.round(rng.normal(0, 2, (2, 7, 9)), 1), kernel_values(rng, (3, 4, 4)) / 8
    return [*made, Case(delta, x, (3, 4), stride=2, padding=1)]


def _weights(delta: np.ndarray, x: np.ndarray, kernel: Pair, stride: int = 1) -> np.ndarray:
    """Return d_w for an x that is padded already."""
    windows = windows_of(x, kernel, (stride, stride), delta.shape[1:])
    return np.einsum("kij,dijmn->kdmn", delta, windows)


def _weights_cut(delta: np.ndarray, x: np.ndarray, kernel: Pair, stride: int) -> np.ndarray:
    """Return the same with slices, which end where x ends: what is left of a window may still be spread over d_w."""
    d_w = np.zeros((len(delta), len(x), *kernel))
    for k, i, j in np.ndindex(delta.shape):
        d_w[k] += delta[k, i, j] * x[:, i * stride :, j * stride :][:, : kernel[0], : kernel[1]]
    return d_w


def _correlated(delta: np.ndarray, x: np.ndarray, padding: int) -> np.ndarray:
    """Return every map of x, padded, cross-correlated with every map of δ, whatever size that gives."""
    x = padded(x, padding, padding)
    return np.array([[convolution.cross_correlate2d(plane, map_) for plane in x] for map_ in delta])


def _expanded(delta: np.ndarray, x: np.ndarray, d_w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Return δ in the size of the maps of stride 1."""
    size = tuple(length + 2 * padding - F + 1 for length, F in zip(x.shape[1:], d_w.shape[2:]))
    return convolution.expand_sensitivity_map(delta, stride, size)


def _on_one_side(found: Callable[..., np.ndarray], before: int, after: int) -> Callable[..., Answer]:
    """Return the gradients with `before` times the padding above and to the left, `after` times below and right."""

    def d_w(right: np.ndarray, delta: np.ndarray, x: np.ndarray, kernel_size: Pair, stride: int, padding: int) -> Any:
        return found(delta, padded(x, before * padding, after * padding), kernel_size, stride)

    return _weights_changed(d_w)


def _weights_changed(change: Callable[..., Any]) -> Callable[..., Answer]:
    return with_part(weight_gradient, (0, change))


def _bias_changed(change: Callable[..., Any]) -> Callable[..., Answer]:
    return with_part(weight_gradient, (1, change))


def _axes_swapped(part: np.ndarray, **given: Any) -> np.ndarray:
    return part.swapaxes(0, 1)


def _rows_and_columns_swapped(part: np.ndarray, **given: Any) -> np.ndarray:
    return part.swapaxes(-1, -2)


def _positions(delta: np.ndarray) -> int:
    return delta.shape[-1] * delta.shape[-2]


NOT_PADDED = "The windows lie in the padded input: first put P zeros on every side of x."

weight_mistakes = (
    Mistake(*ORDER, lambda **given: weight_gradient(**given)[::-1]),
    Mistake("d_w full of zeros", "d_w holds only zeros: is it filled?", _weights_changed(nothing)),
    Mistake("d_b full of zeros", "d_b holds only zeros: is it filled?", _bias_changed(nothing)),
    Mistake(*PER_POSITION, _bias_changed(lambda d_b, delta, **_: delta)),
    Mistake(*PER_POSITION, _bias_changed(lambda d_b, delta, **_: delta.sum(axis=0))),
    Mistake(
        "one bias for all filters",
        "Each filter has a bias of its own: d_b has N numbers.",
        _bias_changed(lambda d_b, **_: d_b.sum()),
    ),
    Mistake(
        "one bias for all filters",
        "Each filter has a bias of its own: d_b[k] is the sum of δ over map k.",
        _bias_changed(lambda d_b, **_: np.full_like(d_b, d_b.sum())),
    ),
    Mistake(
        "bias gradient once per channel",
        "The bias is added once per output, not once per channel: sum δ once.",
        _bias_changed(lambda d_b, x, **_: d_b * len(x)),
    ),
    Mistake("mean instead of sum", f"d_b: {AS_MEAN}", _bias_changed(lambda d_b, delta, **_: d_b / _positions(delta))),
    Mistake(
        "mean instead of sum", f"d_w: {AS_MEAN}", _weights_changed(lambda d_w, delta, **_: d_w / _positions(delta))
    ),
    Mistake(
        "mean instead of sum",
        AS_MEAN,
        lambda **given: tuple(part / _positions(given["delta"]) for part in weight_gradient(**given)),
    ),
    Mistake(
        "mean instead of sum",
        f"d_w: {AS_MEAN}",
        _weights_changed(lambda d_w, kernel_size, **_: d_w / np.prod(kernel_size)),
    ),
    Mistake(
        *STRIDE_NOT_EXPANDED,
        _weights_changed(
            lambda d_w, delta, x, kernel_size, padding, **_: _weights(delta, padded(x, padding, padding), kernel_size)
        ),
    ),
    Mistake(*STRIDE_NOT_EXPANDED, _weights_changed(lambda d_w, delta, x, padding, **_: _correlated(delta, x, padding))),
    Mistake(
        *FLOOR,
        _weights_changed(
            lambda d_w, delta, x, stride, padding, **_: _correlated(
                convolution.expand_sensitivity_map(delta, stride), x, padding
            )
        ),
    ),
    *[
        Mistake("padding ignored", NOT_PADDED, _weights_changed(change))
        for change in (
            lambda d_w, delta, x, kernel_size, stride, **_: _weights(delta, x, kernel_size, stride),
            lambda d_w, delta, x, kernel_size, stride, **_: _weights_cut(delta, x, kernel_size, stride),
            lambda d_w, delta, x, stride, **_: _correlated(convolution.expand_sensitivity_map(delta, stride), x, 0),
        )
    ],
    *[
        Mistake(*ONE_SIDE, _on_one_side(found, *ends))
        for ends in [(2, 0), (0, 2), (1, 0), (0, 1)]
        for found in (_weights, _weights_cut)
    ],
    Mistake(
        "last position only",
        "Every position uses the weights: what they give is added, `+=`, not replaced.",
        _weights_changed(
            lambda d_w, delta, x, kernel_size, stride, padding: _weights(
                only(delta, np.s_[:, -1, -1]), padded(x, padding, padding), kernel_size, stride
            )
        ),
    ),
    Mistake(
        "first position only",
        "Every position uses the weights, not the first one alone: does a `return` stand inside the loop?",
        _weights_changed(
            lambda d_w, delta, x, kernel_size, stride, padding: _weights(
                only(delta, np.s_[:, 0, 0]), padded(x, padding, padding), kernel_size, stride
            )
        ),
    ),
    Mistake(
        LAST_FILTER,
        "Only the gradient of the last filter is filled: is the array made anew for every filter?",
        _weights_changed(lambda d_w, **_: only(d_w, -1)),
    ),
    Mistake(
        LAST_FILTER,
        "All filters get the gradient of the last one: filter k takes δ of map k.",
        _weights_changed(lambda d_w, **_: np.repeat(d_w[-1:], len(d_w), axis=0)),
    ),
    Mistake(
        "δ of the first filter only",
        "All filters get the gradient of the first one: filter k takes δ of map k.",
        _weights_changed(lambda d_w, **_: np.repeat(d_w[:1], len(d_w), axis=0)),
    ),
    Mistake(
        "δ of the first filter only",
        "Only the gradient of the first filter is filled: loop over all N.",
        _weights_changed(lambda d_w, **_: only(d_w, 0)),
    ),
    Mistake(
        "filters added up",
        "Each filter has a gradient of its own, from δ of its own map.",
        _weights_changed(lambda d_w, **_: np.repeat(d_w.sum(0, keepdims=True), len(d_w), axis=0)),
    ),
    Mistake(
        "first channel only",
        "Every channel of the kernel gets the gradient of the first one: channel d takes x of channel d.",
        _weights_changed(lambda d_w, **_: np.repeat(d_w[:, :1], d_w.shape[1], axis=1)),
    ),
    Mistake(
        "first channel only",
        "Only the first channel of the kernels gets a gradient: channel d takes x of channel d.",
        _weights_changed(lambda d_w, **_: only(d_w, np.s_[:, 0])),
    ),
    Mistake(
        "last channel only",
        "Only the last channel of the kernels gets a gradient: is the array made anew for every channel?",
        _weights_changed(lambda d_w, **_: only(d_w, np.s_[:, -1])),
    ),
    Mistake(
        "channels added up",
        "Each channel of a kernel has weights of its own: channel d takes x of channel d.",
        _weights_changed(lambda d_w, **_: d_w.sum(axis=1)),
    ),
    Mistake(
        "channels added up",
        "Each channel of a kernel has weights of its own: channel d takes x of channel d.",
        _weights_changed(lambda d_w, **_: np.repeat(d_w.sum(1, keepdims=True), d_w.shape[1], axis=1)),
    ),
    Mistake(
        "filters and channels swapped",
        "The first axis of d_w counts the filters, the second the channels.",
        _weights_changed(_axes_swapped),
    ),
    *[
        Mistake("δ turned", "δ takes the place of the kernel as it is, not turned: x ⋆ δ.", _weights_changed(change))
        for change in (
            lambda d_w, delta, x, kernel_size, stride, padding: _weights(
                turned(delta), padded(x, padding, padding), kernel_size, stride
            ),
            lambda d_w, delta, x, stride, padding, **_: _correlated(
                turned(_expanded(delta, x, d_w, stride, padding)), x, padding
            ),
        )
    ],
    Mistake(
        "gradient turned by 180°",
        "The gradient of weight (m, n) stands at (m, n): x is cross-correlated with δ, and nothing is turned.",
        _weights_changed(lambda d_w, **_: turned(d_w)),
    ),
    Mistake(
        "gradient transposed",
        "Rows and columns of the kernel are swapped: m counts rows, n columns.",
        _weights_changed(_rows_and_columns_swapped),
    ),
    Mistake(
        "gradient transposed",
        "Rows and columns of the kernel are swapped: m counts rows, n columns.",
        _weights_changed(lambda d_w, **_: transposed(d_w)),
    ),
    Mistake(
        "sign reversed",
        "All signs of d_w are the other way round: the minus belongs to the update.",
        _weights_changed(lambda d_w, **_: -d_w),
    ),
    Mistake(
        "sign reversed",
        "All signs are the other way round: the minus belongs to the update.",
        lambda **given: tuple(-part for part in weight_gradient(**given)),
    ),
)

weight_gradient_check = FunctionExercise(
    "weight_gradient",
    "06",
    weight_gradient,
    weight_cases,
    weight_mistakes,
    tried="one to three channels, one to four filters of shapes from 2×2 to 3×4, strides 1 to 3, padding 0 to 2, inputs"
    " that are not square, rows and columns that the floor dropped, negative numbers.",
    parts=("d_w", "d_b"),
)
