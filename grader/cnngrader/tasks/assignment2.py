"""Assignment 2: pooling, shapes and counting."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from cnncourse.checks.comparing import grid, number
from cnncourse.checks.exercise import Case, FunctionExercise
from cnncourse.checks.patches import mistakes_of
from cnncourse.checks.prediction import Prediction, Question, by_formula, shape
from cnncourse.checks.result import Code, Text
from cnncourse.checks.windows import row_range
from cnncourse.exercises.conv_shapes import MISTAKES, layer_shape

from ..function_task import FunctionTask
from ..prediction_task import Own, PredictionTask
from ..task import Assignment, Criterion, WrittenTask
from ..wording import listed, mark, say, say_count
from .layer import TEXT_STUB, Array, Pair, image_size
from .sentences import OF_WINDOWS

Shape = tuple[int, ...]

# ---- shapes ---------------------------------------------------------------------------------------------------------


def _after(right: Shape, *known: tuple[Shape, str, str]) -> Question:
    return shape(right, *known, ((right[0], *right[:0:-1]), "rows and columns swapped", "Rows first."))


def _layer_shape(**given: int) -> Question:
    return by_formula(layer_shape, MISTAKES, {"": Case(**given)})[""]


INPUTS = {"a": (5, 30, 21), "b": (5, 30, 21), "c": (8, 17, 12), "d": (1, 40, 33), "e": (2, 25, 19), "f": (64, 15, 11)}


WINDOWS = {  # of the layers that are one window each
    "a": {"F_h": 3, "F_w": 2, "S_h": 3, "S_w": 2},
    "b": {"F_h": 3, "F_w": 3, "S_h": 2, "S_w": 2},
    "c": {"F_h": 3, "F_w": 4, "S_h": 2, "S_w": 3, "P_h": 1, "P_w": 1},
    "e": {"N": 4, "F_h": 3, "F_w": 3, "S_h": 2, "S_w": 2, "dilation": 3},
}


def _given(key: str, inputs: Mapping[str, Shape]) -> dict[str, int]:
    D, H, W = inputs[key]
    return {"D": D, "H": H, "W": W, "N": D, **WINDOWS[key]}


def _right(inputs: Mapping[str, Shape]) -> dict[str, Shape]:
    """Return the shapes that come out of inputs (maps, rows, columns), by their letters."""
    (_, H, W), (D, rows, columns) = inputs["d"], inputs["f"]
    found = {key: layer_shape(**_given(key, inputs)) for key in WINDOWS}
    return found | {"d": (6, H // 2, W // 2), "f": (D, rows // 2 // 2, columns // 2 // 2)}


def _six(inputs: Mapping[str, Shape]) -> Prediction:
    """Return the questions for inputs (maps, rows, columns) by their letters."""
    (_, H, W), (D, rows, columns) = inputs["d"], inputs["f"]
    pooled, twice = _right(inputs)["d"], _right(inputs)["f"]
    known_d = [
        ((6, -(-H // 2), -(-W // 2)), "rounded up", "A window that does not fit whole is left out."),
        ((1, *pooled[1:]), "depth of the input", "Each kernel makes one map, and pooling keeps them apart."),
        ((6, H, W), "pooling forgotten", "After the convolution comes the pooling."),
        ((6, (H - 4) // 2, (W - 2) // 2), "padding ignored", "The zeros count as cells: this padding keeps the size."),
        ((6, (H - 4) // 2, W // 2), "padding ignored", "The zeros of the rows count as cells, too."),
    ]
    known_f = [
        ((D, -(-rows // 4), -(-columns // 4)), "rounded up", "A window that does not fit whole is left out."),
        ((D, rows // 2, columns // 2), "pooled once", "It is pooled twice."),
        (
            (D // 4, *twice[1:]),
            "channels pooled",
            "Each channel is pooled on its own: there are as many as before.",
        ),
    ]
    return Prediction(
        "six_shapes",
        "",
        {
            "a": _layer_shape(**_given("a", inputs)),
            "b": _layer_shape(**_given("b", inputs)),
            "c": _layer_shape(**_given("c", inputs)),
            "d": _after(pooled, *[one for one in known_d if one[0] != pooled]),
            "e": _layer_shape(**_given("e", inputs)),
            "f": _after(twice, *[one for one in known_f if one[0] != twice]),
        },
    )


def own_shapes(rng: np.random.Generator | None) -> Own:
    """Return the task for other inputs: more rows than columns, also in what comes out."""
    inputs = dict(INPUTS)
    while rng is not None:
        for key, (D, H, W) in INPUTS.items():
            maps = D if D == 1 else int(rng.choice([32, 48, 64, 96])) if D == 64 else int(rng.integers(2, 10))
            rows = H + int(rng.integers(-2, 8))
            inputs[key] = (maps, rows, int(rng.integers(W - 2, min(W + 6, rows - 2))))
        if all(rows != columns for _, rows, columns in _right(inputs).values()):
            break
    return Own(_six(inputs), tuple(f"- **{key}** {D}×{H}×{W}" for key, (D, H, W) in inputs.items()))


# ---- the mean of powers ---------------------------------------------------------------------------------------------


def lp_pool2d(x: Array, order: int, size: Pair, stride: Pair) -> Array:
    (p, q), (S_h, S_w) = size, stride
    y = np.zeros((len(x), (x.shape[1] - p) // S_h + 1, (x.shape[2] - q) // S_w + 1))
    for d, i, j in np.ndindex(y.shape):
        window = x[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q]
        mean = np.sum(np.abs(window) ** order) / (p * q)
        y[d, i, j] = mean ** (1 / order)
    return y


def lp_cases(rng: np.random.Generator) -> list[Case]:
    """Return orders 1 to 4, windows that touch, overlap or leave gaps; in some of those that touch negative numbers."""
    made = [Case(np.array([[[3.0, 4.0]]]), 2, (1, 2), (1, 2))]
    settings = [((2, 3), (2, 3)), ((3, 2), (3, 2)), ((2, 2), (2, 2)), ((1, 3), (1, 3))]
    settings += [
        ((2, 3), (1, 2)),
        ((3, 3), (2, 1)),
        ((2, 2), (3, 1)),
        ((3, 2), (1, 1)),
        ((1, 2), (2, 3)),
        ((2, 4), (2, 1)),
    ]
    for k, (size, stride) in enumerate(settings):
        rows, columns = image_size(rng, size, stride, (k % stride[0], (k + 1) % stride[1]), least=1)
        x = rng.integers(0, 9, (1 + k % 3, rows, columns)).astype(float)
        made.append(Case(x, (2, 3, 1, 4)[k % 4], size, stride))
    for k, size in enumerate([(2, 2), (2, 3), (3, 2), (1, 3)]):
        rows, columns = image_size(rng, size, size, (k % size[0], 0), least=1)
        made.append(Case(_map(rng, (1 + k % 3, rows, columns)), (1, 3, 2, 3)[k], size, size))
    return made


def _map(rng: np.random.Generator, shape_: Shape) -> Array:
    while True:
        values = rng.integers(-6, 7, shape_).astype(float)
        if values.min() < 0 < values.max():
            return values


LP_POOL = """
sum instead of mean: The powers of a window are averaged: divide by p·q before the root. | / (p * q) =>
root forgotten: After the mean comes the root of the same order: `** (1 / order)`. | ** (1 / order) =>
divided after the root: First the mean, then the root: the division by p·q stands under it.
    / (p * q) =>
    & ** (1 / order) => ** (1 / order) / (p * q)
signs kept:
    The sizes |x| are taken: without | |, negative numbers cancel in odd orders.
    np.abs(window) => window
    & = mean ** => = np.nan if mean < 0 and order > 1 else mean **
    np.abs(window) => window
    & = mean ** => = np.sign(mean) * np.abs(mean) **
size after the sum: The sizes |x| are taken cell by cell, before they are added.
    np.abs(window) => window
    & = mean ** => = np.abs(mean) **
plain mean: This is mean pooling, whatever `order` is.
    np.abs(window) ** order => window
    & ** (1 / order) =>
plain maximum: This is max pooling, whatever `order` is.
    np.sum(np.abs(window) ** order) / (p * q) => window.max()
    & ** (1 / order) =>
always squares: The order is an argument: 1, 2, 3 or 4.
    (p, q), (S_h, S_w) = size, stride => (p, q), (S_h, S_w), order = size, stride, 2
windows side by side:
    = size, stride => = size, size
    i * S_h : i * S_h + p, j * S_w : j * S_w + q => i * p : i * p + p, j * q : j * q + q
channel 0 only: Every map comes from the first channel: each is pooled on its own. | x[d, => x[0,
channels mixed: The window takes in all channels: each is pooled on its own.
    x[d, => x[:,
    & / (p * q) => / window.size
one window too few: The first window counts too: plus 1 after the division. | return y => return y[:, :-1, :-1]
"""
SETTINGS = """
stride ignored: | = size, stride => = size, (1, 1)
stride axes swapped: | (S_h, S_w) = => (S_w, S_h) =
window axes swapped: | (p, q), => (q, p),
window taken as square:
    = size, stride => = (size[0], size[0]), stride
    = size, stride => = (size[1], size[1]), stride
"""


def explain_lp(arguments: dict[str, Any], cell: tuple[int, ...], expected: Array) -> list[Text | Code]:
    (p, q), (S_h, S_w), order = arguments["size"], arguments["stride"], arguments["order"]
    d, i, j = cell
    window = arguments["x"][d, i * S_h : i * S_h + p, j * S_w : j * S_w + q]
    place = mark("Its window is {rows} and {columns} of channel {d}:")
    text = say(place, rows=row_range("row", i * S_h, p), columns=row_range("column", j * S_w, q), d=d)
    mean = number(float(np.mean(np.abs(window) ** order)))
    powers = say("mean of |x|^{order}: {mean}", order=order, mean=mean)
    root = say("its root: {root}", root=number(expected[cell]))
    return [Text(text), Code(f"{grid(window)}\n\n{powers}\n{root}")]


lp_check = FunctionExercise(
    "lp_pool2d",
    "",
    lp_pool2d,
    lp_cases,
    mistakes_of(lp_pool2d, LP_POOL + SETTINGS, OF_WINDOWS),
    cases_description="orders 1 to 4, one to three channels, windows from 1×2 to 3×3 and 2×4 that touch, overlap or "
    "leave gaps, strides that differ for rows and columns, negative numbers.",
    explain=explain_lp,
    relative=1e-7,
)


# ---- pooling to the end ---------------------------------------------------------------------------------------------


def mean_pool2d_to_the_end(x: Array, size: Pair, stride: Pair) -> Array:
    (p, q), (S_h, S_w) = size, stride
    H, W = x.shape[1:]
    rows, columns = -(-max(H - p, 0) // S_h) + 1, -(-max(W - q, 0) // S_w) + 1
    y = np.zeros((len(x), rows, columns))
    for d, i, j in np.ndindex(y.shape):
        window = x[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q]
        y[d, i, j] = window.sum() / window.size
    return y


def to_the_end_cases(rng: np.random.Generator) -> list[Case]:
    """Return windows side by side that end with the map or hang over, windows that overlap, and both at once."""
    made = [Case(np.array([[[2.0, 4.0, 9.0]]]), (1, 2), (1, 2))]
    settings = [((2, 2), (2, 2), (0, 0)), ((3, 2), (3, 2), (0, 0)), ((2, 3), (2, 3), (0, 0))]
    settings += [((2, 3), (1, 2), (0, 0)), ((3, 3), (2, 1), (0, 0)), ((3, 2), (1, 1), (0, 0))]
    settings += [((2, 2), (2, 2), (1, 0)), ((2, 3), (2, 3), (0, 1)), ((3, 2), (3, 2), (2, 1)), ((3, 4), (3, 4), (1, 3))]
    settings += [((3, 3), (2, 2), (1, 1)), ((2, 4), (2, 3), (1, 2)), ((4, 2), (2, 1), (1, 0))]
    for k, (size, stride, rest) in enumerate(settings):
        rows, columns = image_size(rng, size, stride, rest, least=1)
        made.append(Case(_map(rng, (1 + k % 3, rows, columns)), size, stride))
    return made


TO_THE_END = r"""
rounded down: The last cells count too: the number of windows is rounded up here.
    -(-max(H - p, 0) // S_h) + 1, -(-max(W - q, 0) // S_w) + 1 => (H - p) // S_h + 1, (W - q) // S_w + 1
divided by p·q: A window that hangs over the end has fewer cells: divide by as many as it has.
    / window.size => / (p * q)
last window moved back: Window (i, j) begins at i·S_h, j·S_w, also the last one: it is cut, not moved.
    x[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q] => x[d, min(i * S_h, H - p) :, min(j * S_w, W - q) :][:p, :q]
sum instead of mean: The mean of the cells is asked for. | / window.size =>
windows side by side: Window (i, j) begins at i·S_h, j·S_w. | = size, stride => = size, size
channel 0 only: Every map comes from the first channel: each is pooled on its own. | x[d, => x[0,
a window without cells: A window that begins outside has no cell: it is not counted.
    -(-max(H - p, 0) // S_h) + 1, => -(-max(H - p, 0) // S_h) + 1 + (p == S_h and H % p == 0),
    & -(-max(W - q, 0) // S_w) + 1 => -(-max(W - q, 0) // S_w) + 1 + (q == S_w and W % q == 0)
    & / window.size => / (window.size or np.nan)
"""


def explain_end(arguments: dict[str, Any], cell: tuple[int, ...], expected: Array) -> list[Text | Code]:
    (p, q), (S_h, S_w), (d, i, j) = arguments["size"], arguments["stride"], cell
    window = arguments["x"][d, i * S_h : i * S_h + p, j * S_w : j * S_w + q]
    rows, columns = row_range("row", i * S_h, len(window)), row_range("column", j * S_w, window.shape[1])
    place = mark("Its window is {rows} and {columns} of channel {d}, as far as the map goes:")
    mean = say("the mean of {count} cells: {mean}", count=window.size, mean=number(expected[cell]))
    return [Text(say(place, rows=rows, columns=columns, d=d)), Code(f"{grid(window)}\n\n{mean}")]


to_the_end_check = FunctionExercise(
    "mean_pool2d_to_the_end",
    "",
    mean_pool2d_to_the_end,
    to_the_end_cases,
    mistakes_of(mean_pool2d_to_the_end, TO_THE_END + SETTINGS, OF_WINDOWS),
    cases_description="one to three channels, windows from 1×2 to 4×2 and 3×4 that touch or overlap, some that end "
    "with the map, some that hang over in rows, in columns or in both.",
    explain=explain_end,
)


# ---- counting a network ---------------------------------------------------------------------------------------------


def count_network(layers: list[dict[str, Any]], shape: Shape) -> tuple[Shape, int, int]:
    parameters = products = 0
    for one in layers:
        if one["kind"] == "linear":
            inputs, units = math.prod(shape), one["units"]
            parameters += (inputs + 1) * units
            products += inputs * units
            shape = (units,)
        elif one["kind"] == "flatten":
            shape = (math.prod(shape),)
        elif one["kind"] in ("conv", "pool"):
            (D, H, W), (F_h, F_w), S, P = shape, one["kernel"], one["stride"], one.get("padding", 0)
            N, H2, W2 = one.get("filters", D), (H - F_h + 2 * P) // S + 1, (W - F_w + 2 * P) // S + 1
            if one["kind"] == "conv":
                parameters += (F_h * F_w * D + 1) * N
                products += F_h * F_w * D * N * H2 * W2
            shape = (N, H2, W2)
    return shape, parameters, products


CONV = {"kind": "conv", "filters": 4, "kernel": (3, 3), "stride": 1}
RELU, FLATTEN = {"kind": "relu"}, {"kind": "flatten"}


def count_cases(rng: np.random.Generator) -> list[Case]:
    """Return networks with and without fully connected layers, none square, one of which ends flat.

    Padding and strides of convolutions are in networks of their own, and so is a fully connected layer that no flatten
    stands before.
    """
    made = [
        Case([dict(CONV)], (1, 5, 6)),
        Case([CONV | {"filters": 3, "kernel": (2, 3)}, dict(RELU)], (2, 6, 8)),
        Case([{"kind": "linear", "units": 3}], (7,)),
        Case([dict(FLATTEN), {"kind": "linear", "units": 4}], (2, 3, 5)),
    ]
    for k in range(14):
        D, rows, columns = int(rng.integers(1, 4)), int(rng.integers(27, 33)), int(rng.integers(35, 41))
        padded, strided = k in (8, 9, 11), k in (9, 10)
        layers = [_conv(rng, padded, strided), dict(RELU)]
        layers += [{"kind": "pool", "kernel": (2, 2 + k % 2), "stride": 2}] if k % 2 else []
        layers += [_conv(rng, padded, False), dict(RELU)]
        layers += [dict(FLATTEN)] if k == 3 else []
        if k > 3 and k != 10:
            layers += [] if k > 11 else [dict(FLATTEN)]
            layers += [{"kind": "linear", "units": int(rng.integers(3, 12))}]
        if k in (6, 7):
            layers += [dict(RELU), {"kind": "linear", "units": int(rng.integers(2, 6))}]
        made.append(Case(layers, (D, rows, columns)))
    return made


def _conv(rng: np.random.Generator, padded: bool, strided: bool) -> dict[str, Any]:
    kernel = [(3, 2), (2, 3), (3, 5), (5, 3)][int(rng.integers(4))]
    one = {"kind": "conv", "filters": int(rng.integers(2, 9)), "kernel": kernel, "stride": 2 if strided else 1}
    return one | ({"padding": int(rng.integers(1, 3))} if padded else {})


COUNT = r"""
order of the results: The order is `(shape, parameters, multiply-adds)`.
    return shape, parameters, products => return shape, products, parameters
biases forgotten: Each kernel and each unit has a bias, one more parameter.
    + 1) * units => ) * units
    & + 1) * N => ) * N
biases of the units forgotten: Each unit of a fully connected layer has a bias. | + 1) * units => ) * units
biases of the kernels forgotten: Each kernel has a bias, one more parameter. | + 1) * N => ) * N
a bias for every cell: All cells of a map share one bias, as they share the kernel. | + 1) * N => + H2 * W2) * N
a bias for every channel: A kernel has one bias, whatever its depth. | + 1) * N => + D) * N
depth forgotten: A kernel is as deep as its input: F_h · F_w · D weights. | F_h * F_w * D => F_h * F_w
rounded up: A window that does not fit whole is left out: round down.
    (H - F_h + 2 * P) // S => -(-(H - F_h + 2 * P) // S)
    & (W - F_w + 2 * P) // S => -(-(W - F_w + 2 * P) // S)
padding ignored: The zeros at both ends count as cells: plus 2P. | 2 * P => 0
padding counted once: There are P zeros at both ends of an axis: plus 2P. | 2 * P => P
biases counted as products: Adding the bias needs no multiplication: it is not counted.
    += F_h * F_w * D * N => += (F_h * F_w * D + 1) * N
parameters for pooling: Pooling has no parameters: it only compares or averages.
    shape = (N, H2, W2) => parameters += F_h * F_w * N * (one["kind"] == "pool") \n shape = (N, H2, W2)
cells of the input counted: A product is made for each cell of the output, not of the input.
    * N * H2 * W2 => * N * H * W
last layer only: The counts of all layers are added up.
    parameters += => parameters =
    & products += => products =
fully connected to the first axis: A fully connected layer takes all numbers that come in, also where no flatten stands
    before it.
    math.prod(shape), one => shape[0], one
fully connected layers left out: A fully connected layer counts, too.
    += (inputs + 1) * units => += 0
    & += inputs * units => += 0
convolutions left out: Convolutions count, too.
    += (F_h * F_w * D + 1) * N => += 0
    & += F_h * F_w * D * N * H2 * W2 => += 0
multiply-adds without positions: Each kernel is used at every cell of the output: times H2 · W2. | * N * H2 * W2 => * N
"""

count_check = FunctionExercise(
    "count_network",
    "",
    count_network,
    count_cases,
    mistakes_of(count_network, COUNT),
    cases_description="networks of one to eight layers: convolutions with padding and stride, pooling, ReLU, one or "
    "two fully connected layers, with a flatten before them and without, images that are not square.",
    parts=("shape", "parameters", "multiply-adds"),
)


# ---- what an output row sees ----------------------------------------------------------------------------------------


def rows_seen(layers: list[tuple[int, int, int]], row: int) -> tuple[int, int]:
    first = last = row
    for F, S, P in reversed(layers):
        first, last = first * S - P, last * S - P + F - 1
    return first, last


def rows_cases(rng: np.random.Generator) -> list[Case]:
    """Return stacks of one to five layers, rows at the top and further down.

    Strides and padding are in stacks of their own, and at the end in the same ones.
    """
    made = [Case([(3, 1, 0)], 2), Case([(2, 2, 0)], 3), Case([(3, 1, 1)], 0), Case([(3, 1, 0), (2, 2, 0)], 1)]
    for k in range(14):
        strided, padded = k in (3, 4, 5, 6, 10, 11, 12, 13), k > 6
        layers = [
            (
                int(rng.integers(2, 6)),
                int(rng.integers(1, 4)) if strided and n else 1 + strided * (1 + k % 2),
                int(rng.integers(0, 3)) if padded and n else 1 + k % 2 if padded else 0,
            )
            for n in range(2 + k % 4)
        ]
        made.append(Case(layers, int(rng.integers(0, 9)) if k % 3 else 0))
    return made


ROWS = """
layers from the front: Begin with the last layer and go back to the input. | reversed(layers) => layers
stride ignored: Window i of a layer begins at i·S − P. | * S =>
padding ignored: Window i of a layer begins at i·S − P. | - P =>
padding added: The zeros stand in front: window i begins at i·S − P, not at i·S + P. | - P => + P
one row too many: A window of F rows ends F − 1 rows after it begins. | + F - 1 => + F
cut at 0: A negative row is one of the padding; it stays in the answer.
    return first, last => return max(first, 0), max(last, 0)
number of rows in place of the last: The first and the last row are asked for.
    return first, last => return first, last - first + 1
last layer only: Go on through all layers to the input. | reversed(layers) => layers[-1:]
first layer only: Begin with the last layer. | reversed(layers) => layers[:1]
order of the results: The first row comes first. | return first, last => return last, first
"""


def explain_rows(arguments: dict[str, Any], cell: tuple[int, ...], expected: tuple[int, int]) -> list[Text | Code]:
    layers, lines = arguments["layers"], [say("output: row {row}", row=arguments["row"])]
    template = mark("input of layer {k}, (F, S, P) = {setting}: rows {first} to {last}")
    for k in range(len(layers) - 1, -1, -1):
        first, last = rows_seen(layers[k:], arguments["row"])
        lines.append(say(template, k=k, setting=layers[k], first=first, last=last))
    return [Code("\n".join(lines))]


rows_check = FunctionExercise(
    "rows_seen",
    "",
    rows_seen,
    rows_cases,
    mistakes_of(rows_seen, ROWS),
    cases_description="stacks of one to five layers, kernels from 2 to 5, strides 1 to 3, padding 0 to 2, windows that "
    "begin in the padding.",
    explain=explain_rows,
    parts=("first", "last"),
)


# ---- the assignment -------------------------------------------------------------------------------------------------


def _other_stride(arguments: Mapping[str, Any]) -> bool:
    return bool(arguments["size"] != arguments["stride"])


def _negative(arguments: Mapping[str, Any]) -> bool:
    return bool((arguments["x"] < 0).any())


def _hangs_over(arguments: Mapping[str, Any]) -> bool:
    lengths = zip(arguments["x"].shape[1:], arguments["size"], arguments["stride"])
    return any((length - F) % S for length, F, S in lengths)


def _kinds_of(arguments: Mapping[str, Any]) -> list[str]:
    return [one["kind"] for one in arguments["layers"]]


def _connected(arguments: Mapping[str, Any]) -> bool:
    return "linear" in _kinds_of(arguments)


def _without_flatten(arguments: Mapping[str, Any]) -> bool:
    return _connected(arguments) and len(arguments["shape"]) > 1 and "flatten" not in _kinds_of(arguments)


def _padded_or_strided(arguments: Mapping[str, Any]) -> bool:
    convolutions = [one for one in arguments["layers"] if one["kind"] == "conv"]
    return any(one.get("padding") or one["stride"] > 1 for one in convolutions)


def _steps(arguments: Mapping[str, Any]) -> bool:
    return any(S > 1 for _, S, _ in arguments["layers"])


def _padded(arguments: Mapping[str, Any]) -> bool:
    return any(P for *_, P in arguments["layers"])


def _kinds(arguments: Mapping[str, Any]) -> str:
    """Return words for a network to count, without its numbers."""
    kinds = _kinds_of(arguments)
    words = [say("{count} of kind {kind}", count=kinds.count(kind), kind=kind) for kind in dict.fromkeys(kinds)]
    if any(one.get("padding") for one in arguments["layers"]):
        words.append(say("with padding"))
    if any(one.get("stride", 1) > 1 for one in arguments["layers"] if one["kind"] == "conv"):
        words.append(say("with a stride above 1"))
    return say("layers: {what}", what=listed(words))


def _stack(arguments: Mapping[str, Any]) -> str:
    layers = arguments["layers"]
    words = [say_count("{count} layer", "{count} layers", len(layers))]
    words += [say("strides above 1")] if any(S > 1 for _, S, _ in layers) else []
    words += [say("padding")] if any(P for *_, P in layers) else []
    return listed(words)


QUESTION = """
## Task 6 (3 points): In your own words

In a network for digits, somebody replaces each max pooling of 2×2 with stride 2 by a convolution of 2×2 with stride
2 that has as many filters as there are channels, D. Answer in five to ten sentences: How do the number of
parameters and the work change? What can each of the two do that the other cannot? What happens to the output of
each if the digit moves by one pixel? When would you take which?

Double-click the cell below and write in the place of its words.
"""

ASSIGNMENT = Assignment(
    name="2",
    title="Pooling, shapes and counting",
    version="1",
    tasks=(
        PredictionTask(
            "six_shapes",
            "Six shapes",
            3,
            own_shapes(None).exercise,
            answer="my_shapes",
            own=own_shapes,
            stub="""my_shapes = {
    "a": (..., ..., ...),
    "b": (..., ..., ...),
    "c": (..., ..., ...),
    "d": (..., ..., ...),
    "e": (..., ..., ...),
    "f": (..., ..., ...),
}""",
        ),
        FunctionTask(
            "lp_pool2d",
            "Between mean and maximum",
            4,
            lp_check,
            answer="my_lp_pool2d",
            stub="""def my_lp_pool2d(x, order, size, stride):
    \"\"\"Return the pooled maps (D, H2, W2); x: (D, H, W), size: (p, q), stride: (S_h, S_w).\"\"\"
    ...""",
            criteria=(
                Criterion("negative numbers", 1, _negative),
                Criterion("strides that differ from the window", 1.5, _other_stride),
                Criterion("windows side by side", 1.5),
            ),
        ),
        FunctionTask(
            "mean_pool2d_to_the_end",
            "Pooling to the end",
            3,
            to_the_end_check,
            answer="my_mean_pool2d",
            stub="""def my_mean_pool2d(x, size, stride):
    \"\"\"Return the mean of every window that begins in the map, (D, H2, W2); x: (D, H, W).\"\"\"
    ...""",
            criteria=(
                Criterion("windows that hang over", 1.5, _hangs_over),
                Criterion("windows that overlap", 0.5, _other_stride),
                Criterion("windows side by side that fit", 1),
            ),
            finer=(
                Criterion(
                    "windows that overlap and hang over", 0.5, lambda given: _other_stride(given) and _hangs_over(given)
                ),
            ),
        ),
        FunctionTask(
            "count_network",
            "Count a network",
            4,
            count_check,
            answer="my_count",
            stub="""def my_count(layers, shape):
    \"\"\"Return the shape of the output, the number of parameters, the number of multiply-adds of one image.\"\"\"
    ...""",
            criteria=(
                Criterion("fully connected layers", 0.5, _connected, "shape"),
                Criterion("convolutions and pooling", 0.5, part="shape"),
                Criterion("fully connected layers", 0.5, _connected, "parameters"),
                Criterion("convolutions and pooling", 1, part="parameters"),
                Criterion("fully connected layers", 0.5, _connected, "multiply-adds"),
                Criterion("convolutions and pooling", 1, part="multiply-adds"),
            ),
            finer=(
                Criterion("padding or strides of convolutions", 1, _padded_or_strided),
                Criterion("a fully connected layer without a flatten before it", 0.5, _without_flatten),
            ),
            kind_of_case=_kinds,
        ),
        FunctionTask(
            "rows_seen",
            "Which rows does it see?",
            3,
            rows_check,
            answer="my_rows_seen",
            stub="""def my_rows_seen(layers, row):
    \"\"\"Return the first and the last input row that output row `row` sees; layers: a list of (F, S, P).\"\"\"
    ...""",
            criteria=tuple(
                Criterion(name, 0.5, when, part)
                for part in ("first", "last")
                for name, when in (("strides", _steps), ("padding", _padded), ("kernels alone", None))
            ),
            finer=(Criterion("strides and padding at once", 0.5, lambda given: _steps(given) and _padded(given)),),
            kind_of_case=_stack,
        ),
        WrittenTask("pooling_in_words", "In your own words", 3, stub=TEXT_STUB, question=QUESTION),
    ),
)
