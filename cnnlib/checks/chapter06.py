"""Exercises of chapter 06, back-propagation: the chain rule, back through one channel, δ for a stride."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import convolution
from .comparing import Mistake, number
from .exercise import Case, FunctionExercise
from .prediction import Prediction, whole_number
from .result import Code, Text
from .windows import integers, kernel_values, signed, transposed

Pair = tuple[int, int]
correlate = convolution.cross_correlate2d


# ---- the chain rule -------------------------------------------------------------------------------------------------

# net = w x + b = 2, a = net² = 4, E = (a - 1)² / 2 = 4.5
ADDED = ("added instead of multiplied", "Along a path the factors are multiplied.")
NO_SLOPE = ("f′(net) left out", "Between a and net lies the square: its derivative 2·net is one of the factors.")

chain_rule_check = Prediction(
    "chain_rule",
    "06",
    {
        "a": whole_number(
            3,
            (6, "the ½ forgotten", "The derivative of (a − t)² is 2·(a − t); the ½ takes the 2 away."),
            (-3, "sign reversed", "The derivative of (a − t) with respect to a is +1."),
            (4, "t forgotten", "The loss compares a with t: the target stays in the derivative."),
            (9, "not derived", "This is (a − t)²; its derivative has the power 1."),
            (1, "net in place of a", "The loss compares the activation with t, and a = net²."),
        ),
        "b": whole_number(
            12,
            (3, *NO_SLOPE),
            (4, "f′(net) alone", "δ is ∂E/∂a times f′(net)."),
            (7, *ADDED),
            (24, "slope at a instead of net", "f′ is taken at net: 2·net, not 2·a."),
            (6, "slope at the wrong place", "The derivative of net² is 2·net: with net = 2 that is 4, not 2."),
            (18, "slope at the wrong place", "f′ is taken at net: 2·net, not 2·x."),
            (-12, "sign reversed", "The derivative of (a − t) with respect to a is +1."),
        ),
        "c": whole_number(
            36,
            (24, "w in place of x", "net = w·x + w_b: its derivative with respect to w is x."),
            (12, "the last factor forgotten", "That is δ. From net to w there is one more factor."),
            (9, *NO_SLOPE),
            (15, *ADDED),
            (10, *ADDED),
            (-36, "sign reversed", "The derivative of (a − t) with respect to a is +1."),
        ),
        "d": whole_number(
            24,
            (36, "x in place of w", "net = w·x + w_b: its derivative with respect to x is w."),
            (12, "the last factor forgotten", "That is δ. From net to x there is one more factor."),
            (6, *NO_SLOPE),
            (14, *ADDED),
            (9, *ADDED),
            (-24, "sign reversed", "The derivative of (a − t) with respect to a is +1."),
        ),
    },
    said="Each derivative is the one before times one factor. δ is found once and serves the weight and the input.",
)

# a: u = 6, v = 4, dE/dx = v du/dx + u dv/dx = 4·3 + 6·4. b: 3·(-1) + 5·2.
ONE_PATH = ("one path only", "There are two paths: follow the other one too, and add.")
total_derivative_check = Prediction(
    "total_derivative",
    "06",
    {
        "a": whole_number(
            36,
            (12, *ONE_PATH),
            (24, "one path only or the value of E", "E is 24 here, and so is one of the paths: add the other one."),
            (288, "paths multiplied", "Along a path the factors are multiplied; the paths are added."),
            (18, "paths averaged", "The paths are added."),
            (-12, "paths subtracted", "The paths are added."),
            (7, "∂E/∂u and ∂E/∂v left out", "3 and 4 lead from x to u and v: from there it goes on to E."),
            (10, "du/dx and dv/dx left out", "4 and 6 lead from u and v to E: before that it goes from x to u and v."),
            (34, "u and v swapped", "The derivative of u·v with respect to u is v, and the other way round."),
        ),
        "b": whole_number(
            7,
            (-3, *ONE_PATH),
            (10, *ONE_PATH),
            (1, "weights swapped", "x₁ meets the weight −1 in net₀ and the weight 2 in net₁."),
            (13, "paths subtracted", "The paths are added, the first one with its sign."),
            (-13, "paths subtracted", "The paths are added, each with its sign."),
            (-30, "paths multiplied", "Along a path the factors are multiplied; the paths are added."),
            (8, "weights left out", "Each δ is multiplied by the weight that x₁ meets on its way to that output."),
            (9, "added instead of multiplied", "Each δ is multiplied by the weight that x₁ meets."),
            (16, "sign lost", "x₁ meets the weight −1 on its way to net₀."),
        ),
    },
    said="The paths are added, and along each the factors are multiplied.",
)


# ---- stride 1, one channel ------------------------------------------------------------------------------------------


def delta_stride_one(delta: np.ndarray, w: np.ndarray) -> np.ndarray:
    return correlate(delta, turned(w), "full")


def turned(w: np.ndarray) -> np.ndarray:
    return w[..., ::-1, ::-1]


def delta_cases(rng: np.random.Generator) -> list[Case]:
    """Return maps, not square, and kernels from 1×2 to 3×3; some maps are smaller than their kernel."""
    shapes = [((1, 2), (1, 2)), ((2, 1), (2, 1)), ((1, 2), (2, 2)), ((2, 3), (2, 2)), ((3, 2), (2, 2))]
    shapes += [
        ((2, 3), (2, 3)),
        ((3, 4), (3, 2)),
        ((4, 3), (3, 3)),
        ((3, 5), (1, 3)),
        ((5, 4), (3, 1)),
        ((2, 4), (3, 3)),
    ]
    made = [Case(integers(rng, map_), kernel_values(rng, kernel)) for map_, kernel in shapes]
    return [*made, Case(np.round(rng.normal(0, 2, (4, 6)), 1), np.round(rng.normal(0, 1, (3, 4)), 1))]


def explain_delta(arguments: dict[str, Any], cell: tuple[int, ...], expected: np.ndarray) -> list[Text | Code]:
    delta, w = arguments["delta"], arguments["w"]
    lines = [
        f"net ({i}, {j}) with weight ({cell[0] - i}, {cell[1] - j}): {signed(delta[i, j])}·"
        f"{signed(w[cell[0] - i, cell[1] - j])}"
        for i, j in np.ndindex(delta.shape)
        if 0 <= cell[0] - i < w.shape[0] and 0 <= cell[1] - j < w.shape[1]
    ]
    says = "Every output that reads this cell of `x` sends its δ back, times the weight that it read it with:"
    return [Text(says), Code("\n".join([*lines, f"added: {number(expected[cell])}"]))]


def _windows_filled(delta: np.ndarray, w: np.ndarray, overwrite: bool = False, only: int | None = None) -> np.ndarray:
    """Return what comes out when δ times the kernel is put into its window, in turn; `only` one of them if given."""
    d_x = np.zeros((delta.shape[0] + w.shape[0] - 1, delta.shape[1] + w.shape[1] - 1))
    places = list(np.ndindex(delta.shape))
    for i, j in places if only is None else [places[only]]:
        window = d_x[i : i + w.shape[0], j : j + w.shape[1]]
        window[...] = delta[i, j] * w if overwrite else window + delta[i, j] * w
    return d_x


def _corner(delta: np.ndarray, w: np.ndarray, factor: float) -> np.ndarray:
    """Return δ times one number, in the upper left of an array as large as x."""
    d_x = np.zeros((delta.shape[0] + w.shape[0] - 1, delta.shape[1] + w.shape[1] - 1))
    d_x[: delta.shape[0], : delta.shape[1]] = delta * factor
    return d_x


def _padded_by(delta: np.ndarray, w: np.ndarray, *ends: Pair) -> np.ndarray:
    return correlate(np.pad(delta, ends), turned(w))


def _unpadded(delta: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return the turned kernel on δ without padding, an array of no rows or columns where it is one cell too large."""
    size = tuple(length - F + 1 for length, F in zip(delta.shape, w.shape))
    return correlate(delta, turned(w)) if min(size) > 0 else np.zeros(size)


NOT_TURNED = ("kernel not turned", "The kernel is laid on δ turned by 180°: `w[::-1, ::-1]`.")
TURNED_ON_ONE_AXIS = ("kernel turned on one axis", "Turning by 180° reverses the rows and the columns of the kernel.")
KERNEL_TRANSPOSED = (
    "kernel transposed",
    "Rows and columns of the kernel are swapped: turning by 180° does not do that.",
)
OVERWRITTEN = (
    "overwritten instead of added",
    "Where windows overlap, a cell of x takes part in several outputs: what they send back is added, `+=`.",
)
ONE_SIDE = ("padding on one side", "δ gets F − 1 zeros on every side: above and below, left and right.")
NOT_PADDED = (
    "δ not padded",
    "The turned kernel goes over the edge of δ, as long as it covers one cell: pad δ with F − 1 zeros.",
)
WHOLE_WINDOW = (
    "δ spread over the whole window",
    "Every cell of the window gets the same δ: it is multiplied by the weight that the cell was read with.",
)
AS_MEAN = "The shares are added, not averaged."

delta_stride_one_check = FunctionExercise(
    "delta_stride_one",
    "06",
    delta_stride_one,
    delta_cases,
    mistakes=(
        Mistake(*NOT_TURNED, lambda delta, w: correlate(delta, w, "full")),
        Mistake(*TURNED_ON_ONE_AXIS, lambda delta, w: correlate(delta, w[::-1], "full")),
        Mistake(*TURNED_ON_ONE_AXIS, lambda delta, w: correlate(delta, w[:, ::-1], "full")),
        Mistake(*KERNEL_TRANSPOSED, lambda delta, w: correlate(delta, w.T, "full")),
        Mistake(*KERNEL_TRANSPOSED, lambda delta, w: correlate(delta, turned(w).T, "full")),
        Mistake(*KERNEL_TRANSPOSED, lambda delta, w: delta_stride_one(delta, transposed(w))),
        Mistake(
            "kernel turned by 90°",
            "A half turn is asked for: `w[::-1, ::-1]`.",
            lambda delta, w: correlate(delta, np.rot90(w), "full"),
        ),
        Mistake(
            "kernel turned by 90°",
            "A half turn is asked for: `w[::-1, ::-1]`.",
            lambda delta, w: correlate(delta, np.rot90(w, 3), "full"),
        ),
        Mistake(*OVERWRITTEN, lambda delta, w: _windows_filled(delta, w, overwrite=True)),
        Mistake(*NOT_PADDED, lambda delta, w: correlate(delta, turned(w))),
        Mistake(*NOT_PADDED, _unpadded),
        Mistake(
            "δ padded too little",
            'The result is as large as δ. The input was larger: pad δ with F − 1 zeros on every side, `mode="full"`.',
            lambda delta, w: correlate(delta, turned(w), "same"),
        ),
        Mistake(
            "padding with the wrong amount",
            "δ gets F − 1 zeros on every side, not F.",
            lambda delta, w: _padded_by(delta, w, *((F, F) for F in w.shape)),
        ),
        Mistake(
            "padding axes swapped",
            "δ gets F_h − 1 rows and F_w − 1 columns of zeros.",
            lambda delta, w: _padded_by(delta, w, *((F - 1, F - 1) for F in w.shape[::-1])),
        ),
        Mistake(*ONE_SIDE, lambda delta, w: _padded_by(delta, w, *((F - 1, 0) for F in w.shape))),
        Mistake(*ONE_SIDE, lambda delta, w: _padded_by(delta, w, *((0, F - 1) for F in w.shape))),
        Mistake(*ONE_SIDE, lambda delta, w: _padded_by(delta, w, *((2 * F - 2, 0) for F in w.shape))),
        Mistake(*ONE_SIDE, lambda delta, w: _padded_by(delta, w, *((0, 2 * F - 2) for F in w.shape))),
        Mistake(*WHOLE_WINDOW, lambda delta, w: delta_stride_one(delta, np.ones_like(w))),
        Mistake(
            "one cell per δ",
            "Each δ goes back to all cells of its window, not to the first one alone.",
            lambda delta, w: _corner(delta, w, w[0, 0]),
        ),
        Mistake(
            "one cell per δ",
            "Each δ goes back to all cells of its window, each with its own weight.",
            lambda delta, w: _corner(delta, w, w.sum()),
        ),
        Mistake(
            "one cell per δ",
            "Each δ goes back to all cells of its window, times the weights.",
            lambda delta, w: _corner(delta, w, 1.0),
        ),
        Mistake("mean instead of sum", AS_MEAN, lambda delta, w: delta_stride_one(delta, w) / w.size),
        Mistake("mean instead of sum", AS_MEAN, lambda delta, w: delta_stride_one(delta, w) / delta.size),
        Mistake(
            "δ turned too",
            "Only the kernel is turned, δ stays as it is.",
            lambda delta, w: delta_stride_one(turned(delta), w),
        ),
        Mistake(
            "last δ only",
            "Only the last δ is in the result: is the array made anew inside the loop?",
            lambda delta, w: _windows_filled(delta, w, only=-1),
        ),
        Mistake(
            "first δ only",
            "Only the first δ is in the result: does a `return` stand inside the loop?",
            lambda delta, w: _windows_filled(delta, w, only=0),
        ),
        Mistake(
            "weight gradient in place of d_x",
            "This is the kernel's part with δ added up: the input is asked for, from δ and `w`.",
            lambda delta, w: delta.sum() * w,
        ),
    ),
    tried="maps from 1×2 to 5×4 that are not square, kernels from 1×2 to 3×4, negative numbers, and maps smaller than "
    "their kernel.",
    explain=explain_delta,
)


# ---- stride S -------------------------------------------------------------------------------------------------------


def expand_delta(delta: np.ndarray, stride: int, size: Pair | None = None) -> np.ndarray:
    return convolution.expand_sensitivity_map(delta, stride, size)


def expand_cases(rng: np.random.Generator) -> list[Case]:
    """Return maps without a zero, every stride with no size, with the least size, and with rows and columns dropped."""
    made = [
        Case(kernel_values(rng, (1, 2)), 2),
        Case(kernel_values(rng, (2, 1)), 3),
        Case(kernel_values(rng, (3, 2)), 1),
    ]
    settings = [((2, 3), 2), ((3, 2), 3), ((1, 3), 2), ((3, 4), 2), ((2, 1), 4)]
    for k, (shape, stride) in enumerate(settings):
        delta = kernel_values(rng, shape)
        least = [(length - 1) * stride + 1 for length in shape]
        more = [(k + 1) % stride, stride - 1]
        made.append(Case(delta, stride))
        made.append(Case(delta, stride, size=(least[0] + more[0], least[1] + more[1])))
        made.append(Case(-delta, stride, size=(least[0] + more[1], least[1])))
    made.append(Case(kernel_values(rng, (2, 4)), 3, size=(4, 10)))
    return [*made, Case(kernel_values(rng, (2, 3)), 1, size=(2, 3))]


def _least(delta: np.ndarray, stride: int) -> Pair:
    rows, columns = ((length - 1) * stride + 1 for length in delta.shape)
    return rows, columns


def _placed(part: np.ndarray, size: Pair | None, at: Pair = (0, 0)) -> np.ndarray:
    """Return zeros of this size with `part` in it from the place `at`; without a size, the part itself."""
    if size is None:
        return part
    whole = np.zeros(size)
    whole[at[0] : at[0] + part.shape[0], at[1] : at[1] + part.shape[1]] = part
    return whole


def _blocks(delta: np.ndarray, stride: int, size: Pair | None, block: np.ndarray) -> np.ndarray:
    """Return each δ times a block of stride × stride cells, cut or filled up to the size."""
    blocks = np.kron(delta, block)
    rows, columns = size or _least(delta, stride)
    return _placed(blocks[:rows, :columns], (rows, columns))


def _cell(stride: int, place: int) -> np.ndarray:
    """Return a block of zeros with a 1 in row and column `place`."""
    block = np.zeros((stride, stride))
    block[place, place] = 1
    return block


def _dropped_in_front(delta: np.ndarray, stride: int, size: Pair | None, share: int) -> np.ndarray:
    """Return the expanded δ with the dropped rows and columns in front (share 1), or half of them (share 2)."""
    part = expand_delta(delta, stride)
    return _placed(part, size, tuple((n - m) // share for n, m in zip(size or part.shape, part.shape)))


NOT_EXPANDED = (
    "stride not expanded",
    "Between two neighbours of δ there are S − 1 zeros: δ_ij goes to row i·S, column j·S.",
)
ONE_AXIS = ("one axis only", "Rows and columns are both expanded: δ_ij goes to row i·S, column j·S.")
REPEATED = (
    "δ repeated instead of zeros",
    "The new cells hold 0: the outputs between were never computed, so nothing comes back from them.",
)
DROPPED_IN_FRONT = (
    "dropped rows and columns in front",
    "The windows at the end were dropped, where the stride does not divide: their zeros go below and to the right.",
)

expand_delta_check = FunctionExercise(
    "expand_delta",
    "06",
    expand_delta,
    expand_cases,
    mistakes=(
        Mistake(*NOT_EXPANDED, lambda delta, stride, size: delta),
        Mistake(*NOT_EXPANDED, lambda delta, stride, size: _placed(delta, size)),
        Mistake(*NOT_EXPANDED, lambda delta, stride, size: _placed(delta, size or _least(delta, stride))),
        Mistake(
            "dropped rows and columns forgotten",
            "The result ends at the last δ whatever `size` says: zeros follow for the windows that were dropped.",
            lambda delta, stride, size: expand_delta(delta, stride),
        ),
        Mistake(
            "S zeros instead of S − 1",
            "Stride S means one of S rows: S − 1 zeros between two neighbours.",
            lambda delta, stride, size: _placed(expand_delta(delta, stride + 1), size),
        ),
        Mistake(
            "S zeros instead of S − 1",
            "Stride S means one of S rows: S − 1 zeros between two neighbours.",
            lambda delta, stride, size: expand_delta(delta, stride + 1),
        ),
        Mistake(*REPEATED, lambda delta, stride, size: _blocks(delta, stride, size, np.ones((stride, stride)))),
        Mistake(*REPEATED, lambda delta, stride, size: np.kron(delta, np.ones((stride, stride)))),
        Mistake(*REPEATED, lambda delta, stride, size: _placed(np.kron(delta, np.ones((stride, stride))), size)),
        Mistake(
            "zeros after the last δ",
            "Zeros stand between neighbours; after the last δ there are none without `size`: (H2 − 1)·S + 1 rows.",
            lambda delta, stride, size: (
                np.kron(delta, _cell(stride, 0)) if size is None else expand_delta(delta, stride, size)
            ),
        ),
        Mistake(
            "zeros after the last δ",
            "Zeros stand between neighbours; after the last δ there are as many as `size` asks for: none without it.",
            lambda delta, stride, size: np.kron(delta, _cell(stride, 0)),
        ),
        Mistake(
            "zeros before δ",
            "The first δ stays in row 0, column 0: δ_ij goes to row i·S, column j·S.",
            lambda delta, stride, size: _blocks(delta, stride, size, _cell(stride, -1)),
        ),
        Mistake(
            "zeros before δ",
            "The first δ stays in row 0, column 0: δ_ij goes to row i·S, column j·S.",
            lambda delta, stride, size: np.kron(delta, _cell(stride, -1)),
        ),
        Mistake(
            "1 forgotten",
            "Without `size` there are (H2 − 1)·S + 1 rows: the last δ needs a row too.",
            lambda delta, stride, size: _placed(delta, (0, 0)) if size is None else expand_delta(delta, stride, size),
        ),
        Mistake(*DROPPED_IN_FRONT, lambda delta, stride, size: _dropped_in_front(delta, stride, size, 1)),
        Mistake(*DROPPED_IN_FRONT, lambda delta, stride, size: _dropped_in_front(delta, stride, size, 2)),
        Mistake(
            *ONE_AXIS, lambda delta, stride, size: _placed(convolution.expand_sensitivity_map(delta, (stride, 1)), size)
        ),
        Mistake(
            *ONE_AXIS, lambda delta, stride, size: _placed(convolution.expand_sensitivity_map(delta, (1, stride)), size)
        ),
        Mistake(
            "size axes swapped",
            "`size` is (rows, columns).",
            lambda delta, stride, size: _placed(expand_delta(delta, stride), size and size[::-1]),
        ),
        Mistake(
            "δ multiplied by the stride",
            "The numbers stay as they are.",
            lambda delta, stride, size: stride * expand_delta(delta, stride, size),
        ),
        Mistake(
            "δ divided by the stride",
            "The numbers stay as they are.",
            lambda delta, stride, size: expand_delta(delta, stride, size) / stride,
        ),
        Mistake(
            "δ divided by the stride",
            "The numbers stay as they are.",
            lambda delta, stride, size: expand_delta(delta, stride, size) / stride**2,
        ),
    ),
    tried="maps from 1×2 to 3×4, not square, strides 1 to 4, without a size, with the least one, and with rows and "
    "columns that the floor dropped.",
)
