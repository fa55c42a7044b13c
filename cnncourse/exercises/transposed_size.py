"""Chapter 14: the size that a transposed convolution gives."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.result import Code, Text


def my_transposed_size(size, kernel, stride, padding, output_padding=0):
    return (size - 1) * stride + kernel - 2 * padding + output_padding


MISTAKES = r"""
size of a convolution: This is the formula of chapter 04, from the input to the output: here it is the way back.
    (size - 1) * stride + kernel - 2 * padding + output_padding => (size - kernel + 2 * padding) // stride + 1
    (size - 1) * stride + kernel - 2 * padding => (size - kernel + 2 * padding) // stride + 1
output padding forgotten: `output_padding` cells are added at the end. | + output_padding => + 0
output padding at both ends: `output_padding` cells are added at one end only. | + output_padding => + 2 * output_padding
output padding subtracted: `output_padding` cells are added at the end. | + output_padding => - output_padding
padding added: Here the padding is cut off: minus 2 · padding. | - 2 * padding => + 2 * padding
padding counted once: `padding` cells are cut off at both ends: 2 · padding. | 2 * padding => padding
padding ignored: `padding` cells are cut off at both ends: minus 2 · padding. | - 2 * padding => - 0
padding as a power: `padding` cells are cut off at both ends: 2 · padding, not padding². | 2 * padding => padding**2
1 forgotten: Between `size` windows there are size − 1 steps: (size − 1) · stride, plus the last window's `kernel` cells.
    (size - 1) => size
    (size - 1) * stride + kernel => size * stride + kernel - 1
kernel one too small: The last window has all its `kernel` cells: (size − 1) · stride + kernel. | + kernel => + kernel - 1
one cell too many: (size − 1) · stride is where the last window begins; `kernel` cells follow, and no 1.
    + kernel => + kernel + 1
kernel ignored: The last window is `kernel` cells long.
    (size - 1) * stride + kernel - 2 * padding + output_padding => size * stride
    (size - 1) * stride + kernel - 2 * padding => size * stride
    + kernel => + 1
stride ignored: The windows begin `stride` cells apart: (size − 1) · stride. | * stride => * 1
windows side by side: The windows begin `stride` cells apart and may overlap: they are not laid side by side.
    (size - 1) * stride + kernel => size * kernel
dimension of the stride's zeros only: That is the expanded input; padded with F − 1 zeros on both sides it gives the
    result.
    (size - 1) * stride + kernel - 2 * padding + output_padding => (size - 1) * stride + 1
full padding counted once: The expanded input gets F − 1 − P zeros at both ends before the kernel takes F − 1 away.
    + kernel - 2 * padding => + 1 - padding
"""


def cases(rng: np.random.Generator) -> list[Case]:
    """Return one input and many, strides below, at and above the kernel, padding, output padding below the stride."""
    made = [Case(2, 2, 2, 0), Case(1, 3, 1, 0), Case(1, 4, 3, 1), Case(2, 3, 2, 1, output_padding=1)]
    made.append(Case(int(rng.integers(5, 20)), 7, 2, 3, output_padding=1))
    for stride in (1, 2, 3, 4):
        for k, kernel in enumerate((2, 3, 5, 7)):
            padding = int(rng.integers(0, kernel // 2 + 1))
            size, more = int(rng.integers(2, 30)), k % stride
            made.append(Case(size, kernel, stride, padding, output_padding=more))
    return made


def explain(arguments: dict[str, Any], cell: tuple[int, ...], expected: int) -> list[Text | Code]:
    W, F, S, P = (arguments[name] for name in ("size", "kernel", "stride", "padding"))
    more = arguments.get("output_padding", 0)
    return [Code(f"({W} − 1)·{S} + {F} − 2·{P} + {more} = {(W - 1) * S} + {F} − {2 * P} + {more} = {expected}")]


exercise = FunctionExercise(
    "transposed_size",
    "14",
    my_transposed_size,
    cases,
    mistakes_of(my_transposed_size, MISTAKES),
    "one to thirty inputs, kernels from 2 to 7, strides from 1 to 4, padding up to half the kernel, output padding below "
    "the stride.",
    explain,
)
