"""The wheel of the grader, beside the wheel that students install: what it holds, and that it grades from there."""

from __future__ import annotations

import ast
import csv
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import make_assignments
import nbformat
import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from solutions import MASTERS

GRADER = make_assignments.GRADER


@pytest.fixture(scope="module")
def installed(students_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with both wheels unpacked, as pip does with packages of plain Python."""
    built, folder = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("installed")
    for root in (students_tree, GRADER):
        [wheel] = WheelBuilder(str(root)).build(directory=str(built), versions=["standard"])
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    return folder


def grader(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program from the folder of the wheels; nothing of the checkout is in the way."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-m", "cnngrader", *arguments]
    return subprocess.run(command, cwd=installed, env=environment, capture_output=True, text=True, timeout=300)


def test_the_wheel_holds_the_program_and_no_masters(installed: Path) -> None:
    ours = {path.relative_to(GRADER).as_posix() for path in (GRADER / "cnngrader").rglob("*.py")}
    assert {path.relative_to(installed).as_posix() for path in (installed / "cnngrader").rglob("*.py")} == ours
    assert list(installed.rglob("*.ipynb")) == []
    assert not (installed / "tests").exists()


def test_the_two_have_one_version() -> None:
    own, course = (
        tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        for folder in (GRADER, GRADER.parent)
    )
    assert own["version"] == course["version"]
    needs = {one.name: one for one in map(Requirement, own["dependencies"])}
    assert str(needs["cnnlib"].specifier) == f"=={course['version']}"
    assert needs["cnnlib"].extras == {"course"}


def test_the_program_starts(installed: Path) -> None:
    done = grader(installed, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: python -m cnngrader")


def test_a_submission_is_graded(installed: Path, tmp_path: Path) -> None:
    handed_in = tmp_path / "submissions"
    handed_in.mkdir()
    nbformat.write(nbformat.read(MASTERS["1"], as_version=4), handed_in / "ada.ipynb")
    done = grader(installed, str(handed_in), "--assignment", "1", "--output", str(tmp_path / "results"))
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    with open(tmp_path / "results" / "grades.csv", encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["student"], row["total (20)"]) == ("ada", "17")


def test_what_the_guide_installs_makes_the_assignments() -> None:
    """Every package that the script imports, or a tool beside it, belongs to the extras that the guide names."""
    root = GRADER.parent
    guide = (root / "docs" / "teachers.md").read_text(encoding="utf-8")
    [command] = [
        line for line in guide.splitlines() if "pip install" in line and "/grader[" in line and "[cluster" not in line
    ]
    asked: set[str] = set()
    for folder, extras in re.findall(r'"(\S*)\[([\w,]+)\]"', command):
        project = tomllib.loads((root / folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        lists = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras.split(","))]
        asked |= {Requirement(text).name for one in lists for text in one}
    assert {"numpy", "jupyterlab"} <= asked
    script, tool = GRADER / "tools" / "make_assignments.py", root / "tools" / "translations.py"
    trees = [ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for path in (script, tool)]
    imported = {
        (node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name).partition(".")[0]
        for tree in trees
        for node in tree
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    ours = {"cnnlib", "cnncourse", "cnngrader", *(path.stem for path in tool.parent.glob("*.py"))}
    assert {"hatchling", "nbformat"} <= imported
    assert imported - sys.stdlib_module_names - ours - asked == set()
