"""The masters in nbgrader, for teachers who use it: generate_assignment, autograde, generate_feedback.

nbgrader runs submissions in the teacher's own account, without protection: this is about the format of the masters and
the points, not about safety.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import make_assignments
import nbformat
import pytest
from nbformat import NotebookNode

from cnngrader import assignments, grading, submission

pytest.importorskip("nbgrader")
from nbgrader.api import Gradebook

MASTERS = make_assignments.masters()
# What a student got wrong in each assignment: (task, what stands in the solution, what the student wrote, points).
PARTLY: dict[str, list[tuple[str, str, str, float]]] = {
    "1": [
        ("window_by_hand", '"c": -9', '"c": 9', 2.5),
        ("conv2d_channels_last", "x = np.pad(x, (rows, columns, (0, 0)))", "", 5),
        ("dilated_conv2d", "net[i, j] +=", "net[i, j] -=", 0),
    ],
    "2": [
        ("mean_pool2d_to_the_end", ".mean()", ".sum() / (p * q)", 1.5),
        ("count_network", "(inputs + 1)", "inputs", 3.5),
    ],
    "3": [
        ("mean_pool2d_backward", "+= delta", "= delta", 2),
        ("two_layers_backward", "return delta1, d_w1, d_w2", "return d_w1, d_w2", 0),
    ],
    "4": [
        ("two_designs", "6 * 12 * 12,", "7,", 1.5),
        ("small_network", "rng = np.random.default_rng(0)", "raise ValueError", 0),
        ("input_sensitivity", "network.backward(delta)[0]", "abs(network.backward(delta)[0])", 0),
    ],
}


def ids(path: Path) -> str:
    return path.stem


def with_answers(master: NotebookNode, wrong: list[tuple[str, str, str, float]]) -> NotebookNode:
    """Return the student version with the master's solutions filled in, some of them wrong."""
    notebook = make_assignments.student_version(master)
    full = {cell.id: cell.source for cell in master.cells}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = full[cell.id]
        for task, there, written, _ in wrong:
            if cell.id == f"task-{task}":
                assert there in cell.source
                cell.source = cell.source.replace(there, written)
    return notebook


@pytest.fixture(scope="module", autouse=True)
def tools() -> Iterator[None]:
    """Let nbgrader find the program that it calls for its database, also where the environment is not activated."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        yield


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(make_assignments.MASTERS / "nbgrader_config.py", folder)
    for master in MASTERS:
        (folder / "source" / master.stem).mkdir(parents=True)
        shutil.copy(master, folder / "source" / master.stem)
        checks = folder / "source" / master.stem / make_assignments.checks_file(master)
        checks.write_text(make_assignments.checks_of(master), encoding="utf-8")
    return folder


def nbgrader(course: Path, *command: str) -> str:
    home = {"HOME": str(course), "JUPYTER_DATA_DIR": str(course / "data"), "IPYTHONDIR": str(course / "ipython")}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command, f"--course-dir={course}"],
        cwd=course,
        env={**os.environ, **home, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def points_in_gradebook(course: Path, name: str, student: str) -> dict[str, Any]:
    """Return the points of the tests by task, and whether the text waits for a mark."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        [notebook] = book.find_submission(name, student).notebooks
        names = {grade.cell.name.removeprefix("task-").removesuffix("-test"): grade for grade in notebook.grades}
        return {name: None if grade.needs_manual_grade else grade.score for name, grade in names.items()}


@pytest.mark.parametrize("master", MASTERS, ids=ids)
def test_a_master_goes_through_nbgrader(course: Path, master: Path) -> None:
    assignment = assignments.find(master.name[0])
    nbgrader(course, "generate_assignment", master.stem, "--create", "--force")
    checks = make_assignments.checks_file(master)
    assert (course / "release" / master.stem / checks).read_text("utf-8") == make_assignments.checks_of(master)
    released = nbformat.read(course / "release" / master.stem / master.name, as_version=4)
    ours = make_assignments.student_version(nbformat.read(master, as_version=4))
    for theirs, own in zip(released.cells, ours.cells, strict=True):
        task = next((task for task in assignment.tasks if own.id == f"task-{task.name}"), None)
        # At the top level and below a stub of its own, a cell of ours has no second stub.
        assert theirs.source.rstrip() in (own.source, f"{own.source}\n...") or (
            task is not None and theirs.source.replace("    ...\n", "") == own.source
        )
    partly = PARTLY[master.name[0]]
    handed_in = {
        "full": with_answers(nbformat.read(master, as_version=4), []),
        "partly": with_answers(nbformat.read(master, as_version=4), partly),
        "empty": released,
    }
    for student, notebook in handed_in.items():
        folder = course / "submitted" / student / master.stem
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / master.name)
    nbgrader(course, "autograde", master.stem, "--create")
    nbgrader(course, "generate_feedback", master.stem)
    full = {task.name: None if task.kind == "written" else float(task.points) for task in assignment.tasks}
    assert points_in_gradebook(course, master.stem, "full") == full
    lost = {task: points for task, _, _, points in partly}
    assert points_in_gradebook(course, master.stem, "partly") == full | lost
    assert points_in_gradebook(course, master.stem, "empty") == dict.fromkeys(full, 0.0)
    for student in handed_in:
        done = nbformat.read(course / "autograded" / student / master.stem / master.name, as_version=4)
        said = {
            cell.id: output.data["text/plain"]
            for cell in done.cells
            for output in cell.get("outputs", [])
            if cell.id.endswith("-check") and output.output_type == "execute_result"
        }
        assert len(said) == sum(task.kind != "written" for task in assignment.tasks)
        assert [cell for cell, text in said.items() if "Not checked" in text] == []
        page = course / "feedback" / student / master.stem / f"{master.stem}.html"
        assert assignment.title in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("master", MASTERS, ids=ids)
def test_our_grading_gives_the_same_points(master: Path, tmp_path: Path) -> None:
    assignment, partly = assignments.find(master.name[0]), PARTLY[master.name[0]]
    full = {task.name: 0.0 if task.kind == "written" else float(task.points) for task in assignment.tasks}
    wanted = {"full": full, "partly": full | {task: points for task, _, _, points in partly}}
    for student, wrong in (("full", []), ("partly", partly)):
        path = tmp_path / f"{student}.ipynb"
        nbformat.write(with_answers(nbformat.read(master, as_version=4), wrong), path)
        results = grading.grade(assignment, submission.read(student, path), 1)
        assert {result.task: result.points for result in results.tasks} == wanted[student]
