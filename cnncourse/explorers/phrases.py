"""Phrases that several explorers put into their sentences."""

from __future__ import annotations

from cnnlib import geometry

# For each axis: at the end one, at the end many, stepped over one, stepped over many.
NEVER = {
    "row": (
        "the last row",
        "the last {n} rows",
        "{n} row that the windows step over",
        "{n} rows that the windows step over",
    ),
    "column": (
        "the last column",
        "the last {n} columns",
        "{n} column that the windows step over",
        "{n} columns that the windows step over",
    ),
}


def never_read(size: int, kernel: int, stride: int, padding: int, dilation: int, name: str) -> str:
    """Return which rows (or columns) of the input no window reads, in words; nothing if all are read."""
    words = NEVER.get(name) or tuple(phrase.replace("row", name) for phrase in NEVER["row"])
    end = geometry.unused_pixels(size, kernel, stride, padding, dilation)
    between = geometry.visit_counts(size, kernel, stride, padding, dilation).count(0) - end
    phrases = [words[0 if end == 1 else 1].replace("{n}", str(end))] if end else []
    phrases += [words[2 if between == 1 else 3].replace("{n}", str(between))] if between else []
    return " and ".join(phrases)


def many(count: int, name: str) -> str:
    """Return a number and a noun.

    >>> many(1, "row"), many(2, "row")
    ('1 row', '2 rows')
    """
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def number_of(texts: list[str], text: str) -> int:
    """Return the place of `text` in the list, which it is added to if it is new."""
    if text not in texts:
        texts.append(text)
    return texts.index(text)
