"""The course without this folder, as the branch `students` has it: tests are found and pass, targets of make exist.

Only what is quick is run here; the branch goes through `make test` as a whole when it is made.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

QUICK = ["tests/test_environment.py", "tests/test_publishing.py", "tests/test_repository.py"]


def ran(tree: Path, *command: str) -> str:
    """Return what a command prints in the copy, where Python finds no other cnnlib; fails if it fails."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    return done.stdout


def test_there_is_no_grader(students_tree: Path) -> None:
    assert not (students_tree / "grader").exists()
    assert {"cnnlib", "cnncourse", "notebooks", "tests", "Makefile"} <= {path.name for path in students_tree.iterdir()}


def test_all_tests_are_found(students_tree: Path) -> None:
    said = ran(students_tree, sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "tests")
    assert "tests/test_checks.py::" in said
    assert "error" not in said.splitlines()[-1]


def test_the_quick_ones_pass(students_tree: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *QUICK]
    assert "passed" in ran(students_tree, *command).splitlines()[-1]


def test_the_packages_need_nothing_of_it(students_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CNNCOURSE_ASSIGNMENTS", raising=False)  # where other tests here have their data files
    code = (
        "import sys, cnncourse.assignments.checks, cnncourse.checks, cnncourse.explorers, cnncourse.plots, cnnlib\n"
        "print(cnncourse.assignments.checks.window_by_hand({}).status, 'cnngrader' in sys.modules, cnnlib.__file__)"
    )
    assert ran(students_tree, sys.executable, "-P", "-c", code).split() == [
        *("not", "yet", "False"),
        str(students_tree / "cnnlib" / "__init__.py"),
    ]


@pytest.mark.parametrize("target", ["lab", "test", "site", "notebooks", "test-browser", "lint"])
def test_targets_of_make_need_nothing_of_it(students_tree: Path, target: str) -> None:
    said = ran(students_tree, "make", "--dry-run", target)
    assert said
    assert [line for line in said.splitlines() if "grader/" in line and "2>/dev/null" not in line] == []
