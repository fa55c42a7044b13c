"""Assignment 1: the forward pass of a convolution, with padding, stride and dilation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnncourse.checks.comparing import grid, number
from cnncourse.checks.exercise import Case, FunctionExercise
from cnncourse.checks.patches import mistakes_of
from cnncourse.checks.prediction import Prediction, shape, whole_number
from cnncourse.checks.result import Code, Text
from cnncourse.checks.windows import integers, kernel_values, row_range

from ..function_task import FunctionTask
from ..prediction_task import Own, PredictionTask
from ..task import Assignment, Criterion, WrittenTask
from ..wording import mark, say
from .layer import NONE, TEXT_STUB, Array, Ends, Pair, image_size, in_latex, one_map, padded, strided, turned

# ---- by hand --------------------------------------------------------------------------------------------------------

X = np.array([[2, 0, 1, 3], [1, -1, 0, 2], [0, 4, -2, 1]])
W = np.array([[1, 0, -2], [3, -1, 1]])
BIAS = -2
STRIDE = (1, 2)
PADDING = ((1, 0), (1, 0))


def _net(x: Array, w: Array, bias: int, stride: Pair = STRIDE, padding: Ends = PADDING) -> Array:
    return one_map(x, w, bias, stride, padding).astype(int)


def _cell(x: Array, w: Array, bias: int, i: int, j: int) -> Callable[[Any], Any]:
    """Return the question for cell i, j of net."""
    known = [
        (_net(x, turned(w), bias), "kernel turned by 180°", "w_mn meets the cell in row m, column n of the window."),
        (_net(x, w, 0), "bias forgotten", "The bias is added once, to the sum of the products."),
        (_net(x, w, bias * w.size), "bias added once per product", "The bias is added once, to the sum."),
        (
            _net(x, w, bias, stride=(1, 1)),
            "stride ignored",
            "From one output to the next the window moves by two columns.",
        ),
        (
            _net(x, w, bias, padding=((1, 0), (0, 1))),
            "padding on the wrong side",
            "The column of zeros is on the left.",
        ),
        (_net(x, w, bias, padding=((0, 1), (1, 0))), "padding on the wrong side", "The row of zeros is above."),
        (np.maximum(_net(x, w, bias), 0), "ReLU applied", "net is asked for, before the activation."),
    ]
    right = int(_net(x, w, bias)[i, j])
    there = [(array, *text) for array, *text in known if i < array.shape[0] and j < array.shape[1]]
    return whole_number(right, *[(int(a[i, j]), *text) for a, *text in there if a[i, j] != right])


def _windows(x: Array, w: Array, bias: int) -> Prediction:
    net, right = _net(x, w, bias), int(_net(x, turned(w), bias)[1, 1])
    positive = int((net > 0).sum())
    known = [
        (int(net[1, 1]), "kernel not turned", "Read the kernel from its last cell to its first."),
        (int(_net(x, w[::-1], bias)[1, 1]), "turned on one axis", "A turn by 180° reverses rows and columns."),
        (int(_net(x, w[:, ::-1], bias)[1, 1]), "turned on one axis", "A turn by 180° reverses rows and columns."),
    ]
    return Prediction(
        "window_by_hand",
        "",
        {
            "a": shape(
                net.shape,
                ((2, 1), "padding ignored", "The zeros count as cells: the padded image has 4 rows and 5 columns."),
                ((3, 3), "stride ignored", "The window moves by two columns."),
                ((2, 3), "rows and columns swapped", "Rows first."),
                ((3, 1), "1 forgotten", "Where the window begins counts too."),
            ),
            "b": _cell(x, w, bias, 0, 0),
            "c": _cell(x, w, bias, 1, 1),
            "d": _cell(x, w, bias, 2, 0),
            "e": whole_number(
                int((net < 0).sum()),
                (positive, "positive ones counted", "ReLU leaves the positive numbers as they are."),
            ),
            "f": whole_number(right, *[one for one in known if one[0] != right]),
        },
    )


def own_window(rng: np.random.Generator | None) -> Own:
    """Return the task with other numbers: sums of both signs, and another sum where the kernel is turned."""
    x, w, bias = X, W, BIAS
    while rng is not None:
        x, w, bias = rng.integers(-2, 5, X.shape), rng.integers(-3, 4, W.shape), int(rng.choice([-3, -2, -1, 1, 2, 3]))
        net, other = _net(x, w, bias), _net(x, turned(w), bias)
        if 0 < (net < 0).sum() != (net > 0).sum() > 0 and (net != other).sum() > 4 and net[1, 1] != other[1, 1]:
            break
    return Own(_windows(x, w, bias), (in_latex(x), in_latex(w), f"$w_b = {bias}$"))


# ---- padding for "same" ---------------------------------------------------------------------------------------------


def same_padding(size: int, kernel: int, stride: int = 1) -> tuple[int, int]:
    windows = -(-size // stride)
    total = max((windows - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def _total(size: int, kernel: int, stride: int = 1) -> int:
    """Return how many cells are missing, below 0 if some are left over."""
    return (-(-size // stride) - 1) * stride + kernel - size


def same_padding_cases(rng: np.random.Generator) -> list[Case]:
    """Return for each stride and each rest an even number of zeros, and besides odd ones, and settings that need none.

    What is odd, or needs none, is a skill of its own.
    """
    made = [Case(5, 3), Case(7, 1), Case(6, 4)]
    made += [Case(int(rng.integers(9, 60)), kernel) for kernel in (3, 5, 7, 2, 6, 8)]
    for stride in (2, 3, 4):
        for rest in range(stride):
            size = stride * int(rng.integers(4, 20)) + rest
            for zeros in (2 * int(rng.integers(0, 3)), 1 + 2 * int(rng.integers(0, 2))):
                made.append(Case(size, zeros + (rest or stride), stride=stride))
    made += [Case(8, 1, stride=2), Case(9, 2, stride=3), Case(12, 1, stride=4), Case(15, 2, stride=4)]
    return made


def explain_same(arguments: dict[str, Any], cell: tuple[int, ...], expected: Pair) -> list[Text | Code]:
    W1, F, S = arguments["size"], arguments["kernel"], arguments.get("stride", 1)
    W2 = -(-W1 // S)
    windows = mark("⌈{W1} / {S}⌉ = {W2} windows reach over ({W2} − 1)·{S} + {F} = {cells} cells")
    zeros = mark("of which {W1} are there: zeros in front and behind {zeros}")
    lines = [say(windows, W1=W1, S=S, W2=W2, F=F, cells=(W2 - 1) * S + F), say(zeros, W1=W1, zeros=expected)]
    return [Code("\n".join(lines))]


SAME_PADDING = """
odd zero in front: If the number of zeros is odd, the one that is over stands behind.
    return total // 2, total - total // 2 => return total - total // 2, total // 2
negative padding: Where the windows leave gaps, no zeros are needed: at least 0.
    max((windows - 1) * stride + kernel - size, 0) => (windows - 1) * stride + kernel - size
the same number at both ends: An odd total cannot be split into halves: one more zero stands behind.
    total - total // 2 => total // 2
the same number at both ends: An odd total cannot be split into halves: one zero fewer stands in front.
    return total // 2, => return total - total // 2,
total at both ends: The total is for both ends together: half of it in front.
    total // 2, total - total // 2 => total, total
stride ignored: kernel − 1 zeros are right for stride 1. Count how far the windows reach.
    max((windows - 1) * stride + kernel - size, 0) => kernel - 1
rounded down: There are `⌈size / stride⌉` windows, rounded up: `-(-size // stride)`.
    -(-size // stride) => size // stride
1 forgotten: From the first window to the last there are one fewer steps than windows. | windows - 1 => windows
padding for the size of the input: `⌈size / stride⌉` windows are asked for, not as many as there are cells.
    -(-size // stride) => size
halves with a fraction: Numbers of zeros are whole: `//` divides and rounds down.
    total // 2, total - total // 2 => total / 2, total / 2
"""

same_padding_check = FunctionExercise(
    "same_padding",
    "",
    same_padding,
    same_padding_cases,
    mistakes_of(same_padding, SAME_PADDING),
    cases_description="odd and even kernels, strides 1 to 4 with every rest of the division, and settings that need no "
    "zeros.",
    explain=explain_same,
)


# ---- channels last --------------------------------------------------------------------------------------------------


def conv2d_channels_last(x: Array, w: Array, b: Array, stride: Pair = (1, 1), padding: Ends = NONE) -> Array:
    (S_h, S_w), (rows, columns) = stride, padding
    F_h, F_w, C, N = w.shape
    x = np.pad(x, (rows, columns, (0, 0)))
    H2, W2 = (x.shape[0] - F_h) // S_h + 1, (x.shape[1] - F_w) // S_w + 1
    net = np.zeros((H2, W2, N))
    for i, j, k in np.ndindex(net.shape):
        window = x[i * S_h : i * S_h + F_h, j * S_w : j * S_w + F_w]
        net[i, j, k] = np.sum(window * w[..., k]) + b[k]
    return net


def channels_last_cases(rng: np.random.Generator) -> list[Case]:
    """Return one to four channels, one to four kernels; strides that differ, padding that differs on every side.

    Each case asks for one thing: biases other than 0, strides, or padding. The last ones ask for all of them.
    """
    made = [Case(integers(rng, (2, 3, 2)), kernel_values(rng, (1, 2, 2, 1)), np.array([0.0]))]
    settings: list[tuple[int, int, Pair, Ends, bool]] = [
        (2, 3, (1, 1), NONE, False),
        (3, 2, (1, 1), NONE, False),
        (4, 3, (1, 1), NONE, False),
        (1, 2, (1, 1), NONE, True),
        (2, 3, (1, 1), NONE, True),
        (3, 4, (1, 1), NONE, True),
        (2, 3, (2, 1), NONE, False),
        (3, 2, (1, 3), NONE, False),
        (2, 2, (3, 2), NONE, False),
        (1, 3, (2, 3), NONE, False),
        (2, 3, (1, 1), ((1, 0), (0, 2)), False),
        (3, 2, (1, 1), ((0, 2), (1, 0)), False),
        (2, 4, (1, 1), ((2, 1), (1, 2)), False),
        (1, 2, (2, 1), ((1, 0), (2, 1)), True),
        (2, 3, (1, 2), ((0, 1), (2, 0)), True),
        (3, 2, (2, 3), ((1, 2), (0, 1)), True),
    ]
    for k, (D, N, stride, padding, biased) in enumerate(settings):
        kernel = [(2, 2), (2, 3), (3, 2), (3, 3)][k % 4]
        rest = (k % stride[0], (k + 1) % stride[1])
        size = image_size(rng, kernel, stride, rest, padding)
        b = rng.permutation(np.arange(1.0, 6.0))[:N] * (-1) ** k * biased
        x, w = integers(rng, (*size, D)), kernel_values(rng, (*kernel, D, N))
        given: dict[str, Any] = {"stride": stride} if stride != (1, 1) else {}
        made.append(Case(x, w, b, **given, **({"padding": padding} if padding != NONE else {})))
    x = np.round(rng.normal(0, 2, (7, 6, 3)), 1)
    return [*made, Case(x, np.round(rng.normal(0, 1, (3, 2, 3, 2)), 1), np.array([0.5, -1.5]))]


def explain_channels_last(arguments: dict[str, Any], cell: tuple[int, ...], expected: Array) -> list[Text | Code]:
    x, w, b = arguments["x"], arguments["w"], arguments["b"]
    (S_h, S_w), padding = arguments.get("stride", (1, 1)), arguments.get("padding", NONE)
    i, j, k = cell
    F_h, F_w = w.shape[:2]
    window = np.pad(x, (*padding, (0, 0)))[i * S_h : i * S_h + F_h, j * S_w : j * S_w + F_w]
    lines = []
    for d in range(x.shape[2]):
        lines += [say("channel {d}: window", d=d), grid(window[:, :, d]), say("kernel {k}", k=k), grid(w[:, :, d, k])]
        lines += [say("products summed: {sum}", sum=number(float(np.sum(window[:, :, d] * w[:, :, d, k])))), ""]
    template = mark("all channels plus the bias {bias}: {sum}")
    lines.append(say(template, bias=number(b[k]), sum=number(expected[cell])))
    template = mark("Its window is {rows} and {columns} of `x`, in every channel:")
    if padding != NONE:
        template = mark("Its window is {rows} and {columns} of the padded `x`, in every channel:")
    place = say(template, rows=row_range("row", i * S_h, F_h), columns=row_range("column", j * S_w, F_w))
    return [Text(place), Code("\n".join(lines))]


CHANNELS_LAST = """
stride ignored: | = stride, padding => = (1, 1), padding
stride in the size only: | i * S_h : i * S_h + F_h, j * S_w : j * S_w + F_w => i : i + F_h, j : j + F_w
stride inside the window:
    i * S_h : i * S_h + F_h, j * S_w : j * S_w + F_w => i * S_h : (i + F_h) * S_h : S_h, j * S_w : (j + F_w) * S_w : S_w
stride axes swapped: In a pair, the first number belongs to the rows. | (S_h, S_w), => (S_w, S_h),
first stride for both axes: Rows and columns have strides of their own: S_h and S_w.
    = stride, padding => = (stride[0], stride[0]), padding
padding ignored: Put the zeros around every channel first. | = stride, padding => = stride, ((0, 0), (0, 0))
padding on the other side: `padding` is `((top, bottom), (left, right))`: four numbers, each for one side. Top and
    bottom, or left and right, are exchanged.
    (rows, columns, (0 => (rows[::-1], columns[::-1], (0
padding axes swapped: `padding` is `((top, bottom), (left, right))`: four numbers, each for one side. The first pair
    belongs to the rows.
    (rows, columns, (0 => (columns, rows, (0
the same padding on both sides: `padding` is `((top, bottom), (left, right))`: four numbers, each for one side. Here
    both sides of an axis get the first number.
    (rows, columns, (0 => ((rows[0], rows[0]), (columns[0], columns[0]), (0
the same padding on both sides: `padding` is `((top, bottom), (left, right))`: four numbers, each for one side. Here
    both sides of an axis get the second number.
    (rows, columns, (0 => ((rows[1], rows[1]), (columns[1], columns[1]), (0
padding on one side: `padding` is `((top, bottom), (left, right))`: four numbers, each for one side. The zeros of one
    side are missing.
    (rows, columns, (0 => ((0, rows[1]), (0, columns[1]), (0
    (rows, columns, (0 => ((rows[0], 0), (columns[0], 0), (0
bias forgotten: Each kernel has a bias, added once to every sum. | + b[k] =>
bias added once per product: The bias is added once to each sum, outside the loops over the window.
    + b[k] => + b[k] * window.size
bias added once per channel: The bias is added once to the sum over all channels. | + b[k] => + b[k] * C
one bias for all kernels: Kernel k has the bias b[k]. | b[k] => b[0]
kernel turned by 180°: | w[..., k] => w[::-1, ::-1, :, k]
kernel transposed: w_mn meets x in row i·S_h + m, column j·S_w + n: rows and columns of the kernel are exchanged.
    w[..., k] => w[..., k].swapaxes(0, 1)
channel 0 only: Only the first channel counts: the products are summed over all channels.
    window * w[..., k] => window[..., 0] * w[..., 0, k]
last channel only: Only the last channel counts: does the sum start from 0 again for every channel?
    window * w[..., k] => window[..., -1] * w[..., -1, k]
channels in reverse order: Channel d of x meets channel d of the kernel. | window * => window[..., ::-1] *
maps first: The axis of the maps comes last here: (row, column, map). | return net => return net.transpose(2, 0, 1)
maps added up: Each kernel makes a map of its own: N maps. | return net => return net.sum(axis=2)
first kernel only: All maps come from the first kernel: map k belongs to w[:, :, :, k]. | w[..., k] => w[..., 0]
one window too few: | return net => return net[:-1, :-1]
rounded up:
    (x.shape[0] - F_h) // S_h => -(-(x.shape[0] - F_h) // S_h)
    & (x.shape[1] - F_w) // S_w => -(-(x.shape[1] - F_w) // S_w)
ReLU applied: | return net => return np.maximum(net, 0)
"""

channels_last_check = FunctionExercise(
    "conv2d_channels_last",
    "",
    conv2d_channels_last,
    channels_last_cases,
    mistakes_of(conv2d_channels_last, CHANNELS_LAST),
    cases_description="one to four channels and kernels, kernels from 2×2 to 3×3, strides that differ for rows and "
    "columns, padding that differs on every side, images that are not square, negative numbers, a bias for each "
    "kernel.",
    explain=explain_channels_last,
)


# ---- dilation -------------------------------------------------------------------------------------------------------


def dilated_conv2d(x: Array, w: Array, dilation: Pair) -> Array:
    (F_h, F_w), (d_h, d_w) = w.shape, dilation
    net = np.zeros((x.shape[0] - (F_h - 1) * d_h, x.shape[1] - (F_w - 1) * d_w))
    for i, j in np.ndindex(net.shape):
        window = x[i : i + F_h * d_h : d_h, j : j + F_w * d_w : d_w]
        net[i, j] = np.sum(window * w)
    return net


def dilated_cases(rng: np.random.Generator) -> list[Case]:
    """Return gaps that are equal or differ for rows and columns, kernels of one row, and windows that just fit."""
    made = [Case(integers(rng, (3, 4)), kernel_values(rng, (2, 2)), (2, 2))]
    settings = [((2, 2), (1, 1)), ((2, 3), (2, 2)), ((3, 2), (3, 3)), ((3, 3), (2, 2))]
    settings += [((2, 2), (1, 3)), ((2, 3), (3, 1)), ((3, 2), (1, 2)), ((3, 3), (2, 3)), ((1, 3), (2, 4))]
    for kernel, dilation in settings:
        reach = [(F - 1) * gap + 1 for F, gap in zip(kernel, dilation)]
        both = max(reach) + 1  # room for the gaps the other way round, too
        rows, columns = sorted(rng.choice(np.arange(both, both + 4), 2, replace=False).tolist())
        size = (rows, columns) if rng.random() < 0.5 else (columns, rows)
        made.append(Case(integers(rng, size), kernel_values(rng, kernel), dilation))
    return made


def explain_dilated(arguments: dict[str, Any], cell: tuple[int, ...], expected: Array) -> list[Text | Code]:
    x, w, (d_h, d_w) = arguments["x"], arguments["w"], arguments["dilation"]
    i, j = cell
    rows, columns = [i + m * d_h for m in range(w.shape[0])], [j + n * d_w for n in range(w.shape[1])]
    window = grid(x[np.ix_(rows, columns)])
    message = say("It is made of the rows {rows} and the columns {columns} of `x`:", rows=rows, columns=columns)
    kernel, total = say("times the kernel"), say("summed: {sum}", sum=number(expected[cell]))
    return [Text(message), Code(f"{window}\n\n{kernel}\n{grid(w)}\n\n{total}")]


DILATED = """
dilation ignored: Neighbours in the kernel meet cells of x that are d apart. | = w.shape, dilation => = w.shape, (1, 1)
dilation in the size only: The result has the right size, but the window has no gaps: w_mn meets row i + m·d_h, column
    j + n·d_w.
    i : i + F_h * d_h : d_h, j : j + F_w * d_w : d_w => i : i + F_h, j : j + F_w
dilation axes swapped: In a pair, the first number belongs to the rows. | (d_h, d_w) = => (d_w, d_h) =
one dilation for both axes: Rows and columns have gaps of their own: d_h and d_w.
    = w.shape, dilation => = w.shape, (dilation[0], dilation[0])
    = w.shape, dilation => = w.shape, (dilation[1], dilation[1])
gap one too large: A dilation of 2 leaves one cell out: row i + m·d_h, so 1 means no gap.
    = w.shape, dilation => = w.shape, (dilation[0] + 1, dilation[1] + 1)
reach one gap too large: Gaps lie between the cells of the kernel only: it reaches over (F − 1)·d + 1 cells, not F·d.
    (F_h - 1) * d_h, => F_h * d_h + 1,
    & (F_w - 1) * d_w) => F_w * d_w + 1)
size without the gaps: With gaps a window reaches over (F − 1)·d + 1 cells, so fewer of them fit.
    (F_h - 1) * d_h, x.shape[1] - (F_w - 1) * d_w => (F_h - 1), x.shape[1] - (F_w - 1)
stride instead of dilation: Here the window moves by d: it moves by 1, and its cells are d apart.
    x.shape[0] - (F_h - 1) * d_h, => (x.shape[0] - F_h) // d_h + 1,
    & x.shape[1] - (F_w - 1) * d_w => (x.shape[1] - F_w) // d_w + 1
    & i : i + F_h * d_h : d_h, j : j + F_w * d_w : d_w => i * d_h : i * d_h + F_h, j * d_w : j * d_w + F_w
stride as well as dilation: Here the window also moves by d: it moves by 1. | return net => return net[::d_h, ::d_w]
kernel turned by 180°: | window * w => window * w[::-1, ::-1]
kernel transposed: w_mn meets row i + m·d_h, column j + n·d_w: rows and columns of the kernel are exchanged.
    window * w => window * w.T
"""

dilated_check = FunctionExercise(
    "dilated_conv2d",
    "",
    dilated_conv2d,
    dilated_cases,
    mistakes_of(dilated_conv2d, DILATED),
    cases_description="kernels from 1×3 to 3×3, gaps from 1 to 4, equal and different for rows and columns, images not "
    "square.",
    explain=explain_dilated,
)


# ---- the assignment -------------------------------------------------------------------------------------------------


QUESTION = """
## Task 5 (3 points): In your own words

Somebody says: "A convolution with stride 2 gives the same numbers as one with stride 1, only fewer of them. So a
stride saves time and loses nothing that matters." Answer in five to ten sentences: Where is this right, and how
could one check it? What is lost? What happens to the output if the object in the image moves by one pixel, with
stride 1 and with stride 2? Give a small example with numbers.

Double-click the cell below and write in the place of its words.
"""

ASSIGNMENT = Assignment(
    name="1",
    title="Convolution",
    version="1",
    tasks=(
        PredictionTask(
            "window_by_hand",
            "One window after the other",
            3,
            own_window(None).exercise,
            answer="my_window",
            own=own_window,
            stub='my_window = {"a": (..., ...), "b": ..., "c": ..., "d": ..., "e": ..., "f": ...}',
        ),
        FunctionTask(
            "same_padding",
            "How many zeros on each side?",
            3,
            same_padding_check,
            answer="my_same_padding",
            stub="""def my_same_padding(size, kernel, stride=1):
    \"\"\"Return how many zeros stand in front and behind along one axis.\"\"\"
    ...""",
            criteria=(
                Criterion("strides above 1", 1.5, lambda given: given.get("stride", 1) > 1),
                Criterion("stride 1", 1.5),
            ),
            finer=(
                Criterion("settings that need no zeros", 0.5, lambda given: _total(**given) < 0),
                Criterion("an odd number of zeros", 1, lambda given: _total(**given) % 2 == 1),
            ),
        ),
        FunctionTask(
            "conv2d_channels_last",
            "A layer with the channels last",
            7,
            channels_last_check,
            answer="my_conv2d",
            stub="""def my_conv2d(x, w, b, stride=(1, 1), padding=((0, 0), (0, 0))):
    \"\"\"Return N maps (H2, W2, N); x: (H, W, C), w: (F_h, F_w, C, N), b: (N,).\"\"\"
    ...""",
            criteria=(
                Criterion("padding", 2, padded),
                Criterion("strides", 2, strided),
                Criterion("biases", 1, lambda given: given["b"].any()),
                Criterion("channels and kernels alone", 2),
            ),
            finer=(Criterion("strides and padding at once", 1, lambda given: strided(given) and padded(given)),),
        ),
        FunctionTask(
            "dilated_conv2d",
            "A kernel with gaps",
            4,
            dilated_check,
            answer="my_dilated_conv2d",
            stub="""def my_dilated_conv2d(x, w, dilation):
    \"\"\"Return the weighted inputs; x: (H, W), w: (F_h, F_w), dilation: (d_h, d_w).\"\"\"
    ...""",
            criteria=(
                Criterion("gaps that differ", 2, lambda given: given["dilation"][0] != given["dilation"][1]),
                Criterion("equal gaps", 2),
            ),
        ),
        WrittenTask("stride_in_words", "In your own words", 3, stub=TEXT_STUB, question=QUESTION),
    ),
)
