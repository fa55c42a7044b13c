"""Assignment 3: back-propagation through convolution, pooling and an activation, and a gradient check."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cnncourse.checks.comparing import Mistake, number
from cnncourse.checks.exercise import Case, FunctionExercise
from cnncourse.checks.prediction import Prediction, whole_number
from cnncourse.checks.result import Code, Text
from cnncourse.checks.windows import integers, kernel_values

from ..function_task import FunctionTask
from ..prediction_task import Own, PredictionTask
from ..task import Assignment, Criterion, WrittenTask
from ..wording import mark, say
from .layer import (
    NONE,
    TEXT_STUB,
    Array,
    Ends,
    Pair,
    backward,
    cut,
    image_size,
    in_latex,
    one_map,
    padded,
    scattered,
    square,
    strided,
    turned,
)
from .sentences import (
    CUT_WRONGLY,
    LAST_FILTER,
    ORDER,
    PER_POSITION,
    ROWS_FIRST,
    STRIDE_NOT_EXPANDED,
    mistaken_settings,
    nothing,
    only,
    with_part,
)

# ---- by hand --------------------------------------------------------------------------------------------------------

X = np.array([[3, 1, 0, 2], [-1, 2, 1, 0], [2, -2, 4, 1]])
W = np.array([[2, -1], [1, 3]])
DELTA = np.array([[1, -2, 3], [4, 0, -1]])


def _by_hand(x: Array, w: Array, delta: Array) -> tuple[Array, ...]:
    d_x, d_w, d_b = backward(delta[None], x[None], w[None, None])
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


by_hand = own_gradients(None).exercise


# ---- back through mean pooling --------------------------------------------------------------------------------------


def mean_pool2d_backward(delta: Array, shape: tuple[int, int, int], size: Pair, stride: Pair) -> Array:
    (p, q), (S_h, S_w) = size, stride
    d_x = np.zeros(shape)
    for d, i, j in np.ndindex(delta.shape):
        _window(d_x, d, i * S_h, j * S_w, size)[...] += delta[d, i, j] / (p * q)
    return d_x


def _window(x: Array, d: int, row: int, column: int, size: Pair) -> Array:
    window = x[d, row : row + size[0], column : column + size[1]]
    if window.shape != tuple(size):
        raise IndexError("window")
    return window


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


def _shares(share: Callable[[float, Pair], float], overwrite: bool = False) -> Callable[..., Array]:
    """Return what comes out when each cell of a window gets share(δ, size)."""

    def answer(delta: Array, shape: tuple[int, int, int], size: Pair, stride: Pair) -> Array:
        d_x = np.zeros(shape)
        for d, i, j in np.ndindex(delta.shape):
            window = _window(d_x, d, i * stride[0], j * stride[1], size)
            window[...] = share(float(delta[d, i, j]), size) + (0 if overwrite else window)
        return d_x

    return answer


def _placed(change: Callable[[Pair, Pair], tuple[Pair, Pair]]) -> Callable[..., Array]:
    """Return what comes out with another window or stride; what lies outside is lost."""

    def answer(delta: Array, shape: tuple[int, int, int], size: Pair, stride: Pair) -> Array:
        d_x = np.zeros(shape)
        (p, q), (S_h, S_w) = change(size, stride)
        for d, i, j in np.ndindex(delta.shape):
            d_x[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q] += delta[d, i, j] / (size[0] * size[1])
        return d_x

    return answer


def _kronecker(delta: Array, shape: tuple[int, int, int], size: Pair, stride: Pair) -> Array:
    return np.kron(delta, np.ones((1, *size))) / (size[0] * size[1])


def _one_cell(delta: Array, shape: tuple[int, int, int], size: Pair, stride: Pair) -> Array:
    d_x = np.zeros(shape)
    for d, i, j in np.ndindex(delta.shape):
        d_x[d, i * stride[0], j * stride[1]] += delta[d, i, j]
    return d_x


def _uses(shape: tuple[int, int, int], size: Pair, stride: Pair) -> Array:
    output = [(length - F) // S + 1 for length, F, S in zip(shape[1:], size, stride)]
    uses = mean_pool2d_backward(np.ones((shape[0], *output)), shape, size, stride) * size[0] * size[1]
    return np.maximum(np.round(uses), 1)


def _only_channel(at: int) -> Callable[..., Array]:
    def answer(delta: Array, shape: tuple[int, int, int], size: Pair, stride: Pair) -> Array:
        return only(mean_pool2d_backward(delta, shape, size, stride), at)

    return answer


SHARE = "The mean of p·q cells grows by 1/(p·q) of what one cell grows: each cell gets δ/(p·q)."
mean_pool_mistakes = (
    Mistake(
        "overwritten instead of added",
        "Where windows overlap, a cell gets a share of each of them: `+=`.",
        _shares(lambda delta, size: delta / (size[0] * size[1]), overwrite=True),
    ),
    Mistake("δ not shared out", SHARE, _shares(lambda delta, size: delta)),
    Mistake("δ not shared out", SHARE, _shares(lambda delta, size: delta, overwrite=True)),
    Mistake(
        "windows side by side", "Windows may overlap or leave gaps: window (i, j) begins at i·S_h, j·S_w.", _kronecker
    ),
    Mistake(
        "windows side by side",
        "Windows may overlap or leave gaps: window (i, j) begins at i·S_h, j·S_w.",
        _placed(lambda size, stride: (size, size)),
    ),
    *mistaken_settings(_placed),
    *[
        Mistake("wrong share", SHARE, _shares(share))
        for share in (
            lambda delta, size: delta / size[0],
            lambda delta, size: delta / size[1],
            lambda delta, size: delta / size[0] ** 2,
            lambda delta, size: delta / sum(size),
            lambda delta, size: delta * size[0] * size[1],
        )
    ],
    Mistake(
        "mean over the windows of a cell",
        "What arrives from several windows is added, not averaged.",
        lambda delta, shape, size, stride: (
            mean_pool2d_backward(delta, shape, size, stride) / _uses(shape, size, stride)
        ),
    ),
    Mistake(
        "one cell gets all",
        "This sends δ to one cell of each window, as max pooling may do: every cell has its share in the mean.",
        _one_cell,
    ),
    Mistake("first channel only", "Each channel is pooled on its own: loop over all D.", _only_channel(0)),
    Mistake(
        "last channel only", "Only the last channel is filled: do you create a new array each time?", _only_channel(-1)
    ),
)


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
    mean_pool_mistakes,
    cases_description="one to three channels, windows from 1×2 to 4×2 that overlap, touch or leave gaps, strides that "
    "differ for rows and columns, rows and columns that no window reaches.",
    explain=explain_mean_pool,
)


# ---- back through a convolution -------------------------------------------------------------------------------------


def conv2d_backward_sides(
    delta: Array, x: Array, w: Array, stride: Pair = (1, 1), padding: Ends = NONE
) -> tuple[Array, ...]:
    return backward(delta, x, w, stride, padding)


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


def _part(k: int, wrong: Callable[..., Any]) -> Callable[..., Any]:
    return with_part(conv2d_backward_sides, (k, wrong))


def _both(change: Callable[[Pair, Ends], tuple[Pair, Ends]]) -> Callable[..., Any]:
    """Return the backward pass under another stride and padding."""

    def answer(delta: Array, x: Array, w: Array, stride: Pair, padding: Ends) -> Any:
        return backward(delta, x, w, *change(stride, padding))

    return answer


def _through(change: Callable[[Array], Array]) -> Callable[..., Any]:
    """Return the backward pass in which d_x is found with other kernels."""
    return _part(0, lambda d_x, delta, x, w, stride, padding: backward(delta, x, change(w), stride, padding)[0])


def _uncut(d_x: Array, delta: Array, x: Array, w: Array, stride: Pair, padding: Ends) -> Array:
    return scattered(delta, w, x.shape[1:], stride, padding)


def _cut_at(where: Callable[[Ends], Ends]) -> Callable[..., Any]:
    """Return the backward pass with the padding of d_x cut off elsewhere."""
    return _part(
        0,
        lambda d_x, delta, x, w, stride, padding: cut(
            scattered(delta, w, x.shape[1:], stride, padding), x.shape[1:], where(padding)
        ),
    )


def _overwritten(d_x: Array, delta: Array, x: Array, w: Array, stride: Pair, padding: Ends) -> Array:
    return cut(scattered(delta, w, x.shape[1:], stride, padding, overwrite=True), x.shape[1:], padding)


def _swapped_ends(padding: Ends) -> Ends:
    return padding[0][::-1], padding[1][::-1]


SIDES = "`padding` is `((top, bottom), (left, right))`: cut off at each side what was put there."
OUTSIDE = (
    "windows outside of the padded input",
    "The windows lie in the padded input, also for the weights: zeros on all four sides, those of the rows first.",
)
PARTIAL = "Each filter gives a partial map of d_x: the partial maps are added."
backward_mistakes = (
    *[
        Mistake(*ORDER, lambda order=order, **given: tuple(backward(**given)[k] for k in order))
        for order in ((1, 2, 0), (1, 0, 2), (2, 1, 0), (0, 2, 1))
    ],
    Mistake("zeroed d_x", "d_x holds only zeros: is the array returned that the loops fill?", _part(0, nothing)),
    Mistake("d_w full of zeros", "d_w holds only zeros: is it filled?", _part(1, nothing)),
    Mistake(
        "kernel turned twice",
        "Laying down δ times the kernel needs no turned kernel; the pattern on δ needs it turned once.",
        _through(turned),
    ),
    Mistake("kernel transposed", "Rows and columns of the kernel are exchanged on the way to x.", _through(square)),
    Mistake(
        LAST_FILTER,
        f"Only the last filter's part is in d_x. {PARTIAL}",
        _part(0, lambda d_x, delta, **given: backward(only(delta, -1), **given)[0]),
    ),
    Mistake(
        "δ of the first filter only",
        f"Only the first filter's part is in d_x. {PARTIAL}",
        _part(0, lambda d_x, delta, **given: backward(only(delta, 0), **given)[0]),
    ),
    Mistake("partial maps averaged", PARTIAL, _part(0, lambda d_x, w, **_: d_x / len(w))),
    Mistake(
        "overwritten instead of added", "Where windows overlap, their shares are added: `+=`.", _part(0, _overwritten)
    ),
    Mistake(
        "first channel only",
        "Channel d of x meets channel d of every kernel, and no other.",
        _through(lambda w: w[:, :1].repeat(w.shape[1], axis=1)),
    ),
    Mistake("first channel only", "Only the first channel of d_x is filled.", _part(0, lambda d_x, **_: only(d_x, 0))),
    Mistake(
        "channels added up",
        "Channel d of x meets channel d of every kernel, and no other.",
        _through(lambda w: w.sum(1, keepdims=True).repeat(w.shape[1], axis=1)),
    ),
    Mistake(*STRIDE_NOT_EXPANDED, _both(lambda stride, padding: ((1, 1), padding))),
    Mistake(
        *STRIDE_NOT_EXPANDED,
        _part(1, lambda d_w, delta, x, w, stride, padding: backward(delta, x, w, (1, 1), padding)[1]),
    ),
    Mistake(
        *STRIDE_NOT_EXPANDED,
        _part(0, lambda d_x, delta, x, w, stride, padding: backward(delta, x, w, (1, 1), padding)[0]),
    ),
    Mistake("stride axes swapped", ROWS_FIRST, _both(lambda stride, padding: (stride[::-1], padding))),
    Mistake(
        "first stride for both axes",
        "Rows and columns have strides of their own.",
        _both(lambda stride, padding: ((stride[0],) * 2, padding)),
    ),
    Mistake("padding on the other side", SIDES, _both(lambda stride, padding: (stride, _swapped_ends(padding)))),
    Mistake(*OUTSIDE, _both(lambda stride, padding: (stride, padding[::-1]))),
    Mistake("padding not cut", f"d_x is as large as the padded input. {SIDES}", _part(0, _uncut)),
    Mistake("padding cut on the other side", SIDES, _cut_at(_swapped_ends)),
    Mistake(*CUT_WRONGLY, _cut_at(lambda padding: NONE)),
    Mistake(
        *OUTSIDE,
        _part(1, lambda d_w, delta, x, w, stride, padding: backward(delta, x, w, stride, NONE)[1]),
    ),
    Mistake(
        "gradient turned by 180°",
        "The gradient of weight (m, n) stands at (m, n).",
        _part(1, lambda d_w, **_: turned(d_w)),
    ),
    Mistake(
        "gradient transposed", "Rows and columns of d_w are exchanged.", _part(1, lambda d_w, **_: d_w.swapaxes(2, 3))
    ),
    Mistake(
        LAST_FILTER,
        "Only d_w of the last filter is filled: do you create a new array for every filter?",
        _part(1, lambda d_w, **_: only(d_w, -1)),
    ),
    Mistake(
        "first channel only",
        "All channels of d_w come from the first one of x.",
        _part(1, lambda d_w, **_: d_w[:, :1].repeat(d_w.shape[1], axis=1)),
    ),
    Mistake(
        "last position only",
        "Every position uses the weights: what they give is added, `+=`.",
        _part(1, lambda d_w, delta, **given: backward(only(delta, np.s_[:, -1, -1]), **given)[1]),
    ),
    Mistake(*PER_POSITION, _part(2, lambda d_b, delta, **_: delta)),
    Mistake(*PER_POSITION, _part(2, lambda d_b, delta, **_: delta.sum(axis=0))),
    Mistake(
        "mean instead of sum",
        "d_b is the sum of δ over the map: nothing is divided.",
        _part(2, lambda d_b, delta, **_: d_b / delta[0].size),
    ),
    Mistake("one bias for all filters", "Each filter has its own bias.", _part(2, lambda d_b, **_: d_b.sum())),
)

backward_check = FunctionExercise(
    "conv2d_backward_sides",
    "",
    conv2d_backward_sides,
    backward_cases,
    backward_mistakes,
    cases_description="one to three channels and filters, kernels from 2×2 to 3×3, strides that differ for rows and "
    "columns, padding that differs on every side, rows and columns that no window reaches.",
    parts=("d_x", "d_w", "d_b"),
)


# ---- two layers with a leaky ReLU between them ----------------------------------------------------------------------


def _correlated(x: Array, w: Array) -> Array:
    return one_map(x, w)


def _full(delta: Array, w: Array) -> Array:
    """Return the full convolution of δ with w: ∂E/∂a of a stride-1 layer."""
    size = tuple(length + F - 1 for length, F in zip(delta.shape, w.shape))
    d_a: Array = scattered(delta[None], w[None, None], size, (1, 1), NONE)[0]
    return d_a


def two_layers_backward(x: Array, w1: Array, w2: Array, delta2: Array, slope: float) -> tuple[Array, ...]:
    return _two_layers(x, w1, w2, delta2, slope)


def _two_layers(
    x: Array,
    w1: Array,
    w2: Array,
    delta2: Array,
    slope: float,
    derivative: Callable[[Array, float], Array] | None = None,
    back: Callable[[Array, Array], Array] = _full,
    of: Callable[[Array, float], Array] | None = None,
) -> tuple[Array, ...]:
    net1 = _correlated(x, w1)
    a1 = (of or (lambda net, slope: np.where(net > 0, net, slope * net)))(net1, slope)
    factor = (derivative or (lambda net, slope: np.where(net > 0, 1.0, slope)))(net1, slope)
    delta1 = back(delta2, w2) * factor
    return delta1, _correlated(x, delta1), _correlated(a1, delta2)


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
            net1 = _correlated(x, w1)
            near = ((0 < net1) & (net1 < slope)).any() and ((-1 < net1) & (net1 < 0)).any()
            if net1.min() < 0 < net1.max() and (net1 == 0).any() == (k % 2 == 1) and near == (k % 3 == 2):
                break
        made.append(Case(x, w1, kernel_values(rng, second), kernel_values(rng, counts), slope))
    return made


def _pair(**changed: Any) -> Callable[..., Any]:
    return lambda **given: _two_layers(**given, **changed)


AT_NET = "f′ is taken at net¹, the weighted input of the first layer: 1 where it is positive, else the slope."
two_layers_mistakes = (
    *[
        Mistake(*ORDER, lambda order=order, **given: tuple(_two_layers(**given)[k] for k in order))
        for order in ((0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 1, 0), (2, 0, 1))
    ],
    Mistake(
        "f′ forgotten", f"δ¹ is ∂E/∂net¹, not ∂E/∂a¹: times f′(net¹). {AT_NET}", _pair(derivative=lambda net, s: 1)
    ),
    Mistake(
        "derivative of ReLU",
        "Where net¹ is negative the leaky ReLU has the slope, not 0.",
        _pair(derivative=lambda net, slope: (net > 0) * 1.0),
    ),
    Mistake(
        "positive side at 0",
        "At exactly 0 the derivative of the negative side is taken here: `>` rather than `>=`.",
        _pair(derivative=lambda net, slope: np.where(net >= 0, 1.0, slope)),
    ),
    Mistake(
        "sides exchanged",
        "The slope belongs where net¹ is negative, 1 where it is positive.",
        _pair(derivative=lambda net, slope: np.where(net > 0, slope, 1.0)),
    ),
    Mistake(
        "function in place of its derivative",
        "δ¹ takes the derivative f′(net¹), not f(net¹).",
        _pair(derivative=lambda net, slope: np.where(net > 0, net, slope * net)),
    ),
    Mistake(
        "slope everywhere", "The slope belongs where net¹ is negative only.", _pair(derivative=lambda net, slope: slope)
    ),
    Mistake(
        "ReLU forwards",
        "d_w2 is found from a¹, and a¹ = slope · net¹ where net¹ is negative.",
        _pair(of=lambda net, slope: np.maximum(net, 0)),
    ),
    Mistake(
        "ReLU forwards and backwards",
        "Where net¹ is negative the leaky ReLU lets a share through, both ways.",
        _pair(of=lambda net, slope: np.maximum(net, 0), derivative=lambda net, slope: (net > 0) * 1.0),
    ),
    Mistake(
        "net in place of a",
        "d_w2 is found from a¹ = f(net¹), which the second layer reads.",
        _pair(of=lambda net, s: net),
    ),
    Mistake(
        "kernel not turned",
        "Back through the second layer: pad δ², and lay the kernel on it turned by 180°.",
        _pair(back=lambda delta, w: _full(delta, turned(w))),
    ),
    Mistake(
        "kernel transposed",
        "Rows and columns of w2 are exchanged.",
        _pair(back=lambda delta, w: _full(delta, square(w))),
    ),
    Mistake(
        "gradient turned by 180°",
        "The gradient of weight (m, n) stands at (m, n).",
        with_part(two_layers_backward, (1, lambda part, **_: turned(part)), (2, lambda part, **_: turned(part))),
    ),
)

two_layers_check = FunctionExercise(
    "two_layers_backward",
    "",
    two_layers_backward,
    two_layers_cases,
    two_layers_mistakes,
    cases_description="images and kernels that are not square, slopes from 0.1 to 0.5, weighted inputs that are "
    "negative, positive, and exactly 0.",
    parts=("delta1", "d_w1", "d_w2"),
)


# ---- a gradient check -----------------------------------------------------------------------------------------------


def _loss(w: Array, x: Array, t: Array) -> float:
    return 0.25 * float(np.sum((_correlated(x, w) - t) ** 4))


def _steps(x: Array, w: Array, t: Array, eps: float, low: float = -1, high: float = 1, over: float = 2) -> Array:
    """Return (E(w + high·ε) − E(w + low·ε)) / (over·ε) for every weight."""
    slopes = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += high * eps
        down[place] += low * eps
        slopes[place] = (_loss(up, x, t) - _loss(down, x, t)) / (over * eps)
    return slopes


def _bad(a: Array, n: Array, limit: float = 0.01) -> Array:
    largest = np.maximum(np.abs(a), np.abs(n))
    bad: Array = np.abs(a - n) > limit * largest
    return bad


def _limit(limit: float) -> Callable[[Array, Array], Array]:
    return lambda a, n: _bad(a, n, limit)


def check_gradient(x: Array, w: Array, t: Array, d_w: Array, eps: float) -> tuple[Array, Array]:
    n = _steps(x, w, t, eps)
    return n, _bad(d_w, n)


def _exact(x: Array, w: Array, t: Array) -> Array:
    return _correlated(x, (_correlated(x, w) - t) ** 3)


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
            n = _steps(x, w, t, eps)
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
    n = _steps(*(arguments[name] for name in ("x", "w", "t", "eps")))
    error = np.abs(arguments["d_w"] - n) / np.maximum(np.abs(arguments["d_w"]), np.abs(n))
    return bool(((error > 0.004) & (error < 0.05)).any())


def _from_own(arguments: Mapping[str, Any], got: Any, expected: Any) -> bool:
    """Return whether the verdict is right for the gradient that was measured, if that is one: of the right size."""
    n, verdict = (np.asarray(part) for part in got)
    if n.shape != expected[0].shape or verdict.shape != n.shape or verdict.dtype != bool:
        return False
    sizes = np.abs(n) / np.abs(expected[0])
    measured = bool(((sizes > 0.2) & (sizes < 5)).all())
    return measured and bool((verdict == _bad(arguments["d_w"], n)).all())


def _numeric(slopes: Callable[..., Array]) -> Callable[..., Any]:
    """Return the check with the measured gradient replaced."""

    def answer(x: Array, w: Array, t: Array, d_w: Array, eps: float) -> tuple[Array, Array]:
        n = slopes(x, w, t, eps)
        return n, _bad(d_w, n)

    return answer


def _judged(bad: Callable[[Array, Array], Any]) -> Callable[..., Any]:
    """Return the check with the verdict replaced."""

    def answer(x: Array, w: Array, t: Array, d_w: Array, eps: float) -> tuple[Array, Any]:
        n = _steps(x, w, t, eps)
        return n, bad(d_w, n)

    return answer


def _left_over(x: Array, w: Array, t: Array, eps: float) -> Array:
    """Return the slopes when a weight that was moved stays where it is."""
    slopes, moved = np.zeros(w.shape), w.copy()
    for place in np.ndindex(w.shape):
        moved[place] += eps
        up = _loss(moved, x, t)
        moved[place] -= 2 * eps
        slopes[place] = (up - _loss(moved, x, t)) / (2 * eps)
    return slopes


RELATIVE = "The relative error is |a − n| / max(|a|, |n|), and above 0.01 the weight is marked."
check_mistakes = (
    Mistake(*ORDER, lambda **given: check_gradient(**given)[::-1]),
    Mistake(
        "one-sided difference",
        "The step goes to both sides: (E(w + ε) − E(w − ε)) / 2ε.",
        _numeric(lambda x, w, t, eps: _steps(x, w, t, eps, low=0, over=1)),
    ),
    Mistake(
        "one-sided difference",
        "The step goes to both sides: (E(w + ε) − E(w − ε)) / 2ε.",
        _numeric(lambda x, w, t, eps: _steps(x, w, t, eps, high=0, over=1)),
    ),
    Mistake(
        "divided by ε",
        "From w − ε to w + ε the way is 2ε.",
        _numeric(lambda x, w, t, eps: _steps(x, w, t, eps, over=1)),
    ),
    Mistake(
        "not divided",
        "A slope is the difference of E over the way: divide by 2ε.",
        _numeric(lambda x, w, t, eps: _steps(x, w, t, eps) * 2 * eps),
    ),
    Mistake("sign reversed", "E(w + ε) comes first: E(w + ε) − E(w − ε).", _numeric(lambda *given: -_steps(*given))),
    Mistake(
        "moved weights not put back",
        "Move one weight at a time: the others, and it afterwards, stand where they were.",
        _numeric(_left_over),
    ),
    Mistake(
        "derived instead of measured",
        "This is the exact gradient, so it would repeat a mistake of the derivation: measure it with two losses.",
        _numeric(lambda x, w, t, eps: _exact(x, w, t)),
    ),
    Mistake("¼ forgotten", "The loss has a factor ¼.", _numeric(lambda *given: 4 * _steps(*given))),
    *[
        Mistake("another denominator", f"{RELATIVE} Here it is divided by {what}.", _judged(judged))
        for what, judged in (
            (
                "|a| + |n|, as in chapter 07",
                lambda a, n: np.abs(a - n) > 0.01 * (np.abs(a) + np.abs(n)),
            ),
            ("the mean of |a| and |n|", lambda a, n: np.abs(a - n) > 0.005 * (np.abs(a) + np.abs(n))),
            ("the smaller of the two", lambda a, n: np.abs(a - n) > 0.01 * np.minimum(np.abs(a), np.abs(n))),
            ("|n| alone", lambda a, n: np.abs(a - n) > 0.01 * np.abs(n)),
            ("|a| alone", lambda a, n: np.abs(a - n) > 0.01 * np.abs(a)),
        )
    ],
    *[
        Mistake("another limit", f"{RELATIVE} Here the limit is {limit:g}.", _judged(_limit(limit)))
        for limit in (0.02, 0.012, 0.009, 0.005, 0.001)
    ],
    Mistake(
        "absolute error",
        f"{RELATIVE} Without the division, what is judged depends on how large the gradient is.",
        _judged(lambda a, n: np.abs(a - n) > 0.01),
    ),
    Mistake(
        "sign of the error kept",
        f"{RELATIVE} Without | | a negative difference is never above the limit.",
        _judged(lambda a, n: a - n > 0.01 * np.maximum(np.abs(a), np.abs(n))),
    ),
    Mistake(
        "size of the weight's own gradient only",
        f"{RELATIVE} Divided by |a| alone, a gradient of 0 divides by 0.",
        _judged(lambda a, n: np.where(a == 0, False, np.abs(a - n) > 0.01 * np.abs(a))),
    ),
    Mistake("right ones marked", "True stands where the gradient is wrong.", _judged(lambda a, n: ~_bad(a, n))),
    Mistake(
        "nothing marked", "No weight is marked, whatever its error is.", _judged(lambda a, n: np.zeros(a.shape, bool))
    ),
    Mistake(
        "one verdict for all",
        "Each weight is judged on its own: an array as large as w.",
        _judged(lambda a, n: bool(_bad(a, n).any())),
    ),
    Mistake(
        "error in place of the verdict",
        "True or False is asked for: relative error > 0.01.",
        _judged(lambda a, n: np.abs(a - n) / np.maximum(np.abs(a), np.abs(n))),
    ),
)

check_check = FunctionExercise(
    "check_gradient",
    "",
    check_gradient,
    check_cases,
    check_mistakes,
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
    return bool((_correlated(arguments["x"], arguments["w1"]) == 0).any())


def _from_own_delta(arguments: Mapping[str, Any], got: Any, expected: Any) -> bool:
    """Return whether d_w1 is right for the delta1 that was found, if that has the right shape and is not 0."""
    delta1, d_w1 = (np.asarray(part, float) for part in got[:2])
    fits = delta1.shape == expected[0].shape and d_w1.shape == expected[1].shape and bool(delta1.any())
    return fits and np.allclose(d_w1, _correlated(arguments["x"], delta1), rtol=1e-6, atol=1e-9)


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
            by_hand,
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
