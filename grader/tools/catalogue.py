"""The catalogue of what the grader says, in other languages: the commands of tools/catalogues.py.

    python grader/tools/catalogue.py update zh_CN   takes over what is new or changed in the code
    python grader/tools/catalogue.py check          names what is missing, stale or torn
    python grader/tools/catalogue.py compile        writes the .mo beside each .po

It holds what the modules mark, the tables of sentences that students and teachers read in pages, and everything that
the tasks know: titles, parts of the points, questions, names of mistakes and a sentence on each. What the catalogue of
the course says already is not in it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import make_assignments

import catalogues
from catalogues import Book, Key
from cnngrader import assignments, wording
from cnngrader.task import AnsweredTask, Assignment, WrittenTask

PACKAGE = wording.CATALOGUES.parent
# What stands in these tables is looked up where it is shown; those of other modules are for the terminal.
TABLES = {
    "collecting": ["TEXTS"],
    "function_task": ["TEXTS", "PROBLEMS", "MISTAKES"],
    "grading": ["TEXTS"],
    "prediction_task": ["TEXTS"],
    "received": ["TEXTS"],
    "report": ["TEXTS", "STATUS", "SECTIONS", "HEADS"],
    "results": ["TEXTS"],
    "sandbox": ["TEXTS"],
    "scoring": ["TEXTS"],
    "submission": ["TEXTS"],
    "worker": ["EVENTS"],
}


def sentences() -> Iterator[tuple[str, Key]]:
    """Yield what the grader says and the course does not, each with its file."""
    known = catalogues.extracted()
    readme = "tools/make_assignments.py", make_assignments.README
    for path, key in [*catalogues.marked(PACKAGE), *_in_tables(), *_known_to_tasks(), readme]:
        if key not in known:
            yield path, key


def _in_tables() -> Iterator[tuple[str, Key]]:
    for module, tables in TABLES.items():
        held = importlib.import_module(f"cnngrader.{module}")
        yield from ((f"cnngrader/{module}.py", text) for table in tables for text in vars(held)[table].values())


def _known_to_tasks() -> Iterator[tuple[str, Key]]:
    for name in assignments.names():
        yield from ((f"cnngrader/tasks/assignment{name}.py", text) for text in of_assignment(assignments.find(name)))


def of_assignment(assignment: Assignment) -> Iterator[str]:
    """Yield what an assignment says, in its order."""
    yield assignment.title
    for task in assignment.tasks:
        yield task.title
        if isinstance(task, WrittenTask):
            yield from (task.stub, task.question)
        for criterion in (*getattr(task, "criteria", ()), *getattr(task, "finer", ())):
            yield criterion.name
        if isinstance(task, AnsweredTask):
            yield from getattr(task.exercise, "sentences", tuple)()


BOOK = Book(wording.DOMAIN, wording.CATALOGUES, sentences)

if __name__ == "__main__":
    sys.exit(catalogues.main(book=BOOK))
