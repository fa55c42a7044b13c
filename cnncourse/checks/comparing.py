"""Comparing an answer with the right one: where they first differ, in words, and how arrays are shown."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from ..language import joined, mark, say, translated

WIDTH = 90  # columns of an array that is shown
SHOWN = 150  # an array of more numbers is not shown in a message
RELATIVE = 1e-9  # error that counts as rounding, in numbers of double precision
FLOAT32 = 1e-5  # the same for results in single precision: a result has to be as exact as its type
USE_FLOOR_DIVISION = mark("`/` always gives a float: use `//`, or `int(…)`")


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its name, what to say about it, and the function that makes it.

    `answer` takes the arguments of the exercise and gives the mistaken answer. It may raise an error where the
    mistake leads to one. of: the mistakes that it is made of, where there are several at once.

    Name and message are English: the name is what a mistake is known by. What a reader sees is `said_name` and `said`.
    """

    name: str
    message: str
    answer: Callable[..., Any]
    of: tuple[Mistake, ...] = ()

    def said_name(self) -> str:
        """Return the name in the reader's language."""
        if not self.of:
            return translated(self.name)
        names = [one.said_name() for one in self.of]
        return functools.reduce(lambda first, second: say("{first} and {second}", first=first, second=second), names)

    def said(self) -> str:
        """Return the message in the reader's language."""
        return joined(one.said() for one in self.of) if self.of else translated(self.message)


@dataclass(frozen=True)
class Difference:
    """The first way in which an answer differs: its kind ("type", "dtype", "shape", "value"), a sentence, the cell.

    part: which of several results it is in, counted from 0.
    """

    kind: str
    message: str
    index: tuple[int, ...] | None = None
    part: int | None = None


def alike(got: Any, expected: Any, relative: float = RELATIVE) -> bool:
    """Return whether two answers have the same form and the same numbers, up to rounding; dtypes do not count."""
    if isinstance(expected, (tuple, list)):
        same_form = isinstance(got, (tuple, list)) and len(got) == len(expected)
        return same_form and all(alike(a, b, relative) for a, b in zip(got, expected))
    if isinstance(expected, dict):
        same_form = isinstance(got, dict) and got.keys() == expected.keys()
        return same_form and all(alike(got[key], expected[key], relative) for key in expected)
    if is_whole(got) and is_whole(expected):
        return int(got) == int(expected)
    if not is_numeric(got) or not is_numeric(expected):
        return isinstance(expected, str) and isinstance(got, str) and got == expected
    one, other = np.asarray(got), np.asarray(expected)
    return one.shape == other.shape and bool(np.all(_close(one, other, relative)))


def differs_again(first: Any, second: Any) -> bool:
    """Return whether two answers to the same question are certainly not the same: both of a kind that has numbers."""
    if isinstance(first, (tuple, list)) and isinstance(second, (tuple, list)) and len(first) == len(second):
        return any(differs_again(a, b) for a, b in zip(first, second))
    if isinstance(first, dict) and isinstance(second, dict) and first.keys() == second.keys():
        return any(differs_again(first[key], second[key]) for key in first)
    return is_numeric(first) and is_numeric(second) and not alike(second, first)


def difference(
    got: Any, expected: Any, relative: float = RELATIVE, name: str = "", parts: Sequence[str] = ()
) -> Difference | None:
    """Return the first difference between an answer and the right one, None if there is none.

    name: what the answer is called, "" for "the result". parts: what the values of a tuple are called.
    """
    name = name or say("the result")
    if isinstance(expected, tuple):
        return _difference_of_tuples(got, expected, relative, name, parts)
    if isinstance(expected, dict):
        return _difference_of_dicts(got, expected, relative, name)
    if isinstance(expected, np.ndarray):
        return _difference_of_arrays(got, expected, relative, name)
    return _difference_of_numbers(got, expected, relative, name)


def _difference_of_tuples(
    got: Any, expected: tuple[Any, ...], relative: float, name: str, parts: Sequence[str]
) -> Difference | None:
    wanted = ", ".join(parts) or "a, b, …"
    if not isinstance(got, (tuple, list)):
        message = say(
            "{name} is {kind}, expected {count} values: `return {wanted}`",
            name=name,
            kind=a_kind_of(got),
            count=len(expected),
            wanted=wanted,
        )
        return Difference("type", message)
    if len(got) != len(expected):
        message = say(
            "{name} has {count} values, expected {expected}: `return {wanted}`",
            name=name,
            count=len(got),
            expected=len(expected),
            wanted=wanted,
        )
        return Difference("type", message)
    for k, (one, other) in enumerate(zip(got, expected)):
        called = f"`{parts[k]}`" if parts else say("value {place} of {name}", place=k + 1, name=name)
        if found := difference(one, other, relative, called):
            return dataclasses.replace(found, part=k)
    return None


def _difference_of_dicts(got: Any, expected: dict[str, Any], relative: float, name: str) -> Difference | None:
    if not isinstance(got, dict):
        message = say(
            "{name} is {kind}, expected a dictionary with the keys {keys}",
            name=name,
            kind=a_kind_of(got),
            keys=list(expected),
        )
        return Difference("type", message)
    if got.keys() != expected.keys():
        message = say(
            "{name} has the keys {keys}, expected {expected}",
            name=name,
            keys=in_short(list(got)),
            expected=list(expected),
        )
        return Difference("type", message)
    differences = (difference(got[key], expected[key], relative, f"{name}[{key!r}]") for key in expected)
    return next(filter(None, differences), None)


def _difference_of_arrays(got: Any, expected: np.ndarray, relative: float, name: str) -> Difference | None:
    if type(got) is not np.ndarray:
        template = mark("{name} is {kind}, expected a NumPy array of shape {shape}")
        return Difference("type", say(template, name=name, kind=a_kind_of(got), shape=expected.shape))
    if got.dtype.kind not in "iubf":
        template = mark("{name} has dtype {dtype}, expected {expected}")
        return Difference("dtype", say(template, name=name, dtype=got.dtype, expected=expected.dtype))
    if got.shape != expected.shape:
        template = mark("{name} has shape {shape}, expected {expected}")
        return Difference("shape", say(template, name=name, shape=got.shape, expected=expected.shape))
    if expected.dtype.kind == "f" and got.dtype.kind != "f":
        template = mark("{name} has dtype {dtype}, which holds no fractions, expected {expected}")
        return Difference("dtype", say(template, name=name, dtype=got.dtype, expected=expected.dtype))
    if expected.dtype.kind == "f" and got.dtype.itemsize < 4:
        template = mark("{name} has dtype {dtype}, which rounds a lot, expected {expected}")
        return Difference("dtype", say(template, name=name, dtype=got.dtype, expected=expected.dtype))
    wrong = np.argwhere(~_close(got, expected, relative))
    if not len(wrong):
        return None
    cell = tuple(int(i) for i in wrong[0])
    template = mark("cell {cell} of {name} is {got}, expected {expected}")
    if len(wrong) > 1:
        template = mark("cell {cell} of {name} is {got}, expected {expected} ({wrong} of {size} cells differ)")
    message = say(
        template,
        cell=_plain(cell),
        name=name,
        got=number(got[cell]),
        expected=number(expected[cell]),
        wrong=len(wrong),
        size=got.size,
    )
    return Difference("value", message, cell)


def _difference_of_numbers(got: Any, expected: Any, relative: float, name: str) -> Difference | None:
    whole = is_whole(expected)
    got = got[()] if type(got) is np.ndarray and got.ndim == 0 else got  # an array of no axes is a number
    if not is_numeric(got) or np.ndim(got) > 0 or isinstance(got, (bool, np.bool_)):
        wanted = (
            mark("{name} is {kind}, expected a whole number") if whole else mark("{name} is {kind}, expected a number")
        )
        return Difference("type", say(wanted, name=name, kind=a_kind_of(got)))
    if whole and not is_whole(got):
        message = say(
            "{name} is {value}, of the type {type}, expected a whole number (int). {hint}",
            name=name,
            value=_plain(got),
            type=type(got).__name__,
            hint=translated(USE_FLOOR_DIVISION),
        )
        return Difference("type", message)
    if alike(got, expected, relative):
        return None
    template = mark("{name} is {got}, expected {expected}")
    return Difference("value", say(template, name=name, got=number(got), expected=number(expected)))


def _close(got: np.ndarray, expected: np.ndarray, relative: float) -> Any:
    """Return where two arrays of one shape agree; what is rounded off is measured against the largest number."""
    if got.dtype.kind == "f" and got.dtype.itemsize <= 4:
        relative = max(relative, FLOAT32)
    got, expected = got.astype(float), expected.astype(float)
    finite = np.abs(expected[np.isfinite(expected)])
    largest = max(float(finite.max()) if finite.size else 0.0, 1e-6)  # not 0: 1e-17 in place of 0 is rounding, too
    with np.errstate(all="ignore"):  # np.isclose, with equal_nan, in half of its time: a check compares thousands
        near = np.abs(got - expected) <= relative * largest + relative * np.abs(expected)
        return near & np.isfinite(expected) | (got == expected) | np.isnan(got) & np.isnan(expected)


def plain_number(value: Any) -> Any:
    """Return a fraction or a decimal number as Python's own number, anything else as it is."""
    if not isinstance(value, (Fraction, Decimal)) or value != value:
        return value
    with contextlib.suppress(OverflowError):  # infinite, or larger than a float
        return int(value) if value == int(value) else float(value)
    return value


def is_numeric(value: Any) -> bool:
    """Return whether `value` is a real number, or an array of them, that NumPy can count with."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iubf"
    if isinstance(value, int):
        return abs(value) < 1 << 1000
    return isinstance(value, (float, np.integer, np.floating, np.bool_))


def is_whole(value: Any) -> bool:
    """Return whether `value` is a whole number of Python or NumPy, however large; True and False are not."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


# ---- mistakes in the form of the result, whatever the exercise ------------------------------------------------------


def _first(e: np.ndarray, axes: int) -> np.ndarray:
    """Return `e` with everything 0 but its first part: a cell has no axes, a row one, a map two."""
    return _kept(e, axes, 0)


def _kept(e: np.ndarray, axes: int, place: int) -> np.ndarray:
    if e.ndim <= axes:
        raise IndexError("not that kind of array")
    index = (place,) * (e.ndim - axes)
    kept = np.zeros_like(e)
    kept[index] = e[index]
    return kept


def _cleared(e: np.ndarray, place: Any) -> np.ndarray:
    e = e.copy()
    e[place] = 0
    return e


def _flipped(e: np.ndarray, *axes: int) -> np.ndarray:
    return np.flip(e, axes)


def _of_maps(e: np.ndarray) -> np.ndarray:
    """Return `e` if it has rows and columns: of a row of numbers nobody says "column"."""
    if e.ndim < 2:
        raise IndexError("not that kind of array")
    return e


def _of_a_row(e: np.ndarray) -> np.ndarray:
    if e.ndim != 1:
        raise IndexError("not that kind of array")
    return e


RETURN_INSIDE = "does a `return` stand inside the loop?"
MADE_INSIDE = "is the array made inside the loop, once for every turn?"
MISSING = "does the loop end one too early?"
ALL_DIGITS = "The numbers are right, but rounded: give them with all their digits, without `round`."

# Each takes the right array and gives the wrong one. They are tried after the exercise's own mistakes.
GENERAL = (
    Mistake(
        "only zeros",
        "The result holds only zeros: is the array that you return the one that the loops fill?",
        np.zeros_like,
    ),
    Mistake("sign reversed", "All signs are the other way round.", np.negative),
    Mistake(
        "rows and columns swapped",
        "Rows and columns of the result are swapped: i counts rows and comes first.",
        lambda e: np.swapaxes(e, -1, -2),
    ),
    Mistake("result upside down", "The rows of the result are in reverse order.", lambda e: _flipped(e, -2)),
    Mistake("result mirrored", "The columns of the result are in reverse order.", lambda e: _flipped(_of_maps(e), -1)),
    Mistake("order reversed", "The numbers are in reverse order.", lambda e: _of_a_row(e)[::-1]),
    Mistake("result turned", "The result is turned by 180°.", lambda e: _flipped(e, -1, -2)),
    Mistake("an axis too many", "The numbers are right, but there is an axis too many in front.", lambda e: e[None]),
    Mistake("an axis lost", "The numbers are right, but the result has too few axes: `squeeze`?", np.squeeze),
    Mistake("flattened", "The numbers are right, but they stand in one row.", np.ravel),
    Mistake("last row missing", f"The last row is missing: {MISSING}", lambda e: e[..., :-1, :]),
    Mistake("last column missing", f"The last column is missing: {MISSING}", lambda e: _of_maps(e)[..., :-1]),
    Mistake("last row empty", f"The last row is still 0: {MISSING}", lambda e: _cleared(e, np.s_[..., -1, :])),
    Mistake(
        "last column empty", f"The last column is still 0: {MISSING}", lambda e: _cleared(_of_maps(e), np.s_[..., -1])
    ),
    Mistake("last number missing", f"The last number is missing: {MISSING}", lambda e: _of_a_row(e)[:-1]),
    Mistake("last number 0", f"The last number is still 0: {MISSING}", lambda e: _cleared(_of_a_row(e), -1)),
    Mistake("only the first cell", f"Only the first cell is filled: {RETURN_INSIDE}", lambda e: _first(e, 0)),
    Mistake("only the last cell", f"Only the last cell is filled: {MADE_INSIDE}", lambda e: _kept(e, 0, -1)),
    Mistake("only the first row", f"Only the first row is filled: {RETURN_INSIDE}", lambda e: _first(e, 1)),
    Mistake("only the last row", f"Only the last row is filled: {MADE_INSIDE}", lambda e: _kept(e, 1, -1)),
    Mistake("only the first map", f"Only the first map is filled: {RETURN_INSIDE}", lambda e: _first(e, 2)),
    Mistake("only the last map", f"Only the last map is filled: {MADE_INSIDE}", lambda e: _kept(e, 2, -1)),
    Mistake(
        "fractions cut off", "The digits after the point are cut off: does an array of integers hold them?", np.trunc
    ),
    *(Mistake("digits rounded", ALL_DIGITS, functools.partial(np.round, decimals=digits)) for digits in range(7)),
)
ROUNDED = Mistake(
    "computed in float32",
    "The result is float64, but only about seven digits of its numbers are right: somewhere on the way they were "
    "`np.float32`.",
    lambda e: e,
)


def general_answer(mistake: Mistake, expected: Any) -> Any:
    """Return what one of the GENERAL mistakes makes of the right answer; raises an error if it holds no arrays."""
    if isinstance(expected, dict):
        return {key: general_answer(mistake, part) for key, part in expected.items()}
    if not isinstance(expected, np.ndarray):
        raise TypeError("not an array")
    return mistake.answer(expected)


# ---- how values are shown -------------------------------------------------------------------------------------------


def number(value: Any) -> str:
    """Return a number as short as it can be read: 5 rather than 5.0."""
    if isinstance(value, int) and abs(value) >= 10**30:
        power = f"{'−' if value < 0 else ''}10^{int(value.bit_length() * 0.30103)}"
        return say("{number} or more", number=power)
    return f"{value + 0.0:.10g}" if isinstance(value, (float, np.floating)) else str(value)  # no −0


def a_kind_of(value: Any) -> str:
    """Return what `value` is, in words: "a list", "an array of shape (2, 3)", "None"."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        if type(value) is np.ndarray:
            return say("an array of shape {shape}", shape=value.shape)
        return say("a {type} of shape {shape}", type=type(value).__name__, shape=value.shape)
    name = type(value).__name__
    kind = say("an {type}", type=name) if name[0].lower() in "aeiou" else say("a {type}", type=name)
    if is_whole(value) or is_numeric(value):
        return say("{kind}, {number}", kind=kind, number=number(value))
    return kind


def shown(name: str, value: Any) -> str:
    """Return a line of Python (or some) that makes `value`, for a message."""
    if isinstance(value, dict):
        return "\n".join(shown(f"{name}[{key!r}]", part) for key, part in value.items())
    if not isinstance(value, np.ndarray):
        return f"{name} = {_plain(value)}"
    if value.size > SHOWN:
        return say("{name}: an array of shape {shape}", name=name, shape=value.shape)
    start = f"{name} = np.array("
    with np.printoptions(suppress=True, threshold=SHOWN + 1):
        numbers = np.array2string(value, separator=", ", prefix=start, max_line_width=WIDTH)
    return f"{start}{numbers})".replace("\n\n", "\n")  # without the empty lines between maps


def short(value: Any) -> str:
    """Return `value` on one line, as a call shows it."""
    return "…" if isinstance(value, (np.ndarray, dict)) else _plain(value)


def in_short(value: Any, most: int = 60) -> str:
    """Return an answer that somebody typed on one line: a float as Python shows it, nothing longer than `most`."""
    try:
        text = str(value.tolist()) if isinstance(value, np.ndarray) and value.size < most else _plain(value)
    except Exception:  # what was typed may be anything
        return a_kind_of(value)
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 2]} …"


def grid(values: Any) -> str:
    """Return a small two-dimensional array as rows of numbers, columns aligned."""
    with contextlib.suppress(TypeError):
        rows = [[number(value) for value in row] for row in np.asarray(values)]
        widths = [max(len(cell) for cell in column) for column in zip(*rows)]
        return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows)
    return str(values)


def _plain(value: Any) -> str:
    """Return `value` as Python writes it, NumPy's numbers like its own: 5.0 is a float and stays one."""
    if type(value) in (tuple, list):
        inside = ", ".join(_plain(part) for part in value)
        if isinstance(value, list):
            return f"[{inside}]"
        return f"({inside}{',' if len(value) == 1 else ''})"
    if isinstance(value, (np.floating, float)):
        text = number(value)
        return text if set(text) - set("-0123456789") else f"{text}.0"
    if is_whole(value):
        return number(value)
    return repr(value)
