"""Write constraints.txt: one version of every package that make installs, for every supported Python and system.

make lock
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECTS = [ROOT / "pyproject.toml", ROOT / "grader" / "pyproject.toml"]
CONSTRAINTS = ROOT / "constraints.txt"
# The course and its grader are installed from this folder; PyTorch, the yardstick of `make bench`, is chosen there.
LEFT_OUT = {"cnnlib", "cnnlib-grader", "torch"}

HEADER = """\
# What the course was tested with, for every supported Python and system. make installs these versions; by hand:
#   python -m pip install --constraint constraints.txt --editable ".[notebooks,tests]"
# Made by `make lock` from the bounds in pyproject.toml and grader/pyproject.toml. `make lab LOCKED=0` takes the newest.
"""


def requirements(project: Path) -> list[str]:
    """Return what a pyproject.toml requires in all its extras, except what is left out here."""
    table = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    extras = table.get("optional-dependencies", {}).values()
    asked = [*table["dependencies"], *(text for extra in extras for text in extra)]
    return [text for text in asked if canonicalize_name(Requirement(text).name) not in LEFT_OUT]


def oldest_python() -> str:
    """Return the oldest supported Python, as "3.11"."""
    return str(tomllib.loads(PROJECTS[0].read_text(encoding="utf-8"))["project"]["requires-python"]).removeprefix(">=")


def resolved() -> str:
    """Return the newest versions that go together, one requirement per line, with markers where Pythons differ."""
    asked = sorted({text for project in PROJECTS if project.exists() for text in requirements(project)})
    command = [sys.executable, "-m", "uv", "pip", "compile", "-", "--universal", "--python-version", oldest_python()]
    quiet = ["--upgrade", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    # A machine may have an index or a folder of its own: what uv prints with these options does not name it.
    listed = subprocess.run([*command, *quiet], input="\n".join(asked), stdout=subprocess.PIPE, text=True, check=True)
    return listed.stdout


if __name__ == "__main__":
    CONSTRAINTS.write_text(HEADER + resolved(), encoding="utf-8")
