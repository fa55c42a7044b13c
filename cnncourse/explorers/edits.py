"""A setting that is a picture's changed pixels, as a short text: what was rubbed out, what was drawn.

`e5.0-11_p20.13` says that row 5 was rubbed out from column 0 to 11, and that pixel (20, 13) was drawn. The browser
reads and writes the same text in web/edits.js.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from .stops import AsStored

ERASED, DRAWN, KEPT = "e", "p", ""  # p is for the pen
RUN = re.compile(r"([ep])(\d+)\.(\d+)(?:-(\d+))?")


@dataclass(frozen=True)
class Edits(AsStored):
    """The changed pixels of a square picture of `side` pixels, row by row."""

    name: str
    label: str
    side: int
    examples: tuple[str, ...]
    start: str = ""

    def accept(self, value: Any) -> str:
        """Return `value` with its runs in order and joined; TypeError or ValueError if it does not name pixels."""
        expected = f"expected runs of pixels such as 'e5.0-11_p20.13', rows and columns from 0 to {self.side - 1}"
        if not isinstance(value, str):
            raise TypeError(f"{self.name}: got {value!r} ({type(value).__name__}), {expected}")
        marks = marks_of(value, self.side)
        if marks is None:
            raise ValueError(f"{self.name}: got {value!r}, {expected}")
        return written(marks)

    def values(self) -> list[str]:
        """Return a few values."""
        return ["", *self.examples]

    def to_json(self) -> dict[str, Any]:
        return {"type": "edits", "name": self.name, "label": self.label, "high": self.side - 1}


def marks_of(words: str, side: int) -> np.ndarray | None:
    """Return what became of each pixel, (side, side) of ERASED, DRAWN or KEPT; None if the words name no pixels.

    >>> marks_of("e0.1-2", 3)[0].tolist(), marks_of("e0.3", 3)
    (['', 'e', 'e'], None)
    """
    marks = np.full((side, side), KEPT)
    for run in words.split("_") if words else ():
        found = RUN.fullmatch(run)
        if found is None:
            return None
        row, first, last = int(found[2]), int(found[3]), int(found[4] or found[3])
        if not (row < side and first <= last < side):
            return None
        marks[row, first : last + 1] = found[1]
    return marks


def written(marks: np.ndarray) -> str:
    """Return marks as words, run by run from the top.

    >>> written(np.array([["", "e", "e"], ["p", "e", ""]]))
    'e0.1-2_p1.0_e1.1'
    """
    runs = []
    for row, line in enumerate(marks):
        ends = [0, *(np.flatnonzero(line[1:] != line[:-1]) + 1).tolist(), len(line)]
        for first, after in zip(ends, ends[1:]):
            if line[first] != KEPT:
                runs.append(f"{line[first]}{row}.{first}" + (f"-{after - 1}" if after - first > 1 else ""))
    return "_".join(runs)
