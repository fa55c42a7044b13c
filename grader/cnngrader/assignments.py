"""Which assignments there are: one file each in `tasks/`, named assignment1.py and so on, with its ASSIGNMENT in it."""

from __future__ import annotations

import importlib
import pkgutil
import re

from . import tasks
from .task import AnyTask, Assignment

FILE = re.compile(r"assignment(\w+)")


def names() -> list[str]:
    """Return the names of all assignments."""
    found = (FILE.fullmatch(module.name) for module in pkgutil.iter_modules(tasks.__path__))
    return sorted(match[1] for match in found if match)


def find(name: str) -> Assignment:
    """Return the assignment `name`; raises ValueError if there is none."""
    if name not in names():
        raise ValueError(f"assignment: got {name!r}, expected one of {', '.join(names())}")
    made = importlib.import_module(f"{tasks.__name__}.assignment{name}").ASSIGNMENT
    if not isinstance(made, Assignment):
        raise TypeError(f"assignment {name}: got {type(made).__name__} as ASSIGNMENT, expected an Assignment")
    return made


def all_tasks() -> dict[str, AnyTask]:
    """Return the tasks of all assignments by name."""
    return {task.name: task for name in names() for task in find(name).tasks}
