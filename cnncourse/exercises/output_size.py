"""Chapter 04: how many windows fit along one axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.result import Code, Text


def my_output_size(size, kernel, stride=1, padding=0):
    return (size - kernel + 2 * padding) // stride + 1


MISTAKES = r"""
rounded up: A window that does not fit whole is left out: the quotient is rounded down.
    (size - kernel + 2 * padding) // stride => -(-(size - kernel + 2 * padding) // stride)
rounded to the nearest: A window that does not fit whole is left out: the quotient is rounded down, also from one half
    on.
    (size - kernel + 2 * padding) // stride => round((size - kernel + 2 * padding) / stride)
    (size - kernel + 2 * padding) // stride => int((size - kernel + 2 * padding) / stride + 0.5)
not rounded: The result is a whole number: `//` divides and rounds down, `/` gives a fraction.
    // => /
1 forgotten: The quotient says how often the window can move; where it begins counts too: plus 1.
    // stride + 1 => // stride
1 added before the division: The 1 is added after the division by the stride: brackets.
    2 * padding) // stride + 1 => 2 * padding + 1) // stride
divided too late: `/` binds more strongly than `+` and `−`: brackets around size − kernel + 2 · padding.
    (size - kernel + 2 * padding) => size - kernel + 2 * padding
padding counted once: There are `padding` zeros at both ends of the axis: 2 · padding.
    2 * padding => padding
padding ignored: There are `padding` zeros at both ends of the axis: 2 · padding more cells.
    2 * padding => 0
padding subtracted: Padding makes the input larger: plus 2 · padding.
    + 2 * padding => - 2 * padding
padding as a power: There are `padding` zeros at both ends of the axis: 2 · padding, not padding².
    2 * padding => padding**2
stride ignored: The window moves by `stride` cells at a time: divide by it.
    // stride => // 1
kernel ignored: The window lies inside with all its cells: the last one begins `kernel` cells before the end.
    size - kernel => size
    size - kernel => size
    & // stride + 1 => // stride
    (size - kernel + 2 * padding) // stride + 1 => size // stride
kernel one too small: The last window begins `kernel` cells before the end: minus the kernel, and plus 1 after the
    division.
    2 * padding) => 2 * padding + 1)
off by one: The result is 1 too large.
    + 1 => + 2
size of the rest: `%` gives what is left over by the division: `//` is the quotient.
    // => %
sum of all windows' cells: The way back is (size − 1) · stride + kernel: this one goes from the input to the output.
    (size - kernel + 2 * padding) // stride + 1 => (size - 1) * stride + kernel - 2 * padding
"""


def cases(rng: np.random.Generator) -> list[Case]:
    """Return sizes that the window fits, with every rest that a division by the stride can leave."""
    made = [Case(5, 3), Case(4, 4), Case(3, 1, stride=2), Case(2, 2, stride=1, padding=1)]
    for stride in (1, 2, 3, 4, 5):
        for rest in range(stride):
            kernel, padding = int(rng.integers(2, 8)), int(rng.integers(1, 4))
            size = kernel + stride * int(rng.integers(padding + 2, 40)) + rest - 2 * padding
            made.append(Case(max(size, 1), kernel, stride=stride, padding=padding))
    for _ in range(10):
        kernel, stride = int(rng.integers(1, 12)), int(rng.integers(1, 7))
        made.append(Case(kernel + int(rng.integers(0, 250)), kernel, stride=stride, padding=int(rng.integers(0, 4))))
    return made


def explain(arguments: dict[str, Any], cell: tuple[int, ...], expected: int) -> list[Text | Code]:
    W1, F = arguments["size"], arguments["kernel"]
    S, P = arguments.get("stride", 1), arguments.get("padding", 0)
    return [Code(f"⌊({W1} − {F} + 2·{P}) / {S}⌋ + 1 = ⌊{W1 - F + 2 * P} / {S}⌋ + 1 = {expected}")]


exercise = FunctionExercise(
    "output_size",
    "04",
    my_output_size,
    cases,
    mistakes_of(my_output_size, MISTAKES),
    "sizes from 1 to a few hundred, kernels from 1 to 11, strides from 1 to 6 with every rest that the division can "
    "leave, padding from 0 to 3.",
    explain,
)
