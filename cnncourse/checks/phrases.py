"""Sentences about mistakes that several exercises know, by the name of the mistake."""

from __future__ import annotations

COMMON = {
    "rounded up": "There is a window that begins inside and ends outside: a window that does not fit whole is left "
    "out, so the division of the size rounds down.",
    "one window too few": "The first window counts too: (size − kernel) divided by the stride, rounded down, plus 1.",
    "stride ignored": "The window moves by 1 whatever `stride` says: it begins at row i·S, column j·S.",
    "stride in the size only": "The output has the right size, but the window still moves by 1: it begins at row i·S, "
    "column j·S.",
    "stride inside the window": "The stride moves the window as a whole: row i·S + m, not (i + m)·S, and not i + m·S.",
    "stride for rows only": "The window moves by the stride from row to row, but by 1 from column to column.",
    "stride for columns only": "The window moves by the stride from column to column, but by 1 from row to row.",
    "kernel turned by 180°": "The exercise asks for the cross-correlation, as networks compute it: w_mn meets x at "
    "row i + m, column j + n.",
    "ReLU applied": "Negative sums are set to 0: the exercise asks for the weighted input, before any activation.",
    "kernel taken as square": "The number of rows of the kernel is used for its columns too, or the other way round: "
    "F_h and F_w may differ.",
    "padding ignored": "The windows lie inside the image: first put `padding` rows and columns of zeros on every side.",
    "padding on one side": "There are P zeros on every side: above and below, left and right.",
    "padding on all axes": "`np.pad(x, P)` pads every axis, the channels too: say how much for each axis, with (0, 0) "
    "for those that get none.",
}
