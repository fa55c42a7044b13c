"""Sentences about mistakes that several tasks know, besides those of the course's exercises."""

from __future__ import annotations

ROWS_FIRST = "In a pair, the first number belongs to the rows."
WINDOW_BEGINS = "Window (i, j) begins at row i·S_h, column j·S_w."
WINDOW_AXES = f"{ROWS_FIRST} A window of (p, q) has p rows and q columns."
OF_WINDOWS = {
    "stride ignored": WINDOW_BEGINS,
    "windows side by side": WINDOW_BEGINS,
    "stride axes swapped": ROWS_FIRST,
    "window axes swapped": WINDOW_AXES,
    "window taken as square": WINDOW_AXES,
}
