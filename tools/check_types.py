"""Check the types of all code but the tests with mypy: cnnlib strictly, the rest plainly (see pyproject.toml).

NOT_YET names the modules that may still have errors. The list only shrinks: a module on it without errors is an error
too, and tests/test_types.py knows how long the list may be.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKED = ("cnnlib", "cnncourse", "grader/cnngrader", "tools", "benchmarks")

NOT_YET: tuple[str, ...] = (
    "cnncourse/explorers/drawing_pad.py",
    "grader/cnngrader/grading.py",
    "grader/cnngrader/sandbox.py",
    "grader/cnngrader/scoring.py",
    "grader/cnngrader/tasks/assignment1.py",
    "grader/cnngrader/tasks/assignment2.py",
    "grader/cnngrader/tasks/assignment3.py",
    "grader/cnngrader/tasks/assignment4.py",
    "grader/cnngrader/tasks/nbgrader_points.py",
    "grader/cnngrader/worker.py",
)


def errors() -> dict[str, list[str]]:
    """Return what mypy finds: for each file with errors, by its place in the repository, their lines."""
    present = [name for name in CHECKED if (ROOT / name).exists()]
    command = [sys.executable, "-m", "mypy", "--output", "json", *present]
    run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if run.returncode not in (0, 1):
        sys.exit(run.stdout or run.returncode)
    found: dict[str, list[str]] = {}
    for line in run.stdout.splitlines():
        one = json.loads(line)
        if one["severity"] == "error":
            text = f"{one['file']}:{one['line']}: {one['message']}  [{one['code']}]"
            found.setdefault(Path(one["file"]).as_posix(), []).append(text)
    return found


def complaints(found: dict[str, list[str]], excepted: tuple[str, ...]) -> list[str]:
    """Return what is wrong: errors outside the excepted files, and excepted files without errors."""
    wrong = [text for file, texts in found.items() if file not in excepted for text in texts]
    clean = [file for file in excepted if file not in found and (ROOT / file).exists()]
    return wrong + [f"{file}: has no error any more; take it off NOT_YET in tools/check_types.py" for file in clean]


if __name__ == "__main__":
    found = errors()
    if "--list" in sys.argv:
        print("\n".join(f"{len(texts):4} {file}" for file, texts in sorted(found.items())))
        sys.exit()
    wrong = complaints(found, NOT_YET)
    print("\n".join(wrong) or f"types: no errors outside the {len(NOT_YET)} known modules")
    sys.exit(bool(wrong))
