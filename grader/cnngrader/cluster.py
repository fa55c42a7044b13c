"""Grading on several computers: submissions go to the workers of a Dask cluster, each with a sandbox of its own.

A result is taken as soon as it is there, so a worker that goes away takes only what it was just working on; that is
handed to another one. What no worker brings to an end is graded here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import assignments, grading, sandbox
from .grading import Graded
from .submission import Submission
from .task import Assignment

WAIT = 20.0  # seconds for the scheduler, and for its first worker
TEXTS = {
    "no distributed": (
        "scheduler: the package distributed is not installed. Install it with python -m pip install './grader[cluster]'"
    ),
    "no sandbox": "bubblewrap is missing there, or may not be used",
    "another version": "another version of the grader, the course or NumPy is installed there",
    "no answer": "scheduler: got {address!r}, where none answers ({error})",
    "no workers": "scheduler: got {address!r}, which has no workers",
    "unfit": "scheduler: a worker cannot grade: {why}",
}


def grade_there(
    named: str | Assignment, submission: Submission, seed: int, wrapped: bool, version: str
) -> tuple[str, Graded | None]:
    """Return ("", the results) on a worker, or why nothing may be graded there."""
    assignment = assignments.find(named) if isinstance(named, str) else named
    if wrapped and not sandbox.bubblewrap():
        return TEXTS["no sandbox"], None
    if grading.version_of(assignment, wrapped, None) != version:
        return TEXTS["another version"], None
    return "", grading.grade(assignment, submission, seed, wrapped)


def on(address: str) -> grading.Runner:
    """Return what grades on the cluster whose scheduler is at `address`; raises ValueError where there is none."""
    try:
        import distributed
    except ImportError:
        raise ValueError(TEXTS["no distributed"]) from None

    def run(assignment: Assignment, submissions: list[Submission], seed: int, wrapped: bool) -> Iterator[Graded]:
        if not submissions:
            return
        try:
            client = distributed.Client(address, timeout=WAIT, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise ValueError(TEXTS["no answer"].format(address=address, error=error)) from None
        with client:
            try:
                client.wait_for_workers(1, timeout=WAIT)
            except TimeoutError:
                raise ValueError(TEXTS["no workers"].format(address=address)) from None
            yield from _results(distributed, client, assignment, submissions, seed, wrapped)

    return run


def _results(
    distributed: Any, client: Any, assignment: Assignment, submissions: list[Submission], seed: int, wrapped: bool
) -> Iterator[Graded]:
    version = grading.version_of(assignment, wrapped, None)
    by_name = assignment.name in assignments.names() and assignments.find(assignment.name) is assignment
    named: str | Assignment = assignment.name if by_name else assignment
    waiting = {}
    for submission in submissions:
        # Not pure: nothing that another run left on the cluster is ever taken for this one.
        future = client.submit(grade_there, named, submission, seed, wrapped, version, pure=False)
        waiting[future] = submission
    for future in distributed.as_completed(list(waiting), loop=client.loop):
        submission = waiting.pop(future)
        if future.status == "finished":
            why, graded = future.result()
            if graded is None:
                raise ValueError(TEXTS["unfit"].format(why=why))
            yield graded
        else:  # it took several workers down with it, or the scheduler has gone
            yield grading.grade(assignment, submission, seed, wrapped)
        future.release()
