"""Instant checks of the assignments: `from cnncourse.assignments import checks`, then `checks.NAME(your_answer)`.

What a check compares with is read from a file `…_checks.json` that comes with the assignment and lies beside the
notebook (else in the folder that `$CNNCOURSE_ASSIGNMENTS` names). The cases that are graded are others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnncourse.checks.result import Result, Text

from ..language import listed, mark, say
from .stored import Document, Exercise, Unreadable, read

FILES = "*_checks*.json"  # a browser that stores a file twice puts "(1)" behind its name
FOLDER = "CNNCOURSE_ASSIGNMENTS"


@dataclass(frozen=True, repr=False)
class Missing:
    """Stands for a check whose file is not there or cannot be used: it says so, whatever it is called with."""

    name: str
    remarks: tuple[str, ...]

    def __call__(self, *answer: Any, **settings: Any) -> Result:
        """Return why nothing is checked, and what to do."""
        where = mark("Not checked. What `checks.{name}` compares with is in a file whose name ends in `_checks.json`.")
        there = mark("Put the file that came with this notebook beside it, into `{folder}`, and run this cell again.")
        found = self.remarks or (say("There is none in this folder."),)
        parts = [say(where, name=self.name), *found, say(there, folder=Path.cwd())]
        return Result(self.name, "not yet", tuple(Text(part) for part in parts))

    def __repr__(self) -> str:
        return f"checks.{self.name}(your_answer), whose file is not there"


def __getattr__(name: str) -> Exercise | Missing:
    if name.startswith(("_", "pytest")):  # what Python and pytest look for in any module is no check
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    remarks = []
    for path, document in _documents():
        if isinstance(document, str):
            remarks.append(say("`{name}` cannot be used: {why}.", name=path.name, why=document))
        elif name not in document.checks:
            holds = listed(document.checks) or say("none")
            remarks.append(say("`{name}` holds other checks: {checks}.", name=path.name, checks=holds))
        else:
            try:
                return document.exercise(name)
            except Unreadable as error:
                remarks.append(say("`{name}` cannot be used: {why}.", name=path.name, why=error))
    return Missing(name, tuple(remarks))


def __dir__() -> list[str]:
    return sorted({name for _, document in _documents() if isinstance(document, Document) for name in document.checks})


def _documents() -> Iterator[tuple[Path, Document | str]]:
    """Yield the files that are found, each with what it holds, or with the reason why it cannot be used."""
    for folder in (Path.cwd(), *map(Path, filter(None, [os.environ.get(FOLDER)]))):
        for path in sorted(folder.glob(FILES)):
            try:
                yield path, read(path.read_text(encoding="utf-8"))
            except Unreadable as error:
                yield path, str(error)
            except (OSError, UnicodeDecodeError) as error:
                yield path, say("it cannot be read ({error})", error=type(error).__name__)
