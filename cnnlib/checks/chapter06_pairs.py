"""Exercise of chapter 06, back-propagation: strides that differ for rows and columns, there and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import convolution
from .chapter06 import KERNEL_TRANSPOSED, NOT_TURNED, OVERWRITTEN, WHOLE_WINDOW, turned
from .chapter06_layers import FLOOR, ORDER, Answer, Pair, nothing, windows_of, with_part
from .comparing import Mistake
from .exercise import Case, FunctionExercise
from .windows import image_size, integers, kernel_values, transposed


def pair_strides(x: np.ndarray, w: np.ndarray, delta: np.ndarray, strides: Pair) -> Answer:
    net = convolution.conv2d(x[None, None], w[None, None], None, strides)[0, 0]
    d_x = convolution.conv2d_backward(delta[None, None], x[None, None], w[None, None], strides)[0][0, 0]
    return net, d_x


def pair_cases(rng: np.random.Generator) -> list[Case]:
    """Return strides that differ for rows and columns, in both directions, with and without a rest."""
    settings = [
        ((1, 2), (1, 2)),
        ((2, 2), (2, 1)),
        ((2, 2), (1, 2)),
        ((2, 3), (2, 1)),
        ((3, 2), (3, 2)),
        ((3, 3), (2, 1)),
    ]
    settings += [((3, 3), (1, 3)), ((2, 2), (3, 1)), ((3, 4), (2, 3)), ((2, 3), (2, 2))]
    made = []
    for k, (kernel, strides) in enumerate(settings):
        size = image_size(rng, kernel, strides, ((k + 1) % strides[0], k % strides[1]), least=1 + k // 5)
        output = tuple((length - F) // S + 1 for length, F, S in zip(size, kernel, strides))
        made.append(Case(integers(rng, size), kernel_values(rng, kernel), kernel_values(rng, output), strides))
    return made


def _there(x: np.ndarray, w: np.ndarray, counts: Pair, strides: Pair) -> np.ndarray:
    """Return the output for windows at i·S_h, j·S_w, so many of them; fails where one does not fit."""
    return np.einsum("ijmn,mn->ij", windows_of(x, w.shape, strides, counts), w)


def _there_cut(x: np.ndarray, w: np.ndarray, counts: Pair, strides: Pair) -> np.ndarray:
    """Return the same with slices, which end where x ends: what is left of a window may still fit the kernel."""
    net = np.zeros(counts)
    for i, j in np.ndindex(*counts):
        net[i, j] = np.sum(x[i * strides[0] :, j * strides[1] :][: w.shape[0], : w.shape[1]] * w)
    return net


def _back(x: np.ndarray, w: np.ndarray, delta: np.ndarray, strides: Pair, overwrite: bool = False) -> np.ndarray:
    """Return what comes out when δ times the kernel is put into the windows at i·S_h, j·S_w; fails if one is cut."""
    windows_of(x, w.shape, strides, delta.shape)
    return _back_cut(x, w, delta, strides, overwrite)


def _back_cut(x: np.ndarray, w: np.ndarray, delta: np.ndarray, strides: Pair, overwrite: bool = False) -> np.ndarray:
    """Return the same with slices, which end where x ends."""
    d_x = np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape):
        window = d_x[i * strides[0] :, j * strides[1] :][: w.shape[0], : w.shape[1]]
        window[...] = delta[i, j] * w if overwrite else window + delta[i, j] * w
    return d_x


def _expanded_only(x: np.ndarray, w: np.ndarray, delta: np.ndarray, strides: Pair) -> np.ndarray:
    """Return the full correlation of the expanded δ, without the rows and columns that the floor dropped."""
    return convolution.cross_correlate2d(convolution.expand_sensitivity_map(delta, strides), turned(w), "full")


def _stride_mistakes(name: str, says: str, other: Callable[[Pair], Pair]) -> list[Mistake]:
    """Return the mistakes of taking other strides: in both parts, on the way there, on the way back."""

    def net(right: np.ndarray, x: np.ndarray, w: np.ndarray, strides: Pair, **_: Any) -> np.ndarray:
        return convolution.conv2d(x[None, None], w[None, None], None, other(strides))[0, 0]

    def in_size(there: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
        return lambda right, x, w, strides, **_: there(x, w, right.shape, other(strides))

    def d_x(back: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
        return lambda right, x, w, delta, strides: back(x, w, delta, other(strides))

    forward, backward = [in_size(_there), in_size(_there_cut), net], [d_x(_back), d_x(_back_cut)]
    ways = [((0, there), (1, back)) for there in forward for back in backward]
    ways += [((0, there),) for there in forward] + [((1, back),) for back in backward]
    return [Mistake(name, says, with_part(pair_strides, *changes)) for changes in ways]


def _net_changed(change: Callable[..., Any]) -> Callable[..., Answer]:
    return with_part(pair_strides, (0, change))


def _d_x_changed(change: Callable[..., Any]) -> Callable[..., Answer]:
    return with_part(pair_strides, (1, change))


pair_mistakes = (
    Mistake(*ORDER, lambda **given: pair_strides(**given)[::-1]),
    Mistake(
        "zeroed d_x",
        "d_x holds only zeros: is the array that you return the one that is filled?",
        _d_x_changed(nothing),
    ),
    Mistake(
        "net full of zeros",
        "net holds only zeros: is the array that you return the one that is filled?",
        _net_changed(nothing),
    ),
    *_stride_mistakes(
        "stride of the rows used for the columns",
        "Columns have a stride of their own: S_w, the second one.",
        lambda S: (S[0], S[0]),
    ),
    *_stride_mistakes(
        "stride of the columns used for the rows",
        "Rows have a stride of their own: S_h, the first one.",
        lambda S: (S[1], S[1]),
    ),
    *_stride_mistakes("stride axes swapped", "In a pair, the first number belongs to the rows.", lambda S: S[::-1]),
    *_stride_mistakes(
        "stride ignored",
        "Window (i, j) begins at row i·S_h, column j·S_w, on the way there and back.",
        lambda S: (1, 1),
    ),
    Mistake(*OVERWRITTEN, _d_x_changed(lambda d_x, **given: _back(**given, overwrite=True))),
    Mistake(*NOT_TURNED, _d_x_changed(lambda d_x, w, **given: pair_strides(w=turned(w), **given)[1])),
    Mistake(
        "kernel turned in the forward pass",
        "net is the cross-correlation: only the way back turns the kernel.",
        _net_changed(lambda net, w, **given: pair_strides(w=turned(w), **given)[0]),
    ),
    Mistake(*KERNEL_TRANSPOSED, _d_x_changed(lambda d_x, w, **given: pair_strides(w=transposed(w), **given)[1])),
    Mistake(*WHOLE_WINDOW, _d_x_changed(lambda d_x, w, **given: pair_strides(w=np.ones_like(w), **given)[1])),
    Mistake(
        "stride not expanded",
        "Put S_h − 1 rows and S_w − 1 columns of zeros between the δ before the turned kernel goes over them.",
        _d_x_changed(lambda d_x, w, delta, **_: convolution.cross_correlate2d(delta, turned(w), "full")),
    ),
    Mistake(*FLOOR, _d_x_changed(lambda d_x, **given: _expanded_only(**given))),
    Mistake(
        "net in place of δ",
        "What goes back is δ, not net.",
        _d_x_changed(lambda d_x, delta, **given: pair_strides(delta=pair_strides(delta=delta, **given)[0], **given)[1]),
    ),
)

pair_strides_check = FunctionExercise(
    "pair_strides",
    "06",
    pair_strides,
    pair_cases,
    pair_mistakes,
    tried="strides from (1, 2) to (3, 2) and (1, 3), rows before columns, kernels from 1×2 to 3×4, windows that "
    "overlap, touch and leave gaps, inputs that are not square, rows and columns that the floor dropped.",
    parts=("net", "d_x"),
)
