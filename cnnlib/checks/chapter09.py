"""Exercises of chapter 09, beyond LeNet: a fully connected layer as a convolution, the size of a transposed one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import geometry
from .comparing import Mistake
from .exercise import Case, FunctionExercise
from .result import Code, Text
from .windows import kernel_values

Triple = tuple[int, int, int]
Pair = tuple[np.ndarray, np.ndarray]


# ---- fully connected to convolution ---------------------------------------------------------------------------------


def convert_linear(weight: np.ndarray, bias: np.ndarray, shape: Triple) -> Pair:
    return weight.reshape(len(weight), *shape), bias


def convert_cases(rng: np.random.Generator) -> list[Case]:
    """Return layers on maps that are not square, of one channel and of several, one unit and several."""
    shapes = [
        (2, (1, 1, 2)),
        (1, (2, 2, 1)),
        (3, (2, 2, 3)),
        (2, (3, 2, 4)),
        (4, (1, 3, 2)),
        (3, (4, 1, 3)),
        (6, (3, 1, 2)),
    ]
    made = []
    for out, shape in shapes:
        weight = rng.permutation(np.arange(1.0, 1 + out * np.prod(shape))).reshape(out, -1)  # no two alike
        made.append(Case(weight, kernel_values(rng, (out,)), shape))
    return [*made, Case(np.round(rng.normal(0, 1, (5, 24)), 2), np.round(rng.normal(0, 1, 5), 2), (2, 3, 4))]


def _kernels(change: Callable[[np.ndarray, Triple], np.ndarray]) -> Callable[..., Pair]:
    """Return the conversion in which the kernels are `change(weight, shape)`."""
    return lambda weight, bias, shape: (change(weight, shape), bias)


def _bias(change: Callable[[np.ndarray], Any]) -> Callable[..., Any]:
    return lambda weight, bias, shape: (convert_linear(weight, bias, shape)[0], change(bias))


def _channels_last(weight: np.ndarray, shape: Triple) -> np.ndarray:
    C, H, W = shape
    return weight.reshape(-1, H, W, C).transpose(0, 3, 1, 2)


def _columns_first(weight: np.ndarray, shape: Triple) -> np.ndarray:
    C, H, W = shape
    return weight.reshape(-1, C, W, H).swapaxes(2, 3)


FLATTENING = "The layer reads the maps in the order channel, row, column, and `reshape` counts in that order."
CHANNELS_LAST = ("order of flattening", f"{FLATTENING} Here the channels were taken to be the last.")
TURNED = ("kernel turned", "A convolution layer computes the cross-correlation: nothing is turned.")
TRANSPOSED = ("weight transposed", "Each row of `weight` belongs to one unit and becomes one kernel: no `weight.T`.")

convert_linear_check = FunctionExercise(
    "convert_linear",
    "09",
    convert_linear,
    convert_cases,
    mistakes=(
        Mistake(*CHANNELS_LAST, _kernels(_channels_last)),
        Mistake(
            "order of flattening",
            f"{FLATTENING} Here the columns were taken to come before the rows.",
            _kernels(_columns_first),
        ),
        Mistake(
            "order of flattening",
            f'{FLATTENING} `order="F"` counts the other way.',
            _kernels(lambda weight, shape: weight.reshape(len(weight), *shape, order="F")),
        ),
        Mistake(*TRANSPOSED, _kernels(lambda weight, shape: weight.T.reshape(len(weight), *shape))),
        Mistake(*TRANSPOSED, _kernels(lambda weight, shape: weight.T.reshape(*shape, len(weight)))),
        Mistake(
            "channels last",
            "Kernels are (out, C, H, W): the numbers are right, but the channels stand at the end.",
            _kernels(lambda weight, shape: np.moveaxis(weight.reshape(-1, *shape), 1, -1)),
        ),
        Mistake(
            "channels last",
            "Kernels are (out, C, H, W): this is (out, H, W, C).",
            _kernels(lambda weight, shape: weight.reshape(-1, *shape[1:], shape[0])),
        ),
        Mistake(
            "rows and columns swapped",
            "`shape` is (C, H, W): H rows, W columns.",
            _kernels(lambda weight, shape: weight.reshape(-1, shape[0], shape[2], shape[1])),
        ),
        Mistake(
            "rows and columns swapped",
            "Kernels are (out, C, H, W), rows before columns.",
            _kernels(lambda weight, shape: weight.reshape(-1, *shape).swapaxes(2, 3)),
        ),
        Mistake(
            "channels and units swapped",
            "Kernels are (out, C, H, W): the first axis counts the units.",
            _kernels(lambda weight, shape: weight.reshape(-1, *shape).swapaxes(0, 1)),
        ),
        Mistake(*TURNED, _kernels(lambda weight, shape: weight.reshape(-1, *shape)[..., ::-1, ::-1])),
        Mistake(*TURNED, _kernels(lambda weight, shape: weight[:, ::-1].reshape(-1, *shape))),
        Mistake(
            "out axis missing",
            "There is a kernel for each unit: (out, C, H, W).",
            _kernels(lambda weight, shape: weight[0].reshape(shape)),
        ),
        Mistake(
            "first unit only",
            "There is a kernel for each unit: (out, C, H, W).",
            _kernels(lambda weight, shape: weight[:1].reshape(1, *shape)),
        ),
        Mistake("not reshaped", "The kernels are (out, C, H, W): `reshape`.", _kernels(lambda weight, shape: weight)),
        Mistake(
            "1×1 kernels",
            "The window is as large as the map, H×W, so that it reads all of it at once.",
            _kernels(lambda weight, shape: weight[:, :, None, None]),
        ),
        Mistake("bias set to 0", "The biases stay as they are.", _bias(np.zeros_like)),
        Mistake(
            "bias reshaped",
            "A convolution has one bias per kernel, (out,): the biases stay as they are.",
            _bias(lambda bias: bias[:, None, None]),
        ),
        Mistake(
            "bias reshaped",
            "A convolution has one bias per kernel, (out,): the biases stay as they are.",
            _bias(lambda bias: bias[:, None, None, None]),
        ),
        Mistake(
            "bias reshaped",
            "A convolution has one bias per kernel, (out,): the biases stay as they are.",
            _bias(lambda bias: bias[None, :, None, None]),
        ),
        Mistake(
            "order of the results",
            "The kernels come first, then the biases.",
            lambda weight, bias, shape: convert_linear(weight, bias, shape)[::-1],
        ),
    ),
    tried="one to six units on one to four maps that are not square, a weight of its own for each place.",
    parts=("weight", "bias"),
)


# ---- the size of a transposed convolution ---------------------------------------------------------------------------


def transposed_size(size: int, kernel: int, stride: int, padding: int, output_padding: int = 0) -> int:
    return geometry.conv_transpose_output_size(size, kernel, stride, padding, output_padding)


def transposed_cases(rng: np.random.Generator) -> list[Case]:
    """Return one input and many, strides below, at and above the kernel, padding, output padding below the stride."""
    made = [Case(2, 2, 2, 0), Case(1, 3, 1, 0), Case(1, 4, 3, 1), Case(2, 3, 2, 1, output_padding=1)]
    for stride in (1, 2, 3, 4):
        for kernel in (2, 3, 5, 7):
            padding = int(rng.integers(0, kernel // 2 + 1))
            size, more = int(rng.integers(2, 30)), int(rng.integers(0, stride))
            made.append(Case(size, kernel, stride, padding, output_padding=more))
    return made


def explain_size(arguments: dict[str, Any], cell: tuple[int, ...], expected: int) -> list[Text | Code]:
    W, F, S, P = (arguments[name] for name in ("size", "kernel", "stride", "padding"))
    more = arguments.get("output_padding", 0)
    return [Code(f"({W} − 1)·{S} + {F} − 2·{P} + {more} = {(W - 1) * S} + {F} − {2 * P} + {more} = {expected}")]


def _size(formula: Callable[[int, int, int, int, int], Any]) -> Callable[..., Any]:
    """Return the formula of (W, F, S, P, output padding) as a function of the exercise's arguments."""
    return lambda size, kernel, stride, padding, output_padding: formula(size, kernel, stride, padding, output_padding)


WRONG_WAY = (
    "size of a convolution",
    "This is the formula of chapter 04, from the input to the output: here it is the way back.",
)
NO_ONE = (
    "1 forgotten",
    "Between `size` windows there are size − 1 steps: (size − 1) · stride, plus the last window's `kernel` cells.",
)

transposed_size_check = FunctionExercise(
    "transposed_size",
    "09",
    transposed_size,
    transposed_cases,
    mistakes=(
        Mistake(*WRONG_WAY, _size(lambda W, F, S, P, more: (W - F + 2 * P) // S + 1)),
        Mistake(*WRONG_WAY, _size(lambda W, F, S, P, more: (W - F + 2 * P) // S + 1 + more)),
        Mistake(
            "output padding forgotten",
            "`output_padding` cells are added at the end.",
            _size(lambda W, F, S, P, more: (W - 1) * S + F - 2 * P),
        ),
        Mistake(
            "output padding at both ends",
            "`output_padding` cells are added at one end only.",
            _size(lambda W, F, S, P, more: (W - 1) * S + F - 2 * P + 2 * more),
        ),
        Mistake(
            "output padding subtracted",
            "`output_padding` cells are added at the end.",
            _size(lambda W, F, S, P, more: (W - 1) * S + F - 2 * P - more),
        ),
        Mistake(
            "padding added",
            "Here the padding is cut off: minus 2 · padding.",
            _size(lambda W, F, S, P, more: (W - 1) * S + F + 2 * P + more),
        ),
        Mistake(
            "padding counted once",
            "`padding` cells are cut off at both ends: 2 · padding.",
            _size(lambda W, F, S, P, more: (W - 1) * S + F - P + more),
        ),
        Mistake(
            "padding ignored",
            "`padding` cells are cut off at both ends: minus 2 · padding.",
            _size(lambda W, F, S, P, more: (W - 1) * S + F + more),
        ),
        Mistake(*NO_ONE, _size(lambda W, F, S, P, more: W * S + F - 2 * P + more)),
        Mistake(*NO_ONE, _size(lambda W, F, S, P, more: W * S + F - 1 - 2 * P + more)),
        Mistake(
            "kernel one too small",
            "The last window has all its `kernel` cells: (size − 1) · stride + kernel.",
            _size(lambda W, F, S, P, more: (W - 1) * S + F - 1 - 2 * P + more),
        ),
        Mistake(
            "one cell too many",
            "(size − 1) · stride is where the last window begins; `kernel` cells follow, and no 1.",
            _size(lambda W, F, S, P, more: (W - 1) * S + F + 1 - 2 * P + more),
        ),
        Mistake("kernel ignored", "The last window is `kernel` cells long.", _size(lambda W, F, S, P, more: W * S)),
        Mistake(
            "kernel ignored", "The last window is `kernel` cells long.", _size(lambda W, F, S, P, more: W * S + more)
        ),
        Mistake(
            "kernel ignored",
            "The last window is `kernel` cells long.",
            _size(lambda W, F, S, P, more: (W - 1) * S + 1 - 2 * P + more),
        ),
        Mistake(
            "stride ignored",
            "The windows begin `stride` cells apart: (size − 1) · stride.",
            _size(lambda W, F, S, P, more: W - 1 + F - 2 * P + more),
        ),
        Mistake(
            "windows side by side",
            "The windows begin `stride` cells apart and may overlap: they are not laid side by side.",
            _size(lambda W, F, S, P, more: W * F - 2 * P + more),
        ),
        Mistake(
            "dimension of the stride's zeros only",
            "That is the expanded input; padded with F − 1 zeros on both sides it gives the result.",
            _size(lambda W, F, S, P, more: (W - 1) * S + 1),
        ),
        Mistake(
            "full padding counted once",
            "The expanded input gets F − 1 − P zeros at both ends before the kernel takes F − 1 away.",
            _size(lambda W, F, S, P, more: (W - 1) * S + 1 + F - 1 - P - (F - 1) + more),
        ),
        Mistake(
            "not a whole number",
            "The result is a whole number: `//` instead of `/`, or `int(...)`.",
            _size(lambda W, F, S, P, more: float((W - 1) * S + F - 2 * P + more)),
        ),
    ),
    tried="one to thirty inputs, kernels from 2 to 7, strides from 1 to 4, padding up to half the kernel, output "
    "padding below the stride.",
    explain=explain_size,
)
