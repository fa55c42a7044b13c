"""Calling a function that somebody is still writing: on copies, with its output caught, and not for ever."""

from __future__ import annotations

import ctypes
import io
import linecache
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

import numpy as np

PRINTED_LIMIT = 400  # characters of a function's own output that are kept


class TimeUp(SystemExit):
    """Raised inside a function that takes too long.

    A SystemExit, because `except Exception` does not catch it and a thread that ends with it ends silently.
    """


@dataclass
class Outcome:
    """What a call came to: its value, or the error that it ended with, or that its time was up."""

    value: Any = None
    error: str = ""  # type and message, such as "IndexError: index 3 is out of bounds"
    error_type: type[BaseException] | None = None
    line_number: int | None = None
    line: str = ""
    time_up: bool = False
    still_running: bool = False
    changed: list[str] = field(default_factory=list)  # names of the arguments that are not what they were
    printed: str = ""
    warned: str = ""

    @property
    def completed(self) -> bool:
        return self.error_type is None and not self.time_up


Call = tuple[dict[str, Any], int]  # arguments, and how many of them are given without their names


def call_each(function: Callable[..., Any], calls: list[Call], seconds: float, altogether: float) -> list[Outcome]:
    """Return the outcomes of calling `function` on copies of the arguments, one call after the other.

    A call may take `seconds`, all of them `altogether`: where that is not enough the list ends early, and its last
    outcome says so if one call alone took too long.
    """
    run = _Run(function, calls)
    # Both are settings of the whole process. Whoever made them must undo them, also if the thread never ends.
    with warnings.catch_warnings(record=True) as run.caught, redirect_stdout(run.output), redirect_stderr(run.output):
        warnings.simplefilter("always")
        thread = threading.Thread(target=run.work, name="check", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # a Python in the browser has no threads
            return _traced(run, seconds)
        try:
            return _watched(run, thread, seconds, altogether)
        except BaseException:  # the reader interrupts the cell
            _end(thread)
            raise


class _Run:
    """The calls of one check: what is done in the thread, and how far it has come."""

    def __init__(self, function: Callable[..., Any], calls: list[Call]) -> None:
        self.function, self.calls = function, calls
        self.outcomes: list[Outcome] = []
        self.current = Outcome()
        self.started = time.monotonic()
        self.output, self.caught = _Beginning(), []

    def work(self) -> None:
        try:
            for arguments, positional in self.calls:
                self.current, self.started = Outcome(), time.monotonic()
                self.call(arguments, positional, self.current)
                self.outcomes.append(self.current)
        except TimeUp:
            pass  # whoever raised it knows

    def call(self, arguments: dict[str, Any], positional: int, outcome: Outcome) -> None:
        given = copied(arguments)
        values = list(given.values())[:positional]
        self.output.clear()
        warned = len(self.caught)
        try:
            outcome.value = self.function(*values, **dict(list(given.items())[positional:]))
        except TimeUp:
            raise
        except BaseException as error:
            _describe(error, self.function, outcome)
        else:
            outcome.changed = [name for name in arguments if not unchanged(arguments[name], given[name])]
        outcome.printed = self.output.text()
        if len(self.caught) > warned:
            outcome.warned = f"{self.caught[warned].category.__name__}: {self.caught[warned].message}"


def copied(value: Any) -> Any:
    """Return a copy of `value` and of every array in it; numbers and texts are as they are."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: copied(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(copied(part) for part in value)
    return value


def unchanged(before: Any, after: Any) -> bool:
    """Return whether the argument `after` a call is what it was `before`, to the last digit."""
    if isinstance(before, np.ndarray):
        alike = type(after) is type(before) and after.shape == before.shape and after.dtype == before.dtype
        return alike and np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(unchanged(before[key], after[key]) for key in before)
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(unchanged(a, b) for a, b in zip(before, after))
    return True  # numbers and texts cannot be changed


# ---- time -----------------------------------------------------------------------------------------------------------


def _watched(run: _Run, thread: threading.Thread, seconds: float, altogether: float) -> list[Outcome]:
    """Wait for `thread`, which does the calls of `run`, and end it when the time is up.

    It is a thread because that can be left behind: an endless loop, a long sleep or a question for input then holds
    up nobody.
    """
    end = time.monotonic() + altogether
    while thread.is_alive():
        now = time.monotonic()
        late = run.started + seconds
        if min(late, end) <= now:
            outcomes, last = run.outcomes[:], run.current
            ended = _end(thread)
            if late <= now:
                last.time_up, last.still_running = True, not ended
                outcomes.append(last)
            return outcomes
        thread.join(min(late, end) - now)
    return run.outcomes


def _end(thread: threading.Thread) -> bool:
    """Return whether `thread` has ended after TimeUp was raised in it, several times if it is caught there."""
    for _ in range(10):
        if not thread.is_alive():
            return True
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeUp))
        thread.join(0.1)
    return not thread.is_alive()


def _traced(run: _Run, seconds: float) -> list[Outcome]:
    """Do the calls of `run` here, looking at the clock at every line of Python."""

    def look(frame: FrameType, event: str, argument: Any) -> Any:
        if time.monotonic() > run.started + seconds:
            run.current.time_up = True
            raise TimeUp
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        run.work()
    finally:
        sys.settrace(before)
    return [*run.outcomes, run.current] if run.current.time_up else run.outcomes


# ---- what it says ---------------------------------------------------------------------------------------------------


class _Beginning(io.TextIOBase):
    """Keeps the beginning of what is written and forgets the rest: an endless loop may print for ever."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.kept: list[str] = []
        self.room = PRINTED_LIMIT

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.room > 0:
            self.kept.append(text[: self.room])
            self.room -= len(text)
        return len(text)

    def text(self) -> str:
        return "".join(self.kept).rstrip() + (" …" if self.room < 0 else "")


def _describe(error: BaseException, function: Callable[..., Any], outcome: Outcome) -> None:
    """Note `error` in `outcome`, with the last line of the reader's own code on the way to it."""
    outcome.error_type = type(error)
    outcome.error = type(error).__name__ + (f": {error}" if str(error) else "")
    code = getattr(function, "__code__", None)
    steps = traceback.walk_tb(error.__traceback__)
    own = [(frame.f_code, number) for frame, number in steps if _is_own(frame.f_code, code)]
    if own:
        place, outcome.line_number = own[-1]
        outcome.line = linecache.getline(place.co_filename, outcome.line_number).strip()


def _is_own(place: CodeType, code: CodeType | None) -> bool:
    """Return whether `place` is in the same cell or file as the function, or in another cell."""
    return (code is not None and place.co_filename == code.co_filename) or "ipykernel_" in place.co_filename
