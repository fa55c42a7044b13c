"""Comparing an answer with the right one: where they first differ, in words, and how arrays are shown."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

WIDTH = 90  # columns of an array that is shown
SHOWN = 150  # an array of more numbers is not shown in a message
RELATIVE = 1e-9


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its name, what to say about it, and the function that makes it.

    `answer` takes the arguments of the exercise and gives the mistaken answer. It may raise an error where the
    mistake leads to one.
    """

    name: str
    says: str
    answer: Callable[..., Any]


@dataclass(frozen=True)
class Difference:
    """The first way in which an answer differs: its kind ("type", "dtype", "shape", "value"), a sentence, the cell."""

    kind: str
    says: str
    index: tuple[int, ...] | None = None


def alike(got: Any, expected: Any, relative: float = RELATIVE) -> bool:
    """Return whether two answers have the same form and the same numbers, up to rounding; dtypes do not count."""
    if isinstance(expected, (tuple, list)):
        same_form = isinstance(got, (tuple, list)) and len(got) == len(expected)
        return same_form and all(alike(a, b, relative) for a, b in zip(got, expected))
    if isinstance(expected, dict):
        same_form = isinstance(got, dict) and got.keys() == expected.keys()
        return same_form and all(alike(got[key], expected[key], relative) for key in expected)
    if not is_numeric(got) or not is_numeric(expected):
        return isinstance(expected, str) and isinstance(got, str) and got == expected
    got, expected = np.asarray(got), np.asarray(expected)
    return got.shape == expected.shape and bool(np.all(_close(got, expected, relative)))


def difference(got: Any, expected: Any, relative: float = RELATIVE, name: str = "the result") -> Difference | None:
    """Return the first difference between an answer and the right one, None if there is none."""
    if isinstance(expected, tuple):
        return _difference_of_tuples(got, expected, relative, name)
    if isinstance(expected, dict):
        return _difference_of_dicts(got, expected, relative, name)
    if isinstance(expected, np.ndarray):
        return _difference_of_arrays(got, expected, relative, name)
    return _difference_of_numbers(got, expected, relative, name)


def _difference_of_tuples(got: Any, expected: tuple, relative: float, name: str) -> Difference | None:
    if not isinstance(got, (tuple, list)):
        return Difference("type", f"{name} is {a_kind_of(got)}, expected {len(expected)} values: `return a, b, …`")
    if len(got) != len(expected):
        return Difference("type", f"{name} has {len(got)} values, expected {len(expected)}")
    parts = enumerate(zip(got, expected), start=1)
    return _first(difference(a, b, relative, f"value {k} of {name}") for k, (a, b) in parts)


def _difference_of_dicts(got: Any, expected: dict, relative: float, name: str) -> Difference | None:
    if not isinstance(got, dict):
        return Difference("type", f"{name} is {a_kind_of(got)}, expected a dictionary with the keys {list(expected)}")
    if got.keys() != expected.keys():
        return Difference("type", f"{name} has the keys {list(got)}, expected {list(expected)}")
    return _first(difference(got[key], expected[key], relative, f"{name}[{key!r}]") for key in expected)


def _difference_of_arrays(got: Any, expected: np.ndarray, relative: float, name: str) -> Difference | None:
    if type(got) is not np.ndarray:
        return Difference("type", f"{name} is {a_kind_of(got)}, expected a NumPy array of shape {expected.shape}")
    if got.dtype.kind not in "iubf":
        return Difference("dtype", f"{name} has dtype {got.dtype}, expected {expected.dtype}")
    if got.shape != expected.shape:
        return Difference("shape", f"{name} has shape {got.shape}, expected {expected.shape}")
    if expected.dtype.kind == "f" and got.dtype.kind != "f":
        says = f"{name} has dtype {got.dtype}, which has no room for fractions, expected {expected.dtype}"
        return Difference("dtype", says)
    if expected.dtype.kind == "f" and got.dtype.itemsize < expected.dtype.itemsize:
        return Difference("dtype", f"{name} has dtype {got.dtype}, which rounds, expected {expected.dtype}")
    wrong = np.argwhere(~_close(got, expected, relative))
    if not len(wrong):
        return None
    cell = tuple(int(i) for i in wrong[0])
    says = f"cell {_plain(cell)} of {name} is {number(got[cell])}, expected {number(expected[cell])}"
    if len(wrong) > 1:
        says += f" ({len(wrong)} of {got.size} cells differ)"
    return Difference("value", says, cell)


def _difference_of_numbers(got: Any, expected: Any, relative: float, name: str) -> Difference | None:
    whole = isinstance(expected, (int, np.integer))
    if not is_numeric(got) or np.ndim(got) > 0 or isinstance(got, (bool, np.bool_)):
        wanted = "a whole number" if whole else "a number"
        return Difference("type", f"{name} is {a_kind_of(got)}, expected {wanted}")
    if whole and not isinstance(got, (int, np.integer)):
        return Difference("type", f"{name} is {number(got)} ({type(got).__name__}), expected a whole number (int)")
    if alike(got, expected, relative):
        return None
    return Difference("value", f"{name} is {number(got)}, expected {number(expected)}")


def _first(differences: Iterator[Difference | None]) -> Difference | None:
    return next((found for found in differences if found), None)


def _close(got: np.ndarray, expected: np.ndarray, relative: float) -> np.ndarray:
    """Return where two arrays of one shape agree; what is rounded off is measured against the largest number."""
    finite = np.abs(expected[np.isfinite(expected)])
    largest = max(float(finite.max()) if finite.size else 0.0, 1e-6)  # not 0: 1e-17 in place of 0 is rounding, too
    return np.isclose(got, expected, rtol=relative, atol=relative * largest, equal_nan=True)


def is_numeric(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iubf"
    return isinstance(value, (int, float, np.integer, np.floating, np.bool_))


# ---- mistakes in the form of the result, whatever the exercise ------------------------------------------------------


def _mirrored(e: np.ndarray, *axes: int) -> np.ndarray:
    return np.flip(e, axes)


# Each takes the right array and gives the wrong one. They are tried after the exercise's own mistakes.
GENERAL = (
    Mistake(
        "only zeros",
        "The result holds only zeros: is the array that you return the one that the loops fill?",
        lambda e: np.zeros_like(e),
    ),
    Mistake("sign reversed", "All signs are the other way round.", lambda e: -e),
    Mistake(
        "rows and columns swapped",
        "Rows and columns of the result are swapped: i counts rows and comes first.",
        lambda e: np.swapaxes(e, -1, -2),
    ),
    Mistake("result upside down", "The rows of the result are in reverse order.", lambda e: _mirrored(e, -2)),
    Mistake("result mirrored", "The columns of the result are in reverse order.", lambda e: _mirrored(e, -1)),
    Mistake("result turned", "The result is turned by 180°.", lambda e: _mirrored(e, -1, -2)),
    Mistake("an axis too many", "The numbers are right, but there is an axis too many in front.", lambda e: e[None]),
    Mistake(
        "an axis lost", "The numbers are right, but the result has too few axes: `squeeze`?", lambda e: np.squeeze(e)
    ),
    Mistake("flattened", "The numbers are right, but they stand in one row.", lambda e: e.ravel()),
    Mistake("last row missing", "The last row is missing: does the loop end one too early?", lambda e: e[..., :-1, :]),
    Mistake(
        "last column missing", "The last column is missing: does the loop end one too early?", lambda e: e[..., :-1]
    ),
    Mistake(
        "last row empty",
        "The last row is still 0: does the loop over rows end one too early?",
        lambda e: _cleared(e, np.s_[..., -1, :]),
    ),
    Mistake(
        "last column empty",
        "The last column is still 0: does the loop over columns end one too early?",
        lambda e: _cleared(e, np.s_[..., -1]),
    ),
    Mistake(
        "only the first cell",
        "Only the first cell is filled: does a `return` stand inside the loop?",
        lambda e: _only(e, 0),
    ),
    Mistake(
        "only the last cell",
        "Only the last cell is filled: is the array made anew inside the loop?",
        lambda e: _only(e, -1),
    ),
    Mistake(
        "only the last map",
        "Only the last map is filled: is the array made anew for every map?",
        lambda e: _cleared(e, np.s_[:-1]) if e.ndim == 3 else _none(),
    ),
)


def _cleared(e: np.ndarray, place: Any) -> np.ndarray:
    e = e.copy()
    e[place] = 0
    return e


def _only(e: np.ndarray, cell: int) -> np.ndarray:
    only = np.zeros_like(e)
    only.flat[cell] = e.flat[cell]
    return only


def _none() -> Any:
    raise IndexError("not that kind of array")


def general_answer(mistake: Mistake, expected: Any) -> Any:
    """Return what one of the GENERAL mistakes makes of the right answer; raises an error if it is not an array."""
    if not isinstance(expected, np.ndarray):
        raise TypeError("not an array")
    return mistake.answer(expected)


# ---- how values are shown -------------------------------------------------------------------------------------------


def number(value: Any) -> str:
    """Return a number as short as it can be read: 5 rather than 5.0."""
    return f"{value:.10g}" if isinstance(value, (float, np.floating)) else str(value)


def a_kind_of(value: Any) -> str:
    """Return what `value` is, in words: "a list", "an array of shape (2, 3)", "None"."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        kind = "an array" if type(value) is np.ndarray else f"a {type(value).__name__}"
        return f"{kind} of shape {value.shape}"
    name = type(value).__name__
    article = "an" if name[0] in "aeiou" else "a"
    if is_numeric(value):
        return f"{article} {name}, {number(value)}"
    return f"{article} {name}"


def shown(name: str, value: Any) -> str:
    """Return a line of Python (or some) that makes `value`, for a message."""
    if isinstance(value, dict):
        return "\n".join(shown(f"{name}[{key!r}]", part) for key, part in value.items())
    if not isinstance(value, np.ndarray):
        return f"{name} = {_plain(value)}"
    if value.size > SHOWN:
        return f"{name}: an array of shape {value.shape}"
    start = f"{name} = np.array("
    with np.printoptions(suppress=True, threshold=SHOWN + 1):
        numbers = np.array2string(value, separator=", ", prefix=start, max_line_width=WIDTH)
    return f"{start}{numbers})".replace("\n\n", "\n")  # without the empty lines between maps


def short(value: Any) -> str:
    """Return `value` on one line, as a call shows it."""
    return "…" if isinstance(value, (np.ndarray, dict)) else _plain(value)


def grid(values: Any) -> str:
    """Return a small two-dimensional array as rows of numbers, columns aligned."""
    with contextlib.suppress(TypeError):
        rows = [[number(value) for value in row] for row in np.asarray(values)]
        widths = [max(len(cell) for cell in column) for column in zip(*rows)]
        return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows)
    return str(values)


def _plain(value: Any) -> str:
    """Return `value` as Python writes it, NumPy's numbers like its own."""
    if isinstance(value, tuple):
        return "(" + ", ".join(_plain(part) for part in value) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, (np.integer, np.floating, float)):
        return number(value)
    return repr(value)
