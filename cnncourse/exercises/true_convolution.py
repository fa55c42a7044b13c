"""Chapter 03: the mathematical convolution, by means of the cross-correlation."""

from __future__ import annotations

from typing import Any

import numpy as np

import cnnlib

from ..checks.comparing import number
from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.result import Code, Text
from ..checks.windows import fine, integers, kernel_values, signed
from ..language import say


def my_convolve2d(a, b):
    return cnnlib.cross_correlate2d(a, b[::-1, ::-1], mode="full")


MISTAKES = r"""
kernel not turned: This is still the cross-correlation: turn the kernel by 180° first.
    b[::-1, ::-1] => b
kernel turned the wrong way: The kernel is upside down, but not mirrored: 180° reverses its columns too.
    b[::-1, ::-1] => b[::-1]
kernel turned the wrong way: The kernel is mirrored, but not upside down: 180° reverses its rows too.
    b[::-1, ::-1] => b[:, ::-1]
kernel transposed: Transposing swaps rows and columns: turning by 180° reverses both.
    b[::-1, ::-1] => b.T
kernel turned the wrong way: The kernel is turned by 90°: twice that. | b[::-1, ::-1] => np.rot90(b)
kernel turned the wrong way: The kernel is turned by 270°: it is 180°. | b[::-1, ::-1] => np.rot90(b, 3)
image turned instead of the kernel: The result is turned by 180°: turn the kernel, and leave the image and the result
    as they are.
    a, b[::-1, ::-1] => a[::-1, ::-1], b
both turned: Kernel and image are turned, or were exchanged, which gives the same: lay `b` on `a`, and turn only `b`.
    a, b[::-1, ::-1] => a[::-1, ::-1], b[::-1, ::-1]
    a, b[::-1, ::-1] => b, a
valid instead of full: Only windows inside the image are computed: the exercise asks for every sum that has a term,
    mode `full`.
    "full" => "valid"
same instead of full: The result is as large as the image: the exercise asks for every sum that has a term, mode `full`.
    "full" => "same"
not turned, and valid instead of full: This is the cross-correlation inside the image: turn the kernel by 180°, and
    take the mode `full`.
    b[::-1, ::-1], mode="full" => b
not turned, and same instead of full: This is the cross-correlation as large as the image: turn the kernel by 180°,
    and take the mode `full`.
    b[::-1, ::-1], mode="full" => b, mode="same"
"""


def cases(rng: np.random.Generator) -> list[Case]:
    """Return pairs of arrays, the second one smaller, larger, or larger along one axis only."""
    shapes = [
        ((1, 2), (1, 2)),
        ((2, 2), (2, 2)),
        ((3, 3), (2, 2)),
        ((3, 4), (3, 3)),
        ((2, 3), (2, 1)),
        ((4, 3), (2, 3)),
    ]
    shapes += [((3, 5), (3, 2)), ((2, 2), (3, 4)), ((5, 2), (2, 3)), ((1, 4), (3, 1)), ((5, 6), (3, 3))]
    made = [Case(integers(rng, first), kernel_values(rng, second)) for first, second in shapes]
    return [*made, Case(fine(rng, (4, 5), 2), fine(rng, (2, 3)))]


def explain(arguments: dict[str, Any], cell: tuple[int, ...], expected: np.ndarray) -> list[Text | Code]:
    a, b = arguments["a"], arguments["b"]
    s, t = cell
    products = [
        f"{signed(a[m, n])}·{signed(b[s - m, t - n])}"
        for m, n in np.ndindex(a.shape)
        if 0 <= s - m < b.shape[0] and 0 <= t - n < b.shape[1]
    ]
    return [
        Text(
            say(
                "With s = {s} and t = {t}, the sum over all m, n of a_mn · b with row s − m and column t − n is:",
                s=s,
                t=t,
            )
        ),
        Code(f"{' + '.join(products)} = {number(expected[cell])}"),
    ]


exercise = FunctionExercise(
    "true_convolution",
    "03",
    my_convolve2d,
    cases,
    mistakes_of(my_convolve2d, MISTAKES),
    "pairs of arrays from 1×2 to 5×6, the second one smaller than the first, as large, or larger, with negative "
    "numbers.",
    explain,
)
