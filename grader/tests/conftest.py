"""The sandbox itself: without bubblewrap there is nothing to test here, and that is an error, not a skip."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import make_assignments
import pytest
import solutions
from hypothesis import HealthCheck, Phase, settings

import students_branch
from cnncourse.assignments import checks
from cnngrader import sandbox

# As in the tests of the course: the same examples at every run, and no test is too slow on a busy machine.
BUSY = [HealthCheck.too_slow]
QUICK = (Phase.explicit, Phase.generate)
settings.register_profile("course", deadline=None, derandomize=True, suppress_health_check=BUSY)
settings.register_profile("mutants", settings.get_profile("course"), database=None, phases=QUICK)
settings.load_profile("course")


def pytest_collection_modifyitems() -> None:
    if not sandbox.bubblewrap():
        raise pytest.UsageError("bubblewrap is missing or may not be used here: apt-get install bubblewrap")


@pytest.fixture(scope="session")
def handed_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder of what students get; their checks look into it."""
    folder = tmp_path_factory.mktemp("assignments")
    for master in make_assignments.masters():
        make_assignments.make(master, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(checks.FOLDER, str(folder))
        yield folder


@pytest.fixture(scope="session")
def solved(handed_out: Path) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return each master after its cells have run: its names and what its checks and tests said."""
    return {name: solutions.run(notebook, ("", "-check", "-test")) for name, notebook in solutions.READ.items()}


@pytest.fixture(scope="session")
def students_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the repository without grader/, as the branch `students` has it."""
    root, copy = make_assignments.GRADER.parent, tmp_path_factory.mktemp("students") / "course"
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, listed):
        if not name.startswith(f"{students_branch.LEFT_OUT}/") and (root / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, copy / name)
    return copy
