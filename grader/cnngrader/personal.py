"""Numbers of one's own in the tasks by hand: drawn for each student of a course, the same each time.

A notebook that was made for a student carries a seed in its metadata. One without a seed has the master's numbers.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable

import numpy as np

from .prediction_task import PredictionTask
from .submission import Submission
from .task import AnyTask, Assignment

OTHER = "The notebook has not the numbers of this student, but those of another one; they were graded."
NOT_ASKED = "The notebook has numbers of its own, and was graded with those of the master: use --personal."
WITHOUT = "The notebook has the numbers of the master."


def seed_of(course: str, assignment: str, student: str) -> str:
    """Return the seed of a student's numbers: hexadecimal digits that nobody else has."""
    return hashlib.sha256(f"{course}\n{assignment}\n{student}".encode("utf-8", "replace")).hexdigest()[:16]


def with_numbers_of(assignment: Assignment, seed: str) -> Assignment:
    """Return the assignment with the numbers of `seed` in its tasks by hand; "" stands for those of the master."""
    if not seed:
        return assignment
    tasks: list[AnyTask] = []
    for task in assignment.tasks:
        if isinstance(task, PredictionTask) and task.own:
            task = dataclasses.replace(task, exercise=task.own(generator(seed, task.name)).exercise, own=None)
        tasks.append(task)
    return dataclasses.replace(assignment, tasks=tuple(tasks))


def replacements(assignment: Assignment, seed: str) -> dict[str, list[tuple[str, str]]]:
    """Return by task what is replaced in its text: what the master says, and what a student's notebook says."""
    made = {}
    for task in assignment.tasks:
        if isinstance(task, PredictionTask) and task.own:
            ours, theirs = task.own(None).text, task.own(generator(seed, task.name)).text
            made[task.name] = list(zip(ours, theirs, strict=True))
    return made


def generator(seed: str, task: str) -> np.random.Generator:
    """Return where the numbers of a task come from."""
    return np.random.default_rng(int(hashlib.sha256(f"{seed} {task}".encode()).hexdigest()[:16], 16))


def settled(submissions: Iterable[Submission], assignment: Assignment, course: str | None) -> list[Submission]:
    """Return the submissions with the seeds that count, and a remark where one is not as it should be."""
    made = []
    for one in submissions:
        remark = ""
        if course is None and one.seed:
            remark, seed = NOT_ASKED, ""
        else:
            seed = one.seed
            if course is not None and not one.problem and seed != seed_of(course, assignment.name, one.student):
                remark = OTHER if seed else WITHOUT
        made.append(dataclasses.replace(one, seed=seed, remarks=(*one.remarks, *([remark] if remark else []))))
    return made
