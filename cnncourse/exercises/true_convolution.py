"""Chapter 03: the mathematical convolution, by laying copies of one array on the result."""

from __future__ import annotations

from typing import Any

import numpy as np

import cnnlib  # noqa: F401 - the mistakes call it

from ..checks.comparing import number
from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.result import Code, Text
from ..checks.windows import fine, integers, kernel_values, signed
from ..language import say


def my_convolve2d(a, b):
    (m_a, n_a), (m_b, n_b) = a.shape, b.shape
    result = np.zeros((m_a + m_b - 1, n_a + n_b - 1))
    for m, n in np.ndindex(m_a, n_a):
        result[m : m + m_b, n : n + n_b] += a[m, n] * b
    return result


MISTAKES = r"""
copies laid over each other: Where copies meet, they are added: `+=`, or only the last one stays. | += => =
numbers of `a` ignored: Each copy of `b` is multiplied by the number of `a` that lays it.
    += a[m, n] * b => += b
copies turned: This is the cross-correlation: a copy of `b` is laid as it is, not turned by 180°.
    += a[m, n] * b => += a[m, n] * b[::-1, ::-1]
    return result => return cnnlib.cross_correlate2d(a, b, mode="full")
copies turned upside down: The copy of `b` is laid as it is, its first row in row m.
    += a[m, n] * b => += a[m, n] * b[::-1]
copies mirrored: The copy of `b` is laid as it is, its first column in column n.
    += a[m, n] * b => += a[m, n] * b[:, ::-1]
copies side by side: Neighbouring copies are one cell apart, and overlap: the copy of a_mn begins in row m, column n.
    result = np.zeros((m_a + m_b - 1, n_a + n_b - 1)) => result = np.zeros((m_a * m_b, n_a * n_b))
    & [m : m + m_b, n : n + n_b] => [m * m_b : m * m_b + m_b, n * n_b : n * n_b + n_b]
image turned instead of the kernel: The result is turned by 180°: lay the copies from row m, column n on, and leave the
    result as it is.
    return result => return result[::-1, ::-1]
valid instead of full: Only places inside the image are computed: the exercise asks for every sum that has a term.
    return result => return cnnlib.cross_correlate2d(a, b[::-1, ::-1])
same instead of full: The result is as large as the image: the exercise asks for every sum that has a term.
    return result => return cnnlib.cross_correlate2d(a, b[::-1, ::-1], mode="same")
not turned, and valid instead of full: This is the cross-correlation inside the image: the exercise asks for the
    convolution, and for every sum that has a term.
    return result => return cnnlib.cross_correlate2d(a, b)
not turned, and same instead of full: This is the cross-correlation as large as the image: the exercise asks for the
    convolution, and for every sum that has a term.
    return result => return cnnlib.cross_correlate2d(a, b, mode="same")
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
