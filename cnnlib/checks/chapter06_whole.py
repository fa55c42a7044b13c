"""Exercise of chapter 06, back-propagation: the whole backward pass of a convolution layer, for a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import convolution
from .chapter06 import AS_MEAN, KERNEL_TRANSPOSED, NOT_TURNED, OVERWRITTEN, TURNED_ON_ONE_AXIS, WHOLE_WINDOW, turned
from .chapter06_layers import (
    CUT_WRONGLY,
    FLOOR,
    LAST_FILTER,
    ONE_SIDE,
    ORDER,
    PER_IMAGE,
    PER_POSITION,
    SETTINGS,
    STRIDE_NOT_EXPANDED,
    TWICE,
    Answer,
    layer_sizes,
    nothing,
    only,
    padded,
    windows_of,
    with_part,
)
from .comparing import Mistake
from .exercise import Case, FunctionExercise
from .windows import integers, kernel_values, transposed

Array = np.ndarray


def conv2d_backward(delta: Array, x: Array, w: Array, stride: int = 1, padding: int = 0) -> Answer:
    return convolution.conv2d_backward(delta, x, w, stride, padding)


def cases(rng: np.random.Generator) -> list[Case]:
    """Return batches of one to three images, one to three channels, one to four filters, strides 1 to 3, padding."""
    made = [Case(kernel_values(rng, (1, 1, 1, 2)), integers(rng, (1, 1, 2, 3)), kernel_values(rng, (1, 1, 2, 2)))]
    for k, (D, N, stride, padding) in enumerate(SETTINGS):
        size, kernel, output = layer_sizes(rng, k, stride, padding)
        batch = (2, 1, 3)[k % 3]
        x, w = integers(rng, (batch, D, *size)), kernel_values(rng, (N, D, *kernel))
        made.append(Case(kernel_values(rng, (batch, N, *output)), x, w, stride=stride, padding=padding))
    return made


def _d_x(wrong: Callable[..., Any]) -> Callable[..., Answer]:
    """Return the backward pass with d_x replaced by `wrong(d_x, delta=…, x=…, w=…, stride=…, padding=…)`."""
    return with_part(conv2d_backward, (0, wrong))


def _d_w(wrong: Callable[..., Any]) -> Callable[..., Answer]:
    return with_part(conv2d_backward, (1, wrong))


def _d_b(wrong: Callable[..., Any]) -> Callable[..., Answer]:
    return with_part(conv2d_backward, (2, wrong))


def _with_kernels(change: Callable[[Array], Array]) -> Callable[..., Answer]:
    """Return the backward pass in which d_x is found with other kernels."""
    return _d_x(lambda d_x, w, **given: conv2d_backward(w=change(w), **given)[0])


def _with_delta(change: Callable[[Array], Array]) -> Callable[..., Answer]:
    """Return the backward pass in which d_x is found with another δ."""
    return _d_x(lambda d_x, delta, **given: conv2d_backward(delta=change(delta), **given)[0])


def _uncut(delta: Array, x: Array, w: Array, stride: int, padding: int, overwrite: bool = False) -> Array:
    """Return d_x of the padded input, with windows that begin at i·S, j·S; `overwrite`: not added."""
    whole = np.zeros_like(padded(x, padding, padding))
    if not overwrite:
        return conv2d_backward(delta, whole, w, stride)[0]
    F_h, F_w = w.shape[2:]
    for b, k, i, j in np.ndindex(delta.shape):
        whole[b, :, i * stride : i * stride + F_h, j * stride : j * stride + F_w] = delta[b, k, i, j] * w[k]
    return whole


def _cut(whole: Array, padding: int, x: Array, before: int = 1) -> Array:
    """Return `whole` without its padding, cut off from `before` times the padding on."""
    start = before * padding
    return whole[:, :, start : start + x.shape[2], start : start + x.shape[3]]


def _weights(delta: Array, x: Array, w: Array, stride: int, before: int, after: int) -> Array:
    """Return d_w for an x that gets these zeros in front and behind."""
    windows = windows_of(padded(x, before, after), w.shape[2:], (stride, stride), delta.shape[2:])
    return np.einsum("bkij,bdijmn->kdmn", delta, windows)


def _unpadded(delta: Array, x: Array, w: Array, stride: int) -> Answer:
    """Return the answer found on x as it is, with slices, which end where x ends."""
    d_x, d_w = np.zeros(x.shape), np.zeros(w.shape)
    for b, k, i, j in np.ndindex(delta.shape):
        window = np.s_[b, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
        d_x[window] += delta[b, k, i, j] * w[k]
        d_w[k] += delta[b, k, i, j] * x[window]
    return d_x, d_w, delta.sum(axis=(0, 2, 3))


def _not_expanded(delta: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    """Return d_x as if δ_ij belonged to the window at row i, column j."""
    room = tuple(length + 2 * padding - F + 1 for length, F in zip(x.shape[2:], w.shape[2:]))
    placed = np.zeros((*delta.shape[:2], *room))
    placed[:, :, : delta.shape[2], : delta.shape[3]] = delta
    return _cut(_uncut(placed, x, w, 1, padding), padding, x)


def _full(delta: Array, w: Array) -> Array:
    """Return the pattern on the δ as it is: padded with F − 1 zeros, the turned kernels laid on, nothing cut off."""
    maps = [
        sum(convolution.cross_correlate2d(image[k], turned(w[k, d]), "full") for k in range(len(w)))
        for image in delta
        for d in range(w.shape[1])
    ]
    return np.array(maps).reshape(len(delta), w.shape[1], *maps[0].shape)


def _inside(whole: Array, padding: int) -> Array:
    return whole[:, :, padding : whole.shape[2] - padding, padding : whole.shape[3] - padding]


def _floor_forgotten(delta: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    """Return the pattern on the expanded δ that ends at its last value; the border is still to be cut off."""
    return _full(convolution.expand_sensitivity_map(delta, stride), w)


def _per_image(delta: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    """Return d_w with an axis for the images."""
    given = zip(delta, x)
    return np.stack([conv2d_backward(d[None], image[None], w, stride, padding)[1] for d, image in given])


def _one_image(at: int) -> Callable[..., Answer]:
    """Return the backward pass of one image of the batch for the parameters, d_x being right."""

    def answer(delta: Array, x: Array, **given: Any) -> Answer:
        place = slice(at, at + 1 or None)
        return (conv2d_backward(delta, x, **given)[0], *conv2d_backward(delta[place], x[place], **given)[1:])

    return answer


def _positions(delta: Array) -> int:
    return delta.shape[2] * delta.shape[3]


def _swapped(w: Array) -> Array:
    if w.shape[0] != w.shape[1]:
        raise IndexError("filter")
    return w.swapaxes(0, 1)


PARTIAL_MAPS = "Each filter gives a partial map of d_x: the N partial maps are added."
NOT_PADDED = "The windows lie in the padded input: put P zeros on every side of x first."
CHANNELS = "Channel d of x meets channel d of every kernel"

mistakes = (
    Mistake(*ORDER, lambda **given: tuple(conv2d_backward(**given)[k] for k in (1, 2, 0))),
    Mistake(*ORDER, lambda **given: tuple(conv2d_backward(**given)[k] for k in (1, 0, 2))),
    Mistake(*ORDER, lambda **given: tuple(conv2d_backward(**given)[k] for k in (0, 2, 1))),
    Mistake(
        "zeroed d_x", "d_x holds only zeros: is the array that you return the one that the loops fill?", _d_x(nothing)
    ),
    Mistake("d_w full of zeros", "d_w holds only zeros: is it filled?", _d_w(nothing)),
    Mistake("d_b full of zeros", "d_b holds only zeros: is it filled?", _d_b(nothing)),
    # Back to the input.
    Mistake(*NOT_TURNED, _with_kernels(turned)),
    Mistake(*TURNED_ON_ONE_AXIS, _with_kernels(lambda w: w[..., ::-1, :])),
    Mistake(*TURNED_ON_ONE_AXIS, _with_kernels(lambda w: w[..., ::-1])),
    Mistake(*KERNEL_TRANSPOSED, _with_kernels(transposed)),
    Mistake(
        "channels of the kernel reversed",
        f"{CHANNELS}: only rows and columns are turned.",
        _with_kernels(lambda w: w[:, ::-1]),
    ),
    Mistake(
        "filters reversed",
        "δ of map k meets filter k: only rows and columns are turned.",
        _with_kernels(lambda w: w[::-1]),
    ),
    Mistake(
        "filters and channels swapped",
        "The first axis of `w` counts the filters, the second the channels: `w[k, d]`.",
        _with_kernels(_swapped),
    ),
    Mistake(*WHOLE_WINDOW, _with_kernels(np.ones_like)),
    Mistake(
        LAST_FILTER,
        f"Only the last filter's part is in d_x. {PARTIAL_MAPS}",
        _with_delta(lambda delta: only(delta, np.s_[:, -1])),
    ),
    Mistake(
        "δ of the first filter only",
        f"Only the first filter's part is in d_x. {PARTIAL_MAPS}",
        _with_delta(lambda delta: only(delta, np.s_[:, 0])),
    ),
    Mistake("partial maps averaged", PARTIAL_MAPS, _d_x(lambda d_x, w, **_: d_x / len(w))),
    Mistake(
        *OVERWRITTEN,
        _d_x(lambda d_x, x, padding, **given: _cut(_uncut(x=x, padding=padding, **given, overwrite=True), padding, x)),
    ),
    Mistake(
        "first channel only",
        f"Only the first channel of d_x is filled. {CHANNELS}.",
        _d_x(lambda d_x, **_: only(d_x, np.s_[:, 0])),
    ),
    Mistake(
        "first channel only",
        f"All channels of d_x come from the kernels' first one. {CHANNELS}.",
        _with_kernels(lambda w: np.repeat(w[:, :1], w.shape[1], axis=1)),
    ),
    Mistake(
        "last channel only",
        "Only the last channel of d_x is filled: is the array made anew for every channel?",
        _d_x(lambda d_x, **_: only(d_x, np.s_[:, -1])),
    ),
    Mistake(
        "channels added up",
        f"{CHANNELS}, and no other: d_x has D channels.",
        _with_kernels(lambda w: np.repeat(w.sum(1, keepdims=True), w.shape[1], axis=1)),
    ),
    Mistake(
        "last image only",
        "Only d_x of the last image is filled: is the array made anew for every image?",
        _d_x(lambda d_x, **_: only(d_x, -1)),
    ),
    Mistake(
        "first image only",
        "Only d_x of the first image is filled: loop over the batch.",
        _d_x(lambda d_x, **_: only(d_x, 0)),
    ),
    Mistake(*STRIDE_NOT_EXPANDED, _d_x(lambda d_x, **given: _not_expanded(**given))),
    Mistake(
        *STRIDE_NOT_EXPANDED,
        with_part(
            conv2d_backward,
            (0, lambda d_x, **given: _not_expanded(**given)),
            (1, lambda d_w, delta, x, w, padding, **_: _weights(delta, x, w, 1, padding, padding)),
        ),
    ),
    Mistake(
        *STRIDE_NOT_EXPANDED, _d_w(lambda d_w, delta, x, w, padding, **_: _weights(delta, x, w, 1, padding, padding))
    ),
    Mistake(*STRIDE_NOT_EXPANDED, _d_x(lambda d_x, delta, w, padding, **_: _inside(_full(delta, w), padding))),
    Mistake(*FLOOR, _d_x(lambda d_x, padding, **given: _inside(_floor_forgotten(padding=padding, **given), padding))),
    Mistake(
        *FLOOR,
        _d_x(lambda d_x, x, padding, **given: _cut(_floor_forgotten(x=x, padding=padding, **given), padding, x)),
    ),
    Mistake(
        "padding not cut",
        "d_x is as large as the padded input: cut P rows and columns off on every side, `[P : P + H]`.",
        _d_x(lambda d_x, **given: _uncut(**given)),
    ),
    Mistake(
        *CUT_WRONGLY,
        _d_x(lambda d_x, x, padding, **given: _cut(_uncut(x=x, padding=padding, **given), padding, x, before=0)),
    ),
    Mistake(
        *CUT_WRONGLY,
        _d_x(lambda d_x, x, padding, **given: _cut(_uncut(x=x, padding=padding, **given), padding, x, before=2)),
    ),
    Mistake(
        *CUT_WRONGLY, _d_x(lambda d_x, padding, **given: _uncut(padding=padding, **given)[:, :, padding:, padding:])
    ),
    # To the parameters.
    Mistake(
        "padding ignored", NOT_PADDED, _d_w(lambda d_w, delta, x, w, stride, **_: _weights(delta, x, w, stride, 0, 0))
    ),
    Mistake("padding ignored", NOT_PADDED, _d_w(lambda d_w, padding, **given: _unpadded(**given)[1])),
    Mistake("padding ignored", NOT_PADDED, lambda padding, **given: _unpadded(**given)),
    Mistake(
        "padding ignored",
        NOT_PADDED,
        with_part(
            lambda padding, **given: _unpadded(**given),
            (0, lambda d_x, x, padding, **_: _cut(d_x, padding, x)),
        ),
    ),
    Mistake(*ONE_SIDE, _d_w(lambda d_w, delta, x, w, stride, padding: _weights(delta, x, w, stride, 2 * padding, 0))),
    Mistake(*ONE_SIDE, _d_w(lambda d_w, delta, x, w, stride, padding: _weights(delta, x, w, stride, 0, 2 * padding))),
    Mistake(
        "gradient turned by 180°",
        "The gradient of weight (m, n) stands at (m, n): only the way to x turns the kernel.",
        _d_w(lambda d_w, **_: turned(d_w)),
    ),
    Mistake("gradient transposed", "Rows and columns of d_w are swapped.", _d_w(lambda d_w, **_: transposed(d_w))),
    Mistake("gradient transposed", "Rows and columns of d_w are swapped.", _d_w(lambda d_w, **_: d_w.swapaxes(2, 3))),
    Mistake(
        LAST_FILTER,
        "Only d_w of the last filter is filled: is the array made anew for every filter?",
        _d_w(lambda d_w, **_: only(d_w, -1)),
    ),
    Mistake(
        "δ of the first filter only",
        "Only d_w of the first filter is filled: loop over all N.",
        _d_w(lambda d_w, **_: only(d_w, 0)),
    ),
    Mistake(
        "first channel only",
        "Only the first channel of d_w is filled: channel d takes x of channel d.",
        _d_w(lambda d_w, **_: only(d_w, np.s_[:, 0])),
    ),
    Mistake(
        "first channel only",
        "All channels of d_w come from the first one of x: channel d takes x of channel d.",
        _d_w(lambda d_w, **_: np.repeat(d_w[:, :1], d_w.shape[1], axis=1)),
    ),
    Mistake(
        "last position only",
        "Every position uses the weights: what they give is added, `+=`, not replaced.",
        _d_w(lambda d_w, delta, x, **given: conv2d_backward(delta=only(delta, np.s_[-1, :, -1, -1]), x=x, **given)[1]),
    ),
    Mistake(*PER_POSITION, _d_b(lambda d_b, delta, **_: delta)),
    Mistake(*PER_POSITION, _d_b(lambda d_b, delta, **_: delta.sum(axis=0))),
    Mistake(*PER_IMAGE, _d_b(lambda d_b, delta, **_: delta.sum(axis=(2, 3)))),
    Mistake(*PER_IMAGE, _d_w(lambda d_w, **given: _per_image(**given))),
    Mistake(
        "one bias for all filters",
        "Each filter has a bias of its own: d_b has N numbers.",
        _d_b(lambda d_b, **_: d_b.sum()),
    ),
    Mistake(
        "last image only",
        "The parameters get the gradient of the last image only: add up over the batch.",
        _one_image(-1),
    ),
    Mistake(
        "first image only",
        "The parameters get the gradient of the first image only: add up over the batch.",
        _one_image(0),
    ),
    Mistake(
        "last image only",
        "d_w is that of the last image: add up over the batch, `+=`.",
        _d_w(lambda d_w, **given: _one_image(-1)(**given)[1]),
    ),
    Mistake(*TWICE, with_part(conv2d_backward, *[(k, lambda part, delta, **_: part / len(delta)) for k in (0, 1, 2)])),
    Mistake(*TWICE, with_part(conv2d_backward, *[(k, lambda part, delta, **_: part / len(delta)) for k in (1, 2)])),
    Mistake(*TWICE, _d_w(lambda d_w, delta, **_: d_w / len(delta))),
    Mistake(*TWICE, _d_b(lambda d_b, delta, **_: d_b / len(delta))),
    Mistake(*TWICE, _d_x(lambda d_x, delta, **_: d_x / len(delta))),
    Mistake("mean instead of sum", f"d_b: {AS_MEAN}", _d_b(lambda d_b, delta, **_: d_b / _positions(delta))),
    Mistake(
        "mean instead of sum", f"d_b: {AS_MEAN}", _d_b(lambda d_b, delta, **_: d_b / _positions(delta) / len(delta))
    ),
    Mistake("mean instead of sum", f"d_w: {AS_MEAN}", _d_w(lambda d_w, delta, **_: d_w / _positions(delta))),
    Mistake(
        "mean instead of sum",
        f"d_w and d_b: {AS_MEAN}",
        with_part(conv2d_backward, *[(k, lambda part, delta, **_: part / _positions(delta)) for k in (1, 2)]),
    ),
)

conv2d_backward_check = FunctionExercise(
    "conv2d_backward",
    "06",
    conv2d_backward,
    cases,
    mistakes,
    tried="batches of one to three images, one to three channels, one to four filters of shapes from 2×2 to 3×3, "
    "strides 1 to 3, padding 0 to 2, inputs that are not square, windows that overlap, rows and columns that the "
    "floor dropped.",
    parts=("d_x", "d_w", "d_b"),
)
