"""Mistakes that several tasks know: name and sentence of each, and what makes a mistake in one part of an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnncourse.checks.comparing import Mistake

from .layer import Pair, one_for_both

Answer = tuple[np.ndarray, ...]

ROUNDED_UP = (
    "rounded up",
    "There is a window that begins inside and ends outside: a window that does not fit whole is left out, so the "
    "division of the size rounds down.",
)
ONE_TOO_FEW = (
    "one window too few",
    "The first window counts too: (size − kernel) divided by the stride, rounded down, plus 1.",
)
STRIDE_IGNORED = ("stride ignored", "The window moves by 1 whatever `stride` says: it begins at row i·S, column j·S.")
STRIDE_IN_SIZE_ONLY = (
    "stride in the size only",
    "The output has the right size, but the window still moves by 1: it begins at row i·S, column j·S.",
)
STRIDE_INSIDE = (
    "stride inside the window",
    "The stride moves the window as a whole: row i·S + m, not (i + m)·S, and not i + m·S.",
)
TURNED = (
    "kernel turned by 180°",
    "The exercise asks for the cross-correlation, as networks compute it: w_mn meets x at row i + m, column j + n.",
)
RELU = ("ReLU applied", "Negative sums are set to 0: the exercise asks for the weighted input, before any activation.")
ORDER = (
    "order of the results",
    "The numbers are right, but the results come in another order than the exercise asks for.",
)
STRIDE_NOT_EXPANDED = (
    "stride not expanded",
    "δ_ij belongs to the window that begins at row i·S, column j·S; here it is taken as that of row i, column j.",
)
CUT_WRONGLY = (
    "padding cut on one side",
    "P rows and columns are cut off on every side of the padded result: `[P : P + H]`.",
)
PER_POSITION = (
    "bias gradient per position",
    "All positions of a map share the bias: its gradient is the sum of δ over the whole map, one number per filter.",
)
LAST_FILTER = "δ of the last filter only"
ROWS_FIRST = "In a pair, the first number belongs to the rows."
WINDOW_BEGINS = "Window (i, j) begins at row i·S_h, column j·S_w."
WINDOW_AXES = f"{ROWS_FIRST} A window of (p, q) has p rows and q columns."

WithSetting = Callable[[Callable[[Pair, Pair], tuple[Pair, Pair]]], Callable[..., np.ndarray]]


def mistaken_settings(answer: WithSetting) -> tuple[Mistake, ...]:
    """Return the mistakes about the size and the stride of a window. answer: what comes out with these two changed."""
    return (
        Mistake("stride ignored", WINDOW_BEGINS, answer(lambda size, stride: (size, (1, 1)))),
        Mistake("stride axes swapped", ROWS_FIRST, answer(lambda size, stride: (size, stride[::-1]))),
        Mistake("window axes swapped", WINDOW_AXES, answer(lambda size, stride: (size[::-1], stride))),
        Mistake("window taken as square", WINDOW_AXES, answer(lambda size, stride: (one_for_both(0)(size), stride))),
        Mistake("window taken as square", WINDOW_AXES, answer(lambda size, stride: (one_for_both(1)(size), stride))),
    )


def with_part(solution: Callable[..., Answer], *changes: tuple[int, Callable[..., Any]]) -> Callable[..., Answer]:
    """Return `solution` with parts of its answer replaced; a change: (number of the part, what computes another)."""

    def answer(**given: Any) -> Answer:
        parts = list(solution(**given))
        for k, wrong in changes:
            parts[k] = wrong(parts[k], **given)
        return tuple(parts)

    return answer


def nothing(part: np.ndarray, **given: Any) -> np.ndarray:
    return np.zeros_like(part)


def only(part: np.ndarray, place: Any) -> np.ndarray:
    """Return zeros with the part's own numbers at `place`."""
    kept = np.zeros_like(part)
    kept[place] = part[place]
    return kept
