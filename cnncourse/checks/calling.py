"""Calling a function that somebody is still writing: on copies, with its output caught, and not for ever.

What is limited is how long the processor works for a call, so that a right answer is right on a busy computer too. As a
function may also wait for something, no more than PATIENCE times as many seconds may pass.
"""

from __future__ import annotations

import ctypes
import io
import linecache
import math
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

PRINTED_LIMIT = 400  # characters of a function's own output that are kept
PATIENCE = 10
LOOK_AGAIN = 0.02  # seconds after which a clock is read again at the earliest


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
    waited: bool = False  # its time was up although the processor hardly worked for it
    still_running: bool = False
    changed: list[str] = field(default_factory=list)  # names of the arguments that are not what they were
    printed: str = ""
    warned: str = ""

    @property
    def completed(self) -> bool:
        return self.error_type is None and not self.time_up


Call = tuple[dict[str, Any], int]  # arguments, and how many of them are given without their names
Job = tuple[Callable[..., Any], dict[str, Any], int]  # the same with the function in front


def call_each(function: Callable[..., Any], calls: list[Call], seconds: float, total_seconds: float) -> list[Outcome]:
    """Return the outcomes of calling `function` on copies of the arguments, one call after the other.

    A call may take `seconds` of the processor, all of them `total_seconds`: where that is not enough the list ends
    early, and its last outcome says so if one call alone took too long.
    """
    return run_jobs([(function, *call) for call in calls], seconds, total_seconds)


def run_jobs(jobs: list[Job], seconds: float, total_seconds: float, ours: bool = False) -> list[Outcome]:
    """Return the outcomes of calls of several functions; the rest is as in `call_each`.

    ours: the functions are known to end; where there are no threads, looking at the clock at every line is left out.
    """
    run = _Run(jobs)
    # Both are settings of the whole process. Whoever made them must undo them, also if the thread never ends.
    with warnings.catch_warnings(record=True) as run.caught, redirect_stdout(run.output), redirect_stderr(run.output):
        warnings.simplefilter("always")
        thread = threading.Thread(target=run.work, name="check", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # a Python in the browser has no threads
            return _traced(run, math.inf if ours else seconds)
        try:
            return _watched(run, thread, seconds, total_seconds)
        except BaseException:  # the reader interrupts the cell
            _end(run, thread)
            raise


class Times(NamedTuple):
    """What two clocks say: the one on the wall, and the one that goes while the processor works for a thread."""

    wall: float
    processor: float

    def left_until(self, now: Times, seconds: float) -> float:
        """Return how many seconds have to pass at least until `seconds` of work that began here are over."""
        passed = now.wall - self.wall
        worked = min(passed, now.processor - self.processor)
        return min(seconds - worked, PATIENCE * seconds - passed)

    def waited_until(self, now: Times) -> bool:
        """Return whether hardly any of the time since then was spent on work: on a busy computer some of it is."""
        return now.processor - self.processor < (now.wall - self.wall) / 50


class _Run:
    """The calls of one check: what is done in the thread, and how far it has come."""

    def __init__(self, jobs: list[Job]) -> None:
        self.jobs = jobs
        self.outcomes: list[Outcome] = []
        self.current = Outcome()
        self.clock: Callable[[], float] | None = None  # of the processor's work; None before it begins
        self.all = self.one = Times(0, 0)  # when the work, and the call that is made now, began
        self.output = _Beginning()
        self.caught: list[warnings.WarningMessage] = []
        self.given_up = False  # nobody waits for the outcomes any more
        self.done = threading.Lock()  # free when the work is
        self.done.acquire()

    def work(self) -> None:
        clock = _clock_of_this_thread()
        self.all = self.one = Times(time.monotonic(), clock())
        self.clock = clock  # last: whoever watches reads it first
        try:
            for function, arguments, positional in self.jobs:
                if self.given_up:
                    return
                self.current, self.one = Outcome(), Times(time.monotonic(), clock())
                self.call(function, arguments, positional, self.current)
                self.outcomes.append(self.current)
        except TimeUp:
            pass  # whoever raised it knows
        finally:
            self.done.release()

    def call(self, function: Callable[..., Any], arguments: dict[str, Any], positional: int, outcome: Outcome) -> None:
        given = copied(arguments)
        values = list(given.values())[:positional]
        self.output.clear()
        warned = len(self.caught)
        try:
            # Copied at once: the next call may write into the same array.
            outcome.value = copied(function(*values, **dict(list(given.items())[positional:])))
        except TimeUp:
            raise
        except BaseException as error:
            _describe(error, function, outcome)
        else:
            outcome.changed = [name for name in arguments if not unchanged(arguments[name], given[name])]
        outcome.printed = self.output.text()
        if len(self.caught) > warned:
            outcome.warned = f"{self.caught[warned].category.__name__}: {self.caught[warned].message}"


def copied(value: Any, depth: int = 8) -> Any:
    """Return a copy of `value` and of every array in it, as a plain list, tuple or dict; the rest is as it was."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if depth == 0:
        return value
    if isinstance(value, dict):
        return {key: copied(part, depth - 1) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        kind = list if isinstance(value, list) else tuple
        return kind(copied(part, depth - 1) for part in value)
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


def _watched(run: _Run, thread: threading.Thread, seconds: float, total_seconds: float) -> list[Outcome]:
    """Wait for `thread`, which does the calls of `run`, and end it when the time is up.

    It is a thread because that can be left behind: an endless loop, a long sleep or a question for input then holds
    up nobody.
    """
    while thread.is_alive():
        clock, one, all_ = run.clock, run.one, run.all
        if clock is None:
            thread.join(LOOK_AGAIN)
            continue
        try:
            now = Times(time.monotonic(), clock())
        except OSError:  # the clock of a thread that has come to its end
            thread.join()
            break
        call, total = one.left_until(now, seconds), all_.left_until(now, total_seconds)
        if call <= 0 and run.one is not one:
            continue  # another call has begun in the meantime
        if min(call, total) <= 0:
            outcomes, last = run.outcomes[:], run.current
            ended = _end(run, thread)
            if call <= 0:
                last.time_up, last.still_running = True, not ended
                last.waited = one.waited_until(now)
                outcomes.append(last)
            return outcomes
        thread.join(max(min(call, total), LOOK_AGAIN))
    return run.outcomes


def _clock_of_this_thread() -> Callable[[], float]:
    """Return a clock of the processor's work for this thread, to be read in any other one.

    Where a system has none, it is that of the whole program, which never says less.
    """
    try:
        own = time.pthread_getcpuclockid(threading.get_ident())
        time.clock_gettime(own)
    except (AttributeError, OSError):
        return time.process_time
    return lambda: time.clock_gettime(own)


def _end(run: _Run, thread: threading.Thread) -> bool:
    """Return whether `thread` has ended after TimeUp was raised in it, several times if it is caught there.

    A thread that waits in C does not notice, so the exception is taken back each time: as long as one is pending,
    Python 3.11 enters no traced function, in any thread, and a debugger or the measuring of coverage would hang.
    Between raising and taking back, nothing may therefore call a function that is written in Python.
    """
    run.given_up = True
    raise_in, time_up = ctypes.pythonapi.PyThreadState_SetAsyncExc, ctypes.py_object(TimeUp)
    there, here = ctypes.c_ulong(thread.ident or 0), ctypes.c_ulong(threading.get_ident())
    for _ in range(10):
        if not thread.is_alive():
            return True
        try:
            raise_in(there, time_up)
            done = run.done.acquire(timeout=0.1)
        finally:
            raise_in(there, None)
            # Up to Python 3.12 the interpreter goes on as if one were pending until one arrives, in whatever thread.
            try:
                raise_in(here, time_up)
                while True:
                    pass
            except TimeUp:
                pass
        if done:
            thread.join(1)
            break
    return not thread.is_alive()


def _traced(run: _Run, seconds: float) -> list[Outcome]:
    """Do the calls of `run` here, looking at the clock at every line of Python."""

    def look(frame: FrameType, event: str, argument: Any) -> Any:
        if run.clock is None:
            return look
        now = Times(time.monotonic(), run.clock())
        if run.one.left_until(now, seconds) < 0:
            run.current.time_up = True
            run.current.waited = run.one.waited_until(now)
            raise TimeUp
        return look

    before = sys.gettrace()
    if seconds < math.inf:
        sys.settrace(look)
    try:
        run.work()
    finally:
        sys.settrace(before)
    return [*run.outcomes, run.current] if run.current.time_up else run.outcomes


# ---- what came of it ------------------------------------------------------------------------------------------------


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
