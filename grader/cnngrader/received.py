"""What came out of the sandbox, as values, outcomes and words. Nothing of it is believed, and nothing of it is run."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnncourse.checks.calling import Outcome
from cnncourse.checks.matching import Case

from . import serialization
from .sandbox import Run
from .wording import say, translated

MOST_DIGITS = 3  # of a name in an error; more may be a number of a hidden case
NOT_TAKEN = ("SyntaxError", "IndentationError", "TabError")
TEXTS = {
    "event": "{event}",
    "event with": "{event}: {of}",
    "a cell": "a cell",
    "kind": "{kind}",
    "kind and message": "{kind}: {message}",
    "stopped": "stopped after {seconds:.3g} seconds",
    "error": "{place}: {what}",
    "error in a line": "{place}, line {line}: {what}",
    "not there": "{what} (what this line needs is not there while grading)",
    "version": "{what} (grading runs Python {version})",
    "no answer": "no answer",
}
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

Answer = tuple[dict[str, Any], list[np.ndarray]]  # a message about one call, and its arrays


@dataclass(frozen=True)
class Cells:
    """The text of each cell by the name that it runs under, that of the task's own, and what a reader calls each."""

    sources: Mapping[str, str]
    own: Sequence[str] = ()
    called: Mapping[str, str] | None = None

    def name(self, place: str) -> str:
        """Return what a reader calls a cell; "" for a place that is none of these."""
        return self.called.get(place, "") if self.called else ""


@dataclass(frozen=True)
class Received:
    """What came of one run of a task.

    cases: as they were sent in, the last one of a function task being the first again. seed: of what is random in
    judging.
    """

    run: Run
    cases: list[Case]
    cells: Cells
    seed: int

    def state(self) -> dict[str, Any] | None:
        """Return the message that says how the cells ended and whether there is an answer; None without one."""
        return next((content for content, _ in self.run.messages if "answer" in content and "cells" in content), None)

    def events(self) -> list[str]:
        """Return what the submission did that a solution has no reason to do."""
        found = [(text(content, "event", 40), text(content, "of", 80)) for content, _ in self.run.messages]
        return [
            say(TEXTS["event with" if of else "event"], event=translated(event), of=of) for event, of in found if event
        ]

    def errors(self) -> list[str]:
        """Return the errors of cells, in words. There are no hidden numbers yet when cells run."""
        state = self.state()
        cells = state["cells"] if state else None
        return [self._error(one) for one in cells[:10] if isinstance(one, dict)] if isinstance(cells, list) else []

    def _error(self, error: dict[str, Any]) -> str:
        place = text(error, "cell", 20)
        place = self.cells.name(place) or place.strip("<>") or translated(TEXTS["a cell"])
        kind, message = error_name(error), text(error, "message", 200)
        seconds = error.get("seconds")
        what = say(TEXTS["kind and message" if message else "kind"], kind=kind, message=message)
        if kind == "TimeUp" and type(seconds) is float:
            what = say(TEXTS["stopped"], seconds=seconds)
        what = say(TEXTS["not there"], what=what) if error.get("not_there") is True else what
        what = say(TEXTS["version"], what=what, version=VERSION) if kind in NOT_TAKEN else what
        line = error.get("line")
        return say(TEXTS["error in a line" if type(line) is int else "error"], place=place, line=line, what=what)

    def answers(self) -> dict[int, Answer]:
        """Return the first message for each call."""
        found: dict[int, Answer] = {}
        for content, arrays in self.run.messages:
            if type(content.get("call")) is int:
                found.setdefault(content["call"], (content, arrays))
        return found

    def value(self) -> Any:
        """Return the answer of a task that asks for a value; raises serialization.Unreadable."""
        content, arrays = self.answers().get(0, ({}, []))
        if "value" not in content:
            raise serialization.Unreadable(translated(TEXTS["no answer"]))
        return serialization.plain(content["value"], arrays)


def text(content: Mapping[str, Any], key: str, most: int) -> str:
    """Return a text out of the sandbox, "" for anything else: lists in lists could not even be written down."""
    found = content.get(key)
    return found[:most] if isinstance(found, str) else ""


def error_name(error: Mapping[str, Any]) -> str:
    """Return the name of an error's type."""
    name = text(error, "type", 100)
    return name if name.isidentifier() and len(name) <= 60 else "error"


def outcome(answer: Answer) -> Outcome:
    """Return a message about one call as the checks know it; raises serialization.Unreadable."""
    content, arrays = answer
    if content.get("time_up") is True:
        return Outcome(time_up=True)
    error = content.get("error")
    if isinstance(error, dict):
        name, line = error_name(error), error.get("line")
        kind = getattr(builtins, name, None)
        message = without_numbers(text(error, "message", 1000))[:160]
        return Outcome(
            error=say(TEXTS["kind and message" if message else "kind"], kind=name, message=message),
            error_type=kind if isinstance(kind, type) and issubclass(kind, BaseException) else Exception,
            line_number=line if type(line) is int else None,
            line=text(error, "cell", 20),
        )
    if "value" not in content:
        raise serialization.Unreadable(translated(TEXTS["no answer"]))
    changed = content.get("changed")
    names = [name[:60] for name in changed if isinstance(name, str)][:10] if isinstance(changed, list) else []
    return Outcome(value=serialization.plain(content["value"], arrays), changed=names)


def without_numbers(text: str) -> str:
    """Return a text with # for each number, which may be one of a hidden case. Names keep their digits.

    >>> without_numbers("name 'H2' is not defined: index 17 of conv2d, 1.5")
    "name 'H2' is not defined: index # of conv2d, #.#"
    """

    def kept(word: re.Match[str]) -> str:
        if word[0][0].isdigit():
            return "#"
        return re.sub(r"\d+", lambda digits: digits[0] if len(digits[0]) <= MOST_DIGITS else "#", word[0])

    return re.sub(r"\w+", kept, text)
