"""Chapter 05: the shapes that come out of five pooling layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checks.matching import Case
from ..checks.prediction import Exact, Prediction, by_formula, read_shape


def pooled_shape(D, H, W, p, q, S_h, S_w, P=0):
    return D, (H - p + 2 * P) // S_h + 1, (W - q + 2 * P) // S_w + 1


MISTAKES = r"""
rounded up: A window that does not fit whole is left out: round down.
    (H - p + 2 * P) // S_h => -(-(H - p + 2 * P) // S_h)
    & (W - q + 2 * P) // S_w => -(-(W - q + 2 * P) // S_w)
1 forgotten: The quotient says how often the window can move; plus 1.
    // S_h + 1 => // S_h
    & // S_w + 1 => // S_w
padding ignored: The padded cells at both ends count. | 2 * P => 0
padding counted once: There is padding at both ends of an axis. | 2 * P => P
stride ignored: The windows move by the stride, not by their own size.
    // S_h => // p
    & // S_w => // q
stride ignored: The windows move by the stride, not by 1.
    // S_h => // 1
    & // S_w => // 1
stride axes swapped: In a pair, the first number belongs to the rows. | return => S_h, S_w = S_w, S_h \n return
window axes swapped: A window of p×q has p rows and q columns.
    return => p, q = q, p \n return
    # only where p and q differ: the division by 0 leaves the others out
    return => p, q, S_h, S_w = q, p, S_w // (p != q), S_h \n return
window ignored: A window lies inside with all its cells: size − window + 2P, divided by the stride, and plus 1.
    (H - p + 2 * P) // S_h + 1, (W - q + 2 * P) // S_w + 1 => H // S_h, W // S_w
rows and columns swapped: The order is (channels, rows, columns).
    (H - p + 2 * P) // S_h + 1, (W - q + 2 * P) // S_w + 1 => (W - q + 2 * P) // S_w + 1, (H - p + 2 * P) // S_h + 1
size of the input: Look at how many windows fit into the padded map.
    (H - p + 2 * P) // S_h + 1, (W - q + 2 * P) // S_w + 1 => H, W
channels pooled: Each channel is pooled on its own: as many maps come out as went in.
    return D, => return 1,
    return D, => return -(-D // S_h),
channels last: The order is (channels, rows, columns).
    return D, (H - p + 2 * P) // S_h + 1, (W - q + 2 * P) // S_w + 1 => return (H - p + 2 * P) // S_h + 1, (W - q + 2 * P) // S_w + 1, D
"""


def read_channels(value: Any) -> tuple[int, ...]:
    """Return the shape of one number per channel, which libraries also keep as (channels, 1, 1)."""
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = tuple(value)
    if isinstance(value, (tuple, list)) and len(value) == 3 and read_shape(value[1:], axes=2) == (1, 1):
        value = value[0]
    return read_shape(value, axes=1)


AVERAGED = "Each channel gives a number of its own."
global_average = Exact(
    read_channels, (32,), [((1,), "channels averaged", AVERAGED), ((63,), "channels averaged", AVERAGED)]
)

exercise = Prediction(
    "pooled_shapes",
    "05",
    {
        **by_formula(
            pooled_shape,
            MISTAKES,
            {
                "a": Case(D=16, H=10, W=14, p=2, q=2, S_h=2, S_w=2),
                "b": Case(D=8, H=13, W=10, p=3, q=3, S_h=2, S_w=2),
                "c": Case(D=5, H=9, W=16, p=2, q=4, S_h=2, S_w=4),
                "d": Case(D=4, H=7, W=6, p=3, q=3, S_h=2, S_w=1, P=1),
            },
        ),
        "e": global_average,
    },
    message="The number of channels stays; rows and columns follow the formula of chapter 04.",
)
