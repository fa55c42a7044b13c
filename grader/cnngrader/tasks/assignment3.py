"""Assignment 3: back-propagation through convolution, pooling and an activation, and a gradient check."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cnncourse.checks.comparing import number
from cnncourse.checks.exercise import Case, FunctionExercise
from cnncourse.checks.patches import mistakes_of
from cnncourse.checks.prediction import Prediction, whole_number
from cnncourse.checks.result import Code, Text
from cnncourse.checks.windows import integers, kernel_values
from cnncourse.exercises.shared.layers import SENTENCES

from ..function_task import FunctionTask
from ..prediction_task import Own, PredictionTask
from ..task import Assignment, Criterion, WrittenTask
from ..wording import mark, say
from .layer import NONE, TEXT_STUB, Array, Ends, Pair, image_size, in_latex, one_map, padded, strided, turned
from .sentences import OF_WINDOWS

Gradients = tuple[Array, ...]

# ---- by hand --------------------------------------------------------------------------------------------------------

X = np.array([[3, 1, 0, 2], [-1, 2, 1, 0], [2, -2, 4, 1]])
W = np.array([[2, -1], [1, 3]])
DELTA = np.array([[1, -2, 3], [4, 0, -1]])


def _by_hand(x: Array, w: Array, delta: Array) -> tuple[Array, ...]:
    d_x, d_w, d_b = conv2d_backward_sides(delta[None], x[None], w[None, None])
    return d_x[0].astype(int), d_w[0, 0].astype(int), d_b.astype(int)


def _d_x(x: Array, w: Array, delta: Array, i: int, j: int) -> Callable[[Any], Any]:
    right = int(_by_hand(x, w, delta)[0][i, j])
    known = [
        (
            int(_by_hand(x, turned(w), delta)[0][i, j]),
            "kernel not turned",
            "The later a window begins, the earlier in it x lies.",
        ),
        (
            int(_by_hand(x, w.T, delta)[0][i, j]),
            "kernel transposed",
            "Rows and columns of the kernel are exchanged.",
        ),
    ]
    return whole_number(right, *[item for item in known if item[0] != right])


def _d_w(x: Array, w: Array, delta: Array, m: int, n: int) -> Callable[[Any], Any]:
    d_w = _by_hand(x, w, delta)[1]
    right = int(d_w[m, n])
    known = [
        (int(turned(d_w)[m, n]), "turned by 180°", "Weight m, n meets x in row i + m, column j + n."),
        (int(d_w[n, m]), "rows and columns swapped", "m counts rows, n columns."),
        (int(delta[-1, -1] * x[1 + m, 2 + n]), "last position only", "All six positions use the weight: add up."),
    ]
    return whole_number(right, *[item for item in known if item[0] != right])


def _gradients(x: Array, w: Array, delta: Array) -> Prediction:
    d_b = int(delta.sum())
    known = [
        (int(np.abs(delta).sum()), "signs lost", "The signs count: a sum, not a sum of sizes."),
        (int(delta[0, 0]), "bias for one position", "All positions of the map share the bias: the sum of δ."),
    ]
    return Prediction(
        "gradients_by_hand",
        "",
        {
            "a": _d_x(x, w, delta, 0, 0),
            "b": _d_x(x, w, delta, 1, 1),
            "c": _d_x(x, w, delta, 1, 3),
            "d": _d_w(x, w, delta, 0, 0),
            "e": _d_w(x, w, delta, 1, 0),
            "f": whole_number(d_b, *[item for item in known if item[0] != d_b]),
        },
    )


def own_gradients(rng: np.random.Generator | None) -> Own:
    """Return the task with other numbers: a kernel that is another one when it is turned, a sum of δ that is not 0."""
    x, w, delta = X, W, DELTA
    while rng is not None:
        x, w = rng.integers(-2, 5, X.shape), rng.integers(-2, 4, W.shape)
        delta = rng.integers(-3, 5, DELTA.shape)
        varied = len({*w.ravel().tolist()}) > 2 and (w != 0).all() and (delta < 0).any() and (delta != 0).sum() > 4
        if varied and delta.sum() not in (0, delta[0, 0]):
            break
    return Own(_gradients(x, w, delta), (in_latex(x), in_latex(w), in_latex(delta)))


# ---- back through mean pooling --------------------------------------------------------------------------------------


def mean_pool2d_backward(delta: Array, shape: tuple[int, int, int], size: Pair, stride: Pair) -> Array:
    (p, q), (S_h, S_w) = size, stride
    d_x = np.zeros(shape)
    for d, i, j in np.ndindex(delta.shape):
        d_x[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q] += delta[d, i, j] / (p * q)
    return d_x


def mean_pool_cases(rng: np.random.Generator) -> list[Case]:
    """Return windows that overlap, touch or leave gaps, with and without a rest, one to three channels.

    Most shares are whole numbers, in which a mistake is easy to see; some are not, for those that round.
    """
    made = [Case(np.array([[[8.0, -4.0]]]), (1, 2, 3), (2, 2), (1, 1))]
    settings = [((2, 2), (2, 2)), ((2, 3), (2, 3)), ((3, 2), (3, 2)), ((2, 2), (3, 3)), ((1, 2), (2, 3))]
    settings += [((3, 3), (2, 1)), ((2, 3), (1, 2)), ((3, 2), (2, 1)), ((4, 2), (1, 1)), ((2, 4), (2, 3))]
    for k, (size, stride) in enumerate(settings):
        rest = (k % stride[0], (k + 1) % stride[1])
        rows, columns = image_size(rng, size, stride, rest, least=1)
        output = [(length - F) // S + 1 for length, F, S in zip((rows, columns), size, stride)]
        D = 1 + (k + 1) % 3
        times = math.prod(size) if k % 3 else 1
        made.append(Case(kernel_values(rng, (D, *output)) * times, (D, rows, columns), size, stride))
    return made


MEAN_POOL = r"""
overwritten instead of added: Where windows overlap, a cell gets a share of each of them: `+=`. | += => =
δ not shared out: The mean of p·q cells grows by 1/(p·q) of what one cell grows: each cell gets δ/(p·q).
    / (p * q) =>
    += delta[d, i, j] / (p * q) => = delta[d, i, j]
windows side by side: Windows may overlap or leave gaps: window (i, j) begins at i·S_h, j·S_w.
    return d_x => return np.kron(delta, np.ones((1, p, q))) / (p * q)
    (S_h, S_w) = size, stride => (S_h, S_w) = size, size
stride ignored: | (S_h, S_w) = size, stride => (S_h, S_w) = size, (1, 1)
stride axes swapped: | (S_h, S_w) = => (S_w, S_h) =
window axes swapped: | (p, q), => (q, p),
window taken as square:
    + q => + p
    + p => + q
wrong share: The mean of p·q cells grows by 1/(p·q) of what one cell grows: each cell gets δ/(p·q).
    / (p * q) => / p
    / (p * q) => / q
    / (p * q) => / p**2
    / (p * q) => / (p + q)
    / (p * q) => * p * q
mean over the windows of a cell: What arrives from several windows is added, not averaged.
    d_x = np.zeros(shape) => d_x, uses = np.zeros(shape), np.zeros(shape)
    & d_x[d, i => uses[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q] += 1 \n d_x[d, i
    & return d_x => return d_x / np.maximum(uses, 1)
one cell gets all: This sends δ to one cell of each window, as max pooling may do: every cell has its share in the mean.
    : i * S_h + p, j * S_w : j * S_w + q] += delta[d, i, j] / (p * q) => , j * S_w] += delta[d, i, j]
first channel only: Each channel is pooled on its own: loop over all D. | return d_x => d_x[1:] = 0 \n return d_x
last channel only: Only the last channel is filled: do you create a new array each time?
    return d_x => d_x[:-1] = 0 \n return d_x
"""


def explain_mean_pool(arguments: dict[str, Any], cell: tuple[int, ...], expected: Array) -> list[Text | Code]:
    delta, (p, q), (S_h, S_w) = arguments["delta"], arguments["size"], arguments["stride"]
    d, row, column = cell
    share = mark("window ({i}, {j}): δ = {delta}, its share {share}")
    lines = [
        say(share, i=i, j=j, delta=number(delta[d, i, j]), share=number(delta[d, i, j] / (p * q)))
        for i, j in np.ndindex(delta.shape[1:])
        if 0 <= row - i * S_h < p and 0 <= column - j * S_w < q
    ]
    if not lines:
        return [Text(say("No window has this cell, so nothing comes back to it."))]
    return [Text(say("The windows of that channel that have this cell:")), Code("\n".join(lines))]


mean_pool_check = FunctionExercise(
    "mean_pool2d_backward",
    "",
    mean_pool2d_backward,
    mean_pool_cases,
    mistakes_of(mean_pool2d_backward, MEAN_POOL, OF_WINDOWS),
    cases_description="one to three channels, windows from 1×2 to 4×2 that overlap, touch or leave gaps, strides that "
    "differ for rows and columns, rows and columns that no window reaches.",
    explain=explain_mean_pool,
)


# ---- back through a convolution -------------------------------------------------------------------------------------


def conv2d_backward_sides(delta: Array, x: Array, w: Array, stride: Pair = (1, 1), padding: Ends = NONE) -> Gradients:
    (S_h, S_w), ((top, bottom), (left, right)) = stride, padding
    (H, W), (F_h, F_w) = x.shape[1:], w.shape[2:]
    x = np.pad(x, ((0, 0), (top, bottom), (left, right)))
    d_x, d_w, d_b = np.zeros(x.shape), np.zeros(w.shape), delta.sum(axis=(1, 2))
    for k, i, j in np.ndindex(delta.shape):
        window = np.s_[:, i * S_h : i * S_h + F_h, j * S_w : j * S_w + F_w]
        d_x[window] += delta[k, i, j] * w[k]
        d_w[k] += delta[k, i, j] * x[window]
    d_x = d_x[:, top : top + H, left : left + W]
    return d_x, d_w, d_b


def backward_cases(rng: np.random.Generator) -> list[Case]:
    """Return one to three channels and filters, strides that differ, padding that differs on every side.

    Strides and padding are in cases of their own, and at the end in the same ones.
    """
    made = [Case(kernel_values(rng, (1, 1, 2)), integers(rng, (1, 2, 3)), kernel_values(rng, (1, 1, 2, 2)))]
    settings: list[tuple[int, int, Pair, Ends]] = [
        (2, 3, (1, 1), NONE),
        (3, 2, (1, 1), NONE),
        (2, 2, (1, 1), NONE),
        (2, 3, (2, 1), NONE),
        (3, 2, (1, 3), NONE),
        (2, 2, (3, 2), NONE),
        (2, 3, (1, 1), ((1, 0), (0, 2))),
        (3, 2, (1, 1), ((0, 2), (1, 0))),
        (1, 3, (1, 1), ((1, 1), (0, 1))),
        (2, 2, (2, 1), ((2, 1), (1, 0))),
        (1, 3, (2, 3), ((0, 1), (2, 1))),
        (2, 3, (1, 2), ((1, 0), (0, 2))),
    ]
    for k, (D, N, stride, padding) in enumerate(settings):
        kernel = [(2, 2), (2, 3), (3, 2), (3, 3)][k % 4]
        rest = ((k + 1) % stride[0], k % stride[1])
        size = image_size(rng, kernel, stride, rest, padding, least=1)
        counts = [(length + sum(ends) - F) // S + 1 for length, ends, F, S in zip(size, padding, kernel, stride)]
        delta, x, w = kernel_values(rng, (N, *counts)), integers(rng, (D, *size)), kernel_values(rng, (N, D, *kernel))
        given: dict[str, Any] = {"stride": stride} if stride != (1, 1) else {}
        made.append(Case(delta, x, w, **given, **({"padding": padding} if padding != NONE else {})))
    return made


BACKWARD = r"""
order of the results:
    return d_x, d_w, d_b => return d_w, d_b, d_x
    return d_x, d_w, d_b => return d_w, d_x, d_b
    return d_x, d_w, d_b => return d_b, d_w, d_x
    return d_x, d_w, d_b => return d_x, d_b, d_w
zeroed d_x: d_x holds only zeros: is the array returned that the loops fill? | return d_x => return 0 * d_x
d_w full of zeros: | return d_x, d_w => return d_x, 0 * d_w
kernel turned twice: Laying down δ times the kernel needs no turned kernel; the pattern on δ needs it turned once.
    * w[k] => * w[k, :, ::-1, ::-1]
kernel transposed: Rows and columns of the kernel are exchanged on the way to x. | * w[k] => * w[k].swapaxes(1, 2)
δ of the last filter only: Only the last filter's part is in d_x. Each filter gives a partial map of d_x: the partial
    maps are added.
    * w[k] => * w[k] * (k == len(w) - 1)
δ of the first filter only: Only the first filter's part is in d_x. Each filter gives a partial map of d_x: the partial
    maps are added.
    * w[k] => * w[k] * (k == 0)
partial maps averaged: Each filter gives a partial map of d_x: the partial maps are added. | * w[k] => * w[k] / len(w)
overwritten instead of added: Where windows overlap, their shares are added: `+=`. | d_x[window] += => d_x[window] =
first channel only: Channel d of x meets channel d of every kernel, and no other. | * w[k] => * w[k, :1]
first channel only: Only the first channel of d_x is filled. | return d_x => d_x[1:] = 0 \n return d_x
channels added up: Channel d of x meets channel d of every kernel, and no other. | * w[k] => * w[k].sum(axis=0)
stride not expanded:
    i * S_h : i * S_h + F_h, j * S_w : j * S_w + F_w => i : i + F_h, j : j + F_w
    * x[window] => * x[:, i : i + F_h, j : j + F_w]
    d_x[window] => d_x[:, i : i + F_h, j : j + F_w]
stride axes swapped: | (S_h, S_w), => (S_w, S_h),
first stride for both axes: Rows and columns have strides of their own. | j * S_w : j * S_w => j * S_h : j * S_h
padding on the other side: `padding` is `((top, bottom), (left, right))`: cut off at each side what was put there.
    ((top, bottom), (left, right)) = stride => ((bottom, top), (right, left)) = stride
windows outside of the padded input: The windows lie in the padded input, also for the weights: zeros on all four sides,
    those of the rows first.
    ((top, bottom), (left, right)) = stride => ((left, right), (top, bottom)) = stride
padding not cut: d_x is as large as the padded input. `padding` is `((top, bottom), (left, right))`: cut off at each
    side what was put there.
    d_x = d_x[:, top : top + H, left : left + W] => pass
padding cut on the other side: `padding` is `((top, bottom), (left, right))`: cut off at each side what was put there.
    top : top + H, left : left + W => bottom : bottom + H, right : right + W
padding cut on one side: | top : top + H, left : left + W => :H, :W
windows outside of the padded input: | * x[window] => * x[:, top : top + H, left : left + W][window]
gradient turned by 180°: The gradient of weight (m, n) stands at (m, n).
    return d_x, d_w => return d_x, d_w[..., ::-1, ::-1]
gradient transposed: Rows and columns of d_w are exchanged. | return d_x, d_w => return d_x, d_w.swapaxes(2, 3)
δ of the last filter only: Only d_w of the last filter is filled: do you create a new array for every filter?
    return d_x => d_w[:-1] = 0 \n return d_x
first channel only: All channels of d_w come from the first one of x. | * x[window] => * x[window][:1]
last position only: Every position uses the weights: what they give is added, `+=`. | d_w[k] += => d_w[k] =
bias gradient per position:
    delta.sum(axis=(1, 2)) => delta
    delta.sum(axis=(1, 2)) => delta.sum(axis=0)
mean instead of sum: d_b is the sum of δ over the map: nothing is divided. | delta.sum( => delta.mean(
one bias for all filters: Each filter has its own bias. | delta.sum(axis=(1, 2)) => delta.sum()
"""

backward_check = FunctionExercise(
    "conv2d_backward_sides",
    "",
    conv2d_backward_sides,
    backward_cases,
    mistakes_of(conv2d_backward_sides, BACKWARD, SENTENCES | OF_WINDOWS),
    cases_description="one to three channels and filters, kernels from 2×2 to 3×3, strides that differ for rows and "
    "columns, padding that differs on every side, rows and columns that no window reaches.",
    parts=("d_x", "d_w", "d_b"),
)


# ---- two layers with a leaky ReLU between them ----------------------------------------------------------------------


def two_layers_backward(x: Array, w1: Array, w2: Array, delta2: Array, slope: float) -> Gradients:
    net1 = one_map(x, w1)
    a1 = np.where(net1 > 0, net1, slope * net1)
    d_a1 = np.zeros(a1.shape)
    for i, j in np.ndindex(delta2.shape):
        d_a1[i : i + w2.shape[0], j : j + w2.shape[1]] += delta2[i, j] * w2
    delta1 = d_a1 * np.where(net1 > 0, 1.0, slope)
    d_w1, d_w2 = one_map(x, delta1), one_map(a1, delta2)
    return delta1, d_w1, d_w2


def two_layers_cases(rng: np.random.Generator) -> list[Case]:
    """Return two stride-1 layers whose first one gives negative and positive sums, and in every other case a 0.

    In every third case sums are fractions, some between -1 and 0 and some between 0 and the slope.
    """
    made = []
    settings = [((1, 2), (2, 1)), ((2, 2), (2, 2)), ((2, 3), (3, 2)), ((3, 2), (2, 2)), ((2, 2), (1, 3))]
    settings += [((3, 3), (2, 3)), ((2, 3), (2, 3)), ((3, 3), (3, 3)), ((3, 2), (2, 3))]
    for k, (first, second) in enumerate(settings):
        while True:
            counts = tuple(int(n) for n in rng.permutation([1 + k % 2, 2 + k % 3]))
            size = tuple(n + a + b - 2 for n, a, b in zip(counts, first, second))
            x, w1 = integers(rng, size) / (16 if k % 3 == 2 else 1), kernel_values(rng, first)
            slope = float(rng.choice([0.1, 0.25, 0.5, 0.125]))
            net1 = one_map(x, w1)
            near = ((0 < net1) & (net1 < slope)).any() and ((-1 < net1) & (net1 < 0)).any()
            if net1.min() < 0 < net1.max() and (net1 == 0).any() == (k % 2 == 1) and near == (k % 3 == 2):
                break
        made.append(Case(x, w1, kernel_values(rng, second), kernel_values(rng, counts), slope))
    return made


TWO_LAYERS = r"""
order of the results:
    return delta1, d_w1, d_w2 => return delta1, d_w2, d_w1
    return delta1, d_w1, d_w2 => return d_w1, delta1, d_w2
    return delta1, d_w1, d_w2 => return d_w1, d_w2, delta1
    return delta1, d_w1, d_w2 => return d_w2, d_w1, delta1
    return delta1, d_w1, d_w2 => return d_w2, delta1, d_w1
f′ forgotten: δ¹ is ∂E/∂net¹, not ∂E/∂a¹: times f′(net¹). f′ is taken at net¹, the weighted input of the first layer: 1
    where it is positive, else the slope.
    * np.where(net1 > 0, 1.0, slope) =>
derivative of ReLU: Where net¹ is negative the leaky ReLU has the slope, not 0. | 1.0, slope => 1.0, 0
positive side at 0: At exactly 0 the derivative of the negative side is taken here: `>` rather than `>=`.
    > 0, 1.0 => >= 0, 1.0
sides exchanged: The slope belongs where net¹ is negative, 1 where it is positive. | 1.0, slope => slope, 1.0
function in place of its derivative: δ¹ takes the derivative f′(net¹), not f(net¹). | 1.0, slope => net1, slope * net1
slope everywhere: The slope belongs where net¹ is negative only. | 1.0, slope => slope, slope
ReLU forwards: d_w2 is found from a¹, and a¹ = slope · net¹ where net¹ is negative. | slope * net1 => 0
ReLU forwards and backwards: Where net¹ is negative the leaky ReLU lets a share through, both ways.
    slope * net1 => 0
    & 1.0, slope => 1.0, 0
net in place of a: d_w2 is found from a¹ = f(net¹), which the second layer reads. | a1, delta2 => net1, delta2
kernel not turned: Back through the second layer: pad δ², and lay the kernel on it turned by 180°.
    * w2 => * w2[::-1, ::-1]
kernel transposed: Rows and columns of w2 are exchanged. | * w2 => * w2.T
gradient turned by 180°: The gradient of weight (m, n) stands at (m, n).
    return delta1, d_w1, d_w2 => return delta1, turned(d_w1), turned(d_w2)
"""

two_layers_check = FunctionExercise(
    "two_layers_backward",
    "",
    two_layers_backward,
    two_layers_cases,
    mistakes_of(two_layers_backward, TWO_LAYERS, SENTENCES),
    cases_description="images and kernels that are not square, slopes from 0.1 to 0.5, weighted inputs that are "
    "negative, positive, and exactly 0.",
    parts=("delta1", "d_w1", "d_w2"),
)


# ---- a gradient check -----------------------------------------------------------------------------------------------


def _loss(w: Array, x: Array, t: Array) -> float:
    return 0.25 * float(np.sum((one_map(x, w) - t) ** 4))


def check_gradient(x: Array, w: Array, t: Array, d_w: Array, eps: float) -> tuple[Array, Array]:
    n = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += eps
        down[place] -= eps
        n[place] = (_loss(up, x, t) - _loss(down, x, t)) / (2 * eps)
    wrong = np.abs(d_w - n) > 0.01 * np.maximum(np.abs(d_w), np.abs(n))
    return n, wrong


def _error(a: Array, n: Array) -> Array:
    """Return the relative error of every weight."""
    error: Array = np.abs(a - n) / np.maximum(np.abs(a), np.abs(n))
    return error


def _measured(x: Array, w: Array, t: Array, eps: float) -> Array:
    return check_gradient(x, w, t, w, eps)[0]


def _exact(x: Array, w: Array, t: Array) -> Array:
    return one_map(x, (one_map(x, w) - t) ** 3)


# What a weight of the handed gradient may be, as a multiple of the measured one: the limit of 0.01 lies just beside it,
# so that another denominator, or another limit, gives another verdict.
NEAR = (1.010075, 0.99005, 1.015, 1.0203, 0.997, 1.008, 1.0115, 0.9908, 0.985, 0.98)


def check_cases(rng: np.random.Generator) -> list[Case]:
    """Return right gradients and planted mistakes: a sign, a weight forgotten, a factor; then errors near the limit."""
    made = []
    kernels = [(1, 2), (2, 2), (2, 3), (3, 2), (2, 2), (3, 3), (2, 4), (3, 2), (2, 3), (3, 2), (2, 3), (1, 6)]
    for k, kernel in enumerate(kernels):
        eps = (0.01, 0.02, 0.05)[k % 3]
        while True:
            counts = (2, 3) if k % 2 else (3, 2)
            x = integers(rng, tuple(n + F - 1 for n, F in zip(counts, kernel)))
            w, t = kernel_values(rng, kernel) / 2, integers(rng, counts)
            d_w = _exact(x, w, t)
            n = _measured(x, w, t, eps)
            clear = np.abs(d_w - n) < 0.002 * np.abs(d_w)  # a right gradient is far from the limit
            large = np.abs(d_w).min() > 0.02 * np.abs(d_w).max()  # so that rounding of the measured one is small
            if clear.all() and large and np.abs(np.diff(d_w.ravel())).min() > 0.1 * np.abs(d_w).max() / d_w.size:
                break
        at = tuple(int(rng.integers(F)) for F in kernel)
        if k > 7:
            d_w = n * rng.permutation(np.roll(NEAR, 5 * k)[: n.size]).reshape(n.shape)
        elif k % 4 == 1:
            d_w[at] *= -1
        elif k % 4 == 2:
            d_w[at] = 0.0
        elif k % 4 == 3:
            d_w[at] *= 1.5
            d_w[0, -1] += np.abs(d_w).max()
        made.append(Case(x, w, t, d_w, eps))
    return made


def _is_near(arguments: Mapping[str, Any]) -> bool:
    """Return whether some weight has an error that is near the limit."""
    n = _measured(*(arguments[name] for name in ("x", "w", "t", "eps")))
    error = _error(arguments["d_w"], n)
    return bool(((error > 0.004) & (error < 0.05)).any())


def _from_own(arguments: Mapping[str, Any], got: Any, expected: Any) -> bool:
    """Return whether the verdict is right for the gradient that was measured, if that is one: of the right size."""
    n, verdict = (np.asarray(part) for part in got)
    if n.shape != expected[0].shape or verdict.shape != n.shape or verdict.dtype != bool:
        return False
    sizes = np.abs(n) / np.abs(expected[0])
    measured = bool(((sizes > 0.2) & (sizes < 5)).all())
    return measured and bool((verdict == (_error(arguments["d_w"], n) > 0.01)).all())


RELATIVE = "The relative error is |a − n| / max(|a|, |n|), and above 0.01 the weight is marked."
CHECK = rf"""
order of the results: | return n, wrong => return wrong, n
one-sided difference: The step goes to both sides: (E(w + ε) − E(w − ε)) / 2ε.
    down[place] -= eps => pass
    & (2 * eps) => eps
    up[place] += eps => pass
    & (2 * eps) => eps
divided by ε: From w − ε to w + ε the way is 2ε. | (2 * eps) => eps
not divided: A slope is the difference of E over the way: divide by 2ε. | / (2 * eps) =>
sign reversed: E(w + ε) comes first: E(w + ε) − E(w − ε). | / (2 * eps) => / (-2 * eps)
moved weights not put back: Move one weight at a time: the others, and it afterwards, stand where they were.
    n = np.zeros(w.shape) => n, w = np.zeros(w.shape), w.copy()
    & down[place] -= eps => down[place] -= eps \n w[place] -= eps
derived instead of measured: This is the exact gradient, so it would repeat a mistake of the derivation: measure it with
    two losses.
    wrong = => n = _exact(x, w, t) \n wrong =
¼ forgotten: The loss has a factor ¼. | (2 * eps) => (eps / 2)
another denominator: {RELATIVE} Here it is divided by |a| + |n|, as in chapter 07.
    np.maximum(np.abs(d_w), np.abs(n)) => (np.abs(d_w) + np.abs(n))
another denominator: {RELATIVE} Here it is divided by the mean of |a| and |n|.
    np.maximum(np.abs(d_w), np.abs(n)) => (np.abs(d_w) + np.abs(n)) / 2
another denominator: {RELATIVE} Here it is divided by the smaller of the two. | np.maximum => np.minimum
another denominator: {RELATIVE} Here it is divided by |n| alone. | np.maximum(np.abs(d_w), np.abs(n)) => np.abs(n)
another denominator: {RELATIVE} Here it is divided by |a| alone. | np.maximum(np.abs(d_w), np.abs(n)) => np.abs(d_w)
another limit: {RELATIVE} Here the limit is 0.02. | 0.01 => 0.02
another limit: {RELATIVE} Here the limit is 0.012. | 0.01 => 0.012
another limit: {RELATIVE} Here the limit is 0.009. | 0.01 => 0.009
another limit: {RELATIVE} Here the limit is 0.005. | 0.01 => 0.005
another limit: {RELATIVE} Here the limit is 0.001. | 0.01 => 0.001
absolute error: {RELATIVE} Without the division, what is judged depends on how large the gradient is.
    0.01 * np.maximum(np.abs(d_w), np.abs(n)) => 0.01
sign of the error kept:
    {RELATIVE} Without | | a negative difference is never above the limit.
    np.abs(d_w - n) => (d_w - n)
size of the weight's own gradient only: {RELATIVE} Divided by |a| alone, a gradient of 0 divides by 0.
    0.01 * np.maximum(np.abs(d_w), np.abs(n)) => 0.01 * np.where(d_w == 0, np.inf, np.abs(d_w))
right ones marked: True stands where the gradient is wrong. | return n, wrong => return n, ~wrong
nothing marked: No weight is marked, whatever its error is. | return n, wrong => return n, wrong & False
one verdict for all: Each weight is judged on its own: an array as large as w.
    return n, wrong => return n, bool(wrong.any())
error in place of the verdict: True or False is asked for: relative error > 0.01.
    return n, wrong => return n, _error(d_w, n)
"""

check_check = FunctionExercise(
    "check_gradient",
    "",
    check_gradient,
    check_cases,
    mistakes_of(check_gradient, CHECK, SENTENCES),
    cases_description="kernels from 1×2 to 3×3 and 2×4, three steps ε, gradients that are right, and gradients with "
    "one or two wrong weights: a sign, a 0, a factor, an offset, and errors a little below and above 0.01.",
    relative=1e-6,
    parts=("n", "wrong"),
)


# ---- the assignment -------------------------------------------------------------------------------------------------


def _overlaps(arguments: Mapping[str, Any]) -> bool:
    return any(S < F for F, S in zip(arguments["size"], arguments["stride"]))


ALONE = "filters and channels alone"


def _has_zero(arguments: Mapping[str, Any]) -> bool:
    """Return whether a weighted input of the first layer is exactly 0."""
    return bool((one_map(arguments["x"], arguments["w1"]) == 0).any())


def _from_own_delta(arguments: Mapping[str, Any], got: Any, expected: Any) -> bool:
    """Return whether d_w1 is right for the delta1 that was found, if that has the right shape and is not 0."""
    delta1, d_w1 = (np.asarray(part, float) for part in got[:2])
    fits = delta1.shape == expected[0].shape and d_w1.shape == expected[1].shape and bool(delta1.any())
    return fits and np.allclose(d_w1, one_map(arguments["x"], delta1), rtol=1e-6, atol=1e-9)


QUESTION = """
## Task 6 (2 points): In your own words

Two findings of a gradient check. In the first network one single weight has a relative error of exactly 1, all
others about 10⁻⁹, whatever images are used. In the second one, with ReLU and max pooling, a few weights have large
errors, and they are other weights when the images or ε change. What does each finding point to? How would you find
out? Answer in four to eight sentences.

Double-click the cell below and write in the place of its words.
"""

ASSIGNMENT = Assignment(
    name="3",
    title="Back-propagation",
    version="1",
    tasks=(
        PredictionTask(
            "gradients_by_hand",
            "Back by hand",
            3,
            own_gradients(None).exercise,
            answer="my_gradients",
            own=own_gradients,
            stub='my_gradients = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ..., "f": ...}',
        ),
        FunctionTask(
            "mean_pool2d_backward",
            "Back through mean pooling",
            4,
            mean_pool_check,
            answer="my_mean_pool_backward",
            stub="""def my_mean_pool_backward(delta, shape, size, stride):
    \"\"\"Return dE/dx of the given shape (D, H, W); delta: (D, H2, W2), size: (p, q), stride: (S_h, S_w).\"\"\"
    ...""",
            criteria=(Criterion("windows that overlap", 2, _overlaps), Criterion("windows that do not overlap", 2)),
        ),
        FunctionTask(
            "conv2d_backward_sides",
            "Back through a convolution",
            6,
            backward_check,
            answer="my_conv2d_backward",
            stub="""def my_conv2d_backward(delta, x, w, stride=(1, 1), padding=((0, 0), (0, 0))):
    \"\"\"Return d_x, d_w, d_b; delta: (N, H2, W2), x: (D, H, W), w: (N, D, F_h, F_w).\"\"\"
    ...""",
            criteria=(
                *[
                    Criterion(name, points, when, part)
                    for part, shares in (("d_x", (1, 1, 1)), ("d_w", (0.5, 0.5, 1)))
                    for points, name, when in zip(
                        shares, *zip(("padding", padded), ("strides", strided), (ALONE, None))
                    )
                ],
                Criterion("", 1, part="d_b"),
            ),
            finer=(Criterion("strides and padding at once", 0.5, lambda given: strided(given) and padded(given)),),
        ),
        FunctionTask(
            "two_layers_backward",
            "Two layers",
            3,
            two_layers_check,
            answer="my_two_layers_backward",
            criteria=(
                Criterion("", 1, part="delta1"),
                Criterion("judged by your own `delta1`", 1, part="d_w1", holds=_from_own_delta),
                Criterion("", 1, part="d_w2"),
            ),
            finer=(Criterion("sums of exactly 0", 0.5, _has_zero),),
            stub="""def my_two_layers_backward(x, w1, w2, delta2, slope):
    \"\"\"Return delta1, d_w1, d_w2; all arrays have two axes.\"\"\"
    ...""",
        ),
        FunctionTask(
            "check_gradient",
            "A gradient check",
            2,
            check_check,
            answer="my_check_gradient",
            criteria=(
                Criterion("the measured gradient", 1, part="n"),
                Criterion("the verdict, judged by your own measured gradient", 1, part="wrong", holds=_from_own),
            ),
            finer=(Criterion("errors near the limit", 0.5, _is_near),),
            stub="""def my_check_gradient(x, w, t, d_w, eps):
    \"\"\"Return the measured gradient and an array of True (wrong) and False, both as large as w.\"\"\"
    ...""",
        ),
        WrittenTask("check_in_words", "In your own words", 2, stub=TEXT_STUB, question=QUESTION),
    ),
)
