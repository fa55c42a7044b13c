"""What is said about one task of one submission: its points, what they consist of, and words."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict

from .wording import say, translated

TEXTS = {  # keys that end with "in short" and those that begin with "no": in the teacher's table
    "unreadable": "The result could not be read.",
    "unreadable, in short": "unreadable",
    "no function": "no function",
    "no prediction": "no prediction",
    "no network": "no network",
    "part and name": "{part}: {name}",
}


PART_AND_NAME = TEXTS["part and name"]  # of a criterion that looks at one of several results


class Part(TypedDict):
    """One part of the points of a task: what is earned of it, and how many of its cases are right.

    of: below 0 for a part whose mistakes take that much away, as points then are.
    """

    name: str
    points: float
    of: float
    right: int
    cases: int


@dataclass
class TaskResult:
    """What is said about one task of one submission.

    status: "right", "partly", "wrong", "not yet", "to be marked" or "not graded". mistake: a name for the teacher's
    table. paragraphs: for the student, `code` between backticks; one that begins with spaces keeps its form. parts:
    what the points consist of. events: what the submission did that a solution has no reason to do, errors in its
    cells, how its process ended. errors: those of the events that are errors of cells. fault: grading itself failed.
    """

    task: str
    of: float
    points: float = 0.0
    status: str = "wrong"
    mistake: str = ""
    paragraphs: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    fault: str = ""
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the result in a form that JSON holds."""
        return asdict(self)

    def say(self, *paragraphs: str, mistake: str = "") -> None:
        """Set what is said to the student, and the name of the mistake."""
        self.paragraphs, self.mistake = list(paragraphs), mistake

    def say_unreadable(self) -> None:
        """Say that what was answered could not be read."""
        self.say(translated(TEXTS["unreadable"]), mistake=TEXTS["unreadable, in short"])


def part_in_words(name: str) -> str:
    """Return what a part of the points is called, in the reader's language."""
    part, colon, rest = name.partition(": ")
    return say(PART_AND_NAME, part=part, name=translated(rest)) if colon else translated(name)


def round_down_to_half(points: float) -> float:
    """Return `points` rounded down to a half.

    >>> round_down_to_half(2.9)
    2.5
    """
    return math.floor(2 * points + 1e-9) / 2
