"""Phrases that several explorers put into their sentences."""

from __future__ import annotations

from typing import TypeVar

from cnncourse.language import between, fill, mark, say_count, spoken, translated
from cnnlib import geometry

T = TypeVar("T")
AXES = ("row", "column")
# For each axis: at the end one, at the end many, stepped over one, stepped over many, and both.
NEVER = {
    "row": (
        mark("the last row"),
        mark("the last {n} rows"),
        mark("{n} row that the windows step over"),
        mark("{n} rows that the windows step over"),
        mark("{first} and {second}"),
    ),
    "column": (
        mark("the last column"),
        mark("the last {n} columns"),
        mark("{n} column that the windows step over"),
        mark("{n} columns that the windows step over"),
        mark("{first} and {second}"),
    ),
}


def never_read(size: int, kernel: int, stride: int, padding: int, dilation: int, name: str) -> str:
    """Return which rows ("row") or columns of the input no window reads, in words; nothing if all are read."""
    words = spoken(NEVER[name])
    end = geometry.unused_pixels(size, kernel, stride, padding, dilation)
    stepped = geometry.visit_counts(size, kernel, stride, padding, dilation).count(0) - end
    phrases = [fill(words[end > 1], n=end)] if end else []
    phrases += [fill(words[2 + (stepped > 1)], n=stepped)] if stepped else []
    return together(phrases)


def many(count: int, name: str) -> str:
    """Return a number and what is counted: "row", "column" or "zero".

    >>> many(1, "row"), many(2, "row")
    ('1 row', '2 rows')
    """
    return {
        "row": say_count("{count} row", "{count} rows", count),
        "column": say_count("{count} column", "{count} columns", count),
        "zero": say_count("{count} zero", "{count} zeros", count),
    }[name]


def together(phrases: list[str]) -> str:
    """Return one phrase or two as one.

    >>> together(["1 row", "2 columns"])
    '1 row and 2 columns'
    """
    return between(translated(mark("{first} and {second}"))).join(phrases)


def number_of(texts: list[T], text: T) -> int:
    """Return the place of `text` in the list, which it is added to if it is new."""
    if text not in texts:
        texts.append(text)
    return texts.index(text)
