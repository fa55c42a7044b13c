"""Exercise of chapter 06, back-propagation: back through max pooling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import pooling
from .chapter06_layers import CUT_WRONGLY, only
from .comparing import Mistake, grid, number
from .exercise import Case, FunctionExercise
from .result import Code, Text
from .windows import image_size, kernel_values

Array = np.ndarray
Pair = tuple[int, int]
Share = Callable[[Array, float], Array]


def max_pool_backward(delta: Array, x: Array, size: Pair, stride: Pair, padding: int = 0) -> Array:
    return pooling.max_pool2d_backward(delta[None], x[None], size, stride, padding)[0]


def cases(rng: np.random.Generator) -> list[Case]:
    """Return maps with ties, windows that overlap, touch or leave gaps, padding, maps of negative numbers only."""
    made = [
        Case(np.array([[[5.0, 7.0]]]), np.array([[[2.0, 2.0, 2.0]]]), (1, 2), (1, 1)),
        Case(np.array([[[4.0]]]), np.array([[[1.0, 3.0], [3.0, 3.0], [2.0, 1.0]]]), (2, 2), (2, 2)),
        Case(np.array([[[3.0, -2.0]]]), np.array([[[-1.0, -4.0, -2.0], [-3.0, -1.0, -5.0]]]), (2, 2), (1, 1)),
    ]
    settings = [((2, 2), (2, 2), 0), ((2, 3), (1, 2), 0), ((3, 2), (2, 1), 0), ((3, 3), (2, 1), 1), ((2, 2), (1, 2), 1)]
    settings += [
        ((3, 2), (1, 1), 1),
        ((2, 3), (3, 2), 0),
        ((2, 4), (2, 3), 1),
        ((3, 3), (1, 2), 0),
        ((2, 2), (2, 1), 1),
    ]
    for k, (size, stride, padding) in enumerate(settings):
        rows, columns = image_size(rng, size, stride, (k % stride[0], (k + 1) % stride[1]), padding)
        x = rng.integers(-3, 4, (1 + k % 3, rows, columns)).astype(float)  # few different numbers: ties
        x = -np.abs(x) - 1 if k % 3 == 1 else x
        output = pooling.max_pool2d(x[None], size, stride, padding).shape[1:]
        made.append(Case(kernel_values(rng, output), x, size, stride, padding=padding))
    return made


def explain(arguments: dict[str, Any], cell: tuple[int, ...], expected: Array) -> list[Text | Code]:
    (p, q), (S_h, S_w), P = arguments["size"], arguments["stride"], arguments.get("padding", 0)
    delta, (d, r, c) = arguments["delta"], cell
    x = np.pad(arguments["x"], ((0, 0), (P, P), (P, P)), constant_values=-np.inf)
    lines = []
    for i, j in np.ndindex(delta.shape[1:]):
        m, n = r + P - i * S_h, c + P - j * S_w
        if 0 <= m < p and 0 <= n < q:
            window = x[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q]
            won = int(window.argmax()) == m * q + n
            what = f"it wins and gets δ = {number(delta[d, i, j])}" if won else "it does not win"
            picture = grid(window).replace("-inf", "   ·")
            lines += [f"window ({i}, {j}), the cell is ({m}, {n}) in it: {what}", picture, ""]
    if not lines:
        return [Text("No window has this cell, so nothing comes back to it.")]
    return [Text("The windows of that channel that have this cell:"), Code("\n".join(lines).rstrip())]


# ---- mistakes -------------------------------------------------------------------------------------------------------


def _first(window: Array, delta: float) -> Array:
    """Return what the cells of a window get: δ for the first of the largest."""
    return _at(window, int(window.argmax()), delta)


def _at(window: Array, place: int, delta: float) -> Array:
    share = np.zeros(window.shape)
    share.flat[place] = delta
    return share


def _last(window: Array, delta: float) -> Array:
    return _at(window, window.size - 1 - int(window.ravel()[::-1].argmax()), delta)


def _first_by_columns(window: Array, delta: float) -> Array:
    n, m = np.unravel_index(window.T.argmax(), window.T.shape)
    return _at(window, int(m) * window.shape[1] + int(n), delta)


def _all_tied(window: Array, delta: float) -> Array:
    return delta * (window == window.max())


def _tied_share(window: Array, delta: float) -> Array:
    tied = window == window.max()
    return delta * tied / tied.sum()


def _sent(
    delta: Array,
    x: Array,
    size: Pair,
    stride: Pair,
    padding: int,
    share: Share = _first,
    overwrite: bool = False,
    fill: float = -np.inf,
    cut: Callable[[Array, Array, int], Array] | None = None,
    slices: bool = False,
) -> Array:
    """Return what comes out when window (i, j), at row i·S_h and column j·S_w, gets `share(window, δ)`.

    A window that goes over the end is an error; with `slices`, it is cut there, unless nothing is left.
    """
    whole = np.pad(x, ((0, 0), (padding, padding), (padding, padding)), constant_values=fill)
    d_x = np.zeros(whole.shape)
    for d, i, j in np.ndindex(delta.shape):
        place = np.s_[d, i * stride[0] : i * stride[0] + size[0], j * stride[1] : j * stride[1] + size[1]]
        if not slices and whole[place].shape != tuple(size):
            raise IndexError("window")
        given = share(whole[place], float(delta[d, i, j]))
        if overwrite:
            np.copyto(d_x[place], given, where=given != 0)
        else:
            d_x[place] += given
    return (cut or _rightly_cut)(d_x, x, padding)


def _rightly_cut(whole: Array, x: Array, padding: int) -> Array:
    return whole[:, padding : padding + x.shape[1], padding : padding + x.shape[2]]


def _cut_from(times: int) -> Callable[[Array, Array, int], Array]:
    return lambda whole, x, padding: _rightly_cut(whole, x, times * padding)


def _window_replaced(delta: Array, x: Array, size: Pair, stride: Pair, padding: int) -> Array:
    """Return what comes out when the whole window, zeros and δ, replaces what stood there."""
    d_x = np.zeros((x.shape[0], x.shape[1] + 2 * padding, x.shape[2] + 2 * padding))
    whole = np.pad(x, ((0, 0), (padding, padding), (padding, padding)), constant_values=-np.inf)
    for d, i, j in np.ndindex(delta.shape):
        place = np.s_[d, i * stride[0] : i * stride[0] + size[0], j * stride[1] : j * stride[1] + size[1]]
        d_x[place] = _first(whole[place], float(delta[d, i, j]))
    return _rightly_cut(d_x, x, padding)


def _put(place: Callable[[int, int, int, int], Pair]) -> Callable[..., Array]:
    """Return what comes out when δ goes to place(i·S_h, j·S_w, m, n), the winner being (m, n) in its window."""

    def answer(delta: Array, x: Array, size: Pair, stride: Pair, padding: int) -> Array:
        whole = np.pad(x, ((0, 0), (padding, padding), (padding, padding)), constant_values=-np.inf)
        d_x = np.zeros(whole.shape)
        for d, i, j in np.ndindex(delta.shape):
            r, c = i * stride[0], j * stride[1]
            m, n = np.unravel_index(whole[d, r : r + size[0], c : c + size[1]].argmax(), size)
            d_x[(d, *place(r, c, int(m), int(n)))] += delta[d, i, j]
        return _rightly_cut(d_x, x, padding)

    return answer


def _channels_mixed(delta: Array, x: Array, size: Pair, stride: Pair, padding: int, channel: int) -> Array:
    """Return what comes out when the winners of one channel are taken for all channels."""
    return max_pool_backward(delta, np.repeat(x[[channel]], len(x), axis=0), size, stride, padding)


def _with(**changed: Any) -> Callable[..., Array]:
    return lambda delta, x, size, stride, padding: _sent(delta, x, size, stride, padding, **changed)


def _otherwise(name: str, says: str, settings: Callable[[Pair, Pair, int], tuple[Pair, Pair, int]]) -> list[Mistake]:
    """Return the mistake of other settings, cell by cell and with slices, which end where the map ends."""

    def answer(slices: bool) -> Callable[..., Array]:
        return lambda delta, x, size, stride, padding: _sent(delta, x, *settings(size, stride, padding), slices=slices)

    return [Mistake(name, says, answer(slices)) for slices in (False, True)]


OVERWRITTEN = (
    "overwritten instead of added",
    "Where windows overlap, a cell may win several of them: what arrives is added, `+=`.",
)
NO_INDEX = (
    "δ used without the winner's index",
    "δ goes to the cell that won the window, at row i·S_h + m, column j·S_w + n: (m, n) is where the maximum stands.",
)
STRIDE_IGNORED = ("stride ignored", "Window (i, j) begins at row i·S_h, column j·S_w, as on the way there.")
SWAPPED = "In a pair, the first number belongs to the rows."
SQUARE = ("window taken as square", "A window of (p, q) has p rows and q columns: they may differ.")
ONE_CHANNEL = ("first channel only", "Each channel is pooled on its own, with winners of its own.")

mistakes = (
    Mistake(
        "all ties get δ",
        "Every cell that is as large as the maximum gets δ. Of a tie, the first one in reading order wins alone.",
        _with(share=_all_tied),
    ),
    Mistake(
        "all ties get δ",
        "The tied cells are all served, and overlapping windows overwrite each other: the first one alone wins, `+=`.",
        _with(share=_all_tied, overwrite=True),
    ),
    Mistake(
        "last of the ties wins",
        "Of equal maxima the first one in reading order wins: `>` rather than `>=`.",
        _with(share=_last),
    ),
    Mistake(
        "first tie by columns",
        "Of equal maxima the first one in reading order wins, row by row.",
        _with(share=_first_by_columns),
    ),
    Mistake("ties share δ", "Of equal maxima the first one wins, and gets all of δ.", _with(share=_tied_share)),
    Mistake(*OVERWRITTEN, _with(overwrite=True)),
    Mistake(*OVERWRITTEN, _window_replaced),
    Mistake(
        "δ spread over the whole window",
        "Every cell of the window gets δ: only the one that won has any influence on the result.",
        _with(share=lambda window, delta: np.full(window.shape, delta)),
    ),
    Mistake(
        "mean pooling",
        "This shares δ out over the window, as mean pooling does: here the cell that won gets all of it.",
        _with(share=lambda window, delta: np.full(window.shape, delta / window.size)),
    ),
    Mistake(*NO_INDEX, _with(share=lambda window, delta: _at(window, 0, delta))),
    Mistake(*NO_INDEX, _put(lambda r, c, m, n: (m, n))),
    Mistake(
        "winner's row and column swapped",
        "The winner stands in row m, column n of its window: `np.unravel_index` gives the row first.",
        _put(lambda r, c, m, n: (r + n, c + m)),
    ),
    Mistake(
        "smallest number wins",
        "The largest number of each window wins.",
        lambda delta, x, size, stride, padding: max_pool_backward(delta, -x, size, stride, padding),
    ),
    Mistake(
        "largest absolute value wins",
        "The sign counts: the largest number wins, not the one farthest from 0.",
        lambda delta, x, size, stride, padding: max_pool_backward(delta, np.abs(x), size, stride, padding),
    ),
    Mistake(
        "δ times the maximum",
        "The result grows by as much as the winner does: it gets δ, and its own number is no factor.",
        _with(share=lambda window, delta: _first(window, delta * window.max())),
    ),
    Mistake(
        "1 in place of δ",
        "The derivative of the maximum is 1 for the winner: times δ.",
        _with(share=lambda window, delta: _first(window, 1.0)),
    ),
    Mistake(
        "padded with 0",
        "A padded 0 wins against negative numbers, and its δ is lost: pad with −∞ (`constant_values=-np.inf`).",
        _with(fill=0.0),
    ),
    Mistake(
        "padding not cut",
        "The result is as large as the padded map: cut P rows and columns off on every side, `[P : P + H]`.",
        _with(cut=lambda whole, x, padding: whole),
    ),
    Mistake(*CUT_WRONGLY, _with(cut=_cut_from(0))),
    Mistake(*CUT_WRONGLY, _with(cut=_cut_from(2))),
    Mistake(*CUT_WRONGLY, _with(cut=lambda whole, x, padding: whole[:, padding:, padding:])),
    *_otherwise(
        "padding ignored",
        "The windows begin in the padding: put `padding` cells of −∞ around the map first.",
        lambda size, stride, padding: (size, stride, 0),
    ),
    *_otherwise(*STRIDE_IGNORED, lambda size, stride, padding: (size, (1, 1), padding)),
    *_otherwise(*STRIDE_IGNORED, lambda size, stride, padding: (size, size, padding)),
    *_otherwise("stride axes swapped", SWAPPED, lambda size, stride, padding: (size, stride[::-1], padding)),
    *_otherwise(
        "stride of the rows used for the columns",
        "Rows and columns have strides of their own: S_h and S_w.",
        lambda size, stride, padding: (size, (stride[0], stride[0]), padding),
    ),
    *_otherwise(
        "window axes swapped",
        f"{SWAPPED} A window of (p, q) has p rows and q columns.",
        lambda size, stride, padding: (size[::-1], stride, padding),
    ),
    *_otherwise(*SQUARE, lambda size, stride, padding: ((size[0], size[0]), stride, padding)),
    *_otherwise(*SQUARE, lambda size, stride, padding: ((size[1], size[1]), stride, padding)),
    Mistake(
        *ONE_CHANNEL,
        lambda delta, x, size, stride, padding: only(max_pool_backward(delta, x, size, stride, padding), 0),
    ),
    Mistake(*ONE_CHANNEL, lambda delta, x, size, stride, padding: _channels_mixed(delta, x, size, stride, padding, 0)),
    Mistake(
        "last channel only",
        "Only the map of the last channel is filled: is the array made anew for every channel?",
        lambda delta, x, size, stride, padding: only(max_pool_backward(delta, x, size, stride, padding), -1),
    ),
    Mistake(
        "last window only",
        "Only the last δ arrives: is the array made anew for every window?",
        lambda delta, x, size, stride, padding: max_pool_backward(only(delta, (-1, -1, -1)), x, size, stride, padding),
    ),
    Mistake(
        "first window only",
        "Only the first δ arrives: does a `return` stand inside the loop?",
        lambda delta, x, size, stride, padding: max_pool_backward(only(delta, (0, 0, 0)), x, size, stride, padding),
    ),
    Mistake(
        "mean instead of sum",
        "Nothing is divided: what arrives at a cell is added.",
        lambda delta, x, size, stride, padding: (
            max_pool_backward(delta, x, size, stride, padding) / (size[0] * size[1])
        ),
    ),
)

max_pool_backward_check = FunctionExercise(
    "max_pool_backward",
    "06",
    max_pool_backward,
    cases,
    mistakes,
    tried="one to three channels, windows from 1×2 to 3×3 and 2×4 that overlap, touch or leave gaps, strides that "
    "differ for rows and columns, padding 0 and 1, maps that are not square, ties, maps of negative numbers only.",
    explain=explain,
)
